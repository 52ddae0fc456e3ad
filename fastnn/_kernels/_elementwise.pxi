# The loops of activations.pyx: blocks of elements, and one loop for each function.
#
# A block is looked through first. Where all of it is ordinary, most of the time, a loop
# without the steps for overflow, underflow and NaN runs (_math.pxi). float32 has loops
# with tables for some functions, where the CPU can (lookup.h). What is left over
# at the end of an array is copied to a short row of its own and takes the same road: no
# scalar loop, and the same bits for an element wherever it stands.

cdef extern from "lookup.h" nogil:
    const bint HAS_TABLES
    const int CELLS
    bint exp_floats(const float* x, float* y, Py_ssize_t n, bint ordinary)
    bint sigmoid_floats(const float* x, float* y, Py_ssize_t n, bint ordinary)
    bint silu_floats(const float* x, float* y, Py_ssize_t n, bint ordinary)
    bint tanh_floats(const float* x, float* y, Py_ssize_t n)
    bint log_floats(const float* x, float* y, Py_ssize_t n)
    int gelu_floats(const float* x, float* y, Py_ssize_t n)
    const float GELU_LIMIT

cdef enum Activation:
    IDENTITY, SIGMOID, TANH, RELU, LEAKY_RELU, ELU, SELU, GELU, GELU_TANH, SILU
    SOFTPLUS, SOFTMAX

cdef enum:  # beside the activations: the other functions of one number
    EXP = 100
    LOG

cdef enum:
    IN_A_BLOCK = 1024  # elements that are looked through together
    IN_A_ROW = 16  # blocks are whole rows, so that gcc makes no loop for the rest


cdef inline bint needs_z(int kind) noexcept nogil:
    """Whether the backward pass reads the input z rather than the output a."""
    return kind == GELU or kind == GELU_TANH or kind == SILU


cdef inline real_t ordinary_limit(int kind, real_t x) noexcept nogil:
    """The |x| up to which no step for the rare cases is needed; 0: there are none."""
    if kind == EXP or kind == SOFTPLUS:
        return 87.0 if real_t is float else 708.0
    if kind == SIGMOID or kind == SILU:  # 16: see divided_by_one_plus_exp
        return 16.0 if real_t is float else 700.0
    if kind == GELU:
        return GELU_LIMIT if real_t is float else 36.0
    if kind == GELU_TANH:  # u(4.8) is just below 16
        return 4.8 if real_t is float else 20.0
    return 0.0


cdef inline bint all_within(
    const real_t* x, real_t limit, Py_ssize_t n
) noexcept nogil:
    """Whether no |x| is above the limit, and none is NaN: by bits, as whole numbers."""
    cdef uint32_t u = 0
    cdef uint64_t v = 0
    cdef Py_ssize_t i
    n &= -IN_A_ROW
    if real_t is float:
        for i in range(n):
            u |= float_bits(limit) - (float_bits(x[i]) & 0x7fffffff)
        return u >> 31 == 0
    else:
        for i in range(n):
            v |= double_bits(limit) - (double_bits(x[i]) & 0x7fffffffffffffffULL)
        return v >> 63 == 0


cdef inline bint all_normal(const real_t* x, Py_ssize_t n) noexcept nogil:
    """Whether every x is positive, finite and not subnormal."""
    cdef uint32_t u = 0, b
    cdef uint64_t v = 0, c
    cdef Py_ssize_t i
    n &= -IN_A_ROW
    if real_t is float:
        for i in range(n):
            b = float_bits(x[i])
            u |= b | (b - 0x00800000) | (0x7f7fffff - b)
        return u >> 31 == 0
    else:
        for i in range(n):
            c = double_bits(x[i])
            v |= c | (c - 0x0010000000000000ULL) | (0x7fefffffffffffffULL - c)
        return v >> 63 == 0


# ---- forward ------------------------------------------------------------------------

cdef inline real_t relu_(real_t x) noexcept nogil:
    return <real_t> 0 if x <= <real_t> 0 else x


cdef inline real_t leaky_relu_(real_t x) noexcept nogil:
    cdef real_t slope = 0.01
    return slope * x if x <= <real_t> 0 else x


cdef inline real_t elu_(real_t x) noexcept nogil:
    cdef real_t below = expm1_(x)
    return x if x >= <real_t> 0 else below


cdef inline real_t selu_(real_t x) noexcept nogil:
    # lambda alpha, and lambda = 1.0507..., alpha = 1.6732... (Klambauer et al. 2017)
    cdef real_t scale = 1.0507009873554805, scale_alpha = 1.7580993408473768
    cdef real_t below = scale_alpha * expm1_(x)
    return scale * x if x >= <real_t> 0 else below


cdef inline void softplus_block(
    const real_t* z, real_t* a, Py_ssize_t n, bint ordinary
) noexcept nogil:
    """log(1 + e^z) = max(z, 0) + log(1 + e), e = e^-|z|.

    In two loops: the CPU's window holds more rounds of a short one, and both wait less
    (a tenth of the time).
    """
    cdef real_t e[IN_A_BLOCK]
    cdef real_t zero = 0.0
    cdef Py_ssize_t i
    for i in range(n):
        e[i] = exp_(-abs_(z[i]), ordinary)
    for i in range(n):
        a[i] = (zero if z[i] < zero else z[i]) + log1p_unit(e[i])


cdef inline void forward_block(
    int kind, const real_t* z, real_t* a, Py_ssize_t n, bint ordinary
) noexcept nogil:
    """At most IN_A_BLOCK elements, whole rows of them."""
    cdef Py_ssize_t i
    n &= -IN_A_ROW
    if kind == SIGMOID:
        for i in range(n):
            a[i] = sigmoid_(z[i], ordinary)
    elif kind == GELU:
        for i in range(n):
            a[i] = gelu_(z[i], ordinary)
    elif kind == GELU_TANH:
        for i in range(n):
            a[i] = gelu_tanh_(z[i], ordinary)
    elif kind == SILU:
        for i in range(n):
            a[i] = silu_(z[i], ordinary)
    elif kind == SOFTPLUS:
        softplus_block(z, a, n, ordinary)
    elif kind == EXP:
        for i in range(n):
            a[i] = exp_(z[i], ordinary)
    elif kind == LOG:
        for i in range(n):
            a[i] = log_(z[i], ordinary)


cdef bint forward_by_table(
    int kind, const float* z, float* a, Py_ssize_t n, bint ordinary
) noexcept nogil:
    """Whole rows of float32, where HAS_TABLES; False: they were not so ordinary."""
    if kind == SIGMOID:
        return sigmoid_floats(z, a, n, ordinary)
    elif kind == TANH:
        return tanh_floats(z, a, n)
    elif kind == SILU:
        return silu_floats(z, a, n, ordinary)
    elif kind == EXP:
        return exp_floats(z, a, n, ordinary)
    return log_floats(z, a, n)


cdef inline bint by_table(int kind) noexcept nogil:
    return HAS_TABLES and (
        kind == SIGMOID or kind == TANH or kind == GELU or kind == SILU or kind == EXP
        or kind == LOG
    )


cdef void block_by_table(
    int kind, const float* z, float* a, Py_ssize_t n
) noexcept nogil:
    """At most IN_A_BLOCK elements, whole rows of them; a may be z."""
    cdef float kept[IN_A_BLOCK]
    cdef int rare
    if a == z:
        memcpy(kept, z, n * sizeof(float))
        z = kept
    if kind == GELU:
        rare = gelu_floats(z, a, n)
        if rare != 0:
            rare_by_table(kind, z, a, n, rare)
        return
    if forward_by_table(kind, z, a, n, True):
        return
    if kind == LOG:
        rare_by_table(kind, z, a, n, -1)
    else:
        forward_by_table(kind, z, a, n, False)


cdef void rare_by_table(
    int kind, const float* z, float* a, Py_ssize_t n, int where
) noexcept nogil:
    """The rare numbers of a block whose others have been written by table.

    Bit i of `where` tells whether there are some in z[64 i : 64 i + 64].
    """
    cdef float rare[IN_A_ROW]
    cdef float limit = ordinary_limit[float](kind, 0), smallest = 1.1754943508222875e-38
    cdef float inf = INFINITY, x
    cdef Py_ssize_t start = 0, i
    while start < n:
        if where >> start // 64 & 1 and not (
            all_normal(z + start, IN_A_ROW) if kind == LOG
            else all_within(z + start, limit, IN_A_ROW)
        ):
            forward_block(kind, z + start, rare, IN_A_ROW, False)
            for i in range(IN_A_ROW):
                x = z[start + i]
                if not (smallest <= x < inf if kind == LOG else abs_(x) <= limit):
                    a[start + i] = rare[i]
        start += IN_A_ROW


cdef void forward_rows(
    int kind, const real_t* z, real_t* a, Py_ssize_t n
) noexcept nogil:
    """Whole rows: n is a multiple of IN_A_ROW."""
    cdef Py_ssize_t i, start = 0, m
    n &= -IN_A_ROW
    if real_t is float and by_table(kind) and (
        kind == TANH or (kind == LOG and CELLS == 32)
    ):
        forward_by_table(kind, z, a, n, True)
    elif ordinary_limit(kind, <real_t> 0) > <real_t> 0 or kind == LOG:
        while start < n:
            m = min(IN_A_BLOCK, n - start)
            if real_t is float and by_table(kind):
                block_by_table(kind, z + start, a + start, m)
            elif (
                all_normal(z + start, m) if kind == LOG
                else all_within(z + start, ordinary_limit(kind, <real_t> 0), m)
            ):
                forward_block(kind, z + start, a + start, m, True)
            else:
                forward_block(kind, z + start, a + start, m, False)
            start += m
    elif kind == TANH:
        for i in range(n):
            a[i] = tanh_(z[i])
    elif kind == RELU:
        for i in range(n):
            a[i] = relu_(z[i])
    elif kind == LEAKY_RELU:
        for i in range(n):
            a[i] = leaky_relu_(z[i])
    elif kind == ELU:
        for i in range(n):
            a[i] = elu_(z[i])
    elif kind == SELU:
        for i in range(n):
            a[i] = selu_(z[i])


cdef void activation_forward(
    int kind, const real_t* z, real_t* a, Py_ssize_t n
) noexcept nogil:
    """a = activation(z), element by element; a may be z."""
    cdef real_t rest[IN_A_ROW]
    cdef Py_ssize_t i, whole = n & -IN_A_ROW
    if kind == IDENTITY:
        if a != z:
            memcpy(a, z, n * sizeof(real_t))
        return
    forward_rows(kind, z, a, whole)
    if whole < n:
        for i in range(IN_A_ROW):
            rest[i] = 1.0
        memcpy(rest, z + whole, (n - whole) * sizeof(real_t))
        forward_rows(kind, rest, rest, IN_A_ROW)
        memcpy(a + whole, rest, (n - whole) * sizeof(real_t))


# ---- backward -----------------------------------------------------------------------

cdef inline real_t masked(real_t grad, real_t below, real_t a) noexcept nogil:
    """grad where a > 0, `below` where a <= 0, NaN where a is NaN."""
    below = below if a <= <real_t> 0 else a
    return grad if a > <real_t> 0 else below


cdef inline void backward_block(
    int kind, const real_t* grad_a, const real_t* z, real_t* grad_z, Py_ssize_t n,
    bint ordinary,
) noexcept nogil:
    """Where z is needed: at most IN_A_BLOCK elements, whole rows of them."""
    cdef Py_ssize_t i
    n &= -IN_A_ROW
    if kind == GELU:
        for i in range(n):
            grad_z[i] = grad_a[i] * gelu_slope(z[i], ordinary)
    elif kind == GELU_TANH:
        for i in range(n):
            grad_z[i] = grad_a[i] * gelu_tanh_slope(z[i], ordinary)
    elif kind == SILU:
        for i in range(n):
            grad_z[i] = grad_a[i] * silu_slope(z[i], ordinary)


cdef void backward_rows(
    int kind, const real_t* grad_a, const real_t* saved, real_t* grad_z, Py_ssize_t n
) noexcept nogil:
    """Whole rows: n is a multiple of IN_A_ROW."""
    cdef Py_ssize_t i, start = 0, m
    cdef real_t zero = 0.0, one = 1.0, slope = 0.01
    cdef real_t scale = 1.0507009873554805, scale_alpha = 1.7580993408473768
    n &= -IN_A_ROW
    if needs_z(kind):
        while start < n:
            m = min(IN_A_BLOCK, n - start)
            if all_within(saved + start, ordinary_limit(kind, zero), m):
                backward_block(
                    kind, grad_a + start, saved + start, grad_z + start, m, True
                )
            else:
                backward_block(
                    kind, grad_a + start, saved + start, grad_z + start, m, False
                )
            start += m
    elif kind == SIGMOID:
        for i in range(n):
            grad_z[i] = grad_a[i] * (saved[i] * (one - saved[i]))
    elif kind == TANH:
        for i in range(n):
            grad_z[i] = grad_a[i] * ((one - saved[i]) * (one + saved[i]))
    elif kind == RELU:
        for i in range(n):
            grad_z[i] = masked(grad_a[i], zero, saved[i])
    elif kind == LEAKY_RELU:
        for i in range(n):
            grad_z[i] = masked(grad_a[i], slope * grad_a[i], saved[i])
    elif kind == ELU:
        for i in range(n):
            grad_z[i] = masked(grad_a[i], (saved[i] + one) * grad_a[i], saved[i])
    elif kind == SELU:
        for i in range(n):
            grad_z[i] = masked(
                scale * grad_a[i], (saved[i] + scale_alpha) * grad_a[i], saved[i]
            )
    elif kind == SOFTPLUS:
        for i in range(n):
            grad_z[i] = grad_a[i] * -expm1_(-saved[i])
    elif kind == IDENTITY:
        for i in range(n):  # NaN in a reaches the gradient: a - a is 0 or NaN
            grad_z[i] = saved[i] if saved[i] != saved[i] else grad_a[i]


cdef void activation_backward(
    int kind, const real_t* grad_a, const real_t* saved, real_t* grad_z, Py_ssize_t n
) noexcept nogil:
    """grad_z = grad_a * activation'(z), element by element; grad_z may be grad_a.

    saved: z where needs_z(kind), else a.
    """
    cdef real_t grad[IN_A_ROW]
    cdef real_t rest[IN_A_ROW]
    cdef Py_ssize_t i, whole = n & -IN_A_ROW
    backward_rows(kind, grad_a, saved, grad_z, whole)
    if whole < n:
        for i in range(IN_A_ROW):
            grad[i] = rest[i] = 1.0
        memcpy(grad, grad_a + whole, (n - whole) * sizeof(real_t))
        memcpy(rest, saved + whole, (n - whole) * sizeof(real_t))
        backward_rows(kind, grad, rest, grad, IN_A_ROW)
        memcpy(grad_z + whole, grad, (n - whole) * sizeof(real_t))
