# The patch of membrane of Hodgkin and Huxley, in four schemes, for many units at once.
# Twin: fastnn/reference/neuro/patch.py
#
# Units go in blocks whose state stays in the cache, or in registers, for all steps.
# The loop over a block's units has no branch and a constant length: one vector
# instruction does eight units. A single unit is a block of one, without a loop; fewer
# than a block are filled up, for a lane more costs nothing.

cdef enum:
    UNITS_A_VECTOR = 8  # float64 in the longest vectors there are
    UNITS_A_BLOCK = 16
    USUAL = 150  # mV: there no rate is above 500 / ms, and no exponential overflows


cdef inline double relaxed(
    double a, double b, double h, double x, double* ahead, bint ordinary
) noexcept nogil:
    """A gate after h (phi in it) at constant V; ahead[0]: after another h.

    The second from the first, not by keep^2: a run that goes on from there must give
    the same bits. ordinary: h (a + b) is at most 700.
    """
    cdef double s = a + b, x_inf = a / s, keep = exp_(-h * s, ordinary)
    x = fma_double(x - x_inf, keep, x_inf)
    ahead[0] = fma_double(x - x_inf, keep, x_inf)
    return x


cdef inline double with_fixed_gates(
    double V, double m, double h, double n, double current, double dt_C,
    const double* p, bint implicit,
) noexcept nogil:
    """V after a step in which C_m dV/dt = J - G V; dt_C = dt / C_m.

    V + (V - J / G) (e^z - 1), z = -dt_C G; near z = 0, where J / G may be 0 / 0, the
    series. p[i * UNITS_A_BLOCK]: parameter i.
    """
    cdef double G_Na = p[UNITS_A_BLOCK] * (m * m) * (m * h)
    cdef double G_K = p[2 * UNITS_A_BLOCK] * (n * n) * (n * n)
    cdef double g_L = p[3 * UNITS_A_BLOCK], G = G_Na + G_K + g_L
    cdef double J = fma_double(
        G_Na, p[4 * UNITS_A_BLOCK],
        fma_double(G_K, p[5 * UNITS_A_BLOCK],
                   fma_double(g_L, p[6 * UNITS_A_BLOCK], current)),
    )
    cdef double z = -dt_C * G, change = dt_C * fma_double(-G, V, J), from_V, factor
    if implicit:
        return V + change / fma_double(-0.5, z, 1.0)
    from_V = V - J / G if z < -1e-5 else change
    factor = expm1_(z) if z < -1e-5 else fma_double(
        z, fma_double(z, 1.0 / 6.0, 0.5), 1.0
    )
    return fma_double(from_V, factor, V)


cdef inline void split_block(
    double* state, const double* parameters, const double* current,
    Py_ssize_t n_units, Py_ssize_t n_currents, Py_ssize_t width, Py_ssize_t lanes,
    Py_ssize_t steps, double dt, bint implicit, double* V_out, double* gates_out,
) noexcept nogil:
    """All steps of `width` units; pointers are at the first of them.

    The gates that end a step by going half of it begin the next by going another half,
    at the same V: so the rates are computed once a step. All that the loop needs is in
    arrays of its own, which no pointer can reach: else gcc would not vectorise it.
    lanes: 1 or a number of whole vectors, a constant; those beyond `width` repeat the
    first unit, and nobody looks at them. Where all V are usual, exponentials go without
    the steps for overflow: the same bits, in three quarters of the time.
    """
    cdef double[UNITS_A_BLOCK] V, m, h, n, m_ahead, h_ahead, n_ahead, now, half, dt_C
    cdef double[8 * UNITS_A_BLOCK] p
    cdef double a_m, b_m, a_h, b_h, a_n, b_n
    cdef Py_ssize_t u, i, unit
    cdef bint short = True
    cdef int near
    for u in range(lanes):
        unit = u if u < width else 0
        for i in range(8):
            p[i * UNITS_A_BLOCK + u] = parameters[i * n_units + unit]
        half[u] = 0.5 * dt * p[7 * UNITS_A_BLOCK + u]
        dt_C[u] = dt / p[u]
        now[u] = 0.0
        V[u], m[u] = state[unit], state[n_units + unit]
        h[u], n[u] = state[2 * n_units + unit], state[3 * n_units + unit]
        gate_rates(V[u], False, &a_m, &b_m, &a_h, &b_h, &a_n, &b_n)
        m_ahead[u] = relaxed(a_m, b_m, half[u], m[u], &a_m, False)
        h_ahead[u] = relaxed(a_h, b_h, half[u], h[u], &a_h, False)
        n_ahead[u] = relaxed(a_n, b_n, half[u], n[u], &a_n, False)
        short &= half[u] <= 1.0
    for _ in range(steps):
        if width == lanes:
            # By vectors: one that was written number by number cannot be read before
            # all of it has left for the cache. 100 units took a third longer.
            for u in range(lanes):
                V_out[u] = V[u]
                now[u] = current[u if n_currents > 1 else 0]
        else:
            for u in range(width):
                V_out[u] = V[u]
                now[u] = current[u if n_currents > 1 else 0]
        if gates_out != NULL:
            for u in range(width):
                gates_out[u] = m[u]
                gates_out[n_units + u] = h[u]
                gates_out[2 * n_units + u] = n[u]
            gates_out += 3 * n_units
        for u in range(lanes):
            V[u] = with_fixed_gates(
                V[u], m_ahead[u], h_ahead[u], n_ahead[u], now[u], dt_C[u], p + u,
                implicit,
            )
        near = 0
        for u in range(lanes):
            near += fabs(V[u]) <= USUAL
        if short and near == lanes:
            for u in range(lanes):
                gate_rates(V[u], True, &a_m, &b_m, &a_h, &b_h, &a_n, &b_n)
                m[u] = relaxed(a_m, b_m, half[u], m_ahead[u], &m_ahead[u], True)
                h[u] = relaxed(a_h, b_h, half[u], h_ahead[u], &h_ahead[u], True)
                n[u] = relaxed(a_n, b_n, half[u], n_ahead[u], &n_ahead[u], True)
        else:
            for u in range(lanes):
                gate_rates(V[u], False, &a_m, &b_m, &a_h, &b_h, &a_n, &b_n)
                m[u] = relaxed(a_m, b_m, half[u], m_ahead[u], &m_ahead[u], False)
                h[u] = relaxed(a_h, b_h, half[u], h_ahead[u], &h_ahead[u], False)
                n[u] = relaxed(a_n, b_n, half[u], n_ahead[u], &n_ahead[u], False)
        V_out += n_units
        current += n_currents
    for u in range(width):
        state[u], state[n_units + u] = V[u], m[u]
        state[2 * n_units + u], state[3 * n_units + u] = h[u], n[u]


cdef void split_units(
    double* state, const double* p, const double* current, Py_ssize_t n_units,
    Py_ssize_t n_currents, Py_ssize_t steps, double dt, bint implicit, double* V_out,
    double* gates_out,
) noexcept nogil:
    """Block after block; lanes are written out so that the compiler knows them."""
    cdef Py_ssize_t u = 0, width
    while u < n_units:
        width = min(UNITS_A_BLOCK, n_units - u)
        if width == 1:
            split_block(
                state + u, p + u, current, n_units, n_currents, 1, 1,
                steps, dt, implicit, V_out + u, gates_out,
            )
        elif width <= UNITS_A_VECTOR:
            split_block(
                state + u, p + u, current, n_units, n_currents, width, UNITS_A_VECTOR,
                steps, dt, implicit, V_out + u, gates_out,
            )
        else:
            split_block(
                state + u, p + u, current, n_units, n_currents, width, UNITS_A_BLOCK,
                steps, dt, implicit, V_out + u, gates_out,
            )
        u += width
        if n_currents > 1:
            current += width
        if gates_out != NULL:
            gates_out += width


cdef inline void patch_slopes(
    const double* y, const double* p, Py_ssize_t n_units, double current, double* slope
) noexcept nogil:
    """slope[0:4] = dV/dt, dm/dt, dh/dt, dn/dt of y[0:4] = V, m, h, n."""
    cdef double a_m, b_m, a_h, b_h, a_n, b_n, phi = p[7 * n_units]
    cdef double G_Na = p[n_units] * y[1] * y[1] * y[1] * y[2]
    cdef double G_K = p[2 * n_units] * (y[3] * y[3]) * (y[3] * y[3])
    cdef double g_L = p[3 * n_units]
    cdef double J = (
        current + G_Na * p[4 * n_units] + G_K * p[5 * n_units] + g_L * p[6 * n_units]
    )
    gate_rates(y[0], False, &a_m, &b_m, &a_h, &b_h, &a_n, &b_n)
    slope[0] = (J - (G_Na + G_K + g_L) * y[0]) / p[0]
    slope[1] = phi * (a_m * (1.0 - y[1]) - b_m * y[1])
    slope[2] = phi * (a_h * (1.0 - y[2]) - b_h * y[2])
    slope[3] = phi * (a_n * (1.0 - y[3]) - b_n * y[3])


cdef inline void rk4_move(
    double* y, const double* p, Py_ssize_t n_units, double current, double dt
) noexcept nogil:
    cdef double[4] k1, k2, k3, k4, between
    cdef int i
    patch_slopes(y, p, n_units, current, k1)
    for i in range(4):
        between[i] = y[i] + 0.5 * dt * k1[i]
    patch_slopes(between, p, n_units, current, k2)
    for i in range(4):
        between[i] = y[i] + 0.5 * dt * k2[i]
    patch_slopes(between, p, n_units, current, k3)
    for i in range(4):
        between[i] = y[i] + dt * k3[i]
    patch_slopes(between, p, n_units, current, k4)
    for i in range(4):
        y[i] += dt * ((k1[i] + 2.0 * (k2[i] + k3[i]) + k4[i]) / 6.0)


cdef void explicit_units(
    double* state, const double* p, const double* current, Py_ssize_t n_units,
    Py_ssize_t n_currents, Py_ssize_t steps, double dt, bint rk4, double* V_out,
    double* gates_out,
) noexcept nogil:
    """Runge and Kutta's scheme, or Euler's: for checking, one unit after the other."""
    cdef double[4] y, slope
    cdef double current_now
    cdef Py_ssize_t u, k
    cdef int i
    for u in range(n_units):
        for i in range(4):
            y[i] = state[i * n_units + u]
        for k in range(steps):
            V_out[k * n_units + u] = y[0]
            if gates_out != NULL:
                for i in range(3):
                    gates_out[(3 * k + i) * n_units + u] = y[1 + i]
            current_now = current[k * n_currents + (u if n_currents > 1 else 0)]
            if rk4:
                rk4_move(y, p + u, n_units, current_now, dt)
            else:
                patch_slopes(y, p + u, n_units, current_now, slope)
                for i in range(4):
                    y[i] += dt * slope[i]
        for i in range(4):
            state[i * n_units + u] = y[i]


cdef inline double* rows_or_null(ndarray x) noexcept:
    """The first element, or NULL where there are no rows."""
    return <double*> data(x) if PyArray_DIM(x, 0) > 0 else NULL


def hh_exponential_euler(
    ndarray state not None,
    ndarray parameters not None,
    ndarray current not None,
    double dt,
    ndarray V_out not None,
    ndarray gates_out not None,
):
    """Steps of Hodgkin and Huxley's patch by exponential Euler; second order in dt.

    In each step the gates go half of it at constant V, V goes all of it with constant
    gates, and the gates go the other half (Strang, 1968). Each of the three is exact:
        x <- x_inf + (x - x_inf) e^(-dt phi (a + b) / 2)      (Rush and Larsen, 1978)
        V <- V_inf + (V - V_inf) e^(-dt G / C_m)
    with G = g_Na m^3 h + g_K n^4 + g_L and G V_inf = I + g_Na m^3 h E_Na + ...

    state (4, n): V in mV, m, h, n; overwritten. parameters (8, n): C_m, g_Na, g_K, g_L,
    E_Na, E_K, E_L, phi = 3^((T - 6.3) / 10). current (steps, n), or (steps, 1) for all:
    uA/cm2. dt: ms. V_out (steps, n): V where each step begins, overwritten.
    gates_out (steps, 3, n): m, h, n there; (0, 3, n) for none.
    Source: Hodgkin, Huxley, 1952, J Physiol 117, 500.
    """
    cdef Py_ssize_t steps = PyArray_DIM(V_out, 0), n_units = PyArray_DIM(V_out, 1)
    cdef Py_ssize_t n_currents = PyArray_DIM(current, 1)
    cdef double* of_state = <double*> data(state)
    cdef double* p = <double*> data(parameters)
    cdef double* of_current = <double*> data(current)
    cdef double* V = <double*> data(V_out)
    cdef double* gates = rows_or_null(gates_out)
    with nogil:
        split_units(
            of_state, p, of_current, n_units, n_currents, steps, dt, False, V, gates
        )


def hh_crank_nicolson(
    ndarray state not None,
    ndarray parameters not None,
    ndarray current not None,
    double dt,
    ndarray V_out not None,
    ndarray gates_out not None,
):
    """Steps of Hodgkin and Huxley's patch by Crank and Nicolson; second order in dt.

    As hh_exponential_euler, gates at half steps (Hines, 1984), but V by
        C_m (V' - V) / dt = I - sum over the currents of g (V' + V) / 2 - g E.
    Arguments as there.
    """
    cdef Py_ssize_t steps = PyArray_DIM(V_out, 0), n_units = PyArray_DIM(V_out, 1)
    cdef Py_ssize_t n_currents = PyArray_DIM(current, 1)
    cdef double* of_state = <double*> data(state)
    cdef double* p = <double*> data(parameters)
    cdef double* of_current = <double*> data(current)
    cdef double* V = <double*> data(V_out)
    cdef double* gates = rows_or_null(gates_out)
    with nogil:
        split_units(
            of_state, p, of_current, n_units, n_currents, steps, dt, True, V, gates
        )


def hh_rk4(
    ndarray state not None,
    ndarray parameters not None,
    ndarray current not None,
    double dt,
    ndarray V_out not None,
    ndarray gates_out not None,
):
    """Steps of Hodgkin and Huxley's patch by Runge and Kutta's scheme of fourth order.

    y' = y + dt (k1 + 2 k2 + 2 k3 + k4) / 6 for y = (V, m, h, n), the current constant
    in a step. Explicit: unstable where dt is longer than the fastest time constant.
    Arguments as of hh_exponential_euler.
    """
    cdef Py_ssize_t steps = PyArray_DIM(V_out, 0), n_units = PyArray_DIM(V_out, 1)
    cdef Py_ssize_t n_currents = PyArray_DIM(current, 1)
    cdef double* of_state = <double*> data(state)
    cdef double* p = <double*> data(parameters)
    cdef double* of_current = <double*> data(current)
    cdef double* V = <double*> data(V_out)
    cdef double* gates = rows_or_null(gates_out)
    with nogil:
        explicit_units(
            of_state, p, of_current, n_units, n_currents, steps, dt, True, V, gates
        )


def hh_euler(
    ndarray state not None,
    ndarray parameters not None,
    ndarray current not None,
    double dt,
    ndarray V_out not None,
    ndarray gates_out not None,
):
    """Steps of Hodgkin and Huxley's patch by Euler's scheme; first order in dt.

    y' = y + dt dy/dt for y = (V, m, h, n). Explicit, as hh_rk4, and less exact.
    Arguments as of hh_exponential_euler.
    """
    cdef Py_ssize_t steps = PyArray_DIM(V_out, 0), n_units = PyArray_DIM(V_out, 1)
    cdef Py_ssize_t n_currents = PyArray_DIM(current, 1)
    cdef double* of_state = <double*> data(state)
    cdef double* p = <double*> data(parameters)
    cdef double* of_current = <double*> data(current)
    cdef double* V = <double*> data(V_out)
    cdef double* gates = rows_or_null(gates_out)
    with nogil:
        explicit_units(
            of_state, p, of_current, n_units, n_currents, steps, dt, False, V, gates
        )
