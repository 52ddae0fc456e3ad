"""The verdict: ready, repairable or never; and what can be learned at best."""

import numpy as np

from .detect.rows.repeats import floor_and_baseline
from .detect.target.signal import band


def of(look, findings):
    """(verdict, reasons, ceiling) of a table after its repairs, and its findings.

    never: a finding is a blocker: no repair brings back what is missing. repairable:
    some are to be repaired. ready: an array made of the table as it is would be right.
    """
    reasons = tuple(f.why for f in findings if f.severity == "blocker")
    if reasons:
        verdict = "never"
    elif any(f.severity == "repair" for f in findings):
        verdict = "repairable"
    else:
        verdict = "ready"
    return verdict, reasons, ceiling_of(look, findings)


def ceiling_of(look, findings=()):
    """What can be learned at best; None without a target.

    measure: "accuracy" or "R2". floor: the error (wrong rows, or the part of the
    variance) that rows with equal features and different targets force on any model,
    those that a repair leaves out as well, since new rows will contradict like them.
    baseline: the measure of always the commonest class, or of the mean. band: (low,
    high), the measure of cross-validated small models (ridge, nearest neighbours, a
    tree); None where the rows are too few. rows: those that the band was told from.
    """
    if look.y is None or look.y.n_distinct < 2:
        return None
    floor, without = floor_and_baseline(look)
    floors = [f.evidence["floor"] for f in findings if f.kind == "conflicting_labels"]
    found = band(look)
    return {
        "measure": "accuracy" if look.task == "classes" else "R2",
        "floor": round(max([floor, *floors]), 6),
        "baseline": round(1 - without, 6),
        "band": None if found is None else tuple(np.round(found[:2], 4).tolist()),
        "rows": 0 if found is None else found[2],
    }
