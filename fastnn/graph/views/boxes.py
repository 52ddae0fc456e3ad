"""The boxes of an SVG: how large they are, and what is written in them."""

from html import escape

from . import picture as pictures
from . import words

TITLE, LINE, RULE = 20.0, 16.0, 6.0  # heights of lines
PAD, LEAST = 10.0, 62.0  # space beside the text, and the least width of a box
DIGIT, SMALL_DIGIT = 7.0, 6.2  # widths of characters of numbers, at 12 and 10.5 px
NARROW, WIDE = set("fijlrtI.,:;|!()[]{}' `1"), set("mwMW@%—∑")
SIGNS = ("+", "−", "×", "÷", "@", "√")  # written larger than words
LONGEST_TITLE = 28  # characters


def minus(text):
    """Numbers with the sign that is as wide as the plus."""
    return text.replace("-", "−")


def text_width(text, size):
    """About how wide a text is, in a common proportional font."""
    units = sum(0.34 if c in NARROW else 0.92 if c in WIDE else 0.6 for c in text)
    return units * size


class Box:
    """The box of an item: its size, and its text as SVG.

    rows: what is written below the title, as (kind, what): kind is "value", "grad" or
    "rule", a line across; what is a line of text, or the cells of an array.
    """

    def __init__(self, item):
        self.item = item
        data, grad = item.room or (item.data, item.grad)
        sign, self.exponent = pictures.symbol(item.op)
        self.is_bare = not (item.name or item.op or item.shape)
        if self.is_bare:  # a number of the program is its own title
            sign = minus(data.line)
        self.rows = self._rows_of(item.data, item.grad)
        room = self._rows_of(data, grad)
        self.height = PAD + TITLE + sum(_height(what) for _, what in room)
        self.name = words.shortened(item.name, LONGEST_TITLE)
        self.sign = words.shortened(sign, LONGEST_TITLE)
        self.shape = str(item.shape) if item.shape else ""
        widths = [_width(what) for _, what in room]
        self.width = max(LEAST, self._title_width(), *widths, 0) + 2 * PAD
        # the longest number beside an edge: those to come have at most 9 characters
        lengths = [len(flow or "") for flow in item.flows]
        self.longest = [9] * len(lengths) if item.room else lengths
        self.ports = self._ports()

    def _rows_of(self, data, grad):
        """What is written below the title, of this value and this gradient."""
        rows = [] if self.is_bare else _rows("value", data, self.item.shape)
        return rows + (_rows("grad", grad, self.item.shape) if grad.line else [])

    def _title_width(self):
        """Of what _title writes: name = sign, and the shape."""
        parts = [(self.name, 15.5), (self.sign, 16.0), (self.exponent, 10.0)]
        parts += [(" = " if self.name and self.sign else "", 14.5)]
        parts += [(self.shape and f"  {self.shape}", 10.5)]
        return sum(text_width(text, size) for text, size in parts)

    def _ports(self):
        """How far from its middle the edges of its inputs arrive."""
        n = len(self.item.inputs)
        if n < 2:
            return [0.0] * n
        between = self.width / 2 if n == 2 else self.width * 0.84 / (n - 1)
        if n > 2:  # labels stand between the ports
            between = max(min(between, 40.0), max(self.longest) * SMALL_DIGIT + 16)
        else:
            between = min(between, 44.0)
        return [(i - (n - 1) / 2) * between for i in range(n)]

    def reach(self):
        """How far to either side the labels of its ports go, or the box itself."""
        furthest = [
            abs(port) + 12 + length * SMALL_DIGIT
            for port, length in zip(self.ports, self.longest, strict=True)
        ]
        return max([self.width / 2, *furthest])

    def content(self, x, top):
        """The texts of the box, as SVG; x: its middle."""
        y = top + PAD / 2
        parts = [self._title(x, y + 15)]
        y += TITLE
        for kind, what in self.rows:
            if kind == "rule":
                left, right = x - self.width / 2, x + self.width / 2
                parts.append(
                    f'<path class="rule" d="M{left:.1f} {y + 3:.1f}H{right:.1f}"/>'
                )
            elif isinstance(what, str):
                parts.append(_line(kind, what, x, y, self.width - PAD))
            else:
                parts.append(_matrix(kind, what, x, y, self.width - PAD))
            y += _height(what)
        return "".join(parts)

    def _title(self, x, y):
        spans = []
        if self.name:
            spans.append(f'<tspan class="name">{escape(self.name)}</tspan>')
        if self.sign:
            if self.name:
                spans.append('<tspan class="word"> = </tspan>')
            kind = "sign" if self.sign in SIGNS else "word"
            spans.append(f'<tspan class="{kind}">{escape(self.sign)}</tspan>')
        if self.exponent:
            power = escape(minus(self.exponent))
            spans.append(f'<tspan class="small" dy="-5">{power}</tspan>')
        if self.shape:
            down = ' dy="5"' if self.exponent else ""
            spans.append(f'<tspan class="shape" dx="6"{down}>{self.shape}</tspan>')
        return f'<text x="{x:.1f}" y="{y:.1f}">{"".join(spans)}</text>'


def _rows(kind, shown, shape):
    """What is written of a number or an array, gradients below a line."""
    lines = [shown.line] if not shape else [shown.cells] if shown.cells else shown.notes
    return [("rule", None)] * (kind == "grad") + [(kind, line) for line in lines]


def _height(what):
    if what is None:
        return RULE
    return LINE if isinstance(what, str) else LINE * len(what)


def _width(what):
    if what is None:
        return 0.0
    if isinstance(what, str):
        return len(what) * DIGIT
    return sum(_columns(what)) + 10


def _columns(cells):
    """The widths of the columns of a matrix."""
    return [max(map(len, column)) * DIGIT + 8 for column in zip(*cells, strict=True)]


def _fitted(text, width):
    """An attribute that squeezes a text which may be wider than it has room."""
    return f' textLength="{width:.0f}"' if len(text) * DIGIT > width + 1 else ""


def _line(kind, text, x, y, width):
    fit = _fitted(text, width)
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y + 12:.1f}"{fit}>'
        f"{escape(minus(text))}</text>"
    )


def _matrix(kind, cells, x, y, width):
    """Numbers in rows and columns between brackets."""
    columns = _columns(cells)
    squeeze = min(1.0, (width - 10) / sum(columns))
    columns = [column * squeeze for column in columns]
    left, right = x - sum(columns) / 2, x + sum(columns) / 2
    bottom = y + LINE * len(cells) - 1
    parts = [
        f'<path class="bracket {kind}" d="M{left + 1:.1f} {y:.1f}H{left - 3:.1f}'
        f"V{bottom:.1f}H{left + 1:.1f}M{right - 1:.1f} {y:.1f}H{right + 3:.1f}"
        f'V{bottom:.1f}H{right - 1:.1f}"/>'
    ]
    for i, row in enumerate(cells):
        end = left
        for column, text in zip(columns, row, strict=True):
            end += column
            fit = _fitted(text, column - 4) if squeeze < 1 else ""
            parts.append(
                f'<text class="{kind} cell" x="{end - 4:.1f}" '
                f'y="{y + LINE * i + 12:.1f}"{fit}>{escape(minus(text))}</text>'
            )
    return "".join(parts)
