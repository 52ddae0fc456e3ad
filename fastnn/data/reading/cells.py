"""Words and codes as Columns: what the cells of a text file are."""

import math

import numpy as np

from ..table import Column
from .names import NUMBER

WHOLE = 2**53  # beyond it float64 cannot tell whole numbers apart
BOOLEANS = {"true": 1.0, "false": 0.0}


def factorized(cells):
    """(codes (n,) int32, distinct cells in the order of their first row) of a list."""
    distinct = dict.fromkeys(cells)
    places = {cell: i for i, cell in enumerate(distinct)}
    codes = np.fromiter(map(places.__getitem__, cells), np.int32, len(cells))
    return codes, list(distinct)


class Words:
    """The words of a column that comes in parts."""

    def __init__(self):
        self.places, self.codes = {}, []

    def add(self, codes, words):
        """codes (n,) into `words`, -1 where there is none."""
        places = self.places
        of_word = [places.setdefault(word, len(places)) for word in words]
        self.codes.append(np.array([*of_word, -1], np.int32)[codes])

    def column(self, name):
        codes = np.concatenate(self.codes) if self.codes else np.empty(0, np.int32)
        return column_of_words(name, codes, list(self.places))


def column_of_words(name, codes, words):
    """A Column of a text file's cells.

    Blank cells are none. Where all others are plain numbers, such as 12 or -1.5e3, it
    is of numbers; where they are true and false, of booleans; else of text.
    """
    there = [word for word in words if word.strip()]
    if all(word.strip().lower() in BOOLEANS for word in there) and there:
        kind, values = "boolean", [_boolean(word) for word in words]
    elif all(map(_is_number, there)) and _are_numbers(there):
        kind, values = "number", [float(w) if w.strip() else np.nan for w in words]
    else:
        return text_of_words(name, codes, words)
    whole = bool(there) and kind == "number" and all(map(_is_whole, there))
    return Column(name, kind, np.array([*values, np.nan])[codes], whole=whole)


def text_of_words(name, codes, words):
    """A Column of text; blank words are none."""
    of_word, kept = np.full(len(words) + 1, -1, np.int32), []
    for i, word in enumerate(words):
        if word.strip():
            of_word[i] = len(kept)
            kept.append(word)
    return Column(name, "text", of_word[codes], tuple(kept))


def _boolean(word):
    return BOOLEANS.get(word.strip().lower(), np.nan)


def _is_number(word):
    return NUMBER.fullmatch(word) is not None


def _is_whole(word):
    return word.strip().lstrip("+-").isdigit()


def _are_numbers(words):
    """Whether these numbers count or measure: codes such as 00501, and whole numbers
    that float64 would confuse, are names."""
    if not all(math.isfinite(float(word)) for word in words):
        return False
    if not all(map(_is_whole, words)):
        return True
    return not any(
        abs(float(word)) >= WHOLE or _begins_with_zero(word.strip()) for word in words
    )


def _begins_with_zero(word):
    return len(word) > 1 and word[0] == "0"
