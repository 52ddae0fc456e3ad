"""Ctrl-C: what was computed until then is a run of its own."""

import _thread

import numpy as np
import pytest

from fastnn import backend, neuro

pytestmark = pytest.mark.filterwarnings("ignore:.*from node to node")

CIRCUIT = neuro.Circuit(3, [[0, 20.0, 0], [0, 0, -20.0], [0, 0, 0]])
STARTS = {"V": "V_0", "g_e": "g_e0", "g_i": "g_i0"}

MODELS = {
    "squid": (neuro.HodgkinHuxley(), 10.0),
    "LIF": (neuro.LIF(), 0.3),
    "AdEx": (neuro.AdEx(), 900.0),
    "Izhikevich": (neuro.Izhikevich(), 10.0),
}


@pytest.mark.parametrize("name", MODELS)
def test_ctrl_c_keeps_what_was_computed(name, monkeypatch):
    model, current = MODELS[name]
    function, calls = backend.function, []

    def function_with_ctrl_c(kernel):
        def call(*arguments):
            function(kernel)(*arguments)
            calls.append(kernel)
            if len(calls) == 5:  # heard as soon as the kernel has returned
                _thread.interrupt_main()

        return call

    with monkeypatch.context() as patched:
        patched.setattr(backend, "function", function_with_ctrl_c)
        with pytest.warns(RuntimeWarning, match="stopped by Ctrl-C after"):
            sim = model.run(2000.0, 0.02, current, units=3)
    assert len(calls) == 5
    done = len(sim.t)
    assert 0 < done < 100_000
    short = model.run(done * 0.02, 0.02, current, units=3)
    np.testing.assert_array_equal(sim.V, short.V)
    for key, values in sim.final.items():
        np.testing.assert_array_equal(values, short.final[key])
    for ours, theirs in zip(sim.spike_times, short.spike_times, strict=True):
        np.testing.assert_array_equal(ours, theirs)


NETWORKS = {
    "Circuit": (CIRCUIT, {"stimulus": 300.0}),
    "CUBA": (neuro.CUBA(300, p=0.1), {"record": [0, 7]}),
    "COBA": (neuro.COBA(300, p=0.1), {"record": [0, 7]}),
}


SPACE = {
    "Tree": (neuro.BallAndStick(), {}),
    "MyelinatedAxon": (neuro.MyelinatedAxon(), {}),
}
IN_PARTS = NETWORKS | SPACE


@pytest.mark.parametrize("name", IN_PARTS)
def test_ctrl_c_within_a_part_leaves_nothing_of_it(name, monkeypatch):
    model, options = IN_PARTS[name]
    dt = 0.1 if name in NETWORKS else 0.01
    function, calls = backend.function, []

    def function_with_ctrl_c(kernel):
        def call(*arguments):
            function(kernel)(*arguments)
            if kernel == "hines_solve":  # where a tree rests, before its run
                return
            calls.append(kernel)
            if len(calls) == 5:  # the state is a part ahead of what is kept
                _thread.interrupt_main()

        return call

    with monkeypatch.context() as patched:
        patched.setattr(backend, "function", function_with_ctrl_c)
        with pytest.warns(RuntimeWarning, match="stopped by Ctrl-C after"):
            sim = model.run(200_000 * dt, dt, **options)
    done = len(sim.t)
    assert 0 < done < 200_000 and len(calls) == 5
    short = model.run(done * dt, dt, **options)
    if name in NETWORKS:
        np.testing.assert_array_equal(sim.spikes, short.spikes)
    np.testing.assert_array_equal(sim.V, short.V)
    for key, values in sim.final.items():
        np.testing.assert_array_equal(values, short.final[key])


@pytest.mark.parametrize("name", [*MODELS, *IN_PARTS])
def test_ctrl_c_after_the_last_step_loses_nothing(name, monkeypatch):
    if name in IN_PARTS:
        model, options = IN_PARTS[name]
    else:
        model, options = MODELS[name][0], {"stimulus": MODELS[name][1]}
    dt = 0.01 if name in SPACE else 0.1
    whole = model.run(500 * dt, dt, **options)
    kind = type(model)
    conclude = "_activity" if name in NETWORKS else "_conclude"
    real, calls = getattr(kind, conclude), []

    def pressed_once(*arguments):
        calls.append(name)
        result = real(*arguments)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return result

    monkeypatch.setattr(kind, conclude, pressed_once)
    with pytest.warns(RuntimeWarning, match="when all steps were computed") as said:
        sim = model.run(500 * dt, dt, **options)
    assert said[0].filename == __file__ and len(calls) == 2
    np.testing.assert_array_equal(sim.V, whole.V)
    np.testing.assert_array_equal(
        np.hstack(sim.spike_times), np.hstack(whole.spike_times)
    )
    assert sum(map(np.size, sim.spike_times)) > 0


def test_a_warning_names_the_line_of_the_user():
    with pytest.warns(RuntimeWarning, match="as in no cell") as said:
        neuro.LIF().run(50.0, stimulus=-3.0)
    assert said[0].filename == __file__
