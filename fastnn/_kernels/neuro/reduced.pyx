# Reduced neurons: LIF, AdEx and Izhikevich's, whose spike is an event and a reset.
# Twin: fastnn/reference/neuro/reduced.py
#
# LIF goes one unit after the other, all steps of it; the others in blocks of units. One
# step of AdEx and of Izhikevich's neuron: _two_variables.pxi.

cdef struct SpikeBuffer:
    double* times  # one unit's
    int64_t most
    int64_t count


cdef inline void note_spike(SpikeBuffer* buffer, double t) noexcept nogil:
    """Keep the spike time t if there is room; count it anyhow."""
    if buffer.count < buffer.most:
        buffer.times[buffer.count] = t
    buffer.count += 1


cdef struct ReducedRun:
    double* state  # (2, n)
    double* p  # (parameters, n)
    double* current  # (steps, n_currents)
    double* V_out  # (steps, n)
    double* w_out  # (steps, n), or NULL
    double* spikes  # (n, most)
    int64_t* counts  # (n,)
    Py_ssize_t steps, n, n_currents, most, first
    double dt


cdef ReducedRun reduced_run(
    ndarray state, ndarray parameters, ndarray current, double dt, Py_ssize_t first,
    ndarray V_out, ndarray w_out, ndarray spikes, ndarray counts,
) noexcept:
    cdef ReducedRun run
    run.state, run.p = <double*> data(state), <double*> data(parameters)
    run.current, run.V_out = <double*> data(current), <double*> data(V_out)
    run.w_out, run.spikes = <double*> data(w_out), <double*> data(spikes)
    run.counts = <int64_t*> data(counts)
    run.steps, run.n = PyArray_DIM(V_out, 0), PyArray_DIM(V_out, 1)
    run.n_currents, run.most = PyArray_DIM(current, 1), PyArray_DIM(spikes, 1)
    run.first, run.dt = first, dt
    return run


cdef inline SpikeBuffer buffer_of(ReducedRun* run, Py_ssize_t u) noexcept nogil:
    cdef SpikeBuffer buffer
    buffer.times, buffer.most, buffer.count = run.spikes + u * run.most, run.most, 0
    return buffer


cdef inline double current_of(
    ReducedRun* run, Py_ssize_t k, Py_ssize_t u
) noexcept nogil:
    return run.current[k * run.n_currents + (u if run.n_currents > 1 else 0)]


# ---- leaky integrate-and-fire -------------------------------------------------------

cdef void lif_step_with_events(
    double* V, double* hold, double dt, double end, double V_inf, const double* p,
    Py_ssize_t n, SpikeBuffer* buffer,
) noexcept nogil:
    """A step that begins refractory, or in which V reaches V_th, once or more."""
    cdef double tau_m = p[0], V_th = p[3 * n], left = dt, wait, rise
    while True:
        wait = min(hold[0], left)
        hold[0] -= wait
        left -= wait
        if V_inf > V_th:
            rise = tau_m * log_((V_inf - V[0]) / (V_inf - V_th), False)
            if rise < left:
                left -= rise
                note_spike(buffer, end - left)
                V[0], hold[0] = p[4 * n], p[5 * n]
                continue
        V[0] = V_inf + (V[0] - V_inf) * exp_(-left / tau_m, False)
        return


cdef void lif_units(ReducedRun* run) noexcept nogil:
    cdef SpikeBuffer buffer
    cdef Py_ssize_t u, k, n = run.n
    cdef const double* p
    cdef double V, hold, V_inf, V_next, keep, safe
    for u in range(n):
        buffer = buffer_of(run, u)
        p = run.p + u
        V, hold = run.state[u], run.state[n + u]
        keep = exp_(-run.dt / p[0], False)
        safe = p[3 * n] - 1e-9  # nearer to V_th, rounding could hide a spike
        for k in range(run.steps):
            run.V_out[k * n + u] = V
            V_inf = p[2 * n] + p[n] * current_of(run, k, u)
            V_next = V_inf + (V - V_inf) * keep
            if hold > 0.0 or V_next >= safe:
                lif_step_with_events(
                    &V, &hold, run.dt, (run.first + k + 1) * run.dt, V_inf, p, n,
                    &buffer,
                )
            else:
                V = V_next
        run.state[u], run.state[n + u] = V, hold
        run.counts[u] = buffer.count


cdef void lif_grid_units(ReducedRun* run) noexcept nogil:
    cdef SpikeBuffer buffer
    cdef Py_ssize_t u, k, n = run.n
    cdef const double* p
    cdef double V, hold, V_inf, keep
    for u in range(n):
        buffer = buffer_of(run, u)
        p = run.p + u
        V, hold = run.state[u], run.state[n + u]
        keep = exp_(-run.dt / p[0], False)
        for k in range(run.steps):
            run.V_out[k * n + u] = V
            if hold > 0.5 * run.dt:
                hold -= run.dt
                continue
            V_inf = p[2 * n] + p[n] * current_of(run, k, u)
            V = V_inf + (V - V_inf) * keep
            if V >= p[3 * n]:
                note_spike(&buffer, (run.first + k + 1) * run.dt)
                V, hold = p[4 * n], p[5 * n]
        run.state[u], run.state[n + u] = V, hold
        run.counts[u] = buffer.count


# ---- AdEx and Izhikevich's ---------------------------------------------------------

cdef inline void two_variable_step(
    const Cell* cell, double* V, double* w, double dt, double t, SpikeBuffer* buffer,
    bint is_adex,
) noexcept nogil:
    """A step that begins at t; after a spike the rest of it begins at the reset."""
    cdef double s
    if is_adex:
        s = adex_move(cell, V, w, dt)
    else:
        s = izhikevich_move(cell, V, w, dt)
    if s >= 0.0:
        note_spike(buffer, t + s)
        V[0] = cell.V_reset
        w[0] += cell.jump
        if is_adex:
            adex_move(cell, V, w, dt - s)
        else:
            izhikevich_move(cell, V, w, dt - s)


cdef inline void two_variable_units(ReducedRun* run, bint is_adex) noexcept nogil:
    """Units in blocks: while one waits for its exponentials, the CPU begins the next."""
    cdef SpikeBuffer[UNITS_A_BLOCK] buffers
    cdef Cell[UNITS_A_BLOCK] cells
    cdef double[UNITS_A_BLOCK] V, w
    cdef Py_ssize_t begin = 0, u, k, width, row
    while begin < run.n:
        width = min(UNITS_A_BLOCK, run.n - begin)
        for u in range(width):
            buffers[u] = buffer_of(run, begin + u)
            cells[u] = cell_of(run.p + begin + u, run.n, is_adex)
            V[u], w[u] = run.state[begin + u], run.state[run.n + begin + u]
        for k in range(run.steps):
            row = k * run.n + begin
            for u in range(width):
                run.V_out[row + u], run.w_out[row + u] = V[u], w[u]
                cells[u].current = current_of(run, k, begin + u)
                two_variable_step(
                    &cells[u], &V[u], &w[u], run.dt, (run.first + k) * run.dt,
                    &buffers[u], is_adex,
                )
        for u in range(width):
            run.state[begin + u], run.state[run.n + begin + u] = V[u], w[u]
            run.counts[begin + u] = buffers[u].count
        begin += width


cdef void adex_units(ReducedRun* run) noexcept nogil:
    two_variable_units(run, True)


cdef void izhikevich_units(ReducedRun* run) noexcept nogil:
    two_variable_units(run, False)


cdef void published_units(ReducedRun* run) noexcept nogil:
    cdef SpikeBuffer buffer
    cdef Py_ssize_t i, k, n = run.n
    cdef const double* p
    cdef double v, u, now, peak
    for i in range(n):
        buffer = buffer_of(run, i)
        p = run.p + i
        v, u, peak = run.state[i], run.state[n + i], p[4 * n]
        for k in range(run.steps):
            run.V_out[k * n + i], run.w_out[k * n + i] = peak if v > peak else v, u
            if v >= peak:
                note_spike(&buffer, (run.first + k) * run.dt)
                v, u = p[2 * n], u + p[3 * n]
            now = current_of(run, k, i)
            for _ in range(2):
                v += 0.5 * run.dt * ((0.04 * v + 5.0) * v + 140.0 - u + now)
            u += run.dt * p[0] * (p[n] * v - u)
        run.state[i], run.state[n + i] = v, u
        run.counts[i] = buffer.count


def lif(
    ndarray state not None,
    ndarray parameters not None,
    ndarray current not None,
    double dt,
    Py_ssize_t first,
    ndarray V_out not None,
    ndarray spikes not None,
    ndarray counts not None,
):
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
    cdef ReducedRun run = reduced_run(
        state, parameters, current, dt, first, V_out, None, spikes, counts
    )
    with nogil:
        lif_units(&run)


def lif_grid(
    ndarray state not None,
    ndarray parameters not None,
    ndarray current not None,
    double dt,
    Py_ssize_t first,
    ndarray V_out not None,
    ndarray spikes not None,
    ndarray counts not None,
):
    """Leaky integrate-and-fire neurons that fire at the end of a step only.

    V <- V_inf + (V - V_inf) e^(-dt / tau_m); where V is then at V_th or above, the step
    ends with a spike and V <- V_reset, and V stays for t_ref, rounded to whole steps.
    So spikes come late, by dt at most: rates are exact to first order in dt.
    Arguments as of lif.
    """
    cdef ReducedRun run = reduced_run(
        state, parameters, current, dt, first, V_out, None, spikes, counts
    )
    with nogil:
        lif_grid_units(&run)


def adex(
    ndarray state not None,
    ndarray parameters not None,
    ndarray current not None,
    double dt,
    Py_ssize_t first,
    ndarray V_out not None,
    ndarray w_out not None,
    ndarray spikes not None,
    ndarray counts not None,
):
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
    cdef ReducedRun run = reduced_run(
        state, parameters, current, dt, first, V_out, w_out, spikes, counts
    )
    with nogil:
        adex_units(&run)


def izhikevich(
    ndarray state not None,
    ndarray parameters not None,
    ndarray current not None,
    double dt,
    Py_ssize_t first,
    ndarray V_out not None,
    ndarray u_out not None,
    ndarray spikes not None,
    ndarray counts not None,
):
    """Izhikevich's neurons (2003), converged.

    v' = 0.04 v^2 + 5 v + 140 - u + I,  u' = a (b v - u);  at v = V_peak (30) a spike:
    v <- c, u <- u + d. By Runge and Kutta's scheme of fourth order, the spike where v
    is at V_peak; one a step, another waits there for the next step.

    state (2, n): v in mV, u; overwritten. parameters (5, n): a (1/ms), b, c (mV), d,
    V_peak (mV). current (steps, n), or (steps, 1) for all. u_out (steps, n): u where
    each step begins, overwritten. The others as of lif.
    Source: IEEE Trans Neural Netw 14, 1569.
    """
    cdef ReducedRun run = reduced_run(
        state, parameters, current, dt, first, V_out, u_out, spikes, counts
    )
    with nogil:
        izhikevich_units(&run)


def izhikevich_published(
    ndarray state not None,
    ndarray parameters not None,
    ndarray current not None,
    double dt,
    Py_ssize_t first,
    ndarray V_out not None,
    ndarray u_out not None,
    ndarray spikes not None,
    ndarray counts not None,
):
    """Izhikevich's neurons by the scheme of the script in his paper, for dt = 1 ms.

    Where v >= V_peak: spike, v <- c, u <- u + d; then v by two steps of Euler's scheme
    of dt / 2, then u by one of dt. Not converged: see izhikevich.
    V_out: v where each step begins, V_peak where it is above. Arguments as there.
    """
    cdef ReducedRun run = reduced_run(
        state, parameters, current, dt, first, V_out, u_out, spikes, counts
    )
    with nogil:
        published_units(&run)
