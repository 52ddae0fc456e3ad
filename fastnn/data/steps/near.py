"""Rows that are nearly equal: pairs of them, and the step that leaves out copies."""

from dataclasses import dataclass

import numpy as np

from .. import hashes
from ..detect.look import sample_rows

WINDOW = 8  # rows that are looked at behind each row, in the order of a projection
CELL_ROWS = 1000  # rows for each cell of the grid within which rows are ordered


@dataclass(frozen=True)
class DropNearRepeats:
    """Rows whose like stands above them: equal in all columns but one (one_cell), or
    with all numbers nearer than `radius` by rank (see `spread`) and all else equal.

    columns: the columns compared.
    """

    columns: tuple
    one_cell: bool = False
    radius: float = 0.0

    def apply(self, table):
        columns = [table[name] for name in self.columns if name in table]
        if len(columns) < len(self.columns):
            return table
        if self.one_cell:
            pairs = pairs_but_one_cell(columns, table.n_rows)[0]
        else:
            pairs = pairs_within(columns, self.radius)[0]
        later = np.zeros(table.n_rows, bool)
        later[pairs.max(axis=1)] = True
        return table.rows(~later) if later.any() else table


def pairs_but_one_cell(columns, n_rows):
    """((m, 2) rows, (m,) the place of the column in which they differ).

    The columns are dealt into three parts; two rows that differ in one cell are equal
    in two of the parts, so it is enough to compare neighbours among rows that are.
    """
    of_column = [hashes.of_column(c, i) for i, c in enumerate(columns)]
    parts = [sum(of_column[k::3], np.zeros(n_rows, np.uint64)) for k in range(3)]
    found, places = [np.zeros((0, 2), np.int64)], [np.zeros(0, np.int64)]
    for k in range(3):
        key = parts[(k + 1) % 3] + parts[(k + 2) % 3]
        order = np.argsort(key, kind="stable")
        key = key[order]
        for shift in range(1, WINDOW + 1):
            at = np.flatnonzero(key[:-shift] == key[shift:])
            if len(at) == 0:
                break
            a, b = order[at], order[at + shift]
            differs = np.stack([h[a] != h[b] for h in of_column[k::3]], axis=1)
            one = differs.sum(axis=1) == 1
            found.append(np.stack([a[one], b[one]], axis=1))
            places.append(k + 3 * differs[one].argmax(axis=1))
    return np.concatenate(found), np.concatenate(places)


def pairs_within(columns, radius):
    """((m, 2) rows, (m,) distances): pairs of rows whose numbers, as `spread`, all lie
    within the radius of each other and whose other cells are equal; not equal rows.

    Rows are ordered within cells of a coarse grid by a random projection, and each is
    compared with the next few; twice, so that few pairs are parted by the grid's lines.
    """
    n = len(columns[0])
    rest = [c for c in columns if c.kind != "number"]
    Z = np.hstack([spread(c) for c in columns if c.kind == "number"])
    missing = np.isnan(Z)
    Z[missing] = 0
    pattern = missing[:, ::2] @ (2.0 ** (np.arange(missing.shape[1] // 2) % 52))
    key = hashes.of_rows(rest, n) + hashes.mixed(pattern.view(np.uint64))
    found, rng = [np.zeros((0, 2), np.int64)], np.random.default_rng(0)
    for turn in range(2):
        pairs = neighbours_in_cells(Z, key, radius, turn, rng)
        found.append(np.sort(pairs, axis=1))
    pairs = np.unique(np.concatenate(found), axis=0)
    far = np.abs(Z[pairs[:, 0]] - Z[pairs[:, 1]]).max(axis=1, initial=0)
    whole = hashes.of_rows(columns, n)
    near = (far <= radius) & (whole[pairs[:, 0]] != whole[pairs[:, 1]])
    return pairs[near], far[near]


def spread(column):
    """(n, 2) float32: the numbers in deviations, and by their rank; NaN for none.

    Near is what is near in both: far values are all near in rank, and common ones all
    near in size. The deviation is a third of the width of the middle 90 %; ranks go
    from 0 to sqrt(12), which has a deviation of 1, in lines between 200 quantiles.
    """
    values = column.values
    some = values[sample_rows(len(values), 20_000)]
    some = some[~np.isnan(some)]
    if len(some) == 0:
        return np.full((len(values), 2), np.nan, np.float32)
    quantiles = np.quantile(some, np.linspace(0, 1, 201))
    size = (quantiles[190] - quantiles[10]) / 3.29 or some.std() or 1.0
    deviations = np.clip((values - quantiles[100]) / size, -99, 99)
    edges, place = np.unique(quantiles, return_index=True)
    # A value that many rows hold, and the same with a little noise, are one edge.
    apart = np.append(True, np.diff(edges) > 0.005 * size)
    edges, place = edges[apart], place[apart]
    by_rank = np.interp(values, edges, place * (12**0.5 / 200))
    return np.stack([deviations, by_rank], axis=1).astype(np.float32)


def neighbours_in_cells(Z, key, radius, turn, rng):
    """(m, 2): pairs of one cell that three random projections do not tell apart."""
    n, d = Z.shape
    n_cut = min(d // 2, max(0, int(np.ceil(np.log(n / CELL_ROWS) / np.log(3)))))
    for j in (np.arange(n_cut) + turn * n_cut) % (d // 2):
        cell = np.floor(Z[:, 2 * j + 1] + rng.random()).astype(np.int64)
        key = hashes.mixed(key + cell.view(np.uint64))
    W = rng.normal(size=(d, 3)).astype(np.float32)
    P = Z @ (W / np.linalg.norm(W, axis=0))
    order = np.lexsort((P[:, 0], key))
    key, P = key[order], P[order]
    found = []
    for shift in range(1, WINDOW + 1):
        near = np.abs(P[shift:, 0] - P[:-shift, 0]) <= 2 * radius
        at = np.flatnonzero(near & (key[shift:] == key[:-shift]))
        near = np.abs(P[at + shift, 1:] - P[at, 1:]).max(axis=1) <= 2 * radius
        found.append(np.stack([order[at[near]], order[at[near] + shift]], axis=1))
    return np.concatenate(found)
