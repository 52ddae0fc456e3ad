"""Numbers, arrays and names as short texts."""

import math
import re

import numpy as np

SMALL = 3  # rows and columns up to which an array is written out


def printable(name):
    r"""A name on one line: what cannot be printed is written as in Python, as \n."""
    if name.isprintable():
        return name
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in name
    )


def shortened(text, width):
    """A text of at most `width` characters, cut with `…`."""
    return text if len(text) <= width else text[: width - 1] + "…"


def is_small(x):
    """Whether x is a number, or an array that is written out in full."""
    shape = np.shape(x)
    return len(shape) <= 2 and all(0 < n <= SMALL for n in shape)


def grid(x, digits=4):
    """The rows of a small array, each a list of texts; a number is one row of one."""
    if np.ndim(x) == 0:
        return [[f"{float(x):.{digits}g}"]]
    return [[f"{v:.{digits}g}" for v in row] for row in np.atleast_2d(x).tolist()]


def in_line(x, digits=4, longest=24):
    """A number or an array on one line: 0.5, [1, 2], (64, 10) mean 0.1."""
    if np.ndim(x) == 0:
        return f"{float(x):.{digits}g}"
    if is_small(x):
        rows = [f"[{', '.join(row)}]" for row in grid(x, digits)]
        text = rows[0] if np.ndim(x) == 1 else f"[{', '.join(rows)}]"
        if len(text) <= longest:
            return text
    return f"{shape_of(x)} {' '.join(summary(x)[:1])}".rstrip()


def summary(x, digits=3):
    """What a larger array holds, in two short lines; nothing, if it is empty."""
    if np.size(x) == 0:
        return []
    with np.errstate(all="ignore"):
        mean, low, high = np.mean(x), np.min(x), np.max(x)
    return [f"mean {mean:.{digits}g}", f"{low:.{digits}g} … {high:.{digits}g}"]


def norm(x, digits=4):
    """The Euclidean length of all elements, as text."""
    with np.errstate(all="ignore"):
        return f"{math.sqrt(np.sum(np.square(x, dtype=np.float64))):.{digits}g}"


def shape_of(x):
    """The shape of an array as text: (3, 4)."""
    return str(np.shape(x))


def by_point(texts):
    """Numbers shifted so that their points stand below one another; others as is."""
    number = re.compile(r"-?\d*(?:inf|nan)?")
    before = [0 if " are" in text else len(number.match(text)[0]) for text in texts]
    return [
        " " * (max(before) - n) + text if n else text
        for n, text in zip(before, texts, strict=True)
    ]
