"""Rows that are nearly the same: but for one cell, or for noise in their numbers.

Whether chance makes them so is asked of each of the two. But for one cell: as of equal
rows (repeats.py), without the column of that cell; and whether that column is measured
again and again (`again_measured`). But for noise: by chance, at least four times as
many pairs are within 4 r of each other as within r; of copies there are as many, since
there is a gap about them.
"""

import numpy as np

from ...finding import Finding
from ...steps.near import DropNearRepeats, pairs_but_one_cell, pairs_within, spread
from ..look import sample_rows
from .repeats import expected_pairs

FEWEST = 5
SHARE = 0.005  # of the rows
MOST_OF_ONE = 0.8  # of the cells that differ may be of one column,
MOST_NEAR = 0.1  # where more of the rows than this have a row that is nearly the same
MOST_ROWS = 250_000
CLOSE = 0.4  # of the distance at which a row usually has its nearest
WIDEST = 0.2  # of a deviation
SAMPLE, AMONG = (
    100,
    4000,
)  # rows asked for their nearest, and the rows these are sought in


def near_duplicate_rows(look):
    n_rows = look.table.n_rows
    if n_rows < 20:
        return
    rows = sample_rows(n_rows, MOST_ROWS)
    part = len(rows) / n_rows  # of pairs, a sample holds part^2
    columns = look.features if part == 1 else [c.rows(rows) for c in look.features]
    columns = [c for c in columns if c.n_distinct > 1]
    if len(columns) < 3:
        return
    seen = np.zeros((0, 2), np.int64)
    for how, pairs, step in (noise(columns), one_cell(columns)):
        pairs = np.sort(pairs, axis=1)
        pairs = pairs[~np.isin(pairs @ (n_rows, 1), seen @ (n_rows, 1))]
        seen = pairs
        later = np.unique(pairs.max(axis=1)) if len(pairs) else pairs
        n = round(len(later) / part**2)
        if len(later) < FEWEST or n < SHARE * n_rows:
            continue
        evidence = {
            "n": n, "share": n / n_rows, "how": how, "rows": rows[later[:10]].tolist(),
            "examples": [f"{a} and {b}" for a, b in rows[pairs[:5]].tolist()],
        }  # fmt: skip
        if part < 1:
            evidence["sampled_rows"] = len(rows)
        yield Finding(
            "near_duplicate_rows", (), "repair", evidence,
            f"{n:,} rows are another row again, {how}, and chance does not explain it: "
            "a random split puts nearly the same row into both parts, and the test "
            "part praises what was learned by heart.",
            "One row of each is kept.", (step,), {"rows": n},
        )  # fmt: skip


def one_cell(columns):
    how = "but for one cell"
    step = DropNearRepeats(tuple(c.name for c in columns), one_cell=True)
    pairs, place = pairs_but_one_cell(columns, len(columns[0]))
    kept = np.zeros(len(pairs), bool)
    often = np.bincount(place, minlength=len(columns))
    for i in np.argsort(-often, kind="stable")[:8]:
        if often[i] == 0:
            break
        others = [c for j, c in enumerate(columns) if j != i]
        n, by_chance = expected_pairs(others, len(columns[0]), slips=True)
        if by_chance < 0.5 * n:
            kept |= place == i
    if kept.sum() < 0.5 * len(pairs) or again_measured(columns, pairs, place):
        return how, pairs[:0], step
    return how, pairs[kept], step


def again_measured(columns, pairs, place):
    """Whether the rows are those of one patient, pupil or place, whose columns are the
    same but for what was measured: many rows have such others, and the cell is always
    of one column, or they have several. A slip is of any column, in a row of two.
    """
    near = np.bincount(pairs.ravel(), minlength=1)
    n_near = np.count_nonzero(near)
    one_column = np.bincount(place).max(initial=0) > MOST_OF_ONE * len(pairs)
    many = n_near > MOST_NEAR * len(columns[0])
    return bool((one_column and many) or np.count_nonzero(near > 1) > n_near / 4)


def noise(columns):
    how = "but for a little noise in its numbers"
    names = tuple(c.name for c in columns)
    nothing = np.zeros((0, 2), np.int64), DropNearRepeats(names)
    if sum(c.kind == "number" for c in columns) < 2:
        return how, *nothing
    widest = min(WIDEST, CLOSE * usual_distance(columns, len(columns[0])))
    if widest <= 0:
        return how, *nothing
    pairs, far = pairs_within(columns, widest)
    radius = gap(np.sort(far), widest)
    if radius is None:
        return how, *nothing
    return how, pairs[far <= radius], DropNearRepeats(names, radius=radius)


def gap(far, widest):
    """The largest radius r with nearly as many distances up to r as up to 4 r."""
    for halvings in range(2, 20):
        radius = widest / 2**halvings
        n, n_wide = np.searchsorted(far, (radius, 4 * radius), "right")
        if n >= FEWEST and n_wide < 1.5 * n:
            return radius
    return None


def usual_distance(columns, n_rows):
    """The median, over some rows, of the distance to the nearest other row: the largest
    difference of a number, spread by rank; a word or a gap that differs counts 1."""
    rows = sample_rows(n_rows, AMONG)
    few = [c.rows(rows) for c in columns]
    Z = np.hstack([spread(c) if c.kind == "number" else c.codes[:, None] for c in few])
    Z = np.where(np.isnan(Z), 1e6, Z)
    nearest = []
    for i in sample_rows(len(rows), SAMPLE, seed=1):
        far = np.abs(Z - Z[i]).max(axis=1)
        far[i] = np.inf
        nearest.append(far.min())
    # more rows lie nearer: the distance falls with the d-th root of their number
    d = sum(c.kind == "number" for c in columns)
    return float(np.median(nearest)) * (len(rows) / n_rows) ** (1 / d)
