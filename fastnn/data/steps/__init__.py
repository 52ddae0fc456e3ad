"""The steps of a Recipe.

cleaning.py    cells: what is missing, spellings, booleans, columns left out
parsing.py     text that is a number (signs, separators, units) or a date
rows.py        rows left out: without a target, repeated, contradicting
"""

from .cleaning import AsMissing, Drop, MergeWords, ToBoolean, ToText, Within
from .parsing import MendEncoding, Rescale, ToDate, ToNumber
from .rows import DropConflicts, DropRepeats, DropWithout

__all__ = [
    "AsMissing", "Drop", "DropConflicts", "DropRepeats", "DropWithout", "MendEncoding",
    "MergeWords", "Rescale", "ToBoolean", "ToDate", "ToNumber", "ToText", "Within",
]  # fmt: skip
