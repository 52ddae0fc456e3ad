"""Steps for cells without a value: say that there was none, then fill them."""

from dataclasses import dataclass

import numpy as np

from ...table import Column


@dataclass(frozen=True)
class Indicator:
    """New columns: 1 where a row has no value in one of some columns, else 0.

    of: {name of the new column: (columns, ...)}. Columns without values in the same
    rows share one. A network that sees only what was filled in cannot tell it from what
    was measured, and often that a value is missing says something by itself.
    """

    of: dict[str, tuple[str, ...]]

    def apply(self, table):
        new = []
        for name, columns in self.of.items():
            there = [table[c].missing for c in columns if c in table]
            if there:
                missing = np.logical_or.reduce(there)
                new.append(Column(name, "number", missing.astype(np.float64)))
        unlike(table, [column.name for column in new])
        return table.with_columns(*new)

    def undo(self, table):
        """The cells that had been filled are missing again."""
        for name, columns in self.of.items():
            if name in table:
                filled = table[name].values > 0.5
                table = table.with_columns(
                    *(table[c].with_missing(filled) for c in columns if c in table)
                )
        return table.without(self.of)


@dataclass(frozen=True)
class Fill:
    """Numbers for the cells without one, or with an infinite one: the median or, for
    flags, the commonest."""

    values: dict[str, float]

    def apply(self, table):
        filled = []
        for name, value in self.values.items():
            if name in table and table[name].kind in ("number", "boolean"):
                column = table[name]
                there = np.isfinite(column.values)
                numbers = np.where(there, column.values, value)
                filled.append(Column(name, column.kind, numbers, whole=column.whole))
        return table.with_columns(*filled)

    def undo(self, table):
        return table


def unlike(table, names):
    """Refuse names of new columns that others have."""
    taken = [name for name in names if name in table]
    if taken:
        raise ValueError(
            f"there is a column {taken[0]!r}, and a step makes another of that name; "
            "rename the first"
        )
