"""Both passes node by node, to be told or animated."""

import numpy as np

from . import picture as pictures
from . import walk, words
from .drawing import Drawing
from .names import Names


class Step:
    """One node at one moment of a pass.

    phase: "forward" or "backward". node: the Value or Tensor whose turn it is.
    value: what it is; grad: its gradient in this pass, None in the forward phase.
    contributions: what each input receives, a tuple, None for constants; () in the
    forward phase. number: of the step, counted from 1. text: one sentence on what
    happens. A notebook shows a picture in which what is still to come is grey.
    """

    def __init__(self, number, phase, node, grad, contributions, text, scene):
        self.number, self.phase, self.node = number, phase, node
        self.value, self.grad = walk.numbers(node), grad
        self.contributions, self.text = contributions, text
        self._scene = scene

    def draw(self):
        """The graph at this moment as a Drawing: the values and gradients there are."""
        title = f"Step {self.number} through a graph, {self.phase}"
        return Drawing(self._scene.at(self), title, self.text)

    def _repr_svg_(self):
        return self.draw()._repr_svg_()

    def __repr__(self):
        return f"{self.number}. {self.phase}: {self.text}"


def steps(root, max_nodes=50):
    """The passes through the graph of `root`, one Step for each node, lazily.

    First forward, inputs before what is computed from them, then backward in the order
    of `backward`. Values are those that the nodes have; the gradients are those of a
    pass of its own, which changes no node. The pictures show max_nodes nodes.

    Raises at once ValueError where root has several elements, TypeError or ValueError
    for a bad max_nodes; while it runs RuntimeError where a Tensor was changed after it
    was used.
    """
    walk.refuse_several("steps", root)
    return _steps(root, _Scene(root, max_nodes))


def _steps(root, scene):
    order = walk.forward_order(root)
    names = Names(order)
    scene.numbers = {node: i for i, node in enumerate(order, 1)}
    for number, node in enumerate(order, 1):
        text = _forward_sentence(node, names)
        yield Step(number, "forward", node, None, (), text, scene)
    paths = {}  # how many lead to a node
    backward = walk.backward("steps", root)
    for number, (node, grad, parts) in enumerate(backward, len(order) + 1):
        text = _backward_sentence(node, grad, parts, paths.pop(node, 0), names)
        for x, part in zip(node.inputs, parts, strict=True):
            if part is not None:
                paths[x] = paths.get(x, 0) + 1
        scene.keep(number, node, grad, parts)
        yield Step(number, "backward", node, grad, parts, text, scene)


class _Scene:
    """The picture of a graph, and what of it is there at each step."""

    def __init__(self, root, max_nodes):
        self.picture = pictures.picture("steps", root, max_nodes, flowing=False)
        nodes = list(walk.uses(root))[: len(self.picture.items)]
        self.places = {node: i for i, node in enumerate(nodes)}
        self.numbers = {}  # of the step in which each node is computed
        self.arrived = {}  # for each node its step backward, its gradient, its flows

    def keep(self, number, node, grad, parts):
        """Remember what a step of the backward pass brings to the picture."""
        if node in self.places:
            drawn = [k for k, x in enumerate(node.inputs) if x in self.places]
            flows = tuple(pictures.flow(parts[k]) for k in drawn)
            self.arrived[node] = number, pictures.shown_gradient(grad), flows

    def at(self, step):
        """The picture of a step; all of them are laid out alike."""
        items = []
        for node, i in self.places.items():
            item = self.picture.items[i]
            grad, flows = pictures.Shown(), (None,) * len(item.inputs)
            if node in self.arrived and self.arrived[node][0] <= step.number:
                _, grad, flows = self.arrived[node]
            ahead = self.numbers[node] > step.number
            items.append(
                item._replace(
                    data=pictures.Shown() if ahead else item.data, grad=grad,
                    flows=flows, room=(item.data, pictures.room_for(item)),
                    state="now" if node is step.node else "ahead" if ahead else "",
                )
            )  # fmt: skip
        return self.picture._replace(items=items)


# --- Sentences ------------------------------------------------------------------------


def _forward_sentence(node, names):
    value = words.in_line(walk.numbers(node))
    if node.inputs:
        return f"{names.definition(node)} is computed: {value}."
    if walk.is_number(node) and not np.ndim(walk.numbers(node)):
        return f"The number {value} is given."
    return f"{names.text(node)} is given: {value}."


def _backward_sentence(node, grad, parts, paths, names):
    shown = pictures.shown_gradient
    start = f"{names.text(node)} has the gradient {shown(grad).line}"
    if paths > 1:
        start += f", the sum of {paths} paths"
    gifts = [
        f"{shown(part).line} to {names.text(x)}"
        for x, part in zip(node.inputs, parts, strict=True)
        if part is not None
    ]
    if not gifts:
        return f"{start}."
    if len(gifts) > 4:
        gifts = [*gifts[:3], "others"]
    last = f" and {gifts.pop()}" if len(gifts) > 1 else ""
    return f"{start}; it gives {', '.join(gifts)}{last}."
