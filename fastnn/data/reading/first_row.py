"""Whether the first row of a table is its header, or a row of data that lacks one."""

import re
from collections import Counter

from .names import NUMBER, are_numbers

DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?")
NO_VALUE = {"", "?", "-", ".", "na", "n/a", "nan", "null", "none"}
MOSTLY = 0.8  # of a column's cells
UNSEEN = 0.1  # of a column's cells are there once: a first word may be new as well
YEARS = set(map(str, range(1800, 2101)))


def is_data(first, body):
    """Whether the first row holds values like those below it.

    first: a list of texts; body: lists of texts, some of the rows below it. Each column
    says what it can: a word above numbers is a name, a number above numbers or a word
    that comes again below it is a value. Where none says anything, numbers are values.
    """
    cells = [cell.strip() for cell in first]
    body = [[cell.strip() for cell in row] for row in body if len(row) == len(cells)]
    others = [row for row in body if row != cells]  # a header may be there again
    if len(cells) > 1 or len(others) >= MOSTLY * len(body):
        body = others
    columns = [[row[place] for row in body] for place in range(len(cells))]
    names = _counted(cells) | _years(cells, columns)
    votes = [
        0 if place in names else _vote(cell, columns[place])
        for place, cell in enumerate(cells)
    ]
    if not any(votes):
        return not names and are_numbers(cells)
    return sum(votes) > 0


def _counted(cells):
    """The places of 0, 1, 2, ... or 1, 2, 3, ... beside a word: names of columns."""
    places = [i for i, cell in enumerate(cells) if NUMBER.fullmatch(cell)]
    numbers = [cells[i] for i in places]
    from_0, from_1 = ([str(k + first) for k in range(len(places))] for first in (0, 1))
    counted = numbers == from_0 or (numbers == from_1 and len(places) > 2)
    return set(places) if counted and len(places) < len(cells) else set()


def _years(cells, columns):
    """The places of years above numbers that are none: a column for each year."""
    return {
        place
        for place, cell in enumerate(cells)
        if _is_year(cell) and not all(map(_is_year, filter(None, columns[place])))
    }


def _is_year(word):
    return word in YEARS


def _vote(cell, below):
    """1: the cell is a value like those below it; -1: it is a name; 0: who knows."""
    below = [word for word in below if word.lower() not in NO_VALUE]
    if cell.lower() in NO_VALUE or not below:
        return 0
    for pattern in (NUMBER, DATE, re.compile("true|false", re.I)):
        if _share(pattern, below) >= MOSTLY:
            if not pattern.fullmatch(cell):
                return -1
            return 1
    if cell in below:
        return 1
    once = sum(n == 1 for n in Counter(below).values())
    return -1 if once <= UNSEEN * len(below) and len(below) > 2 else 0


def _share(pattern, words):
    return sum(pattern.fullmatch(word) is not None for word in words) / len(words)
