"""The patch whose sodium builds up: balances by hand, then its slow memory."""

import numpy as np
import pytest

import fastnn as fn
from fastnn import neuro
from fastnn.neuro.simulation import Simulation

Pumped = neuro.PumpedHodgkinHuxley
STEP = neuro.step(10, 0, 2000)


def test_constants_by_hand():
    patch = Pumped()
    assert patch.p_rest == pytest.approx(20 / (1 + 1.25**3))
    assert patch.Na_o == pytest.approx(8 * np.exp(50 / 24.08))
    assert patch.V_rest == pytest.approx(-65.0, abs=0.005)
    assert patch.pump_current(10.0) == 10.0  # Na_i = K_m: half of I_max
    assert Pumped(pump="canavier").pump_current(40.0) == pytest.approx(20 * 8 / 9)
    kager = Pumped(pump="kager", K_o=4.0)
    assert kager.I_max == 13
    assert kager.pump_current(10.0) == pytest.approx(13 / 1.5**2 / 8)


@pytest.mark.parametrize("pump", ["hill", "canavier", "kager"])
def test_rest_is_rest(pump, each_path):
    sim = Pumped(pump=pump).run(20.0)
    np.testing.assert_allclose(sim.V, sim.model.V_rest, rtol=0, atol=1e-9)
    np.testing.assert_allclose(sim["Na_i"], 8.0, rtol=0, atol=1e-12)
    assert len(sim.spike_times) == 0


@pytest.mark.parametrize("E_L", [-90.0, 60.0])
def test_rest_is_rest_whatever_the_leak(E_L):
    """The leak may pull V beyond the potentials of potassium and sodium."""
    sim = Pumped(E_L=E_L, g_L=3.0).run(50.0)
    np.testing.assert_allclose(sim.V, sim.model.V_rest, rtol=0, atol=1e-6)


@pytest.mark.parametrize("pump", ["hill", "canavier", "kager"])
def test_sodium_is_balanced(pump):
    """Na_i gains what channels, pump and leak carry, times surface over volume."""
    sim = Pumped(pump=pump).run(200.0, stimulus=10.0)
    flux = sim["I_Na"] + 3 * sim["I_pump"] + sim.model.j_leak
    gained = -np.trapezoid(flux, dx=sim.dt_ms) * 8000 / 96485 * 1e-3
    # the trapezium rule on spikes of 1 ms in steps of 0.01 ms
    assert sim["Na_i"][-1] - 8 == pytest.approx(gained, rel=1e-4)
    assert sim["E_Na"][-1] == pytest.approx(
        24.08 * np.log(sim.model.Na_o / sim["Na_i"][-1])
    )


def test_clamped_sodium_is_the_patch_of_1952():
    sim = Pumped(sodium="clamped").run(2000.0, stimulus=STEP)
    assert (sim["Na_i"] == 8).all()
    assert sim.V.max() == pytest.approx(40, abs=2)  # "about"
    late = sim.spike_times[sim.spike_times > 500]
    assert 1000 / np.diff(late).mean() == pytest.approx(68, rel=0.01)
    assert np.diff(late).std() < 1e-3 and late[-1] > 1980


def test_free_sodium_ends_the_firing():
    """Its potential falls, spikes shrink; only slowly, for the pump is not felt."""
    sim = Pumped(electrogenic=False).run(2000.0, stimulus=STEP)
    first, second = (
        ((sim.spike_times > a) & (sim.spike_times <= a + 500)).sum() for a in (0, 1000)
    )
    assert second < 0.7 * first
    # SciPy's LSODA, rtol = 1e-8: the last of 83 spikes
    assert sim.spike_times[-1] == pytest.approx(1290.136, rel=0.01)
    assert len(sim.spike_times) == 83


def test_an_electrogenic_pump_stops_firing_and_hyperpolarises():
    sim = Pumped().run(8000.0, dt_ms=0.02, stimulus=STEP, record_ms=1)
    # within half a second; SciPy's LSODA, rtol = 1e-8: the last of 19 spikes
    assert sim.spike_times[-1] == pytest.approx(292.729, rel=0.01)
    assert len(sim.spike_times) == 19
    after = sim.V[2100:] - sim.model.V_rest
    assert -2 < after[0] < -1
    assert after[2000 - 100] < -0.5  # two seconds after the step
    assert abs(after[-1]) < 0.15
    # "about" 2 s: 2.2 after the step, and at last the slowest mode of the equations
    rise = sim["Na_i"] - 8
    assert 2.0 / np.log(rise[2000] / rise[4000]) == pytest.approx(2.2, rel=0.01)
    slowest = -1e-3 / np.linalg.eigvals(jacobian()).real.max()
    late = 2.0 / np.log(rise[5900] / rise[7900])
    assert late == pytest.approx(slowest, rel=0.01)


def slopes(t, y, current, electrogenic=True):
    """The equations with the pump "hill" written out afresh."""
    V, m, h, n, Na = y
    Na_o, p0 = 8 * np.exp(50 / 24.08), 20 / (1 + 1.25**3)
    I_Na = 120 * m**3 * h * (V - 24.08 * np.log(Na_o / Na))
    I_p = 20 / (1 + (10 / Na) ** 3)
    u, w = (V + 40) / 10, (V + 55) / 10
    a_m, b_m = u / (1 - np.exp(-u)), 4 * np.exp(-(V + 65) / 18)
    a_h, b_h = 0.07 * np.exp(-(V + 65) / 20), 1 / (1 + np.exp(-(V + 35) / 10))
    a_n, b_n = 0.1 * w / (1 - np.exp(-w)), 0.125 * np.exp(-(V + 65) / 80)
    others = 36 * n**4 * (V + 77) + 0.3 * (V + 54.387)
    V_r, m_r, h_r, *_ = REST
    j_leak = -(120 * m_r**3 * h_r * (V_r - 50) + 3 * p0)
    return np.array([
        current - I_Na - others - electrogenic * (I_p - p0),
        a_m * (1 - m) - b_m * m,
        a_h * (1 - h) - b_h * h,
        a_n * (1 - n) - b_n * n,
        -(I_Na + 3 * I_p + j_leak) * 8000 / 96485 * 1e-3,
    ])  # fmt: skip


REST = (-64.99637933, 0.05295508, 0.59599414, 0.31773241, 8.0)  # as Hodgkin, Huxley


def jacobian():
    """(5, 5): the derivatives of the slopes at rest, by central differences."""
    columns = []
    for i in range(5):
        away = np.zeros(5)
        away[i] = 1e-5
        up, down = (slopes(0, REST + sign * away, 0) for sign in (1, -1))
        columns.append((up - down) / 2e-5)
    return np.array(columns).T


@pytest.mark.parametrize("electrogenic", [True, False])
def test_another_integrator_of_the_same_equations_finds_the_same(electrogenic):
    integrate = pytest.importorskip("scipy.integrate")
    exact = integrate.solve_ivp(
        slopes, (0, 250), REST, method="LSODA", rtol=1e-9, atol=1e-11,
        args=(10.0, electrogenic), t_eval=[100.0, 200.0, 249.0],
    )  # fmt: skip
    start = dict(zip(Pumped.STATE, REST, strict=True))
    sim = Pumped(electrogenic=electrogenic).run(250.0, stimulus=10.0, start=start)
    assert len(sim.spike_times) > 10
    for i, name in enumerate(Pumped.STATE):
        found = sim[name][[10_000, 20_000, 24_900]]
        np.testing.assert_allclose(found, exact.y[i], rtol=1e-3)


def responses(gap_ms, **options):
    """Spikes in two steps of 0.5 s that lie gap_ms apart."""
    stimulus = neuro.step(10, 0, 500) + neuro.step(10, 500 + gap_ms, 1000 + gap_ms)
    sim = Pumped(**options).run(1000 + gap_ms, dt_ms=0.025, stimulus=stimulus)
    first = (sim.spike_times <= 500).sum()
    return first, len(sim.spike_times) - first


def test_the_pump_remembers_for_seconds():
    """The second response grows with the gap, and is full after about 10 s.

    SciPy's LSODA, rtol = 1e-8, finds the same: 19 spikes, then 3, 5, 8, 12, 17 and 19.
    """
    pairs = [responses(gap) for gap in (200, 500, 1000, 2000, 5000, 10_000)]
    first, second = np.array(pairs).T
    np.testing.assert_array_equal(first, 19)
    np.testing.assert_array_equal(second, [3, 5, 8, 12, 17, 19])


def test_without_its_charge_there_is_little_memory():
    assert responses(500, electrogenic=False) == (34, 32)  # LSODA: the same


def test_ouabain_runs_the_gradient_down():
    patch = Pumped(electrogenic=False)  # its charge, taken away, would start spikes
    sim = patch.run(
        3000.0, dt_ms=0.02, pump_activity=1 + neuro.step(-1, 500), record_ms=1
    )
    E_Na = sim["E_Na"]
    assert E_Na[499] == pytest.approx(50, abs=1e-6)
    assert (np.diff(E_Na[501:]) < 0).all() and E_Na[-1] < 40
    # the leak alone, at first: Na_i' = -(I_Na_rest + j_leak) S_V / F = 3 p_rest S_V / F
    per_s = (sim["Na_i"][520] - 8) / 0.02
    assert per_s == pytest.approx(3 * sim.model.p_rest * 8000 / 96485, rel=0.01)
    assert sim["I_pump"][600] == 0


def test_both_paths_agree_over_30_ms():
    for pump in ("hill", "canavier", "kager"):
        sims = []
        for path in ("kernels", "reference"):
            with fn.use(path):
                sims.append(Pumped(pump=pump).run(30.0, stimulus=10.0))
        assert len(sims[0].spike_times) == 2
        for name in sims[0].names:
            np.testing.assert_allclose(sims[0][name], sims[1][name], rtol=0, atol=1e-9)


# --- What spikes cost ----------------------------------------------------------------


def with_current(I_Na, spike_times):
    t = np.arange(len(I_Na)) * 0.1
    return Simulation(Pumped(), 0.1, t, 0 * t, spike_times, {"I_Na": I_Na})


def test_atp_by_hand():
    # 2 uA/cm2 for 10 ms are 20 nC/cm2, 0.2073 pmol/cm2 of Na+, a third of it ATP
    sim = with_current(np.full(400, -2.0), np.array([10.0, 20.0, 30.0]))
    np.testing.assert_allclose(neuro.sodium_entry(sim), 20e3 / 96485)
    assert neuro.atp_per_spike(sim) == pytest.approx(20e3 / 96485 / 3)
    per_um2 = 20e-9 / 96485 / 3 * 6.02214e23 / 1e8
    assert neuro.atp_per_spike(sim, "molecules/um2") == pytest.approx(per_um2)
    with pytest.raises(ValueError, match=r"has 1 spike\(s\); expected at least 2"):
        neuro.sodium_entry(with_current(np.zeros(9), np.array([0.3])))
    coarse = Pumped().run(100.0, stimulus=10.0, record_ms=1)
    with pytest.raises(ValueError, match=r"kept every 1 ms only, .* smaller record_ms"):
        neuro.sodium_entry(coarse)
    three = neuro.HodgkinHuxley().run(100, stimulus=10.0, units=3)
    with pytest.raises(ValueError, match="has 3 units; expected a run of one cell"):
        neuro.atp_per_spike(three)
    with pytest.raises(ValueError, match="unit is 'mM'"):
        neuro.atp_per_spike(sim, "mM")


def test_a_spike_costs_more_than_its_charge():
    """Na+ comes in while K+ goes out: several times C dV (Hodgkin, 1975: about 4)."""
    sim = Pumped(sodium="clamped").run(300.0, stimulus=10.0)
    least = 1.0 * (sim.V.max() - sim.V.min()) / 96485 * 1e3 / 3  # pmol/cm2
    assert 3 < neuro.atp_per_spike(sim) / least < 15


def test_what_is_refused_and_why():
    with pytest.raises(ValueError, match="pump is 'strong'; it can be one of 'hill'"):
        Pumped(pump="strong")
    with pytest.raises(ValueError, match="sodium is 'fixed'"):
        Pumped(sodium="fixed")
    with pytest.raises(ValueError, match="E_Na is 5000 mV"):
        Pumped(E_Na=5000)
    with pytest.raises(ValueError, match="Na_i is -8"):
        Pumped(Na_i=-8)
    with pytest.raises(ValueError, match=r"Na_i is 8000 mM; .* 8000 uM"):
        Pumped(Na_i=8000)
    with pytest.raises(ValueError, match="gap_ms is -100"):
        neuro.two_steps([-100.0])  # the steps would overlap
    with pytest.raises(ValueError, match="step_ms is 0"):
        neuro.two_steps([100.0], step_ms=0)
    with pytest.raises(ValueError, match=r"at most 0\.0053\d* ms is stable"):
        Pumped(C_m=0.1).run(10.0)
    text = repr(Pumped(pump="kager"))
    assert "pump = 'kager'" in text and "I_max = 13 uA/cm2" in text


def test_two_steps_are_what_runs_of_ones_own_say():
    found = neuro.two_steps([500.0, 2000.0])
    assert (found.first[0], found.second[0]) == responses(500)
    assert (found.first[1], found.second[1]) == responses(2000)


def test_ctrl_c_stops_an_experiment(monkeypatch):
    real = neuro.pumps.base.running.in_parts

    def in_parts(where, n_steps, advance, progress):
        return real(where, n_steps // 2, advance, progress)

    monkeypatch.setattr(neuro.pumps.base.running, "in_parts", in_parts)
    with pytest.raises(KeyboardInterrupt):
        neuro.two_steps([200.0])
