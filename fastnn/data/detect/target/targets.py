"""The target: is it there, what is it, and are there enough rows of it?"""

import re

import numpy as np

from ...finding import Finding
from ...steps import DropWithout, ToNumber
from ...steps.parsing import number_of
from ..look import MOST_CLASSES, first_rows, has_one_peak, is_count, shown

NUMBER = r"[-−+]?[\d.,]*\d(?:[eE][-+]?\d+)?"
RANGE = re.compile(  # 10-20, (1.5, 3], 12 to 45 kg, < 5, 100+
    rf"\D{{0,4}}?{NUMBER}\s*(?:-|–|—|\.\.+|,|;|\w{{1,3}}|~)\s*{NUMBER}\D{{0,4}}"
    rf"|(?:[<>≤≥]=?|under|over|up to|unter|über|bis|ab|до|от)\s*{NUMBER}.{{0,3}}"
    rf"|{NUMBER}\s*(?:\+|and more|und mehr|or more)"
)
COMMA = re.compile(r"[-−+]?\d+,\d+")
SCALES = (  # words of one order, in some languages, lower case
    ("very low", "low", "medium", "high", "very high"), ("lo", "mid", "hi"),
    ("low", "moderate", "high"), ("small", "medium", "large"), ("s", "m", "l", "xl"),
    ("poor", "fair", "good", "very good", "excellent"), ("bad", "ok", "good"),
    ("never", "rarely", "sometimes", "often", "always"), ("mild", "moderate", "severe"),
    ("sehr niedrig", "niedrig", "mittel", "hoch", "sehr hoch"),
    ("klein", "mittel", "groß"), ("schlecht", "mittel", "gut"),
    ("gering", "mittel", "hoch"),
    ("faible", "moyen", "élevé"), ("petit", "moyen", "grand"),
    ("bajo", "medio", "alto"), ("baixo", "médio", "alto"), ("basso", "medio", "alto"),
    ("laag", "midden", "hoog"), ("laag", "gemiddeld", "hoog"),
    ("niski", "średni", "wysoki"),
)  # fmt: skip


def target_missing(look):
    if look.y is None or look.y.n_missing == 0:
        return
    n, n_rows = look.y.n_missing, look.table.n_rows
    evidence = {"n": n, "share": n / n_rows, "rows": first_rows(look.y.missing)}
    if n == n_rows:
        yield Finding(
            "target_missing", (look.target,), "blocker", evidence,
            f"The target {look.target!r} has no value in any row: there is nothing to "
            "learn from.",
            "Only rows whose target is known can bring this back.",
        )  # fmt: skip
        return
    yield Finding(
        "target_missing", (look.target,), "repair", evidence,
        f"{n:,} of {n_rows:,} rows have no target: no error can be computed for them, "
        "and a guessed target would be learned as if it were true.",
        "These rows are left out.", (DropWithout(look.target),), {"rows": n},
    )  # fmt: skip


def target_type(look):
    if look.y is None or look.y.n_missing == len(look.y):
        return
    kind = text_target if look.y.kind == "text" else number_target
    yield from kind(look)


def text_target(look):
    """Numbers, intervals or ordered words as text."""
    y, n = look.y, len(look.y) - look.y.n_missing
    held = [y.words[i] for i in np.flatnonzero(y.counts)]
    some = held[:2000]
    as_numbers = [number_of(word) for word in some]
    n_numbers = sum(number is not None for number in as_numbers)
    evidence = {"n": y.n_distinct, "share": y.n_distinct / n, "examples": shown(held)}
    if n_numbers >= 0.95 * len(some) and len(held) > min(MOST_CLASSES, n / 2):
        yield Finding(
            "target_type", (look.target,), "repair", evidence,
            f"The target is numbers written as text, {len(held):,} different ones: "
            "taken as classes, 1.0 and 1.1 would be as unlike as 1 and 1000.",
            "The text is read as numbers, and the task is to predict values.",
            (ToNumber(look.target),), {},
        )  # fmt: skip
    elif len(held) >= 3 and all(map(is_range, some)):
        yield Finding(
            "target_type", (look.target,), "warning", evidence,
            "The classes are intervals of a number: a network that learns them as "
            "classes does not know that the next interval is nearer than the last.",
            "Use the number that was cut into intervals, if it is to be had.",
        )  # fmt: skip
    elif len(held) >= 3 and is_ordered(held):
        yield Finding(
            "target_type", (look.target,), "note", evidence,
            "The classes have an order, which a network that learns them as classes "
            "does not know.",
            "Number them in their order to predict values instead.",
        )  # fmt: skip


def is_range(word):
    """Whether it is an interval, not one number: 1,0 is one with a decimal comma."""
    return bool(RANGE.fullmatch(word.strip()) and not COMMA.fullmatch(word.strip()))


def is_ordered(words):
    """Whether the words are of one of the scales, or a number with one and the same
    text around it (grade 1, grade 2)."""
    lower = {word.strip().lower() for word in words}
    if any(lower <= set(scale) for scale in SCALES):
        return True
    around = {re.sub(r"\d+", "#", word) for word in lower}
    return len(around) == 1 and "#" in around.pop()


def number_target(look):
    """Few values that may be classes; classes that are stored as fractions or codes."""
    y, n = look.y, len(look.y) - look.y.n_missing
    if y.kind != "number" or y.n_distinct < 2:
        return
    values, counts = y.distinct
    evidence = {
        "n": len(values), "share": len(values) / n,
        "examples": shown(f"{v:g} ({c})" for v, c in zip(values, counts, strict=True)),
    }  # fmt: skip
    whole = np.all(values == np.round(values))
    many_each = np.median(counts) >= max(10, 0.02 * n)
    few = len(values) <= MOST_CLASSES
    if look.task == "values" and few and whole and is_count(values, counts):
        yield Finding(
            "target_type", (look.target,), "note", evidence,
            f"The target is {len(values)} whole numbers that lie as counts do, from "
            f"{values[0]:g} on and fewer the larger: they are taken as values, of "
            "which 4 is nearer to 5 than to 9.",
            "Ask for classes (task='classes') if they are numbers of classes.",
        )  # fmt: skip
    elif look.task == "values" and few and many_each:
        yield Finding(
            "target_type", (look.target,), "warning", evidence,
            f"The target is numbers, but only {len(values)} different ones: perhaps "
            "they are classes. A network that predicts values takes them as sizes, "
            "with 2 between 1 and 3.",
            "Write them as text if they are classes.",
        )  # fmt: skip
    elif look.task == "values" and whole and codes_not_counts(values, counts, n):
        yield Finding(
            "target_type", (look.target,), "warning", evidence,
            f"The target is {len(values)} whole numbers, each in many rows and with "
            "wide gaps between them: perhaps they are the codes of classes.",
            "Write them as text if they are classes.",
        )  # fmt: skip
    elif look.task == "classes" and not y.whole and y.n_missing == 0:
        yield Finding(
            "target_type", (look.target,), "note", evidence,
            f"The classes are stored as numbers with a decimal point, "
            f"{len(values)} different ones.",
            "They are taken as classes.",
        )  # fmt: skip
    elif look.task == "classes" and has_one_peak(values, counts):
        yield Finding(
            "target_type", (look.target,), "note", evidence,
            f"The classes are {len(values)} whole numbers, most rows at one of them "
            "and fewer the farther off, as counts and sizes are: classes do not know "
            "that 4 is nearer to 5 than to 9.",
            "Ask for values (task='values') if the numbers are sizes.",
        )  # fmt: skip


def codes_not_counts(values, counts, n):
    gaps = np.diff(values)
    return len(values) <= n / 20 and np.median(gaps) > 1 and counts.min() >= 5
