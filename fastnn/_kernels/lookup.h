/* exp, log, sigmoid, silu, tanh and gelu of float32 vectors, by tables in registers.

   One instruction looks up a number in a table for each lane (AVX-512: 32 entries in
   two registers; AVX2: 8 in one). So a function can have a polynomial of its own in
   each of so many cells, half as long as one for all cells. gcc does not find this
   instruction in a loop over floats, so these loops are written in vectors.

   A step is done for several vectors before the next step begins (EACH): a vector waits
   4 cycles for each product, and the CPU's window holds only two or three rounds of a
   loop (tanh, AVX2: 0.37 instead of 0.41 ns an element with two at a time).

   HAS_TABLES: whether this CPU has it. Lanes never mix, so an element has the same bits
   wherever it stands. Formulas: docs/derivations/activations.md */
#ifndef FASTNN_LOOKUP_H
#define FASTNN_LOOKUP_H

#include "simd.h"

#if defined(__AVX512F__) && defined(__AVX512DQ__)
#define HAS_TABLES 1
#define CELLS 32
#define CELL_BITS 5
#elif defined(__AVX2__) && defined(__FMA__)
#define HAS_TABLES 1
#define CELLS 8
#define CELL_BITS 3
#else
#define HAS_TABLES 0
#endif

#if HAS_TABLES
#define TABLE static const __attribute__((aligned(64)))
#include "tables.h"

#define TOGETHER 4 /* vectors */
#define EACH _Pragma("GCC unroll 4") for (int j = 0; j < vectors; j++)
#define DOWN_TO_0(k, top) _Pragma("GCC unroll 16") for (int k = top; k >= 0; k--)
#define DEGREE(table) ((int)(sizeof(table) / sizeof(table[0])) - 1)

#if CELLS == 32
/* table[i % 32] */
HOT vector_float look_up(const float *table, mask_float i) {
    return _mm512_permutex2var_ps(
        _mm512_loadu_ps(table), (__m512i)i, _mm512_loadu_ps(table + 16)
    );
}
/* Of NaN and a number these give NaN, where it is x. */
#define AT_MOST(x, top) ((vector_float)_mm512_min_ps(ALL(top), x))
#define AT_LEAST(x, low) ((vector_float)_mm512_max_ps(ALL(low), x))
#else
/* table[i % 8] */
HOT vector_float look_up(const float *table, mask_float i) {
    return _mm256_permutevar8x32_ps(_mm256_loadu_ps(table), (__m256i)i);
}
#define AT_MOST(x, top) ((vector_float)_mm256_min_ps(ALL(top), x))
#define AT_LEAST(x, low) ((vector_float)_mm256_max_ps(ALL(low), x))
#endif

#define ALL(number) ((float)(number) - (vector_float){0}) /* in every lane */
#define LOAD(x) ((vector_float)*(const loose_float *)((x) + j * VECTOR_FLOATS))
#define STORE(y) (*(loose_float *)((y) + j * VECTOR_FLOATS))
#define SIZE(x) ((vector_float)((mask_float)(x) & 0x7fffffff))
#define SIGN(x) ((mask_float)(x) & (int)0x80000000)

/* ---- e^x = s (1 + c), s = 2^n and |c| <= 0.42: x = (n + i / CELLS) ln 2 + r, and with
   e = 2^(i / CELLS) - 1 from the table, 1 + c = (1 + e) e^r.

   Adding MAGIC rounds to a whole number: the last CELL_BITS bits of the sum are then i,
   and above them stands n + 127, the exponent bits of s. --------------------------- */
#define MAGIC (12582912 + 127 * CELLS + CELLS / 2) /* 1.5 * 2^23 + ... */
#define LOG2E (1.4426950408889634f * CELLS)
#define LN2_HIGH (0.693359375f / CELLS) /* so few bits that n * LN2_HIGH is exact */
#define LN2_LOW (-2.1219444005469058e-4f / CELLS)

/* e^(k r) - 1 for a constant k and |k r| <= ln 2 / 2 / CELLS */
HOT vector_float small_expm1(vector_float r, const float k) {
    vector_float q = ALL(k * k * k / 6);
    if (CELLS == 8) q = FMA_FLOAT(ALL(k * k * k * k / 24), r, q);
    q = FMA_FLOAT(q, r, ALL(k * k / 2));
    return FMA_FLOAT(r * r, q, k == 1 ? r : k == -1 ? -r : ALL(k) * r);
}

/* 1 + c = (1 + e) (1 + d), e of the cell that t says */
HOT vector_float in_cell(vector_float t, vector_float d) {
    const vector_float e = look_up(EXPM1[0], (mask_float)t);
    return e + FMA_FLOAT(e, d, d);
}

/* n + 127, and 2^n for a normal 2^n */
#define EXPONENT(t) (((mask_float)(t) - (0x4b400000)) >> CELL_BITS)
#define POWER(t) ((vector_float)(((mask_float)(t) << (23 - CELL_BITS)) & 0x7f800000))

HOT void exp_vectors(const float *x, float *y, const int vectors, const int ordinary) {
    vector_float t[TOGETHER], n[TOGETHER], r[TOGETHER], c[TOGETHER];
    EACH r[j] = LOAD(x);
    if (!ordinary) { EACH r[j] = AT_LEAST(AT_MOST(r[j], 89.0f), -114.0f); }
    EACH t[j] = FMA_FLOAT(r[j], ALL(LOG2E), ALL(MAGIC));
    EACH n[j] = t[j] - MAGIC;
    EACH r[j] = FMA_FLOAT(n[j], ALL(-LN2_HIGH), r[j]);
    EACH r[j] = FMA_FLOAT(n[j], ALL(-LN2_LOW), r[j]);
    EACH c[j] = in_cell(t[j], small_expm1(r[j], 1));
    if (ordinary) {
        EACH STORE(y) = FMA_FLOAT(POWER(t[j]), c[j], POWER(t[j]));
        return;
    }
    EACH { /* 2^n in two factors: only the last product rounds */
        const mask_float both = EXPONENT(t[j]) + 127, half = both >> 1;
        STORE(y) = (1 + c[j]) * (vector_float)(half << 23)
                   * (vector_float)((both - half) << 23);
    }
}

/* y / (1 + e^-x), y = x (silu) or 1. The divisor (1 + s) + s c is rounded once: 1 + s
   is exact for |n| < 24. Beyond, what it lost goes to c; of n, what is above 120 is
   applied last, so that only a subnormal result is rounded like one. */
HOT void sigmoid_vectors(
    const float *x, float *out, const int vectors, const int ordinary, const int silu
) {
    vector_float t[TOGETHER], n[TOGETHER], r[TOGETHER], c[TOGETHER];
    EACH r[j] = LOAD(x);
    if (!ordinary) { EACH r[j] = AT_LEAST(AT_MOST(r[j], 87.0f), -114.0f); }
    EACH t[j] = FMA_FLOAT(r[j], ALL(-LOG2E), ALL(MAGIC));
    EACH n[j] = t[j] - MAGIC;
    EACH r[j] = FMA_FLOAT(n[j], ALL(LN2_HIGH), r[j]); /* r = x + n ln 2 */
    EACH r[j] = FMA_FLOAT(n[j], ALL(LN2_LOW), r[j]);
    EACH c[j] = in_cell(t[j], small_expm1(r[j], -1));
    EACH n[j] = silu ? LOAD(x) : ALL(1);
    if (ordinary) {
        EACH STORE(out) = n[j] / FMA_FLOAT(POWER(t[j]), c[j], 1 + POWER(t[j]));
        return;
    }
    EACH {
        const mask_float e = EXPONENT(t[j]), far = e > 247;
        const mask_float most = (far & 247) | (~far & e);
        const vector_float s = (vector_float)(most << 23), d = 1 + s;
        const vector_float up = (vector_float)((254 - most) << 23); /* 1 / s */
        const vector_float rest = (vector_float)((most - e + 127) << 23);
        const vector_float y = silu ? AT_LEAST(n[j], -114.0f) : n[j];
        STORE(out) = y / FMA_FLOAT(s, FMA_FLOAT(1 - (d - s), up, c[j]), d) * rest;
    }
}

/* ---- log: x = 2^k m, 3/4 <= m < 3/2; k ln 2 + log c + log(1 + r), r = m / c - 1 for a
   c of m's cell. 1 / c is short, so that r is exact but for its last bit; cells around
   1 have c = 1. AVX-512: every x, as its instructions take 2^k apart for all of them;
   AVX2: x positive, finite and not subnormal. -------------------------------------- */
HOT void log_vectors(const float *x, float *y, const int vectors) {
    vector_float k[TOGETHER], m[TOGETHER], r[TOGETHER], q[TOGETHER];
    mask_float i[TOGETHER];
    EACH m[j] = LOAD(x);
#if CELLS == 32
    EACH k[j] = _mm512_getexp_ps(m[j]);
    EACH m[j] = _mm512_getmant_ps(m[j], _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_zero);
    EACH k[j] -= _mm512_getexp_ps(m[j]);
    EACH i[j] = (mask_float)m[j] >> 18;
#else
    const int low = 0x3f400000 - 0x80000; /* of 3/4, and half a cell less */
    EACH k[j] = _mm256_cvtepi32_ps((__m256i)(((mask_float)m[j] - low) >> 23));
    EACH i[j] = (((mask_float)m[j] - low) & 0x7fffff) + low;
    EACH m[j] = (vector_float)i[j];
    EACH i[j] = (i[j] + 0x80000) >> 20;
#endif
    EACH r[j] = FMA_FLOAT(m[j], look_up(LOG_INVERSE[0], i[j]), ALL(-1));
    EACH q[j] = ALL(1.0f / 5);
    if (CELLS == 8) { EACH q[j] = FMA_FLOAT(r[j], ALL(-1.0f / 6), q[j]); }
    EACH q[j] = FMA_FLOAT(r[j], q[j], ALL(-1.0f / 4));
    EACH q[j] = FMA_FLOAT(r[j], q[j], ALL(1.0f / 3));
    EACH q[j] = FMA_FLOAT(r[j], q[j], ALL(-1.0f / 2));
    EACH q[j] = FMA_FLOAT(r[j] * r[j], q[j], r[j]);
    EACH k[j] = FMA_FLOAT(k[j], ALL(0.69314718055994531f), look_up(LOG[0], i[j]));
#if CELLS == 32
    EACH r[j] = LOAD(x);
    EACH k[j] += q[j];
    EACH STORE(y) = _mm512_mask_mov_ps(
        k[j], _mm512_cmp_ps_mask(r[j], ALL(0), _CMP_LT_OQ), ALL(__builtin_nanf(""))
    );
#else
    EACH STORE(y) = k[j] + q[j];
#endif
}

/* ---- tanh (32 cells) and gelu: c0 + c1 u + c2 u^2 ..., u = t - centre, t = |x|. A cell holds the
   numbers whose t + OFFSET has the same first bits: they grow with t + OFFSET. ----- */
#define CELL(name, t) \
    (((mask_float)((t) + name##_OFFSET) - name##_FIRST) >> (25 - CELL_BITS))

#if CELLS == 32
HOT void tanh_vectors(const float *x, float *y, const int vectors) {
    vector_float t[TOGETHER], q[TOGETHER];
    mask_float i[TOGETHER];
    EACH t[j] = AT_MOST(SIZE(LOAD(x)), 9.5f); /* there it is 1 */
    EACH i[j] = CELL(TANH, t[j]);
    EACH t[j] -= look_up(TANH_CENTRE[0], i[j]);
    EACH q[j] = look_up(TANH[DEGREE(TANH)], i[j]);
    DOWN_TO_0(k, DEGREE(TANH) - 1)
        EACH q[j] = FMA_FLOAT(q[j], t[j], look_up(TANH[k], i[j]));
    EACH STORE(y) = (vector_float)((mask_float)q[j] | SIGN(LOAD(x)));
}
#else
/* tanh_ of _math.pxi, for several vectors. With 8 cells a polynomial is as long as
   without, and some CPUs take 2 or 3 cycles to look one number up: 9 of them took
   0.67 ns an element (Zen 3), and this takes 0.37. */
HOT void tanh_vectors(const float *x, float *y, const int vectors) {
    vector_float t[TOGETHER], r[TOGETHER], q[TOGETHER], s[TOGETHER];
    EACH r[j] = AT_MOST(SIZE(LOAD(x)), 20.0f); /* there it is 1 */
    EACH t[j] = FMA_FLOAT(r[j], ALL(-2.8853900817779268), ALL(12582912 + 127));
    EACH s[j] = t[j] - (12582912 + 127);
    EACH r[j] = FMA_FLOAT(s[j], ALL(-0.69314718055994531), -2 * r[j]);
    EACH s[j] = (vector_float)((mask_float)t[j] << 23);
    EACH q[j] = ALL(0.000198458612f);
    EACH q[j] = FMA_FLOAT(q[j], r[j], ALL(0.00139406242f));
    EACH q[j] = FMA_FLOAT(q[j], r[j], ALL(0.00833338965f));
    EACH q[j] = FMA_FLOAT(q[j], r[j], ALL(0.0416663624f));
    EACH q[j] = FMA_FLOAT(q[j], r[j], ALL(0.166666657f));
    EACH q[j] = FMA_FLOAT(q[j], r[j], ALL(0.5f));
    EACH q[j] = FMA_FLOAT(r[j] * r[j], q[j], r[j]); /* e^r - 1 */
    EACH {
        r[j] = FMA_FLOAT(-s[j], q[j], 1 - s[j]) / FMA_FLOAT(s[j], q[j], 1 + s[j]);
        STORE(y) = (vector_float)((mask_float)r[j] | SIGN(LOAD(x)));
    }
}
#endif

/* x Phi(x) = max(x, 0) - t Phi(-t) for |x| <= GELU_LIMIT */
#if CELLS == 32
/* Cells that are equal in (t + 0.9)^2, so e^(-t^2/2) varies alike in all of them and
   needs no exponential of its own. Up to 11.5 a degree less will do than up to 12.5,
   where the result is a subnormal: a tenth of the time. */
#define GELU_LIMIT 11.5f
HOT void gelu_vectors(const float *x, float *y, const int vectors) {
    vector_float t[TOGETHER], q[TOGETHER];
    mask_float i[TOGETHER];
    EACH t[j] = SIZE(LOAD(x));
    /* Products and sums apart, where one more rounding does not matter: in this loop
       the CPU waits for instructions that read three registers, as look_up does. */
    EACH q[j] = t[j] * GELU_SLOPE + GELU_START;
    EACH i[j] = (mask_float)(q[j] * q[j] + 12582912);
    EACH t[j] -= look_up(GELU_CENTRE[0], i[j]);
    EACH q[j] = look_up(GELU[DEGREE(GELU)], i[j]);
    DOWN_TO_0(k, DEGREE(GELU) - 1)
        EACH q[j] = FMA_FLOAT(q[j], t[j], look_up(GELU[k], i[j]));
    EACH STORE(y) = AT_LEAST(LOAD(x), -0.0f) - q[j];
}
#else
/* t Phi(-t) = e^(-t^2/2) w, w = t W(t) by the table. r holds what t^2 loses to
   rounding, `low` what w does: the result is rounded once. */
#define GELU_LIMIT 12.5f
HOT void gelu_vectors(const float *x, float *y, const int vectors) {
    vector_float t[TOGETHER], p[TOGETHER], n[TOGETHER], r[TOGETHER], c[TOGETHER];
    vector_float q[TOGETHER], w[TOGETHER];
    mask_float i[TOGETHER];
    EACH t[j] = SIZE(LOAD(x));
    EACH p[j] = t[j] * t[j];
    EACH n[j] = FMA_FLOAT(p[j], ALL(-0.5f * LOG2E), ALL(MAGIC)) - MAGIC;
    EACH r[j] = FMA_FLOAT(n[j], ALL(2 * LN2_HIGH), p[j]); /* r = t^2 + 2 n ln 2 */
    EACH p[j] = FMA_FLOAT(t[j], t[j], -p[j]);
    EACH r[j] = FMA_FLOAT(n[j], ALL(2 * LN2_LOW), r[j]) + p[j];
    EACH n[j] += MAGIC;
    EACH c[j] = in_cell(n[j], small_expm1(r[j], -0.5f));
    EACH i[j] = CELL(GELU, t[j]);
    EACH t[j] -= look_up(GELU_CENTRE[0], i[j]);
    EACH q[j] = look_up(GELU[DEGREE(GELU)], i[j]);
    DOWN_TO_0(k, DEGREE(GELU) - 2)
        EACH q[j] = FMA_FLOAT(q[j], t[j], look_up(GELU[k + 1], i[j]));
    EACH p[j] = look_up(GELU[0], i[j]);
    EACH w[j] = FMA_FLOAT(q[j], t[j], p[j]);
    EACH p[j] = FMA_FLOAT(q[j], t[j], p[j] - w[j]); /* low */
    EACH w[j] += FMA_FLOAT(w[j], c[j], p[j]);
    EACH STORE(y) = AT_LEAST(LOAD(x), -0.0f) - w[j] * POWER(n[j]);
}
#endif

/* ---- The loops. n: a multiple of 16; y may be x only where all of x is ordinary.
   `largest` is what the check makes of x, the largest in each lane; at the end it tells
   whether a number was above the limit, or NaN. A loop that looks first would cost a
   sixth more. -------------------------------------------------------------------- */
#define NO_CHECK (void)largest
#define SIZES largest = LARGER(largest, (mask_float)LOAD(x) & 0x7fffffff)
/* of positive normal numbers alone it is negative, up to FROM_SMALLEST(infinity) - 1 */
#define FROM_SMALLEST \
    largest = LARGER(largest, (mask_float)((bits_float)LOAD(x) + 0x7f800000u))
#define AT_87 0x42ae0000 /* the bits of 87 */
#define AT_16 0x41800000
#define AT_INFINITY (-0x1000001)
typedef unsigned int bits_float __attribute__((vector_size(VECTOR_BYTES)));

#if CELLS == 32
#define LARGER(a, b) ((mask_float)_mm512_max_epi32((__m512i)(a), (__m512i)(b)))
#define ANY(mask) (_mm512_movepi32_mask((__m512i)(mask)) != 0)
#else
#define LARGER(a, b) ((mask_float)_mm256_max_epi32((__m256i)(a), (__m256i)(b)))
#define ANY(mask) (_mm256_movemask_ps((__m256)(mask)) != 0)
#endif

#define STEP(check, f, ...)                                                        \
    do {                                                                           \
        EACH { check; }                                                            \
        f(x, y, vectors, ##__VA_ARGS__);                                           \
        x += vectors * VECTOR_FLOATS;                                              \
        y += vectors * VECTOR_FLOATS;                                              \
    } while (0)
#define IN_VECTORS(check, limit, f, ...)                                           \
    do {                                                                           \
        const float *last = x + n, *fourth = last - TOGETHER * VECTOR_FLOATS;      \
        mask_float largest = (mask_float)(bits_float)((bits_float){0} | 1u << 31); \
        while (x <= fourth) {                                                      \
            enum { vectors = TOGETHER };                                           \
            STEP(check, f, ##__VA_ARGS__);                                         \
        }                                                                          \
        while (x < last) {                                                         \
            enum { vectors = 1 };                                                  \
            STEP(check, f, ##__VA_ARGS__);                                         \
        }                                                                          \
        return !ANY(largest > (limit));                                            \
    } while (0)

static int exp_floats(const float *x, float *y, Py_ssize_t n, int ordinary) {
    if (ordinary) IN_VECTORS(SIZES, AT_87, exp_vectors, 1);
    IN_VECTORS(NO_CHECK, 0, exp_vectors, 0);
}
static int sigmoid_floats(const float *x, float *y, Py_ssize_t n, int ordinary) {
    if (ordinary) IN_VECTORS(SIZES, AT_16, sigmoid_vectors, 1, 0);
    IN_VECTORS(NO_CHECK, 0, sigmoid_vectors, 0, 0);
}
static int silu_floats(const float *x, float *y, Py_ssize_t n, int ordinary) {
    if (ordinary) IN_VECTORS(SIZES, AT_16, sigmoid_vectors, 1, 1);
    IN_VECTORS(NO_CHECK, 0, sigmoid_vectors, 0, 1);
}
static int tanh_floats(const float *x, float *y, Py_ssize_t n) {
    IN_VECTORS(NO_CHECK, 0, tanh_vectors);
}
static int log_floats(const float *x, float *y, Py_ssize_t n) {
#if CELLS == 32
    IN_VECTORS(NO_CHECK, 0, log_vectors);
#else
    IN_VECTORS(FROM_SMALLEST, AT_INFINITY, log_vectors);
#endif
}
/* For n <= 1024: bit i of the result tells of rare numbers in x[64 i : 64 i + 64]. */
static int gelu_floats(const float *x, float *y, Py_ssize_t n) {
    const float *last = x + n, *fourth = last - TOGETHER * VECTOR_FLOATS;
    const mask_float limit = (mask_float)ALL(GELU_LIMIT);
    int rare = 0, start;
    for (start = 0; x <= fourth; start += TOGETHER * VECTOR_FLOATS) {
        enum { vectors = TOGETHER };
        mask_float largest = {0};
        STEP(SIZES, gelu_vectors);
        if (__builtin_expect(ANY(largest > limit), 0)) rare |= 1 << start / 64;
    }
    for (; x < last; start += VECTOR_FLOATS) {
        enum { vectors = 1 };
        mask_float largest = {0};
        STEP(SIZES, gelu_vectors);
        if (ANY(largest > limit)) rare |= 1 << start / 64;
    }
    return rare;
}

#else /* never called */
#define CELLS 0
#define GELU_LIMIT 12.5f
#define exp_floats(x, y, n, ordinary) 0
#define sigmoid_floats(x, y, n, ordinary) 0
#define silu_floats(x, y, n, ordinary) 0
#define tanh_floats(x, y, n) 0
#define log_floats(x, y, n) 0
#define gelu_floats(x, y, n) 0
#endif

#endif
