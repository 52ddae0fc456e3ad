"""What one column alone tells of the target, on rows that it was not learned from."""

import numpy as np

from ..rows.columns import as_floats, ranks

WINDOWS = (2, 20)  # neighbours averaged: few for copies, many for noisy relations


def target_matrix(column, task, most_classes=20):
    """(n, k) float64: one-hot classes (the commonest k), or (n, 1) ranks in 0 .. 1."""
    if task == "values":
        r = ranks(as_floats(column)[:, None])
        return r / max(len(column), 1)
    codes = column.codes
    counts = np.bincount(codes[codes >= 0])
    kept = np.argsort(-counts, kind="stable")[:most_classes]
    return (codes[:, None] == kept).astype(np.float64)


def told(column, Y, task, ties=True):
    """How much of the error of the baseline the column takes away, at most 1.

    Half of the rows foretell the other half, and the reverse: by the mean of Y over the
    rows with the same value (ties), else over the nearest values on both sides; words
    have no neighbours. Classes: 1 - wrong / wrong of the commonest; values: R2 of the
    ranks.
    """
    x, is_word = axis(column)
    n = len(x)
    half = np.arange(n) % 2 == 0
    best = -np.inf
    for window in WINDOWS:
        guess = np.empty_like(Y)
        for train, test in ((half, ~half), (~half, half)):
            guess[test] = foretold(x[train], Y[train], x[test], window, ties, is_word)
        best = max(best, score(guess, Y, task))
    return best


def axis(column):
    """(values with NaN for none, whether they are words without an order)."""
    if column.kind == "text":
        return np.where(column.values < 0, np.nan, column.values), True
    return as_floats(column), False


def foretold(x, Y, at, window, ties, is_word):
    """(len(at), k): the means of Y around each value of `at`."""
    there, asked = ~np.isnan(x), ~np.isnan(at)
    out = np.tile(Y.mean(axis=0), (len(at), 1))
    if (~there).any():
        out[~asked] = Y[~there].mean(axis=0)
    if not there.any() or not asked.any():
        return out
    order = np.argsort(x[there], kind="stable")
    x, Y = x[there][order], Y[there][order]
    sums = np.vstack([np.zeros(Y.shape[1]), np.cumsum(Y, axis=0)])
    left, right = np.searchsorted(x, at[asked]), np.searchsorted(x, at[asked], "right")
    low = np.maximum(left - window // 2, 0)
    high = np.minimum(right + window // 2, len(x))
    around = sums[left] - sums[low] + sums[high] - sums[right]
    width = (left - low) + (high - right)
    around /= np.maximum(width, 1)[:, None]
    if is_word:
        around[:] = Y.mean(axis=0)
    same = right > left
    if ties:
        equal = (sums[right] - sums[left]) / np.maximum(right - left, 1)[:, None]
        around[same] = equal[same]
    out[asked] = around
    return out


def score(guess, Y, task):
    if task == "values":
        total = ((Y - Y.mean()) ** 2).sum()
        return 1 - ((guess - Y) ** 2).sum() / total if total else 0.0
    wrong = 1 - Y[np.arange(len(Y)), guess.argmax(axis=1)].mean()
    baseline = 1 - Y.mean(axis=0).max()
    return 1 - wrong / baseline if baseline else 0.0
