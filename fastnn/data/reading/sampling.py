"""Which rows of a large table are read."""

import numpy as np

MOST_CELLS = 100_000_000  # 0.8 GB of float64; beyond it a sample says nearly the same


def chosen_rows(n_rows, n_columns, sample, seed):
    """(numbers of the rows to read, in order, or None for all; what is to be said).

    sample: the most rows to read; None: as many as MOST_CELLS allow.
    """
    most = max(MOST_CELLS // max(n_columns, 1), 1000) if sample is None else sample
    if n_rows <= most:
        return None, []
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(n_rows, int(most), replace=False, shuffle=False))
    return rows, [f"a random sample of {int(most):,} of {n_rows:,} rows (seed {seed})"]


def check_sample(sample):
    """sample as a number of rows or None; ValueError: it is neither."""
    if sample is None:
        return None
    if isinstance(sample, bool) or not isinstance(sample, (int, float, np.integer)):
        raise ValueError(
            f"as_table: sample is {sample!r}; expected a number of rows, or None"
        )
    if not sample >= 1:
        raise ValueError(f"as_table: sample is {sample}; expected at least one row")
    return sample
