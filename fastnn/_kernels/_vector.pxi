# Products with a vector in them, for matmul.pyx: one row or one column of output.
#
# Each element of the matrix is used once, so packing it would cost more than the
# product. Where the sums run along the matrix's rows, as in x @ weights with one
# column of weights, each lane of a vector takes a row of its own, and squares of the
# matrix are turned in registers. A 300 x 300 matrix times a vector takes 40 % of the
# time that it took through packed panels.

cdef extern from *:
    """
    /* The last 1 to 3 products of a row (1 for doubles): as dots_T, with a and b at the
       square that ends with them. Its first ones are not added again. */
    HOT void last_dots_float(
        Vector *v, const float *a, Py_ssize_t step, const float *b, Py_ssize_t row,
        Py_ssize_t rest
    ) {
        const vector_float p = ROWS_float(b, row, 0), q = ROWS_float(b, row, 1);
        const vector_float r = ROWS_float(b, row, 2), s = ROWS_float(b, row, 3);
        const vector_float PQ = HIGH_float(p, q), RS = HIGH_float(r, s);
        const vector_float none = {0};
        if (rest > 2) {
            const vector_float pq = LOW_float(p, q), rs = LOW_float(r, s);
            v->of_float = FMA_FLOAT(a[step] - none, BACK(pq, rs), v->of_float);
        }
        if (rest > 1)
            v->of_float = FMA_FLOAT(a[2 * step] - none, FRONT(PQ, RS), v->of_float);
        v->of_float = FMA_FLOAT(a[3 * step] - none, BACK(PQ, RS), v->of_float);
    }
    HOT void last_dots_double(
        Vector *v, const double *a, Py_ssize_t step, const double *b, Py_ssize_t row,
        Py_ssize_t rest
    ) {
        const vector_double p = ROWS_double(b, row, 0), q = ROWS_double(b, row, 1);
        const vector_double none = {0};
        v->of_double = FMA_DOUBLE(a[step] - none, HIGH_double(p, q), v->of_double);
    }
    """
    void last_dots_float(
        Vector* v, const float* a, Py_ssize_t step, const float* b, Py_ssize_t row,
        Py_ssize_t rest,
    ) nogil
    void last_dots_double(
        Vector* v, const double* a, Py_ssize_t step, const double* b, Py_ssize_t row,
        Py_ssize_t rest,
    ) nogil

cdef extern from "simd.h" nogil:
    void dots_float(
        Vector* v, const float* a, Py_ssize_t step, const float* b, Py_ssize_t row
    )
    void dots_double(
        Vector* v, const double* a, Py_ssize_t step, const double* b, Py_ssize_t row
    )


cdef inline void lane_dots(
    Vector* v, const real_t* a, Py_ssize_t step, const real_t* b, Py_ssize_t row
) noexcept nogil:
    if real_t is float:
        dots_float(v, a, step, b, row)
    else:
        dots_double(v, a, step, b, row)


cdef inline void last_lane_dots(
    Vector* v, const real_t* a, Py_ssize_t step, const real_t* b, Py_ssize_t row,
    Py_ssize_t rest,
) noexcept nogil:
    if real_t is float:
        last_dots_float(v, a, step, b, row, rest)
    else:
        last_dots_double(v, a, step, b, row, rest)


cdef inline void dots_of_rows(
    const int vectors, const real_t* a, Py_ssize_t step, const real_t* b,
    Py_ssize_t row, real_t* out, Py_ssize_t k,
) noexcept nogil:
    """out[j] = sum over p of a[p * step] * b[j * row + p], for vectors * lanes rows."""
    cdef Py_ssize_t lanes = VECTOR_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Py_ssize_t square = 16 // <Py_ssize_t> sizeof(real_t)
    cdef Vector acc[4]
    cdef Vector wide
    cdef real_t column[VECTOR_FLOATS]
    cdef Py_ssize_t p = 0, j, squares = k // square * square
    cdef int v
    for v in range(vectors):
        load(&acc[v], <const real_t*> zeros)
    while p < squares:
        for v in range(vectors):
            lane_dots(&acc[v], &a[p * step], step, &b[v * lanes * row + p], row)
        p += square
    if p < k and k >= square:
        p = k - square
        for v in range(vectors):
            last_lane_dots(
                &acc[v], &a[p * step], step, &b[v * lanes * row + p], row, k - squares
            )
        p = k
    while p < k:
        for v in range(vectors):
            for j in range(lanes):
                column[j] = b[(v * lanes + j) * row + p]
            load(&wide, column)
            add_product(&acc[v], a[p * step], &wide)
        p += 1
    for v in range(vectors):
        store(&out[v * lanes], &acc[v])


cdef void matrix_vector(
    const real_t* a, Py_ssize_t step, const real_t* b, Py_ssize_t row,
    real_t* out, Py_ssize_t n, Py_ssize_t k,
) noexcept nogil:
    """out[j] = sum over p of a[p * step] * b[j * row + p]; n is at least `lanes`."""
    cdef Py_ssize_t lanes = VECTOR_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Py_ssize_t j = 0
    # Rows 2 or 4 kB apart meet in the same few places of the L1 cache, and push each
    # other out between two squares: 4 vectors at once take 3 times as long as 1.
    cdef bint crowded = row * <Py_ssize_t> sizeof(real_t) % 2048 == 0
    while not crowded and j + 4 * lanes <= n:
        dots_of_rows(4, a, step, &b[j * row], row, &out[j], k)
        j += 4 * lanes
    while j < n:
        j = min(j, n - lanes)  # the last rows overlap the ones before
        dots_of_rows(1, a, step, &b[j * row], row, &out[j], k)
        j += lanes


cdef inline void columns_by_vector(
    const int vectors, const real_t* a, const real_t* b, Py_ssize_t row, real_t* out,
    Py_ssize_t k,
) noexcept nogil:
    """out[j] = sum over p of a[p] * b[p * row + j], for vectors * lanes columns."""
    cdef Py_ssize_t lanes = VECTOR_BYTES // <Py_ssize_t> sizeof(real_t), p
    cdef Vector acc[4]
    cdef Vector wide
    cdef int v
    for v in range(vectors):
        load(&acc[v], <const real_t*> zeros)
    for p in range(k):
        for v in range(vectors):
            load(&wide, &b[p * row + v * lanes])
            add_product(&acc[v], a[p], &wide)
    for v in range(vectors):
        store(&out[v * lanes], &acc[v])


cdef void vector_matrix(
    const real_t* a, const real_t* b, Py_ssize_t row, real_t* out, Py_ssize_t n,
    Py_ssize_t k,
) noexcept nogil:
    """out[j] = sum over p of a[p] * b[p * row + j]; n is at least `lanes`.

    The bits of gemm, whose panels are two vectors wide: sums of four wait half as long
    for each other.
    """
    cdef Py_ssize_t lanes = VECTOR_BYTES // <Py_ssize_t> sizeof(real_t), j = 0, left
    while j < n:
        left = n - j
        if left > 3 * lanes and n >= 4 * lanes:
            j = min(j, n - 4 * lanes)  # the last columns overlap the ones before
            columns_by_vector(4, a, &b[j], row, &out[j], k)
            j += 4 * lanes
        elif left > lanes and n >= 2 * lanes:
            j = min(j, n - 2 * lanes)
            columns_by_vector(2, a, &b[j], row, &out[j], k)
            j += 2 * lanes
        else:
            j = min(j, n - lanes)
            columns_by_vector(1, a, &b[j], row, &out[j], k)
            j += lanes


cdef void outer_product(
    const real_t* a, const real_t* b, real_t* out, Py_ssize_t row_out,
    Py_ssize_t m, Py_ssize_t n,
) noexcept nogil:
    """out[i, j] = a[i] * b[j], and 0 for -0, as a sum that begins with 0 has it.

    (But where a product underflows, fused multiply-add would keep the sign of 0.)
    """
    cdef Py_ssize_t i, j
    cdef real_t zero = 0
    for i in range(m):
        for j in range(n):
            out[i * row_out + j] = a[i] * b[j] + zero


cdef void finish(
    real_t* out, Py_ssize_t n, const real_t* bias, Py_ssize_t step_bias, int activation,
) noexcept nogil:
    """out = activation(out + bias), for the products that go without."""
    cdef Py_ssize_t j
    if bias != NULL:
        for j in range(n):
            out[j] += bias[j * step_bias]
    if activation != IDENTITY:
        activation_forward(activation, out, out, n)
