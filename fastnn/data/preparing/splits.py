"""Which rows are for training and which for testing: what a table asks for."""

import warnings
from dataclasses import dataclass, field

import numpy as np

from ...ops import checks
from ..splitting import split as at_random

NAMES = ("auto", "random", "stratified")


@dataclass(frozen=True)
class Split:
    """How the rows were parted.

    kind: "random" | "stratified" | "group" | "time". column: that of the groups or the
    times, or None. why: the reason, a sentence. train, test: numbers of rows.
    """

    kind: str
    column: str | None
    why: str
    train: np.ndarray = field(repr=False)
    test: np.ndarray = field(repr=False)

    @property
    def rule(self):
        """What `prepare(split=...)` takes to do the same again."""
        return self.kind if self.column is None else (self.kind, self.column)

    def __str__(self):
        column = "" if self.column is None else f" by {self.column!r}"
        return f"{self.kind}{column}: {self.why}"


def checked_rule(rule, table, target):
    """(kind, column or None) of the argument `split`, or an error that teaches."""
    if isinstance(rule, str) and rule in NAMES:
        return rule, None
    pair = isinstance(rule, (tuple, list)) and len(rule) == 2
    if not pair or rule[0] not in ("group", "time") or not isinstance(rule[1], str):
        raise ValueError(
            f"prepare: split is {checks.describe(rule)}; expected 'auto', 'random', "
            "'stratified', ('group', column) or ('time', column)"
        )
    if rule[1] not in table:
        raise ValueError(
            f"prepare: split is {rule!r}, and there is no column {rule[1]!r}; the "
            f"columns are {', '.join(map(repr, table.names[:12]))}"
        )
    if rule[1] == target:
        raise ValueError(
            f"prepare: split is {rule!r}, but {target!r} is the target; name the "
            "column of groups or times, or 'stratified' for equal shares of it"
        )
    return tuple(rule)


def by_chance(y, task, fraction, rng, kind="auto"):
    """A random Split of all rows, in which classes have equal shares where they can.
    Both parts keep the order of the rows: some columns are told by it for what they are
    (a row's number, a time).

    y: the target's Column, without missing ones. kind: "auto", "random", "stratified".
    """
    rows = np.arange(len(y))
    codes = y.codes
    sizes = np.bincount(codes) if len(codes) else np.zeros(0, np.int64)
    n_test = max(round(len(y) * fraction), 1)
    classes = task == "classes" and sizes.max(initial=0) > 1
    can = np.maximum(sizes - 1, 0).sum() >= n_test
    if kind == "stratified" and not can:
        raise ValueError(
            f"prepare: split is 'stratified', but the target has {len(sizes)} classes "
            f"in {len(y)} rows, too few of each; use 'random'"
        )
    stratify = kind == "stratified" or (kind == "auto" and classes and can)
    if fraction == 0:
        train, test = rows, rows[:0]
        return Split("random", None, "all rows are for training", train, test)
    with warnings.catch_warnings():  # of classes with one row: `why` says it
        warnings.simplefilter("ignore")
        (train, _), (test, _) = at_random(
            rows, codes, fraction, stratify=stratify, rng=rng
        )
        train, test = np.sort(train), np.sort(test)
    if kind != "auto":
        why = "as asked"
    elif stratify:
        why = "the target holds classes, and each has the same share in both parts"
    elif task == "classes":
        why = "the classes have too few rows to have a share in both parts"
    else:
        why = "the target holds values, and no rows were found to belong together"
    single = int((sizes == 1).sum())
    if stratify and single:
        why += f"; {single} with a single row are for training alone"
    return Split("stratified" if stratify else "random", None, why, train, test)


def by_group(column, fraction, rng, why="as asked"):
    """A Split that keeps rows with one value of a column together.

    Rows without a value are each a group of their own.
    """
    codes = column.codes.copy()
    alone = np.flatnonzero(codes < 0)
    codes[alone] = codes.max(initial=-1) + 1 + np.arange(len(alone))
    groups, codes = np.unique(codes, return_inverse=True)
    if len(groups) < 2:
        raise ValueError(
            f"prepare: column {column.name!r} has the same value in all rows, so no "
            "group is left for testing; use another column or split='random'"
        )
    order = rng.permutation(len(groups))
    ends = np.cumsum(np.bincount(codes)[order])
    n_test = max(round(len(codes) * fraction), 1)
    taken = int(np.abs(ends[:-1] - n_test).argmin()) + 1
    is_test = np.isin(codes, order[:taken])
    train, test = np.flatnonzero(~is_test), np.flatnonzero(is_test)
    return Split("group", column.name, why, train, test)


def by_time(column, fraction, why="as asked"):
    """A Split whose test rows are the latest; rows of one time stay together.

    column: dates, numbers, or words that sort as times do. Rows without a time are for
    training. Rows stay in the order of time.
    """
    if column.kind == "text":
        place = np.empty(len(column.words) + 1, np.int64)
        place[np.argsort(np.array(column.words, dtype=str), kind="stable")] = np.arange(
            len(column.words)
        )
        place[-1] = -1
        time = place[column.values]
    else:
        time = column.codes
    order = np.argsort(time, kind="stable")
    ordered = time[order]
    borders = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1  # a part may begin here
    borders = borders[ordered[borders - 1] >= 0] if (time >= 0).any() else borders[:0]
    if not len(borders):
        raise ValueError(
            f"prepare: column {column.name!r} has fewer than two times, so there is no "
            "later part to test on; use another column or split='random'"
        )
    wanted = len(time) - max(round(len(time) * fraction), 1)
    border = int(borders[np.abs(borders - wanted).argmin()])
    return Split("time", column.name, why, order[:border], order[border:])


def of_report(report):
    """(kind, column, why) of what `inspect` found rows to share, or None."""
    kinds = {"groups": "group", "time": "time"}
    for finding in report.of_kind("split_leak"):
        kind = kinds.get(finding.evidence.get("how"))
        if kind is not None:
            return kind, finding.columns[0], finding.why
    return None
