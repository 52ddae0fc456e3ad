"""The steps of neurons with moving ions, beside their twins and by hand."""

import math

import numpy as np
import pytest
from contract import on_kernel, on_twin, speed_ratio

from fastnn.reference.neuro._rates import over_one_minus_exp
from fastnn.reference.neuro.pump import barreto_cressman_slopes, pumped_slopes

E_CL = 26.64 * math.log(6 / 130)
BARRETO = [1, 100, 0.0175, 40, 0.05, 0.05, E_CL, 3, 1.25, 0.0445, 7, 200 / 3, 4 / 3,
           8.0, 1.0]  # fmt: skip
AT_REST = [-67.3736, 0.979196, 0.0684137, 3.92156, 18.5077]
PUMPED = [1, 120, 36, 0.3, -77, -54.387, 1, 63.8, 20, 10, 0, 6.77, -19.1, 1,
          8000 / 96485 * 1e-3]  # fmt: skip
PATCH = [-65.0, 0.0529, 0.596, 0.318, 8.0]
MODELS = {
    "barreto_cressman": (AT_REST, BARRETO),
    "pumped_hodgkin_huxley": (PATCH, PUMPED),
}


def run(call, name, n, dt=0.01, every=1, current=10.0, parts=1, parameters=None):
    """V and states after n steps under `current`, and the state at the end."""
    start, constants = MODELS[name]
    state, parameters = np.array(start), np.array(parameters or constants, float)
    V, states = np.full(n, np.nan), np.full((-(-n // every), 4), np.nan)
    bounds = np.linspace(0, n, parts + 1).astype(int)
    for a, b in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        arrays = (np.full(n, current), np.ones(1), parameters, V, states)
        call(name, state, *arrays, dt, every, a, b)
    return V, states, state


def test_a_slope_by_hand():
    # all channels shut, no pump, no glia, at the bath: what is left is chloride
    parameters = [2.0, 0, 0, 0, 0, 0.05, -80.0, 3, 0, 0.0445, 7, 0, 4 / 3, 4.0, 0]
    dV, *_, dK_o, dNa_i = barreto_cressman_slopes(
        (-70.0, 0.5, 0.5, 4.0, 18.0), 1.0, 1.0, parameters
    )
    assert dV == pytest.approx((1.0 - 0.05 * 10) / 2)
    assert (dK_o, dNa_i) == (0, 0)
    # at V = -44: a_h = 0.07, b_h = 1 / (1 + e^3); at -34: a_n = 0.1
    a_h, b_h = 0.07, 1 / (1 + math.exp(3))
    h = barreto_cressman_slopes((-44.0, 0.25, 0, 4, 18), 0, 1, parameters)[1]
    assert h == pytest.approx(3 * (a_h * 0.75 - b_h * 0.25))
    n = barreto_cressman_slopes((-34.0, 0, 0.0, 4, 18), 0, 1, parameters)[2]
    assert n == pytest.approx(0.3)


def test_a_pump_by_hand():
    # Na_i = K_m: half of the sites; 3 Na go out for a net charge of one
    parameters = [1, 0, 0, 0, -77, -54, 1, 60, 20, 10, 0, 4.0, 0, 1, 0.5]
    dV, *_, dNa_i = pumped_slopes((-65.0, 0, 0, 0, 10.0), 0.0, 1.0, parameters)
    assert dV == pytest.approx(-(10 - 4)) and dNa_i == pytest.approx(-0.5 * 30)
    dV, *_, dNa_i = pumped_slopes((-65.0, 0, 0, 0, 10.0), 0.0, 0.5, parameters)
    assert dV == pytest.approx(-(5 - 4)) and dNa_i == pytest.approx(-0.5 * 15)


@pytest.mark.parametrize("x", [0.0, 1e-300, 1e-9, -1e-7, 1e-6, 0.009, -0.011, 3.0])
def test_over_one_minus_exp_at_its_singularity(x):
    exact = sum(
        b * x**k / math.factorial(k)
        for k, b in enumerate([1, 0.5, 1 / 6, 0, -1 / 30, 0, 1 / 42, 0, -1 / 30])
    )
    assert over_one_minus_exp(x) == pytest.approx(
        exact, rel=1e-12 if abs(x) < 1 else 3e-3
    )


@pytest.mark.parametrize("name", MODELS)
def test_equals_twin_over_40_ms(name):
    kernel, twin = run(on_kernel, name, 4000), run(on_twin, name, 4000)
    assert kernel[0].max() > 20  # it fires
    for a, b in zip(kernel, twin, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-9)


@pytest.mark.parametrize("V", [-30.0, -34.0, -40.0, -55.0, -30.05, -39.9, -120.0, 80.0])
@pytest.mark.parametrize("name", MODELS)
def test_equals_twin_where_rates_are_0_over_0(name, V):
    start, constants = MODELS[name]
    ends = []
    for call in (on_kernel, on_twin):
        state = np.array([V, *start[1:]])
        arrays = (np.zeros(1), np.ones(1), np.array(constants, float))
        out = (np.empty(1), np.empty((1, 4)))
        call(name, state, *arrays, *out, 1e-4, 1, 0, 1)
        ends.append(state)
    np.testing.assert_allclose(*ends, rtol=1e-11)


@pytest.mark.parametrize("name", MODELS)
def test_parts_and_sparse_rows_are_the_same_bits(name):
    V, states, end = run(on_kernel, name, 1000)
    for every, parts in ((7, 1), (7, 13), (1, 4)):
        other = run(on_kernel, name, 1000, every=every, parts=parts)
        np.testing.assert_array_equal(other[0], V)
        np.testing.assert_array_equal(other[1], states[::every])
        np.testing.assert_array_equal(other[2], end)


@pytest.mark.parametrize("name", MODELS)
def test_halving_the_step_divides_the_error_by_16(name):
    ends = [run(on_kernel, name, n, dt=8.0 / n)[2][0] for n in (1600, 3200, 6400)]
    exact = run(on_kernel, name, 25600, dt=8.0 / 25600)[2][0]
    errors = np.abs(np.array(ends) - exact)
    orders = np.log2(errors[:-1] / errors[1:])
    assert (orders > 3.6).all() and (orders < 4.5).all(), (errors, orders)


def test_sodium_and_potassium_are_counted():
    """What currents and pump carry, potassium outside and sodium inside gain."""
    closed = [*BARRETO[:11], 0, 0, 8.0, 0]  # neither glia nor bath
    V, states, _ = run(on_kernel, "barreto_cressman", 3000, parameters=closed)
    _, n, K_o, Na_i = states.T
    K_i = 140 + (18 - Na_i)
    I_K = (40 * n**4 + 0.05) * (V - 26.64 * np.log(K_o / K_i))
    P = 1.25 / (1 + np.exp((25 - Na_i) / 3)) / (1 + np.exp(5.5 - K_o))
    gain = 1e-3 * 7 * (0.0445 * I_K - 2 * P)
    total = 0.01 * (gain.sum() - (gain[0] + gain[-1]) / 2)
    # the trapezium rule at 0.01 ms, on spikes of 1 ms
    assert K_o[-1] - K_o[0] == pytest.approx(total, rel=1e-4)


@pytest.mark.speed
@pytest.mark.parametrize("name", MODELS)
def test_beats_its_twin(name):
    start, constants = MODELS[name]
    arrays = (np.array(start), np.full(1, 10.0), np.ones(1), np.array(constants, float))
    out = (np.empty(2000), np.empty((2000, 4)))
    assert speed_ratio(name, (*arrays, *out, 0.01, 1, 0, 2000)) > 15
