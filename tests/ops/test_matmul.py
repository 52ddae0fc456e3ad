"""The door to the product: dtypes, layouts, out, and errors that say what to do."""

import tracemalloc

import numpy as np
import pytest

from fastnn import ops


@pytest.fixture
def pair(rng, dtype):
    return rng.normal(size=(5, 7)).astype(dtype), rng.normal(size=(7, 3)).astype(dtype)


@pytest.mark.parametrize("transpose_a", [False, True])
@pytest.mark.parametrize("transpose_b", [False, True])
def test_forms(pair, transpose_a, transpose_b, each_path):
    a, b = pair
    expected = a.astype(float) @ b
    out = ops.matmul(
        np.ascontiguousarray(a.T) if transpose_a else a,
        np.ascontiguousarray(b.T) if transpose_b else b,
        transpose_a=transpose_a, transpose_b=transpose_b,
    )  # fmt: skip
    assert out.dtype == a.dtype
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-5)


def test_layouts_give_the_same_bits(pair, each_path):
    a, b = pair
    expected = ops.matmul(a, b)
    wide = np.repeat(a, 2, axis=1)
    read_only = a.copy()
    read_only.flags.writeable = False
    unaligned = np.frombuffer(b"x" + a.tobytes(), np.uint8)[1:].view(a.dtype)
    for same in (
        wide[:, ::2], np.asfortranarray(a), read_only, a.astype(a.dtype.newbyteorder()),
        unaligned.reshape(a.shape),
    ):  # fmt: skip
        np.testing.assert_array_equal(ops.matmul(same, b), expected)
    np.testing.assert_array_equal(ops.matmul(a.T, b, transpose_a=True), expected)


@pytest.mark.parametrize("quickly", [True, False])
def test_a_transposed_view_is_read_as_it_lies(rng, quickly):
    """The same bits, and no copy."""
    a, b = rng.normal(size=(200, 300)), rng.normal(size=(300, 100))
    turned = a.T.copy().T, b.T.copy().T
    # NumPy's False is no False for the quick door: what follows are all the checks
    flags = () if quickly else (np.False_, np.False_)
    expected = ops.matmul(a, b)
    tracemalloc.start()
    for x in (a, turned[0]):
        for y in (b, turned[1]):
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            found = ops.matmul(x, y, *flags)
            most = tracemalloc.get_traced_memory()[1] - before
            np.testing.assert_array_equal(found, expected)
            assert most < found.nbytes + 5000
    tracemalloc.stop()
    z = ops.dense(turned[0], turned[1], np.ones(100), "relu")
    np.testing.assert_array_equal(z, np.maximum(expected + 1, 0))
    out = np.empty((300, 300))
    np.testing.assert_array_equal(ops.matmul(a.T, a, out=out), ops.matmul(a, a, True))
    with pytest.raises(ValueError, match="shares memory"):
        ops.matmul(b.T, b, *flags, out=b[:100])


def test_dtypes(each_path):
    single, double = np.ones((2, 2), np.float32), np.ones((2, 2))
    assert ops.matmul(single, single).dtype == np.float32
    assert ops.matmul(single, double).dtype == np.float64
    assert ops.matmul(double.astype(int), single).dtype == np.float64
    np.testing.assert_array_equal(ops.matmul([[1, 2]], [[3], [4]]), [[11.0]])


def test_empty(dtype, each_path):
    assert ops.matmul(np.ones((0, 3), dtype), np.ones((3, 2), dtype)).shape == (0, 2)
    assert ops.matmul(np.ones((2, 3), dtype), np.ones((3, 0), dtype)).shape == (2, 0)
    nothing = ops.matmul(np.ones((2, 0), dtype), np.ones((0, 3), dtype))
    np.testing.assert_array_equal(nothing, np.zeros((2, 3)))
    z = ops.dense(np.ones((2, 0), dtype), np.ones((0, 2), dtype), [-1.0, 2.0], "relu")
    np.testing.assert_array_equal(z, [[0, 2], [0, 2]])
    np.testing.assert_array_equal(ops.column_sums(np.ones((0, 3), dtype)), [0, 0, 0])


def test_out(pair, each_path):
    a, b = pair
    out = np.full((5, 3), np.nan, a.dtype)
    assert ops.matmul(a, b, out=out) is out
    np.testing.assert_array_equal(out, ops.matmul(a, b))
    bias = np.ones(3, a.dtype)
    assert ops.dense(a, b, bias, out=out) is out
    np.testing.assert_array_equal(out, ops.dense(a, b, bias))
    sums = np.full(7, np.nan, a.dtype)
    assert ops.column_sums(a, out=sums) is sums
    np.testing.assert_allclose(sums, a.sum(axis=0), rtol=1e-5, atol=1e-6)


def test_dense(pair, each_path):
    x, weights = pair
    bias = np.array([0.5, -1.0, 2.0], x.dtype)
    z = x.astype(float) @ weights + bias
    np.testing.assert_allclose(ops.dense(x, weights, bias), z, rtol=1e-4, atol=1e-5)
    a = ops.dense(x, weights, bias, activation="relu")
    np.testing.assert_allclose(a, np.maximum(z, 0), rtol=1e-4, atol=1e-5)
    assert (a == 0).any() and (a > 0).any()
    np.testing.assert_array_equal(ops.dense(x, weights), ops.matmul(x, weights))


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: ops.matmul(np.ones((3, 4)), np.ones((5, 2))), ValueError,
         r"matmul: a is \(3, 4\) but b is \(5, 2\); the inner sizes 4 and 5 differ"),
        (lambda: ops.matmul(np.ones((3, 4)), np.ones((5, 2)), transpose_a=True),
         ValueError, r"a is \(3, 4\) transposed but b is \(5, 2\).* 3 and 5 differ"),
        (lambda: ops.matmul(np.ones(3), np.ones((3, 2))), ValueError,
         r"matmul: a has 1 dimension\(s\), shape \(3,\); expected 2"),
        (lambda: ops.matmul(np.ones((2, 3)), None), TypeError, "matmul: b is None"),
        (lambda: ops.matmul(np.ones((2, 3)), [["x"]]), TypeError, "b has dtype"),
        (lambda: ops.matmul(np.ones((2, 2)), np.ones((2, 2)), out=np.ones((3, 2))),
         ValueError, r"matmul: out has shape \(3, 2\)"),
        (lambda: ops.matmul(np.ones((2, 2)), np.ones((2, 2)), out=[[0, 0]]),
         TypeError, "matmul: out is"),
        (lambda: ops.dense(np.ones((3, 4)), np.ones((5, 2))), ValueError,
         r"dense: x is \(3, 4\) but weights is \(5, 2\); the inner sizes 4 and 5"),
        (lambda: ops.dense(np.ones((3, 4)), np.ones((4, 2)), np.ones(3)), ValueError,
         r"dense: bias has shape \(3,\) .* expected \(2,\)"),
        (lambda: ops.dense(np.ones((3, 4)), np.ones((4, 2)), activation="swish"),
         ValueError, "dense: activation is 'swish'; it can be one of 'identity'"),
        (lambda: ops.dense(np.ones((3, 4)), np.ones((4, 2)), activation="softmax"),
         ValueError, "dense: activation is 'softmax'"),
        (lambda: ops.column_sums(np.ones(3)), ValueError, "column_sums: x has 1 dim"),
    ],
)  # fmt: skip
def test_errors_name_function_and_argument(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_out_must_not_be_an_input():
    a = np.ones((2, 2))
    with pytest.raises(ValueError, match="matmul: out shares memory with an input"):
        ops.matmul(a, a, out=a)
    with pytest.raises(ValueError, match="dense: out shares memory"):
        ops.dense(a, np.ones((2, 2)), out=a)
