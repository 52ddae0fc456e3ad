"""MLPClassifier and MLPRegressor: a network, kept in scikit-learn's manner."""

import copy
import doctest
import importlib
import math
import pickle

import numpy as np
import pytest

import fastnn as fn


@pytest.fixture
def spirals():
    X, y = fn.datasets.spirals(n_samples=300, n_classes=3, seed=0)
    return np.asarray(X, dtype=np.float64), y


class TestByHand:
    def test_one_step_without_hidden_layers(self):
        """mse has the gradient mean(2 (a - y) x); y is scaled to -1 and 1 inside."""
        X, y = np.array([[1.0], [3.0]]), np.array([10.0, 30.0])
        kwargs = {"hidden_layer_sizes": (), "seed": 5, "alpha": 0.3, "epochs": 1}
        model = fn.MLPRegressor(optimizer="sgd", learning_rate=0.1, **kwargs).fit(X, y)
        start = fn.mlp(1, [], 1, seed=5, dtype="float64").layers[0].weights.item()
        error = start * X[:, 0] - np.array([-1.0, 1.0])
        gradient = np.mean(2 * error * X[:, 0]) + 0.3 / 2 * start  # alpha / batch size
        np.testing.assert_allclose(model.coefs_[0], [[start - 0.1 * gradient]])
        np.testing.assert_allclose(model.intercepts_[0], [-0.1 * np.mean(2 * error)])
        np.testing.assert_allclose((model.y_mean_, model.y_scale_), ([20], [10]))
        inside = X @ model.coefs_[0] + model.intercepts_[0]
        np.testing.assert_allclose(model.predict(X), 20 + 10 * inside[:, 0])

    def test_it_is_the_network(self, spirals):
        """The same layers, optimizer and seed give the same weights, bit for bit."""
        X, y = spirals
        model = fn.MLPClassifier((16, 8), epochs=4, batch_size=50, seed=3).fit(X, y)
        net = fn.mlp(2, [16, 8], 3, seed=3, dtype="float64")
        optimizer = fn.Adam(1e-3, weight_decay=1e-4 / 50)
        history = net.fit(X, y, optimizer=optimizer, epochs=4, batch_size=50)
        np.testing.assert_array_equal(
            model.network_.flat_parameters, net.flat_parameters
        )
        assert model.history_.loss == history.loss
        assert model.loss_ == history.loss[-1] and model.n_iter_ == 4
        np.testing.assert_array_equal(model.predict(X), net.predict(X))


class TestClassifier:
    def test_learns(self, spirals):
        X, y = spirals
        names = np.array(["a", "b", "c"])[y]
        model = fn.MLPClassifier((32, 32), activation="tanh", learning_rate=0.01)
        model.fit(X, names)
        assert model.score(X, names) > 0.95
        assert model.classes_.tolist() == ["a", "b", "c"]
        p = model.predict_proba(X)
        np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-14)
        np.testing.assert_array_equal(
            model.classes_[p.argmax(axis=1)], model.predict(X)
        )
        np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), p, rtol=1e-12)
        assert [w.shape for w in model.coefs_] == [(2, 32), (32, 32), (32, 3)]

    def test_two_classes_have_one_output(self):
        X, y = fn.datasets.moons(n_samples=200, seed=0)
        model = fn.MLPClassifier((32,), learning_rate=0.02).fit(X, y == 1)
        assert model.network_.n_out == 1
        assert model.classes_.tolist() == [False, True]
        assert model.predict(X).dtype == bool
        assert model.score(X, y == 1) > 0.9
        assert model.history_.loss[0] < 1.5 * math.log(2)

    def test_class_weight(self):
        X, y = fn.datasets.blobs(n_samples=200, seed=0)
        X = X + np.random.default_rng(0).normal(0, 3, X.shape)
        plain = fn.MLPClassifier((8,), epochs=50, learning_rate=0.01)
        heavy = copy.copy(plain).set_params(class_weight={1: 20.0})
        assert heavy.fit(X, y).predict(X).mean() > plain.fit(X, y).predict(X).mean()
        weights = np.where(y == 1, 20.0, 1.0)
        same = fn.MLPClassifier((8,), epochs=50, learning_rate=0.01)
        same.fit(X, y, sample_weight=weights)
        np.testing.assert_array_equal(same.coefs_[0], heavy.coefs_[0])

    def test_precision(self, spirals):
        X, y = spirals
        model = fn.MLPClassifier(epochs=1)
        assert model.fit(X, y).network_.dtype == np.float64
        assert model.fit(X.astype(np.float32), y).network_.dtype == np.float32
        assert model.set_params(dtype="float32").fit(X, y).network_.dtype == np.float32


class TestTraining:
    def test_stops_when_the_loss_stays(self, spirals):
        X, y = spirals
        model = fn.MLPClassifier(tol=10.0, n_iter_no_change=3).fit(X, y)
        assert model.n_iter_ == 4  # the first is the best, three do not better it
        assert "loss has not improved for 3 epochs" in model.history_.stopped
        assert fn.MLPClassifier(tol=10.0, epochs=2).fit(X, y).n_iter_ == 2

    def test_early_stopping_keeps_the_best(self, spirals):
        X, y = spirals
        model = fn.MLPClassifier((32,), early_stopping=True, learning_rate=0.05)
        model.fit(X, y)
        val = model.history_.val_accuracy
        assert len(val) == model.n_iter_
        # the network that is kept scores as its best epoch did
        _, (held_out, of_held_out) = fn.data.split(X, y, test_fraction=0.1, seed=0)
        assert model.score(held_out, of_held_out) == pytest.approx(max(val))

    def test_early_stopping_of_a_regression(self, spirals):
        X, _ = spirals
        model = fn.MLPRegressor((16,), early_stopping=True, epochs=20)
        model.fit(X, X[:, 0] * 2, sample_weight=np.ones(len(X)))
        assert len(model.history_.val_r2) == model.n_iter_

    def test_optimizer_object_and_name(self, spirals):
        X, y = spirals
        mine = fn.MLPClassifier(optimizer=fn.SGD(0.1, momentum=0.9), epochs=2).fit(X, y)
        assert mine.history_.learning_rate == [0.1, 0.1]
        for name in ("sgd", "adagrad", "rmsprop", "adam", "adamw"):
            model = fn.MLPClassifier(optimizer=name, learning_rate=0.02, epochs=2)
            assert model.fit(X, y).history_.learning_rate == [0.02, 0.02]

    def test_dropout_and_seed(self, spirals):
        X, y = spirals
        fit = lambda seed: fn.MLPClassifier(  # noqa: E731
            (16, 16), dropout=0.2, epochs=3, seed=seed
        ).fit(X, y)
        np.testing.assert_array_equal(fit(1).coefs_[2], fit(1).coefs_[2])
        assert (fit(1).coefs_[2] != fit(2).coefs_[2]).any()
        assert len(fit(1).coefs_) == 3

    @pytest.mark.filterwarnings("error")
    def test_running_off_is_an_error(self, spirals):
        X, y = spirals
        model = fn.MLPRegressor(optimizer="sgd", learning_rate=1e3)
        with pytest.raises(ValueError, match=r"learning_rate=1000\.0 is too large"):
            model.fit(100 * X, y)
        assert not hasattr(model, "network_")


class TestRegressor:
    @pytest.mark.parametrize("scale, shift", [(1.0, 0.0), (1e5, 1e7), (1e-6, 0.0)])
    def test_targets_of_any_size(self, scale, shift, rng):
        X = rng.standard_normal((200, 3))
        y = np.sin(X[:, 0]) + X[:, 1]
        model = fn.MLPRegressor((32,), learning_rate=0.01).fit(X, shift + scale * y)
        assert model.score(X, shift + scale * y) > 0.97
        assert model.predict(X).shape == (200,) and model.predict(X).dtype == np.float64

    def test_several_outputs(self, rng):
        X = rng.standard_normal((200, 2))
        y = np.column_stack([X[:, 0], 1000 * X[:, 1] + 5000, np.full(200, 7.0)])
        model = fn.MLPRegressor((32,), learning_rate=0.01).fit(X, y)
        assert model.predict(X).shape == (200, 3)
        np.testing.assert_allclose(model.predict(X)[:, 2], 7, atol=0.3)
        r2 = model.score(X, y)
        residual = ((y - model.predict(X)) ** 2).sum(axis=0)
        spread = ((y - y.mean(axis=0)) ** 2).sum(axis=0)
        assert r2 == pytest.approx(
            (2 - (residual / np.maximum(spread, 1))[:2].sum()) / 3
        )

    def test_weights_are_repetitions(self, rng):
        X = rng.standard_normal((20, 2))
        y = X[:, 0] - X[:, 1] ** 2
        times = rng.integers(0, 4, 20)
        rows = np.repeat(np.arange(20), times)
        weighted = fn.MLPRegressor((4,), epochs=50).fit(X, y, sample_weight=times)
        repeated = fn.MLPRegressor((4,), epochs=50).fit(X[rows], y[rows])
        np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), rtol=1e-9)


@pytest.mark.parametrize(
    "again", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))]
)
@pytest.mark.parametrize("kind", [fn.MLPClassifier, fn.MLPRegressor])
def test_copies(again, kind, spirals):
    X, y = spirals
    model = kind((8,), epochs=3).fit(X, y)
    other = again(model)
    np.testing.assert_array_equal(other.predict(X), model.predict(X))
    for coef, layer in zip(other.coefs_, other.network_.layers, strict=True):
        assert np.shares_memory(coef, layer.weights)
    other.coefs_[0][:] = 0.0  # a view: writing into it changes the network
    assert (other.predict(X) == other.predict(X)[0]).all()
    assert (model.predict(X) != model.predict(X)[0]).any()


def test_reference_path_computes_the_same(spirals):
    X, y = spirals[0][:40], spirals[1][:40]
    fit = lambda: fn.MLPClassifier((4,), epochs=2, batch_size=16).fit(X, y)  # noqa: E731
    fast = fit().coefs_[0]
    with fn.use("reference"):
        np.testing.assert_allclose(fit().coefs_[0], fast, rtol=1e-10)


def test_repr():
    assert repr(fn.MLPClassifier((8, 8), dropout=0.1)) == (
        "MLPClassifier(hidden_layer_sizes=(8, 8), dropout=0.1)"
    )


@pytest.mark.parametrize("module", ["logistic", "mlp"])
def test_examples_in_the_docstrings(module):
    results = doctest.testmod(importlib.import_module("fastnn.estimators." + module))
    assert results.attempted and not results.failed
