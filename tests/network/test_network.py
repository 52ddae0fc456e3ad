"""What a network computes: forward, backward, answers and scores."""

import math

import numpy as np
import pytest
from contract import central_differences

import fastnn as fn
from fastnn.network import losses
from fastnn.network.layers import ACTIVATIONS


def two_layers(dtype="float64"):
    net = fn.Network([fn.Dense(2, 2, activation="relu"), fn.Dense(2, 1)], dtype=dtype)
    net.layers[0].weights = [[1, -1], [0.5, 2]]
    net.layers[0].bias = [0, -1]
    net.layers[1].weights = [[1], [-0.5]]
    net.layers[1].bias = [0.5]
    return net


X2, Y2 = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([1.0, 2.0])


def test_a_network_by_hand(dtype, each_path):
    """Every number below is exact in both precisions."""
    net = two_layers(dtype)
    hidden, last = net.layers
    outputs = net.forward(X2)
    # 1 * 1 + 2 * 0.5 + 0 = 2 and 1 * -1 + 2 * 2 - 1 = 2; 3 - 0.5, and -3 - 2 - 1
    np.testing.assert_array_equal(hidden.z, [[2, 2], [2.5, -6]])
    np.testing.assert_array_equal(hidden.a, [[2, 2], [2.5, 0]])
    # 2 - 1 + 0.5 and 2.5 + 0.5
    np.testing.assert_array_equal(outputs, [[1.5], [3]])
    np.testing.assert_array_equal(last.z, outputs)
    np.testing.assert_array_equal(net(X2), outputs)
    # errors 0.5 and 1: (0.25 + 1) / 2, and R2 is 1 - 1.25 / 0.5
    assert net.evaluate(X2, Y2, loss="mse") == {"loss": 0.625, "r2": -1.5}

    # dL/doutput = 2 (output - y) / n = 0.5 and 1
    grad_input = net.backward([[0.5], [1]])
    np.testing.assert_array_equal(last.grad_weights, [[2 * 0.5 + 2.5 * 1], [2 * 0.5]])
    np.testing.assert_array_equal(last.grad_bias, [1.5])
    # dL/da = [[0.5, -0.25], [1, -0.5]]; relu shuts where z is -6
    np.testing.assert_array_equal(hidden.grad_weights, [[0.5 + 3, -0.25], [0, -0.5]])
    np.testing.assert_array_equal(hidden.grad_bias, [1.5, -0.25])
    np.testing.assert_array_equal(grad_input, [[0.75, -0.25], [1, 0.5]])
    np.testing.assert_array_equal(net.input_gradient(X2, Y2, "mse"), grad_input)


def test_one_step_by_hand(dtype, each_path):
    """parameters - 0.1 * gradients, with the gradients of the test above."""
    net = two_layers(dtype)
    history = net.fit(X2, Y2, loss="mse", optimizer=fn.SGD(0.1), epochs=1, batch_size=2)
    hidden, last = net.layers
    close = {"rtol": 4 * np.finfo(dtype).eps}  # 0.1 and the steps are rounded
    np.testing.assert_allclose(hidden.weights, [[0.65, -0.975], [0.5, 2.05]], **close)
    np.testing.assert_allclose(hidden.bias, [-0.15, -0.975], **close)
    np.testing.assert_allclose(last.weights, [[0.65], [-0.6]], **close)
    np.testing.assert_allclose(last.bias, [0.35], **close)
    assert history.loss == [0.625]
    norms = [math.sqrt(3.5**2 + 0.25**2 + 0.5**2), math.sqrt(3.5**2 + 1)]
    np.testing.assert_allclose(history.grad_norms, [norms], rtol=1e-14)


# --- Gradients against central differences ------------------------------------------

TARGETS = {  # name of the test -> loss, outputs, targets
    "cross_entropy": ("cross_entropy", 3, lambda rng, n: rng.integers(0, 3, n)),
    "soft": ("cross_entropy", 3, lambda rng, n: rng.dirichlet([1, 1, 1], n)),
    "binary": ("binary_cross_entropy", 1, lambda rng, n: rng.integers(0, 2, n)),
    "labels": ("binary_cross_entropy", 3, lambda rng, n: rng.integers(0, 2, (n, 3))),
    "mse": ("mse", 2, lambda rng, n: rng.normal(size=(n, 2))),
    "mae": ("mae", 2, lambda rng, n: rng.normal(size=(n, 2))),
    "huber": ("huber", 2, lambda rng, n: 3 * rng.normal(size=(n, 2))),
    "hinge": ("hinge", 1, lambda rng, n: rng.integers(0, 2, n)),
    "hinge of classes": ("hinge", 3, lambda rng, n: rng.integers(0, 3, n)),
}


def assert_gradients(net, X, y, loss, weight=None, training=True):
    """backward against central differences, of the parameters and of X.

    The differences are off by about step^2 = 1e-12 for the curvature and
    eps / step = 2e-10 for rounding, times the size of what is differentiated.
    """
    target = losses.targets("test", "y", y, loss, net.n_out, net.dtype)

    def value(x):
        net.draws = 0  # the same dropout masks each time
        return losses.value_and_gradient(target, net.forward(x, training), weight)

    def of_parameters(flat):
        keep = net.flat_parameters.copy()
        net.flat_parameters[:] = flat
        result = value(X)[0]
        net.flat_parameters[:] = keep
        return result

    grad_input = net.backward(value(X)[1])
    gradients = net.flat_gradients.copy()
    assert np.ptp(gradients) > 1e-3 and np.ptp(grad_input) > 1e-4
    close = {"rtol": 1e-6, "atol": 1e-8}
    expected = central_differences(of_parameters, net.flat_parameters)
    np.testing.assert_allclose(gradients, expected, **close)
    expected = central_differences(lambda x: value(x)[0], X)
    np.testing.assert_allclose(grad_input, expected, **close)
    if not training:
        again = net.input_gradient(X, y, loss, weight)
        np.testing.assert_array_equal(again, grad_input)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_of_every_activation(activation, rng):
    net = fn.Network(
        [
            fn.Dense(3, 5, activation=activation),
            fn.Dense(5, 4, bias=False),
            fn.Activation(activation),
            fn.Dense(4, 3),
        ],
        dtype="float64",
    )
    X, y = rng.normal(size=(6, 3)), rng.integers(0, 3, 6)
    assert_gradients(net, X, y, "cross_entropy")


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    "layer",
    [fn.Dropout, fn.BatchNorm, fn.LayerNorm, lambda: fn.Activation("tanh")],
)
def test_gradients_of_every_layer(layer, training, rng):
    first = layer()
    if isinstance(first, fn.BatchNorm | fn.LayerNorm):
        first = type(first)(n_features=4)  # also with nothing before it
    else:
        first = fn.Dense(4, 4)
    net = fn.Network(
        [first, fn.Dense(4, 5), layer(), layer(), fn.Dense(5, 3)], dtype="float64"
    )
    net.flat_parameters[:] += 0.1 * rng.normal(size=net.flat_parameters.size)
    net.flat_statistics[:] += rng.uniform(0.5, 1, net.flat_statistics.size)
    X, y = rng.normal(size=(7, 4)), rng.integers(0, 3, 7)
    assert_gradients(net, X, y, "cross_entropy", training=training)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("case", TARGETS)
def test_gradients_of_every_loss(case, weighted, rng):
    loss, n_out, targets = TARGETS[case]
    net = fn.mlp(3, [4], n_out, activation="tanh", dtype="float64")
    X, y = rng.normal(size=(8, 3)), targets(rng, 8)
    weight = rng.uniform(0.5, 2, 8) if weighted else None
    assert_gradients(net, X, y, loss, weight, training=False)


# --- Parameters and what is kept ----------------------------------------------------


def test_writing_into_a_layer_changes_the_network(rng):
    net = fn.mlp(3, [4], 2)
    X = rng.normal(size=(5, 3))
    layer = net.layers[0]
    before = net(X)
    layer.weights[...] = 2 * layer.weights
    changed = net(X)
    assert not np.array_equal(before, changed)
    layer.weights = layer.weights / 2
    np.testing.assert_array_equal(net(X), before)
    layer.bias += 1  # in place, through the attribute
    assert not np.array_equal(net(X), before)
    np.testing.assert_array_equal(net.forward(X), net(X))
    assert np.shares_memory(layer.weights, net.flat_parameters)
    assert np.shares_memory(layer.grad_weights, net.flat_gradients)


@pytest.mark.parametrize("value", [np.zeros((4, 3)), np.zeros(12), 0.0, [[1.0]]])
def test_a_wrong_shape_is_refused(value):
    layer = fn.mlp(3, [4], 2).layers[0]
    before = layer.weights.copy()
    with pytest.raises(ValueError, match=r"Dense: weights gets.*\(3, 4\)"):
        layer.weights = value
    np.testing.assert_array_equal(layer.weights, before)


def test_forward_keeps_z_and_a_of_every_layer(rng):
    net = fn.Network(
        [
            fn.Dense(3, 4, activation="tanh"),
            fn.Dropout(0.5),
            fn.BatchNorm(),
            fn.LayerNorm(),
            fn.Activation("relu"),
            fn.Dense(4, 2),
        ]
    )
    outputs = net.forward(rng.normal(size=(5, 3)), training=True)
    for layer in net.layers:
        assert layer.a.shape == (5, layer.n_out)
        if hasattr(layer, "activation"):
            assert layer.z.shape == layer.a.shape
    tanh, dropout, *_, relu, last = net.layers
    np.testing.assert_allclose(tanh.a, np.tanh(tanh.z), rtol=1e-6)
    assert np.any(dropout.a == 0) and relu.a.min() == 0 and relu.z.min() < 0
    assert last.a is outputs


def test_parameters_gradients_and_names():
    net = fn.Network([fn.Dense(3, 4), fn.BatchNorm(), fn.Dense(4, 2, bias=False)])
    shapes = {
        "0.weights": (3, 4),
        "0.bias": (4,),
        "1.gamma": (4,),
        "1.beta": (4,),
        "2.weights": (4, 2),
    }
    named = net.named_parameters()
    assert {name: x.shape for name, x in named.items()} == shapes
    for mine, other, gradient in zip(
        net.parameters(), named.values(), net.gradients(), strict=True
    ):
        assert mine is other and gradient.shape == mine.shape
    net.parameters()[0][...] = 7
    assert np.all(net.layers[0].weights == 7)
    # the weights, which decay, stand before the others
    assert net.n_decayed == 12 + 8 and net.flat_parameters.size == 12 + 4 + 8 + 8


def test_state_is_a_copy_and_comes_back(rng):
    net = fn.Network([fn.Dense(3, 4), fn.BatchNorm(), fn.Dense(4, 2)])
    X, y = rng.normal(size=(9, 3)), np.arange(9) % 2
    state, before = net.get_state(), net(X)
    net.fit(X, y, epochs=2)
    assert not np.array_equal(net(X), before)
    net.set_state(state)
    np.testing.assert_array_equal(net(X), before)


def test_backward_before_forward_and_of_another_shape():
    net = two_layers()
    with pytest.raises(RuntimeError, match="call forward"):
        net.backward([[1.0], [1.0]])
    net.forward(X2)
    with pytest.raises(ValueError, match=r"grad_output.*\(3, 1\).*\(2, 1\)"):
        net.backward(np.ones((3, 1)))


# --- Making a network ---------------------------------------------------------------


def test_mlp_shapes():
    net = fn.mlp(64, [256, 32], 10, activation="tanh", dropout=0.1)
    kinds = [type(layer).__name__ for layer in net.layers]
    assert kinds == ["Dense", "Dropout", "Dense", "Dropout", "Dense"]
    dense = net.layers[::2]
    assert [d.weights.shape for d in dense] == [(64, 256), (256, 32), (32, 10)]
    assert [d.activation for d in dense] == ["tanh", "tanh", "identity"]
    assert [layer.rate for layer in net.layers[1::2]] == [0.1, 0.1]
    assert [len(fn.mlp(2, hidden, 1).layers) for hidden in ([], [3] * 5)] == [1, 6]


def test_summary_and_repr():
    net = fn.Network([fn.Dense(64, 32, activation="relu"), fn.Dropout(0.1)])
    assert net.summary() == (
        "   layer    output   activation  parameters\n"
        "0  Dense    (n, 32)  relu             2,080\n"
        "1  Dropout  (n, 32)                       0\n"
        "2,080 parameters, float32, 64 inputs"
    )
    assert repr(net) == str(net) == repr(net.summary())
    assert repr(fn.Dropout(0.1)) == "Dropout(rate=0.1)"


def test_a_layer_has_one_place():
    layer = fn.Dense(3, 3)
    with pytest.raises(ValueError, match=r"layers\[1\] is the same object"):
        fn.Network([layer, layer])
    with pytest.raises(ValueError, match=r"layers\[2\] is the same object"):
        fn.Network([fn.Dense(3, 3)] + [fn.Dropout(0.1)] * 2)
    fn.Network([layer])
    with pytest.raises(ValueError, match=r"belongs to another network"):
        fn.Network([layer])


def test_seeds(rng):
    X, y = rng.normal(size=(40, 3)), np.arange(40) % 2

    def trained(seed):
        net = fn.mlp(3, [8], 2, dropout=0.3, seed=seed)
        net.fit(X, y, epochs=2, batch_size=8)
        return net.flat_parameters

    np.testing.assert_array_equal(trained(5), trained(5))
    assert not np.array_equal(trained(5), trained(6))
    assert not np.array_equal(trained(None), trained(None))


def test_nothing_depends_on_the_global_generator(rng):
    X, y = rng.normal(size=(20, 3)), np.arange(20) % 2
    np.random.seed(0)
    state = np.random.get_state()[1].copy()
    nets = [fn.mlp(3, [4], 2, dropout=0.5) for _ in range(2)]
    for net in nets:
        net.fit(X, y, epochs=1)
        np.random.set_state(("MT19937", np.roll(state, 1), 3))
    np.testing.assert_array_equal(nets[0].flat_parameters, nets[1].flat_parameters)


@pytest.mark.parametrize("given", ["float32", np.float64, np.dtype("float32")])
def test_dtype(given, rng):
    net = fn.Network([fn.Dense(3, 4), fn.BatchNorm(), fn.Dense(4, 2)], dtype=given)
    X = rng.integers(0, 9, (5, 3))
    outputs = net.forward(X, training=True)
    net.backward(np.ones((5, 2)))
    arrays = [outputs, net(X), *net.parameters(), *net.gradients(), net.layers[0].z]
    assert {x.dtype for x in arrays} == {np.dtype(given)} == {net.dtype}


# --- Answers and scores -------------------------------------------------------------


def answering(loss, n_out, rng, n=50):
    """A network, samples, and the outputs and targets as NumPy sees them."""
    net = fn.mlp(3, [5], n_out, activation="tanh", dtype="float64")
    net.loss = loss
    X = rng.normal(size=(n, 3))
    h = np.tanh(X @ net.layers[0].weights + net.layers[0].bias)
    outputs = h @ net.layers[1].weights + net.layers[1].bias
    np.testing.assert_allclose(net(X), outputs, rtol=1e-12, atol=1e-13)
    return net, X, outputs


def assert_scores(net, X, y, expected):
    result = net.evaluate(X, y)
    assert result == pytest.approx(expected, rel=1e-12)
    assert net.score(X, y) == [*result.values()][1]


def test_answers_of_classes(rng):
    net, X, outputs = answering("cross_entropy", 4, rng)
    y = rng.integers(0, 4, 50)
    p = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(net.predict_proba(X), p, rtol=1e-12)
    np.testing.assert_array_equal(net.predict(X), p.argmax(axis=1))
    right = (p.argmax(axis=1) == y).mean()
    loss = -np.log(p[np.arange(50), y]).mean()
    assert_scores(net, X, y, {"loss": loss, "accuracy": right})
    assert_scores(net, X, np.eye(4)[y], {"loss": loss, "accuracy": right})


def test_answers_of_two_classes(rng):
    net, X, outputs = answering("binary_cross_entropy", 1, rng)
    y = rng.integers(0, 2, 50)
    p = 1 / (1 + np.exp(-outputs[:, 0]))
    np.testing.assert_allclose(
        net.predict_proba(X), np.column_stack([1 - p, p]), rtol=1e-12
    )
    np.testing.assert_array_equal(net.predict(X), (p > 0.5).astype(int))
    loss = -np.mean(np.log(np.where(y == 1, p, 1 - p)))
    right = ((p > 0.5) == y).mean()
    assert_scores(net, X, y, {"loss": loss, "accuracy": right})
    assert_scores(net, X, y.reshape(-1, 1), {"loss": loss, "accuracy": right})


def test_answers_of_many_labels(rng):
    net, X, outputs = answering("binary_cross_entropy", 3, rng)
    y = rng.integers(0, 2, (50, 3))
    p = 1 / (1 + np.exp(-outputs))
    np.testing.assert_allclose(net.predict_proba(X), p, rtol=1e-12)
    np.testing.assert_array_equal(net.predict(X), (p > 0.5).astype(int))
    loss = -np.mean(np.log(np.where(y == 1, p, 1 - p)))
    assert_scores(net, X, y, {"loss": loss, "accuracy": ((p > 0.5) == y).mean()})


@pytest.mark.parametrize("n_out", [1, 3])
def test_answers_of_the_margin(n_out, rng):
    net, X, outputs = answering("hinge", n_out, rng)
    y = rng.integers(0, max(n_out, 2), 50)
    if n_out == 1:
        answer = (outputs[:, 0] > 0).astype(int)
        loss = np.maximum(0, 1 - (2 * y - 1) * outputs[:, 0]).mean()
        signed = net.evaluate(X, 2 * y - 1)  # -1 and 1 will do as well
        assert signed == net.evaluate(X, y)
    else:
        answer = outputs.argmax(axis=1)
        rows = np.arange(50)
        others = outputs.copy()
        others[rows, y] = -np.inf
        loss = np.maximum(0, 1 + others.max(axis=1) - outputs[rows, y]).mean()
    np.testing.assert_array_equal(net.predict(X), answer)
    assert_scores(net, X, y, {"loss": loss, "accuracy": (answer == y).mean()})
    with pytest.raises(ValueError, match="'hinge', which gives no prob"):
        net.predict_proba(X)


@pytest.mark.parametrize("loss", ["mse", "mae", "huber"])
@pytest.mark.parametrize("n_out", [1, 3])
def test_answers_of_values(loss, n_out, rng):
    net, X, outputs = answering(loss, n_out, rng)
    y = 2 * rng.normal(size=(50, n_out))
    e = np.abs(outputs - y)
    value = {
        "mse": e**2,
        "mae": e,
        "huber": np.where(e <= 1, e**2 / 2, e - 0.5),
    }[loss].mean()
    r2 = np.mean(1 - (e**2).sum(axis=0) / ((y - y.mean(axis=0)) ** 2).sum(axis=0))
    assert_scores(net, X, y, {"loss": value, "r2": r2})
    if n_out == 1:
        assert net.predict(X).shape == (50,)
        assert_scores(net, X, y[:, 0], {"loss": value, "r2": r2})
    else:
        np.testing.assert_array_equal(net.predict(X), net(X))


def test_r2_of_constant_targets(rng):
    """As scikit-learn has it: 1 for a perfect prediction of a constant, else 0."""
    net = fn.Network([fn.Dense(2, 2, init="zeros")], dtype="float64")
    X, varying = rng.normal(size=(9, 2)), rng.normal(size=9)
    y = np.column_stack([np.zeros(9), varying])
    expected = (1 + 1 - (varying**2).mean() / varying.var()) / 2
    assert net.evaluate(X, y, loss="mse")["r2"] == pytest.approx(expected, rel=1e-14)
    y[:, 0] = 3.0
    assert net.evaluate(X, y, "mse")["r2"] == pytest.approx(expected - 0.5, rel=1e-12)
    w = rng.uniform(0, 1, 9)
    mean = np.average(varying, weights=w)
    r2 = 1 - np.average(varying**2, weights=w) / np.average(
        (varying - mean) ** 2, weights=w
    )
    weighted = net.evaluate(X, y, "mse", sample_weight=w)["r2"]
    assert weighted == pytest.approx(r2 / 2, rel=1e-12)


# --- Weights of samples and classes -------------------------------------------------


def fitted(X, y, loss="cross_entropy", n_out=3, **settings):
    net = fn.mlp(3, [5], n_out, activation="tanh", dtype="float64")
    history = net.fit(
        X, y, loss=loss, epochs=5, optimizer=fn.SGD(0.1), batch_size=len(X), **settings
    )
    return net, history


def assert_same_training(one, other):
    """Sums in another order: equal up to the rounding of a few dozen additions."""
    close = {"rtol": 1e-12, "atol": 1e-14}
    np.testing.assert_allclose(
        one[0].flat_parameters, other[0].flat_parameters, **close
    )
    np.testing.assert_allclose(one[1].loss, other[1].loss, **close)


@pytest.mark.parametrize("case", TARGETS)
def test_a_weight_of_zero_leaves_a_row_out(case, rng):
    loss, n_out, targets = TARGETS[case]
    X, y, keep = rng.normal(size=(20, 3)), targets(rng, 20), rng.random(20) < 0.6
    weighted = fitted(X, y, loss, n_out, sample_weight=keep.astype(float))
    assert_same_training(weighted, fitted(X[keep], y[keep], loss, n_out))
    result = weighted[0].evaluate(X, y, sample_weight=keep)
    assert result == pytest.approx(weighted[0].evaluate(X[keep], y[keep]), rel=1e-12)


@pytest.mark.parametrize("case", TARGETS)
def test_a_weight_of_two_counts_a_row_twice(case, rng):
    loss, n_out, targets = TARGETS[case]
    X, y, times = rng.normal(size=(20, 3)), targets(rng, 20), rng.integers(1, 3, 20)
    weighted = fitted(X, y, loss, n_out, sample_weight=times)
    X, y = np.repeat(X, times, axis=0), np.repeat(y, times, axis=0)
    assert_same_training(weighted, fitted(X, y, loss, n_out))


def test_a_batch_of_weight_zero_changes_nothing(rng, each_path):
    X, y = rng.normal(size=(6, 3)), np.arange(6) % 3
    settings = {"optimizer": fn.SGD(0.1), "shuffle": False, "epochs": 1}
    whole, part = (fn.mlp(3, [5], 3, dtype="float64") for _ in range(2))
    weight = [0, 0, 0, 1, 1, 1]
    history = whole.fit(X, y, batch_size=3, sample_weight=weight, **settings)
    part.fit(X[3:], y[3:], batch_size=3, **settings)
    np.testing.assert_array_equal(whole.flat_parameters, part.flat_parameters)
    assert math.isfinite(history.loss[0])


def test_class_weights_are_sample_weights(rng):
    X, y = rng.normal(size=(20, 3)), np.array([0] * 14 + [1] * 4 + [2] * 2)
    balanced = fitted(X, y, class_weight="balanced")
    of_class = 20 / (3 * np.array([14, 4, 2]))  # each class weighs 20 / 3
    assert_same_training(balanced, fitted(X, y, sample_weight=of_class[y]))
    chosen = fitted(X, y, class_weight={1: 5.0}, sample_weight=np.arange(1, 21))
    of_class = np.array([1, 5, 1])
    expected = fitted(X, y, sample_weight=of_class[y] * np.arange(1, 21))
    assert_same_training(chosen, expected)
    assert not np.array_equal(chosen[0](X), balanced[0](X))


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "hinge"])
def test_class_weights_of_one_output(loss, rng):
    X, y = rng.normal(size=(20, 3)), np.array([0] * 15 + [1] * 5)
    balanced = fitted(X, y, loss, 1, class_weight="balanced")
    of_class = np.array([20 / 30, 20 / 10])
    assert_same_training(balanced, fitted(X, y, loss, 1, sample_weight=of_class[y]))


def test_class_weights_need_classes(rng):
    with pytest.raises(ValueError, match=r"class_weight.*use sample_weight"):
        fitted(rng.normal(size=(4, 3)), np.ones(4), "mse", 1, class_weight="balanced")
