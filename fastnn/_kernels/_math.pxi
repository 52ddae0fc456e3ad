# exp, log, tanh ... one number in, one number out, without a branch or a table: a
# simple loop around any of them is vectorised by gcc.
#
# How that is kept so:
# - `a if condition else b` on numbers already computed becomes a vector select;
# - clamps read `top if x > top else x`, which lets NaN through;
# - rounding to a whole number n is adding and taking away a magic number: in
#   x + 1.5 * 2**23 (float) or x + 1.5 * 2**52 (double) the last bits are n itself;
# - constants are held in real_t variables: a bare literal would be a double and pull
#   float arithmetic over to doubles.
#
# Polynomials are near-minimax fits (Chebyshev), their degree chosen so that their own
# error is far below half an ulp. Largest error measured against the exact value, in
# ulp, float32 / float64: see docs/derivations/activations.md
#
# `ordinary` is a constant of the loop around: True where the caller has seen that every
# x of a block is so near to 0 that nothing overflows, underflows or is NaN
# (_elementwise.pxi). The steps for all else then fall away, half of exp's instructions
# (float32: 0.24 instead of 0.52 ns); what is left gives the same bits either way.

cdef extern from *:
    """
    #include <stdint.h>

    /* "inline" is a hint that gcc drops for a long function called from many loops,
       and a loop around a call is not vectorised: insist on it */
    #if defined(__GNUC__)
    #undef CYTHON_INLINE
    #define CYTHON_INLINE __inline__ __attribute__((always_inline, unused))
    #endif

    /* a*b + c, rounded once where the CPU has the instruction */
    #if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
    #define fma_float(a, b, c) __builtin_fmaf(a, b, c)
    #define fma_double(a, b, c) __builtin_fma(a, b, c)
    #define HAS_FMA 1
    #else
    #define HAS_FMA 0
    #define fma_float(a, b, c) ((float) (a) * (float) (b) + (float) (c))
    #define fma_double(a, b, c) ((double) (a) * (double) (b) + (double) (c))
    #endif

    /* a number's bits, and back */
    static inline uint32_t float_bits(float x) {
        union { float x; uint32_t u; } both = {x}; return both.u;
    }
    static inline float float_from(uint32_t u) {
        union { uint32_t u; float x; } both = {u}; return both.x;
    }
    static inline uint64_t double_bits(double x) {
        union { double x; uint64_t u; } both = {x}; return both.u;
    }
    static inline double double_from(uint64_t u) {
        union { uint64_t u; double x; } both = {u}; return both.x;
    }

    /* what p = a*b lost to rounding: a*b - p exactly */
    static inline float product_low_float(float a, float b, float p) {
    #if HAS_FMA
        return __builtin_fmaf(a, b, -p);
    #else  /* a product of two floats is exact in double */
        return (float) ((double) a * (double) b - (double) p);
    #endif
    }
    static inline double product_low(double a, double b, double p) {
    #if HAS_FMA
        return __builtin_fma(a, b, -p);
    #else  /* halves of 26 bits, whose products are exact (Dekker, 1971) */
        double ah = double_from(double_bits(a) & 0xfffffffff8000000), al = a - ah;
        double bh = double_from(double_bits(b) & 0xfffffffff8000000), bl = b - bh;
        return ((ah * bh - p) + ah * bl + al * bh) + al * bl;
    #endif
    }
    """
    const bint HAS_FMA
    float product_low_float(float a, float b, float p) nogil
    double product_low(double a, double b, double p) nogil
    float fma_float(float a, float b, float c) nogil
    double fma_double(double a, double b, double c) nogil
    uint32_t float_bits(float x) nogil
    float float_from(uint32_t u) nogil
    uint64_t double_bits(double x) nogil
    double double_from(uint64_t u) nogil
    float copysignf "__builtin_copysignf" (float x, float sign) nogil
    double copysign "__builtin_copysign" (double x, double sign) nogil
    float fabsf "__builtin_fabsf" (float x) nogil
    double fabs "__builtin_fabs" (double x) nogil


cdef inline real_t fma_(real_t a, real_t b, real_t c) noexcept nogil:
    """a*b + c"""
    if real_t is float:
        return fma_float(a, b, c)
    else:
        return fma_double(a, b, c)


cdef inline real_t abs_(real_t x) noexcept nogil:
    if real_t is float:
        return fabsf(x)
    else:
        return fabs(x)


cdef inline real_t with_sign_of(real_t x, real_t size) noexcept nogil:
    """size >= 0 with the sign of x; -0.0 counts as negative."""
    if real_t is float:
        return copysignf(size, x)
    else:
        return copysign(size, x)


cdef inline real_t clamped(real_t x, real_t low, real_t high) noexcept nogil:
    """x between low and high; NaN stays NaN."""
    x = high if x > high else x
    return low if x < low else x


# ---- exp: x = n ln 2 + r, |r| <= ln 2 / 2;  e^x = 2^n e^r --------------------------

cdef inline real_t exp_magic(real_t x) noexcept nogil:
    """1.5 * 2**23 + 127, or 1.5 * 2**52 + 1023; adding it rounds to a whole number.

    The last bits are then n + bias, the exponent bits of 2**n.
    """
    if real_t is float:
        return 12583039.0
    else:
        return 6755399441056767.0


cdef inline real_t exp_reduced(real_t x, real_t* r) noexcept nogil:
    """Returns n + exp_magic and writes r = x - n ln 2, n the whole number nearest."""
    cdef real_t magic = exp_magic(x), log2e = 1.4426950408889634, n, t
    cdef real_t ln2_high, ln2_low
    if real_t is float:
        ln2_high = 0.693359375  # so few bits that n * ln2_high is exact
        ln2_low = -2.1219444005469058e-4
    else:
        ln2_high = 6.93147180369123816490e-01
        ln2_low = 1.90821492927058770002e-10
    t = fma_(x, log2e, magic)
    n = t - magic
    r[0] = fma_(-n, ln2_low, fma_(-n, ln2_high, x))
    return t


cdef inline real_t expm1_poly(real_t r) noexcept nogil:
    """e^r - 1 for |r| <= 0.35, as r + r^2 q(r)."""
    cdef real_t q, odd, z
    if real_t is float:
        q = 0.000198458612
        q = fma_float(q, r, 0.00139406242)
        q = fma_float(q, r, 0.00833338965)
        q = fma_float(q, r, 0.0416663624)
        q = fma_float(q, r, 0.166666657)
        q = fma_float(q, r, 0.5)
    else:
        # two chains half as long: a single neuron waits for exponentials, not in line
        # for the arithmetic
        z = r * r
        q = fma_double(2.7620088445409746e-07, z, 2.4801521295954376e-05)
        q = fma_double(q, z, 0.0013888888917213717)
        q = fma_double(q, z, 0.041666666666624129)
        q = fma_double(q, z, 0.5)
        odd = fma_double(2.510038549551032e-08, z, 2.7557268459997064e-06)
        odd = fma_double(odd, z, 0.00019841269863053618)
        odd = fma_double(odd, z, 0.0083333333333300615)
        odd = fma_double(odd, z, 0.16666666666666669)
        q = fma_double(odd, r, q)
    return fma_(r * r, q, r)


cdef inline real_t pow2(real_t t) noexcept nogil:
    """2**n for t = n + exp_magic, where 2**n is a normal number."""
    if real_t is float:
        return float_from(float_bits(t) << 23)
    else:
        return double_from(double_bits(t) << 52)


cdef inline real_t scaled(real_t p, real_t t, bint ordinary) noexcept nogil:
    """p * 2**n for t = n + exp_magic, also where 2**n overflows or is subnormal.

    Two factors, 2**(n//2) and the rest: both normal, so only the last product rounds.
    """
    cdef uint32_t u
    cdef uint64_t v
    if ordinary:
        return p * pow2(t)
    if real_t is float:
        u = float_bits(t) + 127
        return p * float_from((u >> 1) << 23) * float_from((u - (u >> 1)) << 23)
    else:
        v = double_bits(t) + 1023
        return p * double_from((v >> 1) << 52) * double_from((v - (v >> 1)) << 52)


cdef inline real_t exp_clamped(real_t x, bint ordinary) noexcept nogil:
    """x, kept where e^x, and x e^x, are neither surely 0 nor surely infinite."""
    if ordinary:
        return x
    if real_t is float:
        return clamped[float](x, -114.0, 89.0)
    else:
        return clamped[double](x, -780.0, 710.0)


cdef inline real_t exp_(real_t x, bint ordinary) noexcept nogil:
    """e^x, subnormal results included; ordinary: |x| at most 87, or 708."""
    cdef real_t r, one = 1.0
    cdef real_t t = exp_reduced(exp_clamped(x, ordinary), &r)
    r = expm1_poly(r)
    return fma_(pow2(t), r, pow2(t)) if ordinary else scaled(one + r, t, False)


cdef inline real_t expm1_(real_t x) noexcept nogil:
    """e^x - 1 for x <= 0, accurate near 0; also e^x - 1 = 2^n (e^r - 1) + (2^n - 1)."""
    cdef real_t r, t, s, one = 1.0, zero = 0.0, lowest = -40.0  # there it is -1
    t = exp_reduced(clamped(x, lowest, zero), &r)
    s = pow2(t)
    return fma_(s, expm1_poly(r), s - one)


# ---- log: x = 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2) -----------------------------

cdef inline real_t log1p_reduced(real_t f, real_t k) noexcept nogil:
    """k ln 2 + log(1 + f).

    With s = f / (2 + f):  log(1 + f) = log((1 + s) / (1 - s)) = 2s + s R(s^2), and
    2s = f - s f = f - f^2/2 + s f^2/2 leaves f itself unrounded.
    """
    cdef real_t two = 2.0, half = 0.5
    cdef real_t s = f / (two + f), z = s * s, h = half * f * f, q, ln2_high, ln2_low
    if real_t is float:
        ln2_high = 0.69313812256
        ln2_low = 9.0580006145e-06
        q = 0.233305618
        q = fma_float(q, z, 0.285508186)
        q = fma_float(q, z, 0.400001228)
        q = fma_float(q, z, 0.666666687)
    else:
        ln2_high = 6.93147180369123816490e-01
        ln2_low = 1.90821492927058770002e-10
        q = 0.14616562422104645
        q = fma_double(q, z, 0.15331712479381301)
        q = fma_double(q, z, 0.18182889399677721)
        q = fma_double(q, z, 0.22222211131028519)
        q = fma_double(q, z, 0.28571428625998557)
        q = fma_double(q, z, 0.39999999999899455)
        q = fma_double(q, z, 0.66666666666666696)
    q = fma_(k, ln2_low, s * fma_(q, z, h))
    return k * ln2_high - ((h - q) - f)


cdef inline real_t log_(real_t x, bint ordinary) noexcept nogil:
    """Natural logarithm; log(0) is -inf, of a negative number NaN.

    ordinary: x is positive, finite and not subnormal.
    """
    cdef real_t m, k, y = x, smallest, up, bias, one = 1.0, zero = 0.0
    cdef real_t inf = INFINITY, nan = NAN
    cdef uint32_t u
    cdef uint64_t v
    if real_t is float:  # the exponent of y / sqrt(1/2), and y without it
        smallest, up, bias = 1.1754943508222875e-38, 8388608.0, 127.0
        if not ordinary:
            y = x * up if x < smallest else x
        u = float_bits(y) + (0x3f800000 - 0x3f3504f3)
        k = <float> <int> (u >> 23)
        m = float_from((u & 0x007fffff) + 0x3f3504f3)
        up = 23.0
    else:
        smallest, up, bias = 2.2250738585072014e-308, 18014398509481984.0, 1023.0
        if not ordinary:
            y = x * up if x < smallest else x
        v = double_bits(y) + (0x3ff0000000000000ULL - 0x3fe6a09e667f3bcdULL)
        k = double_from((v >> 52) | 0x4330000000000000ULL) - 4503599627370496.0
        m = double_from((v & 0x000fffffffffffffULL) + 0x3fe6a09e667f3bcdULL)
        up = 54.0
    if ordinary:
        return log1p_reduced(m - one, k - bias)
    k -= bias + up if x < smallest else bias
    y = log1p_reduced(m - one, k)
    y = y if x < inf else x  # inf and NaN
    y = nan if x < zero else y
    return -inf if x == zero else y


# ---- sigmoid, tanh, softplus --------------------------------------------------------

cdef inline real_t divided_by_one_plus_exp(
    real_t y, real_t x, real_t low, bint ordinary
) noexcept nogil:
    """y / (1 + e^-(x + low)) for |low| of at most an ulp of x.

    With e^-x = s (1 + c) and s = 2^n, the divisor (1 + s) + s c is rounded once: e^-x
    itself is never rounded. Of n, what is beyond `most` is applied last, so that only a
    subnormal result is rounded like one. ordinary: |x| at most 16, or 700.
    """
    cdef real_t r, t, c, s, d, rest, most, one = 1.0
    cdef uint32_t u
    cdef uint64_t v
    t = exp_reduced(-x if ordinary else -clamped_above_exp(x), &r)
    c = expm1_poly(r - low)
    if ordinary:
        s = pow2(t)
        return y / fma_(s, c, one + s)
    if real_t is float:
        most = 12583039.0 + 120.0
    else:
        most = 6755399441056767.0 + 1000.0
    most = most if t > most else t
    s = pow2(most)
    d = one + s
    if real_t is float:
        # From n = 24 on, 1 + s is s: what it lost goes to c (2.3 ulp would become of
        # the 1.8 elsewhere). 2^-n is made of the bits of s.
        c = fma_float(one - (d - s), float_from(0x7f000000 - float_bits(s)), c)
        u = ((float_bits(most) - float_bits(t)) << 23) + 0x3f800000
        rest = float_from(u)
    else:
        v = ((double_bits(most) - double_bits(t)) << 52) + 0x3ff0000000000000ULL
        rest = double_from(v)
    return y / fma_(s, c, d) * rest


cdef inline real_t clamped_above_exp(real_t x) noexcept nogil:
    """x, kept where 1 + e^-x is neither surely 1 nor x / (1 + e^-x) surely 0."""
    if real_t is float:
        return clamped[float](x, -114.0, 87.0)
    else:
        return clamped[double](x, -780.0, 708.0)


cdef inline real_t sigmoid_(real_t x, bint ordinary) noexcept nogil:
    """1 / (1 + e^-x)"""
    cdef real_t one = 1.0, zero = 0.0
    return divided_by_one_plus_exp(one, x, zero, ordinary)


cdef inline real_t tanh_(real_t x) noexcept nogil:
    """(1 - e^-2|x|) / (1 + e^-2|x|) with the sign of x.

    With e^-2|x| = s (1 + c) and s = 2^n, numerator and divisor are rounded once. ln 2
    need not be taken away in two parts: s is small where n is large.
    """
    cdef real_t one = 1.0, two = 2.0, top = 20.0, log2e_2 = -2.8853900817779268
    cdef real_t ln2 = 0.69314718055994531, magic = exp_magic(x), t, n, c, s, size
    size = abs_(x)
    size = top if size > top else size  # there it is 1
    t = fma_(size, log2e_2, magic)
    n = t - magic
    c = expm1_poly(fma_(-n, ln2, -two * size))
    s = pow2(t)
    return with_sign_of(x, fma_(-s, c, one - s) / fma_(s, c, one + s))


cdef inline real_t log1p_unit(real_t e) noexcept nogil:
    """log(1 + e) for 0 <= e <= 1."""
    cdef real_t one = 1.0, zero = 0.0, half = 0.5, limit = 0.41421356, f, k
    k = one if e > limit else zero
    f = half * (e - one) if e > limit else e  # 1 + e = 2 (1 + f), or 1 + f
    return log1p_reduced(f, k)
