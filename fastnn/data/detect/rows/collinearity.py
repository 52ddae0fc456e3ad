"""Columns that are nearly sums of others: variance inflation (VIF)."""

import numpy as np

from ...finding import Finding
from ..look import sample_rows, shown
from .columns import NEARLY, as_floats, top_share

MOST_ROWS = 20_000
INFLATED = 30.0  # the others tell 97 % of the column
MOST_COLUMNS = 1000


def collinear(look):
    """VIF of column j: 1 / (1 - R2) of its regression on the others, the diagonal of
    the inverse of the correlation matrix (Marquardt 1970)."""
    columns = [
        c
        for c in look.features
        if c.kind == "number" and c.n_distinct > 2 and top_share(c)[0] < NEARLY
    ][:MOST_COLUMNS]
    rows = sample_rows(look.table.n_rows, MOST_ROWS)
    if len(columns) < 2 or len(rows) < 20:
        return
    X = np.stack([as_floats(c.rows(rows)) for c in columns], axis=1)
    X = X[:, np.isnan(X).mean(axis=0) < 0.5]
    columns = [c for c in columns if c.n_missing < 0.5 * len(c)]
    whole = ~np.isnan(X).any(axis=1)
    if whole.sum() < max(20, 3 * X.shape[1]):
        return
    X = X[whole]
    inverse = inverse_correlation(X)
    vif = np.diag(inverse)
    for members in groups(inverse, vif > INFLATED):
        worst = max(members, key=lambda j: vif[j])
        yield Finding(
            "collinear", tuple(columns[j].name for j in members), "note",
            {"n": len(X), "vif": round(float(vif[worst]), 1),
             "r2": round(float(1 - 1 / vif[worst]), 5),
             "examples": shown(f"{columns[j].name}: {vif[j]:.0f}" for j in members)},
            f"{columns[worst].name!r} is nearly a sum of the others "
            f"(R2 {1 - 1 / vif[worst]:.4f}): their weights can be shared out in many "
            "ways, and gradient descent is slow along the direction that they have in "
            "common.",
        )  # fmt: skip


def inverse_correlation(X):
    """(d, d): the inverse of the correlation matrix; a ridge of 1e-9 for exact sums."""
    Z = (X - X.mean(axis=0)) / np.where(X.std(axis=0) > 0, X.std(axis=0), 1.0)
    R = Z.T @ Z / len(Z)
    return np.linalg.inv(R + 1e-9 * np.eye(len(R)))


def groups(inverse, high):
    """Lists of columns with a high VIF that hang together, by partial correlation:
    -P_ij / sqrt(P_ii P_jj) of the inverse P."""
    d = np.sqrt(np.abs(np.diag(inverse)))
    tied = (np.abs(inverse / d[:, None] / d) > 0.3) & high[:, None] & high
    left, out = set(np.flatnonzero(high).tolist()), []
    while left:
        reach, members = [min(left)], set()
        while reach:
            j = reach.pop()
            if j not in members:
                members.add(j)
                reach += np.flatnonzero(tied[j]).tolist()
        left -= members
        out.append(sorted(members))
    return [members for members in out if len(members) > 1]
