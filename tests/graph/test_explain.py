"""A backward pass as a table."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fastnn as fn
from fastnn.graph import views

NEURON = """\
Backward from a = sigmoid(v2), which is 0.1824; its gradient is 1

node             input  local derivative           gradient  product
a = sigmoid(v2)  v2     a (1 - a)          0.1491  1          0.1491
v2 = v1 + b      v1     1                  1       0.1491     0.1491
                 b      1                  1       0.1491     0.1491
v1 = w * x       w      x                  2       0.1491     0.2983
                 x      w                 -1       0.1491    -0.1491"""

SEVERAL_PATHS = """\
Backward from v3 = v1 + v2, which is 21; its gradient is 1

node          input  local derivative     gradient  product
v3 = v1 + v2  v1     1                 1  1         1
              v2     1                 1  1         1
v2 = 4 * x    4      x                 3  1         3
              x      4                 4  1         4
v1 = x**2     x      2 x               6  1         6
x: 2 paths                                          4 + 6 = 10"""

LINEAR = """\
Backward from v2 = sum(v1), which is 10; its gradient is 1

node          input  the input gets  derivative  gradient g  product
v2 = sum(v1)  v1     g, repeated     [1]         1           [1]
                                     [1]                     [1]
v1 = x @ w    w      xᵀ @ g          J [1 2]     [1]         [4]
                                       [3 0]     [1]         [2]

J: a row for each element of the node; g @ J is the product"""

NARROW = """\
Backward from loss = cross_entropy(v3), which is 1.287; its gradient is 1

node              input  the input gets  derivative  gradient g  product
loss =            v3     g ·             (3, 3)      1           (3, 3)
cross_entropy(v…         (softmax(v3) -  norm 0.517              norm 0.517
                         y) / 3
v3 = relu(v2)     v2     g · [v2 > 0]    [1 1 0]     (3, 3)      (3, 3)
                                         [1 1 0]     norm 0.517  norm 0.439
                                         [1 1 1]
v2 = tanh(v1)     v1     g · (1 - v2²)   (3, 3)      (3, 3)      (3, 3)
                                         norm 2.63   norm 0.439  norm 0.362
v1 = x @ w        w      xᵀ @ g          J 9×6       (3, 3)      (2, 3)
                                         norm 3.21   norm 0.362  norm 0.335

J: a row for each element of the node; g @ J is the product"""


def neuron(Value):
    w, x, b = Value(-1.0, "w"), Value(2.0, "x"), Value(0.5, "b")
    a = (w * x + b).sigmoid()
    a.name = "a"
    return a


def test_by_hand(Value):
    a = neuron(Value)
    assert str(a.explain()) == repr(a.explain()) == NEURON
    row = a.explain().rows[3]
    assert (row.op, row.formula, row.latex, row.local) == ("*", "x", "x", 2.0)
    assert row.node.op == "*" and row.input.name == "w"
    assert row.product == row.local * row.above == pytest.approx(0.2982929)


def test_paths_that_meet_by_hand(Value):
    x = Value(3.0, "x")
    explanation = (x**2 + 4 * x).explain()
    assert str(explanation) == SEVERAL_PATHS
    total = explanation.rows[-1]
    assert isinstance(total, views.Sum)
    assert total == (x, (4.0, 6.0), 10.0)


def test_arrays_by_hand():
    x = fn.graph.Tensor([[1.0, 2.0], [3.0, 0.0]], "x", constant=True)
    w = fn.graph.Tensor([[2.0], [1.0]], "w")
    assert str((x @ w).sum().explain()) == LINEAR


def test_no_gradient_is_changed(Value):
    a = neuron(Value)
    a.backward()
    nodes = views.walk.forward_order(a)
    before = [node.grad for node in nodes]
    a.explain()
    assert [node.grad for node in nodes] == before
    x = fn.graph.Tensor([1.0, 2.0], "x")
    (x * x).sum().explain()
    assert np.array_equal(x.grad, [0.0, 0.0])


OPERATIONS = [
    lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x * y,
    lambda x, y: x / (y * y + 1), lambda x, y: x.tanh(), lambda x, y: y.sin() * x,
    lambda x, y: x.sigmoid() ** 3, lambda x, y: -x, lambda x, y: abs(y) + 2.0,
]  # fmt: skip


@given(st.lists(st.tuples(*[st.integers(0, 10**6)] * 3), min_size=1, max_size=15))
def test_products_and_sums_are_the_gradients(program):
    for kind in (fn.graph.Value, fn.graph.Tensor):
        nodes = [kind(0.5, "x"), kind(-1.5, "y")]
        for op, i, j in program:
            x, y = nodes[i % len(nodes)], nodes[j % len(nodes)]
            nodes.append(OPERATIONS[op % len(OPERATIONS)](x, y))
        root = nodes[-1]
        root.backward()
        explanation = root.explain(max_rows=10**6)
        assert explanation.missing == 0
        arrived = {}
        for row in explanation.rows:
            if isinstance(row, views.Sum):
                terms, total = [float(term) for term in row.terms], float(row.total)
                # n terms: n - 1 roundings, each at most eps / 2 of what was summed
                bound = len(terms) * 2.0**-53 * math.fsum(map(abs, terms))
                assert abs(math.fsum(terms) - total) <= bound
                assert len(terms) == len(arrived[row.node]) > 1
                assert float(row.total) == float(row.node.grad)
                continue
            # exact for Values; a rule has at most four roundings of its own
            rel = 0.0 if kind is fn.graph.Value else 4 * 2.0**-53
            product = float(row.local) * float(row.above)
            assert float(row.product) == pytest.approx(product, rel=rel, abs=0.0)
            assert float(row.above) == float(row.node.grad)
            arrived.setdefault(row.input, []).append(row.product)
        for node, products in arrived.items():
            if len(products) == 1:
                assert float(products[0]) == float(node.grad)


def test_rows_are_cut_and_the_missing_ones_counted(Value):
    a = Value(0.5, "start")
    for _ in range(100_000):
        a = a.tanh()
    explanation = a.explain()
    assert len(explanation.rows) == 100 and explanation.missing == 99_900
    last = "… 99,900 rows more; explain(max_rows=200) shows more of them"
    assert str(explanation).splitlines()[-1] == last
    x = Value(1.0, "x")
    assert "1 row more" in str((x * x).explain(max_rows=2))
    assert (x * x).explain(max_rows=3).missing == 0


def test_lines_fit_a_terminal():
    long = fn.graph.Tensor(np.ones((64, 1000)), "the weights of the first layer")
    other = fn.graph.Tensor(np.ones(1000), "a bias with a name that never ends at all")
    three = fn.graph.Tensor(-np.ones((3, 3)) / 3e7, "three")
    loss = fn.graph.cross_entropy(long + other, np.zeros(64, int)) * 0.1
    loss = loss + fn.graph.gelu_tanh(three @ three / three).sum()
    lines = str(loss.explain()).splitlines()
    assert max(map(len, lines)) <= 80
    assert all(line == line.rstrip() for line in lines)


def test_broadcast_inputs_get_sums():
    x = fn.graph.Tensor(np.ones((4, 3)), "x")
    b = fn.graph.Tensor(np.ones(3), "b")
    c = fn.graph.Tensor(np.ones((4, 1)), "c")
    s = fn.graph.Tensor(2.0, "s")
    rows = ((x + b) * c * s).sum().explain().rows
    found = {row.input.name: row.formula for row in rows}
    assert found["b"] == "sum of g over axis 0"
    assert found["c"] == "sum of (g · v1) over axis 1"
    assert found["s"] == "sum of (g · v2)"
    assert found["x"] == "g"


def test_the_root_alone(Value):
    assert Value(2.0, "x").explain().rows == []
    assert str(Value(2.0, "x").explain()).startswith("Backward from x, which is 2;")
    constant = fn.graph.Tensor(2.0, "c", constant=True)
    assert "is a constant" in str(constant.explain())
    assert "is a constant" in constant.explain()._repr_markdown_()


def test_several_elements_are_refused():
    node = fn.graph.Tensor([1.0, 2.0]) * 2.0
    for method in ("explain", "steps"):
        with pytest.raises(ValueError, match=rf"^{method}: .* shape \(2,\).*sum\(\)"):
            getattr(node, method)()


def test_a_changed_leaf_is_refused():
    x = fn.graph.Tensor(3.0, "x")
    y = x * x
    x.data -= 1.0
    with pytest.raises(RuntimeError, match="x"):
        y.explain()


@pytest.mark.parametrize("bad", [0, -1, 1.5, "many", None])
def test_bad_input(bad, Value):
    with pytest.raises((TypeError, ValueError), match=r"^explain: max_rows is"):
        Value(1.0).explain(bad)


def test_a_table_in_eighty_columns():
    """What is too wide for it goes on below, or is shown by its shape."""
    x = fn.graph.Tensor(np.arange(6.0).reshape(3, 2) / 4, "x", constant=True)
    w = fn.graph.Tensor([[0.5, -0.25, 1.0], [1.0, 0.3, -0.7]], "w")
    loss = fn.graph.cross_entropy((x @ w).tanh().relu(), [0, 2, 1])
    loss.name = "loss"
    assert str(loss.explain()) == NARROW


# --- Markdown -------------------------------------------------------------------------


def test_markdown_by_hand(Value):
    lines = neuron(Value).explain()._repr_markdown_().splitlines()
    assert lines[2] == (
        r"| $a = \operatorname{sigmoid}(v_{2})$ | $v_{2}$ | $\displaystyle "
        r"\frac{\partial a}{\partial v_{2}} = a\,(1-a) = 0.1491$ | $1$ | $0.1491$ |"
    )
    assert all(line.count("|") == 6 for line in lines)


def test_markdown_of_arrays_by_hand():
    """A column for the derivatives: arrays, small Jacobians, shapes."""
    x = fn.graph.Tensor([[1.0, 2.0], [3.0, 0.0]], "x", constant=True)
    w = fn.graph.Tensor([[2.0], [1.0]], "w")
    lines = (x @ w).sum().explain()._repr_markdown_().splitlines()
    assert r" | $J = \begin{bmatrix}1 & 2 \\ 3 & 0\end{bmatrix}$ | " in lines[3]
    assert lines[-1].startswith("J: a row for each element of the node")
    y = fn.graph.Tensor(np.ones((4, 3)), "y")
    lines = y.T.tanh().sum().explain()._repr_markdown_().splitlines()
    assert r" | $\text{(3, 4), all } 1$ | $1$ | " in lines[2]
    assert r" | $\text{J 12×12, 12 are } 1$ | " in lines[4]
    assert [line.count("|") for line in lines[:5]] == [7] * 5


def test_names_are_escaped_in_markdown(Value):
    x = Value(2.0, r"a|b\frac{$^~<&#%*`")
    (line,) = (x * x.tanh()).explain()._repr_markdown_().splitlines()[2:3]
    assert line.count("|") == 6 and "<" not in line and "`" not in line
    assert line.replace(r"\$", "").count("$") == 10
    assert line.replace(r"\{", "").replace(r"\}", "").count("{") == line.replace(
        r"\{", ""
    ).replace(r"\}", "").count("}")


def test_names_by_hand():
    written = {"w": "w", "w1": "w_{1}", "b_12": "b_{12}", "loss": r"{\text{loss}}"}
    for name, latex in written.items():
        assert views.names.latex_name(name) == latex
    assert views.names.latex_number("-1.5e-07") == r"-1.5\cdot 10^{-7}"
