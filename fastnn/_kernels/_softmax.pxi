# Softmax and its gradient, row by row.

cdef inline real_t largest(const real_t* x, Py_ssize_t n) noexcept nogil:
    """The largest of n numbers; NaN is passed over.

    Four strands side by side: each comparison need not wait for the one before.
    """
    cdef real_t a = -INFINITY, b = a, c = a, d = a
    cdef Py_ssize_t i = 0
    while i + 4 <= n:
        a = x[i] if x[i] > a else a
        b = x[i + 1] if x[i + 1] > b else b
        c = x[i + 2] if x[i + 2] > c else c
        d = x[i + 3] if x[i + 3] > d else d
        i += 4
    while i < n:
        a = x[i] if x[i] > a else a
        i += 1
    a = b if b > a else a
    c = d if d > c else c
    return c if c > a else a


cdef inline double dot_or_sum(
    const real_t* x, const real_t* y, Py_ssize_t n
) noexcept nogil:
    """Sum of x[i] y[i], or of x[i] where y is NULL, in double.

    Four strands again; which number is added where depends on its column alone.
    """
    cdef double a = 0.0, b = 0.0, c = 0.0, d = 0.0
    cdef Py_ssize_t i = 0
    if y == NULL:
        while i + 4 <= n:
            a += x[i]
            b += x[i + 1]
            c += x[i + 2]
            d += x[i + 3]
            i += 4
        while i < n:
            a += x[i]
            i += 1
    else:
        while i + 4 <= n:
            a += <double> x[i] * y[i]
            b += <double> x[i + 1] * y[i + 1]
            c += <double> x[i + 2] * y[i + 2]
            d += <double> x[i + 3] * y[i + 3]
            i += 4
        while i < n:
            a += <double> x[i] * y[i]
            i += 1
    return (a + b) + (c + d)


cdef void softmax_rows(
    const real_t* z, real_t* a, Py_ssize_t rows, Py_ssize_t cols
) noexcept nogil:
    """a[i, j] = exp(z[i, j] - top_i) / sum over j, top_i the largest of row i.

    a may be z. The exponentials of several short rows are taken in one go.
    """
    cdef Py_ssize_t i, j, start = 0, stop, block = 1 + 2048 // (cols + 1)
    cdef real_t top, total
    while start < rows:
        stop = min(start + block, rows)
        for i in range(start, stop):
            top = largest(z + i * cols, cols)
            for j in range(i * cols, (i + 1) * cols):
                a[j] = z[j] - top
        activation_forward(
            EXP, a + start * cols, a + start * cols, (stop - start) * cols
        )
        for i in range(start, stop):
            total = <real_t> dot_or_sum(a + i * cols, <const real_t*> NULL, cols)
            for j in range(i * cols, (i + 1) * cols):
                a[j] /= total
        start = stop


cdef void softmax_backward_rows(
    const real_t* grad_a, const real_t* a, real_t* grad_z,
    Py_ssize_t rows, Py_ssize_t cols,
) noexcept nogil:
    """grad_z[i, j] = a[i, j] (grad_a[i, j] - sum over k of grad_a[i, k] a[i, k]).

    grad_z may be grad_a.
    """
    cdef Py_ssize_t i, j
    cdef real_t dot
    for i in range(rows):
        dot = <real_t> dot_or_sum(grad_a + i * cols, a + i * cols, cols)
        for j in range(i * cols, (i + 1) * cols):
            grad_z[j] = a[j] * (grad_a[j] - dot)
