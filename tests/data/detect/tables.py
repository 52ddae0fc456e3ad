"""Small tables without a defect, for the tests of the detectors to spoil."""

import numpy as np

from fastnn.data.detect.look import Look
from fastnn.data.reading import as_table


def plain(n=600, task="classes", seed=0):
    """A dict of columns: four numbers, a category, and a target that they tell of."""
    rng = np.random.default_rng(seed)
    columns = {f"x{j}": rng.normal(3 * j, 1 + j, n) for j in range(4)}
    columns["kind"] = rng.choice(["red", "green", "blue"], n)
    signal = columns["x1"] / 2 - columns["x2"] / 3 + (columns["kind"] == "red")
    signal = signal + 0.3 * rng.normal(size=n)
    columns["y"] = signal
    if task == "classes":
        columns["y"] = np.where(signal > np.median(signal), "yes", "no")
    return columns


def look_at(columns, target="y", against=None):
    against = None if against is None else as_table(against)
    return Look(as_table(columns), target, against)


def found(detector, columns, target="y", against=None):
    """The findings of one detector."""
    return list(detector(look_at(columns, target, against)))


def with_rows(columns, rows):
    """The same columns with some of their rows behind."""
    return {k: np.concatenate([v, v[rows]]) for k, v in columns.items()}
