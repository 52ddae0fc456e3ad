"""Rows that belong together: of one group, or of one time."""

import numpy as np

from ... import hashes
from ...finding import Finding
from ..look import sample_rows, shown
from ..statistics import f_tail, normal_quantile
from ..target.single import foretold, score, target_matrix
from .columns import as_floats, correlations, is_running, ranks, top_share

MOST_ROWS = 8000
MOST_FEATURES = 20
FEWEST_GROUPS = 10
ALIKE = 0.3  # intraclass correlation from which on rows of a group are alike
PART = 0.3  # of the features that are alike within groups
BLOCKS = 10
ONE_BLOCK = 1.05  # blocks of rows a group, where the rows of a group stand together
BLOCKED = 0.6  # of the blocks that shuffled rows have: they were not shuffled
SINGLE = 0.1  # of the numbers stand in one row alone: more than of groups
ORDERED = 1e-3  # the chance by which the order of the numbers is held to mean nothing


def split_leak(look):
    """Groups, then dates along which the target moves, be it by one row a group."""
    keys = group_keys(look)
    for column, target_alike, alike in keys:
        yield of_group(column, target_alike, alike)
    alone = None if not keys else ~hashes.repeats(hashes.of_column(keys[0][0]))
    for column in look.features:
        if column.kind == "date":
            yield from along(look, column, alone)


def split_by_number(look):
    """Running numbers along which the target moves: before they are left out. Rows that
    are merely sorted by the target have no time."""
    for column in look.features:
        if is_running(column):
            yield from along(look, column, most=0.8)


def group_keys(look):
    """[(column, how alike its rows are in the target, in the features)]: columns whose
    values stand for several rows each that are alike in the rest.

    What is constant within such groups is alike as well: the column that explains the
    most is named, and others only if the rest is alike for one row of each group too.
    """
    candidates = []
    for column in look.features:
        alike = alike_within(look, column) if may_group(column) else None
        if alike is not None and is_group(*alike) and is_name(look, column):
            candidates.append((column, *alike))
    candidates.sort(key=lambda c: -float(c[2].mean()))
    keys, alone = candidates[:1], None
    for column, *alike in candidates[1:]:
        if alone is None:
            alone = ~hashes.repeats(hashes.of_column(keys[0][0]))
        again = alike_within(look, column, alone)
        if again is not None and is_group(*again):
            keys.append((column, *alike))
    return keys


def may_group(column):
    """Whether it is words or whole numbers, of which most stand in several rows."""
    n = len(column) - column.n_missing
    if column.kind not in ("text", "number") or n < 2 * FEWEST_GROUPS:
        return False
    if column.kind == "number" and np.any(column.present[:1000] % 1):
        return False
    if not FEWEST_GROUPS <= column.n_distinct <= n / 2 or top_share(column)[0] > 0.5:
        return False
    return column.kind == "text" or not np.any(column.present % 1)


def is_group(target_alike, alike):
    """By the target, or by two features and three in ten of them."""
    n = int((alike > ALIKE).sum())
    return target_alike >= 0.9 or (n >= 2 and n >= PART * len(alike))


def is_name(look, column):
    """Whether the values of a column name groups; words do.

    Numbers do where the layout of the rows says so: those of a group stand together, or
    the numbers rise again and again, as in 1 2 3 1 2 3. Elsewhere an age, a size or a
    price has repeated values as well. It is told by what names have not: many values of
    one row, an order that goes with another column, or rows that are alike only since
    they are of one block, as of a patient whose age is that of others too.
    """
    if column.kind == "text":
        return True
    numbers = column.present
    steps = np.diff(numbers)
    n_blocks = 1 + np.count_nonzero(steps)
    if n_blocks <= ONE_BLOCK * column.n_distinct or np.mean(steps >= 0) > 0.95:
        return True
    counts = column.distinct[1]
    if np.mean(counts == 1) > max(SINGLE, 1.5 * singles(counts.mean())):
        return False
    if has_order(look, column):
        return False
    shuffled = len(numbers) * (1 - ((counts / len(numbers)) ** 2).sum())
    if n_blocks > BLOCKED * shuffled:
        return True
    first = np.append(True, np.diff(column.codes) != 0)
    of_blocks = alike_within(look, column, first)
    return of_blocks is not None and is_group(*of_blocks)


def singles(mean):
    """The share of groups with one row, if their rows are Poisson's counts without 0,
    of this mean: l exp(-l) / (1 - exp(-l)), where mean = l / (1 - exp(-l))."""
    rate = mean
    for _ in range(50):
        rate = mean * (1 - np.exp(-rate))
    return float(rate / np.expm1(rate)) if rate > 1e-6 else 1.0


def has_order(look, column):
    """Whether the numbers of groups go with the mean of another column in each group:
    the number of a patient says nothing, but that of a row. Spearman's r (1904) by
    Fisher's atanh(r), of variance 1.06 / (k - 3) for k groups, among m columns.
    """
    there = ~column.missing
    numbers, codes = np.unique(column.values[there], return_inverse=True)
    others = [c for c in look.table if c.name != column.name][: 2 * MOST_FEATURES]
    means = [numbers]
    for other in others:
        x = column_values(other)[there]
        known = ~np.isnan(x)
        n = np.bincount(codes[known], minlength=len(numbers))
        total = np.bincount(codes[known], x[known], len(numbers))
        means.append(np.where(n > 0, total / np.maximum(n, 1), np.nan))
    r = np.abs(correlations(ranks(np.stack(means, axis=1)))[0, 1:]).max(initial=0)
    z = np.arctanh(min(r, 1 - 1e-9)) * np.sqrt((len(numbers) - 3) / 1.06)
    return bool(z > normal_quantile(1 - ORDERED / (2 * max(len(others), 1))))


def of_group(column, target_alike, alike):
    n = len(column) - column.n_missing
    return Finding(
        "split_leak", (column.name,), "warning",
        {"n": n, "groups": column.n_distinct, "how": "groups",
         "rows_per_group": n / column.n_distinct,
         "target_alike": round(target_alike, 3),
         "features_alike": int((alike > ALIKE).sum()), "features": len(alike),
         "examples": shown(column.text(i) for i in range(5))},
        f"The rows of one {column.name!r} are alike: a random split puts some of each "
        "into both parts, and the test part then asks for groups that the network has "
        "seen, not for new ones.",
        f"The rows are split by {column.name!r}, each value in one part.",
    )  # fmt: skip


def alike_within(look, column, among=None):
    """(how alike the target is within groups, (features,) how alike each of them is) in
    some rows; None: too few of them.

    For numbers only what neighbouring numbers do not share counts: people of one age
    are alike, but those a year older are so too, and an age is no group.
    """
    there = ~column.missing if among is None else ~column.missing & among
    rows = np.flatnonzero(there)
    if len(rows) > MOST_ROWS:  # some groups, with all of their rows
        share = np.uint64(2**64 * MOST_ROWS / len(rows))
        rows = rows[hashes.of_column(column, 7)[rows] < share]
    group = column.rows(rows)
    if not FEWEST_GROUPS <= group.n_distinct <= len(rows) / 1.5:
        return None
    codes = np.unique(group.values, return_inverse=True)[1]
    others = [c for c in look.features if c.name != column.name]
    numbers = [c for c in others if c.kind == "number"]
    if len(numbers) >= 3:  # words may be coarser names of the groups: city and state
        others = numbers
    others = others[:MOST_FEATURES]
    alike = np.array([within(c.rows(rows), codes, group) for c in others])
    target = 0.0 if look.y is None else within(look.y.rows(rows), codes, group)
    return target, alike if len(alike) else np.zeros(1)


def within(column, codes, group):
    """Intraclass correlation of a column in groups, at most that beyond neighbours."""
    x = column_values(column)
    there = ~np.isnan(x)
    if there.sum() < 20 or np.ptp(x[there]) == 0:
        return 0.0
    icc = intraclass(x[there], codes[there])
    if group.kind == "number" and icc > ALIKE:
        y = x[there][:, None]
        numbers = group.values[there]
        smooth = foretold(numbers, y, numbers, 10, False, False)
        near = score(smooth, y, "values")
        return 0.0 if near > 0.5 * icc else icc
    return icc


def column_values(column):
    """Ranks of numbers; for words, whether it is the commonest."""
    if column.kind == "text":
        top = int(column.counts.argmax()) if len(column.words) else -1
        return np.where(column.missing, np.nan, column.values == top)
    return ranks(as_floats(column)[:, None])[:, 0]


def intraclass(x, codes):
    """(between - within) / (between + (m - 1) within), of the mean squares of groups of
    m rows (Fisher 1925; m as Snedecor has it for groups of different size)."""
    sizes = np.bincount(codes)
    kept = sizes > 0
    n, g = len(x), int(kept.sum())
    if n <= g:
        return 0.0
    means = np.bincount(codes, x) / np.maximum(sizes, 1)
    inside = ((x - means[codes]) ** 2).sum() / (n - g)
    between = (sizes[kept] * (means[kept] - x.mean()) ** 2).sum() / (g - 1)
    m = (n - (sizes[kept] ** 2).sum() / n) / (g - 1)
    total = between + (m - 1) * inside
    return float((between - inside) / total) if total > 0 else 0.0


def along(look, column, among=None, most=1.01):
    """A Finding if the target moves along a column, in some of the rows."""
    if look.y is None or look.y.n_distinct < 2:
        return
    known = ~look.y.missing & ~column.missing
    rows = np.flatnonzero(known if among is None else known & among)
    rows = rows[sample_rows(len(rows), MOST_ROWS)]
    if len(rows) < 5 * BLOCKS:
        return
    Y = target_matrix(look.y.rows(rows), look.task)
    moved = drift_along(as_floats(column.rows(rows)), Y)
    if not 0.05 <= moved < most or chance_of(moved, len(rows)) > 3e-5:
        return
    yield Finding(
        "split_leak", (column.name,), "warning",
        {"n": len(rows), "how": "time", "variance": round(moved, 3),
         "examples": shown(column.text(r) for r in rows[:3])},
        f"The target moves along {column.name!r} ({moved:.0%} of its variance): a "
        "random split lets the network learn from days after those it is tested on, "
        "which no use of it will.",
        f"The rows are split by {column.name!r}, the last ones for testing.",
    )  # fmt: skip


def chance_of(moved, n):
    """How likely blocks of n rows in any order differ as much: F of their means, for
    the classes of a target together at most."""
    left = (1 - moved) * (n - BLOCKS) / (n - 1)  # the part within blocks, not adjusted
    if left <= 0:
        return 0.0
    f = (1 - left) / (BLOCKS - 1) / (left / (n - BLOCKS))
    return f_tail(f, BLOCKS - 1, n - BLOCKS)


def drift_along(t, Y):
    """The part of Y's variance that lies between blocks of time, beyond chance."""
    n = len(t)
    order = np.argsort(t, kind="stable")
    block = np.arange(n) * BLOCKS // n
    Y = Y[order]
    sizes = np.bincount(block)[:, None]
    means = np.stack([np.bincount(block, y) for y in Y.T], axis=1) / sizes
    total = ((Y - Y.mean(axis=0)) ** 2).sum()
    between = (sizes * (means - Y.mean(axis=0)) ** 2).sum()
    r2 = between / total if total else 0.0
    return float(1 - (1 - r2) * (n - 1) / (n - BLOCKS))  # adjusted for the blocks
