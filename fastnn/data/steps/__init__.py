"""The steps of a Recipe.

cleaning.py    cells: what is missing, spellings, booleans, columns left out
parsing.py     text that is a number (signs, separators, units) or a date
near.py        rows left out that are nearly the same
rows.py        rows left out: without a target, repeated, contradicting
"""

from .cleaning import (
    AsMissing,
    DatesWithin,
    Drop,
    MergeWords,
    MissingDates,
    ToBoolean,
    ToText,
    Within,
)
from .near import DropNearRepeats
from .parsing import MendEncoding, Rescale, ToDate, ToNumber
from .rows import DropConflicts, DropRepeats, DropWithout

__all__ = [
    "AsMissing", "DatesWithin", "Drop", "DropConflicts", "DropNearRepeats",
    "DropRepeats", "DropWithout", "MendEncoding", "MergeWords", "MissingDates",
    "Rescale", "ToBoolean", "ToDate", "ToNumber", "ToText", "Within",
]  # fmt: skip
