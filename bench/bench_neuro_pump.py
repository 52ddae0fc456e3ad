"""Neurons with moving ions: twin, NumPy and kernel side by side.

NumPy steps one cell as well, in arrays of its five variables: what a user would write.
"""

import numpy as np
import pytest

from fastnn import backend, neuro

PATHS = ["reference", "numpy", "kernel"]
STEPS = [2_000]
DT = 0.01


def gates(V, shift, middle_h, middle_n):
    """The rates of m, h, n: each a pair (a, b)."""

    def linoid(x):
        return x / -np.expm1(-x)

    a_m, b_m = linoid(0.1 * (V - shift)), 4 * np.exp(-(V - shift + 25) / 18)
    a_h, b_h = (
        0.07 * np.exp(-(V - middle_h) / 20),
        1 / (1 + np.exp(-0.1 * (V - middle_h - 30))),
    )
    a_n, b_n = 0.1 * linoid(0.1 * (V - middle_n)), 0.125 * np.exp(-(V - middle_h) / 80)
    return (a_m, b_m), (a_h, b_h), (a_n, b_n)


def barreto_cressman(y, c):
    V, h, n, K_o, Na_i = y
    (a_m, b_m), of_h, of_n = gates(V, -30, -44, -34)
    m = a_m / (a_m + b_m)
    E_Na = 26.64 * np.log((144 - c[10] * (Na_i - 18)) / Na_i)
    E_K = 26.64 * np.log(K_o / (158 - Na_i))
    I_Na = (c[1] * m**3 * h + c[2]) * (V - E_Na)
    I_K = (c[3] * n**4 + c[4]) * (V - E_K)
    P = c[8] / (1 + np.exp((25 - Na_i) / 3)) / (1 + np.exp(5.5 - K_o))
    glia = c[11] / (1 + np.exp((18 - K_o) / 2.5))
    leave = c[10] * (c[9] * I_K - 2 * P) - glia - c[12] * (K_o - c[13])
    dV = (10.0 - I_Na - I_K - c[5] * (V - c[6])) / c[0]
    dh, dn = (c[7] * (a * (1 - q) - b * q) for q, (a, b) in ((h, of_h), (n, of_n)))
    return np.array([dV, dh, dn, 1e-3 * leave, 1e-3 * (-c[9] * I_Na - 3 * P)])


def pumped_hodgkin_huxley(y, c):
    V, m, h, n, Na_i = y
    rates = gates(V, -40, -65, -55)
    I_Na = c[1] * m**3 * h * (V - 24.08 * np.log(c[7] / Na_i))
    I_K, I_L = c[2] * n**4 * (V - c[4]), c[3] * (V - c[5])
    I_p = c[8] / (1 + (c[9] / Na_i) ** 3)
    dV = (10.0 - I_Na - I_K - I_L - c[13] * (I_p - c[11])) / c[0]
    moving = zip((m, h, n), rates, strict=True)
    dq = [c[6] * (a * (1 - q) - b * q) for q, (a, b) in moving]
    return np.array([dV, *dq, -c[14] * (I_Na + 3 * I_p + c[12])])


def with_numpy(slopes, state, constants, V, states):
    y = state.copy()
    for k in range(len(V)):
        V[k], states[k] = y[0], y[1:]
        k1 = slopes(y, constants)
        k2 = slopes(y + DT / 2 * k1, constants)
        k3 = slopes(y + DT / 2 * k2, constants)
        k4 = slopes(y + DT * k3, constants)
        y += DT / 6 * (k1 + 2 * (k2 + k3) + k4)


MODELS = {
    "barreto_cressman": (neuro.BarretoCressman(k_bath=8), barreto_cressman),
    "pumped_hodgkin_huxley": (neuro.PumpedHodgkinHuxley(), pumped_hodgkin_huxley),
}


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", MODELS)
def bench_pump(benchmark, name, path, steps):
    model, slopes = MODELS[name]
    state, constants = np.array(model._start(), float), model._parameters()
    V, states = np.empty(steps), np.empty((steps, 4))

    def through(path):
        with backend.use(path):
            function = backend.function(name)
        arrays = (np.full(1, 10.0), np.ones(1), constants, V, states)
        return lambda: function(state.copy(), *arrays, DT, 1, 0, steps)

    calls = {
        "reference": through("reference"),
        "kernel": through("kernels"),
        "numpy": lambda: with_numpy(slopes, state, constants, V, states),
    }
    calls["reference"]()
    expected = V.copy()
    for other in ("numpy", "kernel"):
        calls[other]()
        np.testing.assert_allclose(V, expected, rtol=0, atol=1e-9)
    benchmark(calls[path])
