"""One backward pass as a table: where each gradient comes from."""

from typing import Any, NamedTuple

import numpy as np

from ...ops import checks
from . import derivatives, formulas, tables, walk
from .names import Names


class Path(NamedTuple):
    """A gradient on its way from a node to one of its inputs.

    formula, latex: the local derivative ∂node/∂input, for a Tensor what its gradient g
    is turned into. above: the gradient of the node. product: what the input receives.

    local: the derivative as numbers. Of a Value one, and the product is local * above.
    Of a Tensor an array, and the product is that too, summed where the input was
    broadcast; but where is_jacobian, a matrix (node.size, input.size), and the elements
    of the product are above.ravel() @ local. None where that has more than 16 rows.
    Arrays are read-only.
    """

    node: Any
    input: Any
    op: str
    formula: str
    latex: str
    local: Any
    above: Any
    product: Any
    is_jacobian: bool = False


class Sum(NamedTuple):
    """The gradient of a node that several paths lead to: the total of the terms."""

    node: Any
    terms: tuple
    total: Any


class Explanation:
    """The backward pass from one node, in the order in which it visits the nodes.

    print it, or let a notebook show it with its formulas set. rows: a list of `Path`
    and `Sum`, for programs; missing: how many rows were left out of it.
    """

    def __init__(self, root, rows, missing, names):
        self.rows, self.missing = rows, missing
        self._root, self._names = root, names

    def __repr__(self):
        return tables.text(self._root, self.rows, self._names, self._more())

    def _repr_markdown_(self):
        return tables.markdown(self._root, self.rows, self._names, self._more())

    def _more(self):
        """The line that says what is missing, or ""."""
        if not self.missing:
            return ""
        rows = "rows" if self.missing > 1 else "row"
        more = f"explain(max_rows={2 * len(self.rows)}) shows more of them"
        return f"… {self.missing:,} {rows} more; {more}"


def explain(root, max_rows=100):
    """The backward pass from `root` as an Explanation of at most max_rows rows.

    root: a Value, or a Tensor of one element. The pass is one of its own: no gradient
    that is kept in a node is read or changed.
    Raises ValueError where root has several elements, RuntimeError where a Tensor was
    changed after it was used, TypeError or ValueError for a bad max_rows.
    """
    max_rows = checks.whole("explain", "max_rows", max_rows, low=1)
    order = walk.forward_order(root)
    names = Names(order)
    rows, terms = [], {}
    for node, grad, parts in walk.backward("explain", root):
        arrived = terms.pop(node, ())
        if len(arrived) > 1:
            rows.append(Sum(node, tuple(arrived), _kept(grad)))
        slopes = derivatives.of(node)
        for i, (x, part) in enumerate(zip(node.inputs, parts, strict=True)):
            if part is not None:
                row = _path(node, i, slopes[i], _kept(grad), _kept(part), names)
                rows.append(row)
                terms.setdefault(x, []).append(rows[-1].product)
        if len(rows) >= max_rows:
            break
    rows = rows[:max_rows]
    return Explanation(root, rows, _number_of_rows(order) - len(rows), names)


def _path(node, i, local, grad, part, names):
    """local: the pair of derivatives.of."""
    of_values = hasattr(node, "local_grads")
    formula = formulas.local if of_values else formulas.pulled_back
    text, latex = formula(node, i, names.text, names.latex)
    local, is_jacobian = _kept(local[0]), local[1]
    x = node.inputs[i]
    return Path(node, x, node.op, text, latex, local, grad, part, is_jacobian)


def _kept(x):
    """None, a number, or an array that nobody can write into."""
    if x is None or isinstance(x, float):
        return x
    x = np.asarray(x).view()
    x.flags.writeable = False
    return x


def _number_of_rows(order):
    """One for each edge that a gradient takes, one for each node where several meet."""
    if walk.is_constant(order[-1]):
        return 0
    arrive = dict.fromkeys(order, 0)
    for node in order:
        if not walk.is_constant(node):
            for x in node.inputs:
                arrive[x] += not walk.is_constant(x)
    return sum(n + (n > 1) for n in arrive.values())
