"""Separator and header of a text file, by its first rows."""

import csv
import io
import re
from collections import Counter
from itertools import islice

from ..first_row import is_data
from ..names import are_numbers, unique
from .layout import Layout
from .rows import large_cells

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
HEAD = 200  # rows from which separator and header are found


def layout_of(head, quoted):
    """A Layout of the first lines of a file. ValueError: there are none."""
    if not head.strip():
        raise ValueError("the file is empty")
    given = re.match(r"sep=(.)\n", head)  # a hint that Excel understands
    best = given[1] if given and given[1] in SEPARATORS else None
    if best is None:
        ranked = {s: _agreement(_rows(head, s, quoted)) for s in SEPARATORS}
        best = max(ranked, key=ranked.get)
        if ranked[best] <= 0:
            words = [line.split() for line in head.split("\n")[:HEAD]]
            if _agreement(words) > 0.9 and any(map(are_numbers, words)):
                layout = _header(words, "\t", 0)
                layout.spaced, layout.quoted = True, quoted
                layout.said.insert(0, "the cells are separated by blanks")
                return layout
            best = min(SEPARATORS, key=head.count)  # one column, or none
    rows = _rows(head, best, quoted)
    layout = _header(rows, best, bool(given))
    layout.quoted = quoted
    if best != ",":
        layout.said.insert(0, f"the cells are separated by {SEPARATORS[best]}")
    return layout


def _rows(head, separator, quoted):
    """The first rows as lists of cells; a blank line is an empty list."""
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(io.StringIO(head), delimiter=separator, quoting=quoting)
    with large_cells():
        rows = list(islice(reader, HEAD))
    return [row if len(row) > 1 or "".join(row).strip() else [] for row in rows]


def _agreement(rows):
    """How well the rows agree in how many cells they have, from 0 to about 1."""
    widths = [len(row) for row in rows if row]
    width, n = _usual(widths)
    if width < 2:
        return 0.0
    first = 0.3 if widths[0] != width else 0.0
    return n / len(widths) - first + 1e-3 * min(width, 50)


def _usual(widths):
    """(the most frequent width, how often it is): of two, the greater."""
    counts = Counter(widths)
    width = max(counts, key=lambda width: (counts[width], width), default=0)
    return width, counts[width]


def _header(rows, separator, skip):
    """A Layout with the columns' names, of the first rows."""
    width, _ = _usual([len(row) for row in rows[skip:] if row])
    first = skip + next(i for i, row in enumerate(rows[skip:]) if row)
    said, above = [], 0
    # a title stands above a header and a row, at the least
    while (
        width > 1 and _is_title(rows[first], width) and sum(map(bool, rows[first:])) > 2
    ):
        first, above = first + 1, above + 1
        while first + 1 < len(rows) and not rows[first]:
            first += 1
    if above:
        said.append(f"{above} line{'s' * (above > 1)} above the header left out")
    names = [name.strip() for name in rows[first]]
    if is_data(names, rows[first + 1 :]):
        shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
        said.append(
            f"the first line ({shown}) has values where names are expected: it is "
            "read as a row, and the columns are called column 1, ..."
        )
        names = [f"column {i + 1}" for i in range(max(width, len(names)))]
        return Layout(separator, names, first, True, said=said)
    missing = width - len(names)
    body = [row for row in rows[first + 1 :] if len(row) == width]
    if missing == 1 and not all(row[-1].strip() == "" for row in body):
        names = ["", *names]  # as R writes the names of the rows
        said.append("the first column has no name in the header")
    names += [""] * (width - len(names))
    empty = [place for place, name in enumerate(names) if not name]
    names, said_of_names = unique(names)
    layout = Layout(separator, names, first + 1, True, said=said + said_of_names)
    layout.unnamed = tuple(names[place] for place in empty)
    layout.header = b""
    return layout


def _is_title(row, width):
    there = [cell for cell in row if cell.strip()]
    if not there or 2 * len(row) < width:
        return True
    return there[0].startswith("#") or (len(there) == 1 and width > 2)
