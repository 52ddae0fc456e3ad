"""Networks that were copied or pickled: whole, apart, and still tied to their block."""

import copy
import io
import pickle

import numpy as np
import pytest

import fastnn as fn


def network(dtype="float32"):
    layers = [
        fn.Dense(3, 4, activation="tanh"),
        fn.BatchNorm(),
        fn.Dropout(0.2),
        fn.Dense(4, 2),
    ]
    return fn.Network(layers, seed=1, dtype=dtype)


def by_pickle(net):
    return pickle.loads(pickle.dumps(net))


def same_state(a, b):
    for name, value in a.get_state().items():
        np.testing.assert_array_equal(value, b.get_state()[name])


@pytest.mark.parametrize("copied", [copy.deepcopy, by_pickle])
class TestCopies:
    def test_layers_are_views_of_the_block(self, copied):
        net = network()
        net.fit(np.eye(3), [0, 1, 1], epochs=2)
        other = copied(net)
        same_state(net, other)
        for layer in other.layers:
            for name in layer.parameter_names:
                assert np.shares_memory(getattr(layer, name), other.flat_parameters)
                grad = getattr(layer, "grad_" + name)
                assert np.shares_memory(grad, other.flat_gradients)
        running_mean = other.layers[1].running_mean
        assert np.shares_memory(running_mean, other.flat_statistics)
        other.layers[0].weights = np.full((3, 4), 7.0)
        other.layers[3].bias[...] = 9.0
        assert np.count_nonzero(other.flat_parameters == 7.0) == 12
        assert np.count_nonzero(other.flat_parameters == 9.0) == 2

    def test_the_original_is_left_alone(self, copied):
        net = network()
        before = net.get_state()
        other = copied(net)
        assert not np.shares_memory(net.flat_parameters, other.flat_parameters)
        other.fit(np.eye(3), [0, 1, 1], epochs=3)
        for name, value in net.get_state().items():
            np.testing.assert_array_equal(value, before[name])

    def test_both_go_on_alike(self, copied, dtype):
        X, y = fn.datasets.blobs(n_samples=40, seed=0)
        X = np.hstack([X, X[:, :1]])
        net = network(dtype)
        net.fit(X, y, epochs=2, batch_size=8)
        other = copied(net)
        np.testing.assert_array_equal(net.predict_proba(X), other.predict_proba(X))
        net.fit(X, y, epochs=2, batch_size=8)  # shuffling and dropout go on as well
        other.fit(X, y, epochs=2, batch_size=8)
        same_state(net, other)
        assert net.history.loss == other.history.loss


def test_a_read_only_block_becomes_writeable():
    """joblib maps arrays from files, read-only; training writes into them."""
    net = network()
    net.flat_parameters.flags.writeable = False
    other = network()
    other.__setstate__(net.__dict__)
    assert other.flat_parameters.flags.writeable
    other.fit(np.eye(3), [0, 1, 1], epochs=1)


def test_history_and_optimizers_survive():
    net = fn.mlp(2, [3], 2)
    history = net.fit(np.eye(2), [0, 1], optimizer=fn.Adam(0.1), epochs=3)
    again = pickle.load(io.BytesIO(pickle.dumps(history)))
    assert again.loss == history.loss
    assert repr(pickle.loads(pickle.dumps(fn.Adam(0.1)))) == repr(fn.Adam(0.1))
