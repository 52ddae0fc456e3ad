"""Stimuli: the mean over each step, whatever a user brings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastnn import neuro
from fastnn.neuro.stimuli import currents


def test_by_hand():
    # 10 from 0.25 to 0.6 ms in steps of 0.2 ms: the second step holds 0.15 of it
    means = neuro.step(10, start_ms=0.25, stop_ms=0.6).means(5, 0.2)
    np.testing.assert_allclose(means, [0, 7.5, 10, 0, 0], rtol=1e-12)


@given(dt=st.floats(0.003, 0.7), start=st.floats(0, 20), width=st.floats(0.001, 15))
def test_a_pulse_delivers_its_charge_for_any_dt(dt, start, width):
    n = int(40 / dt)
    total = neuro.pulse(3.0, start, width).means(n, dt).sum() * dt
    assert total == pytest.approx(3.0 * width, rel=1e-6, abs=1e-7)


def test_trains_of_pulses_end_after_count():
    stimulus = neuro.pulse(1.0, start_ms=1, width_ms=2, period_ms=10, count=3)
    assert stimulus.means(1000, 0.1).sum() * 0.1 == pytest.approx(6.0)


def test_sums_factors_and_differences():
    a, b = neuro.step(2.0, 1, 3), neuro.ramp(0.5, 0, 4, top=1.0)
    both = (3 * a - b).means(40, 0.1)
    np.testing.assert_allclose(both, 3 * a.means(40, 0.1) - b.means(40, 0.1))


def test_noise_has_its_deviation_and_its_memory_and_is_the_seeds():
    noise = neuro.noise(2.0, tau_ms=5.0, mean=1.0, seed=3)
    x = noise.means(400_000, 0.5)
    assert np.array_equal(x, noise.means(400_000, 0.5))
    assert x.mean() == pytest.approx(1.0, abs=0.05)
    assert x.std() == pytest.approx(2.0, rel=0.02)
    lag = np.corrcoef(x[:-10], x[10:])[0, 1]  # 5 ms later
    assert lag == pytest.approx(np.exp(-1), abs=0.02)


def test_numbers_arrays_functions_and_one_stimulus_for_each_unit():
    np.testing.assert_array_equal(currents("run", 2.0, 3, 0.1, 2), np.full((3, 2), 2.0))
    np.testing.assert_allclose(
        currents("run", lambda t: t, 3, 0.1)[:, 0], [0.05, 0.15, 0.25]
    )
    rows = np.arange(6.0).reshape(3, 2)
    np.testing.assert_array_equal(currents("run", rows, 3, 0.1, 2), rows)
    each = currents("run", [neuro.step(1.0), lambda t: 5.0], 2, 0.1, 2)
    np.testing.assert_array_equal(each, [[1, 5], [1, 5]])


@pytest.mark.parametrize(
    "bad, words",
    [
        ([1.0, 2.0], "2 values, but the run has 4 steps"),
        (lambda t: float("nan"), "expected a finite number"),
        (np.full(4, np.inf), "NaN or infinities"),
        (np.ones((4, 3)), r"expected \(4,\) or \(4, 2\)"),
        ("loud", "stimulus"),
        ([neuro.step(1)] * 3, "a list of 3, for 2 unit"),
    ],
)
def test_bad_stimuli_are_explained(bad, words):
    with pytest.raises((TypeError, ValueError), match=words):
        currents("run", bad, 4, 0.1, 2)
    with pytest.raises(ValueError, match="before start_ms"):
        neuro.step(1, start_ms=5, stop_ms=4)
