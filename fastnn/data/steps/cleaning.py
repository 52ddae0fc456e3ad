"""Steps that mend cells, each row by itself.

A step is a frozen dataclass of JSON's types; `apply(table)` gives a new table. What it
needs and the table does not have, it leaves alone.
"""

from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from ..table import Column


@dataclass(frozen=True)
class AsMissing:
    """Words, or numbers, of a column that mean "there is no value"."""

    column: str
    words: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()

    def apply(self, table):
        if self.column not in table:
            return table
        column = table[self.column]
        if column.kind == "text":
            none = np.array([w in self.words for w in column.words] + [True])
            return table.with_columns(column.with_missing(none[column.values]))
        if column.kind in ("number", "boolean"):
            mask = np.isin(column.values, np.array(self.numbers, np.float64))
            return table.with_columns(column.with_missing(mask))
        return table


@dataclass(frozen=True)
class MissingDates:
    """Days (ISO, such as "1900-01-01") of a column that mean "there is no date"."""

    column: str
    days: tuple

    def apply(self, table):
        if self.column not in table or table[self.column].kind != "date":
            return table
        column = table[self.column]
        days = np.array(self.days, "datetime64[D]")
        mask = np.isin(column.values.astype("datetime64[D]"), days)
        return table.with_columns(column.with_missing(mask))


@dataclass(frozen=True)
class DatesWithin:
    """Dates before `first` or after `last` (ISO) cannot be: they become missing."""

    column: str
    first: str | None = None
    last: str | None = None

    def apply(self, table):
        if self.column not in table or table[self.column].kind != "date":
            return table
        column, mask = table[self.column], np.zeros(table.n_rows, bool)
        if self.first is not None:
            mask |= column.values < np.datetime64(self.first, "us")
        if self.last is not None:
            mask |= column.values > np.datetime64(self.last, "us")
        return table.with_columns(column.with_missing(mask))


@dataclass(frozen=True)
class Within:
    """Numbers below `low` or above `high` cannot be: they become missing."""

    column: str
    low: float | None = None
    high: float | None = None

    def apply(self, table):
        if self.column not in table or table[self.column].kind != "number":
            return table
        column, mask = table[self.column], np.zeros(table.n_rows, bool)
        if self.low is not None:
            mask |= column.values < self.low
        if self.high is not None:
            mask |= column.values > self.high
        return table.with_columns(column.with_missing(mask))


@dataclass(frozen=True)
class MergeWords:
    """Spellings of a category, each read as the one that stands for them."""

    column: str
    spellings: dict[str, str]  # spelling: the word that it is read as

    def apply(self, table):
        if self.column not in table or table[self.column].kind != "text":
            return table
        column = table[self.column]
        places, of_word = {}, np.empty(len(column.words) + 1, np.int32)
        for i, word in enumerate(column.words):
            word = self.spellings.get(word, word)
            of_word[i] = places.setdefault(word, len(places))
        of_word[-1] = -1
        merged = replace(column, values=of_word[column.values], words=tuple(places))
        return table.with_columns(merged)


@dataclass(frozen=True)
class ToBoolean:
    """Words for yes and no as 1 and 0; a word that is neither becomes missing."""

    column: str
    true: tuple[str, ...]
    false: tuple[str, ...]

    def apply(self, table):
        if self.column not in table or table[self.column].kind != "text":
            return table
        value = dict.fromkeys(self.true, 1.0) | dict.fromkeys(self.false, 0.0)
        column = table[self.column].words_as(
            "boolean", lambda word: value.get(word, np.nan), np.nan
        )
        return table.with_columns(column)


@dataclass(frozen=True)
class ToText:
    """Numbers that are names (codes, classes) as words."""

    column: str

    def apply(self, table):
        if self.column not in table or table[self.column].kind in ("text", "date"):
            return table
        return table.with_columns(self.of(table[self.column]))

    @staticmethod
    def of(column):
        """A Column of text: each number as a person would write it."""
        _, first, codes = np.unique(
            column.present, return_index=True, return_inverse=True
        )
        rows = np.flatnonzero(~column.missing)
        out = np.full(len(column), -1, np.int32)
        out[rows] = codes
        words = tuple(column.text(rows[i]) for i in first)
        return Column(column.name, "text", out, words)


@dataclass(frozen=True)
class Drop:
    """Columns that are left out."""

    columns: tuple[str, ...]

    def apply(self, table):
        return table.without(self.columns)


def together(steps):
    """The same steps, those that drop columns one after the other as one of them.

    Each step makes a new table: thousands of columns dropped one by one would take
    minutes.
    """
    for is_drop, some in groupby(steps, lambda step: isinstance(step, Drop)):
        if is_drop:
            yield Drop(tuple(name for step in some for name in step.columns))
        else:
            yield from some
