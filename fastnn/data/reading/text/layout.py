"""Layout: how a text file is to be read."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from .rows import CODE, DIGIT, OTHER, POINT


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
