"""Tests and tails that the detectors share, by NumPy and math alone.

tails      normal_tail  normal_quantile  chi_square_tail  f_tail  hypergeometric_tail
tests      chi_square_test (two names)  rank_sum_test (two groups)  rank_test (many)
ranks      ranks: 1 to n, ties share the mean of theirs
"""

import math
from statistics import NormalDist

import numpy as np


def normal_tail(z):
    """P(Z > z) of the standard normal distribution."""
    return 0.5 * math.erfc(z / math.sqrt(2.0))


def normal_quantile(p):
    """The z with P(Z <= z) = p, for 0 < p < 1."""
    return NormalDist().inv_cdf(p)


def chi_square_tail(x, dof):
    """P(X > x) for X of the chi-square distribution: Q(dof/2, x/2).

    The incomplete gamma function, by its series below the mean and by its continued
    fraction above (Abramowitz and Stegun, 1964, 6.5.29 and 6.5.31).
    """
    a, x = dof / 2.0, x / 2.0
    if x <= 0.0 or dof <= 0:
        return 1.0
    if math.isinf(x):
        return 0.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1.0:
        term = total = 1.0 / a
        k = a
        while abs(term) > 1e-16 * abs(total):
            k += 1.0
            term *= x / k
            total += term
        return max(0.0, 1.0 - front * total)
    return front * _fraction(
        lambda i: (i * (a - i), x + 1.0 - a + 2.0 * i), x + 1.0 - a
    )


def f_tail(x, d1, d2):
    """P(X > x) for X of the F distribution with d1 and d2 degrees of freedom."""
    if x <= 0.0:
        return 1.0
    return _beta(d2 / (d2 + d1 * x), d2 / 2.0, d1 / 2.0)


def hypergeometric_tail(k, drawn, marked, n):
    """P(k or more of those drawn are marked), of n of which so many are marked."""

    def log_choose(n, k):
        return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)

    whole, last = log_choose(n, drawn), min(drawn, marked)
    ways = (
        log_choose(marked, i) + log_choose(n - marked, drawn - i) - whole
        for i in range(max(k, drawn + marked - n), last + 1)
    )
    return min(1.0, math.fsum(math.exp(w) for w in ways))


def _beta(x, a, b):
    """The regularised incomplete beta function I_x(a, b), by its continued fraction
    (Abramowitz and Stegun, 1964, 26.5.8)."""
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - _beta(1.0 - x, b, a)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
        + a * math.log(x) + b * math.log1p(-x)
    ) / a  # fmt: skip

    def coefficients(i):
        m = i // 2
        if i % 2:
            over = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            over = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        return over, 1.0

    return front * _fraction(coefficients, 1.0)


def _fraction(coefficients, first):
    """1 / (b0 + a1 / (b1 + a2 / (b2 + ...))) with (a_i, b_i) = coefficients(i).

    Lentz's way (1976): from the front, so that it stops when it stands still.
    """
    tiny = 1e-300
    c, d = 1.0 / tiny, 1.0 / (first or tiny)
    value = d
    for i in range(1, 10_000):
        over, under = coefficients(i)
        d = 1.0 / ((under + over * d) or tiny)
        c = (under + over / c) or tiny
        value *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return value


def chi_square_test(counts):
    """(X2, p, Cramer's V) of a table of counts (r, c): are its two names independent?

    X2 = sum (seen - expected)^2 / expected, with (r - 1)(c - 1) degrees of freedom;
    V = sqrt(X2 / (n min(r - 1, c - 1))), 0 to 1. (Pearson, 1900; Cramer, 1946)
    """
    counts = np.asarray(counts, np.float64)
    counts = counts[counts.sum(1) > 0][:, counts.sum(0) > 0]
    r, c = counts.shape
    if r < 2 or c < 2:
        return 0.0, 1.0, 0.0
    n = counts.sum()
    expected = np.outer(counts.sum(1), counts.sum(0)) / n
    x2 = float(((counts - expected) ** 2 / expected).sum())
    v = math.sqrt(x2 / (n * min(r - 1, c - 1)))
    return x2, chi_square_tail(x2, (r - 1) * (c - 1)), v


def ranks(values):
    """(n,): the place of each value when they are sorted, from 1; ties share the mean.

    Also sum (t^3 - t) over groups of t ties, which the tests correct by.
    """
    _, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    t = counts.astype(np.float64)
    return (last - (counts - 1) / 2.0)[codes], float((t**3 - t).sum())


def rank_sum_test(values, group):
    """(z, p, area) of whether values in `group` (n,) bool are larger than the others'.

    area: the chance that one of the group exceeds one of the others, 0.5 for no
    difference. (Wilcoxon, 1945; Mann and Whitney, 1947), with the correction for ties.
    """
    n, n1 = len(values), int(np.count_nonzero(group))
    n2 = n - n1
    if not n1 or not n2:
        return 0.0, 1.0, 0.5
    rank, ties = ranks(values)
    u = rank[group].sum() - n1 * (n1 + 1) / 2.0
    variance = n1 * n2 / 12.0 * ((n + 1) - ties / (n * (n - 1.0)))
    area = float(u / (n1 * n2))
    if variance <= 0.0:
        return 0.0, 1.0, area
    z = float((u - n1 * n2 / 2.0) / math.sqrt(variance))
    return z, 2.0 * normal_tail(abs(z)), area


def rank_test(values, codes):
    """(H, p, epsilon^2) of whether the groups of `codes` (n,) int differ in `values`.

    H of Kruskal and Wallis (1952) with the correction for ties, chi-square with
    groups - 1 degrees of freedom; epsilon^2 = H / (n - 1) is the share explained, 0-1.
    """
    n = len(values)
    counts = np.bincount(codes)
    rank, ties = ranks(values)
    sums = np.bincount(codes, rank)[counts > 0]
    counts = counts[counts > 0]
    if len(counts) < 2 or n < 3:
        return 0.0, 1.0, 0.0
    h = 12.0 / (n * (n + 1.0)) * float((sums**2 / counts).sum()) - 3.0 * (n + 1)
    correction = 1.0 - ties / (float(n) ** 3 - n)
    if correction <= 0.0:
        return 0.0, 1.0, 0.0
    h = max(0.0, h / correction)
    return h, chi_square_tail(h, len(counts) - 1), min(1.0, h / (n - 1.0))
