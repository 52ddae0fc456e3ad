# The matrix product, the one kernel that large networks spend their time in.
# Twin: fastnn/reference/matmul.py
#
#     _simd.pxi      one register of floats or doubles
#     _tile.pxi      the tile of sums in registers
#     _pack.pxi      its operands, copied together
#     _vector.pxi    one row or one column of output
#     _gemm.pxi      the loops around the tile

include "_simd.pxi"
include "_tile.pxi"
include "_pack.pxi"
include "_vector.pxi"
include "_gemm.pxi"


# --- Sums of columns ----------------------------------------------------------------

cdef void column_sums_(
    const real_t* x, Py_ssize_t row_x, real_t* out, Py_ssize_t rows, Py_ssize_t cols
) noexcept nogil:
    """out[j] = sum over i of x[i, j], in the order of i."""
    cdef Py_ssize_t lanes = VECTOR_BYTES // <Py_ssize_t> sizeof(real_t), i, j = 0
    cdef real_t total
    while j + 4 * lanes <= cols:
        sums_of_vectors(4, &x[j], row_x, &out[j], rows)
        j += 4 * lanes
    while j + lanes <= cols:
        sums_of_vectors(1, &x[j], row_x, &out[j], rows)
        j += lanes
    if j < cols and cols >= lanes:  # the rest, with some of the last ones again
        sums_of_vectors(1, &x[cols - lanes], row_x, &out[cols - lanes], rows)
        return
    for j in range(j, cols):
        total = 0
        for i in range(rows):
            total += x[i * row_x + j]
        out[j] = total


cdef inline void sums_of_vectors(
    const int vectors, const real_t* x, Py_ssize_t row_x, real_t* out, Py_ssize_t rows
) noexcept nogil:
    """Sums of a few registers' width of columns, kept in registers."""
    cdef Py_ssize_t lanes = VECTOR_BYTES // <Py_ssize_t> sizeof(real_t), i
    cdef Vector acc[4]
    cdef int v
    for v in range(vectors):
        load(&acc[v], <const real_t*> zeros)
    for i in range(rows):
        for v in range(vectors):
            add_bias(&acc[v], &x[i * row_x + v * lanes])
    for v in range(vectors):
        store(&out[v * lanes], &acc[v])


# --- Calls from Python ---------------------------------------------------------------

cdef struct Product:
    bint single  # float32
    void* a
    void* b
    void* out
    void* bias
    Py_ssize_t row_a, col_a, row_b, col_b, m, n, k
    int activation
    int failed  # whether a thread found no memory for its scratch


cdef void product_part(
    Product* call, real_t* out, int thread, int n_threads
) noexcept nogil:
    """One thread's rows or columns of the product, with scratch of its own."""
    cdef Py_ssize_t top = 0, bottom = call.m, left = 0, right = call.n
    cdef Py_ssize_t size
    cdef char on_stack[STACK_BYTES + 64]
    cdef void* scratch = NULL
    cdef const real_t* bias = <const real_t*> call.bias
    if n_threads > 1:
        if call.n >= 64 * n_threads or call.n > call.m:
            share(call.n, PANEL_BYTES // <Py_ssize_t> sizeof(real_t), thread,
                  n_threads, &left, &right)
        else:
            share(call.m, ROWS, thread, n_threads, &top, &bottom)
    size = 64 + gemm_workspace(bottom - top, right - left, call.k) * sizeof(real_t)
    if size > STACK_BYTES:
        scratch = scratch_memory(size)
        if scratch == NULL:
            atomic_set(&call.failed, 1)
            return
    gemm(
        &(<const real_t*> call.a)[top * call.row_a], call.row_a, call.col_a,
        &(<const real_t*> call.b)[left * call.col_b], call.row_b, call.col_b,
        &out[top * call.n + left], call.n, bottom - top, right - left, call.k,
        &bias[left] if bias != NULL else NULL, call.activation,
        <real_t*> align(scratch if scratch != NULL else on_stack),
        NULL,
    )
    free_scratch(scratch)


cdef inline void* align(void* p) noexcept nogil:
    """The first multiple of 64 from p on."""
    return <void*> ((<size_t> p + 63) & ~<size_t> 63)


cdef Team alone  # for work too small to be shared
alone.n_threads = 1


cdef void product_work(void* arguments, int thread, Team* team) noexcept nogil:
    cdef Product* call = <Product*> arguments
    if call.single:
        product_part(call, <float*> call.out, thread, team.n_threads)
    else:
        product_part(call, <double*> call.out, thread, team.n_threads)


cdef void run_product(Product* call) noexcept nogil:
    run_team(product_work, call, threads_for(flops_of(call)))


cdef inline double flops_of(Product* call) noexcept nogil:
    return 2.0 * call.m * call.n * call.k


cdef inline void lay_out(
    Product* call, ndarray a, ndarray b, ndarray out,
    bint transpose_a, bint transpose_b, ndarray bias, int activation,
) noexcept:
    call.single = is_float32(a)
    call.a = data(a)
    call.b = data(b)
    call.out = data(out)
    call.bias = data(bias)
    call.m = PyArray_DIM(out, 0)
    call.n = PyArray_DIM(out, 1)
    call.k = PyArray_DIM(a, 0 if transpose_a else 1)
    call.row_a = 1 if transpose_a else call.k
    call.col_a = call.m if transpose_a else 1
    call.row_b = 1 if transpose_b else call.n
    call.col_b = call.k if transpose_b else 1
    call.activation = activation
    call.failed = 0


def matmul(
    ndarray a not None, ndarray b not None, ndarray out not None,
    bint transpose_a, bint transpose_b, ndarray bias, int activation,
):
    """Product of two matrices: out = activation(a @ b + bias).

    out[i, j] = sum over p of a[i, p] * b[p, j], added in the order of p
    a (m, k), or (k, m) if transpose_a; b (k, n), or (n, k) if transpose_b: read.
    bias (n,) or None; activation: its place in ACTIVATIONS of reference/activations.py.
    out (m, n): overwritten. Derivation: docs/derivations/matmul.md
    """
    cdef Product call
    lay_out(&call, a, b, out, transpose_a, transpose_b, bias, activation)
    with nogil:
        run_product(&call)
    if call.failed:
        raise MemoryError


def column_sums(ndarray x not None, ndarray out not None):
    """Sum of every column: out[j] = sum over i of x[i, j], in the order of i.

    x (m, n): read. out (n,): overwritten. The gradient of a bias.
    """
    cdef Py_ssize_t m = PyArray_DIM(x, 0), n = PyArray_DIM(x, 1)
    cdef void* px = data(x)
    cdef void* pout = data(out)
    if is_float32(x):
        with nogil:
            column_sums_[float](<const float*> px, n, <float*> pout, m, n)
    else:
        with nogil:
            column_sums_[double](<const double*> px, n, <double*> pout, m, n)


# --- Quick doors: _quick.pxi --------------------------------------------------------

cdef inline bint lies_turned(object x):
    """Whether x is the transposed view of a C-contiguous matrix."""
    return (
        PyArray_CheckExact(x) and PyArray_NDIM(x) == 2
        and PyArray_CHKFLAGS(x, NPY_ARRAY_F_CONTIGUOUS)
        and not PyArray_CHKFLAGS(x, NPY_ARRAY_C_CONTIGUOUS)
    )


cdef object quick_product(
    object a, object b, bint transpose_a, bint transpose_b,
    object bias, int activation, object out,
):
    """activation(a @ b + bias) for plain arrays that fit each other, else None."""
    cdef npy_intp shape[2]
    cdef Product call
    cdef int dtype
    if lies_turned(a):  # x.T is read as it lies, like x with transpose_a
        a, transpose_a = a.T, not transpose_a
    if lies_turned(b):
        b, transpose_b = b.T, not transpose_b
    if not (is_plain(a, 2) and is_plain(b, 2)):
        return None
    dtype = PyArray_TYPE(a)
    shape[0] = PyArray_DIM(a, 1 if transpose_a else 0)
    shape[1] = PyArray_DIM(b, 0 if transpose_b else 1)
    if (
        PyArray_TYPE(b) != dtype
        or PyArray_DIM(a, 0 if transpose_a else 1)
        != PyArray_DIM(b, 1 if transpose_b else 0)
    ):
        return None
    if bias is not None and not (
        is_plain(bias, 1) and PyArray_TYPE(bias) == dtype
        and PyArray_DIM(bias, 0) == shape[1]
    ):
        return None
    if out is None:
        out = PyArray_EMPTY(2, shape, dtype, 0)
    elif not (
        can_hold(out, 2, shape, dtype) and are_apart(out, a) and are_apart(out, b)
        and (bias is None or are_apart(out, bias))
    ):
        return None
    lay_out(&call, a, b, out, transpose_a, transpose_b, bias, activation)
    if flops_of(&call) < FLOPS_UNDER_GIL:
        product_work(&call, 0, &alone)
    else:
        with nogil:
            run_product(&call)
    if call.failed:
        raise MemoryError
    return out


def quick_matmul(
    object a, object b, object transpose_a=False, object transpose_b=False,
    object out=None,
):
    """ops.matmul where nothing needs checking or converting, else None."""
    if not (
        quick and (transpose_a is False or transpose_a is True)
        and (transpose_b is False or transpose_b is True)
    ):
        return None
    return quick_product(
        a, b, transpose_a is True, transpose_b is True, None, IDENTITY, out
    )


# The elementwise activations by name, as ACTIVATIONS of reference/activations.py.
cdef dict KINDS = {
    "identity": IDENTITY, "sigmoid": SIGMOID, "tanh": TANH, "relu": RELU,
    "leaky_relu": LEAKY_RELU, "elu": ELU, "selu": SELU, "gelu": GELU,
    "gelu_tanh": GELU_TANH, "silu": SILU, "softplus": SOFTPLUS,
}


def quick_dense(
    object x, object weights, object bias=None, object activation="identity",
    object out=None,
):
    """ops.dense where nothing needs checking or converting, else None."""
    if not (quick and type(activation) is str):
        return None
    kind = KINDS.get(activation)
    if kind is None:
        return None
    return quick_product(x, weights, False, False, bias, kind, out)


def quick_column_sums(object x, object out=None):
    """ops.column_sums where nothing needs checking or converting, else None."""
    cdef npy_intp columns
    if not (quick and is_plain(x, 2)):
        return None
    columns = PyArray_DIM(x, 1)
    if out is None:
        out = PyArray_EMPTY(1, &columns, PyArray_TYPE(x), 0)
    elif not (can_hold(out, 1, &columns, PyArray_TYPE(x)) and are_apart(out, x)):
        return None
    column_sums(x, out)
    return out
