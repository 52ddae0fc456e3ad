"""Learning rates over time."""

import json
import math

import numpy as np
import pytest

from fastnn.network.training import schedules
from fastnn.network.training.history import History

ALL = [
    schedules.constant(0.1),
    schedules.step(0.1, every=3, factor=0.5),
    schedules.exponential(0.1, factor=0.9),
    schedules.cosine(0.1, epochs=20, final=0.01),
    schedules.warmup(0.1, epochs=5),
    schedules.warmup(schedules.cosine(0.1, epochs=15), epochs=5),
    schedules.plateau(0.1, patience=2),
]


@pytest.mark.parametrize(
    "schedule, epoch, rate",
    [
        (schedules.constant(0.1), 7.3, 0.1),
        (schedules.step(0.8, every=3, factor=0.5), 2.999, 0.8),
        (schedules.step(0.8, every=3, factor=0.5), 3, 0.4),
        (schedules.step(0.8, every=3, factor=0.5), 6.5, 0.2),
        (schedules.exponential(0.8, factor=0.25), 0.5, 0.4),
        (schedules.cosine(0.1, epochs=20), 0, 0.1),
        (schedules.cosine(0.1, epochs=20), 10, 0.05),
        (schedules.cosine(0.1, epochs=20, final=0.02), 5, 0.06 + 0.04 * math.sqrt(0.5)),
        (schedules.cosine(0.1, epochs=20, final=0.02), 20, 0.02),
        (schedules.cosine(0.1, epochs=20, final=0.02), 99, 0.02),
        (schedules.warmup(0.1, epochs=5), 0, 0.0),
        (schedules.warmup(0.1, epochs=5), 2.5, 0.05),
        (schedules.warmup(0.1, epochs=5), 5, 0.1),
        (schedules.warmup(schedules.step(0.8, 3, 0.5), epochs=4), 2, 0.4),
        (schedules.warmup(schedules.step(0.8, 3, 0.5), epochs=4), 6.9, 0.8),
        (schedules.warmup(schedules.step(0.8, 3, 0.5), epochs=4), 7, 0.4),
    ],
)
def test_by_hand(schedule, epoch, rate):
    assert schedule(epoch) == pytest.approx(rate, rel=1e-15, abs=0)


@pytest.mark.parametrize("schedule", ALL, ids=repr)
def test_arrays_and_floats_agree(schedule):
    epochs = np.linspace(0, 25, 51).reshape(3, 17)
    rates = schedule(epochs)
    assert rates.shape == epochs.shape and rates.dtype == np.float64
    assert rates.flags.writeable
    one_by_one = [schedule(epoch) for epoch in epochs.ravel()]
    assert all(type(rate) is float for rate in one_by_one)
    np.testing.assert_allclose(rates.ravel(), one_by_one, rtol=1e-15)
    assert schedule(np.arange(3)).dtype == np.float64
    assert schedule(np.empty(0)).shape == (0,)


@pytest.mark.parametrize("schedule", ALL, ids=repr)
def test_repr_and_config_make_it_again(schedule):
    names = {**schedules.SCHEDULES}
    assert repr(eval(repr(schedule), names)) == repr(schedule)
    config = json.loads(json.dumps(schedule.config()))
    assert repr(schedules.from_config(config)) == repr(schedule)


def test_every_step_of_an_epoch_has_its_stair():
    steps = 7
    rates = schedules.step(1.0, every=1, factor=0.5)(np.arange(10 * steps) / steps)
    np.testing.assert_array_equal(rates, np.repeat(0.5 ** np.arange(10), steps))


def watch(schedule, losses, name="val_loss"):
    """Show a schedule one epoch after the other; the rates that came of it."""
    history, rates = History(), []
    for loss in losses:
        history.record(**{"loss": 1.0, name: loss})
        schedule.on_epoch(history)
        rates.append(schedule(history.epochs))
    return rates


def test_plateau_by_hand():
    schedule = schedules.plateau(0.8, factor=0.5, patience=2, min_learning_rate=0.3)
    losses = [1.0, 0.9, 0.95, 0.89, 0.89, math.nan, 0.5, 0.5, 0.6, 0.5, 0.5]
    expected = [0.8] * 5 + [0.4] * 2 + [0.4, 0.3, 0.3, 0.3]
    assert watch(schedule, losses) == expected


def test_plateau_watches_what_goes_up():
    schedule = schedules.plateau(0.8, 0.5, patience=1, monitor="accuracy")
    assert watch(schedule, [0.1, 0.2, 0.2], "accuracy") == [0.8, 0.8, 0.4]


@pytest.mark.parametrize(
    "monitor, there", [("val_loss", "loss"), ("val_accuracy", "accuracy")]
)
def test_plateau_without_validation(monitor, there):
    history = History()
    schedule = schedules.plateau(0.8, 0.5, patience=1, monitor=monitor)
    for _ in range(2):
        history.record(loss=1.0, accuracy=0.5)
        schedule.on_epoch(history)
    assert getattr(history, there) and schedule(2) == 0.4


def test_plateau_never_raises_the_rate():
    schedule = schedules.plateau(0.1, patience=1, min_learning_rate=0.5)
    assert watch(schedule, [1.0, 1.0]) == [0.1, 0.1]


def test_plateau_resumes_where_it_was():
    losses = [1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.4, 0.4]
    whole = watch(schedules.warmup(schedules.plateau(0.8, 0.5, 2), 1), losses)
    first = schedules.warmup(schedules.plateau(0.8, 0.5, 2), 1)
    history, rates = History(), []
    schedule = first
    for epoch, loss in enumerate(losses):
        if epoch == 4:
            schedule = schedules.from_config(first.config())
            schedule.restore(json.loads(json.dumps(first.state())))
        history.record(loss=1.0, val_loss=loss)
        schedule.on_epoch(history)
        rates.append(schedule(history.epochs))
    assert rates == whole and len(set(rates)) > 1
    schedule.start()
    assert schedule(5.0) == 0.8


def test_warmup_keeps_plateau_from_looking():
    schedule = schedules.warmup(schedules.plateau(0.8, 0.5, patience=1), epochs=3)
    assert watch(schedule, [1.0] * 5)[2:] == [0.8, 0.8, 0.4]


def test_one_of_your_own():
    class inverse(schedules.Schedule):  # noqa: N801
        def __init__(self, learning_rate):
            self.learning_rate = learning_rate

        def at(self, epoch):
            return self.learning_rate / (1 + epoch)

    assert inverse(0.5)(4) == 0.1 and repr(inverse(0.5)) == "inverse(learning_rate=0.5)"
    assert schedules.as_schedule(inverse(0.5))(4) == 0.1


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: schedules.constant(-1), "constant: learning_rate is -1"),
        (lambda: schedules.constant("0.1"), "learning_rate is '0.1'"),
        (lambda: schedules.constant(math.nan), "learning_rate is nan"),
        (lambda: schedules.constant(math.inf), "learning_rate is inf"),
        (lambda: schedules.step(0.1, every=0), "step: every is 0"),
        (lambda: schedules.step(0.1, every=3, factor=2), "step: factor is 2"),
        (lambda: schedules.exponential(0.1, factor=0), "exponential: factor is 0"),
        (lambda: schedules.cosine(0.1, epochs=-3), "cosine: epochs is -3"),
        (lambda: schedules.cosine(0.1, epochs=3, final=-1), "cosine: final is -1"),
        (lambda: schedules.warmup("a", epochs=3), "warmup: then is 'a'"),
        (lambda: schedules.plateau(0.1, patience=0), "plateau: patience is 0"),
        (lambda: schedules.plateau(0.1, monitor="f1"), "monitor is 'f1'.*'val_loss'"),
        (lambda: schedules.as_schedule(schedules.cosine), "subclass fn.schedules"),
        (lambda: schedules.as_schedule(lambda epoch: 0.1), "subclass fn.schedules"),
        (lambda: schedules.as_schedule(None), "learning_rate is None"),
        (lambda: schedules.from_config({"schedule": "os"}), "schedule is 'os'"),
        (
            lambda: watch(schedules.plateau(0.1, monitor="val_r2"), [1.0]),
            "plateau: monitor is 'val_r2'",
        ),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()
