"""Graphs to look at: drawn, explained, and step by step.

    a.draw()        a tree of text; in a notebook, and in a file, a picture
    a.to_dot()      the same for Graphviz
    a.explain()     the backward pass as a table
    a.steps()       both passes node by node

Each is a function of the node that everything else was computed for, and a method of
`Value` and `Tensor`. Nothing here changes a graph.

    picture.py      what a drawing shows; tree.py, svg.py and dot.py draw it
    layout.py       where the boxes of an SVG stand; boxes.py, style.py: how they look
    explain.py      the table, laid out in tables.py; formulas.py: the derivative of
                    each operation; derivatives.py: its numbers
    steps.py        the animation
    walk.py         ways through a graph; words.py: numbers and names as text
"""

from .drawing import draw, to_dot
from .explain import Path, Sum, explain
from .steps import steps

__all__ = ["Path", "Sum", "draw", "explain", "steps", "to_dot"]
