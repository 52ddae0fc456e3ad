"""Who is connected to whom, as lists of targets: compressed sparse rows.

The targets of cell i are indices[indptr[i]:indptr[i + 1]].
"""

import numpy as np

from ...ops import checks

MOST = 2**31 - 1  # synapses: indices are int32


def bernoulli(n, p, rng):
    """Each ordered pair of two different cells is connected with probability p.

    (indptr (n + 1,), indices) int32, in rising order. Pairs are independent. Not each
    of the n (n - 1) pairs is asked: the pairs left out between two connected ones
    number floor(E / -log(1 - p)), E exponential with mean 1, which is the geometric
    distribution, P(at least k) = (1 - p)^k (Devroye, 1986, X.2).
    """
    n_pairs = n * (n - 1)
    if n_pairs * p > MOST:
        raise ValueError(
            f"connectivity: n is {n} and p is {p:g}, about {n_pairs * p:.3g} synapses; "
            f"at most {MOST} can be numbered"
        )
    if p == 0 or n_pairs == 0:
        return np.zeros(n + 1, np.int32), np.zeros(0, np.int32)
    if p == 1:
        connected = np.arange(n_pairs)
    else:
        connected = _by_leaps(n_pairs, -1.0 / np.log1p(-p), rng)
    rows = np.arange(n + 1) * (n - 1)
    indptr = np.searchsorted(connected, rows)
    lengths = np.diff(indptr)
    connected -= np.repeat(rows[:-1], lengths)
    target = connected.astype(np.int32)
    source = np.repeat(np.arange(n, dtype=np.int32), lengths)
    target += target >= source  # a cell is none of its own n - 1 partners
    return indptr.astype(np.int32), target


def _by_leaps(n_pairs, mean_leap, rng):
    """The connected ones of the pairs 0 .. n_pairs - 1."""
    parts, last = [], -1
    while last < n_pairs:
        expected = (n_pairs - 1 - last) / (mean_leap + 1.0)
        size = int(expected + 5 * np.sqrt(expected)) + 16
        leaps = rng.standard_exponential(size)
        leaps *= mean_leap
        np.minimum(leaps, n_pairs, out=leaps)
        pairs = leaps.astype(np.int64)
        pairs += 1
        np.cumsum(pairs, out=pairs)
        pairs += last
        parts.append(pairs)
        last = int(pairs[-1])
    pairs = parts[0] if len(parts) == 1 else np.concatenate(parts)
    return pairs[: np.searchsorted(pairs, n_pairs)]


def checked(where, connectivity):
    """`connectivity`, as a user gives it, as int32 arrays that a kernel can trust."""
    if hasattr(connectivity, "tocsr"):  # a sparse matrix of SciPy, of any format
        rows, columns = connectivity.shape
        if rows != columns:
            raise ValueError(
                f"{where}: connectivity is a sparse matrix of {rows} x {columns}; "
                "expected a square one, from the cell of the row to that of the column"
            )
        connectivity = connectivity.tocsr()
        connectivity = (connectivity.indptr, connectivity.indices)
    if not isinstance(connectivity, (tuple, list)) or len(connectivity) != 2:
        raise TypeError(
            f"{where}: connectivity is {checks.describe(connectivity)}; expected "
            "(indptr, indices): the targets of cell i are "
            "indices[indptr[i]:indptr[i + 1]]"
        )
    indptr, indices = (
        _whole_numbers(where, name, x)
        for name, x in zip(("indptr", "indices"), connectivity, strict=True)
    )
    n = len(indptr) - 1
    rises = n >= 1 and indptr[0] == 0 and (np.diff(indptr) >= 0).all()
    if not rises or indptr[-1] != len(indices):
        raise ValueError(
            f"{where}: connectivity's indptr, {n + 1} numbers, must begin with 0, "
            f"never fall, and end with the number of indices, {len(indices)}"
        )
    if len(indices) and not (indices.min() >= 0 and indices.max() < n):
        raise ValueError(
            f"{where}: connectivity's indices go from {indices.min()} to "
            f"{indices.max()}; there are {n} cells, 0 to {n - 1}"
        )
    return indptr.astype(np.int32), indices.astype(np.int32)


def _whole_numbers(where, name, value):
    x = checks.array(where, name, value)
    if x.ndim != 1 or (x.dtype.kind not in "iu" and x.size):
        raise TypeError(
            f"{where}: connectivity's {name} is {checks.describe(value)}; expected "
            "one row of whole numbers"
        )
    if x.size and x.max() > MOST:
        raise ValueError(
            f"{where}: connectivity's {name} goes up to {x.max()} > {MOST}"
        )
    return x.astype(np.int64)
