"""Columns with nearly one value, and columns that say what another one says."""

import numpy as np

from ... import hashes
from ...finding import Finding
from ...steps import Drop
from ..look import sample_rows, shown

NEARLY = 0.98  # the share of the rows from which on one value is nearly the only one
SAME = 1 - 1e-6  # |correlation| of columns that differ by rounding only


def top_share(column):
    """(the share of the present rows that hold the commonest value, that value as
    text); (0, "") where none holds half of them: a value that does is the median."""
    n = len(column) - column.n_missing
    if n == 0:
        return 0.0, ""
    if column.kind == "text":
        top = int(column.counts.argmax())
        share = column.counts[top] / n
        return (float(share), column.words[top]) if share >= 0.5 else (0.0, "")
    values = column.present
    middle = np.partition(values, n // 2)[n // 2]
    same = values == middle
    share = float(same.mean())
    if share < 0.5:
        return 0.0, ""
    row = int(np.flatnonzero(column.values == middle)[0])
    return share, column.text(row)


def is_rounding(column):
    """Whether numbers differ by no more than rounding would make them differ."""
    if column.kind != "number" or column.n_missing == len(column):
        return False
    low, high = column.present.min(), column.present.max()
    return high - low <= 1e-9 * max(abs(low), abs(high))


def constant(look):
    for column in look.features:
        if column.n_missing:  # whether a value is there is a second value
            continue
        share, value = top_share(column)
        if share == 1.0 or is_rounding(column):
            yield Finding(
                "constant", (column.name,), "note",
                {"n": len(column), "share": 1.0, "examples": shown([value])},
                "A column with one value tells nothing of any target; a network can "
                "only fold it into a bias, and scaling would divide by zero.",
                "The column is left out.", (Drop((column.name,)),), {"columns": 1},
            )  # fmt: skip


def near_constant(look):
    for column in look.features:
        share, value = top_share(column)
        n = len(column) - column.n_missing
        if share < NEARLY or n < len(column) / 2:
            continue
        if share == 1.0 and column.n_missing == 0:
            continue
        others = n - round(share * n)
        yield Finding(
            "near_constant", (column.name,), "note",
            {"n": others, "share": share, "examples": shown([value])},
            f"All but {others} of {n:,} rows hold the same value: what a network "
            "learns from this column it learns from these few rows.",
            None,
        )  # fmt: skip


def duplicate_column(look):
    """Exact, re-coded and rescaled copies. The later column of the two is left out, but
    a number of the rows before what it copies, and a code before words."""
    columns = [c for c in look.features if top_share(c)[0] < NEARLY]
    gone = set()
    for first, later, how in [*recoded(columns, look), *rescaled(columns, look)]:
        if is_running(first) or (first.kind == "number" and later.kind == "text"):
            first, later = later, first
        if later.name in gone or first.name in gone:
            continue
        gone.add(later.name)
        n = len(later) - later.n_missing
        yield Finding(
            "duplicate_column", (first.name, later.name), "warning",
            {"n": n, "share": n / len(later), "how": how,
             "examples": shown(f"{first.text(i)} | {later.text(i)}" for i in range(5))},
            f"{later.name!r} says what {first.name!r} says; together they count twice, "
            "and their weights can be shared out in any way.",
            f"{later.name!r} is left out.", (Drop((later.name,)),), {"columns": 1},
        )  # fmt: skip


def recoded(columns, look):
    """Pairs of columns that part the rows in the same way: equal where the other is.

    That two columns without any repeated value do so says nothing: at least half of the
    rows must repeat a value. Candidates by a sample, then all rows.
    """
    rows, seen = sample_rows(look.table.n_rows, 5000), {}
    for column in columns:
        few = column.rows(rows)
        n = len(few) - few.n_missing
        if few.n_distinct > n / 2 or n < 10 or not has_evidence(column):
            continue
        codes = few.codes
        first = np.full(int(codes.max()) + 1, len(codes), np.int64)
        np.minimum.at(first, codes[codes >= 0], np.flatnonzero(codes >= 0))
        partition = np.where(codes < 0, -1, first[codes]).tobytes()
        other = seen.setdefault(hash(partition), column)
        if other is column or not same_partition(other, column):
            continue
        if say_the_same(other, column):
            yield other, column, "one value stands for one value"


def same_partition(a, b):
    """Whether a value of one column goes with one value of the other, in all rows."""
    n = len(np.unique(hashes.of_rows([a, b], len(a))))
    return all(n == c.n_distinct + (c.n_missing > 0) for c in (a, b))


def say_the_same(a, b):
    """Whether columns that part the rows in the same way are the same to a network.

    Of groups with a column each for their number and for something measured of them,
    both do: numbers are copies only if they are in one order, and words of numbers only
    if these are codes, whole numbers close together.
    """
    if min(a.n_distinct, b.n_distinct) <= 2 or a.kind == b.kind == "text":
        return True
    numbers = [c for c in (a, b) if c.kind == "number"]
    if len(numbers) == 1 and "text" in (a.kind, b.kind):
        values = numbers[0].present
        span = values.max() - values.min()
        return bool(np.all(values % 1 == 0) and span < 3 * numbers[0].n_distinct)
    there = ~a.missing & ~b.missing
    x, y = as_floats(a)[there], as_floats(b)[there]
    y = y[np.argsort(x, kind="stable")]
    return bool(np.all(np.diff(y) >= 0) or np.all(np.diff(y) <= 0))


def is_sorted(x):
    """Whether values, NaN left out, only rise or only fall from row to row."""
    steps = np.diff(x[~np.isnan(x)])
    return bool(np.all(steps >= 0) or np.all(steps <= 0))


def is_running(column):
    """Whole numbers without gaps that rise from row to row."""
    if column.kind != "number" or column.n_missing or len(column) < 50:
        return False
    steps = np.diff(column.values)
    return bool(np.all(steps > 0) and np.all(steps % 1 == 0) and steps.mean() < 2)


def has_evidence(column):
    """Whether enough rows differ from the commonest value for a coincidence."""
    n = len(column) - column.n_missing
    return n * (1 - top_share(column)[0]) >= 5


def rescaled(columns, look):
    """Pairs of numbers whose correlation, or that of their ranks, is 1 or -1.

    That two columns are in the order of the rows, both, says nothing of each other.
    """
    numbers = [c for c in columns if c.kind in ("number", "date") and c.n_distinct > 2]
    if len(numbers) < 2:
        return
    rows = sample_rows(look.table.n_rows, 2000)
    X = np.stack([as_floats(c.rows(rows)) for c in numbers], axis=1)
    for values, how in ((X, "a rescaled copy"), (ranks(X), "in the same order")):
        r = correlations(values)
        for i, j in np.argwhere(np.triu(np.abs(r) > SAME, 1)):
            by_rank = not is_sorted(X[:, i]) and tied_alike(X[:, i], X[:, j])
            if how == "a rescaled copy" or by_rank:
                yield numbers[i], numbers[j], how


def as_floats(column):
    if column.kind != "date":
        return column.values
    out = column.values.astype("datetime64[us]").astype(np.float64)
    return np.where(column.missing, np.nan, out)


def ranks(X):
    """The rank of each value in its column, equal values equal; NaN stays."""
    out = np.full(X.shape, np.nan)
    for j, x in enumerate(X.T):
        there = ~np.isnan(x)
        _, place, counts = np.unique(x[there], return_inverse=True, return_counts=True)
        out[there, j] = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return out


def tied_alike(a, b):
    both = ~np.isnan(a) & ~np.isnan(b)
    return len(np.unique(a[both])) == len(np.unique(b[both]))


def correlations(X):
    """(d, d): Pearson's r of each pair of columns over the rows that have both; 0
    where fewer than half of the rows have."""
    there = ~np.isnan(X)
    with np.errstate(all="ignore"):
        X = X - np.nanmean(X, axis=0)
        X = np.where(there, X / np.nanstd(X, axis=0), 0.0)
        m = there.astype(np.float64)
        n = m.T @ m
        s, q = X.T @ m, (X * X).T @ m  # sums of column i over the rows that j has too
        cov = X.T @ X - s * s.T / n
        r = cov / np.sqrt((q - s * s / n) * (q - s * s / n).T)
    return np.where((n >= max(10, len(X) / 2)) & np.isfinite(r), r, 0.0)
