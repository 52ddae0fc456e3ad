"""Where the rows and the cells of a block of text begin, without a loop over them.

A byte inside quotes is no separator and no line's end: it is inside where an odd number
of quotes stands before it. That holds while quotes stand around whole cells only; a
block where they stand elsewhere is written anew first.
"""

import contextlib
import csv
import io
from dataclasses import dataclass

import numpy as np

from .blocks import LONGEST

# What a byte of a cell may be, as bits; a plain number has none of OTHER.
OTHER, POINT, DIGIT, SIGN, QUOTED, CODE = 1, 2, 4, 8, 16, 32
CLASS = bytearray([OTHER]) * 256
for bits, some in (
    (0, b" \t\n"), (QUOTED, b'"'), (SIGN, b"+-"), (POINT, b".eE"),
    (DIGIT, b"0123456789"),
):  # fmt: skip
    for byte in some:
        CLASS[byte] = bits
QUOTE, NEWLINE, ZERO = b'"\n0'
LAST_LINE = "the last line\n"


class Unclosed(ValueError):  # noqa: N818  (it reads as what it is)
    """A quote that is opened and never closed."""


@dataclass
class Rows:
    """The n rows of a block, blank lines among them.

    begins, ends (n,): bytes, from the first of a row to behind its line's end.
    widths (n,): how many cells it has. lines (n,): the line it begins on, from 0.
    bits (k,): what bytes each cell of the block holds, row after row.
    """

    begins: np.ndarray
    ends: np.ndarray
    widths: np.ndarray
    lines: np.ndarray
    bits: np.ndarray

    @property
    def blank(self):
        """(n,) bool: rows with nothing in them."""
        blank = self.widths == 1
        first = np.cumsum(self.widths) - self.widths
        blank[blank] = self.bits[first[blank]] == 0
        return blank


def rows_of(block, separator, quoted):
    """The Rows of a block that begins and ends with a row."""
    x = np.frombuffer(block, np.uint8)
    marks = np.flatnonzero((x == ord(separator)) | (x == NEWLINE))
    lines = newlines = marks[x[marks] == NEWLINE]
    if quoted and b'"' in block:
        marks = marks[np.searchsorted(np.flatnonzero(x == QUOTE), marks) % 2 == 0]
        newlines = marks[x[marks] == NEWLINE]
    begins = np.concatenate([[0], newlines[:-1] + 1])
    cells = np.concatenate([[0], marks[:-1] + 1])
    # outside of quotes a separator is of no cell; inside, as a comma, it is OTHER
    classes = np.frombuffer(bytearray(block).translate(CLASS), np.uint8)
    classes[marks] = 0
    signs = np.flatnonzero(classes == SIGN)
    # a sign behind a digit, as in 2024-01-31, is of no number
    classes[signs[classes[signs - 1] == DIGIT]] = OTHER
    bits = np.bitwise_or.reduceat(classes, cells)
    inside = cells + (x[cells] == QUOTE)  # behind the quote, where there is one
    code = (x[inside] == ZERO) & (classes[np.minimum(inside + 1, len(x) - 1)] == DIGIT)
    bits[code] |= CODE
    widths = np.diff(np.searchsorted(marks, newlines), prepend=-1)
    return Rows(begins, newlines + 1, widths, np.searchsorted(lines, begins), bits)


def equal_rows(block, rows, line):
    """(n,) bool: the rows that are this line of bytes, its end included."""
    x = np.frombuffer(block, np.uint8)
    equal = np.flatnonzero(rows.ends - rows.begins == len(line))
    for place, byte in enumerate(line):
        equal = equal[x[rows.begins[equal] + place] == byte]
        if not len(equal):
            break
    mask = np.zeros(len(rows.begins), bool)
    mask[equal] = True
    return mask


def whole_rows(parts, separator, quoted):
    """Blocks that begin and end with a row, of parts that end with a line.

    Unclosed: a quote is opened and no row ends behind it.
    """
    rest = b""
    for part in parts:
        part, rest = rest + part, b""
        if not part.endswith(b"\n"):  # the end of the file
            part += b"\n"
        if quoted and b'"' in part:
            part, rest = _cut(part, separator)
        if part:
            yield part
        if len(rest) > LONGEST:
            raise Unclosed
    if rest:
        raise Unclosed


def _cut(part, separator):
    """(whole rows with quotes as they should be, the begin of a row that goes on)."""
    x = np.frombuffer(part, np.uint8)
    quotes = np.flatnonzero(x == QUOTE)
    edge = np.zeros(256, bool)
    edge[[ord(separator), NEWLINE, QUOTE]] = True  # `""` in a cell closes and opens
    opening, closing = quotes[::2], quotes[1::2]
    if not (edge[x[opening - 1]] | (opening == 0)).all() or not (
        edge[x[np.minimum(closing + 1, len(x) - 1)]].all()
    ):
        return _rewritten(part, separator)
    if len(quotes) % 2 == 0:
        return part, b""
    newlines = np.flatnonzero(x == NEWLINE)
    outside = newlines[np.searchsorted(quotes, newlines) % 2 == 0]
    cut = outside[-1] + 1 if len(outside) else 0
    return part[:cut], part[cut:]


def _rewritten(part, separator):
    """The same as `_cut`, by the rules of the csv module: it takes longer."""
    text, out, end = part.decode(), io.StringIO(), 0
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    reader = csv.reader(io.StringIO(text + LAST_LINE), delimiter=separator)
    row = before = None
    with large_cells():
        for row in reader:
            if before is not None:
                writer.writerow(before) if before else out.write("\n")
            begin, end, before = end, reader.line_num, row
    if row == [LAST_LINE.strip()]:
        return out.getvalue().encode(), b""
    lines = text.split("\n")
    return out.getvalue().encode(), "\n".join(lines[begin:]).encode()


@contextlib.contextmanager
def large_cells():
    """The csv module reads cells of any length; Unclosed: one does not end."""
    before = csv.field_size_limit(2 * LONGEST)
    try:
        yield
    except csv.Error:
        raise Unclosed("a cell never ends") from None
    finally:
        csv.field_size_limit(before)
