"""Numbers and dates that stand for "no value": -999, 9999, a zero that cannot be.

A value is suspected by how it is written (nines, -1, 0 ...), and convicted by how it
stands to the others: held by many rows, and apart from all of them or, within their
range, far more often than its neighbours.
"""

import numpy as np

from ...finding import Finding
from ...steps import AsMissing, MissingDates
from ..look import first_rows, shown
from .gaps import WHY_DISGUISED

NINES = tuple(float("9" * k) for k in range(2, 10))
CODES = (
    *NINES, *(n + t for n in NINES[:4] for t in (0.9, 0.99)), 97.0, 98.0, 998.0, 997.0,
    77.0, 88.0, 777.0, 888.0, 7777.0, 8888.0, 88888.0, 32767.0, 65535.0, 2147483647.0,
    1e9, 1e10, 1e20, 1e30,
)  # fmt: skip
STRONG = frozenset(
    [n for n in NINES if n > 99] + [-n for n in NINES]
    + [-888.0, -777.0, -8888.0, -7777.0, -32768.0, -2147483648.0, 2147483647.0]
    + [-999.9, -999.99, -9999.9, -9999.99, 9999.99, 999.99, 1e20, 1e30, -1e20, -1e30]
)  # fmt: skip
SUSPECTS = np.array(sorted({*CODES, *(-c for c in CODES), *STRONG, 0.0, -1.0, -9.0}))
DATES = tuple(
    np.datetime64(day, "us")
    for day in (
        "0001-01-01", "1111-11-11", "1753-01-01", "1800-01-01", "1899-12-30",
        "1899-12-31", "1900-01-01", "1901-01-01", "1904-01-01", "1910-01-01",
        "1960-01-01", "2999-12-31", "4000-01-01",
        "1970-01-01", "2038-01-19", "2099-12-31", "2100-01-01", "2222-02-02",
        "3000-01-01", "3999-12-31", "9999-01-01", "9999-12-31",
    )
)  # fmt: skip


def sentinels(look):
    """Numbers and dates that mean "there is no value"."""
    for column in look.table:
        if column.kind == "number":
            found = _numbers(column)
            steps = (AsMissing(column.name, numbers=tuple(found)),)
        elif column.kind == "date":
            found = _dates(column)
            steps = (MissingDates(column.name, tuple(str(d)[:10] for d in found)),)
        else:
            continue
        if not found:
            continue
        rows = np.isin(column.values, np.array(found, column.values.dtype))
        n = int(rows.sum())
        first = np.flatnonzero(rows)
        examples = [column.text(first[column.values[first] == v][0]) for v in found]
        low, high = _range_of_others(column, rows)
        yield Finding(
            "disguised_missing",
            (column.name,),
            "repair",
            {
                "n": n,
                "share": n / len(column),
                "examples": shown(examples),
                "others": [low, high],
                "rows": first_rows(rows),
            },
            WHY_DISGUISED,
            f"Read {', '.join(examples)} as missing, then fill.",
            steps,
        )


def _range_of_others(column, rows):
    others = np.flatnonzero(~rows & ~column.missing)
    if not len(others):
        return "", ""
    values = column.values[others]
    return column.text(others[values.argmin()]), column.text(others[values.argmax()])


def _numbers(column):
    """The numbers of a column that mean there is none."""
    sample = column.sample
    if len(sample) < 20:
        return []
    values, counts = np.unique(sample, return_counts=True)
    at = np.flatnonzero(np.isin(values, SUSPECTS) | _far_and_often(values, counts))
    found = [i for i in at if _is_sentinel(values, counts, i, at)]
    return [float(values[i]) for i in found]


def _far_and_often(values, counts):
    """(m,) bool: the lowest or highest value, where it is held by many and so far off
    that the others could be told apart from it by eye, whatever it is."""
    out = np.zeros(len(values), bool)
    n = counts.sum()
    if len(values) < 20:
        return out
    for end, rest in ((0, slice(1, None)), (len(values) - 1, slice(None, -1))):
        low, high = values[rest][0], values[rest][-1]
        gap = min(abs(values[end] - low), abs(values[end] - high))
        many = counts[end] >= max(5, 0.005 * n)
        lone = counts[end] >= 5 * counts[rest].max() or counts[rest].max() <= 2
        out[end] = many and lone and gap > 5 * (high - low)
    return out


def _is_sentinel(values, counts, i, suspects):
    """Whether values[i] (sorted, with their counts) stands for none."""
    value, count, n = values[i], counts[i], counts.sum()
    others = np.ones(len(values), bool)
    others[[j for j in suspects if values[j] in STRONG]] = False
    others[i] = False
    v, c = values[others], counts[others]
    m = c.sum()
    if len(v) < 4 or m < 15 or count < 2 or count > 0.6 * n:
        return False
    if value != 0.0 and count > 0.4 * n and value not in STRONG:
        return False
    often = count >= max(5, 0.004 * n)
    q1, q3 = _quantile(v, c, 0.25), _quantile(v, c, 0.75)
    spread = max(q3 - q1, (v[-1] - v[0]) / 20)
    step = float(np.median(np.diff(v)))
    if v[0] < value < v[-1]:
        return often and value in STRONG and _spike(v, c, value, count)
    below = value < v[0]
    gap = v[0] - value if below else value - v[-1]
    few = max(2, len(v) // 10 + 1)
    edge = np.diff(v[:few] if below else v[-few:])
    alone = gap > 3 * max(step, float(np.median(edge)))
    if value in STRONG:
        return (alone and gap > spread) or (often and _negative_alone(v, value))
    if not often:
        return False
    if value == 0.0:
        # A zero far below the others, not the foot of a tail that reaches for it.
        tail = _quantile(v, c, 0.25) - v[0]
        return below and alone and gap > 0.35 * spread and gap > 0.5 * tail
    if value < 0.0:
        if v[0] > 0 and (c.max() <= 2 or count >= 20 * c.max()):
            return True  # a crowd below 0 beside measurements that are all above
        if value == -1.0 and v[0] >= 0:
            return (
                len(v) >= 5 and v[-1] >= 4 and (gap >= 1 or _spike(v, c, value, count))
            )
        return alone and (gap > spread or (v[0] >= 0 and gap > 0.2 * spread))
    # 99 and its kin, at the upper edge.
    if gap > spread and alone:
        return True
    thin = count >= 4 * np.mean(c[-5:])
    return bool(alone and thin and gap > 0.1 * spread)


def _negative_alone(v, value):
    return value < 0 <= v[0]


def _quantile(values, counts, q):
    return float(values[np.searchsorted(np.cumsum(counts), q * counts.sum())])


def _spike(values, counts, value, count):
    """Whether a value inside the others' range is held by far more rows than each of
    its neighbours: ten times their mean, and that of no other value."""
    place = np.searchsorted(values, value)
    near = counts[max(0, place - 10) : place + 10]
    return bool(count >= 10 * near.mean() and count > 3 * counts.max())


def _dates(column):
    """The dates of a column that mean there is none."""
    sample = column.sample
    if len(sample) < 20:
        return []
    values, counts = np.unique(sample.astype("datetime64[D]"), return_counts=True)
    found = []
    known = np.isin(values, np.array(DATES, "datetime64[D]"))
    days = values.astype(np.int64)
    for i in np.flatnonzero(known):
        v, c = days[~known], counts[~known]
        if len(v) < 4 or counts[i] < 2 or counts[i] > 0.6 * counts.sum():
            continue
        gap = max(v[0] - days[i], days[i] - v[-1])
        spread = _quantile(v, c, 0.9) - _quantile(v, c, 0.1)
        apart = gap > max(365, 0.3 * spread)
        typical = max(1.0, float(np.median(c)))
        if apart or (counts[i] >= max(5, 10 * typical) and counts[i] > 3 * c.max()):
            found.append(values[i])
    if not found:
        return []
    exact = column.present[np.isin(column.present.astype("datetime64[D]"), found)]
    return list(np.unique(exact))
