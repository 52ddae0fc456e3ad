"""Neurons as biology has them: simulate, plot and test what inspired the artificial.

    from fastnn import neuro

    sim = neuro.HodgkinHuxley().run(T_ms=100, stimulus=neuro.step(10, start_ms=10))
    sim.t, sim.V, sim.spike_times, sim["I_Na"]; sim.plot()

    a patch         HodgkinHuxley
    reduced         LIF, AdEx, Izhikevich
    in space        Tree, Cable, SquidAxon, MyelinatedAxon
    pumps           BarretoCressman, PumpedHodgkinHuxley
    wiring          TsodyksMarkram, Circuit, CUBA, COBA
    bridge          siegert, fit_activation, McCullochPitts, Perceptron
    stimuli         step, pulse, ramp, noise, their sums, arrays, functions of t_ms

Units everywhere: mV, ms, uA/cm2, mS/cm2, uF/cm2, um, Ohm cm, nS, nA and pA, mM.
What cannot be meant is refused, with the unit in which it would be right: a number 300
times more or less than usual, a stimulus that would move V by 2 V or by less than
0.03 mV, a V beyond 500 mV, times that do not fit to the run; 0 is not. What may be
meant is warned of: V beyond 200 mV or moved by less than 0.1, a run of 1 ms, a stimulus
soon after its end. What carries a unit (of pint, Brian2, astropy) is refused, never
stripped of it. Silent are units that differ by 10 or 100, and numbers that one may well
mean, as a current 1,000 times too small that still moves V by 0.1 mV: docs/neuro.md
lists them.
"""

from .bridge import (
    ActivationFit,
    CoincidenceDetector,
    LogicNetwork,
    McCullochPitts,
    Perceptron,
    TruthTable,
    TwoLayerNeuron,
    contradiction,
    escape_rate,
    find_units,
    fit_activation,
    lost_and_kept,
    noiseless_rate,
    novikoff_bound,
    siegert,
)
from .cells import LIF, AdEx, HodgkinHuxley, Izhikevich
from .cells.experiments import (
    convergence,
    f_I,
    refractoriness,
    strength_duration,
    threshold,
)
from .pumps import (
    BarretoCressman,
    PumpedHodgkinHuxley,
    activity_modes,
    atp_per_spike,
    sodium_entry,
    two_steps,
)
from .space import (
    BallAndStick,
    Cable,
    MyelinatedAxon,
    Section,
    SquidAxon,
    Synapse,
    Tree,
    UnmyelinatedAxon,
    crossing_times,
    length_constant,
    poisson_synapses,
    sealed_end,
    sealed_end_resistance,
    semi_infinite_resistance,
    time_constant,
    velocity,
)
from .spikes import find_spikes, fixed_threshold
from .stimuli import noise, pulse, ramp, step
from .wiring import COBA, CUBA, Circuit, TsodyksMarkram

__all__ = [
    "COBA",
    "CUBA",
    "LIF",
    "ActivationFit",
    "AdEx",
    "BallAndStick",
    "BarretoCressman",
    "Cable",
    "Circuit",
    "CoincidenceDetector",
    "HodgkinHuxley",
    "Izhikevich",
    "LogicNetwork",
    "McCullochPitts",
    "MyelinatedAxon",
    "Perceptron",
    "PumpedHodgkinHuxley",
    "Section",
    "SquidAxon",
    "Synapse",
    "Tree",
    "TruthTable",
    "TsodyksMarkram",
    "TwoLayerNeuron",
    "UnmyelinatedAxon",
    "activity_modes",
    "atp_per_spike",
    "contradiction",
    "convergence",
    "crossing_times",
    "escape_rate",
    "f_I",
    "find_spikes",
    "find_units",
    "fit_activation",
    "fixed_threshold",
    "length_constant",
    "lost_and_kept",
    "noise",
    "noiseless_rate",
    "novikoff_bound",
    "poisson_synapses",
    "pulse",
    "ramp",
    "refractoriness",
    "sealed_end",
    "sealed_end_resistance",
    "semi_infinite_resistance",
    "siegert",
    "sodium_entry",
    "step",
    "strength_duration",
    "threshold",
    "time_constant",
    "two_steps",
    "velocity",
]
