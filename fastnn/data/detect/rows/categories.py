"""Columns of names: of the rows, of too many categories, or sentences."""

import re

import numpy as np

from ... import hashes
from ...finding import Finding
from ...steps import Drop
from ..look import sample_rows, shown
from .columns import NEARLY, as_floats, correlations, is_sorted, ranks, top_share

NEARLY_UNIQUE = 0.9  # rows that a defect repeats may repeat their names with them
MANY = 40  # more categories than this call for another encoding than one column each
MOST_OTHERS = 50  # numbers that a rank is compared with
FAR_FROM_CHANCE = 5.0  # deviations
RARE_ROWS = 5
RARE_SHARE = 0.005
FEWEST_RARE = 4  # rows of rare categories together
MOST_RARE_ROWS = 30


def identifier(look):
    """Names or numbers of the rows, not measurements, which are nearly unique too."""
    once = None
    for column in look.features:
        n = len(column) - column.n_missing
        if n < 10 or column.kind not in ("text", "number") or not may_name(column):
            continue
        if once is None:  # rows that are repeated as a whole repeat their names
            once = np.flatnonzero(~hashes.repeats(look.table.row_hashes()))
        few = column.rows(once)
        if few.n_distinct < NEARLY_UNIQUE * (len(few) - few.n_missing):
            continue
        how = names_rows(few) if few.kind == "text" else numbers_rows(few)
        if how and few.kind == "number" and is_rank(look, column):
            continue
        if how:
            yield Finding(
                "identifier", (column.name,), "repair",
                {"n": few.n_distinct, "share": few.n_distinct / n, "how": how,
                 "examples": shown(few.text(i) for i in range(5))},
                "It names the rows: a network can learn each row by heart from it, and "
                "no new row will ever have the same value.",
                "The column is left out.", (Drop((column.name,)),), {"columns": 1},
            )  # fmt: skip


def may_name(column):
    """Whether a sample is text or whole numbers, half of them different or more."""
    some = column.rows(sample_rows(len(column), 5000))
    n = len(some) - some.n_missing
    if column.kind == "number" and np.any(some.present % 1):
        return False
    return n > 0 and some.n_distinct >= 0.45 * n


def names_rows(column):
    return None if is_prose(column) else "a text of its own in nearly every row"


def numbers_rows(column):
    """Whether whole numbers are a running number, or drawn without repeats; in words.

    n numbers drawn with repeats from a range of r values would repeat n^2 / (2 r)
    times; a measurement is not spread evenly over numbers of one length either.
    """
    values = column.present
    if not np.all(values == np.round(values)):
        return None
    low, high, n = values.min(), values.max(), column.n_distinct
    span = high - low + 1
    if span <= 1.25 * n:
        # a year a row is a time, not a name
        return None if low >= 1700 and high <= 2200 else "a running number"
    steps = np.diff(values)
    if n == len(values) >= 20 and np.all(steps > 0):
        if is_growth(steps):
            return None
        return "whole numbers that rise from row to row"
    even = evenness(values, low, span) * np.sqrt(len(values)) < 1.95  # 0.1 %
    repeats_expected = n * n / (2 * span)
    if even and n == len(values) >= 50:
        if repeats_expected >= 8:
            return "whole numbers, none twice, where chance would repeat some"
        if low >= 1e5 and len(str(int(low))) == len(str(int(high))):
            return "whole numbers of one length, spread evenly"
    return None


def is_growth(steps):
    """Whether the steps between rows are large and much alike, as of a population that
    grows from year to year; between the numbers of those who came again some are 1."""
    return bool(steps.min() > 1 and 0.02 < steps.std() / steps.mean() < 0.6)


def is_rank(look, column):
    """Whether whole numbers that are not in the order of the rows go with another
    number, or with the target: a place among the rows is no name. By Spearman's rank
    correlation (1904), which has a deviation of 1 / sqrt(n - 1) by chance.
    """
    x = column.values
    if in_few_runs(x):
        return False
    rows = sample_rows(len(x), 5000)
    others = [c for c in look.table if c.name != column.name and c.kind == "number"]
    some = [as_floats(c.rows(rows)) for c in (column, *others[:MOST_OTHERS])]
    some = [v for v in some if not is_sorted(v)]
    r = np.abs(correlations(ranks(np.stack(some, axis=1)))[0, 1:])
    return bool(r.max(initial=0) * np.sqrt(len(rows) - 1) > FAR_FROM_CHANCE)


def in_few_runs(x):
    """Whether values are in the order of the rows, or the rows in a few parts that are:
    names of rows that were sorted by the target."""
    rises = np.mean(np.diff(x) > 0)
    return bool(max(rises, 1 - rises) > 0.95)


def evenness(values, low, span):
    """Kolmogorov's distance from the even distribution over low .. low + span."""
    x = np.sort((values - low + 0.5) / span)
    return float(np.abs(x - (np.arange(len(x)) + 0.5) / len(x)).max())


def is_prose(column):
    """Whether most texts are sentences: six words or more, or long without blanks."""
    held = np.flatnonzero(column.counts)[:2000]
    texts = [column.words[i] for i in held]
    n_words = np.array([len(re.findall(r"[^\W\d_]{2,}", t)) for t in texts])
    letters = np.array([sum(c.isalpha() for c in t) for t in texts])
    longest = np.array([max(map(len, t.split()), default=0) for t in texts])
    many_words = np.median(n_words) >= 5
    no_blanks = np.median(longest) >= 15 and np.median(letters) >= 15
    foreign = np.mean([ord(max(t, default="a")) > 0x2E80 for t in texts]) > 0.5
    return bool(many_words or (no_blanks and foreign))


def free_text(look):
    for column in look.features:
        n = len(column) - column.n_missing
        if column.kind != "text" or n == 0:
            continue
        several = column.n_distinct >= max(10, 0.2 * n) or column.n_distinct > 1000
        if several and is_prose(column):
            yield Finding(
                "free_text", (column.name,), "repair",
                {"n": column.n_distinct, "share": column.n_distinct / n,
                 "examples": shown(column.words)},
                "Sentences are no categories: nearly every one is new, and a network "
                "for tables cannot read them.",
                "The column is left out; a model of language can make numbers of it.",
                (Drop((column.name,)),), {"columns": 1},
            )  # fmt: skip


def has_many(column):
    n = len(column) - column.n_missing
    return column.n_distinct > min(MANY, max(15, n / 8))


def high_cardinality(look):
    for column in look.features:
        n = len(column) - column.n_missing
        if column.kind == "text" and n and has_many(column):
            yield Finding(
                "high_cardinality", (column.name,), "warning",
                {"n": column.n_distinct, "share": column.n_distinct / n,
                 "rows_per_level": n / column.n_distinct,
                 "examples": shown(column.words)},
                f"{column.n_distinct:,} categories with {n / column.n_distinct:.1f} "
                "rows each: a column for each would leave a network more weights than "
                "there are rows to learn them from.",
                "The categories are hashed into fewer columns.",
            )  # fmt: skip


def usual_size(counts):
    """Rows of the level that the middle row is of."""
    ordered = np.sort(counts)
    return ordered[np.searchsorted(np.cumsum(ordered), ordered.sum() / 2)]


def rare_levels(look):
    """Categories of few rows, where together they are more than a stray row or two."""
    for column in look.features:
        if column.kind != "text" or has_many(column) or column.n_distinct < 3:
            continue
        if top_share(column)[0] >= NEARLY:
            continue
        n = len(column) - column.n_missing
        limit = max(RARE_ROWS, min(RARE_SHARE * n, MOST_RARE_ROWS))
        limit = min(limit, usual_size(column.counts) / 3)
        rare = np.flatnonzero((column.counts > 0) & (column.counts <= limit))
        n_rare = int(column.counts[rare].sum())
        if n_rare < max(FEWEST_RARE, RARE_SHARE * n) or len(rare) == column.n_distinct:
            continue
        words = [f"{column.words[i]} ({column.counts[i]})" for i in rare]
        yield Finding(
            "rare_levels", (column.name,), "warning",
            {"n": n_rare, "share": n_rare / n, "levels": len(rare),
             "examples": shown(words)},
            f"{len(rare)} of {column.n_distinct} categories have at most {limit:.0f} "
            "rows each: too few to learn a weight from, and a random split leaves some "
            "of them out.",
            "They share one column, 'other'.",
        )  # fmt: skip
