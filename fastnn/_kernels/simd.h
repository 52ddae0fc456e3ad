/* Vector registers and fused multiply-add, the same names on every CPU.

   A vector holds VECTOR_BYTES: 16 floats or 8 doubles with AVX-512, half of that with
   AVX2, a quarter elsewhere (SSE2, NEON). GCC and clang understand +, *, <= and & on
   vectors; only the fused multiply-add needs a name of the CPU. Where the CPU has it,
   every path uses it, else none does: so all paths round alike. */
#ifndef FASTNN_SIMD_H
#define FASTNN_SIMD_H

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#define FMA_FLOAT(a, b, c) _mm512_fmadd_ps(a, b, c)
#define FMA_DOUBLE(a, b, c) _mm512_fmadd_pd(a, b, c)
#define HALVES 1
#define FMA_HALF_FLOAT(a, b, c) _mm256_fmadd_ps(a, b, c)
#define FMA_HALF_DOUBLE(a, b, c) _mm256_fmadd_pd(a, b, c)
#elif defined(__AVX2__) && defined(__FMA__)
#define VECTOR_BYTES 32
#define FMA_FLOAT(a, b, c) _mm256_fmadd_ps(a, b, c)
#define FMA_DOUBLE(a, b, c) _mm256_fmadd_pd(a, b, c)
#elif defined(__aarch64__)
#define VECTOR_BYTES 16
#define FMA_FLOAT(a, b, c) vfmaq_f32(c, a, b)
#define FMA_DOUBLE(a, b, c) vfmaq_f64(c, a, b)
#else
#define VECTOR_BYTES 16
#define FMA_FLOAT(a, b, c) ((a) * (b) + (c))
#define FMA_DOUBLE(a, b, c) ((a) * (b) + (c))
#endif

#define VECTOR_FLOATS (VECTOR_BYTES / 4)

/* The tile of sums that a matrix product keeps in registers (_tile.pxi): ROWS x 2
   vectors, 24 of 32 registers or 12 of 16. What each buys was measured on a Xeon with
   AVX-512, each left out alone:
     ROWS         12 instead of 6, so that a panel of B comes from the L2 cache half as
                  often: 13-40 % in float32, 1-26 % in float64, at 256-1024
     MC           rows of A that are packed at once: MC * KC_BYTES of the L2 cache, which
                  holds 1 MB and more where there is AVX-512, else 512 kB; 144 instead of
                  48: 5-7 % at 1024 in float32, nothing in float64 or at 512
     DIRECT_ROWS  products of so few rows, and
     DIRECT_BYTES of a B no larger, read B where it lies: 17-42 % at 24 x 784 x 128 and
                  17 % at 64 x 784 x 128 in float32; little where A is transposed
     TILE_AHEAD   how far ahead of its loads a tile asks for lines: 9-18 % at 1024, less
                  below
   and, with AVX2 on a Zen 3,
     STEPS        of k that a tile of packed operands takes before it counts them: 2
                  instead of 1 are 7-13 % in hours when such tiles reach 70 of 100
                  GFLOP/s, and nothing when they reach 90; with 4, and with SSE2, gcc
                  moves sums to the stack                                           */
#if defined(__AVX512F__)
#define ROWS 12
#define MC 144
#define DIRECT_ROWS 72
#define DIRECT_BYTES 1048576
#define TILE_AHEAD 16
#define STEPS 1
#else
#define ROWS 6
#define MC 48
#define DIRECT_ROWS 12
#define DIRECT_BYTES 1048576
#define TILE_AHEAD 0
#if defined(__AVX2__)
#define STEPS 2
#else
#define STEPS 1
#endif
#endif

/* Half a register, where that takes half the time of a whole one or less: some CPUs
   take a register of 64 bytes in two steps. */
#ifndef HALVES
#define HALVES 0
#define FMA_HALF_FLOAT(a, b, c) ((a) * (b) + (c))
#define FMA_HALF_DOUBLE(a, b, c) ((a) * (b) + (c))
#endif

/* An instruction of no length that "changes" the vector, so that it must be held. */
#if defined(__AVX512F__)
#define IN_REGISTER(vector) __asm__("" : "+v"(vector))
#elif defined(__x86_64__)
#define IN_REGISTER(vector) __asm__("" : "+x"(vector))
#else
#define IN_REGISTER(vector) (void)(vector)
#endif

#if defined(__clang__)
#define SHUFFLE(mask, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(mask, a, b, ...) __builtin_shuffle(a, b, (mask){__VA_ARGS__})
#endif

/* `cdef inline` in a kernel means it: a tile keeps its sums in registers only where it
   is inlined with a constant number of rows, and gcc would find it too large. */
#define HOT static inline __attribute__((always_inline, unused))
#undef CYTHON_INLINE
#define CYTHON_INLINE inline __attribute__((always_inline, unused))

/* One register, of floats or of doubles, or half of one. `loose` ones may lie anywhere
   in memory. */
typedef float vector_float __attribute__((vector_size(VECTOR_BYTES)));
typedef double vector_double __attribute__((vector_size(VECTOR_BYTES)));
typedef float vector_half_float __attribute__((vector_size(VECTOR_BYTES / 2)));
typedef double vector_half_double __attribute__((vector_size(VECTOR_BYTES / 2)));
typedef union { vector_float of_float; vector_double of_double; } Vector;
typedef union {
    vector_half_float of_half_float;
    vector_half_double of_half_double;
} Half;

/* The same operations for float and double; x - {0} is x in every lane, -0.0 and NaN
   included.
     load_T         v[:] = from[:]
     store_T        to[:] = v[:]
     hold_T         v stays in its register: gcc would read it from memory again
     add_product_T  v[:] += x * b[:], fused where the CPU can
     add_T          v[:] += b[:]
     relu_T         v[v <= 0] = 0; NaN stays                                       */
#define VECTORS(V, kind, T, FMA, integer)                                          \
    typedef T loose_##kind                                                         \
        __attribute__((vector_size(sizeof(V)), aligned(sizeof(T)), may_alias));    \
    typedef integer mask_##kind __attribute__((vector_size(sizeof(V))));           \
    HOT void load_##kind(V *v, const T *from) {                                    \
        v->of_##kind = *(const loose_##kind *)from;                                \
    }                                                                              \
    HOT void store_##kind(T *to, const V *v) {                                     \
        *(loose_##kind *)to = v->of_##kind;                                        \
    }                                                                              \
    HOT void hold_##kind(V *v) { IN_REGISTER(v->of_##kind); }                      \
    HOT void add_product_##kind(V *v, T x, const V *b) {                           \
        const vector_##kind factor = x - (vector_##kind){0};                       \
        v->of_##kind = FMA(factor, b->of_##kind, v->of_##kind);                    \
    }                                                                              \
    HOT void add_##kind(V *v, const T *b) {                                        \
        v->of_##kind += *(const loose_##kind *)b;                                  \
    }                                                                              \
    HOT void relu_##kind(V *v) {                                                   \
        const vector_##kind x = v->of_##kind;                                      \
        v->of_##kind = (vector_##kind)((mask_##kind)x & ~(mask_##kind)(x <= 0));   \
    }

VECTORS(Vector, float, float, FMA_FLOAT, int)
VECTORS(Vector, double, double, FMA_DOUBLE, long long)
VECTORS(Half, half_float, float, FMA_HALF_FLOAT, int)
VECTORS(Half, half_double, double, FMA_HALF_DOUBLE, long long)

/* The first n lanes of a vector, the others 0 or left alone in memory:
     load_part_T    v[:n] = from[:n], v[n:] = 0
     store_part_T   to[:n] = v[:n]                                                 */
#if defined(__AVX512F__)
#define FIRST(n) ((1u << (n)) - 1)
HOT void load_part_float(Vector *v, const float *from, Py_ssize_t n) {
    v->of_float = _mm512_maskz_loadu_ps(FIRST(n), from);
}
HOT void store_part_float(float *to, const Vector *v, Py_ssize_t n) {
    _mm512_mask_storeu_ps(to, FIRST(n), v->of_float);
}
HOT void load_part_double(Vector *v, const double *from, Py_ssize_t n) {
    v->of_double = _mm512_maskz_loadu_pd(FIRST(n), from);
}
HOT void store_part_double(double *to, const Vector *v, Py_ssize_t n) {
    _mm512_mask_storeu_pd(to, FIRST(n), v->of_double);
}
#elif defined(__AVX2__)
#define FIRST_4(n) _mm256_cmpgt_epi64(                                             \
    _mm256_set1_epi64x(n), _mm256_setr_epi64x(0, 1, 2, 3))
#define FIRST_8(n) _mm256_cmpgt_epi32(                                             \
    _mm256_set1_epi32((int)(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
HOT void load_part_float(Vector *v, const float *from, Py_ssize_t n) {
    v->of_float = _mm256_maskload_ps(from, FIRST_8(n));
}
/* Halves and their halves: a masked store takes 20 times as long on AMD's CPUs. */
HOT void store_part_float(float *to, const Vector *v, Py_ssize_t n) {
    __m128 four = _mm256_castps256_ps128(v->of_float);
    if (n & 8) {
        _mm256_storeu_ps(to, v->of_float);
        return;
    }
    if (n & 4) {
        _mm_storeu_ps(to, four);
        four = _mm256_extractf128_ps(v->of_float, 1);
        to += 4;
    }
    if (n & 2) {
        _mm_storel_pi((__m64 *)to, four);
        four = _mm_movehl_ps(four, four);
        to += 2;
    }
    if (n & 1)
        _mm_store_ss(to, four);
}
HOT void load_part_double(Vector *v, const double *from, Py_ssize_t n) {
    v->of_double = _mm256_maskload_pd(from, FIRST_4(n));
}
HOT void store_part_double(double *to, const Vector *v, Py_ssize_t n) {
    __m128d two = _mm256_castpd256_pd128(v->of_double);
    if (n & 4) {
        _mm256_storeu_pd(to, v->of_double);
        return;
    }
    if (n & 2) {
        _mm_storeu_pd(to, two);
        two = _mm256_extractf128_pd(v->of_double, 1);
        to += 2;
    }
    if (n & 1)
        _mm_store_sd(to, two);
}
#else
#define PARTS(T)                                                                   \
    HOT void load_part_##T(Vector *v, const T *from, Py_ssize_t n) {               \
        T lanes[VECTOR_BYTES / sizeof(T)] = {0};                                   \
        memcpy(lanes, from, n * sizeof(T));                                        \
        load_##T(v, lanes);                                                        \
    }                                                                              \
    HOT void store_part_##T(T *to, const Vector *v, Py_ssize_t n) {                \
        memcpy(to, v, n * sizeof(T));                                              \
    }
PARTS(float)
PARTS(double)
#endif

/* Ask for the line at p, which will be written, read, or read by and by (then the L2
   cache is near enough); p may be anywhere. */
HOT void prefetch(const void *p) { __builtin_prefetch(p, 1, 3); }
HOT void prefetch_to_read(const void *p) { __builtin_prefetch(p, 0, 3); }
HOT void prefetch_far(const void *p) { __builtin_prefetch(p, 0, 2); }

/* Transpose a square of 16-byte registers: to[j * row_to + i] = from[i * row_from + j].
   4 x 4 floats or 2 x 2 doubles. */
typedef float four __attribute__((vector_size(16), aligned(4), may_alias));
typedef double two __attribute__((vector_size(16), aligned(8), may_alias));
typedef int four_mask __attribute__((vector_size(16)));
typedef long long two_mask __attribute__((vector_size(16)));

HOT void transpose_square_float(
    const float *from, Py_ssize_t row_from, float *to, Py_ssize_t row_to
) {
    const four a = *(const four *)from, b = *(const four *)(from + row_from);
    const four c = *(const four *)(from + 2 * row_from);
    const four d = *(const four *)(from + 3 * row_from);
    const four ab = SHUFFLE(four_mask, a, b, 0, 4, 1, 5);
    const four AB = SHUFFLE(four_mask, a, b, 2, 6, 3, 7);
    const four cd = SHUFFLE(four_mask, c, d, 0, 4, 1, 5);
    const four CD = SHUFFLE(four_mask, c, d, 2, 6, 3, 7);
    *(four *)to = SHUFFLE(four_mask, ab, cd, 0, 1, 4, 5);
    *(four *)(to + row_to) = SHUFFLE(four_mask, ab, cd, 2, 3, 6, 7);
    *(four *)(to + 2 * row_to) = SHUFFLE(four_mask, AB, CD, 0, 1, 4, 5);
    *(four *)(to + 3 * row_to) = SHUFFLE(four_mask, AB, CD, 2, 3, 6, 7);
}

HOT void transpose_square_double(
    const double *from, Py_ssize_t row_from, double *to, Py_ssize_t row_to
) {
    const two a = *(const two *)from, b = *(const two *)(from + row_from);
    *(two *)to = SHUFFLE(two_mask, a, b, 0, 2);
    *(two *)(to + row_to) = SHUFFLE(two_mask, a, b, 1, 3);
}

/* The same in every 16 bytes of whole vectors, for dots_T:
     ROWS_T(b, row, r)  16 bytes each of the rows r, r + 4, r + 8 ... (r, r + 2 ...)
     LOW_T, HIGH_T      their lower (upper) halves, interleaved
     FRONT, BACK        the first (last) two floats of each                        */
#if defined(__AVX512F__)
#define ROWS_float(b, row, r)                                                      \
    _mm512_insertf32x8(                                                            \
        _mm512_castps256_ps512(_mm256_loadu2_m128(b + (r + 4) * row, b + r * row)), \
        _mm256_loadu2_m128(b + (r + 12) * row, b + (r + 8) * row), 1)
#define ROWS_double(b, row, r)                                                     \
    _mm512_insertf64x4(                                                            \
        _mm512_castpd256_pd512(_mm256_loadu2_m128d(b + (r + 2) * row, b + r * row)), \
        _mm256_loadu2_m128d(b + (r + 6) * row, b + (r + 4) * row), 1)
#define LOW_float _mm512_unpacklo_ps
#define HIGH_float _mm512_unpackhi_ps
#define LOW_double _mm512_unpacklo_pd
#define HIGH_double _mm512_unpackhi_pd
#define FRONT(x, y) _mm512_shuffle_ps(x, y, 0x44)
#define BACK(x, y) _mm512_shuffle_ps(x, y, 0xee)
#elif defined(__AVX2__)
#define ROWS_float(b, row, r) _mm256_loadu2_m128(b + (r + 4) * row, b + r * row)
#define ROWS_double(b, row, r) _mm256_loadu2_m128d(b + (r + 2) * row, b + r * row)
#define LOW_float _mm256_unpacklo_ps
#define HIGH_float _mm256_unpackhi_ps
#define LOW_double _mm256_unpacklo_pd
#define HIGH_double _mm256_unpackhi_pd
#define FRONT(x, y) _mm256_shuffle_ps(x, y, 0x44)
#define BACK(x, y) _mm256_shuffle_ps(x, y, 0xee)
#else
#define ROWS_float(b, row, r) (*(const loose_float *)(b + r * row))
#define ROWS_double(b, row, r) (*(const loose_double *)(b + r * row))
#define LOW_float(x, y) SHUFFLE(four_mask, x, y, 0, 4, 1, 5)
#define HIGH_float(x, y) SHUFFLE(four_mask, x, y, 2, 6, 3, 7)
#define LOW_double(x, y) SHUFFLE(two_mask, x, y, 0, 2)
#define HIGH_double(x, y) SHUFFLE(two_mask, x, y, 1, 3)
#define FRONT(x, y) SHUFFLE(four_mask, x, y, 0, 1, 4, 5)
#define BACK(x, y) SHUFFLE(four_mask, x, y, 2, 3, 6, 7)
#endif

/* v[j] += sum of a[q * step] * b[j * row + q] for q = 0 .. 3 (0, 1), in this order:
   each lane goes on along a row of b of its own. */
HOT void dots_float(
    Vector *v, const float *a, Py_ssize_t step, const float *b, Py_ssize_t row
) {
    const vector_float p = ROWS_float(b, row, 0), q = ROWS_float(b, row, 1);
    const vector_float r = ROWS_float(b, row, 2), s = ROWS_float(b, row, 3);
    const vector_float pq = LOW_float(p, q), PQ = HIGH_float(p, q);
    const vector_float rs = LOW_float(r, s), RS = HIGH_float(r, s);
    const vector_float none = {0};
    v->of_float = FMA_FLOAT(a[0] - none, FRONT(pq, rs), v->of_float);
    v->of_float = FMA_FLOAT(a[step] - none, BACK(pq, rs), v->of_float);
    v->of_float = FMA_FLOAT(a[2 * step] - none, FRONT(PQ, RS), v->of_float);
    v->of_float = FMA_FLOAT(a[3 * step] - none, BACK(PQ, RS), v->of_float);
}

HOT void dots_double(
    Vector *v, const double *a, Py_ssize_t step, const double *b, Py_ssize_t row
) {
    const vector_double p = ROWS_double(b, row, 0), q = ROWS_double(b, row, 1);
    const vector_double none = {0};
    v->of_double = FMA_DOUBLE(a[0] - none, LOW_double(p, q), v->of_double);
    v->of_double = FMA_DOUBLE(a[step] - none, HIGH_double(p, q), v->of_double);
}

#endif
