# The inner loops of losses.pyx: from one element, and from one row, to a tile of rows.
#
# Rows are taken a tile of at most LOSS_TILE elements at a time: the loops that cost
# time (exp above all) run flat over the tile and vectorise, however few the columns.
# Every row is still summed on its own, in an order that depends on its width alone, so
# its loss and gradient don't depend on the rows beside it. What is stored in row_loss
# and grad is the row's share of the weighted mean.

cdef enum:
    LOSS_TILE = 512  # elements; a few buffers of this size are on the stack
    LOSS_LANES = 8


# -- sums and maxima: rows of 16 or more run in eight lanes side by side --------------

cdef inline double sum_in_order(const real_t* x, Py_ssize_t n) noexcept nogil:
    cdef double total = 0.0
    cdef Py_ssize_t j
    for j in range(n):
        total += <double> x[j]
    return total


cdef inline double sum_of_piece(const real_t* x, Py_ssize_t n) noexcept nogil:
    """Sum of at most LOSS_TILE elements, in double."""
    cdef double lanes[LOSS_LANES]
    cdef Py_ssize_t j, lane, whole = n - n % LOSS_LANES
    if n < 2 * LOSS_LANES:
        return sum_in_order(x, n)
    for lane in range(LOSS_LANES):
        lanes[lane] = <double> x[lane]
    for j in range(8, whole, 8):
        for lane in range(LOSS_LANES):
            lanes[lane] += <double> x[j + lane]
    for j in range(whole, n):
        lanes[j - whole] += <double> x[j]
    return sum_in_order(&lanes[0], LOSS_LANES)


cdef inline double sum_of_row(const real_t* x, Py_ssize_t n) noexcept nogil:
    """The sums of pieces of LOSS_TILE elements, added in order."""
    cdef double total = 0.0
    cdef Py_ssize_t start = 0
    while start < n:
        total += sum_of_piece(x + start, min(LOSS_TILE, n - start))
        start += LOSS_TILE
    return total


cdef inline real_t largest_of_row(const real_t* x, Py_ssize_t n) noexcept nogil:
    """The largest; where there is a NaN, it or the largest of the others."""
    cdef real_t lanes[LOSS_LANES]
    cdef real_t top = x[0]
    cdef Py_ssize_t j, lane, whole = 0
    if n >= 2 * LOSS_LANES:
        whole = n - n % LOSS_LANES
        for lane in range(LOSS_LANES):
            lanes[lane] = x[lane]
        for j in range(8, whole, 8):
            for lane in range(LOSS_LANES):
                lanes[lane] = x[j + lane] if x[j + lane] > lanes[lane] else lanes[lane]
        for lane in range(LOSS_LANES):
            top = lanes[lane] if lanes[lane] > top else top
    for j in range(whole, n):
        top = x[j] if x[j] > top else top
    return top


# -- one element: its loss and the slope d loss / d z -----------------------------

cdef inline void exps_of_minus_size(
    const real_t* z, real_t* e, Py_ssize_t n, bint ordinary
) noexcept nogil:
    """e = exp(-|z|)"""
    cdef Py_ssize_t i
    cdef real_t zero = 0
    for i in range(n):
        e[i] = exp_(-z[i] if z[i] > zero else z[i], ordinary)


cdef void binary_cross_entropy_elements(
    const real_t* z, const real_t* y, real_t* term, real_t* slope, Py_ssize_t n
) noexcept nogil:
    cdef Py_ssize_t i, whole = n & -IN_A_ROW
    cdef real_t zero = 0, one = 1, e
    if all_within(z, ordinary_limit(SOFTPLUS, zero), whole):
        exps_of_minus_size(z, term, whole, True)
    else:
        exps_of_minus_size(z, term, whole, False)
    exps_of_minus_size(z + whole, term + whole, n - whole, False)
    for i in range(n):
        slope[i] = log1p_unit(term[i])
    for i in range(n):
        e = term[i]
        term[i] = (zero if z[i] <= zero else z[i]) - z[i] * y[i] + slope[i]
        slope[i] = (e if z[i] < zero else one) / (one + e) - y[i]  # sigmoid(z) - y


cdef void mse_elements(
    const real_t* z, const real_t* y, real_t* term, real_t* slope, Py_ssize_t n
) noexcept nogil:
    cdef Py_ssize_t i
    cdef real_t d
    for i in range(n):
        d = z[i] - y[i]
        term[i] = d * d
        slope[i] = d + d


cdef void mae_elements(
    const real_t* z, const real_t* y, real_t* term, real_t* slope, Py_ssize_t n
) noexcept nogil:
    cdef Py_ssize_t i
    cdef real_t zero = 0, one = 1, d
    for i in range(n):
        d = z[i] - y[i]
        term[i] = -d if d < zero else d
        slope[i] = one if d > zero else (-one if d < zero else d)  # d: 0 or NaN


cdef void huber_elements(
    const real_t* z, const real_t* y, real_t* term, real_t* slope, Py_ssize_t n
) noexcept nogil:
    cdef Py_ssize_t i
    cdef real_t one = 1, half = 0.5, d, size
    for i in range(n):
        d = z[i] - y[i]
        size = -d if d < <real_t> 0 else d
        term[i] = half * (d * d) if size <= one else size - half
        slope[i] = one if d > one else (-one if d < -one else d)


cdef void hinge_elements(
    const real_t* z, const real_t* y, real_t* term, real_t* slope, Py_ssize_t n
) noexcept nogil:
    cdef Py_ssize_t i
    cdef real_t zero = 0, one = 1, margin
    for i in range(n):
        margin = one - y[i] * z[i]
        term[i] = zero if margin <= zero else margin
        slope[i] = zero if margin <= zero else (-y[i] if margin > zero else margin)


cdef void loss_elements(
    int kind, const real_t* z, const real_t* y, real_t* term, real_t* slope,
    Py_ssize_t n,
) noexcept nogil:
    if kind == BINARY_CROSS_ENTROPY:
        binary_cross_entropy_elements(z, y, term, slope, n)
    elif kind == MSE:
        mse_elements(z, y, term, slope, n)
    elif kind == MAE:
        mae_elements(z, y, term, slope, n)
    elif kind == HUBER:
        huber_elements(z, y, term, slope, n)
    else:
        hinge_elements(z, y, term, slope, n)


# -- rows: the tile loops ---------------------------------------------------------

cdef inline double share_of(
    const real_t* sample_weight, Py_ssize_t i, double total
) noexcept nogil:
    """What row i counts for in the mean: its weight over the sum of weights."""
    return (1.0 if sample_weight == NULL else <double> sample_weight[i]) / total


cdef inline void shares_of(
    const real_t* sample_weight, Py_ssize_t start, Py_ssize_t rows, double total,
    double* shares,
) noexcept nogil:
    """share_of the rows from `start` on; without weights, after one division."""
    cdef Py_ssize_t i
    cdef double equal = 1.0 / total
    if sample_weight == NULL:
        for i in range(rows):
            shares[i] = equal
    else:
        for i in range(rows):
            shares[i] = <double> sample_weight[start + i] / total


cdef inline void scale_in_place(
    real_t* x, real_t factor, Py_ssize_t n
) noexcept nogil:
    cdef Py_ssize_t j
    for j in range(n):
        x[j] *= factor


cdef inline void subtract_scaled(
    real_t* x, real_t factor, const real_t* y, Py_ssize_t n
) noexcept nogil:
    cdef Py_ssize_t j
    for j in range(n):
        x[j] -= factor * y[j]


cdef void elementwise_rows(
    int kind, const real_t* prediction, const real_t* y, const real_t* sample_weight,
    double total, double* row_loss, real_t* grad,
    Py_ssize_t start, Py_ssize_t stop, Py_ssize_t cols,
) noexcept nogil:
    """Means over elements. A row wider than LOSS_TILE comes in pieces."""
    cdef real_t terms[LOSS_TILE]
    cdef real_t slopes[LOSS_TILE]
    cdef double shares[LOSS_TILE]
    cdef real_t* slope
    cdef Py_ssize_t tall = max(1, LOSS_TILE // cols)
    cdef Py_ssize_t row = start, rows, col, width, i, at
    while row < stop:
        rows = min(tall, stop - row)
        shares_of(sample_weight, row, rows, total * cols, shares)
        if cols > 1:
            memset(row_loss + row, 0, rows * sizeof(double))
        col = 0
        while col < cols:
            width = min(LOSS_TILE, cols - col)
            at = row * cols + col
            slope = &slopes[0] if grad == NULL else grad + at
            loss_elements(kind, prediction + at, y + at, terms, slope, rows * width)
            if cols == 1:  # the same, flat over the tile
                for i in range(rows):
                    row_loss[row + i] = <double> terms[i] * shares[i]
                    slope[i] *= <real_t> shares[i]
            else:
                for i in range(rows):
                    row_loss[row + i] += sum_of_piece(terms + i * width, width)
                    scale_in_place(slope + i * width, <real_t> shares[i], width)
            col += width
        if cols > 1:
            for i in range(rows):
                row_loss[row + i] *= shares[i]
        row += rows


cdef inline void exp_tile(
    const real_t* z, const real_t* top, real_t* e, Py_ssize_t rows, Py_ssize_t cols
) noexcept nogil:
    """e[i, j] = exp(z[i, j] - top[i])."""
    cdef Py_ssize_t i, j
    for i in range(rows):
        for j in range(i * cols, i * cols + cols):
            e[j] = z[j] - top[i]
    activation_forward(EXP, e, e, rows * cols)


cdef double sum_of_exps(
    const real_t* z, real_t top, real_t* scratch, Py_ssize_t cols
) noexcept nogil:
    """Sum of exp(z - top) over a row wider than LOSS_TILE; scratch keeps a piece."""
    cdef double total = 0.0
    cdef Py_ssize_t col = 0, width
    while col < cols:
        width = min(LOSS_TILE, cols - col)
        exp_tile(z + col, &top, scratch, 1, width)
        total += sum_of_piece(scratch, width)
        col += width
    return total


cdef void exps_of_narrow_rows(
    const real_t* z, real_t* e, real_t* top, double* sums,
    Py_ssize_t rows, Py_ssize_t cols,
) noexcept nogil:
    """e[j, i] = exp(z[i, j] - top[i]), top[i] the largest of row i, and sums over j.

    Transposed: the CPU's lanes hold rows, which are too short to fill them themselves.
    1000 rows of 10 take half the time. Each row is treated in the order of j, as a
    row alone would be.
    """
    cdef Py_ssize_t i, j
    turn(z, cols, e, rows, cols, rows)
    for i in range(rows):
        top[i] = e[i]
        sums[i] = 0.0
    for j in range(1, cols):
        for i in range(rows):
            top[i] = e[j * rows + i] if e[j * rows + i] > top[i] else top[i]
    for j in range(cols):
        for i in range(rows):
            e[j * rows + i] -= top[i]
    activation_forward(EXP, e, e, rows * cols)
    for j in range(cols):
        for i in range(rows):
            sums[i] += <double> e[j * rows + i]


cdef void scale_narrow_rows(
    real_t* e, const real_t* factors, real_t* grad, Py_ssize_t rows, Py_ssize_t cols
) noexcept nogil:
    """grad[i, j] = e[j, i] * factors[i]; e is overwritten."""
    cdef Py_ssize_t i, j
    for j in range(cols):
        for i in range(rows):
            e[j * rows + i] *= factors[i]
    turn(e, rows, grad, cols, rows, cols)


cdef inline double soft_row(
    const real_t* z, real_t top, double log_sum, const real_t* y, double* mass,
    Py_ssize_t cols,
) noexcept nogil:
    """-sum_j y_j log softmax(z)_j, with 0 log 0 = 0; mass = sum_j y_j."""
    cdef double loss = 0.0
    cdef Py_ssize_t j
    mass[0] = 0.0
    for j in range(cols):
        if y[j] != <real_t> 0:
            mass[0] += <double> y[j]
            loss += <double> y[j] * (log_sum - (<double> z[j] - <double> top))
    return loss


cdef void cross_entropy_rows(
    int kind, const real_t* logits, const real_t* y, const int64_t* labels,
    const real_t* sample_weight, double total, double* row_loss, real_t* grad,
    Py_ssize_t start, Py_ssize_t stop, Py_ssize_t cols,
) noexcept nogil:
    """Both cross-entropies. The exps are made in grad, or in a scratch tile."""
    cdef real_t scratch[LOSS_TILE]
    cdef real_t top[LOSS_TILE]
    cdef real_t factors[LOSS_TILE]
    cdef double sums[LOSS_TILE]
    cdef double logs[LOSS_TILE]
    cdef double shares[LOSS_TILE]
    cdef double masses[LOSS_TILE]
    cdef real_t* e
    cdef Py_ssize_t tall = max(1, LOSS_TILE // cols)
    cdef Py_ssize_t row = start, rows, i, at
    cdef bint narrow = cols < 2 * LOSS_LANES
    cdef bint in_pieces = grad == NULL and cols > LOSS_TILE
    while row < stop:
        rows = min(tall, stop - row)
        at = row * cols
        e = &scratch[0] if grad == NULL else grad + at
        if narrow:
            exps_of_narrow_rows(logits + at, scratch, top, sums, rows, cols)
        else:
            for i in range(rows):
                top[i] = largest_of_row(logits + at + i * cols, cols)
            if not in_pieces:
                exp_tile(logits + at, top, e, rows, cols)
            for i in range(rows):
                if in_pieces:
                    sums[i] = sum_of_exps(logits + at, top[i], e, cols)
                else:
                    sums[i] = sum_of_row(e + i * cols, cols)
        activation_forward[double](LOG, sums, logs, rows)
        shares_of(sample_weight, row, rows, total, shares)
        for i in range(rows):
            at = (row + i) * cols
            if kind == CROSS_ENTROPY:
                masses[i] = 1.0
                row_loss[row + i] = shares[i] * (
                    logs[i] - (<double> logits[at + labels[row + i]] - <double> top[i])
                )
            else:
                row_loss[row + i] = shares[i] * soft_row(
                    logits + at, top[i], logs[i], y + at, &masses[i], cols
                )
        for i in range(rows):
            factors[i] = <real_t> (shares[i] * masses[i] / sums[i])
        if grad != NULL:
            if narrow:
                scale_narrow_rows(scratch, factors, e, rows, cols)
            for i in range(rows):
                at = (row + i) * cols
                if not narrow:
                    scale_in_place(grad + at, factors[i], cols)
                if kind == CROSS_ENTROPY:
                    grad[at + labels[row + i]] -= <real_t> shares[i]
                else:
                    subtract_scaled(grad + at, <real_t> shares[i], y + at, cols)
        row += rows


cdef void hinge_multiclass_rows(
    const real_t* logits, const int64_t* labels, const real_t* sample_weight,
    double total, double* row_loss, real_t* grad,
    Py_ssize_t start, Py_ssize_t stop, Py_ssize_t cols,
) noexcept nogil:
    cdef const real_t* z
    cdef real_t slope
    cdef double share, margin
    cdef Py_ssize_t i, j, label, rival
    for i in range(start, stop):
        z = logits + i * cols
        label = labels[i]
        rival = 1 if label == 0 else 0
        for j in range(rival + 1, cols):
            # a NaN becomes the rival and stays it
            if j != label and (z[j] > z[rival] or z[j] != z[j]):
                rival = j
        margin = 1.0 + (<double> z[rival] - <double> z[label])
        share = share_of(sample_weight, i, total)
        row_loss[i] = share * (0.0 if margin <= 0.0 else margin)
        if grad != NULL:
            memset(grad + i * cols, 0, cols * sizeof(real_t))
            if not margin <= 0.0:
                slope = <real_t> (share * (1.0 if margin > 0.0 else margin))  # or NaN
                grad[i * cols + rival] = slope
                grad[i * cols + label] = -slope
