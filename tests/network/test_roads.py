"""Three roads, one truth: the kernel program, layer by layer, the reference path."""

import itertools

import numpy as np
import pytest

import fastnn as fn
from fastnn.network.layers import ACTIVATIONS
from fastnn.network.training.progress import Silence
from fastnn.network.training.run import Training


class OwnDense(fn.Dense):
    """A layer of the user's own: its network runs layer by layer."""


def samples(n=53, n_in=6, n_classes=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, n_in))
    weight = rng.uniform(0.5, 2.0, n)
    assert X.std() > 0.5 and weight.std() > 0.1
    return X, rng.integers(0, n_classes, n), weight


def every_layer(dense, activation, dtype):
    """A small network with a layer of every kind."""
    return fn.Network(
        [
            dense(6, 9, activation=activation),
            fn.BatchNorm(),
            fn.Dropout(0.2),
            dense(9, 8),
            fn.Activation(activation),
            fn.LayerNorm(),
            dense(8, 4, bias=False),
        ],
        seed=3,
        dtype=dtype,
    )


def five_hidden(dense, dtype="float64"):
    widths = [6, 8, 8, 8, 8, 8]
    layers = [dense(a, b, activation="tanh") for a, b in itertools.pairwise(widths)]
    return fn.Network([*layers, dense(8, 4)], seed=0, dtype=dtype)


OPTIMIZERS = [
    fn.SGD(0.01, momentum=0.9, nesterov=True),
    fn.Adagrad(),
    fn.RMSProp(),
    fn.Adam(1e-3, clip_norm=0.5, weight_decay=0.01),
    fn.AdamW(),
]


def test_two_hundred_steps_agree_on_every_road():
    """The figure that the project promises: weights equal to 1e-10, relative."""
    X, y, _ = samples(n=160)
    settings = {"epochs": 20, "batch_size": 16, "optimizer": fn.Adam(1e-2)}
    by_program, by_layers, by_reference = (
        five_hidden(d) for d in (fn.Dense, OwnDense, fn.Dense)
    )
    history = by_program.fit(X, y, **settings)
    by_layers.fit(X, y, **settings)
    with fn.use("reference"):
        by_reference.fit(X, y, **settings)
    assert history.loss[-1] < 0.9 * history.loss[0]  # it did learn
    expected = by_reference.flat_parameters
    for network in (by_program, by_layers):
        np.testing.assert_allclose(
            network.flat_parameters, expected, rtol=1e-10, atol=1e-12
        )
    np.testing.assert_array_equal(by_program.flat_parameters, by_layers.flat_parameters)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: o.name)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_program_and_layers_give_the_same_bits(activation, optimizer, dtype):
    X, y, weight = samples()
    networks = [every_layer(d, activation, dtype) for d in (fn.Dense, OwnDense)]
    program, layers = (
        (
            net.fit(
                X, y, epochs=2, batch_size=16, optimizer=optimizer, sample_weight=weight
            ),
            net,
        )
        for net in networks
    )
    np.testing.assert_array_equal(program[1].flat_parameters, layers[1].flat_parameters)
    np.testing.assert_array_equal(program[1].flat_statistics, layers[1].flat_statistics)
    assert program[0].accuracy == layers[0].accuracy
    np.testing.assert_allclose(program[0].loss, layers[0].loss, rtol=1e-14)
    np.testing.assert_allclose(program[0].grad_norms, layers[0].grad_norms, rtol=1e-14)


@pytest.mark.parametrize("activation", ["tanh", "gelu", "softmax", "selu"])
def test_reference_agrees_with_the_kernels(activation):
    X, y, weight = samples(n=21)
    settings = {"epochs": 2, "batch_size": 8, "optimizer": fn.SGD(0.1, momentum=0.9)}
    kernels, twin = (every_layer(fn.Dense, activation, "float64") for _ in range(2))
    kernels.fit(X, y, sample_weight=weight, **settings)
    with fn.use("reference"):
        twin.fit(X, y, sample_weight=weight, **settings)
    np.testing.assert_allclose(
        kernels.flat_parameters, twin.flat_parameters, rtol=1e-10, atol=1e-12
    )


TARGETS = {
    "cross_entropy": lambda rng: rng.integers(0, 3, 30),
    "binary_cross_entropy": lambda rng: rng.integers(0, 2, (30, 3)),
    "mse": lambda rng: rng.normal(size=(30, 3)),
    "mae": lambda rng: rng.normal(size=(30, 3)),
    "huber": lambda rng: 3 * rng.normal(size=(30, 3)),
    "hinge": lambda rng: rng.integers(0, 3, 30),
}


@pytest.mark.parametrize("loss", TARGETS)
def test_every_loss_on_every_road(loss, rng):
    X, y = rng.normal(size=(30, 6)), TARGETS[loss](rng)
    nets = []
    for dense, path in (
        (fn.Dense, "kernels"),
        (OwnDense, "kernels"),
        (fn.Dense, "reference"),
    ):
        net = fn.Network([dense(6, 5, activation="tanh"), dense(5, 3)], dtype="float64")
        with fn.use(path):
            history = net.fit(X, y, loss=loss, epochs=3, batch_size=8)
        nets.append((net, history))
    (program, h1), (layers, h2), (twin, h3) = nets
    np.testing.assert_array_equal(program.flat_parameters, layers.flat_parameters)
    np.testing.assert_allclose(
        program.flat_parameters, twin.flat_parameters, rtol=1e-10, atol=1e-12
    )
    np.testing.assert_allclose(h1.accuracy, h2.accuracy)
    np.testing.assert_allclose(h1.accuracy, h3.accuracy)
    np.testing.assert_allclose(h1.loss, h3.loss, rtol=1e-10)


@pytest.fixture
def threads():
    """Put the number of threads back after the test."""
    before = fn.get_num_threads()
    yield fn.set_num_threads
    fn.set_num_threads(before)


# Threads take columns of wide layers, and rows of the batch through narrow ones; from
# one barrier to the next there are more than 4 million operations, so they are used.
SHARED = {
    "columns": {"n_in": 500, "width": 300, "n_out": 10, "batch_size": 256},
    "columns, few rows": {"n_in": 700, "width": 500, "n_out": 70, "batch_size": 40},
    "rows": {"n_in": 40, "width": 70, "n_out": 3, "batch_size": 2500},
}


@pytest.mark.parametrize("clip_norm", [None, 1.0])
@pytest.mark.parametrize("case", SHARED)
def test_same_bits_for_any_number_of_threads(case, clip_norm, threads, dtype, rng):
    """Every kind of layer; activations that keep z, go by rows, or stand alone."""
    n_in, width, n_out, batch_size = SHARED[case].values()
    n = 2 * batch_size + 11
    X, y = rng.normal(size=(n, n_in)), rng.integers(0, n_out, n)
    weight = rng.uniform(0.5, 2, n)
    results = []
    for n_threads in (1, 2, 3):
        threads(n_threads)
        net = fn.Network(
            [
                fn.Dense(n_in, width, activation="gelu"),
                fn.BatchNorm(),
                fn.Dropout(0.3),
                fn.Dense(width, width, activation="tanh"),
                fn.Dense(width, 96, activation="softmax"),
                fn.LayerNorm(),
                fn.Activation("silu"),
                fn.Dense(96, 5, activation="relu"),
                fn.Dense(5, n_out, bias=False),
            ],
            dtype=dtype,
        )
        history = net.fit(
            X, y, epochs=2, batch_size=batch_size, sample_weight=weight,
            optimizer=fn.Adam(clip_norm=clip_norm),
        )  # fmt: skip
        results.append((net.flat_parameters.copy(), net(X), history))
    for parameters, outputs, history in results[1:]:
        np.testing.assert_array_equal(parameters, results[0][0])
        np.testing.assert_array_equal(outputs, results[0][1])
        assert history.loss == results[0][2].loss
        assert history.accuracy == results[0][2].accuracy
        assert history.grad_norms == results[0][2].grad_norms


@pytest.mark.parametrize("activation", ["relu", "gelu", "softmax"])
def test_a_row_does_not_know_its_batch(activation, dtype):
    X, y, _ = samples(n=700)
    net = every_layer(fn.Dense, activation, dtype)
    net.fit(X, y, epochs=1)
    whole = net(X)
    for i in (0, 1, 255, 256, 257, 699):
        np.testing.assert_array_equal(net(X[i : i + 1])[0], whole[i])
    np.testing.assert_array_equal(net(X[3:20]), whole[3:20])
    np.testing.assert_array_equal(net.predict(X)[5], net.predict(X[5:6])[0])
    np.testing.assert_array_equal(net.forward(X), whole)


class CtrlC(Silence):
    """Interrupts a training after an epoch, or within the next one."""

    def __init__(self, epoch, within):
        self.moment, self.within = epoch, within

    def __call__(self, training):
        if training.epoch == self.moment and not self.within:
            raise KeyboardInterrupt

    def step(self, training, fraction):
        if training.epoch == self.moment and self.within:
            raise KeyboardInterrupt


@pytest.mark.parametrize("within", [True, False])
@pytest.mark.parametrize("shuffle", [True, False])
def test_resumed_training_is_bit_identical(tmp_path, shuffle, within, dtype):
    X, y, weight = samples(n=90)
    path = tmp_path / "run.npz"
    Xv, yv, _ = samples(n=30, seed=1)

    def settings(epochs):
        return {
            "epochs": epochs,
            "batch_size": 16,
            "optimizer": fn.Adam(fn.schedules.plateau(1e-2, patience=2), clip_norm=1.0),
            "validation": (Xv, yv),
            "sample_weight": weight,
            "shuffle": shuffle,
        }

    def callbacks():
        return [fn.Checkpoint(path, every=3), fn.EarlyStopping(patience=50)]

    straight = every_layer(fn.Dense, "tanh", dtype)
    expected = straight.fit(X, y, **settings(12), callbacks=callbacks())

    first = every_layer(fn.Dense, "tanh", dtype)
    ctrl_c = CtrlC(epoch=7, within=within)
    with pytest.raises(KeyboardInterrupt):
        first.fit(
            X, y, **settings(12), callbacks=[ctrl_c, *callbacks()], progress=ctrl_c
        )
    second = every_layer(fn.Dense, "tanh", dtype)
    history = second.fit(X, y, **settings(12), callbacks=callbacks(), resume=path)

    np.testing.assert_array_equal(second.flat_parameters, straight.flat_parameters)
    np.testing.assert_array_equal(second.flat_statistics, straight.flat_statistics)
    for name in ("loss", "val_loss", "accuracy", "grad_norms", "learning_rate"):
        assert getattr(history, name) == getattr(expected, name), name


def test_resume_from_another_run_is_refused(tmp_path):
    X, y, _ = samples()
    path = tmp_path / "run.npz"
    five_hidden(fn.Dense).fit(X, y, epochs=1, callbacks=[fn.Checkpoint(path)])
    for change, word in (
        ({"batch_size": 7}, "batch_size"),
        ({"optimizer": fn.SGD()}, "optimizer"),
        ({"loss": "hinge"}, "loss"),
    ):
        net = five_hidden(fn.Dense)
        before = net.flat_parameters.copy()
        with pytest.raises(ValueError, match=word):
            net.fit(X, y, epochs=2, resume=path, **change)
        np.testing.assert_array_equal(net.flat_parameters, before)


@pytest.mark.parametrize("n_in", [1, 2, 3, 5, 8, 15, 16, 17, 30, 33, 47, 63, 64, 129])
def test_layers_with_one_output(n_in, dtype, rng):
    """Their products have loops of their own; the bits are those of the others."""
    X, y = rng.normal(size=(45, n_in)), rng.normal(size=45)
    X[:, 0] = 0  # gradients of 0 and -0
    nets = []
    for dense in (fn.Dense, OwnDense):
        net = fn.Network(
            [dense(n_in, n_in), dense(n_in, 1), dense(1, 3), dense(3, 1)],
            dtype=dtype, seed=1,
        )  # fmt: skip
        net.fit(X, y, loss="mse", optimizer=fn.SGD(0.01), epochs=2, batch_size=19)
        nets.append(net)
    for name in ("flat_parameters", "flat_gradients"):
        program, layers = (getattr(net, name).tobytes() for net in nets)
        assert program == layers


@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy"])
def test_a_batch_in_place_is_a_batch_gathered(loss, dtype, rng):
    """Rows that follow each other are not copied together; nothing else changes."""
    n_out = 3 if loss == "cross_entropy" else 1
    X, y = rng.normal(size=(53, 6)), rng.integers(0, max(2, n_out), 53)
    weight = rng.uniform(0.5, 2, 53)
    results = []
    for order in (slice(None), np.s_[::-1]):
        net = fn.mlp(6, [8], n_out, seed=0, dtype=dtype)
        given = [array[order].copy() for array in (X, y, weight)]
        training = Training(
            net, *given[:2], loss, fn.Adam(), 3, 16, None, given[2], None, (), False,
            False,
        )  # fmt: skip
        training.order = training.order[order].copy()
        training.run()
        results.append((net.flat_parameters.tobytes(), training.history.loss,
                        training.history.accuracy))  # fmt: skip
    assert results[0] == results[1]
