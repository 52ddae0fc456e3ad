"""An axon of nodes and internodes."""

import math

__all__ = ["myelinated_axon"]


def rates(V):
    """(a_m, b_m, a_h, b_h) of a node of Ranvier at V mV above rest, per ms.

    Outside of -260 ... 1000 mV as at these: below -267 mV a_m would be negative.
    """
    V = min(max(V, -260.0), 1000.0) if V == V else V  # max() would lose NaN
    a_m = (97 + 0.363 * V) / (1 + math.exp((31 - V) / 5.3))
    b_m = a_m / math.exp((V - 23.8) / 4.17)
    b_h = 15.6 / (1 + math.exp((24 - V) / 10))
    a_h = b_h / math.exp((V - 5.5) / 5)
    return a_m, b_m, a_h, b_h


def gate(q, a, b, dt):
    """q after dt of q' = a (1 - q) - b q, exactly."""
    q_inf = a / (a + b)
    return q_inf + (q - q_inf) * math.exp(-dt * (a + b))


def solve_chain(diagonal, beside, right):
    """x of diagonal[i] x[i] - beside[i-1] x[i-1] - beside[i] x[i+1] = right[i].

    Gauss' elimination of a symmetric tridiagonal matrix; right becomes x.
    """
    n = len(right)
    for i in range(n - 1):
        factor = beside[i] / diagonal[i]
        diagonal[i + 1] -= factor * beside[i]
        right[i + 1] += factor * right[i]
    right[n - 1] /= diagonal[n - 1]
    for i in range(n - 2, -1, -1):
        right[i] = (right[i] + beside[i] * right[i + 1]) / diagonal[i]


def myelinated_axon(
    v, m, h, nodes, axial, capacitance, leak, sodium, places, stimulus, V, scratch,
    E_Na, E_L, dt, start, stop,
):  # fmt: skip
    """Nodes of Ranvier along an axon: the steps start .. stop - 1.

    capacitance[i] V[i]' = axial[i-1] (V[i-1] - V[i]) + axial[i] (V[i+1] - V[i])
        - leak[i] (V[i] - E_L) - sodium[j] m[j]^2 h[j] (V[i] - E_Na) + I[i]
    for each compartment i, of which nodes[j] has sodium channels.
    q' = a_q (1 - q) - b_q q for q = m, h (Chiu and others, 1979; Sweeney, 1987):
    a_m = (97 + 0.363 V) / (1 + e^((31 - V) / 5.3)), b_m = a_m / e^((V - 23.8) / 4.17)
    b_h = 15.6 / (1 + e^((24 - V) / 10)), a_h = b_h / e^((V - 5.5) / 5); outside of
    -260 ... 1000 mV as at these, for a_m would turn negative.
    Gates half a step ahead, exactly for the V they see (Rush and Larsen, 1978); V by
    Crank and Nicolson's rule, as half a step of implicit Euler doubled (Hines, 1984).

    V in mV relative to rest, t in ms; nA, uS and nF. v (n,), m, h (n_nodes,): moved on.
    nodes (n_nodes,) int64, rising: the compartments that are nodes. axial (n - 1,),
    capacitance, leak (n,), sodium (n_nodes,): read. places (n_places,) int64: the
    compartments that get current. stimulus (n_steps, n_places): I there. V (n_steps,
    n_nodes): V[k] are the nodes at k dt. scratch (3 n + n_nodes,): overwritten. All but
    nodes and places float64, C-contiguous.
    """
    n = len(v)
    solved, diagonal = scratch[:n], scratch[n : 2 * n]
    for k in range(start, stop):
        for j, i in enumerate(nodes):
            V[k, j] = v[i]
            a_m, b_m, a_h, b_h = rates(float(v[i]))
            m[j] = gate(m[j], a_m, b_m, dt)
            h[j] = gate(h[j], a_h, b_h, dt)
        for i in range(n):
            diagonal[i] = 2 * capacitance[i] / dt + leak[i]
            solved[i] = 2 * capacitance[i] / dt * v[i] + leak[i] * E_L
        for j, i in enumerate(nodes):
            g = sodium[j] * m[j] ** 2 * h[j]
            diagonal[i] += g
            solved[i] += g * E_Na
        for j, i in enumerate(places):
            solved[i] += stimulus[k, j]
        for i in range(n - 1):
            diagonal[i] += axial[i]
            diagonal[i + 1] += axial[i]
        solve_chain(diagonal, axial, solved)
        for i in range(n):
            v[i] = 2 * solved[i] - v[i]
