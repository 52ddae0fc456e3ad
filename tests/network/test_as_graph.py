"""A network as a graph: the numbers and the gradients are those of its kernels."""

import copy

import numpy as np
import pytest

import fastnn as fn
from fastnn import graph
from fastnn.network import losses
from fastnn.reference.activations import ACTIVATIONS

N, N_IN, N_OUT = 17, 5, 3


def test_by_hand():
    """z = 1 - 2 + 0.5 = -0.5 and L = (z - 1)^2 = 2.25, so dL/dz = -3."""
    net = fn.Network([fn.Dense(2, 1)], dtype="float64")
    net.layers[0].weights, net.layers[0].bias = [[1.0], [2.0]], [0.5]
    logits = net.graph([[1.0, -1.0]])
    assert logits.data.tolist() == [[-0.5]] and logits.name == "0.z"
    loss = net.graph([[1.0, -1.0]], [1.0], loss="mse")
    loss.backward()
    leaves = graph.leaves(loss)
    assert loss.item() == 2.25 and [*leaves] == ["0.weights", "0.bias"]
    assert leaves["0.weights"].grad.tolist() == [[-3.0], [3.0]]
    assert leaves["0.bias"].grad.tolist() == [-3.0]


class OwnDense(fn.Dense):
    """Overrides nothing: the formula of Dense is its formula."""


def network(activation="tanh", dtype="float64", dense=fn.Dense, seed=3):
    """A layer of every kind, with parameters that are no longer at their start."""
    layers = [
        dense(N_IN, 6, activation=activation), fn.BatchNorm(), fn.Dropout(0.3),
        dense(6, 4, bias=False), fn.Activation(activation), fn.LayerNorm(),
        dense(4, N_OUT),
    ]  # fmt: skip
    net = fn.Network(layers, seed=seed, dtype=dtype)
    rng = np.random.default_rng(seed)
    net.flat_parameters += rng.normal(size=net.flat_parameters.size) * 0.1
    net.layers[1].running_mean = rng.normal(size=6)
    net.layers[1].running_var = rng.uniform(0.5, 2.0, 6)
    net.draws = 5
    return net


def samples(seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, N_OUT, N)
    soft = rng.dirichlet(np.ones(N_OUT), N)
    values = rng.normal(size=(N, N_OUT))
    y = {
        "cross_entropy": [labels, soft],
        "binary_cross_entropy": [(values > 0).astype(float)],
        "hinge": [labels],
        **{name: [values] for name in ("mse", "mae", "huber")},
    }
    cases = [(loss, each) for loss in losses.NAMES for each in y[loss]]
    return rng.normal(size=(N, N_IN)), rng.uniform(0.5, 2.0, N), cases


def by_kernels(net, X, y, loss, weight, training):
    """The loss and the gradients of the layers' own forward and backward."""
    target = losses.targets("test", "y", y, loss, net.n_out, net.dtype)
    weight = None if weight is None else weight.astype(net.dtype)
    outputs = net.forward(X, training=training)
    value, grad = target.value_and_gradient(outputs, weight)
    net.backward(grad)
    names = net.named_parameters()
    return outputs, value, dict(zip(names, net.gradients(), strict=True))


def assert_equal_to_rounding(found, expected, scale):
    """Some 100 operations lie between a number and a gradient: products, and sums over
    17 rows and 6 columns. Each rounds by half an eps of what the largest ones are."""
    bound = 100 * np.finfo(expected.dtype).eps * scale
    assert found.shape == expected.shape and found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=0, atol=bound)


def compare(net, X, y, loss, weight, training):
    node = net.graph(X, y, loss=loss, sample_weight=weight, training=training)
    logits = net.graph(X, training=training)
    node.backward()
    leaves = graph.leaves(node)
    outputs, value, gradients = by_kernels(net, X, y, loss, weight, training)
    assert [*leaves] == [*gradients] == [*net.named_parameters()]
    assert_equal_to_rounding(logits.data, outputs, np.abs(outputs).max())
    assert node.item() == pytest.approx(value, rel=100 * float(np.finfo(net.dtype).eps))
    scale = max(np.abs(g).max() for g in gradients.values())
    assert scale > 1e-3
    for name, leaf in leaves.items():
        assert_equal_to_rounding(leaf.grad, gradients[name], scale)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_of_every_layer(activation, training, dtype, each_path):
    X, weight, cases = samples()
    net = network(activation, dtype)
    compare(net, X, cases[0][1], "cross_entropy", weight, training)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_gradients_of_every_loss(weighted, training, dtype, each_path):
    X, weight, cases = samples()
    for loss, y in cases:
        net = network(dtype=dtype)
        compare(net, X, y, loss, weight if weighted else None, training)


@pytest.mark.parametrize("seed", range(20))
def test_gradients_of_many_networks(seed):
    X, weight, cases = samples(seed)
    for loss, y in cases:
        compare(network("gelu", seed=seed), X, y, loss, weight, training=True)


def test_two_classes_with_one_output(dtype):
    X, weight, _ = samples()
    y = np.arange(N) % 2
    for loss in ("binary_cross_entropy", "hinge", "mse"):
        net = fn.Network([fn.Dense(N_IN, 4, "tanh"), fn.Dense(4, 1)], dtype=dtype)
        compare(net, X, y, loss, weight, training=True)


def test_dropout_has_the_masks_of_the_next_training_pass():
    net = fn.Network([fn.Dense(N_IN, 40), fn.Dropout(0.5)], dtype="float64")
    X, _, _ = samples()
    for _ in range(3):
        found = net.graph(X, training=True)
        expected = net.forward(X, training=True)
        np.testing.assert_array_equal(found.data == 0, expected == 0)
        assert 0.3 < np.mean(expected == 0) < 0.7
    mask = found.inputs[1]
    assert mask.name == "1.mask" and mask.constant
    assert set(mask.data.ravel()) == {0.0, 2.0}


def test_it_changes_nothing():
    net, (X, weight, cases) = network(), samples()
    net.forward(X, training=True)
    before = copy.deepcopy(net)
    for training in (False, True):
        loss = net.graph(X, cases[0][1], sample_weight=weight, training=training)
        loss.backward()
        leaves = graph.leaves(loss)
        leaves["0.weights"].data += 1.0  # a copy: the network does not hear of it
    for name in ("flat_parameters", "flat_gradients", "flat_statistics", "output"):
        np.testing.assert_array_equal(getattr(net, name), getattr(before, name))
    assert net.draws == before.draws and net.loss is None and net.history is None
    for layer, old in zip(net.layers, before.layers, strict=True):
        names = {"_views", "_laid_out"}
        assert set(vars(layer)) == set(vars(old))
        for name in set(vars(layer)) - names:
            np.testing.assert_array_equal(getattr(layer, name), getattr(old, name))


def test_the_nodes_have_the_names_of_the_field():
    net, (X, _, cases) = network("relu"), samples()
    loss = net.graph(X, cases[0][1], training=True)
    drawn = str(loss.draw())
    for name in ("X", "0.weights", "0.bias", "0.z = +", "0.a", "1.gamma", "2.mask",
                 "3.weights", "4.a", "5.beta", "6.z = +", "cross_entropy"):  # fmt: skip
        assert name in drawn, name
    running = str(net.graph(X, cases[0][1]).draw())
    assert "1.running_mean" in running and "1.running_var" in running
    assert "mask" not in running


def test_the_loss_is_the_one_it_was_trained_with():
    X, _, cases = samples()
    net = network()
    values = dict(cases)["huber"]
    net.fit(X, values, loss="huber", epochs=1)
    assert net.graph(X, values).op == "huber"
    assert net.graph(X, values, loss="mse").op == "mse"

    def cubes(outputs, y):
        return abs((outputs - y) ** 3).mean()

    net.fit(X, values, loss=cubes, epochs=1)
    expected = (np.abs(net(X) - values) ** 3).mean()
    assert net.graph(X, values).item() == pytest.approx(expected, rel=1e-12)


def test_it_has_second_derivatives():
    """Of a linear model and the squared error: the Hessian is 2 XᵀX / n."""
    X, _, _ = samples()
    net = fn.Network([fn.Dense(N_IN, 1, bias=False)], dtype="float64")
    loss = net.graph(X, np.zeros(N), loss="mse")
    w = graph.leaves(loss)["0.weights"]
    (slope,) = loss.gradients([w], None, True)
    row = slope[0, 0].gradients([w])[0]
    np.testing.assert_allclose(row[:, 0], 2 * X.T @ X[:, 0] / N, rtol=1e-12)


def test_a_subclass_that_keeps_forward_has_its_formula():
    X, _, cases = samples()
    own, built_in = network(dense=OwnDense), network()
    one, other = (net.graph(X, cases[0][1]).item() for net in (own, built_in))
    assert one == other


def test_a_layer_of_the_users_own():
    class Double(fn.Layer):
        def forward(self, x, training=False):
            return 2.0 * x

        def backward(self, grad_output):
            return 2.0 * grad_output

    class Told(Double):
        def compute(self, x):
            return 2.0 * x

    X, _, _ = samples()
    with pytest.raises(TypeError, match=r"layer 1, Double\(\).*compute\(self, x\)"):
        fn.Network([fn.Dense(N_IN, 2), Double()]).graph(X)
    net = fn.Network([fn.Dense(N_IN, 2), Told()])
    np.testing.assert_array_equal(net.graph(X).data, net(X))
    assert net.graph(X).name == "1.a"

    class Wrong(Double):
        def compute(self, x):
            return x[:, :1]

    net = fn.Network([fn.Dense(N_IN, 2), Wrong()])
    with pytest.raises(ValueError, match=r"layer 1, .*\(17, 1\); expected \(17, 2\)"):
        net.graph(X)


def test_what_it_refuses():
    X, weight, cases = samples()
    net = network()
    with pytest.raises(TypeError, match="loss is 'mse', but y is None; pass y"):
        net.graph(X, loss="mse")
    with pytest.raises(TypeError, match=r"sample_weight is .* but y is None"):
        net.graph(X, sample_weight=weight)
    with pytest.raises(ValueError, match="graph: y has 16 row"):
        net.graph(X, cases[0][1][1:])
    with pytest.raises(ValueError, match="graph: X has no rows"):
        net.graph(X[:0])
    with pytest.raises(TypeError, match="graph: training is 1; expected True or False"):
        net.graph(X, training=1)
