"""informative_missing: whether a value is there tells something of the target."""

import numpy as np

from ...finding import Finding
from ..look import first_rows
from ..statistics import chi_square_test, hypergeometric_tail, rank_sum_test

MOST_ROWS = 200_000  # a test of so many has all the power one needs
SURE, LIKELY = 0.001, 0.01  # p of a warning, and of a note
CLASSES = 20  # a target of numbers with more different ones is taken as values


def informative_missing(look):
    """Missingness that depends on the target.

    Classes: chi-square of missing against class, or Fisher's exact test of one class
    against the others, which gaps of one class show in sooner; effect: half the sum of
    the differences of the classes' shares (total variation, 0 to 1). Values: the
    rank-sum test of the values, and of how far they are from the median, for gaps
    where the target is small and large, or neither, effect |2 area - 1|; and tenths of
    the rows in the target's order, as classes. The smallest p of the three, thrice;
    times the number of columns tested (Bonferroni).
    """
    if look.target is None:
        return
    y, rows = look.y, ~look.y.missing
    tested = [c for c in look.features if _worth(c.missing & rows, rows)]
    as_values = y.kind in ("number", "date") and len(np.unique(y.sample)) > CLASSES
    if y.kind == "text" and len(y.words) > 1000:
        return
    rows = np.flatnonzero(rows)
    every = {}
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_ROWS, replace=False))
        every = {"sampled_rows": len(rows)}
    told = y.values[rows].astype(np.float64) if as_values else look.y_codes[rows]
    for column in tested:
        gone = column.missing[rows]
        p, effect, evidence = (_by_rank if as_values else _by_class)(told, gone)
        p = min(1.0, p * len(tested))
        if p > LIKELY or effect < 0.1:
            continue
        yield Finding(
            "informative_missing",
            (column.name,),
            "warning" if p <= SURE else "note",
            {
                "n": column.n_missing,
                "share": column.n_missing / len(column),
                "p": p,
                "effect": effect,
                "columns_tested": len(tested),
                "rows": first_rows(column.missing),
            }
            | evidence
            | every,
            "That a value is missing tells of the target: filling the gap hides it, "
            "and where gaps come about in another way the network is misled.",
            "Add a column that says where a value was filled in; ask whether the value "
            "is missing before or after the target is known.",
        )


def _worth(gone, rows):
    n = int(np.count_nonzero(gone))
    return 5 <= n <= np.count_nonzero(rows) - 5


def _by_class(classes, gone):
    """(p, effect, evidence) of a table of missing (2,) against class."""
    k = int(classes.max()) + 1
    counts = np.stack(
        [
            np.bincount(classes[gone], minlength=k),
            np.bincount(classes[~gone], minlength=k),
        ]
    ).astype(np.float64)
    _, p, v = chi_square_test(_pooled(counts))
    shares = counts / counts.sum(1, keepdims=True)
    if k > 2:
        p = min(1.0, 2 * min(p, _of_one_class(counts)))
    return p, float(np.abs(shares[0] - shares[1]).sum() / 2), {"cramers_v": v}


def _pooled(counts):
    """The classes (2, k) in which chance would leave a gap or more; the others as one.

    With fewer, chi-square's p is far too small (Cochran, 1954).
    """
    expected = counts.sum(0) * counts[0].sum() / counts.sum()
    few = expected < 1.0
    if not few.any():
        return counts
    rest = counts[:, few].sum(1, keepdims=True)
    return np.hstack([counts[:, ~few], rest])


def _of_one_class(counts):
    """p of the class whose rows are missing most beyond chance, times the classes."""
    n_gone, n = int(counts[0].sum()), int(counts.sum())
    tails = [
        hypergeometric_tail(int(gone), n_gone, int(gone + there), n)
        for gone, there in counts.T
    ]
    return min(1.0, len(tails) * min(tails))


def _by_rank(values, gone):
    """(p, effect, evidence) of the target's values where missing and where not."""
    middle = np.median(values)
    tests = [
        (p, abs(2 * area - 1))
        for _, p, area in (
            rank_sum_test(x, gone) for x in (values, np.abs(values - middle))
        )
    ]
    edges = np.quantile(values, np.arange(1, 10) / 10)
    tenths = np.searchsorted(edges, values, side="right")
    tests.append(_by_class(tenths, gone)[:2])
    p, effect = min(tests)
    return (
        min(1.0, 3 * p),
        effect,
        {
            "median_where_missing": float(np.median(values[gone])),
            "median_elsewhere": float(np.median(values[~gone])),
            "distance_where_missing": float(np.median(np.abs(values[gone] - middle))),
            "distance_elsewhere": float(np.median(np.abs(values[~gone] - middle))),
        },
    )
