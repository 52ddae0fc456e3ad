"""Spikes that travel: the squid's axon, thin axons, and where a spike begins."""

import functools
import warnings

import numpy as np
import pytest
import squid as equations

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


def runge_kutta(slopes, y, dt):
    k1 = slopes(y)
    k2 = slopes(y + dt / 2 * k1)
    k3 = slopes(y + dt / 2 * k2)
    return y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + slopes(y + dt * k3))


@functools.cache
def by_hand(dx=500.0, length=30_000.0, T_ms=3.0, dt=0.0025):
    """(m/s, mV at the top) of the squid's axon: points along it, explicit steps."""
    n = round(length / dx) + 1
    spread = 476e-4 / (4 * 35.4e-3) / (dx * 1e-4) ** 2  # d / (4 R_i dx^2), mS/cm2

    def slopes(y):
        flow = np.diff(y[0], prepend=y[0, 1], append=y[0, -2])  # both ends sealed
        return equations.slopes(y, spread * np.diff(flow) + current, 18.5)

    y = np.full((4, n), -65.0)
    y[1:] = np.array(equations.steady(-65.0))[:, None]
    V = np.empty((round(T_ms / dt), n))
    for k in range(len(V)):
        V[k] = y[0]
        current = np.where(np.arange(n) < 3, 1000.0 * (k * dt < 0.2), 0.0)
        y = runge_kutta(slopes, y, dt)
    middle = V[:, n // 3 : 2 * n // 3]
    tops = [neuro.find_spikes(np.arange(len(V)) * dt, v)[0] for v in middle.T]
    return dx * 1e-3 / np.polyfit(np.arange(len(tops)), tops, 1)[0], middle.max()


def test_another_scheme_of_the_same_equations_finds_the_same_spike():
    # at its 500 um the points leave 0.25 % (18.719 m/s and 25.63 mV at 250 um)
    exact, top = by_hand()
    assert exact == pytest.approx(18.7, rel=0.01)
    assert squid() == pytest.approx(exact, rel=0.005)
    V = SquidAxon().run(5, DT).V
    assert V[:, V.shape[1] // 2].max() == pytest.approx(top, rel=0.01)


def test_the_spike_is_smaller_and_slower_as_temperature_says():
    warm, cold = SquidAxon().run(5, DT), SquidAxon(temperature_c=6.3).run(8, DT)
    assert neuro.velocity(cold) == pytest.approx(12.3, rel=0.005)
    middle = warm.V.shape[1] // 2
    # 25.6, of which the specification and the textbooks say "about 26"
    assert round(warm.V[:, middle].max()) == 26
    finer = SquidAxon(dx_um=125).run(5, DT).V
    assert finer[:, finer.shape[1] // 2].max() == pytest.approx(
        warm.V[:, middle].max(), rel=1e-3
    )
    assert cold.V[:, middle].max() > warm.V[:, middle].max() + 10


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


def test_a_step_too_long_for_the_gates_measures_itself():
    # 1 / (9 phi) ms at 18.5 degrees: 0.029; the default of axons is far below it
    with pytest.warns(RuntimeWarning, match=r"gate m takes 0\.029 ms") as said:
        slow = neuro.velocity(SquidAxon().run(5, 0.1))
    assert slow < 0.95 * squid() and said[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        near = neuro.velocity(SquidAxon().run(5, 0.025))
    assert near == pytest.approx(squid(), rel=0.01)


def test_two_spikes_that_meet_are_gone():
    axon = SquidAxon()
    start = axon.pulse()
    sim = axon.run(6, DT, {("axon", 0.0): start, ("axon", 1.0): start})
    # each place fires once: none comes out at the other side
    assert all(len(times) == 1 for times in sim.spike_times)
    assert sim.V[-1].max() < -50


def test_a_patch_is_a_tree_of_one_compartment():
    # Runge and Kutta's steps of the equations written out afresh
    cell = Tree([Section("ball", 20, 20, channels="hh", n_compartments=1)])
    area_cm2 = np.pi * 20 * 20 * 1e-8
    current = 10 * area_cm2 * 1e3  # 10 uA/cm2, in nA
    errors = []
    V = cell.rest()[0]
    y = np.array([V, *equations.steady(V)])
    exact, dt = [], 0.0025
    for _ in range(round(20 / dt)):
        exact.append(y[0])
        y = runge_kutta(lambda y: equations.slopes(y, 10), y, dt)
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
    at_rest = [float(cell.run(2)[gate][0, 0]) for gate in "mhn"]
    np.testing.assert_allclose(at_rest, [0.0529, 0.596, 0.318], rtol=2e-3)


# --- Where it begins ------------------------------------------------------------------

PLACES = ("soma", "segment", ("axon", 0.5), ("axon", 0.9), ("dendrite", 0.8),
          ("dendrite", 0.2))  # fmt: skip


def lead(segment_g_Na, **options):
    """How long before the soma the segment crosses -20 mV, ms, and all crossings."""
    sim = BallAndStick(segment_g_Na=segment_g_Na, **options).run(8, DT)
    times = neuro.crossing_times(sim, PLACES)
    return times["soma"] - times["segment"], times


def test_the_spike_begins_where_the_sodium_channels_are():
    assert lead(120)[0] < 0
    # 0.06 and 0.10 ms: about 0.1, as the literature rounds it
    assert 0 < lead(360)[0] < lead(1200)[0]
    assert [round(lead(g)[0], 1) for g in (360, 1200)] == [0.1, 0.1]
    for g in (120, 360, 1200):  # the grid has little say
        assert lead(g)[0] == pytest.approx(lead(g, dx_um=2.5)[0], abs=0.002)


def test_the_lead_is_made_by_the_resistance_of_the_segment():
    # as R_i grows, the soma waits longer for what the segment sends
    leads = [lead(1200, R_i=R_i)[0] for R_i in (35.4, 100, 150)]
    assert leads == sorted(leads) and leads[-1] > 2 * leads[0]


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
        (lambda: Section("a", 10, 1, channels="HH"), "one of 'passive', 'hh'"),
        (lambda: Section("a", 10, 1, dx_um=1, n_compartments=3), "not both"),
        (lambda: Section("", 10, 1), "name is ''"),
        (lambda: Tree([]), "sections is empty"),
        (lambda: Tree(["soma"]), "expected Section objects"),
        (lambda: Tree([Section("a", 9, 1, parent="b")]), "list the parent first"),
        (lambda: Tree([Section("a", 9, 1), Section("b", 9, 1)]), "is none; expected"),
        (lambda: Tree([Section("a", 9, 1), Section("a", 9, 1, "a")]), "called a"),
        (lambda: Tree([Section("a", 9, 1)], temperature_c=310), "temperature_c is 310"),
        (lambda: SquidAxon().run(2, 0.5), "gates of channels move within"),
        (lambda: SquidAxon().run(2, method="euler"), "expected one of crank_nicolson"),
        (lambda: SquidAxon().run(2, at="soma"), "the sections are axon"),
        (lambda: SquidAxon().run(2, at=("axon", 2)), "at x is 2"),
        (lambda: SquidAxon().run(2, at=3), "expected the name of a section"),
        (lambda: SquidAxon().run(2, stimulus={"axon": 1}, at="axon"), "give one of"),
        (lambda: SquidAxon().run(2, V_init=[1, 2]), "V_init has shape"),
        (lambda: SquidAxon().run(2, V_init=np.nan), "V_init is nan"),
        (lambda: SquidAxon().run(2, V_init=-0.065), "V_init is -0.065.*in mV"),
        (lambda: SquidAxon().run(2, V_init="-65"), "V_init has dtype"),
        (lambda: SquidAxon().run(2, record=3), "record is 3; expected the name of"),
        (lambda: SquidAxon(channels=["hh"]), "channels is .*one of 'passive', 'hh'"),
        (lambda: Section("a", 9, 1, g_L=5e-5), "another unit meant, 5e-05 S/cm2"),
        (lambda: Section("a", 9, 1, n_compartments=10**15), "no memory for so many"),
        (lambda: neuro.velocity(neuro.LIF().run(2)), "is of type Simulation; expected"),
        (
            lambda: neuro.velocity(neuro.MyelinatedAxon(n_nodes=2).run(0.06, 0.02)),
            "type AxonRun; .* of this one it is sim.velocity_m_s",
        ),
        (lambda: neuro.crossing_times(neuro.LIF().run(2), "soma"), "run of a Tree"),
        (lambda: neuro.Cable(g_L=0).input_resistance(), "no steady state"),
        (lambda: neuro.velocity(SquidAxon().run(2, stimulus=0.0)), "no spike comes"),
    ],
)
def test_mistakes_are_explained(make, words):
    with pytest.raises((TypeError, ValueError, MemoryError), match=words):
        make()


def test_a_jump_of_the_current_does_not_ring():
    # a hundred compartments to what a step of 0.025 ms reaches
    sim = neuro.Cable(dx_um=0.5).run(4, 0.025, neuro.pulse(1.0, 1, 2))
    bends = np.diff(sim.V[:, 0], 2)
    assert (bends[41:118] < 0).all() and (bends[121:] > 0).all()


def test_another_unit_is_noticed():
    with pytest.raises(FloatingPointError, match=r"V is beyond 500 mV, as .*in nA"):
        neuro.Cable().run(50, stimulus=100.0)  # pA, taken as nA
    with pytest.raises(ValueError, match="is it in nA"):
        neuro.Cable().run(2, stimulus=1e300)


def test_two_metres_bare_take_five_seconds():
    # 0.2 um without myelin; with it, and 20 um thick, 16 ms (test_myelin.py)
    bare = UnmyelinatedAxon(diameter_um=0.2, length_um=3000 * 0.2**0.5)
    by_scaling = 2.0 / (0.86 * 0.2**0.5)  # 5.2 s
    assert 2.0 / speed(bare) == pytest.approx(by_scaling, rel=0.01)


def test_a_spike_from_the_far_end_has_a_negative_velocity():
    axon = SquidAxon()
    back = neuro.velocity(axon.run(5, DT, axon.pulse(), ("axon", 1.0)))
    assert back == pytest.approx(-squid(), rel=1e-9)


def test_channels_of_an_axon_can_be_left_out():
    axon = UnmyelinatedAxon(channels="passive")
    assert (axon.g_Na, axon.g_K, axon.E_L) == (0, 0, -65)
    sim = axon.run(3)
    assert "I_Na" not in sim and sim.at(("axon", 0.5)).max() < -64


def test_what_the_compartments_are_made_of_stays():
    cable, section = neuro.Cable(), Section("a", 10, 1)
    for one, name in ((cable, "diameter_um"), (cable, "sections"), (section, "g_L")):
        before = getattr(one, name)
        with pytest.raises(AttributeError, match=f"{name} cannot be set to 4 any more"):
            setattr(one, name, 4)
        assert getattr(one, name) is before
    with pytest.raises(AttributeError, match="make another BallAndStick"):
        BallAndStick().segment_g_Na = 4


def test_what_is_read_at_a_run_may_change_and_its_result_does_not():
    cell = Tree([Section("ball", 20, 20, channels="hh", n_compartments=1)])
    sims = [cell.run(3, 0.01, 0.5), cell.run(3, 0.01, 0.5)]
    expected = sims[0]["I_Na"]
    cell.temperature_c, cell.E_Na = 18.5, 60.0
    np.testing.assert_array_equal(sims[1]["I_Na"], expected)  # computed now
    assert sims[1].model.temperature_c == 6.3
    assert np.ptp(cell.run(3, 0.01, 0.5).V - sims[0].V) > 1


def test_places_come_in_several_forms():
    cable = neuro.Cable()
    section = cable.sections[0]
    expected = cable.run(2, stimulus=0.1, at=("cable", 0.5)).V
    for at in ("cable", section, ["cable", 0.5], (section, np.float32(0.5))):
        np.testing.assert_array_equal(cable.run(2, stimulus=0.1, at=at).V, expected)
    for record in ("cable", section, ("cable", np.float32(0.5)), [(section, 0.5)]):
        assert cable.run(2, record=record).V.shape == (80, 1)
    sim = BallAndStick().run(8)
    for places in ("soma", ["soma"], ("segment", 0.9)):
        assert len(neuro.crossing_times(sim, places)) == 1
