"""Hodgkin and Huxley's patch: twin, NumPy and kernel side by side."""

import numpy as np
import pytest
from versus.neuro_by_numpy import patch_steps

from fastnn import backend, neuro
from fastnn.neuro.cells import rates

PATHS = ["reference", "numpy", "kernel"]
DT = 0.025


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
    calls = {"numpy": patch_steps}
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
