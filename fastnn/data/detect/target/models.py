"""Small models, each a fixed linear map from the targets of some rows to guesses for
others, so that one pass answers for a hundred shuffled targets as well.

A smoother is f(X, Y, at): guesses for the rows `at` by the targets Y of the rows X. All
are linear in Y but `tree`. Guesses are made for rows held out (cross-validated).
"""

import numpy as np

FOLDS = 5


def folds(n, seed=0):
    """(n,): the fold of each row, drawn at random."""
    return np.random.default_rng(seed).permutation(np.arange(n) % FOLDS)


def cross_validated(smoother, X, Y, fold):
    """(n, k): guesses for each row by a model of the other folds."""
    out = np.empty_like(Y)
    for f in range(FOLDS):
        test = fold == f
        mean = Y[~test].mean(axis=0)
        out[test] = mean + smoother(X[~test], Y[~test] - mean, X[test])
    return out


def ridge(X, Y, at):
    """Least squares with a penalty that grows with the columns for each row:
    (X'X + a I)^-1 X'Y, a = sqrt(n p) + 1 for standardised columns."""
    n, p = X.shape
    A = X.T @ X
    A[np.diag_indices(p)] += np.sqrt(n * p) + 1
    return at @ np.linalg.solve(A, X.T @ Y)


def neighbours(X, Y, at, k=15):
    """The mean of the k nearest rows (Fix and Hodges 1951)."""
    k = min(k, len(X))
    distance = (X * X).sum(axis=1) - 2 * at @ X.T
    nearest = np.argpartition(distance, k - 1, axis=1)[:, :k]
    out = np.zeros((len(at), Y.shape[1]))
    for column in nearest.T:
        out += Y[column]
    return out / k


def r2_of(guess, Y, groups):
    """(B,): 1 - squared error / variance, of B targets of `groups` columns each."""
    error = ((guess - Y) ** 2).sum(axis=0).reshape(-1, groups).sum(axis=1)
    total = ((Y - Y.mean(axis=0)) ** 2).sum(axis=0).reshape(-1, groups).sum(axis=1)
    return 1 - error / np.where(total > 0, total, 1)


def tree(X, Y, at, depth=4, least=10):
    """Guesses of a regression tree (Breiman et al. 1984) of few levels, over at most 15
    thresholds a column: its quantiles."""
    edges = [np.unique(np.quantile(x, np.arange(1, 16) / 16)) for x in X.T]
    bins, asked = binned(X, edges), binned(at, edges)
    out = np.empty((len(at), Y.shape[1]))

    def grow(rows, at_rows, level):
        if len(at_rows) == 0:
            return
        cut = best_cut(bins[rows], Y[rows], least) if level < depth else None
        if cut is None:
            out[at_rows] = Y[rows].mean(axis=0)
            return
        j, most = cut
        left, at_left = bins[rows, j] <= most, asked[at_rows, j] <= most
        grow(rows[left], at_rows[at_left], level + 1)
        grow(rows[~left], at_rows[~at_left], level + 1)

    grow(np.arange(len(X)), np.arange(len(at)), 0)
    return out


def binned(X, edges):
    columns = [np.searchsorted(e, x) for e, x in zip(edges, X.T, strict=True)]
    return np.stack(columns, axis=1)


def best_cut(bins, Y, least):
    """(column, the last bin to the left) that lessens the squared error most, or None.

    bins (n, d): 0 .. 15. The error lessens by S_l.S_l / n_l + S_r.S_r / n_r - S.S / n,
    with S the sums of Y and n the rows of the left part, the right part and all.
    """
    (n, d), k = bins.shape, Y.shape[1]
    if n < 2 * least:
        return None
    cell = (bins + 16 * np.arange(d)).ravel()
    rows = np.bincount(cell, minlength=16 * d).reshape(d, 16)
    sums = np.empty((d, 16, k))
    for c in range(k):
        weights = np.repeat(Y[:, c], d)
        sums[:, :, c] = np.bincount(cell, weights, minlength=16 * d).reshape(d, 16)
    left, n_left = sums.cumsum(axis=1), rows.cumsum(axis=1)
    total = left[:, -1:]
    n_right, right = n - n_left, total - left
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = (left**2).sum(axis=2) / n_left + (right**2).sum(axis=2) / n_right
    gain -= (total**2).sum(axis=2) / n
    gain[(n_left < least) | (n_right < least)] = -np.inf
    place = int(gain.argmax())
    if gain.flat[place] <= 1e-9 * float((Y * Y).sum()):
        return None
    return place // 16, place % 16
