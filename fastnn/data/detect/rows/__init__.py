"""The detectors that look at columns beside each other, and at rows.

columns.py         constant, near_constant, duplicate_column
categories.py      identifier, free_text, high_cardinality, rare_levels
collinearity.py    collinear
repeats.py         duplicate_rows, conflicting_labels
near_rows.py       near_duplicate_rows
groups.py          split_leak
sizes.py           too_few_rows, too_few_per_class, imbalance
drifts.py          drift
"""
