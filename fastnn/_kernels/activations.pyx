# Activation functions and their derivatives, element by element.
# Twin: fastnn/reference/activations.py

cdef enum Activation:
    IDENTITY, RELU


cdef inline real_t relu_(real_t x) noexcept nogil:
    return <real_t> 0 if x <= <real_t> 0 else x


cdef void activation_forward(
    int kind, const real_t* z, real_t* a, Py_ssize_t n
) noexcept nogil:
    """a = activation(z), element by element; a may be z."""
    cdef Py_ssize_t i
    if kind == RELU:
        for i in range(n):
            a[i] = relu_(z[i])
    elif a != z:
        memcpy(a, z, n * sizeof(real_t))


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


def relu(ndarray x not None, ndarray out not None):
    """Rectified linear unit: out = x where x > 0, else 0 (Nair and Hinton, 2010).

    x (n,): read. out (n,): overwritten. NaN stays NaN; -0.0 becomes 0.0.
    """
    elementwise(RELU, x, out)
