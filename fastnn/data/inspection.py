"""inspect: is this table ready for a network, can it be made so, or never?"""

import time
from dataclasses import replace

import numpy as np

from ..ops import checks
from . import reading, verdict
from .detect import stages
from .detect.look import Look
from .progress import as_progress, part
from .report import Report, worst_first
from .steps.cleaning import together


def inspect(table, target=None, against=None, progress=False, task=None):
    """Look through a table for what a network will feel: `report.verdict`.

    table, against: a path (CSV, TSV, Parquet, JSON lines, Excel), a pandas, polars or
    pyarrow table, a dict of columns, a NumPy array (2-D or structured).
    target: the name of the column to predict; without it, what needs one is left out.
    task: "classes" or "values", what the target is; None: decided by what it holds.
    against: rows that the network will be used on, to be compared with these.
    progress: True for a bar on a terminal, or a function of (share done, from 0 to 1;
        what is done, a few words).

    Returns a Report. ValueError, OSError: the table cannot be read, or has no such
    column. ImportError: a package that is needed to read it is missing.
    """
    quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")
    if task is not None:
        checks.choice("inspect", "task", task, ("classes", "values"))
    with as_progress(progress) as tell, quiet:  # numbers near 1e308 are no news
        return _inspect(table, target, against, tell, task)


def _inspect(table, target, against, tell, task):
    started = time.perf_counter()
    table = reading.door("inspect", table, progress=part(tell, 0.0, 0.3))
    if against is not None:
        against = reading.door(
            "inspect", against, "against", progress=part(tell, 0.3, 0.4)
        )
    if target is not None and (not isinstance(target, str) or target not in table):
        raise ValueError(
            f"inspect: target: there is no column {checks.describe(target)}; "
            "the columns are "
            f"{', '.join(map(repr, table.names[:12]))}"
            + (" ..." if len(table.names) > 12 else "")
        )
    look, found = Look(table, target, against, task), []
    share = part(tell, 0.4, 1.0)
    for i, stage in enumerate(stages.STAGES):
        for j, detector in enumerate(stage):
            share((i + j / len(stage)) / len(stages.STAGES), _named(detector))
            some = tuple(detector(look))
            found += some
            look = look.mended(together(step for f in some for step in f.steps))
            look = replace(look, found=tuple(found))
    decided, reasons, ceiling = verdict.of(look, found)
    return Report(
        decided, worst_first(found), table, target, look.task, reasons, ceiling,
        time.perf_counter() - started, look,
    )  # fmt: skip


def _named(detector):
    return getattr(detector, "__name__", "").strip("_").replace("_", " ")
