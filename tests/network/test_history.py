"""The course of a training."""

import json
import math

import pytest

from fastnn.network.training.history import DIRECTIONS, History


def a_history(epochs=10, validation=True):
    history = History()
    for epoch in range(epochs):
        history.record(
            loss=1 / (epoch + 1),
            accuracy=1 - 0.5 / (epoch + 1),
            grad_norms=[0.1, 0.2 / (epoch + 1)],
            learning_rate=0.01,
            seconds=0.5,
        )
        if validation:
            history.record(val_loss=0.3 + (epoch - 4) ** 2 / 100, val_accuracy=0.8)
    return history


def test_record_by_hand():
    history = History()
    history.record(loss=0.5, grad_norms=[1, 2])
    history.record(loss=0.25, grad_norms=(3, 4))
    assert history.loss == [0.5, 0.25] and history.epochs == 2
    assert history.grad_norms == [[1.0, 2.0], [3.0, 4.0]]
    assert history.val_loss == [] and history.stopped is None


def test_json_keeps_everything():
    history = a_history()
    history.record(loss=math.inf, val_loss=0.1 + 0.2)
    history.stopped = "enough"
    again = History.from_dict(json.loads(json.dumps(history.to_dict())))
    assert again.to_dict() == history.to_dict()
    again.grad_norms[0][0] = 7.0
    assert history.grad_norms[0][0] == 0.1  # nothing is shared


def test_best_knows_which_way_is_up():
    history = a_history()
    assert history.best() == 4
    assert history.best("loss") == 9 and history.best("accuracy") == 9
    assert history.best("val_accuracy") == 0  # all equal: the first
    history.record(val_loss=math.nan)
    assert history.best() == 4


def test_repr_is_a_short_table():
    lines = repr(a_history()).splitlines()
    assert lines[0] == "History: 10 epochs in 5 s"
    assert lines[1].split() == ["epoch", "loss", "val_loss", "accuracy", "val_accuracy"]
    assert " ".join(line.split()[0] for line in lines[2:]) == "1 2 3 ... 8 9 10"
    assert repr(History()) == "History: no epochs yet"
    short = a_history(epochs=1, validation=False)
    short.stopped = "enough"
    assert repr(short).splitlines()[0] == "History: 1 epoch in 0.5 s"
    assert repr(short).endswith("stopped: enough")


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: History().record(lss=1.0), "record: the name is 'lss'.*'loss'"),
        (lambda: a_history().best("lss"), "monitor is 'lss'"),
        (lambda: a_history(validation=False).best(), "no validation.*'loss'"),
        (lambda: a_history(validation=False).best("val_accuracy"), "'accuracy'"),
        (lambda: a_history().best("val_r2"), "does not have; it has loss, val_loss"),
        (lambda: History().best("loss"), "no epochs yet"),
        (lambda: History.from_dict({"loss": 3}), "no stored History"),
        (lambda: History.from_dict([]), "no stored History"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_best_of_nan_teaches():
    history = History()
    history.record(loss=math.nan)
    with pytest.raises(ValueError, match="smaller learning rate"):
        history.best("loss")


def test_directions_are_lists_of_a_history():
    assert all(getattr(History(), name) == [] for name in DIRECTIONS)
