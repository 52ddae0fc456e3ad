"""Cells without a value: plain, in words, as numbers that mean none; and what it tells.

missing  disguised_missing (words)  sentinels (numbers and dates)  informative_missing
"""

import re

import numpy as np

from ...finding import Finding
from ...steps import AsMissing, ToDate, ToNumber
from ...steps.date_words import readings
from ...steps.number_words import float_of, parts_of
from ..look import first_rows, shown
from .vocabulary import DEGREES, EMPTY, MISSING, NONE, NOTHING_SAID, folded

WHY_DISGUISED = (
    "A network takes a word or number that stands for 'no value' at its face: as one "
    "more category, or as a quantity far from the truth."
)
MOST_WORDS = 20_000
DIGIT = re.compile(r"\d")
PLAIN = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)
CODE = re.compile(r"-?(9{2,}|8{3,})(\.0)?|-[1789](\.0)?")


def missing(look):
    """Cells without a value."""
    for column in look.features:
        n = column.n_missing
        if n:
            share = n / len(column)
            yield Finding(
                "missing",
                (column.name,),
                "repair",
                {"n": n, "share": share, "rows": first_rows(column.missing)},
                "A network multiplies every input by a weight: a cell without a value "
                "makes all of the outputs of its row NaN.",
                "Fill with the training rows' median or commonest word, and add a "
                "column that says where a value was filled in.",
            )


def disguised_missing(look):
    """Words that mean "there is no value"."""
    for column in look.table:
        if column.kind != "text" or not column.words:
            continue
        suspects = _missing_words(column)
        if not suspects:
            continue
        words = tuple(column.words[i] for i in suspects)
        held = np.zeros(len(column.words) + 1, bool)
        held[suspects] = True
        rows = held[column.values]
        n = int(rows.sum())
        left = column.with_missing(rows)
        counts = {
            w: int(column.counts[i]) for w, i in zip(words, suspects, strict=True)
        }
        yield Finding(
            "disguised_missing",
            (column.name,),
            "repair",
            {
                "n": n,
                "share": n / len(column),
                "examples": shown(map(repr, words)),
                "counts": dict(list(counts.items())[:20]),
                "rows": first_rows(rows),
            },
            WHY_DISGUISED,
            f"Read {', '.join(shown(map(repr, words)))} as missing, then fill.",
            (AsMissing(column.name, words=words), *_plain_reading(left)),
        )


def _missing_words(column):
    """The places in `words` of those that mean there is none."""
    known, none, empty, digitless = [], [], [], []
    for i in _to_ask(column.counts):
        word = column.words[i]
        if len(word) > 30:
            continue
        key = folded(word)
        if not key or key in MISSING or NOTHING_SAID.fullmatch(key):
            known.append(i)
        elif key in NONE:
            none.append(i)
        elif key in EMPTY:
            empty.append(i)
        elif not DIGIT.search(word):
            digitless.append(i)
    n, weak = int(column.counts.sum()), none + empty
    if _numeric(column, set(known + weak)):
        rest = known + weak + digitless
        covered = int(column.counts[rest].sum())
        few = len(digitless) <= 8 and covered <= 0.6 * n
        return sorted(rest if few else known + weak)
    if len(known) + len(weak) >= np.count_nonzero(column.counts):
        return sorted(known)
    others = [column.words[i] for i in np.flatnonzero(column.counts)[:500]]
    if weak and column.counts[weak].sum() <= 0.3 * n and len(others) < 200:
        if _all_read(column, set(known + weak)):
            known += weak
        elif not any(DEGREES.search(w.casefold()) for w in others):
            known += empty
    known = [i for i in known if not _is_a_code(column.words[i], others, column.counts)]
    return sorted(known + _numbers_among_words(column))


def _to_ask(counts):
    """The places of words to look at: of very many, those that most rows hold."""
    held = np.flatnonzero(counts)
    if len(held) > MOST_WORDS:
        most = np.argpartition(-counts, MOST_WORDS)[:MOST_WORDS]
        held = np.sort(most[counts[most] > 0])
    return held


def _numeric(column, but):
    """Whether what has digits in it, at least half of the rows, is numbers or dates:
    then words without digits are none of its values."""
    held = [i for i in _to_ask(column.counts) if i not in but]
    if len(held) < 8:
        return False
    some = held if len(held) <= 2000 else held[:: len(held) // 2000]
    with_digits = [i for i in some if DIGIT.search(column.words[i])]
    rows = column.counts[some].sum()
    digit_rows = column.counts[with_digits].sum()
    if len(with_digits) < 8 or digit_rows < 0.5 * rows:
        return False
    read = [i for i in with_digits if _plain(column.words[i]) or _dated(column, i)]
    return column.counts[read].sum() >= 0.97 * digit_rows


def _all_read(column, but):
    """Whether all other words are numbers or dates, be they few, such as 1, 2 and 3."""
    left = [i for i in np.flatnonzero(column.counts) if i not in but]
    return all(
        DIGIT.search(w) and (_plain(w) or _dated(column, i))
        for i, w in ((i, column.words[i]) for i in left)
    )


def _plain(word):
    """Whether a word is a number, maybe with a currency or unit."""
    parts = parts_of(word)
    return parts is not None and float_of(parts[1], ".,") is not None


def _dated(column, i):
    return bool(readings(column.words[i]))


def _is_a_code(word, others, counts):
    """NA, ND or UNK among many codes of as many letters is Namibia, a state of the US
    or an airport."""
    if not word.isalpha() or len(word) > 3:
        return False
    if len(others) >= 50 and counts.max() <= 2:
        return True  # each row has a name of its own, this too
    alike = [w for w in others if len(w) == len(word) and w.isalpha() and w != word]
    return len(alike) >= 12 and len(alike) >= 0.8 * len(others)


def _numbers_among_words(column):
    """-1, 99, 999 ... where no other word has a digit."""
    held = _to_ask(column.counts)
    with_digits = [i for i in held if DIGIT.search(column.words[i])]
    if not 1 <= len(with_digits) <= 2 or len(held) < len(with_digits) + 2:
        return []
    return [i for i in with_digits if CODE.fullmatch(column.words[i].strip())]


def _plain_reading(column):
    """The step that reads what is left as numbers or dates, if that is all it is."""
    words, _ = column.distinct
    if not words:
        return ()
    if all(map(PLAIN.fullmatch, words)):
        codes = any(re.match(r"-?0\d", word) for word in words[:1000])
        return () if codes else (ToNumber(column.name),)
    ways = [set(readings(word)) for word in words[:2000]]
    common = set.intersection(*ways)
    if len(common) == 1 and all(ways):
        return (ToDate(column.name, tuple(common)),)
    return ()
