"""A number for each row, equal for equal rows: 64 bits a row, whatever the columns."""

import numpy as np

NONE = np.uint64(0x7FF8000000000000)  # the bits of the one NaN that stands for all


def mixed(x):
    """splitmix64 (Steele, Lea and Flood 2014): a bijection of uint64."""
    x = x ^ (x >> np.uint64(30))
    x = x * np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return x


def of_column(column, place=0):
    """(n,) uint64: equal where the values are; missing equals missing.

    place: two columns at different places have different hashes of the same value.
    """
    salt = mixed(np.array([2 * place + 1], np.uint64))
    if column.kind == "text":
        of_word = np.arange(len(column.words) + 1, dtype=np.uint64)  # -1: the last
        return mixed(of_word + salt)[column.values]
    if column.kind == "date":
        bits = column.values.astype("datetime64[us]").view(np.uint64)
    else:
        bits = (column.values + 0.0).view(np.uint64)  # -0.0 is 0.0
        bits[np.isnan(column.values)] = NONE
    return mixed(bits + salt)


def of_rows(columns, n_rows):
    """(n_rows,) uint64: the sum of the columns' hashes, modulo 2**64.

    A sum, so that the hash without one column is a subtraction. Two different rows of
    a million have the same hash with a chance of n^2 / 2^65, about 3e-8.
    """
    total = np.zeros(n_rows, np.uint64)
    for place, column in enumerate(columns):
        total += of_column(column, place)
    return total


def n_pairs(hashes):
    """How many pairs of rows have the same hash."""
    counts = run_lengths(np.sort(hashes))
    return int((counts * (counts - 1) // 2).sum())


def run_lengths(ordered):
    """(runs,) int64: how often each value of a sorted array occurs."""
    if len(ordered) == 0:
        return np.zeros(0, np.int64)
    starts = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    return np.diff(np.concatenate([[0], starts, [len(ordered)]]))


def repeats(hashes):
    """(n,) bool: the rows whose like has stood above them."""
    order = np.argsort(hashes, kind="stable")
    out = np.zeros(len(hashes), bool)
    out[order[1:]] = hashes[order[1:]] == hashes[order[:-1]]
    return out


def shared(hashes):
    """(n,) bool: the rows that have their like, above or below."""
    order = np.argsort(hashes, kind="stable")
    same = hashes[order[1:]] == hashes[order[:-1]]
    out = np.zeros(len(hashes), bool)
    out[order[1:]] = same
    out[order[:-1]] |= same
    return out
