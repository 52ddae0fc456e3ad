# The loops of batch normalisation.
#
# Sums run over the rows in order, one accumulator a column, COLUMNS of them side by
# side: a batch can be split between threads by columns without changing a bit.

cdef enum:
    COLUMNS = 64


cdef inline Py_ssize_t blocks_of(Py_ssize_t n, Py_ssize_t size) noexcept nogil:
    return (n + size - 1) // size


cdef void batch_norm_forward_columns(
    const real_t* x, const real_t* gamma, const real_t* beta,
    real_t* running_mean, real_t* running_var, double momentum, double eps,
    real_t* mean, real_t* inv_std, real_t* out,
    Py_ssize_t rows, Py_ssize_t cols, Py_ssize_t start, Py_ssize_t stop,
) noexcept nogil:
    """Columns start..stop-1 of a training batch x (rows, cols); out may be x."""
    cdef double m[COLUMNS]
    cdef double v[COLUMNS]
    cdef double scale[COLUMNS]
    cdef double shift[COLUMNS]
    cdef double d
    cdef Py_ssize_t i, j, c, block, width
    cdef Py_ssize_t n = max(rows, 1)
    for block in range(blocks_of(stop - start, COLUMNS)):
        c = start + block * COLUMNS
        width = min(<Py_ssize_t> COLUMNS, stop - c)
        for j in range(width):
            m[j] = v[j] = 0.0
            shift[j] = x[c + j] if rows > 0 else 0.0
        for i in range(rows):
            for j in range(width):
                m[j] += x[i * cols + c + j] - shift[j]
        for j in range(width):
            m[j] = shift[j] + m[j] / n
        for i in range(rows):
            for j in range(width):
                d = x[i * cols + c + j] - m[j]
                v[j] += d * d
        for j in range(width):
            d = 1.0 / sqrt(v[j] / n + eps)
            mean[c + j] = <real_t> m[j]
            inv_std[c + j] = <real_t> d
            scale[j] = gamma[c + j] * d
            shift[j] = beta[c + j]
        if momentum != 0.0 and rows > 0:
            for j in range(width):
                d = v[j] / max(rows - 1, 1)
                running_mean[c + j] = <real_t> (
                    (1.0 - momentum) * running_mean[c + j] + momentum * m[j]
                )
                running_var[c + j] = <real_t> (
                    (1.0 - momentum) * running_var[c + j] + momentum * d
                )
        for i in range(rows):
            batch_norm_row(
                x + i * cols + c, m, scale, shift, out + i * cols + c, width
            )


cdef inline void batch_norm_row(
    const real_t* x, double* mean, double* scale, double* shift, real_t* out,
    Py_ssize_t width,
) noexcept nogil:
    """out = (x - mean) * scale + shift, for one row of a block of columns."""
    cdef Py_ssize_t j
    for j in range(width):
        out[j] = <real_t> ((x[j] - mean[j]) * scale[j] + shift[j])


cdef void batch_norm_inference_rows(
    const real_t* x, const real_t* gamma, const real_t* beta,
    const real_t* running_mean, const real_t* running_var, double eps, real_t* out,
    Py_ssize_t start, Py_ssize_t stop, Py_ssize_t cols,
) noexcept nogil:
    """Rows start..stop-1 of x (rows, cols), each by itself; out may be x."""
    cdef double m[COLUMNS]
    cdef double scale[COLUMNS]
    cdef double shift[COLUMNS]
    cdef Py_ssize_t i, j, c, block, width
    for block in range(blocks_of(cols, COLUMNS)):
        c = block * COLUMNS
        width = min(<Py_ssize_t> COLUMNS, cols - c)
        for j in range(width):
            m[j] = running_mean[c + j]
            scale[j] = gamma[c + j] * (1.0 / sqrt(running_var[c + j] + eps))
            shift[j] = beta[c + j]
        for i in range(start, stop):
            batch_norm_row(
                x + i * cols + c, m, scale, shift, out + i * cols + c, width
            )


cdef inline void gradient_sums(
    const real_t* grad_output, const real_t* x, double* mean, double* inv_std,
    double* sum_g, double* sum_gx,
    Py_ssize_t rows, Py_ssize_t cols, Py_ssize_t width,
) noexcept nogil:
    """sum_g = sum over rows of g, sum_gx of g * xhat, for a block of columns."""
    cdef double g
    cdef Py_ssize_t i, j
    for j in range(width):
        sum_g[j] = sum_gx[j] = 0.0
    for i in range(rows):
        for j in range(width):
            g = grad_output[i * cols + j]
            sum_g[j] += g
            sum_gx[j] += g * ((x[i * cols + j] - mean[j]) * inv_std[j])


cdef void batch_norm_backward_columns(
    const real_t* grad_output, const real_t* x, const real_t* gamma,
    const real_t* mean, const real_t* inv_std,
    real_t* grad_gamma, real_t* grad_beta, real_t* grad_input,
    Py_ssize_t rows, Py_ssize_t cols, Py_ssize_t start, Py_ssize_t stop,
) noexcept nogil:
    """Columns start..stop-1. grad_input may be grad_output, or NULL if not wanted."""
    cdef double m[COLUMNS]
    cdef double s[COLUMNS]
    cdef double sum_g[COLUMNS]
    cdef double sum_gx[COLUMNS]
    cdef double scale[COLUMNS]
    cdef Py_ssize_t i, j, c, k, block, width
    cdef Py_ssize_t n = max(rows, 1)
    for block in range(blocks_of(stop - start, COLUMNS)):
        c = start + block * COLUMNS
        width = min(<Py_ssize_t> COLUMNS, stop - c)
        for j in range(width):
            m[j], s[j] = mean[c + j], inv_std[c + j]
        gradient_sums(
            grad_output + c, x + c, m, s, sum_g, sum_gx, rows, cols, width
        )
        for j in range(width):
            grad_beta[c + j] = <real_t> sum_g[j]
            grad_gamma[c + j] = <real_t> sum_gx[j]
            scale[j] = gamma[c + j] * s[j]
            sum_g[j] = sum_g[j] / n
            sum_gx[j] = sum_gx[j] / n
        if grad_input == NULL:
            continue
        for i in range(rows):
            k = i * cols + c
            for j in range(width):
                grad_input[k + j] = <real_t> (scale[j] * (
                    grad_output[k + j] - sum_g[j]
                    - (x[k + j] - m[j]) * s[j] * sum_gx[j]
                ))


cdef void batch_norm_inference_backward_columns(
    const real_t* grad_output, const real_t* x, const real_t* gamma,
    const real_t* running_mean, const real_t* running_var, double eps,
    real_t* grad_gamma, real_t* grad_beta, real_t* grad_input,
    Py_ssize_t rows, Py_ssize_t cols, Py_ssize_t start, Py_ssize_t stop,
) noexcept nogil:
    """Columns start..stop-1. grad_input may be grad_output, or NULL if not wanted."""
    cdef double m[COLUMNS]
    cdef double s[COLUMNS]
    cdef double sum_g[COLUMNS]
    cdef double sum_gx[COLUMNS]
    cdef Py_ssize_t i, j, c, k, block, width
    for block in range(blocks_of(stop - start, COLUMNS)):
        c = start + block * COLUMNS
        width = min(<Py_ssize_t> COLUMNS, stop - c)
        for j in range(width):
            m[j] = running_mean[c + j]
            s[j] = 1.0 / sqrt(running_var[c + j] + eps)
        gradient_sums(
            grad_output + c, x + c, m, s, sum_g, sum_gx, rows, cols, width
        )
        for j in range(width):
            grad_beta[c + j] = <real_t> sum_g[j]
            grad_gamma[c + j] = <real_t> sum_gx[j]
            s[j] = gamma[c + j] * s[j]
        if grad_input == NULL:
            continue
        for i in range(rows):
            k = i * cols + c
            for j in range(width):
                grad_input[k + j] = <real_t> (s[j] * grad_output[k + j])
