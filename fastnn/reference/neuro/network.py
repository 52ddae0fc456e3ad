"""Networks of thousands of integrate-and-fire cells, joined by sparse connections.

A step has two halves: all cells move on, and then the spikes whose delay is over are
handed to their targets.
"""

import math

__all__ = ["coba_steps", "cuba_steps"]


def cuba_steps(
    state,
    free_from,
    indptr,
    indices,
    pending,
    n_pending,
    drive,
    recorded,
    traces,
    spikes,
    n_spikes,
    start,
    stop,
    n_e,
    w_e,
    w_i,
    V_th,
    V_reset,
    refractory,
    keep,
    keep_e,
    keep_i,
    gain_e,
    gain_i,
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
    v, g_e, g_i = rows(state)
    n_fired = 0
    for step in range(start, stop):
        record(v, g_e, g_i, recorded, traces, step)
        rest, slot = drive[step], step % pending.shape[0]
        n_pending[slot] = 0
        for i in range(len(v)):
            if free_from[i] <= step:
                v[i] = (v[i] - rest) * keep + g_e[i] * gain_e + g_i[i] * gain_i + rest
            g_e[i] *= keep_e
            g_i[i] *= keep_i
            if v[i] > V_th:
                v[i] = V_reset
                free_from[i] = step + 1 + refractory
                pending[slot, n_pending[slot]] = spikes[n_fired] = i
                n_pending[slot] += 1
                n_fired += 1
        n_spikes[step - start] = n_pending[slot]
        deliver(step, pending, n_pending, indptr, indices, n_e, w_e, w_i, g_e, g_i)
    write_state(state, v, g_e, g_i)


def coba_steps(
    state,
    free_from,
    indptr,
    indices,
    pending,
    n_pending,
    drive,
    recorded,
    traces,
    spikes,
    n_spikes,
    start,
    stop,
    n_e,
    w_e,
    w_i,
    V_th,
    V_reset,
    refractory,
    dt_tau,
    keep_e,
    keep_i,
    mean_e,
    mean_i,
    E_e,
    E_i,
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
    v, g_e, g_i = rows(state)
    n_fired = 0
    for step in range(start, stop):
        record(v, g_e, g_i, recorded, traces, step)
        rest, slot = drive[step], step % pending.shape[0]
        n_pending[slot] = 0
        for i in range(len(v)):
            if free_from[i] <= step:
                e, h = g_e[i] * mean_e, g_i[i] * mean_i
                total = 1.0 + e + h
                target = (rest + e * E_e + h * E_i) / total
                v[i] = (v[i] - target) * math.exp(-dt_tau * total) + target
            g_e[i] *= keep_e
            g_i[i] *= keep_i
            if v[i] > V_th:
                v[i] = V_reset
                free_from[i] = step + 1 + refractory
                pending[slot, n_pending[slot]] = spikes[n_fired] = i
                n_pending[slot] += 1
                n_fired += 1
        n_spikes[step - start] = n_pending[slot]
        deliver(step, pending, n_pending, indptr, indices, n_e, w_e, w_i, g_e, g_i)
    write_state(state, v, g_e, g_i)


def rows(table):
    """A table (m, n) as m lists."""
    return [[table[q, i] for i in range(table.shape[1])] for q in range(table.shape[0])]


def record(v, g_e, g_i, recorded, traces, step):
    """traces[q, step, r] = v, g_e or g_i of the cell recorded[r]."""
    for r in range(len(recorded)):
        for q, values in enumerate((v, g_e, g_i)):
            traces[q, step, r] = values[recorded[r]]


def deliver(step, pending, n_pending, indptr, indices, n_e, w_e, w_i, g_e, g_i):
    """Add the weights of the spikes that arrive at the end of `step`."""
    # With d = slots - 1 steps of delay they were fired in step - d = step + 1 - slots.
    slot = (step + 1) % pending.shape[0]
    for s in range(n_pending[slot]):
        cell = pending[slot, s]
        g, w = (g_e, w_e) if cell < n_e else (g_i, w_i)
        for k in range(indptr[cell], indptr[cell + 1]):
            g[indices[k]] += w


def write_state(state, v, g_e, g_i):
    """The lists as the rows of state (3, n)."""
    for q, values in enumerate((v, g_e, g_i)):
        for i, value in enumerate(values):
            state[q, i] = value
