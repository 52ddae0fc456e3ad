"""One interface: every model runs, tells, refuses and stops in the same way."""

import json
import math
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import fastnn as fn
from fastnn import neuro

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*compartments of", "ignore:.*from node to node"
)


def small_tree(**parameters):
    return neuro.Tree([
        neuro.Section("soma", 20, 20, channels="hh"),
        neuro.Section("dendrite", 100, 2, parent="soma", n_compartments=4),
    ], **parameters)  # fmt: skip


def circuit(**parameters):
    return neuro.Circuit(2, [[0, 20.0], [20.0, 0]], **parameters)


def network(kind):
    return lambda **parameters: kind(150, p=0.1, **parameters)


MODELS = {
    # what makes it, T_ms, the options of a run in which it fires where it can
    "HodgkinHuxley": (neuro.HodgkinHuxley, 25, {"stimulus": 10.0}),
    "LIF": (neuro.LIF, 40, {"stimulus": 0.3}),
    "AdEx": (neuro.AdEx, 60, {"stimulus": 800.0}),
    "Izhikevich": (neuro.Izhikevich, 40, {"stimulus": 10.0}),
    "Tree": (small_tree, 20, {"stimulus": 0.3}),
    "Cable": (neuro.Cable, 20, {"stimulus": 0.05}),
    "SquidAxon": (lambda **p: neuro.SquidAxon(dx_um=6000, **p), 20, {}),
    "UnmyelinatedAxon": (
        lambda **p: neuro.UnmyelinatedAxon(length_um=200, **p), 20, {},
    ),
    "BallAndStick": (neuro.BallAndStick, 20, {"dt_ms": 0.025}),
    "MyelinatedAxon": (
        lambda **p: neuro.MyelinatedAxon(n_nodes=4, **p), 20, {"dt_ms": 0.005},
    ),
    "BarretoCressman": (neuro.BarretoCressman, 20, {"stimulus": 10.0}),
    "PumpedHodgkinHuxley": (neuro.PumpedHodgkinHuxley, 20, {"stimulus": 10.0}),
    "TsodyksMarkram": (neuro.TsodyksMarkram, 200, {"stimulus": 20.0}),
    "Circuit": (circuit, 60, {"stimulus": 300.0}),
    "CUBA": (network(neuro.CUBA), 25, {"record": [0, 1]}),
    "COBA": (network(neuro.COBA), 25, {"record": [0, 1]}),
    "CoincidenceDetector": (
        neuro.CoincidenceDetector, 60, {"input_times": [10.0, 12.0]},
    ),
}  # fmt: skip
EVERY = pytest.mark.parametrize("name", MODELS)


def run(name, **options):
    make, T_ms, usual = MODELS[name]
    return make().run(**({"T_ms": T_ms} | usual | options))


def spikes_of(sim):
    spikes = sim.spike_times
    return np.concatenate(spikes) if isinstance(spikes, list) else spikes


# --- What a run holds -----------------------------------------------------------------


@EVERY
def test_traces_have_names_and_one_value_a_step(name):
    sim = run(name)
    n_steps = len(sim.t)
    np.testing.assert_allclose(sim.t, np.arange(n_steps) * sim.dt_ms)
    assert n_steps * sim.dt_ms == pytest.approx(MODELS[name][1])
    assert sim.names[:2] == ["t", "V"] and sim.V is sim["V"]
    if isinstance(sim.spike_times, list):
        assert all(isinstance(times, np.ndarray) for times in sim.spike_times)
    for trace in sim.names:
        by_spike = (name, trace) == ("TsodyksMarkram", "r")
        expected = len(sim.spike_times) if by_spike else n_steps
        assert len(sim[trace]) == expected and trace in sim
    assert name in repr(sim)
    with pytest.raises(KeyError, match="no trace 'soul'; there are t, V"):
        sim["soul"]


@EVERY
def test_all_of_it_can_be_written_as_json(name):
    sim = run(name)
    told = json.loads(json.dumps(sim.to_dict(), allow_nan=False))
    assert told["model"] == name
    assert told["parameters"].keys() == told["units"].keys()
    assert set(sim.names) < set(told)
    np.testing.assert_array_equal(told["V"], sim.V)


@EVERY
def test_it_draws_itself(name):
    plt = pytest.importorskip("matplotlib.pyplot")
    figure = run(name).plot()
    assert figure.axes
    plt.close("all")


@EVERY
def test_kernel_and_twin_agree_over_20_ms(name):
    fast = run(name)
    with fn.use("reference"):
        plain = run(name)
        for trace in plain.names:  # some are computed when they are asked for
            ours, theirs = fast[trace], plain[trace]
            # a current of 1e4 uA/cm2 has the 1e-9 of its potential, times 1e3 mS/cm2
            scale = max(1.0, np.abs(theirs).max(initial=0.0)) if "I_" in trace else 1.0
            np.testing.assert_allclose(
                ours, theirs, rtol=0, atol=1e-9 * scale, err_msg=trace
            )
        expected = spikes_of(plain)
    assert np.ptp(fast.V) > 0.1
    assert name == "Cable" or len(expected) > 0
    np.testing.assert_allclose(spikes_of(fast), expected, rtol=0, atol=1e-9)


@EVERY
def test_every_parameter_and_its_unit_are_in_the_docstring(name):
    model = MODELS[name][0]()
    said = type(model).__doc__.partition("Parameters:")[2].splitlines()
    for p in model.PARAMETERS:
        (line,) = (row for row in said if row.strip().startswith(f"{p.name} = "))
        value, *unit_and_meaning = line.split(" = ")[1].split()
        assert float(value) == pytest.approx(p.default, rel=1e-5)
        assert " ".join(unit_and_meaning) == f"{p.unit} {p.meaning}".strip()


@EVERY
def test_a_run_keeps_the_parameters_that_it_was_made_with(name):
    make, T_ms, usual = MODELS[name]
    model = make()
    sim = model.run(T_ms, **usual)
    one = next(p.name for p in reversed(model.PARAMETERS))
    before = getattr(model, one)
    setattr(model, one, before + 1.0)
    assert getattr(sim.model, one) == before
    assert sim.to_dict()["parameters"][one] == before


# --- What is refused ------------------------------------------------------------------


@EVERY
def test_mistakes_are_named(name):
    make, T_ms, _ = MODELS[name]
    with pytest.raises(TypeError, match=rf"{name}: there is no parameter gold"):
        make(gold=3)
    for parameter in make().PARAMETERS:
        with pytest.raises((TypeError, ValueError), match=rf"\b{parameter.name}\b"):
            make(**{parameter.name: np.nan}).run(T_ms)
    for T_bad in (np.nan, -1, "100"):
        with pytest.raises((TypeError, ValueError), match=rf"{name}.run: T_ms is"):
            make().run(T_bad)
    with pytest.raises(ValueError, match=rf"{name}.run: dt_ms is 0"):
        run(name, dt_ms=0)
    with pytest.raises(ValueError, match="shorter than one step"):
        make().run(1e-9)
    if name == "CoincidenceDetector":
        return
    for bad in (np.nan, "loud", lambda t: np.nan, [1.0, np.inf]):
        with pytest.raises((TypeError, ValueError), match=r"\.run: stimulus"):
            run(name, stimulus=bad)


EXACT = ("LIF", "Cable", "TsodyksMarkram", "CoincidenceDetector")  # for any step


@pytest.mark.parametrize("name", [name for name in MODELS if name not in EXACT])
def test_too_long_a_step_is_refused(name):
    with pytest.raises(ValueError, match=r"at most .* ms is stable .* Is it in ms\?"):
        run(name, dt_ms=10.0)


@pytest.mark.parametrize(
    "make, says",
    [
        (lambda: neuro.HodgkinHuxley(E_K=-0.077), "E_K is -0.077 mV; .* -0.077 V"),
        (lambda: neuro.LIF(V_th=-0.05), "V_th is -0.05 mV; .* another unit"),
        (lambda: neuro.Section("soma", 20, 20, E_L=-0.065), "E_L is -0.065 mV"),
        (lambda: neuro.HodgkinHuxley(E_Na=50_000.0), "E_Na is 50000 mV; .* another"),
        (lambda: neuro.SquidAxon(temperature_c=291.65), "temperature_c is 291.65"),
        (lambda: neuro.LIF(tau_m=0.02), "tau_m is 0.02 ms; expected some 20 .* 0.02 s"),
        (lambda: neuro.AdEx(tau_w=[144, 0.144]), r"tau_w\[1\] is 0.144 ms; .* 0.144 s"),
        (lambda: neuro.TsodyksMarkram(tau_d=0.75), "tau_d is 0.75 ms; .* 0.75 s"),
        (lambda: neuro.CUBA(9, w_i=-0.009), "w_i is -0.009 mV; .* some -9 .* -0.009 V"),
        (lambda: neuro.Circuit(2, t_ref=0.002), "t_ref is 0.002 ms; .* 0.002 s"),
        (lambda: neuro.HodgkinHuxley(g_Na=0.12), "g_Na is 0.12 mS/cm2; .* 0.12 S/cm2"),
        (lambda: neuro.HodgkinHuxley(g_K=[36, 36e3]), r"g_K\[1\] .* 36000 uS/cm2"),
        (lambda: neuro.HodgkinHuxley(C_m=1e-6), "C_m is 1e-06 uF/cm2; .* 1e-06 F/cm2"),
        (lambda: neuro.LIF(tau_m=20_000), "tau_m is 20000 ms; .* 20000 us"),
        (lambda: neuro.LIF(R_m=1e8), "R_m is 1e[+]08 MOhm; .* 1e[+]08 Ohm"),
        (lambda: neuro.LIF(R_m=0.1), "R_m is 0.1 MOhm; .* 0.1 GOhm"),
        (lambda: neuro.AdEx(g_L=0.03), "g_L is 0.03 nS; .* 0.03 uS"),
        (lambda: neuro.AdEx(b=0.0805), "b is 0.0805 pA; .* 0.0805 nA"),
        (lambda: neuro.Circuit(2, C_m=0.2), "C_m is 0.2 pF; .* 0.2 nF"),
        (lambda: neuro.PumpedHodgkinHuxley(K_o=0.004), "K_o is 0.004 mM; .* 0.004 M"),
        (lambda: neuro.BarretoCressman(rho=1250), "rho is 1250 mM/s; .* 1250 uM/s"),
        (lambda: neuro.MyelinatedAxon(g_Na=1.445), "g_Na is 1.445 mS.* 1.445 S/cm2"),
        (lambda: neuro.Section("a", 0.2, 1.0), "length_um is 0.2 um, .* 0.2 mm"),
        (lambda: neuro.Section("a", 9, 1, C_m=1e-6), "C_m is 1e-06.*in uF/cm2"),
        (lambda: neuro.Section("a", 9, 1, R_i=1.0), "R_i is 1.*at least 5.*in Ohm cm"),
        (lambda: neuro.Section("a", 9, 1, g_K=0.036), "g_K is .* 0.036 S/cm2"),
        (lambda: neuro.Synapse("a", weight_nS=1e3), "weight_nS is .* 1000 pS"),
        (lambda: neuro.Synapse("a", E=-0.07), "E is -0.07 mV; .* -0.07 V"),
        (lambda: neuro.CUBA(9, delay=0.0015), "delay is 0.0015 ms; .* 0.0015 s"),
        (lambda: circuit(delay=0.001), "delay is 0.001 ms; .* 0.001 s"),
        (lambda: neuro.Circuit.wiring("chain", 0.02), "weights is 0.02 nS; .* 0.02 uS"),
        (lambda: neuro.Circuit.wiring("chain", 2e4), "weights is 20000 nS; .* pS"),
        (lambda: neuro.siegert(-0.05, 3), "siegert: mu is at most 0.05 mV; .* 0.05 V"),
        (lambda: neuro.noiseless_rate([-0.07, -0.05]), "mu is at most 0.07 mV; .* V"),
        (lambda: neuro.escape_rate(-0.05), "escape_rate: mu is at most .* 0.05 V"),
        (lambda: neuro.LIF().rate_hz(200.0), r"LIF.rate_hz: .* is it in nA\?"),
        (lambda: neuro.LIF().rate_hz(2e-10), r"rate_hz: the stimulus .* is it in nA\?"),
        (lambda: neuro.length_constant(2e-6, 20, 100), "diameter_um is 2e-06 um"),
        (lambda: neuro.length_constant(2, 20e3, 100), "R_m is 20000 .* 20000 Ohm cm2"),
        (lambda: neuro.time_constant(20, 1e-6), "C_m is 1e-06 uF/cm2; .* 1e-06 F/cm2"),
        (lambda: neuro.find_spikes([0, 1, 2], [-0.06, 0.03, -0.06]), "was V meant"),
        (lambda: neuro.find_spikes([0, 1e-5, 2e-5], [-60, 9, -60]), "was s meant"),
    ],
)
def test_another_unit_is_noticed(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_potentials_near_0_mean_what_they_say():
    assert neuro.COBA(10, E_e=0.0).E_e == 0
    assert neuro.AdEx(Delta_T=0.01).Delta_T == 0.01
    assert neuro.AdEx(V_peak=-20.0).V_peak == -20
    assert neuro.MyelinatedAxon(E_L=0.2).E_L == 0.2


def test_a_scan_may_begin_at_0():
    assert neuro.HodgkinHuxley(g_Na=[0.0, 1.0, 120.0]).g_Na[0] == 0
    assert neuro.Section("a", 100, 1, g_Na=0.0, g_L=0.0).g_L == 0
    assert neuro.COBA(10, w_e=0.0).w_e == 0
    neuro.LIF().run(20.0, stimulus=0.0)


def test_short_times_mean_what_they_say():
    assert neuro.LIF(t_ref=0.0).t_ref == 0
    assert neuro.CoincidenceDetector(tau_s=1e-7).tau_s == 1e-7
    stays_open = neuro.Synapse("soma", tau_decay=1e7)
    assert stays_open.numbers.tau_decay == 1e7
    assert neuro.CUBA(9, delay=0.1).delay == 0.1
    assert circuit(delay=0.0).delay.max() == 0
    assert neuro.siegert([-0.2, -50.0], 3.0)[1] > 0  # a scan that passes 0


class Quantity(np.ndarray):
    """As of a library of units: what NumPy would make of it has lost its unit."""

    dimensionality = "conductance"


@pytest.mark.parametrize("name, where", [("g_Na", "HodgkinHuxley"), ("mu", "siegert")])
def test_a_unit_is_never_lost(name, where):
    value = np.array([120.0, 60.0]).view(Quantity)
    with pytest.raises(
        TypeError, match=f"{where}: {name} carries a unit, .* plain num"
    ):
        neuro.siegert(value, 3.0) if name == "mu" else neuro.HodgkinHuxley(g_Na=value)
    with pytest.raises(TypeError, match="stimulus carries a unit"):
        neuro.HodgkinHuxley().run(0.05, stimulus=value)


@pytest.mark.parametrize(
    "name, stimulus, says",
    [
        ("HodgkinHuxley", 1e4, r"would move V by 1.29e[+]04 mV, .* is it in uA/cm2"),
        ("LIF", 300.0, r"would move V by 1e[+]04 mV, .* is it in nA"),
        ("LIF", -300.0, r"would move V by 1e[+]04 mV, .* is it in nA"),
        ("LIF", neuro.pulse(300.0, 2, 10), r"would move V by 1e[+]04 mV"),
        ("AdEx", 5e5, r"would move V by 8.61e[+]03 mV, .* is it in pA"),
        ("Izhikevich", 1e4, r"would move V by 2e[+]04 mV, .* is it in its unit"),
        ("BarretoCressman", 1e4, r"would move V by .* is it in uA/cm2"),
        ("PumpedHodgkinHuxley", 1e4, r"would move V by .* is it in uA/cm2"),
        ("Circuit", 3e5, r"would move V by 1e[+]04 mV, .* is it in pA"),
        ("CUBA", 2e4, r"would move V by 6.67e[+]03 mV, .* is it in mV"),
        ("TsodyksMarkram", 2e4, r"stimulus is 20000 Hz, as no axon fires; is it in Hz"),
        ("HodgkinHuxley", 0.01, "moves V by 0.0139 mV at most; is it in uA/cm2"),
        ("BarretoCressman", 1e-5, "moves V by .* mV at most; is it in uA/cm2"),
        ("LIF", 0.0002, "moves V by 0.0133 mV at most; is it in nA"),
        ("AdEx", 0.5, "moves V by 0.0144 mV at most; is it in pA"),
        ("Circuit", 0.3, "moves V by 0.0225 mV at most; is it in pA"),
        ("COBA", 0.02, "moves V by 0.0111 mV at most; is it in mV"),
        ("Tree", 5e-10, "moves V by .* mV at most; is it in nA"),
        ("Cable", 5e-10, "moves V by .* mV at most; is it in nA"),
        ("MyelinatedAxon", 1e-9, "moves V by .* mV at most; is it in nA"),
        ("HodgkinHuxley", 0.01, "moves V by 0.0.* mV at most; is it in uA/cm2"),
        ("LIF", 0.0003, "moves V by 0.02.* mV at most; is it in nA"),
        ("HodgkinHuxley", neuro.pulse(10, 5, 0.002), "by 0.02 mV .* its times in ms"),
        ("Cable", neuro.pulse(0.01, 2, 0.001), "moves V by .* its times in ms"),  # s
    ],
)
def test_a_current_in_another_unit_is_refused(name, stimulus, says):
    with pytest.raises(ValueError, match=says):
        run(name, stimulus=stimulus)


@pytest.mark.parametrize("name, stimulus", [("Tree", 300.0), ("Cable", 100.0)])
def test_a_potential_of_no_cell_is_refused(name, stimulus):
    with pytest.raises(FloatingPointError, match=r"V is beyond 500 mV, as .* in nA"):
        run(name, stimulus=stimulus)


@pytest.mark.parametrize(
    "name, stimulus, says",
    [
        ("HodgkinHuxley", neuro.pulse(1e4, 2, 1), r"V comes to .* as in no cell"),
        ("HodgkinHuxley", 0.05, "moves V by 0.0.* mV at most; is it in uA/cm2"),
        ("LIF", 0.0008, "moves V by 0.05.* mV at most; is it in nA"),
        ("LIF", -3.0, r"V comes to .* mV, as in no cell; is the stimulus in nA"),
    ],
)
def test_what_is_odd_is_warned_of(name, stimulus, says):
    with pytest.warns(RuntimeWarning, match=says) as said:
        run(name, stimulus=stimulus)
    assert said[0].filename == __file__


def test_a_start_in_volts_is_refused():
    for model in (neuro.HodgkinHuxley(), neuro.LIF(), neuro.AdEx()):
        with pytest.raises(ValueError, match=r"start is -0.065 mV; .* was V meant"):
            model.run(10.0, start=-0.065)
        assert model.run(10.0, start={"V": -60.0}).V[0] == -60.0


def test_short_shocks_may_be_strong():
    """A charge that moves V by 15 mV, in a hundredth of a millisecond and in one."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for width in (0.01, 1.0):
            sim = neuro.HodgkinHuxley().run(20, 0.01, neuro.pulse(25 / width, 5, width))
            assert len(sim.spike_times)
            neuro.LIF().run(20, 0.01, neuro.pulse(3.0 / width, 5, width))


def volley(T_ms, times_ms):
    small_tree().run(T_ms, synapses=[neuro.Synapse("soma", times_ms=times_ms)])


def bombard(T_ms):
    return neuro.poisson_synapses(small_tree(), 10, T_ms=T_ms, seed=0)


STEP = neuro.step(10.0, 10.0, 90.0)


@pytest.mark.parametrize(
    "make, says",
    [
        (lambda: run("HodgkinHuxley", T_ms=0.1), r"T_ms is 0.1 ms, .* is it in ms\?"),
        (lambda: run("CUBA", T_ms=1.0), "T_ms is 1 ms, less than a spike takes"),
        (lambda: run("LIF", T_ms=9.0, stimulus=STEP), "begins at 10 ms, and .* 9 ms"),
        (lambda: run("AdEx", T_ms=9.0, stimulus=[STEP, STEP + 0.0]), "begins at 10 ms"),
        (lambda: volley(20.0, [30.0]), "what synapses get begins at 30 ms"),
        (
            lambda: small_tree().run(3.0, synapses=bombarded(10, 1.0)),  # by chance
            "what synapses get begins at",
        ),
        (
            lambda: run("LIF", T_ms=9e3, stimulus=neuro.step(0.2, 1, 9)),
            r"the stimulus is over at 9 ms, and .* 9000 ms; are both in ms\?",
        ),
        (
            lambda: run("LIF", T_ms=90, stimulus=neuro.step(1.0, 0.01, 0.09)),
            r"the stimulus is over at 0.09 ms, and .* 90 ms; are both in ms\?",
        ),
        (lambda: volley(20.0, [0.01, 0.02]), "what synapses get is over at 0.02 ms"),
        (
            lambda: run("CoincidenceDetector", input_times=[0.01, 0.02]),
            "what arrives is over at 0.02 ms, and the run ends at 60 ms",
        ),
        (
            lambda: circuit().run(1000.0).rates(0.1, 0.9),
            "start_ms to stop_ms is over at 0.9 ms",
        ),
        (lambda: bombard(10.0), "no event in 10 ms, .* 10 synapses at 1 Hz"),
        (
            lambda: run("TsodyksMarkram", T_ms=500, stimulus=1.0),
            "a train of 1 Hz begins at 1000 ms",
        ),
    ],
)
def test_times_that_may_be_meant_are_warned_of(make, says):
    with pytest.warns(RuntimeWarning, match=says) as said:
        make()
    assert {w.filename for w in said} == {__file__}


SQUID = neuro.HodgkinHuxley()
TIMES = np.arange(0.0, 100.0, 0.025)
TRACE = np.where(TIMES % 20 < 1, 30.0, -65.0)  # mV


def bombarded(n, weight_nS):
    return neuro.poisson_synapses(small_tree(), n, weight_nS=weight_nS, seed=0)


@pytest.mark.parametrize(
    "make, says",
    [
        # potentials
        (lambda: neuro.siegert(-50, 0.003), "sigma is 0.003 mV; .* 0.003 V"),
        (lambda: neuro.siegert(-50, [0.0, 1e-3, 3e-3]), "sigma is 0.003 mV; .* V"),
        (lambda: neuro.siegert(-50, 3e3), "sigma is 3000 mV; .* 3000 uV"),
        (lambda: neuro.siegert(-5e4, 3), "mu is -50000 mV; .* -50000 uV"),
        (lambda: neuro.noiseless_rate([-65e3, -2e4]), "mu is -20000 mV; .* -20000 uV"),
        (lambda: neuro.escape_rate(-5e4), "escape_rate: mu is -50000 mV; .* uV"),
        (lambda: neuro.escape_rate(-50, delta_u=0.002), "delta_u is 0.002 .* 0.002 V"),
        (lambda: neuro.AdEx(Delta_T=0.002), "Delta_T is 0.002 mV; .* 0.002 V"),
        (lambda: neuro.AdEx(V_peak=0.02), "V_peak is 0.02 mV; .* 0.02 V"),
        (lambda: SQUID.run(9.0, start={"V": -0.065}), "start is -0.065 mV; .* was V"),
        (
            lambda: neuro.CoincidenceDetector().fires([0, 1], [0.01, 0.01]),
            "w is 0.01 mV; .* 0.01 V",
        ),
        (
            lambda: neuro.CoincidenceDetector().response_map([0, 1e4], [0, 10.0]),
            "w1 is 10000 mV; .* 10000 uV",
        ),
        (lambda: neuro.find_spikes(TIMES, 1e3 * TRACE), "half of V is .* was uV meant"),
        (
            lambda: neuro.find_spikes(TIMES, TRACE, 0.01),
            "prominence_mV is 0.01 mV; .* 0.01 V",
        ),
        (
            lambda: neuro.find_spikes(TIMES, TRACE, 10, -0.045),
            "floor_mV is -0.045 .* V",
        ),
        (
            lambda: neuro.fixed_threshold(TIMES, TRACE, -0.02),
            "threshold_mV is -0.02 .* V",
        ),
        (
            lambda: neuro.fixed_threshold(TIMES, TRACE, -2e4),
            "threshold_mV is -20000 .* uV",
        ),
        (
            lambda: neuro.threshold(SQUID, neuro.step, reaches_mV=0.02),
            "reaches_mV is 0.02 mV; .* 0.02 V",
        ),
        # times
        (lambda: neuro.escape_rate(-50, tau_m=0.02), "tau_m is 0.02 ms; .* 0.02 s"),
        (lambda: neuro.escape_rate(-50, tau_m=2e4), "tau_m is 20000 ms; .* us"),
        (
            lambda: neuro.find_spikes(1e3 * TIMES, TRACE),
            "longer than a spike; was us meant",
        ),
        (
            lambda: run("LIF", stimulus=neuro.noise(0.2, 0.001, seed=0)),
            "tau_ms is 0.001 ms and a step 0.1 ms: .* 0.001 s.* tau_ms=0.05",
        ),
        (lambda: run("LIF", T_ms=0.1, stimulus=STEP), "begins at 10 ms, .* at 0.1 ms"),
        (
            lambda: run("LIF", T_ms=100, stimulus=neuro.step(1.0, 1e4, 9e4)),
            "begins at 10000 ms, and the run ends at 100 ms; .* make T_ms longer",
        ),
        (lambda: volley(20.0, [1e4]), "what synapses get begins at 10000 ms"),
        (lambda: bombard(0.2), "hardly an event in 0.2 ms, .* 10 synapses at 1 Hz"),
        (lambda: run("TsodyksMarkram", stimulus=0.02), "a train of 0.02 Hz begins at"),
        (lambda: run("TsodyksMarkram", stimulus=[0.1, 0.2]), "at 10000 Hz, as no axon"),
        (
            lambda: neuro.TsodyksMarkram().release([0.01, 0.03]),
            "spikes at 50000 Hz, .* in ms",
        ),
        (lambda: neuro.TsodyksMarkram().steady_state(2e4), "rate_hz is 20000 Hz"),
        (lambda: circuit().run(100.0).population_rate(5e3), "bin_ms is 5000, longer"),
        (lambda: neuro.f_I(SQUID, [10.0], settle_ms=0.3), "settle_ms is 0.3 ms; .* s"),
        (
            lambda: neuro.threshold(SQUID, neuro.step, after_ms=5e3),
            "after_ms is 5000.*; expected a number below 60",
        ),
        (
            lambda: neuro.strength_duration(SQUID, [1e-4, 5e-3]),
            "widths_ms is 0.005 ms; .* 0.005 s",
        ),
        (lambda: neuro.two_steps([0.2, 2.0]), "gap_ms is 2 ms; .* 2 s"),
        (lambda: neuro.two_steps([200.0], step_ms=0.5), "step_ms is 0.5 ms; .* 0.5 s"),
        (
            lambda: neuro.activity_modes([4.0], [1.25], T_ms=100.0),
            "T_ms is 100 ms; .* 100 s",
        ),
        (
            lambda: neuro.BarretoCressman().run(50.0, record_ms=1000.0),
            "record_ms is 1000, longer than the run, 50 ms",
        ),
        # lengths
        (lambda: neuro.UnmyelinatedAxon(10.0), "length_um is 10 um; .* 10 mm"),
        (lambda: neuro.SquidAxon(60.0), "length_um is 60 um; .* 60 mm"),
        (lambda: neuro.SquidAxon(diameter_um=0.476), "diameter_um is .* 0.476 mm"),
        (lambda: neuro.Section("a", 0.02, 0.02), "diameter_um is 0.02; .* 0.04"),
        (lambda: neuro.Section("a", 100, 1, dx_um=0.005), "dx_um is .* 0.005 mm"),
        # conductances, concentrations
        (lambda: neuro.Synapse("a", weight_nS=0.001), "than one open .* 0.001 uS"),
        (lambda: bombarded(100, 0.001), "all 100 together 0.1; .* 0.001 uS"),
        (lambda: bombarded(100_000, 1e-11), "less than one open channel"),
        (lambda: neuro.Synapse("a", Mg=0.001), "Mg is 0.001 mM; .* 0.001 M"),
        (
            lambda: neuro.BarretoCressman().run(9.0, start={"K_o": 0.004}),
            "K_o in start .* is 0.004 mM; .* 0.004 M",
        ),
        (
            lambda: neuro.PumpedHodgkinHuxley().pump_current(8000.0),
            "Na_i is 8000 mM; .* 8000 uM",
        ),
    ],
)
def test_what_can_only_be_in_another_unit_is_refused(make, says):
    with pytest.raises(ValueError, match=says) as said:
        make()
    assert said.value.__cause__ is None
    assert said.value.__context__ is None or said.value.__suppress_context__


def test_limits_and_what_is_near_to_them_are_not_refused():
    assert neuro.siegert(-49, 0.0) == neuro.noiseless_rate(-49)
    assert neuro.siegert(-49, 0.02) > 0 and neuro.siegert(-49, 500.0) > 0
    assert len(neuro.siegert([-65.0, 1e9], [1e-9, 5.0])) == 2  # scans to the limits
    assert neuro.noiseless_rate(1e4) > 0
    assert neuro.escape_rate(-49, tau_m=0.0) > 0
    assert neuro.escape_rate(-49, tau_m=0.1) > 0
    assert neuro.escape_rate(-49, delta_u=0.01) > 0
    assert neuro.UnmyelinatedAxon(length_um=100.0).length_um == 100
    assert neuro.UnmyelinatedAxon(length_um=2e6, dx_um=500.0).length_um == 2e6
    assert neuro.Section("neck", 1.0, 0.05, dx_um=0.05).length_um == 1
    assert neuro.Synapse("a", weight_nS=0.0).weight_nS == 0
    assert neuro.Synapse("a", weight_nS=0.005).weight_nS == 0.005
    assert bombarded(100_000, 0.001).weight_nS == 0.001
    assert neuro.two_steps([0.0], step_ms=20.0).gap_ms == [0]
    sim = SQUID.run(20.0, stimulus=10.0)
    SQUID.run(0.05, 0.025, start={**sim.final, "V": 0.2})  # in the middle of a spike


@pytest.mark.parametrize("unit_pA", [1.0, 10.0, 1e3])
def test_a_search_may_begin_with_what_moves_nothing(unit_pA):
    cell = neuro.AdEx()
    found = neuro.threshold(cell, lambda x: neuro.step(x * unit_pA), T_ms=100.0)
    assert found * unit_pA == pytest.approx(660, rel=0.2)


def test_what_may_well_be_meant_is_not_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hh = neuro.HodgkinHuxley()
        hh.run(0.05, 0.025, 10.0)  # what do two steps do?
        hh.run(0.05, 0.025, 1.0)
        small_tree().run(0.05, 0.025, 0.01)
        hh.run(20.0, stimulus=neuro.step(0.0, 30.0))
        hh.run(20.0, stimulus=0.0 * STEP + neuro.pulse(60.0, 0.0, 0.1))  # a shock
        neuro.UnmyelinatedAxon(length_um=200).run(400.0, 0.025)  # long after its pulse
        neuro.TsodyksMarkram().run(500.0, stimulus=0.0)
        neuro.CoincidenceDetector().run(60.0, input_times=[(), ()])
        neuro.poisson_synapses(small_tree(), 10, rate_hz=0.0)


@pytest.mark.parametrize("bad", [neuro.pulse(1.0), lambda t: 0.0, "loud"])
def test_a_terminal_gets_spikes_and_no_current(bad):
    with pytest.raises(TypeError, match=r"stimulus is .* a rate in Hz, or the times"):
        neuro.TsodyksMarkram().run(100, stimulus=bad)
    with pytest.raises(MemoryError, match="no memory"):
        neuro.TsodyksMarkram().run(1e300, stimulus=1000.0)


# --- Ctrl-C and the bar, in a process of their own ------------------------------------

LONG = {
    "HodgkinHuxley": "neuro.HodgkinHuxley().run(20_000, stimulus=10.0, units=20)",
    "LIF": "neuro.LIF().run(100_000, stimulus=0.3, units=20)",
    "AdEx": "neuro.AdEx().run(100_000, stimulus=800.0, units=20)",
    "Izhikevich": "neuro.Izhikevich().run(100_000, stimulus=10.0, units=20)",
    "Tree": "tree.run(20_000, stimulus=0.3)",
    "Cable": "neuro.Cable(n_compartments=300).run(20_000)",
    "SquidAxon": "neuro.SquidAxon().run(8000)",
    "UnmyelinatedAxon": "neuro.UnmyelinatedAxon().run(8000)",
    "BallAndStick": "neuro.BallAndStick().run(20_000)",
    "MyelinatedAxon": "neuro.MyelinatedAxon().run(600)",
    "BarretoCressman": "neuro.BarretoCressman().run(200_000, record_ms=1)",
    "PumpedHodgkinHuxley": "neuro.PumpedHodgkinHuxley().run(200_000, record_ms=1)",
    "TsodyksMarkram": "neuro.TsodyksMarkram().run(2_000_000)",
    "Circuit": "neuro.Circuit(10, b=0.0).run(50_000, stimulus=300.0)",
    "CUBA": "neuro.CUBA().run(100_000)",
    "COBA": "neuro.COBA().run(100_000)",
    "CoincidenceDetector": (
        "neuro.CoincidenceDetector().run(1e6, 1.0, [np.arange(0, 1e6, 10.0)] * 2)"
    ),
}

PROGRAM = """
import json, os, signal, sys, threading, time, warnings
import numpy as np
from fastnn import neuro
from fastnn.neuro import running
tree = neuro.Tree([neuro.Section("s", 2000, 2, channels="hh", n_compartments=100)])
pressed, real = [], running.Parts.__iter__
def press():
    pressed.append(time.monotonic())
    os.kill(os.getpid(), signal.SIGINT)
def watched(parts):  # pressed a little after the first step, not while a run begins
    threading.Timer(0.1, press).start()
    yield from real(parts)
running.Parts.__iter__ = watched
for name, call in json.loads(sys.argv[1]).items():
    run, sim = eval("lambda: " + call), None  # the memory of the last run is given back
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            sim = run()
        except KeyboardInterrupt:
            print(json.dumps([name, "lost", 0, 0, 0]))
            continue
    took = time.monotonic() - pressed[-1]
    words = [str(w.message) for w in said if "Ctrl-C" in str(w.message)]
    print(json.dumps([name, words, took, len(sim.t), len(sim.V)]), flush=True)
"""


def in_another_process(program, *arguments, start=subprocess.run, **options):
    package = str(Path(fn.__file__).resolve().parents[1])
    environment = os.environ | {"PYTHONPATH": package}
    command = [sys.executable, "-c", program, *arguments]
    return start(command, env=environment, **options)


@pytest.mark.slow
@pytest.mark.speed
@pytest.mark.skipif(os.name != "posix", reason="a signal that the process hears")
def test_ctrl_c_ends_every_run_within_a_tenth_of_a_second_and_keeps_it():
    assert LONG.keys() == MODELS.keys()
    options = {"stdout": subprocess.PIPE, "timeout": 120, "check": True}
    least, calls = dict.fromkeys(LONG, math.inf), LONG
    for _ in range(3):  # again where the machine was busy
        told = in_another_process(PROGRAM, json.dumps(calls), **options).stdout
        heard = [json.loads(line) for line in told.splitlines()]
        assert [row[0] for row in heard] == list(calls)
        for name, words, took, n_t, n_V in heard:
            assert len(words) == 1 and f"{name}.run: stopped by Ctrl-C" in words[0]
            assert n_t == n_V > 0, name
            least[name] = min(least[name], took)
        calls = {name: LONG[name] for name in LONG if least[name] >= 0.1}
    assert not calls, {name: least[name] for name in calls}


BAR = """
import sys
import warnings
from fastnn import neuro
from fastnn.neuro import running
running.SILENT = 0.05
tree = neuro.Tree([neuro.Section("s", 2000, 2, channels="hh", n_compartments=100)])
exec(sys.argv[1])
"""


@pytest.mark.parametrize("name", ["HodgkinHuxley", "TsodyksMarkram", "COBA"])
def test_a_long_run_shows_how_far_it_is(name):
    pty = pytest.importorskip("pty")
    terminal, theirs = pty.openpty()
    call = LONG[name].replace("000_000", "00_000").replace("100_000", "10_000")
    with in_another_process(BAR, call, start=subprocess.Popen, stderr=theirs) as child:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(terminal, 4096):
                shown += part
        except OSError:  # how Linux says that the other end is closed
            pass
    os.close(terminal)
    assert child.returncode == 0
    shown = shown.decode()
    assert f"{name}.run" in shown and "%" in shown and "s left" in shown
    assert shown.endswith("\r\x1b[K")  # and leaves the line empty
