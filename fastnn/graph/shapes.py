"""Elements that move: reshape, transpose, indexing, joining and broadcasting.

Nothing is computed; a gradient goes back the way that its element came.
"""

import builtins
from numbers import Real

import numpy as np

from ..ops import checks
from .arrays import numbers, shape_of
from .reductions import axes_of
from .rules import apply, of_each, quiet, rule

RESHAPE = rule(
    "reshape",
    lambda x, shape: np.reshape(x, shape),
    lambda g, y, x, shape: np.reshape(g, np.shape(x)),
    computes=False,
    label=lambda shape: "reshape",
)
TRANSPOSE = rule(
    "transpose",
    lambda x, axes: np.transpose(x, axes),
    lambda g, y, x, axes: np.transpose(g, tuple(int(i) for i in np.argsort(axes))),
    computes=False,
    label=lambda axes: "transpose",
)
BROADCAST = rule(
    "broadcast_to",
    lambda x, shape: np.broadcast_to(x, shape),
    lambda g, y, x, shape: g,  # and pullback sums over the axes that were repeated
    computes=False,
    label=lambda shape: "broadcast_to",
)


def _scatter(g, shape, index):
    """Zeros of a shape, and g added at an index; an element may be named twice."""
    out = np.zeros(shape, g.dtype)
    if _is_basic(index):
        out[index] = g
    else:
        np.add.at(out, index, g)
    return out


def _is_basic(index):
    parts = index if isinstance(index, tuple) else (index,)
    return builtins.all(
        i is None or i is Ellipsis or isinstance(i, (int, slice, np.integer))
        for i in parts
    )


SCATTER = rule(
    "scatter",
    _scatter,
    lambda g, y, x, shape, index: g[index],
    computes=False,
    label=lambda shape, index: "scatter",
)
INDEX = rule(
    "[]",
    lambda x, index: x[index],
    lambda g, y, x, index: apply(SCATTER, (g,), (np.shape(x), index)),
    computes=False,
    label=lambda index: "[]",
)


def _part(i):
    """The derivative of a concatenation by its i-th input: its part of g."""

    def derivative(g, y, *inputs_and_axis):
        axis, x = inputs_and_axis[-1], inputs_and_axis[i]
        start = builtins.sum(np.shape(a)[axis] for a in inputs_and_axis[:i])
        part = slice(start, start + np.shape(x)[axis])
        return g[(slice(None),) * axis + (part,)]

    return derivative


CONCATENATE = rule(
    "concatenate",
    lambda *inputs_and_axis: np.concatenate(inputs_and_axis[:-1], inputs_and_axis[-1]),
    of_each(_part),
    computes=False,
    label=lambda axis: "concatenate",
)
STACK = rule(
    "stack",
    lambda *inputs_and_axis: np.stack(inputs_and_axis[:-1], inputs_and_axis[-1]),
    of_each(lambda i: lambda g, y, *rest: g[(builtins.slice(None),) * rest[-1] + (i,)]),
    computes=False,
    label=lambda axis: "stack",
)


def _shape(where, shape):
    if not isinstance(shape, (tuple, list)):
        shape = (shape,)
    if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
        shape = shape[0]
    return tuple(checks.whole(where, "shape", n, low=-1) for n in shape)


def reshape(x, *shape):
    """The same elements in another shape; a length of -1 is what is left."""
    shape = _shape("reshape", shape)
    old = shape_of("reshape", "x", x)
    size = int(np.prod(old))
    try:
        shape = np.reshape(np.broadcast_to(0.0, old), shape).shape
    except ValueError:
        raise ValueError(
            f"reshape: x of shape {old} has {size} elements, which do not fit "
            f"the shape {shape}"
        ) from None
    return apply(RESHAPE, (x,), (shape,))


def ravel(x):
    """All elements in one row."""
    return reshape(x, -1)


def transpose(x, *axes):
    """Axes in another order, by default the reverse: rows become columns."""
    if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], (tuple, list))):
        axes = axes[0] or ()
    shape = shape_of("transpose", "x", x)
    ndim = len(shape)
    axes = axes_of("transpose", x, tuple(axes)) if axes else tuple(range(ndim))[::-1]
    if len(axes) != ndim:
        raise ValueError(
            f"transpose: axes are {axes}, but x of shape {shape} has {ndim}"
        )
    return apply(TRANSPOSE, (x,), (axes,))


def swapaxes(x, first, second):
    """Two axes in each other's place."""
    (first,) = axes_of("swapaxes", x, (first,))
    (second,) = axes_of("swapaxes", x, (second,))
    axes = list(range(len(shape_of("swapaxes", "x", x))))
    axes[first], axes[second] = second, first
    return transpose(x, tuple(axes))


def broadcast_to(x, shape):
    """x repeated along new axes and along axes of length 1."""
    shape = _shape("broadcast_to", shape)
    old = shape_of("broadcast_to", "x", x)
    try:
        np.broadcast_to(np.broadcast_to(0.0, old), shape)
    except ValueError:
        raise ValueError(
            f"broadcast_to: x of shape {old} cannot be repeated to the shape "
            f"{shape}; from the right, each of its lengths must be that of shape, or 1"
        ) from None
    return apply(BROADCAST, (x,), (shape,))


def expand_dims(x, axis):
    """A new axis of length 1."""
    shape = list(shape_of("expand_dims", "x", x))
    ndim = len(shape) + 1
    axis = checks.whole("expand_dims", "axis", axis, low=-ndim)
    if axis >= ndim:
        raise ValueError(
            f"expand_dims: axis is {axis}, but with the new one there are {ndim} axes"
        )
    shape.insert(axis % ndim, 1)
    return reshape(x, tuple(shape))


def squeeze(x, axis=None):
    """Without the axes of length 1, or without those that are named."""
    shape = shape_of("squeeze", "x", x)
    if axis is None:
        axes = tuple(i for i, n in enumerate(shape) if n == 1)
    else:
        axes = axes_of("squeeze", x, axis)
    if long := [i for i in axes if shape[i] != 1]:
        raise ValueError(
            f"squeeze: axis {long[0]} of x, of shape {shape}, is not of length 1"
        )
    return reshape(x, tuple(n for i, n in enumerate(shape) if i not in axes))


def _own_index(i):
    """One part of an index; arrays are copied, so that nobody writes into them."""
    if i is None or i is Ellipsis or isinstance(i, (slice, str, Real, np.generic)):
        return i
    i = np.array(numbers("index", "a part of it", i))
    if not i.size:
        return i.astype(bool if i.dtype == bool else int)  # [] is of float64
    if i.dtype.kind not in "iub":
        raise TypeError(
            f"index: an array of dtype {i.dtype}; expected whole numbers, or True and "
            "False"
        )
    return i


def index(x, index):
    """x[index]: numbers, slices, None, ..., arrays of numbers, of True and False.

    An element that is named twice receives the sum of both gradients.
    """
    parts = index if isinstance(index, tuple) else (index,)
    parts = tuple(_own_index(i) for i in parts)
    return apply(INDEX, (x,), (parts if isinstance(index, tuple) else parts[0],))


def _several(where, inputs, axis, more=0):
    if not isinstance(inputs, (list, tuple)):
        raise TypeError(
            f"{where}: inputs is {checks.describe(inputs)}; expected a list of Tensors"
        )
    if not inputs:
        raise ValueError(
            f"{where}: nothing to join, inputs is empty; expected a list of Tensors"
        )
    inputs = tuple(inputs)
    shapes = [shape_of(where, f"inputs[{i}]", x) for i, x in enumerate(inputs)]
    ndim = len(shapes[0]) + more
    axis = checks.whole(where, "axis", axis, low=-ndim)
    if axis >= ndim:
        raise ValueError(f"{where}: axis is {axis}, but there are {ndim} axes")
    return inputs, axis % ndim


def concatenate(inputs, axis=0):
    """Tensors one after the other along an axis that they have."""
    inputs, axis = _several("concatenate", inputs, axis)
    return apply(CONCATENATE, inputs, (axis,))


def stack(inputs, axis=0):
    """Tensors of one shape side by side along a new axis."""
    inputs, axis = _several("stack", inputs, axis, more=1)
    return apply(STACK, inputs, (axis,))


# The same numbers as a node of its own: transformations.py says what for.
ALIAS = rule("alias", lambda x: x, lambda g, y, x: g, computes=False)
ASTYPE = rule(
    "astype",
    quiet(lambda x, dtype: x.astype(dtype)),
    lambda g, y, x, dtype: g,  # pullback gives it the precision of x
    label=lambda dtype: f"{dtype}",
)
