"""Base tables: clean, with a target that several of their columns tell something of."""

from dataclasses import dataclass, field

import numpy as np

from . import words

ROLES = ("number", "money", "count", "age", "percent", "category", "flag", "date")
OFTEN = (0.3, 0.1, 0.1, 0.08, 0.07, 0.2, 0.1, 0.05)


@dataclass
class Draft:
    """A table while it is being made.

    columns: {name: array (n,)} of float64, int64, bool, datetime64[s] or object (text,
    None where there is nothing). roles: {name: role}. truth: (kind, columns, detail).
    touched: names whose column something was planted into. against: {name: array}.
    """

    rng: np.random.Generator
    n: int
    language: str
    meaningful: bool
    task: str
    columns: dict = field(default_factory=dict)
    roles: dict = field(default_factory=dict)
    target: str = ""
    truth: list = field(default_factory=list)
    touched: set = field(default_factory=set)
    against: dict | None = None
    least: int = 5  # rows that a defect touches
    exponent: float = 0.0  # of the size of its numbers

    def name(self, role):
        """A name that is not taken: one that says something, or one such as x17."""
        if self.meaningful:
            names = words.NAMES[self.language][role]
            free = [n for n in names if n not in self.columns]
            if free:
                return str(self.rng.choice(free))
            stem = str(self.rng.choice(names))
            ending = (f"{stem}_{i}" for i in range(2, 99))
            return next(n for n in ending if n not in self.columns)
        prefix = self.prefix
        return next(
            n for n in (f"{prefix}{i}" for i in range(1, 999)) if n not in self.columns
        )

    @property
    def prefix(self):
        return words.PREFIXES[self.n % len(words.PREFIXES)]

    def add(self, role, values, name=None):
        """A new column at the end; its name."""
        name = self.name(role) if name is None else name
        self.columns[name], self.roles[name] = values, role
        return name

    def take(self, *roles):
        """An untouched feature of one of these roles (a new one if there is none)."""
        free = [
            name
            for name, role in self.roles.items()
            if role in roles and name not in self.touched and name != self.target
        ]
        name = str(self.rng.choice(free)) if free else self.fresh(roles[0])
        self.touched.add(name)
        return name

    def fresh(self, role):
        values, _ = column(self.rng, role, self.n, self.language, self.exponent)
        return self.add(role, values)

    def rows(self, share, least=0):
        """Numbers of some rows, and how many they are of all."""
        k = min(self.n, max(least, self.least, round(share * self.n)))
        return np.sort(self.rng.choice(self.n, k, replace=False))

    def note(self, kind, columns, **detail):
        self.truth.append((kind, tuple(columns), detail))

    @property
    def y(self):
        return self.columns[self.target]


def column(rng, role, n, language, exponent=0.0):
    """(values (n,), signal (n,)): a clean column, and what it tells, about N(0, 1)."""
    z = rng.standard_normal(n)
    if role == "number":
        scale = 10.0**exponent
        shape = rng.integers(3)
        if shape == 0:
            raw = 5 + z * rng.uniform(0.5, 1.5)
        elif shape == 1:
            raw = rng.uniform(-1, 1, n) * 3
            z = raw / 1.73
        else:
            raw = z
        return significant(raw * scale, 6), z
    if role == "money":
        return np.round(np.exp(rng.uniform(4, 8) + rng.uniform(0.3, 0.8) * z), 2), z
    if role == "count":
        mean = rng.uniform(3, 40)
        values = rng.poisson(mean, n)
        return values, (values - mean) / np.sqrt(mean)
    if role == "age":
        return np.clip(np.round(45 + 14 * z), 18, 92).astype(int), z
    if role == "percent":
        values = np.round(100 * rng.beta(1.2, 1.2, n), 1)
        return values, (values - 50) / 29
    if role == "flag":
        values = rng.random(n) < rng.uniform(0.25, 0.75)
        return values, (values - values.mean()) / max(values.std(), 1e-3)
    if role == "date":
        first = np.datetime64("2015-01-01") + rng.integers(0, 2000)
        days = rng.integers(0, 1500, n)
        return (first + days).astype("datetime64[s]"), np.zeros(n)
    return category(rng, n, "any")


def category(rng, n, style):
    """(words (n,), signal (n,)): every level has at least 6 % of the rows."""
    style = rng.choice(list(words.CATEGORIES)) if style == "any" else style
    sets = words.CATEGORIES[style]
    levels = sets[rng.integers(len(sets))]
    return of_levels(rng, n, levels)


def of_levels(rng, n, levels):
    shares = 0.06 + rng.dirichlet(np.full(len(levels), 3.0)) * (1 - 0.06 * len(levels))
    codes = rng.choice(len(levels), n, p=shares / shares.sum())
    effects = rng.standard_normal(len(levels))
    effect = effects[codes]
    spread = max(effect.std(), 1e-3)
    return np.array(levels, object)[codes], (effect - effect.mean()) / spread


def significant(values, digits):
    """Rounded to so many significant digits of the column's spread."""
    place = digits - 1 - int(np.floor(np.log10(np.std(values))))
    return np.round(values, place)


def base(seed, n=None):
    """A Draft of a clean table."""
    rng = np.random.default_rng([seed, 11])
    n = int(np.exp(rng.uniform(np.log(300), np.log(5000)))) if n is None else n
    draft = Draft(
        rng, n, str(rng.choice(list(words.NAMES))), bool(rng.random() < 0.65),
        "classes" if rng.random() < 0.6 else "values",
    )  # fmt: skip
    most = min(40, n // 25)  # fewer rows for a column would be a defect of its own
    n_columns = 4 + int((most - 4) * rng.random() ** 2)
    one_physics = rng.random() < 0.35  # measured quantities alone, of any size
    middle = rng.uniform(-5, 8) if one_physics else rng.uniform(0, 2)
    often = [1.0] + [0.0] * 7 if one_physics else OFTEN
    roles = ["number", "number", *rng.choice(ROLES, n_columns - 2, p=often)]
    draft.exponent = middle
    signals = []
    for role in roles:
        values, signal = column(
            rng, role, n, draft.language, middle + rng.uniform(-1, 1)
        )
        name = draft.add(role, values)
        if role == "number" and len(signals) > 2 and rng.random() < 0.2:
            draft.columns[name], signal = follows(rng, draft, signals)
        signals.append(signal)
    add_target(draft, np.array(signals))
    return draft


def follows(rng, draft, signals):
    """(values, signal) of a column that goes with the first one: r from 0.5 to 0.9."""
    r = rng.uniform(0.5, 0.9)
    signal = r * signals[0] + np.sqrt(1 - r * r) * rng.standard_normal(draft.n)
    return significant(signal * 10.0**draft.exponent, 6), signal


def add_target(draft, signals):
    """The target: a sum of several columns and noise, cut into classes for these.

    Columns explain 55 to 85 percent of it, none of them more than about a third.
    """
    rng, n = draft.rng, draft.n
    useful = np.flatnonzero(signals.std(1) > 0)
    chosen = rng.permutation(useful)[: max(3, len(useful) // 2)]
    weights = rng.uniform(0.7, 1.2, len(chosen)) * rng.choice([-1, 1], len(chosen))
    score = weights @ signals[chosen]
    score = (score - score.mean()) / score.std()
    explained = rng.uniform(0.55, 0.85)
    score = np.sqrt(explained) * score + np.sqrt(1 - explained) * rng.standard_normal(n)
    if draft.task == "values":
        y = significant(score * 10 ** rng.uniform(-1, 3), 5) + rng.choice([0.0, 100.0])
    else:
        labels = words.CLASSES[rng.integers(len(words.CLASSES))]
        shares = 0.2 + rng.dirichlet(np.full(len(labels), 4.0)) * (
            1 - 0.2 * len(labels)
        )
        edges = np.quantile(score, np.cumsum(shares)[:-1])
        y = np.searchsorted(edges, score)
        if rng.random() < 0.7:
            y = np.array(labels, object)[y]
    draft.target = draft.add("target", y)
