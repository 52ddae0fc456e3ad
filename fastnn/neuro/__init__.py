"""Neurons as biology has them: simulate, plot and test what inspired the artificial.

    from fastnn import neuro

    sim = neuro.HodgkinHuxley().run(T_ms=100, stimulus=neuro.step(10, start_ms=10))
    sim.t, sim.V, sim.spike_times, sim["I_Na"]; sim.plot()

    a patch         HodgkinHuxley
    reduced         LIF, AdEx, Izhikevich
    in space        Tree, Cable, SquidAxon, MyelinatedAxon
    pumps           BarretoCressman, PumpedHodgkinHuxley
    wiring          TsodyksMarkram, Circuit, CUBA, COBA
    experiments     f_I, threshold, strength_duration, refractoriness, convergence
    stimuli         step, pulse, ramp, noise, their sums, arrays, functions of t_ms

Units everywhere: mV, ms, uA/cm2, mS/cm2, uF/cm2, um, Ohm cm, nS, nA and pA, mM.
"""

from .cells import LIF, AdEx, HodgkinHuxley, Izhikevich
from .cells.experiments import (
    convergence,
    f_I,
    refractoriness,
    strength_duration,
    threshold,
)
from .spikes import find_spikes, fixed_threshold
from .stimuli import noise, pulse, ramp, step

__all__ = [
    "LIF",
    "AdEx",
    "HodgkinHuxley",
    "Izhikevich",
    "convergence",
    "f_I",
    "find_spikes",
    "fixed_threshold",
    "noise",
    "pulse",
    "ramp",
    "refractoriness",
    "step",
    "strength_duration",
    "threshold",
]
