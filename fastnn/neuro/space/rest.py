"""The steady state of a tree: where it rests, and what a steady current does."""

import numpy as np

from ... import backend
from ..cells import rates

STEPS = 400  # of Newton's method; 10 are usual


def steady_gates(V):
    """m, h, n at their steady state a / (a + b): (3, n). V (n,) mV."""
    return np.stack(rates.steady_states(V))


def _channel_current(tree, V):
    """Current of the channels outward, gates steady: (n_active,) pA."""
    m, h, n = steady_gates(V)
    g_Na, g_K = tree.grid.channels
    return g_Na * m**3 * h * (V - tree.E_Na) + g_K * n**4 * (V - tree.E_K)


def steady(tree):
    """V of all nodes at rest, mV: (n_nodes,).

    Newton's method on the sum of all currents, with a little capacity, less and less,
    so that no step is too far. Gates follow V.
    """
    grid = tree.grid
    solve = backend.function("hines_solve")
    capacity, conductance, inward = grid.membrane
    V = _leak_mean(grid)
    per_dt = 1.0  # 1 / ms
    for _ in range(STEPS):
        residual = inward - conductance * V
        residual[1:] += grid.axial[1:] * V[grid.parent[1:]]
        np.add.at(residual, grid.parent[1:], grid.axial[1:] * V[1:])
        diagonal = conductance + per_dt * capacity
        if len(grid.active):
            Va = V[grid.active]
            residual[grid.active] -= _channel_current(tree, Va)
            diagonal[grid.active] += _slope(tree, Va)
        change = residual
        solve(grid.parent, grid.axial, diagonal, change)
        V += np.clip(change, -5.0, 5.0)
        size = np.abs(change).max()
        if size < 1e-10:
            return V
        per_dt = per_dt * 0.5 if size < 5.0 else per_dt
    raise ValueError(
        f"{type(tree).__name__}: no resting potential was found; these channels may "
        "fire by themselves. Give V_init, the potential to begin at"
    )


def _slope(tree, V, dV=1e-3):
    """d current / dV of the channels, by central differences; nS."""
    right, left = _channel_current(tree, V + dV), _channel_current(tree, V - dV)
    return (right - left) / (2.0 * dV)


def _leak_mean(grid):
    """A first guess: the mean reversal potential of all leaks, at every node."""
    total = grid.membrane[1].sum() - 2.0 * grid.axial[1:].sum()
    guess = grid.membrane[2].sum() / total if total > 0.0 else -65.0
    return np.full(grid.n_nodes, guess)


def response(tree, node, after_ms=None):
    """dV / dI of all nodes in MOhm for a small current into `node`.

    A steady one; or, channels aside, one that began after_ms ago, in one implicit step.
    """
    grid = tree.grid
    diagonal = grid.membrane[1].copy()
    if after_ms is None and not any(s.g_L or s.active for s in tree.sections):
        raise ValueError(
            f"{type(tree).__name__}: no section has a leak or channels, so a steady "
            "current finds no steady state; give one of them g_L > 0"
        )
    if after_ms is not None:
        diagonal += grid.membrane[0] / after_ms
    elif len(grid.active):
        diagonal[grid.active] += _slope(tree, steady(tree)[grid.active])
    V = np.zeros(grid.n_nodes)
    V[node] = 1e3  # 1 mV / pA = 1e3 MOhm
    backend.function("hines_solve")(grid.parent, grid.axial, diagonal, V)
    return V
