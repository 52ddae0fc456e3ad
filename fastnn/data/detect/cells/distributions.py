"""How the numbers of a column lie: outliers, skew, scale_gap."""

import math

import numpy as np

from ...finding import Finding
from ..look import first_rows, shown
from ..statistics import f_tail, normal_tail

NORMAL_IQR = 1.349  # the interquartile range of the standard normal distribution


def numbers_of(look):
    """The columns of numbers with enough different values to speak of a shape."""
    for column in look.table:
        if column.kind == "number" and len(column.sample) >= 20:
            values = column.sample
            if np.count_nonzero(np.diff(values)) >= 9:
                yield column


def bulk(values):
    """Sorted values without a value that a quarter or more of them share (zeros).

    The top of a hump of coarse values, stars from 1 to 10, stays: its neighbours are
    common too.
    """
    if len(values) < 8:
        return values
    q = values[[len(values) // 8 * k for k in range(1, 8)]]
    same = q[:-1][q[1:] == q[:-1]]
    for spike in np.unique(same):
        low, high = (np.searchsorted(values, spike, side) for side in ("left", "right"))
        n = high - low
        if n >= 0.25 * len(values) and _next_to(values, low, high) < n / 4:
            values = np.delete(values, slice(low, high))
    return values


def _next_to(values, low, high):
    """How many of the sorted values are the commoner one of two: that before values
    [low:high], which are equal, and that behind."""
    below = low - np.searchsorted(values, values[low - 1]) if low else 0
    if high == len(values):
        return int(below)
    return max(int(below), int(np.searchsorted(values, values[high], "right")) - high)


def fitting_scale(values):
    """ "log" or "plain": the scale on which the inner 60 % lie evenly about the median.

    Skew by quantiles (Hinkley, 1975): ((q80 - q50) - (q50 - q20)) / (q80 - q20); values
    beyond q20 and q80, outliers among them, have no say in it.
    """
    if len(values) < 20 or values[0] <= 0:
        return "plain"
    low, middle, high = np.quantile(values, [0.2, 0.5, 0.8])
    if low <= 0 or high <= low:
        return "plain"
    plain = (high + low - 2 * middle) / (high - low)
    logs = np.log([low, middle, high])
    log = (logs[2] + logs[0] - 2 * logs[1]) / (logs[2] - logs[0])
    return "log" if plain > 0.12 and abs(log) < plain else "plain"


def outliers(look):
    """Values far from all others, on the scale that fits these."""
    for column in numbers_of(look):
        values = bulk(column.sample)
        if len(values) < 20:
            continue
        scale = fitting_scale(_untied(values))
        low = _fence(values, -1)
        if scale == "log":  # low ones: of a tail on this scale only, and do no harm
            high = _fence(np.log(values), 1, scale)
            high = None if high is None else math.exp(high)
        else:
            high = _fence(values, 1)
        if low is None and high is None:
            continue
        rows = np.zeros(len(column), bool)
        rows |= False if low is None else column.values < low
        rows |= False if high is None else column.values > high
        n = int(rows.sum())
        if n == 0:
            continue
        extreme = np.unique(column.values[rows])
        yield Finding(
            "outliers",
            (column.name,),
            "warning" if n >= max(3, 0.002 * len(column)) else "note",
            {
                "n": n,
                "share": n / len(column),
                "examples": shown(f"{v:.6g}" for v in [*extreme[:2], *extreme[-3:]]),
                "scale": scale,
                "below": low,
                "above": high,
                "median": float(np.median(values)),
                "iqr": float(np.subtract(*np.quantile(values, [0.75, 0.25]))),
                "rows": first_rows(rows),
            }
            | _sampled(column),
            "A squared error, and a scaling by mean and deviation, are ruled by the "
            "few values farthest out; the others are squeezed together.",
            "A person must say whether they are errors; scaling by median and "
            "interquartile range bears them.",
        )


def _sampled(column):
    n = len(column) - column.n_missing
    return {"sampled_rows": len(column.sample)} if n > len(column.sample) else {}


def _fence(values, side, scale="plain"):
    """Where outliers begin on one side of sorted values, or None.

    Distances z from the median in robust deviations. In a tail that only is heavy,
    log z falls on by even steps (Hill, 1975): the mean of log(z_i / z_k) over the k
    farthest is the same for each k. Outliers break it: over them the mean is larger
    than over the tail that follows, by an F of 2k and 2m degrees of freedom. Values
    on a logarithmic scale are logarithms already: there z itself stands for log z.
    """
    median = values[len(values) // 2]
    q25, q75 = np.quantile(values, [0.25, 0.75])
    unit, least = (q75 - q25) / NORMAL_IQR, 2.2
    if scale == "plain":
        own = 2 * abs((q75 if side > 0 else q25) - median) / NORMAL_IQR
        unit, least = max(unit, own), 4.0
    if unit <= 0:
        return None
    z = side * (values - median) / unit
    z = np.sort(z[z > 0.5])
    if len(z) < 12 or z[-1] < least:
        return None
    k = _where_a_tail_breaks(_untied(z)[::-1], len(values), scale, least)
    if k is None or z[-k] == z[-k - 1]:
        return None
    return float(median + side * unit * math.sqrt(z[-k] * z[-k - 1]))


def _untied(z):
    """Sorted values with ties spread evenly over the step between values."""
    distinct, counts = np.unique(z, return_counts=True)
    if len(distinct) > 0.7 * len(z) or len(distinct) < 2:
        return z
    step = np.diff(distinct).min()
    place = np.arange(len(z)) - np.repeat(np.cumsum(counts) - counts, counts)
    return z + step * ((place + 0.5) / np.repeat(counts, counts) - 0.5)


def _where_a_tail_breaks(z, n, scale, least):
    """How many of the farthest (z, falling) are no part of the tail behind, or None.

    Two signs, both against the tail that follows: the mean excess of the k farthest,
    F with 2k and 2m degrees of freedom, and k times the gap, F with 2 and 2m. Values
    close together (rows of one patient) count once in k. They break no power law whose
    slope is theirs as well: of exponential logarithms, each gap times its rank has the
    slope as its mean (Renyi, 1953).
    """
    logs = np.log(z) if scale == "plain" else z
    sums = np.cumsum(logs)
    most = min(2 * len(z) // 3, max(3, n // 5))
    gaps = logs[:most] - logs[1 : most + 1]
    tries = 1 + np.flatnonzero((gaps > 0.04) & (z[:most] >= least))
    tries = np.sort(tries[np.argsort(-gaps[tries - 1])][:60])
    best, score = None, 1e-6
    clear = 2.5 if scale == "plain" else 2.0
    wide = math.log(100 * most)  # of a power law, one in 100 has so wide a gap
    for k in tries.tolist():
        if k < 2 * n * normal_tail(z[k - 1]):
            continue  # as many as a normal distribution has there
        top = sums[k - 1] / k - logs[k]
        below = tail = 1e-3
        for m in (max(k, 20), max(k, 40)):
            m = min(m, len(z) - k - 1)
            behind = sums[k + m - 1] - sums[k - 1]
            below = max(below, behind / max(m, 1) - logs[k + m])
            steps = k * logs[k] + behind - (k + m) * logs[k + m]
            tail = max(tail, steps / max(m, 1))
        if m < 8:
            continue
        if top < 0.25 or (top < 3 * below and gaps[k - 1] < 2 * below):
            continue
        if scale == "log" and top < 2 * tail and k * gaps[k - 1] < wide * tail:
            continue  # all of it is one power law, without a gap
        own = 1 + int(np.count_nonzero(gaps[: k - 1] > 0.02))
        p = len(tries) * min(
            f_tail(top / below, 2 * own, 2 * m),
            f_tail(own * gaps[k - 1] / below, 2, 2 * m),
        )
        if k >= 3 and z[k - 1] >= clear * least and z[k] <= 1.4 * least:
            p *= 1e-3  # nothing between a light tail and values twice as far
        if p < score or (p == 0.0 == score and gaps[k - 1] > gaps[best - 1]):
            best, score = k, p
    return best


def skew(look):
    """A long tail that the other values are squeezed by."""
    far = {f.columns[0]: f.evidence for f in outliers(look)}
    for column in numbers_of(look):
        values = bulk(column.sample)
        if column.name in far:
            fence = far[column.name]
            if fence["above"] is not None:
                values = values[values <= fence["above"]]
            if fence["below"] is not None:
                values = values[values >= fence["below"]]
        if len(values) < 50 or np.count_nonzero(np.diff(values)) < 15:
            continue
        q1, q10, q50, q90, q99 = np.quantile(values, [0.01, 0.1, 0.5, 0.9, 0.99])
        right = (q99 - q50) / max(q50 - q1, 1e-300)
        left = (q50 - q1) / max(q99 - q50, 1e-300)
        inner = (q90 + q10 - 2 * q50) / max(q90 - q10, 1e-300)
        moment = float(np.mean(((values - values.mean()) / values.std()) ** 3))
        longer = max(right, left)
        heavy = 10 * (1 + 5 / math.sqrt(len(values)))  # room for chance in few rows
        if longer < heavy or abs(inner) < 0.3 or abs(moment) < 2 or moment * inner < 0:
            continue
        yield Finding(
            "skew",
            (column.name,),
            "warning",
            {
                "n": len(column) - column.n_missing,
                "share": 1.0 - column.n_missing / len(column),
                "skewness": moment,
                "tail_ratio": min(float(longer), 1e6),
                "side": "right" if right > left else "left",
                "scale": "log"
                if values[0] > 0
                else "log1p"
                if values[0] >= 0
                else "signed",
                "examples": [f"{q:.6g}" for q in (q1, q50, q99)],
            }
            | _sampled(column),
            "Scaled by mean and deviation most values lie close together, and a few "
            "far out rule each step of gradient descent.",
            "Take logarithms before scaling.",
        )


def scale_gap(look):
    """Columns whose sizes differ by orders of magnitude, and what that costs."""
    columns = [
        c for c in look.features if c.kind == "number" and c.n_missing < len(c) - 20
    ]
    deviations = [_deviation(c.sample) for c in columns]
    kept = [(c, d) for c, d in zip(columns, deviations, strict=True) if d > 0]
    if len(kept) < 2:
        return
    sizes = np.array([d for _, d in kept])
    ratio = float(sizes.max() / sizes.min())
    if ratio < 1000:
        return
    raw, scaled = _condition_numbers([c for c, _ in kept], look.table.n_rows)
    middle = np.median(np.log10(sizes))
    off = np.abs(np.log10(sizes) - middle)
    extreme = [int(sizes.argmin()), int(sizes.argmax())]
    names = [kept[i][0].name for i in np.argsort(-off) if off[i] >= 2 or i in extreme]
    smallest, largest = kept[extreme[0]], kept[extreme[1]]
    yield Finding(
        "scale_gap",
        tuple(names[:20]),
        "warning" if ratio >= 1e5 else "note",
        {
            "n": len(names),
            "share": len(names) / len(columns),
            "ratio": ratio,
            "examples": [
                f"{smallest[0].name}: deviation {smallest[1]:.3g}",
                f"{largest[0].name}: deviation {largest[1]:.3g}",
            ],
            "condition_raw": raw,
            "condition_standardised": scaled,
        },
        "Gradient descent takes about as many steps as the condition number of the "
        f"columns' covariance: {raw:.2g} as they are, {scaled:.2g} when each is "
        "divided by its deviation.",
        "Scale each column to mean 0 and deviation 1.",
    )


def _deviation(values):
    """The standard deviation without the outer hundredth on each side, or of all."""
    cut = len(values) // 100
    inner = values[cut : len(values) - cut]
    deviation = float(inner.std()) if len(inner) else 0.0
    return deviation if deviation > 0 else float(values.std()) if len(values) else 0.0


def _condition_numbers(columns, n_rows):
    """Condition numbers of the covariance of columns, raw and standardised.

    A gap counts as the mean. Of many rows some thousands tell (evenly drawn, seeded);
    directions without any spread (sums of other columns) are left out.
    """
    rows = np.arange(n_rows)
    if n_rows > 20_000:
        rows = np.sort(np.random.default_rng(0).choice(n_rows, 20_000, replace=False))
    x = np.stack([c.values[rows] for c in columns[:500]], axis=1)
    x = x - np.nanmean(x, axis=0)
    x = np.where(np.isnan(x), 0.0, x)
    top = np.abs(x).max(axis=0)
    x = x / np.where(top > 0, top, 1.0)  # squares of it stay finite
    deviations = x.std(axis=0)
    x, top = x[:, deviations > 0], top[deviations > 0]
    scaled = np.linalg.svd(x / deviations[deviations > 0], compute_uv=False)
    # What lies below `low` is rounding.
    raw = np.linalg.svd(x * (top / top.max()), compute_uv=False)
    low = 1e-6
    return tuple(float((s[0] / s[s > low * s[0]][-1]) ** 2) for s in (raw, scaled))
