"""Finding spikes in a voltage trace.

A fixed threshold at 0 mV is a trap: under strong current the peaks of Hodgkin and
Huxley's neuron shrink below it while the cell goes on firing. So a spike is a local
maximum here that rises far enough above the trough before it.
"""

import warnings

import numpy as np

from ..ops import checks
from .parameters import PLAUSIBLE, VOLTS, Parameter

__all__ = ["find_spikes", "fixed_threshold"]

LEVEL = Parameter("threshold_mV", -20.0, "mV", "potential to be crossed")
FLOOR = Parameter("floor_mV", -45.0, "mV", "potential below which no spike lies")
PROMINENCE = Parameter("prominence_mV", 10.0, "mV", "height of a spike", low=0)
LONGEST_MS = 5.0  # of steps: a spike has come and gone in less
SHORTEST_MS = 1e-4  # of steps: channels take hundreds of them to open
SAMPLES = 1 << 17  # compared at a time: few enough to stay in the cache


def find_spikes(t, V, prominence_mV=10.0, floor_mV=-45.0):
    """Times in ms of the maxima of V, by parabolas through three samples.

    A maximum counts if it lies above floor_mV, and prominence_mV above the lowest
    potential since the one before. t, V (n,). Returns (n_spikes,). ValueError for a V
    that is in V or uV, or steps of t that are in s or us.
    """
    t, V = (
        checks.floating("find_spikes", name, x, 1, np.float64)
        for name, x in (("t", t), ("V", V))
    )
    checks.same_shape("find_spikes", "t", t, "V", V)
    if 0.0 < np.abs(V).max(initial=0.0) < VOLTS:
        raise ValueError(
            f"find_spikes: V comes to {np.abs(V).max():g} mV in size; expected tens of "
            "mV: was V meant?"
        )
    some = np.abs(V[:: 1 + len(V) // 1000])
    if len(some) and (middle := np.median(some)) > PLAUSIBLE["mV"][1]:
        raise ValueError(
            f"find_spikes: half of V is beyond {middle:g} mV in size; expected tens of "
            "mV: was uV meant?"
        )
    prominence_mV = PROMINENCE.checked("find_spikes", prominence_mV)
    floor_mV = FLOOR.checked("find_spikes", floor_mV)
    if len(t) > 1 and t[-1] - t[0] > LONGEST_MS * (len(t) - 1):
        raise ValueError(
            f"find_spikes: t goes from {t[0]:g} to {t[-1]:g} ms in {len(t)} steps, "
            "each longer than a spike; was us meant?"
        )
    if len(t) > 1 and t[-1] - t[0] < SHORTEST_MS * (len(t) - 1):
        raise ValueError(
            f"find_spikes: t goes from {t[0]:g} to {t[-1]:g} ms in {len(t)} steps; was "
            "s meant?"
        )
    return spikes_of_units(t, V[:, None], prominence_mV, floor_mV)


def spikes_of_units(t, V, prominence_mV=10.0, floor_mV=-45.0):
    """find_spikes for V (n, units): a list of arrays; for one unit, the array."""
    (rows, units), troughs = _turns(V)
    high = V[rows, units] >= floor_mV
    rows, units = rows[high], units[high]
    spikes = _prominent(V, rows, units, troughs, prominence_mV)
    rows, units = rows[spikes], units[spikes]
    ends = np.cumsum(np.bincount(units, minlength=V.shape[1]))[:-1]
    times = np.split(_vertex(t, V, rows, units), ends)
    return times[0] if len(times) == 1 else times


def _turns(V):
    """The local maxima, and the minima: (rows, units) of each, unit after unit.

    Looked for row by row, as V lies in memory; of a plateau, a maximum is the first
    sample and a minimum the last.
    """
    found, n_rows, n_units = ([], []), 1 + SAMPLES // V.shape[1], V.shape[1]
    for first in range(1, len(V) - 1, n_rows):
        last = min(first + n_rows, len(V) - 1)
        rises = V[first : last + 1] > V[first - 1 : last]
        before, after = rises[:-1], rises[1:]
        here = np.flatnonzero(before != after)
        top = before.ravel()[here]
        for turns, places in zip(found, (here[top], here[~top]), strict=True):
            turns.append(places + first * n_units)
    return [_by_unit(turns, n_units) for turns in found]


def _by_unit(turns, n_units):
    places = np.concatenate([np.empty(0, int), *turns])
    rows, units = np.divmod(places, n_units)
    order = np.argsort(units, kind="stable")
    return rows[order], units[order]


def _prominent(V, rows, units, troughs, prominence_mV):
    """Which tops rise above the lowest trough since the one before: True or False."""
    if len(rows) == 0:
        return np.empty(0, bool)
    # one long row of all units; before the first top of one, its start may be low
    n, n_units = V.shape
    tops, starts = units * n + rows, np.arange(n_units) * n
    lows = np.sort(np.concatenate([starts, troughs[1] * n + troughs[0]]))
    depths = np.append(V[lows % n, lows // n], np.inf)
    is_first = np.diff(units, prepend=-1) > 0
    since = np.where(is_first, units * n, np.append(0, tops[:-1]))
    # between two maxima there is a minimum, so that no stretch is empty
    stretches = np.searchsorted(lows, np.stack([since, tops], axis=1))
    lowest_since = np.minimum.reduceat(depths, stretches.ravel())[::2]
    heights = V[rows, units]
    found = heights - lowest_since >= prominence_mV
    for unit in np.unique(units[~found]):  # most often there are spikes alone
        own = np.flatnonzero(units == unit)
        found[own] = _rising(heights[own], lowest_since[own], prominence_mV)
    return found


def _rising(heights, lowest_since, prominence_mV):
    """The same for the tops of one unit, where a top that is none keeps its trough."""
    found, lowest = [], np.inf
    for top, trough in zip(heights.tolist(), lowest_since.tolist(), strict=True):
        lowest = min(lowest, trough)
        found.append(top - lowest >= prominence_mV)
        if found[-1]:
            lowest = np.inf
    return found


def _vertex(t, V, k, unit):
    """Where the parabolas through the samples k - 1, k, k + 1 have their maxima."""
    if len(k) == 0:
        return np.empty(0)
    left, middle, right = V[k - 1, unit], V[k, unit], V[k + 1, unit]
    curve = left - 2.0 * middle + right  # below 0: left < middle >= right
    return t[k] + 0.5 * (left - right) / curve * (t[1] - t[0])


def fixed_threshold(t, V, threshold_mV=0.0):
    """Times in ms at which V crosses threshold_mV from below, interpolated.

    A RuntimeWarning says so if find_spikes sees spikes that stay below it.
    """
    V = np.asarray(V, float)
    threshold_mV = LEVEL.checked("fixed_threshold", threshold_mV)
    k = np.flatnonzero((V[:-1] < threshold_mV) & (V[1:] >= threshold_mV))
    part = (threshold_mV - V[k]) / (V[k + 1] - V[k])
    spikes = find_spikes(t, V)
    if len(spikes) > len(k):
        warnings.warn(
            f"fixed_threshold: V crosses {threshold_mV:g} mV {len(k)} times, but has "
            f"{len(spikes)} spikes, which find_spikes counts: their peaks have shrunk "
            "below the threshold, the cell is not silent",
            RuntimeWarning,
            stacklevel=2,
        )
    return t[k] + part * (t[1] - t[0])
