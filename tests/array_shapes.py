"""Shapes, axes and keys for the operations of a Tensor, as Hypothesis draws them.

All arrays are small, of at most MOST elements: what goes wrong does so with two.
"""

import math

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import (
    array_shapes,
    basic_indices,
    integer_array_indices,
    mutually_broadcastable_shapes,
    valid_tuple_axes,
)

MOST = 24
SEEDS = st.integers(0, 2**32 - 1)
# The shortest side: one shape in six may have sides of length 0.
SHORTEST = st.sampled_from([1, 1, 1, 1, 1, 0])


def is_small(shape):
    return math.prod(shape) <= MOST


def shapes(least=0, most=4, shortest=SHORTEST):
    """Shapes of `least` to `most` axes, of sides from 0 to 4."""
    return shortest.flatmap(
        lambda low: array_shapes(
            min_dims=least, max_dims=most, min_side=low, max_side=4
        ).filter(is_small)
    )


def broadcastable(n):
    """Tuples of n shapes that broadcast to one of at most four axes."""
    return SHORTEST.flatmap(
        lambda low: mutually_broadcastable_shapes(
            num_shapes=n, max_dims=4, max_side=3, min_side=low
        ).filter(lambda found: is_small(found.result_shape))
    ).map(lambda found: found.input_shapes)


@st.composite
def repeatable(draw):
    """A shape, and a shape that it can be repeated to."""
    shape, other = draw(broadcastable(2))
    return shape, np.broadcast_shapes(shape, other)


def matrices():
    """The shapes of two vectors, matrices or stacks of matrices that have a product."""
    return SHORTEST.flatmap(
        lambda low: mutually_broadcastable_shapes(
            signature=np.matmul.signature, max_dims=2, max_side=3, min_side=low
        ).filter(lambda found: all(map(is_small, [*found[0], found[1]])))
    ).map(lambda found: found.input_shapes)


def one_axis(ndim):
    """An axis, counted from either end."""
    return st.integers(-ndim, ndim - 1)


def some_axes(ndim):
    """What NumPy takes for `axis`: None, a number, or a tuple of none to all axes."""
    several = st.none() | valid_tuple_axes(ndim)
    return several | one_axis(ndim) if ndim else several


def count(shape, axis):
    """How many elements go into one where a shape is reduced over axes."""
    axes = range(len(shape)) if axis is None else np.atleast_1d(axis).astype(int)
    return math.prod(shape[i] for i in axes)


@st.composite
def reshaped(draw, shape):
    """Another shape of as many elements; one of its sides may be left out as -1."""
    size = math.prod(shape)
    sides = [1] * draw(st.integers(1 if size != 1 else 0, 4))
    places = st.integers(0, len(sides) - 1)
    for factor in _factors(size):
        sides[draw(places)] *= factor
    if size and sides and draw(st.booleans()):
        sides[draw(places)] = -1
    return tuple(sides)


def _factors(n):
    """The prime factors of n; of 0 it is 0 itself."""
    found, p = ([] if n else [0]), 2
    while n > 1:
        if n % p:
            p += 1
        else:
            found.append(p)
            n //= p
    return found


@st.composite
def keys(draw, shape, kind):
    """An index of a kind.

    "slices": and numbers and new axes. "mask": of the first axes. "arrays": of numbers,
    for all axes. "lists": of numbers, among slices and numbers.
    """
    if kind == "slices":
        return draw(basic_indices(shape, allow_newaxis=True, max_dims=6))
    if kind == "mask":
        masked = shape[: draw(st.integers(0, len(shape)))]
        rng = np.random.default_rng(draw(SEEDS))
        return np.array(rng.random(masked) < 0.6)
    if kind == "arrays":
        some = array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3)
        return draw(integer_array_indices(shape, result_shape=some))
    return draw(_lists_among_slices(shape))


@st.composite
def _lists_among_slices(draw, shape):
    """Lists of one length for some axes, for others slices or numbers."""
    length = draw(st.integers(1, 3))
    parts = []
    for n in shape[: draw(st.integers(1, len(shape)))]:
        numbers = st.integers(-n, n - 1)
        lists = st.lists(numbers, min_size=length, max_size=length)
        parts.append(draw(st.one_of(lists, st.slices(n), numbers)))
    return tuple(parts)


@st.composite
def joined(draw):
    """Shapes that differ along one axis only, and this axis."""
    shape = draw(shapes(least=1, most=3))
    axis = draw(one_axis(len(shape)))
    sides = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    before, after = shape[:axis], shape[axis:][1:]
    return tuple((*before, side, *after) for side in sides), axis


@st.composite
def subscripts(draw):
    """A specification for einsum, and the shapes of its one to three inputs.

    Each index stands once in a term; what is not in the result is summed. Now and then
    the result is left for einsum to find.
    """
    letters = "ijkl"
    lengths = {c: draw(st.integers(1, 3)) for c in letters}
    terms = draw(
        st.lists(
            st.permutations(letters).flatmap(
                lambda order: st.integers(0, 3).map(lambda n: "".join(order[:n]))
            ),
            min_size=1,
            max_size=3,
        )
    )
    spec = ",".join(terms)
    if draw(st.integers(0, 3)):
        there = sorted({*"".join(terms)})
        order = draw(st.permutations(there))
        spec += "->" + "".join(order[: draw(st.integers(0, len(order)))])
    return spec, tuple(tuple(lengths[c] for c in term) for term in terms)


# --- Shapes with the settings of an operation ----------------------------------------


@st.composite
def chosen(draw):
    """Two shapes that broadcast with that of a condition, and the condition."""
    x, y, condition = draw(broadcastable(3))
    rng = np.random.default_rng(draw(SEEDS))
    return (x, y), {"condition": np.array(rng.random(condition) < 0.5)}


@st.composite
def reductions(draw, least=0, ddof=None):
    """A shape and axes, where at least `least` elements go into one; keepdims; ddof."""
    shape = draw(shapes().filter(lambda shape: math.prod(shape) >= least))
    axes = some_axes(len(shape)).filter(lambda axis: count(shape, axis) >= least)
    settings = {"axis": draw(axes), "keepdims": draw(st.booleans())}
    if ddof is not None:
        most = min(count(shape, settings["axis"]) - 1, ddof)
        settings["ddof"] = draw(st.integers(0, most))
    return (shape,), settings


@st.composite
def along_an_axis(draw):
    """A shape of at least one axis, and one of them or nothing."""
    shape = draw(shapes(least=1))
    return (shape,), draw(
        st.just({}) | one_axis(len(shape)).map(lambda axis: {"axis": axis})
    )


@st.composite
def to_reshape(draw):
    shape = draw(shapes())
    return (shape,), {"shape": draw(reshaped(shape))}


@st.composite
def to_transpose(draw):
    shape = draw(shapes())
    order = draw(st.permutations(range(len(shape))))
    signed = [i - len(shape) * draw(st.booleans()) for i in order]
    return (shape,), {"axes": draw(st.sampled_from([None, tuple(signed)]))}


@st.composite
def to_swap(draw):
    shape = draw(shapes(least=1))
    axis = one_axis(len(shape))
    return (shape,), {"first": draw(axis), "second": draw(axis)}


@st.composite
def to_expand(draw):
    shape = draw(shapes(most=3))
    return (shape,), {"axis": draw(one_axis(len(shape) + 1))}


@st.composite
def to_squeeze(draw):
    shape = draw(shapes())
    ones = [i for i, n in enumerate(shape) if n == 1]
    some = st.lists(st.sampled_from(ones), unique=True) if ones else st.just([])
    axes = tuple(i - len(shape) * draw(st.booleans()) for i in draw(some))
    choices = [None, axes, *axes[:1]]
    return (shape,), {"axis": draw(st.sampled_from(choices))}


@st.composite
def to_stack(draw):
    shape = draw(shapes(most=3, shortest=st.just(1)).filter(lambda s: math.prod(s) < 9))
    copies = draw(st.integers(1, 3))
    return (shape,) * copies, {"axis": draw(one_axis(len(shape) + 1))}


@st.composite
def to_index(draw, kind):
    """kind: of the index, as for `keys`."""
    of_numbers = kind in ("arrays", "lists")  # there must be some to be picked
    shape = draw(shapes(1, shortest=st.just(1)) if of_numbers else shapes())
    return (shape,), {"key": draw(keys(shape, kind))}
