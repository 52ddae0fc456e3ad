"""The adaptive exponential integrate-and-fire neuron: its onset, its eight patterns."""

import numpy as np
import pytest

import fastnn as fn
from fastnn import neuro

CELL = neuro.AdEx()


def pattern(name, T_ms=500, **run):
    cell = neuro.AdEx.pattern(name)
    return cell.run(T_ms, stimulus=cell.pattern_pA, **run)


def intervals(name, T_ms=500):
    return np.diff(pattern(name, T_ms).spike_times)


# --- analytic -------------------------------------------------------------------------


def test_rest_by_hand():
    # at E_L + 1 mV without the exponential: -g_L + I = w = a
    of_V, of_w = CELL.nullclines(-69.6, 10.0)
    assert (of_V, of_w) == pytest.approx((-20, 4), abs=0.01)


def test_it_stays_where_its_nullclines_cross():
    V = np.linspace(-75, -55, 200_001)
    of_V, of_w = CELL.nullclines(V, 200.0)
    k = np.argmin(np.abs(of_V - of_w))
    sim = CELL.run(300, stimulus=200.0, start={"V": V[k], "w": of_w[k]})
    np.testing.assert_allclose(sim.V, V[k], atol=1e-2)
    np.testing.assert_allclose(sim["w"], of_w[k], atol=0.1)


def test_without_adaptation_the_rate_is_an_integral():
    # a = b = 0: one equation; the interval is the integral of dV / (dV/dt)
    cell = neuro.AdEx(a=0.0, b=0.0)
    V = np.linspace(-70.6, 0.0, 2_000_001)
    of_V, _ = cell.nullclines(V, 800.0)
    slowness = 281.0 / of_V
    interval = np.sum((slowness[1:] + slowness[:-1]) / 2) * (V[1] - V[0])
    times = cell.run(500, stimulus=800.0).spike_times
    np.testing.assert_allclose(np.diff(times), interval, rtol=1e-5)


# Naud and others, 2008, table 1: C, g_L, E_L, V_T, Delta_T, a, tau_w, b, V_reset, I
TABLE = {
    "tonic": (200, 10, -70, -50, 2, 2, 30, 0, -58, 500),
    "adapting": (200, 12, -70, -50, 2, 2, 300, 60, -58, 500),
    "initial burst": (130, 18, -58, -50, 2, 4, 150, 120, -50, 400),
    "regular burst": (200, 10, -58, -50, 2, 2, 120, 100, -46, 210),
    "delayed accelerating": (200, 12, -70, -50, 2, -10, 300, 0, -58, 300),
    "delayed burst": (100, 10, -65, -50, 2, -10, 90, 30, -47, 110),
    "transient": (100, 10, -65, -50, 2, 10, 90, 100, -47, 180),
    "irregular": (100, 12, -60, -50, 2, -11, 130, 30, -48, 160),
}
PUBLISHED = (281, 30, -70.6, -50.4, 2, 4, 144, 80.5, -70.6, 800)  # Brette, Gerstner


def by_scipy(C, g_L, E_L, V_T, Delta_T, a, tau_w, b, V_reset, current, T_ms=100):
    """Spike times by an adaptive scheme of eighth order, tolerance 1e-11."""
    integrate = pytest.importorskip("scipy.integrate")

    def slopes(_, y):
        V, w = y
        rise = g_L * Delta_T * np.exp((V - V_T) / Delta_T)
        dV = (-g_L * (V - E_L) + rise - w + current) / C
        return dV, (a * (V - E_L) - w) / tau_w

    def peak(_, y):
        return y[0]  # V_peak is 0

    peak.terminal = True
    t, y, times = 0.0, [E_L, 0.0], []
    while True:
        part = integrate.solve_ivp(
            slopes, (t, T_ms), y, "DOP853", events=peak, rtol=1e-11, atol=1e-11,
            max_step=2.0,
        )  # fmt: skip
        if part.status == 0:
            return np.array(times)
        t, y = part.t[-1], [V_reset, part.y[1, -1] + b]
        times.append(t)


@pytest.mark.parametrize("name", ["adapting", "delayed burst"])
def test_order_of_convergence(name):
    cell = neuro.AdEx.pattern(name)
    exact = by_scipy(*TABLE[name])
    assert len(exact) >= 4
    errors = []
    for dt in (0.2, 0.1, 0.05):
        times = cell.run(100, dt, cell.pattern_pA).spike_times
        assert len(times) == len(exact)
        errors.append(np.abs(times - exact).max())
    assert errors[0] < 1e-3
    # second order: the slopes have corners of y ln^2 y at the spike
    assert errors[0] / errors[2] > 10


@pytest.mark.parametrize("name", ["published", *TABLE])
def test_another_solution_of_each_published_neuron(name):
    values = TABLE.get(name, PUBLISHED)
    exact = by_scipy(*values)
    cell = CELL if name == "published" else neuro.AdEx.pattern(name)
    times = cell.run(100, 0.05, float(values[-1])).spike_times
    assert len(times) == len(exact) >= 1
    np.testing.assert_allclose(times, exact, rtol=0, atol=1e-3)


# --- computed with other solvers ------------------------------------------------------


def test_silent_at_500_and_adapting_at_800_pa():
    assert len(CELL.run(500, stimulus=500.0).spike_times) == 0
    gaps = np.diff(CELL.run(500, stimulus=800.0).spike_times)
    assert len(gaps) >= 4
    assert (np.diff(gaps[:4]) > 0).all()
    assert (np.diff(gaps) > -0.01 * gaps[:-1]).all()


@pytest.mark.parametrize("peak", [-30.4, -20.0, 0.0, 20.0])
def test_where_the_upstroke_is_cut_does_not_matter(peak):
    times = neuro.AdEx(V_peak=peak).run(500, 0.02, 800.0).spike_times
    expected = CELL.run(500, 0.02, 800.0).spike_times
    assert len(times) == len(expected) > 5
    assert abs(times[0] - expected[0]) < 1e-3
    np.testing.assert_allclose(np.diff(times), np.diff(expected), rtol=0, atol=1e-3)


def test_a_strong_current_neither_overflows_nor_stalls():
    for current in (5e3, 5e4):
        sim = CELL.run(20, stimulus=current)
        assert np.isfinite(sim.V).all()
        assert len(sim.spike_times) > 5
        assert sim.V.max() <= 0.0


def test_tonic():
    gaps = intervals("tonic")
    assert len(gaps) > 20
    np.testing.assert_allclose(gaps[10:], gaps[-1], rtol=0.01)


def test_adapting():
    gaps = intervals("adapting")
    assert (np.diff(gaps[:6]) > 0).all()
    assert gaps[-1] > 3 * gaps[0]


def test_initial_burst():
    gaps = intervals("initial burst")
    assert (gaps[:2] < 12).all()
    assert gaps[2:].min() > 4 * gaps[:2].max()


def test_regular_burst():
    gaps = intervals("regular burst", 1500)
    long = gaps > 50
    assert long.sum() >= 5
    assert (~long).sum() >= long.sum()
    inside = np.diff(np.flatnonzero(long))  # spikes from pause to pause
    assert set(inside[1:]) == {2}
    np.testing.assert_allclose(gaps[long][1:], gaps[long][-1], rtol=0.05)


def test_delayed_accelerating():
    sim = pattern("delayed accelerating", 400)
    assert sim.spike_times[0] > 25
    assert (np.diff(np.diff(sim.spike_times)) < 0).all()


def test_delayed_burst():
    sim = pattern("delayed burst")
    gaps = np.diff(sim.spike_times)
    assert sim.spike_times[0] > 40
    assert (gaps[:3] < 10).all()
    assert gaps.max() > 40


def test_transient():
    assert len(pattern("transient", 1000).spike_times) == 1


def test_irregular():
    gaps = intervals("irregular")
    assert gaps.std() / gaps.mean() > 0.3
    # nothing repeats: no shift of the intervals maps them on themselves
    for shift in range(1, 9):
        assert np.abs(gaps[shift:] - gaps[:-shift]).max() > 0.3 * gaps.mean()


# --- the interface --------------------------------------------------------------------


def test_currents_account_for_the_slope_of_the_potential():
    # C_m dV/dt = I - I_L - I_exp - w, by central differences, up to the first spike
    cell = neuro.AdEx()
    sim = cell.run(60, 0.01, 800.0)
    before = np.flatnonzero(sim.t < sim.spike_times[0] - 0.2)[1:-1]
    inward = 800 - sim["I_L"] - sim["I_exp"] - sim["w"]
    slope = 281 * (sim.V[before + 1] - sim.V[before - 1]) / 0.02
    assert slope.max() > 2000 and sim["I_exp"].max() < 0
    np.testing.assert_allclose(slope, inward[before], rtol=1e-3, atol=0.1)
    expected = sim["I_L"].copy(), cell.run(60, 0.01, 800.0)
    cell.g_L, cell.E_L = 1.0, -50.0
    np.testing.assert_array_equal(expected[1]["I_L"], expected[0])


def test_the_patterns_have_names_and_currents():
    patterns = neuro.AdEx.patterns()
    assert patterns == {name: values[-1] for name, values in TABLE.items()}
    assert neuro.AdEx.pattern("transient").C_m == 100
    with pytest.raises(ValueError, match="'delayed burst'"):
        neuro.AdEx.pattern("bursting")


def test_kernel_and_twin_give_the_same_run():
    fast = pattern("regular burst", 40)
    with fn.use("reference"):
        plain = pattern("regular burst", 40)
    assert len(fast.spike_times) > 1
    for name in ("V", "w"):
        np.testing.assert_allclose(fast[name], plain[name], atol=1e-9)
    np.testing.assert_allclose(fast.spike_times, plain.spike_times, atol=1e-9)


def test_a_run_goes_on_where_another_ended():
    whole, first = CELL.run(200, stimulus=800.0), CELL.run(80, stimulus=800.0)
    second = CELL.run(120, stimulus=800.0, start=first.final)
    np.testing.assert_array_equal(whole["w"], np.concatenate([first["w"], second["w"]]))


def test_it_warns_where_the_cut_moves_the_spikes():
    with pytest.warns(RuntimeWarning, match="V_T \\+ 10 Delta_T"):
        neuro.AdEx(V_peak=-40.0).run(10)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: neuro.AdEx(V_peak=-80), "V_reset is -70.6 and V_peak is -80"),
        (lambda: neuro.AdEx(V_reset=-70, V_peak=-60), "V_peak is -60"),
        (lambda: neuro.AdEx(Delta_T=0), "Delta_T .* mV"),
        (lambda: neuro.AdEx(gL=30), "did you mean g_L"),
        (lambda: CELL.run(10, dt_ms=1.0), "stable"),
        (lambda: CELL.run(10, start={"u": 1}), "start has 'u'"),
    ],
)
def test_what_cannot_be_is_refused_in_words(call, says):
    with pytest.raises((ValueError, TypeError), match=says):
        call()
