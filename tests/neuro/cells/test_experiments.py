"""f-I curves, thresholds, refractoriness: closed forms of LIF first, then the squid."""

import numpy as np
import pytest

from fastnn import neuro

SQUID, CELL = neuro.HodgkinHuxley(), neuro.LIF()


def test_f_i_curve_of_lif_is_its_closed_form():
    currents = np.array([0.1, 0.15, 0.16, 0.2, 0.4, 1.0])
    curve = neuro.f_I(CELL, currents, T_ms=2000)
    np.testing.assert_allclose(curve.rates_hz, CELL.rate_hz(currents), rtol=1e-9)
    assert curve.rates_hz[2] == pytest.approx(17.41, rel=0.001)


@pytest.mark.parametrize("width", [0.5, 5.0, 50.0])
def test_strength_duration_of_lif_is_that_of_lapicque(width):
    # V_th - E_L = R I (1 - e^(-width / tau)): I = rheobase / (1 - e^(-width / tau))
    found = neuro.strength_duration(CELL, [width], tolerance=1e-6)
    exact = 0.15 / (1 - np.exp(-width / 20))
    assert found.thresholds[0] == pytest.approx(exact, abs=2e-6)
    assert found.charges[0] == pytest.approx(exact * width, rel=1e-4)


def test_one_spike_at_the_onset_of_a_step_from_2_24_on():
    found = neuro.threshold(SQUID, neuro.step)
    assert found == pytest.approx(2.24, rel=0.01)


def test_f_i_curve_of_the_squid_jumps_and_then_bends():
    currents = np.array([0.0, 5, 6, 6.3, 10, 40, 70, 100])
    rates = neuro.f_I(SQUID, currents).rates_hz
    np.testing.assert_array_equal(rates[:3], 0)
    assert rates[3] == pytest.approx(52, rel=0.01)
    assert rates[4] == pytest.approx(68, rel=0.01)
    assert rates[-1] / rates[4] == pytest.approx(2, rel=0.1)
    slopes = np.diff(rates[3:]) / np.diff(currents[3:])
    assert (np.diff(slopes) < 0).all()


def test_an_oscillation_below_the_detector_is_no_silence():
    # by SciPy's LSODA, V swings by 8.21 mV at 150, by 3.19 mV at 154, and then (Hopf,
    # at 154.5) no more; at 6 it rests, after a spike or two
    with pytest.warns(RuntimeWarning, match=r"at 150, 154 uA/cm2 .* by 8.2 mV"):
        curve = neuro.f_I(SQUID, np.array([6.0, 100, 145, 150, 154, 158]))
    np.testing.assert_array_equal(curve.rates_hz > 0, [0, 1, 1, 0, 0, 0])


def test_short_pulses_need_a_charge_long_ones_a_current():
    found = neuro.strength_duration(SQUID, [0.05, 0.1, 0.2, 0.5, 1.0, 60.0], dt_ms=0.01)
    # "about" 6.5 nC/cm2 up to 0.5 ms: the limit of 0 ms is 6.505, and the longer pulse
    # loses some of it; thresholds by SciPy's LSODA, rtol = 1e-9, bisected to 2e-4
    exact = [6.5074, 6.5128, 6.5316, 6.6376]
    np.testing.assert_allclose(found.charges[:4], exact, rtol=1e-3)
    assert found.thresholds[4] == pytest.approx(6.9, rel=0.01)
    assert found.thresholds[-1] == pytest.approx(2.24, rel=0.01)


# "about" -59.0 and -56.8 mV: by SciPy's LSODA, rtol = 1e-9, bisected to 2e-5 uA/cm2
@pytest.mark.parametrize(
    ("width", "V", "exact"),
    [
        (0.1, -59.0, -58.683),
        (0.5, -59.0, -59.043),
        (1.0, -59.0, -59.040),
        (5.0, -56.8, -56.821),
    ],
)
def test_the_threshold_in_mv_depends_on_the_pulse(width, V, exact):
    def one(amplitude):
        return neuro.pulse(amplitude, 5, width)

    weakest = neuro.threshold(SQUID, one, T_ms=40, dt_ms=0.01)
    sim = SQUID.run(40, 0.01, one(weakest))
    at_its_end = sim.V[round((5 + width) / 0.01)]
    assert at_its_end == pytest.approx(V, rel=0.01)
    assert at_its_end == pytest.approx(exact, abs=0.01)


def test_after_a_spike_the_threshold_is_high_and_then_low():
    found = neuro.refractoriness(SQUID, [8.0, 10.0, 12.0, 15.0, 20.0, 40.0])
    assert found.resting_threshold == pytest.approx(6.9, rel=0.01)
    relative = found.thresholds / found.resting_threshold
    assert (np.diff(relative[:4]) < 0).all()
    assert relative[0] > 4 > 1.5 > relative[3]
    assert relative[4] < 0.9
    assert relative[5] == pytest.approx(1, abs=0.05)
    # SciPy's LSODA, rtol = 1e-9, bisected: a pulse of 13.838 uA/cm2, then another
    exact = [49.714, 26.006, 15.465, 8.2390, 5.8634, 6.9118]
    np.testing.assert_allclose(found.thresholds, exact, rtol=0.01)


def test_anode_break():
    def below_rest(amplitude):
        return neuro.step(amplitude, 5, 25)

    found = neuro.threshold(SQUID, below_rest, 0.0, -10.0)
    assert found == pytest.approx(-2.8, rel=0.01)
    sim = SQUID.run(60, stimulus=below_rest(found - 0.05))
    assert len(sim.spike_times) == 1
    assert sim.spike_times[0] > 25


def test_convergence_shows_the_orders_of_the_schemes():
    found = neuro.convergence(SQUID, [0.01, 0.005, 0.02], 10.0)
    np.testing.assert_array_equal(found.steps_ms, [0.02, 0.01, 0.005])
    expected = {"exponential_euler": 2, "crank_nicolson": 2, "rk4": 4, "euler": 1}
    assert found.orders == pytest.approx(expected, abs=0.25)
    # SciPy's DOP853 says that rk4 at 0.02 ms is off by less than 0.01 mV
    assert found.errors_mV["rk4"][0] < 0.01


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: neuro.threshold(SQUID, neuro.step, 10, 20), "at low, 10, it fires"),
        (lambda: neuro.threshold(SQUID, neuro.step, 0, 1), "at high, 1, it is silent"),
        (lambda: neuro.threshold(SQUID, lambda _: neuro.step(0), 0), "no amplitude"),
        (lambda: neuro.f_I(SQUID, [[1.0]]), "currents"),
        (lambda: neuro.f_I(SQUID, [1.0], T_ms=100, settle_ms=100), "settle_ms"),
        (lambda: neuro.refractoriness(SQUID, [0.5]), "gaps_ms"),
        (lambda: neuro.convergence(SQUID, [0.02, 0.015], 10.0), "divides the longest"),
    ],
)
def test_what_cannot_be_is_refused_in_words(call, says):
    with pytest.raises(ValueError, match=says):
        call()
