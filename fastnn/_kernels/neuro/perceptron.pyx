# A threshold unit that learns from its errors.
# Twin: fastnn/reference/neuro/perceptron.py

cdef enum:
    AT_A_TIME = 8  # sums side by side, which gcc adds up as vectors


cdef inline double weighted_sum(
    const double* w, const double* x, Py_ssize_t d
) noexcept nogil:
    cdef double[AT_A_TIME] sums
    cdef double total = 0.0
    cdef Py_ssize_t k = 0, lane
    if d >= AT_A_TIME:
        for lane in range(AT_A_TIME):
            sums[lane] = 0.0
        while k + AT_A_TIME <= d:
            for lane in range(AT_A_TIME):
                sums[lane] += w[k + lane] * x[k + lane]
            k += AT_A_TIME
        for lane in range(AT_A_TIME):
            total += sums[lane]
    while k < d:
        total += w[k] * x[k]
        k += 1
    return total


def perceptron_epoch(
    ndarray signed not None,
    ndarray order not None,
    ndarray w not None,
    ndarray errors not None,
):
    """One pass of Rosenblatt's rule (1958) over samples x with classes y = -1 or +1.

    A sample is wrong where y (w . x) <= 0; then w <- w + y x, before the next one.

    signed (n, d): y x of each sample. order (n,) int64: the row that is the first, the
    second ... in this pass. w (d,): updated. errors (1,) int64: how many were wrong,
    overwritten. All but order and errors float64, C-contiguous.
    """
    cdef const double* rows = <const double*> data(signed)
    cdef const int64_t* porder = <const int64_t*> data(order)
    cdef double* pw = <double*> data(w)
    cdef int64_t* perrors = <int64_t*> data(errors)
    cdef const double* x
    cdef Py_ssize_t i, k, n = PyArray_DIM(order, 0), d = PyArray_DIM(w, 0)
    cdef int64_t wrong = 0
    with nogil:
        for i in range(n):
            x = rows + porder[i] * d
            if weighted_sum(pw, x, d) <= 0.0:
                for k in range(d):
                    pw[k] += x[k]
                wrong += 1
        perrors[0] = wrong
