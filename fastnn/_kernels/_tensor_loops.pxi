# Arithmetic on the small arrays of a graph, without NumPy's 0.3 us for each call.
#
# The arrays are float32 or float64, in C's order. Of two, one may be a single number or
# a row that is repeated; where it is anything else, or large, the answer is None, and
# NumPy does it.

cdef enum Code:  # in the order of AT_ONCE in fastnn/graph/rules.py
    NONE, ADD, SUBTRACT, MULTIPLY, DIVIDE, NEGATE, SQUARE, SUM, MEAN, MATMUL, OF_OUTPUT,
    OF_INPUT

cdef enum:
    SMALL = 8192  # elements; above, NumPy's wider instructions win
    SUMMED = 262144  # elements; sums have little to gain from them
    BLOCK = 1024  # elements that are summed one after the other

ctypedef fused real:
    float
    double


cdef inline bint has_shape_and_type(ndarray x, ndarray y) noexcept:
    cdef int i
    if PyArray_NDIM(x) != PyArray_NDIM(y) or PyArray_TYPE(x) != PyArray_TYPE(y):
        return False
    for i in range(PyArray_NDIM(x)):
        if PyArray_DIM(x, i) != PyArray_DIM(y, i):
            return False
    return True


cdef inline bint is_row_of(ndarray row, ndarray x) noexcept:
    """Whether `row` has the last axes of x, or is a single number."""
    cdef int i, extra = PyArray_NDIM(x) - PyArray_NDIM(row)
    if extra < 0:
        return False
    if PyArray_SIZE(row) == 1:
        return True
    for i in range(PyArray_NDIM(row)):
        if PyArray_DIM(row, i) != PyArray_DIM(x, i + extra):
            return False
    return True


cdef inline void loop(
    Code code, const real* x, const real* y, real* out, Py_ssize_t n, bint one_x,
    bint one_y,
) noexcept nogil:
    """out[i] = x[i] op y[i]; one_x, one_y: of a single number there."""
    cdef Py_ssize_t i
    cdef real a = x[0], b = y[0]
    if one_x:
        if code == ADD:
            for i in range(n):
                out[i] = a + y[i]
        elif code == SUBTRACT:
            for i in range(n):
                out[i] = a - y[i]
        elif code == MULTIPLY:
            for i in range(n):
                out[i] = a * y[i]
        else:
            for i in range(n):
                out[i] = a / y[i]
    elif one_y:
        if code == ADD:
            for i in range(n):
                out[i] = x[i] + b
        elif code == SUBTRACT:
            for i in range(n):
                out[i] = x[i] - b
        elif code == MULTIPLY:
            for i in range(n):
                out[i] = x[i] * b
        else:
            for i in range(n):
                out[i] = x[i] / b
    elif code == ADD:
        for i in range(n):
            out[i] = x[i] + y[i]
    elif code == SUBTRACT:
        for i in range(n):
            out[i] = x[i] - y[i]
    elif code == MULTIPLY:
        for i in range(n):
            out[i] = x[i] * y[i]
    else:
        for i in range(n):
            out[i] = x[i] / y[i]


cdef inline void loop_rows(
    Code code, const real* x, const real* y, real* out, Py_ssize_t n, Py_ssize_t nx,
    Py_ssize_t ny,
) noexcept nogil:
    """The same, where the shorter one is a row that is repeated."""
    cdef Py_ssize_t i, m = min(nx, ny)
    if m == 1 or m == n:
        loop(code, x, y, out, n, nx == 1 and n > 1, ny == 1 and n > 1)
        return
    for i in range(n // m):
        loop(
            code, x + i * m if nx == n else x, y + i * m if ny == n else y, out + i * m,
            m, False, False,
        )


cdef inline object combine(int code, ndarray x, ndarray y):
    """x op y, or None where NumPy has to do it."""
    cdef Py_ssize_t nx = PyArray_SIZE(x), ny = PyArray_SIZE(y), n = max(nx, ny)
    cdef ndarray shaped, out
    if PyArray_TYPE(x) != PyArray_TYPE(y) or n > SMALL or nx == 0 or ny == 0:
        return None
    if is_row_of(y, x):
        shaped = x
    elif is_row_of(x, y):
        shaped = y
    else:
        return None
    out = PyArray_EMPTY(PyArray_NDIM(shaped), PyArray_DIMS(shaped), PyArray_TYPE(x), 0)
    if PyArray_TYPE(x) == NPY_FLOAT32:
        loop_rows(
            <Code>code, <const float*>PyArray_DATA(x), <const float*>PyArray_DATA(y),
            <float*>PyArray_DATA(out), n, nx, ny,
        )
    else:
        loop_rows(
            <Code>code, <const double*>PyArray_DATA(x), <const double*>PyArray_DATA(y),
            <double*>PyArray_DATA(out), n, nx, ny,
        )
    return out


cdef inline void scale(
    const real* x, double factor, real* out, Py_ssize_t n
) noexcept nogil:
    cdef Py_ssize_t i
    cdef real by = <real>factor
    for i in range(n):
        out[i] = by * x[i]


cdef inline object scaled(ndarray x, double factor):
    """factor * x, or None."""
    cdef Py_ssize_t n = PyArray_SIZE(x)
    cdef ndarray out
    if n > SMALL or not PyArray_IS_C_CONTIGUOUS(x):
        return None
    out = PyArray_EMPTY(PyArray_NDIM(x), PyArray_DIMS(x), PyArray_TYPE(x), 0)
    if PyArray_TYPE(x) == NPY_FLOAT32:
        scale(<const float*>PyArray_DATA(x), factor, <float*>PyArray_DATA(out), n)
    else:
        scale(<const double*>PyArray_DATA(x), factor, <double*>PyArray_DATA(out), n)
    return out


cdef inline void twice_products(
    const real* x, const real* y, real* out, Py_ssize_t n
) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <real>2.0 * (x[i] * y[i])


cdef inline object twice_product(ndarray x, ndarray y):
    """2 (x y), of one shape and precision and in C's order, or None.

    One pass and no array in between: at any size quicker than two of NumPy's.
    """
    cdef Py_ssize_t n = PyArray_SIZE(x)
    cdef ndarray out
    if not has_shape_and_type(x, y) or not PyArray_IS_C_CONTIGUOUS(x):
        return None
    out = PyArray_EMPTY(PyArray_NDIM(x), PyArray_DIMS(x), PyArray_TYPE(x), 0)
    if PyArray_TYPE(x) == NPY_FLOAT32:
        with nogil:
            twice_products(
                <const float*>PyArray_DATA(x), <const float*>PyArray_DATA(y),
                <float*>PyArray_DATA(out), n,
            )
    else:
        with nogil:
            twice_products(
                <const double*>PyArray_DATA(x), <const double*>PyArray_DATA(y),
                <double*>PyArray_DATA(out), n,
            )
    return out


cdef real sum_of(const real* x, Py_ssize_t n) noexcept nogil:
    """Of many the sums of two halves: the error grows with log n (Higham, 1993).

    In a block four sums side by side: shorter chains, in time and in error.
    """
    cdef Py_ssize_t half = n // 8 * 4
    if n > BLOCK:
        return sum_of(x, half) + sum_of(x + half, n - half)
    cdef real s0 = 0, s1 = 0, s2 = 0, s3 = 0
    cdef Py_ssize_t i
    for i in range(0, n - 3, 4):
        s0 += x[i]
        s1 += x[i + 1]
        s2 += x[i + 2]
        s3 += x[i + 3]
    for i in range(n - n % 4, n):
        s0 += x[i]
    return (s0 + s1) + (s2 + s3)


cdef inline object total(ndarray x, bint mean):
    """The sum of all elements or their mean, or None."""
    cdef Py_ssize_t n = PyArray_SIZE(x)
    cdef ndarray out
    if n > SUMMED or n == 0:
        return None
    out = PyArray_EMPTY(0, NULL, PyArray_TYPE(x), 0)
    if PyArray_TYPE(x) == NPY_FLOAT32:
        (<float*>PyArray_DATA(out))[0] = (
            sum_of(<const float*>PyArray_DATA(x), n) / <float>(n if mean else 1)
        )
    else:
        (<double*>PyArray_DATA(out))[0] = (
            sum_of(<const double*>PyArray_DATA(x), n) / <double>(n if mean else 1)
        )
    return out


cdef inline void add_rows(
    const real* x, real* out, Py_ssize_t n, Py_ssize_t m
) noexcept nogil:
    cdef Py_ssize_t i, j
    for j in range(m):
        out[j] = x[j]
    for i in range(1, n // m):
        for j in range(m):
            out[j] += x[i * m + j]


cdef inline object sums_to(ndarray g, ndarray x):
    """g summed over its first axes to the shape of x, or None."""
    cdef Py_ssize_t n = PyArray_SIZE(g), m = PyArray_SIZE(x)
    cdef ndarray out
    if (
        PyArray_TYPE(g) != PyArray_TYPE(x) or n > SUMMED or m == 0 or n == 0
        or not is_row_of(x, g) or not PyArray_IS_C_CONTIGUOUS(g)
    ):
        return None
    out = PyArray_EMPTY(PyArray_NDIM(x), PyArray_DIMS(x), PyArray_TYPE(x), 0)
    if PyArray_TYPE(x) == NPY_FLOAT32:
        if m == 1:
            (<float*>PyArray_DATA(out))[0] = sum_of(<const float*>PyArray_DATA(g), n)
        else:
            add_rows(<const float*>PyArray_DATA(g), <float*>PyArray_DATA(out), n, m)
    elif m == 1:
        (<double*>PyArray_DATA(out))[0] = sum_of(<const double*>PyArray_DATA(g), n)
    else:
        add_rows(<const double*>PyArray_DATA(g), <double*>PyArray_DATA(out), n, m)
    return out


cdef inline void set_all(real* out, Py_ssize_t n, real value) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = value


cdef inline object spread(ndarray g, ndarray x, bint mean):
    """g, a single number, in every element of an array like x; its n-th part, or None."""
    cdef Py_ssize_t n = PyArray_SIZE(x)
    cdef ndarray out
    if PyArray_TYPE(g) != PyArray_TYPE(x) or PyArray_SIZE(g) != 1 or n == 0:
        return None
    out = PyArray_EMPTY(PyArray_NDIM(x), PyArray_DIMS(x), PyArray_TYPE(x), 0)
    cdef double share = 1.0 / n if mean else 1.0
    if PyArray_TYPE(x) == NPY_FLOAT32:
        set_all(
            <float*>PyArray_DATA(out), n, (<float*>PyArray_DATA(g))[0] * <float>share
        )
    else:
        set_all(<double*>PyArray_DATA(out), n, (<double*>PyArray_DATA(g))[0] * share)
    return out


cdef inline object ones_like(ndarray x):
    cdef ndarray out = PyArray_EMPTY(
        PyArray_NDIM(x), PyArray_DIMS(x), PyArray_TYPE(x), 0
    )
    if PyArray_TYPE(x) == NPY_FLOAT32:
        set_all(<float*>PyArray_DATA(out), PyArray_SIZE(x), 1.0)
    else:
        set_all(<double*>PyArray_DATA(out), PyArray_SIZE(x), 1.0)
    return out


cdef inline bint all_finite(const real* x, Py_ssize_t n) noexcept nogil:
    """x - x is 0 for what is finite, and NaN for what is not; so is their sum."""
    cdef Py_ssize_t i
    cdef bint finite = True
    for i in range(n):
        finite &= x[i] - x[i] == 0
    return finite
