"""Finding spikes in a voltage trace.

A fixed threshold at 0 mV is a trap: under strong current the peaks of Hodgkin and
Huxley's neuron shrink below it while the cell goes on firing. So a spike is a local
maximum here that rises far enough above the trough before it.
"""

import warnings

import numpy as np

from ..ops import checks
from .parameters import VOLTS

__all__ = ["find_spikes", "fixed_threshold"]

SHORTEST_MS = 1e-4  # of steps: channels take hundreds of them to open
SAMPLES = 1 << 17  # compared at a time: few enough to stay in the cache


def find_spikes(t, V, prominence_mV=10.0, floor_mV=-45.0):
    """Times in ms of the maxima of V, by parabolas through three samples.

    A maximum counts if it lies above floor_mV, and prominence_mV above the lowest
    potential since the one before. t, V (n,). Returns (n_spikes,). ValueError for a V
    that is in V, or steps of t that are in s.
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
    if len(t) > 1 and t[-1] - t[0] < SHORTEST_MS * (len(t) - 1):
        raise ValueError(
            f"find_spikes: t goes from {t[0]:g} to {t[-1]:g} ms in {len(t)} steps; was "
            "s meant?"
        )
    return spikes_of_units(t, V[:, None], prominence_mV, floor_mV)


def spikes_of_units(t, V, prominence_mV=10.0, floor_mV=-45.0):
    """find_spikes for V (n, units): a list of arrays; for one unit, the array."""
    all_tops, all_troughs = _turns(V)
    times = []
    for v, tops, troughs in zip(V.T, all_tops, all_troughs, strict=True):
        tops = tops[v[tops] >= floor_mV]
        tops = tops[_prominent(v, tops, troughs, prominence_mV)]
        times.append(_vertex(t, v, tops))
    return times[0] if len(times) == 1 else times


def _turns(V):
    """The samples of local maxima, and of minima: two lists, an array for each unit.

    Row by row, as V lies in memory; of a plateau, a maximum is the first sample and a
    minimum the last.
    """
    found, n_rows = ([], []), 1 + SAMPLES // V.shape[1]
    for first in range(1, len(V) - 1, n_rows):
        last = min(first + n_rows, len(V) - 1)
        rises = V[first : last + 1] > V[first - 1 : last]
        before, after = rises[:-1], rises[1:]
        for turns, here in zip(found, (before > after, before < after), strict=True):
            row, unit = np.divmod(np.flatnonzero(here), V.shape[1])
            turns.append((row + first, unit))
    return [_by_unit(turns, V.shape[1]) for turns in found]


def _by_unit(turns, n_units):
    """[(rows, units), ...] -> the rows of each unit."""
    if not turns:
        return [np.empty(0, int)] * n_units
    rows, units = (np.concatenate(parts) for parts in zip(*turns, strict=True))
    order = np.argsort(units, kind="stable")
    ends = np.cumsum(np.bincount(units, minlength=n_units))[:-1]
    return np.split(rows[order], ends)


def _prominent(V, tops, troughs, prominence_mV):
    """Which of the samples `tops` rise above the lowest trough since the one before."""
    if len(tops) == 0:
        return []
    # between two maxima there is a minimum; before the first one, perhaps the start
    low = np.append(0, troughs[: np.searchsorted(troughs, tops[-1])])
    segments = np.searchsorted(low, np.append(0, tops[:-1]))
    lowest_since = np.minimum.reduceat(V[low], segments)
    if (V[tops] - lowest_since >= prominence_mV).all():  # spikes alone, as most often
        return np.arange(len(tops))
    found, lowest = [], np.inf
    for i, (top, trough) in enumerate(
        zip(V[tops].tolist(), lowest_since.tolist(), strict=True)
    ):
        lowest = min(lowest, trough)
        if top - lowest >= prominence_mV:
            found.append(i)
            lowest = np.inf
    return found


def _vertex(t, V, k):
    """Where the parabolas through the samples k - 1, k, k + 1 have their maxima."""
    if len(k) == 0:
        return np.empty(0)
    left, middle, right = V[k - 1], V[k], V[k + 1]
    curve = left - 2.0 * middle + right  # below 0: left < middle >= right
    return t[k] + 0.5 * (left - right) / curve * (t[1] - t[0])


def fixed_threshold(t, V, threshold_mV=0.0):
    """Times in ms at which V crosses threshold_mV from below, interpolated.

    A RuntimeWarning says so if find_spikes sees spikes that stay below it.
    """
    V = np.asarray(V, float)
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
