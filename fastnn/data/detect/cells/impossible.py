"""Values that cannot be, by how the others lie: impossible_values, and mixed_units
where no unit is written."""

import re
from datetime import date

import numpy as np

from ...finding import Finding
from ...steps import DatesWithin, Rescale, Within
from ..look import first_rows, shown
from ..statistics import rank_sum_test

AGE = re.compile(
    r"(?:^|[^a-z])(?:age|alter|edad|âge|età|eta|idade|leeftijd|ålder|wiek)(?:$|[^a-z])"
)
PERCENT = re.compile(r"percent|prozent|pourcent|porcent|procent|pct|perc|%")
UNLIKE = 0.01  # the chance by which sizes of both signs are held to differ; a tenth
# of it where no size is near 0, for a foot to run through
FOOT = 1.2  # times the mean depth of a foot: deeper, beyond chance, is no foot
APART = 1.1  # of a limit that no name tells of: where the values beyond it begin
SIGNED = re.compile(
    r"temp|lat|lon|lng|diff|delta|change|profit|gewinn|balance|saldo|return|error|resid|"
    r"score|celsius|grad"
)


def impossible_values(look):
    """Negative counts, shares above all, ages of 250, dates that are yet to come."""
    for column in look.table:
        if column.kind == "date":
            yield from _dates(column)
        if column.kind != "number" or len(column.sample) < 20:
            continue
        low = _lower_bound(column)
        high = _upper_bound(column)
        if low is None and high is None:
            continue
        rows = np.zeros(len(column), bool)
        rows |= False if low is None else column.values < low
        rows |= False if high is None else column.values > high
        values = np.unique(column.values[rows])
        n = int(rows.sum())
        rest = column.values[~rows & ~column.missing]
        bounds = [
            f"{side} {limit:g}"
            for side, limit in (("below", low), ("above", high))
            if limit is not None
        ]
        yield Finding(
            "impossible_values",
            (column.name,),
            "repair",
            {
                "n": n,
                "share": n / len(column),
                "examples": shown(f"{v:.6g}" for v in values),
                "low": low,
                "high": high,
                "others": [float(rest.min()), float(rest.max())],
                "rows": first_rows(rows),
            },
            "The other values show a limit that these break: they are errors, and a "
            "network learns from them as from the rest.",
            f"Read what is {' or '.join(bounds)} as missing, then fill.",
            (Within(column.name, low, high),),
        )


def _lower_bound(column):
    """0 if some values are negative that cannot be; else None."""
    values = column.sample
    if values[0] >= 0 or values[len(values) // 5] < 0:
        return None
    signed = SIGNED.search(column.name.casefold()) is not None
    counts = np.unique(values[values > 0], return_counts=True)[1]
    apart = values[values != 0]  # a zero has no sign to lose
    negative = int(np.searchsorted(apart, 0.0))
    if negative == 0 or negative > 0.15 * len(apart):
        return None
    positive = apart[negative:]
    near_0 = positive[0] < 0.2 * np.median(positive)
    if mirrors(apart[:negative], positive) <= (UNLIKE if near_0 else UNLIKE / 10):
        return None
    if not signed and is_deeper_than_a_tail(apart):
        return 0.0
    heap = np.count_nonzero(values == 0) > 3 * counts.max(initial=1)
    return 0.0 if breaks_a_limit(apart if heap else values, signed) else None


def is_deeper_than_a_tail(values):
    """Whether negative ones lie deeper below 0 than the foot of a hump can, of sorted
    values without 0.

    The foot of a log-concave distribution F falls as fast as an exponential one or
    faster (An, 1998): of the negative ones, at most the part exp(-l d) lies d below 0
    or deeper, with l = log(F(t) / F(0)) / t of any t above 0. Then their mean depth is
    1 / l at most, with the same deviation (whole numbers from 1: 1 / (1 - exp(-l))).
    """
    n = int(np.searchsorted(values, 0.0))
    if n < max(5, 0.002 * len(values)):
        return False
    whole = bool(np.all(values == np.round(values)))
    at = np.unique(values[n:][(len(values) - n) * np.arange(1, 10) // 10])
    ratio = np.searchsorted(values, at, "right") / n
    fall = float((np.log(ratio) / at).max())
    mean, deviation = 1 / fall, 1 / fall
    if whole:
        mean = 1 / -np.expm1(-fall)
        deviation = mean * np.exp(-fall / 2)
    depth = float(np.minimum(-values[:n], 4 * mean).mean())  # a debt or two is far off
    return depth > FOOT * mean and depth - mean > 5.0 * deviation / np.sqrt(n)


def mirrors(negative, positive):
    """How likely values below 0 (sorted) are as large as those above, as signs that
    were lost leave them; 0 for what is none. The foot of a distribution that crosses 0
    is small; a difference of two yes and no is -1, 0 or 1, and a code is one value that
    no other has.
    """
    if len(np.unique(positive)) < 4 or negative[0] == negative[-1]:
        return 0.0
    if -np.median(negative) < 0.3 * np.median(positive):
        return 0.0
    size = np.abs(np.concatenate([negative, positive]))
    return rank_sum_test(size, np.arange(len(size)) < len(negative))[1]


def _upper_bound(column):
    """100, 1 or 120 if some values are above that cannot be; else None."""
    values, name = column.sample, column.name.casefold()
    for limit in (100.0, 1.0):
        inside = values[: np.searchsorted(values, limit, side="right")]
        if len(inside) == len(values) or len(inside) < 0.85 * len(values):
            continue
        if inside[len(inside) // 50] < 0 or inside[-1] < 0.7 * limit:
            continue
        if np.count_nonzero(np.diff(inside)) < 15:
            continue
        named = PERCENT.search(name) is not None
        near = np.mean(inside > 0.9 * limit)
        far = values[len(inside) :]
        # a growth of 104 % has no limit at 100 % of 1
        beyond = far[0] > limit if limit == 100.0 else far[0] >= APART * limit
        if named and beyond:
            return limit
        hard = near >= 0.02 and inside[-1] >= 0.97 * limit
        if inside[-1] >= 0.95 * limit and not AGE.search(name):
            hard = hard or stops_at(limit, inside)
        # what goes on beyond the limit without a gap has no limit there, and what lies
        # farther off is an outlier; the more crowd below it, the surer it is a limit
        reach = 4 if near >= 0.05 else 3
        near_by = far[0] >= APART * limit and np.median(far) <= reach * limit
        if hard and near_by and breaks_a_limit(np.sort(limit - values)):
            return limit
    if AGE.search(name) and values[-1] > 125 and np.quantile(values, 0.85) < 110:
        lived = np.searchsorted(values, 120.0, side="right")
        # houses and months grow older without a gap
        return 120.0 if values[lived] >= 1.25 * values[lived - 1] else None
    return None


def stops_at(limit, inside):
    """Whether values from about 0 on should go on beyond a limit, by how they thin out
    towards it: three or more in the next 15 %, as a geometric series has it."""
    low, high, end = np.searchsorted(inside, (0.7 * limit, 0.85 * limit, limit))
    next_but_one, last = high - low, end - high  # a gift of 100 is a round number
    starts_at_0 = inside[len(inside) // 50] < 0.1 * limit
    return bool(starts_at_0 and last >= 5 and last * last >= 3 * next_but_one)


def breaks_a_limit(values, signed=False):
    """Whether the values below 0, of sorted values, are none of the others' kind.

    A distribution that runs through 0 with one hump has a log-concave tail there, and
    then P(x < -a) P(x < a) <= P(x < 0)^2 (An, 1998, on log-concave distributions).
    With -a the median of the negative ones that is P(x < 0) >= P(x < a) / 2. A limit
    at 0 is broken where the negative ones are far fewer than that.
    """
    n = len(values)
    negative = int(np.searchsorted(values, 0.0, side="left"))
    if negative < max(5, 0.002 * n) or negative > 0.15 * n:
        return False
    depth = -float(np.median(values[:negative]))
    below = np.searchsorted(values, depth, side="left") / n
    share = negative / n
    median = float(values[n // 2])
    inside = values[negative:]
    if not signed and share < 0.2 * below:
        return True
    # Or they lie far from a hump that ends well above 0: an age of -30 among 20 to 70.
    q10, q50 = np.quantile(inside, [0.1, 0.5])
    unit = (q50 - q10) / 1.2816
    if unit <= 0:
        return False
    reach = (median + depth) / unit
    gap = inside[0] - values[negative - 1]
    mirrored = np.quantile(inside, 0.02) <= depth <= inside[-1]
    lower_tail = inside[0] > 0 and inside[0] > 0.02 * q50
    far = reach > (5.0 if signed else 4.0)
    return bool(far and mirrored and (lower_tail or gap > unit) and not signed)


def _dates(column):
    """Dates far ahead of all others, or long before."""
    days = column.sample.astype("datetime64[D]").astype(np.int64)
    if len(days) < 20:
        return
    q1, q3 = np.quantile(days, [0.15, 0.85])  # of which errors may be all beyond
    spread = max((q3 - q1) * 0.8 / 0.7, 365.0)
    today = date.today().toordinal() - date(1970, 1, 1).toordinal()
    low, high = q1 - 3 * spread, max(q3 + 3 * spread, today + 365.0 * 3)
    high = min(high, _soon(days, today, spread))
    inside = days[(days >= low) & (days <= high)]
    ahead, before = days[days > high], days[days < low]
    first = last = None
    if len(ahead) and q3 <= today + 366 and len(ahead) < 0.15 * len(days):
        last = _iso(inside[-1])
    year_1800 = -62091.0
    if len(before) and before[-1] < year_1800 < q1 and len(before) < 0.15 * len(days):
        first = _iso(inside[0])
    if first is None and last is None:
        return
    rows = np.zeros(len(column), bool)
    if last is not None:
        rows |= column.values >= np.datetime64(last, "us") + np.timedelta64(1, "D")
        last = _iso(inside[-1] + 1)
    if first is not None:
        rows |= column.values < np.datetime64(first, "us")
    n = int(rows.sum())
    some = np.flatnonzero(rows)
    yield Finding(
        "impossible_values",
        (column.name,),
        "repair",
        {
            "n": n,
            "share": n / len(column),
            "examples": shown(column.text(i) for i in some[:5]),
            "others": [_iso(inside[0]), _iso(inside[-1])],
            "rows": first_rows(rows),
        },
        "A date that has not come, or lies centuries off, is an error, and stretches "
        "the scale of all the others.",
        "Read them as missing, then fill.",
        (DatesWithin(column.name, first, last),),
    )


def _soon(days, today, spread):
    """A year from today, if all of the sorted days up to then are past and those beyond
    lie far from them (births, and one in 2062); else no day."""
    past, ahead = np.split(days, [np.searchsorted(days, today + 366.0, "right")])
    if not len(past) or not len(ahead) or past[-1] > today:
        return np.inf
    far = ahead[0] - past[-1] > max(0.1 * spread, 730.0)
    return today + 366.0 if far else np.inf


def _iso(day):
    return str(np.datetime64(int(day), "D"))


FACTORS = {
    1000.0: "thousandths: kg and g, km and m",
    100.0: "hundredths: m and cm",
    2.2046226218: "kg and lb",
    2.54: "in and cm",
    3.280839895: "m and ft",
    1.609344: "mi and km",
    28.349523125: "oz and g",
    25.4: "in and mm",
    30.48: "ft and cm",
    453.59237: "lb and g",
    60.0: "sixtieths: h and min",
    3600.0: "h and s",
    4.184: "cal and J",
}


ROOM = {100.0: 0.25, 1000.0: 0.3}  # those that no other factor comes near to


def unwritten_units(look):
    """Numbers of which a part is a known factor off: two clusters, alike but for it."""
    for column in look.table:
        if column.kind != "number" or len(column.sample) < 40 or column.sample[0] <= 0:
            continue
        found = _two_clusters(column.sample)
        if found is None:
            continue
        edge, factor, names, upper_is_rare = found
        rows = column.values > edge if upper_is_rare else column.values < edge
        if _told_by_others(look, column, rows):
            continue
        n = int(rows.sum())
        step = Rescale(
            column.name,
            1 / factor if upper_is_rare else factor,
            above=edge if upper_is_rare else None,
            below=None if upper_is_rare else edge,
        )
        yield Finding(
            "mixed_units",
            (column.name,),
            "repair",
            {
                "n": n,
                "share": n / len(column),
                "examples": shown(f"{v:.6g}" for v in np.unique(column.values[rows])),
                "factor": factor,
                "likely": names,
                "edge": edge,
                "rows": first_rows(rows),
            },
            "Two groups of values are alike but for a factor: the same amount in two "
            "units, which one weight cannot serve.",
            f"Take values {'above' if upper_is_rare else 'below'} {edge:.4g} "
            f"{'divided by' if upper_is_rare else 'times'} {factor:g}.",
            (step,),
        )


def _told_by_others(look, column, rows):
    """Whether another column of numbers parts the same rows, nearly without fail: then
    these are two kinds of things (small and large flowers), not two units."""
    some = np.flatnonzero(~column.missing)
    if len(some) > 5000:
        some = np.sort(np.random.default_rng(0).choice(some, 5000, replace=False))
    group = rows[some]
    for other in look.table:
        if other.name == column.name or other.kind != "number":
            continue
        values = np.nan_to_num(other.values[some])
        if abs(rank_sum_test(values, group)[2] - 0.5) > 0.4:
            return True
    return False


def _two_clusters(values):
    """(edge, factor, its name, whether the upper group is the rarer), or None.

    On the logarithmic scale the two groups must lie a known factor apart, with nothing
    between, and have the same spread: the rarer, moved by the factor, looks like drawn
    from the other (Kolmogorov and Smirnov's distance below its 0.1 % point).
    """
    logs = np.log(values)
    steps = np.diff(logs)
    least = max(8, int(0.005 * len(logs)))
    if len(steps) <= 2 * least:
        return None
    inner = steps[least - 1 : len(steps) - least + 1]
    k = int(inner.argmax()) + least
    lower, upper = logs[:k], logs[k:]
    rare, common = sorted((lower, upper), key=len)
    if steps[k - 1] < 0.25 * np.ptp(common):
        return None
    shift = abs(float(np.median(upper) - np.median(lower)))
    # Of the difference of two medians (1.2533 for normal ones), and of rounding.
    part = float(np.sqrt(1 / len(rare) + 1 / len(common)))
    error = 3.3 * 1.2533 * float(common.std()) * part + 0.01
    for factor, names in FACTORS.items():
        log = float(np.log(factor))
        # By chance some factor would fit, if each were allowed much room.
        room = ROOM.get(factor, 0.05)
        if len(rare) > (0.5 if factor in ROOM else 0.3) * len(logs):
            continue
        if abs(shift - log) > min(error, room) or error > 2 * room:
            continue
        moved = rare + (log if rare is lower else -log)
        ends = np.searchsorted(common, np.sort(moved)) / len(common)
        ideal = (np.arange(len(moved)) + 0.5) / len(moved)
        distance = float(np.abs(ends - ideal).max())
        if distance < 1.95 * part:
            edge = float(np.exp((logs[k - 1] + logs[k]) / 2))
            return edge, float(np.exp(log)), names, rare is upper
    return None
