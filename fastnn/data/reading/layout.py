"""How a text file is laid out: separator, header, rows, what stands in its columns.

layout = survey(parts)     parts() gives the file's text in parts, see blocks.py
for block in blocks_of(parts, layout): ...      its rows, all of one width
"""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from .names import are_numbers, check_width, unique
from .rows import (
    CODE,
    DIGIT,
    OTHER,
    POINT,
    Unclosed,
    equal_rows,
    large_cells,
    rows_of,
    whole_rows,
)

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
HEAD = 200  # rows from which separator and header are found


@dataclass
class Layout:
    """How to read a file.

    names: of the columns, unique; unnamed: those of them that the file does not have.
    skip: rows above the first one of data, as the csv module counts them. quoted:
    whether quotes mean anything. spaced: whether runs of blanks separate the cells (and
    are read as tabs). header: the line of the names, b"" until it is seen, or None.
    bits (width,): what bytes the cells of a column hold. said: what was decided.
    counts: of rows, by their sort (see _sorts); lines: of the first ones, from 1.
    """

    separator: str
    names: list
    skip: int
    quoted: bool
    spaced: bool = False
    header: bytes | None = None
    bits: np.ndarray | None = None
    unnamed: tuple = ()
    said: list = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)
    lines: dict = field(
        default_factory=lambda: {"long": [], "short": [], "repeated": []}
    )

    @property
    def width(self):
        return len(self.names)

    @property
    def n_rows(self):
        return self.counts["kept"]

    def is_number(self, place):
        """Whether nothing but the bytes of plain numbers stands in a column.

        Whole numbers that begin with 0, such as 00501, are codes.
        """
        bits = int(self.bits[place])
        code = bits & CODE and not bits & POINT
        return bool(bits & DIGIT) and not bits & OTHER and not code

    def is_whole(self, place):
        return not int(self.bits[place]) & POINT


def survey(parts, tell=None):
    """Go through the file once: its Layout. ValueError: there is no table in it."""
    try:
        return _survey(parts, quoted=True, tell=tell)
    except Unclosed:
        layout = _survey(parts, quoted=False, tell=tell)
    layout.said.insert(0, "a quote is opened and never closed, so quotes are letters")
    return layout


def _survey(parts, quoted, tell):
    head = b""
    for part in parts():
        head += part
        if head.count(b"\n") > 4 * HEAD or len(head) > 1 << 24:
            break
    head = b"\n".join(head.split(b"\n", 4 * HEAD)[: 4 * HEAD]) + b"\n"
    layout = _layout_of_head(head.decode(), quoted)
    check_width(layout.width)
    layout.bits = np.zeros(layout.width, np.uint8)
    line = row = 0
    text = spaced(parts()) if layout.spaced else parts()
    for block in whole_rows(text, layout.separator, quoted):
        rows = rows_of(block, layout.separator, quoted)
        sorts = _sorts(block, rows, layout, row)
        for sort, mask in sorts.items():
            layout.counts[sort] += int(np.count_nonzero(mask))
            if sort in layout.lines:
                room = 5 - len(layout.lines[sort])
                layout.lines[sort] += (rows.lines[mask][:room] + line + 1).tolist()
        _gather_bits(rows, layout, sorts["kept"])
        row += len(rows.begins)
        line += block.count(b"\n")
        if tell:
            tell(len(block))
    if layout.counts["repeated"] and not any(
        map(layout.is_number, range(layout.width))
    ):
        # nothing shows that the first line is of another kind than the others
        layout.counts["kept"] += layout.counts.pop("repeated")
        layout.header = None
    _say_counts(layout)
    return layout


def _sorts(block, rows, layout, row):
    """{sort: mask (n,) of a block's rows}; `row` is the number of its first one.

    kept: rows of data that are read, among them the short ones. blank, long, repeated:
    rows that are not.
    """
    blank = rows.blank
    data = ~blank
    data[: max(layout.skip - row, 0)] = False
    at = layout.skip - 1 - row
    if layout.header == b"" and 0 <= at < len(data):
        layout.header = block[rows.begins[at] : rows.ends[at]]
    repeated = np.zeros(len(data), bool)
    if layout.header:
        repeated = data & equal_rows(block, rows, layout.header)
        data &= ~repeated
    long = data & (rows.widths > layout.width)
    short = data & (rows.widths < layout.width)
    kept = data & ~long
    return {"kept": kept, "blank": blank, "repeated": repeated, "long": long,
            "short": short}  # fmt: skip


def _gather_bits(rows, layout, kept):
    for width in np.unique(rows.widths[kept]):
        of_width = np.repeat(kept & (rows.widths == width), rows.widths)
        bits = rows.bits if of_width.all() else rows.bits[of_width]
        layout.bits[:width] |= np.bitwise_or.reduce(bits.reshape(-1, width), axis=0)


def _say_counts(layout):
    cells = _count(layout.width, "cell")
    for sort, what, done in (
        ("repeated", "that repeat the header", "left out"),
        ("long", f"with more than {cells}", "left out"),
        ("short", f"with fewer than {cells}", "filled with empty cells at their end"),
    ):
        n, lines = layout.counts[sort], layout.lines[sort]
        shown = ", ".join(map(str, lines)) + (", ..." if n > len(lines) else "")
        if n:
            s = "s" * (n > 1)
            layout.said.append(f"{_count(n, 'row')} {what}, {done} (line{s} {shown})")


def _count(n, thing):
    return f"{n:,} {thing}{'s' * (n != 1)}"


# --- Separator and header ------------------------------------------------------------


def _layout_of_head(head, quoted):
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
    if are_numbers(names):
        shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
        said.append(
            f"the first line ({shown}) has numbers where names are expected: it is "
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


def spaced(parts):
    """Runs of blanks as tabs."""
    for part in parts:
        part = re.sub(rb"(?m)^[ \t]+|[ \t]+$", b"", part)
        yield re.sub(rb"[ \t]+", b"\t", part)


# --- Blocks of equal rows ------------------------------------------------------------


def blocks_of(parts, layout, chosen=None):
    """Blocks of the rows of data, each row of the layout's width, without blank lines.

    chosen: a mask of the rows to give, (n_rows,); None: all.
    """
    row = n = 0
    text = spaced(parts()) if layout.spaced else parts()
    odd = ("blank", "long", "short", "repeated")
    even = chosen is None and not any(layout.counts[sort] for sort in odd)
    for block in whole_rows(text, layout.separator, layout.quoted):
        if even and row > layout.skip:
            yield block
            continue
        rows = rows_of(block, layout.separator, layout.quoted)
        keep = _sorts(block, rows, layout, row)["kept"]
        row += len(keep)
        if chosen is not None:
            kept = np.flatnonzero(keep)
            keep[kept] = chosen[n : n + len(kept)]
            n += len(kept)
        block = _mended(block, rows, keep, layout)
        if block:
            yield block


def _mended(block, rows, keep, layout):
    short = np.flatnonzero(keep & (rows.widths < layout.width))
    if not len(short):
        if keep.all():
            return block
        x = np.frombuffer(block, np.uint8)
        return x[np.repeat(keep, rows.ends - rows.begins)].tobytes()
    x, done, pieces = np.frombuffer(block, np.uint8), 0, []
    for i in [*short, len(keep)]:
        part = slice(done, i)
        mask = np.repeat(keep[part], rows.ends[part] - rows.begins[part])
        begin = rows.begins[done] if done < len(keep) else 0
        pieces.append(x[begin : begin + len(mask)][mask].tobytes())
        if i < len(keep):
            gaps = layout.separator * int(layout.width - rows.widths[i])
            pieces += [block[rows.begins[i] : rows.ends[i] - 1], gaps.encode(), b"\n"]
        done = i + 1
    return b"".join(pieces)
