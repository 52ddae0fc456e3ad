"""leaves: where a graph begins."""

import numpy as np
import pytest

from fastnn import graph


def test_by_hand(Tensor):
    """L = sum (w x + b)^2 at x = (1, 2), w = 3, b = -1: dL/dw = 2 (2 + 2 * 5) = 24."""
    w, b = Tensor(3.0, "w"), Tensor(-1.0, "b")
    loss = ((w * np.array([1.0, 2.0]) + b) ** 2).sum()
    loss.backward()
    found = graph.leaves(loss)
    assert [*found] == ["w", "b"] and found["w"] is w and found["b"] is b
    assert found["w"].grad == 24.0 and found["b"].grad == 14.0


def test_constants_and_leaves_without_a_name_are_left_out(Tensor):
    x, w = Tensor([1.0], "x", constant=True), Tensor([2.0], "w")
    total = (x * w + Tensor([3.0]) + 1.0).sum()
    total.name = "total"
    assert graph.leaves(total) == {"w": w}
    assert graph.leaves(w) == {"w": w} and graph.leaves(x) == {}


def test_a_leaf_that_is_used_twice_is_one_leaf(Tensor):
    w = Tensor([2.0], "w")
    assert [*graph.leaves((w * w + w.exp()).sum())] == ["w"]


def test_of_values(Value):
    x, y = Value(1.0, "x"), Value(2.0, "y")
    assert [*graph.leaves((x * y + 3.0) * x)] == ["x", "y"]


def test_a_long_graph(Tensor):
    w = node = Tensor([1.0], "w")
    for _ in range(5000):
        node = node * 1.0
    assert graph.leaves(node) == {"w": w}


def test_what_it_refuses(Tensor):
    one, other = Tensor([1.0], "w"), Tensor([2.0], "w")
    with pytest.raises(ValueError, match="two leaves are called 'w'; give one of them"):
        graph.leaves(one + other)
    with pytest.raises(TypeError, match=r"node is an array of shape \(2,\).*net.graph"):
        graph.leaves(np.ones(2))
