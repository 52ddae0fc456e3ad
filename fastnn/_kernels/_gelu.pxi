# gelu, gelu_tanh, silu and their slopes: x times a sigmoid. See _math.pxi for the rules.

# ---- float in double: float results of functions that multiply several factors are
# ---- computed in double with short polynomials, and rounded once

cdef inline double exp_wide(double x) noexcept nogil:
    """e^x to 30 bits; x is kept within +-150, beyond which a float is 0 or infinite."""
    cdef double magic = exp_magic[double](x), log2e = 1.4426950408889634, t, f, q
    x = clamped[double](x, -150.0, 150.0)
    t = fma_double(x, log2e, magic)
    f = fma_double(x, log2e, magic - t)  # 2^f, |f| <= 1/2
    q = 1.5297323760701075e-05
    q = fma_double(q, f, 0.00015461444698569129)
    q = fma_double(q, f, 0.001333350238616277)
    q = fma_double(q, f, 0.0096180566785246373)
    q = fma_double(q, f, 0.055504108839096185)
    q = fma_double(q, f, 0.24022650922288757)
    q = fma_double(q, f, 0.69314718055994529)
    return pow2(t) * fma_double(q, f, 1.0)


cdef inline double sigmoid_wide(double x) noexcept nogil:
    return 1.0 / (1.0 + exp_wide(-x))


# ---- gelu: the normal distribution's Phi(-t) = e^(-t^2/2) W(t), t >= 0 --------------
# W (Mills' ratio over sqrt(2 pi)) falls slowly from 1/2 to 1 / (t sqrt(2 pi)), and
# (t + b) W(t) is a short polynomial in v = (t - c) / (t + c) (Shepherd, Laframboise 1981).

cdef inline double mills_wide(double t) noexcept nogil:
    """W(t) to 29 bits for 0 <= t <= 15."""
    cdef double w = 1.0 / (t + 3.0), v = fma_double(w, -6.0, 1.0), q
    q = 5.5491871716794676e-05
    q = fma_double(q, v, 0.00013332395420363602)
    q = fma_double(q, v, -0.0002447093207917761)
    q = fma_double(q, v, -0.0010344765508861836)
    q = fma_double(q, v, 0.0010241573243785498)
    q = fma_double(q, v, 0.006969920150912792)
    q = fma_double(q, v, -0.01046228896653126)
    q = fma_double(q, v, -0.04726276192117602)
    q = fma_double(q, v, 0.2300176766741665)
    q = fma_double(q, v, -0.5093319888345391)
    q = fma_double(q, v, 0.7290836907139794)
    return q * w


cdef inline double mills(double t, double* low) noexcept nogil:
    """W(t) for 0 <= t <= 40, rounded, and in `low` the rest of the quotient.

    (t + 1.25) W(t) hardly varies near 0, so the rounding of v does not matter there.
    Even and odd powers of v are added apart: two shorter chains.
    """
    cdef double v = (t - 5.0) / (t + 5.0), vv = v * v, even, odd
    cdef double d = t + 1.25, inverse = 1.0 / d, q, w, p, d_low
    even = 7.137762074438305e-10
    odd = 3.894858475240368e-09
    even = fma_double(even, vv, 8.097067334605887e-10)
    odd = fma_double(odd, vv, -3.066249284741659e-08)
    even = fma_double(even, vv, -2.4707121716163746e-08)
    odd = fma_double(odd, vv, 1.891693708268791e-07)
    even = fma_double(even, vv, 1.4399087816084996e-07)
    odd = fma_double(odd, vv, -1.249171869902783e-06)
    even = fma_double(even, vv, -2.3772622585489798e-07)
    odd = fma_double(odd, vv, 8.743686818051555e-06)
    even = fma_double(even, vv, -8.235363731386127e-06)
    odd = fma_double(odd, vv, -5.336771165286394e-05)
    even = fma_double(even, vv, 0.00016722733185748712)
    odd = fma_double(odd, vv, 4.136090204845539e-05)
    even = fma_double(even, vv, -0.001621184664451613)
    odd = fma_double(odd, vv, 0.005927289567072759)
    even = fma_double(even, vv, -0.012922572764837924)
    odd = fma_double(odd, vv, 0.018683488122536642)
    even = fma_double(even, vv, -0.014437204895252478)
    odd = fma_double(odd, vv, -0.010218616930826771)
    even = fma_double(even, vv, 0.060047571397464056)
    odd = fma_double(odd, vv, -0.1274166706500118)
    even = fma_double(even, vv, 0.48074565609378933)
    q = fma_double(odd, v, even)
    w = q * inverse
    p = w * d
    d_low = (t - (d - 1.25)) if t < 1.25 else (1.25 - (d - t))
    low[0] = ((q - p) - product_low(w, d, p) - w * d_low) * inverse
    return w


cdef inline double gauss(double t, double* c) noexcept nogil:
    """e^(-t^2/2) = (1 + c) 2^n for 0 <= t <= 40; returns n + exp_magic.

    What t * t loses to rounding would be t^2 / 2 ulp of the result: it is added to r.
    """
    cdef double r, tt = t * t, n
    n = exp_reduced[double](-0.5 * tt, &r)
    c[0] = expm1_poly(r - 0.5 * product_low(t, t, tt))
    return n


cdef inline real_t gelu_(real_t x) noexcept nogil:
    """x Phi(x), with its relative accuracy down to the last subnormal."""
    cdef double z = x, t, n, c, w, low, above
    if real_t is float:
        z = -15.0 if z < -15.0 else z  # there the result is -0.0
        t = abs_(z)
        t = 15.0 if t > 15.0 else t
        w = mills_wide(t) * exp_wide(-0.5 * t * t)  # Phi(-t)
        return <float> (z * (w if z < 0.0 else 1.0 - w))
    else:
        z = -40.0 if z < -40.0 else z
        t = abs_(z)
        t = 40.0 if t > 40.0 else t
        n = gauss(t, &c)
        w = mills(t, &low)
        w += fma_double(w, c, low)  # Phi(-t) / 2^n
        above = z * (1.0 - scaled(w, n))
        return scaled(z * w, n) if z < 0.0 else above


cdef inline real_t gelu_slope(real_t x) noexcept nogil:
    """gelu'(x) = Phi(x) + x e^(-x^2/2) / sqrt(2 pi)"""
    cdef double z = x, t, n, c, w, low, above, root = 0.3989422804014327
    if real_t is float:
        z = clamped[double](z, -15.0, 15.0)
        t = abs_(z)
        c = exp_wide(-0.5 * t * t)
        w = c * mills_wide(t)
        return <float> ((w if z < 0.0 else 1.0 - w) + z * c * root)
    else:
        z = clamped[double](z, -40.0, 40.0)
        t = abs_(z)
        n = gauss(t, &c)
        w = mills(t, &low)
        w += fma_double(w, c, low)
        t = z * (1.0 + c) * root
        above = (1.0 - scaled(w, n)) + scaled(t, n)
        return scaled(w + t, n) if z < 0.0 else above


# ---- gelu_tanh: x sigmoid(u), u = 2 sqrt(2/pi) (x + 0.044715 x^3) -------------------

cdef inline double gelu_tanh_argument(double x, double* low) noexcept nogil:
    """u = x (c + d x^2) for |x| <= 25, and in `low` what it lost to rounding.

    An error of one ulp in u would be |u| ulp in e^u.
    """
    cdef double c = 1.5957691216057308, c_low = -9.96930880911092e-17
    cdef double d = 0.07135481627260025, d_low = -6.175149918155315e-19
    cdef double s = x * x, m = d * s, w = c + m, u = x * w, v = w - c
    cdef double m_low = product_low(d, s, m) + d * product_low(x, x, s) + d_low * s
    cdef double w_low = (c - (w - v)) + (m - v) + (m_low + c_low)
    low[0] = product_low(x, w, u) + x * w_low
    return u


cdef inline real_t gelu_tanh_(real_t x) noexcept nogil:
    """x / (1 + e^-u)"""
    cdef real_t high, top = 25.0, bottom = -25.0, y
    cdef double z = clamped(x, bottom, top), u, low  # beyond, sigmoid(u) is 0 or 1
    if real_t is float:
        u = z * fma_double(z * z, 0.07135481627260025, 1.5957691216057308)
        high = <float> u
        low = u - <double> high
    else:
        high = gelu_tanh_argument(z, &low)
    y = times_sigmoid(<real_t> z, high, <real_t> low)
    return x if x > top else y


cdef inline real_t gelu_tanh_slope(real_t x) noexcept nogil:
    """s (1 + x (1 - s) u'), s = sigmoid(u), u' = 2 sqrt(2/pi) (1 + 3 * 0.044715 x^2)

    1 - s is sigmoid(-u): the difference would lose its digits where s is nearly 1.
    """
    cdef double z = clamped[double](x, -25.0, 25.0), u, du, s, rest, low
    du = fma_double(z * z, 0.21406444881780075, 1.5957691216057308)
    if real_t is float:
        u = z * fma_double(z * z, 0.07135481627260025, 1.5957691216057308)
        s = sigmoid_wide(u)
        rest = 1.0 - s  # enough digits for a float
    else:
        u = gelu_tanh_argument(z, &low)
        s = times_sigmoid[double](1.0, u, low)
        rest = times_sigmoid[double](1.0, -u, -low)
    return <real_t> (s * (1.0 + z * rest * du))


# ---- silu: x sigmoid(x) -------------------------------------------------------------

cdef inline real_t silu_(real_t x) noexcept nogil:
    """x / (1 + e^-x); -0.0 at -inf."""
    cdef real_t top = 760.0, bottom = -760.0, z, zero = 0.0  # sigmoid is 0 or 1 there
    z = clamped(x, bottom, top)
    z = times_sigmoid(z, z, zero)
    return x if x > top else z


cdef inline real_t silu_slope(real_t x) noexcept nogil:
    """s (1 + x (1 - s)), s = sigmoid(x), 1 - s = sigmoid(-x)"""
    cdef double z, s, rest
    if real_t is float:
        z = clamped[double](x, -110.0, 110.0)
        s = sigmoid_wide(z)
        rest = 1.0 - s
    else:
        z = clamped[double](x, -760.0, 760.0)
        s = sigmoid_(z)
        rest = sigmoid_(-z)
    return <real_t> (s * (1.0 + z * rest))
