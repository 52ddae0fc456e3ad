"""Steps that read text: numbers with signs, separators and units; dates."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import numpy as np

NUMBER = re.compile(
    r"(?P<bracket>\()?\s*(?P<sign>[+\-−–]?)\s*(?P<before>[^\d\s.,()+\-−–]*)\s*"
    r"(?P<sign_behind>[+\-−–]?)(?P<digits>[.,]?\d[\d.,'’\s]*)(?P<power>[eE][+-]?\d+)?"
    r"\s*(?P<after>[^\d().,]*)\s*(?(bracket)\))"
)


def parts_of(word):
    """(sign, digits with their separators, power of ten, unit) of a number, or None.

    "-$1,250.50" -> (-1, "1,250.50", "", "$"); "(12 %)" -> (-1, "12", "", "%")
    """
    found = NUMBER.fullmatch(word.strip())
    if found is None or (found["before"] and found["after"]):
        return None
    minus = found["bracket"] or (found["sign"] + found["sign_behind"]) not in ("", "+")
    unit = (found["before"] or found["after"]).strip()
    return -1 if minus else 1, found["digits"].strip(), found["power"] or "", unit


def number_of(word, decimal=".", units=None):
    """The float that a word is, or None; units: {unit: factor}, None: any, as 1."""
    parts = parts_of(word)
    if parts is None:
        return None
    sign, digits, power, unit = parts
    factor = 1.0 if units is None else units.get(unit)
    separators = "".join(c for c in digits if not c.isdigit())
    if factor is None or separators.count(decimal) > 1:
        return None
    whole, _, rest = digits.partition(decimal)
    groups = re.split(r"[.,'’\s]", whole)
    if not rest.isdigit() and rest:
        return None
    if len(groups) > 1 and not (
        1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
    ):
        return None
    return sign * float(f"{''.join(groups) or '0'}.{rest or '0'}{power}") * factor


@dataclass(frozen=True)
class ToNumber:
    """Words as numbers; a word that is none becomes missing.

    decimal: "." or ","; what else stands between digits in threes is left out.
    units: {unit: factor}, such as {"": 1, "kg": 1, "g": 0.001}.
    """

    column: str
    decimal: Literal[".", ","] = "."
    units: dict[str, float] = field(default_factory=lambda: {"": 1.0})

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
class ToDate:
    """Words as dates: the first of the formats (strptime's) that reads a word."""

    column: str
    formats: tuple[str, ...]

    def apply(self, table):
        if self.column not in table or table[self.column].kind != "text":
            return table

        def value_of(word):
            for pattern in self.formats:
                try:
                    return np.datetime64(datetime.strptime(word.strip(), pattern), "us")
                except (ValueError, OverflowError):
                    continue
            return np.datetime64("NaT", "us")

        none = np.datetime64("NaT", "us")
        return table.with_columns(table[self.column].words_as("date", value_of, none))
