"""Hodgkin and Huxley's patch: what is known of it, by formula and by computation."""

import json

import numpy as np
import pytest
import squid

import fastnn as fn
from fastnn import neuro

SQUID = neuro.HodgkinHuxley()
METHODS = ["exponential_euler", "crank_nicolson", "rk4", "euler"]


# --- analytic -------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_a_passive_patch_charges_exponentially(method):
    # channels shut: tau = C_m / g_L = 1 / 0.3 ms, V_inf = E_L + I / g_L
    leaky = neuro.HodgkinHuxley(g_Na=0, g_K=0)
    sim = leaky.run(20, dt_ms=0.01, stimulus=1.5, start=-65.0, method=method)
    V_inf, tau = -54.387 + 1.5 / 0.3, 1 / 0.3
    exact = V_inf + (-65 - V_inf) * np.exp(-sim.t / tau)
    # Euler's error is V'' dt / 2 carried on for tau: at most 15.6 * 0.3 * 0.005 / e
    bound = 0.01 if method == "euler" else 1e-4
    np.testing.assert_allclose(sim.V, exact, atol=bound)


@pytest.mark.parametrize("method", METHODS)
def test_it_rests_where_its_currents_cancel(method):
    V = SQUID.resting_potential()
    np.testing.assert_allclose(V, -65.0, atol=0.01)
    assert SQUID.steady_current(V) == pytest.approx(0, abs=1e-12)
    sim = SQUID.run(50, method=method)
    np.testing.assert_allclose(sim.V, V, atol=1e-9)
    assert sim["m"][-1] == pytest.approx(0.0529, rel=0.01)
    assert sim["h"][-1] == pytest.approx(0.596, rel=0.01)
    assert sim["n"][-1] == pytest.approx(0.318, rel=0.01)
    currents = sim["I_Na"] + sim["I_K"] + sim["I_L"]
    np.testing.assert_allclose(currents, 0, atol=1e-9)


def test_the_leak_of_neuron_rests_a_little_higher():
    assert neuro.HodgkinHuxley(E_L=-54.3).resting_potential() == pytest.approx(
        -64.97, abs=0.01
    )
    many = neuro.HodgkinHuxley(E_L=np.array([-54.387, -54.3]))
    np.testing.assert_allclose(many.resting_potential(), [-64.9964, -64.974], atol=1e-3)


def test_currents_balance_the_capacitor():
    # C_m dV/dt = I - I_Na - I_K - I_L; dV/dt by central differences of the trace
    sim = SQUID.run(20, dt_ms=0.005, stimulus=10.0, method="rk4")
    ionic = sim["I_Na"] + sim["I_K"] + sim["I_L"]
    slope = (sim.V[2:] - sim.V[:-2]) / 0.01
    # V''' dt^2 / 6 at a spike's upstroke, where V' reaches 400 mV/ms
    np.testing.assert_allclose(slope, (10 - ionic)[1:-1], atol=1.0)
    assert slope.max() > 300


def test_jacobian_is_what_differences_say():
    V = -60.0
    jacobian, current = SQUID.jacobian(V), SQUID.steady_current(V)
    y = np.array([V, *squid.steady(V)])
    for j in range(4):
        step = np.eye(4)[j] * 1e-5
        up, down = (squid.slopes(y + s * step, current) for s in (1, -1))
        numeric = (up - down) / 2e-5
        np.testing.assert_allclose(jacobian[:, j], numeric, rtol=1e-6, atol=1e-6)


# --- convergence ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "order"),
    [("exponential_euler", 2), ("crank_nicolson", 2), ("rk4", 4), ("euler", 1)],
)
def test_order_of_convergence(method, order):
    integrate = pytest.importorskip("scipy.integrate")
    times = np.arange(0, 12, 0.5)
    exact = integrate.solve_ivp(
        lambda t, y: squid.slopes(y, 10.0), (0, 12), [-65.0, *squid.steady(-65.0)],
        "DOP853", times, rtol=1e-11, atol=1e-11,
    ).y[0]  # fmt: skip
    errors = []
    for per_half_ms in (25, 50, 100):
        sim = SQUID.run(12, 0.5 / per_half_ms, 10.0, method=method, start=-65.0)
        errors.append(np.abs(sim.V[::per_half_ms] - exact).max())
    measured = np.log2(np.divide(errors[:-1], errors[1:]))
    np.testing.assert_allclose(measured, order, atol=0.25)


# --- what was computed with other solvers ---------------------------------------------


@pytest.mark.parametrize("method", METHODS[:3])
def test_a_step_of_10(method):
    sim = SQUID.run(1000, stimulus=10.0, method=method)
    first = sim.V[sim.t < 10]
    assert first.max() == pytest.approx(40, rel=0.01)
    assert sim.V[:800].min() == pytest.approx(-75, rel=0.01)
    late = np.diff(sim.spike_times[sim.spike_times > 200])
    assert 1000 / late.mean() == pytest.approx(68, rel=0.01)
    assert np.ptp(late) < 0.05


def test_all_or_none():
    charges = np.array([3.0, 5, 6, 7.5, 9, 12])
    sim = SQUID.run(30, stimulus=[neuro.pulse(q, 5, 1) for q in charges])
    peaks = sim.V.max(axis=0)
    assert (peaks[:3] < -40).all()
    assert np.ptp(peaks[3:]) < 12  # 1.6 times the charge
    assert (peaks[3:] > 25).all()


def test_repetitive_firing_begins_at_6_26_and_at_52_hz():
    amplitudes = np.array([6.15, 6.20, 6.30])
    curve = neuro.f_I(SQUID, amplitudes, T_ms=2000, settle_ms=1000)
    np.testing.assert_array_equal(curve.rates_hz[:2], 0)
    assert (curve.spike_counts[:2] > 0).all()  # a few at the onset
    np.testing.assert_allclose(curve.rates_hz[2:], 52, rtol=0.01)


def test_rest_loses_its_stability_at_9_78_and_regains_it_at_154_5():
    assert SQUID.hopf_currents() == pytest.approx([9.78, 154.5], rel=0.001)
    for current, stable in ((9.5, True), (10.0, False), (150.0, False), (158.0, True)):
        V = SQUID.resting_potential(current)
        assert (np.linalg.eigvals(SQUID.jacobian(V)).real.max() < 0) == stable
    near = SQUID.resting_potential(9.0)  # a small push decays, though the cell can fire
    sim = SQUID.run(600, stimulus=9.0, start=near + 0.1)
    assert len(sim.spike_times) == 0
    assert np.abs(sim.V[-1000:] - near).max() < 0.01


def test_a_pulse_at_the_right_phase_switches_firing_off():
    phases = np.arange(0, 18, 0.5)
    stimuli = [neuro.step(8.0) + neuro.pulse(5.0, 200 + p, 1.0) for p in phases]
    sim = SQUID.run(700, stimulus=[neuro.step(8.0), *stimuli])
    fires = np.array([(times > 500).sum() > 5 for times in sim.spike_times])
    silent = ~fires
    assert fires[0]
    assert 1 <= silent.sum() <= len(phases) / 2
    rest = SQUID.resting_potential(8.0)
    np.testing.assert_allclose(sim.V[-400:, silent], rest, atol=2.0)


def test_peaks_shrink_and_a_fixed_detector_is_silent():
    amplitudes = [50.0, 60.0, 70.0, 90.0]
    sim = SQUID.run(400, stimulus=[neuro.step(a) for a in amplitudes])
    late = sim.V[sim.t > 200].max(axis=0)
    assert late[1] > 0 > late[2]
    for u, times in enumerate(sim.spike_times):
        assert len(times) > 40
        if u < 2:
            assert len(neuro.fixed_threshold(sim.t, sim.V[:, u])) == len(times)
        else:
            with pytest.warns(RuntimeWarning, match="find_spikes counts"):
                assert len(neuro.fixed_threshold(sim.t, sim.V[:, u])) < 20


def test_a_slow_ramp_never_fires():
    sim = SQUID.run(300, stimulus=neuro.ramp(0.1, top=10.0))
    assert sim.spike_times.size == 0
    assert sim.V.max() < -50


def test_warm_gates_are_faster_and_the_spike_is_smaller():
    pulse = neuro.pulse(60.0, 2, 0.2)
    cold = SQUID.run(20, 0.005, pulse)
    warm = neuro.HodgkinHuxley(temperature_c=18.5).run(20, 0.005, pulse)
    assert warm.V.max() < cold.V.max() - 5
    above = [np.ptp(sim.t[sim.V > -40]) for sim in (warm, cold)]
    assert above[0] < above[1] / 2


# --- the interface --------------------------------------------------------------------


def test_kernels_and_twins_give_the_same_run():
    stimulus = neuro.step(10.0, 2)
    fast = SQUID.run(25, stimulus=stimulus, units=2)
    with fn.use("reference"):
        plain = SQUID.run(25, stimulus=stimulus, units=2)
        plain["m"]  # computed when asked for: here by the twin
    for name in fast.names:
        # currents of up to 1e3 uA/cm2: 1e-9 of their largest
        bound = 1e-9 * max(1.0, np.abs(plain[name]).max())
        np.testing.assert_allclose(
            fast[name], plain[name], rtol=0, atol=bound, err_msg=name
        )
    np.testing.assert_allclose(fast.V, plain.V, rtol=0, atol=1e-9)


def test_shapes_of_one_unit_and_of_many():
    one, many = SQUID.run(5), SQUID.run(5, units=3)
    assert one.V.shape == one["n"].shape == one["I_K"].shape == (200,)
    assert many.V.shape == many["n"].shape == many["I_K"].shape == (200, 3)
    assert isinstance(one.spike_times, np.ndarray)
    assert [len(times) for times in many.spike_times] == [0, 0, 0]
    np.testing.assert_array_equal(one.t, np.arange(200) * 0.025)
    assert one.V[0] == SQUID.resting_potential()


def test_a_unit_with_parameters_of_its_own_is_as_if_alone():
    g_Na = np.array([0.0, 60.0, 120.0])
    many = neuro.HodgkinHuxley(g_Na=g_Na).run(30, stimulus=10.0)
    for u, g in enumerate(g_Na.tolist()):
        alone = neuro.HodgkinHuxley(g_Na=g).run(30, stimulus=10.0)
        np.testing.assert_allclose(many.V[:, u], alone.V, atol=1e-7)
        np.testing.assert_allclose(many["I_Na"][:, u], alone["I_Na"], atol=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_a_run_goes_on_where_another_ended(method):
    whole = SQUID.run(40, stimulus=10.0, method=method)
    first = SQUID.run(15, stimulus=10.0, method=method)
    second = SQUID.run(25, stimulus=10.0, method=method, start=first.final)
    np.testing.assert_array_equal(whole.V, np.concatenate([first.V, second.V]))
    np.testing.assert_array_equal(whole["h"], np.concatenate([first["h"], second["h"]]))


def test_it_can_be_written_as_json():
    text = json.dumps(SQUID.run(2, stimulus=5.0).to_dict())
    back = json.loads(text)
    assert back["units"]["g_Na"] == "mS/cm2"
    assert len(back["I_Na"]) == len(back["m"]) == 80


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: neuro.HodgkinHuxley(E_Na=5000.0), "E_Na .* another unit"),
        (lambda: neuro.HodgkinHuxley(g_na=100), "did you mean g_Na"),
        (lambda: neuro.HodgkinHuxley(C_m=0.0), "C_m .* uF/cm2"),
        (lambda: neuro.HodgkinHuxley(temperature_c=279.45), "degC"),
        (lambda: SQUID.run(100, dt_ms=0.06, method="euler"), "stable"),
        (lambda: SQUID.run(100, dt_ms=0.07, method="rk4"), "stable"),
        (lambda: SQUID.run(100, dt_ms=25.0), "Is it in ms"),
        (lambda: SQUID.run(10, method="heun"), "method is 'heun'"),
        (lambda: SQUID.run(10, units=0), "units is 0"),
        (lambda: SQUID.run(10, units=3, stimulus=[neuro.step(1)] * 2), "units"),
        (lambda: SQUID.run(10, start=-0.065e5), "V in start"),
        (lambda: SQUID.run(10, start={"V": -65, "m": 1.2}), "m in start"),
        (lambda: SQUID.run(10, start={"v": -65}), "start has 'v'"),
        (lambda: SQUID.run(10, stimulus=[1.0, 2.0]), "steps"),
        (lambda: SQUID.run(10, stimulus=np.nan), "stimulus"),
        (lambda: SQUID.run(np.inf), "T_ms"),
        (lambda: neuro.HodgkinHuxley(g_K=[30.0, 36.0]).hopf_currents(), "g_K has"),
        (lambda: SQUID.run(5)["g_Na"], "no trace 'g_Na'"),
    ],
)
def test_what_cannot_be_is_refused_in_words(call, says):
    with pytest.raises((ValueError, TypeError, KeyError), match=says):
        call()


@pytest.mark.parametrize(("celsius", "dt"), [(6.3, 0.12), (25.0, 0.025)])
def test_it_warns_where_the_step_is_too_long_for_the_gates(celsius, dt):
    model = neuro.HodgkinHuxley(temperature_c=celsius)
    with pytest.warns(RuntimeWarning, match="take a shorter step"):
        model.run(10, dt)


def test_nan_does_not_pass():
    V = np.array([-65.0, -60.0, np.nan, np.nan])
    with pytest.raises(FloatingPointError, match=r"V is not finite from 0.05 ms on"):
        SQUID._check_potential(V, 4, 0.025)


def test_what_was_computed_stays_when_the_model_is_changed():
    model = neuro.HodgkinHuxley()
    sim, expected = (model.run(10, stimulus=10.0) for _ in range(2))
    expected = {name: expected[name] for name in expected.names}
    model.g_Na, model.E_K = 10.0, -50.0
    for name in sim.names:
        np.testing.assert_array_equal(sim[name], expected[name])
