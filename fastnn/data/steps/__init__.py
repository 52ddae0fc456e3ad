"""The steps of a Recipe.

columns.py     which columns, of which kinds: the first step
cleaning.py    cells: what is missing, spellings, booleans, columns left out
parsing.py     text that is a number or a date: number_words.py, units.py,
               date_words.py; text in the wrong alphabet: mojibake.py
rows.py        rows left out: without a target, repeated, contradicting;
near.py        nearly the same
fitted/        from the mended rows to numbers: what is filled in, words, sizes
stored.py      steps as JSON and back        wording.py    steps in words
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
from .fitted import (
    DateParts,
    Fill,
    Hashed,
    Indicator,
    OneHot,
    Ordinal,
    Scale,
    SignedLog,
)
from .near import DropNearRepeats
from .parsing import MendEncoding, Rescale, ToDate, ToNumber
from .rows import DropConflicts, DropRepeats, DropWithout

OF_ROWS = (DropConflicts, DropNearRepeats, DropRepeats, DropWithout)
"""Steps for the rows to learn from alone: on other rows they are not done."""

FITTED = (DateParts, Fill, Hashed, Indicator, OneHot, Ordinal, Scale, SignedLog)
"""Steps after all repairs, in which the training rows have left their numbers."""

__all__ = [
    "AsMissing", "Columns", "DateParts", "DatesWithin", "Drop", "DropConflicts",
    "DropNearRepeats", "DropRepeats", "DropWithout", "Fill", "Hashed", "Indicator",
    "MendEncoding", "MergeWords", "MissingDates", "OneHot", "Ordinal", "Rescale",
    "Scale", "SignedLog", "ToBoolean", "ToDate", "ToNumber", "ToText", "Within",
]  # fmt: skip
