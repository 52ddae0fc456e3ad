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
        return target.value_and_gradient(net.forward(x, training), weight)

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


def test_layers_cannot_be_added_or_removed():
    """The kernels would read and write where the network has no memory."""
    net = fn.mlp(2, [3], 4)
    for change in ("append", "pop", "insert", "extend"):
        assert not hasattr(net.layers, change)
    with pytest.raises(TypeError, match="item"):
        net.layers[0] = fn.Dense(2, 3)


def test_sizes_that_no_memory_holds_are_named():
    with pytest.raises(MemoryError, match=r"^mlp: n_in is 1000000 and hidden\[0\] is"):
        fn.mlp(10**6, [10**10], 2)
    with pytest.raises(MemoryError, match=r"^mlp: hidden\[0\] is \d+ and n_out is"):
        fn.mlp(1, [2**22], 2**32)
    with pytest.raises(MemoryError, match=r"^Dense: n_in is 3 and n_out is 4611686018"):
        fn.Network([fn.Dense(3, np.int64(2**62))])
    with pytest.raises(MemoryError, match=r"^BatchNorm: n_features is 11258999068426"):
        fn.Network([fn.BatchNorm(2**50)])


def test_an_optimizer_names_itself_where_the_rate_is_wrong():
    with pytest.raises(ValueError, match=r"^Adam: learning_rate is nan; expected"):
        fn.Adam(float("nan"))
    with pytest.raises(TypeError, match=r"^SGD: learning_rate is <class.*cosine"):
        fn.SGD(fn.Adam)
