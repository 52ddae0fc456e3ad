"""The steps of a Recipe.

cleaning.py    cells: what is missing, spellings, booleans, columns left out
parsing.py     text that is a number (signs, separators, units) or a date
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
from .parsing import MendEncoding, Rescale, ToDate, ToNumber

__all__ = [
    "AsMissing", "DatesWithin", "Drop", "MendEncoding", "MergeWords", "MissingDates",
    "Rescale", "ToBoolean", "ToDate", "ToNumber", "ToText", "Within",
]  # fmt: skip
