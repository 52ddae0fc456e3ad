"""The first step of a recipe: which columns there are, and what each of them holds."""

import re
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ..table import Column
from .cleaning import ToText

KINDS = Literal["number", "text", "boolean", "date"]
NO_DATE = np.datetime64("NaT", "us")
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?")


@dataclass(frozen=True)
class Columns:
    """These columns in this order, each as the kind it had in the training rows.

    Further columns are left aside. A cell that cannot be read as the kind of its column
    becomes missing, and so does an infinite number.
    """

    kinds: dict[str, KINDS]

    def apply(self, table):
        there = {
            name: as_kind(table[name], kind)
            for name, kind in self.kinds.items()
            if name in table
        }
        return replace(table, columns=there)

    def undo(self, table):
        """Numbers back as booleans; whole and in the first order."""
        columns = {}
        for name, kind in self.kinds.items():
            if name not in table:
                continue
            column = table[name]
            if kind == "boolean" and column.kind == "number":
                yes = np.where(column.missing, np.nan, column.values > 0.5)
                column = Column(name, "boolean", yes)
            columns[name] = column
        return replace(table, columns=columns)


def as_kind(column, kind):
    """The column read as another kind; what cannot be read is missing."""
    if column.kind == kind:
        return finite(column) if kind == "number" else column
    if column.kind == "text":
        read, none = READ[kind]
        return finite(column.words_as(kind, read, none))
    if kind == "text":
        return ToText.of(finite(column))
    if kind == "date" or column.kind == "date":
        none = NO_DATE if kind == "date" else np.nan
        return Column(column.name, kind, np.full(len(column), none))
    if kind == "boolean":
        flag = np.isin(column.values, (0.0, 1.0))
        return Column(column.name, kind, np.where(flag, column.values, np.nan))
    return Column(column.name, kind, column.values)


def finite(column):
    """Without infinities, which no mean and no network survives."""
    if column.kind != "number" or not np.isinf(column.values).any():
        return column
    return column.with_missing(np.isinf(column.values))


def number_in(word):
    """1.5 of "1.5"; NaN of a word that is no plain number."""
    try:
        return np.nan if "_" in word else float(word)
    except ValueError:
        return np.nan


def boolean_in(word):
    return {"true": 1.0, "1": 1.0, "false": 0.0, "0": 0.0}.get(
        word.strip().casefold(), np.nan
    )


def date_in(word):
    """The time of an ISO 8601 text, such as 2024-05-31; NaT of any other."""
    if not ISO_DATE.fullmatch(word.strip()):
        return NO_DATE
    try:
        return np.datetime64(word.strip(), "us")
    except ValueError:  # the 31st of a month of 30 days
        return NO_DATE


READ = {
    "number": (number_in, np.nan),
    "boolean": (boolean_in, np.nan),
    "date": (date_in, NO_DATE),
}
