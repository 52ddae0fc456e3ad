"""Whole graphs, drawn at random: compiled, plain Python and differences agree."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, mutually_broadcastable_shapes

import fastnn as fn
from fastnn import graph

# Smooth, and of slopes of about 1, so that many steps neither overflow nor vanish.
UNARY = {
    "tanh": graph.tanh, "sin": graph.sin, "sigmoid": graph.sigmoid,
    "softplus": lambda x: graph.softplus(x) - 0.5, "gelu": graph.gelu,
    "square": lambda x: x**2 * 0.5, "neg": lambda x: -x, "T": lambda x: x.T,
    "half": lambda x: x / 2.0, "flat": graph.ravel, "rows": lambda x: x[::-1],
    "sum": lambda x: x.sum(axis=0), "mean": lambda x: x.mean(axis=-1, keepdims=True),
    "softmax": graph.softmax, "twice": lambda x: x[[0, 0]], "new": lambda x: x[None],
}  # fmt: skip
BINARY = {
    "+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y,
    "/": lambda x, y: x / (2.0 + y * y), "@": lambda x, y: x @ y,
    "x*x": lambda x, y: x * x, "where": lambda x, y: graph.where(MASK, x, y),
    "stack": lambda x, y: graph.stack([x, y]), "detach": lambda x, y: x * y.detach(),
}  # fmt: skip
MASK = np.array([True, False])
NEED_AXES = {"rows", "sum", "mean", "softmax", "twice"}
STEPS = st.lists(
    st.tuples(
        st.sampled_from([*UNARY, *BINARY]), st.integers(0, 99), st.integers(0, 99)
    ),
    min_size=3,
    max_size=14,
)
LEAVES = ((2, 2), (2,), (), (3, 2), (1, 2))


def build(steps, leaves):
    """The sum of all that was made. Each step takes two nodes of the pool."""
    pool = [*leaves, graph.Tensor([0.5, -0.25], constant=True)]
    for name, i, j in steps:
        x, y = pool[i % len(pool)], pool[j % len(pool)]
        if name in UNARY:
            if name not in NEED_AXES or x.ndim:
                pool.append(UNARY[name](x))
            continue
        try:
            pool.append(BINARY[name](x, y))
        except ValueError:  # shapes that do not fit, in every engine the same ones
            pool.append(x)
        if pool[-1].size > 200:
            pool.pop()
    total = 0.0
    for k, node in enumerate(pool):
        total = total + (node * (1.0 + 0.1 * k)).mean()
    return total


def points(seed):
    rng = np.random.default_rng(seed)
    return [rng.uniform(-1, 1, shape) for shape in LEAVES], rng


def gradients(steps, arrays):
    leaves = [graph.Tensor(x, "abcde"[i]) for i, x in enumerate(arrays)]
    total = build(steps, leaves)
    total.backward()
    return [total.data, *[x.grad for x in leaves]]


def slope(f):
    """Central differences, extrapolated: their error of order h^6 is below 1e-9."""
    at = [(f(h) - f(-h)) / (2 * h) for h in (2.0**-7, 2.0**-8, 2.0**-9)]
    once = [(4 * fine - rough) / 3 for rough, fine in itertools.pairwise(at)]
    return (16 * once[1] - once[0]) / 15


def test_by_hand(Tensor):
    """A diamond: a = x^2, L = a sin(a), dL/dx = (sin a + a cos a) 2 x."""
    x = Tensor(0.5)
    a = x * x
    (a * a.sin()).backward()
    expected = (np.sin(0.25) + 0.25 * np.cos(0.25)) * 1.0
    assert x.grad.item() == pytest.approx(expected, rel=1e-15)


@settings(deadline=None, max_examples=60)
@given(steps=STEPS, seed=st.integers(0, 1000))
def test_engines_agree_with_each_other_and_with_differences(steps, seed):
    arrays, rng = points(seed)
    found = gradients(steps, arrays)
    assume(max(np.abs(x).max() for x in found) < 1e3)  # else the differences are poor
    with fn.use("reference"):
        plain = gradients(steps, arrays)
    for x, y in zip(found, plain, strict=True):
        assert x.shape == y.shape and type(x) is type(y) is np.ndarray
        # At most 20 nodes of 200 elements: the bound of sums of 4000 terms.
        bound = 4000 * np.finfo(float).eps * max(1.0, np.abs(y).max())
        np.testing.assert_allclose(x, y, rtol=0, atol=bound)
    along = [rng.uniform(-1, 1, x.shape) for x in arrays]

    # What is detached, for the differences too, stays what it was at the point.
    if any(name == "detach" for name, _, _ in steps):
        return

    def value(t):
        moved = [graph.Tensor(x + t * v) for x, v in zip(arrays, along, strict=True)]
        return build(steps, moved).item()

    inner = sum(float(np.sum(g * v)) for g, v in zip(found[1:], along, strict=True))
    scale = max(1.0, *[np.abs(x).max() for x in found])
    assert abs(inner - slope(value)) <= 1e-7 * scale


@settings(deadline=None, max_examples=30)
@given(steps=STEPS, seed=st.integers(0, 1000))
def test_the_gradient_of_the_gradient(steps, seed):
    """H v by a second pass is the change of the gradient along v."""
    arrays, rng = points(seed)
    along = [rng.uniform(-1, 1, x.shape) for x in arrays]
    steps = [step for step in steps if step[0] != "detach"]

    def by_leaves(t, as_nodes=False):
        leaves = [graph.Tensor(x + t * v) for x, v in zip(arrays, along, strict=True)]
        return leaves, build(steps, leaves).gradients(leaves, None, as_nodes)

    leaves, found = by_leaves(0.0, as_nodes=True)
    arrays_found = by_leaves(0.0)[1]
    scale = max(1.0, *[np.abs(x).max() for x in arrays_found])
    assume(scale < 1e2)
    for x, y in zip(found, arrays_found, strict=True):
        np.testing.assert_allclose(x.data, y, rtol=0, atol=1e-12 * scale)
    total = sum(((x * v).sum() for x, v in zip(found, along, strict=True)), 0.0)
    second = total.gradients(leaves)
    scale = max(scale, *[np.abs(x).max() for x in second])
    assume(scale < 1e2)
    inner = sum(float(np.sum(g * v)) for g, v in zip(second, along, strict=True))
    numeric = slope(
        lambda t: sum(
            float(np.sum(g * v)) for g, v in zip(by_leaves(t)[1], along, strict=True)
        )
    )
    assert abs(inner - numeric) <= 1e-7 * scale


# --- Broadcasting ---------------------------------------------------------------------


@settings(deadline=None, max_examples=100)
@given(
    shapes=mutually_broadcastable_shapes(
        num_shapes=2, max_dims=4, max_side=5, min_side=0
    ),
    sign=st.sampled_from("+-*/"),
    dtypes=st.tuples(*[st.sampled_from([np.float32, np.float64])] * 2),
    seed=st.integers(0, 99),
)
@pytest.mark.usefixtures("path")
def test_operators_broadcast_as_numpy_does(shapes, sign, dtypes, seed):
    """Forward exactly; a gradient is summed over the axes that were repeated."""
    rng = np.random.default_rng(seed)
    operate = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}[sign]
    x, y = (
        rng.uniform(0.5, 2.0, shape).astype(dtype)
        for shape, dtype in zip(shapes.input_shapes, dtypes, strict=True)
    )
    leaves = graph.Tensor(x), graph.Tensor(y)
    z = operate(*leaves)
    np.testing.assert_array_equal(z.data, operate(x, y))
    assert z.dtype == np.asarray(operate(x, y)).dtype
    g = rng.uniform(-1, 1, z.shape).astype(z.dtype)
    z.backward(g)
    one = {"+": 1.0, "-": 1.0, "*": y, "/": 1.0 / y}[sign]
    other = {"+": 1.0, "-": -1.0, "*": x, "/": -x.astype(float) / y / y}[sign]
    for leaf, factor in zip(leaves, (one, other), strict=True):
        assert leaf.grad.shape == leaf.shape and leaf.grad.dtype == leaf.dtype
        parts = g.astype(float) * factor
        extra = tuple(range(parts.ndim - leaf.ndim))
        long = [i for i, n in enumerate(leaf.shape) if n == 1]
        expected = parts.sum(extra).sum(tuple(long), keepdims=True)
        size = np.abs(parts).sum(extra).sum(tuple(long), keepdims=True)
        # g_k of a sum of k terms, each of which had at most 4 roundings of its own.
        eps = np.finfo(np.float32 if np.float32 in dtypes else float).eps
        bound = (parts.size / max(leaf.size, 1) + 4) * eps * size
        assert (np.abs(leaf.grad - expected) <= bound.reshape(leaf.shape)).all()


@settings(deadline=None, max_examples=60)
@given(
    shape=array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=7), data=st.data()
)
@pytest.mark.usefixtures("path")
def test_reductions_over_any_axes(shape, data):
    axes = data.draw(
        st.none() | st.sets(st.integers(0, max(len(shape) - 1, 0))).map(tuple)
    )
    axes = axes if shape or axes is None else ()
    keepdims = data.draw(st.booleans())
    x = np.random.default_rng(len(shape)).uniform(-1, 1, shape)
    leaf = graph.Tensor(x)
    total = leaf.sum(axis=axes, keepdims=keepdims)
    expected = np.sum(x, axis=axes, keepdims=keepdims)
    assert total.shape == np.shape(expected)
    bound = 2 * x.size * np.finfo(float).eps * max(np.abs(x).sum(), 1.0)
    np.testing.assert_allclose(total.data, expected, rtol=0, atol=bound)
    total.backward(np.ones(total.shape))
    assert leaf.grad.shape == shape and (leaf.grad == 1.0).all()
