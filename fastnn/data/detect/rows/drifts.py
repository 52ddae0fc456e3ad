"""Rows to learn from beside rows to use the network on."""

import numpy as np

from ...finding import Finding
from ..look import sample_rows, shown
from .columns import as_floats

MOST_ROWS = 50_000
EFFECT = 0.15  # Kolmogorov's distance, or total variation, that is worth a word
GAPS = 0.05  # more or fewer of the rows without a value are worth a word
SURE = 3.0  # and it is this many times what chance does, 1.36 sqrt(1 / n + 1 / m)
NEW_SHARE = 0.01
DISJOINT = 0.98


def drift(look):
    if look.against is None:
        return
    distances = []
    absent = [c.name for c in look.features if c.name not in look.against]
    if absent and len(absent) == len(look.features):
        yield nothing_in_common(absent)
        return
    for column in look.features:
        if column.name not in look.against:
            yield missing_column(column)
            continue
        other = look.against[column.name]
        if column.kind != other.kind:
            yield other_kind(column, other)
            continue
        yield from other_gaps(column, other)
        found, distance = moved(column, other)
        yield from found
        if column.kind != "date" and distance is not None:
            distances.append(distance)
    apart = sum(d >= DISJOINT for d in distances)
    if distances and apart and apart >= len(distances) / 2:
        yield Finding(
            "drift", (), "blocker", {"n": apart, "share": apart / len(distances)},
            f"{apart} of {len(distances)} columns have no value in common between the "
            "rows to learn from and the rows to use: nothing that is learned from the "
            "ones is known to hold for the others.",
            "Rows to learn from that are like those to be used.",
        )  # fmt: skip


def nothing_in_common(names):
    return Finding(
        "drift", (), "blocker",
        {"how": "missing", "n": len(names), "examples": shown(names)},
        f"The rows to use have none of the {len(names)} columns to learn from: nothing "
        "that is learned can be asked of them.",
        "Rows to use that have the columns of those to learn from.",
    )  # fmt: skip


def missing_column(column):
    return Finding(
        "drift", (column.name,), "warning", {"how": "missing", "n": 0},
        f"The rows to use have no column {column.name!r}; the network would have to be "
        "fed a guess in each of them.",
        "Leave the column out of the training, or find it.",
    )  # fmt: skip


def other_kind(column, other):
    return Finding(
        "drift", (column.name,), "warning",
        {"how": "kind", "examples": [column.kind, other.kind]},
        f"{column.name!r} is {column.kind} in the rows to learn from and {other.kind} "
        "in the rows to use.",
        "Write it in the same way in both.",
    )  # fmt: skip


def other_gaps(column, other):
    """Whether values are missing more often, or less: z of two shares above 4."""
    n, m = len(column), len(other)
    if min(n, m) < 10:
        return
    p, q = column.n_missing / n, other.n_missing / m
    both = (column.n_missing + other.n_missing) / (n + m)
    error = np.sqrt(both * (1 - both) * (1 / n + 1 / m))
    if abs(q - p) < GAPS or abs(q - p) < 4 * error:
        return
    yield Finding(
        "drift", (column.name,), "warning",
        {"how": "gaps", "n": other.n_missing, "share": p, "share_to_use": q},
        f"{column.name!r} is missing in {p:.0%} of the rows to learn from and in "
        f"{q:.0%} of the rows to use: what stands in for it there is little like what "
        "was learned.",
        "Find out why; leave the column out if it will not be there.",
    )  # fmt: skip


def moved(column, other):
    """(findings, distance or None) of one column in the two populations."""
    a = column.rows(sample_rows(len(column), MOST_ROWS))
    b = other.rows(sample_rows(len(other), MOST_ROWS))
    n, m = len(a) - a.n_missing, len(b) - b.n_missing
    if n < 5 or m < 5:
        return [], None
    out = []
    if column.kind == "text":
        distance, new = variation(a, b)
        new_share = sum(new.values()) / m
        if new_share >= NEW_SHARE and more_than_rare(a, sum(new.values()), m):
            out.append(new_levels(column, new, new_share))
            distance_of_known = distance - new_share
        else:
            distance_of_known = distance
        levels = a.n_distinct + b.n_distinct
        by_chance = 0.5 * np.sqrt(levels * (1 / n + 1 / m))
        big = not out and distance_of_known >= EFFECT
        sure = distance_of_known >= max(2 * by_chance, SURE * np.sqrt(1 / n + 1 / m))
    else:
        distance = kolmogorov(as_floats(a), as_floats(b))
        big = distance >= EFFECT
        sure = distance >= 0.5 * SURE * 1.36 * np.sqrt(1 / n + 1 / m)
    if big and sure:
        out.append(shifted(column, a, b, distance))
    return out, distance


def more_than_rare(a, n_new, m):
    """Whether more of m rows hold new words than there would be of rare ones: the share
    of the words that occur once is that of the words not seen yet (Good 1953)."""
    expected = m * np.count_nonzero(a.counts == 1) / max(int(a.counts.sum()), 1)
    return n_new >= 5 and n_new > 2 * expected + 3 * np.sqrt(expected)


def new_levels(column, new, share):
    return Finding(
        "drift", (column.name,), "warning",
        {"how": "new levels", "n": sum(new.values()), "share": share,
         "examples": shown(new)},
        f"{share:.0%} of the rows to use hold categories of {column.name!r} that the "
        "network has never seen, so it has no weight for them.",
        "They are read as 'other'; collect rows of them to learn from.",
    )  # fmt: skip


def shifted(column, a, b, distance):
    evidence = {"how": "distribution", "distance": round(distance, 4)}
    if column.kind == "number":
        evidence |= {
            "median": float(np.median(a.present)),
            "median_to_use": float(np.median(b.present)),
        }
    return Finding(
        "drift", (column.name,), "warning", evidence,
        f"{column.name!r} has another distribution in the rows to use (distance "
        f"{distance:.2f} of 1): the network is asked where it has learned little.",
        "Learn from rows that are like those to be used.",
    )  # fmt: skip


def kolmogorov(a, b):
    """The largest distance between the two cumulative distributions (Smirnov 1939)."""
    a, b = np.sort(a[~np.isnan(a)]), np.sort(b[~np.isnan(b)])
    at = np.concatenate([a, b])
    below_a = np.searchsorted(a, at, "right") / len(a)
    below_b = np.searchsorted(b, at, "right") / len(b)
    return float(np.abs(below_a - below_b).max())


def variation(a, b):
    """(total variation between the shares of the words, {new word: rows})."""
    share_a = dict(zip(*map(list, a.distinct), strict=True))
    share_b = dict(zip(*map(list, b.distinct), strict=True))
    n, m = sum(share_a.values()), sum(share_b.values())
    words = share_a.keys() | share_b.keys()
    half = sum(abs(share_a.get(w, 0) / n - share_b.get(w, 0) / m) for w in words)
    new = {w: int(c) for w, c in share_b.items() if w not in share_a}
    return float(half) / 2, new
