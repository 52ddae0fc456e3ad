"""The planes of V and one more variable: what is exact in them, and what is near."""

import numpy as np
import pytest

from fastnn import neuro

CELL = neuro.HodgkinHuxley()


def by_runge_kutta(current, T_ms, V, n, dt=0.01):
    """V of Hodgkin and Huxley's plane, step by step."""
    V_out = np.empty(round(T_ms / dt))
    s = sum(steady(CELL.resting_potential(current))[1:])
    for k in range(len(V_out)):
        V_out[k] = V
        a, b = CELL.flow(V, n, current, s)
        c, d = CELL.flow(V + dt / 2 * a, n + dt / 2 * b, current, s)
        e, f = CELL.flow(V + dt / 2 * c, n + dt / 2 * d, current, s)
        g, i = CELL.flow(V + dt * e, n + dt * f, current, s)
        V, n = (
            V + dt / 6 * (a + 2 * c + 2 * e + g),
            n + dt / 6 * (b + 2 * d + 2 * f + i),
        )
    return V_out


def steady(V):
    """m, h, n where they stay, by the formulas of the paper."""
    a_m, b_m = 0.1 * (V + 40) / (1 - np.exp(-(V + 40) / 10)), 4 * np.exp(-(V + 65) / 18)
    a_h, b_h = 0.07 * np.exp(-(V + 65) / 20), 1 / (1 + np.exp(-(V + 35) / 10))
    a_n = 0.01 * (V + 55) / (1 - np.exp(-(V + 55) / 10))
    b_n = 0.125 * np.exp(-(V + 65) / 80)
    return a_m / (a_m + b_m), a_h / (a_h + b_h), a_n / (a_n + b_n)


@pytest.mark.parametrize("current", [-5.0, 0.0, 10.0, 100.0])
def test_the_nullclines_cross_where_the_cell_rests(current):
    V = CELL.resting_potential(current)
    of_V, of_n = CELL.nullclines(V, current)
    assert of_V == pytest.approx(of_n, abs=1e-9)
    assert of_n == pytest.approx(steady(V)[2], rel=1e-9)


def test_nothing_moves_on_a_nullcline():
    V = np.linspace(-76.0, 45.0, 200)  # E_K is -77, E_Na 50
    of_V, of_n = CELL.nullclines(V, 10.0, h_plus_n=0.8)
    there = ~np.isnan(of_V)
    assert there.sum() > 150 and (of_V[there] >= 0).all() and (of_V[there] <= 0.8).all()
    dV, _ = CELL.flow(V[there], of_V[there], 10.0, 0.8)
    m, _, _ = steady(V)
    # by hand, and small beside each of the currents that cancel
    n, m, v = of_V[there], m[there], V[there]
    sodium = 120 * m**3 * (0.8 - n) * (v - 50)
    by_hand = 10 - sodium - 36 * n**4 * (v + 77) - 0.3 * (v + 54.387)
    np.testing.assert_allclose(dV, by_hand, atol=1e-9)
    np.testing.assert_allclose(dV, 0.0, atol=1e-9)
    np.testing.assert_allclose(CELL.flow(V, of_n, 10.0, 0.8)[1], 0.0, atol=1e-12)
    assert np.isnan(CELL.nullclines([-90.0, 60.0], 10.0)[0]).all()


@pytest.mark.slow
def test_the_plane_fires_and_rests_as_the_cell_does():
    quiet = by_runge_kutta(0.0, 50.0, -65.0, 0.318)
    assert np.ptp(quiet) < 0.1
    V = by_runge_kutta(10.0, 100.0, -65.0, 0.318)
    assert np.count_nonzero((V[1:] > 0) & (V[:-1] <= 0)) >= 5
    # m has no delay there: peaks are higher than the 40 mV of the cell
    assert 40 < V.max() < 50 and -80 < V.min() < -70


@pytest.mark.parametrize(
    "cell, current",
    [(neuro.AdEx(), 700.0), (neuro.Izhikevich(), 10.0)],
)
def test_the_flow_is_what_a_run_follows(cell, current):
    name = cell.PLANE[0]
    sim = cell.run(3.0, 0.01, current)
    assert len(sim.spike_times) == 0
    dV, dw = cell.flow(sim.V[1:-1], sim[name][1:-1], current)
    # central differences, second order
    np.testing.assert_allclose(np.gradient(sim.V, 0.01)[1:-1], dV, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(
        np.gradient(sim[name], 0.01)[1:-1], dw, rtol=1e-3, atol=1e-3
    )
