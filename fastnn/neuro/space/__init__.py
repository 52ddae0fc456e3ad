"""Neurons in space: dendrites, axons, and what travels on them.

section         Section: a cylinder of membrane
grid            sections as compartments, numbered for elimination
tree            Tree: the neuron, and its run
rest            where it rests; steady currents
synapses        Synapse, poisson_synapses
cable           Cable, UnmyelinatedAxon, SquidAxon: trees of one section
hillock         BallAndStick: where the spike begins
result          TreeSimulation: V by place; velocity
closed_forms    lambda, tau, R_inf, the sealed end
"""

from .cable import Cable, SquidAxon, UnmyelinatedAxon
from .closed_forms import (
    length_constant,
    sealed_end,
    sealed_end_resistance,
    semi_infinite_resistance,
    time_constant,
)
from .hillock import BallAndStick, crossing_times
from .myelin import MyelinatedAxon
from .result import velocity
from .section import Section
from .synapses import Synapse, poisson_synapses
from .tree import Tree

__all__ = [
    "BallAndStick",
    "Cable",
    "MyelinatedAxon",
    "Section",
    "SquidAxon",
    "Synapse",
    "Tree",
    "UnmyelinatedAxon",
    "crossing_times",
    "length_constant",
    "poisson_synapses",
    "sealed_end",
    "sealed_end_resistance",
    "semi_infinite_resistance",
    "time_constant",
    "velocity",
]
