"""Losses of the user's own, and a network and samples to try them on."""

import numpy as np

import fastnn as fn

N, N_IN, N_OUT = 30, 4, 3


def samples(seed=0):
    rng = np.random.default_rng(seed)
    X, values = rng.normal(size=(N, N_IN)), rng.normal(size=(N, N_OUT))
    return X, values, rng.integers(0, N_OUT, N), rng.uniform(0.5, 2.0, N)


def network(dtype="float32", n_out=N_OUT):
    layers = [
        fn.Dense(N_IN, 8, activation="tanh"), fn.BatchNorm(), fn.Dropout(0.2),
        fn.Dense(8, n_out),
    ]  # fmt: skip
    return fn.Network(layers, seed=1, dtype=dtype)


def cubes(outputs, y):
    """A loss that fastnn lacks."""
    return abs((outputs - y) ** 3).mean()


def weighted(outputs, y, sample_weight):
    """mse, written out."""
    if sample_weight is None:
        return ((outputs - y) ** 2).mean()
    w = sample_weight.reshape(-1, 1)
    return (w * (outputs - y) ** 2).sum() / (w.sum() * outputs.shape[1])
