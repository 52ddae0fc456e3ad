"""Cells together: circuits of a few and networks of thousands.

Circuit       adaptive cells with any matrix of weights; six wirings by name
CUBA, COBA    balanced networks with sparse connections
Activity      what their runs return: spikes, rates, intervals, correlations
"""

from .circuit import Circuit
from .networks import COBA, CUBA
from .release import TsodyksMarkram

__all__ = ["COBA", "CUBA", "Circuit", "TsodyksMarkram"]
