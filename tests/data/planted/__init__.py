"""Tables with planted defects, and the truth about them.

    planted(seed)   one to five defects in a table   clean(seed)   none
    as_csv(table, path)                              judge.py      recall and precision
    python -m data.planted                           the evaluation (in tests/)

base.py makes the clean table; cells.py, rows.py and relations.py plant one kind each;
words.py holds names and categories in several languages.
"""

from typing import NamedTuple

import numpy as np

from . import cells, relations, rows
from .base import base

PLANTERS = {p.__name__: p for m in (cells, rows, relations) for p in m.PLANTERS}
KINDS = tuple(PLANTERS)
ALONE = {"too_few_rows"}  # every other judgement is unsafe in so few rows
GROUPS = (  # of which a table has at most one: they would spoil each other
    {"no_signal", "leak", "informative_missing"},
    {"no_signal", "conflicting_labels", "split_leak"},
    {"split_leak", "leak"},
    {"split_leak", "duplicate_rows"},
    {"split_leak", "near_duplicate_rows"},
    {"split_leak", "informative_missing"},  # of whole groups: too few of them
    {"target_type", "imbalance", "too_few_per_class", "no_signal", "split_leak"},
    {"target_type", "conflicting_labels"},
    {"target_type", "target_missing"},
    {"imbalance", "informative_missing"},
    {"imbalance", "leak"},
    {"imbalance", "conflicting_labels"},  # which give the rare class more rows
    {"too_few_per_class", "leak"},
    {"too_few_per_class", "conflicting_labels"},
    {"drift", "split_leak"},
)  # fmt: skip
FOR_CLASSES = {"imbalance", "too_few_per_class"}
ORDER = (  # rows are left out first; copies are made last, of all that was planted
    "imbalance", "split_leak", "too_few_per_class", "no_signal", "leak",
    "informative_missing", *KINDS,
)  # fmt: skip
LAST = ("target_type", "target_missing", "near_duplicate_rows", "conflicting_labels",
        "duplicate_rows", "too_few_rows", "drift")  # fmt: skip
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2)


class Planted(NamedTuple):
    """table: a pandas DataFrame. truth: [(kind, columns, detail)]. base: the Draft.

    against: a DataFrame of rows to use the network on, or None.
    """

    table: object
    target: str
    truth: list
    base: object
    against: object = None


def planted(seed, kinds=None):
    """A table with defects: KINDS[seed % 33], half the time with one to four others."""
    rng = np.random.default_rng([seed, 7])
    kinds = chosen(rng, KINDS[seed % len(KINDS)]) if kinds is None else kinds
    draft = start(seed, kinds)
    draft.least = 12 if "drift" in kinds else 5  # a third of them is set aside
    first = [k for k in dict.fromkeys(ORDER) if k in kinds and k not in LAST]
    for kind in (*first, *(k for k in LAST if k in kinds)):
        share = float(rng.choice(SHARES))
        if kind == "drift" or (draft.against is None and "drift" in kinds
                               and kind in LAST):  # fmt: skip
            part(draft)
        PLANTERS[kind](draft, share)
    return finished(draft)


def clean(seed):
    """A table without defects; every fourth one with rows to use it on."""
    draft = base(seed)
    if seed % 4 == 0:
        part(draft)
    return finished(draft)


def chosen(rng, kind):
    kinds = [kind]
    wanted = 1 if rng.random() < 0.5 or kind in ALONE else int(rng.integers(2, 6))
    for other in rng.permutation(KINDS).tolist():
        if len(kinds) < wanted and fits(other, kinds):
            kinds.append(other)
    return kinds


def fits(other, kinds):
    spoils = any(other in group and group & set(kinds) for group in GROUPS)
    return other not in ALONE and other not in kinds and not spoils


def start(seed, kinds):
    """A base table of the task that these kinds need."""
    for again in range(99):
        draft = base(
            seed + 1_000_003 * again, 1600 if "too_few_rows" in kinds else None
        )
        # a class of two percent needs enough rows to have more than too few
        small = "imbalance" in kinds and draft.n < 900
        if not small and (draft.task == "classes" or not FOR_CLASSES & set(kinds)):
            return draft
    raise RuntimeError(f"no base table for {kinds} with seed {seed}")


def part(draft):
    """Set a third of the rows aside, as those to use the network on."""
    if draft.against is not None:
        return
    if not relations.can_drift(draft):
        draft.fresh("number")
    aside = draft.rng.random(draft.n) < 1 / 3
    draft.against = {k: v[aside] for k, v in draft.columns.items()}
    draft.against.pop(draft.target)
    rows.only(draft, np.flatnonzero(~aside))


def finished(draft):
    """The columns in another order, as DataFrames."""
    import pandas

    names = draft.rng.permutation(list(draft.columns)).tolist()
    table = pandas.DataFrame({k: draft.columns[k] for k in names})
    against = None
    if draft.against is not None:
        against = pandas.DataFrame(
            {k: draft.against[k] for k in names if k in draft.against}
        )
    return Planted(table, draft.target, draft.truth, draft, against)


def as_csv(table, path, seed=0):
    """Written as CSV: with commas, semicolons or tabs, with a BOM or without."""
    separator = (",", ";", "\t")[seed % 3]
    encoding = "utf-8-sig" if seed % 5 == 0 else "utf-8"
    table.to_csv(path, index=False, sep=separator, encoding=encoding)
    return path
