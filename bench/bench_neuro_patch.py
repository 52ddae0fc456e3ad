"""Hodgkin and Huxley's patch: twin, NumPy and kernel side by side.

NumPy does one step for all units at a time, the rates with as few calls as it can: that
is how one writes it without a compiler. A single unit costs it as much as a hundred.
"""

import numpy as np
import pytest

from fastnn import backend, neuro
from fastnn.neuro.cells import rates

PATHS = ["reference", "numpy", "kernel"]
DT = 0.025


def with_numpy(state, p, current, dt, V_out, _):
    """hh_exponential_euler in NumPy, the gates together as rows of one array."""
    C_m, g_Na, g_K, g_L, E_Na, E_K, E_L, phi = p
    V, gates = state[0], state[1:]
    step = -0.5 * dt * phi
    a, total = np.empty_like(gates), np.empty_like(gates)
    leak = g_L * E_L

    def rates_at(V):
        q = np.exp((V + 65.0) / -80.0)
        q4 = (q * q) ** 2
        q8 = q4 * q4
        u, v = (V + 40.0) / 10.0, (V + 55.0) / 10.0
        a[0] = u / (1.0 - q8 * np.exp(2.5))
        a[1] = 0.07 * q4
        a[2] = 0.1 * v / (1.0 - q8 * np.exp(1.0))
        np.add(a[0], 4.0 * np.exp((V + 65.0) / -18.0), out=total[0])
        np.add(a[1], 1.0 / (1.0 + q8 * np.exp(3.0)), out=total[1])
        np.add(a[2], 0.125 * q, out=total[2])
        return a / total, np.exp(step * total)

    goal, keep = rates_at(V)
    for k in range(len(V_out)):
        V_out[k] = V
        gates = goal + (gates - goal) * keep
        m, h, n = gates
        G_Na, G_K = g_Na * m * m * m * h, g_K * (n * n) ** 2
        G = G_Na + G_K + g_L
        goal_V = (current[k] + G_Na * E_Na + G_K * E_K + leak) / G
        V = goal_V + (V - goal_V) * np.exp(-dt / C_m * G)
        goal, keep = rates_at(V)
        gates = goal + (gates - goal) * keep
    state[0], state[1:] = V, gates


def a_run(units, steps):
    p = np.array([[1.0, 120, 36, 0.3, 50, -77, -54.387, 1]]).T.repeat(units, 1)
    state = np.empty((4, units))
    state[0] = np.linspace(-65, -60, units)
    state[1:] = np.array(rates.steady_states(state[0]))
    current = np.full((steps, 1), 10.0)
    return [state, np.ascontiguousarray(p), current, DT, np.empty((steps, units)),
            np.empty((0, 3, units))]  # fmt: skip


@pytest.mark.parametrize("units", [1, 100])
@pytest.mark.parametrize("path", PATHS)
def bench_10_ms(benchmark, path, units):
    calls = {"numpy": with_numpy}
    for name, of in (("reference", "reference"), ("kernel", "kernels")):
        with backend.use(of):
            calls[name] = backend.function("hh_exponential_euler")
    expected, run = a_run(units, 400), a_run(units, 400)
    calls["kernel"](*expected)
    calls[path](*run)
    np.testing.assert_allclose(run[4], expected[4], atol=1e-8)

    def begin():
        return a_run(units, 400), {}

    benchmark.pedantic(calls[path], setup=begin, rounds=5)


@pytest.mark.parametrize("units", [1, 100])
@pytest.mark.parametrize("method", ["exponential_euler", "crank_nicolson", "rk4"])
def bench_one_second(benchmark, method, units):
    """The whole of HodgkinHuxley.run, spikes found."""
    model = neuro.HodgkinHuxley()
    sim = benchmark(
        lambda: model.run(1000.0, DT, 10.0, method=method, units=units, progress=False)
    )
    spikes = [sim.spike_times] if units == 1 else sim.spike_times
    assert {len(times) for times in spikes} == {69}
