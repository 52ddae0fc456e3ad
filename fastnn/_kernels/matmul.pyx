# The matrix product, the one kernel that large networks spend their time in.
# Twin: fastnn/reference/matmul.py
#
#     for columns in blocks of NC              (jc)
#         for k in blocks of KC                (pc)
#             pack B into panels of two vectors' width      -> L2, L3
#             for rows in blocks of MC         (ic)
#                 pack A into blocks of at most ROWS rows    -> L2
#                 for each panel of B                        -> L1
#                     for each block of rows: one tile       -> registers
#
# Every path adds over p in the same order, acc = fma(a[i, p], b[p, j], acc) from 0, and
# a later block of k goes on from the stored sum. So out[i, j] is the same bits however
# rows and columns are split: for any batch, any number of threads, any form.

include "_tile.pxi"
include "_vector.pxi"


# --- The product --------------------------------------------------------------------

cdef inline Py_ssize_t round_up(Py_ssize_t n, Py_ssize_t grain) noexcept nogil:
    return (n + grain - 1) // grain * grain


cdef inline Py_ssize_t even_part(Py_ssize_t n, Py_ssize_t largest) noexcept nogil:
    """The size of the parts when n is cut evenly into as few as `largest` allows."""
    cdef Py_ssize_t parts = (n + largest - 1) // largest
    return (n + parts - 1) // parts


cdef Py_ssize_t gemm_workspace(Py_ssize_t m, Py_ssize_t n, Py_ssize_t k) noexcept nogil:
    """Elements of scratch that gemm needs, enough for either precision."""
    return min(k, KC_BYTES // 4) * (
        round_up(min(n, NC_BYTES // 4), PANEL_BYTES // 4) + min(m, MC)
    )


cdef void gemm(
    const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    const real_t* b, Py_ssize_t row_b, Py_ssize_t col_b,
    real_t* out, Py_ssize_t row_out,
    Py_ssize_t m, Py_ssize_t n, Py_ssize_t k,
    const real_t* bias, int activation, real_t* pack,
) noexcept nogil:
    """out = activation(a @ b + bias), with a[i, p] = a[i * row_a + p * col_a].

    bias (n,) or NULL. pack: gemm_workspace(m, n, k) elements, aligned to 64 bytes.
    """
    # Blocks are shallower where A stays unpacked (gemm_rows): half of KC lets a panel
    # of B stay in L1 beside A's rows, 3-8 % of 64 x 784 times 784 x 128.
    cdef Py_ssize_t kc_bytes = KC_BYTES if n >= 512 else KC_BYTES // 2
    cdef Py_ssize_t kc = kc_bytes // <Py_ssize_t> sizeof(real_t)
    cdef Py_ssize_t lanes = VECTOR_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Py_ssize_t nc = NC_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Py_ssize_t panel = PANEL_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Py_ssize_t i, jc, pc, columns, depth
    cdef bint last
    cdef Step step
    if m <= 0 or n <= 0:
        return
    if k <= 0:
        for i in range(m):
            memset(&out[i * row_out], 0, n * sizeof(real_t))
            finish(&out[i * row_out], n, bias, 1, activation)
        return
    if m == 1 and row_b == 1 and col_b != 1 and n >= lanes:
        matrix_vector(a, col_a, b, col_b, out, n, k)
        finish(out, n, bias, 1, activation)
        return
    if n == 1 and row_out == 1 and m >= lanes:
        # one column: b.T @ a.T is the same numbers, as one row
        if col_a == 1:
            matrix_vector(b, row_b, a, row_a, out, m, k)
        else:
            gemm(
                b, 1, row_b, a, col_a, row_a, out, m, 1, m, k,
                <const real_t*> NULL, IDENTITY, pack,
            )
        finish(out, m, bias, 0, activation)
        return
    # B as it lies: where a pack would be read only once or B is small
    step.packed = col_b != 1 or not (m <= ROWS or k * n <= 4096)
    kc = even_part(k, kc)
    nc = round_up(even_part(n, nc), panel)
    jc = 0
    while jc < n:
        columns = min(nc, n - jc)
        pc = 0
        while pc < k:
            depth = min(kc, k - pc)
            last = pc + depth == k
            step.onward = pc > 0
            step.relu = last and activation == RELU
            gemm_block(
                &a[pc * col_a], row_a, col_a,
                &b[pc * row_b + jc * col_b], row_b, col_b,
                &out[jc], row_out, m, columns, depth,
                &bias[jc] if last and bias != NULL else NULL, step,
                activation if last and activation != RELU else IDENTITY, pack,
            )
            pc += depth
        jc += columns


cdef void gemm_block(
    const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    const real_t* b, Py_ssize_t row_b, Py_ssize_t col_b,
    real_t* out, Py_ssize_t row_out,
    Py_ssize_t m, Py_ssize_t n, Py_ssize_t k,
    const real_t* bias, Step step, int activation, real_t* pack,
) noexcept nogil:
    """All rows of one block of columns and k, in groups of at most MC."""
    cdef Py_ssize_t panel = PANEL_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Py_ssize_t n_blocks = (m + ROWS - 1) // ROWS
    cdef Py_ssize_t per_group = even_part(n_blocks, MC // ROWS)
    cdef Py_ssize_t block = 0, stop, start = 0, i
    step.fresh = True
    step.kept = n_blocks > per_group
    while block < n_blocks:
        # rows in blocks of equal size, the larger ones first: 32 = 6 6 5 5 5 5
        block = min(n_blocks, block + per_group)
        stop = block * (m // n_blocks) + min(block, m % n_blocks)
        gemm_rows(
            &a[start * row_a], row_a, col_a, b, row_b, col_b,
            &out[start * row_out], row_out, stop - start, n, k, bias, step, pack,
            &pack[k * round_up(n, panel)],
        )
        step.fresh = False
        if activation != IDENTITY:  # while the rows are in the cache
            for i in range(start, stop):
                activation_forward(
                    activation, &out[i * row_out], &out[i * row_out], n
                )
        start = stop


cdef void gemm_rows(
    const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    const real_t* b, Py_ssize_t row_b, Py_ssize_t col_b,
    real_t* out, Py_ssize_t row_out,
    Py_ssize_t m, Py_ssize_t n, Py_ssize_t k,
    const real_t* bias, Step step, real_t* pack, real_t* pack_a,
) noexcept nogil:
    """At most MC rows of a block, panel by panel."""
    cdef Py_ssize_t lanes = VECTOR_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Py_ssize_t panel = 2 * lanes
    cdef Py_ssize_t n_blocks = (m + ROWS - 1) // ROWS
    cdef Py_ssize_t base = m // n_blocks, larger = m % n_blocks
    cdef Py_ssize_t j = 0, i, block, width, columns, row_panel
    cdef Py_ssize_t step_row = row_a, step_col = col_a
    cdef int rows, vectors
    cdef const real_t* from_a
    cdef const real_t* from_b
    cdef const real_t* from_bias
    cdef real_t* place
    # A packed: where its rows are far apart, or p runs down a column
    cdef bint packed_a = step.packed and (
        n > 8 * panel if col_a != 1 else n >= 512 and row_a >= 1024
    )
    if packed_a:
        pack_blocks(a, row_a, col_a, m, k, pack_a)
    if not step.packed and m <= 3:
        width = wide_vectors(m) * lanes
        while j + width <= n:
            from_bias = &bias[j] if bias != NULL else NULL
            wide_tile(
                <int> m, k, a, row_a, col_a, &b[j], row_b,
                &out[j], row_out, from_bias, step,
            )
            j += width
    while j < n:
        columns = min(panel, n - j)
        vectors = 1 if columns <= lanes else 2
        from_b = &b[j * col_b]
        row_panel = row_b
        if step.packed or columns < vectors * lanes:
            # the last columns are packed anyway, so that no load passes the end of B
            place = &pack[j * k] if step.packed and step.kept else pack
            if step.fresh or not step.packed:
                pack_panel(from_b, row_b, col_b, k, columns, panel, place)
            from_b = place
            row_panel = panel
        from_bias = &bias[j] if bias != NULL else NULL
        i = 0
        for block in range(n_blocks):
            rows = <int> (base + (block < larger))
            from_a = &a[i * row_a]
            if packed_a:
                from_a = &pack_a[i * k]
                step_row = 1
                step_col = rows
            if columns == vectors * lanes:
                narrow_tile(
                    rows, vectors, k, from_a, step_row, step_col, from_b, row_panel,
                    &out[i * row_out + j], row_out, from_bias, step,
                )
            else:
                edge_tile(
                    rows, vectors, <int> columns, k, from_a, step_row, step_col,
                    from_b, row_panel, &out[i * row_out + j], row_out, from_bias, step,
                )
            i += rows
        j += columns


# --- Sums of columns ----------------------------------------------------------------

cdef void column_sums_(
    const real_t* x, Py_ssize_t row_x, real_t* out, Py_ssize_t rows, Py_ssize_t cols
) noexcept nogil:
    """out[j] = sum over i of x[i, j], in the order of i."""
    cdef Py_ssize_t i, j
    memset(out, 0, cols * sizeof(real_t))
    for i in range(rows):
        for j in range(cols):
            out[j] += x[i * row_x + j]


# --- Calls from Python ---------------------------------------------------------------

cdef struct Product:
    bint single  # float32
    void* a
    void* b
    void* out
    void* bias
    Py_ssize_t row_a, col_a, row_b, col_b, m, n, k
    int activation


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
        scratch = malloc(size)
    gemm(
        &(<const real_t*> call.a)[top * call.row_a], call.row_a, call.col_a,
        &(<const real_t*> call.b)[left * call.col_b], call.row_b, call.col_b,
        &out[top * call.n + left], call.n, bottom - top, right - left, call.k,
        &bias[left] if bias != NULL else NULL, call.activation,
        <real_t*> align(scratch if scratch != NULL else on_stack),
    )
    free(scratch)


cdef inline void* align(void* p) noexcept nogil:
    """The first multiple of 64 from p on."""
    return <void*> ((<size_t> p + 63) & ~<size_t> 63)


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

cdef object quick_product(
    object a, object b, bint transpose_a, bint transpose_b,
    object bias, int activation, object out,
):
    """activation(a @ b + bias) for plain arrays that fit each other, else None."""
    cdef npy_intp shape[2]
    cdef Product call
    cdef int dtype
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
        run_product(&call)
    else:
        with nogil:
            run_product(&call)
    return out


def quick_matmul(object a, object b, object transpose_a, object transpose_b, object out):
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


def quick_dense(object x, object weights, object bias, object activation, object out):
    """ops.dense where nothing needs checking or converting, else None."""
    if not (quick and type(activation) is str):
        return None
    kind = KINDS.get(activation)
    if kind is None:
        return None
    return quick_product(x, weights, False, False, bias, kind, out)


def quick_column_sums(object x, object out):
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
