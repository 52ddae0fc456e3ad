"""Numbers and truth in words: number_as_text, mixed_units (as written),
boolean_as_text."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from ...finding import Finding
from ...steps import MergeWords, ToBoolean, ToNumber
from ...steps.number_words import float_of, number_of, parts_of
from ...steps.units import is_currency, meanings
from ..look import MOST_CLASSES, first_rows, shown
from .vocabulary import CLEAR, folded, truth_of

DECIMALS = (".", ",", ".,", ",.", "either")
MOST_WORDS = 20_000  # read to decide; the step then reads all of them


@dataclass(frozen=True)
class Reading:
    """How a column of text is read as numbers.

    units: {unit as written: rows}; factors: {unit: factor} for ToNumber;
    mixed: whether these are several units; base: the unit of the numbers.
    plain: whether Python would read all of them; lost: places of words left unread.
    """

    decimal: str
    units: dict
    factors: dict
    mixed: bool
    base: str
    plain: bool
    lost: tuple


def numbers_in_text(look):
    """Numbers written as text: number_as_text, or mixed_units where units differ."""
    for column in look.table:
        if column.kind != "text" or len(column.words) < 2:
            continue
        reading = reading_of(column)
        if reading is None:
            continue
        if column.name == look.target and _names_classes(column, reading):
            continue
        step = ToNumber(column.name, reading.decimal, reading.factors)
        written = _unusual(column, reading)
        n = int(written.sum())
        evidence = {
            "n": n,
            "share": n / len(column),
            "examples": shown(_examples(column, written)),
            "decimal": reading.decimal,
            "rows": first_rows(written),
        }
        if any(reading.units):
            evidence["units"] = dict(reading.units)
        if reading.lost:
            evidence["not_read"] = shown(column.words[i] for i in reading.lost)
            evidence["n_not_read"] = int(column.counts[list(reading.lost)].sum())
        yield (
            _mixed(column, reading, evidence, step)
            if reading.mixed
            else Finding(
                "number_as_text",
                (column.name,),
                "repair",
                evidence,
                "As text each number is a category of its own: a network sees neither "
                "its size nor its order.",
                "Read the numbers: signs, separators and units are left out.",
                (step,),
            )
        )


def _names_classes(column, reading):
    """Whether the words of a target are classes as they stand: few, and whole numbers
    ("0" and "1") but for words that a reading would lose."""
    n = int(column.counts.sum())
    if column.n_distinct > min(MOST_CLASSES, n / 2) or reading.mixed:
        return False
    held = np.flatnonzero(column.counts)
    values = [number_of(column.words[i], reading.decimal) for i in held]
    return all(v is None or v == round(v) for v in values)


def _mixed(column, reading, evidence, step):
    known = all(reading.factors.get(u) is not None for u in reading.units)
    return Finding(
        "mixed_units",
        (column.name,),
        "repair",
        evidence,
        "The same number means different amounts in different rows; a network has one "
        "weight for the column and cannot know.",
        f"Turn all of it into {reading.base or 'one unit'}."
        if known
        else f"Keep what is in {reading.base}; the others become missing, since the "
        "table does not hold the rate between them.",
        (step,),
    )


def _examples(column, rows):
    codes, first = np.unique(column.values[rows], return_index=True)
    return [column.words[i] for i in codes[np.argsort(first)][:5]]


def _unusual(column, reading):
    """The rows whose number is not written as Python would read it; for mixed units,
    those not in the commonest unit."""
    if reading.mixed:
        common = max(reading.units, key=reading.units.get)
        odd = [(parts_of(w) or (0, 0, 0, common))[3] != common for w in column.words]
    elif reading.plain:
        odd = [True] * len(column.words)
    else:
        odd = [not _is_float(w) for w in column.words]
    return np.array([*odd, False])[column.values]


def _is_float(word):
    try:
        float(word)
    except ValueError:
        return False
    return True


def reading_of(column):
    """The Reading of text that is numbers in nearly all of its rows, or None."""
    held = np.flatnonzero(column.counts)
    if len(held) > MOST_WORDS:
        held = held[np.linspace(0, len(held) - 1, MOST_WORDS).astype(np.int64)]
    probe = held[:: max(1, len(held) // 50)]
    if sum(parts_of(column.words[i]) is not None for i in probe) < 0.5 * len(probe):
        return None
    parts = {i: parts_of(column.words[i]) for i in held}
    rows = column.counts
    total = rows[held].sum()
    parts = {i: p for i, p in parts.items() if p is not None}
    if rows[list(parts)].sum() < 0.9 * total or _are_codes(parts, rows):
        return None
    units = Counter()
    for i, part in parts.items():
        units[part[3]] += int(rows[i])
    judged = _factors(units, parts, rows)
    if judged is None:
        return None
    factors, mixed, base = judged
    decimal = _decimal(parts, rows, factors)
    read = [
        i
        for i, p in parts.items()
        if p[3] in units and float_of(p[1], decimal) is not None
    ]
    if rows[read].sum() < 0.9 * total:
        return None
    plain = all(_is_float(column.words[i]) for i in held)
    lost = tuple(
        i for i in held if number_of(column.words[i], decimal, factors) is None
    )
    return Reading(
        decimal, dict(units.most_common(12)), factors, mixed, base, plain, lost
    )


def _are_codes(parts, rows):
    """Whether these are codes made of digits: 01234 is no number."""
    zeros = [
        i
        for i, p in parts.items()
        if len(p[1]) > 1 and p[1][0] == "0" and p[1].isdigit()
    ]
    return rows[zeros].sum() > 0.02 * rows[list(parts)].sum()


def _factors(units, parts, rows):
    """({unit: factor}, mixed, base unit) of the units as written, or None: no units."""
    written = {u: n for u, n in units.items() if u}
    if not written:
        return {"": 1.0}, False, ""
    total = sum(units.values())
    known = {u: meanings(u) for u in written}
    unknown = [u for u, m in known.items() if not m]
    if unknown:
        if len(unknown) == len(written) and _one_word(written, parts, total):
            return dict.fromkeys(["", *written], 1.0), False, unknown[0]
        if sum(written[u] for u in unknown) > 0.02 * total:
            return None
        for u in unknown:
            del written[u], units[u]
        if not written:
            return None
    base = max(written, key=written.get)
    families = [{family: pair for family, *pair in known[u]} for u in written]
    shared = [f for f in families[0] if all(f in other for other in families)]
    if not shared:
        return _currencies(written, known, base)
    family = _family(shared, units, parts, rows)
    if family == "many" or is_currency(family):
        factors = {u: dict((f, p[0]) for f, *p in known[u])[family] for u in written}
        cents = 0.01 in factors.values() and len(set(factors.values())) > 1
        if cents:
            factors = {u: f / factors[base] for u, f in factors.items()}
        return {"": 1.0} | factors, cents, base
    if family == "share":
        return _shares(written, units, parts, rows, base)
    pairs = {u: next(p for f, *p in known[u] if f == family) for u in written}
    factors = {u: _relative(pair, pairs[base]) for u, pair in pairs.items()}
    mixed = any(f != 1.0 for f in factors.values())
    return {"": 1.0} | factors, mixed, base


def _relative(pair, base):
    """factor, or [factor, offset], from a unit into the base unit."""
    factor, offset = pair[0] / base[0], (pair[1] - base[1]) / base[0]
    factor, offset = float(f"{factor:.12g}"), float(f"{offset:.12g}")
    return factor if offset == 0.0 else [factor, offset]


def _one_word(written, parts, total):
    """Whether one word stands behind the numbers: 36 months, 3 Zimmer; or, behind
    nearly all of many numbers, any sign: 12 pt, 13 pt, 15 pt ..."""
    share = sum(written.values()) / total
    many = len({part[1] for part in parts.values()}) >= 10
    if len(written) == 1 and share >= 0.9 and many:
        return True
    stems = {u.casefold().rstrip("sne") for u in written}
    words = all(len(u) >= 3 and " " not in u and u.isalpha() for u in written)
    return len(stems) == 1 and words and share >= 0.1


def _family(shared, units, parts, rows):
    """Which of several meanings of a unit is meant: 1.2m of money or of length."""
    if "many" not in shared or len(shared) == 1:
        return shared[0]
    plain = [abs(float_of(p[1], ".,") or 0) for p in parts.values() if not p[3]]
    others = [abs(float_of(p[1], ".,") or 0) for p in parts.values() if p[3]]
    if plain and np.median(plain) > 50 * max(np.median(others), 1e-9):
        return "many"
    return "many" if set(units) <= {"k", "K", ""} else shared[0]


def _currencies(written, known, base):
    """Several currencies: only the commonest one is read, no rate is known."""
    if not all(m and is_currency(m[0][0]) for m in known.values() if m):
        return None
    if any(not known[u] for u in written):
        return None
    own = known[base][0][0]
    factors = {u: known[u][0][1] for u in written if known[u][0][0] == own}
    return {"": 1.0} | factors, len(factors) < len(written), base


def _shares(written, units, parts, rows, base):
    """Percent beside plain numbers: 12% and 0.12, or 12% and 12."""
    factors = {u: float(meanings(u)[0][1]) for u in written}
    plain = [i for i, p in parts.items() if not p[3]]
    percent = [i for i, p in parts.items() if p[3]]

    def middle(some):
        values = [abs(float_of(parts[i][1], ".,") or 0) for i in some]
        return float(np.median(np.repeat(values, rows[some])))

    if len(plain) >= 3 and len(percent) >= 3:
        ratio = middle(percent) / max(middle(plain), 1e-12)
        highest = max(float_of(parts[i][1], ".,") or 0 for i in plain)
        if 20 < ratio < 500 and highest <= 2:
            return {"": 100.0} | factors, True, base
    mixed = len({f for f in factors.values()}) > 1
    return {"": 1.0} | factors, mixed, base


def _decimal(parts, rows, factors):
    """The decimal mark that reads most rows, the closest together, and is simplest."""
    best, best_key = ".", None
    spelled = [(i, p) for i, p in parts.items()]
    if all("," not in p[1] for _, p in spelled) and all(
        p[1].count(".") <= 1 for _, p in spelled
    ):
        return _points_only(spelled)
    for rank, decimal in enumerate(DECIMALS):
        values = {i: float_of(p[1], decimal) for i, p in spelled}
        read = [i for i, v in values.items() if v is not None]
        n = int(rows[read].sum())
        logs = np.log10([abs(values[i]) for i in read if values[i]] or [1.0])
        wide = float(np.ptp(np.percentile(logs, [1, 99])))
        key = (-round(n / max(1, rows.sum()), 2), round(wide / 1.5), rank)
        if best_key is None or key < best_key:
            best, best_key = decimal, key
    return best


def _points_only(spelled):
    """ "." unless every point parts thousands and some number has none to part."""
    tails = [p[1].partition(".")[2] for _, p in spelled if "." in p[1]]
    threes = tails and all(len(t) == 3 for t in tails)
    if not threes or len(tails) < 5:
        return "."
    last = Counter(t[-1] for t in tails)
    # Decimals to three places end in 0 one time in ten unless rounding cut them.
    small = [p[1] for _, p in spelled if "." not in p[1]]
    return "," if last["0"] > 0.5 * len(tails) and small else "."


def boolean_as_text(look):
    """Yes and no in many spellings."""
    for column in look.table:
        if column.kind != "text" or not 2 <= len(column.words) <= 60:
            continue
        held = np.flatnonzero(column.counts)
        truth = {i: truth_of(column.words[i]) for i in held}
        sides = [[i for i in held if truth[i] == side] for side in (0, 1)]
        known = sides[0] + sides[1]
        if not sides[0] or not sides[1]:
            continue
        if column.counts[known].sum() < 0.97 * column.counts.sum():
            continue
        if all(folded(column.words[i]) in ("0", "1", "0.0", "1.0") for i in known):
            continue
        if not any(folded(column.words[i]) in CLEAR for i in known) and not _paired(
            {folded(column.words[i]) for i in known}
        ):
            continue
        yield _boolean(look, column, sides)


def _paired(words):
    """Whether words that alone might be letters of anything come as a pair."""
    pairs = (("t", "f"), ("y", "n"), ("j", "n"), ("on", "off"), ("o", "n"), ("s", "n"),
             ("da", "ne"), ("da", "nu"), ("ano", "ne"), ("áno", "nie"),
             ("tak", "nie"))  # fmt: skip
    return any(a in words and b in words for a, b in pairs)


def _boolean(look, column, sides):
    false, true = (tuple(column.words[i] for i in side) for side in sides)
    one_way = len(false) == len(true) == 1
    common = [max(side, key=lambda i: column.counts[i]) for side in sides]
    odd = np.ones(len(column.words) + 1, bool)
    odd[[*common, -1]] = False
    rows = odd[column.values]
    counts = {column.words[i]: int(column.counts[i]) for i in sides[0] + sides[1]}
    if column.name == look.target:
        step = MergeWords(
            column.name,
            {
                column.words[i]: column.words[common[k]]
                for k in (0, 1)
                for i in sides[k]
            },
        )
    else:
        step = ToBoolean(column.name, true, false)
    n = int(column.counts.sum()) if one_way else int(rows.sum())
    return Finding(
        "boolean_as_text",
        (column.name,),
        "note" if one_way else "repair",
        {
            "n": n,
            "share": n / len(column),
            "examples": shown(map(repr, counts)),
            "counts": dict(list(counts.items())[:20]),
            "rows": first_rows(rows),
        },
        "Yes and no in words are two categories."
        if one_way
        else "Each spelling of yes and no becomes a category of its own, and what the "
        "rows of one tell is lost to the others.",
        f"Read {', '.join(shown(true))} as 1 and {', '.join(shown(false))} as 0.",
        () if one_way and column.name == look.target else (step,),
    )
