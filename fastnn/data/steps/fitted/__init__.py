"""Steps that hold what was learned from the training rows: medians, levels, scales.

filling.py     cells without a value         encoding.py   words and dates as numbers
scaling.py     long tails, sizes             ../../preparing/fitting.py learns them
"""

from .encoding import DateParts, Hashed, OneHot, Ordinal
from .filling import Fill, Indicator
from .scaling import Scale, SignedLog

__all__ = [
    "DateParts", "Fill", "Hashed", "Indicator", "OneHot", "Ordinal", "Scale",
    "SignedLog",
]  # fmt: skip
