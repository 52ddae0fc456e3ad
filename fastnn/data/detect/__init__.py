"""What `inspect` looks for: one function for each kind of finding, in stages.

A detector is a function of a Look that gives its Findings. Stages run one after the
other, and each sees the table as the stages before have mended it: numbers that were
text are numbers when their outliers are asked for, and a leak that hid behind
contradicting rows shows once these are gone.
"""

from .cells import CELL_STAGES
from .rows_stages import ROW_STAGES

# The shape of single columns is asked last: of rows once each, without identifiers.
STAGES = (*CELL_STAGES[:-1], *ROW_STAGES, CELL_STAGES[-1])  # tuples of detectors
