"""Answers and scores for each loss; the weights of samples and classes."""

import math

import numpy as np
import pytest

import fastnn as fn

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
