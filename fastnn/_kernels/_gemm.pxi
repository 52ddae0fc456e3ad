# The loops around the tile, for matmul.pyx.
#
#     for columns in blocks of NC              (jc)
#         for k in blocks of KC                (pc)
#             pack B into panels of two vectors' width      -> L2, L3
#             for rows in blocks of MC         (ic)
#                 pack A into blocks of at most ROWS rows    -> L2
#                 for each panel of B                        -> L1, L2
#                     for each block of rows: one tile       -> registers
#
# Every path adds over p in the same order, acc = fma(a[i, p], b[p, j], acc) from 0, and
# a later block of k goes on from the stored sum. So out[i, j] is the same bits however
# rows and columns are split: for any batch, any number of threads, any form.

cdef inline Py_ssize_t round_up(Py_ssize_t n, Py_ssize_t grain) noexcept nogil:
    return (n + grain - 1) // grain * grain


cdef inline Py_ssize_t even_part(Py_ssize_t n, Py_ssize_t largest) noexcept nogil:
    """The size of the parts when n is cut evenly into as few as `largest` allows."""
    cdef Py_ssize_t parts
    if n <= largest:
        return n  # divisions are slow
    parts = (n + largest - 1) // largest
    return (n + parts - 1) // parts


cdef Py_ssize_t gemm_workspace(Py_ssize_t m, Py_ssize_t n, Py_ssize_t k) noexcept nogil:
    """Elements of scratch that gemm needs, enough for either precision."""
    cdef Py_ssize_t depth = min(k, KC_BYTES // 4), turned = 0
    if n < PANEL_BYTES // 4:  # narrow_product: out^T, and A^T as its right operand
        turned = (n + depth) * round_up(min(m, TURNED), PANEL_BYTES // 4)
    return turned + depth * (
        round_up(min(n, NC_BYTES // 4), PANEL_BYTES // 4) + min(m, MC)
    )


cdef struct Series:  # what is known in a series of products with the same B
    void* panels  # where it is kept packed: packed_elements(n, k), aligned to 64 bytes
    bint fresh  # whether it is still to be packed: paths for one row or column do not
    Py_ssize_t later  # elements from A on to that of the next product; 0: unknown


cdef inline Py_ssize_t packed_elements(Py_ssize_t n, Py_ssize_t k) noexcept nogil:
    """Elements of B, k by n, packed in whole, enough for either precision."""
    return k * round_up(n, PANEL_BYTES // 4)


cdef void gemm(
    const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    const real_t* b, Py_ssize_t row_b, Py_ssize_t col_b,
    real_t* out, Py_ssize_t row_out,
    Py_ssize_t m, Py_ssize_t n, Py_ssize_t k,
    const real_t* bias, int activation, real_t* pack,
    Series* series,
) noexcept nogil:
    """out = activation(a @ b + bias), with a[i, p] = a[i * row_a + p * col_a].

    bias (n,) or NULL. pack: gemm_workspace(m, n, k) elements, aligned to 64 bytes.
    series: or NULL, for a product that stands alone.
    """
    cdef Py_ssize_t kc = KC_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Py_ssize_t lanes = VECTOR_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Py_ssize_t nc = NC_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Py_ssize_t panel = PANEL_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Py_ssize_t i, jc, pc, columns, wide, depth
    cdef bint last
    cdef real_t* panels = NULL
    cdef Step step
    step.later = 0
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
        elif row_a == 1 and row_b == 1:
            vector_matrix(b, a, col_a, out, m, k)
        else:
            gemm(
                b, 1, row_b, a, col_a, row_a, out, m, 1, m, k,
                <const real_t*> NULL, IDENTITY, pack, NULL,
            )
        finish(out, m, bias, 0, activation)
        return
    if row_a == 1 and col_a != 1 and n < panel and n % lanes != 0 and m >= panel:
        narrow_product(a, col_a, b, row_b, col_b, out, row_out, m, n, k, pack)
        for i in range(m if bias != NULL or activation != IDENTITY else 0):
            finish(&out[i * row_out], n, bias, 1, activation)
        return
    # B as it lies: where a pack would be read a few times only, or B is small
    if series != NULL:
        panels = <real_t*> series.panels
        step.later = series.later
    step.packed = panels != NULL or col_b != 1 or not (
        m <= 12 or k * n <= 4096
        or m <= DIRECT_ROWS and k * n * <Py_ssize_t> sizeof(real_t) <= DIRECT_BYTES
    )
    kc = even_part(k, kc)
    nc = round_up(even_part(n, nc), panel)
    jc = 0
    while jc < n:
        columns = min(nc, n - jc)
        wide = round_up(columns, panel)
        pc = 0
        while pc < k:
            depth = min(kc, k - pc)
            last = pc + depth == k
            step.onward = pc > 0
            step.relu = last and activation == RELU
            step.fresh = panels == NULL or series.fresh
            gemm_block(
                &a[pc * col_a], row_a, col_a,
                &b[pc * row_b + jc * col_b], row_b, col_b,
                &out[jc], row_out, m, columns, depth,
                &bias[jc] if last and bias != NULL else NULL, step,
                activation if last and activation != RELU else IDENTITY,
                pack if panels == NULL else panels + jc * k + pc * wide,
                pack if panels != NULL else pack + depth * wide,
            )
            pc += depth
        jc += columns
    if series != NULL:
        series.fresh = False


cdef void narrow_product(
    const real_t* a, Py_ssize_t col_a, const real_t* b, Py_ssize_t row_b,
    Py_ssize_t col_b, real_t* out, Py_ssize_t row_out,
    Py_ssize_t m, Py_ssize_t n, Py_ssize_t k, real_t* pack,
) noexcept nogil:
    """out = a @ b for a transposed A and few columns, as out^T = b^T @ a^T.

    The same sums, but vectors now run along the many rows and are full: 10 columns
    would leave them half empty. A part of out^T at a time is made in `pack`.
    """
    cdef Py_ssize_t rows
    cdef real_t* turned = pack
    cdef real_t* rest = pack + round_up(n * min(m, TURNED), 16)
    while m > 0:
        rows = min(m, TURNED)
        gemm(
            b, col_b, row_b, a, col_a, 1, turned, rows, n, rows, k,
            <const real_t*> NULL, IDENTITY, rest, NULL,
        )
        turn(turned, rows, out, row_out, rows, n)
        a += rows
        out += rows * row_out
        m -= rows


cdef void gemm_block(
    const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    const real_t* b, Py_ssize_t row_b, Py_ssize_t col_b,
    real_t* out, Py_ssize_t row_out,
    Py_ssize_t m, Py_ssize_t n, Py_ssize_t k,
    const real_t* bias, Step step, int activation, real_t* panels, real_t* pack_a,
) noexcept nogil:
    """All rows of one block of columns and k, in groups of at most MC."""
    cdef Py_ssize_t n_blocks = (m + ROWS - 1) // ROWS
    cdef Py_ssize_t per_group = even_part(n_blocks, MC // ROWS)
    cdef Py_ssize_t block = 0, stop, start = 0, i
    while block < n_blocks:
        # rows in blocks of equal size, the larger ones first: 32 = 6 6 5 5 5 5
        block = min(n_blocks, block + per_group)
        stop = m
        if block < n_blocks:
            stop = block * (m // n_blocks) + min(block, m % n_blocks)
        gemm_rows(
            &a[start * row_a], row_a, col_a, b, row_b, col_b,
            &out[start * row_out], row_out, stop - start, n, k, bias, step, panels, pack_a,
        )
        step.fresh = False
        if activation != IDENTITY and row_out == n:  # while the rows are in the cache
            activation_forward(
                activation, &out[start * n], &out[start * n], (stop - start) * n
            )
        elif activation != IDENTITY:
            for i in range(start, stop):
                activation_forward(
                    activation, &out[i * row_out], &out[i * row_out], n
                )
        start = stop


cdef inline bint is_worth_packing(
    Py_ssize_t row_a, Py_ssize_t col_a, Py_ssize_t row_bytes, Py_ssize_t k
) noexcept nogil:
    """Whether A is: row_bytes of output to a row tell how often it would be read.

    Where p runs down a column, each p is a line of its own, and the L1 cache holds 512.
    """
    if ROWS == 12:
        return row_bytes > (256 if col_a != 1 else 2048)
    if col_a == 1 and STEPS == 1:
        return row_bytes > 32 * PANEL_BYTES and row_a >= 1024
    if col_a != 1 and k >= 512:
        return row_bytes > 256
    return row_bytes >= 8 * PANEL_BYTES


cdef void gemm_rows(
    const real_t* a, Py_ssize_t row_a, Py_ssize_t col_a,
    const real_t* b, Py_ssize_t row_b, Py_ssize_t col_b,
    real_t* out, Py_ssize_t row_out,
    Py_ssize_t m, Py_ssize_t n, Py_ssize_t k,
    const real_t* bias, Step step, real_t* panels, real_t* pack_a,
) noexcept nogil:
    """At most MC rows of a block, panel by panel."""
    cdef Py_ssize_t lanes = VECTOR_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Py_ssize_t panel = 2 * lanes
    cdef Py_ssize_t n_blocks = (m + ROWS - 1) // ROWS
    cdef Py_ssize_t base = m // n_blocks, larger = m % n_blocks
    cdef Py_ssize_t j = 0, i, block, width, columns, row_panel, packed = 0
    cdef Py_ssize_t step_row = row_a, step_col = col_a, later = step.later
    cdef int rows, vectors
    cdef const real_t* from_a
    cdef const real_t* from_b
    cdef const real_t* from_bias
    cdef real_t* place
    cdef bint packed_a = step.packed and is_worth_packing(
        row_a, col_a, n * <Py_ssize_t> sizeof(real_t), k
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
        step.later = later if j == 0 else 0
        columns = min(panel, n - j)
        vectors = 1 if columns <= lanes else 2
        width = vectors * lanes
        step.second = lanes
        if HALVES and width - columns >= lanes // 2:
            # the last half of a vector is not needed: it would take as long as a full
            vectors -= 1
            width = lanes if vectors == 1 else lanes // 2
            columns = min(columns, width)
        if not step.packed and lanes < columns < panel:
            step.second = columns - lanes
            columns = panel
        elif not step.packed and columns < width <= n and not step.onward:
            j = n - width
            columns = width
        from_b = &b[j * col_b]
        row_panel = row_b
        if step.packed or columns < width:
            # the last columns are packed anyway, so that no load passes the end of B
            place = &panels[j * k] if step.packed else panels
            row_panel = width
            if not step.packed or col_b != 1 or columns < panel:
                if step.fresh or not step.packed:
                    pack_panel(from_b, row_b, col_b, k, columns, width, place)
            elif step.fresh and j >= packed:
                packed = j + min((n - j) // panel, SIDE_BY_SIDE) * panel
                pack_panels(from_b, row_b, k, packed - j, panel, place)
            from_b = place
        from_bias = &bias[j] if bias != NULL else NULL
        i = block = 0
        while block < n_blocks:
            rows = <int> (base + (block < larger))
            block += 1
            if vectors < 2 and not packed_a and rows <= 6 and block < n_blocks:
                rows += <int> (base + (block < larger))
                block += 1
            from_a = &a[i * row_a]
            if packed_a:
                from_a = &pack_a[i * k]
                step_row = 1
                step_col = rows
            if packed_a and columns == panel:
                packed_tile(
                    rows, k, from_a, from_b,
                    &out[i * row_out + j], row_out, from_bias, step,
                )
            elif columns == width:
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
