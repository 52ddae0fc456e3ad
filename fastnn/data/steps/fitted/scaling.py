"""Steps for the sizes of numbers: long tails drawn in, then one scale for all."""

from dataclasses import dataclass

import numpy as np

from ...table import Column

DIGITS = 5  # float32 holds a deviation to six or seven digits
LIMIT = 1e6  # deviations; farther values would only leave the range of float32


@dataclass(frozen=True)
class SignedLog:
    """sign(x) log(1 + |x| / unit): long tails on both sides are drawn in.

    units: {column: unit}; below its unit, a size worth telling from zero, a number
    stays nearly as it is. (John and Draper 1980, the modulus transformation, lambda 0.)
    """

    units: dict[str, float]

    def apply(self, table):
        def drawn_in(x, unit):
            return np.sign(x) * np.log1p(np.abs(x) / unit)

        return on_numbers(table, self.units, drawn_in)

    def undo(self, table):
        def drawn_out(x, unit):
            return np.sign(x) * np.expm1(np.abs(x)) * unit

        return on_numbers(table, self.units, drawn_out)

    def check(self):
        positive("units", self.units.values())


@dataclass(frozen=True)
class Scale:
    """(x - mean) / deviation: every column around 0, with a deviation of 1.

    moments: {column: (mean, deviation)} of the training rows. What lies more than a
    million deviations off counts as a million.
    """

    moments: dict[str, tuple[float, float]]

    def apply(self, table):
        def scaled(x, moments):
            mean, deviation = moments
            # not (x - mean) / deviation, which overflows for the largest numbers
            with np.errstate(over="ignore"):
                return np.clip(x / deviation - mean / deviation, -LIMIT, LIMIT)

        return on_numbers(table, self.moments, scaled)

    def undo(self, table):
        def unscaled(x, moments):
            mean, deviation = moments
            digits = DIGITS - int(np.floor(np.log10(deviation)))
            x = x * deviation + mean
            return np.round(x, digits) if abs(digits) < 300 else x

        return on_numbers(table, self.moments, unscaled)

    def check(self):
        positive("moments", (deviation for _, deviation in self.moments.values()))


def on_numbers(table, settings, function):
    """The table with function(values, setting) in its columns of numbers."""
    return table.with_columns(*(
        Column(name, "number", function(table[name].values, setting))
        for name, setting in settings.items()
        if name in table and table[name].kind in ("number", "boolean")
    ))  # fmt: skip


def positive(name, numbers):
    wrong = [x for x in numbers if not x > 0]
    if wrong:
        raise ValueError(f"{name}: {wrong[0]!r} is not above 0")
