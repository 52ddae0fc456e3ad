"""Steps that read text: numbers with signs, separators and units; dates; mojibake."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from ..table import Column
from .date_words import readings
from .mojibake import CODECS, mended
from .number_words import number_of


@dataclass(frozen=True)
class ToNumber:
    """Words as numbers; a word that is none becomes missing.

    decimal: ".", ",", ".,", ",." or "either" (see number_words.float_of).
    units: {unit: factor} or {unit: [factor, offset]}, such as {"": 1, "g": 0.001}.
    """

    column: str
    decimal: Literal[".", ",", ".,", ",.", "either"] = "."
    units: dict[str, float | tuple[float, float]] = field(
        default_factory=lambda: {"": 1.0}
    )

    def apply(self, table):
        if self.column not in table or table[self.column].kind != "text":
            return table

        def value_of(word):
            number = number_of(word, self.decimal, self.units)
            return np.nan if number is None else number

        return table.with_columns(
            table[self.column].words_as("number", value_of, np.nan)
        )


@dataclass(frozen=True)
class Rescale:
    """Numbers above `above` and below `below` were in another unit: they are taken
    times `factor`."""

    column: str
    factor: float
    above: float | None = None
    below: float | None = None

    def apply(self, table):
        if self.column not in table or table[self.column].kind != "number":
            return table
        column = table[self.column]
        other = ~column.missing
        if self.above is not None:
            other &= column.values > self.above
        if self.below is not None:
            other &= column.values < self.below
        values = np.where(other, column.values * self.factor, column.values)
        return table.with_columns(Column(column.name, "number", values))


@dataclass(frozen=True)
class ToDate:
    """Words as dates: the first of the formats that reads a word; none: missing.

    Formats have strptime's codes (see date_words); "%Y%m%d" reads numbers as well,
    20200305 being 5 March 2020.
    """

    column: str
    formats: tuple[str, ...]

    def apply(self, table):
        if self.column not in table:
            return table
        column, none = table[self.column], np.datetime64("NaT", "us")
        if column.kind == "number" and "%Y%m%d" in self.formats:
            return table.with_columns(_dates_of_numbers(column))
        if column.kind != "text":
            return table

        if "%Y-%m-%d" in self.formats and len(column.words) > 10_000:
            dates = _iso(column.words)
            if dates is not None:
                return table.with_columns(
                    Column(column.name, "date", np.append(dates, none)[column.values])
                )

        def value_of(word):
            ways = readings(word)
            for pattern in self.formats:
                if pattern in ways:
                    return np.datetime64(ways[pattern], "us")
            return none

        return table.with_columns(column.words_as("date", value_of, none))


def _iso(words):
    """(len(words),) dates if all words are ISO's, by NumPy at once; else None."""
    words = [word.removesuffix("Z") for word in words]
    if not all(10 <= len(w) <= 26 and w[4] == "-" == w[7] for w in words):
        return None
    if any(w.count("-") > 2 or "+" in w for w in words):
        return None  # zones, which NumPy does not read
    try:
        return np.array(words, "datetime64[us]")
    except ValueError:
        return None


def _dates_of_numbers(column):
    """20200305.0 as 2020-03-05, each distinct number once."""
    distinct, codes = np.unique(column.values, return_inverse=True)
    dates = np.full(len(distinct), np.datetime64("NaT", "us"))
    for i, number in enumerate(distinct):
        if 0 < number < 1e8 and number == int(number):
            ways = readings(f"{int(number):08d}")
            dates[i] = np.datetime64(ways.get("%Y%m%d"), "us")
    return Column(column.name, "date", dates[codes])


@dataclass(frozen=True)
class MendEncoding:
    """Words that were written in UTF-8 and read in `codec`, read as they were meant."""

    column: str
    codec: Literal[CODECS] = "cp1252"  # type: ignore[valid-type]

    def apply(self, table):
        if self.column not in table or table[self.column].kind != "text":
            return table
        column = table[self.column]
        places, of_word = {}, np.empty(len(column.words) + 1, np.int32)
        for i, word in enumerate(column.words):
            word = mended(word, self.codec) or word
            of_word[i] = places.setdefault(word, len(places))
        of_word[-1] = -1
        return table.with_columns(
            Column(column.name, "text", of_word[column.values], tuple(places))
        )
