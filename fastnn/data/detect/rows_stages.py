"""The detectors that look at columns beside each other, at rows and at the target.

The order is part of the design: what names the rows goes first, since it would make
equal rows differ; then duplicates, then contradictions among the rows left, then leaks,
which contradicting rows would hide; then what is asked of clean rows alone.
"""

from .categories import free_text, high_cardinality, identifier, rare_levels
from .collinearity import collinear
from .columns import constant, duplicate_column, near_constant
from .drifts import drift
from .groups import split_by_number, split_leak
from .leaks import leak
from .near_rows import near_duplicate_rows
from .repeats import conflicting_labels, duplicate_rows
from .signal import no_signal
from .sizes import imbalance, one_class, too_few_per_class, too_few_rows
from .targets import target_missing, target_type

ROW_STAGES = (
    (target_type, target_missing),
    (constant, near_constant, duplicate_column),
    (split_by_number, free_text, identifier),
    (duplicate_rows, near_duplicate_rows, conflicting_labels),
    (one_class, too_few_rows, too_few_per_class, imbalance),
    (high_cardinality, rare_levels),
    (leak,),
    (split_leak, collinear, drift, no_signal),
)
