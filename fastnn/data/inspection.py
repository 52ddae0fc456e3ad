"""inspect: is this table ready for a network, can it be made so, or never?"""

import time

from . import detect, reading, verdict
from .detect.look import Look
from .report import Report, worst_first


def inspect(table, target=None, against=None, progress=False, task=None):
    """Look through a table for what a network will feel: `report.verdict`.

    table, against: a path (CSV, TSV, Parquet, JSON lines, Excel), a pandas, polars or
    pyarrow table, a dict of columns, a NumPy array (2-D or structured).
    target: the name of the column to predict; without it, what needs one is left out.
    task: "classes" or "values", what the target is; None: decided by what it holds.
    against: rows that the network will be used on, to be compared with these.

    Returns a Report. ValueError: the table cannot be read, or has no such column.
    """
    started = time.perf_counter()
    table = reading.as_table(table)
    against = None if against is None else reading.as_table(against)
    if target is not None and target not in table:
        raise ValueError(
            f"inspect: there is no column {target!r}; the columns are "
            f"{', '.join(map(repr, table.names[:12]))}"
            + (" ..." if len(table.names) > 12 else "")
        )
    look, found = Look(table, target, against, task), []
    for stage in detect.STAGES:
        for detector in stage:
            some = tuple(detector(look))
            found += some
            look = look.mended(step for f in some for step in f.steps)
    decided, reasons, ceiling = verdict.of(look, found)
    return Report(
        decided, worst_first(found), table, target, look.task, reasons, ceiling,
        time.perf_counter() - started, look,
    )  # fmt: skip
