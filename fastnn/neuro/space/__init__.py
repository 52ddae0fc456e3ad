"""Neurons in space: their axons.

MyelinatedAxon    nodes of Ranvier, and spikes that jump from one to the next
"""

from .myelin import MyelinatedAxon

__all__ = ["MyelinatedAxon"]
