"""Ctrl-C: what was computed until then is a run of its own."""

import _thread

import numpy as np
import pytest

from fastnn import backend, neuro

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
