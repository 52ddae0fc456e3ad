# Packing and turning the operands of the tile, for matmul.pyx.

cdef void pack_panel(
    const real_t* b, Py_ssize_t row_b, Py_ssize_t col_b,
    Py_ssize_t k, Py_ssize_t columns, Py_ssize_t width, real_t* panel,
) noexcept nogil:
    """panel[p * width + j] = b[p, j], and 0 for columns <= j < width."""
    cdef Vector v
    cdef Py_ssize_t p = 0, q, stop, j, square = 16 // <Py_ssize_t> sizeof(real_t)
    cdef Py_ssize_t lanes = VECTOR_BYTES // <Py_ssize_t> sizeof(real_t), last
    if col_b == 1:
        # all whole vectors but the last
        last = (columns - 1) // lanes * lanes
        for p in range(k):
            if last > 0:
                load(&v, &b[p * row_b])
                store(&panel[p * width], &v)
            load_part(&v, &b[p * row_b + last], columns - last)
            store(&panel[p * width + last], &v)
        return
    if columns < width:
        memset(panel, 0, k * width * sizeof(real_t))
    if row_b == 1:
        # 64 bytes of a few rows of B at a time: with rows 4 kB apart, a line would not
        # stay in the L1 cache until the next square needs it
        while p + square <= k:
            stop = min(p + 64 // <Py_ssize_t> sizeof(real_t), k - k % square)
            j = 0
            while j + square <= columns:
                q = p
                while q < stop:
                    transpose_square(
                        &b[j * col_b + q], col_b, &panel[q * width + j], width
                    )
                    q += square
                j += square
            p = stop
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


cdef void pack_panels(
    const real_t* b, Py_ssize_t row_b, Py_ssize_t k, Py_ssize_t columns,
    Py_ssize_t width, real_t* panels,
) noexcept nogil:
    """Some panels of `width` columns one after the other, each as in pack_panel.

    Reads along the rows of B: where they come from far away, the CPU fetches the next
    lines by itself.
    """
    cdef Py_ssize_t lanes = VECTOR_BYTES // <Py_ssize_t> sizeof(real_t), p, j
    cdef Vector v, w
    for p in range(k):
        j = 0
        while j < columns:
            load(&v, &b[p * row_b + j])
            load(&w, &b[p * row_b + j + lanes])
            store(&panels[j * k + p * width], &v)
            store(&panels[j * k + p * width + lanes], &w)
            j += width


cdef void turn(
    const real_t* source, Py_ssize_t row_from, real_t* to, Py_ssize_t row_to,
    Py_ssize_t m, Py_ssize_t n,
) noexcept nogil:
    """to[i, j] = source[j, i] for i < m, j < n; in squares, the last ones overlap."""
    cdef Py_ssize_t square = 16 // <Py_ssize_t> sizeof(real_t), i = 0, j
    if m < square or n < square:
        for i in range(m):
            for j in range(n):
                to[i * row_to + j] = source[j * row_from + i]
        return
    while i < m:
        i = min(i, m - square)
        j = 0
        while j < n:
            j = min(j, n - square)
            transpose_square(
                &source[j * row_from + i], row_from, &to[i * row_to + j], row_to
            )
            j += square
        i += square


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
            if rows == ROWS and row_a == 1:  # constants make the loops quick
                pack_rows(ROWS, source, 1, col_a, depth, to)
            elif rows == ROWS - 1 and row_a == 1:
                pack_rows(ROWS - 1, source, 1, col_a, depth, to)
            elif rows == ROWS and col_a == 1:
                pack_rows(ROWS, source, row_a, 1, depth, to)
            elif rows == ROWS - 1 and col_a == 1:
                pack_rows(ROWS - 1, source, row_a, 1, depth, to)
            else:
                pack_rows(rows, source, row_a, col_a, depth, to)
            i += rows
        p += depth
