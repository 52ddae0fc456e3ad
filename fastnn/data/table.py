"""A table in memory: columns of numbers, words, booleans or dates.

Text is kept as the distinct words and a code for each row, so what is asked of a column
of a million rows is asked of its few hundred words, with how often each occurs.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .hashes import of_rows

KINDS = ("number", "text", "boolean", "date")
SAMPLE = 100_000  # values that tell how a column is distributed, as well as all would


@dataclass(frozen=True)
class Column:
    """One column of n rows.

    kind "number"   values (n,) float64, NaN where there is none
         "boolean"  values (n,) float64: 0, 1, NaN
         "date"     values (n,) datetime64[us], NaT where there is none
         "text"     values (n,) int32 codes into `words`, -1 where there is none
    words: the distinct texts in the order of their first row, for "text"; else ().
    whole: whether a number was whole in its source (an integer type, or written so).
    """

    name: str
    kind: str
    values: np.ndarray
    words: tuple = ()
    whole: bool = False

    def __len__(self):
        return len(self.values)

    @cached_property
    def missing(self):
        """(n,) bool: the rows without a value."""
        if self.kind == "text":
            return self.values < 0
        return np.isnat(self.values) if self.kind == "date" else np.isnan(self.values)

    @cached_property
    def n_missing(self):
        return int(np.count_nonzero(self.missing))

    @cached_property
    def present(self):
        """The values that are there, in the order of the rows."""
        return self.values[~self.missing]

    @cached_property
    def sample(self):
        """The present values, sorted; of more than 100,000, one drawn from each of
        100,000 stretches of rows (seeded). Not for text."""
        values = self.present
        if len(values) > SAMPLE:
            edges = np.linspace(0, len(values), SAMPLE + 1)
            draws = np.random.default_rng(0).random(SAMPLE)
            values = values[(edges[:-1] + draws * np.diff(edges)).astype(np.int64)]
        return np.sort(values)

    @cached_property
    def counts(self):
        """(len(words),): how many rows hold each word."""
        return np.bincount(self.values[self.values >= 0], minlength=len(self.words))

    @cached_property
    def distinct(self):
        """(distinct values, how many rows hold each), sorted by value; words as text,
        in the order of `words`, without those that no row holds."""
        if self.kind == "text":
            held = np.flatnonzero(self.counts)
            return [self.words[i] for i in held], self.counts[held]
        return np.unique(self.present, return_counts=True)

    @cached_property
    def n_distinct(self):
        """How many different values there are."""
        if self.kind == "text":
            return int(np.count_nonzero(self.counts))
        ordered = np.sort(self.present)
        return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + (len(ordered) > 0)

    @cached_property
    def codes(self):
        """(n,) int64: equal values have equal codes; -1 where there is none."""
        if self.kind == "text":
            return self.values.astype(np.int64)
        out = np.full(len(self), -1, np.int64)
        out[~self.missing] = np.unique(self.present, return_inverse=True)[1]
        return out

    def text(self, row):
        """The value of a row as a person would write it; "" where there is none."""
        if self.missing[row]:
            return ""
        value = self.values[row]
        if self.kind == "text":
            return self.words[value]
        if self.kind == "boolean":
            return "true" if value else "false"
        if self.kind == "date":
            return str(value.astype("datetime64[s]")).removesuffix("T00:00:00")
        return str(int(value)) if value == round(value) < 1e15 else f"{value:.12g}"

    def rows(self, rows):
        """The column of some rows: numbers of rows, or a mask."""
        return replace(self, values=self.values[rows])

    def with_missing(self, mask):
        """The same, without the values where mask is True."""
        none = {"text": -1, "date": np.datetime64("NaT")}.get(self.kind, np.nan)
        return replace(self, values=np.where(mask, none, self.values).astype(
            self.values.dtype
        ))  # fmt: skip

    def words_as(self, kind, value_of, none):
        """A column of another kind: value_of(word) of each word; `none` has no row."""
        of_word = np.array([value_of(w) for w in self.words] + [none])
        return Column(self.name, kind, of_word[self.values])


@dataclass(frozen=True)
class Table:
    """Columns by name, all of one length.

    source: what it is called, such as the file's name.
    read: what reading it had to decide, as sentences (encoding, ragged rows ...).
    n_source_rows: rows of the source, where this is a sample of them; else n_rows.
    """

    columns: dict
    n_rows: int
    source: str = "table"
    read: tuple = ()
    n_source_rows: int | None = None

    @property
    def names(self):
        return list(self.columns)

    def __getitem__(self, name):
        return self.columns[name]

    def __contains__(self, name):
        return name in self.columns

    def __iter__(self):
        return iter(self.columns.values())

    def rows(self, rows):
        """The table of some rows: numbers of rows, or a mask."""
        rows = np.asarray(rows)
        if rows.dtype == bool:
            rows = np.flatnonzero(rows)
        columns = {c.name: c.rows(rows) for c in self}
        return replace(self, columns=columns, n_rows=len(rows))

    def with_columns(self, *columns):
        """The same with these columns in place of those of their names, or behind."""
        return replace(self, columns=self.columns | {c.name: c for c in columns})

    def without(self, names):
        names = set(names)
        left = {k: c for k, c in self.columns.items() if k not in names}
        return replace(self, columns=left)

    def row_hashes(self, names=None):
        """(n_rows,) uint64: equal for rows that are equal in these columns.

        Missing is equal to missing.
        """
        names = self.names if names is None else names
        return of_rows([self.columns[name] for name in names], self.n_rows)


def text_column(name, cells):
    """A Column of text from a list of str and None."""
    words, codes = {}, np.empty(len(cells), np.int32)
    for i, cell in enumerate(cells):
        codes[i] = -1 if cell is None else words.setdefault(cell, len(words))
    return Column(name, "text", codes, tuple(words))


def empty_column(name, kind):
    """A Column of a kind, of no rows."""
    types = {"text": np.int32, "date": "datetime64[us]"}
    return Column(name, kind, np.empty(0, types.get(kind, np.float64)))
