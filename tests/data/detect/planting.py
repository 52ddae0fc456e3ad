"""Tables with defects of cells put in, and where: for the tests of the detectors.

table(rng) is clean; plant[kind](rng, columns, rows) spoils one column and returns its
name. Columns have names without meaning, rows are those to spoil.
"""

import numpy as np

WORDS = {
    "en": [
        "north wing",
        "laboratory",
        "hospital",
        "university",
        "farm house",
        "harbour",
    ],
    "de": ["Größe", "München", "Österreich", "Straße", "Zürich", "Würzburg", "Köln"],
    "fr": ["forêt", "château", "île", "montagne", "rivière", "élève", "désert"],
    "es": ["montaña", "año nuevo", "corazón", "jardín", "camión", "pequeño"],
    "codes": ["A1", "A2", "B1", "B2", "C1", "C2"],
    "levels": ["low", "medium", "high", "very high"],
    "grades": ["Class I", "Class II", "Class III", "Class IV"],
    "blood": ["A+", "A-", "B+", "B-", "0+", "0-", "AB+"],
    "near": ["male", "female"],
    "two": ["smoker", "non-drinker"],
    "opposite": ["typical", "atypical", "complete", "incomplete"],
    "ru": ["Москва", "Казань", "Самара", "Сочи"],
}
NAMES = [f"{a}{b}" for a in "qxzvkw" for b in ("1", "a", "_t", "7k")]


def numbers(rng, n):
    """One of the shapes that ordinary columns have."""
    shape = rng.integers(13)
    scale = 10.0 ** rng.integers(-1, 4)
    if shape == 0:
        return rng.normal(0, 1, n) * scale
    if shape == 1:
        return np.round(rng.normal(50, 12, n), 1)
    if shape == 2:
        return rng.integers(18, 91, n).astype(float)
    if shape == 3:
        return rng.lognormal(3, 0.5, n) * scale
    if shape == 4:
        return rng.poisson(rng.choice([0.7, 3, 40]), n).astype(float)
    if shape == 5:
        return rng.uniform(0, 1, n)
    if shape == 6:
        return np.round(rng.uniform(0, 100, n))
    if shape == 7:
        return rng.exponential(scale, n)
    if shape == 8:
        return np.round(rng.gamma(4, 12, n), 2)
    if shape == 9:
        return rng.integers(1, 6, n).astype(float)
    if shape == 10:
        return np.where(rng.random(n) < 0.4, 0, rng.lognormal(6, 0.7, n)).round()
    if shape == 11:
        return rng.standard_t(4, n) * scale
    half = rng.random(n) < 0.5
    return np.where(half, rng.normal(160, 6, n), rng.normal(178, 7, n)).round(1)


def table(rng, n):
    """({name: array}, kinds {name: "number" or "word"}) without defects."""
    columns = {}
    names = list(rng.permutation(NAMES))
    for _ in range(rng.integers(4, 9)):
        columns[names.pop()] = numbers(rng, n)
    for language in rng.permutation(list(WORDS))[: rng.integers(2, 5)]:
        words = np.array(WORDS[language], object)
        p = rng.dirichlet(np.full(len(words), 3.0))
        columns[names.pop()] = words[rng.choice(len(words), n, p=p)]
    days = np.datetime64("2012-01-01") + rng.integers(0, 3000, n)
    columns[names.pop()] = days.astype("datetime64[us]")
    columns["goal"] = np.array(["p", "q", "r"], object)[rng.integers(0, 3, n)]
    return columns


def of_kind(rng, columns, test):
    fits = [k for k, v in columns.items() if k != "goal" and test(v)]
    return str(rng.choice(fits)) if fits else None


def is_number(v):
    return v.dtype.kind == "f"


def is_positive(v):
    return is_number(v) and v.min() > 0


def is_word(v):
    return v.dtype == object


def as_text(values):
    whole = np.all(values == np.round(values))
    return np.array([str(int(v)) if whole else f"{v:g}" for v in values], object)


def disguised_word(rng, columns, rows):
    name = of_kind(rng, columns, lambda v: is_number(v) or is_word(v))
    if name is None:
        return None
    word = rng.choice(["?", "N/A", "", " ", "-", "unknown", "unbekannt", "inconnu",
                       "desconocido", "null", "n.d.", "неизвестно"])  # fmt: skip
    values = columns[name]
    values = as_text(values) if is_number(values) else values.copy()
    values[rows] = word
    columns[name] = values
    return name


def sentinel(rng, columns, rows):
    def fits(v):
        return is_number(v) and v.max() - v.min() > 5 and len(np.unique(v)) > 4

    name = of_kind(rng, columns, fits)
    if name is None:
        return None
    values = columns[name].copy()
    top = values.max()
    choices = [v for v in (-999.0, 9999.0, -9999.0, 99999.0) if v > 1.5 * top or v < 0]
    values[rows] = rng.choice(choices)
    if values[rows].min() > 3 * values.min() - 2 * top:
        values[rows] = -9999.0 if top < 3000 else 9999999.0
    columns[name] = values
    return name


def number_as_text(rng, columns, rows):
    name = of_kind(rng, columns, lambda v: is_number(v) and v.max() - v.min() > 5)
    if name is None:
        return None
    values = columns[name]
    way = rng.integers(6)
    written = as_text(values)
    some = rows if way in (0, 1, 2) else np.arange(len(values))
    for i in some:
        v = values[i]
        written[i] = [
            f"${v:,.2f}", f"{v:,.2f} €", f"{v:.2f}".replace(".", ","),
            f"{v:.1f}%", f"{v:.1f} kg",
            f"{v:,.2f}".translate(str.maketrans(",.", ".,")),
        ][way]  # fmt: skip
    columns[name] = written
    return name


def mixed_units(rng, columns, rows):
    name = of_kind(rng, columns, is_positive)
    if name is None:
        return None
    values = columns[name]
    a, b, factor = [("kg", "g", 1000), ("m", "cm", 100), ("kg", "lb", 2.20462)][
        rng.integers(3)
    ]
    written = np.array([f"{v:g} {a}" for v in values], object)
    for i in rows:
        written[i] = f"{values[i] * factor:g} {b}"
    columns[name] = written
    return name


def mixed_dates(rng, columns, rows):
    name = of_kind(rng, columns, lambda v: v.dtype.kind == "M")
    if name is None:
        return None
    days = [d.item() for d in columns[name]]
    written = np.array([f"{d:%Y-%m-%d}" for d in days], object)
    other = ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d %b %Y", "%B %d, %Y", "%Y/%m/%d"]
    pattern = str(rng.choice(other))
    for i in rows:
        written[i] = days[i].strftime(pattern)
    columns[name] = written
    return name


def boolean_as_text(rng, columns, rows):
    name = of_kind(rng, columns, is_word)
    if name is None:
        return None
    truth = rng.random(len(columns[name])) < 0.4
    yes, no, other_yes, other_no = [
        ("yes", "no", "Y", "N"), ("ja", "nein", "1", "0"), ("oui", "non", "Oui", "NON"),
        ("sí", "no", "true", "false"), ("True", "False", "yes", "no"),
    ][rng.integers(5)]  # fmt: skip
    written = np.where(truth, yes, no).astype(object)
    written[rows] = np.where(truth[rows], other_yes, other_no)
    columns[name] = written
    return name


def category_variants(rng, columns, rows):
    name = of_kind(rng, columns, lambda v: is_word(v) and max(map(len, v)) >= 6)
    if name is None:
        return None
    values = columns[name].copy()
    way = rng.integers(4)
    for i in rows:
        word = values[i]
        k = int(rng.integers(1, max(2, len(word) - 2)))
        values[i] = [
            word.upper() if word.upper() != word else word.lower(),
            f" {word}" if rng.random() < 0.5 else f"{word}  ",
            word.translate(str.maketrans("áàâäéèêíóöôúüñßîå", "aaaaeeeiooouunsia"))
            if not word.isascii()
            else word.title(),
            word[:k] + word[k + 1] + word[k] + word[k + 2 :] if len(word) > 4 else word,
        ][way]
    if all(values == columns[name]):
        return None
    columns[name] = values
    return name


def encoding(rng, columns, rows):
    name = of_kind(rng, columns, lambda v: is_word(v) and not all(map(str.isascii, v)))
    if name is None:
        return None
    values, changed = columns[name].copy(), 0
    for i in rows:
        spoilt = values[i].encode("utf-8").decode("cp1252", "replace")
        changed += spoilt != values[i]
        values[i] = spoilt
    columns[name] = values
    return name if changed >= 5 else None


def impossible_values(rng, columns, rows):
    def fits(v):
        return is_positive(v) and len(np.unique(v)) > 30 and np.quantile(v, 0.01) > 0

    name = of_kind(rng, columns, fits)
    if name is None:
        return None
    values = columns[name].copy()
    values[rows] = -values[rows]
    columns[name] = values
    return name


def outliers(rng, columns, rows):
    name = of_kind(rng, columns, lambda v: is_number(v) and len(np.unique(v)) > 30)
    if name is None:
        return None
    values = columns[name].copy()
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    sign = 1 if values.min() >= 0 or rng.random() < 0.5 else -1
    values[rows] = middle + sign * (high - low) * rng.uniform(6, 30, len(rows))
    columns[name] = values
    return name


def skew(rng, columns, rows):
    name = of_kind(rng, columns, is_number)
    if name is None:
        return None
    columns[name] = rng.lognormal(2, rng.uniform(1.3, 2.2), len(columns[name]))
    return name


def informative_missing(rng, columns, rows):
    name = of_kind(rng, columns, is_number)
    if name is None:
        return None
    values = columns[name].copy()
    where = np.flatnonzero(columns["goal"] == "p")
    values[rng.choice(where, max(12, len(rows)), replace=False)] = np.nan
    columns[name] = values
    return name


def missing(rng, columns, rows):
    name = of_kind(rng, columns, is_number)
    if name is None:
        return None
    values = columns[name].copy()
    values[rows] = np.nan
    columns[name] = values
    return name


PLANT = {
    "encoding": encoding,
    "missing": missing,
    "disguised_missing": disguised_word,
    "disguised_missing ": sentinel,
    "number_as_text": number_as_text,
    "mixed_units": mixed_units,
    "mixed_dates": mixed_dates,
    "boolean_as_text": boolean_as_text,
    "category_variants": category_variants,
    "impossible_values": impossible_values,
    "informative_missing": informative_missing,
    "outliers": outliers,
    "skew": skew,
}


def planted(seed):
    """(columns, {(kind, name)}): a table with one to four defects in columns apart."""
    rng = np.random.default_rng(seed)
    n = int(rng.choice([300, 800, 3000]))
    columns, truth = table(rng, n), set()
    free = dict(columns)
    for kind in rng.permutation(list(PLANT))[: rng.integers(1, 5)]:
        share = rng.choice([0.01, 0.03, 0.1])
        rows = rng.choice(n, max(5, int(share * n)), replace=False)
        name = PLANT[kind](rng, free, rows)
        if name is not None:
            columns[name] = free.pop(name)
            truth.add((kind.strip(), name))
        free["goal"] = columns["goal"]
        if len(free) < 4:
            break
    # Columns where planting changed its mind are as they were.
    return columns, truth
