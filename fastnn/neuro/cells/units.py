"""How many units a run has, and where they start."""

import numpy as np

from ...ops import checks
from ..parameters import VOLTS


def count(where, model, units, start, stimulus):
    """How many units there are, if all that names a number agrees."""
    named = {p.name: np.size(getattr(model, p.name)) for p in model.PARAMETERS}
    parts = start.items() if isinstance(start, dict) else [("start", start)]
    named |= {f"start ({name})": np.size(value) for name, value in parts}
    if isinstance(stimulus, (list, tuple)) and not _numbers(stimulus):
        named["stimulus"] = len(stimulus)
    elif np.ndim(stimulus) == 2:
        named["stimulus"] = np.shape(stimulus)[1]
    if units is not None:
        named = {"units": checks.whole(where, "units", units, low=1), **named}
    named = {name: n for name, n in named.items() if n > 1 or name == "units"}
    if len(set(named.values())) > 1:
        words = ", ".join(f"{name} {n}" for name, n in named.items())
        raise ValueError(
            f"{where}: these name different numbers of units: {words}; "
            "give one value for all, or one for each unit"
        )
    return next(iter(named.values()), 1)


def _numbers(stimulus):
    return all(isinstance(x, (int, float, np.number, np.ndarray)) for x in stimulus)


def constants(model, n_units, names=None):
    """(parameters, units): the parameters of a model, each for every unit."""
    names = names or [p.name for p in model.PARAMETERS]
    values = [np.broadcast_to(getattr(model, name), n_units) for name in names]
    return np.array(values, dtype=np.float64)


def within(where, name, value, low, high):
    """A number, or an array of them, from low to high."""
    x = np.asarray(value)
    numbers = x.dtype.kind in "fiu" and x.ndim <= 1
    if not numbers or not ((x >= low) & (x <= high)).all():
        raise ValueError(
            f"{where}: {name} is {checks.describe(value)}; expected numbers from "
            f"{low:g} to {high:g}"
        )
    return x


def part_of_start(where, start, names):
    """`start` as a dict with some of `names`; a number, or numbers, is V alone."""
    if start is None:
        return {}
    alone = not isinstance(start, dict) or set(start) == {"V"}
    start = start if isinstance(start, dict) else {"V": start}
    V = np.asarray(start.get("V", 0.0))
    # beside other variables, V is that of a moment in a run, and may be near 0
    if alone and V.dtype.kind in "fiu" and 0.0 < np.abs(V).max(initial=0.0) < VOLTS:
        raise ValueError(
            f"{where}: start is {checks.describe(start['V'])} mV; expected tens of mV: "
            "was V meant?"
        )
    for name in start:
        if name not in names:
            raise ValueError(
                f"{where}: start has {name!r}; it can have {', '.join(names)}"
            )
    return start
