"""Compartments on a tree: Hines' elimination, and the steps of a branched neuron."""

import math

from ._rates import relaxed

__all__ = ["hines_solve", "tree_steps"]


def hines_solve(parent, axial, diagonal, rhs):
    """Solve for the potentials of a tree: one sweep to its root, one back, O(n).

        diagonal[i] V[i] - axial[i] V[parent[i]]
            - sum over the children c of i of axial[c] V[c] = rhs[i]

    parent (n,) int64: read; node 0 is the root, parent[i] < i for all others. axial
    (n,): conductance between a node and its parent; axial[0] is not read. diagonal,
    rhs (n,): overwritten, rhs with V, diagonal with what the sweeps left. In nS, mV and
    pA, or any units that fit. Source: Hines, 1984, Int J Biomed Comput 15:69.
    """
    n = len(parent)
    for i in range(n - 1, 0, -1):
        p, a = parent[i], axial[i]
        inverse = 1.0 / diagonal[i]
        diagonal[i] = a * inverse  # from here on: V[i] = rhs[i] + diagonal[i] V[p]
        rhs[i] *= inverse
        diagonal[p] -= a * diagonal[i]
        rhs[p] += a * rhs[i]
    rhs[0] /= diagonal[0]
    for i in range(1, n):
        rhs[i] += diagonal[i] * rhs[parent[i]]


def advance_gates(V, active, gates, phi, dt):
    """m, h, n after dt ms at constant V; beyond 1 V as at 1 V."""
    for j in range(len(active)):
        v = V[active[j]]
        v = min(max(v, -1000.0), 1000.0) if v == v else v  # max() would lose NaN
        m, h, n = relaxed((gates[0, j], gates[1, j], gates[2, j]), v, phi, dt)
        gates[0, j], gates[1, j], gates[2, j] = m, h, n


def add_channels(active, channels, gates, E_Na, E_K, diagonal, rhs):
    """g_Na m^3 h and g_K n^4 of each compartment that has channels."""
    for j in range(len(active)):
        i, m, h, n = active[j], gates[0, j], gates[1, j], gates[2, j]
        G_Na = channels[0, j] * m**3 * h
        G_K = channels[1, j] * n**4
        diagonal[i] += G_Na + G_K
        rhs[i] += G_Na * E_Na + G_K * E_K


def add_synapses(slots, synapses, state, V, second_order, diagonal, rhs):
    """g (V - E) of each slot, g = (decay - rise) / (1 + [Mg] / 3.57 e^(-0.062 V))."""
    for s in range(len(slots)):
        i, E, magnesium = slots[s], synapses[0, s], synapses[1, s]
        g = state[1, s] - state[0, s]
        if magnesium > 0.0:
            v = V[i]
            if second_order:  # half a step on, as V goes on from the step before
                v += 0.5 * (v - state[2, s])
            state[2, s] = V[i]
            v = min(max(v, -1000.0), 1000.0) if v == v else v
            g /= 1.0 + magnesium / 3.57 * math.exp(-0.062 * v)
        diagonal[i] += g
        rhs[i] += g * E


def tree_steps(
    parent,
    axial,
    membrane,
    active,
    channels,
    gates,
    E_Na,
    E_K,
    phi,
    slots,
    synapses,
    synapse_state,
    event_steps,
    event_slots,
    event_gains,
    places,
    current,
    jumps,
    recorded,
    V,
    first,
    dt,
    second_order,
    out,
):
    """A branched neuron for n_steps steps of dt: out[k] = V[recorded] before step k.

        C_i dV_i/dt = sum over neighbours j of g_ij (V_j - V_i) + I_i - g_L (V_i - E_L)
            - g_Na m^3 h (V_i - E_Na) - g_K n^4 (V_i - E_K) - sum of g(t) B (V_i - E)
        dx/dt = phi (a_x (1 - x) - b_x x) for x = m, h, n (rates of Hodgkin, Huxley)
        g(t) = decay - rise, two exponentials;  B = 1 / (1 + [Mg] / 3.57 e^(-0.062 V))

    V and the gates take turns, half a step apart. second_order 0: V by the implicit
    Euler method; 1: by Crank and Nicolson's, V(t + dt) = 2 V(t + dt/2) - V(t); a node
    without capacity then has its V in the middle of a step. Steps that jump go in two
    implicit halves instead, after which nothing rings. The gates: exactly, V kept.

    parent (n,) int64, axial (n,): the tree, as for hines_solve, nS. membrane (3, n): C
    pF, the sum of g_L and of all g_ij nS, g_L E_L pA. active (n_active,) int64: the
    nodes with channels; channels (2, n_active): their g_Na, g_K nS; gates (3,
    n_active): m, h, n, updated. slots (n_slots,) int64: nodes of synapses; synapses
    (4, n_slots): E mV, [Mg] mM (0: no block), what rise and decay are multiplied by in
    a step; synapse_state (3, n_slots): rise, decay nS, V a step ago, updated.
    event_steps, event_slots (n_events,) int64, sorted by step: event_gains (2,
    n_events) nS is added to rise and decay in that step. places (n_places,) int64:
    nodes that get current (n_steps, n_places) pA; jumps (n_steps,) uint8. recorded
    (n_recorded,) int64. V (n,) mV: updated. first: number of the first step. dt ms.
    out (n_steps, n_recorded) mV: overwritten. Sources: Hines, 1984; Rannacher, 1984,
    Numer Math 43:309 (jumps).
    """
    n, h = len(parent), 0.5 * dt if second_order else dt
    diagonal, rhs = [0.0] * n, [0.0] * n
    event = 0
    for k in range(len(out)):
        for i in range(len(recorded)):
            out[k, i] = V[recorded[i]]
        for s in range(len(slots)):
            synapse_state[0, s] *= synapses[2, s]
            synapse_state[1, s] *= synapses[3, s]
        while event < len(event_steps) and event_steps[event] <= first + k:
            synapse_state[0, event_slots[event]] += event_gains[0, event]
            synapse_state[1, event_slots[event]] += event_gains[1, event]
            event += 1
        for _ in range(2 if second_order and jumps[k] else 1):
            for i in range(n):  # (C / h + g) V(t + h) = C / h V(t) + g E + ...
                diagonal[i] = membrane[0, i] / h + membrane[1, i]
                rhs[i] = membrane[0, i] / h * V[i] + membrane[2, i]
            add_channels(active, channels, gates, E_Na, E_K, diagonal, rhs)
            add_synapses(slots, synapses, synapse_state, V, second_order, diagonal, rhs)
            for i in range(len(places)):
                rhs[places[i]] += current[k, i]
            hines_solve(parent, axial, diagonal, rhs)
            for i in range(n):
                half_way = second_order and not jumps[k] and membrane[0, i] > 0.0
                V[i] = 2.0 * rhs[i] - V[i] if half_way else rhs[i]
        advance_gates(V, active, gates, phi, dt)
