"""The door to the optimizers: in place, or a sentence that says why not."""

import numpy as np
import pytest

import fastnn as fn

# name: how many state arrays it takes
STATE = {"adagrad_update": 1, "rmsprop_update": 1, "adam_update": 2, "adamw_update": 2}
STATE = {"sgd_update": 0, **STATE}


def update(name, param, grad, *state, **settings):
    if name.startswith("adam"):
        settings.setdefault("step", 1)
    return getattr(fn.ops, name)(param, grad, *state, **settings)


def fresh(name, shape=(3, 4), dtype=float):
    return np.ones(shape, dtype), [np.zeros(shape, dtype) for _ in range(STATE[name])]


@pytest.mark.parametrize("name", STATE)
@pytest.mark.parametrize("shape", [(), (0,), (5,), (3, 4), (2, 1, 3)])
def test_updates_in_place(each_path, name, shape, dtype, rng):
    param, state = fresh(name, shape, dtype)
    grad = rng.normal(size=shape)
    assert update(name, param, grad.tolist(), *state) is param
    assert param.dtype == dtype
    if param.size:
        assert np.all(np.sign(1 - param) == np.sign(grad))
        assert all(np.any(s != 0) for s in state)


@pytest.mark.parametrize("name", STATE)
def test_gradients_in_any_layout(name, rng):
    grad = rng.normal(size=(3, 8))[:, ::2]
    expected, _ = fresh(name)
    update(name, expected, np.ascontiguousarray(grad), *fresh(name)[1])
    for other in (grad, grad.T.copy().T, grad.tolist()):
        param, state = fresh(name)
        np.testing.assert_array_equal(update(name, param, other, *state), expected)


def test_defaults_are_pytorchs():
    def one(name, **settings):
        param, state = fresh(name, (1,))
        return update(name, param, [0.5], *state, **settings)[0]

    assert one("sgd_update") == pytest.approx(1 - 0.001 * 0.5)
    assert one("adagrad_update") == pytest.approx(1 - 0.01)
    assert one("rmsprop_update") == pytest.approx(1 - 0.01 / np.sqrt(1 - 0.99))
    assert one("adam_update") == pytest.approx(1 - 0.001)
    assert one("adamw_update") == pytest.approx(1 - 0.001 * 0.01 - 0.001)


def test_momentum_remembers(each_path):
    param, velocity = np.zeros(1), np.zeros(1)
    for _ in range(2):
        fn.ops.sgd_update(param, [1.0], velocity, learning_rate=1.0, momentum=0.5)
    assert velocity[0] == 1.5 and param[0] == -2.5


def test_grad_scale_clips(each_path):
    grad = np.array([3.0, 4.0])
    scale = 1.0 / np.sqrt(fn.ops.sum_of_squares(grad))
    param = fn.ops.sgd_update(np.zeros(2), grad, learning_rate=1.0, grad_scale=scale)
    np.testing.assert_allclose(param, [-0.6, -0.8])


def test_sum_of_squares_of_anything(each_path):
    x = np.arange(12.0).reshape(3, 4)
    x.setflags(write=False)
    assert fn.ops.sum_of_squares(x) == 506.0
    assert fn.ops.sum_of_squares(x.T) == 506.0
    assert fn.ops.sum_of_squares(x.astype(np.float32)[:, ::2]) == 220.0
    assert fn.ops.sum_of_squares([]) == 0.0
    with pytest.raises(TypeError, match="sum_of_squares: x has dtype"):
        fn.ops.sum_of_squares(["a"])


@pytest.mark.parametrize("name", STATE)
@pytest.mark.parametrize(
    ("param", "message"),
    [
        ([1.0, 2.0], r"param is \[1.0, 2.0\]; expected a NumPy array"),
        (np.ones(2, int), "param has dtype int64"),
        (np.ones(2, np.float16), "param has dtype float16"),
        (np.ones((2, 2)).T[:1], "param is updated in place"),
        (np.ones(4)[::2], "param is updated in place"),
        (np.broadcast_to(1.0, 2), "param is updated in place"),
        (np.ma.ones(2), "param is .*; expected a NumPy array"),
        (np.ones(2, ">f8"), "param has dtype >f8"),
    ],
)
def test_what_cannot_be_updated_is_refused(name, param, message):
    state = [np.zeros(np.shape(param)) for _ in range(STATE[name])]
    with pytest.raises((TypeError, ValueError), match=f"{name}: {message}"):
        update(name, param, np.ones(np.shape(param)), *state)


@pytest.mark.parametrize("name", [name for name in STATE if STATE[name]])
def test_state_must_fit(name):
    param, state = fresh(name)
    last = {1: ("square_sum", "square_average"), 2: ("v",)}[STATE[name]]
    named = f"({'|'.join(last)})"
    for wrong, message in [
        (np.zeros((4, 3)), rf"{named} has shape \(4, 3\) but param has shape \(3, 4\)"),
        (np.zeros((3, 4), np.float32), f"{named} has dtype float32 but param"),
        (param, f"{named} shares memory with param"),
        (None, f"{named} is None"),
    ]:
        with pytest.raises((TypeError, ValueError), match=message):
            update(name, param, np.ones((3, 4)), *state[:-1], wrong)
    with pytest.raises(ValueError, match="grad shares memory with param"):
        update(name, param, param, *state)
    with pytest.raises(ValueError, match=r"grad has shape \(12,\) but param has shape"):
        update(name, param, np.ones(12), *state)


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("sgd_update", {"learning_rate": -1}, "learning_rate is -1; .*at least 0"),
        ("sgd_update", {"learning_rate": float("nan")}, "learning_rate is nan"),
        ("sgd_update", {"learning_rate": "fast"}, "learning_rate is 'fast'"),
        ("sgd_update", {"momentum": 0.9}, "velocity is None but momentum is 0.9"),
        ("sgd_update", {"momentum": -0.9}, "momentum is -0.9"),
        ("sgd_update", {"nesterov": True}, "nesterov needs a momentum"),
        ("sgd_update", {"nesterov": "yes"}, "nesterov is 'yes'"),
        ("sgd_update", {"weight_decay": -0.1}, "weight_decay is -0.1"),
        ("sgd_update", {"grad_scale": float("inf")}, "grad_scale is inf"),
        ("adagrad_update", {"eps": 0}, "eps is 0; .*above 0"),
        ("rmsprop_update", {"alpha": 1.5}, "alpha is 1.5"),
        ("adam_update", {"step": 0}, "step is 0; .*at least 1"),
        ("adam_update", {"step": 1.5}, "step is 1.5"),
        ("adam_update", {"beta1": 1.0}, "beta1 is 1.0; .*below 1"),
        ("adamw_update", {"beta2": -0.1}, "beta2 is -0.1"),
    ],
)
def test_settings_are_checked(name, settings, message):
    param, state = fresh(name)
    with pytest.raises((TypeError, ValueError), match=f"{name}: {message}"):
        update(name, param, np.ones((3, 4)), *state, **settings)
    assert np.all(param == 1)  # refused before anything was written
