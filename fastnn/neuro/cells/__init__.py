"""Cells without extension: a patch of membrane, and what remains when it is reduced.

hodgkin_huxley    HodgkinHuxley
rates             its gates as functions of V
"""

from .hodgkin_huxley import HodgkinHuxley

__all__ = ["HodgkinHuxley"]
