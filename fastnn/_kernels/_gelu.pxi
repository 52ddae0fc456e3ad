# gelu, gelu_tanh, silu and their slopes: x times a sigmoid. Rules: see _math.pxi.

# ---- gelu in float32 without FMA: in double with short polynomials, and rounded once

cdef inline double exp2_wide(double x) noexcept nogil:
    """2^x to 29 bits for |x| <= 220."""
    cdef double magic = 6755399441055744.0, t, f, q  # 1.5 * 2**52
    t = x + magic
    f = x - (t - magic)
    q = 0.0001534567426004234
    q = fma_double(q, f, 0.0013400062950167505)
    q = fma_double(q, f, 0.0096184904840613014)
    q = fma_double(q, f, 0.055503284522051985)
    q = fma_double(q, f, 0.24022646866989032)
    q = fma_double(q, f, 0.69314720588586083)
    q = fma_double(q, f, 1.0000000005586812)
    return double_from(double_bits(q) + (double_bits(t) << 52))


cdef inline double within(double x, double limit, bint ordinary) noexcept nogil:
    """x, kept within +-limit; ordinary: it is there already."""
    return x if ordinary else clamped(x, -limit, limit)


# ---- gelu: the normal distribution's Phi(-t) = e^(-t^2/2) W(t), t >= 0 --------------
# W (Mills' ratio over sqrt(2 pi)) falls slowly from 1/2 to 1 / (t sqrt(2 pi)), and
# (t + b) W(t) is a short polynomial in v = (t - c) / (t + c) (Shepherd and
# Laframboise, 1981).

cdef inline double mills_wide(double t) noexcept nogil:
    """W(t) to 25 bits for 0 <= t <= 15."""
    cdef double w = 1.0 / (t + 3.0), v = fma_double(w, -6.0, 1.0), q
    q = 5.2399601624348455e-05
    q = fma_double(q, v, -0.00020296727286657238)
    q = fma_double(q, v, -0.00094682869270097667)
    q = fma_double(q, v, 0.0010163922442887339)
    q = fma_double(q, v, 0.0069373308082083665)
    q = fma_double(q, v, -0.010462258852394442)
    q = fma_double(q, v, -0.047258154285595737)
    q = fma_double(q, v, 0.2300176932546465)
    q = fma_double(q, v, -0.50933216642688803)
    q = fma_double(q, v, 0.72908369168946554)
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


cdef inline float gauss_float(float t, float* c) noexcept nogil:
    """The same in float32, for 0 <= t <= 15."""
    cdef float r, half = -0.5, product = half * t * t, n
    n = exp_reduced[float](product, &r)
    c[0] = expm1_poly[float](r + product_low_float(half * t, t, product))
    return n


cdef inline float mills_excess(float t) noexcept nogil:
    """a of W(t) = (1 + a) / (2 t + 2.5), |a| <= 0.26, for 0 <= t <= 15.

    Even and odd powers of v apart: a tenth of gelu's time less than one long chain.
    """
    cdef float one = 1.0, c = 3.0, v = fma_float(-2.0 * c, one / (t + c), one)
    cdef float vv = v * v, even = 9.08159077e-05, odd = 4.44958942e-05
    even = fma_float(even, vv, -0.000886144586)
    odd = fma_float(odd, vv, -0.000847366222)
    even = fma_float(even, vv, 0.00549448628)
    odd = fma_float(odd, vv, 0.00376256691)
    even = fma_float(even, vv, -0.0423882644)
    odd = fma_float(odd, vv, 0.0672224922)
    even = fma_float(even, vv, 0.0287478702)
    odd = fma_float(odd, vv, -0.296254867)
    return fma_float(fma_float(even, v, odd), v, 0.0328685635)


cdef inline float gelu_float(float x, bint ordinary) noexcept nogil:
    """x Phi(x) in float32 alone, half of the time that doubles take; needs FMA.

    t Phi(-t) = 2^(n-1) y (1 + a) (1 + c) with y = t / (t + 1.25). All that y lost to
    rounding is added again at the end (`low`), a and c are small: 1.9 ulp.
    """
    cdef float half = 0.5, one = 1.0, b = 1.25, top = 15.0, minus_zero = -0.0
    cdef float t = abs_(x), n, c, d, w, y, low, a
    if not ordinary:
        t = top if t > top else t  # there the result is -0.0, or x
    n = gauss_float(t, &c)
    d = t + b
    w = one / d
    y = t * w
    low = w * fma_float(-y, t - (d - b), fma_float(-y, d, t))
    a = mills_excess(t)
    a = fma_float(a, c, a) + c
    y += fma_float(y, a, fma_float(low, a, low))
    return (minus_zero if x < 0 else x) - scaled(half * y, n, ordinary)


cdef inline real_t gelu_(real_t x, bint ordinary) noexcept nogil:
    """x Phi(x), with its relative accuracy down to the last subnormal."""
    cdef double z = x, t, n, c, w, low, above
    if real_t is float:
        if HAS_FMA:
            return gelu_float(x, ordinary)
        if not ordinary:
            z = -15.0 if z < -15.0 else z  # there the result is -0.0
        t = abs_(within(z, 15.0, ordinary))
        w = mills_wide(t) * exp2_wide(t * t * -0.72134752044448169)  # Phi(-t)
        above = 0.0 if z < 0.0 else z
        return <float> fma_double(-t, w, above)
    else:
        if not ordinary:
            z = -40.0 if z < -40.0 else z
        t = abs_(within(z, 40.0, ordinary))
        n = gauss(t, &c)
        w = mills(t, &low)
        w += fma_double(w, c, low)  # Phi(-t) / 2^n
        above = z * (1.0 - scaled(w, n, ordinary))
        return scaled(z * w, n, ordinary) if z < 0.0 else above


cdef inline float gelu_slope_float(float x, bint ordinary) noexcept nogil:
    """The terms of gelu'(x), each to a few ulp, in float32."""
    cdef float z = x, one = 1.0, root = 0.3989422804014327, top = 15.0
    cdef float t, n, c, e, w
    if not ordinary:
        z = clamped(x, -top, top)
    t = abs_(z)
    n = gauss_float(t, &c)
    e = scaled(one + c, n, ordinary)  # e^(-t^2/2)
    w = e * (one + mills_excess(t)) / fma_float(t, 2.0, 2.5)
    return fma_float(z * root, e, w if z < 0 else one - w)


cdef inline real_t gelu_slope(real_t x, bint ordinary) noexcept nogil:
    """gelu'(x) = Phi(x) + x e^(-x^2/2) / sqrt(2 pi)"""
    cdef double z, t, n, c, w, low, above, root = 0.3989422804014327
    if real_t is float:
        return gelu_slope_float(x, ordinary)
    else:
        z = within(x, 40.0, ordinary)
        t = abs_(z)
        n = gauss(t, &c)
        w = mills(t, &low)
        w += fma_double(w, c, low)
        t = z * (1.0 + c) * root
        above = (1.0 - scaled(w, n, ordinary)) + scaled(t, n, ordinary)
        return scaled(w + t, n, ordinary) if z < 0.0 else above


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


cdef inline real_t gelu_tanh_(real_t x, bint ordinary) noexcept nogil:
    """x / (1 + e^-u); ordinary: |u| is so for a sigmoid."""
    cdef real_t high, top = 25.0
    cdef double z = within(x, 25.0, ordinary), u, low  # beyond, sigmoid(u) is 0 or 1
    if real_t is float:
        u = z * fma_double(z * z, 0.07135481627260025, 1.5957691216057308)
        high = <float> u
        low = u - <double> high
    else:
        high = gelu_tanh_argument(z, &low)
    high = divided_by_one_plus_exp(<real_t> z, high, <real_t> low, ordinary)
    return high if ordinary else (x if x > top else high)


# ---- slopes of x sigmoid(u): s (1 + x (1 - s) u') -----------------------------------
# 1 - s is sigmoid(-u): the difference would lose its digits where s is nearly 1.

cdef inline real_t sigmoid_slope(
    real_t u, real_t low, real_t x_du, bint ordinary
) noexcept nogil:
    """s (1 + x_du (1 - s)) for any u, of which `low` is the rest (0 in float32).

    With e = e^-u, s = 1 / (1 + e) and 1 - s = e s. Below `lowest`, e would overflow:
    there the slope falls like e^u.
    """
    cdef real_t one = 1.0, lowest = -700.0, v = u, e, s, slope
    if not ordinary:
        if real_t is float:
            lowest = -87.0
        v = lowest if u < lowest else u
    e = exp_(-v, ordinary)
    if real_t is double:
        e = fma_(e, -low, e)
    s = one / (one + e)
    slope = s * fma_(x_du, s * e, one)
    return slope if ordinary else slope * exp_(u - v, False)


cdef inline real_t gelu_tanh_slope(real_t x, bint ordinary) noexcept nogil:
    """s (1 + x (1 - s) u'), s = sigmoid(u), u' = 2 sqrt(2/pi) (1 + 3 * 0.044715 x^2)"""
    cdef real_t z = x, zz, u, du, low = 0.0, top = 25.0
    cdef real_t c = 1.5957691216057308, d = 0.07135481627260025
    cdef real_t d3 = 0.21406444881780075  # 3 d
    cdef double w
    if not ordinary:
        z = clamped(x, -top, top)
    zz = z * z
    du = fma_(zz, d3, c)
    if real_t is float:
        u = z * fma_(zz, d, c)
    else:
        u = gelu_tanh_argument(z, &w)
        low = w
    return sigmoid_slope(u, low, z * du, ordinary)


# ---- silu: x sigmoid(x) -------------------------------------------------------------

cdef inline real_t silu_(real_t x, bint ordinary) noexcept nogil:
    """x / (1 + e^-x); -0.0 at -inf."""
    cdef real_t zero = 0.0, y = x, lowest = -780.0
    if not ordinary:
        if real_t is float:
            lowest = -114.0
        y = lowest if x < lowest else x
    return divided_by_one_plus_exp(y, x, zero, ordinary)


cdef inline real_t silu_slope(real_t x, bint ordinary) noexcept nogil:
    """s (1 + x (1 - s)), s = sigmoid(x), 1 - s = sigmoid(-x)"""
    cdef real_t z = x, zero = 0.0, top = 760.0
    if not ordinary:
        if real_t is float:
            top = 110.0
        z = clamped(x, -top, top)
    return sigmoid_slope(z, zero, z, ordinary)
