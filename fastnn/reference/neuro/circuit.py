"""A few adaptive integrate-and-fire cells, each wired to any other."""

import math

__all__ = ["circuit_steps"]


def circuit_steps(
    state,
    free_from,
    cells,
    refractory,
    weights,
    delays,
    arriving,
    current,
    traces,
    fired,
    start,
    stop,
    dt,
    E_e,
    E_i,
    keep_w,
    keep_e,
    keep_i,
    mean_w,
    mean_e,
    mean_i,
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
    n = state.shape[1]
    v, w, g_e, g_i = rows(state)
    C_m, g_L, E_L, V_th, V_reset, b = rows(cells)
    for step in range(start, stop):
        arrive(step, arriving, g_e, g_i)
        for i in range(n):
            for q, values in enumerate((v, w, g_e, g_i)):
                traces[q, step, i] = values[i]
            if free_from[i] <= step:
                e, h = g_e[i] * mean_e, g_i[i] * mean_i
                total = g_L[i] + e + h
                target = g_L[i] * E_L[i] + e * E_e + h * E_i
                target = (target - w[i] * mean_w + current[step, i]) / total
                v[i] = target + (v[i] - target) * math.exp(-dt * total / C_m[i])
            w[i] *= keep_w
            g_e[i] *= keep_e
            g_i[i] *= keep_i
        for i in range(n):
            fired[step, i] = v[i] > V_th[i]
            if fired[step, i]:
                v[i] = V_reset[i]
                w[i] += b[i]
                free_from[i] = step + 1 + refractory[i]
                send(i, step, weights, delays, arriving)
    for q, values in enumerate((v, w, g_e, g_i)):
        for i in range(n):
            state[q, i] = values[i]


def rows(table):
    """A table (m, n) as m lists."""
    return [[table[q, i] for i in range(table.shape[1])] for q in range(table.shape[0])]


def arrive(step, arriving, g_e, g_i):
    """Conductances grow by what arrives at the start of `step`; its slot is emptied."""
    slot = step % arriving.shape[0]
    for i in range(len(g_e)):
        g_e[i] += arriving[slot, 0, i]
        g_i[i] += arriving[slot, 1, i]
        arriving[slot, 0, i] = arriving[slot, 1, i] = 0.0


def send(cell, step, weights, delays, arriving):
    """A spike of `cell` at the end of `step` sets out to all its targets."""
    for j in range(weights.shape[1]):
        weight = weights[cell, j]
        slot = (step + 1 + delays[cell, j]) % arriving.shape[0]
        if weight > 0.0:
            arriving[slot, 0, j] += weight
        else:
            arriving[slot, 1, j] -= weight
