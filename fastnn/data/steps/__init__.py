"""The steps of a Recipe.

columns.py     which columns, of which kinds
cleaning.py    cells: what is missing, spellings, booleans, columns left out
parsing.py     text that is a number (signs, separators, units) or a date
rows.py        rows left out: without a target, repeated, contradicting
near.py        rows left out that are nearly the same
filling.py     cells without a value         encoding.py   words and dates as numbers
scaling.py     long tails, sizes             stored.py, wording.py   as JSON, in words
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
from .columns import Columns
from .encoding import DateParts, Hashed, OneHot, Ordinal
from .filling import Fill, Indicator
from .near import DropNearRepeats
from .parsing import MendEncoding, Rescale, ToDate, ToNumber
from .rows import DropConflicts, DropRepeats, DropWithout
from .scaling import Scale, SignedLog

OF_ROWS = (DropConflicts, DropNearRepeats, DropRepeats, DropWithout)
"""Steps for the rows to learn from alone: on other rows they are not done."""

__all__ = [
    "AsMissing", "Columns", "DateParts", "DatesWithin", "Drop", "DropConflicts",
    "DropNearRepeats", "DropRepeats", "DropWithout", "Fill", "Hashed", "Indicator",
    "MendEncoding", "MergeWords", "MissingDates", "OneHot", "Ordinal", "Rescale",
    "Scale", "SignedLog", "ToBoolean", "ToDate", "ToNumber", "ToText", "Within",
]  # fmt: skip
