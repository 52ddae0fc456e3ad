"""The parameters of a model: their symbols, units, defaults and what they may be.

    class LIF(Model):
        PARAMETERS = (
            Parameter("tau_m", 20.0, "ms", "membrane time constant", above=0),
            Parameter("V_th", -50.0, "mV", "threshold"),
        )

A model has them as attributes, and `repr` and the documentation show their units.
"""

import difflib
import inspect
import math
from typing import NamedTuple

import numpy as np

from ..ops import checks

# Where numbers of one kind lie in living cells. A value outside is refused, for it is
# most often right in another unit: 310 K, 20e3 uV.
PLAUSIBLE = {
    "mV": (-500.0, 500.0),
    "degC": (-10.0, 60.0),
    "mM": (0.0, 1000.0),  # sea water has 550 of chloride
}

# What is so many times more or less than usual is most often right in a neighbouring
# unit, of which there are a thousand here, or a thousandth. 0 is no such case.
FAR = 300.0
PREFIXES = ("p", "n", "u", "m", "", "k", "M", "G")  # a thousand from each to the next
PREFIXED = (
    *("ms", "mV", "mM", "mM/s", "um", "pF", "nS", "pA", "nA", "MOhm"),
    *("uF/cm2", "uA/cm2", "mS/cm2", "kOhm cm2"),
)
# Numbers, multiples of another parameter, and a scale whose 0 means nothing.
NOT_JUDGED = ("", "D", "g_L", "degC")

VOLTS = 0.5  # what would be a potential of a cell if V were meant instead of mV


class Parameter(NamedTuple):
    """One parameter: a number, or an array with one number for each unit."""

    name: str
    default: float
    unit: str  # "" for a pure number
    meaning: str
    low: float | None = None
    high: float | None = None
    above: float | None = None
    below: float | None = None
    per_unit: bool = False  # whether it may differ from unit to unit
    to_0: bool = False  # whether its limit at 0 is of interest
    endless: bool = False  # and that at infinity
    usual: float | None = None  # if not the default; 0: it is of every size

    def __str__(self):
        return f"{self.name} = {self.default:g} {self.unit}".rstrip()

    def checked(self, where, value):
        """`value` as a float, or an array of them, or an error that names the unit."""
        if self.per_unit and np.ndim(value) == 1:
            array = checks.floating(where, self.name, value, 1, np.float64)
            for i, item in enumerate(array.tolist()):
                self._check(where, f"{self.name}[{i}]", item)
            return array
        return self._check(where, self.name, value)

    def _check(self, where, name, value):
        try:
            number = checks.number(
                where, name, value, self.low, self.high, self.above, self.below
            )
        except (TypeError, ValueError) as error:
            unit = f" (in {self.unit}: {self.meaning})" if self.unit else ""
            raise type(error)(f"{error}{unit}") from None
        if not np.isfinite(number):
            raise ValueError(f"{where}: {name} is {number}; expected a finite number")
        # unlike a difference of potentials
        potential = self.default == 0.0 or abs(self.default) >= 20.0
        if self.unit == "mV" and potential and 0.0 < abs(number) < VOLTS:
            raise ValueError(
                f"{where}: {name} is {number:g} mV; expected tens of mV, or 0, for the "
                f"{self.meaning}: was another unit meant, {number:g} V?"
            )
        self.judge(where, name, number)
        low, high = PLAUSIBLE.get(self.unit, (-np.inf, np.inf))
        if not low <= number <= high:
            raise ValueError(
                f"{where}: {name} is {number:g} {self.unit}; expected {low:g} to "
                f"{high:g} {self.unit} for the {self.meaning}: was another unit meant?"
            )
        return number

    def judge(self, where, name, number):
        """ValueError for what is hundreds of times more or less than usual, but 0."""
        usual = self.default if self.usual is None else self.usual
        near_0 = self.unit == "mV" and abs(usual) < 1.0  # a difference of potentials
        if self.unit in NOT_JUDGED or not usual or not number or near_0:
            return
        times = abs(number / usual)
        few = times < 1.0 / FAR and not self.to_0
        many = times > FAR and not self.endless
        if few or many:
            raise ValueError(
                f"{where}: {name} is {number:g} {self.unit}; expected some {usual:g} "
                f"{self.unit} for the {self.meaning}: was another unit meant"
                f"{_neighbour(self.unit, number, times)}?"
            )

    def judge_any(self, where, name, values):
        """As judge, for an array: of a scan, one number at least is usual."""
        found = values[np.isfinite(values) & (values != 0.0)]
        if found.size:
            usual = self.default if self.usual is None else self.usual
            nearest = np.abs(np.log(np.abs(found)) - math.log(abs(usual))).argmin()
            self.judge(where, name, float(found[nearest]))


def _neighbour(unit, number, times):
    """The unit, as ", 0.12 S/cm2", in which `times` the usual would be usual."""
    if unit not in PREFIXED:
        return ""
    steps = round(-math.log10(times) / 3.0)
    place = PREFIXES.index(unit[0]) + (steps or (1 if times < 1.0 else -1))
    if not 0 <= place < len(PREFIXES):
        return ""
    return f", {number:g} {PREFIXES[place]}{unit[1:]}"


def fill(model, given):
    """Set every parameter of `model` from the keywords `given`, or its default."""
    where = type(model).__name__
    known = {p.name: p for p in model.PARAMETERS}
    for name in given:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1, 0.5)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise TypeError(
                f"{where}: there is no parameter {name}{hint or ';'} "
                f"it has {', '.join(known)}"
            )
    for name, parameter in known.items():
        value = given.get(name, parameter.default)
        setattr(model, name, parameter.checked(where, value))


def documented(doc, table):
    """A docstring with the parameters of a table at its end, each with its unit."""
    wide = max(len(str(p)) for p in table)
    rows = [f"    {p!s:{wide}}    {p.meaning}" for p in table]
    return "\n".join([inspect.cleandoc(doc), "", "Parameters:", "", *rows])


def options(model):
    """The names of what a model has beside its PARAMETERS."""
    return getattr(model, "OPTIONS", ())


def describe(model):
    """ "LIF(tau_m = 20 ms, R_m = 100 MOhm, ...)": every parameter with its unit."""
    parts = []
    for p in model.PARAMETERS:
        value = getattr(model, p.name)
        text = f"{value:g}" if np.ndim(value) == 0 else f"{len(value)} values"
        parts.append(f"{p.name} = {text} {p.unit}".rstrip())
    parts += [f"{name} = {getattr(model, name)!r}" for name in options(model)]
    return f"{type(model).__name__}({', '.join(parts)})"
