"""The features as one array of numbers, for the small models that `inspect` asks."""

import numpy as np

from ..rows.columns import as_floats, ranks

MOST_LEVELS = 20
MOST_COLUMNS = 150
BINS = 6


def matrix(columns, n_rows):
    """(n_rows, p) float64, standardised: numbers clipped at 4 deviations and their
    ranks, whether a value is there, and a column for each of the commonest words."""
    parts = [part for column in columns for part in parts_of(column)]
    if not parts:
        return np.zeros((n_rows, 0))
    X = np.stack(parts[: 2 * MOST_COLUMNS], axis=1)
    X = X - X.mean(axis=0)
    size = X.std(axis=0)
    return X[:, size > 1e-12] / size[size > 1e-12]


def parts_of(column):
    """Arrays (n,) without NaN that stand for a column."""
    if 0 < column.n_missing < len(column):
        yield column.missing.astype(np.float64)
    if column.kind == "text":
        common = np.argsort(-column.counts, kind="stable")[:MOST_LEVELS]
        for word in common[column.counts[common] >= 3]:
            yield (column.values == word).astype(np.float64)
        return
    x = as_floats(column)
    there = ~np.isnan(x)
    if not there.any():
        return
    x = np.where(there, x, np.median(x[there]))
    size = x.std()
    if size == 0 or not np.isfinite(size):
        return
    yield np.clip((x - x.mean()) / size, -4, 4)
    if column.kind == "date":
        yield from cycles(x)
    if column.kind != "boolean":
        yield ranks(x[:, None])[:, 0] / len(x)


def cycles(us):
    """Sine and cosine of the place in the day, the week and the year, of microseconds
    (n,) of which more than one is told: as `prepare` encodes dates."""
    for days in (1, 7, 365.2425):
        turn = 2 * np.pi * us / (days * 86_400e6)
        for wave in (np.sin(turn), np.cos(turn)):
            if wave.std() > 0.1:
                yield wave


def with_bins(columns, X):
    """X and, for each number, columns for a sixth of its values each: what rises and
    falls again is a sum of these."""
    parts = [X]
    numbers = [c for c in columns if c.kind in ("number", "date")]
    for column in numbers[: MOST_COLUMNS // BINS]:
        x = as_floats(column)
        if np.isnan(x).all():
            continue
        edges = np.unique(np.nanquantile(x, np.linspace(0, 1, BINS + 1)[1:-1]))
        place = np.digitize(np.nan_to_num(x, nan=np.nanmedian(x)), edges)
        one_hot = (place[:, None] == np.arange(len(edges) + 1)).astype(np.float64)
        parts.append(one_hot - one_hot.mean(axis=0))
    return np.hstack(parts)


def products(X, most=12):
    """(n, pairs): the products of the first columns, two by two: what only two columns
    together tell."""
    Z = X[:, :most]
    i, j = np.triu_indices(Z.shape[1], 1)
    return Z[:, i] * Z[:, j]
