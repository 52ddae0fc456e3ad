"""Does any column tell anything of the target? And how much do small models learn?

Against chance: the same models on shuffled targets (a permutation test, Fisher 1935).
"""

from functools import partial

import numpy as np

from ...finding import Finding
from ..look import sample_rows, shown
from ..rows.columns import as_floats
from . import models
from .matrix import matrix, products, with_bins
from .single import target_matrix

MOST_ROWS = 4000
NEAR_ROWS = 1500  # nearest neighbours cost rows squared
SHUFFLES = 99
FIRST_SHUFFLES = 9  # a signal this many deviations above them needs no more
CLEAR = 10
MOST_CLASSES = 6
BY_CHANCE = 0.02  # the rank among the shuffled targets that still is chance
FEW = 60  # rows of the second class: of fewer, nothing is known for sure
LEFT_OUT = ("constant", "identifier", "free_text", "leak")
SEEN = 0.1  # a signal of this R2 would have shown, or the table is too small to say


def no_signal(look):
    if look.y is None or look.y.n_distinct < 2:
        return
    if all(map(tells_nothing, look.features)):
        yield nothing_left(look)
        return
    rows = usable_rows(look, MOST_ROWS)
    if len(rows) < 30:
        return
    Y = target_matrix(look.y.rows(rows), look.task, MOST_CLASSES)
    z, null, _ = against_shuffled(look, rows, Y, FIRST_SHUFFLES)
    if z > CLEAR and z > 3 * null.max():
        return
    z, null, width = against_shuffled(look, rows, Y, SHUFFLES)
    p = float((1 + (null >= z).sum()) / (1 + len(null)))
    beyond = p <= BY_CHANCE
    if beyond and not lucky(look, z):
        return
    enough = smallest(look, Y) >= FEW
    sure = not beyond and enough and len(rows) >= 200 and width <= SEEN
    evidence = {
        "n": len(rows), "p": round(p, 3), "shuffles": len(null),
        "r2_that_would_have_shown": round(width, 4),
    }  # fmt: skip
    if len(rows) < look.table.n_rows:
        evidence["sampled_rows"] = len(rows)
    leaks = [name for f in look.found if f.kind == "leak" for name in f.columns]
    if leaks:  # if these are known before the target is, there is a signal
        evidence["without"] = shown(leaks)
    sure = sure and not leaks
    severity = "blocker" if sure else "warning" if enough else "note"
    without = f"Without {', '.join(map(repr, leaks[:3]))}, small" if leaks else "Small"
    yield Finding(
        "no_signal", (look.target,), severity, evidence,
        f"{without} models foretell the target of {len(rows):,} rows barely better "
        f"than shuffled targets (p = {p:.2f}), and no better than the "
        f"{'commonest class' if look.task == 'classes' else 'mean'} does: what these "
        "columns say of it is little, if it is not chance."
        if beyond else
        f"{without} models foretell the target of {len(rows):,} rows no better than "
        f"shuffled targets (p = {p:.2f}); a relation that explains {width:.0%} of it "
        "would have shown: these columns say nothing of it.",
        "Other columns, that have to do with the target; no repair of these helps."
        if sure else
        "Find out whether they are known before the target is; if so, keep them."
        if leaks else
        "More rows, or columns that have more to do with the target.",
    )  # fmt: skip


def tells_nothing(column):
    """Whether it is the same in every row."""
    return column.n_distinct + (column.n_missing > 0) < 2


def nothing_left(look):
    """The Finding for a table without a column to learn from."""
    taken = [
        f"{name} ({f.kind.replace('_', ' ')})"
        for f in look.found if f.kind in LEFT_OUT for name in f.columns
    ]  # fmt: skip
    why = f": {', '.join(shown(taken))}" if taken else ""
    more = f" and {len(taken) - 5} more" if len(taken) > 5 else ""
    return Finding(
        "no_signal", (look.target,), "blocker",
        {"n": look.table.n_rows, "columns": len(look.features)},
        f"No column is left that could tell anything of the target{why}{more}.",
        "Other columns, that have to do with the target.",
    )  # fmt: skip


def lucky(look, z):
    """Whether models that lie barely beyond chance foretell less than the baseline."""
    if z >= 5:
        return False
    found = band(look)
    if look.task == "values":
        return found is not None and found[1] <= 0
    shares = np.bincount(look.y_codes[look.y_codes >= 0]) / len(look.y)
    return found is not None and shares.max() < 0.7 and found[1] <= shares.max()


def smallest(look, Y):
    """Rows of the second of the classes: what one learns to tell apart from the first
    is told by these."""
    return len(Y) if look.task == "values" else np.sort(Y.sum(axis=0))[-2]


def usable_rows(look, most):
    known = np.flatnonzero(~look.y.missing)
    return known[sample_rows(len(known), most)]


def against_shuffled(look, rows, Y, n_shuffles):
    """(how far the best model's R2 lies above chance, the same of shuffled targets,
    the R2 of the most sensitive model that would have been told from chance)."""
    k, rng = Y.shape[1], np.random.default_rng(0)
    shuffled = [Y] + [Y[rng.permutation(len(Y))] for _ in range(n_shuffles)]
    all_Y = np.hstack(shuffled)
    r2 = np.array([r for r in model_scores(look, rows, all_Y, k) if r is not None])
    null = r2[:, 1:]
    center, size = null.mean(axis=1)[:, None], null.std(axis=1)[:, None]
    size = np.where(size > 0, size, 1)
    z = (r2 - center) / size
    best = z.max(axis=0)
    width = float((3 * size).min())
    return float(best[0]), best[1:], width


def model_scores(look, rows, Y, k):
    """The R2 (1 + shuffles,) of each model, and the best single column's."""
    columns = [c.rows(rows) for c in look.features]
    X = matrix(columns, len(rows))
    if X.shape[1] == 0:
        return
    fold = models.folds(len(rows))
    few = min(len(rows), NEAR_ROWS)
    order = np.random.default_rng(1).permutation(len(rows))[:few]
    near = X[order]
    for smoother, array, some in (
        (models.ridge, X[:, :150], slice(None)),
        (models.ridge, with_bins(columns, X[:, :20]), slice(None)),
        (models.ridge, pairs_of(columns, rows), slice(None)),
        (partial(models.neighbours, k=20), near, order),
    ):
        if array.shape[1]:
            guess = models.cross_validated(smoother, array, Y[some], fold[some])
            yield models.r2_of(guess, Y[some], k)
    yield best_column(X, Y, k)


def pairs_of(columns, rows):
    """Products of the columns two by two, one part of each column."""
    parts = []
    for column in columns:
        if column.n_missing == len(column):
            continue
        if column.kind == "text":
            if len(column.words):
                parts.append(column.values == int(column.counts.argmax()))
        else:
            x = as_floats(column)
            parts.append(np.nan_to_num(x, nan=np.nanmedian(x)))
    if not parts:
        return np.zeros((len(rows), 0))
    X = np.stack(parts, axis=1).astype(np.float64)
    X = X - X.mean(axis=0)
    size = X.std(axis=0)
    X = np.clip(X[:, size > 0] / size[size > 0], -3, 3)
    P = products(X)
    size = P.std(axis=0)
    return (P - P.mean(axis=0))[:, size > 0] / size[size > 0]


def best_column(X, Y, k):
    """(1 + shuffles,): the largest squared correlation of a column with the target,
    summed over its classes by their variance."""
    Z = Y - Y.mean(axis=0)
    covariance = (X.T @ Z / len(X)) ** 2
    total = (Z * Z).mean(axis=0)
    shared = covariance.reshape(len(covariance), -1, k).sum(axis=2)
    return (shared / total.reshape(-1, k).sum(axis=1)).max(axis=0)


def band(look, most=3000):
    """(lowest, highest, rows): accuracy or R2 of small models on rows held out."""
    rows = usable_rows(look, most)
    if len(rows) < 20 or not look.features:
        return None
    rows = np.random.default_rng(0).permutation(rows)
    columns = [c.rows(rows) for c in look.features]
    X = matrix(columns, len(rows))[:, :200]
    y = look.y.rows(rows)
    if look.task == "classes":
        Y = target_matrix(y, "classes", 10_000)
    else:
        Y = as_floats(y)[:, None]
    fold = models.folds(len(rows))
    if X.shape[1] == 0:
        return None
    scores = []
    for smoother in (models.ridge, models.neighbours, models.tree):
        guess = models.cross_validated(smoother, X, Y, fold)
        if look.task == "classes":
            right = Y[np.arange(len(Y)), guess.argmax(axis=1)]
            scores.append(float(right.mean()))
        else:
            scores.append(float(models.r2_of(guess, Y, 1)[0]))
    return min(scores), max(scores), len(rows)
