# The loops of layer normalisation.
#
# Sums along a row use LANES accumulators, as wide as a few vector registers, and fold
# them in halves; sums over the rows run in order, as in _batch_norm.pxi.

cdef enum:
    LANES = 16


cdef inline double fold(double* part) noexcept nogil:
    """Sum of LANES partial sums, in halves."""
    cdef Py_ssize_t l
    for l in range(8):
        part[l] += part[l + 8]
    for l in range(4):
        part[l] += part[l + 4]
    return (part[0] + part[2]) + (part[1] + part[3])


cdef void layer_norm_forward_rows(
    const real_t* x, const real_t* gamma, const real_t* beta, double eps,
    real_t* mean, real_t* inv_std, real_t* out,
    Py_ssize_t start, Py_ssize_t stop, Py_ssize_t cols,
) noexcept nogil:
    """Rows start..stop-1 of x (rows, cols); out may be x."""
    cdef Py_ssize_t i, j
    cdef double m, s
    cdef const real_t* row
    cdef real_t* result
    for i in range(start, stop):
        row, result = x + i * cols, out + i * cols
        m = row_mean(row, cols)
        s = 1.0 / sqrt(row_variance(row, m, cols) + eps)
        mean[i], inv_std[i] = <real_t> m, <real_t> s
        for j in range(cols):
            result[j] = <real_t> ((row[j] - m) * s * gamma[j] + beta[j])


cdef inline double row_mean(const real_t* row, Py_ssize_t cols) noexcept nogil:
    """row[0] + mean of (row - row[0]); 0 for an empty row."""
    cdef double part[LANES]
    cdef double first = row[0] if cols > 0 else 0.0
    cdef Py_ssize_t j, l, block, whole = cols - cols % LANES
    memset(part, 0, sizeof(part))
    for block in range(cols // LANES):
        j = block * LANES
        for l in range(LANES):
            part[l] += row[j + l] - first
    for j in range(whole, cols):
        part[j - whole] += row[j] - first
    return first + fold(part) / max(cols, 1)


cdef inline double row_variance(
    const real_t* row, double mean, Py_ssize_t cols
) noexcept nogil:
    cdef double part[LANES]
    cdef double d
    cdef Py_ssize_t j, l, block, whole = cols - cols % LANES
    memset(part, 0, sizeof(part))
    for block in range(cols // LANES):
        j = block * LANES
        for l in range(LANES):
            d = row[j + l] - mean
            part[l] += d * d
    for j in range(whole, cols):
        d = row[j] - mean
        part[j - whole] += d * d
    return fold(part) / max(cols, 1)


cdef void layer_norm_backward_rows(
    const real_t* grad_output, const real_t* x, const real_t* gamma,
    const real_t* mean, const real_t* inv_std, real_t* grad_input,
    Py_ssize_t start, Py_ssize_t stop, Py_ssize_t cols,
) noexcept nogil:
    """grad_input, rows start..stop-1; it may be grad_output, but then
    layer_norm_backward_columns, which reads grad_output, goes first."""
    cdef double sum_h[LANES]
    cdef double sum_hx[LANES]
    cdef double m, s, h, mean_h, mean_hx
    cdef Py_ssize_t i, j, l, k, block, whole = cols - cols % LANES
    for i in range(start, stop):
        k, m, s = i * cols, mean[i], inv_std[i]
        memset(sum_h, 0, sizeof(sum_h))
        memset(sum_hx, 0, sizeof(sum_hx))
        for block in range(cols // LANES):
            j = block * LANES
            for l in range(LANES):
                h = <double> grad_output[k + j + l] * gamma[j + l]
                sum_h[l] += h
                sum_hx[l] += h * ((x[k + j + l] - m) * s)
        for j in range(whole, cols):
            h = <double> grad_output[k + j] * gamma[j]
            sum_h[j - whole] += h
            sum_hx[j - whole] += h * ((x[k + j] - m) * s)
        mean_h = fold(sum_h) / max(cols, 1)
        mean_hx = fold(sum_hx) / max(cols, 1)
        for j in range(cols):
            h = <double> grad_output[k + j] * gamma[j]
            grad_input[k + j] = <real_t> (
                s * (h - mean_h - (x[k + j] - m) * s * mean_hx)
            )


cdef void layer_norm_backward_columns(
    const real_t* grad_output, const real_t* x,
    const real_t* mean, const real_t* inv_std, real_t* grad_gamma, real_t* grad_beta,
    Py_ssize_t rows, Py_ssize_t cols, Py_ssize_t start, Py_ssize_t stop,
) noexcept nogil:
    """grad_gamma and grad_beta, columns start..stop-1: sums over the rows in order."""
    cdef double sum_g[COLUMNS]
    cdef double sum_gx[COLUMNS]
    cdef double g, m, s
    cdef Py_ssize_t i, j, c, k, block, width
    for block in range(blocks_of(stop - start, COLUMNS)):
        c = start + block * COLUMNS
        width = min(<Py_ssize_t> COLUMNS, stop - c)
        for j in range(width):
            sum_g[j] = sum_gx[j] = 0.0
        for i in range(rows):
            k, m, s = i * cols + c, mean[i], inv_std[i]
            for j in range(width):
                g = grad_output[k + j]
                sum_g[j] += g
                sum_gx[j] += g * ((x[k + j] - m) * s)
        for j in range(width):
            grad_beta[c + j] = <real_t> sum_g[j]
            grad_gamma[c + j] = <real_t> sum_gx[j]
