"""Defects of cells: each function plants one kind into a Draft and notes its truth.

plant_x(draft, share): share of the rows that are touched, where it is one's choice.
"""

import numpy as np

from . import words


def as_objects(values):
    """(n,) object: floats, ints and texts as they would stand in a mixed column."""
    return np.array(values.tolist(), object)


def encoding(draft, share):
    """UTF-8 read as Latin-1 or Windows-1252: München becomes MÃ¼nchen."""
    rng = draft.rng
    sets = words.CATEGORIES["accented"][:4] + words.CATEGORIES["accented"][6:]
    name = accented(draft, sets)
    values = draft.columns[name]
    able = np.flatnonzero([not v.isascii() for v in values])
    k = min(len(able), max(draft.least, round(share * draft.n)))
    rows = rng.choice(able, k, replace=False)
    for i in rows:
        values[i] = values[i].encode().decode("latin-1")
    draft.note("encoding", [name], n=k)


def accented(draft, sets):
    """A category whose words have accents, in place of one or as a new column."""
    from .base import of_levels

    name = draft.take("category")
    levels = sets[draft.rng.integers(len(sets))]
    old = draft.columns[name]
    codes = np.unique([str(v) for v in old], return_inverse=True)[1]
    if codes.max() < len(levels):
        draft.columns[name] = np.array(levels, object)[codes]
    else:
        draft.columns[name] = of_levels(draft.rng, draft.n, levels)[0]
    return name


def missing(draft, share):
    name = draft.take("number", "money", "percent", "category", "count", "date")
    rows = draft.rows(share)
    blank(draft, name, rows)
    draft.note("missing", [name], n=len(rows))


def blank(draft, name, rows):
    """No value in these rows: NaN, NaT or None."""
    values = draft.columns[name]
    if values.dtype.kind in "iuf":
        values = values.astype(np.float64)
        values[rows] = np.nan
    elif values.dtype.kind == "M":
        values = values.copy()
        values[rows] = np.datetime64("NaT")
    else:
        values = as_objects(values)
        values[rows] = None
    draft.columns[name] = values


def disguised_missing(draft, share):
    """A number, a word or a date that means "there is none"."""
    rng = draft.rng
    rows, way = draft.rows(share), rng.random()
    if way < 0.45:
        name = draft.take("number", "money", "count", "age", "percent")
        values = draft.columns[name].astype(np.float64)
        largest, positive = np.abs(values).max(), values.min() > 0
        likely = [v for v in (-1, -9, -99, -999) if positive or -v > 3 * largest]
        likely += [v for v in (999, 9999, 99999, 1e9) if v > 3 * largest]
        if positive and values.min() > 0.2 * values.mean():
            likely.append(0)
        nines = 1 - 10.0 ** np.ceil(np.log10(3 * largest))
        mark = float(rng.choice(likely or [nines]))
        values[rows] = mark
        draft.columns[name] = values
    elif way < 0.95:
        roles = ("number", "money", "count") if way < 0.65 else ("category",)
        name = draft.take(*roles)
        mark = str(rng.choice(words.NO_VALUE))
        values = as_objects(draft.columns[name])
        values[rows] = mark
        draft.columns[name] = values
    else:
        name = draft.take("date")
        mark = str(rng.choice(["1900-01-01", "9999-12-31", "1970-01-01"]))
        draft.columns[name] = draft.columns[name].copy()
        draft.columns[name][rows] = np.datetime64(mark)
    draft.note("disguised_missing", [name], n=len(rows), mark=mark)


def number_as_text(draft, share):
    """All of a column, or a part of it, written for people."""
    rng = draft.rng
    name = draft.take("money", "number", "percent")
    values = np.asarray(draft.columns[name], np.float64)
    values = values / 10 ** np.floor(np.log10(np.abs(values).mean())) * 10
    values = np.round(values * rng.choice([1, 1000]), 2)
    ways = {
        "$": lambda v: f"-${-v:,.2f}" if v < 0 else f"${v:,.2f}",
        "%": lambda v: f"{v:.1f}%",
        " %": lambda v: f"{v:.1f} %",
        "unit": lambda v: f"{v:.2f} kg",
        "thousands": lambda v: f"{v:,.2f}",
        "comma": lambda v: f"{v:.2f}".replace(".", ","),
        "german": lambda v: f"{v:,.2f}".translate(str.maketrans(",.", ".,")),
        "euro": lambda v: f"{v:.2f} €".replace(".", ","),
        "space": lambda v: f"{v:,.1f}".replace(",", " "),
        "brackets": lambda v: f"({-v:,.2f})" if v < 0 else f"{v:,.2f}",
    }
    if values.min() >= 0:
        del ways["brackets"]
    way = str(rng.choice(list(ways)))
    if way in ("thousands", "german", "space"):
        values = np.round(1000 * values, 2)
    if rng.random() < 0.6:
        text, n = [ways[way](v) for v in values.tolist()], draft.n
    else:  # a mixed column, as spreadsheets hold them
        rows = draft.rows(share)
        text, n = values.tolist(), len(rows)
        for i in rows.tolist():
            text[i] = ways[way](text[i])
    draft.columns[name] = np.array(text, object)
    draft.note("number_as_text", [name], n=n, way=way)


def mixed_units(draft, share):
    """kg and g: written behind the number, or to be seen in its size alone."""
    rng = draft.rng
    small, large, factor = [
        ("g", "kg", 1000), ("cm", "m", 100), ("m", "km", 1000), ("mg", "g", 1000),
    ][rng.integers(4)]  # fmt: skip
    rows = draft.rows(max(share, 0.02), least=10)
    old = draft.take("number")
    signal = np.asarray(draft.columns[old], np.float64)
    signal = (signal - signal.mean()) / signal.std()
    values = 60 * np.exp(np.clip(0.15 * signal, -1, 1))
    if rng.random() < 0.6:
        text = [f"{v:.2f} {large}" for v in values]
        for i in rows:
            text[i] = f"{values[i] * factor:.0f} {small}"
        draft.columns[old] = np.array(text, object)
    else:
        values[rows] *= factor if rng.random() < 0.5 else 1 / factor
        draft.columns[old] = np.round(values, 4)
    draft.note("mixed_units", [old], n=len(rows), units=(large, small))


FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d %b %Y", "%B %d, %Y", "%Y/%m/%d",
           "%d-%m-%Y", "%Y%m%d")  # fmt: skip


def mixed_dates(draft, share):
    rng = draft.rng
    name = draft.take("date")
    dates = draft.columns[name].astype("datetime64[D]").tolist()
    first, second = rng.choice(FORMATS[:-1], 2, replace=False)
    rows = set() if rng.random() < 0.25 else set(draft.rows(share).tolist())
    text = [d.strftime(second if i in rows else first) for i, d in enumerate(dates)]
    draft.columns[name] = np.array(text, object)
    formats = [str(first)] + [str(second)] * bool(rows)
    draft.note("mixed_dates", [name], n=len(rows), formats=formats)


def boolean_as_text(draft, share):
    """Spellings of yes and no; the first of each is the usual one."""
    rng = draft.rng
    name = draft.take("flag")
    yes, no = words.BOOLEANS[rng.integers(len(words.BOOLEANS))]
    values = np.asarray(draft.columns[name], bool)
    other = np.zeros(draft.n, bool)
    other[draft.rows(max(share, 0.05), least=20)] = True
    text = [
        str(rng.choice(group[1:])) if o and len(group) > 1 else group[0]
        for group, o in zip([yes if v else no for v in values], other, strict=True)
    ]
    draft.columns[name] = np.array(text, object)
    draft.note("boolean_as_text", [name], spellings=sorted(set(text)))


def category_variants(draft, share):
    """Case, blanks, accents or a slip of the finger, in some rows."""
    rng = draft.rng
    way = str(rng.choice(["case", "blanks", "accents", "typing"]))
    style = "accented" if way == "accents" else "long"
    sets = words.CATEGORIES[style]
    name = accented(draft, sets[:4] if way == "accents" else sets)
    values = draft.columns[name]
    able = np.flatnonzero([not v.isascii() for v in values] if way == "accents"
                          else np.ones(draft.n, bool))  # fmt: skip
    k = min(len(able), max(draft.least, round(share * draft.n)))
    rows = rng.choice(able, k, replace=False)
    for i in rows:
        values[i] = varied(rng, values[i], way)
    draft.note("category_variants", [name], n=k, way=way,
               examples=sorted(set(values[rows].tolist()))[:5])  # fmt: skip


def varied(rng, word, way):
    if way == "case":
        return str(rng.choice([word.upper(), word.lower(), word.title()])).replace(
            word, word.swapcase()
        )
    if way == "blanks":
        return str(rng.choice([word + " ", " " + word, word + "  "]))
    if way == "accents":
        plain = word.translate(str.maketrans("öüäçéîáóźłńÖŁ", "ouaceiaoz" + "lnOL"))
        return plain if plain != word else word + " "
    at = int(rng.integers(1, len(word) - 2))
    ways = [word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]]
    if word[at] != word[at + 1]:
        ways.append(word[:at] + word[at + 1] + word[at] + word[at + 2 :])
    return str(rng.choice(ways))


def impossible_values(draft, share):
    """Less than nothing, more than all of it, or a day that nobody has seen."""
    rng = draft.rng
    rows, way = draft.rows(min(share, 0.05)), rng.random()
    if way < 0.45:
        name = draft.take("age", "count")
        values = draft.columns[name].copy()
        values[rows] = -np.abs(values[rows]) - (values[rows] == 0) * 2
        what = "negative"
    elif way < 0.85:
        name = draft.take("percent")
        values = draft.columns[name].copy()
        values[rows] = np.round(rng.uniform(120, 400, len(rows)), 1)
        what = "above 100 %"
    else:
        name = draft.take("date")
        values = draft.columns[name].copy()
        years = (365.25 * rng.integers(150, 900, len(rows))).astype(int)
        values[rows] = values[rows] + years.astype("timedelta64[D]")
        what = "a far future"
    draft.columns[name] = values
    draft.note("impossible_values", [name], n=len(rows), what=what)


def informative_missing(draft, share):
    """A value is missing more often in some classes, or for some sizes of the target.

    Weak or strong: from 8 to 75 % of the values there, and none to 10 % elsewhere. Gaps
    that happen to fall as chance would, too, are no defect and are drawn again.
    """
    rng = draft.rng
    name = draft.take("number", "money", "percent", "category", "count")
    while True:
        where, way = (some_classes if draft.task == "classes" else some_sizes)(draft)
        seldom = rng.choice([0.0, 0.01, 0.03, 0.1])
        often = seldom + rng.uniform(0.08, 0.65)
        gone = rng.random(draft.n) < seldom + (often - seldom) * where
        enough = max(draft.least, 0.01 * draft.n) <= gone.sum() <= draft.n - 5
        if enough and surely(where, gone):
            break
    blank(draft, name, np.flatnonzero(gone))
    draft.note(
        "informative_missing", [name], n=int(gone.sum()), way=way,
        often=round(float(often), 2), seldom=float(seldom),
    )  # fmt: skip


def some_classes(draft):
    """(where (n,) from 0 to 1, what it is): one class, two, or some more, some less."""
    _, codes, counts = np.unique(
        [str(v) for v in draft.y], return_inverse=True, return_counts=True
    )
    common = draft.rng.permutation(np.flatnonzero(counts > 0.05 * draft.n))
    way = draft.rng.choice(["one", "two", "graded"] if len(common) > 2 else ["one"])
    where = np.zeros(len(counts))
    if way == "graded":
        where[common] = np.linspace(0, 1, len(common))
    else:
        where[common[: 1 if way == "one" else 2]] = 1
    return where[codes], str(way)


def some_sizes(draft):
    """(where (n,) from 0 to 1, what it is): a tail of the target, both, a band."""
    rank = (np.argsort(np.argsort(draft.y)) + 0.5) / draft.n
    wide = draft.rng.uniform(0.1, 0.45)
    middle = draft.rng.uniform(0.2, 0.8)
    ways = {
        "high": rank > 1 - wide,
        "low": rank < wide,
        "both ends": np.abs(rank - 0.5) > 0.5 - wide / 2,
        "a band": np.abs(rank - middle) < wide / 2,
        "more and more": 1 / (1 + np.exp(-8 * (rank - 0.5))),
    }
    way = str(draft.rng.choice(list(ways)))
    return ways[way].astype(float), way


def surely(where, gone):
    """Whether one who knows where to look takes the gaps for chance once in 10,000."""
    spread = where.std() * gone.std()
    if spread == 0:
        return False
    r = np.mean((where - where.mean()) * (gone - gone.mean())) / spread
    return r * np.sqrt(len(gone)) > 3.72  # the normal deviate of 1e-4


def outliers(draft, share):
    """Values 5 to 1,000 interquartile ranges away from the others."""
    rng = draft.rng
    name = draft.take("number")
    values = np.asarray(draft.columns[name], np.float64).copy()
    rows = draft.rows(min(share, 0.04))
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    far = (high - low) * 10 ** rng.uniform(rng.choice([0.7, 1, 2]), 3, len(rows))
    both = rng.random() < 0.6 and values.min() < 0
    side = rng.choice([-1, 1], len(rows)) if both else 1
    values[rows] = middle + side * far
    draft.columns[name] = values
    draft.note("outliers", [name], n=len(rows))


def skew(draft, share):
    """exp of something normal, with a standard deviation of 1.8 to 3.5."""
    rng = draft.rng
    name = draft.take("number")
    values = np.asarray(draft.columns[name], np.float64)
    z = (values - values.mean()) / values.std()
    if np.abs(z).max() < 2:  # a uniform one would have no tail
        z = rng.standard_normal(draft.n)
    sigma = rng.uniform(1.8, 3.5)
    draft.columns[name] = np.exp(sigma * z) * 10.0 ** rng.integers(-2, 4)
    draft.note("skew", [name], sigma=round(sigma, 2))


def scale_gap(draft, share):
    """One column 10^7 to 10^12 times as wide as another."""
    rng = draft.rng
    name = draft.take("number")
    spreads = [
        np.std(v) for k, v in draft.columns.items()
        if v.dtype.kind in "if" and k not in (name, draft.target)
    ]  # fmt: skip
    values = np.asarray(draft.columns[name], np.float64)
    spreads = [s for s in spreads if np.isfinite(s) and s > 0]
    if not spreads:
        spreads = [np.std(draft.columns[draft.fresh("number")])]
    wide, narrow = max(spreads), min(spreads)
    gap = 10.0 ** rng.uniform(7, 12)
    up = rng.random() < 0.5
    size = narrow * gap if up else wide / gap
    draft.columns[name] = (values - values.mean()) / values.std() * size
    draft.note("scale_gap", [name], gap=f"{gap:.1e}")


PLANTERS = (
    encoding, missing, disguised_missing, number_as_text, mixed_units, mixed_dates,
    boolean_as_text, category_variants, impossible_values, informative_missing,
    outliers, skew, scale_gap,
)  # fmt: skip
