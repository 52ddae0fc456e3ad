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
    numbers, at most 20 different ones and at most half as many as there are rows."""
    if column.kind in ("text", "boolean"):
        return "classes"
    if column.kind == "date":
        return "values"
    values = column.present
    if column.n_distinct == 2 and np.isin(values, (0, 1)).all():
        return "classes"
    few = column.n_distinct <= min(MOST_CLASSES, len(values) / 2)
    return "classes" if few and np.all(values == np.round(values)) else "values"


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
