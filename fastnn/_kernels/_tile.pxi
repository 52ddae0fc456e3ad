# The register tile and the packing of its operands, for matmul.pyx.

cdef extern from "simd.h" nogil:
    enum:
        VECTOR_BYTES
        VECTOR_FLOATS
    ctypedef struct Vector:  # one register, of floats or of doubles
        pass
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
    void prefetch_to_read(const void* p)
    void transpose_square_float(
        const float* source, Py_ssize_t row_from, float* to, Py_ssize_t row_to
    )
    void transpose_square_double(
        const double* source, Py_ssize_t row_from, double* to, Py_ssize_t row_to
    )

cdef enum:
    ROWS = 6  # of a tile: 6 x 2 vectors of sums fill 12 of 16 registers
    PANEL_BYTES = 2 * VECTOR_BYTES
    # Blocks: KC_BYTES * MC = 192 kB of A stay in the L2 cache, a panel of B of twice
    # KC_BYTES * VECTOR_BYTES streams from it, and all of B's block (4 MB at most) is in
    # L3. Half of KC and twice MC cost 2-4 % at 512-1024: sums come and go more often.
    KC_BYTES = 4096  # k per block: 1024 floats or 512 doubles
    NC_BYTES = 4096
    MC = 48
    STACK_BYTES = 16384  # products with less scratch than this need no malloc


# What sums go on from at their start, in either precision.
cdef float zeros[8 * VECTOR_FLOATS]


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


cdef inline void relu_vector(Vector* v, const real_t* precision) noexcept nogil:
    if real_t is float:
        relu_float(v)
    else:
        relu_double(v)


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
    Py_ssize_t second  # column of the second of two vectors; less than a vector's width
    # where the tile is that narrow: the two then share columns, computed twice


cdef inline Py_ssize_t place(
    const int v, const int vectors, Py_ssize_t lanes, Step step
) noexcept nogil:
    """The first column of vector v of a tile."""
    return step.second if v == 1 and vectors == 2 else v * lanes


cdef inline void tile(
    const int rows, const int vectors, Py_ssize_t k,
    const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    const real_t* b, Py_ssize_t row_b,
    real_t* out, Py_ssize_t row_out,
    const real_t* bias, Step step,
) noexcept nogil:
    """out = a @ b for rows x (vectors * lanes) elements and k >= 1, sums in registers.

    rows and vectors are constants where this is inlined, so the loops over them
    unroll, and acc never lives in memory. That is delicate with gcc: a choice between
    zeros and out that is no branch, a loop over k that runs at least once and one
    loop at the end spare it 24 moves to the stack and back, 5 ns of each tile.
    """
    cdef Py_ssize_t lanes = VECTOR_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Vector acc[12]
    cdef const real_t* from_out = out if step.onward else <const real_t*> zeros
    cdef Py_ssize_t from_row = row_out if step.onward else 0
    # rows 4 kB apart would push each other out of the L1 cache
    cdef bint near = row_b * <Py_ssize_t> sizeof(real_t) <= 2048
    cdef Py_ssize_t ahead = 8 * row_b if near else 0
    cdef int i, v
    for i in range(rows):
        # most often the next tile is the one below
        prefetch(&out[(rows + i) * row_out])
        prefetch(&out[(rows + i) * row_out + vectors * lanes - 1])
    for i in range(rows):
        for v in range(vectors):
            load(&acc[i * vectors + v], &from_out[i * from_row + place(v, vectors, lanes, step)])
    while True:
        if vectors > 2:
            # the lines of a row that comes soon: 13 % of 1 x 784 times 784 x 128
            for v in range(0, vectors, 2):
                prefetch_to_read(&b[ahead + v * lanes])
        for i in range(rows):
            for v in range(vectors):
                add_product(&acc[i * vectors + v], a[i * row_a], &b[place(v, vectors, lanes, step)])
        a += col_a
        b += row_b
        k -= 1
        if k <= 0:
            break
    if bias != NULL:
        for i in range(rows):
            for v in range(vectors):
                add_bias(&acc[i * vectors + v], &bias[place(v, vectors, lanes, step)])
                if step.relu:
                    relu_vector(&acc[i * vectors + v], bias)
                store(&out[i * row_out + place(v, vectors, lanes, step)], &acc[i * vectors + v])
    else:
        for i in range(rows):
            for v in range(vectors):
                if step.relu:
                    relu_vector(&acc[i * vectors + v], bias)
                store(&out[i * row_out + place(v, vectors, lanes, step)], &acc[i * vectors + v])


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
    cdef Py_ssize_t p = 0
    cdef int i, square = 16 // <int> sizeof(real_t)
    if col_a == 1 and rows >= square:
        # In squares; the last ones overlap, and write some elements twice. One element
        # at a time, packing took 5 % of a product of 1024 x 1024 floats.
        while p + square <= k:
            i = 0
            while i + square <= rows:
                transpose_square(&a[i * row_a + p], row_a, &packed[p * rows + i], rows)
                i += square
            if i < rows:
                i = rows - square
                transpose_square(&a[i * row_a + p], row_a, &packed[p * rows + i], rows)
            p += square
    while p < k:
        if row_a == 1:
            memcpy(&packed[p * rows], &a[p * col_a], rows * sizeof(real_t))
        else:
            for i in range(rows):
                packed[p * rows + i] = a[i * row_a + p * col_a]
        p += 1


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
            elif rows == 5 and col_a == 1:
                pack_rows(5, source, row_a, 1, depth, to)
            else:
                pack_rows(rows, source, row_a, col_a, depth, to)
            i += rows
        p += depth
