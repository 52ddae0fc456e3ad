"""Spikes that travel: the squid's axon, thin axons, and where a spike begins."""

import functools

import numpy as np
import pytest

from fastnn import neuro
from fastnn.neuro import BallAndStick, Section, SquidAxon, Tree, UnmyelinatedAxon

DT = 0.005  # the second order leaves 0.02 %


def speed(axon, T_ms=5.0):
    return neuro.velocity(axon.run(T_ms, DT))


@functools.cache
def squid():
    return speed(SquidAxon())


def test_the_squids_axon_is_as_fast_as_hodgkin_and_huxley_computed():
    speeds = [speed(SquidAxon(dx_um=dx)) for dx in (1000, 500, 250)]
    # the error falls as dx^2: what is left at dx = 0, by Richardson's extrapolation
    ratio = (speeds[0] - speeds[1]) / (speeds[1] - speeds[2])
    assert ratio == pytest.approx(4, rel=0.15)
    limit = speeds[2] + (speeds[2] - speeds[1]) / 3
    assert limit == pytest.approx(18.7, rel=0.005)
    assert pytest.approx(limit, rel=0.002) == squid()


def test_the_spike_is_smaller_and_slower_as_temperature_says():
    warm, cold = SquidAxon().run(5, DT), SquidAxon(temperature_c=6.3).run(8, DT)
    assert neuro.velocity(cold) == pytest.approx(12.3, rel=0.005)
    middle = warm.V.shape[1] // 2
    assert warm.V[:, middle].max() == pytest.approx(26, abs=1)
    assert cold.V[:, middle].max() > 30


def test_speed_goes_with_the_root_of_the_resistivity():
    # dx goes with it too, so the grid is the same one
    for R_i in (17.7, 141.6):
        axon = SquidAxon(R_i=R_i, length_um=60_000 * (35.4 / R_i) ** 0.5)
        assert speed(axon) / squid() == pytest.approx((35.4 / R_i) ** 0.5, rel=1e-3)


def test_speed_falls_faster_than_the_root_of_the_capacity():
    slopes = [
        np.log(speed(SquidAxon(C_m=C)) / squid()) / np.log(C) for C in (0.8, 1.25)
    ]
    np.testing.assert_allclose(slopes, -0.73, atol=0.03)


def test_speed_without_myelin_goes_with_the_root_of_the_diameter():
    thin = speed(UnmyelinatedAxon())
    assert thin == pytest.approx(0.86, rel=0.01)
    for d in (0.25, 4.0):
        axon = UnmyelinatedAxon(diameter_um=d, length_um=3000 * d**0.5)
        assert speed(axon) / thin == pytest.approx(d**0.5, rel=1e-3)
    assert thin / squid() == pytest.approx((1 / 476) ** 0.5, rel=2e-3)


def test_a_grid_that_is_not_scaled_measures_itself():
    with pytest.warns(RuntimeWarning, match="how a spike travels is then the grid's"):
        coarse = UnmyelinatedAxon(dx_um=200)
    assert speed(coarse) < 0.95 * 0.858


def test_two_spikes_that_meet_are_gone():
    axon = SquidAxon()
    start = axon.pulse()
    sim = axon.run(6, DT, {("axon", 0.0): start, ("axon", 1.0): start})
    # each place fires once: none comes out at the other side
    assert all(len(times) == 1 for times in sim.spike_times)
    assert sim.V[-1].max() < -50


def test_a_patch_is_a_tree_of_one_compartment():
    # Runge and Kutta's steps of the equations as Hodgkin and Huxley wrote them
    def slopes(y, current):
        V, m, h, n = y
        a = [
            0.1 * (V + 40) / (1 - np.exp(-(V + 40) / 10)),
            0.07 * np.exp(-(V + 65) / 20),
            0.01 * (V + 55) / (1 - np.exp(-(V + 55) / 10)),
        ]
        b = [
            4 * np.exp(-(V + 65) / 18),
            1 / (1 + np.exp(-(V + 35) / 10)),
            0.125 * np.exp(-(V + 65) / 80),
        ]
        ionic = 120 * m**3 * h * (V - 50) + 36 * n**4 * (V + 77) + 0.3 * (V + 54.387)
        gates = [x * (1 - g) - z * g for x, z, g in zip(a, b, (m, h, n), strict=True)]
        return np.array([current - ionic, *gates])

    cell = Tree([Section("ball", 20, 20, channels="hh", n_compartments=1)])
    area_cm2 = np.pi * 20 * 20 * 1e-8
    current = 10 * area_cm2 * 1e3  # 10 uA/cm2, in nA
    errors = []
    V = cell.rest()[0]
    y = np.array([V, *cell.run(0.025).final["gates"][:, 0]])
    exact, dt = [], 0.0025
    for _ in range(round(20 / dt)):
        exact.append(y[0])
        k1 = slopes(y, 10)
        k2 = slopes(y + dt / 2 * k1, 10)
        k3 = slopes(y + dt / 2 * k2, 10)
        y = y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + slopes(y + dt * k3, 10))
    exact = np.array(exact)
    for dt in (0.02, 0.01, 0.005):
        sim = cell.run(20, dt, current, "ball")
        errors.append(np.abs(sim.V[:, 0] - exact[:: round(dt / 0.0025)]).max())
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert exact.max() == pytest.approx(40, abs=2) and errors[-1] < 0.05
    np.testing.assert_allclose(orders, 2.0, atol=0.2)


def test_currents_account_for_the_slope_of_the_potential():
    # C_m dV/dt = I - I_Na - I_K - I_L where there is no neighbour to take a share
    cell = Tree([Section("ball", 20, 20, channels="hh", n_compartments=1)])
    nA = 10 * np.pi * 400 * 1e-5  # 10 uA/cm2
    sim = cell.run(10, 0.005, nA, "ball")
    ionic = (sim["I_Na"] + sim["I_K"] + sim["I_L"])[:, 0]
    slope = (sim.V[2:, 0] - sim.V[:-2, 0]) / (2 * 0.005)
    assert np.abs(slope).max() > 100
    np.testing.assert_allclose(slope, 10 - ionic[1:-1], atol=2e-2 * slope.max())
    # resting gates of Hodgkin and Huxley
    at_rest = [float(cell.run(0.1)[gate][0, 0]) for gate in "mhn"]
    np.testing.assert_allclose(at_rest, [0.0529, 0.596, 0.318], rtol=2e-3)


# --- Where it begins ------------------------------------------------------------------

PLACES = ("soma", "segment", ("axon", 0.5), ("axon", 0.9), ("dendrite", 0.8),
          ("dendrite", 0.2))  # fmt: skip


def lead(segment_g_Na):
    """How long before the soma the segment crosses -20 mV, ms, and all crossings."""
    sim = BallAndStick(segment_g_Na=segment_g_Na).run(8, DT)
    times = neuro.crossing_times(sim, PLACES)
    return times["soma"] - times["segment"], times


def test_the_spike_begins_where_the_sodium_channels_are():
    assert lead(120)[0] < 0
    # the sizes of dendrite and axon decide how much: 0.1 ms is the order of it
    assert 0 < lead(360)[0] < lead(1200)[0]
    assert lead(1200)[0] == pytest.approx(0.1, abs=0.04)


def test_from_there_it_goes_forward_and_back():
    times = lead(1200)[1]
    forward = [times[p] for p in ("segment", ("axon", 0.5), ("axon", 0.9))]
    back = [times[p] for p in ("segment", "soma", ("dendrite", 0.2), ("dendrite", 0.8))]
    assert forward == sorted(forward) and back == sorted(back)


# --- What cannot be ------------------------------------------------------------------


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: Section("a", 2e-5, 1), r"length_um is 2e-05.*in um"),
        (lambda: Section("a", 10, 1, g_Na=-1), r"g_Na is -1.*mS/cm2"),
        (
            lambda: Section("a", 10, 1, E_L=-0.065, channel="hh"),
            "there is no parameter",
        ),
        (lambda: Section("a", 10, 1, channels="HH"), "one of passive, hh"),
        (lambda: Section("a", 10, 1, dx_um=1, n_compartments=3), "not both"),
        (lambda: Section("", 10, 1), "name is ''"),
        (lambda: Tree([]), "sections is empty"),
        (lambda: Tree(["soma"]), "expected Section objects"),
        (lambda: Tree([Section("a", 9, 1, parent="b")]), "list the parent first"),
        (lambda: Tree([Section("a", 9, 1), Section("b", 9, 1)]), "is none; expected"),
        (lambda: Tree([Section("a", 9, 1), Section("a", 9, 1, "a")]), "called a"),
        (lambda: Tree([Section("a", 9, 1)], temperature_c=310), "temperature_c is 310"),
        (lambda: SquidAxon().run(1, 0.5), "gates of channels move within"),
        (lambda: SquidAxon().run(1, method="euler"), "expected one of crank_nicolson"),
        (lambda: SquidAxon().run(1, at="soma"), "the sections are axon"),
        (lambda: SquidAxon().run(1, at=("axon", 2)), "at x is 2"),
        (lambda: SquidAxon().run(1, at=3), "expected the name of a section"),
        (lambda: SquidAxon().run(1, stimulus={"axon": 1}, at="axon"), "give one of"),
        (lambda: SquidAxon().run(1, V_init=[1, 2]), "V_init has shape"),
        (lambda: SquidAxon().run(1, V_init=np.nan), "V_init holds"),
        (lambda: neuro.Cable(g_L=0).input_resistance(), "no steady state"),
        (lambda: neuro.velocity(SquidAxon().run(1, stimulus=0.0)), "no spike comes"),
    ],
)
def test_mistakes_are_explained(make, words):
    with pytest.raises((TypeError, ValueError), match=words):
        make()


def test_a_jump_of_the_current_does_not_ring():
    # a hundred compartments to what a step of 0.025 ms reaches
    sim = neuro.Cable(dx_um=0.5).run(4, 0.025, neuro.pulse(1.0, 1, 2))
    bends = np.diff(sim.V[:, 0], 2)
    assert (bends[41:118] < 0).all() and (bends[121:] > 0).all()


def test_another_unit_is_noticed():
    with pytest.warns(RuntimeWarning, match=r"V comes to .* mV, as in no cell"):
        neuro.Cable().run(50, stimulus=100.0)  # pA, taken as nA
    with pytest.raises(ValueError, match="is it in nA"):
        neuro.Cable().run(1, stimulus=1e300)


def test_two_metres_bare_take_five_seconds():
    # 0.2 um without myelin; with it, and 20 um thick, 16 ms (test_myelin.py)
    bare = UnmyelinatedAxon(diameter_um=0.2, length_um=3000 * 0.2**0.5)
    assert 2.0 / speed(bare) == pytest.approx(5, rel=0.05)  # s, "about"
