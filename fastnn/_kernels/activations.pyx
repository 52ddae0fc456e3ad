# Activation functions and their derivatives, element by element; softmax, row by row.
# Twin: fastnn/reference/activations.py

cdef enum:
    ELEMENTS_UNDER_GIL = 4096  # a microsecond or two: see _quick.pxi

cdef void elementwise(int kind, ndarray x, ndarray out):
    cdef Py_ssize_t n = PyArray_SIZE(x)
    cdef void* px = data(x)
    cdef void* pout = data(out)
    cdef bint single = is_float32(x)
    if n <= ELEMENTS_UNDER_GIL:
        forward_of_type(kind, single, px, pout, n)
    else:
        with nogil:
            forward_of_type(kind, single, px, pout, n)


cdef void forward_of_type(
    int kind, bint single, const void* x, void* out, Py_ssize_t n
) noexcept nogil:
    if single:
        activation_forward[float](kind, <const float*> x, <float*> out, n)
    else:
        activation_forward[double](kind, <const double*> x, <double*> out, n)


cdef void elementwise_backward(
    int kind, ndarray grad_output, ndarray saved, ndarray out
):
    cdef Py_ssize_t n = PyArray_SIZE(saved)
    cdef void* g = data(grad_output)
    cdef void* s = data(saved)
    cdef void* o = data(out)
    cdef bint single = is_float32(saved)
    if n <= ELEMENTS_UNDER_GIL:
        backward_of_type(kind, single, g, s, o, n)
    else:
        with nogil:
            backward_of_type(kind, single, g, s, o, n)


cdef void backward_of_type(
    int kind, bint single, const void* grad, const void* saved, void* out, Py_ssize_t n
) noexcept nogil:
    if single:
        activation_backward[float](
            kind, <const float*> grad, <const float*> saved, <float*> out, n
        )
    else:
        activation_backward[double](
            kind, <const double*> grad, <const double*> saved, <double*> out, n
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


cdef inline void rows_along_last_axis(
    ndarray x, Py_ssize_t* rows, Py_ssize_t* cols
) noexcept:
    cols[0] = PyArray_DIM(x, PyArray_NDIM(x) - 1)
    rows[0] = PyArray_SIZE(x) // cols[0] if cols[0] > 0 else 0


cdef void softmax_of(ndarray x, ndarray out):
    cdef Py_ssize_t rows, cols
    cdef void* px = data(x)
    cdef void* pout = data(out)
    rows_along_last_axis(x, &rows, &cols)
    if is_float32(x):
        with nogil:
            softmax_rows[float](<const float*> px, <float*> pout, rows, cols)
    else:
        with nogil:
            softmax_rows[double](<const double*> px, <double*> pout, rows, cols)


cdef void softmax_backward_of(ndarray grad_output, ndarray a, ndarray out):
    cdef Py_ssize_t rows, cols
    cdef void* g = data(grad_output)
    cdef void* s = data(a)
    cdef void* o = data(out)
    rows_along_last_axis(a, &rows, &cols)
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


def softmax(ndarray x not None, ndarray out not None):
    """Softmax of each row: out[i, j] = e^(x[i, j] - top_i) / sum over k of the same.

    top_i = max over k of x[i, k]: no exponential overflows (Bridle, 1990). x (n, m):
    read. out (n, m): overwritten; each row depends on its own row alone. A row with
    NaN or inf, or with -inf alone, becomes NaN.
    """
    softmax_of(x, out)


def softmax_backward(
    ndarray grad_output not None, ndarray a not None, ndarray out not None
):
    """Gradient of softmax: out[i, j] = a[i, j] (grad_output[i, j] - dot_i).

    dot_i = sum over k of grad_output[i, k] a[i, k]. grad_output, a (n, m): read.
    out (n, m): overwritten.
    """
    softmax_backward_of(grad_output, a, out)


# --- Quick doors: _quick.pxi --------------------------------------------------------

cdef dict FORWARD = {**KINDS, "exp": EXP, "log": LOG}
cdef dict BACKWARD = {name + "_backward": kind for name, kind in KINDS.items()}


def quick_elementwise(object name, object x, object out):
    """ops.tanh and its kin where nothing needs checking or converting, else None."""
    if not (quick and is_plain_of_any_shape(x)):
        return None
    if out is None:
        out = array_like(x)
    elif not can_hold_what_is_made_of(out, x):
        return None
    elementwise(FORWARD[name], x, out)
    return out


def quick_elementwise_backward(
    object name, object grad_output, object saved, object out
):
    """ops.tanh_backward and its kin where nothing needs checking, else None."""
    if not (
        quick and is_plain_of_any_shape(grad_output) and is_plain_of_any_shape(saved)
        and same_shape_and_type(grad_output, saved)
    ):
        return None
    if out is None:
        out = array_like(saved)
    elif not (
        can_hold_what_is_made_of(out, grad_output)
        and can_hold_what_is_made_of(out, saved)
    ):
        return None
    elementwise_backward(BACKWARD[name], grad_output, saved, out)
    return out


def quick_softmax(object x, object out=None):
    """ops.softmax where nothing needs checking or converting, else None."""
    if not (quick and is_plain_of_any_shape(x) and PyArray_NDIM(x) > 0):
        return None
    if out is None:
        out = array_like(x)
    elif not can_hold_what_is_made_of(out, x):
        return None
    softmax_of(x, out)
    return out


def quick_softmax_backward(object grad_output, object a, object out=None):
    """ops.softmax_backward where nothing needs checking or converting, else None."""
    if not (
        quick and is_plain_of_any_shape(grad_output) and is_plain_of_any_shape(a)
        and PyArray_NDIM(a) > 0 and same_shape_and_type(grad_output, a)
    ):
        return None
    if out is None:
        out = array_like(a)
    elif not (
        can_hold_what_is_made_of(out, grad_output) and can_hold_what_is_made_of(out, a)
    ):
        return None
    softmax_backward_of(grad_output, a, out)
    return out
