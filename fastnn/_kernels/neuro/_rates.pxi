# The rates of Hodgkin and Huxley's gates, for all kernels that have such channels.
# Twin: fastnn/reference/neuro/_rates.py
#
# Of their six exponentials, five are powers of one number, q = e^(-(V + 65) / 80): two
# are computed. There is no branch, so a loop over units becomes vector instructions.
# fma_double(a, b, c) is a b + c in one instruction, and spares a tenth of them.


cdef inline double over_one_minus_exp(double u, double e) noexcept nogil:
    """u / (1 - e^-u) for e = e^-u; for |u| < 0.01 its series, exact to 3e-17."""
    cdef double z = u * u
    cdef bint far = z > 1e-4
    cdef double below = 1.0 - e if far else 1.0
    cdef double quotient = u / below
    cdef double even = fma_double(z, -1.0 / 720.0, 1.0 / 12.0)
    cdef double series = fma_double(z, even, fma_double(u, 0.5, 1.0))
    return quotient if far else series


cdef inline void gate_rates(
    double V, bint ordinary, double* a_m, double* b_m, double* a_h, double* b_h,
    double* a_n, double* b_n,
) noexcept nogil:
    """The rates of m, h and n in 1/ms at 6.3 degrees; ordinary: |V| at most 5000 mV."""
    cdef double q = exp_((V + 65.0) * (-1.0 / 80.0), ordinary)
    cdef double q4 = (q * q) * (q * q)  # e^(-(V + 65) / 20)
    cdef double q8 = q4 * q4  # e^(-(V + 65) / 10); e^2.5, e^3 and e shift it
    a_m[0] = over_one_minus_exp((V + 40.0) * 0.1, q8 * 12.182493960703473)
    b_m[0] = 4.0 * exp_((V + 65.0) * (-1.0 / 18.0), ordinary)
    a_h[0] = 0.07 * q4
    b_h[0] = 1.0 / (1.0 + q8 * 20.085536923187668)
    a_n[0] = 0.1 * over_one_minus_exp((V + 55.0) * 0.1, q8 * 2.718281828459045)
    b_n[0] = 0.125 * q
