"""Reduced neurons: LIF, AdEx and Izhikevich's, whose spike is an event and a reset.

    LIF           tau_m dV/dt = E_L - V + R_m I                      fires at V_th
    AdEx          C_m dV/dt = g_L (E_L - V) + g_L D e^((V - V_T) / D) - w + I
                  tau_w dw/dt = a (V - E_L) - w                      fires at V_peak
    Izhikevich    v' = 0.04 v^2 + 5 v + 140 - u + I,  u' = a (b v - u)   fires at 30

Each unit is alone. A spike is found where it lies within its step, and the rest of the
step begins at the reset: so spike times do not keep to the grid.
"""

import math

__all__ = ["adex", "izhikevich", "izhikevich_published", "lif", "lif_grid"]


def note(spikes, counts, u, t):
    """Keep the spike time t of unit u if there is room; count it anyhow."""
    if counts[u] < spikes.shape[1]:
        spikes[u, counts[u]] = t
    counts[u] += 1


def column(x, u):
    return [x[i, u] for i in range(x.shape[0])]


def store(x, u, values):
    for i, value in enumerate(values):
        x[i, u] = value


def shared(current):
    """What to multiply a unit by to find its column: 0 where there is one for all."""
    return 0 if current.shape[1] == 1 else 1


def lif_rest_of_step(V, hold, left, end, p, current, spike):
    """V and hold after the last `left` ms of a step that ends at `end`."""
    tau_m, R_m, E_L, V_th, V_reset, t_ref = p
    V_inf = E_L + R_m * current
    while True:
        wait = min(hold, left)
        hold, left = hold - wait, left - wait
        if V_inf > V_th:
            rise = tau_m * math.log((V_inf - V) / (V_inf - V_th))
            if rise < left:
                left -= rise
                spike(end - left)
                V, hold = V_reset, t_ref
                continue
        return V_inf + (V - V_inf) * math.exp(-left / tau_m), hold


def lif(state, parameters, current, dt, first, V_out, spikes, counts):
    """Leaky integrate-and-fire neurons, exact for currents constant in each step.

    V_inf = E_L + R_m I;  V <- V_inf + (V - V_inf) e^(-dt / tau_m); V_th is reached
    after tau_m ln((V_inf - V) / (V_inf - V_th)): there is a spike, V <- V_reset, and V
    stays for t_ref. As many spikes a step as there are.

    state (2, n): V in mV, ms of refractoriness left; overwritten. parameters (6, n):
    tau_m (ms), R_m (MOhm), E_L, V_th, V_reset (mV), t_ref (ms). current (steps, n), or
    (steps, 1) for all: nA. dt: ms; step k begins at (first + k) dt. V_out (steps, n): V
    where each step begins, overwritten. spikes (n, most): spike times in ms, the first
    `most` of them. counts (n,) int64: how many there were; both overwritten.
    Source: Lapicque, 1907; Stein, 1965.
    """
    n_steps, n_units = V_out.shape
    for u in range(n_units):
        counts[u] = 0
        V, hold = column(state, u)
        p = column(parameters, u)
        for k in range(n_steps):
            V_out[k, u] = V
            end = (first + k + 1) * dt
            now = current[k, u * shared(current)]
            V, hold = lif_rest_of_step(
                V, hold, dt, end, p, now, lambda t, u=u: note(spikes, counts, u, t)
            )
        store(state, u, (V, hold))


def lif_grid(state, parameters, current, dt, first, V_out, spikes, counts):
    """Leaky integrate-and-fire neurons that fire at the end of a step only.

    V <- V_inf + (V - V_inf) e^(-dt / tau_m); where V is then at V_th or above, the step
    ends with a spike and V <- V_reset, and V stays for t_ref, rounded to whole steps.
    So spikes come late, by dt at most: rates are exact to first order in dt.
    Arguments as of lif.
    """
    n_steps, n_units = V_out.shape
    for u in range(n_units):
        counts[u] = 0
        V, hold = column(state, u)
        tau_m, R_m, E_L, V_th, V_reset, t_ref = column(parameters, u)
        keep = math.exp(-dt / tau_m)
        for k in range(n_steps):
            V_out[k, u] = V
            if hold > 0.5 * dt:
                hold -= dt
                continue
            V_inf = E_L + R_m * current[k, u * shared(current)]
            V = V_inf + (V - V_inf) * keep
            if V_th <= V:
                note(spikes, counts, u, (first + k + 1) * dt)
                V, hold = V_reset, t_ref
        store(state, u, (V, hold))


def rk4(slopes, x, y, h):
    """(x, y) after h ms by Runge and Kutta's scheme of fourth order."""
    a, b = slopes(x, y)
    c, d = slopes(x + 0.5 * h * a, y + 0.5 * h * b)
    e, f = slopes(x + 0.5 * h * c, y + 0.5 * h * d)
    g, i = slopes(x + h * e, y + h * f)
    return x + h * ((a + 2.0 * (c + e) + g) / 6.0), y + h * (
        (b + 2.0 * (d + f) + i) / 6
    )


def moment(slopes, x, y, x_end, h, x_event):
    """(s, y there): when x, on its way to x_end in h ms, is at x_event.

    From the straight line on, three steps of Newton; each tries a step of s ms.
    """
    s = h * (x - x_event) / (x - x_end)
    for _ in range(3):
        x_s, y_s = rk4(slopes, x, y, s)
        s = min(max(s - (x_s - x_event) / slopes(x_s, y_s)[0], 0.0), h)
    return s, rk4(slopes, x, y, s)[1]


def adex_slopes(p, current):
    """Two forms of the equations, (dV/dt, dw/dt) and (dy/dt, dq/dt).

    y = e^((V_T - V) / D): where V runs away within microseconds, y goes to 0 in an
    almost straight line. There dw/dt has a (V - E_L), a logarithm of y; its integral
    along that line is F(y), and q = w - F(y) is smooth.
    """
    C, g_L, E_L, V_T, D, a, tau_w, _, _, V_peak = p
    y_peak = math.exp((V_T - V_peak) / D)

    def of_potential(V, w):
        upstroke = g_L * D * math.exp((min(V, V_peak) - V_T) / D)
        dV = (g_L * (E_L - V) + upstroke - w + current) / C
        return dV, (a * (V - E_L) - w) / tau_w

    def of_y(y, q):
        y = max(y, y_peak)
        log_y = math.log(y)
        w = q + adex_part_of_w(p, y, log_y)
        bend = y * (g_L * (E_L - V_T + D * log_y) - w + current) / (g_L * D)
        dq = (a * (V_T - E_L + D * bend * log_y) - w) / tau_w
        return -g_L / C * (1.0 + bend), dq

    return of_potential, of_y


def adex_part_of_w(p, y, log_y):
    """F(y) = a D C / (g_L tau_w) (y ln y - y): what w gains along the straight line."""
    C, g_L, D, a, tau_w = p[0], p[1], p[4], p[5], p[6]
    return a * D * C / (g_L * tau_w) * (y * log_y - y)


def adex_move(V, w, p, current, h):
    """(V, w, None) after h ms, or (V_peak, w, s) at the spike after s ms."""
    V_T, D, V_peak = p[3], p[4], p[9]
    of_V, of_y = adex_slopes(p, current)
    if V <= V_T:
        V_end, w_end = rk4(of_V, V, w, h)
        if not V_end >= V_peak:
            return V_end, w_end, None
        s, w = moment(of_V, V, w, V_end, h, V_peak)
        return V_peak, w, s
    y, y_peak = math.exp((V_T - V) / D), math.exp((V_T - V_peak) / D)
    if y <= y_peak:
        return V_peak, w, 0.0
    q = w - adex_part_of_w(p, y, (V_T - V) / D)
    y_end, q_end = rk4(of_y, y, q, h)
    if not y_end <= y_peak:
        log_y = math.log(y_end)
        return V_T - D * log_y, q_end + adex_part_of_w(p, y_end, log_y), None
    s, q = moment(of_y, y, q, y_end, h, y_peak)
    return V_peak, q + adex_part_of_w(p, y_peak, (V_T - V_peak) / D), s


def adex(state, parameters, current, dt, first, V_out, w_out, spikes, counts):
    """Adaptive exponential integrate-and-fire neurons (Brette and Gerstner, 2005).

    C_m dV/dt = g_L (E_L - V) + g_L Delta_T e^((V - V_T) / Delta_T) - w + I
    tau_w dw/dt = a (V - E_L) - w;  at V_peak a spike: V <- V_reset, w <- w + b
    by Runge and Kutta's scheme of fourth order, above V_T for y =
    e^((V_T - V) / Delta_T) in place of V, which neither overflows nor stalls in the
    upstroke. The spike is where y is that of V_peak. One spike a step: another waits,
    at V_peak, for the next step.

    state (2, n): V in mV, w in pA; overwritten. parameters (10, n): C_m (pF), g_L (nS),
    E_L, V_T, Delta_T (mV), a (nS), tau_w (ms), b (pA), V_reset, V_peak (mV). current
    (steps, n), or (steps, 1) for all: pA. w_out (steps, n): w where each step begins,
    overwritten. The others as of lif.
    Source: J Neurophysiol 94, 3637.
    """
    n_steps, n_units = V_out.shape
    for u in range(n_units):
        counts[u] = 0
        V, w = column(state, u)
        p = column(parameters, u)
        b, V_reset = p[7:9]
        for k in range(n_steps):
            V_out[k, u], w_out[k, u] = V, w
            now = current[k, u * shared(current)]
            V, w, s = adex_move(V, w, p, now, dt)
            if s is not None:
                note(spikes, counts, u, (first + k) * dt + s)
                V, w, s = adex_move(V_reset, w + b, p, now, dt - s)
        store(state, u, (V, w))


def izhikevich_move(v, u, p, current, h):
    """(v, u, None) after h ms, or (peak, u, s) at the spike after s ms."""
    a, b, _, _, peak = p

    def slopes(v, u):
        return (0.04 * v + 5.0) * v + 140.0 - u + current, a * (b * v - u)

    if v >= peak:
        return peak, u, 0.0
    v_end, u_end = rk4(slopes, v, u, h)
    if not v_end >= peak:
        return v_end, u_end, None
    s, u = moment(slopes, v, u, v_end, h, peak)
    return peak, u, s


def izhikevich(state, parameters, current, dt, first, V_out, u_out, spikes, counts):
    """Izhikevich's neurons (2003), converged.

    v' = 0.04 v^2 + 5 v + 140 - u + I,  u' = a (b v - u);  at v = V_peak (30) a spike:
    v <- c, u <- u + d. By Runge and Kutta's scheme of fourth order, the spike where v
    is at V_peak; one a step, another waits there for the next step.

    state (2, n): v in mV, u; overwritten. parameters (5, n): a (1/ms), b, c (mV), d,
    V_peak (mV). current (steps, n), or (steps, 1) for all. u_out (steps, n): u where
    each step begins, overwritten. The others as of lif.
    Source: IEEE Trans Neural Netw 14, 1569.
    """
    n_steps, n_units = V_out.shape
    for i in range(n_units):
        counts[i] = 0
        v, u = column(state, i)
        p = column(parameters, i)
        c, d = p[2:4]
        for k in range(n_steps):
            V_out[k, i], u_out[k, i] = v, u
            now = current[k, i * shared(current)]
            v, u, s = izhikevich_move(v, u, p, now, dt)
            if s is not None:
                note(spikes, counts, i, (first + k) * dt + s)
                v, u, s = izhikevich_move(c, u + d, p, now, dt - s)
        store(state, i, (v, u))


def izhikevich_published(
    state, parameters, current, dt, first, V_out, u_out, spikes, counts
):
    """Izhikevich's neurons by the scheme of the script in his paper, for dt = 1 ms.

    Where v >= V_peak: spike, v <- c, u <- u + d; then v by two steps of Euler's scheme
    of dt / 2, then u by one of dt. Not converged: see izhikevich.
    V_out: v where each step begins, V_peak where it is above. Arguments as there.
    """
    n_steps, n_units = V_out.shape
    for i in range(n_units):
        counts[i] = 0
        v, u = column(state, i)
        a, b, c, d, peak = column(parameters, i)
        for k in range(n_steps):
            V_out[k, i], u_out[k, i] = min(v, peak), u
            if v >= peak:
                note(spikes, counts, i, (first + k) * dt)
                v, u = c, u + d
            now = current[k, i * shared(current)]
            for _ in range(2):
                v += 0.5 * dt * ((0.04 * v + 5.0) * v + 140.0 - u + now)
            u += dt * a * (b * v - u)
        store(state, i, (v, u))
