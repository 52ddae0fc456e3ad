# simd.h's vectors in Cython: one name for either precision.

cdef extern from "simd.h" nogil:
    enum:
        VECTOR_BYTES
        VECTOR_FLOATS
        ROWS  # of a tile; these six depend on the CPU
        MC
        DIRECT_ROWS
        DIRECT_BYTES
        TILE_AHEAD
        STEPS
        HALVES  # whether the lower half of a register is worth a tile of its own
    ctypedef struct Vector:  # one register, of floats or of doubles
        pass
    ctypedef struct Half:  # half of one
        pass
    void load_float(Vector* v, const float* source)
    void load_double(Vector* v, const double* source)
    void store_float(float* to, const Vector* v)
    void store_double(double* to, const Vector* v)
    void hold_float(Vector* v)
    void hold_double(Vector* v)
    void add_product_float(Vector* v, float x, const Vector* b)
    void add_product_double(Vector* v, double x, const Vector* b)
    void add_float(Vector* v, const float* b)
    void add_double(Vector* v, const double* b)
    void relu_float(Vector* v)
    void relu_double(Vector* v)
    void load_half_float(Half* v, const float* source)
    void load_half_double(Half* v, const double* source)
    void store_half_float(float* to, const Half* v)
    void store_half_double(double* to, const Half* v)
    void hold_half_float(Half* v)
    void hold_half_double(Half* v)
    void add_product_half_float(Half* v, float x, const Half* b)
    void add_product_half_double(Half* v, double x, const Half* b)
    void add_half_float(Half* v, const float* b)
    void add_half_double(Half* v, const double* b)
    void relu_half_float(Half* v)
    void relu_half_double(Half* v)
    void load_part_float(Vector* v, const float* source, Py_ssize_t n)
    void load_part_double(Vector* v, const double* source, Py_ssize_t n)
    void store_part_float(float* to, const Vector* v, Py_ssize_t n)
    void store_part_double(double* to, const Vector* v, Py_ssize_t n)
    void prefetch(const void* p)
    void prefetch_to_read(const void* p)
    void prefetch_far(const void* p)
    void transpose_square_float(
        const float* source, Py_ssize_t row_from, float* to, Py_ssize_t row_to
    )
    void transpose_square_double(
        const double* source, Py_ssize_t row_from, double* to, Py_ssize_t row_to
    )

# What sums go on from at their start, in either precision.
cdef float zeros[8 * VECTOR_FLOATS]


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


cdef inline void load_part(
    Vector* v, const real_t* source, Py_ssize_t n
) noexcept nogil:
    if real_t is float:
        load_part_float(v, source, n)
    else:
        load_part_double(v, source, n)


cdef inline void store_part(real_t* to, const Vector* v, Py_ssize_t n) noexcept nogil:
    if real_t is float:
        store_part_float(to, v, n)
    else:
        store_part_double(to, v, n)


cdef inline void hold(Vector* v, const real_t* precision) noexcept nogil:
    if real_t is float:
        hold_float(v)
    else:
        hold_double(v)


cdef inline void add_product(Vector* v, real_t x, const Vector* b) noexcept nogil:
    if real_t is float:
        add_product_float(v, x, b)
    else:
        add_product_double(v, x, b)


cdef inline void add_bias(Vector* v, const real_t* b) noexcept nogil:
    if real_t is float:
        add_float(v, b)
    else:
        add_double(v, b)


cdef inline void load_half(Half* v, const real_t* source) noexcept nogil:
    if real_t is float:
        load_half_float(v, source)
    else:
        load_half_double(v, source)


cdef inline void store_half(real_t* to, const Half* v) noexcept nogil:
    if real_t is float:
        store_half_float(to, v)
    else:
        store_half_double(to, v)


cdef inline void hold_half(Half* v, const real_t* precision) noexcept nogil:
    if real_t is float:
        hold_half_float(v)
    else:
        hold_half_double(v)


cdef inline void add_product_of_half(
    Half* v, real_t x, const Half* b
) noexcept nogil:
    if real_t is float:
        add_product_half_float(v, x, b)
    else:
        add_product_half_double(v, x, b)


cdef inline void finish_half(Half* v, const real_t* bias, bint relu) noexcept nogil:
    """Add the bias, unless NULL, and apply relu if wanted."""
    if real_t is float:
        if bias != NULL:
            add_half_float(v, bias)
        if relu:
            relu_half_float(v)
    else:
        if bias != NULL:
            add_half_double(v, bias)
        if relu:
            relu_half_double(v)


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


