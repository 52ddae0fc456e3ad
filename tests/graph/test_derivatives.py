"""Local derivatives as numbers: what a gradient is multiplied with."""

import numpy as np
import pytest
from array_shapes import SEEDS
from hypothesis import given, settings
from hypothesis import strategies as st
from operations import CASES, IDS, drawn

from fastnn import graph


def rows_of(node):
    return [row for row in node.explain(10**6).rows if not hasattr(row, "terms")]


def test_by_hand(Tensor):
    """tanh' = 1 - a² for each element; of x @ w, all the x; of a sum, ones."""
    x, w = Tensor([[1.0, 2.0], [3.0, 0.0]], "x"), Tensor([[2.0], [1.0]], "w")
    a = (x @ w).tanh()
    total, tanh, _, by_w = rows_of(a.sum())
    assert total.local.tolist() == [[1.0], [1.0]] and not total.is_jacobian
    np.testing.assert_allclose(tanh.local, 1 - a.data**2)
    assert by_w.is_jacobian and by_w.local.tolist() == x.data.tolist()


def test_of_what_was_broadcast(Tensor):
    """It has the shape of the node; what it gives is summed."""
    x, s = Tensor([[1.0, 2.0], [3.0, 0.0]], "x"), Tensor(2.0, "s")
    _, by_x, by_s = rows_of((x * s).sum())
    assert by_x.local.tolist() == [[2.0, 2.0], [2.0, 2.0]]
    assert by_s.local.tolist() == x.data.tolist() and float(by_s.product) == 6.0


def test_of_elements_that_move(Tensor):
    (*_, row) = rows_of(Tensor([5.0, 6.0, 7.0])[[2, 0]].sum())
    assert row.local.tolist() == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]


def test_a_large_jacobian_is_not_computed(Tensor):
    x = Tensor(np.ones((17, 3)))
    row = rows_of(x.sum(axis=1).sum())[1]
    assert row.is_jacobian and row.local is None
    assert "J 17×51" in str(x.sum(axis=1).sum().explain())
    x = Tensor(np.ones((2, 40_000)))
    assert rows_of(x.sum(axis=1).sum())[1].local is None
    assert rows_of(x.sum())[0].local.shape == x.shape


def test_numbers_cannot_be_written_into(Tensor):
    row = rows_of(Tensor([1.0, 2.0]).exp().sum())[1]
    with pytest.raises(ValueError, match="read-only"):
        row.local[0] = 3.0


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("case", CASES, ids=IDS)
@settings(deadline=None, max_examples=3)
@given(data=st.data(), seed=SEEDS)
def test_the_product_is_that_of_gradient_and_derivative(case, data, seed):
    example = data.draw(case.examples)
    inputs, rng = drawn(example, seed)
    node = example.of([graph.Tensor(x) for x in inputs])
    root = (node * rng.uniform(0.5, 1.5, node.shape)).sum()
    for row in rows_of(root):
        if row.is_jacobian and row.local is None:
            assert row.node.size > 16
            continue
        if row.is_jacobian:
            assert row.local.shape == (row.node.size, row.input.size)
            product = (row.above.ravel() @ row.local).reshape(row.input.shape)
        else:
            product = graph.tensor.arrays.fit(row.above * row.local, row.input.data)
        # As the rule computes it, but for the order of at most 24 terms of size 10.
        np.testing.assert_allclose(product, row.product, rtol=1e-12, atol=1e-12)
    str(root.explain()), root.explain()._repr_markdown_()
