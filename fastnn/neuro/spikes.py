"""Finding spikes in a voltage trace.

A fixed threshold at 0 mV is a trap: under strong current the peaks of Hodgkin and
Huxley's neuron shrink below it while the cell goes on firing. So a spike is a local
maximum here that rises far enough above the trough before it.
"""

import numpy as np

__all__ = ["find_spikes", "fixed_threshold"]


def find_spikes(t, V, prominence_mV=10.0, floor_mV=-45.0):
    """Times in ms of the maxima of V, by parabolas through three samples.

    A maximum counts if it lies above floor_mV, and prominence_mV above the lowest
    potential since the one before. t, V (n,). Returns (n_spikes,).
    """
    V = np.asarray(V, float)
    if len(V) < 3:
        return np.empty(0)
    rising = V[1:-1] > V[:-2]
    top = np.flatnonzero(rising & (V[1:-1] >= V[2:])) + 1
    times, last = [], 0
    lowest = np.inf
    for k in top.tolist():
        lowest = min(lowest, V[last:k].min()) if k > last else lowest
        last = k
        if V[k] >= floor_mV and V[k] - lowest >= prominence_mV:
            times.append(_vertex(t, V, k))
            lowest = np.inf
    return np.array(times)


def _vertex(t, V, k):
    """Where the parabola through the samples k - 1, k, k + 1 has its maximum."""
    left, mid, right = V[k - 1], V[k], V[k + 1]
    curve = left - 2.0 * mid + right
    shift = 0.0 if curve == 0 else 0.5 * (left - right) / curve
    return t[k] + shift * (t[1] - t[0])


def fixed_threshold(t, V, threshold_mV=0.0):
    """Times in ms at which V crosses threshold_mV from below, interpolated."""
    V = np.asarray(V, float)
    k = np.flatnonzero((V[:-1] < threshold_mV) & (V[1:] >= threshold_mV))
    part = (threshold_mV - V[k]) / (V[k + 1] - V[k])
    return t[k] + part * (t[1] - t[0])
