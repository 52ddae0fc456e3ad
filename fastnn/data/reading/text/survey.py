"""What a text file holds: its rows, ragged or not, and what stands in its columns.

layout = survey(parts)     parts() gives the file's text in parts, see blocks.py
for block in blocks_of(parts, layout): ...      its rows, all of one width
"""

import re

import numpy as np

from ..names import check_width
from . import header
from .rows import Unclosed, equal_rows, rows_of, whole_rows


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
        if head.count(b"\n") > 4 * header.HEAD or len(head) > 1 << 24:
            break
    head = b"\n".join(head.split(b"\n", 4 * header.HEAD)[: 4 * header.HEAD]) + b"\n"
    layout = header.layout_of(head.decode(), quoted)
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
