"""Early stopping and checkpoints, on a training that only counts."""

import json
import math
import pathlib

import numpy as np
import pytest

from fastnn.network.training.callbacks import Checkpoint, EarlyStopping, in_order
from fastnn.network.training.history import History


class Net:
    """A network whose one parameter is the number of epochs done."""

    def __init__(self):
        self.weights = np.zeros(2)

    def get_state(self):
        return {"weights": self.weights.copy()}

    def set_state(self, state):
        self.weights[...] = state["weights"]


class Training:
    """What `fit` shows to callbacks; `run` is fit's loop."""

    within_epoch = False

    def __init__(self, callbacks, epochs, monitor="val_loss"):
        self.network, self.history = Net(), History()
        self.callbacks, self.epochs, self.epoch = callbacks, epochs, 0
        self.monitor, self.saved = monitor, []

    def stop(self, reason):
        self.history.stopped = reason

    def save(self, path):
        self.saved.append((path, self.epoch, self.network.weights[0]))

    def run(self, values):
        for value in values[self.epoch : self.epochs]:
            self.epoch += 1
            self.network.weights += 1
            self.history.record(**{"loss": 1.0, self.monitor: value})
            for callback in self.callbacks:
                callback(self)
            if self.history.stopped:
                break
        return self

    def end(self):
        for callback in reversed(self.callbacks):
            callback.on_end(self)
        return self


def train(callbacks, values, monitor="val_loss"):
    return Training(callbacks, len(values), monitor).run(values).end()


def test_early_stopping_by_hand():
    values = [1.0, 0.8, 0.5, 0.6, 0.5, 0.7, 0.1]
    training = train([EarlyStopping(patience=3)], values)
    assert training.epoch == 6 and training.network.weights[0] == 3
    assert training.history.stopped == (
        "val_loss has not improved for 3 epochs; the best was 0.5 in epoch 3"
    )


def test_the_best_is_restored_without_stopping_too():
    training = train([EarlyStopping(patience=9)], [1.0, 0.2, 0.3])
    assert training.history.stopped is None and training.network.weights[0] == 2
    training = train([EarlyStopping(patience=9, restore_best=False)], [1.0, 0.2, 0.3])
    assert training.network.weights[0] == 3


@pytest.mark.parametrize(
    "monitor, values, best",
    [
        ("val_accuracy", [0.1, 0.9, 0.8, 0.9], 2),
        ("val_r2", [-3.0, -1.0, -2.0], 2),
        ("accuracy", [0.1, 0.2, 0.3], 3),
        ("val_loss", [math.nan, 0.5, math.nan, 0.6], 2),
        ("val_loss", [math.inf, math.inf, 3.0, 4.0], 3),
    ],
)
def test_the_direction_follows_the_name(monitor, values, best):
    training = train([EarlyStopping(monitor, patience=9)], values, monitor)
    assert training.network.weights[0] == best


def test_small_betterments_do_not_count():
    stopping = EarlyStopping(patience=2, min_delta=0.1)
    training = train([stopping], [1.0, 0.95, 0.91, 0.5])
    assert training.epoch == 3 and stopping.best == 1.0 and stopping.best_epoch == 1


def test_nothing_but_nan_stops_and_restores_nothing():
    training = train([EarlyStopping(patience=2)], [math.nan] * 5)
    assert training.epoch == 2 and training.network.weights[0] == 2
    assert training.history.stopped == "val_loss was NaN from the start"


def test_one_object_serves_two_trainings():
    stopping = EarlyStopping(patience=2)
    train([stopping], [0.1, 0.2, 0.3])
    training = train([stopping], [3.0, 2.0, 1.0, 2.0])
    assert training.epoch == 4 and training.network.weights[0] == 3


def test_a_resumed_run_goes_on_the_same():
    values = [1.0, 0.5, 0.6, 0.7, 0.8, 0.1]
    whole = train([EarlyStopping(patience=3)], values)
    for at in range(1, 5):
        first, second = EarlyStopping(patience=3), EarlyStopping(patience=3)
        training = Training([first], at).run(values)
        numbers, arrays = first.state()
        second.restore(json.loads(json.dumps(numbers)), arrays)
        training.callbacks, training.epochs = [second], len(values)
        training.run(values).end()
        assert training.history.to_dict() == whole.history.to_dict()
        assert training.network.weights[0] == whole.network.weights[0] == 2


def test_without_validation_it_teaches():
    with pytest.raises(ValueError, match=r"no validation.*validation=.*'loss'"):
        train([EarlyStopping()], [1.0], monitor="accuracy")
    with pytest.raises(ValueError, match=r"'val_accuracy', which this.*loss, val_loss"):
        train([EarlyStopping("val_accuracy")], [1.0])


def test_checkpoint_by_hand():
    training = train([Checkpoint("run.npz", every=3)], [1.0] * 8)
    assert training.saved == [("run.npz", 3, 3), ("run.npz", 6, 6), ("run.npz", 8, 8)]
    training = train([Checkpoint(pathlib.Path("a") / "b")], [1.0] * 2)
    assert [epoch for _, epoch, _ in training.saved] == [1, 2]
    assert training.saved[0][0] == "a/b"


def test_a_checkpoint_holds_the_last_parameters_not_the_best():
    callbacks = in_order([Checkpoint("run", every=10), EarlyStopping(patience=2)])
    training = train(callbacks, [0.5, 0.6, 0.7, 0.8])
    assert training.saved == [("run", 3, 3)] and training.network.weights[0] == 1


def test_a_training_interrupted_between_epochs_is_saved():
    callbacks = in_order([EarlyStopping(), Checkpoint("run", every=2)])
    training = Training(callbacks, 9).run([0.5, 0.6, 0.7]).end()
    assert training.saved == [("run", 2, 2), ("run", 3, 3)]


def test_a_training_interrupted_within_an_epoch_keeps_its_last_checkpoint():
    training = Training([Checkpoint("run", every=2)], 9).run([0.5, 0.6, 0.7])
    training.within_epoch = True
    assert training.end().saved == [("run", 2, 2)]


def test_a_training_with_nothing_to_do_saves_nothing():
    assert Training([Checkpoint("run")], 0).end().saved == []


def test_in_order():
    def tell(training):
        pass

    checkpoint, stopping = Checkpoint("run"), EarlyStopping()
    assert in_order(None) == []
    assert in_order([checkpoint, tell, stopping]) == [tell, stopping, checkpoint]


def test_repr():
    assert repr(Checkpoint("run.npz", every=2)) == "Checkpoint('run.npz', every=2)"
    assert repr(EarlyStopping(patience=3)) == (
        "EarlyStopping(monitor='val_loss', patience=3, min_delta=0.0, "
        "restore_best=True)"
    )


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: EarlyStopping("f1"), "EarlyStopping: monitor is 'f1'"),
        (lambda: EarlyStopping(patience=0), "patience is 0"),
        (lambda: EarlyStopping(patience=2.5), "patience is 2.5"),
        (lambda: EarlyStopping(min_delta=-1), "min_delta is -1"),
        (lambda: EarlyStopping(restore_best=1), "restore_best is 1"),
        (lambda: Checkpoint(None), "Checkpoint: path is None"),
        (lambda: Checkpoint("a", every=0), "Checkpoint: every is 0"),
        (lambda: in_order(EarlyStopping()), "the type EarlyStopping; .*a list"),
        (lambda: in_order([3]), "callbacks holds 3"),
        (lambda: in_order([EarlyStopping]), "callbacks holds <class"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()
