"""A layer written with Tensors: gradients, training, files, and what it refuses."""

import copy
import pickle

import numpy as np
import pytest

import fastnn as fn
from fastnn import graph


class PReLU(fn.TensorLayer):
    parameter_names = ("slope",)

    def __init__(self, start=0.25):
        self.start = start

    def build(self, n_in, rng):
        super().build(n_in, rng)
        self.slope = np.full(n_in, self.start)

    def compute(self, x, slope):
        return np.where(x > 0, x, slope * x)

    def config(self):
        return {"start": self.start}


class ByHand(fn.Layer):
    """The same with a backward of its own."""

    parameter_names = ("slope",)

    def build(self, n_in, rng):
        super().build(n_in, rng)
        self.slope = np.full(n_in, 0.25)

    def forward(self, x, training=False):
        self.x = x
        self.a = np.where(x > 0, x, self.slope * x)
        return self.a

    def backward(self, grad_output):
        below = self.x <= 0
        self.grad_slope = np.sum(grad_output * self.x * below, axis=0)
        return np.where(below, self.slope * grad_output, grad_output)


class Gated(fn.TensorLayer):
    """a = tanh(x @ weights) * sigmoid(x @ gate + bias), then each row to sum 1."""

    parameter_names = ("weights", "gate", "bias")
    n_out = 7

    def build(self, n_in, rng):
        super().build(n_in, rng)
        self.weights = rng.normal(size=(n_in, 7))
        self.gate = rng.normal(size=(n_in, 7))
        self.bias = np.zeros(7)

    def compute(self, x, weights, gate, bias):
        a = (x @ weights).tanh() * (x @ gate + bias).sigmoid()
        a = a - a.mean(axis=1, keepdims=True)
        return a / (1.0 + (a**2).sum(axis=1, keepdims=True)) + graph.softmax(a)


def test_by_hand():
    """x = (-2, 3), slope 0.5: a = (-1, 3); g = dL/da makes dL/dslope = g (-2, 0)."""
    net = fn.Network([fn.Dense(2, 2), PReLU(0.5)], dtype="float64")
    layer = net.layers[1]
    x = np.array([[-2.0, 3.0]])
    assert layer.forward(x).tolist() == [[-1.0, 3.0]]
    assert layer.backward(np.array([[10.0, 10.0]])).tolist() == [[5.0, 10.0]]
    assert layer.grad_slope.tolist() == [-20.0, 0.0]
    assert layer.x is x and layer.a.tolist() == [[-1.0, 3.0]]
    assert np.shares_memory(layer.grad_slope, net.flat_gradients)
    assert isinstance(layer.output, graph.Tensor)
    assert [*graph.leaves(layer.output)] == ["x", "slope"]


def samples(n=40, n_in=4, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, n_in)), rng.integers(0, 3, n)


def network(layer, dtype="float64", n_hidden=6):
    width = layer.n_out or n_hidden
    layers = [fn.Dense(4, n_hidden), layer, fn.LayerNorm(), fn.Dense(width, 3)]
    return fn.Network(layers, seed=0, dtype=dtype)


# --- Gradients and training -----------------------------------------------------------


def test_trained_as_the_layer_by_hand(dtype, each_path):
    """Elementwise it is the same; grad_slope is a sum of 10 rows, in another order."""
    X, y = samples()
    own, by_hand = network(PReLU(), dtype), network(ByHand(), dtype)
    gradients = []
    for net in (own, by_hand):
        net.input_gradient(X[:10], y[:10])
        gradients.append(net.flat_gradients.copy())
    eps = float(np.finfo(dtype).eps)
    bound = 20 * eps * np.abs(gradients[1]).max()
    np.testing.assert_allclose(*gradients, rtol=0, atol=bound)
    assert np.abs(own.layers[1].grad_slope).max() > 1e-3
    for net in (own, by_hand):
        net.fit(X, y, epochs=5, batch_size=10, optimizer=fn.SGD(0.1))
    steps = 5 * 4 * 100 * eps  # 20 steps of some hundred roundings
    np.testing.assert_allclose(own(X), by_hand(X), rtol=steps, atol=steps)


@pytest.mark.parametrize("layer", [PReLU, Gated])
def test_gradients_are_those_of_the_differences(layer, each_path):
    """Central differences: h^2 = 1e-10 for the curvature, eps / h = 2e-11 to round."""
    X, y = samples(n=12)
    net = network(layer())
    grad_x = net.input_gradient(X, y)
    gradients, h = net.flat_gradients.copy(), 1e-5

    def slope(numbers, i):
        before, losses = numbers[i], []
        for numbers[i] in (before + h, before - h):
            losses.append(net.evaluate(X, y)["loss"])
        numbers[i] = before
        return (losses[0] - losses[1]) / (2 * h)

    found = [slope(net.flat_parameters, i) for i in range(len(gradients))]
    np.testing.assert_allclose(gradients, found, rtol=1e-6, atol=1e-8)
    found = [slope(X.reshape(-1), i) for i in range(X.size)]
    np.testing.assert_allclose(grad_x.ravel(), found, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("layer", [PReLU, Gated])
def test_the_graph_of_the_network_goes_through_it(layer, dtype):
    X, y = samples()
    net = network(layer(), dtype)
    loss = net.graph(X, y)
    loss.backward()
    net.input_gradient(X, y)
    leaves = graph.leaves(loss)
    assert [*leaves] == [*net.named_parameters()] and "1.a" in str(loss.draw())
    scale = np.abs(net.flat_gradients).max()
    bound = 100 * float(np.finfo(dtype).eps) * scale  # as in test_as_graph.py
    for leaf, expected in zip(leaves.values(), net.gradients(), strict=True):
        np.testing.assert_allclose(leaf.grad, expected, rtol=0, atol=bound)


def test_it_learns():
    X, y = fn.datasets.moons(n_samples=300, seed=0)
    net = fn.Network([fn.Dense(2, 16), PReLU(), fn.Dense(16, 16), PReLU(),
                      fn.Dense(16, 2)])  # fmt: skip
    history = net.fit(X, y, epochs=60, optimizer=fn.Adam(0.01))
    assert history.loss[-1] < 0.2 * history.loss[0] and net.score(X, y) > 0.95
    assert np.ptp(net.layers[1].slope) > 0.01


def test_weight_decay_is_for_weights():
    net = network(Gated())
    assert net.n_decayed == 4 * 6 + 6 * 7 + 7 * 3


def test_training_is_told_to_a_compute_that_asks():
    class Noisy(fn.TensorLayer):
        def compute(self, x, training):
            return x * 2.0 if training else x

    X, _ = samples()
    net = fn.Network([fn.Dense(4, 3), Noisy()])
    plain = net.forward(X)
    np.testing.assert_array_equal(net.forward(X, training=True), 2.0 * plain)
    np.testing.assert_array_equal(net.graph(X, training=True).data, 2.0 * plain)
    np.testing.assert_array_equal(net.graph(X).data, plain)


# --- Predictions, files, copies -------------------------------------------------------


@pytest.mark.parametrize("layer", [PReLU, Gated])
def test_each_row_is_predicted_by_itself(layer, dtype, each_path):
    X, _ = samples(n=601 if each_path == "kernels" else 20)
    net = network(layer(), dtype)
    whole = net(X)
    rows = np.concatenate([net(X[i : i + 1]) for i in range(len(X))])
    np.testing.assert_array_equal(whole, rows)
    assert np.ptp(whole) > 0.1


def test_saved_and_continued(tmp_path):
    X, y = samples()
    path = tmp_path / "run.npz"
    whole, first, second = (network(PReLU(), "float32") for _ in range(3))
    whole.fit(X, y, epochs=6)
    first.fit(X, y, epochs=3, callbacks=[fn.Checkpoint(path)])
    second.fit(X, y, epochs=6, resume=path)
    np.testing.assert_array_equal(second.flat_parameters, whole.flat_parameters)
    whole.save(path)
    with pytest.raises(ValueError, match=r"layer 1 is a PReLU.*layers=\[PReLU\]"):
        fn.load(path)
    np.testing.assert_array_equal(fn.load(path, layers=[PReLU])(X), whole(X))


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))]
)
def test_copies(copied):
    X, y = samples()
    net = network(PReLU(), "float32")
    net.fit(X, y, epochs=2)
    other = copied(net)
    np.testing.assert_array_equal(other(X), net(X))
    assert np.shares_memory(other.layers[1].slope, other.flat_parameters)
    for each in (net, other):
        each.fit(X, y, epochs=2)
    np.testing.assert_array_equal(other.flat_parameters, net.flat_parameters)
    with pytest.raises(RuntimeError, match=r"PReLU\.backward: call forward\(X\) first"):
        copied(net).backward(np.ones((8, 3)))


def test_a_user_can_write_into_what_forward_gave():
    X, _ = samples()
    net = fn.Network([fn.Dense(4, 3), PReLU()])
    out = net.forward(X)
    out[:] = 7.0
    assert np.all(net.layers[1].output.data != 7.0)


# --- What it refuses ------------------------------------------------------------------


def layer_with(compute):
    return type("Own", (fn.TensorLayer,), {"compute": compute})()


@pytest.mark.parametrize(
    ("compute", "error", "words"),
    [
        (lambda self, x: None, TypeError, "it returned None; expected a Tensor"),
        (lambda self, x: np.tanh(x.data), TypeError, "returned an array of shape"),
        (lambda self, x: x.detach(), ValueError, "not computed from its arguments"),
        (
            lambda self, x, w: x,
            TypeError,
            r"\(self, x, w\), but parameter_names is \(\)",
        ),
        (lambda self: 0, TypeError, r"expected compute\(self, x\)"),
    ],
)
def test_what_compute_may_not_do(compute, error, words):
    X, y = samples()
    net = fn.Network([fn.Dense(4, 3), layer_with(compute)])
    for call in (net.forward, net.graph, net, lambda X: net.fit(X, y)):
        with pytest.raises(error, match=rf"Own\.compute: .*{words}"):
            call(X)


def test_a_result_of_another_shape():
    X, y = samples()
    net = fn.Network([fn.Dense(4, 3), layer_with(lambda self, x: x.sum(axis=0))])
    for call in (net.forward, net, lambda X: net.fit(X, y)):
        with pytest.raises(
            ValueError, match=r"Own\.forward: the result has shape \(3,"
        ):
            call(X)
    with pytest.raises(ValueError, match=r"graph: layer 1, Own\(\), .*\(3,\)"):
        net.graph(X)


def test_compute_is_needed():
    class Nothing(fn.TensorLayer):
        parameter_names = ("b",)

        def build(self, n_in, rng):
            self.b = np.zeros(n_in)

    X, _ = samples()
    net = fn.Network([fn.Dense(4, 3), Nothing()])
    with pytest.raises(TypeError, match=r"Nothing: compute is missing.*\(self, x, b\)"):
        net(X)
    with pytest.raises(TypeError, match=r"Nothing: compute is missing"):
        net.graph(X)
    with pytest.raises(RuntimeError, match=r"Nothing\.backward: call forward\(X\)"):
        Nothing().backward(X)


def test_import_does_not_wait_for_the_graph():
    import subprocess
    import sys

    code = (
        "import sys, fastnn; fastnn.TensorLayer; print('fastnn.graph' in sys.modules)"
    )
    path = f"import sys; sys.path[:] = {sys.path!r}; "
    command = [sys.executable, "-c", path + code]
    out = subprocess.run(command, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"
