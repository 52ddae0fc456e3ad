"""A neuron that does AND and OR by EPSPs, beside a step-by-step integration."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastnn import neuro
from fastnn.neuro import CoincidenceDetector
from fastnn.neuro.bridge import events


def test_by_hand():
    # 15 mV to the threshold, EPSPs of 10 mV that decay with 20 ms: the first has
    # 5 mV left after 20 ln 2 = 13.86 ms, when synapses are infinitely fast
    window = CoincidenceDetector(w=10, tau_s=1e-7).window_ms()
    assert window == pytest.approx(20 * math.log(2), rel=1e-6)
    # slower ones widen it a little, but it stays within about tau_m
    assert 13.8 < CoincidenceDetector(w=10).window_ms() < 20


def test_and_or_and_majority():
    assert CoincidenceDetector(w=10).truth_table() == [0, 0, 0, 1]
    assert CoincidenceDetector(w=16).truth_table() == [0, 1, 1, 1]
    assert CoincidenceDetector(w=7).truth_table() == [0, 0, 0, 0]
    three = CoincidenceDetector(w=[8, 8, 8])
    assert three.truth_table() == neuro.McCullochPitts.gate("majority", 3).truth_table()
    for w in (7, 10, 16, [16, 3], [12, 4], [4, 5, 6, 7]):
        neuron = CoincidenceDetector(w=w)
        assert neuron.as_unit().truth_table() == neuron.truth_table()


def test_and_needs_both_within_about_tau():
    neuron = CoincidenceDetector(w=10)
    spikes = {
        lag: len(neuron.run(120, input_times=[10, 10 + lag]).spike_times)
        for lag in (0, 5, 15, 15.2, 20, 60)
    }
    assert spikes == {0: 1, 5: 1, 15: 1, 15.2: 0, 20: 0, 60: 0}
    assert neuron.window_ms() == pytest.approx(15.1, abs=0.01)
    assert CoincidenceDetector(w=16).window_ms() == np.inf  # OR: each by itself
    assert CoincidenceDetector(w=7).window_ms() == 0
    for tau in (5, 10, 40):  # it is proportional to tau_m when tau_s is small
        scaled = CoincidenceDetector(w=10, tau_m=tau, tau_s=tau / 20)
        assert scaled.window_ms() == pytest.approx(neuron.window_ms() * tau / 20)


@pytest.mark.skipif(
    not hasattr(neuro, "HodgkinHuxley"), reason="HodgkinHuxley is not in the room"
)
def test_hodgkin_and_huxleys_neuron_does_and_and_or():
    neuron = neuro.HodgkinHuxley()

    def spikes(amplitude, *starts):
        pulses = [neuro.pulse(amplitude, start_ms=s, width_ms=1) for s in starts]
        return len(neuron.run(T_ms=60, stimulus=sum(pulses, 0)).spike_times)

    # a pulse of 1 ms fires it from 6.9 uA/cm2 on
    assert [spikes(4.0, 10), spikes(4.0, 10, 10)] == [0, 1]  # AND,
    assert [spikes(4.0, 10, 10 + lag) for lag in (0.5, 5, 20)] == [1, 0, 0]  # in time
    assert [spikes(8.0, 10), spikes(8.0, 10, 10)] == [1, 1]  # OR


def test_an_epsp_is_the_difference_of_exponentials_with_peak_w():
    neuron = CoincidenceDetector(w=[3, 0], tau_s=4.0)
    sim = neuron.run(100, dt_ms=0.01, input_times=[20, ()])
    t = np.maximum(sim.t - 20, 0)
    shape = np.exp(-t / 20) - np.exp(-t / 4)
    np.testing.assert_allclose(sim.V + 65, 3 * shape / shape.max(), atol=1e-5)
    assert sim.V[0] == -65 and len(sim.spike_times) == 0
    assert neuron.peak([0, np.nan]) == pytest.approx(3, rel=1e-12)
    # x decays by itself, from where the input put it
    x = sim["x"][sim.t > 20]
    np.testing.assert_allclose(x[1:] / x[:-1], math.exp(-0.01 / 4), rtol=1e-9)


@settings(max_examples=40, deadline=None)
@given(
    times=st.lists(st.floats(0, 60), min_size=1, max_size=4),
    w=st.floats(1, 12),
    tau_s=st.sampled_from([0.5, 3.0, 35.0]),
)
def test_the_peak_is_that_of_the_trace(times, w, tau_s):
    neuron = CoincidenceDetector(w=[w] * len(times), tau_s=tau_s, V_th=400.0)
    sim = neuron.run(250, dt_ms=0.02, input_times=times)
    # the samples miss the top by V'' dt^2 / 8
    expected = (sim.V + 65).max()
    assert neuron.peak(times) == pytest.approx(expected, rel=1e-3)
    assert neuron.peak(times) >= expected * (1 - 1e-12)


def euler(neuron, arrivals, T_ms, dt=0.0005):
    """Spike times by the plainest of schemes; arrivals: (time, mV) in order."""
    V, x, rest, spikes = -65.0, 0.0, 0, []
    k = neuron._jump
    arrivals = [(round(t / dt), k * w) for t, w in arrivals]
    for i in range(round(T_ms / dt)):
        x += sum(jump for at, jump in arrivals if at == i)
        if rest > 0:
            rest -= 1
        else:
            V += dt / neuron.tau_m * (-65 - V + x)
        x -= dt / neuron.tau_s * x
        if neuron.V_th <= V:
            spikes.append((i + 1) * dt)
            V, rest = neuron.V_reset, round(neuron.t_ref / dt)
    return spikes


def test_spikes_are_those_of_a_step_by_step_integration():
    neuron = CoincidenceDetector(w=[40, 25], tau_s=8.0)
    sim = neuron.run(80, input_times=[[5, 30, 31], [20, 33]])
    arrivals = [(5, 40), (20, 25), (30, 40), (31, 40), (33, 25)]
    expected = euler(neuron, arrivals, 80)
    assert len(expected) > 4
    # Euler's error is of first order: dt / tau_s = 6e-5 of some ms in each interval
    np.testing.assert_allclose(sim.spike_times, expected, atol=0.01)


def test_a_steady_drive_gives_the_closed_form():
    cell = events.Cell(tau_m=20, tau_x=5, theta=15, reset=0, t_ref=2)
    spikes, _ = events.solve(cell, [events.Event(0, drive=16)], 1000.0)
    interval = 2 + 20 * math.log(16)
    expected = interval - 2 + interval * np.arange(len(spikes))
    np.testing.assert_allclose(spikes, expected, rtol=1e-12)
    assert len(spikes) == 17


def test_the_response_map_and_a_perceptron_that_learns_it():
    neuron = CoincidenceDetector()
    w = np.arange(0.25, 20, 0.5)
    answer = neuron.response_map(w, w)
    np.testing.assert_array_equal(answer, w + w[:, None] >= 15)
    points = np.stack(np.meshgrid(w, w), axis=-1).reshape(-1, 2)
    model = neuro.Perceptron(epochs=20_000).fit(points, answer.ravel())
    assert model.converged_ and model.score(points, answer.ravel()) == 1
    # its line lies within the gap of the grid: w1 + w2 = 14.5 ... 15
    x1 = np.array([2.0, 12.0])
    total = x1 + model.line(x1)
    assert np.all((total > 14.2) & (total < 15.3))
    # the later input counts in full, the earlier less: the boundary turns
    late = neuron.response_map(w, w, lag_ms=10.0)
    assert late.sum() < answer.sum() and not np.array_equal(late, late.T)
    assert np.array_equal(late, neuron.response_map(w, w, 10.0))


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: CoincidenceDetector(V_th=-50, E_L=-40), "not below V_th"),
        (lambda: CoincidenceDetector(tau_s=20), "as long as tau_m"),
        (lambda: CoincidenceDetector(weight=3), "there is no parameter weight"),
        (lambda: CoincidenceDetector(tau_m=-1), "in ms: membrane time constant"),
        (lambda: CoincidenceDetector().run(10, input_times=[1]), "1 entries, but"),
        (lambda: CoincidenceDetector().run(10, input_times=[1, -1]), "from 0 on"),
        (lambda: CoincidenceDetector().run(-1), "T_ms is -1"),
        (lambda: CoincidenceDetector().peak([1, 2, 3]), r"expected \(..., 2\)"),
        (lambda: CoincidenceDetector(w=[1, 2, 3]).window_ms(), "expected 2"),
        (lambda: CoincidenceDetector(w=np.ones(13)).truth_table(), "at most 12"),
        (lambda: CoincidenceDetector().response_map([1], [1], -1), "lag_ms is -1"),
    ],
)
def test_bad_input_is_explained(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()
