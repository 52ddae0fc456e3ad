"""The door to the activations: what comes in, what comes out, what is refused."""

import numpy as np
import pytest

import fastnn as fn
from fastnn.reference.activations import ACTIVATIONS, NEEDS_Z

FORWARD = [*ACTIVATIONS, "exp", "log"]
SAVED = {name: "z" if name in NEEDS_Z else "a" for name in ACTIVATIONS}


def op(name):
    return getattr(fn.ops, name)


@pytest.mark.parametrize("name", FORWARD)
def test_shape_and_dtype_are_those_of_x(name, dtype, each_path, rng):
    x = abs(rng.normal(size=(2, 3, 4))).astype(dtype)
    y = op(name)(x)
    assert y.shape == x.shape and y.dtype == dtype and y is not x
    np.testing.assert_array_equal(op(name)(x.tolist()).shape, x.shape)


@pytest.mark.parametrize("name", FORWARD)
def test_any_layout(name, dtype, rng):
    x = abs(rng.normal(size=(6, 8))).astype(dtype)
    for view in (x[:, ::2], x.T, x[::-1], np.asfortranarray(x)):
        expected = op(name)(view.copy(order="C"))
        np.testing.assert_array_equal(op(name)(view), expected)
    x.flags.writeable = False
    op(name)(x)


@pytest.mark.parametrize("name", FORWARD)
def test_out(name, dtype, each_path, rng):
    x = abs(rng.normal(size=(3, 4))).astype(dtype)
    expected, out = op(name)(x), np.full_like(x, np.nan)
    assert op(name)(x, out=out) is out
    np.testing.assert_array_equal(out, expected)
    op(name)(x, out=x)
    np.testing.assert_array_equal(x, expected)


@pytest.mark.parametrize("name", ["tanh", "softmax"])
def test_out_that_overlaps_x(name, each_path):
    memory = np.linspace(-2, 2, 15)
    expected = op(name)(memory[:12].reshape(3, 4))
    op(name)(memory[:12].reshape(3, 4), out=memory[3:].reshape(3, 4))
    np.testing.assert_array_equal(memory[3:].reshape(3, 4), expected)


@pytest.mark.parametrize("name", FORWARD)
@pytest.mark.parametrize("shape", [(0,), (0, 3), (1,), (1, 1)])
def test_empty_and_single(name, shape, each_path):
    assert op(name)(np.ones(shape)).shape == shape


def test_no_dimension():
    assert fn.ops.tanh(0.0).shape == ()
    with pytest.raises(ValueError, match=r"softmax: x has no dimension"):
        fn.ops.softmax(1.0)


@pytest.mark.parametrize("name", FORWARD)
def test_refusals_name_function_and_argument(name):
    with pytest.raises(TypeError, match=rf"^{name}: x has dtype"):
        op(name)(["a", "b"])
    with pytest.raises(TypeError, match=rf"^{name}: x is None"):
        op(name)(None)
    with pytest.raises(ValueError, match=rf"^{name}: out has shape"):
        op(name)(np.zeros(3), out=np.zeros(4))
    with pytest.raises(ValueError, match=rf"^{name}: out .* dtype float32"):
        op(name)(np.zeros(3), out=np.zeros(3, np.float32))
    with pytest.raises(ValueError, match=rf"^{name}: out must be C-contiguous"):
        op(name)(np.zeros((3, 2)), out=np.zeros((2, 3)).T)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_backward(name, dtype, each_path, rng):
    saved = rng.uniform(0.1, 0.9, size=(2, 3, 4)).astype(dtype)
    grad = rng.normal(size=saved.shape).astype(dtype)
    backward = op(f"{name}_backward")
    expected = backward(grad, saved)
    assert expected.shape == saved.shape and expected.dtype == dtype
    by_name = backward(grad_output=grad, **{SAVED[name]: saved})
    np.testing.assert_array_equal(by_name, expected)
    out = np.full_like(saved, np.nan)
    assert backward(grad, saved, out=out) is out
    np.testing.assert_array_equal(out, expected)
    strided = backward(grad[:, ::2], np.asfortranarray(saved)[:, ::2])
    np.testing.assert_array_equal(
        strided, backward(grad[:, ::2].copy(), saved[:, ::2].copy())
    )
    backward(grad, saved, out=grad)
    np.testing.assert_array_equal(grad, expected)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_backward_refusals(name):
    where, saved = f"{name}_backward", SAVED[name]
    message = rf"^{where}: grad_output has shape \(3,\) but {saved} has shape \(4,\)"
    with pytest.raises(ValueError, match=message):
        op(where)(np.zeros(3), np.zeros(4))
    with pytest.raises(TypeError, match=rf"^{where}: {saved} has dtype"):
        op(where)(np.zeros(1), ["a"])


@pytest.mark.parametrize("value", [1e4, -1e4, 1e30])
def test_softmax_of_large_numbers(value, dtype, each_path):
    p = fn.ops.softmax(np.array([[value, value], [value, 0]], dtype))
    np.testing.assert_array_equal(p[0], [0.5, 0.5])
    np.testing.assert_array_equal(p[1], [1, 0] if value > 0 else [0, 1])


def test_softmax_is_over_the_last_axis(each_path, rng):
    x = rng.normal(size=(2, 3, 5))
    expected = np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(fn.ops.softmax(x), expected, rtol=1e-14)
    np.testing.assert_allclose(fn.ops.softmax(x[0, 0]), expected[0, 0], rtol=1e-14)
