# A few adaptive integrate-and-fire cells, each wired to any other.
# Twin: fastnn/reference/neuro/circuit.py

from libc.stdint cimport int32_t


cdef struct Circuit:
    Py_ssize_t n, n_steps, slots
    double* v
    double* w
    double* g_e
    double* g_i
    int32_t* free_from
    const double* cells  # (6, n): C_m, g_L, E_L, V_th, V_reset, b
    const double* weights  # (n, n)
    const int32_t* delays  # (n, n)
    double* arriving  # (slots, 2, n)
    double* traces  # (4, n_steps, n)
    double dt, E_e, E_i, keep_w, keep_e, keep_i, mean_w, mean_e, mean_i


cdef void arrive_spikes(const Circuit* net, Py_ssize_t step) noexcept nogil:
    """Conductances grow by what arrives at the start of `step`; its slot is emptied."""
    cdef Py_ssize_t i
    cdef double* due = net.arriving + (step % net.slots) * 2 * net.n
    for i in range(net.n):
        net.g_e[i] += due[i]
        net.g_i[i] += due[net.n + i]
    memset(due, 0, 2 * net.n * sizeof(double))


cdef void send_spike(const Circuit* net, Py_ssize_t cell, Py_ssize_t step) noexcept nogil:
    """A spike of `cell` at the end of `step` sets out to all its targets."""
    cdef Py_ssize_t j, row
    cdef double weight
    cdef double* due
    for j in range(net.n):
        weight = net.weights[cell * net.n + j]
        row = (step + 1 + net.delays[cell * net.n + j]) % net.slots
        due = net.arriving + row * 2 * net.n
        if weight > 0.0:
            due[j] += weight
        else:
            due[net.n + j] -= weight


cdef void move_circuit(
    const Circuit* net, const double* current, int32_t step
) noexcept nogil:
    """One step of all cells, between spikes."""
    cdef double* v = net.v
    cdef double* w = net.w
    cdef double* g_e = net.g_e
    cdef double* g_i = net.g_i
    cdef const int32_t* free_from = net.free_from
    cdef const double* C_m = net.cells
    cdef const double* g_L = net.cells + net.n
    cdef const double* E_L = net.cells + 2 * net.n
    cdef double dt = net.dt, E_e = net.E_e, E_i = net.E_i, mean_w = net.mean_w
    cdef double mean_e = net.mean_e, mean_i = net.mean_i, keep_w = net.keep_w
    cdef double keep_e = net.keep_e, keep_i = net.keep_i, e, h, total, target, x
    cdef Py_ssize_t i
    for i in range(net.n):
        e, h = g_e[i] * mean_e, g_i[i] * mean_i
        total = g_L[i] + e + h
        target = g_L[i] * E_L[i] + e * E_e + h * E_i
        target = (target - w[i] * mean_w + current[i]) / total
        x = -dt * total / C_m[i]
        x = -700.0 if x < -700.0 else x
        x = target + (v[i] - target) * exp_(x, True)
        v[i] = x if free_from[i] <= step else v[i]
    for i in range(net.n):  # a loop of its own: in one, gcc sees too many arrays
        w[i] = w[i] * keep_w
        g_e[i] = g_e[i] * keep_e
        g_i[i] = g_i[i] * keep_i


def circuit_steps(
    ndarray state not None,
    ndarray free_from not None,
    ndarray cells not None,
    ndarray refractory not None,
    ndarray weights not None,
    ndarray delays not None,
    ndarray arriving not None,
    ndarray current not None,
    ndarray traces not None,
    ndarray fired not None,
    int32_t start,
    int32_t stop,
    double dt,
    double E_e,
    double E_i,
    double keep_w,
    double keep_e,
    double keep_i,
    double mean_w,
    double mean_e,
    double mean_i,
):
    """Steps start .. stop - 1 of n adaptive integrate-and-fire cells.

    C_m dV/dt = -g_L (V - E_L) + g_e (E_e - V) + g_i (E_i - V) - w + I
    w, g_e and g_i decay with time constants of their own:
        keep_w = exp(-dt / tau_w), its mean over a step mean_w = tau_w (1 - keep_w) / dt

    Over a step, V relaxes to where the mean conductances would hold it (exponential
    Euler; of second order, for the means are exact):
        e, h = g_e mean_e, g_i mean_i,  total = g_L + e + h
        target = (g_L E_L + e E_e + h E_i - w mean_w + I) / total
        V <- target + (V - target) exp(-dt total / C_m)
    A cell above V_th at the end of a step has fired: V = V_reset, w grows by b, and V
    does not move for `refractory` steps. delays[i, j] steps later, weights[i, j] is
    added to g_e of cell j, or -weights[i, j] to its g_i where it is negative.

    state (4, n): V in mV, w in pA, g_e, g_i in nS; free_from (n,) int32: the step from
    which V moves; arriving (slots, 2, n): what g_e and g_i get at the start of step k,
    at slot k % slots, with more slots than any delay has steps; all of them updated.
    cells (6, n): C_m in pF, g_L in nS, E_L, V_th, V_reset in mV, b in pA; refractory
    (n,) int32; weights (n, n) in nS; delays (n, n) int32; current (n_steps, n) in pA;
    dt in ms. traces (4, n_steps, n): the state at the start of each step; fired
    (n_steps, n) uint8: who fired at its end; their rows start .. stop - 1 overwritten.
    """
    cdef Circuit net
    cdef const double* pcurrent = <double*> data(current)
    cdef const int32_t* prefractory = <int32_t*> data(refractory)
    cdef uint8_t* pfired = <uint8_t*> data(fired)
    cdef Py_ssize_t n = PyArray_DIM(state, 1), i, q
    cdef int32_t step
    net.n, net.n_steps = n, PyArray_DIM(traces, 1)
    net.slots = PyArray_DIM(arriving, 0)
    net.v = <double*> data(state)
    net.w, net.g_e, net.g_i = net.v + n, net.v + 2 * n, net.v + 3 * n
    net.free_from, net.cells = <int32_t*> data(free_from), <double*> data(cells)
    net.weights, net.delays = <double*> data(weights), <int32_t*> data(delays)
    net.arriving, net.traces = <double*> data(arriving), <double*> data(traces)
    net.dt, net.E_e, net.E_i = dt, E_e, E_i
    net.keep_w, net.keep_e, net.keep_i = keep_w, keep_e, keep_i
    net.mean_w, net.mean_e, net.mean_i = mean_w, mean_e, mean_i
    with nogil:
        for step in range(start, stop):
            arrive_spikes(&net, step)
            for q in range(4):
                memcpy(
                    net.traces + (q * net.n_steps + step) * n, net.v + q * n,
                    n * sizeof(double),
                )
            move_circuit(&net, pcurrent + step * n, step)
            for i in range(n):
                pfired[step * n + i] = net.v[i] > net.cells[3 * n + i]
                if pfired[step * n + i]:
                    net.v[i] = net.cells[4 * n + i]
                    net.w[i] += net.cells[5 * n + i]
                    net.free_from[i] = step + 1 + prefractory[i]
                    send_spike(&net, i, step)
