"""Drawing: a graph as text for a terminal, as SVG for a notebook or a file."""

import os

from ... import output
from . import dot, svg, tree
from .picture import picture


class Drawing(output.Text):
    """The text of a graph; a notebook shows it as a picture.

    print it, `save` it, or let a notebook display it. It shows the graph as it was when
    it was drawn.
    """

    __slots__ = ("_note", "_picture", "_title")

    def __new__(cls, picture, title="Computational graph", note=""):
        text = super().__new__(cls, tree.tree(picture))
        text._picture, text._title, text._note = picture, title, note
        return text

    def __reduce__(self):
        return Drawing, (self._picture, self._title, self._note)

    def _repr_svg_(self):
        return svg.svg(self._picture, self._title, self._note)

    def save(self, path):
        """Write the drawing to a file: .svg the picture, .dot for Graphviz, .txt text.

        A file that was there is replaced, whole or not at all. Raises ValueError for
        another ending, TypeError for what is no path, OSError where the disk refuses.
        """
        target = output.check_target("save", path, example="graph.svg")
        ending = os.path.splitext(target)[1].lower()
        if ending not in (".svg", ".dot", ".gv", ".txt"):
            raise ValueError(
                f"save: path ends in {ending!r}; expected '.svg', '.dot' or '.txt'"
            )
        if ending == ".svg":
            content = self._repr_svg_()
        else:
            content = self if ending == ".txt" else dot.dot(self._picture)
        with output.replacing(target) as file:
            file.write(f"{content}\n".encode())


def draw(root, max_nodes=50):
    """The graph below `root` as a Drawing, from the result down to the leaves.

    root: a Value or a Tensor. The max_nodes nodes nearest to it are drawn.
    Raises TypeError, ValueError for a bad max_nodes.
    """
    return Drawing(picture("draw", root, max_nodes))


def to_dot(root, max_nodes=50):
    """The same picture as the source of a Graphviz graph, a str."""
    return output.Text(dot.dot(picture("to_dot", root, max_nodes)))
