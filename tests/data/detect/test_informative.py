"""informative_missing: gaps that go with the target, and gaps by chance."""

import numpy as np
import pytest
from data.detect.tables import found

from fastnn.data.detect.cells.informative import informative_missing

N = 800


def gaps(weights, k, seed):
    """A column without a value in k rows, drawn with these weights."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=N)
    values[rng.choice(N, k, replace=False, p=weights / weights.sum())] = np.nan
    return values


@pytest.mark.parametrize(
    "place",
    [
        lambda rank: rank,
        lambda rank: 1 - rank,
        lambda rank: np.abs(2 * rank - 1),
        lambda rank: 1 - np.abs(2 * rank - 1),
        lambda rank: 1 - np.minimum(1, 4 * np.abs(rank - 0.25)),
    ],
    ids=["large", "small", "both", "neither", "a band"],
)
@pytest.mark.parametrize("k", [24, 120])
def test_gaps_by_the_size_of_the_target(place, k):
    n_found = 0
    for seed in range(20):
        y = np.random.default_rng(seed + 50).gamma(2.0, 10.0, N)
        rank = np.argsort(np.argsort(y)) / N
        x = gaps(np.exp(6 * place(rank)), k, seed)
        n_found += len(found(informative_missing, {"x": x, "y": y}))
    assert n_found >= 19


@pytest.mark.parametrize("classes", [2, 4, 9])
def test_gaps_of_one_class(classes):
    n_found = 0
    for seed in range(20):
        y = np.random.default_rng(seed + 50).integers(0, classes, N).astype(str)
        x = gaps(np.where(y == "1", 30.0, 1.0), 16 if classes > 2 else 24, seed)
        n_found += len(found(informative_missing, {"x": x, "y": y}))
    assert n_found >= 19


@pytest.mark.parametrize("task", ["classes", "values"])
def test_gaps_by_chance(task):
    seen = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        y = (
            rng.integers(0, 5, N).astype(str)
            if task == "classes"
            else rng.normal(size=N)
        )
        columns = {
            f"x{j}": gaps(np.ones(N), 8 * 4**j, seed + 1000 * j) for j in range(3)
        }
        seen += found(informative_missing, columns | {"y": y})
    # each of 150 tables with a chance of 0.1 % for a warning, and of 1 % for a note
    assert sum(f.severity == "warning" for f in seen) <= 1
    assert len(seen) <= 5
