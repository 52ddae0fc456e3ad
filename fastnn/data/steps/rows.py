"""Steps that leave out rows. `prepare` does them to the rows to learn from alone."""

from dataclasses import dataclass

import numpy as np

from .. import hashes


@dataclass(frozen=True)
class DropWithout:
    """Rows that have no value in a column, such as the target."""

    column: str

    def apply(self, table):
        if self.column not in table or table[self.column].n_missing == 0:
            return table
        return table.rows(~table[self.column].missing)


@dataclass(frozen=True)
class DropRepeats:
    """Rows that are equal to one above them in all columns but `besides`."""

    besides: tuple = ()

    def apply(self, table):
        names = [name for name in table.names if name not in set(self.besides)]
        again = hashes.repeats(table.row_hashes(names))
        return table.rows(~again) if again.any() else table


@dataclass(frozen=True)
class DropConflicts:
    """Rows that are equal in all columns but the target, which differs among them.

    All of them go: nothing says which of the targets is the right one.
    """

    target: str
    besides: tuple = ()

    def apply(self, table):
        if self.target not in table:
            return table
        left_out = {self.target, *self.besides}
        names = [name for name in table.names if name not in left_out]
        against = conflicting(table.row_hashes(names), table.row_hashes([self.target]))
        return table.rows(~against) if against.any() else table


def conflicting(rows, labels):
    """(n,) bool: rows that share their hash with a row of another label."""
    out = np.zeros(len(rows), bool)
    some = np.flatnonzero(hashes.shared(rows))
    if len(some) == 0:
        return out
    group = np.unique(rows[some], return_inverse=True)[1]
    first = np.empty(int(group.max()) + 1, labels.dtype)
    first[group] = labels[some]
    differs = labels[some] != first[group]
    out[some] = np.bincount(group[differs], minlength=len(first))[group] > 0
    return out
