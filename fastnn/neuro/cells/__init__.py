"""Cells without extension: a patch of membrane, and what remains when it is reduced.

hodgkin_huxley    HodgkinHuxley, by schemes to choose from
rates             its gates as functions of V
plane             its four variables come down to V and n
lif               LIF, in closed form between spikes
adex              AdEx, and the eight patterns of Naud and others
izhikevich        Izhikevich, exact and as published
experiments       f-I curve, thresholds, refractoriness, convergence
reduced, units    what these share
"""

from .adex import AdEx
from .hodgkin_huxley import HodgkinHuxley
from .izhikevich import Izhikevich
from .lif import LIF

__all__ = ["LIF", "AdEx", "HodgkinHuxley", "Izhikevich"]
