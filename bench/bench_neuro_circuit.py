"""Circuits of a few cells: twin, NumPy and kernel side by side.

With two cells a NumPy call costs more than what it computes, so the twin wins against
it; with a hundred it is the other way round.
"""

import numpy as np
import pytest

import fastnn as fn
from fastnn import neuro

SIZES = {"2 cells, 100 ms": (2, 100.0), "100 cells, 20 ms": (100, 20.0)}


def circuit_of(n):
    rng = np.random.default_rng(0)
    weights = rng.normal(0, 20 / np.sqrt(n), (n, n))
    return neuro.Circuit(n, weights, V_0=rng.uniform(-65, -50, n))


def with_numpy(circuit, T_ms, current, dt=0.05):
    """The kernel's equations and order, for delays that are all the same."""
    n, n_steps = circuit.n, round(T_ms / dt)
    E_e, E_i, keep_w, keep_e, keep_i, mean_w, mean_e, mean_i = circuit._constants(dt)
    C, g, E = circuit.C_m, circuit.g_L, circuit.E_L
    excite, inhibit = np.maximum(circuit.weights, 0), np.maximum(-circuit.weights, 0)
    slots, refractory = round(1.0 / dt) + 1, round(circuit.t_ref / dt)
    arriving, free_from = np.zeros((slots, 2, n)), np.zeros(n, int)
    v, w, g_e, g_i = np.array(circuit.V_0, float), *np.zeros((3, n))
    traces, fired = np.empty((n_steps, 4, n)), []
    for step in range(n_steps):
        due = arriving[step % slots]
        g_e += due[0]
        g_i += due[1]
        due[:] = 0.0
        traces[step] = v, w, g_e, g_i
        e, h = g_e * mean_e, g_i * mean_i
        total = g + e + h
        target = (g * E + e * E_e + h * E_i - w * mean_w + current) / total
        moved = target + (v - target) * np.exp(-dt * total / C)
        v = np.where(free_from <= step, moved, v)
        w *= keep_w
        g_e *= keep_e
        g_i *= keep_i
        spikes = np.flatnonzero(v > circuit.V_th)
        if len(spikes):
            v[spikes] = circuit.V_reset
            w[spikes] += circuit.b
            free_from[spikes] = step + 1 + refractory
            due = arriving[(step + slots) % slots]  # a delay later: this slot, empty
            due[0] += excite[spikes].sum(axis=0)
            due[1] += inhibit[spikes].sum(axis=0)
        fired.append(spikes)
    return traces[:, 0], np.concatenate(fired)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", ["reference", "numpy", "kernel"])
def bench_circuit(benchmark, path, size):
    n, T_ms = SIZES[size]
    circuit = circuit_of(n)

    def ours(which):
        with fn.use(which):
            sim = circuit.run(T_ms, stimulus=300.0)
            return sim.V, sim.spikes[1]

    ways = {
        "reference": lambda: ours("reference"),
        "kernel": lambda: ours("kernels"),
        "numpy": lambda: with_numpy(circuit, T_ms, 300.0),
    }
    V, spikes = ways["kernel"]()
    result = ways[path]()
    # sums over spikes of one step may be added in another order
    np.testing.assert_allclose(result[0], V, rtol=1e-9)
    np.testing.assert_array_equal(result[1], spikes)
    assert len(spikes) > n
    benchmark.pedantic(ways[path], rounds=5)
