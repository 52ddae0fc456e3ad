"""The door to batch and layer normalisation."""

import numpy as np
import pytest

from fastnn import ops

pytestmark = pytest.mark.usefixtures("each_path")

N, D = 6, 4


@pytest.fixture
def given(rng, dtype):
    def draw(*shape):
        return rng.normal(size=shape).astype(dtype)

    return dict(
        x=draw(N, D),
        gamma=draw(D),
        beta=draw(D),
        running_mean=draw(D),
        running_var=draw(D) ** 2,
    )


def parameters(given, *names):
    return {name: given[name] for name in names}


def assert_rounded(actual, expected):
    """Equal to NumPy's float64 but for the rounding of values of size about 10."""
    atol = 100 * np.finfo(actual.dtype).eps
    np.testing.assert_allclose(actual, expected, rtol=0, atol=atol)


def test_training_normalises_and_moves_the_running_moments(given, dtype):
    x = given["x"].astype(float)
    old = given["running_mean"].astype(float), given["running_var"].astype(float)
    out, mean, inv_std = ops.batch_norm(**given)
    assert out.dtype == mean.dtype == inv_std.dtype == dtype
    assert_rounded(mean, x.mean(0))
    assert_rounded(inv_std, 1 / np.sqrt(x.var(0) + 1e-5))
    assert_rounded(
        out, (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5) * given["gamma"] + given["beta"]
    )
    assert_rounded(given["running_mean"], 0.9 * old[0] + 0.1 * x.mean(0))
    assert_rounded(given["running_var"], 0.9 * old[1] + 0.1 * x.var(0, ddof=1))


def test_inference_takes_the_running_moments(given, dtype):
    before = {name: value.copy() for name, value in given.items()}
    out, mean, inv_std = ops.batch_norm(**given, training=False)
    for name, value in given.items():
        np.testing.assert_array_equal(value, before[name])
    np.testing.assert_array_equal(mean, given["running_mean"])
    assert inv_std.dtype == dtype
    assert_rounded(
        inv_std * np.sqrt(given["running_var"] + dtype.type(1e-5)), np.ones(D)
    )
    np.testing.assert_array_equal(out, ops.batch_norm_inference(**given))
    np.testing.assert_array_equal(
        out[2:3], ops.batch_norm_inference(**(given | dict(x=given["x"][2:3])))
    )


def test_backward_of_inference_is_the_slope(given):
    g = np.ones((N, D), given["x"].dtype)
    args = parameters(given, "x", "gamma", "running_mean", "running_var")
    grad_input, grad_gamma, grad_beta = ops.batch_norm_inference_backward(g, **args)
    slope = given["gamma"] / np.sqrt(given["running_var"].astype(float) + 1e-5)
    np.testing.assert_allclose(grad_input, np.broadcast_to(slope, (N, D)), rtol=1e-6)
    np.testing.assert_array_equal(grad_beta, N)
    assert grad_gamma.shape == (D,)


def test_the_gradient_of_a_batch_sums_to_zero(given, dtype):
    # adding a constant to a column changes nothing; so for the rows of layer norm
    g = given["x"][::-1]
    _, mean, inv_std = ops.batch_norm(**given)
    moments = mean, inv_std
    grad_input, *_ = ops.batch_norm_backward(g, given["x"], given["gamma"], *moments)
    assert_rounded(grad_input.sum(0), np.zeros(D, dtype))
    args = parameters(given, "x", "gamma", "beta")
    _, *moments = ops.layer_norm(**args)
    grad_input, *_ = ops.layer_norm_backward(g, given["x"], given["gamma"], *moments)
    assert_rounded(grad_input.sum(1), np.zeros(N, dtype))


def test_layer_norm_works_on_the_last_axis_of_any_shape(given):
    args = parameters(given, "x", "gamma", "beta")
    out, mean, inv_std = ops.layer_norm(**args)
    gamma = given["gamma"]
    grads = ops.layer_norm_backward(given["x"], given["x"], gamma, mean, inv_std)
    for shape in ((2, 3, D), (1, N, 1, D)):
        x = given["x"].reshape(shape)
        deep, m, s = ops.layer_norm(**(args | dict(x=x)))
        assert deep.shape == shape and m.shape == s.shape == shape[:-1]
        np.testing.assert_array_equal(deep.reshape(N, D), out)
        deep_grads = ops.layer_norm_backward(x, x, gamma, m, s)
        for deep_grad, grad in zip(deep_grads, grads, strict=True):
            np.testing.assert_array_equal(deep_grad.reshape(grad.shape), grad)
    row, m, s = ops.layer_norm(**(args | dict(x=given["x"][0])))
    np.testing.assert_array_equal(row, out[0])
    assert m.shape == s.shape == ()


def test_layouts_and_kinds_of_input(given):
    names = ("x", "gamma", "beta")
    x = np.repeat(np.repeat(given["x"], 2, axis=0), 2, axis=1)
    views = x[::2, ::2], np.asfortranarray(given["x"])
    for function, names in (
        (lambda **a: ops.layer_norm(**a)[0], ("gamma", "beta")),
        (ops.batch_norm_inference, ("gamma", "beta", "running_mean", "running_var")),
    ):
        args = parameters(given, *names)
        expected = function(x=given["x"], **args)
        for view in views:
            view.flags.writeable = False
            np.testing.assert_array_equal(function(x=view, **args), expected)
        lists = {name: value.tolist() for name, value in args.items()}
        out = function(x=given["x"].tolist(), **lists)
        assert out.dtype == np.float64
        assert_rounded(out.astype(expected.dtype), expected)


def test_out(given):
    frozen = given | {k: given[k].copy() for k in ("running_mean", "running_var")}
    args = parameters(given, "gamma", "beta")
    calls = {
        "batch_norm": lambda x, out: ops.batch_norm(**(frozen | dict(x=x)), out=out)[0],
        "inference": lambda x, out: ops.batch_norm_inference(
            **(given | dict(x=x)), out=out
        ),
        "layer_norm": lambda x, out: ops.layer_norm(x, **args, out=out)[0],
    }
    for call in calls.values():
        expected = call(given["x"], None)
        out = np.full_like(expected, np.nan)
        assert call(given["x"], out) is out
        np.testing.assert_array_equal(out, expected)
        x = given["x"].copy()
        assert call(x, x) is x
        np.testing.assert_array_equal(x, expected)


@pytest.mark.parametrize("shape", [(0, D), (N, 0), (0, 0)])
def test_empty(shape):
    n, d = shape
    ones, x = np.ones(d), np.ones(shape)
    out, mean, inv_std = ops.batch_norm(x, ones, ones, ones.copy(), ones.copy())
    assert out.shape == shape and mean.shape == (d,)
    ops.batch_norm_backward(x, x, ones, mean, inv_std)
    ops.batch_norm_inference_backward(x, x, ones, mean, inv_std)
    out, mean, inv_std = ops.layer_norm(x, ones, ones)
    assert out.shape == shape and mean.shape == (n,)
    grad_input, grad_gamma, _ = ops.layer_norm_backward(x, x, ones, mean, inv_std)
    assert grad_input.shape == shape and grad_gamma.shape == (d,)


FROZEN = np.zeros(D)
FROZEN.flags.writeable = False


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (dict(x=np.ones(D)), ValueError, r"batch_norm: x has shape \(4,\)"),
        (dict(x="abc"), TypeError, "batch_norm: x"),
        (
            dict(gamma=np.ones(3)),
            ValueError,
            r"gamma has shape \(3,\); expected \(4,\)",
        ),
        (dict(beta=np.ones((D, 1))), ValueError, "beta has shape"),
        (dict(beta=None), TypeError, "beta is None"),
        (dict(running_mean=[0.0] * D), TypeError, "running_mean is .*in place"),
        (dict(running_mean=FROZEN), ValueError, "running_mean must be .*writeable"),
        (dict(running_var=np.ones(3)), ValueError, r"running_var has shape \(3,\)"),
        (dict(running_var=np.ones(D, np.float32)), ValueError, "dtype float32"),
        (dict(running_var=np.ones(2 * D)[::2]), ValueError, "running_var .*C-cont"),
        (dict(momentum=1.5), ValueError, "momentum is 1.5"),
        (dict(momentum=None), TypeError, "momentum is None"),
        (dict(eps=0.0), ValueError, "eps is 0.0"),
        (dict(training=1), TypeError, "training is 1; expected True or False"),
        (dict(out=np.ones((D, N))), ValueError, r"out has shape \(4, 6\)"),
    ],
)
def test_bad_input_names_the_argument(arguments, error, words):
    good = dict(x=np.ones((N, D)), gamma=np.ones(D), beta=np.ones(D))
    good |= dict(running_mean=np.zeros(D), running_var=np.ones(D))
    with pytest.raises(error, match=words):
        ops.batch_norm(**(good | arguments))


def test_running_moments_must_be_two_arrays_of_their_own():
    same = np.ones(D)
    with pytest.raises(ValueError, match="running_var shares memory"):
        ops.batch_norm(np.ones((N, D)), np.ones(D), np.ones(D), same, same)


def test_the_other_doors_name_their_arguments():
    x, v, rows = np.ones((N, D)), np.ones(D), np.ones(N)
    with pytest.raises(ValueError, match="batch_norm_inference: gamma has shape"):
        ops.batch_norm_inference(x, rows, v, v, v)
    with pytest.raises(ValueError, match="batch_norm_backward: grad_output has shape"):
        ops.batch_norm_backward(x[1:], x, v, v, v)
    with pytest.raises(ValueError, match="batch_norm_backward: inv_std has shape"):
        ops.batch_norm_backward(x, x, v, v, rows)
    with pytest.raises(ValueError, match="batch_norm_inference_backward: eps"):
        ops.batch_norm_inference_backward(x, x, v, v, v, eps=-1)
    with pytest.raises(ValueError, match="layer_norm: gamma has shape"):
        ops.layer_norm(x, rows, v)
    with pytest.raises(ValueError, match=r"layer_norm: x has shape \(\)"):
        ops.layer_norm(1.0, v, v)
    with pytest.raises(ValueError, match=r"layer_norm_backward: mean has shape .* row"):
        ops.layer_norm_backward(x, x, v, v, rows)
