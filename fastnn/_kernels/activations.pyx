# Activation functions and their derivatives, element by element; softmax, row by row.
# Twin: fastnn/reference/activations.py

cdef enum Activation:
    IDENTITY, SIGMOID, TANH, RELU, LEAKY_RELU, ELU, SELU, GELU, GELU_TANH, SILU
    SOFTPLUS, SOFTMAX

cdef enum:  # beside the activations: the other functions of one number
    EXP = 100
    LOG


cdef inline bint needs_z(int kind) noexcept nogil:
    """Whether the backward pass reads the input z rather than the output a."""
    return kind == GELU or kind == GELU_TANH or kind == SILU


cdef inline real_t relu_(real_t x) noexcept nogil:
    return <real_t> 0 if x <= <real_t> 0 else x


cdef inline real_t leaky_relu_(real_t x) noexcept nogil:
    cdef real_t slope = 0.01
    return slope * x if x <= <real_t> 0 else x


cdef inline real_t elu_(real_t x) noexcept nogil:
    cdef real_t below = expm1_(x)
    return x if x >= <real_t> 0 else below


cdef inline real_t selu_(real_t x) noexcept nogil:
    # lambda alpha, and lambda = 1.0507..., alpha = 1.6732... (Klambauer et al. 2017)
    cdef real_t scale = 1.0507009873554805, scale_alpha = 1.7580993408473768
    cdef real_t below = scale_alpha * expm1_(x)
    return scale * x if x >= <real_t> 0 else below


cdef void activation_forward(
    int kind, const real_t* z, real_t* a, Py_ssize_t n
) noexcept nogil:
    """a = activation(z), element by element; a may be z."""
    cdef Py_ssize_t i
    if kind == SIGMOID:
        for i in range(n):
            a[i] = sigmoid_(z[i])
    elif kind == TANH:
        for i in range(n):
            a[i] = tanh_(z[i])
    elif kind == RELU:
        for i in range(n):
            a[i] = relu_(z[i])
    elif kind == LEAKY_RELU:
        for i in range(n):
            a[i] = leaky_relu_(z[i])
    elif kind == ELU:
        for i in range(n):
            a[i] = elu_(z[i])
    elif kind == SELU:
        for i in range(n):
            a[i] = selu_(z[i])
    elif kind == GELU:
        for i in range(n):
            a[i] = gelu_(z[i])
    elif kind == GELU_TANH:
        for i in range(n):
            a[i] = gelu_tanh_(z[i])
    elif kind == SILU:
        for i in range(n):
            a[i] = silu_(z[i])
    elif kind == SOFTPLUS:
        for i in range(n):
            a[i] = softplus_(z[i])
    elif kind == EXP:
        for i in range(n):
            a[i] = exp_(z[i])
    elif kind == LOG:
        for i in range(n):
            a[i] = log_(z[i])
    elif a != z:  # IDENTITY
        memcpy(a, z, n * sizeof(real_t))


cdef inline real_t masked(real_t grad, real_t below, real_t a) noexcept nogil:
    """grad where a > 0, `below` where a <= 0, NaN where a is NaN."""
    below = below if a <= <real_t> 0 else a
    return grad if a > <real_t> 0 else below


cdef void activation_backward(
    int kind, const real_t* grad_a, const real_t* saved, real_t* grad_z, Py_ssize_t n
) noexcept nogil:
    """grad_z = grad_a * activation'(z), element by element; grad_z may be grad_a.

    saved: z where needs_z(kind), else a.
    """
    cdef Py_ssize_t i
    cdef real_t zero = 0.0, one = 1.0, slope = 0.01
    cdef real_t scale = 1.0507009873554805, scale_alpha = 1.7580993408473768
    if kind == SIGMOID:
        for i in range(n):
            grad_z[i] = grad_a[i] * (saved[i] * (one - saved[i]))
    elif kind == TANH:
        for i in range(n):
            grad_z[i] = grad_a[i] * ((one - saved[i]) * (one + saved[i]))
    elif kind == RELU:
        for i in range(n):
            grad_z[i] = masked(grad_a[i], zero, saved[i])
    elif kind == LEAKY_RELU:
        for i in range(n):
            grad_z[i] = masked(grad_a[i], slope * grad_a[i], saved[i])
    elif kind == ELU:
        for i in range(n):
            grad_z[i] = masked(grad_a[i], (saved[i] + one) * grad_a[i], saved[i])
    elif kind == SELU:
        for i in range(n):
            grad_z[i] = masked(
                scale * grad_a[i], (saved[i] + scale_alpha) * grad_a[i], saved[i]
            )
    elif kind == GELU:
        for i in range(n):
            grad_z[i] = grad_a[i] * gelu_slope(saved[i])
    elif kind == GELU_TANH:
        for i in range(n):
            grad_z[i] = grad_a[i] * gelu_tanh_slope(saved[i])
    elif kind == SILU:
        for i in range(n):
            grad_z[i] = grad_a[i] * silu_slope(saved[i])
    elif kind == SOFTPLUS:
        for i in range(n):
            grad_z[i] = grad_a[i] * -expm1_(-saved[i])
    elif kind == IDENTITY:
        for i in range(n):  # NaN in a reaches the gradient: a - a is 0 or NaN
            grad_z[i] = saved[i] if saved[i] != saved[i] else grad_a[i]


cdef void elementwise(int kind, ndarray x, ndarray out):
    cdef Py_ssize_t n = PyArray_SIZE(x)
    cdef void* px = data(x)
    cdef void* pout = data(out)
    if is_float32(x):
        with nogil:
            activation_forward[float](kind, <const float*> px, <float*> pout, n)
    else:
        with nogil:
            activation_forward[double](kind, <const double*> px, <double*> pout, n)


cdef void elementwise_backward(
    int kind, ndarray grad_output, ndarray saved, ndarray out
):
    cdef Py_ssize_t n = PyArray_SIZE(saved)
    cdef void* g = data(grad_output)
    cdef void* s = data(saved)
    cdef void* o = data(out)
    if is_float32(saved):
        with nogil:
            activation_backward[float](
                kind, <const float*> g, <const float*> s, <float*> o, n
            )
    else:
        with nogil:
            activation_backward[double](
                kind, <const double*> g, <const double*> s, <double*> o, n
            )


def exp(ndarray x not None, ndarray out not None):
    """Exponential: out = e^x.

    x (n,): read. out (n,): overwritten. Subnormal results are kept; beyond the
    largest number out is inf; NaN stays NaN.
    """
    elementwise(EXP, x, out)


def log(ndarray x not None, ndarray out not None):
    """Natural logarithm: out = ln x.

    x (n,): read. out (n,): overwritten. log(0) is -inf, log of a negative number
    NaN; NaN stays NaN.
    """
    elementwise(LOG, x, out)


def identity(ndarray x not None, ndarray out not None):
    """Identity: out = x.

    x (n,): read. out (n,): overwritten.
    """
    elementwise(IDENTITY, x, out)


def identity_backward(
    ndarray grad_output not None, ndarray a not None, ndarray out not None
):
    """Gradient of identity: out = grad_output.

    grad_output, a (n,): read. out (n,): overwritten. Where a is NaN, out is NaN.
    """
    elementwise_backward(IDENTITY, grad_output, a, out)


def sigmoid(ndarray x not None, ndarray out not None):
    """Logistic sigmoid: out = 1 / (1 + e^-x) (Verhulst, 1838).

    x (n,): read. out (n,): overwritten. NaN stays NaN.
    """
    elementwise(SIGMOID, x, out)


def sigmoid_backward(
    ndarray grad_output not None, ndarray a not None, ndarray out not None
):
    """Gradient of sigmoid: out = grad_output * a (1 - a).

    grad_output, a (n,): read. out (n,): overwritten. Where a is NaN, out is NaN.
    """
    elementwise_backward(SIGMOID, grad_output, a, out)


def tanh(ndarray x not None, ndarray out not None):
    """Hyperbolic tangent: out = (e^x - e^-x) / (e^x + e^-x).

    x (n,): read. out (n,): overwritten. NaN stays NaN; -0.0 stays -0.0.
    """
    elementwise(TANH, x, out)


def tanh_backward(
    ndarray grad_output not None, ndarray a not None, ndarray out not None
):
    """Gradient of tanh: out = grad_output * (1 - a^2), as (1 - a) (1 + a).

    grad_output, a (n,): read. out (n,): overwritten. Where a is NaN, out is NaN.
    """
    elementwise_backward(TANH, grad_output, a, out)


def relu(ndarray x not None, ndarray out not None):
    """Rectified linear unit: out = x where x > 0, else 0 (Nair and Hinton, 2010).

    x (n,): read. out (n,): overwritten. NaN stays NaN; -0.0 becomes 0.0.
    """
    elementwise(RELU, x, out)


def relu_backward(
    ndarray grad_output not None, ndarray a not None, ndarray out not None
):
    """Gradient of relu: out = grad_output where a > 0, else 0; relu'(0) = 0.

    grad_output, a (n,): read. out (n,): overwritten. Where a is NaN, out is NaN.
    """
    elementwise_backward(RELU, grad_output, a, out)


def leaky_relu(ndarray x not None, ndarray out not None):
    """Leaky rectified linear unit: out = x where x > 0, else 0.01 x (Maas, 2013).

    x (n,): read. out (n,): overwritten. NaN stays NaN; -0.0 stays -0.0.
    """
    elementwise(LEAKY_RELU, x, out)


def leaky_relu_backward(
    ndarray grad_output not None, ndarray a not None, ndarray out not None
):
    """Gradient of leaky_relu: out = grad_output where a > 0, else 0.01 grad_output.

    grad_output, a (n,): read. out (n,): overwritten. Where a is NaN, out is NaN.
    """
    elementwise_backward(LEAKY_RELU, grad_output, a, out)


def elu(ndarray x not None, ndarray out not None):
    """Exponential linear unit: out = x where x >= 0, else e^x - 1 (Clevert, 2016).

    x (n,): read. out (n,): overwritten. alpha is 1. NaN stays NaN; -0.0 stays -0.0.
    """
    elementwise(ELU, x, out)


def elu_backward(
    ndarray grad_output not None, ndarray a not None, ndarray out not None
):
    """Gradient of elu: out = grad_output where a > 0, else grad_output (a + 1).

    grad_output, a (n,): read. out (n,): overwritten. Where a is NaN, out is NaN.
    """
    elementwise_backward(ELU, grad_output, a, out)


def selu(ndarray x not None, ndarray out not None):
    """Scaled elu: out = scale x where x >= 0, else scale alpha (e^x - 1).

    x (n,): read. out (n,): overwritten. scale = 1.0507..., alpha = 1.6732...: the pair
    that keeps mean 0 and variance 1 (Klambauer, 2017). NaN stays NaN, -0.0 stays -0.0.
    """
    elementwise(SELU, x, out)


def selu_backward(
    ndarray grad_output not None, ndarray a not None, ndarray out not None
):
    """Gradient of selu: out = grad_output * scale where a > 0, else (a + scale alpha).

    grad_output, a (n,): read. out (n,): overwritten. Where a is NaN, out is NaN.
    """
    elementwise_backward(SELU, grad_output, a, out)


def gelu(ndarray x not None, ndarray out not None):
    """Gaussian error linear unit: out = x Phi(x) (Hendrycks and Gimpel, 2016).

    Phi(x) = erfc(-x / sqrt(2)) / 2. x (n,): read. out (n,): overwritten. At -inf the
    limit, -0.0; NaN stays NaN.
    """
    elementwise(GELU, x, out)


def gelu_backward(
    ndarray grad_output not None, ndarray z not None, ndarray out not None
):
    """Gradient of gelu: out = grad_output * (Phi(z) + z e^(-z^2/2) / sqrt(2 pi)).

    grad_output, z (n,): read. out (n,): overwritten. Where z is NaN, out is NaN.
    """
    elementwise_backward(GELU, grad_output, z, out)


def gelu_tanh(ndarray x not None, ndarray out not None):
    """gelu by a formula with tanh: out = x (1 + tanh(u/2)) / 2 = x / (1 + e^-u).

    u = 2 sqrt(2/pi) (x + 0.044715 x^3) (Hendrycks and Gimpel, 2016). x (n,): read.
    out (n,): overwritten. At -inf the limit, -0.0; NaN stays NaN.
    """
    elementwise(GELU_TANH, x, out)


def gelu_tanh_backward(
    ndarray grad_output not None, ndarray z not None, ndarray out not None
):
    """Gradient of gelu_tanh: grad_output * (s + z s (1 - s) u'), s = sigmoid(u).

    u' = 2 sqrt(2/pi) (1 + 3 * 0.044715 z^2). grad_output, z (n,): read. out (n,):
    overwritten. Where z is NaN, out is NaN.
    """
    elementwise_backward(GELU_TANH, grad_output, z, out)


def silu(ndarray x not None, ndarray out not None):
    """Sigmoid linear unit: out = x / (1 + e^-x) (Elfwing, 2017).

    x (n,): read. out (n,): overwritten. At -inf the limit, -0.0; NaN stays NaN.
    """
    elementwise(SILU, x, out)


def silu_backward(
    ndarray grad_output not None, ndarray z not None, ndarray out not None
):
    """Gradient of silu: out = grad_output * s (1 + z (1 - s)), s = 1 / (1 + e^-z).

    grad_output, z (n,): read. out (n,): overwritten. Where z is NaN, out is NaN.
    """
    elementwise_backward(SILU, grad_output, z, out)


def softplus(ndarray x not None, ndarray out not None):
    """Softplus: out = log(1 + e^x) = max(x, 0) + log(1 + e^-|x|) (Dugas, 2001).

    x (n,): read. out (n,): overwritten. NaN stays NaN.
    """
    elementwise(SOFTPLUS, x, out)


def softplus_backward(
    ndarray grad_output not None, ndarray a not None, ndarray out not None
):
    """Gradient of softplus: out = grad_output * (1 - e^-a), which is sigmoid(z).

    grad_output, a (n,): read. out (n,): overwritten; 0 where a <= 0, NaN where a is.
    """
    elementwise_backward(SOFTPLUS, grad_output, a, out)


def softmax(ndarray x not None, ndarray out not None):
    """Softmax of each row: out[i, j] = e^(x[i, j] - top_i) / sum over k of the same.

    top_i = max over k of x[i, k]: no exponential overflows (Bridle, 1990). x (n, m):
    read. out (n, m): overwritten; each row depends on its own row alone. A row with
    NaN or inf, or with -inf alone, becomes NaN.
    """
    cdef Py_ssize_t rows = PyArray_DIM(x, 0), cols = PyArray_DIM(x, 1)
    cdef void* px = data(x)
    cdef void* pout = data(out)
    if is_float32(x):
        with nogil:
            softmax_rows[float](<const float*> px, <float*> pout, rows, cols)
    else:
        with nogil:
            softmax_rows[double](<const double*> px, <double*> pout, rows, cols)


def softmax_backward(
    ndarray grad_output not None, ndarray a not None, ndarray out not None
):
    """Gradient of softmax: out[i, j] = a[i, j] (grad_output[i, j] - dot_i).

    dot_i = sum over k of grad_output[i, k] a[i, k]. grad_output, a (n, m): read.
    out (n, m): overwritten.
    """
    cdef Py_ssize_t rows = PyArray_DIM(a, 0), cols = PyArray_DIM(a, 1)
    cdef void* g = data(grad_output)
    cdef void* s = data(a)
    cdef void* o = data(out)
    if is_float32(a):
        with nogil:
            softmax_backward_rows[float](
                <const float*> g, <const float*> s, <float*> o, rows, cols
            )
    else:
        with nogil:
            softmax_backward_rows[double](
                <const double*> g, <const double*> s, <double*> o, rows, cols
            )
