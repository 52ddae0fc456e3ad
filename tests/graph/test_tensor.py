"""Tensor as it is used: backward, kinks, warnings, manners, bad input."""

import copy
import pickle

import numpy as np
import pytest

import fastnn as fn
from fastnn import graph

KERNELS = graph.tensor.CompiledTensor is not None


def test_by_hand(Tensor):
    """z = x w, L = sum (z - y)^2: x (2, 2), w = (1, 2), y = (1, 1).

    z = (1 + 4, 3 + 8) = (5, 11), L = 16 + 100; dL/dz = 2 (z - y) = (8, 20);
    dL/dw = x^T dL/dz = (8 + 60, 16 + 80); dL/dx = dL/dz w^T.
    """
    x, w = Tensor([[1.0, 2.0], [3.0, 4.0]], "x"), Tensor([1.0, 2.0], "w")
    z = x @ w
    loss = ((z - [1.0, 1.0]) ** 2).sum()
    loss.backward()
    assert loss.item() == 116.0
    assert z.grad.tolist() == [8.0, 20.0]
    assert w.grad.tolist() == [68.0, 96.0]
    assert x.grad.tolist() == [[8.0, 16.0], [20.0, 40.0]]


def test_what_a_node_knows(Tensor):
    x = Tensor([[1, 2], [3, 4]], "x")
    y = (x * 2.0).sum(axis=0)
    assert (x.shape, x.ndim, x.size, x.dtype, len(x)) == ((2, 2), 2, 4, np.float64, 2)
    assert (x.op, x.inputs, x.constant, y.op) == ("", (), False, "sum(axis=0)")
    product = y.inputs[0]
    assert product.op == "*" and product.inputs[0] is x
    assert product.inputs[1].constant and product.inputs[1].item() == 2.0
    assert repr(x) == "Tensor([[1., 2.],\n        [3., 4.]], name='x')"
    assert repr(Tensor(np.float32(0.5))) == "Tensor(0.5, dtype=float32)"
    assert "op='sum(axis=0)'" in repr(y)
    assert f"{Tensor(0.25):.1f}" == "0.2" and float(Tensor(2)) == 2.0
    assert Tensor(1.0).rule is None and y.settings == ((0,), False)


# --- Backward -------------------------------------------------------------------------


def test_leaves_accumulate_and_inner_nodes_do_not(Tensor):
    x = Tensor([3.0, 1.0])
    square = x * x
    total = (square + x).sum()
    for times in (1, 2, 3):
        total.backward()
        assert x.grad.tolist() == [times * 7.0, times * 3.0]
        assert square.grad.tolist() == [1.0, 1.0]
    total.zero_grad()
    assert not x.grad.any() and not square.grad.any()
    total.backward()
    assert x.grad.tolist() == [7.0, 3.0]


def test_a_leaf_as_the_root(Tensor):
    x = Tensor(3.0)
    x.backward()
    x.backward()
    assert x.grad.item() == 2.0
    constant = Tensor(1.0, constant=True)
    constant.backward()
    assert constant.grad is None


def test_grad_output(Tensor):
    x = Tensor([1.0, 2.0, 3.0])
    y = x * x
    y.backward([1.0, 0.0, -1.0])
    assert x.grad.tolist() == [2.0, 0.0, -6.0]
    y.backward(Tensor([0.0, 1.0, 0.0]))
    assert x.grad.tolist() == [2.0, 4.0, -6.0]
    with pytest.raises(ValueError, match=r"\(\*\) \(3,\) has 3 elements; take the"):
        y.backward()
    with pytest.raises(ValueError, match=r"grad_output is of shape \(2,\), but \(\*\)"):
        y.backward([1.0, 2.0])
    with pytest.raises(TypeError, match="grad_output is 'a'"):
        y.backward("a")


def test_an_element_that_is_used_twice(Tensor):
    x = Tensor([1.0, 2.0])
    x[[0, 0, 1]].sum().backward()
    assert x.grad.tolist() == [2.0, 1.0]


def test_a_diamond_on_diamonds(Tensor):
    x = a = Tensor(1.0)
    for _ in range(60):
        a = a + a
    a.backward()
    assert x.grad.item() == a.item() == 2.0**60


def test_constants_get_no_gradient(Tensor):
    x, c = Tensor([1.0, 2.0], "x"), Tensor([3.0, 4.0], "c", constant=True)
    y = (x * c).detach() * x + c * 2.0
    assert y.inputs[1].constant and c.grad is None
    y.sum().backward()
    assert x.grad.tolist() == [3.0, 8.0] and c.grad is None


def test_an_error_in_the_middle_leaves_every_gradient(Tensor):
    def fails(g, y, x):
        raise OverflowError("planted")

    from fastnn.graph.rules import Rule

    planted = Rule(0, "planted", lambda x: x * 1, (fails,), (fails,), True, None)
    x, w = Tensor([1.0, 2.0]), Tensor(3.0)
    (x * w).sum().backward()
    before = x.grad.copy(), w.grad.copy()
    y = (graph.rules.apply(planted, (x * 2.0,)) * w).sum()
    with pytest.raises(OverflowError, match="planted"):
        y.backward()
    assert (x.grad == before[0]).all() and (w.grad == before[1]).all()
    (x * w).sum().backward()
    assert (x.grad == 2 * before[0]).all()


def test_gradients_can_be_written_into(Tensor):
    """They are arrays of their own: of two leaves that get the same gradient too."""
    x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    total = x + y
    total.sum().backward()
    x.grad[...] = 7.0
    assert y.grad.tolist() == [1.0, 1.0]
    z = Tensor([[1.0], [2.0]])
    graph.broadcast_to(z, (2, 3)).sum(axis=1).backward([1.0, 2.0])
    z.grad *= 2.0
    assert z.grad.tolist() == [[6.0], [12.0]]
    kept = x.grad
    total.sum().backward()
    assert kept.tolist() == [7.0, 7.0] and x.grad.tolist() == [8.0, 8.0]


# --- Kinks and ties -------------------------------------------------------------------


@pytest.mark.parametrize(
    "f, x, slope",
    [
        (graph.relu, 0.0, 0.0), (graph.relu, -0.0, 0.0), (graph.absolute, 0.0, 0.0),
        (graph.sign, 0.0, 0.0), (graph.leaky_relu, 0.0, 0.01), (graph.elu, 0.0, 1.0),
        (graph.selu, 0.0, 1.0507009873554805 * 1.6732632423543772),
        (lambda x: graph.clip(x, 0.0, 1.0), 0.0, 1.0),
        (lambda x: graph.clip(x, -1.0, 0.0), 0.0, 1.0),
        (lambda x: graph.clip(x, 1.0, 2.0), 0.0, 0.0),
        (lambda x: graph.maximum(x, 0.0), 0.0, 0.5),
        (lambda x: graph.minimum(0.0, x), 0.0, 0.5),
        (lambda x: graph.maximum(x, x), 2.0, 1.0),
        (lambda x: x**0, 0.0, 0.0), (lambda x: x**1, 0.0, 1.0),
        (lambda x: x**2, 0.0, 0.0), (lambda x: x ** graph.Tensor(0.0), 0.0, 0.0),
        (lambda x: graph.norm(x), 0.0, 0.0), (lambda x: graph.std(x), 0.0, 0.0),
        (lambda x: graph.mae(graph.stack([x]), [0.0]), 0.0, 0.0),
        (lambda x: graph.huber(graph.stack([x]), [0.0]), 1.0, 1.0),
    ],
)  # fmt: skip
def test_kinks(f, x, slope, Tensor):
    x = Tensor(x)
    f(x).backward()
    assert x.grad.item() == pytest.approx(slope, rel=1e-15)
    x = Tensor(x)
    y = f(x)
    (again,) = y.gradients([x], as_nodes=True)
    assert again.item() == pytest.approx(slope, rel=1e-15)  # the formula says the same


def test_equals_share_evenly(Tensor):
    x = Tensor([[3.0, 1.0, 3.0], [2.0, 2.0, 2.0]])
    x.max(axis=1).backward([1.0, 3.0])
    assert x.grad.tolist() == [[0.5, 0.0, 0.5], [1.0, 1.0, 1.0]]
    x.zero_grad()
    x.min().backward()
    assert x.grad.tolist() == [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]


def test_the_slope_of_zero_to_a_power(Tensor):
    x, n = Tensor(0.0), Tensor(2.0)
    (x**n).backward()
    assert x.grad.item() == 0.0 and n.grad.item() == 0.0


# --- Manners --------------------------------------------------------------------------


def test_precision(Tensor):
    x = Tensor(np.float32([1, 2]), "x")
    for y in (
        *(x * 2, x + 0.1, 3 / x, x**2, x**0.5, x @ [1, 2], x * np.arange(2), x.sum()),
        *(x * np.bool_(True), np.float32(2) * x, x.mean(), x.sigmoid()),
    ):
        assert y.dtype == np.float32
    assert (x * np.ones(2)).dtype == (np.float64(2) * x).dtype == np.float64
    (x * np.ones(2)).sum().backward()
    assert x.grad.dtype == np.float32
    assert Tensor([True, False]).dtype == Tensor(np.int8([1])).dtype == np.float64
    assert Tensor(np.float16([1.5])).dtype == np.float32
    assert x.astype(float).dtype == np.float64 and x.astype("float32") is x
    with pytest.raises(TypeError, match="astype: dtype is int64"):
        x.astype(int)


def test_comparisons_and_identity(Tensor):
    x = Tensor([1.0, 2.0, 3.0])
    assert (x > 2).tolist() == [False, False, True] and (x <= x).all()
    assert (x == [1, 0, 3]).tolist() == [True, False, True] and (x != 1).sum() == 2
    assert (np.float64(2) < x).tolist() == [False, False, True]
    assert x in {x} and len({x, Tensor(1.0), x}) == 2
    assert bool(Tensor(1.0)) and not Tensor([0.0])
    with pytest.raises(ValueError):
        bool(x)


def test_like_an_array(Tensor):
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    assert [row.data.tolist() for row in x] == [[1.0, 2.0], [3.0, 4.0]]
    assert np.asarray(x).tolist() == x.data.tolist() and np.array(x).flags.writeable
    assert np.asarray(x, dtype=np.float32).dtype == np.float32
    assert not x.array.flags.writeable and +x is x
    assert x.flatten().shape == (4,) and x.dot(x).data.tolist() == [[7, 10], [15, 22]]
    with pytest.raises(TypeError, match="len: this Tensor is a single number"):
        len(Tensor(1.0))
    with pytest.raises((NotImplementedError, AttributeError)):
        del x[0]


def test_copies_of_leaves(Tensor):
    x = Tensor([1.5, 2.0], "x", constant=True)
    for again in (copy.deepcopy(x), copy.copy(x), pickle.loads(pickle.dumps(x))):
        assert type(again) is Tensor and again is not x
        assert (
            again.data.tolist() == [1.5, 2.0] and again.name == "x" and again.constant
        )
    y = x + 1
    assert copy.copy(y) is y  # its numbers stay as they are
    for attempt in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="only leaves"):
            attempt(y)


@pytest.mark.skipif(not KERNELS, reason="this fastnn has no kernels")
def test_the_class_is_chosen_when_its_name_is_looked_up():
    compiled, plain = graph.tensor.CompiledTensor, graph.tensor.PlainTensor
    assert graph.Tensor is compiled and compiled.__name__ == plain.__name__ == "Tensor"
    with fn.use("reference"):
        assert graph.Tensor is plain
        assert type(graph.grad(lambda x: x * x)(compiled(1.0))) is compiled
    for first, second in ((compiled, plain), (plain, compiled)):
        for f in (lambda x, y: x + y, graph.maximum, lambda x, y: graph.stack([x, y])):
            with pytest.raises(TypeError, match="is compiled, the other one plain Py"):
                f(first(1.0), second(1.0))


# --- Bad input ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data", ["a", None, [1j], object(), [object()], ["1"], np.array(["x"]), {}, b"x"]
)
def test_data_that_is_no_number(data, Tensor):
    x = Tensor([1.0])
    for attempt in (
        lambda: Tensor(data),
        lambda: setattr(x, "data", data),
        lambda: setattr(x, "grad", data if data is not None else "a"),
        lambda: x.__setitem__(0, data),
    ):
        with pytest.raises(
            TypeError, match=r"^Tensor: data is .*expected real numbers"
        ):
            attempt()
    for operate in (
        lambda: x + data,
        lambda: data * x,
        lambda: x @ data,
        lambda: x**data,
    ):
        with pytest.raises(TypeError):
            operate()
    assert x.data.tolist() == [1.0]


def test_other_bad_input(Tensor):
    x, y = Tensor([[1.0, 2.0]], "x"), Tensor([1.0, 2.0, 3.0], "y")
    with pytest.raises(ValueError, match=r"rows of one length"):
        Tensor([[1.0], [1.0, 2.0]])
    with pytest.raises(TypeError, match="name is 3; expected a string"):
        Tensor(1.0, 3)
    with pytest.raises(TypeError, match="constant is"):
        Tensor(1.0, "x", constant="yes")
    for f, op in ((lambda: x + y, "+"), (lambda: x @ y, "@"), (lambda: x / y, "/")):
        with pytest.raises(ValueError) as error:
            f()
        assert str(error.value).startswith(f"Tensor: {op} of x (1, 2) and y (3,): ")
    with pytest.raises(ValueError, match=r"data is of shape \(2,\), but what it repl"):
        x.data = [1.0, 2.0]
    with pytest.raises(AttributeError, match=r"\(\+\) \(1, 2\) was computed; set the"):
        (x + 1.0).data = 3.0
    with pytest.raises(AttributeError, match="was computed"):
        (x + 1.0)[0] = 3.0
    with pytest.raises(AttributeError):
        x.nonsense = 1
    with pytest.raises(TypeError, match="the other operand is Value"):
        x * graph.Value(1.0)
    with pytest.raises(TypeError, match="a Value, which has no softplus"):
        graph.softplus(graph.Value(1.0))


@pytest.mark.parametrize(
    "f, words",
    [
        (lambda x: x.sum(axis=2), "sum: axis is 2, but x of shape"),
        (lambda x: x.sum(axis="a"), "sum: axis is 'a'"),
        (lambda x: x.mean(axis=(0, -2)), "mean: axis is (0, -2), which names one axis"),
        (lambda x: x.sum(keepdims=3), "sum: keepdims is 3"),
        (lambda x: x[:0].max(), "max: x of shape (0, 3) has no elements"),
        (lambda x: x.var(ddof=6), "var: 6 elements with ddof 6"),
        (lambda x: x.softmax(axis=2), "softmax: axis is 2"),
        (lambda x: x[0, 0].softmax(), "softmax: x is a single number; expected at"),
        (lambda x: graph.einsum("ij,jk->ik", x[:, :1], x), "einsum: the axis 'j' of"),
        (lambda x: x.reshape(4, -1), "reshape: x of shape (2, 3) has 6 elements"),
        (lambda x: x.reshape("a"), "reshape: shape is 'a'"),
        (lambda x: x.transpose(0), "transpose: axes are (0,), but x of shape"),
        (lambda x: graph.broadcast_to(x, (3, 2)), "broadcast_to: x of shape (2, 3)"),
        (lambda x: x.squeeze(0), "squeeze: axis 0 of x, of shape (2, 3), is not"),
        (lambda x: graph.expand_dims(x, 5), "expand_dims: axis is 5"),
        (lambda x: graph.concatenate([]), "concatenate: nothing to join"),
        (lambda x: graph.concatenate([x, x], 2), "concatenate: axis is 2"),
        (lambda x: graph.stack([x, x[0]]), "Tensor: stack of x (2, 3) and ([]) (3,)"),
        (lambda x: graph.outer(x, x), "outer: x is of shape (2, 3); expected a vector"),
        (lambda x: graph.einsum("ij->k", x), "einsum: the result 'k'"),
        (lambda x: graph.einsum("ij,jk", x), "einsum: 'ij,jk' has 2 terms, but 1"),
        (lambda x: graph.einsum("ii->i", x), "einsum: the term 'ii'"),
        (lambda x: graph.einsum("ijk->i", x), "einsum: the term 'ijk' names 3 axes"),
        (lambda x: graph.einsum(3, x), "einsum: the first argument is a string"),
        (lambda x: graph.where([1, 0, 1], x, x), "where: condition is of dtype int64"),
        (lambda x: graph.clip(x), "clip: low and high are both None"),
        (lambda x: graph.clip(x, "a"), "clip: low is 'a'"),
        (lambda x: graph.clip(x, 2.0, 1.0), "clip: low is 2.0, which is above high"),
        (lambda x: x[[[0], [0, 1]]], "index: a part of it is [[0], [0, 1]] that makes"),
        (lambda x: x[0.5], "Tensor: [] of x (2, 3): only integers"),
        (lambda x: x[[0.5]], "index: an array of dtype float64"),
        (lambda x: x[7], "Tensor: [] of x (2, 3): index 7 is out of bounds"),
        (lambda x: graph.cross_entropy(x, [0, 3]), "cross_entropy: y[1] is 3"),
        (lambda x: graph.mse(x, [0, 3]), "mse: y has shape (2,) but"),
        (lambda x: graph.mse(x, x * 1.0), "mse: y is a Tensor, by which a loss is not"),
        (lambda x: graph.tanh("a"), "tanh: an input is 'a'"),
        (lambda x: graph.sum(None), "sum: an input is None"),
    ],
)
def test_bad_arguments(f, words, Tensor):
    x = Tensor(np.ones((2, 3)), "x")
    with pytest.raises((TypeError, ValueError, IndexError)) as error:
        f(x)
    assert str(error.value).startswith(words)
