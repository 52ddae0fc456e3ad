"""The leaky integrate-and-fire neuron against its closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fastnn as fn
from fastnn import neuro

CELL = neuro.LIF()


def test_rate_by_hand():
    assert CELL.rheobase == pytest.approx(0.15)
    assert CELL.rate_hz(0.15) == 0  # exclusive
    assert CELL.rate_hz(0.16) == pytest.approx(17.41, rel=1e-3)
    period = 2 + 20 * np.log(20 / 5)  # V_inf = -45: from 20 to 5 mV below it
    assert CELL.rate_hz(0.2) == pytest.approx(1000 / period)
    np.testing.assert_allclose(CELL.rate_hz([0.1, 0.2]), [0, 1000 / period])


@given(current=st.floats(0.151, 5.0), dt=st.floats(0.01, 5.0))
def test_spike_times_are_exact_for_any_step(current, dt):
    sim = CELL.run(300, dt, current, progress=False)
    interval = 1000 / CELL.rate_hz(current)
    # the first begins at E_L = V_reset, without the pause
    exact = interval - 2 + interval * np.arange(len(sim.spike_times))
    np.testing.assert_allclose(sim.spike_times, exact, rtol=0, atol=1e-9)
    T = len(sim.t) * dt
    assert len(sim.spike_times) == pytest.approx((T + 2) / interval, abs=1)


@pytest.mark.parametrize("interpolate", [True, False])
def test_it_is_silent_at_the_rheobase_itself(interpolate):
    # 5 s are 250 tau_m: V comes as near to V_th as a float can
    sim = CELL.run(5000, stimulus=0.15, interpolate=interpolate)
    assert len(sim.spike_times) == 0 and sim.V[-1] > -50 - 1e-9
    sim = CELL.run(5000, stimulus=0.16, interpolate=interpolate)
    assert 1000 / np.diff(sim.spike_times).mean() == pytest.approx(17.41, rel=0.01)


def test_on_the_grid_the_rate_is_off_by_dt():
    rate = CELL.rate_hz(0.2)
    for dt in (0.5, 0.4, 0.2, 0.1, 0.05):
        times = CELL.run(2000, dt, 0.2, interpolate=False).spike_times
        np.testing.assert_allclose(times / dt, np.rint(times / dt), atol=1e-6)
        # each interval is late by at most a step
        assert abs(1000 / np.diff(times).mean() - rate) < dt * rate**2 / 1000


def test_a_grid_that_changes_the_pause_is_warned_of():
    with pytest.warns(RuntimeWarning, match=r"t_ref of 2 ms is 2\.5 steps") as said:
        CELL.run(100, 0.8, 0.2, interpolate=False)
    assert said[0].filename == __file__


def test_v_is_exact_between_spikes_under_a_step():
    sim = CELL.run(60, 0.5, neuro.step(0.1, 10, 30))
    t = sim.t
    up = -65 + 10 * (1 - np.exp(-np.clip(t - 10, 0, 20) / 20))
    exact = -65 + (up + 65) * np.exp(-np.maximum(t - 30, 0) / 20)
    np.testing.assert_allclose(sim.V, exact, atol=1e-11)


def test_its_leak_has_a_name():
    # tau_m dV/dt = R_m (I - I_L): at V = -65 + R_m I there is nothing left
    sim = CELL.run(500, stimulus=0.1)
    np.testing.assert_allclose(sim["I_L"], (sim.V + 65) / 100, rtol=1e-12)
    assert sim["I_L"][-1] == pytest.approx(0.1, rel=1e-9)


def test_v_does_not_move_while_refractory():
    sim = neuro.LIF(t_ref=5.0).run(100, 0.1, 0.3)
    for spike in sim.spike_times:
        paused = (sim.t > spike) & (sim.t < spike + 5)
        np.testing.assert_array_equal(sim.V[paused], -65.0)


def test_units_with_parameters_of_their_own():
    cells = neuro.LIF(tau_m=np.array([10.0, 20.0]))
    sim = cells.run(500, stimulus=[neuro.step(0.2), neuro.step(0.3)])
    assert sim.V.shape == (5000, 2)
    for u, (tau, current) in enumerate([(10.0, 0.2), (20.0, 0.3)]):
        alone = neuro.LIF(tau_m=tau).run(500, stimulus=current)
        np.testing.assert_array_equal(sim.spike_times[u], alone.spike_times)
        np.testing.assert_array_equal(sim.V[:, u], alone.V)


def test_a_run_goes_on_where_another_ended():
    whole, first = CELL.run(100, stimulus=0.3), CELL.run(40, stimulus=0.3)
    second = CELL.run(60, stimulus=0.3, start=first.final)
    both = np.concatenate([first.spike_times, 40 + second.spike_times])
    np.testing.assert_allclose(whole.spike_times, both, atol=1e-9)


@pytest.mark.parametrize("interpolate", [True, False])
def test_kernel_and_twin_give_the_same_run(interpolate):
    stimulus = neuro.noise(0.2, mean=0.25, seed=1)
    fast = CELL.run(200, stimulus=stimulus, interpolate=interpolate)
    with fn.use("reference"):
        plain = CELL.run(200, stimulus=stimulus, interpolate=interpolate)
    assert len(fast.spike_times) > 5
    np.testing.assert_allclose(fast.V, plain.V, atol=1e-9)
    np.testing.assert_allclose(fast.spike_times, plain.spike_times, atol=1e-9)


def test_many_spikes_have_room():
    quick = neuro.LIF(t_ref=0.0, tau_m=1.0)
    times = quick.run(100, 1.0, 5.0).spike_times
    assert len(times) == int(100 / np.log(500 / 485))


def test_with_the_leak_above_threshold_it_fires_by_itself():
    pacemaker = neuro.LIF(E_L=-45.0)
    assert pacemaker.rate_hz(0.0) == pytest.approx(1000 / (2 + 20 * np.log(20 / 5)))
    times = pacemaker.run(500).spike_times
    np.testing.assert_allclose(1000 / np.diff(times), pacemaker.rate_hz(0.0))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: neuro.LIF(V_reset=-40), "V_reset is -40.0 and V_th is -50.0"),
        (lambda: neuro.LIF(tau_m=-20), "tau_m .* ms"),
        (lambda: neuro.LIF(V_th=0.05e5), "another unit"),
        (lambda: CELL.run(10, start=-40.0), "must lie below V_th"),
        (lambda: CELL.run(10, start={"w": 1}), "start has 'w'"),
        (lambda: CELL.run(10, interpolate="yes"), "True or False"),
        (lambda: CELL.run(10, stimulus=[neuro.step(1)], units=2), "for 2 unit"),
        (lambda: CELL.run(10, stimulus=np.inf), "stimulus"),
    ],
)
def test_what_cannot_be_is_refused_in_words(call, says):
    with pytest.raises((ValueError, TypeError), match=says):
        call()
