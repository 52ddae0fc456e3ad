# The samples of a batch: shuffled, gathered, and counted, for training.pyx.

cdef enum:
    PHILOX_SHUFFLE = 0xFFFFFFFF  # where dropout has the number of its layer


cdef void shuffle_rows(
    int64_t* order, Py_ssize_t n, uint64_t seed, uint64_t draw
) noexcept nogil:
    cdef uint32_t words[PHILOX_WORDS]
    cdef Py_ssize_t i, j
    cdef uint64_t word
    cdef int64_t swap
    for i in range(n):
        order[i] = i
    for i in range(n - 1):
        if i % PHILOX_WORDS == 0:
            philox_blocks(<uint32_t> (i // 4), PHILOX_SHUFFLE, draw, seed, words)
        # word / 2^32 of those that are left: a multiplication, no division
        word = words[i % PHILOX_WORDS]
        j = i + <Py_ssize_t> (word * <uint64_t> (n - i) >> 32)
        swap = order[i]
        order[i] = order[j]
        order[j] = swap


cdef inline bint follow_each_other(
    const int64_t* order, Py_ssize_t n
) noexcept nogil:
    """Whether order[i] = order[0] + i for all i < n, without a branch on each."""
    cdef int64_t differs = 0
    cdef Py_ssize_t i
    for i in range(n):
        differs |= (order[i] - i) ^ order[0]
    return differs == 0


cdef inline void copy_row(
    real_t* to, const real_t* row, const real_t* later, Py_ssize_t n
) noexcept nogil:
    """to[:n] = row[:n], while the memory already fetches `later`, a row of n as well.

    The rows of a shuffled batch lie anywhere, so the CPU cannot guess the next one; and
    calling memcpy costs as much as copying a short row.
    """
    cdef Py_ssize_t lanes = VECTOR_BYTES // <Py_ssize_t> sizeof(real_t), j = 0
    cdef Vector v
    while j + 2 * lanes <= n:
        load(&v, &row[j])
        store(&to[j], &v)
        load(&v, &row[j + lanes])
        store(&to[j + lanes], &v)
        prefetch_to_read(&later[j])
        j += 2 * lanes
    if j + lanes <= n:
        load(&v, &row[j])
        store(&to[j], &v)
        prefetch_to_read(&later[j])
        j += lanes
    if j < n and n >= lanes:  # the rest, together with some of the last ones again
        load(&v, &row[n - lanes])
        store(&to[n - lanes], &v)
        prefetch_to_read(&later[n - 1])
    else:
        while j < n:
            to[j] = row[j]
            j += 1


cdef void gather(
    const real_t* x, const int64_t* order, real_t* to, Py_ssize_t cols,
    Py_ssize_t start, Py_ssize_t stop, Py_ssize_t n_ordered,
) noexcept nogil:
    """to[i] = x[order[i]] for the rows start .. stop - 1 of the n_ordered."""
    # rows that are on their way: 8 short ones, 2 of a kilobyte, even of the next batch
    cdef Py_ssize_t ahead = 2 if cols * <Py_ssize_t> sizeof(real_t) >= 1024 else 8
    cdef Py_ssize_t i, later
    for i in range(start, stop):
        later = order[min(i + ahead, n_ordered - 1)]
        copy_row(to + i * cols, x + order[i] * cols, x + later * cols, cols)


cdef inline Py_ssize_t argmax(const real_t* x, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t j, best = 0
    for j in range(1, n):
        if x[j] > x[best]:
            best = j
    return best


cdef inline bint is_right(
    const real_t* x, Py_ssize_t label, Py_ssize_t n
) noexcept nogil:
    """Whether x[label] is the largest, the first of equals; a NaN is never right.

    Without a branch: which class is the largest, the CPU cannot predict.
    """
    cdef real_t top = x[label]
    cdef bint right = True
    cdef Py_ssize_t j
    for j in range(n):
        right &= (x[j] < top) | ((x[j] == top) & (j >= label))
    return right


cdef Py_ssize_t count_narrow(
    const real_t* x, const int64_t* labels, Py_ssize_t rows, Py_ssize_t cols
) noexcept nogil:
    """Rows of few columns that are right: is_right, with a row in each of the CPU's
    lanes. 32 x 10 take a third of the time."""
    cdef real_t turned[LOSS_TILE]
    cdef real_t top[LOSS_TILE]
    cdef int label[LOSS_TILE]
    cdef int right[LOSS_TILE]
    cdef Py_ssize_t row = 0, n, i, total = 0
    cdef int j
    while row < rows:
        n = min(LOSS_TILE // cols, rows - row)
        turn(x + row * cols, cols, turned, n, cols, n)
        for i in range(n):
            label[i] = <int> labels[row + i]
            top[i] = x[(row + i) * cols + label[i]]
            right[i] = 1
        for j in range(<int> cols):
            for i in range(n):
                right[i] &= (turned[j * n + i] < top[i]) | (
                    (turned[j * n + i] == top[i]) & (j >= label[i])
                )
        for i in range(n):
            total += right[i]
        row += n
    return total


cdef Py_ssize_t count_correct(
    int64_t loss, const real_t* prediction, const real_t* y, const int64_t* labels,
    Py_ssize_t rows, Py_ssize_t cols,
) noexcept nogil:
    """Samples predicted right; for element-wise losses, elements."""
    cdef Py_ssize_t i, right = 0
    if loss == CROSS_ENTROPY or loss == HINGE_MULTICLASS:
        if cols < 2 * LOSS_LANES:
            return count_narrow(prediction, labels, rows, cols)
        for i in range(rows):
            right += is_right(prediction + i * cols, labels[i], cols)
    elif loss == CROSS_ENTROPY_SOFT:
        for i in range(rows):
            right += is_right(
                prediction + i * cols, argmax(y + i * cols, cols), cols
            )
    elif loss == BINARY_CROSS_ENTROPY or loss == HINGE:
        for i in range(rows * cols):
            right += (prediction[i] > 0) == (y[i] > <real_t> 0.5)
    return right
