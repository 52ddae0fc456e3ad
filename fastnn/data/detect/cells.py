"""The detectors that look at cells and at the values of single columns, in order.

spellings.py       encoding, category_variants; near.py: typing errors
gaps.py            missing, disguised_missing (words); sentinels.py: numbers, dates
writing.py         number_as_text, mixed_units (as written), boolean_as_text
dates.py           mixed_dates
impossible.py      impossible_values, mixed_units (by size)
informative.py     informative_missing
distributions.py   outliers, skew, scale_gap
vocabulary.py      words for "no value", yes and no; statistics.py: tests and tails
"""

from .dates import mixed_dates
from .distributions import outliers, scale_gap, skew
from .gaps import disguised_missing, missing
from .impossible import impossible_values, unwritten_units
from .informative import informative_missing
from .sentinels import sentinels
from .spellings import category_variants, encoding
from .writing import boolean_as_text, numbers_in_text

CELL_STAGES = (
    (missing, encoding),
    (disguised_missing,),
    (boolean_as_text, mixed_dates, numbers_in_text),
    (sentinels,),
    (unwritten_units, impossible_values),
    (category_variants,),
    (informative_missing,),
    (outliers, skew, scale_gap),
)
