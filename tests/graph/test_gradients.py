"""Gradients as arrays: whose they are, by what they are taken, and what is refused."""

import numpy as np
import pytest

from fastnn import graph


def test_by_hand(Tensor):
    """L = (x y)^2 at x = 2, y = 3: dL/dx = 2 x y^2 = 36, and dL/d(x y) = 12."""
    x, y = Tensor(2.0), Tensor(3.0)
    product = x * y
    total = product**2
    by_x, by_product = total.gradients([x, product])
    assert (by_x, by_product) == (36.0, 12.0) and not x.grad.any()


def test_gradients_of_inner_nodes_are_arrays_of_their_own(Tensor):
    x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    a, b = x * 2.0, y * 3.0
    total = a + b
    total.backward([1.0, 1.0])
    a.grad[...] = 7.0
    total.grad *= 5.0
    assert a.grad.tolist() == [7.0, 7.0] and b.grad.tolist() == [1.0, 1.0]
    assert x.grad.tolist() == [2.0, 2.0] and total.grad.tolist() == [5.0, 5.0]
    total.backward([1.0, 1.0])
    assert a.grad.tolist() == [1.0, 1.0] and x.grad.tolist() == [4.0, 4.0]


def test_a_single_number_keeps_an_array_for_gradient(Tensor):
    x = Tensor(3.0)
    for times in (1, 2, 3):
        (x * x).backward()
        assert type(x.grad) is np.ndarray and x.grad.shape == ()
        assert x.grad == 6.0 * times
    x.grad[...] = 1.0
    assert x.grad == 1.0


def test_a_gradient_that_was_set(Tensor):
    x = Tensor([1.0, 2.0])
    given = np.array([5.0, 6.0])
    x.grad = given
    given[...] = 0.0
    (x * 2.0).sum().backward()
    assert x.grad.tolist() == [7.0, 8.0]
    x.grad = None
    assert x.grad.tolist() == [0.0, 0.0]
    with pytest.raises(ValueError, match=r"data is of shape \(3,\), but what it rep"):
        x.grad = [1.0, 2.0, 3.0]


def test_a_leaf_that_was_changed_is_refused_by_gradients_too(Tensor):
    x, w = Tensor([1.0, 2.0], "x"), Tensor(2.0, "w")
    total = (x * x * w).sum()
    x.data -= 1.0
    for nodes in ([x], [x, w], []):
        with pytest.raises(RuntimeError, match=r"x \(2,\) was changed"):
            total.gradients(nodes)
    (x * x).sum().gradients([x])


def test_by_a_node_that_is_no_part_of_the_graph(Tensor):
    x, other, constant = Tensor([1.0]), Tensor([[2.0]]), Tensor(1.0, constant=True)
    found = (x * constant).gradients([other, constant, x, x])
    assert [g.tolist() for g in found] == [[[0.0]], 0.0, [1.0], [1.0]]


def test_what_gradients_refuses(Tensor):
    x = Tensor([1.0, 2.0], "x")
    total = (x * x).sum()
    for nodes in (x, "a", None, 3, {x}):
        with pytest.raises(TypeError, match=r"^gradients: nodes is .*a list of Tens"):
            total.gradients(nodes)
    for node in (np.ones(2), "a", None, 1.0):
        with pytest.raises(TypeError, match=r"^gradients: nodes\[1\] is .*a Tensor"):
            total.gradients([x, node])


@pytest.mark.skipif(
    graph.tensor.CompiledTensor is None, reason="this fastnn has no kernels"
)
def test_by_a_node_of_the_other_engine():
    compiled, plain = graph.tensor.CompiledTensor, graph.tensor.PlainTensor
    for one, other in ((compiled, plain), (plain, compiled)):
        with pytest.raises(TypeError, match=r"nodes\[0\] is .*compiled or plain Pyth"):
            one(1.0).gradients([other(1.0)])


@pytest.mark.parametrize(
    "grad",
    [
        np.array([1.0, 2.0, 3.0])[::-1],
        np.arange(6.0)[::2],
        np.array([1, 2, 3]),
        [1.0, 2.0, 3.0],
        np.array([1.0, 2.0, 3.0], ">f8"),
    ],
)
def test_pullback_takes_a_gradient_of_any_kind(grad, Tensor):
    """Strided, reversed, of integers, of another order of bytes."""
    x = Tensor([1.0, 2.0, 3.0])
    y = x * 2.0
    expected = (2.0 * np.asarray(grad, float)).tolist()
    assert y.pullback(grad)[0].tolist() == expected and y.pullback(grad)[1] is None
    assert y.pullback(grad, as_nodes=True)[0].data.tolist() == expected
    y.backward(grad)
    assert x.grad.tolist() == expected
    with pytest.raises(ValueError, match=r"grad_output is of shape \(2,\)"):
        y.pullback([1.0, 2.0])


# --- Classes of one's own -------------------------------------------------------------


def test_a_class_of_ones_own(Tensor):
    class Parameter(Tensor):
        def __init__(self, data, name="", rate=0.1):
            super().__init__(data, name)
            self.rate = rate

    w = Parameter([1.0, 2.0], "w", rate=0.5)
    for _ in range(3):
        loss = (w * w + Tensor(1.0)).sum()
        w.zero_grad()
        loss.backward()
        w.data -= w.rate * w.grad
    assert w.rate == 0.5 and not w.data.any() and (Tensor(1.0) + w).shape == (2,)


def test_a_class_that_does_not_call_init(Tensor):
    class Forgetful(Tensor):
        def __init__(self):
            pass

    empty = Forgetful()
    for use in (
        lambda: empty + 1.0, lambda: 1.0 - empty, lambda: Tensor(1.0) * empty,
        lambda: empty**2, lambda: -empty, empty.backward, empty.zero_grad,
        lambda: empty.data, lambda: empty.grad, lambda: empty.shape, empty.tanh,
        lambda: empty.gradients([]), lambda: Tensor(1.0).gradients([empty]),
        lambda: empty.pullback(1.0), lambda: empty.__setitem__(0, 1.0),
        lambda: setattr(empty, "data", 1.0),
        lambda: Tensor(1.0).backward(empty),
    ):  # fmt: skip
        with pytest.raises((AttributeError, TypeError)):
            use()
