"""Where NaN and infinity arise: one warning that names the node, and none elsewhere."""

import math
import warnings

import numpy as np
import pytest

from fastnn import graph


def test_by_hand(Tensor):
    """1 / (x - 2) at x = 2: inf, said once, with the numbers that went in."""
    with pytest.warns(RuntimeWarning) as caught:
        y = 1.0 / (Tensor(2.0, "x") - 2.0)
    assert y.item() == math.inf and len(caught) == 1
    assert str(caught[0].message) == "Tensor: / of 1.0 and (-) = 0.0 is inf"


@pytest.mark.parametrize(
    "compute, words",
    [
        (lambda T: T([-1.0, 1.0], "x").log(), "log of x (2,) is nan at [0]"),
        (lambda T: T([1.0, 0.0], "x").log(), "log of x (2,) is -inf at [1]"),
        (lambda T: T(-2.0, "x").log1p(), "log1p of x = -2.0 is nan"),
        (lambda T: T([[-1.0]], "x").sqrt(), "sqrt of x = -1.0 is nan"),
        (lambda T: 1 / T(0.0, "x"), "/ of 1.0 and x = 0.0 is inf"),
        (lambda T: 0 / T(0.0, "x"), "/ of 0.0 and x = 0.0 is nan"),
        (lambda T: T([1.0, 800.0], "x").exp(), "exp of x (2,) is inf at [1]"),
        (lambda T: T(800.0, "x").expm1(), "expm1 of x = 800.0 is inf"),
        (lambda T: T(1e200, "x") ** 2, "**2 of x = 1e+200 is inf"),
        (lambda T: T(-2.0, "x") ** 0.5, "**0.5 of x = -2.0 is nan"),
        (lambda T: T(-2.0, "x") ** T(0.5), "** of x = -2.0 and 0.5 is nan"),
        (lambda T: T([1e308], "x") * 10.0, "* of x = 1e+308 and 10.0 is inf"),
        (lambda T: T([1e308, 1e308], "x").sum(), "sum of x (2,) is inf"),
        (lambda T: T([[1e200]], "x") @ [[1e200]], "@ of x = 1e+200 and 1e+200 is inf"),
        (lambda T: np.add(T([1e308, 0.0], "x"), 1e308), "+ of x (2,) and 1e+308 is i"),
        (lambda T: T(np.full((200, 200), 1e308), "x") * 10.0,
         "* of x (200, 200) and 10.0 is inf at [0, 0] and in 39999 more elements"),
        (lambda T: T(np.full((200, 200), -1.0), "x").sqrt(),
         "sqrt of x (200, 200) is nan at [0, 0] and in 39999 more elements"),
    ],
)  # fmt: skip
def test_where_nan_or_infinity_arises_a_warning_names_the_node(compute, words, Tensor):
    with pytest.warns(RuntimeWarning) as caught:
        compute(Tensor)
    assert len(caught) == 1
    assert str(caught[0].message).startswith(f"Tensor: {words}")
    assert caught[0].filename == __file__


def test_where_they_pass_through_no_warning_is_given(Tensor):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nan, inf = Tensor([math.nan, 1.0]), Tensor([math.inf, 1.0])
        for x in (
            nan + 1,
            nan * inf,
            nan.relu(),
            nan.log(),
            abs(nan),
            nan.sum(),
            nan**2,
        ):
            assert np.isnan(x.data).any()
        for x in (inf + 1, inf * 2, inf.exp(), inf.relu(), inf.sqrt(), inf.max()):
            assert np.isinf(x.data).any()
        assert (1 / inf).data[0] == 0 and inf.sigmoid().data[0] == 1.0
        graph.maximum(nan, 0.0).sum().backward()


def test_backward_is_quiet(Tensor):
    """An infinite slope is what it is; the number that it came from was warned of."""
    x = Tensor([0.0, 1.0])
    root = x.sqrt().sum()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        root.backward()
    assert x.grad.tolist() == [math.inf, 0.5]


def test_a_warning_made_an_error_leaves_the_graph_alone(Tensor):
    x = Tensor([0.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning):
            x.log()
    (x + 1.0).sum().backward()
    assert x.grad.item() == 1.0


@pytest.mark.parametrize(
    "compute, words",
    [
        (lambda T: graph.outer(T([1e200], "x"), [1e200]), "outer of x"),
        (lambda T: graph.einsum("i,i->", T([1e200], "x"), [1e200]), "einsum(i,i->) of"),
        (lambda T: T([[math.inf], [1.0]], "x").softmax(axis=0), "softmax(axis=-2) of"),
        (lambda T: T([math.inf, 1.0], "x").log_softmax(), "log_softmax of x (2,) is n"),
        (lambda T: T([1e300], "x").astype(np.float32), "float32 of x = 1e+300 is inf"),
        (lambda T: T(np.float32([1.0])) * 1e300, "the number 1e+300 is beyond float32"),
        (lambda T: setattr(T(np.float32(1)), "data", 1e300), "a number in data is bey"),
        (lambda T: T([]).mean(), "mean of (0,) is nan"),
        (lambda T: T(math.inf, "x") - math.inf, "- of x = inf and inf is nan"),
        (lambda T: T([1e200, -1e200], "x").std(), "std of x (2,) is inf"),
        (lambda T: T(np.zeros((1, 0)), "x").logsumexp(axis=1), "logsumexp(axis=1) of"),
        (lambda T: graph.mse(T([[1e200]], "x"), [[0.0]]), "mse of x = 1e+200 is inf"),
    ],
)  # fmt: skip
def test_numpy_does_not_warn_beside_it(compute, words, Tensor):
    with pytest.warns(RuntimeWarning) as caught:
        compute(Tensor)
    assert len(caught) == 1
    assert str(caught[0].message).startswith(f"Tensor: {words}")
    assert caught[0].filename == __file__


def many(T):
    return T(np.full(9000, 0.1))


@pytest.mark.parametrize(
    "start",
    [
        lambda T: (T(np.float32([1.0])).astype(float) * 1e300).backward(),
        lambda T: (T(1.0) * T(np.full(3, 1e308))).backward(np.ones(3)),
        lambda T: (lambda x: (x * 1e308 + x * 1e308).backward(np.ones(9000)))(many(T)),
        lambda T: (lambda x, y: (x @ y).backward(10.0))(T([1e-10]), T([1e308])),
        lambda T: graph.mse(T([[1e5]]), [[0.0]]).backward(1e308),
        lambda T: (T([[1e-300]]) @ [[1e308]]).backward([[100.0]]),
        lambda T: graph.outer(T([1e-300]), [1e308]).backward([[100.0]]),
        lambda T: [(lambda y: (y.backward(), y.backward()))(T([1e-5]) * 1e308)],
        lambda T: T([0.0, 0.0]).norm().backward(),
        lambda T: (T(0.0) ** 0.5).backward(),
    ],
)
def test_no_backward_warns(start, Tensor):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        start(Tensor)


ENDS = np.array(
    [math.inf, -math.inf, 1e200, -1e200, 1e3, -1e3, 50.0, -50.0, math.nan, 0.0, -0.0]
)


def test_a_loss_whose_weights_are_all_0(Tensor):
    x = Tensor([[1.0], [2.0]])
    loss = graph.mse(x, [[0.0], [0.0]], [0.0, 0.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for as_nodes in (False, True):
            (grad,) = loss.gradients([x], as_nodes=as_nodes)
            assert np.asarray(grad).tolist() == [[0.0], [0.0]]


NAMES = "sigmoid tanh relu leaky_relu elu selu gelu gelu_tanh silu softplus"


@pytest.mark.parametrize("name", NAMES.split())
def test_the_formula_of_a_slope_says_what_the_kernel_says(name, Tensor):
    """At infinity, where products of 0 and inf lie in wait, at NaN and at 0."""
    x = Tensor(ENDS)
    y = getattr(graph, name)(x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (kernel,) = y.gradients([x], np.ones(y.shape))
        (formula,) = y.gradients([x], np.ones(y.shape), as_nodes=True)
        (second,) = formula.sum().gradients([x])
    np.testing.assert_allclose(formula.data, kernel, rtol=1e-15, atol=1e-15)
    # All of them are straight far from 0, and say so.
    assert not second[:6].any()
