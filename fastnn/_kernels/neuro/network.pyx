# Networks of thousands of integrate-and-fire cells, joined by sparse connections.
# Twin: fastnn/reference/neuro/network.py
#
# A step has two halves. All cells move on, in blocks whose loop gcc vectorises and
# which says whether any of its cells crossed the threshold; of most blocks none did.
# Then the spikes whose delay is over are handed to their targets, one row of
# `indices` after the other.

from libc.stdint cimport int32_t

cdef enum:
    CELLS_A_BLOCK = 128
    STEPS_TO_ZERO = 256  # so often, conductances that have faded away become 0


cdef struct Network:
    Py_ssize_t n, n_e, n_recorded, n_steps, slots
    double* v
    double* g_e
    double* g_i
    int32_t* free_from  # the step from which a cell moves again
    const int32_t* indptr
    const int32_t* indices
    int32_t* pending  # (slots, n): who fired in the last `slots` steps
    int32_t* n_pending
    const int32_t* recorded
    double* traces  # (3, n_steps, n_recorded)
    double w_e, w_i, V_th, V_reset
    int32_t refractory
    bint conductances  # COBA; else CUBA
    double keep, dt_tau, keep_e, keep_i, gain_e, gain_i, mean_e, mean_i, E_e, E_i


cdef Network network_of(
    ndarray state, ndarray free_from, ndarray indptr, ndarray indices, ndarray pending,
    ndarray n_pending, ndarray recorded, ndarray traces, Py_ssize_t n_e, double w_e,
    double w_i, double V_th, double V_reset, int32_t refractory,
) noexcept:
    cdef Network net
    net.n_e, net.w_e, net.w_i = n_e, w_e, w_i
    net.V_th, net.V_reset, net.refractory = V_th, V_reset, refractory
    net.n = PyArray_DIM(state, 1)
    net.n_steps, net.n_recorded = PyArray_DIM(traces, 1), PyArray_DIM(traces, 2)
    net.slots = PyArray_DIM(pending, 0)
    net.v = <double*> data(state)
    net.g_e, net.g_i = net.v + net.n, net.v + 2 * net.n
    net.free_from = <int32_t*> data(free_from)
    net.indptr, net.indices = <int32_t*> data(indptr), <int32_t*> data(indices)
    net.pending, net.n_pending = <int32_t*> data(pending), <int32_t*> data(n_pending)
    net.recorded, net.traces = <int32_t*> data(recorded), <double*> data(traces)
    return net


cdef void record_cells(const Network* net, Py_ssize_t step) noexcept nogil:
    """traces[q, step, r] = v, g_e or g_i of the cell recorded[r]."""
    cdef Py_ssize_t q, r, row
    for q in range(3):
        row = (q * net.n_steps + step) * net.n_recorded
        for r in range(net.n_recorded):
            net.traces[row + r] = net.v[q * net.n + net.recorded[r]]


cdef int32_t fire_cells(
    const Network* net, Py_ssize_t first, Py_ssize_t stop, int32_t step, int32_t* fired
) noexcept nogil:
    """Reset the cells first .. stop - 1 above threshold, list them; how many."""
    cdef Py_ssize_t i
    cdef int32_t count = 0
    for i in range(first, stop):
        if net.v[i] > net.V_th:
            net.v[i] = net.V_reset
            net.free_from[i] = step + 1 + net.refractory
            fired[count] = <int32_t> i
            count += 1
    return count


cdef void deliver_spikes(const Network* net, Py_ssize_t step) noexcept nogil:
    """Add the weights of the spikes that arrive at the end of `step`."""
    # With d = slots - 1 steps of delay they were fired in step - d = step + 1 - slots.
    cdef Py_ssize_t slot = (step + 1) % net.slots, s, cell, k
    cdef const int32_t* fired = net.pending + slot * net.n
    cdef double* g
    cdef double w
    for s in range(net.n_pending[slot]):
        cell = fired[s]
        g = net.g_e if cell < net.n_e else net.g_i
        w = net.w_e if cell < net.n_e else net.w_i
        for k in range(net.indptr[cell], net.indptr[cell + 1]):
            g[net.indices[k]] += w


cdef void let_fade(double* g, Py_ssize_t n) noexcept nogil:
    """What is below 1e-200 becomes 0, before it gets subnormal, and slow.

    The twin lets it be: to all that it is added to, it is 0 as well.
    """
    cdef Py_ssize_t i
    for i in range(n):
        g[i] = 0.0 if fabs(g[i]) < 1e-200 else g[i]


cdef inline bint move_cuba(
    const Network* net, Py_ssize_t first, Py_ssize_t last, int32_t step, double rest
) noexcept nogil:
    """One step of the cells first .. last - 1; whether one is above threshold."""
    cdef double* v = net.v
    cdef double* g_e = net.g_e
    cdef double* g_i = net.g_i
    cdef const int32_t* free_from = net.free_from
    cdef double keep = net.keep, keep_e = net.keep_e, keep_i = net.keep_i, V_th = net.V_th
    cdef double gain_e = net.gain_e, gain_i = net.gain_i, moved
    cdef Py_ssize_t i
    cdef uint64_t signs = 0
    for i in range(first, last):
        moved = (v[i] - rest) * keep + g_e[i] * gain_e + g_i[i] * gain_i + rest
        moved = moved if free_from[i] <= step else v[i]
        signs |= double_bits(V_th - moved)  # the first bit: moved is above
        v[i] = moved
        g_e[i] = g_e[i] * keep_e
        g_i[i] = g_i[i] * keep_i
    return signs >> 63


cdef inline bint move_coba(
    const Network* net, Py_ssize_t first, Py_ssize_t last, int32_t step, double rest
) noexcept nogil:
    """One step of the cells first .. last - 1; whether one is above threshold."""
    cdef double* v = net.v
    cdef double* g_e = net.g_e
    cdef double* g_i = net.g_i
    cdef const int32_t* free_from = net.free_from
    cdef double keep_e = net.keep_e, keep_i = net.keep_i, mean_e = net.mean_e
    cdef double mean_i = net.mean_i, E_e = net.E_e, E_i = net.E_i, V_th = net.V_th
    cdef double dt_tau = net.dt_tau, e, h, total, target, x, moved
    cdef Py_ssize_t i
    cdef uint64_t signs = 0
    for i in range(first, last):
        e, h = g_e[i] * mean_e, g_i[i] * mean_i
        total = 1.0 + e + h
        target = (rest + e * E_e + h * E_i) / total
        x = -dt_tau * total
        x = -700.0 if x < -700.0 else x
        moved = (v[i] - target) * exp_(x, True) + target
        moved = moved if free_from[i] <= step else v[i]
        signs |= double_bits(V_th - moved)  # the first bit: moved is above
        v[i] = moved
        g_e[i] = g_e[i] * keep_e
        g_i[i] = g_i[i] * keep_i
    return signs >> 63


cdef void run_network(
    const Network* net, int32_t start, int32_t stop, const double* drive,
    int32_t* spikes, int32_t* n_spikes,
) noexcept nogil:
    cdef int32_t step, count
    cdef Py_ssize_t first, last, slot
    cdef int32_t* fired
    cdef bint above
    for step in range(start, stop):
        record_cells(net, step)
        slot, count, first = step % net.slots, 0, 0
        fired = net.pending + slot * net.n
        while first < net.n:
            last = min(net.n, first + CELLS_A_BLOCK)
            if net.conductances:
                above = move_coba(net, first, last, step, drive[step])
            else:
                above = move_cuba(net, first, last, step, drive[step])
            if above:
                count += fire_cells(net, first, last, step, fired + count)
            first = last
        net.n_pending[slot] = n_spikes[step - start] = count
        memcpy(spikes, fired, count * sizeof(int32_t))
        spikes += count
        deliver_spikes(net, step)
        if step % STEPS_TO_ZERO == 0:
            let_fade(net.g_e, 2 * net.n)  # g_i lies behind g_e


def cuba_steps(
    ndarray state not None,
    ndarray free_from not None,
    ndarray indptr not None,
    ndarray indices not None,
    ndarray pending not None,
    ndarray n_pending not None,
    ndarray drive not None,
    ndarray recorded not None,
    ndarray traces not None,
    ndarray spikes not None,
    ndarray n_spikes not None,
    int32_t start,
    int32_t stop,
    Py_ssize_t n_e,
    double w_e,
    double w_i,
    double V_th,
    double V_reset,
    int32_t refractory,
    double keep,
    double keep_e,
    double keep_i,
    double gain_e,
    double gain_i,
):
    """Steps start .. stop - 1 of n cells with current-based synapses (CUBA).

    tau dv/dt = g_e + g_i - (v - drive),  tau_e dg_e/dt = -g_e,  tau_i dg_i/dt = -g_i

    solved exactly over a step of dt, in which drive = E_L + R I is constant:
        v <- drive + (v - drive) keep + g_e gain_e + g_i gain_i
        keep = exp(-dt / tau), keep_e = exp(-dt / tau_e),
        gain_e = tau_e (keep - keep_e) / (tau - tau_e), and so for i.
    A cell above V_th at the end of a step has fired: v = V_reset, and v does not move
    for `refractory` steps. Of cell i < n_e, w_e is added to g_e of its targets
    indices[indptr[i]:indptr[i + 1]], of any other w_i to their g_i, at the end of the
    step that ends `slots - 1` steps later.

    state (3, n): v, g_e, g_i in mV; free_from (n,) int32: the step from which a cell
    moves; pending (slots, n) int32 and n_pending (slots,) int32: who fired in step k,
    at slot k % slots; all of them updated. indptr (n + 1,), indices int32; drive
    (n_steps,) in mV; recorded (r,) int32: cells. traces (3, n_steps, r): v, g_e, g_i of
    these at the start of each step; n_spikes (stop - start,) int32; spikes int32:
    who fired, step by step, with room for n ((stop - start) // (refractory + 1) + 1);
    overwritten. Vogels, Abbott (2005); Brette and others (2007), benchmark 2.
    """
    cdef Network net = network_of(
        state, free_from, indptr, indices, pending, n_pending, recorded, traces, n_e,
        w_e, w_i, V_th, V_reset, refractory,
    )
    cdef const double* pdrive = <double*> data(drive)
    cdef int32_t* pspikes = <int32_t*> data(spikes)
    cdef int32_t* pcount = <int32_t*> data(n_spikes)
    net.conductances = False
    net.keep, net.keep_e, net.keep_i = keep, keep_e, keep_i
    net.gain_e, net.gain_i = gain_e, gain_i
    with nogil:
        run_network(&net, start, stop, pdrive, pspikes, pcount)


def coba_steps(
    ndarray state not None,
    ndarray free_from not None,
    ndarray indptr not None,
    ndarray indices not None,
    ndarray pending not None,
    ndarray n_pending not None,
    ndarray drive not None,
    ndarray recorded not None,
    ndarray traces not None,
    ndarray spikes not None,
    ndarray n_spikes not None,
    int32_t start,
    int32_t stop,
    Py_ssize_t n_e,
    double w_e,
    double w_i,
    double V_th,
    double V_reset,
    int32_t refractory,
    double dt_tau,
    double keep_e,
    double keep_i,
    double mean_e,
    double mean_i,
    double E_e,
    double E_i,
):
    """Steps start .. stop - 1 of n cells with conductance-based synapses (COBA).

    tau dv/dt = g_e (E_e - v) + g_i (E_i - v) - (v - drive), g_e and g_i in units of the
    leak, which decay as in cuba_steps.

    Over a step, v relaxes to where the mean conductances would hold it (exponential
    Euler; of second order, for the means are exact):
        e, h = g_e mean_e, g_i mean_i,  mean_e = tau_e (1 - keep_e) / dt, and so for i
        target = (drive + e E_e + h E_i) / (1 + e + h)
        v <- target + (v - target) exp(-dt_tau (1 + e + h)),  dt_tau = dt / tau
    Spikes, refractoriness, delays and all arrays are those of cuba_steps, but that
    g_e and g_i are pure numbers.
    Vogels, Abbott (2005); Brette and others (2007), benchmark 1.
    """
    cdef Network net = network_of(
        state, free_from, indptr, indices, pending, n_pending, recorded, traces, n_e,
        w_e, w_i, V_th, V_reset, refractory,
    )
    cdef const double* pdrive = <double*> data(drive)
    cdef int32_t* pspikes = <int32_t*> data(spikes)
    cdef int32_t* pcount = <int32_t*> data(n_spikes)
    net.conductances = True
    net.dt_tau, net.keep_e, net.keep_i = dt_tau, keep_e, keep_i
    net.mean_e, net.mean_i, net.E_e, net.E_i = mean_e, mean_i, E_e, E_i
    with nogil:
        run_network(&net, start, stop, pdrive, pspikes, pcount)
