"""Circuits: closed forms, an independent solver, and the actions of six wirings."""

import math

import numpy as np
import pytest

import fastnn as fn
from fastnn import neuro

Circuit = neuro.Circuit


def rate_of(current, C=200.0, g=10.0, E=-65.0, V_th=-50.0, V_reset=-65.0, t_ref=2.0):
    """The closed form of a cell without adaptation, in Hz."""
    top = E + current / g
    return 1000.0 / (t_ref + C / g * math.log((top - V_reset) / (top - V_th)))


# --- Closed forms ---------------------------------------------------------------------


def test_an_interval_by_hand():
    # 300 pA: V goes to -35, so -50 is reached after 20 ms ln(30 / 15) = 13.86 ms
    times = Circuit(1, b=0.0).run(60, stimulus=300.0).spike_times[0]
    exact = 20 * math.log(2) + np.arange(3) * (2 + 20 * math.log(2))
    np.testing.assert_allclose(times[:3], exact, atol=0.15)
    assert (times[:3] >= exact).all()  # found at the end of a step, at most 3 of them


@pytest.mark.parametrize("current", [160.0, 200.0, 300.0, 800.0])
def test_rate_without_adaptation(current):
    dt = 0.01
    sim = Circuit(1, b=0.0).run(3000, dt_ms=dt, stimulus=current)
    intervals = np.diff(sim.spike_times[0])
    exact = 1000.0 / rate_of(current)
    assert len(intervals) > 10
    # the spike is found at the end of its step: between 0 and dt too late
    assert ((intervals > exact - 1e-9) & (intervals < exact + dt + 1e-9)).all()


def test_below_rheobase_is_silent():
    # (V_th - E_L) g_L = 150 pA, exclusive
    assert Circuit(1, b=0.0).run(2000, stimulus=150.0).counts[0] == 0
    assert Circuit(1, b=0.0).run(2000, stimulus=150.5).counts[0] > 0


def test_adaptation_slows_down_and_takes_the_mean_current_that_it_should():
    sim = Circuit(1).run(3000, stimulus=300.0)
    intervals = np.diff(sim.spike_times[0])
    assert intervals[0] < 0.6 * intervals[-1]
    # in the steady state w before a spike is b q / (1 - q), q = exp(-interval / tau_w)
    q = math.exp(-intervals[-1] / 200.0)
    k = round(sim.spike_times[0][-1] / 0.05)
    assert sim["w"][k - 1, 0] == pytest.approx(15 * q / (1 - q), rel=0.01)


def test_a_spike_arrives_after_its_delay_and_decays_with_its_time_constant():
    weights = [[0, 4.0, -3.0], [0, 0, 0], [0, 0, 0]]
    delay = [[1, 2.5, 0.5]] * 3
    kick = [neuro.pulse(600, 0, width_ms=12), neuro.step(0.0), neuro.step(0.0)]
    sim = Circuit(["a", "b", "c"], weights, delay=delay).run(60, stimulus=kick)
    (spike,) = sim.spike_times[0]
    t = sim.t
    g_e = np.where(t > spike + 2.5 - 1e-9, 4 * np.exp(-(t - spike - 2.5) / 5), 0)
    g_i = np.where(t > spike + 0.5 - 1e-9, 3 * np.exp(-(t - spike - 0.5) / 10), 0)
    np.testing.assert_allclose(sim["g_e"][:, 1], g_e, atol=1e-12)
    np.testing.assert_allclose(sim["g_i"][:, 2], g_i, atol=1e-12)
    assert not sim["g_i"][:, :2].any() and not sim["g_e"][:, [0, 2]].any()


# --- Convergence ----------------------------------------------------------------------


def epsp_by_runge_kutta(T, dt, w_e, w_i, at):
    """V of a cell that gets both conductances at the time `at`: another solver."""

    def slope(t, V):
        e = w_e * math.exp(-(t - at) / 5) if t >= at else 0.0
        i = w_i * math.exp(-(t - at) / 10) if t >= at else 0.0
        return (-10 * (V + 65) - e * V - i * (V + 80)) / 200

    V, trace = -60.0, []
    for k in range(round(T / dt)):
        trace.append(V)
        t = k * dt + 1e-12  # on a step's edge, be behind it
        a = slope(t, V)
        b = slope(t + dt / 2, V + dt / 2 * a)
        c = slope(t + dt / 2, V + dt / 2 * b)
        V += dt / 6 * (a + 2 * b + 2 * c + slope(t + dt - 2e-12, V + dt * c))
    return np.array(trace)


def test_between_spikes_the_error_falls_as_dt_squared():
    # The first two cells are over threshold at once; a delay of 2 ms brings both here.
    weights = np.zeros((3, 3))
    weights[0, 2], weights[1, 2] = 6.0, -9.0
    errors = []
    steps = [0.4, 0.2, 0.1, 0.05]
    exact = epsp_by_runge_kutta(40, 0.0125, 6.0, 9.0, 2.0)
    for dt in steps:
        circuit = Circuit(3, weights, delay=2.0 - dt, V_0=[-49.0, -49.0, -60.0])
        sim = circuit.run(40, dt_ms=dt)
        assert sim.counts.tolist() == [1, 1, 0]
        errors.append(np.abs(sim.V[:, 2] - exact[:: round(dt / 0.0125)]).max())
    assert errors[-1] < 1e-3
    order = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert order == pytest.approx(2.0, abs=0.1)


def by_euler(circuit, stimulus, T, dt, b):
    """Spike times of each cell, by the plainest of schemes, equation by equation."""
    n, weights = circuit.n, circuit.weights.tolist()
    V, w = np.broadcast_to(circuit.V_0, n).tolist(), [0.0] * n
    g_e, g_i, rest, trains = [0.0] * n, [0.0] * n, [0] * n, [[] for _ in range(n)]
    under_way = []  # (step, cell): spikes that arrive 1 ms later
    for k in range(round(T / dt)):
        while under_way and under_way[0][0] == k:
            _, j = under_way.pop(0)
            for i, weight in enumerate(weights[j]):
                g_e[i] += max(weight, 0.0)
                g_i[i] += max(-weight, 0.0)
        for i in range(n):
            into = stimulus(i, k * dt) - g_e[i] * V[i] - g_i[i] * (V[i] + 80) - w[i]
            if rest[i] == 0:
                V[i] += dt / 200 * (into - 10 * (V[i] + 65))
            rest[i] = max(rest[i] - 1, 0)
            w[i] -= dt / 200 * w[i]
            g_e[i] -= dt / 5 * g_e[i]
            g_i[i] -= dt / 10 * g_i[i]
            if V[i] >= -50:
                V[i], w[i], rest[i] = -65.0, w[i] + b, round(2 / dt)
                trains[i].append((k + 1) * dt)
                under_way.append((k + 1 + round(1 / dt), i))
    return trains


def kick(i, t):
    return 600.0 * (i == 0 and t < 12)


@pytest.mark.parametrize(
    "name, options, stimulus, T, dt",
    [
        ("half_centre", {}, lambda i, t: 300.0, 1000, 0.01),
        ("winner", {}, lambda i, t: 300.0 + 30 * i, 500, 0.01),
        ("chain", {"weight": 60.0}, kick, 60, 0.0025),
        ("memory", {"b": 0.0}, kick, 200, 0.0025),
        ("memory", {"b": 15.0}, kick, 150, 0.0025),
    ],
)
def test_wirings_fire_the_spikes_of_another_solver(name, options, stimulus, T, dt):
    circuit = Circuit.wiring(name, **options)
    sim = circuit.run(T, dt_ms=dt)
    expected = by_euler(circuit, stimulus, T, dt, b=options.get("b", 15.0))
    assert sim.counts.tolist() == [len(times) for times in expected]
    assert sim.counts.sum() > 20
    # Euler errs by dt / tau: 0.05 % of 20 ms at 0.01, and of 5 ms at 0.0025, to
    # which the step adds at whose end a spike is found
    for times, theirs in zip(sim.spike_times, expected, strict=True):
        np.testing.assert_allclose(times, theirs, rtol=1e-3, atol=dt)


# --- Same cells, different wiring -----------------------------------------------------


def test_without_wiring_two_cells_fire_alike_and_on_their_own():
    counts = Circuit.wiring("none").run().counts
    assert counts[0] == counts[1] > 50
    alone = Circuit(1).run(2000, stimulus=300.0).counts[0]
    assert counts[0] == alone


def test_a_half_centre_fires_in_turns():
    sim = Circuit.wiring("half_centre").run()
    first, second = sim.counts
    assert abs(first - second) <= 0.1 * max(first, second)  # nearly equal
    assert sim.correlation(bin_ms=25)[0, 1] < -0.5
    order = sim.spikes[1]
    switches = (np.diff(order) != 0).sum()
    assert 4 <= switches < 0.5 * len(order)  # bursts: several spikes in a turn


@pytest.mark.parametrize("how", [{"b": 0.0}, {"weight": 40.0}])
def test_without_adaptation_or_with_more_inhibition_it_is_a_switch(how):
    counts = Circuit.wiring("half_centre", **how).run().counts
    assert counts.min() == 0 and counts.max() > 50


def test_the_switch_is_bistable():
    # who begins ahead, stays ahead
    for V_0, winner in [([-65, -62], 1), ([-62, -65], 0)]:
        counts = Circuit.wiring("switch", V_0=V_0).run().counts
        assert counts[winner] > 100 and counts[1 - winner] == 0


def test_where_the_half_centre_appears_and_where_it_ends():
    correlations, fewest = [], []
    weights = [0, 2, 10, 20, 40]
    for weight in weights:
        sim = Circuit.wiring("half_centre", weight).run()
        correlations.append(np.nan_to_num(sim.correlation()[0, 1]))
        fewest.append(sim.counts.min())
    assert correlations[0] > 0 and correlations[1] > 0  # no turns yet
    assert correlations[2] < -0.3 and correlations[3] < -0.5
    assert min(fewest[:4]) > 30 and fewest[4] == 0


@pytest.mark.parametrize("weight", [5.0, 10.0, 15.0])
def test_a_weak_chain_dies_at_the_first_synapse(weight):
    counts = Circuit.wiring("chain", weight).run().counts
    assert counts.tolist() == [1] + [0] * 7


@pytest.mark.parametrize("weight", [20.0, 25.0, 30.0])
def test_a_chain_hands_on_one_spike_at_a_constant_pace(weight):
    sim = Circuit.wiring("chain", weight).run()
    assert sim.counts.tolist() == [1] * 8
    hops = np.diff([times[0] for times in sim.spike_times])
    assert (hops > 3).all() and (hops < 6).all()
    assert np.ptp(hops) < 0.05 + 1e-9  # one step of the grid


def test_a_strong_chain_multiplies():
    counts = Circuit.wiring("chain", 60.0).run().counts
    assert counts[0] == 1 and (np.diff(counts) > 0).all()


def test_the_weight_at_which_a_chain_changes_its_action():
    weights = [10, 15, 20, 25, 30, 60]
    last = Circuit.sweep("chain", weights)[:, -1]
    assert last[:2].tolist() == [0, 0]
    assert last[2:5].tolist() == [1, 1, 1]
    assert last[5] > 1


def test_a_chain_has_the_latency_of_a_single_synapse():
    # the hop is the delay and the rise to threshold on 25 nS, by another solver
    V, t, dt = -65.0, 0.0, 0.0005  # Euler, with steps so short that it will do
    while V < -50:
        V += dt * (-10 * (V + 65) - 25 * math.exp(-t / 5) * V) / 200
        t += dt
    sim = Circuit.wiring("chain", 25.0).run(dt_ms=0.01)
    hops = np.diff([times[0] for times in sim.spike_times])
    np.testing.assert_allclose(hops, 1 + t, atol=0.02)


def test_the_winner_takes_all_and_without_wiring_all_fire():
    with_, without = Circuit.sweep("winner", [20, 0])
    assert with_[2] > 30 and with_[:2].tolist() == [0, 0]
    assert (without > 20).all() and (np.diff(without) > 0).all()


def test_mutual_excitation_remembers_a_pulse():
    sim = Circuit.wiring("memory").run()
    assert all(times[-1] > 980 for times in sim.spike_times)  # 12 ms of cause
    forgets = Circuit.wiring("memory", b=15.0).run()
    assert 12 < forgets.spikes[0][-1] < 12 + 150
    assert Circuit.wiring("memory", 10.0).run().counts.tolist() == [1, 0]


# --- The door -------------------------------------------------------------------------


@pytest.mark.parametrize("name", Circuit.WIRINGS)
def test_equal_on_both_paths(name):
    sims = []
    for path in ("kernels", "reference"):
        with fn.use(path):
            sims.append(Circuit.wiring(name).run(50))
    for trace in sims[0].names:
        # the contract; 50 ms hold spikes of all wirings
        np.testing.assert_allclose(sims[0][trace], sims[1][trace], rtol=0, atol=1e-9)
    np.testing.assert_array_equal(sims[0].spikes, sims[1].spikes)
    assert len(sims[0].spikes[0]) > 0


def test_one_number_for_each_cell_and_a_matrix_of_its_own():
    weights = np.zeros((2, 2))
    circuit = Circuit(2, weights)
    weights[0, 1] = 50.0  # of the caller
    counts = circuit.run(200, stimulus=[0.0, 300.0]).counts
    assert counts[0] == 0 and counts[1] > 5
    circuit.weights[1, 0] = 50.0
    assert circuit.run(200, stimulus=[0.0, 300.0]).counts[0] > 0


def test_currents_account_for_the_slope_of_the_potential():
    # C_m dV/dt = I - I_L - I_e - I_i - w, between spikes, to the square of dt
    weights, drive = [[0, 2.0, -6.0], [0, 0, 0], [0, 0, 0]], [400.0, 100.0, 100.0]
    sim = Circuit(3, weights).run(100, 0.01, drive)
    assert len(sim.spike_times[0]) > 3 and not sim.counts[1:].any()
    V = sim.V[:, 1:]
    out = sum(sim[name][:, 1:] for name in ("I_L", "I_e", "I_i", "w"))
    slope = (V[2:] - V[:-2]) / 0.02
    smooth = np.abs(np.diff(out, 2, axis=0)) < 0.1  # where nothing arrives
    error = np.where(smooth, 200 * slope - (100.0 - out[1:-1]), 0.0)
    assert np.abs(error).max() < 0.1 and smooth.mean() > 0.95
    assert np.ptp(sim["I_e"][:, 1]) > 100 and np.ptp(sim["I_i"][:, 2]) > 20


def test_what_a_run_holds():
    sim = Circuit.wiring("chain").run()
    assert sim.names == ["t", "V", "w", "g_e", "g_i", "I_L", "I_e", "I_i"]
    assert sim.V[0].tolist() == [-65.0] * 8
    assert sim.synaptic_events == 7 and sim.events_per_s == pytest.approx(70.0)
    assert sim.n_units == 8 and len(sim.spike_times) == 8
    assert sim.to_dict()["spike_times"][7] == sim.spike_times[7].tolist()
    assert "8 cells, 8 spikes" in repr(sim)


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: Circuit(2, [[0, 1]]), r"weights has shape \(1, 2\), for 2 cell"),
        (lambda: Circuit(2, [[0, np.nan], [0, 0]]), "weights has NaN"),
        (lambda: Circuit(0), "cells is 0"),
        (lambda: Circuit(2, delay=-1.0), "cannot arrive before"),
        (lambda: Circuit(2, V_0=[-65.0] * 3), "V_0 has 3 values, for 2 cells"),
        (lambda: Circuit(2, E_L=-0.065, V_th=600), "another unit"),
        (lambda: Circuit(2, V_reset=-40.0), "not below its V_th"),
        (lambda: Circuit(2, C=200.0), "did you mean"),
        (lambda: Circuit.wiring("half_center"), "'half_centre'"),
        (lambda: Circuit.wiring("chain", -5.0), "weight is -5.0"),
        (lambda: Circuit(2).run(10, dt_ms=3.0), "at most 2.5 ms"),
        (lambda: Circuit(2).run(10, stimulus=[1.0, 2.0, 3.0]), "3 values"),
        (lambda: Circuit(2).run(10, stimulus=[1.0, "loud"]), "'loud'"),
        (lambda: Circuit(2).run(float("nan")), "T_ms"),
    ],
)
def test_bad_input_is_explained(make, words):
    with pytest.raises((TypeError, ValueError), match=words):
        make()


def test_a_delay_off_the_grid_is_warned_of():
    with pytest.warns(RuntimeWarning, match="delay of 1 ms is 33.33 steps") as got:
        Circuit.wiring("none", t_ref=0.3).run(3, dt_ms=0.03)
    assert got[0].filename == __file__
