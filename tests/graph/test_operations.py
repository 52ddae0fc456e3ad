"""Every operation: the numbers are NumPy's, the derivatives those of differences."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from operations import CASES, REGIONS

import fastnn as fn
from fastnn import graph
from fastnn.graph.rules import RULES

IDS = [f"{case.name}-{i}" for i, case in enumerate(CASES)]
SEEDS = st.integers(0, 2**32 - 1)
STEP = 2.0**-6


def test_by_hand(Tensor):
    """(x y)'s sum over a broadcast y = 3: dL/dx = 3 for each, dL/dy = 1 + 2."""
    x, y = Tensor([1.0, 2.0]), Tensor(3.0)
    total = (x * y).sum()
    total.backward()
    assert total.item() == 9.0
    assert x.grad.tolist() == [3.0, 3.0] and y.grad.item() == 3.0


def test_no_operation_is_missing():
    tested = {case.name for case in CASES}
    inside = {"abs", "scatter", "alias", "tanh"}  # reached through others
    assert set(graph.functions.__all__) <= tested
    assert set(RULES) - inside <= tested


def drawn(case, shapes, seed, dtype=np.float64):
    """Inputs of a case, the same for every path."""
    rng = np.random.default_rng(seed)
    sizes = [math.prod(shape) for shape in shapes]
    numbers = REGIONS[case.region](rng, sum(sizes)).astype(dtype)
    parts = np.split(numbers, np.cumsum(sizes)[:-1])
    return [x.reshape(shape) for x, shape in zip(parts, shapes, strict=True)], rng


@pytest.mark.parametrize("case", CASES, ids=IDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_numbers_are_those_of_numpy(case, dtype, Tensor):
    for shapes in case.shapes:
        inputs, _ = drawn(case, shapes, 0, dtype)
        found = case.on_tensors(*[Tensor(x) for x in inputs])
        expected = np.asarray(case.on_arrays(*[x.astype(float) for x in inputs]))
        assert found.shape == expected.shape
        assert found.dtype == (dtype if "astype" not in case.name else np.float64)
        assert found.data.flags.c_contiguous and not found.data.flags.writeable
        if case.exact and dtype == np.float64:
            np.testing.assert_array_equal(found.data, expected)
        else:
            # A few roundings of each of the numbers that go in, of size up to 10.
            bound = 8 * (case.sums + 4) * np.finfo(dtype).eps
            np.testing.assert_allclose(found.data, expected, rtol=bound, atol=bound)


def slope(f):
    """df/dt at 0: central differences, extrapolated twice (Richardson, 1911).

    The error is of the order h^6, some 1e-11 here; of rounding 1e-15 / h, 1e-13.
    """
    at = [(f(h) - f(-h)) / (2 * h) for h in (STEP, STEP / 2, STEP / 4)]
    once = [(4 * fine - rough) / 3 for rough, fine in itertools.pairwise(at)]
    return (16 * once[1] - once[0]) / 15


def along(inputs, directions, t):
    return [x + t * v for x, v in zip(inputs, directions, strict=True)]


def inner(xs, ys):
    """The sum of all products: a gradient and a direction, of all inputs."""
    return sum(float(np.sum(np.asarray(x) * y)) for x, y in zip(xs, ys, strict=True))


def check(case, shapes, seed, Tensor):
    """The first and the second derivative along random directions."""
    inputs, rng = drawn(case, shapes, seed)
    directions = [rng.uniform(-1, 1, shape) for shape in shapes]
    others = [rng.uniform(-1, 1, shape) for shape in shapes]
    size = np.asarray(case.on_arrays(*inputs)).shape
    weights = rng.uniform(0.5, 1.5, size)

    def value(t):
        result = case.on_tensors(*[Tensor(x) for x in along(inputs, directions, t)])
        return float(np.sum(result.data * weights))

    def gradient(t, as_nodes=False):
        leaves = [Tensor(x) for x in along(inputs, others, t)]
        result = case.on_tensors(*leaves)
        return leaves, result.gradients(leaves, weights, as_nodes)

    leaves, found = gradient(0.0)
    assert [x.shape for x in found] == list(shapes)
    assert close(inner(found, directions), slope(value))

    leaves, nodes = gradient(0.0, as_nodes=True)
    assert close(inner(nodes, directions), inner(found, directions))
    total = sum(((x * v).sum() for x, v in zip(nodes, directions, strict=True)), 0.0)
    second = total.gradients(leaves)
    numeric = slope(lambda t: inner(gradient(t)[1], directions))
    assert close(inner(second, others), numeric)


def close(found, expected):
    """To 1e-7 of the number, or of 1, the size of the inputs and the weights."""
    return abs(found - expected) <= 1e-7 * max(abs(expected), 1.0)


@pytest.mark.parametrize("case", CASES, ids=IDS)
@settings(deadline=None, max_examples=5)  # each of them along new directions
@given(data=st.data(), seed=SEEDS)
def test_derivatives_are_those_of_the_differences(case, data, seed):
    shapes = data.draw(st.sampled_from(case.shapes))
    check(case, shapes, seed, graph.Tensor)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_derivatives_on_the_reference_path(case):
    with fn.use("reference"):
        for shapes in case.shapes[:2]:
            check(case, shapes, 1, graph.Tensor)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_gradients_in_float32(case, Tensor):
    """Of the precision of the input, and those of float64 to its rounding."""
    shapes = case.shapes[0]
    inputs, rng = drawn(case, shapes, 3, np.float32)
    weights = rng.uniform(0.5, 1.5, np.asarray(case.on_arrays(*inputs)).shape)
    narrow = [Tensor(x) for x in inputs]
    wide = [Tensor(x.astype(float)) for x in inputs]
    found = case.on_tensors(*narrow).gradients(narrow, weights)
    exact = case.on_tensors(*wide).gradients(wide, weights)
    for x, y in zip(found, exact, strict=True):
        assert x.dtype == np.float32
        np.testing.assert_allclose(x, y, rtol=2e-5, atol=2e-5)
