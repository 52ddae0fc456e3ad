"""Rows that are equal, and equal rows that contradict each other.

Rows of a few coarse columns are equal by chance. Take the pairs of rows that are equal
in all columns but two, i and j, and count among them

                      equal in j      not equal in j
    equal in i            a                 b
    not equal in i        c                 d

The rows counted in b, c and d are no copies of each other. If i and j were independent
among such pairs, a would be b c / d (the estimate of Lincoln and Petersen); copies come
on top of that. The two columns are those that explain the most of a by chance; or one
alone does, of rows that stand in groups (`of_groups`). Slips of single cells are in b
and c as well, and none in d. What chance has made of them is at most d times the odds
of equal values, of columns that go together a few hundred times that.
"""

from itertools import combinations

import numpy as np

from ... import hashes
from ...finding import Finding
from ...steps import DropConflicts, DropRepeats
from ...steps.rows import conflicting
from ..look import sample_rows

MOST_ROWS = 100_000  # to judge what chance would do
MOST_COLUMNS = 6
TIED = 300  # times the odds of equal values, in rows that are nearly equal
UNLIKE = 0.6  # of how far apart rows at random are, equal ones may be
FAULT = 0.5  # the share of the equal pairs that chance does not explain


def expected_pairs(columns, n_rows, slips=False):
    """(pairs of equal rows, pairs that chance explains), of a sample of the rows.

    slips: whether b and c may be nothing but copies with a slip.
    """
    rows = sample_rows(n_rows, MOST_ROWS)
    columns = [c.rows(rows) for c in columns]
    of_column = {i: hashes.of_column(c, i) for i, c in enumerate(columns)}
    whole = sum(of_column.values(), np.zeros(len(rows), np.uint64))
    a = hashes.n_pairs(whole)
    if a == 0 or len(columns) < 2:
        return a, a if len(columns) < 2 else 0
    finest = sorted(of_column, key=lambda i: -columns[i].n_distinct)[:MOST_COLUMNS]
    without = {i: hashes.n_pairs(whole - of_column[i]) for i in finest}
    most = max(of_groups(whole - h, h, a) for h in of_column.values())
    odds = {i: odds_of_equal(of_column[i]) for i in finest}
    for i, j in combinations(finest, 2):
        c, b = without[i] - a, without[j] - a
        if b and c:
            d = hashes.n_pairs(whole - of_column[i] - of_column[j]) - a - b - c
            if slips:
                b, c = min(b, TIED * odds[i] * d), min(c, TIED * odds[j] * d)
            most = max(most, b * c / max(d, 1))
    return a, most


def odds_of_equal(column):
    """Pairs of rows that are equal in a column, to pairs that are not."""
    n, equal = len(column), hashes.n_pairs(column)
    return equal / max(n * (n - 1) / 2 - equal, 1)


def of_groups(rest, column, equal):
    """Pairs of equal rows that groups explain which differ in one column alone.

    Of pairs that are equal in the rest, some are not in the column, c of them: if it is
    drawn anew in each row, and equal in a part p of all pairs, c p / (1 - p) are equal
    in it as well. Copies stand in twos; groups have more rows than two.
    """
    n, pairs = len(rest), hashes.n_pairs(rest)
    if pairs - equal <= 0 or not in_groups(pairs, hashes.shared(rest)):
        return 0.0
    p = hashes.n_pairs(column) / (n * (n - 1) / 2)
    return (pairs - equal) * p / (1 - p) if p < 1 else 0.0


def in_groups(pairs, several):
    """Whether equal rows stand in groups of more than two, as rows of few and coarse
    columns do: m equal rows make (m - 1) / 2 pairs a row."""
    return pairs > 0.75 * np.count_nonzero(several)


def duplicate_rows(look):
    table = look.table
    again = hashes.repeats(table.row_hashes()) & has_some_value(table)
    n = int(again.sum())
    if n == 0 or len(table.columns) == 0:
        return
    pairs, by_chance = expected_pairs(list(table), table.n_rows)
    if len(look.features) < 2:  # it and the target depend on each other, if all is well
        by_chance = pairs
    evidence = {
        "n": n, "share": n / table.n_rows,
        "rows": np.flatnonzero(again)[:10].tolist(),
        "pairs": pairs, "pairs_by_chance": round(min(by_chance, pairs), 1),
    }  # fmt: skip
    if table.n_rows > MOST_ROWS:
        evidence["sampled_rows"] = MOST_ROWS
    few = n < 5 and n < 0.01 * table.n_rows
    if few or by_chance >= (1 - FAULT) * pairs:
        reason = (
            "A row or two that occur twice do no harm."
            if few
            else "The columns are few and coarse, so that many rows are equal by "
            "chance: each is a row of its own and stays."
        )
        yield Finding("duplicate_rows", (), "note", evidence, reason)
        return
    yield Finding(
        "duplicate_rows", (), "repair", evidence,
        f"{n:,} rows repeat another row, more than chance would: they count twice in "
        "the loss, and a random split puts the same row into both parts, so that the "
        "test part praises what was learned by heart.",
        "One row of each is kept.", (DropRepeats(),), {"rows": n},
    )  # fmt: skip


def has_some_value(table):
    """(n_rows,) bool: rows that are not wholly empty; that these are equal is a matter
    of what is missing."""
    some = np.zeros(table.n_rows, bool)
    for column in table:
        if some.all():
            break
        some |= ~column.missing
    return some


def conflicting_labels(look):
    """Rows with equal features whose targets differ."""
    features = look.features
    if look.y is None or look.y.n_distinct < 2 or not features:
        return
    table = look.table
    rows = table.row_hashes([c.name for c in features])
    labels = hashes.of_column(look.y)
    against = conflicting(rows, labels)
    n = int(against.sum())
    if n == 0:
        return
    floor, baseline = floor_and_baseline(look)
    pairs, by_chance = expected_pairs(features, table.n_rows)
    evidence = {
        "n": n, "share": n / table.n_rows, "floor": floor, "baseline_error": baseline,
        "rows": np.flatnonzero(against)[:10].tolist(),
        "pairs": pairs, "pairs_by_chance": round(min(by_chance, pairs), 1),
    }  # fmt: skip
    measure = "accuracy" if look.task == "classes" else "R2"
    limit = f"No network gets {measure} above {1 - floor:.3f} on these rows"
    reason, several = None, hashes.shared(rows)
    if (
        by_chance >= (1 - FAULT) * pairs
        or in_groups(hashes.n_pairs(rows), several)
        or (n < 5 and n < 0.01 * table.n_rows)
    ):
        reason = "as is to be expected of few and coarse columns"
    elif unlike(look, rows, labels, several) < UNLIKE:
        reason = (
            "but is nearer to it in the target than to a row drawn at random: they are "
            "measured again, or of one group, and what they differ by is noise"
        )
    if reason:
        yield Finding(
            "conflicting_labels", (look.target,), "note", evidence,
            f"{limit}: {n:,} rows share their features with a row of another target, "
            f"{reason}.",
        )  # fmt: skip
        return
    never = floor > NEEDED * baseline and n > table.n_rows / 2
    yield Finding(
        "conflicting_labels", (look.target,), "blocker" if never else "repair",
        evidence,
        f"{limit}: {n:,} rows have the features of another row and not its target, "
        "so that whatever is learned from one is wrong for the other.",
        "Find out which targets are right: leaving all of these rows out would leave "
        "what is learned unproven." if never else "All of these rows are left out.",
        () if never else (DropConflicts(look.target),),
        {} if never else {"rows": n},
    )  # fmt: skip


NEEDED = (
    0.6  # of the error of the baseline: a floor above it leaves too little to learn
)


def unlike(look, rows, labels, several):
    """How far apart the targets of rows with equal features are, of pairs of these,
    over the same of pairs drawn at random: 1 where equal features tell nothing.

    Classes: the share of pairs that disagree; values: half of the mean squared
    difference. rows, labels (n,): hashes of the features and of the target; several
    (n,) bool: the rows whose features are not theirs alone.
    """
    several = several & ~look.y.missing
    group = np.unique(rows[several], return_inverse=True)[1]
    sizes = np.bincount(group).astype(np.float64)
    n_pairs = float((sizes * (sizes - 1)).sum()) / 2
    if n_pairs == 0:
        return 1.0
    if look.task == "classes":
        agree = hashes.n_pairs((rows + hashes.mixed(labels))[several])
        shares = np.bincount(look.y_codes[~look.y.missing]) / (~look.y.missing).sum()
        at_random = 1 - float((shares**2).sum())
        return (1 - agree / n_pairs) / at_random if at_random else 1.0
    y = as_values(look.y)
    some, total = y[several], np.nanvar(y)
    means = np.bincount(group, some) / sizes
    squares = np.bincount(group, (some - means[group]) ** 2)
    # sum over the pairs of a group of (y_i - y_j)^2 / 2 is m sum_i (y_i - mean)^2 / 2
    apart = float((sizes * squares).sum()) / 2 / n_pairs
    return apart / total if total else 1.0


def floor_and_baseline(look):
    """(least error that rows with equal features force, error without any feature).

    Classes: shares of wrong rows. Values: parts of the variance, so the baseline is 1.
    """
    known = ~look.y.missing
    n = int(known.sum())
    if n == 0:
        return 0.0, 0.0
    classes = look.task == "classes"
    y = (look.y_codes if classes else as_values(look.y))[known]
    rows = look.table.row_hashes([c.name for c in look.features])[known]
    several = hashes.shared(rows)  # a row that is alone contradicts none
    group = np.unique(rows[several], return_inverse=True)[1]
    some = y[several]
    if classes:
        n_classes = int(y.max()) + 1
        wrong = len(some) - most_alike(
            group.astype(np.int64) * n_classes + some, n_classes
        )
        return wrong / n, 1 - float(np.bincount(y).max()) / n
    total = float(((y - y.mean()) ** 2).sum())
    if len(some) == 0 or total == 0:
        return 0.0, 1.0
    means = np.bincount(group, some) / np.bincount(group)
    return float(((some - means[group]) ** 2).sum()) / total, 1.0


def most_alike(cells, n_classes):
    """Rows of the commonest class of each group; cells: group * n_classes + class."""
    cells = np.sort(cells)
    counts = hashes.run_lengths(cells)
    group = cells[np.cumsum(counts) - 1] // n_classes
    most = np.zeros(int(group.max(initial=-1)) + 1, np.int64)
    np.maximum.at(most, group, counts)
    return int(most.sum())


def as_values(column):
    """A column of numbers, or of dates in days, as float64."""
    if column.kind == "date":
        days = column.values.astype("datetime64[us]").astype(np.float64) / 86_400e6
        return np.where(column.missing, np.nan, days)
    return column.values
