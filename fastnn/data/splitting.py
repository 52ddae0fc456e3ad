"""Rows for training, rows for testing."""

import warnings

import numpy as np

from ..ops import checks


def split(X, y, test_fraction=0.2, seed=0, stratify=True, rng=None):
    """Part the rows at random: `train, test = split(X, y)`.

    X (n, ...), y (n, ...): arrays or lists of any kind, row i of both is one sample.
    test_fraction: the share of rows for testing, rounded to whole rows, at least one.
    stratify: if y holds classes (whole numbers, booleans, text, one-hot rows), give
        every class the same share in both parts, as nearly as whole rows allow. Floats
        are values, not classes, and are parted at random. Each class keeps at least
        one row for training, so a class with a single row is never tested (a warning
        says so).
    seed, rng: where the chance comes from; same seed, same parts.

    Returns (X_train, y_train), (X_test, y_test), new arrays in shuffled order.

    >>> train, test = split([[0], [1], [2], [3]], [0, 0, 1, 1], test_fraction=0.5)
    >>> train[1].size, sorted(test[1].tolist())
    (2, [0, 1])
    """
    X, y = _rows("X", X), _rows("y", y)
    n = len(X)
    if len(y) != n:
        raise ValueError(
            f"split: X has {n} rows but y has {len(y)}; row i of both must be sample i"
        )
    if n < 2:
        raise ValueError(
            f"split: X has {n} row(s); expected at least 2, one for each part"
        )
    fraction = checks.number("split", "test_fraction", test_fraction, above=0, below=1)
    stratify = checks.flag("split", "stratify", stratify)  # classes come from y
    rng = checks.generator("split", seed, rng)

    n_test = min(max(round(n * fraction), 1), n - 1)
    order = rng.permutation(n)
    labels = _classes(y) if stratify else None
    is_test = np.zeros(n, bool)
    tested = order[:n_test] if labels is None else _of_each(labels, order, n_test)
    is_test[tested] = True
    train, test = order[~is_test[order]], order[is_test[order]]
    return (X[train], y[train]), (X[test], y[test])


def _rows(name, value):
    x = checks.array("split", name, value)
    if x.ndim == 0:
        raise TypeError(
            f"split: {name} is {checks.describe(value)}; expected an array or a list "
            "with one row per sample"
        )
    return x


def _classes(y):
    """The class of each row as a number 0, 1, ..., or None if y holds values."""
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim == 2 and y.dtype.kind in "iubf":
        one_hot = np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all()
        return y.argmax(axis=1) if one_hot else None
    if y.ndim != 1 or y.dtype.kind not in "iubUSTO":
        return None
    try:
        return np.unique(y, return_inverse=True)[1]
    except TypeError:
        raise TypeError(
            "split: y mixes text with numbers or missing values, so its classes "
            "cannot be told apart; make all of y text, or pass stratify=False"
        ) from None


def _of_each(labels, order, n_test):
    """(n_test,) rows for testing: of each class the first ones of a shuffled order."""
    counts = np.bincount(labels)
    by_class = order[np.argsort(labels[order], kind="stable")]  # class after class
    begins = np.repeat(np.cumsum(counts) - counts, counts)
    rank = np.arange(len(labels)) - begins
    return by_class[rank < np.repeat(_shares(counts, n_test), counts)]


def _shares(counts, n_test):
    """How many rows of each class are tested; together they are n_test.

    Each class gives its exact share rounded down; the rows still missing come from the
    classes furthest below their share. A class never gives its last row.
    """
    single = int((counts == 1).sum())
    can_give = np.maximum(counts - 1, 0)
    if can_give.sum() < n_test:
        raise ValueError(
            f"split: y has {(counts > 0).sum()} classes in {counts.sum()} rows; with "
            f"one row of each kept for training, test_fraction cannot give {n_test} "
            "rows for testing; pass stratify=False, or a smaller test_fraction"
        )
    if single:
        warnings.warn(
            f"split: {single} class(es) in y have a single row; it goes to the "
            "training part and the test part says nothing about them",
            stacklevel=4,
        )
    eligible = np.where(counts > 1, counts, 0)
    wanted = n_test * eligible  # in units of 1 / eligible.sum(), so that it is exact
    shares = np.minimum(wanted // eligible.sum(), can_give)
    while (missing := n_test - shares.sum()) > 0:
        able = np.flatnonzero(shares < can_give)
        below = wanted[able] - shares[able] * eligible.sum()
        shares[able[np.argsort(-below, kind="stable")[:missing]]] += 1
    return shares
