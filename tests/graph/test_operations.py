"""Every operation: the numbers are NumPy's, the derivatives those of differences."""

import itertools

import numpy as np
import pytest
from array_shapes import SEEDS
from hypothesis import given, settings
from hypothesis import strategies as st
from operations import CASES, IDS, drawn

from fastnn import graph
from fastnn.graph.rules import RULES

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


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_no_operation_has_a_list_of_shapes(case):
    """They are drawn: of a few examples hardly two are alike."""
    found = set()

    @settings(deadline=None, derandomize=True, max_examples=6)
    @given(case.examples)
    def look(example):
        found.add(example.shapes)

    look()
    assert len(found) > 2


def assert_near(found, expected, example):
    """To a few roundings of each of the numbers that go into one, of size up to 10."""
    bound = 8 * (example.sums + 4) * np.finfo(found.dtype).eps
    np.testing.assert_allclose(found, expected, rtol=bound, atol=bound)


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("case", CASES, ids=IDS)
@settings(deadline=None, max_examples=10)
@given(data=st.data(), seed=SEEDS)
def test_the_numbers_are_those_of_numpy(case, data, seed):
    """In float64 and float32; the gradient of float32 is that of float64, rounded."""
    example = data.draw(case.examples)
    inputs, rng = drawn(example, seed, np.float32)
    expected = example.by_numpy([x.astype(float) for x in inputs])
    weights = rng.uniform(0.5, 1.5, expected.shape)
    gradients = {}
    for dtype in (np.float64, np.float32):
        leaves = [graph.Tensor(x.astype(dtype)) for x in inputs]
        found = example.of(leaves)
        assert found.shape == expected.shape
        assert found.dtype == (np.float64 if case.name == "astype" else dtype)
        assert found.data.flags.c_contiguous and not found.data.flags.writeable
        if example.exact and dtype == np.float64:
            np.testing.assert_array_equal(found.data, expected)
        else:
            assert_near(found.data, expected, example)
        gradients[dtype] = found.gradients(leaves, weights)
    for narrow, wide, x in zip(
        gradients[np.float32], gradients[np.float64], inputs, strict=True
    ):
        assert narrow.dtype == np.float32 and narrow.shape == x.shape
        assert_near(narrow, wide, example)


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


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("case", CASES, ids=IDS)
@settings(deadline=None, max_examples=12)
@given(data=st.data(), seed=SEEDS)
def test_derivatives_are_those_of_the_differences(case, data, seed):
    """The first and the second derivative along random directions."""
    example = data.draw(case.examples)
    inputs, rng = drawn(example, seed)
    directions = [rng.uniform(-1, 1, shape) for shape in example.shapes]
    others = [rng.uniform(-1, 1, shape) for shape in example.shapes]
    weights = rng.uniform(0.5, 1.5, example.by_numpy(inputs).shape)

    def value(t):
        result = example.of([graph.Tensor(x) for x in along(inputs, directions, t)])
        return float(np.sum(result.data * weights))

    def gradient(t, as_nodes=False):
        leaves = [graph.Tensor(x) for x in along(inputs, others, t)]
        return leaves, example.of(leaves).gradients(leaves, weights, as_nodes)

    leaves, found = gradient(0.0)
    assert [x.shape for x in found] == list(example.shapes)
    assert_equal(found, directions, slope(value))

    leaves, nodes = gradient(0.0, as_nodes=True)
    for node, array in zip(nodes, found, strict=True):
        np.testing.assert_allclose(node.data, array, rtol=1e-12, atol=1e-12)
    total = sum(((x * v).sum() for x, v in zip(nodes, directions, strict=True)), 0.0)
    second = total.gradients(leaves)
    numeric = slope(lambda t: inner(gradient(t)[1], directions))
    assert_equal(second, others, numeric)


def assert_equal(gradients, directions, numeric):
    """To 1e-7 of what is added up. Below 1e-10 the differences are rounding alone."""
    size = inner(map(np.abs, gradients), map(np.abs, directions))
    assert abs(inner(gradients, directions) - numeric) <= 1e-7 * size + 1e-10
