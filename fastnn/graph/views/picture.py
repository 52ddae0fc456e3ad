"""What a drawing shows of a graph: texts and numbers, and no node of it any more.

So a drawing stays as it was when it was made, whatever happens to the graph.
"""

import re
from typing import NamedTuple

import numpy as np

from ...ops import checks
from . import walk, words


class Shown(NamedTuple):
    """A number or an array as text.

    line: on one line. cells: the rows of numbers, if it is small enough for that.
    notes: else what there is to say of it, line by line.
    """

    line: str = ""
    cells: list | tuple = ()
    notes: list | tuple = ()


class Item(NamedTuple):
    """A node in a picture.

    kind: "parameter", "constant", "operation" or "result". inputs: the numbers of the
    items it was computed from; flows: the gradients that go to them, as text, "" where
    that is not known, None where none goes. hidden: how many inputs are not in the
    picture. state: "", or in an animation "now" or "ahead". room: the data and the
    gradient that its box has room for, if that is not what it shows.
    """

    name: str
    op: str
    kind: str
    shape: tuple
    data: Shown
    grad: Shown
    inputs: tuple
    flows: tuple
    hidden: int = 0
    state: str = ""
    room: tuple | None = None

    def title(self):
        """What it is called on one line: "w", "+", "loss = mean"."""
        both = self.name and self.op
        return f"{self.name} = {self.op}" if both else self.name or self.op or "leaf"


class Picture(NamedTuple):
    """items: those nearest to the root first, the root at 0. missing: nodes left out.

    order: the numbers of the items, inputs before what is computed from them.
    """

    items: list
    missing: int
    order: list


def picture(where, root, max_nodes, flowing=None):
    """The picture of a graph. Raises TypeError, ValueError for a bad max_nodes.

    flowing: whether gradients are drawn along the edges; by default, if a backward
    pass has reached the root.
    """
    max_nodes = checks.whole(where, "max_nodes", max_nodes, low=1)
    found = walk.uses(root)
    nodes = list(found)[:max_nodes]
    numbers = {node: i for i, node in enumerate(nodes)}
    if flowing is None:
        flowing = root.grad is not None and np.any(root.grad)
    known = flowing and walk.is_up_to_date(root)
    items = [_item(node, node is root, numbers, flowing, known) for node in nodes]
    return Picture(items, len(found) - len(nodes), order_of(items))


def order_of(items):
    """The numbers of items, inputs before what is computed from them."""
    order, seen, stack = [], {0}, [(0, iter(items[0].inputs))]
    while stack:
        i, inputs = stack[-1]
        for j in inputs:
            if j not in seen:
                seen.add(j)
                stack.append((j, iter(items[j].inputs)))
                break
        else:
            stack.pop()
            order.append(i)
    return order


def _item(node, is_root, numbers, flowing, known):
    drawn = [(k, x) for k, x in enumerate(node.inputs) if x in numbers]
    flows = (None,) * len(drawn)
    if flowing and node.inputs and not walk.is_constant(node):
        parts = walk.received(node, node.grad) if known else None
        flows = tuple(flow(parts[k]) if known else "" for k, _ in drawn)
    data = walk.numbers(node)
    grad = Shown() if walk.is_constant(node) else shown_gradient(node.grad)
    return Item(
        words.printable(node.name), node.op, _kind(node, is_root), np.shape(data),
        shown(data), grad, tuple(numbers[x] for _, x in drawn), flows,
        len(node.inputs) - len(drawn),
    )  # fmt: skip


def flow(part):
    """A gradient along an edge; of an array its norm."""
    if part is None:
        return None
    if np.size(part) == 1:
        return f"{np.asarray(part).item():.3g}"
    return f"‖{words.norm(part, 3)}‖"


def _kind(node, is_root):
    if node.inputs:
        return "result" if is_root else "operation"
    return "constant" if walk.is_number(node) or walk.is_constant(node) else "parameter"


def shown(data):
    """The data of a node as text."""
    if words.is_small(data):
        return Shown(words.in_line(data), words.grid(data, _digits(data)), [])
    return Shown(words.in_line(data), [], words.summary(data))


def shown_gradient(grad):
    """The gradient of a node as text; of a large array its norm, for it has no mean."""
    if grad is None:
        return Shown()
    length = f"norm {words.norm(grad)}"
    line = words.in_line(grad)
    if line.startswith("("):
        line = f"{words.shape_of(grad)} {length}"
    if words.is_small(grad):
        return Shown(line, words.grid(grad, _digits(grad)), [])
    return Shown(line, [], [length])


def room_for(item):
    """The room that the gradient of an item takes at most."""
    if item.grad.cells:
        return item.grad._replace(
            cells=[["-0.00000"] * len(r) for r in item.grad.cells]
        )
    return item.grad


def _digits(x):
    return 3 if np.ndim(x) and np.shape(x)[-1] > 1 else 4


SYMBOLS = {"*": "×", "-": "−", "/": "÷", "sqrt": "√", "abs": "| · |", "neg": "neg"}


def symbol(op):
    """An operation as it is printed: its sign or name, and its exponent or ""."""
    if power := re.fullmatch(r"\*\*(.+)", op):
        return "( · )", power[1]
    return SYMBOLS.get(op, "xʸ" if op == "**" else op), ""
