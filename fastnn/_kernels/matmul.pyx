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

cdef extern from "simd.h" nogil:
    enum:
        VECTOR_BYTES
        VECTOR_FLOATS
    ctypedef struct Vector:  # one register, of floats or of doubles
        pass
    void zero_float(Vector* v)
    void zero_double(Vector* v)
    void load_float(Vector* v, const float* source)
    void load_double(Vector* v, const double* source)
    void store_float(float* to, const Vector* v)
    void store_double(double* to, const Vector* v)
    void add_product_float(Vector* v, float x, const float* b)
    void add_product_double(Vector* v, double x, const double* b)
    void add_float(Vector* v, const float* b)
    void add_double(Vector* v, const double* b)
    void relu_float(Vector* v)
    void relu_double(Vector* v)
    void prefetch(const void* p)
    void transpose_square_float(
        const float* source, Py_ssize_t row_from, float* to, Py_ssize_t row_to
    )
    void transpose_square_double(
        const double* source, Py_ssize_t row_from, double* to, Py_ssize_t row_to
    )

cdef enum:
    ROWS = 6  # of a tile: 6 x 2 vectors of sums fill 12 of 16 registers
    PANEL_BYTES = 2 * VECTOR_BYTES
    KC_BYTES = 2048  # k per block: 512 floats or 256 doubles
    NC_BYTES = 8192
    MC = 96
    STACK_BYTES = 16384  # products with less scratch than this need no malloc


# --- One vector, in either precision ------------------------------------------------

cdef inline void load(Vector* v, const real_t* source) noexcept nogil:
    if real_t is float:
        load_float(v, source)
    else:
        load_double(v, source)


cdef inline void store(real_t* to, const Vector* v) noexcept nogil:
    if real_t is float:
        store_float(to, v)
    else:
        store_double(to, v)


cdef inline void add_product(Vector* v, real_t x, const real_t* b) noexcept nogil:
    if real_t is float:
        add_product_float(v, x, b)
    else:
        add_product_double(v, x, b)


cdef inline void add_bias(Vector* v, const real_t* b) noexcept nogil:
    if real_t is float:
        add_float(v, b)
    else:
        add_double(v, b)


cdef inline void transpose_square(
    const real_t* source, Py_ssize_t row_from, real_t* to, Py_ssize_t row_to
) noexcept nogil:
    if real_t is float:
        transpose_square_float(source, row_from, to, row_to)
    else:
        transpose_square_double(source, row_from, to, row_to)


# --- The tile -----------------------------------------------------------------------

cdef struct Step:  # one block of columns and k
    bint onward  # go on from the sums in out, of an earlier block of k
    bint relu  # once the sums and the bias are in
    bint packed  # tiles read panels of B, not B as it lies
    bint fresh  # the panels are still to be packed, each right before its use
    bint kept  # and wanted again by the next rows, so each has its own place


cdef inline void tile(
    const int rows, const int vectors, Py_ssize_t k,
    const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    const real_t* b, Py_ssize_t row_b,
    real_t* out, Py_ssize_t row_out,
    const real_t* bias, Step step,
) noexcept nogil:
    """out = a @ b for rows x (vectors * lanes) elements, all sums in registers.

    rows and vectors are constants where this is inlined, so the loops over them
    unroll, and acc never lives in memory.
    """
    cdef Py_ssize_t lanes = VECTOR_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Vector acc[12]
    cdef Py_ssize_t p
    cdef int i, v
    for i in range(rows):
        for v in range(vectors):
            if step.onward:
                load(&acc[i * vectors + v], &out[i * row_out + v * lanes])
            elif real_t is float:
                zero_float(&acc[i * vectors + v])
            else:
                zero_double(&acc[i * vectors + v])
        # most often the next tile is the one below
        prefetch(&out[(rows + i) * row_out])
        prefetch(&out[(rows + i) * row_out + vectors * lanes - 1])
    for p in range(k):
        for i in range(rows):
            for v in range(vectors):
                add_product(&acc[i * vectors + v], a[i * row_a], &b[v * lanes])
        a += col_a
        b += row_b
    for i in range(rows):
        for v in range(vectors):
            if bias != NULL:
                add_bias(&acc[i * vectors + v], &bias[v * lanes])
            if step.relu:
                if real_t is float:
                    relu_float(&acc[i * vectors + v])
                else:
                    relu_double(&acc[i * vectors + v])
            store(&out[i * row_out + v * lanes], &acc[i * vectors + v])


cdef void narrow_tile(
    int rows, int vectors, Py_ssize_t k,
    const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    const real_t* b, Py_ssize_t row_b,
    real_t* out, Py_ssize_t row_out, const real_t* bias, Step step,
) noexcept nogil:
    """One panel's width or half of it: vectors is 2 or 1, rows is 1 .. ROWS."""
    if vectors == 2:
        if rows == 6:
            tile(6, 2, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
        elif rows == 5:
            tile(5, 2, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
        elif rows == 4:
            tile(4, 2, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
        elif rows == 3:
            tile(3, 2, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
        elif rows == 2:
            tile(2, 2, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
        else:
            tile(1, 2, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
    else:
        if rows == 6:
            tile(6, 1, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
        elif rows == 5:
            tile(5, 1, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
        elif rows == 4:
            tile(4, 1, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
        elif rows == 3:
            tile(3, 1, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
        elif rows == 2:
            tile(2, 1, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
        else:
            tile(1, 1, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)


cdef void wide_tile(
    int rows, Py_ssize_t k,
    const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    const real_t* b, Py_ssize_t row_b,
    real_t* out, Py_ssize_t row_out, const real_t* bias, Step step,
) noexcept nogil:
    """wide_vectors(rows) vectors for 1, 2 or 3 rows: enough sums to hide latency."""
    if rows == 1:
        tile(1, 8, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
    elif rows == 2:
        tile(2, 4, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
    else:
        tile(3, 4, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)


cdef inline int wide_vectors(Py_ssize_t rows) noexcept nogil:
    return 8 if rows == 1 else 4


cdef void edge_tile(
    int rows, int vectors, int columns, Py_ssize_t k,
    const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    const real_t* b, Py_ssize_t row_b,
    real_t* out, Py_ssize_t row_out, const real_t* bias, Step step,
) noexcept nogil:
    """A tile of which only the first `columns` exist in out and bias."""
    cdef real_t whole[12 * VECTOR_FLOATS]
    cdef real_t whole_bias[2 * VECTOR_FLOATS]
    cdef int i, width = vectors * (VECTOR_BYTES // <int> sizeof(real_t))
    if step.onward:
        for i in range(rows):
            memcpy(&whole[i * width], &out[i * row_out], columns * sizeof(real_t))
            memset(&whole[i * width + columns], 0, (width - columns) * sizeof(real_t))
    if bias != NULL:
        memcpy(whole_bias, bias, columns * sizeof(real_t))
        memset(&whole_bias[columns], 0, (width - columns) * sizeof(real_t))
        bias = whole_bias
    narrow_tile(
        rows, vectors, k, a, row_a, col_a, b, row_b, whole, width, bias, step
    )
    for i in range(rows):
        memcpy(&out[i * row_out], &whole[i * width], columns * sizeof(real_t))


# --- Packing ------------------------------------------------------------------------

cdef void pack_panel(
    const real_t* b, Py_ssize_t row_b, Py_ssize_t col_b,
    Py_ssize_t k, Py_ssize_t columns, Py_ssize_t width, real_t* panel,
) noexcept nogil:
    """panel[p * width + j] = b[p, j], and 0 for columns <= j < width."""
    cdef Vector v, w
    cdef Py_ssize_t p = 0, j, square = 16 // <Py_ssize_t> sizeof(real_t)
    if columns < width:
        memset(panel, 0, k * width * sizeof(real_t))
    if col_b == 1:
        if columns == width:
            for p in range(k):
                load(&v, &b[p * row_b])
                load(&w, &b[p * row_b + width // 2])
                store(&panel[p * width], &v)
                store(&panel[p * width + width // 2], &w)
        else:
            for p in range(k):
                for j in range(columns):
                    panel[p * width + j] = b[p * row_b + j]
        return
    if row_b == 1:
        while p + square <= k:
            j = 0
            while j + square <= columns:
                transpose_square(&b[j * col_b + p], col_b, &panel[p * width + j], width)
                j += square
            p += square
        # the rows and columns that fill no square
        for j in range(columns // square * square, columns):
            for p in range(k):
                panel[p * width + j] = b[j * col_b + p]
        for p in range(k // square * square, k):
            for j in range(columns // square * square):
                panel[p * width + j] = b[j * col_b + p]
        return
    for p in range(k):
        for j in range(columns):
            panel[p * width + j] = b[p * row_b + j * col_b]


cdef inline void pack_rows(
    const int rows, const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    Py_ssize_t k, real_t* packed,
) noexcept nogil:
    """packed[p * rows + i] = a[i, p]."""
    cdef Py_ssize_t p
    cdef int i
    for p in range(k):
        if row_a == 1:
            memcpy(&packed[p * rows], &a[p * col_a], rows * sizeof(real_t))
        else:
            for i in range(rows):
                packed[p * rows + i] = a[i * row_a + p * col_a]


cdef void pack_blocks(
    const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    Py_ssize_t m, Py_ssize_t k, real_t* packed,
) noexcept nogil:
    """Blocks of at most ROWS rows one after the other, each as in pack_rows.

    Goes through a few columns of all blocks at a time, so that a transposed A is read
    once, along its rows.
    """
    cdef Py_ssize_t n_blocks = (m + ROWS - 1) // ROWS
    cdef Py_ssize_t base = m // n_blocks, larger = m % n_blocks
    cdef Py_ssize_t strip = 32 if row_a == 1 else k
    cdef Py_ssize_t p = 0, depth, block, i
    cdef int rows
    cdef const real_t* source
    cdef real_t* to
    while p < k:
        depth = min(strip, k - p)
        i = 0
        for block in range(n_blocks):
            rows = <int> (base + (block < larger))
            source = &a[i * row_a + p * col_a]
            to = &packed[i * k + p * rows]
            if rows == 6 and row_a == 1:  # constants make the loops quick
                pack_rows(6, source, 1, col_a, depth, to)
            elif rows == 5 and row_a == 1:
                pack_rows(5, source, 1, col_a, depth, to)
            elif rows == 6 and col_a == 1:
                pack_rows(6, source, row_a, 1, depth, to)
            else:
                pack_rows(rows, source, row_a, col_a, depth, to)
            i += rows
        p += depth


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
    cdef Py_ssize_t kc = KC_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Py_ssize_t nc = NC_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Py_ssize_t panel = PANEL_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Py_ssize_t jc, pc, columns, depth
    cdef bint last
    cdef Step step
    if m <= 0 or n <= 0:
        return
    # B as it lies: where a pack would be read only once or B is small
    step.packed = col_b != 1 or not (m <= ROWS or k * n <= 4096)
    kc = even_part(k, kc) if k > 0 else 1
    nc = round_up(even_part(n, nc), panel)
    jc = 0
    while jc < n:
        columns = min(nc, n - jc)
        pc = 0
        while True:  # once even for k = 0: bias and activation remain
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
            if pc >= k:
                break
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
    with nogil:
        run_team(
            product_work, &call, threads_for(2.0 * call.m * call.n * call.k)
        )


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
