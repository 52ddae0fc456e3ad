# Optimizers: one step each, in one pass over the parameters, in place.
# Twin: fastnn/reference/optimizers.py

include "_steps.pxi"


def sgd_update(
    ndarray param not None, ndarray grad not None, ndarray velocity,
    double learning_rate, double momentum, bint nesterov, double weight_decay,
    double grad_scale,
):
    """Stochastic gradient descent, plain, with momentum or with Nesterov's momentum.

    g = grad * grad_scale + weight_decay * param
    velocity = momentum * velocity + g
    param = param - learning_rate * (g + momentum * velocity if nesterov else velocity)
    (Robbins and Monro, 1951; Polyak, 1964; Nesterov, 1983; as in PyTorch)
    grad (n,): read. param, velocity (n,): updated in place; velocity may be None where
    momentum is 0, and starts as zeros; it decays to 0 instead of lingering among the
    subnormal numbers, where CPUs are slow. Derivation: docs/derivations/optimizers.md
    """
    cdef Py_ssize_t n = PyArray_SIZE(param)
    cdef void* p = data(param)
    cdef void* g = data(grad)
    cdef void* s = data(velocity)
    if is_float32(param):
        with nogil:
            sgd_step[float](<float*> p, <const float*> g, <float*> s, n, learning_rate,
                            momentum, nesterov, weight_decay, grad_scale)
    else:
        with nogil:
            sgd_step[double](<double*> p, <const double*> g, <double*> s, n,
                             learning_rate, momentum, nesterov, weight_decay,
                             grad_scale)


def adagrad_update(
    ndarray param not None, ndarray grad not None, ndarray square_sum not None,
    double learning_rate, double eps, double weight_decay, double grad_scale,
):
    """Adagrad: steps shrink with the sum of squared gradients (Duchi et al., 2011).

    g = grad * grad_scale + weight_decay * param
    square_sum = square_sum + g^2
    param = param - learning_rate * g / (sqrt(square_sum) + eps)
    grad (n,): read. param, square_sum (n,): updated in place; square_sum starts as
    zeros. Derivation: docs/derivations/optimizers.md
    """
    cdef Py_ssize_t n = PyArray_SIZE(param)
    cdef void* p = data(param)
    cdef void* g = data(grad)
    cdef void* s = data(square_sum)
    if is_float32(param):
        with nogil:
            adagrad_step[float](<float*> p, <const float*> g, <float*> s, n,
                                learning_rate, eps, weight_decay, grad_scale)
    else:
        with nogil:
            adagrad_step[double](<double*> p, <const double*> g, <double*> s, n,
                                 learning_rate, eps, weight_decay, grad_scale)


def rmsprop_update(
    ndarray param not None, ndarray grad not None, ndarray square_average not None,
    double learning_rate, double alpha, double eps, double weight_decay,
    double grad_scale,
):
    """RMSProp: steps over a moving root mean square (Tieleman and Hinton, 2012).

    g = grad * grad_scale + weight_decay * param
    square_average = alpha * square_average + (1 - alpha) g^2
    param = param - learning_rate * g / (sqrt(square_average) + eps)
    grad (n,): read. param, square_average (n,): updated in place; square_average starts
    as zeros and decays to 0 instead of lingering among the subnormal numbers, where
    CPUs are slow. Derivation: docs/derivations/optimizers.md
    """
    cdef Py_ssize_t n = PyArray_SIZE(param)
    cdef void* p = data(param)
    cdef void* g = data(grad)
    cdef void* s = data(square_average)
    if is_float32(param):
        with nogil:
            rmsprop_step[float](<float*> p, <const float*> g, <float*> s, n,
                                learning_rate, alpha, eps, weight_decay, grad_scale)
    else:
        with nogil:
            rmsprop_step[double](<double*> p, <const double*> g, <double*> s, n,
                                 learning_rate, alpha, eps, weight_decay, grad_scale)


cdef void adam_or_adamw(
    ndarray param, ndarray grad, ndarray m, ndarray v, int64_t step,
    double learning_rate, double beta1, double beta2, double eps,
    double weight_decay, double grad_scale, bint decoupled,
):
    cdef Py_ssize_t n = PyArray_SIZE(param)
    cdef void* p = data(param)
    cdef void* g = data(grad)
    cdef void* pm = data(m)
    cdef void* pv = data(v)
    cdef AdamRates rates = adam_rates(step, learning_rate, beta1, beta2, eps)
    if is_float32(param):
        with nogil:
            adam_step[float](<float*> p, <const float*> g, <float*> pm, <float*> pv,
                             n, rates, learning_rate, beta1, beta2, weight_decay,
                             grad_scale, decoupled)
    else:
        with nogil:
            adam_step[double](<double*> p, <const double*> g, <double*> pm,
                              <double*> pv, n, rates, learning_rate, beta1, beta2,
                              weight_decay, grad_scale, decoupled)


def adam_update(
    ndarray param not None, ndarray grad not None, ndarray m not None,
    ndarray v not None, int64_t step, double learning_rate, double beta1,
    double beta2, double eps, double weight_decay, double grad_scale,
):
    """Adam: momentum over a moving root mean square, unbiased (Kingma and Ba, 2015).

    g = grad * grad_scale + weight_decay * param
    m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2
    m_hat = m / (1 - beta1^step),  v_hat = v / (1 - beta2^step)
    param = param - learning_rate * m_hat / (sqrt(v_hat) + eps)
    grad (n,): read. param, m, v (n,): updated in place; m and v start as zeros, step
    counts from 1. Where the gradient stays 0 they decay to 0 (at every 16th step, what
    is subnormal becomes 0: CPUs are slow there).
    Derivation: docs/derivations/optimizers.md
    """
    adam_or_adamw(param, grad, m, v, step, learning_rate, beta1, beta2, eps,
                  weight_decay, grad_scale, False)


def adamw_update(
    ndarray param not None, ndarray grad not None, ndarray m not None,
    ndarray v not None, int64_t step, double learning_rate, double beta1,
    double beta2, double eps, double weight_decay, double grad_scale,
):
    """AdamW: Adam with decoupled weight decay (Loshchilov and Hutter, 2019).

    g = grad * grad_scale
    m, v, m_hat, v_hat as in adam_update
    param = param * (1 - learning_rate * weight_decay)
            - learning_rate * m_hat / (sqrt(v_hat) + eps)
    grad (n,): read. param, m, v (n,): updated in place; m and v start as zeros, step
    counts from 1. Where the gradient stays 0 they decay to 0 (at every 16th step, what
    is subnormal becomes 0: CPUs are slow there).
    Derivation: docs/derivations/optimizers.md
    """
    adam_or_adamw(param, grad, m, v, step, learning_rate, beta1, beta2, eps,
                  weight_decay, grad_scale, True)


def sum_of_squares(ndarray x not None):
    """Sum of x^2, in double precision: the square of a gradient's norm.

    x (n,): read. Blocks of 4096 elements are summed one by one and their sums added
    in order, so that threads can share out the blocks without changing a bit.
    """
    cdef Py_ssize_t n = PyArray_SIZE(x)
    cdef void* p = data(x)
    cdef double total
    if is_float32(x):
        with nogil:
            total = total_sum_of_squares[float](<const float*> p, n)
    else:
        with nogil:
            total = total_sum_of_squares[double](<const double*> p, n)
    return total


# --- Quick doors: _quick.pxi --------------------------------------------------------

cdef inline bint is_from_to(object x, double low, double high):
    """Whether x is a Python number, low <= x < high, that a double holds."""
    if not (type(x) is float or type(x) is int and -(1 << 53) < x < 1 << 53):
        return False
    return low <= <double> x < high


cdef bint can_be_updated(object param, object grad, tuple state):
    """Whether all are plain arrays of one shape and dtype, those to write into apart."""
    cdef Py_ssize_t i, j
    if not (is_plain_of_any_shape(param) and is_plain_of_any_shape(grad)):
        return False
    written = (param, *state)
    if not same_shape_and_type(param, grad):
        return False
    for i in range(len(written)):
        x = written[i]
        if not (
            is_plain_of_any_shape(x) and same_shape_and_type(param, x)
            and PyArray_ISWRITEABLE(x) and are_apart(x, grad)
        ):
            return False
        for j in range(i):
            if not are_apart(x, written[j]):
                return False
    return True


def quick_adam_update(
    object param, object grad, object m, object v, object step, object learning_rate,
    object beta1, object beta2, object eps, object weight_decay, object grad_scale,
    bint decoupled,
):
    """ops.adam_update and adamw_update where nothing needs checking, else None.

    1,000 parameters take 1.3 us by this door, 20 with all the checks in Python.
    """
    if not (
        quick and type(step) is int and 1 <= step < 1 << 62
        and is_from_to(learning_rate, 0, INFINITY) and is_from_to(beta1, 0, 1)
        and is_from_to(beta2, 0, 1) and is_from_to(eps, 0, INFINITY) and eps > 0
        and is_from_to(weight_decay, 0, INFINITY)
        and is_from_to(grad_scale, 0, INFINITY)
        and can_be_updated(param, grad, (m, v))
    ):
        return None
    adam_or_adamw(
        param, grad, m, v, step, learning_rate, beta1, beta2, eps, weight_decay,
        grad_scale, decoupled,
    )
    return param


def quick_sgd_update(
    object param, object grad, object velocity=None, object learning_rate=0.001,
    object momentum=0.0, object nesterov=False, object weight_decay=0.0,
    object grad_scale=1.0,
):
    """ops.sgd_update where nothing needs checking, else None."""
    if not (
        quick and is_from_to(learning_rate, 0, INFINITY)
        and is_from_to(momentum, 0, INFINITY)
        and (nesterov is False or nesterov is True and momentum > 0)
        and is_from_to(weight_decay, 0, INFINITY)
        and is_from_to(grad_scale, 0, INFINITY)
        and (velocity is not None or momentum == 0)
        and can_be_updated(param, grad, () if velocity is None else (velocity,))
    ):
        return None
    sgd_update(
        param, grad, velocity, learning_rate, momentum, nesterov, weight_decay,
        grad_scale,
    )
    return param
