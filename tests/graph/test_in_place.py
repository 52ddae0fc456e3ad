"""A leaf that was changed after it was used: detected and named."""

import numpy as np
import pytest

from fastnn import graph


def assert_noticed(change, Tensor, start=(1.0, 2.0), dtype=float):
    """backward of a graph from before raises; one from after has the new numbers."""
    x = Tensor(np.array(start, dtype), "x")
    before = (x * x).sum()
    change(x)
    with pytest.raises(RuntimeError, match=r"^backward: x .* was changed after \(\*\)"):
        before.backward()
    assert not x.grad.any()
    (x * x).sum().backward()
    np.testing.assert_array_equal(x.grad, 2 * np.asarray(x.data))


def write(x):
    x.data[...] = 5.0


def subtract(x):
    x.data -= 0.5


def add_through_numpy(x):
    np.add(x.data, 1.0, out=x.data)


def replace(x):
    x.data = [7.0, 8.0]


def set_items(x):
    x[0] = 9.0


def swap(x):
    x.data[:] = x.data[::-1].copy()


@pytest.mark.parametrize(
    "change", [write, subtract, add_through_numpy, replace, set_items, swap]
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_way_to_change_a_leaf(change, dtype, Tensor):
    assert_noticed(change, Tensor, dtype=dtype)


def test_a_single_number(Tensor):
    assert_noticed(write, Tensor, start=3.0)
    assert_noticed(lambda x: x.__setitem__((), 4.0), Tensor, start=3.0)


def test_an_array_that_was_handed_out_before(Tensor):
    x = Tensor([1.0, 2.0], "x")
    data, view = x.data, x.data[:1]
    first = (x * x).sum()
    view[0] = 3.0
    second = (x * x).sum()
    with pytest.raises(RuntimeError, match=r"x .* was changed"):
        first.backward()
    second.backward()
    assert x.grad.tolist() == [6.0, 4.0]
    data[1] = 5.0
    with pytest.raises(RuntimeError, match=r"x .* was changed"):
        second.backward()
    assert x.grad.tolist() == [6.0, 4.0]


def test_looking_is_not_changing(Tensor):
    x = Tensor([1.0, np.nan], "x")
    total = (x * 2.0).sum()
    assert x.data[0] == 1.0 and x.array[0] == 1.0 and list(x.data)
    total.backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_what_was_computed_is_only_read(Tensor):
    x = Tensor([1.0, 2.0])
    for node in (x + 1.0, x.reshape(2, 1), x[:1], x.sum(), x.tanh()):
        with pytest.raises(ValueError, match="read-only"):
            node.data[...] = 1.0


def test_what_a_user_brings_is_copied(Tensor):
    given, factor = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    rows, chosen = np.array([0, 0]), np.array([True, False])
    x = Tensor(given)
    total = ((x * factor)[rows] + x[chosen]).sum()
    for array in (given, factor, rows, chosen):
        array[...] = 1
    total.backward()
    assert x.data.tolist() == [1.0, 2.0] and x.grad.tolist() == [8.0, 0.0]


def test_gradient_descent(Tensor):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20, 2))
    y = X @ [2.0, -1.0]
    for change in (
        lambda w: setattr(w, "data", w.data - 0.1 * w.grad),
        lambda w: w.data.__isub__(0.1 * w.grad),
        lambda w: w.__setitem__(..., w.data - 0.1 * w.grad),
    ):
        w = Tensor(np.zeros(2), "w")
        for _ in range(300):
            loss = ((X @ w - y) ** 2).mean()
            w.zero_grad()
            loss.backward()
            change(w)
        np.testing.assert_allclose(w.data, [2.0, -1.0], atol=1e-9)


@pytest.mark.parametrize(
    "move",
    [
        lambda x: x[:1], lambda x: x[...], lambda x: x[None], lambda x: x.reshape(4, 1),
        lambda x: x.ravel(), lambda x: x.T, lambda x: graph.expand_dims(x, 0),
        lambda x: graph.broadcast_to(x, (4,)), lambda x: x[1:][1:], np.atleast_1d,
        lambda x: x.sum(axis=()), lambda x: graph.einsum("i->i", x), graph.squeeze,
        lambda x: x.swapaxes(0, 0),
    ],
)  # fmt: skip
def test_a_result_is_no_view_of_a_leaf(move, Tensor):
    """It stays what it was when the leaf is changed, and the leaf can be changed."""
    x = Tensor([1.0, 2.0, 3.0, 4.0])
    y = move(x)
    before = y.data.copy()
    x.data[...] = 9.0
    x[0] = 8.0
    if y is not x:
        assert y.data.tolist() == before.tolist() and not y.data.flags.writeable


def test_values_that_do_not_fit(Tensor):
    x = Tensor([1.0, 2.0], "x")
    with pytest.raises(
        ValueError, match=r"^Tensor: values of shape \(3,\) at an index"
    ):
        x[...] = [1.0, 2.0, 3.0]
    with pytest.raises(
        IndexError, match=r"index of x \(2,\): index 5 is out of bounds"
    ):
        x[5] = 1.0
    assert x.data.tolist() == [1.0, 2.0]


def test_labels_and_weights_are_copied(Tensor):
    x = Tensor([[1.0, 2.0], [3.0, 5.0]])
    y, weights = np.array([0, 1]), np.array([1.0, 3.0])
    loss = graph.cross_entropy(x, y, weights)
    (expected,) = loss.gradients([x])
    y[...], weights[...] = 0, 7.0
    assert (loss.gradients([x])[0] == expected).all()


@pytest.mark.parametrize("rows", [range(2), [0, 1], (0, 1)])
def test_any_sequence_is_an_index(rows, Tensor):
    x = Tensor(np.arange(6.0).reshape(3, 2))
    key = (rows, 0) if isinstance(rows, tuple) else rows
    x[key].sum().backward()
    expected = np.zeros((3, 2))
    expected[key] = 1.0
    assert x.grad.tolist() == expected.tolist()
