"""Columns that are the target in disguise, or known only once the target is."""

import itertools

import numpy as np

from ...finding import Finding
from ...steps import Drop
from ..look import sample_rows, shown
from ..rows.columns import top_share
from ..rows.groups import alike_within, is_group, is_name, may_group
from .single import target_matrix, told

MOST_ROWS = 4000
EXACT = 0.99  # of the baseline's error is gone: a copy, whatever the others tell
SURE = 0.98  # what is told worse may be what the target honestly depends on
STRONG = 0.93  # a leak if no other column comes near
BACK = 0.97  # of its own baseline: a coarser copy, but for rows next to its edges
FAR = 0.25  # the error left is at most this part of what the next column leaves
MOST_LEVELS = 50
FEWEST_OF_CLASS = 10  # values of a class, to say how dense they are
DIP = 4.0  # times as wide as the next: fewer values than a cut leaves


def leak(look):
    """By what each column alone tells of the target, and the target of it."""
    if look.y is None or look.y.n_distinct < 2 or not look.features:
        return
    rows = sample_rows(look.table.n_rows, MOST_ROWS)
    rows = np.random.default_rng(0).permutation(rows[~look.y.missing[rows]])
    if len(rows) < 20:
        return
    y = look.y.rows(rows)
    Y = target_matrix(y, look.task)
    features = [(c, c.rows(rows)) for c in look.features]
    ahead = np.array([forward(c, Y, y, look.task) for _, c in features])
    back = np.array([backward(c, y) for _, c in features])
    for i, how in leaks(ahead, back):
        column = features[i][0]
        if look.task == "values" and column.kind == "date":
            continue  # the target moves in time: `split_leak` asks of that
        if names_groups(look, column):
            continue  # it foretells the target for the groups that it has seen
        evidence = {
            "n": len(rows), "score": round(float(ahead[i]), 4),
            "score_of_next": round(next_best(ahead, i), 4),
            "score_back": round(float(back[i]), 4), "how": how,
            "examples": shown(
                f"{column.text(r)} | {look.y.text(r)}" for r in rows[:5]
            ),
        }  # fmt: skip
        if len(rows) < look.table.n_rows:
            evidence["sampled_rows"] = len(rows)
        cuts = []
        if look.task == "classes" and not (may_group(column) and is_name(look, column)):
            cuts = thresholds(features[i][1], y)
        if cuts:
            yield of_threshold(column, cuts, evidence)
        elif ahead[i] < SURE and back[i] < BACK:
            yield Finding(
                "leak", (column.name,), "warning", evidence,
                f"{column.name!r} alone tells the target ({how}), as no other column "
                "comes near to: either it is what the target depends on, or it is made "
                "from the target or known only after it.",
                "The column stays; leave it out if it is known only after the target.",
            )  # fmt: skip
        else:
            yield Finding(
                "leak", (column.name,), "repair", evidence,
                f"{column.name!r} alone tells the target ({how}), as no other column "
                "comes near to: it is likely made from the target or known only after "
                "it, and a network would learn nothing else.",
                "The column is left out; keep it if it is known before the target is.",
                (Drop((column.name,)),), {"columns": 1},
            )  # fmt: skip


def of_threshold(column, cuts, evidence):
    at = ", ".join(f"{cut:.4g}" for cut in cuts)
    return Finding(
        "leak", (column.name,), "warning", evidence | {"thresholds": cuts},
        f"The class is {column.name!r} cut at {at}, without an exception, and its "
        "values run through the cut as if it were not there: the class was made from "
        "the column. A network would learn the cut and nothing else.",
        "The column stays. Leave it out if it is not known when the class is to be "
        "predicted; if it is known beforehand, compare it with the cut: that needs no "
        "network.",
    )  # fmt: skip


def thresholds(column, y):
    """The places where the class changes along a number, if each class is one stretch
    of it and the values run on through all cuts; else [].

    Of a column made from classes, values crowd about each class and are few between:
    the nearest 5 % on both sides of a cut are spread over a much wider stretch than
    the next ones. Of a class made from a column, they are as dense as these.
    """
    parts = stretches(column, y)
    if len(parts) != y.n_distinct:
        return []
    x = np.concatenate(parts)
    step = np.median(np.diff(np.unique(x)))
    for below, above in itertools.pairwise(parts):
        m = max(3, min(len(x) // 20, len(below) // 3, len(above) // 3))
        near = above[m - 1] - below[-m]
        next_below, next_above = (
            below[-m] - below[-2 * m],
            above[2 * m - 1] - above[m - 1],
        )
        if near > DIP * max(next_below, next_above) + step:
            return []
    return [float((p[-1] + q[0]) / 2) for p, q in itertools.pairwise(parts)]


def stretches(column, y):
    """The sorted values of each class, where each has a stretch of the numbers to
    itself, of ten values or more; else []."""
    if column.kind != "number" or n_runs(column, y) != y.n_distinct:
        return []
    order = np.lexsort((y.codes, column.values))
    order = order[~column.missing[order]]
    x, codes = column.values[order], y.codes[order]
    parts = np.split(x, np.flatnonzero(np.diff(codes)) + 1)
    return parts if all(len(np.unique(p)) >= FEWEST_OF_CLASS for p in parts) else []


def names_groups(look, column):
    """Whether its rows are alike in the other columns as well. Of classes, a number
    that groups the rows has told by its neighbours that it is no leak (`forward`)."""
    number = column.kind == "number" and look.task == "values"
    if not (column.kind == "text" or number) or not may_group(column):
        return False
    alike = alike_within(look, column)
    return alike is not None and is_group(0.0, alike[1])


def leaks(ahead, back):
    """(place, how in words) of the columns that give the target away."""
    best = set(apart(ahead))
    out = []
    for i in range(len(ahead)):
        if len(ahead) == 1 and max(ahead[i], back[i]) < 0.9999:
            continue  # a single column that tells the target may be all that counts
        if i in best:
            out.append((i, f"{ahead[i]:.1%} of the baseline's error is gone"))
        elif back[i] >= BACK:
            out.append((i, f"the target decides its value in {back[i]:.1%}"))
    return out if len(out) <= max(1, len(ahead) / 2) else []


def apart(ahead):
    """The places of the best columns, if there is a gap between them and the next best:
    of columns of which each is a little better than the last, none is in disguise."""
    order = np.argsort(-ahead, kind="stable")
    left = np.maximum(1 - ahead[order], 0)
    most = 0
    for m in range(1, len(order) + 1):
        if left[m - 1] > 1 - STRONG:
            break
        far = 2 * FAR if left[m - 1] <= 1 - EXACT else FAR
        if m == len(order) or left[m - 1] <= far * left[m]:
            most = m
    return order[:most].tolist()


def next_best(ahead, i):
    """The best score among the columns that are no candidates themselves."""
    others = np.delete(ahead, i)
    others = others[others < STRONG]
    return float(others.max(initial=0.0))


def forward(column, Y, y, task):
    """What the column tells of the target. A name of a group whose rows share a target
    has many more values than there are classes, and its neighbours tell nothing."""
    n = len(column) - column.n_missing
    if n < 10 and column.n_missing == 0:
        return 0.0
    whole = column.n_missing == 0
    if task == "classes" and whole and len(stretches(column, y)) == y.n_distinct:
        return 1.0  # of a rare class, the rows next to a cut would weigh too much
    classes = Y.shape[1] if task == "classes" else MOST_LEVELS / 3
    few = column.n_distinct <= max(3 * classes, 6)
    if column.kind == "text" and not few:
        return is_finer(column, Y, task)
    repeats = column.kind != "text" and not few and column.n_distinct <= n / 2
    with_ties = told(column, Y, task)
    by_thresholds = task == "classes" and n_runs(column, y) <= 3 * classes
    if repeats and with_ties > STRONG and not by_thresholds:
        return min(with_ties, told(column, Y, task, ties=False))
    return with_ties


def is_finer(column, Y, task):
    """1 if words of a few kinds for each class, each in many rows, tell all classes
    without an error, as a finer code of the target does; else 0."""
    n = len(column) - column.n_missing
    if task != "classes" or column.n_distinct > min(8 * Y.shape[1], n / 10):
        return 0.0
    usual = np.median(column.counts[column.counts > 0])
    return float(usual >= 10 and told(column, Y, task) >= 1.0)


def n_runs(column, y):
    """How often the class changes along the sorted values, at least, and once more."""
    order = np.lexsort((y.codes, column.values))
    order = order[~column.missing[order]]
    return 1 + int(np.count_nonzero(np.diff(y.codes[order])))


def backward(column, y):
    """How well the target foretells the column: a coarser copy of it is decided by it,
    though it does not decide it."""
    n = len(column) - column.n_missing
    if n < 0.5 * len(column) or not 2 <= column.n_distinct <= MOST_LEVELS:
        return 0.0
    if top_share(column)[0] > 0.95:
        return 0.0
    Y = target_matrix(column, "classes", MOST_LEVELS)
    if y.kind != "text" and y.n_distinct > MOST_LEVELS:
        return told(y, Y, "classes")
    return told(y, Y, "classes") if y.n_distinct <= MOST_LEVELS else 0.0
