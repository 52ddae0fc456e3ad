"""LIF, AdEx and Izhikevich's neuron: twin, NumPy and kernel side by side.

NumPy does a step for all units at a time, with spikes at the ends of steps, and
Euler's scheme for AdEx and Izhikevich's: what one writes without a compiler. It does
less than the kernels, which use Runge and Kutta's scheme and look for the spike within
the step.
"""

import numpy as np
import pytest

from fastnn import backend, neuro

PATHS = ["reference", "numpy", "kernel"]
MODELS = {
    "lif": (neuro.LIF(), 0.3),
    "adex": (neuro.AdEx(), 900.0),
    "izhikevich": (neuro.Izhikevich.kind("RS"), 10.0),
}


def numpy_lif(V, w, dt, current, steps):
    hold, spikes = np.zeros_like(V), 0
    keep, V_inf = np.exp(-dt / 20.0), -65.0 + 100.0 * current
    for _ in range(steps):
        V = np.where(hold > 0.5 * dt, V, V_inf + (V - V_inf) * keep)
        fires = V >= -50.0
        hold = np.where(fires, 2.0, hold - dt)
        V = np.where(fires, -65.0, V)
        spikes += fires.sum()
    return spikes


def numpy_adex(V, w, dt, current, steps):
    spikes = 0
    for _ in range(steps):
        upstroke = 60.0 * np.exp((V + 50.4) / 2.0)
        dV = (-30.0 * (V + 70.6) + upstroke - w + current) / 281.0
        w = w + dt * (4.0 * (V + 70.6) - w) / 144.0
        V = V + dt * dV
        fires = V >= 0.0
        V, w = np.where(fires, -70.6, V), np.where(fires, w + 80.5, w)
        spikes += fires.sum()
    return spikes


def numpy_izhikevich(V, w, dt, current, steps):
    spikes = 0
    for _ in range(steps):
        dV = (0.04 * V + 5.0) * V + 140.0 - w + current
        w = w + dt * 0.02 * (0.2 * V - w)
        V = V + dt * dV
        fires = V >= 30.0
        V, w = np.where(fires, -65.0, V), np.where(fires, w + 8.0, w)
        spikes += fires.sum()
    return spikes


@pytest.mark.parametrize("units", [1, 100])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", MODELS)
def bench_100_ms(benchmark, name, path, units):
    model, current = MODELS[name]

    def simulate():
        return model.run(100.0, 0.05, current, units=units, progress=False)

    def with_numpy():
        V = np.full(units, -65.0 if name != "adex" else -70.6)
        w = 0.2 * V if name == "izhikevich" else np.zeros(units)
        step = {"lif": numpy_lif, "adex": numpy_adex, "izhikevich": numpy_izhikevich}
        return step[name](V, w, 0.05, current, 2000)

    spikes = simulate().spike_times
    count = len(spikes) if units == 1 else sum(map(len, spikes))
    assert count > 0
    assert abs(with_numpy() - count) <= units  # one spike a unit may fall after the end
    if path == "numpy":
        benchmark.pedantic(with_numpy, rounds=3)
    else:
        with backend.use("reference" if path == "reference" else "kernels"):
            benchmark.pedantic(simulate, rounds=1 if path == "reference" else 20)
