"""The stages of detectors, in their order.

Cells come first, so that what is text by mistake is numbers when rows are compared.
Then what names the rows, since it would make equal rows differ; then duplicates, then
contradictions among the rows left, then leaks, which contradicting rows would hide;
then what is asked of clean rows alone. The shape of single columns is asked last: of
rows once each, without identifiers.
"""

from .cells.dates import mixed_dates
from .cells.distributions import outliers, scale_gap, skew
from .cells.gaps import disguised_missing, missing
from .cells.impossible import impossible_values, unwritten_units
from .cells.informative import informative_missing
from .cells.sentinels import sentinels
from .cells.spellings import category_variants, encoding
from .cells.writing import boolean_as_text, numbers_in_text
from .rows.categories import free_text, high_cardinality, identifier, rare_levels
from .rows.collinearity import collinear
from .rows.columns import constant, duplicate_column, near_constant
from .rows.drifts import drift
from .rows.groups import split_by_number, split_leak
from .rows.near_rows import near_duplicate_rows
from .rows.repeats import conflicting_labels, duplicate_rows
from .rows.sizes import imbalance, one_class, too_few_per_class, too_few_rows
from .target.leaks import leak
from .target.signal import no_signal
from .target.targets import target_missing, target_type

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

STAGES = (*CELL_STAGES[:-1], *ROW_STAGES, CELL_STAGES[-1])
