"""The steps of a Recipe.

columns.py     which columns, of which kinds
cleaning.py    cells: what is missing, spellings, booleans, columns left out
parsing.py     text that is a number (signs, separators, units) or a date
filling.py     cells without a value         encoding.py   words and dates as numbers
scaling.py     long tails, sizes             stored.py, wording.py   as JSON, in words
"""

from .cleaning import AsMissing, Drop, MergeWords, ToBoolean, ToText, Within
from .columns import Columns
from .encoding import DateParts, Hashed, OneHot, Ordinal
from .filling import Fill, Indicator
from .parsing import MendEncoding, Rescale, ToDate, ToNumber
from .scaling import Scale, SignedLog

__all__ = [
    "AsMissing", "Columns", "DateParts", "Drop", "Fill", "Hashed", "Indicator",
    "MendEncoding", "MergeWords", "OneHot", "Ordinal", "Rescale", "Scale", "SignedLog",
    "ToBoolean", "ToDate", "ToNumber", "ToText", "Within",
]  # fmt: skip
