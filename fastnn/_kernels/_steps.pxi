# The loops of the optimizers' steps, for optimizers.pyx and _update.pxi.
#
# Everything that is the same for all elements (1 - beta, bias corrections, step size)
# is computed in double and rounded once: 1 - beta2 in float32 is off by 1e-5.

from libc.math cimport pow, sqrt, sqrtf

cdef enum:
    SUM_BLOCK = 4096  # elements that sum_of_squares adds before it goes on
    SUM_LANES = 16
    SETTLE_EVERY = 16  # steps of Adam: at every step it would cost a fifth of the time
    LONG = 1024  # elements from which on it pays to begin at a cache line


cdef inline real_t square_root(real_t x) noexcept nogil:
    return sqrtf(x) if real_t is float else sqrt(x)


cdef inline real_t settled(real_t x) noexcept nogil:
    """x, or 0 where |x| is below the smallest normal number; NaN stays NaN.

    Without gradient an average decays, and would stay for good where 0.9 x rounds to x
    again, among the subnormal numbers, where a step takes up to 3 times as long.
    """
    cdef real_t zero = 0.0, smallest
    if real_t is float:
        smallest = 1.1754943508222875e-38
    else:
        smallest = 2.2250738585072014e-308
    return zero if abs_(x) < smallest else x


cdef inline Py_ssize_t before_a_line(const real_t* x, Py_ssize_t n) noexcept nogil:
    """Elements of a long array that lie before its first whole cache line.

    NumPy's large arrays all begin 16 bytes into a line, and each register of 64 bytes
    would straddle two. Up to there alone, then on: 1.3-1.6 times as fast for 1,000,000
    parameters with AVX-512. Training's own arrays begin at lines.
    """
    cdef Py_ssize_t first = -(<Py_ssize_t> x) & 63
    return first // <Py_ssize_t> sizeof(real_t) if n >= LONG else 0


cdef void sgd_step(
    real_t* param, const real_t* grad, real_t* velocity, Py_ssize_t n,
    double learning_rate, double momentum, bint nesterov, double weight_decay,
    double grad_scale,
) noexcept nogil:
    """velocity may be NULL where momentum is 0."""
    cdef real_t step = <real_t> learning_rate, mu = <real_t> momentum
    cdef real_t decay = <real_t> weight_decay, scale = <real_t> grad_scale
    cdef real_t g, v
    cdef Py_ssize_t i, first = before_a_line(param, n)
    if first > 0:
        sgd_step(param, grad, velocity, first, learning_rate, momentum, nesterov,
                 weight_decay, grad_scale)
        sgd_step(param + first, grad + first,
                 NULL if velocity == NULL else velocity + first, n - first,
                 learning_rate, momentum, nesterov, weight_decay, grad_scale)
        return
    if velocity == NULL:
        for i in range(n):
            param[i] -= step * (grad[i] * scale + decay * param[i])
    elif nesterov:
        for i in range(n):
            g = grad[i] * scale + decay * param[i]
            v = settled(mu * velocity[i] + g)
            velocity[i] = v
            param[i] -= step * (g + mu * v)
    else:
        for i in range(n):
            g = grad[i] * scale + decay * param[i]
            v = settled(mu * velocity[i] + g)
            velocity[i] = v
            param[i] -= step * v


cdef void adagrad_step(
    real_t* param, const real_t* grad, real_t* square_sum, Py_ssize_t n,
    double learning_rate, double eps, double weight_decay, double grad_scale,
) noexcept nogil:
    cdef real_t step = <real_t> learning_rate, small = <real_t> eps
    cdef real_t decay = <real_t> weight_decay, scale = <real_t> grad_scale
    cdef real_t g, s
    cdef Py_ssize_t i, first = before_a_line(param, n)
    if first > 0:
        adagrad_step(param, grad, square_sum, first, learning_rate, eps, weight_decay,
                     grad_scale)
        adagrad_step(param + first, grad + first, square_sum + first, n - first,
                     learning_rate, eps, weight_decay, grad_scale)
        return
    for i in range(n):
        g = grad[i] * scale + decay * param[i]
        s = square_sum[i] + g * g
        square_sum[i] = s
        param[i] -= step * g / (square_root(s) + small)


cdef void rmsprop_step(
    real_t* param, const real_t* grad, real_t* square_average, Py_ssize_t n,
    double learning_rate, double alpha, double eps, double weight_decay,
    double grad_scale,
) noexcept nogil:
    cdef real_t step = <real_t> learning_rate, small = <real_t> eps
    cdef real_t keep = <real_t> alpha, take = <real_t> (1.0 - alpha)
    cdef real_t decay = <real_t> weight_decay, scale = <real_t> grad_scale
    cdef real_t g, s
    cdef Py_ssize_t i, first = before_a_line(param, n)
    if first > 0:
        rmsprop_step(param, grad, square_average, first, learning_rate, alpha, eps,
                     weight_decay, grad_scale)
        rmsprop_step(param + first, grad + first, square_average + first, n - first,
                     learning_rate, alpha, eps, weight_decay, grad_scale)
        return
    for i in range(n):
        g = grad[i] * scale + decay * param[i]
        s = settled(keep * square_average[i] + take * g * g)
        square_average[i] = s
        param[i] -= step * g / (square_root(s) + small)


cdef struct AdamRates:  # the bias corrections, pulled out of the loop
    double rate, eps
    bint settle  # whether this step ends with m and v settled


cdef inline AdamRates adam_rates(
    int64_t step, double learning_rate, double beta1, double beta2, double eps
) noexcept nogil:
    """learning_rate m_hat / (sqrt(v_hat) + eps) = rates.rate m / (sqrt(v) + rates.eps).

    step counts from 1.
    """
    cdef AdamRates rates
    cdef double bias = sqrt(1.0 - pow(beta2, <double> step))
    rates.rate = learning_rate * bias / (1.0 - pow(beta1, <double> step))
    rates.eps = eps * bias
    rates.settle = step % SETTLE_EVERY == 0
    return rates


cdef inline void adam_loop(
    real_t* param, const real_t* grad, real_t* m, real_t* v, Py_ssize_t n,
    AdamRates rates, real_t keep1, real_t take1, real_t keep2, real_t take2,
    real_t scale, real_t decay, real_t shrink,
    const bint scales, const bint decays, const bint shrinks,
) noexcept nogil:
    """The loop for one of the ways to call Adam: constants where this is inlined.

    The products that it leaves out are those by 1. Root and division take 16 cycles of
    a vector; with 10 products beside them, which wait for the same unit, 26, with 6, 18.
    """
    cdef real_t rate = <real_t> rates.rate, eps = <real_t> rates.eps
    cdef real_t p, g, m_new, v_new
    cdef Py_ssize_t i
    for i in range(n):
        p = param[i]
        g = grad[i]
        if scales:
            g = g * scale
        if decays:
            g = g + decay * p
        m_new = keep1 * m[i] + take1 * g
        v_new = keep2 * v[i] + take2 * g * g
        m[i] = m_new
        v[i] = v_new
        if shrinks:
            p = p * shrink
        param[i] = p - rate * m_new / (square_root(v_new) + eps)


cdef void adam_step(
    real_t* param, const real_t* grad, real_t* m, real_t* v, Py_ssize_t n,
    AdamRates rates, double learning_rate, double beta1, double beta2,
    double weight_decay, double grad_scale, bint decoupled,
) noexcept nogil:
    """Adam, or AdamW where decoupled."""
    cdef real_t keep1 = <real_t> beta1, take1 = <real_t> (1.0 - beta1)
    cdef real_t keep2 = <real_t> beta2, take2 = <real_t> (1.0 - beta2)
    cdef real_t scale = <real_t> grad_scale, decay = <real_t> weight_decay
    cdef real_t shrink = <real_t> (1.0 - learning_rate * weight_decay)
    cdef Py_ssize_t i, first = before_a_line(param, n)
    if first > 0:
        adam_step(param, grad, m, v, first, rates, learning_rate, beta1, beta2,
                  weight_decay, grad_scale, decoupled)
        adam_step(param + first, grad + first, m + first, v + first, n - first, rates,
                  learning_rate, beta1, beta2, weight_decay, grad_scale, decoupled)
        return
    if weight_decay != 0.0 and decoupled:
        adam_loop(param, grad, m, v, n, rates, keep1, take1, keep2, take2,
                  scale, decay, shrink, True, False, True)
    elif weight_decay != 0.0:
        adam_loop(param, grad, m, v, n, rates, keep1, take1, keep2, take2,
                  scale, decay, shrink, True, True, False)
    elif grad_scale != 1.0:
        adam_loop(param, grad, m, v, n, rates, keep1, take1, keep2, take2,
                  scale, decay, shrink, True, False, False)
    else:
        adam_loop(param, grad, m, v, n, rates, keep1, take1, keep2, take2,
                  scale, decay, shrink, False, False, False)
    if rates.settle:
        for i in range(n):
            m[i] = settled(m[i])
            v[i] = settled(v[i])


cdef inline void add_squares(
    double* lanes, const real_t* x, Py_ssize_t n
) noexcept nogil:
    """lanes[i % SUM_LANES] += x[i]^2, in double and in the order of i."""
    cdef double sums[SUM_LANES]
    cdef Py_ssize_t i, lane, whole = n - n % SUM_LANES
    for lane in range(SUM_LANES):
        sums[lane] = lanes[lane]
    for i in range(0, whole, 16):
        for lane in range(SUM_LANES):
            sums[lane] += <double> x[i + lane] * <double> x[i + lane]
    for lane in range(SUM_LANES):
        lanes[lane] = sums[lane]
    for i in range(whole, n):
        lanes[i - whole] += <double> x[i] * <double> x[i]


cdef inline double sum_of_lanes(const double* lanes) noexcept nogil:
    cdef double total = 0.0
    cdef Py_ssize_t lane
    for lane in range(SUM_LANES):
        total += lanes[lane]
    return total


cdef double block_sum_of_squares(const real_t* x, Py_ssize_t n) noexcept nogil:
    """Sum of x^2 over one block of at most SUM_BLOCK elements, in double.

    Sixteen running sums side by side, added in order at the end: the same order, so the
    same bits, on every CPU and however the blocks are shared out to threads.
    """
    cdef double[SUM_LANES] lanes
    memset(lanes, 0, sizeof(lanes))
    add_squares(lanes, x, n)
    return sum_of_lanes(lanes)


cdef double total_sum_of_squares(const real_t* x, Py_ssize_t n) noexcept nogil:
    """The blocks' sums, added in order."""
    cdef double total = 0.0
    cdef Py_ssize_t start = 0
    while start < n:
        total += block_sum_of_squares(x + start, min(SUM_BLOCK, n - start))
        start += SUM_BLOCK
    return total
