"""MLP and Neuron, networks of Values; and Value.weighted_sum, their sums."""

import math
import warnings

import numpy as np
import pytest

import fastnn as fn
from fastnn import graph


def test_by_hand(Value):
    """z = 0.5 + 2 * 3 - 1 * 4 = 2.5: each weight's derivative is its input."""
    w, x, b = [Value(2.0), Value(-1.0)], [Value(3.0), Value(4.0)], Value(0.5)
    z = Value.weighted_sum(w, x, b)
    assert z.data == 2.5
    z.backward()
    assert [v.grad for v in (*w, *x, b)] == [3.0, 4.0, 2.0, -1.0, 1.0]
    assert (z.op, [v.op for v in z.inputs]) == ("+", ["+", "*"])
    a = graph.Neuron(w, b, "relu")(x)
    assert (a.data, a.op) == (2.5, "relu")


def nodes(node):
    """All that is below a node, as nested tuples."""
    return node.op, node.data, node.local_grads, [nodes(x) for x in node.inputs]


def test_it_is_the_graph_of_the_sum_that_one_would_write(Value):
    rng = np.random.default_rng(0)
    for n in (0, 1, 5):
        w, x = ([Value(v) for v in rng.normal(size=n)] for _ in range(2))
        for bias in (Value(0.3), 0.3, 2):
            written = sum((p * q for p, q in zip(w, x, strict=True)), bias)
            found = Value.weighted_sum(tuple(w), x, bias)
            if n:
                assert nodes(found) == nodes(written)
            assert found.data == float(written)
    assert Value.weighted_sum([1, 2.0], (Value(3.0), 4), Value(0.0)).data == 11.0
    assert Value.weighted_sum([], []).data == 0.0


def test_mistakes_of_a_sum_are_explained(Value):
    one = Value(1.0)
    with pytest.raises(ValueError, match="2 weights and 1 inputs; expected as many"):
        Value.weighted_sum([one, one], [one])
    for bad in (np.ones(1), graph.Tensor([1.0])):
        with pytest.raises(TypeError, match="a weight, input or bias is an object of"):
            Value.weighted_sum([one], [bad])
    with pytest.raises(TypeError, match="the other operand is None"):
        Value.weighted_sum([one], [one], None)
    with pytest.raises(TypeError, match="weights is an object of type Value; expected"):
        Value.weighted_sum(one, [one])
    with pytest.warns(RuntimeWarning, match=r"\* of inf and 0.0 is nan") as said:
        Value.weighted_sum([math.inf], [Value(0.0)])
    assert said[0].filename == __file__


def test_a_network_computes_what_the_kernels_compute(Value):
    """The same weights: the output and the gradients of a fastnn Network."""
    for activation in ("relu", "tanh", "sigmoid"):
        mlp = graph.MLP(3, [5, 4], 2, activation=activation, seed=1)
        net = fn.mlp(3, [5, 4], 2, activation=activation, dtype="float64")
        for dense, layer in zip(net.layers, mlp.layers, strict=True):
            columns = [[w.data for w in unit.weights] for unit in layer]
            dense.weights[...] = np.array(columns).T
            dense.bias[...] = 0.1
            for unit in layer:
                unit.bias.data = 0.1
        x = np.array([[0.5, -1.0, 2.0]])
        out = mlp(x[0].tolist())
        np.testing.assert_allclose([v.data for v in out], net(x)[0], rtol=1e-14)
        loss = out[0] * 2.0 - out[1]
        loss.backward()
        net.forward(x)
        net.backward(np.array([[2.0, -1.0]]))
        for dense, layer in zip(net.layers, mlp.layers, strict=True):
            grads = [[w.grad for w in unit.weights] for unit in layer]
            np.testing.assert_allclose(
                np.array(grads).T, dense.grad_weights, rtol=1e-12
            )
            grads = [unit.bias.grad for unit in layer]
            np.testing.assert_allclose(grads, dense.grad_bias, rtol=1e-12)


def test_both_paths_give_the_same_bits(Value):
    mlp = graph.MLP(2, [4, 4], 1, seed=3)
    mlp([0.5, Value(-0.3)]).backward()
    with fn.use("reference"):
        twin = graph.MLP(2, [4, 4], 1, seed=3)
        twin([0.5, -0.3]).backward()
    assert [p.data for p in mlp.parameters()] == [p.data for p in twin.parameters()]
    assert [p.grad for p in mlp.parameters()] == [p.grad for p in twin.parameters()]


def test_it_learns_xor(Value):
    mlp = graph.MLP(2, [8], 1, seed=0)
    table = [([0, 0], -1), ([0, 1], 1), ([1, 0], 1), ([1, 1], -1)]
    for _ in range(150):
        loss = sum((mlp(x) - y) ** 2 for x, y in table)
        mlp.zero_grad()
        loss.backward()
        for p in mlp.parameters():
            p.data -= 0.1 * p.grad
    assert all((mlp(x).data > 0) == (y > 0) for x, y in table)
    assert loss.data < 0.1


def test_parameters_have_names_and_the_spread_that_is_promised(Value):
    mlp = graph.MLP(50, [40], 3, activation="relu", seed=0)
    assert repr(mlp) == "MLP(50 -> 40 -> 3, 2163 Values)"
    names = [p.name for p in mlp.parameters()]
    assert names[0] == "0.0.w0" and names[50] == "0.0.b" and names[-1] == "1.2.b"
    assert len(set(names)) == len(names) == 50 * 40 + 40 + 40 * 3 + 3
    assert graph.leaves(mlp([0.1] * 50)[0])["0.39.w49"] is mlp.parameters()[-174 + 49]
    first = [w.data for unit in mlp.layers[0] for w in unit.weights]
    last = [w.data for unit in mlp.layers[1] for w in unit.weights]
    assert np.var(first) == pytest.approx(2 / 50, rel=0.1)
    assert np.var(last) == pytest.approx(1 / 40, rel=0.3)
    assert max(map(abs, first)) <= math.sqrt(6 / 50)
    assert not any(unit.bias.data for layer in mlp.layers for unit in layer)
    assert graph.MLP(50, [40], 3, "relu", 1).parameters()[0].data != first[0]


def test_mistakes_of_a_network_are_explained(Value):
    mlp = graph.MLP(2, [3], 1)
    for bad in ([1.0], [1.0, 2.0, 3.0], 1.0, np.ones((2, 2))[:1]):
        with pytest.raises(
            ValueError, match=r"x is .*; expected one sample, a list of 2"
        ):
            mlp(bad)
    with pytest.raises(TypeError, match="operand is None; expected a Value or"):
        mlp([None, 1.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert mlp(np.array([0.5, 1.0])).data == mlp((0.5, 1.0)).data
    if fn.backend.path() == "kernels":
        with fn.use("reference"):
            plain = graph.Value(1.0)
        with pytest.raises(TypeError, match="one of these Values is compiled"):
            mlp([plain, 1.0])
