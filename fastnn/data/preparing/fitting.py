"""The fitted steps of a recipe: from the mended training rows to numbers.

    steps = fit(table)      a list of steps; table: the training rows, features alone

In this order: leave out what cannot tell anything; note what is missing; words and
dates as numbers; fill; draw in long tails; one scale for all.
"""

import re

import numpy as np

from ..steps import (
    DateParts,
    Drop,
    Fill,
    Hashed,
    Indicator,
    OneHot,
    Ordinal,
    Scale,
    SignedLog,
)

MOST_LEVELS = 30  # more common words than this are hashed
RARE = (2, 10, 0.005)  # a level has at least 2 to 10 rows, between them 0.5 % of all
BUCKETS = (32, 64)
SKEWED = 3.0  # a skewness from which on the logarithm is tried
FEW = 20  # a column with no more distinct numbers than this has no tail to draw in

BAND = re.compile(  # 18-25, <10, 65+, 5 to 9, ≥ 100
    r"[<>≤≥~]?\s*(\d+(?:[.,]\d+)?)\s*(?:[-–—/]|\.\.|[^\W\d]{1,5})?\s*\+?"
    r"(?:\d+(?:[.,]\d+)?)?\s*\+?"
)
SCALES = tuple(
    scale.casefold().split()
    for scale in (
        "none very_low low medium moderate high very_high extreme",
        "xxs xs s m l xl xxl xxxl",
        "tiny small medium large huge",
        "never rarely sometimes often always",
        "poor fair good very_good excellent",
        "strongly_disagree disagree neutral agree strongly_agree",
        "niedrig mittel hoch", "klein mittel groß", "nie selten manchmal oft immer",
        "faible moyen élevé", "petit moyen grand", "bajo medio alto",
        "pequeño mediano grande", "basso medio alto", "baixo médio alto",
    )
)  # fmt: skip


def fit(table):
    """The steps that turn these rows, and others like them, into numbers.

    table: a Table of the training rows' features, mended. Same table, same steps.
    """
    fitting = Fitting(table)
    fitting.leave_out()
    fitting.indicate()
    fitting.encode()
    fitting.fill()
    fitting.draw_in()
    fitting.scale()
    return fitting.steps


class Fitting:
    """A table and the steps done to it so far."""

    def __init__(self, table):
        self.table, self.steps = table, []
        self.flags = set()  # names of the indicators

    def do(self, step):
        self.table = step.apply(self.table)
        self.steps.append(step)

    def leave_out(self):
        """Columns with one value, or with words of which none comes twice."""
        names = [c.name for c in self.table if tells_nothing(c)]
        if names:
            self.do(Drop(tuple(names)))

    def indicate(self):
        """Columns without values in the same rows share an indicator."""
        of = {}
        for column in self.table:
            if column.n_missing and not is_one_hot(column):
                key = np.packbits(column.missing).tobytes()
                of.setdefault(key, []).append(column.name)
        names = {f"{columns[0]} missing": tuple(columns) for columns in of.values()}
        if names:
            self.do(Indicator(names))
            self.flags |= set(names)

    def encode(self):
        for column in list(self.table):
            step = of_words(column) if column.kind == "text" else None
            if isinstance(step, (OneHot, Hashed)):  # 0, 1 and signs: nothing to learn
                self.steps.append(step)
                self.table = self.table.without([column.name])
            elif step is not None:
                self.do(step)
            elif column.kind == "date":
                self.do(of_dates(column))

    def fill(self):
        values = {
            column.name: middle(column)
            for column in self.table
            if column.name not in self.flags
        }
        if values:
            self.do(Fill(values))

    def draw_in(self):
        units = {c.name: unit_of(c) for c in self.numbers()}
        units = {name: unit for name, unit in units.items() if unit is not None}
        if units:
            self.do(SignedLog(units))

    def scale(self):
        moments = {c.name: moments_of(c.values) for c in self.numbers()}
        constant = tuple(name for name, m in moments.items() if m is None)
        if constant:
            self.do(Drop(constant))
        moments = {name: m for name, m in moments.items() if m is not None}
        if moments:
            self.do(Scale(moments))

    def numbers(self):
        """Columns that are more than flags."""
        return [
            c
            for c in self.table
            if c.name not in self.flags and c.kind == "number" and not is_flag(c)
        ]


def tells_nothing(column):
    if column.kind == "text":
        counts = column.counts
        return counts.max(initial=0) < 2 or (
            np.count_nonzero(counts) == 1 and not column.n_missing
        )
    present = column.present
    if not len(present):
        return True
    return not column.n_missing and present.min() == present.max()


def is_flag(column):
    """Whether its numbers are 0 and 1, which need no scale."""
    return bool(np.isin(column.values, (0.0, 1.0)).all()) and np.ptp(column.values) > 0


def middle(column):
    """The median of what is there; of flags the commonest of 0 and 1."""
    present = column.values[np.isfinite(column.values)]
    if not len(present):
        return 0.0
    median = float(np.median(present))
    return float(median >= 0.5) if column.kind == "boolean" else median


# --- Words and dates ------------------------------------------------------------------


def of_words(column):
    """The step that writes a column of words as numbers."""
    words, counts = column.distinct
    order = order_of(words)
    if order is not None:
        return Ordinal(column.name, order)
    common, other = common_levels(column)
    covered = counts.sum() and counts[[w in common for w in words]].sum()
    if len(common) > MOST_LEVELS or 2 * covered < counts.sum():
        return Hashed(column.name, BUCKETS[len(words) > 4 * BUCKETS[0]])
    return OneHot(column.name, tuple(sorted(common)), column.n_missing > 0, other)


def common_levels(column):
    """(the words with rows enough to learn from, whether there are others)."""
    words, counts = column.distinct
    low, high, share = RARE
    least = np.clip(share * len(column), low, high)
    common = {w for w, n in zip(words, counts, strict=True) if n >= least}
    return common, len(common) < len(words)


def is_one_hot(column):
    """Whether the missing words of a column become a level of their own."""
    return column.kind == "text" and isinstance(of_words(column), OneHot)


def order_of(words):
    """The words from the least to the most, if their order can be read; else None."""
    if not 2 <= len(words) <= MOST_LEVELS:
        return None
    bands = [BAND.fullmatch(word.strip()) for word in words]
    if all(bands):
        starts = [float(band[1].replace(",", ".")) for band in bands]
        below = [word.strip()[:1] not in "<≤" for word in words]
        keys = sorted(zip(starts, below, words, strict=True))
        different = len({key[:2] for key in keys}) == len(keys)
        return tuple(word for _, _, word in keys) if different else None
    named = {word.strip().casefold().replace(" ", "_"): word for word in words}
    for scale in SCALES:
        if len(named) == len(words) and named.keys() <= set(scale):
            return tuple(named[word] for word in scale if word in named)
    return None


def of_dates(column):
    """DateParts of what differs among the training rows' dates."""
    dates = column.present.astype("datetime64[us]")
    first = dates.min()
    since = str(first.astype("datetime64[D]"))
    parts = ["days"]
    if np.unique(dates.astype("datetime64[Y]")).size > 1:
        parts.append("year")
    if np.unique(dates.astype("datetime64[M]")).size > 1:
        parts.append("month")
    if np.unique(dates.astype("datetime64[D]")).size > 1:
        parts.append("weekday")
    if (
        np.unique(dates.astype("datetime64[h]") - dates.astype("datetime64[D]")).size
        > 1
    ):
        parts.append("hour")
    return DateParts(column.name, since, tuple(parts))


# --- Sizes ----------------------------------------------------------------------------


def unit_of(column):
    """The unit of a SignedLog that draws in a long tail; None: there is none."""
    x = column.values
    largest = np.abs(x).max(initial=0)
    if largest == 0 or column.n_distinct <= FEW:
        return None
    before = abs(skewness(x / largest))
    unit = float(np.median(np.abs(x[x != 0])))
    if before < SKEWED or not unit > 0:
        return None
    after = abs(skewness(np.sign(x) * np.log1p(np.abs(x) / unit)))
    return unit if after < before / 2 else None


def skewness(x):
    """The third moment about the mean, in deviations: mean(((x - mean) / s)^3)."""
    spread = x.std()
    return float((((x - x.mean()) / spread) ** 3).mean()) if spread > 0 else 0.0


def moments_of(x):
    """(mean, deviation), or None where only rounding makes the values differ."""
    largest = np.abs(x).max(initial=0)
    if largest == 0:
        return None
    shares = x / largest  # so that no sum overflows
    mean, spread = float(shares.mean()), float(shares.std())
    if spread <= 1e-12 * abs(mean):
        return None
    mean, spread = float(mean * largest), float(spread * largest)
    return (mean, spread) if spread > 0 else None
