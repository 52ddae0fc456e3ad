"""How a network learns: one step by the formula, and all that surrounds the steps."""

import math

import numpy as np
import pytest

import fastnn as fn
from fastnn import schedules


def regression(rng, n=23, n_in=4, n_out=2):
    X = rng.normal(size=(n, n_in))
    return X, X @ rng.normal(size=(n_in, n_out)) + 0.3 * rng.normal(size=(n, n_out))


def classes(rng, n=60, n_in=3, n_classes=3):
    y = rng.integers(0, n_classes, n)
    return rng.normal(size=(n, n_in)) + y[:, None], y


def linear(n_in=4, n_out=2, **settings):
    return fn.Network([fn.Dense(n_in, n_out)], dtype="float64", **settings)


@pytest.mark.parametrize("name", ["blobs", "moons", "circles", "spirals", "xor"])
def test_loss_falls_on_toy_classes(name, dtype):
    X, y = getattr(fn.datasets, name)(n_samples=200)
    net = fn.mlp(2, [16, 16], int(y.max()) + 1, activation="tanh", dtype=dtype)
    chance = max(np.bincount(y)) / len(y)
    history = net.fit(X, y, epochs=60, optimizer=fn.Adam(0.01))
    assert history.loss[-1] < 0.5 * history.loss[0]
    assert net.score(X, y) > 0.5 + chance / 2


def test_loss_falls_on_toy_values(dtype):
    X, y = fn.datasets.friedman(n_samples=200)
    net = fn.mlp(10, [16], 1, activation="tanh", dtype=dtype)
    history = net.fit(X, y, loss="mse", epochs=60, optimizer=fn.Adam(0.02))
    assert history.loss[-1] < 0.1 * history.loss[0]
    assert net.score(X, y) > 0.7


# --- Steps against formulas ---------------------------------------------------------


def test_one_epoch_of_softmax_regression(rng):
    """weights - rate X^T (p - onehot) / n, of the whole batch in one step."""
    X, y = classes(rng)
    net = linear(3, 3)
    weights = net.layers[0].weights.copy()
    scores = np.exp(X @ weights)
    p = scores / scores.sum(axis=1, keepdims=True)
    error = (p - np.eye(3)[y]) / len(X)
    history = net.fit(X, y, epochs=1, batch_size=60, optimizer=fn.SGD(0.5))
    close = {"rtol": 1e-12, "atol": 1e-15}  # some tens of additions
    np.testing.assert_allclose(
        net.layers[0].weights, weights - 0.5 * X.T @ error, **close
    )
    np.testing.assert_allclose(net.layers[0].bias, -0.5 * error.sum(axis=0), **close)
    losses = -np.log(p[np.arange(60), y])
    assert history.loss[0] == pytest.approx(losses.mean(), rel=1e-13)
    assert history.accuracy[0] == (p.argmax(axis=1) == y).mean()


def pytorch_step(o, p, g, state, t, decay):
    """One step of the optimizer o by the formulas of PyTorch's documentation."""
    lr = o.learning_rate
    if isinstance(o, fn.AdamW):
        p = p - lr * decay * p
    else:
        g = g + decay * p
    if isinstance(o, fn.SGD):
        b = g if t == 1 else o.momentum * state["b"] + g
        state["b"] = b
        return p - lr * (g + o.momentum * b if o.nesterov else b)
    if isinstance(o, fn.Adagrad):
        state["s"] = state.get("s", 0.0) + g**2
        return p - lr * g / (np.sqrt(state["s"]) + o.eps)
    if isinstance(o, fn.RMSProp):
        state["v"] = o.alpha * state.get("v", 0.0) + (1 - o.alpha) * g**2
        return p - lr * g / (np.sqrt(state["v"]) + o.eps)
    state["m"] = o.beta1 * state.get("m", 0.0) + (1 - o.beta1) * g
    state["v"] = o.beta2 * state.get("v", 0.0) + (1 - o.beta2) * g**2
    m_hat = state["m"] / (1 - o.beta1**t)
    return p - lr * m_hat / (np.sqrt(state["v"] / (1 - o.beta2**t)) + o.eps)


def numpy_fit(W, b, X, y, optimizer, epochs, batch):
    """Batches in order, the last one smaller: a linear model with mse, by hand."""
    of_weights, of_bias, t, epoch_losses, clipped = {}, {}, 0, [], 0
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(X), batch):
            x, target = X[start : start + batch], y[start : start + batch]
            error = x @ W + b - target
            total += (error**2).mean() * len(x)
            g = 2 * error / error.size
            grad_weights, grad_bias = x.T @ g, g.sum(axis=0)
            if optimizer.clip_norm is not None:
                norm = math.sqrt((grad_weights**2).sum() + (grad_bias**2).sum())
                scale = min(1.0, optimizer.clip_norm / (norm + 1e-6))
                clipped += scale < 1
                grad_weights, grad_bias = scale * grad_weights, scale * grad_bias
            t += 1
            decay = optimizer.weight_decay  # of the weights, never of the bias
            W = pytorch_step(optimizer, W, grad_weights, of_weights, t, decay)
            b = pytorch_step(optimizer, b, grad_bias, of_bias, t, 0.0)
        epoch_losses.append(total / len(X))
    assert optimizer.clip_norm is None or 0 < clipped < t  # both branches were taken
    return W, b, epoch_losses


OPTIMIZERS = [
    fn.SGD(0.1),
    fn.SGD(0.05, momentum=0.9, weight_decay=0.1),
    fn.SGD(0.05, momentum=0.9, nesterov=True, weight_decay=0.1, clip_norm=2.0),
    fn.Adagrad(0.1, weight_decay=0.1),
    fn.RMSProp(0.01, weight_decay=0.1, clip_norm=2.0),
    fn.Adam(0.05, weight_decay=0.1, clip_norm=2.0),
    fn.AdamW(0.05, weight_decay=0.1),
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_optimizers_as_pytorch_documents_them(optimizer, rng):
    """Four epochs of five batches, the last of 3 rows, in order."""
    X, y = regression(rng)
    net = linear()
    net.layers[0].bias = [0.5, -2.0]  # to see that it does not decay
    W, b = net.layers[0].weights.copy(), net.layers[0].bias.copy()
    expected = numpy_fit(W, b, X, y, optimizer, 4, 5)
    history = net.fit(
        X, y, loss="mse", optimizer=optimizer, epochs=4, batch_size=5, shuffle=False
    )
    # about 20 steps of some tens of roundings each
    close = {"rtol": 1e-11, "atol": 1e-13}
    np.testing.assert_allclose(net.layers[0].weights, expected[0], **close)
    np.testing.assert_allclose(net.layers[0].bias, expected[1], **close)
    np.testing.assert_allclose(history.loss, expected[2], **close)


SCHEDULES = [
    0.25,
    schedules.step(0.5, every=2, factor=0.5),
    schedules.exponential(0.5, factor=0.8),
    schedules.cosine(0.5, epochs=5, final=0.1),
    schedules.warmup(schedules.cosine(0.5, epochs=3), epochs=1.5),
]


@pytest.mark.parametrize("rate", SCHEDULES, ids=repr)
def test_schedules_reach_every_step(rate, each_path):
    """Far from its target, mae pulls the bias up by 1 * rate in each step."""
    X, y = np.zeros((11, 1)), np.full(11, 1e9)
    biases = []
    net = linear(1, 1)
    history = net.fit(
        X, y, loss="mae", optimizer=fn.SGD(rate), epochs=5, batch_size=3,
        callbacks=[lambda training: biases.append(float(net.layers[0].bias[0]))],
    )  # fmt: skip
    schedule = schedules.constant(rate) if isinstance(rate, float) else rate
    rates = schedule(np.arange(20) / 4)  # four batches an epoch
    np.testing.assert_allclose(biases, np.cumsum(rates)[3::4], rtol=1e-13)
    assert history.learning_rate == list(rates[3::4])


def test_plateau_lowers_the_rate(rng):
    X, y = regression(rng)
    optimizer = fn.SGD(schedules.plateau(1e-12, factor=0.5, patience=2))
    history = linear().fit(X, y, loss="mse", optimizer=optimizer, epochs=6)
    # the first epoch is the best; after two more without progress, half the rate
    assert history.learning_rate == [1e-12] * 3 + [0.5e-12] * 2 + [0.25e-12]


@pytest.mark.parametrize("monitor", ["val_r2", "accuracy", "val_accuracy"])
def test_plateau_needs_what_it_watches(monitor, rng):
    """With mse there is no accuracy, and without validation no val_r2."""
    X, y = regression(rng)
    rate = schedules.plateau(0.1, monitor=monitor)
    net = linear()
    before = net.flat_parameters.copy()
    for schedule in (rate, schedules.warmup(rate, epochs=3)):
        with pytest.raises(ValueError, match=f"monitor is '{monitor}'.*records loss;"):
            net.fit(X, y, loss="mse", optimizer=fn.SGD(schedule), epochs=2)
    np.testing.assert_array_equal(net.flat_parameters, before)


class Seen(fn.Layer):
    """Hands on what it gets, and remembers it."""

    n_in = 1

    def __init__(self):
        self.batches = []

    def forward(self, x, training=False):
        if training:
            self.batches.append(x[:, 0].astype(int).tolist())
        return x

    def backward(self, grad_output):
        return grad_output


def visited(shuffle, epochs=3, seed=0):
    seen = Seen()
    net = fn.Network([seen, fn.Dense(1, 2)], seed=seed)
    X = np.arange(10.0).reshape(-1, 1)
    net.fit(X, np.arange(10) % 2, epochs=epochs, batch_size=4, shuffle=shuffle)
    return seen.batches


def test_every_sample_is_visited_once_an_epoch():
    in_order = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert visited(shuffle=False) == 3 * in_order
    batches = visited(shuffle=True)
    assert [len(batch) for batch in batches] == 3 * [4, 4, 2]
    epochs = [[*batches[i], *batches[i + 1], *batches[i + 2]] for i in (0, 3, 6)]
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in [*epochs, range(10)]}) == 4
    assert visited(shuffle=True) == batches != visited(shuffle=True, seed=1)


# --- What fit gives back ------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
def test_validation_values_are_those_of_evaluate(weighted, rng, each_path):
    X, y = classes(rng, n=20)
    Xv, yv = classes(rng, n=15)
    weight = [rng.uniform(0, 1, 15)] if weighted else []
    net, judged = fn.mlp(3, [4], 3), []
    history = net.fit(
        X, y, epochs=3, validation=(Xv, yv, *weight),
        callbacks=[lambda training: judged.append(net.evaluate(Xv, yv, None, *weight))],
    )  # fmt: skip
    assert history.val_loss == [values["loss"] for values in judged]
    assert history.val_accuracy == [values["accuracy"] for values in judged]
    assert history.val_r2 == [] and len(set(history.val_loss)) == 3


def test_history_of_classes_and_of_values(rng):
    X, y = classes(rng)
    net = fn.mlp(3, [4, 5], 3, dropout=0.1)
    history = net.fit(X, y, epochs=3)
    assert net.history is history and history.epochs == 3
    for name in ("loss", "accuracy", "grad_norms", "learning_rate", "seconds"):
        assert len(getattr(history, name)) == 3, name
    assert [len(norms) for norms in history.grad_norms] == [3, 3, 3]  # one a Dense
    assert np.min(history.grad_norms) > 0 and min(history.seconds) > 0
    assert history.val_loss == history.val_accuracy == history.val_r2 == []
    assert history.stopped is None
    X, y = regression(rng)
    history = linear().fit(X, y, loss="mse", epochs=2, validation=(X, y))
    assert history.accuracy == history.val_accuracy == []
    assert len(history.val_r2) == len(history.val_loss) == 2


@pytest.mark.parametrize("widths", [(3,), (3, 90, 90)], ids=["small", "large"])
@pytest.mark.parametrize("shuffle", [False, True])
def test_bad_samples_leave_the_network_as_it_was(widths, shuffle, rng, each_path):
    """Whether they are found before the first step or in the middle of the epoch."""
    X, y = classes(rng)
    dense = [fn.Dense(*pair) for pair in zip(widths, (*widths[1:], 3), strict=True)]
    net = fn.Network([fn.BatchNorm(3), *dense], seed=1)
    net.fit(X, y, epochs=2)
    state, draws, history = net.get_state(), net.draws, net.history
    X[40, 1] = np.nan
    told = []
    for epochs in (0, 1, 500):
        with pytest.raises(ValueError, match=r"fit: X has 1 value.* row 40, column 1"):
            net.fit(X, y, "hinge", epochs=epochs, batch_size=8,
                    shuffle=shuffle, callbacks=[told.append])  # fmt: skip
    assert net.draws == draws and net.history is history
    assert net.loss == "cross_entropy" and told == []
    for name, value in net.get_state().items():
        np.testing.assert_array_equal(value, state[name], name)


def test_no_epochs_change_nothing(rng):
    X, y = classes(rng)
    net = fn.mlp(3, [4], 3)
    before = net.flat_parameters.copy()
    history = net.fit(X, y, epochs=0, callbacks=[fn.EarlyStopping("loss")])
    assert history.epochs == 0 and history.stopped is None
    np.testing.assert_array_equal(net.flat_parameters, before)


def test_a_batch_larger_than_the_data_is_the_data(rng):
    X, y = classes(rng, n=10)
    nets = [fn.mlp(3, [4], 3) for _ in range(2)]
    for net, size in zip(nets, (10, 10**15), strict=True):
        net.fit(X, y, epochs=2, batch_size=size)
    np.testing.assert_array_equal(nets[0].flat_parameters, nets[1].flat_parameters)


def test_the_loss_is_remembered(rng):
    X, y = regression(rng)
    net = linear()
    net.fit(X, y, loss="huber", epochs=1)
    before = net.evaluate(X, y)
    assert net.loss == "huber" and before == net.evaluate(X, y, loss="huber")
    net.fit(X, y, epochs=1)
    assert net.loss == "huber"
