"""The names of columns: unique, and none of them empty."""

import re

NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
MOST_COLUMNS = 50_000


def unique(names):
    """(names as text, what had to be changed, as sentences).

    An empty name becomes "column 3", by its place from 1; a second "x", "x (2)".
    """
    out, said, taken = [], [], {str(name).strip() for name in names}
    empty, double, seen, counts = [], [], set(), {}
    for place, name in enumerate(names, 1):
        name = str(name).strip()
        if not name:
            name = wanted = f"column {place}"
            empty.append(place)
        else:
            wanted = name
            if name in seen:
                double.append(name)
        while name in seen or (name != wanted and name in taken):
            counts[wanted] = counts.get(wanted, 1) + 1
            name = f"{wanted} ({counts[wanted]})"
        seen.add(name)
        out.append(name)
    if empty:
        said.append(f"{_columns(empty)} no name, and {_are(empty)} called by place")
    if double:
        again = list(dict.fromkeys(double))
        said.append(
            f"several columns are called {_listed(again)}: numbers are put behind"
        )
    return out, said


def _columns(places):
    if len(places) == 1:
        return f"column {places[0]} has"
    return f"columns {_listed(places)} have"


def _are(places):
    return "is" if len(places) == 1 else "are"


def _listed(things, most=5):
    shown = ", ".join(map(repr, things[:most]))
    return shown + (", ..." if len(things) > most else "")


def are_numbers(names):
    """Whether a first line is rather data than names: more than half are numbers.

    0, 1, 2, ... beside a word are names, as pandas writes them.
    """
    numbers = [name for name in names if NUMBER.fullmatch(name)]
    counted = len(numbers) < len(names) and numbers == list(
        map(str, range(len(numbers)))
    )
    return 2 * len(numbers) > len(names) and not counted


def check_width(n):
    """ValueError: so many columns are none, but values on one line."""
    if n > MOST_COLUMNS:
        raise ValueError(
            f"there are {n:,} columns in it; more than {MOST_COLUMNS:,} are rather "
            "values"
        )
