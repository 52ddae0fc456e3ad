"""The door to dropout."""

import numpy as np
import pytest

from fastnn import ops

pytestmark = pytest.mark.usefixtures("each_path")


def test_philox_known_answer():
    words = ops.philox(4, seed=0)
    assert words.dtype == np.uint32
    assert [f"{w:08x}" for w in words] == [
        "6627e8d5",
        "e169c58d",
        "bc57ac4c",
        "9b00dbd8",
    ]
    np.testing.assert_array_equal(ops.philox(9, seed=0)[:4], words)
    assert ops.philox(0, seed=0).shape == (0,)


def test_the_same_three_numbers_give_the_same_mask():
    x = np.ones((6, 7))
    out = ops.dropout(x, 0.5, seed=1, step=2, layer=3)
    assert set(out.flat) == {0.0, 2.0}
    np.testing.assert_array_equal(ops.dropout_backward(x, 0.5, 1, 2, 3), out)
    kept = ops.philox(42, 1, step=2, layer=3) >= 2**31
    np.testing.assert_array_equal(out.reshape(-1) > 0, kept)
    for other in ((0, 2, 3), (1, 0, 3), (1, 2, 0)):
        assert not np.array_equal(ops.dropout(x, 0.5, *other), out)


def test_numpy_integers_and_the_largest_seed():
    top = 2**64 - 1
    expected = ops.dropout(np.ones(9), 0.5, top, top, 2**32 - 1)
    given = ops.dropout(
        np.ones(9), 0.5, np.uint64(top), np.uint64(top), np.uint32(2**32 - 1)
    )
    np.testing.assert_array_equal(given, expected)


@pytest.mark.parametrize("function", [ops.dropout, ops.dropout_backward])
def test_layouts_and_kinds_of_input(function, dtype):
    x = np.arange(24, dtype=dtype).reshape(4, 6) + 1
    for view in (x[:, ::2], x.T, x[::-1]):
        view.flags.writeable = False
        np.testing.assert_array_equal(
            function(view, 0.4, 5), function(view.copy(order="C"), 0.4, 5)
        )
        assert function(view, 0.4, 5).dtype == dtype
    out = function(x.tolist(), 0.4, 5)
    assert out.dtype == np.float64 and out.shape == x.shape
    assert function(x.astype(np.int32), 0.4, 5).dtype == np.float64
    assert function(np.float32(3), 0.0, 5).shape == ()


def test_out(dtype):
    x = np.arange(1, 12, dtype=dtype)
    expected = ops.dropout(x, 0.4, 5)
    out = np.full_like(x, np.nan)
    assert ops.dropout(x, 0.4, 5, out=out) is out
    np.testing.assert_array_equal(out, expected)
    assert ops.dropout(x, 0.4, 5, out=x) is x
    np.testing.assert_array_equal(x, expected)


def test_rate_0_is_a_copy(dtype):
    x = np.array([1.5, -0.0, np.nan, np.inf], dtype)
    out = ops.dropout(x, 0, seed=3)
    assert out is not x and out.tobytes() == x.tobytes()


BUFFER = np.zeros(8)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (dict(x="abc"), TypeError, "dropout: x"),
        (dict(x=None), TypeError, "dropout: x is None"),
        (dict(x=np.ones(3, complex)), TypeError, "x has dtype complex128"),
        (dict(rate=1.0), ValueError, "rate is 1.0; expected a number at least 0"),
        (dict(rate=-0.1), ValueError, "rate"),
        (dict(rate=np.nan), ValueError, "rate"),
        (dict(rate="half"), TypeError, "rate is 'half'"),
        (dict(seed=-1), ValueError, "seed is -1"),
        (dict(seed=0.5), TypeError, "seed is 0.5"),
        (dict(seed=None), TypeError, "seed is None"),
        (dict(seed=2**64), ValueError, r"seed is .*below 2\*\*64"),
        (dict(step=2**64), ValueError, "step"),
        (dict(layer=2**32), ValueError, r"layer is 4294967296; .*below 2\*\*32"),
        (dict(out=np.zeros(4)), ValueError, r"out has shape \(4,\)"),
        (dict(out=[0.0] * 3), TypeError, "out is"),
        (dict(out=np.zeros(3, np.float32)), ValueError, "dtype float32"),
        (dict(x=BUFFER[:7], out=BUFFER[1:]), ValueError, "out shares part"),
    ],
)
def test_bad_input_names_the_argument(arguments, error, words):
    good = dict(x=np.ones(3), rate=0.5, seed=0)
    with pytest.raises(error, match=words):
        ops.dropout(**(good | arguments))


def test_philox_refuses_by_name():
    with pytest.raises(ValueError, match="philox: n is -1"):
        ops.philox(-1, seed=0)
    with pytest.raises(TypeError, match="dropout_backward: grad_output is None"):
        ops.dropout_backward(None, 0.5, 0)
