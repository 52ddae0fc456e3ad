"""Steps that write words and dates as numbers."""

import zlib
from dataclasses import dataclass, replace

import numpy as np

from ...table import Column
from .filling import unlike

SECOND = 1_000_000  # a date is kept in microseconds
DAY = 86_400 * SECOND
MOST_BUCKETS = 4096


@dataclass(frozen=True)
class OneHot:
    """A column of words as one column for each level: 1 where a row has it, else 0.

    levels: the words of the training rows. missing: whether having no word is a level
    as well. other: whether all other words are one level, "other" (the rare ones of the
    training rows are). A word that is no level is looked for again without regard to
    case and blanks around it; then it is "other", or 0 in every column, as a missing
    word is that was never missing before.
    """

    column: str
    levels: tuple[str, ...]
    missing: bool = False
    other: bool = False

    @property
    def names(self):
        """The new columns' names, in their order."""
        extra = ["other"] * self.other + ["missing"] * self.missing
        return [f"{self.column}={w}" for w in self.levels] + [
            f"{self.column} {word}" for word in extra
        ]

    def apply(self, table):
        if self.column not in table or table[self.column].kind != "text":
            return table
        column, n = table[self.column], len(self.levels)
        place = Levels(self.levels).place
        # the place of a level, n for other, n + 1 for missing: the last of the table
        of_word = [n if place(w) is None else place(w) for w in column.words] + [n + 1]
        at = np.array(of_word)[column.values]
        kept = [*range(n), *[n] * self.other, *[n + 1] * self.missing]
        new = (
            Column(name, "number", (at == level).astype(np.float64))
            for name, level in zip(self.names, kept, strict=True)
        )
        return replaced(table, self.column, new)

    def undo(self, table):
        names = [name for name in self.names if name in table]
        if len(names) < len(self.names):
            return table
        size = np.stack([table[name].values for name in names], axis=1)
        at = np.where(size.max(axis=1) > 0.5, size.argmax(axis=1), -1)
        words = (*self.levels, *["(other)"] * self.other)
        at = np.where(at >= len(words), -1, at)  # missing
        column = Column(self.column, "text", at.astype(np.int32), words)
        return put_back(table, names, column)

    def check(self):
        if len(set(self.names)) < len(self.names) or not self.names:
            raise ValueError("levels: expected at least one, each of them once")


@dataclass(frozen=True)
class Ordinal:
    """Words that have an order as numbers 0, 1, 2, ...; other words are missing."""

    column: str
    levels: tuple[str, ...]  # from the least to the most

    def apply(self, table):
        if self.column not in table or table[self.column].kind != "text":
            return table
        place = Levels(self.levels).place
        number = table[self.column].words_as(
            "number", lambda w: np.nan if place(w) is None else float(place(w)), np.nan
        )
        return table.with_columns(number)

    def undo(self, table):
        if self.column not in table or table[self.column].kind != "number":
            return table
        column = table[self.column]
        at = np.where(column.missing, -1, column.values)
        at = np.clip(np.rint(at), -1, len(self.levels) - 1).astype(np.int32)
        return table.with_columns(Column(self.column, "text", at, self.levels))

    def check(self):
        if len(set(self.levels)) < max(len(self.levels), 1):
            raise ValueError("levels: expected at least one, each of them once")


@dataclass(frozen=True)
class Hashed:
    """Words of a column with very many, in a fixed number of columns.

    A word w adds its sign, 1 or -1, to bucket h(w) mod `buckets`, where h is CRC-32 of
    its UTF-8 and the sign is h's highest bit; a missing word adds nothing. Words that
    meet in a bucket cannot be told apart there, so nothing is had back from it.
    (Weinberger, Dasgupta, Langford, Smola and Attenberg 2009.)
    """

    column: str
    buckets: int = 32

    @property
    def names(self):
        return [f"{self.column} #{i}" for i in range(self.buckets)]

    def apply(self, table):
        if self.column not in table or table[self.column].kind != "text":
            return table
        column = table[self.column]
        h = [zlib.crc32(w.encode("utf-8", "surrogatepass")) for w in column.words]
        h = np.array([*h, 0], np.int64)
        bucket, sign = h % self.buckets, np.where(h >> 31, -1.0, 1.0)
        bucket[-1] = -1  # missing
        bucket, sign = bucket[column.values], sign[column.values]
        new = (
            Column(name, "number", np.where(bucket == i, sign, 0.0))
            for i, name in enumerate(self.names)
        )
        return replaced(table, self.column, new)

    def undo(self, table):
        return table.without(self.names)

    def check(self):
        if not 1 <= self.buckets <= MOST_BUCKETS:
            raise ValueError(f"buckets: expected 1 to {MOST_BUCKETS}")


PARTS = {  # name: (its units, how many of them go round)
    "month": ("datetime64[M]", 12),
    "weekday": ("datetime64[D]", 7),
    "hour": ("datetime64[h]", 24),
}


@dataclass(frozen=True)
class DateParts:
    """A date as the days since another, its year, and where it is in its rounds.

    since: an ISO date, the first of the training rows. parts: of "days", "year",
    "month", "weekday" and "hour". What goes round becomes its angle's sine and cosine,
    so that December is as near to January as to November; Monday is weekday 0.
    """

    column: str
    since: str
    parts: tuple[str, ...]

    def apply(self, table):
        if self.column not in table or table[self.column].kind != "date":
            return table
        date, none = table[self.column].values, table[self.column].missing
        new = []
        for part in self.parts:
            if part in PARTS:
                angle = np.where(none, np.nan, turn(date, part)) * 2 * np.pi
                new += [(f"{part} sine", np.sin(angle)), (f"{part} cosine",
                                                          np.cos(angle))]  # fmt: skip
            elif part == "year":
                year = date.astype("datetime64[Y]").astype(np.int64) + 1970
                new.append((part, np.where(none, np.nan, year)))
            else:
                since = np.datetime64(self.since, "us")
                days = (date - since).astype(np.int64) / DAY
                new.append((part, np.where(none, np.nan, days)))
        columns = (Column(f"{self.column} {name}", "number", v) for name, v in new)
        return replaced(table, self.column, columns)

    def undo(self, table):
        days = f"{self.column} days"
        names = [n for n in table.names if n.startswith(f"{self.column} ")]
        names = [n for n in names if n[len(self.column) + 1 :] in self.names]
        if days not in table:
            return table.without(names)
        # float32 holds days to about a minute in a century: shown as seconds
        spent = np.rint(np.nan_to_num(table[days].values, nan=0.0) * 86_400)
        spent = np.clip(spent, -1e11, 1e11).astype(np.int64).astype("timedelta64[s]")
        date = np.datetime64(self.since, "us") + spent
        date[table[days].missing] = np.datetime64("NaT")
        return put_back(table, names, Column(self.column, "date", date))

    @property
    def names(self):
        """What stands behind the column's name in those of the new columns."""
        pairs = [
            [f"{p} sine", f"{p} cosine"] if p in PARTS else [p] for p in self.parts
        ]
        return [name for pair in pairs for name in pair]

    def check(self):
        known = {"days", "year", *PARTS}
        wrong = [part for part in self.parts if part not in known]
        if wrong or len(set(self.parts)) < len(self.parts):
            raise ValueError(f"parts: expected some of {', '.join(sorted(known))}")
        if np.isnat(np.datetime64(self.since, "us")):
            raise ValueError("since: expected a date")


def turn(date, part):
    """(n,) how far each date is in its year, week or day, from 0 to below 1."""
    unit, n = PARTS[part]
    count = date.astype(unit).astype(np.int64)
    if part == "weekday":
        count = count + 3  # day 0, 1970-01-01, was a Thursday
    return count % n / n


class Levels:
    """place(word): which level a word is, from 0; None: it is none."""

    def __init__(self, levels):
        self.exact = {word: i for i, word in enumerate(levels)}
        self.loose = {}
        for i, word in enumerate(levels):
            key = word.strip().casefold()
            self.loose[key] = None if key in self.loose else i  # two levels: unclear

    def place(self, word):
        if word in self.exact:
            return self.exact[word]
        return self.loose.get(word.strip().casefold())


def replaced(table, name, new):
    """The table with new columns where an old one was."""
    new = {c.name: c for c in new}
    unlike(table.without([name]), new)
    columns = {}
    for column in table:
        columns |= new if column.name == name else {column.name: column}
    return replace(table, columns=columns)


def put_back(table, names, column):
    """The table with one column where the first of some was."""
    columns = {}
    for c in table:
        if c.name == names[0]:
            columns[column.name] = column
        if c.name not in names:
            columns[c.name] = c
    return replace(table, columns=columns)
