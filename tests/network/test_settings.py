"""A layer's settings and parameters may change at any time, and every road sees it."""

import copy
import pickle
import threading

import numpy as np
import pytest

import fastnn as fn
from fastnn.network import program

X = np.random.default_rng(0).normal(size=(50, 4))
Y = np.random.default_rng(1).integers(0, 3, 50)


class OwnDense(fn.Dense):
    """A layer of the user's own: its network runs layer by layer."""


def network(dense=fn.Dense):
    layers = [
        dense(4, 5, activation="tanh"), fn.BatchNorm(), fn.Dropout(0.3),
        fn.LayerNorm(), fn.Activation("relu"), dense(5, 3),
    ]  # fmt: skip
    return fn.Network(layers, seed=1)


def outputs(net):
    """What the kernels give, which must be what the layers give one by one."""
    found = net(X)
    np.testing.assert_array_equal(found, net.forward(X))
    return found


def from_a_file(net, folder):
    net.save(folder / "m.npz")
    return fn.load(folder / "m.npz")


COPIES = {
    "itself": lambda net, folder: net,
    "copy": lambda net, folder: copy.copy(net),
    "deepcopy": lambda net, folder: copy.deepcopy(net),
    "pickle": lambda net, folder: pickle.loads(pickle.dumps(net)),
    "file": from_a_file,
}
CHANGES = {
    "activation": lambda net: setattr(net.layers[0], "activation", "gelu"),
    "its own layer": lambda net: setattr(net.layers[4], "activation", "elu"),
    "eps of columns": lambda net: setattr(net.layers[1], "eps", 0.5),
    "eps of rows": lambda net: setattr(net.layers[3], "eps", 0.5),
    "weights": lambda net: setattr(net.layers[0], "weights", np.full((4, 5), 0.2)),
    "an element": lambda net: net.layers[0].weights.__setitem__((0, 0), 3.0),
    "statistics": lambda net: net.layers[1].running_mean.fill(1.0),
    "state": lambda net: net.set_state(fn.Network.get_state(other_weights())),
}


def other_weights():
    net = network()
    net.flat_parameters[:] = 0.3 + np.sin(np.arange(net.flat_parameters.size))
    return net


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("made", COPIES.values(), ids=COPIES)
def test_predictions_follow_changes(made, change, tmp_path):
    first = network()
    before = outputs(first)
    net = made(first, tmp_path)
    np.testing.assert_array_equal(outputs(net), before)
    change(net)
    assert (outputs(net) != before).any()
    shared = made in (COPIES["itself"], COPIES["copy"])
    assert (outputs(first) != before).any() == shared


def test_training_follows_changes_of_a_callback():
    """On both roads: the program of the kernels is laid out anew."""

    def change(training):
        training.network.layers[2].rate = 0.6
        training.network.layers[0].activation = "gelu"  # needs a buffer for z
        training.network.layers[1].momentum = 0.9

    by_program, by_layers, as_they_were = network(), network(OwnDense), network()
    settings = {"epochs": 3, "batch_size": 16}
    changed = by_program.fit(X, Y, callbacks=[change], **settings)
    assert changed.loss == pytest.approx(
        by_layers.fit(X, Y, callbacks=[change], **settings).loss, rel=1e-14
    )
    np.testing.assert_array_equal(by_program.flat_parameters, by_layers.flat_parameters)
    unchanged = as_they_were.fit(X, Y, **settings)
    assert changed.loss[0] == unchanged.loss[0] and changed.loss[1] != unchanged.loss[1]


@pytest.mark.parametrize(
    ("index", "name", "value", "message"),
    [
        (0, "activation", "typo", r"^Dense: activation is 'typo'; it can be one of"),
        (4, "activation", None, r"^Activation: activation is None"),
        (1, "eps", 0.0, r"^BatchNorm: eps is 0.0; expected a number above 0"),
        (1, "momentum", 2, r"^BatchNorm: momentum is 2; expected"),
        (2, "rate", 1.5, r"^Dropout: rate is 1.5; expected a number"),
        (3, "eps", "small", r"^LayerNorm: eps is 'small'; expected a number"),
    ],
)
def test_a_wrong_setting_is_refused_at_once(index, name, value, message):
    net = network()
    before = outputs(net)
    with pytest.raises((TypeError, ValueError), match=message):
        setattr(net.layers[index], name, value)
    np.testing.assert_array_equal(outputs(net), before)


def test_none_is_the_identity_as_in_the_constructor():
    net = network()
    net.layers[0].activation = None
    assert net.layers[0].activation == "identity"
    outputs(net)


def test_a_change_while_another_thread_lays_out_is_not_lost(monkeypatch):
    """The rows read before a change are used for one call, and never kept."""
    net, rows_of = network(), program.layer_rows

    def rows_then_change(network):
        rows = rows_of(network)
        network.layers[0].activation = "relu"
        return rows

    monkeypatch.setattr(program, "layer_rows", rows_then_change)
    net(X)
    monkeypatch.undo()
    outputs(net)


def test_many_threads_predict_while_one_changes_a_setting():
    net = network()
    possible = []
    for name in ("tanh", "relu"):
        net.layers[0].activation = name
        possible.append(outputs(net))
    wrong, over = [], threading.Event()

    def predict():
        while not over.is_set():
            found = net(X)
            if not any(np.array_equal(found, one) for one in possible):
                wrong.append(found)

    threads = [threading.Thread(target=predict) for _ in range(4)]
    for thread in threads:
        thread.start()
    for i in range(300):
        net.layers[0].activation = ("tanh", "relu")[i % 2]
        net(X)
    over.set()
    for thread in threads:
        thread.join()
    assert not wrong
    np.testing.assert_array_equal(outputs(net), possible[1])
