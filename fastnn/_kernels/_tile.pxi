# The register tile, for matmul.pyx: rows x vectors of sums that stay in registers.

cdef enum:
    PANEL_BYTES = 2 * VECTOR_BYTES
    # Blocks: MC rows of A stay in the L2 cache, a panel of B, of k by PANEL_BYTES,
    # streams from it, and all of B's block, 4 MB at most, is in L3. Half of KC and twice
    # MC cost 2-4 % at 512-1024: sums come and go more often.
    KC_BYTES = 4096  # k per block: 1024 floats or 512 doubles
    NC_BYTES = 4096
    SIDE_BY_SIDE = 4  # panels that are packed at once
    TURNED = 256  # rows of a narrow product that are made as columns at a time
    VECTORS_A_LINE = 64 // VECTOR_BYTES
    STACK_BYTES = 16384  # products with less scratch than this need no malloc


cdef struct Step:  # one block of columns and k
    bint onward  # go on from the sums in out, of an earlier block of k
    bint relu  # once the sums and the bias are in
    bint packed  # tiles read panels of B, not B as it lies
    bint fresh  # the panels are still to be packed
    Py_ssize_t later  # elements from A's rows on to rows that come soon; 0: unknown
    Py_ssize_t second  # column of the second of two vectors; less than a vector's width
    # where the tile is that narrow: the two then share columns, computed twice


cdef inline Py_ssize_t column_of(
    const int v, const int vectors, Py_ssize_t lanes, Step step
) noexcept nogil:
    """The first column of vector v of a tile."""
    return step.second if v == 1 and vectors == 2 else v * lanes


cdef inline void add_outer_product(
    const int rows, const int vectors, Vector* acc, const real_t* const* third,
    Py_ssize_t row_a, Py_ssize_t later_a, const real_t* b, Step step,
) noexcept nogil:
    """acc[i, v] += a[i] * b[v], what one k adds to the tile."""
    cdef Py_ssize_t lanes = VECTOR_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Vector row[8]
    cdef int i, v
    for v in range(vectors):
        load(&row[v], &b[column_of(v, vectors, lanes, step)])
        if rows > 1:
            hold(&row[v], b)
    for i in range(rows):
        for v in range(vectors):
            add_product(
                &acc[i * vectors + v], third[i // 3][later_a + i % 3 * row_a], &row[v]
            )


cdef inline void tile(
    const int rows, const int vectors, const bint packed, Py_ssize_t k,
    const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    const real_t* b, Py_ssize_t row_b,
    real_t* out, Py_ssize_t row_out,
    const real_t* bias, Step step,
) noexcept nogil:
    """out = a @ b for rows x (vectors * lanes) elements and k >= 1, sums in registers.

    rows, vectors and packed are constants where this is inlined, so the loops over them
    unroll, and acc never lives in memory. That is delicate with gcc: a choice between
    zeros and out that is no branch, a loop over k that runs at least once and one
    loop at the end spare it 24 moves to the stack and back, 5 ns of each tile.
    packed: A and B both are, so that their strides are constants too, and need no
    registers: 9-18 % at 1024.
    """
    cdef Py_ssize_t lanes = VECTOR_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Vector acc[2 * ROWS]
    # a pointer for every third row: six of them in one loop leave no register for k
    cdef const real_t* third[4]
    cdef const real_t* from_out = out if step.onward else <const real_t*> zeros
    cdef Py_ssize_t from_row = row_out if step.onward else 0
    if packed:
        row_a = 1
        col_a = rows
        row_b = vectors * lanes
        step.second = lanes
    # rows 4 kB apart would push each other out of the L1 cache
    cdef bint near = row_b * <Py_ssize_t> sizeof(real_t) <= 2048
    cdef Py_ssize_t ahead = 8 * row_b if near else 0, j
    cdef const real_t* soon = a + step.later
    cdef Py_ssize_t soon_step = 64 // <Py_ssize_t> sizeof(real_t) if step.later else 0
    cdef int i, v
    for i in range(rows):
        if i % 3 == 0:
            third[i // 3] = a + i * row_a
        # most often the next tile is the one below
        prefetch(&out[(rows + i) * row_out])
        prefetch(&out[(rows + i) * row_out + vectors * lanes - 1])
    for i in range(rows):
        for v in range(vectors):
            j = column_of(v, vectors, lanes, step)
            load(&acc[i * vectors + v], &from_out[i * from_row + j])
    while packed and STEPS > 1 and k > STEPS:
        for v in range(STEPS):
            add_outer_product(
                rows, vectors, acc, third, row_a, v * col_a, &b[v * row_b], step
            )
        for i in range(0, rows, 3):
            third[i // 3] += STEPS * col_a
        b += STEPS * row_b
        k -= STEPS
    while True:
        if vectors > 2:
            # all lines of a row that comes soon: 13 % of 1 x 784 times 784 x 128; half
            # of them would be worse than none, they confuse the CPU's own guess
            for v in range(vectors):
                if v % VECTORS_A_LINE == 0:
                    prefetch_to_read(&b[ahead + v * lanes])
        elif vectors == 2 and TILE_AHEAD > 0:
            if packed:
                prefetch_to_read(&third[0][TILE_AHEAD * col_a])
            else:
                prefetch_far(soon)
                soon += soon_step
            prefetch_to_read(&b[TILE_AHEAD * row_b])
            prefetch_to_read(&b[TILE_AHEAD * row_b + lanes])
        add_outer_product(rows, vectors, acc, third, row_a, 0, b, step)
        for i in range(0, rows, 3):
            third[i // 3] += col_a
        b += row_b
        k -= 1
        if k <= 0:
            break
    if bias != NULL:
        for i in range(rows):
            for v in range(vectors):
                j = column_of(v, vectors, lanes, step)
                add_bias(&acc[i * vectors + v], &bias[j])
                if step.relu:
                    relu_vector(&acc[i * vectors + v], bias)
                store(&out[i * row_out + j], &acc[i * vectors + v])
    else:
        for i in range(rows):
            for v in range(vectors):
                j = column_of(v, vectors, lanes, step)
                if step.relu:
                    relu_vector(&acc[i * vectors + v], bias)
                store(&out[i * row_out + j], &acc[i * vectors + v])


cdef inline void tile_of_rows(
    const int vectors, const bint packed, int rows, Py_ssize_t k,
    const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    const real_t* b, Py_ssize_t row_b,
    real_t* out, Py_ssize_t row_out, const real_t* bias, Step step,
) noexcept nogil:
    """tile, with the number of rows as a constant: as many as there are registers for.

    One vector's width takes more rows than two, so that enough sums hide latency.
    """
    cdef int most = 2 * ROWS // vectors
    if rows == 12 and 12 <= most:
        tile(
            12, vectors, packed, k, a, row_a, col_a, b, row_b, out, row_out, bias, step,
        )
    elif rows == 11 and 11 <= most:
        tile(
            11, vectors, packed, k, a, row_a, col_a, b, row_b, out, row_out, bias, step,
        )
    elif rows == 10 and 10 <= most:
        tile(
            10, vectors, packed, k, a, row_a, col_a, b, row_b, out, row_out, bias, step,
        )
    elif rows == 9 and 9 <= most:
        tile(
            9, vectors, packed, k, a, row_a, col_a, b, row_b, out, row_out, bias, step,
        )
    elif rows == 8 and 8 <= most:
        tile(
            8, vectors, packed, k, a, row_a, col_a, b, row_b, out, row_out, bias, step,
        )
    elif rows == 7 and 7 <= most:
        tile(
            7, vectors, packed, k, a, row_a, col_a, b, row_b, out, row_out, bias, step,
        )
    elif rows == 6:
        tile(
            6, vectors, packed, k, a, row_a, col_a, b, row_b, out, row_out, bias, step,
        )
    elif rows == 5:
        tile(
            5, vectors, packed, k, a, row_a, col_a, b, row_b, out, row_out, bias, step,
        )
    elif rows == 4:
        tile(
            4, vectors, packed, k, a, row_a, col_a, b, row_b, out, row_out, bias, step,
        )
    elif rows == 3:
        tile(
            3, vectors, packed, k, a, row_a, col_a, b, row_b, out, row_out, bias, step,
        )
    elif rows == 2:
        tile(
            2, vectors, packed, k, a, row_a, col_a, b, row_b, out, row_out, bias, step,
        )
    else:
        tile(
            1, vectors, packed, k, a, row_a, col_a, b, row_b, out, row_out, bias, step,
        )


cdef void packed_tile(
    int rows, Py_ssize_t k, const real_t* a, const real_t* b,
    real_t* out, Py_ssize_t row_out, const real_t* bias, Step step,
) noexcept nogil:
    """Two vectors' width, where A and B are packed."""
    tile_of_rows(2, True, rows, k, a, 0, 0, b, 0, out, row_out, bias, step)


cdef void narrow_tile(
    int rows, int vectors, Py_ssize_t k,
    const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    const real_t* b, Py_ssize_t row_b,
    real_t* out, Py_ssize_t row_out, const real_t* bias, Step step,
) noexcept nogil:
    """One panel's width: vectors is 2, 1 or, for half a vector, 0.

    rows is 1 .. ROWS, of two vectors; 1 .. 12 of less.
    """
    if vectors == 2:
        tile_of_rows(
            2, False, rows, k, a, row_a, col_a, b, row_b, out, row_out, bias, step
        )
    elif vectors == 1:
        tile_of_rows(
            1, False, rows, k, a, row_a, col_a, b, row_b, out, row_out, bias, step
        )
    elif HALVES:
        half_tile(rows, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)


cdef inline void tile_of_halves(
    const int rows, Py_ssize_t k,
    const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    const real_t* b, Py_ssize_t row_b,
    real_t* out, Py_ssize_t row_out, const real_t* bias, Step step,
) noexcept nogil:
    """The same as tile, for rows x (half a vector)."""
    cdef Half acc[12]
    cdef Half row
    cdef const real_t* third[4]
    cdef const real_t* from_out = out if step.onward else <const real_t*> zeros
    cdef Py_ssize_t from_row = row_out if step.onward else 0
    cdef int i
    for i in range(rows):
        if i % 3 == 0:
            third[i // 3] = a + i * row_a
        load_half(&acc[i], &from_out[i * from_row])
    while True:
        load_half(&row, b)
        hold_half(&row, b)
        for i in range(rows):
            add_product_of_half(&acc[i], third[i // 3][i % 3 * row_a], &row)
        for i in range(0, rows, 3):
            third[i // 3] += col_a
        b += row_b
        k -= 1
        if k <= 0:
            break
    for i in range(rows):
        finish_half(&acc[i], bias, step.relu)
        store_half(&out[i * row_out], &acc[i])


cdef void half_tile(
    int rows, Py_ssize_t k,
    const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    const real_t* b, Py_ssize_t row_b,
    real_t* out, Py_ssize_t row_out, const real_t* bias, Step step,
) noexcept nogil:
    """Half a vector's width; rows is 1 .. 12."""
    if rows == 12:
        tile_of_halves(12, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
    elif rows == 11:
        tile_of_halves(11, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
    elif rows == 10:
        tile_of_halves(10, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
    elif rows == 9:
        tile_of_halves(9, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
    elif rows == 8:
        tile_of_halves(8, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
    elif rows == 7:
        tile_of_halves(7, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
    elif rows == 6:
        tile_of_halves(6, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
    elif rows == 5:
        tile_of_halves(5, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
    elif rows == 4:
        tile_of_halves(4, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
    elif rows == 3:
        tile_of_halves(3, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
    elif rows == 2:
        tile_of_halves(2, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
    else:
        tile_of_halves(1, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)


cdef void wide_tile(
    int rows, Py_ssize_t k,
    const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    const real_t* b, Py_ssize_t row_b,
    real_t* out, Py_ssize_t row_out, const real_t* bias, Step step,
) noexcept nogil:
    """wide_vectors(rows) vectors for 1, 2 or 3 rows: enough sums to hide latency."""
    if rows == 1:
        tile(1, 8, False, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
    elif rows == 2:
        tile(2, 4, False, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)
    else:
        tile(3, 4, False, k, a, row_a, col_a, b, row_b, out, row_out, bias, step)


cdef inline int wide_vectors(Py_ssize_t rows) noexcept nogil:
    return 8 if rows == 1 else 4


cdef inline void copy_part(
    const real_t* source, real_t* to, Py_ssize_t first, Py_ssize_t rest
) noexcept nogil:
    """to[: first + rest] = source[: first + rest]; first is a vector's lanes or 0."""
    cdef Vector v
    if first > 0:
        load(&v, source)
        store(to, &v)
    load_part(&v, &source[first], rest)
    store_part(&to[first], &v, rest)


cdef void edge_tile(
    int rows, int vectors, int columns, Py_ssize_t k,
    const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    const real_t* b, Py_ssize_t row_b,
    real_t* out, Py_ssize_t row_out, const real_t* bias, Step step,
) noexcept nogil:
    """A tile of which only the first `columns` exist in out and bias."""
    cdef real_t whole[2 * ROWS * VECTOR_FLOATS]
    cdef real_t whole_bias[2 * VECTOR_FLOATS]
    cdef Py_ssize_t lanes = VECTOR_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Py_ssize_t first = lanes if vectors == 2 else 0
    cdef Py_ssize_t width = vectors * lanes if vectors > 0 else lanes // 2
    cdef int i
    if step.onward:
        for i in range(rows):
            copy_part(&out[i * row_out], &whole[i * width], first, columns - first)
    if bias != NULL:
        copy_part(bias, whole_bias, first, columns - first)
        bias = whole_bias
    narrow_tile(
        rows, vectors, k, a, row_a, col_a, b, row_b, whole, width, bias, step
    )
    for i in range(rows):
        copy_part(&whole[i * width], &out[i * row_out], first, columns - first)
