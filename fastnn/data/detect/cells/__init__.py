"""The detectors that look at cells and at the values of single columns.

spellings.py       encoding, category_variants; near.py: typing errors
gaps.py            missing, disguised_missing (words); sentinels.py: numbers, dates
writing.py         number_as_text, mixed_units (as written), boolean_as_text
dates.py           mixed_dates
impossible.py      impossible_values, mixed_units (by size)
informative.py     informative_missing
distributions.py   outliers, skew, scale_gap
vocabulary.py      words for "no value", yes and no
"""
