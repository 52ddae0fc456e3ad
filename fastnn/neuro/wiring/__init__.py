"""Cells together: what their terminals release, and how they are wired.

TsodyksMarkram    synapses that depress or facilitate
"""

from .release import TsodyksMarkram

__all__ = ["TsodyksMarkram"]
