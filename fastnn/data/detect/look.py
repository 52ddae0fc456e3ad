"""Look: what the detectors share while they go over a table."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from ..table import Table


@dataclass(frozen=True)
class Look:
    """A table as it has been mended so far, and what is asked of it.

    target: the column to predict, or None. against: a Table of rows to use the network
    on, or None. task: "classes" or "values" of the target, or None without one.
    dropped: names of columns that a repair has taken away.
    """

    table: Table
    target: str | None = None
    against: Table | None = None
    task: str | None = None
    dropped: frozenset = field(default_factory=frozenset)

    @property
    def features(self):
        """The columns to learn from."""
        return [c for c in self.table if c.name != self.target]

    @property
    def y(self):
        """The target's Column, or None."""
        return None if self.target is None else self.table[self.target]

    @cached_property
    def y_codes(self):
        """(n_rows,) int64: the class of each row; -1 where there is no target."""
        return self.y.codes

    def mended(self, steps):
        """The same after some steps, in the rows to use the network on as well."""
        table, against = self.table, self.against
        for step in steps:
            table = step.apply(table)
            against = None if against is None else step.apply(against)
        gone = self.dropped | (set(self.table.names) - set(table.names))
        return replace(self, table=table, against=against, dropped=frozenset(gone))


def shown(values, most=5):
    """Some values as short texts, for evidence."""
    texts = [str(v) if len(str(v)) <= 40 else str(v)[:39] + "…" for v in values]
    return texts[:most]


def first_rows(mask, most=10):
    """The numbers of the first rows where mask is True, from 0, as a list."""
    return np.flatnonzero(mask)[:most].tolist()
