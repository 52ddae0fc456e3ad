"""Optimizers as settings, and how they reach their kernels."""

import json
import math

import numpy as np
import pytest

from fastnn import backend
from fastnn.network.training import optimizers, schedules
from fastnn.network.training.optimizers import SGD, Adagrad, Adam, AdamW, RMSProp

ALL = [
    SGD(),
    SGD(0.1, momentum=0.9),
    SGD(schedules.cosine(0.1, epochs=20), 0.9, nesterov=True),
    Adagrad(weight_decay=0.1),
    RMSProp(clip_norm=1.0),
    Adam(),
    AdamW(schedules.warmup(schedules.cosine(0.1, epochs=15), epochs=5)),
]


def test_defaults_are_those_of_torch():
    assert (SGD().learning_rate, SGD().momentum, SGD().weight_decay) == (1e-3, 0.0, 0.0)
    assert (Adagrad().learning_rate, Adagrad().eps) == (0.01, 1e-10)
    assert (RMSProp().learning_rate, *RMSProp().scalars()) == (0.01, 0.99, 1e-8)
    assert (Adam().learning_rate, *Adam().scalars()) == (1e-3, 0.9, 0.999, 1e-8)
    assert (AdamW().weight_decay, Adam().weight_decay) == (0.01, 0.0)
    assert all(optimizer().clip_norm is None for optimizer in (SGD, Adam, AdamW))


def test_slots_and_scalars():
    slots = [optimizer.n_slots for optimizer in ALL]
    assert slots == [0, 1, 1, 1, 1, 2, 2]
    assert SGD(0.1, 0.9, nesterov=True).scalars() == (0.9, 1.0)
    assert SGD(0.1, 0.9).scalars() == (0.9, 0.0)


@pytest.mark.parametrize("optimizer", ALL, ids=repr)
def test_repr_and_config_make_it_again(optimizer):
    names = {**vars(optimizers), **schedules.SCHEDULES}
    assert eval(repr(optimizer), names).config() == optimizer.config()
    config = json.loads(json.dumps(optimizer.config()))
    again = optimizers.Optimizer.from_config(config)
    assert type(again) is type(optimizer) and again.config() == optimizer.config()


def test_repr_is_short():
    assert repr(Adam()) == "Adam(learning_rate=0.001)"
    assert repr(SGD(0.1, momentum=0.9)) == "SGD(learning_rate=0.1, momentum=0.9)"
    assert repr(AdamW()) == "AdamW(learning_rate=0.001)"


def test_the_schedule_is_the_learning_rate():
    assert Adam(0.3).schedule(7.5) == 0.3
    assert Adam(np.float32(0.5)).learning_rate == 0.5
    cosine = schedules.cosine(0.1, epochs=20)
    assert Adam(cosine).schedule is cosine


@pytest.mark.parametrize(
    "optimizer, expected",
    [
        (SGD(), ("sgd_update", "p", "g", None, 0.5, 0.0, False, 0.1, 0.9)),
        (
            SGD(momentum=0.7, nesterov=True),
            ("sgd_update", "p", "g", "s", 0.5, 0.7, True, 0.1, 0.9),
        ),
        (Adagrad(), ("adagrad_update", "p", "g", "s", 0.5, 1e-10, 0.1, 0.9)),
        (RMSProp(), ("rmsprop_update", "p", "g", "s", 0.5, 0.99, 1e-8, 0.1, 0.9)),
        (
            Adam(),
            ("adam_update", "p", "g", "s", "t", 3, 0.5, 0.9, 0.999, 1e-8, 0.1, 0.9),
        ),
        (
            AdamW(),
            ("adamw_update", "p", "g", "s", "t", 3, 0.5, 0.9, 0.999, 1e-8, 0.1, 0.9),
        ),
    ],
    ids=repr,
)
def test_update_hands_the_kernel_its_arguments(optimizer, expected, monkeypatch):
    calls = []
    monkeypatch.setattr(
        backend, "function", lambda name: lambda *args: calls.append((name, *args))
    )
    slots = ["s", "t"][: optimizer.n_slots]
    optimizer.update("p", "g", slots, 3, 0.5, 0.1, 0.9)
    assert calls == [expected]


def test_clipping_by_hand():
    assert optimizers.grad_scale_for(3.0, None) == 1.0
    assert optimizers.grad_scale_for(3.0, 5.0) == 1.0
    assert optimizers.grad_scale_for(0.0, 5.0) == 1.0
    assert optimizers.grad_scale_for(10.0, 5.0) == 5.0 / (10.0 + 1e-6)
    assert optimizers.grad_scale_for(math.inf, 5.0) == 0.0
    assert math.isnan(optimizers.grad_scale_for(math.nan, 5.0))


def test_as_optimizer():
    adam = Adam(0.5)
    assert optimizers.as_optimizer(adam) is adam
    assert repr(optimizers.as_optimizer("adam")) == repr(Adam())
    assert set(optimizers.OPTIMIZERS) == {"sgd", "adagrad", "rmsprop", "adam", "adamw"}


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: SGD(-0.1), "learning_rate is -0.1"),
        (lambda: SGD(None), "learning_rate is None"),
        (lambda: SGD(momentum=1.0), "SGD: momentum is 1.0.*below 1"),
        (lambda: SGD(nesterov=True), "SGD: nesterov needs a momentum"),
        (lambda: SGD(momentum=0.9, nesterov=1), "SGD: nesterov is 1"),
        (lambda: Adam(beta1=1), "Adam: beta1 is 1"),
        (lambda: AdamW(beta2=-1), "AdamW: beta2 is -1"),
        (lambda: Adam(eps="small"), "Adam: eps is 'small'"),
        (lambda: Adagrad(weight_decay=-1), "Adagrad: weight_decay is -1"),
        (lambda: RMSProp(alpha=math.nan), "RMSProp: alpha is nan"),
        (lambda: RMSProp(clip_norm=0), "RMSProp: clip_norm is 0"),
        (lambda: optimizers.as_optimizer("adm"), "optimizer is 'adm'.*'adam'"),
        (lambda: optimizers.as_optimizer(Adam), r"the class Adam; .*fn.Adam\(1e-3\)"),
        (lambda: optimizers.as_optimizer(None), "optimizer is None"),
        (lambda: optimizers.Optimizer.from_config({}), "optimizer is None"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()


# param 1 and -2, gradient 0.5 and -1: after one step with the rate 0.1; without eps
# the first steps of Adagrad and Adam are 0.1 long, of RMSProp 0.1 / sqrt(0.01)
@pytest.mark.parametrize(
    "optimizer, decay, expected",
    [
        (SGD(), 0.0, [0.95, -1.9]),
        (SGD(), 0.1, [0.94, -1.88]),
        (SGD(momentum=0.5, nesterov=True), 0.0, [0.925, -1.85]),
        (Adagrad(eps=0), 0.0, [0.9, -1.9]),
        (RMSProp(eps=0), 0.0, [0.0, -1.0]),
        (Adam(eps=0), 0.0, [0.9, -1.9]),
        (AdamW(eps=0), 0.01, [0.899, -1.898]),
    ],
    ids=repr,
)
def test_one_step_by_hand(optimizer, decay, expected, each_path):
    param, grad = np.array([1.0, -2.0]), np.array([0.5, -1.0])
    slots = [np.zeros(2) for _ in range(optimizer.n_slots)]
    optimizer.update(param, grad, slots, 1, 0.1, decay, 1.0)
    np.testing.assert_allclose(param, expected, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(grad, [0.5, -1.0])
    assert all(slot.any() for slot in slots)
