# The staircase: one product of matrices, eight times, each time with one idea more.
#
#     make staircase          builds this file, checks every step, times them all
#
# docs/staircase.md explains the steps. All of them compute out = a @ b for a (m, k),
# b (k, n), out (m, n), none of them empty, in float64; the sum over p = 0 .. k - 1 runs
# in this order in every step. So the steps without fused multiply-add give the same
# bits as the plain-Python twin, fastnn/reference/matmul.py.
#
# The comment above a step holds its idea, its heading what the idea bought: GFLOP/s at
# n = 720 on one core of a Zen 3 (AVX2), which does 50 at most.

from concurrent.futures import ThreadPoolExecutor

from libc.stdlib cimport free, malloc
from libc.string cimport memset


# --- 1. The definition: 2 -----------------------------------------------------------
# A product, written as it is defined. It jumps down a column of b: every number comes
# from another cache line of 64 bytes, of which the other seven numbers go unused.

def naive(const double[:, ::1] a, const double[:, ::1] b, double[:, ::1] out):
    cdef Py_ssize_t i, j, p
    cdef Py_ssize_t m = a.shape[0], k = a.shape[1], n = b.shape[1]
    cdef double total
    with nogil:
        for i in range(m):
            for j in range(n):
                total = 0
                for p in range(k):
                    total += a[i, p] * b[p, j]
                out[i, j] = total


# --- 2. Loop order: 2 -> 13 ---------------------------------------------------------
# The same additions, with j innermost: b and out are read along their rows, and since
# neighbouring sums don't depend on each other, the compiler adds a vector of them at
# once. (In step 1 it may not: one sum, added in another order, rounds differently.)

def loop_order(const double[:, ::1] a, const double[:, ::1] b, double[:, ::1] out):
    cdef Py_ssize_t i, j, p
    cdef Py_ssize_t m = a.shape[0], k = a.shape[1], n = b.shape[1]
    cdef double x
    with nogil:
        for i in range(m):
            memset(&out[i, 0], 0, n * sizeof(double))
            for p in range(k):
                x = a[i, p]
                for j in range(n):
                    out[i, j] += x * b[p, j]


# --- 3. Four rows at a time: 13 -> 15 -----------------------------------------------
# Step 2 loads and stores a vector of out for every multiply-add. Four rows of b in one
# go: one load and one store for four multiply-adds. The additions keep their order.

def four_rows(const double[:, ::1] a, const double[:, ::1] b, double[:, ::1] out):
    cdef Py_ssize_t i, m = a.shape[0], k = a.shape[1], n = b.shape[1]
    with nogil:
        memset(&out[0, 0], 0, m * n * sizeof(double))
        for i in range(m):
            add_row(&a[i, 0], &b[0, 0], n, &out[i, 0], n, k)


cdef void add_row(
    const double* a, const double* b, Py_ssize_t row_b, double* out,
    Py_ssize_t n, Py_ssize_t k,
) noexcept nogil:
    """out (n,) += a (k,) @ b (k, n)"""
    cdef Py_ssize_t j, p, rest = k // 4 * 4
    cdef const double* b0
    cdef const double* b1
    cdef const double* b2
    cdef const double* b3
    for p in range(0, rest, 4):
        b0 = b + p * row_b
        b1 = b0 + row_b
        b2 = b1 + row_b
        b3 = b2 + row_b
        for j in range(n):
            out[j] = (
                out[j] + a[p] * b0[j] + a[p + 1] * b1[j]
                + a[p + 2] * b2[j] + a[p + 3] * b3[j]
            )
    for p in range(rest, k):
        for j in range(n):
            out[j] += a[p] * b[p * row_b + j]


# --- 4. Blocking: 15 -> 17; at n = 2048, 9 -> 14 ------------------------------------
# A block of b small enough for the L2 cache (32 x 512 numbers, 128 kB) is used for all
# rows of a before the next one is fetched: b comes from far away once, not m times.

def blocked(const double[:, ::1] a, const double[:, ::1] b, double[:, ::1] out):
    cdef Py_ssize_t i, j, p, m = a.shape[0], k = a.shape[1], n = b.shape[1]
    with nogil:
        memset(&out[0, 0], 0, m * n * sizeof(double))
        for j in range(0, n, 512):
            for p in range(0, k, 32):
                for i in range(m):
                    add_row(&a[i, p], &b[p, j], n, &out[i, j],
                            min(512, n - j), min(32, k - p))


# --- 5. Register tile: 17 -> 19; at n = 96, 27 -> 33 --------------------------------
# Until here out comes and goes. A tile of 3 x 16 of its numbers stays in registers
# while p runs: per p, 3 numbers of a and 16 of b are loaded for 48 multiply-adds, and
# nothing is stored.

cdef void tile_3x16(
    const double* a, Py_ssize_t row_a, const double* b, Py_ssize_t row_b,
    double* out, Py_ssize_t row_out, Py_ssize_t k,
) noexcept nogil:
    cdef double c0[16]
    cdef double c1[16]
    cdef double c2[16]
    cdef Py_ssize_t j, p
    for j in range(16):
        c0[j] = out[j]
        c1[j] = out[row_out + j]
        c2[j] = out[2 * row_out + j]
    for p in range(k):
        for j in range(16):
            c0[j] += a[p] * b[p * row_b + j]
            c1[j] += a[row_a + p] * b[p * row_b + j]
            c2[j] += a[2 * row_a + p] * b[p * row_b + j]
    for j in range(16):
        out[j] = c0[j]
        out[row_out + j] = c1[j]
        out[2 * row_out + j] = c2[j]


cdef void add_rest(
    const double* a, Py_ssize_t row_a, const double* b, Py_ssize_t row_b,
    double* out, Py_ssize_t row_out, Py_ssize_t m, Py_ssize_t n, Py_ssize_t k,
) noexcept nogil:
    """What is left at the edges, where no whole tile fits."""
    cdef Py_ssize_t i, j, p
    for i in range(m):
        for p in range(k):
            for j in range(n):
                out[i * row_out + j] += a[i * row_a + p] * b[p * row_b + j]


def register_tile(const double[:, ::1] a, const double[:, ::1] b, double[:, ::1] out):
    cdef Py_ssize_t i, j, p, deep
    cdef Py_ssize_t m = a.shape[0], k = a.shape[1], n = b.shape[1]
    cdef Py_ssize_t whole_m = m // 3 * 3, whole_n = n // 16 * 16
    cdef const double* x = &a[0, 0]
    cdef const double* y = &b[0, 0]
    cdef double* z = &out[0, 0]
    with nogil:
        memset(z, 0, m * n * sizeof(double))
        for p in range(0, k, 256):
            deep = min(256, k - p)
            for j in range(0, whole_n, 16):
                for i in range(0, whole_m, 3):
                    tile_3x16(
                        x + i * k + p, k, y + p * n + j, n, z + i * n + j, n, deep
                    )
            add_rest(x + p, k, y + p * n + whole_n, n, z + whole_n, n,
                     whole_m, n - whole_n, deep)
            add_rest(x + whole_m * k + p, k, y + p * n, n, z + whole_m * n, n,
                     m - whole_m, n, deep)


# --- 6. Vectors and fused multiply-add: 19 -> 28 ------------------------------------
# The tile in the CPU's own words: vectors of LANES numbers, and one instruction for
# acc + x * y, rounded once instead of twice. 6 x 2 vectors of sums fill 12 of the 16
# registers; 12 chains of additions keep two units with a latency of four cycles busy.

cdef extern from *:
    """
    #if defined(__x86_64__)
    #include <immintrin.h>
    #endif
    #if defined(__AVX512F__)
    #define LANES 8
    #define FMA(x, y, sum) _mm512_fmadd_pd(x, y, sum)
    #define FMA_FLOAT(x, y, sum) _mm512_fmadd_ps(x, y, sum)
    #elif defined(__AVX2__) && defined(__FMA__)
    #define LANES 4
    #define FMA(x, y, sum) _mm256_fmadd_pd(x, y, sum)
    #define FMA_FLOAT(x, y, sum) _mm256_fmadd_ps(x, y, sum)
    #else
    #define LANES 2
    #define FMA(x, y, sum) ((x) * (y) + (sum))
    #define FMA_FLOAT(x, y, sum) ((x) * (y) + (sum))
    #endif
    typedef double vec __attribute__((vector_size(8 * LANES)));
    typedef float vec_float __attribute__((vector_size(8 * LANES)));
    typedef double loose
        __attribute__((vector_size(8 * LANES), aligned(8), may_alias));
    #define TILE_M 6
    #define TILE_N (2 * LANES)
    #define LOAD(p) (*(const loose *)(p))
    #define STORE(p, x) (*(loose *)(p) = (x))
    #define SPREAD(x) ((double)(x) - (vec){0})
    #define SPREAD_FLOAT(x) ((float)(x) - (vec_float){0})
    #define INLINED static inline __attribute__((always_inline))
    """
    const Py_ssize_t LANES, TILE_M, TILE_N
    ctypedef double vec  # Cython may take it for a number: it has +, * and =
    ctypedef float vec_float
    vec LOAD(const double* p) nogil
    void STORE(double* p, vec x) nogil
    vec SPREAD(double x) nogil
    vec FMA(vec x, vec y, vec sum) nogil
    vec_float SPREAD_FLOAT(float x) nogil
    vec_float FMA_FLOAT(vec_float x, vec_float y, vec_float sum) nogil


cdef inline void tile_of_vectors(
    const double* a, Py_ssize_t row_a, Py_ssize_t col_a,
    const double* b, Py_ssize_t row_b,
    double* out, Py_ssize_t row_out, Py_ssize_t k,
) noexcept nogil:
    cdef vec acc[12]
    cdef vec left, right, x
    cdef Py_ssize_t i, p
    for i in range(TILE_M):
        acc[2 * i] = LOAD(&out[i * row_out])
        acc[2 * i + 1] = LOAD(&out[i * row_out + LANES])
    for p in range(k):
        left = LOAD(&b[p * row_b])
        right = LOAD(&b[p * row_b + LANES])
        for i in range(TILE_M):
            x = SPREAD(a[i * row_a + p * col_a])
            acc[2 * i] = FMA(x, left, acc[2 * i])
            acc[2 * i + 1] = FMA(x, right, acc[2 * i + 1])
    for i in range(TILE_M):
        STORE(&out[i * row_out], acc[2 * i])
        STORE(&out[i * row_out + LANES], acc[2 * i + 1])


def vectors(const double[:, ::1] a, const double[:, ::1] b, double[:, ::1] out):
    cdef Py_ssize_t i, j, p, deep
    cdef Py_ssize_t m = a.shape[0], k = a.shape[1], n = b.shape[1]
    cdef Py_ssize_t tiles_m = m // TILE_M, tiles_n = n // TILE_N
    cdef Py_ssize_t whole_m = tiles_m * TILE_M, whole_n = tiles_n * TILE_N
    cdef const double* x = &a[0, 0]
    cdef const double* y = &b[0, 0]
    cdef double* z = &out[0, 0]
    with nogil:
        memset(z, 0, m * n * sizeof(double))
        for p in range(0, k, 256):
            deep = min(256, k - p)
            for j in range(tiles_n):
                for i in range(tiles_m):
                    tile_of_vectors(
                        x + i * TILE_M * k + p, k, 1, y + p * n + j * TILE_N, n,
                        z + i * TILE_M * n + j * TILE_N, n, deep,
                    )
            add_rest(x + p, k, y + p * n + whole_n, n, z + whole_n, n,
                     whole_m, n - whole_n, deep)
            add_rest(x + whole_m * k + p, k, y + p * n, n, z + whole_m * n, n,
                     m - whole_m, n, deep)


# --- 7. Packing: 28 -> 42 -----------------------------------------------------------
# The tile walks down 8 columns of b: a new row, a new page of memory for each p. Before
# they are used, blocks of b and of a are copied into the order in which the tile reads
# them, one number after the other; edges are filled up with zeros. A copy of k * n
# numbers is cheap beside m * n * k multiply-adds. 96 x 256 numbers of a are 192 kB,
# for the L2 cache; 256 x 1024 of b are 2 MB, for the L3; a panel of b, 16 kB, for L1.

cdef void pack(
    const double* x, Py_ssize_t row, Py_ssize_t col, Py_ssize_t n, Py_ssize_t k,
    Py_ssize_t width, double* packed,
) noexcept nogil:
    """Panels of `width` lines: packed[p * width + i] = x[i * row + p * col]."""
    cdef Py_ssize_t panel, start, i, p, lines
    for panel in range((n + width - 1) // width):
        start = panel * width
        lines = min(width, n - start)
        for p in range(k):
            for i in range(lines):
                packed[p * width + i] = x[(start + i) * row + p * col]
            for i in range(lines, width):
                packed[p * width + i] = 0
        packed += k * width


cdef void edge_tile(
    const double* a, const double* b, double* out, Py_ssize_t row_out,
    Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t k,
) noexcept nogil:
    """A tile of which only rows x columns exist in out, by way of a whole one."""
    cdef double whole[96]  # TILE_M * TILE_N at most
    cdef Py_ssize_t i, j
    memset(whole, 0, sizeof(whole))
    for i in range(rows):
        for j in range(columns):
            whole[i * TILE_N + j] = out[i * row_out + j]
    tile_of_vectors(a, 1, TILE_M, b, TILE_N, whole, TILE_N, k)
    for i in range(rows):
        for j in range(columns):
            out[i * row_out + j] = whole[i * TILE_N + j]


cdef void packed_block(
    const double* a, const double* b, double* out, Py_ssize_t row_out,
    Py_ssize_t m, Py_ssize_t n, Py_ssize_t k,
) noexcept nogil:
    """out += a @ b, both packed, tile by tile."""
    cdef Py_ssize_t tile_i, tile_j, i, j
    for tile_j in range((n + TILE_N - 1) // TILE_N):
        for tile_i in range((m + TILE_M - 1) // TILE_M):
            i = tile_i * TILE_M
            j = tile_j * TILE_N
            if i + TILE_M <= m and j + TILE_N <= n:
                tile_of_vectors(a + i * k, 1, TILE_M, b + j * k, TILE_N,
                                out + i * row_out + j, row_out, k)
            else:
                edge_tile(a + i * k, b + j * k, out + i * row_out + j, row_out,
                          min(TILE_M, m - i), min(TILE_N, n - j), k)


cdef void packed_product(
    const double* a, const double* b, double* out,
    Py_ssize_t m, Py_ssize_t n, Py_ssize_t k, double* pack_a, double* pack_b,
) noexcept nogil:
    cdef Py_ssize_t i, j, p, rows, columns, deep
    memset(out, 0, m * n * sizeof(double))
    for j in range(0, n, 1024):
        columns = min(1024, n - j)
        for p in range(0, k, 256):
            deep = min(256, k - p)
            pack(b + p * n + j, 1, n, columns, deep, TILE_N, pack_b)
            for i in range(0, m, 96):
                rows = min(96, m - i)
                pack(a + i * k + p, k, 1, rows, deep, TILE_M, pack_a)
                packed_block(pack_a, pack_b, out + i * n + j, n, rows, columns, deep)


def packed(const double[:, ::1] a, const double[:, ::1] b, double[:, ::1] out):
    cdef Py_ssize_t m = a.shape[0], k = a.shape[1], n = b.shape[1]
    cdef double* pack_a = <double*> malloc(96 * 256 * sizeof(double))
    cdef double* pack_b = <double*> malloc(1024 * 256 * sizeof(double))
    try:
        if pack_a == NULL or pack_b == NULL:
            raise MemoryError
        with nogil:
            packed_product(&a[0, 0], &b[0, 0], &out[0, 0], m, n, k, pack_a, pack_b)
    finally:
        free(pack_a)
        free(pack_b)


# --- 8. Threads: on two cores, at n = 2048, 42 -> 76 --------------------------------
# Rows of out don't depend on each other, so each thread takes some of them. No sum is
# split: the bits are those of step 7, whatever the number of threads.

def threads(a, b, out, n_threads=2):
    m = len(a)
    tiles = -(-m // TILE_M)
    cuts = [min(m, t * tiles // n_threads * TILE_M) for t in range(n_threads)] + [m]
    parts = [slice(*ends) for ends in zip(cuts, cuts[1:]) if ends[0] < ends[1]]
    with ThreadPoolExecutor(len(parts)) as pool:  # `packed` lets go of the GIL
        list(pool.map(lambda part: packed(a[part], b, out[part]), parts))


# --- The ceiling --------------------------------------------------------------------

def fma_peak(Py_ssize_t turns, bint single):
    """Run 12 independent chains of fused multiply-adds, nothing loaded or stored.

    Returns the number of multiply-adds done: by the time it took, it is what this core
    can do at best, in float32 (single) or float64.
    """
    cdef Py_ssize_t _turn, i
    cdef vec acc[12]
    cdef vec x = SPREAD(1 - 1e-9), y = SPREAD(1e-9)
    cdef vec_float acc_float[12]
    cdef vec_float x_float = SPREAD_FLOAT(0.99999), y_float = SPREAD_FLOAT(1e-5)
    cdef double kept[96]
    with nogil:
        for i in range(12):
            acc[i] = SPREAD(i)
            acc_float[i] = SPREAD_FLOAT(i)
        if single:
            for _turn in range(turns):
                for i in range(12):
                    acc_float[i] = FMA_FLOAT(acc_float[i], x_float, y_float)
        else:
            for _turn in range(turns):
                for i in range(12):
                    acc[i] = FMA(acc[i], x, y)
        for i in range(12):
            STORE(&kept[i * LANES], acc[i])
            if keep(&acc_float[i], sizeof(vec_float)) or keep(kept, 12 * sizeof(vec)):
                with gil:
                    raise AssertionError("not a number")
    return turns * 12 * LANES * (2 if single else 1)


cdef bint keep(const void* x, size_t size) noexcept nogil:
    """Whether any byte pattern is all ones; reads x, so that it must be computed."""
    cdef const unsigned char* bytes_of_x = <const unsigned char*> x
    cdef size_t i
    for i in range(size):
        if bytes_of_x[i] != 255:
            return False
    return True
