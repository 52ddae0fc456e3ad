"""A picture of a graph as SVG, drawn without any other program.

Inputs stand above what is computed from them. Values flow down, along the edges of one
colour; gradients flow up beside them, in another one.
"""

import math
import textwrap
from html import escape
from itertools import pairwise

from . import boxes, layout, tree
from .style import STYLE

MARGIN = 14.0
SIDE = 3.0  # how far the two directions of an edge are to the side of its middle
LAST = 20.0  # the straight end of an edge, beside which its gradient is written
SMALLEST = 0.75  # how far a wide drawing shrinks before it has to be scrolled
COMMUTATIVE = ("+", "*", "maximum", "minimum")
KINDS = ("parameter", "constant", "operation", "result")


def svg(picture, title="Computational graph", note=""):
    """The SVG of a picture, a str. note: a line below it."""
    items = picture.items
    cards = [boxes.Box(item) for item in items]
    edges = [(i, x) for i, item in enumerate(items) for x in item.inputs]
    sizes = [(card.width, card.height, card.reach()) for card in cards]
    place = layout.layered(sizes, edges, layer_gap=46 + LAST)
    legend = _legend(items)
    width = max(place.width, min(sum(entry[0] for entry in legend), 340.0)) + 2 * MARGIN
    left, top = (width - place.width) / 2, MARGIN
    if any(item.hidden and place.bands[i][0] == 0 for i, item in enumerate(items)):
        top += 18
    centre = [x + left for x in place.x]
    bands = [(a + top, b + top) for a, b in place.bands]
    routes = [[(x + left, a + top, b + top) for x, a, b in r] for r in place.routes]
    parts = _edges(cards, edges, centre, bands, routes)
    for card, x, band in zip(cards, centre, bands, strict=True):
        parts.append(_node(card, x, band))
    y = top + place.height + MARGIN
    lines = textwrap.wrap(boxes.minus(note), int((width - 2 * MARGIN) / 6.4))
    lines += [" "] * (min(len(note), 2) - len(lines))  # a second line, in animations
    lines += [tree.more_nodes(picture)] if picture.missing else []
    for line in lines:
        y += 16
        parts.append(
            f'<text class="note" x="{width / 2:.1f}" y="{y:.1f}">{escape(line)}</text>'
        )
    y += 8 if lines else 0
    below, y = _set_legend(legend, width, y)
    parts += below
    return _page(parts, width, y + MARGIN / 2, title, _description(picture))


def _page(parts, width, height, title, description):
    """The parts with the frame around them: sizes, style, and texts to be read out."""
    least = f"min-width:{SMALLEST * width:.0f}px;" if width > 560 else ""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="fastnn-graph" role="img" '
            f'aria-label="{escape(title)}" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" '
            f'style="max-width:100%;{least}height:auto">',
            f"<title>{escape(title)}</title>",
            f"<desc>{escape(description)}</desc>",
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{width:.0f}" height="{height:.0f}" rx="10"/>',
            *parts,
            "</svg>",
        ]
    )


def _description(picture):
    """The graph in sentences, for those who cannot see it: inputs first."""
    texts = []
    for i in picture.order:
        item = picture.items[i]
        text = f"{item.title()}: value {item.data.line}"
        if item.grad.line:
            text += f", gradient {item.grad.line}"
        if item.inputs:
            names = " and ".join(picture.items[x].title() for x in item.inputs)
            text += f", computed from {names}"
        texts.append(text)
    return "; ".join(texts) + "."


# --- Nodes ----------------------------------------------------------------------------


def _node(card, x, band):
    """A box, and the sentence that a pointer on it shows."""
    item = card.item
    top = (band[0] + band[1] - card.height) / 2
    radius = {"parameter": card.height / 2, "constant": 3}.get(item.kind, 8)
    grad = f", gradient {item.grad.line}" if item.grad.line else ""
    tip = escape(f"{item.title()}: {item.data.line}{grad}")
    frame = (
        f'x="{x - card.width / 2:.1f}" y="{top:.1f}" width="{card.width:.1f}" '
        f'height="{card.height:.1f}" rx="{min(radius, 16):.1f}"'
    )
    parts = [f'<g class="node {item.kind} {item.state}"><title>{tip}</title>']
    parts.append(f'<rect class="card" {frame}/>{card.content(x, top)}')
    if item.hidden:
        parts.append(
            f'<path class="hidden" d="M{x:.1f} {top:.1f}v-14"/>'
            f'<text class="note" x="{x:.1f}" y="{top - 17:.1f}">…</text>'
        )
    return "".join([*parts, "</g>"])


# --- Edges ----------------------------------------------------------------------------


def _edges(cards, edges, centre, bands, routes):
    """All edges, forward and backward, with the gradients beside them."""
    ports, sides = _inlets(cards, edges, centre, routes)
    starts = _outlets(cards, edges, routes, centre, ports)
    flows = [flow for card in cards for flow in card.item.flows]
    parts = []
    for e, (i, x) in enumerate(edges):
        top = (bands[i][0] + bands[i][1] - cards[i].height) / 2
        bottom = (bands[x][0] + bands[x][1] + cards[x].height) / 2
        way = [(starts[e], bottom, bands[x][1]), *routes[e]]
        way.append((ports[e], bands[i][0] - LAST, top))
        parts.append(_edge(way, flows[e], sides[e], cards[i].item))
    return parts


def _inlets(cards, edges, centre, routes):
    """Where each edge arrives, and on which side of it its gradient is written.

    Operands arrive from left to right; where their order does not matter, so that
    edges do not cross.
    """
    ports, sides, e = [], [], 0
    for i, card in enumerate(cards):
        n = len(card.item.inputs)
        places = list(range(n))
        if card.item.op in COMMUTATIVE:
            last = [
                routes[k][-1][0] if routes[k] else centre[edges[k][1]]
                for k in range(e, e + n)
            ]
            ranked = sorted(range(n), key=last.__getitem__)
            places = [ranked.index(k) for k in range(n)]
        ports += [centre[i] + card.ports[place] for place in places]
        sides += [-1 if n == 2 and place == 0 else 1 for place in places]
        e += n
    return ports, sides


def _outlets(cards, edges, routes, centre, ports):
    """Where at the bottom of an input each edge begins, sorted by where it goes."""
    leaving = [[] for _ in cards]
    for e, (_, x) in enumerate(edges):
        leaving[x].append((routes[e][0][0] if routes[e] else ports[e], e))
    starts = [0.0] * len(edges)
    for x, going in enumerate(leaving):
        between = min(16.0, cards[x].width * 0.7 / max(1, len(going) - 1))
        for place, (_, e) in enumerate(sorted(going)):
            starts[e] = centre[x] + (place - (len(going) - 1) / 2) * between
    return starts


def _edge(way, flow, side, item):
    """One edge: the forward arrow, and where a gradient flows, the backward one."""
    ahead = " ahead" if item.state == "ahead" else ""
    shift = side * SIDE if flow is not None or item.room else 0.0
    (x0, y0, _), (x1, _, y1) = way[0], way[-1]
    parts = [
        f'<g class="edge{ahead}">'
        f'<path class="forward" d="{_path(way, -shift, 0, 4)}"/>',
        _head("forward", x1 - shift, y1 - 1, -1),
    ]
    if flow is not None:
        anchor = "start" if side > 0 else "end"
        x = x1 + side * (SIDE + 4)
        text = escape(boxes.minus(flow))
        parts += [
            f'<path class="backward" d="{_path(way, shift, 4, 0)}"/>',
            _head("backward", x0 + shift, y0 + 1, 1),
            f'<text class="flow {anchor}" x="{x:.1f}" y="{y1 - 6:.1f}">{text}</text>',
        ]
    return "".join([*parts, "</g>"])


def _path(way, shift, start, end):
    """Down from the input to the result: straight through layers, curved between.

    start, end: what is left out there, for the head of an arrow. shift: how far to the
    right of the way. The ends of a curve are moved sideways, its control points so that
    its middle moves at right angles: two curves beside a way stay apart where it is
    flat, too.
    """
    x, top, bottom = way[0]
    parts = [f"M{x + shift:.1f} {top + start:.1f}"]
    straight = bottom  # how far down the line goes on straight
    for (x0, _, y0), (x1, y1, y2) in pairwise(way):
        if abs(x1 - x0) > 0.1:
            bend = (y1 - y0) * 0.55
            across, down = 1.5 * (x1 - x0), 0.675 * (y1 - y0)  # tangent in the middle
            length = math.hypot(across, down)
            move_x = shift * (8.0 * down / length - 2.0) / 6.0
            move_y = -shift * 8.0 * across / length / 6.0
            parts.append(
                f"V{straight:.1f}C{x0 + move_x:.1f} {y0 + bend + move_y:.1f} "
                f"{x1 + move_x:.1f} {y1 - bend + move_y:.1f} {x1 + shift:.1f} {y1:.1f}"
            )
        straight = y2
    return "".join([*parts, f"V{straight - end:.1f}"])


def _head(kind, x, y, direction):
    """The head of an arrow; direction -1: its tip points down, 1: up."""
    return (
        f'<path class="head {kind}" d="M{x:.1f} {y:.1f}l-3.2 {direction * 7}'
        f'l3.2 {-direction * 1.6:.1f}l3.2 {direction * 1.6:.1f}z"/>'
    )


# --- Legend ---------------------------------------------------------------------------


def _legend(items):
    """What the colours and frames of these items mean: (width, kind, text) of each."""
    entries = [("forward", "values, forward")] if len(items) > 1 else []
    flows = [flow for item in items for flow in item.flows if flow is not None]
    if flows or any(item.room for item in items):
        norms = any(flow.startswith("‖") for flow in flows)
        text = "gradients, backward" + (" (‖ ‖: norm)" if norms else "")
        entries.append(("backward", text))
    used = {item.kind for item in items}
    entries += [(kind, kind) for kind in KINDS if kind in used]
    return [(boxes.text_width(text, 11) + 38, kind, text) for kind, text in entries]


def _set_legend(legend, width, y):
    """The entries below the drawing, in rows that fit its width; and where they end."""
    rows, room = [[]], 0.0
    for entry in legend:
        if rows[-1] and room + entry[0] > width - MARGIN:
            rows.append([])
            room = 0.0
        rows[-1].append(entry)
        room += entry[0]
    parts = []
    for row in rows:
        y += 19
        x = (width - sum(entry[0] for entry in row)) / 2 + 4
        for entry_width, kind, text in row:
            parts.append(
                f'{_sample(kind, x, y)}<text class="legend" x="{x + 27:.1f}" '
                f'y="{y:.1f}">{text}</text>'
            )
            x += entry_width
    return parts, y + 8


def _sample(kind, x, y):
    """A short arrow, or a small box."""
    if kind in ("forward", "backward"):
        tip, back = (x + 22, -6) if kind == "forward" else (x, 6)
        return (
            f'<path class="{kind}" d="M{x + 2:.1f} {y - 4:.1f}h18"/><path '
            f'class="head {kind}" d="M{tip:.1f} {y - 4:.1f}l{back} -3v6z"/>'
        )
    radius = {"parameter": 6, "constant": 2}.get(kind, 4)
    return (
        f'<g class="node {kind}"><rect class="card" x="{x:.1f}" y="{y - 10:.1f}" '
        f'width="22" height="12" rx="{radius}"/></g>'
    )
