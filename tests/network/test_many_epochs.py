"""Several epochs in one call of the kernels: nobody can tell, but by the clock."""

import gc
import math
import os
import signal
import sys
import threading
import time
import warnings

import numpy as np
import pytest

import fastnn as fn
from fastnn.network.training import run
from fastnn.network.training.progress import Bar, Lines, Silence

needs_kernels = pytest.mark.skipif(
    fn.backend._kernels is None, reason="plain Python takes one step a call"
)


class OwnDense(fn.Dense):
    """A layer of the user's own: its network runs layer by layer."""


def network(dense=fn.Dense):
    layers = [dense(3, 8, activation="tanh"), fn.Dropout(0.2), dense(8, 3)]
    return fn.Network(layers, seed=2)


@pytest.fixture
def samples(rng):
    return rng.normal(size=(50, 3)), rng.integers(0, 3, 50)


def heard(training):
    """A callback that does nothing; but each epoch must end for it."""


def exploding(rng):
    return rng.normal(size=(50, 3)), 1e3 * rng.normal(size=50)


def assert_same(first, second):
    """Two (network, history): equal in everything but the time it took."""
    for net in (first[0], second[0]):
        assert net.history.epochs == len(net.history.seconds)
    one, other = (h.to_dict() | {"seconds": None} for _, h in (first, second))
    assert repr(one) == repr(other)  # NaN included
    assert first[0].draws == second[0].draws
    np.testing.assert_array_equal(first[0].flat_parameters, second[0].flat_parameters)


@pytest.mark.parametrize("epochs", [0, 1, 40])
@pytest.mark.parametrize("batch_size", [1, 16, 50, 500])
@pytest.mark.parametrize("rate", [0.01, fn.schedules.cosine(0.05, epochs=30)])
def test_the_same_as_one_by_one(rate, batch_size, epochs, samples):
    runs = []
    for callbacks in ([], [heard]):
        net = network()
        history = net.fit(
            *samples, optimizer=fn.Adam(rate), epochs=epochs, batch_size=batch_size,
            callbacks=callbacks,
        )  # fmt: skip
        runs.append((net, history))
    assert_same(*runs)
    assert net.draws == epochs * math.ceil(50 / min(batch_size, 50))


@pytest.mark.parametrize("seconds", [1e-5, 5e-5, 1e-4, 2e-4, 1e-3, 10.0])
def test_the_same_however_many_steps_a_call_takes(seconds, samples, rng, monkeypatch):
    weight = rng.uniform(0.5, 2.0, 50)  # so that sums round

    def fit():
        net = network()
        return net, net.fit(*samples, epochs=30, batch_size=3, sample_weight=weight)

    usual = fit()
    monkeypatch.setattr(run, "SECONDS_A_CALL", seconds)
    assert_same(usual, fit())


def test_fitting_again_shuffles_anew_as_layers_of_ones_own_do(samples):
    runs = []
    for dense in (fn.Dense, OwnDense):
        net = network(dense)
        losses = [net.fit(*samples, epochs=3, batch_size=7).loss for _ in range(2)]
        assert losses[0] != losses[1]
        runs.append((net, net.history))
    np.testing.assert_array_equal(
        runs[0][0].flat_parameters, runs[1][0].flat_parameters
    )
    assert runs[0][0].draws == runs[1][0].draws == 2 * 3 * 8


def test_what_was_trained_in_many_epochs_a_call_can_go_on(samples, tmp_path):
    path = tmp_path / "run.npz"
    network().fit(*samples, epochs=7, callbacks=[fn.Checkpoint(path)])
    again, whole = network(), network()
    history = again.fit(*samples, epochs=60, resume=path)
    assert_same((again, history), (whole, whole.fit(*samples, epochs=60)))


def test_an_exploding_loss_ends_in_its_epoch(rng):
    X, y = exploding(rng)
    runs = []
    for dense, callbacks in ((fn.Dense, []), (fn.Dense, [heard]), (OwnDense, [])):
        net = fn.Network([dense(3, 8, activation="relu"), dense(8, 1)], seed=0)
        with warnings.catch_warnings(record=True):
            started = time.perf_counter()
            history = net.fit(
                X, y, loss="mse", optimizer=fn.SGD(3e-2), epochs=500, batch_size=20,
                callbacks=callbacks,
            )  # fmt: skip
            took = time.perf_counter() - started
        runs.append((net, history))
        assert 1 < history.epochs < 500 and net.draws == 3 * history.epochs
        assert [math.isfinite(x) for x in history.loss].index(False) + 1 == (
            history.epochs
        )
        assert 0 < sum(history.seconds) <= took
    assert_same(*runs[:2])
    assert runs[2][1].epochs == runs[0][1].epochs


@needs_kernels
def test_all_the_time_of_the_kernels_is_in_the_history(rng, monkeypatch):
    """Also when the steps of a call were cut short by a loss that is not finite."""
    clock = iter(range(10**6))
    monkeypatch.setattr(run.time, "perf_counter", lambda: float(next(clock)))
    X, y = exploding(rng)
    with pytest.warns(RuntimeWarning):
        history = fn.mlp(3, [8], 1).fit(
            X, y, loss="mse", optimizer=fn.SGD(1e30), epochs=500, batch_size=20
        )
    assert history.epochs < 500 and sum(history.seconds) == pytest.approx(1.0)


# --- Interrupted ----------------------------------------------------------------------


def interrupt(*_):
    raise KeyboardInterrupt


@pytest.fixture
def ctrl_c_after():
    """f(seconds): KeyboardInterrupt after that time, whatever runs then.

    But for the garbage collector: Python swallows what its callbacks raise, and
    hypothesis has one.
    """
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals come to the main thread")
    before = signal.signal(signal.SIGALRM, interrupt)
    gc.disable()
    yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds)
    gc.enable()
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@needs_kernels
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
@pytest.mark.parametrize("seconds", [0.03, 0.11, 0.2])
def test_ctrl_c_leaves_a_history_of_all_that_was_learnt(seconds, samples, ctrl_c_after):
    net = network()
    ctrl_c_after(seconds)
    with pytest.raises(KeyboardInterrupt):
        net.fit(*samples, epochs=10**7, batch_size=25)
    done = net.history.epochs
    assert done > 10 and net.draws == 2 * done
    assert len(net.history.seconds) == len(net.history.accuracy) == done
    whole = network()
    whole.fit(*samples, epochs=done, batch_size=25)
    np.testing.assert_array_equal(net.flat_parameters, whole.flat_parameters)


@pytest.mark.parametrize("dense", [fn.Dense, OwnDense])
def test_an_interruption_by_the_progress(dense, samples, tmp_path):
    class Interrupting(Silence):
        def step(self, training, fraction):
            if training.step >= 5:
                raise KeyboardInterrupt

    net, path = network(dense), tmp_path / "run.npz"
    settings = {"epochs": 9, "batch_size": 13, "callbacks": [fn.Checkpoint(path)]}
    with pytest.raises(KeyboardInterrupt):
        net.fit(*samples, progress=Interrupting(), **settings)
    assert net.draws >= 5 and net.history.epochs == 1  # of four steps
    resumed, whole = network(dense), network(dense)
    history = resumed.fit(*samples, resume=path, **settings)
    settings.pop("callbacks")
    assert_same((resumed, history), (whole, whole.fit(*samples, **settings)))


@pytest.mark.parametrize("failing", ["callback", "validation"])
def test_no_checkpoint_holds_half_an_epoch(failing, samples, tmp_path, monkeypatch):
    """An epoch is over when everybody has heard of it; before, nothing is saved."""
    path = tmp_path / "run.npz"
    settings = {"epochs": 9, "batch_size": 16, "validation": samples}

    def callbacks(extra):
        stopping = fn.EarlyStopping("val_accuracy", patience=50)
        return [*extra, stopping, fn.Checkpoint(path, every=3)]

    def fail_in_fifth(training):
        if failing == "callback" and training.epoch == 5:
            raise KeyboardInterrupt

    net = network()
    judge, judged = net.judge, []

    def judge_until_fifth(*arguments):
        judged.append(1)
        return judge(*arguments) if len(judged) < 5 else interrupt()

    if failing == "validation":
        net.judge = judge_until_fifth
    with pytest.raises(KeyboardInterrupt):
        net.fit(*samples, callbacks=callbacks([fail_in_fifth]), **settings)
    again, whole = network(), network()
    history = again.fit(*samples, callbacks=callbacks([]), resume=path, **settings)
    expected = whole.fit(*samples, callbacks=callbacks([]), **settings)
    assert_same((again, history), (whole, expected))


# --- What is shown --------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no terminals here")
def test_a_bar_of_many_epochs_a_call(samples, monkeypatch):
    reader, terminal = os.openpty()
    with os.fdopen(terminal, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        bar = Bar()
        network().fit(*samples, epochs=400, batch_size=50, progress=bar)
        text = b""
        while not text.endswith(b"\n"):
            text += os.read(reader, 100_000)
    os.close(reader)
    drawn = text.decode().split("\r")
    shown = [line for line in drawn if "epoch" in line]
    assert "epoch 400/400  loss " in shown[-1] and "━" * 24 in shown[-1]
    epochs = [int(line.split("epoch ")[1].split("/")[0]) for line in shown]
    assert epochs == sorted(epochs) and len(shown) < 400


def test_lines_of_many_epochs_a_call(samples, capsys):
    network().fit(*samples, epochs=400, batch_size=50, progress=Lines())
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith("epoch 400/400  loss ") and len(lines) < 400
