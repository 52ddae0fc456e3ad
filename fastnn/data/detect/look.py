"""Look: what the detectors share while they go over a table."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..table import Table


@dataclass(frozen=True)
class Look:
    """A table as it has been mended so far, and what is asked of it.

    target: the column to predict, or None. against: a Table of rows to use the network
    on, or None. asked_task: the task, where the caller says it.
    steps: the repairs done so far, in their order. found: the findings so far.
    """

    table: Table
    target: str | None = None
    against: Table | None = None
    asked_task: str | None = None
    steps: tuple = ()
    found: tuple = ()

    @property
    def features(self):
        """The columns to learn from."""
        return [c for c in self.table if c.name != self.target]

    @property
    def y(self):
        """The target's Column, or None."""
        return None if self.target is None else self.table[self.target]

    @cached_property
    def task(self):
        """ "classes" or "values": as asked, or by what the target holds; None without
        a target."""
        return None if self.target is None else self.asked_task or task_of(self.y)

    @cached_property
    def y_codes(self):
        """(n_rows,) int64: the class of each row; -1 where there is no target."""
        return self.y.codes

    def mended(self, steps):
        """The same after some steps, in the rows to use the network on as well."""
        table, against, steps = self.table, self.against, tuple(steps)
        for step in steps:
            table = step.apply(table)
            against = None if against is None else step.apply(against)
        return replace(
            self,
            table=table,
            against=against,
            steps=self.steps + steps,
        )


MOST_CLASSES = 20  # whole numbers with more distinct values than this are values


def task_of(column):
    """The rule of `fastnn train`: classes are text, true and false, 0 and 1, or whole
    numbers, at most 20 different ones and at most half as many as there are rows, that
    are no counts."""
    if column.kind in ("text", "boolean"):
        return "classes"
    if column.kind == "date":
        return "values"
    values = column.present
    if column.n_distinct == 2 and np.isin(values, (0, 1)).all():
        return "classes"
    few = column.n_distinct <= min(MOST_CLASSES, len(values) / 2)
    if not few or np.any(values != np.round(values)):
        return "values"
    return "values" if is_count(*column.distinct) else "classes"


def is_count(values, counts):
    """Whether whole numbers, and the rows of each, are how often something happened.

    Counts begin at 0 or a little above, leave out no number but far in the tail, thin
    out upwards until hardly a row holds the last one, and have about their mean as
    variance, or more: Poisson's index of dispersion is 1. 0.6 of it will do. The
    numbers of classes have no order to rise and fall along; a scale, such as of 1 to 7,
    ends where rows are still many, and its middle ones lie closer.
    """
    if len(values) < 6 or values[0] < 0 or not rises_and_falls(values, counts, 3.0):
        return False
    n = counts.sum()
    mean = counts @ values / n
    variance = counts @ (values - mean) ** 2 / n
    up_to = np.cumsum(counts) / n
    middle = values[np.searchsorted(up_to, 0.5)]
    no_gap = np.all(np.diff(values[: np.searchsorted(up_to, 0.9) + 1]) == 1)
    last, peak = counts[-1], counts.max()
    thin = last <= max(3, 0.01 * n) and peak - last > 3.0 * np.sqrt(peak + last)
    long = values[-1] - middle >= middle - values[0]
    start = values[0] if values[0] <= 1 else 0.0
    return bool(no_gap and thin and long and variance >= 0.6 * (mean - start))


def has_one_peak(values, counts):
    """Six or more whole numbers, most rows at one of them and fewer the farther off."""
    peak = counts.max() > 2 * np.median(all_between(values, counts))
    return len(values) >= 6 and bool(peak) and rises_and_falls(values, counts, 2.0)


def rises_and_falls(values, counts, sure):
    """Whether the rows of whole numbers rise to one peak and fall, but for chance: two
    counts differ by at most so many roots of their sum."""
    span = int(values[-1] - values[0]) + 1
    if span > 3 * len(values):
        return False
    rows = all_between(values, counts)
    peak = int(rows.argmax())
    steps = np.diff(rows)
    steps[:peak] *= -1  # up to the peak, a fall is against it
    return not np.any(steps > sure * np.sqrt(rows[1:] + rows[:-1]))


def all_between(values, counts):
    """(n,): the rows of each whole number from the first to the last, at most 3 times
    as many numbers as there are values."""
    place = (values - values[0]).astype(np.int64)
    rows = np.zeros(min(int(place[-1]) + 1, 3 * len(values)))
    kept = place < len(rows)
    rows[place[kept]] = counts[kept]
    return rows


def shown(values, most=5):
    """Some values as short texts, for evidence."""
    texts = [str(v) if len(str(v)) <= 40 else str(v)[:39] + "…" for v in values]
    return texts[:most]


def first_rows(mask, most=10):
    """The numbers of the first rows where mask is True, from 0, as a list."""
    return np.flatnonzero(mask)[:most].tolist()


def sample_rows(n_rows, most, seed=0):
    """The numbers of at most so many rows, drawn without repeats, in their order."""
    if n_rows <= most:
        return np.arange(n_rows)
    drawn = np.random.default_rng(seed).choice(n_rows, most, replace=False)
    return np.sort(drawn)
