"""Neurons in space: dendrites, axons, and what travels on them.

section     Section: a cylinder of membrane
grid        sections as compartments, numbered for elimination
tree        Tree: the neuron, and its run
rest        where it rests; steady currents
synapses    Synapse, poisson_synapses
result      TreeSimulation: V by place; velocity
"""

from .result import velocity
from .section import Section
from .synapses import Synapse, poisson_synapses
from .tree import Tree

__all__ = ["Section", "Synapse", "Tree", "poisson_synapses", "velocity"]
