"""The steps of Hodgkin and Huxley's patch beside their twins, and their rates."""

import numpy as np
import pytest
from contract import on_kernel, on_twin, speed_ratio

from fastnn.neuro.cells import rates
from fastnn.reference.neuro import patch as twins

NAMES = ["hh_exponential_euler", "hh_crank_nicolson", "hh_rk4", "hh_euler"]
SQUID = [1.0, 120.0, 36.0, 0.3, 50.0, -77.0, -54.387, 1.0]


def at_rest(units, V=-65.0):
    state = np.empty((4, units))
    state[0] = V
    state[1:] = np.array(rates.steady_states(state[0]))
    return state


def constants(units, change=1.0):
    """The squid's, each unit's a little other than the one before."""
    scale = change ** np.arange(units)
    return np.ascontiguousarray(np.array(SQUID)[:, None] * scale)


def simulate(path, name, units, steps, current, dt=0.025, gates=True, change=1.0):
    state = at_rest(units)
    V = np.full((steps, units), np.nan)
    out = np.full((steps if gates else 0, 3, units), np.nan)
    path(name, state, constants(units, change), current, dt, V, out)
    return state, V, out


@pytest.mark.parametrize("path", [on_kernel, on_twin])
def test_euler_by_hand(path):
    # a membrane with a leak alone: V' = V + dt (I - g_L (V - E_L)) / C_m
    parameters = np.array([[2.0, 0, 0, 0.5, 50, -77, -60, 1]]).T.copy()
    state, V, none = at_rest(1), np.empty((2, 1)), np.empty((0, 3, 1))
    path("hh_euler", state, parameters, np.array([[3.0], [3.0]]), 0.1, V, none)
    assert V[:, 0] == pytest.approx([-65, -65 + 0.1 * (3 + 2.5) / 2])
    assert state[0, 0] == pytest.approx(-64.725 + 0.1 * (3 + 2.3625) / 2)


@pytest.mark.parametrize("path", [on_kernel, on_twin])
def test_exponential_euler_charges_a_passive_membrane_exactly(path):
    # V = V_inf + (V_0 - V_inf) e^(-t / tau), tau = C_m / g_L = 4 ms, V_inf = -54
    parameters = np.array([[2.0, 0, 0, 0.5, 50, -77, -60, 1]]).T.copy()
    V, none = np.empty((50, 1)), np.empty((0, 3, 1))
    path("hh_exponential_euler", at_rest(1), parameters, np.full((50, 1), 3.0), 0.5, V,
         none)  # fmt: skip
    t = np.arange(50) * 0.5
    np.testing.assert_allclose(V[:, 0], -54 - 11 * np.exp(-t / 4), rtol=1e-13)


@pytest.mark.parametrize("path", [on_kernel, on_twin])
def test_a_bare_capacitor_charges_in_a_straight_line(path):
    parameters = np.array([[1.0, 0, 0, 0, 50, -77, -54, 1]]).T.copy()
    V, none = np.empty((40, 1)), np.empty((0, 3, 1))
    for name in ("hh_exponential_euler", "hh_crank_nicolson"):
        path(name, at_rest(1), parameters, np.full((40, 1), 2.0), 0.1, V, none)
        np.testing.assert_allclose(V[:, 0], -65 + 0.2 * np.arange(40), rtol=1e-13)


@pytest.mark.parametrize("V", [-40.0, -55.0])
@pytest.mark.parametrize("near", [0.0, 1e-13, -1e-9, 1e-6, -1e-3, 0.0999, 0.1001, -0.2])
def test_rates_at_their_removable_singularities(V, near):
    # 50 digits would show u / (1 - e^-u) = 1 + u/2 + u^2/12 - u^4/720 + u^6/30240
    u = (V + near - V) / 10  # exactly what is left of V + near
    exact = 1 + u / 2 + u**2 / 12 - u**4 / 720 + u**6 / 30240
    (a_m, _), _, (a_n, _) = twins.gate_rates(V + near)
    of_arrays = rates.rates(V + near)
    rate, other = (a_m, of_arrays["m"]) if V == -40 else (10 * a_n, of_arrays["n"])
    factor = 1 if V == -40 else 10
    assert rate == pytest.approx(exact, rel=1e-13)
    assert factor * other[0] == pytest.approx(exact, rel=1e-13)
    # the kernel's, from the slope of a gate that is shut: dm/dt = a_m
    state, dt = np.array([[V + near], [0.0], [0.0], [0.0]]), 2.0**-10
    row, none = np.empty((1, 1)), np.empty((0, 3, 1))
    on_kernel("hh_euler", state, constants(1), np.zeros((1, 1)), dt, row, none)
    of_kernel = state[1 if V == -40 else 3, 0] / dt
    assert factor * of_kernel == pytest.approx(exact, rel=2e-13)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("units", [1, 3, 16, 18])
def test_kernel_equals_twin_over_20_ms(name, units, rng):
    current = rng.uniform(0, 20, (800, units))
    assert current.std() > 1
    kernel = simulate(on_kernel, name, units, 800, current, change=1.01)
    twin = simulate(on_twin, name, units, 800, current, change=1.01)
    assert twin[1].max() > 20  # it fired
    for ours, theirs in zip(kernel, twin, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_bits_alone_and_among_others(name):
    """One vector instruction for eight units gives what a unit alone gets."""
    both = np.linspace(0, 20, 37)[None].repeat(400, 0)
    _, V, gates = simulate(on_kernel, name, 37, 400, both)
    for u in (0, 7, 15, 16, 31, 32, 36):
        one = np.ascontiguousarray(both[:, u : u + 1])
        _, alone, of_one = simulate(on_kernel, name, 1, 400, one)
        np.testing.assert_array_equal(V[:, u], alone[:, 0])
        np.testing.assert_array_equal(gates[:, :, u], of_one[:, :, 0])


@pytest.mark.parametrize("name", NAMES)
def test_parts_of_a_run_are_the_run(name):
    current = np.full((300, 1), 12.0)
    whole = simulate(on_kernel, name, 5, 300, current)
    state, V, none = at_rest(5), np.empty((300, 5)), np.empty((0, 3, 5))
    for first, last in ((0, 1), (1, 17), (17, 300)):
        on_kernel(name, state, constants(5), current[first:last], 0.025, V[first:last],
                  none)  # fmt: skip
    np.testing.assert_array_equal(V, whole[1])
    np.testing.assert_array_equal(state, whole[0])


@pytest.mark.parametrize("name", NAMES)
def test_nan_stays_nan_and_stays_with_its_unit(name):
    current = np.full((20, 9), 5.0)
    current[10, 4] = np.nan
    _, V, _ = simulate(on_kernel, name, 9, 20, current)
    assert np.isnan(V[11:, 4]).all()
    assert np.isfinite(np.delete(V, 4, axis=1)).all()


@pytest.mark.parametrize("V", [-500.0, 500.0, -1e5, 1e5])
def test_far_from_any_cell_kernel_and_twin_agree(V):
    ends = []
    for path in (on_kernel, on_twin):
        state = np.array([[V], [0.1], [0.5], [0.3]])
        trace, none = np.empty((3, 1)), np.empty((0, 3, 1))
        path("hh_exponential_euler", state, constants(1), np.zeros((3, 1)), 0.01, trace,
             none)  # fmt: skip
        ends.append(state)
    np.testing.assert_allclose(*ends, rtol=1e-9)


@pytest.mark.speed
@pytest.mark.parametrize("units", [1, 16])
def test_it_beats_its_twin(units):
    V, none = np.empty((200, units)), np.empty((0, 3, units))
    arguments = at_rest(units), constants(units), np.full((200, 1), 10.0)
    ratio = speed_ratio("hh_exponential_euler", (*arguments, 0.025, V, none))
    assert ratio > 20
