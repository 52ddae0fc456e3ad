"""How a training ends, goes on from a checkpoint, and shows that it is alive."""

import io
import math
import os
import signal
import subprocess
import sys
import textwrap
import time
import warnings

import numpy as np
import pytest

import fastnn as fn
from fastnn.network import program
from fastnn.network.training.progress import Silence


def classes(rng, n=60, n_in=3, n_classes=3):
    y = rng.integers(0, n_classes, n)
    return rng.normal(size=(n, n_in)) + y[:, None], y


def overfitting(rng):
    """Random labels: what is learnt by heart makes validation worse."""
    parts = [(rng.normal(size=(40, 3)), rng.integers(0, 2, 40)) for _ in range(2)]
    return *parts[0], parts[1]


def test_early_stopping_restores_the_best(rng):
    X, y, validation = overfitting(rng)
    net, kept = fn.mlp(3, [64], 2), []
    keep = lambda training: kept.append(net.get_state())  # noqa: E731
    history = net.fit(
        X, y, epochs=300, optimizer=fn.Adam(0.02), validation=validation,
        callbacks=[fn.EarlyStopping(patience=5), keep],
    )  # fmt: skip
    best = history.best()
    assert history.epochs == best + 1 + 5 < 300
    assert "val_loss has not improved for 5 epochs" in history.stopped
    np.testing.assert_array_equal(net.flat_parameters, kept[best]["parameters"])
    assert net.evaluate(*validation)["loss"] == history.val_loss[best]


def test_early_stopping_needs_what_it_watches(rng):
    X, y = classes(rng)
    net = fn.mlp(3, [4], 3)
    before = net.flat_parameters.copy()
    with pytest.raises(ValueError, match=r"monitor is 'val_loss'.*validation="):
        net.fit(X, y, callbacks=[fn.EarlyStopping()])
    np.testing.assert_array_equal(net.flat_parameters, before)


def test_a_callback_can_stop(rng):
    X, y = classes(rng)
    epochs = []

    def enough(training):
        epochs.append(training.epoch)
        if training.epoch == 2:
            training.stop("that will do")

    history = fn.mlp(3, [4], 3).fit(X, y, epochs=9, callbacks=[enough])
    assert epochs == [1, 2] and history.epochs == 2
    assert history.stopped == "that will do"


class Witness(Silence):
    """A progress that notes what it is told."""

    def __init__(self):
        self.calls = []

    def start(self, training):
        self.calls.append("start")

    def step(self, training, fraction):
        assert 0 < fraction <= 1
        self.calls.append(f"step {training.epoch}")

    def epoch(self, training):
        self.calls.append(f"epoch {training.epoch}")

    def end(self, training):
        self.calls.append("end")


def test_a_progress_of_your_own(rng):
    X, y = classes(rng)
    witness = Witness()
    fn.mlp(3, [4], 3).fit(X, y, epochs=2, batch_size=60, progress=witness)
    assert witness.calls == [
        "start", "step 0", "epoch 1", "step 1", "epoch 2", "end"
    ]  # fmt: skip
    with pytest.raises(TypeError, match=r"progress is 3.*start, step, epoch"):
        fn.mlp(3, [4], 3).fit(X, y, progress=3)


class Failing:
    """A callback that fails at the moment it is told."""

    def __init__(self, at_end):
        self.at_end = at_end

    def __call__(self, training):
        if training.epoch == 2 and not self.at_end:
            raise ZeroDivisionError("in a callback")

    def on_end(self, training):
        if self.at_end:
            raise ZeroDivisionError("at the end")


@pytest.mark.parametrize("at_end", [False, True])
def test_a_callback_that_fails(at_end, rng):
    """The error comes out, the progress has ended, the network goes on learning."""
    X, y = classes(rng)
    net, witness = fn.mlp(3, [4], 3), Witness()
    with pytest.raises(ZeroDivisionError):
        net.fit(X, y, epochs=3, callbacks=[Failing(at_end)], progress=witness)
    assert witness.calls[-1] == "end" and witness.calls.count("end") == 1
    assert net.history.epochs == (3 if at_end else 2)
    before = net.evaluate(X, y)["loss"]
    assert net.fit(X, y, epochs=3).loss[-1] < before


def test_a_loss_that_explodes_says_so(rng):
    X, y = rng.normal(size=(20, 4)), rng.normal(size=20)
    net = fn.mlp(4, [], 1)
    with pytest.warns(RuntimeWarning, match="smaller learning_rate") as caught:
        history = net.fit(X, y, loss="mse", optimizer=fn.SGD(1e30), epochs=20)
    assert caught[0].filename == __file__  # it points at the caller's line
    assert not math.isfinite(history.loss[-1]) and history.epochs < 20
    assert "the loss became" in history.stopped
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fn.mlp(4, [], 1).fit(X, y, loss="mse", epochs=1).stopped is None


CTRL_C = """
    import signal, time
    import numpy as np
    import fastnn as fn

    signal.alarm(100)  # should nobody be there any more to interrupt it
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20_000, 64)).astype("f4"), rng.integers(0, 10, 20_000)
    net = fn.mlp(64, [{width}] * 2, 10)
    net.predict(X[:5])
    print("ready", flush=True)
    try:
        net.fit(X, y, epochs=10**6, batch_size=64)
    except KeyboardInterrupt:
        print(time.monotonic(), flush=True)
        ended = net.predict(X).shape == y.shape
        print(bool(ended and np.isfinite(net.flat_parameters).all()), flush=True)
"""


@pytest.mark.speed
@pytest.mark.parametrize("width", [16, 512])
def test_ctrl_c_is_answered_at_once(width):
    code = textwrap.dedent(CTRL_C.format(width=width))
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(fn.__file__))},
    )  # fmt: skip
    try:
        assert child.stdout.readline() == "ready\n"
        time.sleep(0.7)
        sent = time.monotonic()  # one clock for all processes of a machine
        child.send_signal(signal.SIGINT)
        answered = float(child.stdout.readline())
        assert answered - sent < 0.5
        assert child.stdout.readline() == "True\n"
        assert child.wait(30) == 0
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


# --- Going on -----------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, None])
def test_a_finished_training_goes_on(seed, tmp_path, rng):
    """Also where the second network began from a seed of its own."""
    X, y = classes(rng)
    path = tmp_path / "run.npz"

    def fit(seed, epochs, **settings):
        net = fn.mlp(3, [8], 3, dropout=0.3, seed=seed)
        return net, net.fit(X, y, epochs=epochs, batch_size=16, **settings)

    first, _ = fit(seed, 4, callbacks=[fn.Checkpoint(path, every=4)])
    second, history = fit(seed, 9, resume=path)
    whole, expected = fit(first.seed, 9)
    assert history.loss == expected.loss
    np.testing.assert_array_equal(second.flat_parameters, whole.flat_parameters)
    assert second.layers[1].seed == second.seed == first.seed


def test_early_stopping_goes_on_where_it_was(tmp_path, rng):
    X, y, validation = overfitting(rng)
    path = tmp_path / "run.npz"

    def fit(epochs, **settings):
        net = fn.mlp(3, [64], 2)
        callbacks = [fn.EarlyStopping(patience=6), fn.Checkpoint(path)]
        history = net.fit(
            X, y, epochs=epochs, optimizer=fn.Adam(0.02), validation=validation,
            callbacks=callbacks, **settings,
        )  # fmt: skip
        return net, history, callbacks[0]

    net, expected, stopping = fit(300)
    best = stopping.best_epoch
    assert best + 6 == expected.epochs
    fit(best + 3)  # in the middle of its patience
    again, history, stopping = fit(300, resume=path)
    assert history.val_loss == expected.val_loss
    assert history.stopped == expected.stopped and stopping.best_epoch == best
    np.testing.assert_array_equal(again.flat_parameters, net.flat_parameters)
    # it has stopped, so to go on changes nothing
    third, history, _ = fit(300, resume=path)
    assert history.epochs == expected.epochs
    np.testing.assert_array_equal(third.flat_parameters, net.flat_parameters)


# --- What is shown ------------------------------------------------------------------


def test_progress_is_silent_by_default(rng, capfd):
    X, y = classes(rng)
    fn.mlp(3, [4], 3).fit(X, y, epochs=2)
    fn.mlp(3, [4], 3).fit(X, y, epochs=2, progress=False)
    assert capfd.readouterr() == ("", "")


def test_progress_prints_lines_in_a_pipe(rng, monkeypatch):
    X, y = classes(rng)
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    fn.mlp(3, [4], 3).fit(X, y, epochs=5, progress=True, validation=(X, y))
    lines = stream.getvalue().splitlines()
    assert 1 <= len(lines) <= 5
    assert lines[-1].startswith("epoch 5/5  loss ") and "val_accuracy 0." in lines[-1]
    assert "\x1b" not in stream.getvalue() and "\r" not in stream.getvalue()


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no terminals here")
def test_progress_draws_a_bar_on_a_terminal(rng, monkeypatch):
    X, y = classes(rng)
    reader, terminal = os.openpty()
    with os.fdopen(terminal, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        fn.mlp(3, [4], 3).fit(X, y, epochs=3, progress=True)
        text = b""
        while not text.endswith(b"\n"):  # a read may end anywhere
            text += os.read(reader, 100_000)
    os.close(reader)
    text = text.decode()
    last = text.split("\r\x1b")[-1].split("\r")[-2]
    assert "━" * 24 in text and "epoch 3/3  loss " in last
    assert text.endswith("\n")


def test_long_predictions_are_made_in_parts(monkeypatch, rng):
    """So that Ctrl-C is answered in between; the parts give the bits of the whole."""
    net = fn.mlp(5, [7], 3)
    X = rng.normal(size=(3_000, 5))
    whole, calls = net(X), []
    function = program.backend.function

    def counted(name):
        calls.append(name)
        return function(name)

    monkeypatch.setattr(program, "PRODUCTS_A_CALL", 1)
    monkeypatch.setattr(program.backend, "function", counted)
    np.testing.assert_array_equal(net(X), whole)
    assert calls == ["infer"] * math.ceil(len(X) / program.INFER_ROWS)
