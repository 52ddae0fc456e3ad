"""A myelinated axon: its cable by hand, exact scaling, and spikes that jump."""

import warnings

import numpy as np
import pytest

import fastnn as fn
from fastnn import neuro
from fastnn.neuro.space.myelin import gates

Axon = neuro.MyelinatedAxon
PULSE = neuro.pulse(4.0, 0.05, 0.1)


def velocity(T_ms=2.0, dt_ms=0.001, **options):
    return Axon(**options).run(T_ms, dt_ms=dt_ms).velocity_m_s


def test_the_chain_by_hand():
    axon = Axon(D_um=10, n_nodes=3)  # d = 7 um, L = 1 mm
    nodes, axial, capacitance, leak, sodium = axon.chain()
    area = np.pi * 7e-4 * 1.5e-4  # cm2
    np.testing.assert_array_equal(nodes, [0, 1, 2])
    # pi d^2 / (4 R_i L) in S, with d and L in cm
    np.testing.assert_allclose(axial, np.pi * 7e-4**2 / (4 * 54.7 * 0.1) * 1e6)
    np.testing.assert_allclose(capacitance, 2.5 * area * 1e3)  # uF to nF
    np.testing.assert_allclose(leak, 128 * area * 1e3)  # mS to uS
    np.testing.assert_allclose(sodium, 1445 * area * 1e3)
    np.testing.assert_allclose(axon.positions_um, [0, 1000, 2000])


def test_a_sheath_by_hand():
    axon = Axon(D_um=10, n_nodes=2, sheath="leaky", n_segments=4, bare=())
    nodes, axial, capacitance, leak, _ = axon.chain()
    np.testing.assert_array_equal(nodes, [0, 5])
    # in series, the parts have the resistance of the whole internode
    whole = Axon(D_um=10, n_nodes=2).chain()[1]
    np.testing.assert_allclose(1 / (1 / axial).sum(), whole)
    # a turn of 0.5 uF/cm2 and 0.017 um: 2 pi 0.5 0.017e-4 / log(1 / 0.7) uF/cm, 0.1 cm
    sheath = 2 * np.pi * 0.5 * 0.017e-4 / np.log(1 / 0.7) * 0.1 * 1e3
    np.testing.assert_allclose(capacitance[1:5].sum(), sheath)
    np.testing.assert_allclose(leak[1:5].sum(), 2 * sheath)  # 1 mS/cm2 for 0.5 uF/cm2
    bare = Axon(D_um=10, n_nodes=2, bare=[0]).chain()[2]
    np.testing.assert_allclose(bare[1:-1].sum(), np.pi * 7e-4 * 0.1 * 1e3)


def test_a_passive_axon_charges_as_its_matrix_says():
    """V -> G^-1 I under a constant current once all is still."""
    axon = Axon(n_nodes=6, g_Na=0, E_L=0, sheath="leaky", n_segments=3)
    nodes, axial, _, leak, _ = axon.chain()
    matrix = np.diag(leak)
    for i, g in enumerate(axial):
        matrix[i : i + 2, i : i + 2] += g * np.array([[1, -1], [-1, 1]])
    current = np.zeros(len(leak))
    current[0] = 2.0
    expected = np.linalg.solve(matrix, current)[nodes]
    sim = axon.run(8.0, stimulus=2.0, dt_ms=0.005)
    np.testing.assert_allclose(sim.V[-1], expected, rtol=1e-9)


def test_rest_is_near_0():
    sim = Axon(n_nodes=5).run(1.0, stimulus=0.0)
    assert np.abs(sim.V).max() < 0.5  # the fit's own rest; V is relative to it
    assert all(len(times) == 0 for times in sim.spike_times)
    # b_m = a_m e^(23.8 / 4.17) and a_h = b_h e^(5.5 / 5) at V = 0
    m, h = gates(0.0)
    assert m == pytest.approx(1 / (1 + np.exp(23.8 / 4.17)))
    assert h == pytest.approx(np.exp(1.1) / (1 + np.exp(1.1)))


def test_velocity_grows_as_the_diameter():
    """All conductances and capacitances are D times something, and so is L: exactly."""
    thin, thick = (velocity(D_um=D) for D in (2, 20))
    assert thick / thin == pytest.approx(10, rel=1e-6)
    fine = velocity(D_um=10, dt_ms=2e-4, T_ms=1.2)
    assert fine / 10 == pytest.approx(6.2, rel=0.01)
    # 2 m at 20 um, in ms; bare and 0.2 um thick, 5 s (test_axons.py)
    assert 2_000 / thick == pytest.approx(16, rel=0.01)


def by_runge_and_kutta(n=31, T_ms=0.8, dt=5e-4):
    """V (n_steps, n) of D = 10 um as the equations are printed, in uS, nF and nA."""
    d, length, area = 7e-4, 0.1, np.pi * 7e-4 * 1.5e-4  # cm, cm, cm2
    G_a = 1e6 * np.pi * d**2 / (4 * 54.7 * length)
    C, g_Na, g_L = 1e3 * area * np.array([2.5, 1445, 128])

    def slopes(t, y):
        V, m, h = y
        a_m = (97 + 0.363 * V) / (1 + np.exp((31 - V) / 5.3))
        b_m = a_m / np.exp((V - 23.8) / 4.17)
        b_h = 15.6 / (1 + np.exp((24 - V) / 10))
        a_h = b_h / np.exp((V - 5.5) / 5)
        flow = np.diff(V, prepend=V[0]), np.diff(V, append=V[-1])
        ionic = g_Na * m**2 * h * (V - 115) + g_L * (V + 0.01)
        inward = G_a * (flow[1] - flow[0]) - ionic
        inward[0] += 4.0 * (0.05 <= t < 0.15)
        return np.array([inward / C, a_m * (1 - m) - b_m * m, a_h * (1 - h) - b_h * h])

    begin = gates(0.0)
    y = np.array([np.zeros(n), np.full(n, begin[0]), np.full(n, begin[1])])
    V = []
    for k in range(round(T_ms / dt)):
        V.append(y[0])
        t = (k + 1e-6) * dt  # no stage sees two currents
        k1 = slopes(t, y)
        k2 = slopes(t + 0.5 * dt, y + dt / 2 * k1)
        k3 = slopes(t + 0.5 * dt, y + dt / 2 * k2)
        y = y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + slopes(t + 0.99 * dt, y + dt * k3))
    return np.array(V)


def test_another_scheme_has_the_same_spike():
    V = by_runge_and_kutta()
    sim = Axon(n_nodes=31).run(0.8, dt_ms=5e-4, stimulus=PULSE)
    assert V.max() > 80
    np.testing.assert_allclose(sim.V, V, rtol=0, atol=1.0)  # mV; upstroke: 1 V/ms
    times = [neuro.find_spikes(sim.t, v, 20.0, 40.0)[0] for v in V.T]
    assert np.polyfit(times[7:24], np.arange(7, 24), 1)[0] == pytest.approx(
        sim.velocity_m_s, rel=1e-3
    )


@pytest.mark.filterwarnings("ignore:.*from node to node")
def test_halving_the_step_divides_the_error_by_4():
    fine = velocity(dt_ms=1e-4, T_ms=1.2)
    errors = [abs(velocity(dt_ms=dt, T_ms=1.2) - fine) for dt in (4e-3, 2e-3, 1e-3)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert (orders > 1.6).all() and (orders < 2.4).all(), (errors, orders)


@pytest.mark.parametrize(
    "options", [{}, {"D_um": 2}, {"sheath": "leaky"}, {"internode": 25}]
)
def test_steps_that_slow_the_spike_are_warned_of(options):
    fine = velocity(dt_ms=2e-4, T_ms=3.0, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        near = velocity(dt_ms=0.001, T_ms=3.0, **options)
    assert near == pytest.approx(fine, rel=0.002)
    with pytest.warns(RuntimeWarning, match="in steps of 0.004 ms") as said:
        coarse = Axon(**options).run(3.0, dt_ms=0.004).velocity_m_s
    assert coarse < 0.991 * fine and said[0].filename == __file__


def test_segments_converge():
    """Of a leaky sheath: halving them divides the error by 4."""
    few, more, many, most = (
        velocity(sheath="leaky", n_segments=n, T_ms=2.5) for n in (5, 10, 20, 80)
    )
    orders = np.log2([(few - most) / (more - most), (more - most) / (many - most)])
    assert (orders > 1.5).all() and (orders < 2.5).all(), orders
    assert more == pytest.approx(most, rel=1e-3)


def test_a_perfect_sheath_has_no_optimum():
    by_length = [velocity(internode=L, n_nodes=31) for L in (25, 50, 100, 150, 200)]
    by_ratio = [velocity(g_ratio=g, n_nodes=31) for g in (0.4, 0.6, 0.7, 0.8, 0.95)]
    assert (np.diff(by_length) > 0).all() and (np.diff(by_ratio) > 0).all()


def test_the_longest_internodes_are_slower_and_then_silent():
    at_300, at_340, at_450 = (
        velocity(internode=L, n_nodes=31, T_ms=4.0) for L in (300, 340, 450)
    )
    assert at_300 < at_340 > at_450
    with pytest.raises(ValueError, match="it failed there"):
        velocity(internode=650, n_nodes=31, T_ms=10.0)


def test_a_leaky_sheath_has_one():
    leaky = {"sheath": "leaky", "n_nodes": 31, "T_ms": 3.0}
    lengths, ratios = (10, 30, 60, 90, 120), (0.3, 0.5, 0.65, 0.8, 0.9)
    best_length = np.argmax([velocity(internode=L, **leaky) for L in lengths])
    best_ratio = np.argmax([velocity(g_ratio=g, **leaky) for g in ratios])
    assert 0 < best_length < 4 and lengths[best_length] in (30, 60, 90)
    assert 0.5 <= ratios[best_ratio] < 0.8  # Rushton (1951): about 0.6


def test_saltation():
    """The nodes fire in order, evenly spaced in time: the staircase."""
    sim = Axon().run(1.5)
    steps = np.diff(sim.node_times)[5:-5]
    assert (steps > 0).all() and np.ptp(steps) < 0.02 * steps.mean()
    assert steps.mean() == pytest.approx(1.0 / sim.velocity_m_s, rel=0.01)  # 1 mm
    assert all(len(times) == 1 for times in sim.spike_times)


def test_a_spike_fails_where_the_myelin_is_lost():
    sim = Axon(bare=[20]).run(3.0)
    fired = np.isfinite(sim.node_times)
    assert fired[:20].all() and not fired[21:].any()
    with pytest.raises(ValueError, match="node 20 has no spike: it failed there"):
        sim.velocity_m_s  # noqa: B018


def test_two_spikes_that_meet_annihilate():
    sim = Axon().run(3.0, stimulus={0: PULSE, -1: PULSE})
    assert all(len(times) == 1 for times in sim.spike_times)
    times = sim.node_times
    assert times.argmax() == 20  # the middle one
    np.testing.assert_allclose(times, times[::-1], atol=1e-9)
    later = Axon().run(3.0, stimulus={0: PULSE, -1: neuro.pulse(4.0, 0.2, 0.1)})
    assert later.node_times.argmax() > 20
    assert all(len(times) == 1 for times in later.spike_times)


def test_all_or_none():
    for current, fires in ((0.5, False), (1.0, False), (2.0, True), (8.0, True)):
        sim = Axon().run(1.5, stimulus=neuro.pulse(current, 0.05, 0.1))
        fired = np.isfinite(sim.node_times)
        assert fired.all() if fires else not fired.any()
    assert sim.V[:, 20].max() == pytest.approx(Axon().run(1.5).V[:, 20].max(), rel=1e-3)


@pytest.mark.filterwarnings("ignore:.*from node to node")
def test_both_paths_agree_over_20_ms():
    sims = []
    for path in ("kernels", "reference"):
        with fn.use(path):
            axon = Axon(n_nodes=4, sheath="leaky", n_segments=2)
            sims.append(axon.run(20.0, dt_ms=0.005, stimulus=neuro.pulse(4, 1, 0.1, 5)))
    assert sims[0].V.max() > 50
    np.testing.assert_allclose(sims[0].V, sims[1].V, rtol=0, atol=1e-9)


def test_currents_account_for_the_slope_of_the_potential():
    """C dV/dt = G_a (V_k-1 - 2 V_k + V_k+1) - I_Na - I_L, for each cm2 of a node."""
    axon, dt = Axon(n_nodes=9), 1e-4
    sim = axon.run(0.5, dt_ms=dt)
    assert sim.names == ["t", "V", "m", "h", "I_Na", "I_L"]
    area = np.pi * 7e-4 * 1.5e-4  # cm2
    G_a = np.pi * 7e-4**2 / (4 * 54.7 * 0.1) * 1e3 / area  # mS/cm2
    inward = G_a * np.diff(sim.V, 2, axis=1) - (sim["I_Na"] + sim["I_L"])[:, 1:-1]
    slope = 2.5 * (sim.V[2:] - sim.V[:-2])[:, 1:-1] / (2 * dt)
    assert slope.max() > 1000 and sim["m"].max() > 0.9 and sim["h"].min() < 0.1
    # from node 2 on: the slope of node 1 has corners where the pulse begins and ends
    bound = 2e-3 * slope.max()
    np.testing.assert_allclose(slope[:, 1:], inward[1:-1, 1:], atol=bound)
    axon.g_Na = 0.0  # what was computed stays
    assert axon.run(0.5)["I_Na"].min() == 0 > sim["I_Na"].min()


def test_stimuli_in_all_forms():
    axon = Axon(n_nodes=4)
    rows = np.zeros((300, 4))
    rows[50:150, 0] = 4.0
    by_rows = axon.run(0.3, stimulus=rows)
    for same in ({0: PULSE}, {-4: PULSE}, PULSE):
        np.testing.assert_allclose(axon.run(0.3, stimulus=same).V, by_rows.V)


def test_currents_into_two_nodes_add_up():
    """Of a passive axon, which is linear; 1 and -4 name the same node of 5."""
    axon = Axon(n_nodes=5, g_Na=0, E_L=0)
    one, other = (axon.run(0.3, stimulus={k: PULSE}).V for k in (1, 3))
    both = axon.run(0.3, stimulus={1: PULSE, 3: PULSE})
    np.testing.assert_allclose(both.V, one + other, atol=1e-9)
    twice = axon.run(0.3, stimulus={1: PULSE, -4: PULSE}).V
    np.testing.assert_allclose(twice, 2 * one, atol=1e-9)
    assert both.stimulus.shape == (300, 2)


def test_a_short_axon_has_no_middle():
    with pytest.raises(ValueError, match="n_nodes is 7; expected at least 8"):
        velocity(n_nodes=7)
    assert velocity(n_nodes=8) == pytest.approx(velocity(n_nodes=81), rel=0.01)


@pytest.mark.parametrize("nA", [-30.0, 30.0])
def test_both_paths_agree_where_no_cell_goes(nA):
    # below -267 mV the fit of a_m is negative, and its gate would run away
    sims = []
    for path in ("kernels", "reference"):
        with fn.use(path), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sims.append(Axon(n_nodes=3).run(0.3, stimulus=nA).V)
    assert np.isfinite(sims[0]).all() and np.abs(sims[0]).max() > 300
    np.testing.assert_allclose(sims[0], sims[1], rtol=1e-9, atol=1e-9)


def test_warnings_and_errors_teach():
    with pytest.warns(RuntimeWarning, match="goes from node to node in 0.01. ms"):
        Axon().run(1.5, dt_ms=0.01)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Axon().run(1.0)
        Axon().run(1.0, stimulus=0.0)
    with pytest.raises(ValueError, match=r"at most 0\.02 ms is stable"):
        Axon().run(1.0, dt_ms=0.025)
    with pytest.raises(ValueError, match="D_um is 2e-05"):
        Axon(D_um=20e-6)
    with pytest.raises(
        ValueError, match="bare has internode 40, but with n_nodes = 41"
    ):
        Axon(bare=[40])
    assert Axon(bare=20).bare == Axon(bare=[20]).bare == (20,)
    with pytest.raises(TypeError, match="bare is '20'; expected a whole number"):
        Axon(bare="20")
    with pytest.raises(ValueError, match="node 41; there are 41, 0 to 40"):
        Axon().run(1.0, stimulus={41: PULSE})
    with pytest.raises(ValueError, match="sheath is 'real'"):
        Axon(sheath="real")
    with pytest.raises(ValueError, match="g_ratio is 1"):
        Axon(g_ratio=1.0)
    with pytest.raises(ValueError, match="NaN"):
        Axon(n_nodes=2).run(0.2, stimulus=np.full((200, 2), np.nan))
