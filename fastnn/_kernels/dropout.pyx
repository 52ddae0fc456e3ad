# Dropout, its mask drawn from a counter-based random generator.
# Twin: fastnn/reference/dropout.py

cdef extern from *:
    """
    /* A register of 64-bit lanes, and the product of their low halves: vector
       extensions multiply whole 64-bit lanes, three times the work. */
    #if defined(__SSE2__)
        #include <immintrin.h>
    #endif
    #if defined(__AVX512F__)
        typedef uint64_t lanes_t __attribute__((vector_size(64)));
        #define mul_low(a, b) ((lanes_t) _mm512_mul_epu32((__m512i) (a), (__m512i) (b)))
    #elif defined(__AVX2__)
        typedef uint64_t lanes_t __attribute__((vector_size(32)));
        #define mul_low(a, b) ((lanes_t) _mm256_mul_epu32((__m256i) (a), (__m256i) (b)))
    #elif defined(__SSE2__)
        typedef uint64_t lanes_t __attribute__((vector_size(16)));
        #define mul_low(a, b) ((lanes_t) _mm_mul_epu32((__m128i) (a), (__m128i) (b)))
    #else
        typedef uint64_t lanes_t __attribute__((vector_size(16)));
        #define mul_low(a, b) (((a) & 0xFFFFFFFFu) * ((b) & 0xFFFFFFFFu))
    #endif
    #define in_all_lanes(x) ((uint64_t) (x) - (lanes_t) {0})
    """
    ctypedef uint64_t lanes_t  # so Cython believes; C knows the vector
    lanes_t mul_low(lanes_t a, lanes_t b) noexcept nogil
    lanes_t in_all_lanes(uint64_t x) noexcept nogil

cdef enum:
    PHILOX_COUNTERS = 16  # worked on in one go
    PHILOX_WORDS = 64  # four words a counter


cdef inline void philox_blocks(
    uint32_t first, uint32_t layer, uint64_t step, uint64_t seed, uint32_t* words
) noexcept nogil:
    """words[4 * i + w] = word w of the counter (first + i, layer, step, step >> 32).

    Ten rounds of c0, c1, c2, c3 = hi(M1 c2) ^ c1 ^ k0, lo(M1 c2),
    hi(M0 c0) ^ c3 ^ k1, lo(M0 c0), each followed by a step of the key. A word lives
    in the low half of its lane; what the high half holds, nobody reads.
    """
    cdef uint64_t counters[PHILOX_COUNTERS]
    cdef uint64_t low_pairs[PHILOX_COUNTERS]
    cdef uint64_t high_pairs[PHILOX_COUNTERS]
    cdef uint64_t pair[2]
    cdef lanes_t c0, c1, c2, c3, m0, m1, k0, k1
    cdef Py_ssize_t i, _turn, width = sizeof(lanes_t) // sizeof(uint64_t)
    for i in range(PHILOX_COUNTERS):
        counters[i] = first + <uint32_t> i
    i = 0
    while i < PHILOX_COUNTERS:
        memcpy(&c0, counters + i, sizeof(lanes_t))
        c1, c2, c3 = in_all_lanes(layer), in_all_lanes(step), in_all_lanes(step >> 32)
        k0, k1 = in_all_lanes(<uint32_t> seed), in_all_lanes(seed >> 32)
        for _turn in range(10):
            m0 = mul_low(c0, in_all_lanes(0xD2511F53U))
            m1 = mul_low(c2, in_all_lanes(0xCD9E8D57U))
            c0, c1 = (m1 >> 32) ^ (c1 ^ k0), m1
            c2, c3 = (m0 >> 32) ^ (c3 ^ k1), m0
            k0 = k0 + in_all_lanes(0x9E3779B9U)
            k1 = k1 + in_all_lanes(0xBB67AE85U)
        c0 = (c0 & in_all_lanes(0xFFFFFFFFU)) | (c1 << 32)
        c2 = (c2 & in_all_lanes(0xFFFFFFFFU)) | (c3 << 32)
        memcpy(low_pairs + i, &c0, sizeof(lanes_t))
        memcpy(high_pairs + i, &c2, sizeof(lanes_t))
        i += width
    for i in range(PHILOX_COUNTERS):
        pair[0], pair[1] = low_pairs[i], high_pairs[i]
        memcpy(words + 4 * i, pair, sizeof(pair))


cdef void philox_fill(
    uint64_t seed, uint64_t step, uint32_t layer, uint32_t* out, Py_ssize_t n
) noexcept nogil:
    cdef uint32_t words[PHILOX_WORDS]
    cdef Py_ssize_t i = 0
    while i + PHILOX_WORDS <= n:
        philox_blocks(<uint32_t> (i // 4), layer, step, seed, out + i)
        i += PHILOX_WORDS
    if i < n:
        philox_blocks(<uint32_t> (i // 4), layer, step, seed, words)
        memcpy(out + i, words, (n - i) * sizeof(uint32_t))


cdef void dropout_part(
    const real_t* x,
    real_t* out,
    Py_ssize_t start,
    Py_ssize_t stop,
    double rate,
    uint64_t seed,
    uint64_t step,
    uint32_t layer,
) noexcept nogil:
    """Elements start..stop-1 of a batch; x and out point to its element 0.

    out may be x. The product is taken in double and rounded once, as in the twin.
    """
    cdef uint32_t words[PHILOX_WORDS]
    cdef real_t kept[PHILOX_WORDS]
    cdef uint32_t threshold = <uint32_t> (rate * 4294967296.0)
    cdef double scale = 1.0 / (1.0 - rate)
    cdef Py_ssize_t base = start // 4 * 4, i, low, high
    if rate == 0.0:
        if out != x and start < stop:
            memcpy(out + start, x + start, (stop - start) * sizeof(real_t))
        return
    while base < stop:
        philox_blocks(<uint32_t> (base // 4), layer, step, seed, words)
        if start <= base and base + PHILOX_WORDS <= stop:
            for i in range(PHILOX_WORDS):
                kept[i] = dropout_element(x[base + i], scale, words[i], threshold)
            memcpy(out + base, kept, PHILOX_WORDS * sizeof(real_t))
        else:
            low, high = max(start, base), min(stop, base + PHILOX_WORDS)
            for i in range(low, high):
                out[i] = dropout_element(x[i], scale, words[i - base], threshold)
        base += PHILOX_WORDS


cdef inline real_t dropout_element(
    real_t x, double scale, uint32_t word, uint32_t threshold
) noexcept nogil:
    cdef real_t scaled = <real_t> (<double> x * scale)
    return scaled if word >= threshold else <real_t> 0


cdef void dropout_arrays(
    ndarray x, ndarray out, double rate, uint64_t seed, uint64_t step, uint32_t layer
):
    cdef Py_ssize_t n = PyArray_SIZE(x)
    cdef void* px = data(x)
    cdef void* pout = data(out)
    if is_float32(x):
        with nogil:
            dropout_part[float](
                <const float*> px, <float*> pout, 0, n, rate, seed, step, layer
            )
    else:
        with nogil:
            dropout_part[double](
                <const double*> px, <double*> pout, 0, n, rate, seed, step, layer
            )


def philox(uint64_t seed, uint64_t step, uint32_t layer, ndarray out not None):
    """Random words by counting: Philox4x32-10 (Salmon, Moraes, Dror and Shaw, 2011).

    out[i] = word i % 4 of philox(counter, key), with the 32-bit numbers
    counter = (i // 4, layer, step % 2^32, step // 2^32) and
    key = (seed % 2^32, seed // 2^32). out (n,) uint32: overwritten.
    Derivation: docs/derivations/dropout.md
    """
    cdef uint32_t* pout = <uint32_t*> data(out)
    cdef Py_ssize_t n = PyArray_SIZE(out)
    with nogil:
        philox_fill(seed, step, layer, pout, n)


def dropout(
    ndarray x not None,
    ndarray out not None,
    double rate,
    uint64_t seed,
    uint64_t step,
    uint32_t layer,
):
    """Inverted dropout (Srivastava and others, 2014): out = x / (1 - rate) or 0.

    Element i is kept where word i of philox(seed, step, layer) is at least
    floor(rate * 2^32), and then multiplied by 1 / (1 - rate); else out is 0.0.
    x (n,): read. out (n,): overwritten, may be x. 0 <= rate < 1; rate 0 copies x.
    NaN stays NaN where it is kept. Derivation: docs/derivations/dropout.md
    """
    dropout_arrays(x, out, rate, seed, step, layer)


def dropout_backward(
    ndarray grad_output not None,
    ndarray out not None,
    double rate,
    uint64_t seed,
    uint64_t step,
    uint32_t layer,
):
    """Gradient of dropout: out = grad_output / (1 - rate) where x was kept, else 0.

    The mask is drawn again from the same seed, step and layer; nothing is stored.
    grad_output (n,): read. out (n,): overwritten, may be grad_output.
    Derivation: docs/derivations/dropout.md
    """
    dropout_arrays(grad_output, out, rate, seed, step, layer)
