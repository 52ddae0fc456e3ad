"""Currents of synapses by the receptor's name, from the V that a run left behind."""

import numpy as np

from .synapses import for_each_event, peak_norm


def traces(grid, synapses, columns, V, dt):
    """{"I_AMPA": function, ...}: currents in uA/cm2 of the compartments, outward > 0.

    synapses: a list of them. columns (n,): the compartment of each column of V
    (n_steps, n), mV. Each function returns (n_steps, n).
    """
    kinds = sorted({one.kind for one in synapses})

    def current(kind):
        found = [one for one in synapses if one.kind == kind]
        total = np.zeros(V.shape)
        for numbers in sorted({one.numbers for one in found}):
            events = _events(grid, [one for one in found if one.numbers == numbers])
            _add(total, numbers, events, columns, V, dt)
        # nS mV is pA; 1 pA/um2 is 100 uA/cm2
        return 100.0 * total / grid.area_um2[columns]

    return {f"I_{kind}": lambda kind=kind: current(kind) for kind in kinds}


def _events(grid, synapses):
    """(compartment, time in ms, weight in nS) of all events, by time."""
    counts = [len(one.times_ms) for one in synapses]
    homes = [one._columns("run", grid) for one in synapses]
    at = for_each_event(homes, counts, np.int64)
    times = np.concatenate([one.times_ms for one in synapses])
    weights = np.repeat([float(one.weight_nS) for one in synapses], counts)
    order = np.argsort(times, kind="stable")
    return at[order], times[order], weights[order]


def _add(total, kind, events, columns, V, dt):
    """Add g (V - E) in pA of one kind of receptor; g from its events, exactly."""
    at, times, weights = events
    slots, slot = np.unique(at, return_inverse=True)
    tau = np.array([[kind.tau_rise], [kind.tau_decay]])
    step = np.ceil(times / dt - 1e-9)  # the first moment that sees the event
    gains = weights * peak_norm(kind) * np.exp((times - step * dt) / tau)
    ends = np.searchsorted(step, np.arange(len(V)), side="right")
    shown = np.flatnonzero(np.isin(columns, slots))
    from_slot = np.searchsorted(slots, columns[shown])
    fade, state, first = np.exp(-dt / tau), np.zeros((2, len(slots))), 0
    for k, end in enumerate(ends.tolist()):
        state *= fade
        np.add.at(state, (slice(None), slot[first:end]), gains[:, first:end])
        first = end
        g, v = (state[1] - state[0])[from_slot], V[k, shown]
        if kind.Mg > 0.0:
            g = g / (1.0 + kind.Mg / 3.57 * np.exp(-0.062 * v))
        total[k, shown] += g * (v - kind.E)
