"""Finding spikes in a voltage trace.

A fixed threshold at 0 mV is a trap: under strong current the peaks of Hodgkin and
Huxley's neuron shrink below it while the cell goes on firing. So a spike is a local
maximum here that rises far enough above the trough before it.
"""

import warnings

import numpy as np

__all__ = ["find_spikes", "fixed_threshold"]

ROWS = 1024  # looked at together: few enough to stay in the cache


def find_spikes(t, V, prominence_mV=10.0, floor_mV=-45.0):
    """Times in ms of the maxima of V, by parabolas through three samples.

    A maximum counts if it lies above floor_mV, and prominence_mV above the lowest
    potential since the one before. t, V (n,). Returns (n_spikes,).
    """
    V = np.asarray(V, float)
    return spikes_of_units(t, V[:, None], prominence_mV, floor_mV)


def spikes_of_units(t, V, prominence_mV=10.0, floor_mV=-45.0):
    """find_spikes for V (n, units): a list of arrays; for one unit, the array."""
    rows, columns = [np.empty(0, int)], [np.empty(0, int)]
    for first in range(1, len(V) - 1, ROWS):
        last = min(first + ROWS, len(V) - 1)
        middle = V[first:last]
        top = (middle > V[first - 1 : last - 1]) & (middle >= V[first + 1 : last + 1])
        top &= middle >= floor_mV
        row, column = np.nonzero(top)
        rows.append(row + first)
        columns.append(column)
    rows, columns = np.concatenate(rows), np.concatenate(columns)
    times = []
    for u in range(V.shape[1]):
        k = rows if V.shape[1] == 1 else rows[columns == u]
        times.append(_vertex(t, V[:, u], k[_prominent(V[:, u], k, prominence_mV)]))
    return times[0] if len(times) == 1 else times


def _prominent(V, tops, prominence_mV):
    """Which of the samples `tops` rise above the trough since the one before."""
    if len(tops) == 0:
        return []
    troughs = np.minimum.reduceat(V, np.append(0, tops))[:-1]
    found, lowest = [], np.inf
    for i, (top, trough) in enumerate(
        zip(V[tops].tolist(), troughs.tolist(), strict=True)
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
