"""Value as it is used, on both paths; beside its twin: tests/kernels/test_value.py."""

import copy
import inspect
import math
import operator
import pickle
import warnings
from fractions import Fraction

import numpy as np
import pytest
from contract import central_differences

import fastnn as fn
from fastnn import graph

FUNCTIONS = ("sigmoid", "tanh", "relu", "exp", "log", "sqrt", "sin", "cos")


def test_by_hand(Value):
    """f = (x y + x)^2 / y at x = 3, y = -2: 9 / -2, one step of the chain at a time."""
    x, y = Value(3.0, "x"), Value(-2.0, "y")
    product = x * y
    total = product + x
    square = total**2
    f = square / y
    assert [v.data for v in (product, total, square, f)] == [-6.0, -3.0, 9.0, -4.5]
    f.backward()
    assert f.grad == 1.0
    assert square.grad == 1 / -2  # d(s / y)/ds = 1 / y
    assert total.grad == -0.5 * (2 * -3)  # times 2 t
    assert product.grad == total.grad == 3.0
    assert x.grad == 3.0 * -2 + 3.0  # through the product, and by itself
    assert y.grad == 3.0 * 3 + -(9 / 4)  # through the product, and -s / y^2


def test_what_a_node_knows(Value):
    w, x = Value(-1, "w"), Value(2)
    a = w * x
    assert (a.data, a.grad, a.name, a.op, a.inputs) == (-2.0, 0.0, "", "*", (w, x))
    assert a.local_grads == (2.0, -1.0)
    assert (w.op, w.inputs, w.local_grads, w.name, x.name) == ("", (), (), "w", "")
    assert type(w.data) is float and float(a) == -2.0
    a.name = "a"
    assert repr(a) == "Value(-2, name='a', op='*', grad=0)"
    assert repr(Value(1 / 3)) == "Value(0.3333, grad=0)"
    assert f"{a:.2f}" == "-2.00" and f"{a}" == repr(a)


OPERATIONS = {
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "x * y": lambda x, y: x * y,
    "x / y": lambda x, y: x / y,
    "x ** y": lambda x, y: x**y,
    "with numbers": lambda x, y: (1 - x) * 2 + (3 / y - 0.5) / 4 + x**2 + x**-1.5,
    "numbers first": lambda x, y: 2**x + 2 * y + 1 + x,
    "-x, abs": lambda x, y: -x + abs(-y) + abs(x),
    "a diamond": lambda x, y: (x * y) * (x * y) + x * y,
    **{name: lambda x, y, name=name: getattr(x * y, name)() * x for name in FUNCTIONS},
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_gradients_equal_central_differences(name, Value):
    f = OPERATIONS[name]
    for point in ([0.7, 1.3], [2.5, 0.4]):
        x, y = Value(point[0]), Value(point[1])
        f(x, y).backward()
        numeric = central_differences(lambda p: f(Value(p[0]), Value(p[1])).data, point)
        np.testing.assert_allclose([x.grad, y.grad], numeric, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_and_methods(name, Value):
    x = Value(0.8)
    function, method = getattr(graph, name)(x), getattr(x, name)()
    expected = {
        "sigmoid": 1 / (1 + math.exp(-0.8)),
        "relu": 0.8,
    }.get(name) or getattr(math, name)(0.8)
    assert function.data == method.data == pytest.approx(expected, rel=1e-15)
    assert function.op == method.op == name
    assert function.inputs == (x,)


def test_kinks(Value):
    for x in (0.0, -0.0):
        assert Value(x).relu().local_grads == (0.0,)
        assert abs(Value(x)).local_grads == (0.0,)
        assert math.copysign(1, Value(x).relu().data) == 1
    assert Value(0.0).sqrt().local_grads == (math.inf,)
    assert (Value(0.0) ** 0).local_grads == (0.0,)
    assert (Value(0.0) ** Value(2.0)).local_grads == (0.0, 0.0)


def test_sigmoid_keeps_its_tails(Value):
    for x in (-700.0, -40.0, 40.0, 700.0):
        a = Value(x).sigmoid()
        assert a.local_grads[0] == pytest.approx(math.exp(-abs(x)), rel=1e-12)
    assert Value(-700.0).sigmoid().data == pytest.approx(math.exp(-700), rel=1e-12)


# --- Backward -------------------------------------------------------------------------


def test_leaves_accumulate_and_inner_nodes_do_not(Value):
    x = Value(3.0)
    square = x * x
    f = square + x
    for times in (1, 2, 3):
        f.backward()
        assert x.grad == times * 7.0
        assert square.grad == f.grad == 1.0
    f.zero_grad()
    assert x.grad == square.grad == f.grad == 0.0
    f.backward()
    assert x.grad == 7.0


def test_a_leaf_that_is_the_root(Value):
    x = Value(3.0)
    x.backward()
    x.backward()
    assert x.grad == 2.0
    x.zero_grad()
    assert x.grad == 0.0


def test_two_results_of_one_leaf(Value):
    """backward of each of two results: the leaf has the gradient of their sum."""
    x = Value(2.0)
    shared = x * 3
    first, second = shared**2, shared + 1
    first.backward()
    second.backward()
    assert x.grad == 2 * 6 * 3 + 3
    assert shared.grad == 1.0  # of the second call alone


def test_a_diamond_on_diamonds(Value):
    """2^60 paths from the result to the leaf, and each node is visited once."""
    x = a = Value(1.0)
    for _ in range(60):
        a = a + a
    a.backward()
    assert x.grad == a.data == 2.0**60


def test_a_chain_of_100_000(Value):
    x = a = Value(1.0)
    for _ in range(100_000):
        a = a + x
    a.backward()
    assert x.grad == 100_001
    a.zero_grad()
    assert x.grad == 0
    assert "more" in a.draw()
    del a


def test_setting_data_changes_no_node_that_exists(Value):
    x = Value(3.0)
    f = x * x
    x.data = 100.0
    f.backward()
    assert (f.data, x.grad) == (9.0, 6.0)
    x.data -= 0.5 * x.grad
    assert x.data == 97.0


def test_gradient_descent(Value):
    w, b = Value(0.0, "w"), Value(0.0, "b")
    points = [(x / 4, 2 * x / 4 - 1) for x in range(-4, 5)]
    for _ in range(200):
        loss = sum((w * x + b - y) ** 2 for x, y in points) / len(points)
        loss.zero_grad()
        loss.backward()
        for parameter in (w, b):
            parameter.data -= 0.3 * parameter.grad
    assert (w.data, b.data) == pytest.approx((2.0, -1.0), abs=1e-6)


# --- Comparisons, numbers of other kinds ----------------------------------------------


def test_comparisons(Value):
    a, b = Value(1.0), Value(2.0)
    assert a < b and a <= b and b > a and b >= a and a <= a and a >= a
    assert a < 2 and a > 0.5 and a >= 1 and not a > 1
    assert max(a, b) is b and sorted([b, a]) == [a, b]
    nan = Value(math.nan)
    assert not nan < a and not nan >= a
    assert bool(a) and not Value(0)


def test_equality_is_identity(Value):
    a, b = Value(1.0), Value(1.0)
    assert a == a and a != b and a != 1.0 and a.data == b.data
    assert len({a, b, a}) == 2 and {a: "a"}[a] == "a"
    with pytest.raises(TypeError, match="other operand is 'b'"):
        a < "b"  # noqa: B015


@pytest.mark.parametrize(
    "two", [2, True + True, Fraction(2), np.float32(2), np.float64(2), np.int8(2)]
)
def test_numbers_of_every_kind(two, Value):
    x = Value(3)
    found = [x + two, two + x, x - two, two - x, x * two, two * x, x / two, two / x]
    found += [x**two, two**x, Value(two)]
    assert [v.data for v in found] == [5, 5, 1, -1, 6, 6, 1.5, 2 / 3, 9, 8, 2]
    assert all(type(v.data) is float for v in found)
    assert two < x and x > two


def test_arrays_of_values(Value):
    weights = np.array([Value(1.0), Value(-2.0)])
    z = weights @ np.array([3.0, 4.0])
    z.backward()
    assert z.data == -5.0
    assert [w.grad for w in weights] == [3.0, 4.0]
    assert [v.data for v in weights * Value(2)] == [2.0, -4.0]


def test_copies_of_leaves(Value):
    x = Value(1.5, "x")
    for again in (copy.deepcopy(x), copy.copy(x), pickle.loads(pickle.dumps(x))):
        assert (again.data, again.name) == (1.5, "x") and again is not x
    with pytest.raises(TypeError, match="only leaves"):
        pickle.dumps(x + 1)


# --- NaN and infinity -----------------------------------------------------------------


@pytest.mark.parametrize(
    "compute, expected, words",
    [
        (lambda V: V(-1, "x").log(), math.nan, "log of x = -1.0 is nan"),
        (lambda V: V(0, "x").log(), -math.inf, "log of x = 0.0 is -inf"),
        (lambda V: V(-1, "x").sqrt(), math.nan, "sqrt of x = -1.0 is nan"),
        (lambda V: V(800, "x").exp(), math.inf, "exp of x = 800.0 is inf"),
        (lambda V: V(math.inf).sin(), math.nan, "sin of inf is nan"),
        (lambda V: 1 / V(0, "x"), math.inf, "/ of 1.0 and x = 0.0 is inf"),
        (lambda V: 1 / V(-0.0, "x"), -math.inf, "/ of 1.0 and x = -0.0 is -inf"),
        (lambda V: 0 / V(0, "x"), math.nan, "/ of 0.0 and x = 0.0 is nan"),
        (lambda V: V(1) / (V(1) - 1), math.inf, r"/ of 1.0 and (-) = 0.0 is inf"),
        (lambda V: V(1e200, "x") ** 2, math.inf, "**2 of x = 1e+200 is inf"),
        (lambda V: V(-2, "x") ** 0.5, math.nan, "**0.5 of x = -2.0 is nan"),
        (lambda V: V(-2, "x") ** V(0.5), math.nan, "** of x = -2.0 and 0.5 is nan"),
        (lambda V: V(1e308) * 10, math.inf, "* of 1e+308 and 10.0 is inf"),
    ],
)
def test_where_nan_or_infinity_arises_a_warning_names_the_node(
    compute, expected, words, Value
):
    with pytest.warns(RuntimeWarning) as caught:
        found = compute(Value).data
    assert [str(w.message) for w in caught] == [f"Value: {words}"]
    assert caught[0].filename == __file__
    np.testing.assert_equal(found, expected)


def test_where_they_pass_through_no_warning_is_given(Value):
    nan, inf = Value(math.nan), Value(math.inf)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for x in (nan + 1, nan * inf, nan.relu(), nan.log(), abs(nan), nan.sigmoid()):
            assert math.isnan(x.data)
        for x in (inf + 1, inf * 2, inf.exp(), inf.relu(), inf.sqrt(), 0 - -inf):
            assert x.data == math.inf
        assert 1 / inf < 1 and inf.sigmoid().data == inf.tanh().data == 1.0


def test_a_warning_made_an_error_leaves_the_graph_alone(Value):
    x = Value(0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning):
            x.log()
    (x + 1).backward()
    assert x.grad == 1.0


# --- Bad input ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data, words",
    [
        ("a", "'a'"), (None, "None"), ([1.0], "list"), (1j, "1j"), (object(), "object"),
        (np.ones(2), "ndarray"), ("x" * 1000, "'xxx"),
    ],
)  # fmt: skip
def test_data_that_is_no_number(data, words, Value):
    x = Value(1.0)
    for attempt in (
        lambda: Value(data),
        lambda: setattr(x, "data", data),
        lambda: setattr(x, "grad", data),
    ):
        with pytest.raises(TypeError, match=r"^Value: (data|grad) is .*expected a num"):
            attempt()
        with pytest.raises(TypeError, match=words) as error:
            attempt()
        assert len(str(error.value)) < 120
    assert (x.data, x.grad) == (1.0, 0.0)


class Knowing:
    """Of another library, with an answer of its own."""

    def __radd__(self, value):
        return "it knows"

    def __sub__(self, value):
        return "this too"


def test_other_bad_input(Value):
    x = Value(1.0)
    with pytest.raises(ValueError, match=r"^Value: data is beyond the largest float"):
        Value(10**400)
    for name in (3, None, b"x"):
        with pytest.raises(TypeError, match=r"^Value: name is .*expected a string"):
            Value(1.0, name)
        with pytest.raises(TypeError, match=r"^Value: name is"):
            x.name = name
    with pytest.raises(AttributeError, match=r"\(\+\) = 2.0 was computed; set the"):
        (x + 1).data = 3
    for other, what in (("a", "'a'"), (None, "None"), ([1], "type list"), (1j, "1j")):
        message = rf"^Value: the other operand is .*{what}; expected a Value or a num"
        for operate in (operator.add, operator.truediv, operator.pow, operator.lt):
            with pytest.raises(TypeError, match=message):
                operate(x, other)
            with pytest.raises(TypeError, match=message):
                operate(other, x)
        assert x != other
    assert x + Knowing() == "it knows" and Knowing() - x == "this too"
    with pytest.raises(TypeError):
        pow(x, 2, 3)
    with pytest.raises(AttributeError):
        x.nonsense = 1


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_numbers_and_of_what_is_none(name):
    function = getattr(graph, name)
    assert function(0.5) == pytest.approx(function(np.array([0.5]))[0], rel=1e-15)
    for bad in ("a", None, object()):
        with pytest.raises(TypeError, match=rf"^{name}: an input is .*expected re"):
            function(bad)


# --- Which class it is ----------------------------------------------------------------


needs_kernels = pytest.mark.skipif(
    fn.backend.compiled("value") is None or fn.backend._kernels is None,
    reason="this fastnn has no kernels",
)


@needs_kernels
def test_the_class_is_chosen_when_its_name_is_looked_up():
    from fastnn.graph import Value as Compiled

    with fn.use("reference"):
        from fastnn.graph import Value as Twin

        assert fn.graph.Value is Twin is fn.reference.classes()["Value"]
    assert fn.graph.Value is Compiled is not Twin
    for first, second in ((Compiled, Twin), (Twin, Compiled)):
        with pytest.raises(TypeError, match="is compiled, the other one plain Python"):
            first(1.0) + second(1.0)


def test_names_of_the_room():
    assert set(graph.__all__) <= set(dir(graph))
    assert str(inspect.signature(graph.Value)) == "(data, name='')"
    with pytest.raises(AttributeError, match="no attribute 'Valeu'"):
        graph.Valeu  # noqa: B018
