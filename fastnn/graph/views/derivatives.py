"""Local derivatives as numbers: what the gradient of a node is multiplied with.

An operation that works element by element has one derivative for each element of its
result, and g is multiplied with them one by one. One that mixes elements has a
Jacobian J, with a row for each element of the result and a column for each of the
input, which receives g @ J. A node of one element has one row only; it is shown in the
shape of the input.
"""

import math

import numpy as np

from . import formulas, walk

MOST_ROWS = 16  # each row of a Jacobian is a pullback of its own
MOST_ELEMENTS = 2**16


def of(node):
    """For each input a pair: ∂node/∂input, and whether that is a Jacobian.

    Of a Value a number. Of a Tensor, element by element, an array of the node's shape;
    of a node of one element an array of the input's shape; else a matrix (node.size,
    input.size), or None where it is too large to be computed for a look at it.
    """
    if hasattr(node, "local_grads"):
        return [(local, False) for local in node.local_grads]
    if formulas.is_elementwise(node.op):
        return [(_of_elements(node, i), False) for i in range(len(node.inputs))]
    if node.size == 1:
        parts = node.pullback(np.ones(node.shape, node.dtype))
        return [(part, False) for part in parts]
    return [(matrix, True) for matrix in _jacobians(node)]


def shape_of_jacobian(node, i):
    """Its rows and columns: the sizes of the node and of its input i."""
    return node.size, math.prod(node.inputs[i].shape)


def _of_elements(node, i):
    """The rule's derivative of g = 1, before it is summed where x was broadcast."""
    if walk.is_constant(node.inputs[i]):
        return None
    arrays = [walk.numbers(x) for x in node.inputs]
    ones = np.ones(node.shape, node.dtype)
    slope = node.rule.on_arrays[i](ones, walk.numbers(node), *arrays, *node.settings)
    return np.broadcast_to(slope, node.shape)


def _jacobians(node):
    """The Jacobian by each input: row k is what g gives that is 1 at k and else 0."""
    matrices = []
    for i, x in enumerate(node.inputs):
        shape = shape_of_jacobian(node, i)
        fits = shape[0] <= MOST_ROWS and math.prod(shape) <= MOST_ELEMENTS
        show = fits and not walk.is_constant(x)
        matrices.append(np.empty(shape, x.dtype) if show else None)
    if all(matrix is None for matrix in matrices):
        return matrices
    for row in range(node.size):
        g = np.zeros(node.size, node.dtype)
        g[row] = 1.0
        parts = node.pullback(g.reshape(node.shape))
        for matrix, part in zip(matrices, parts, strict=True):
            if matrix is not None:
                matrix[row] = part.reshape(-1)
    return matrices
