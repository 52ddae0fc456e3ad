"""Gates of channels along an axon or a tree, from the V that a run left behind."""

import numpy as np

VALUES = 1 << 14  # whose rates are computed at a time, in the cache


def along(V, dt, rates):
    """The gates at the times of V (n_steps, n): (n_gates, n_steps, n).

    x' = a (1 - x) - b x for each (a, b) of rates(V), in 1/ms; dt in ms; x begins in its
    steady state. Each step at the mean of its two V: to second order what the run had
    half a step later.
    """
    start = [a / (a + b) for a, b in rates(V[:1])]
    gates = np.empty((len(start), *V.shape))
    if not len(V):
        return gates
    x = gates[:, 0] = np.concatenate(start)
    n_rows = 1 + VALUES // max(1, V.shape[1])
    for first in range(0, len(V) - 1, n_rows):
        part = V[first : first + n_rows + 1]
        pairs = rates(0.5 * (part[:-1] + part[1:]))
        a, b = (np.stack(of_gates, axis=1) for of_gates in zip(*pairs, strict=True))
        x_inf, keep = a / (a + b), np.exp(-dt * (a + b))
        for k in range(len(keep)):
            x = gates[:, first + k + 1] = x_inf[k] + (x - x_inf[k]) * keep[k]
    return gates
