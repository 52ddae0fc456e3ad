# One step of the reduced neurons with two variables, AdEx and Izhikevich's, by Runge and
# Kutta's scheme, and the moment of a spike in it. Twin: fastnn/reference/neuro/reduced.py
#
# x is V, or y = e^((V_T - V) / D) where AdEx has V run away; w is the second variable.
# `form` is a constant wherever these are called, so that one body makes three loops.

cdef enum Form:
    ADEX_IN_V
    ADEX_IN_Y
    IZHIKEVICH

cdef struct Cell:
    double C, g_L, E_L, V_T, D, a, tau_w, b, V_reset, V_peak, y_peak, jump
    double current


cdef inline double adex_part_of_w(
    const Cell* cell, double y, double log_y
) noexcept nogil:
    """F(y): what w gains while y goes to 0 in a straight line; w - F(y) is smooth."""
    return cell.a * cell.D * cell.C / (cell.g_L * cell.tau_w) * (y * log_y - y)


cdef inline void two_slopes(
    const Cell* cell, Form form, double x, double w, double* dx, double* dw
) noexcept nogil:
    """dV/dt and dw/dt; for ADEX_IN_Y, x = y and w without F(y)."""
    cdef double V, log_x, bend
    if form == IZHIKEVICH:
        dx[0] = (0.04 * x + 5.0) * x + 140.0 - w + cell.current
        dw[0] = cell.a * (cell.b * x - w)
        return
    if form == ADEX_IN_V:
        V = cell.V_peak if x > cell.V_peak else x
        V = cell.g_L * cell.D * exp_((V - cell.V_T) / cell.D, False)
        dx[0] = (cell.g_L * (cell.E_L - x) + V - w + cell.current) / cell.C
        dw[0] = (cell.a * (x - cell.E_L) - w) / cell.tau_w
        return
    x = cell.y_peak if x < cell.y_peak else x
    log_x = log_(x, False)
    w += adex_part_of_w(cell, x, log_x)
    bend = x * (
        cell.g_L * (cell.E_L - cell.V_T + cell.D * log_x) - w + cell.current
    ) / (cell.g_L * cell.D)
    dx[0] = -cell.g_L / cell.C * (1.0 + bend)
    dw[0] = (cell.a * (cell.V_T - cell.E_L + cell.D * bend * log_x) - w) / cell.tau_w


cdef inline void rk4_of_two(
    const Cell* cell, Form form, double x, double w, double h, double* x_end,
    double* w_end,
) noexcept nogil:
    cdef double a, b, c, d, e, f, g, i
    two_slopes(cell, form, x, w, &a, &b)
    two_slopes(cell, form, x + 0.5 * h * a, w + 0.5 * h * b, &c, &d)
    two_slopes(cell, form, x + 0.5 * h * c, w + 0.5 * h * d, &e, &f)
    two_slopes(cell, form, x + h * e, w + h * f, &g, &i)
    x_end[0] = x + h * ((a + 2.0 * (c + e) + g) / 6.0)
    w_end[0] = w + h * ((b + 2.0 * (d + f) + i) / 6.0)


cdef inline double moment_of(
    const Cell* cell, Form form, double x, double* w, double x_end, double h,
    double x_event,
) noexcept nogil:
    """When x is at x_event on its way to x_end in h ms; w: then what it is there."""
    cdef double s = h * (x - x_event) / (x - x_end), x_s, w_s, slope, unused
    for _ in range(3):
        rk4_of_two(cell, form, x, w[0], s, &x_s, &w_s)
        two_slopes(cell, form, x_s, w_s, &slope, &unused)
        s = min(max(s - (x_s - x_event) / slope, 0.0), h)
    rk4_of_two(cell, form, x, w[0], s, &x_s, &w_s)
    w[0] = w_s
    return s


cdef inline double adex_move(
    const Cell* cell, double* V, double* w, double h
) noexcept nogil:
    """V and w after h ms, or at the spike: then returns when it was, else -1."""
    cdef double x, x_end, w_end, log_x, s
    if not V[0] > cell.V_T:
        rk4_of_two(cell, ADEX_IN_V, V[0], w[0], h, &x_end, &w_end)
        if not x_end >= cell.V_peak:
            V[0], w[0] = x_end, w_end
            return -1.0
        s = moment_of(cell, ADEX_IN_V, V[0], w, x_end, h, cell.V_peak)
        V[0] = cell.V_peak
        return s
    x = exp_((cell.V_T - V[0]) / cell.D, False)
    s = 0.0
    if x > cell.y_peak:
        w[0] -= adex_part_of_w(cell, x, (cell.V_T - V[0]) / cell.D)
        rk4_of_two(cell, ADEX_IN_Y, x, w[0], h, &x_end, &w_end)
        if not x_end <= cell.y_peak:
            log_x = log_(x_end, False)
            V[0] = cell.V_T - cell.D * log_x
            w[0] = w_end + adex_part_of_w(cell, x_end, log_x)
            return -1.0
        s = moment_of(cell, ADEX_IN_Y, x, w, x_end, h, cell.y_peak)
        log_x = (cell.V_T - cell.V_peak) / cell.D
        w[0] += adex_part_of_w(cell, cell.y_peak, log_x)
    V[0] = cell.V_peak
    return s


cdef inline double izhikevich_move(
    const Cell* cell, double* v, double* u, double h
) noexcept nogil:
    """v and u after h ms, or at the spike: then returns when it was, else -1."""
    cdef double x_end, w_end, s = 0.0
    if not v[0] >= cell.V_peak:
        rk4_of_two(cell, IZHIKEVICH, v[0], u[0], h, &x_end, &w_end)
        if not x_end >= cell.V_peak:
            v[0], u[0] = x_end, w_end
            return -1.0
        s = moment_of(cell, IZHIKEVICH, v[0], u, x_end, h, cell.V_peak)
    v[0] = cell.V_peak
    return s


cdef inline Cell cell_of(const double* p, Py_ssize_t n, bint is_adex) noexcept nogil:
    """The parameters of one unit; p[i * n]: number i."""
    cdef Cell cell
    if is_adex:
        cell.C, cell.g_L, cell.E_L, cell.V_T = p[0], p[n], p[2 * n], p[3 * n]
        cell.D, cell.a, cell.tau_w, cell.jump = p[4 * n], p[5 * n], p[6 * n], p[7 * n]
        cell.V_reset, cell.V_peak = p[8 * n], p[9 * n]
        cell.y_peak = exp_((cell.V_T - cell.V_peak) / cell.D, False)
    else:
        cell.a, cell.b, cell.V_reset, cell.jump = p[0], p[n], p[2 * n], p[3 * n]
        cell.V_peak = p[4 * n]
    return cell
