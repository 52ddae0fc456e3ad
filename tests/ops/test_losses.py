"""The door to the losses: what is accepted, what comes back, what is refused."""

import numpy as np
import pytest

import fastnn as fn

ELEMENTWISE = [fn.ops.mse, fn.ops.mae, fn.ops.huber, fn.ops.binary_cross_entropy]


@pytest.fixture
def logits(rng):
    return rng.normal(size=(6, 3))


def same(a, b):
    assert a[0] == b[0]
    np.testing.assert_array_equal(a[1], b[1])


def test_log_of_the_number_of_classes(each_path, dtype):
    loss, grad = fn.ops.cross_entropy(np.zeros((2, 4), dtype), [0, 3])
    assert isinstance(loss, float) and loss == pytest.approx(np.log(4))
    assert grad.dtype == dtype and grad.shape == (2, 4)
    np.testing.assert_allclose(grad[0], [-0.375, 0.125, 0.125, 0.125])


@pytest.mark.parametrize(
    "y",
    [
        [0, 2, 1, 1, 0, 2],
        np.array([0, 2, 1, 1, 0, 2], np.uint8),
        np.array([0, 2, 1, 1, 0, 2], np.float32),
        np.eye(3)[[0, 2, 1, 1, 0, 2]],
        np.eye(3, dtype=int)[[0, 2, 1, 1, 0, 2]].tolist(),
        np.array([0, 9, 2, 9, 1, 9, 1, 9, 0, 9, 2, 9])[::2],
    ],
)
def test_labels_in_many_clothes(each_path, logits, y):
    same(
        fn.ops.cross_entropy(logits, y),
        fn.ops.cross_entropy(logits, np.array([0, 2, 1, 1, 0, 2])),
    )


def test_strided_transposed_and_read_only(logits):
    y = np.array([0, 2, 1, 1, 0, 2])
    expected = fn.ops.cross_entropy(logits, y)
    wide = np.repeat(logits, 2, axis=1)
    same(fn.ops.cross_entropy(wide[:, ::2], y), expected)
    same(fn.ops.cross_entropy(logits.T.copy().T, y), expected)
    same(fn.ops.cross_entropy(logits.tolist(), y), expected)
    logits.setflags(write=False)
    y.setflags(write=False)
    same(fn.ops.cross_entropy(logits, y), expected)


def test_the_prediction_decides_the_precision(dtype):
    for loss in ELEMENTWISE:
        value, grad = loss(np.ones((2, 2), dtype), np.zeros((2, 2)))
        assert isinstance(value, float) and grad.dtype == dtype
    assert fn.ops.mse(np.ones(2, np.float16), [0, 0])[1].dtype == np.float32
    assert fn.ops.mse([1, 2], [0, 0])[1].dtype == np.float64


@pytest.mark.parametrize("loss", [*ELEMENTWISE, fn.ops.hinge])
def test_one_column_is_never_stretched(each_path, loss, rng):
    z, y = rng.normal(size=5), np.array([0.0, 1.0, 1.0, 0.0, 1.0])
    value, grad = loss(z, y)
    for shape, other in [((5, 1), (5,)), ((5,), (5, 1)), ((5, 1), (5, 1))]:
        again, slopes = loss(z.reshape(shape), y.reshape(other))
        assert again == value and slopes.shape == shape
        np.testing.assert_array_equal(slopes.ravel(), grad)


def test_hinge_chooses_by_shape(each_path):
    multi, _ = fn.ops.hinge([[1.0, 0.5], [0.0, 3.0]], [1, 1])
    assert multi == 0.75  # (1 + 1 - 0.5) and 0
    zero_one, grad = fn.ops.hinge([0.5, -2.0], [1, 0])
    same((zero_one, grad), fn.ops.hinge([0.5, -2.0], [1, -1]))
    assert zero_one == 0.25
    assert fn.ops.hinge([[2.0, -0.5]], [[1, -1]])[0] == 0.25


def test_weights_are_a_weighted_mean(each_path, logits):
    y = np.array([0, 2, 1, 1, 0, 2])
    single = [
        fn.ops.cross_entropy(logits[i : i + 1], y[i : i + 1])[0] for i in range(6)
    ]
    w = np.array([1.0, 0, 2, 3, 0.5, 1])
    loss, grad = fn.ops.cross_entropy(logits, y, sample_weight=w)
    assert loss == pytest.approx(np.average(single, weights=w))
    assert not grad[1].any()
    assert fn.ops.cross_entropy(logits, y, np.zeros(6))[0] == 0.0
    assert fn.ops.cross_entropy(np.empty((0, 3)), [])[0] == 0.0
    assert fn.ops.mse([], [])[0] == 0.0


def test_nan_and_infinity_go_through(each_path):
    for loss in [*ELEMENTWISE, fn.ops.hinge]:
        value, grad = loss([np.nan, 0.5], [1, 0])
        assert np.isnan(value) and np.isnan(grad[0]) and np.isfinite(grad[1])
    value, grad = fn.ops.cross_entropy([[np.nan, 1.0]], [1])
    assert np.isnan(value) and np.isnan(grad).all()
    value, grad = fn.ops.cross_entropy([[-np.inf, 1.0]], [0])
    assert value == np.inf
    assert fn.ops.mae([np.inf], [0.0])[0] == np.inf


REFUSED = [
    (fn.ops.cross_entropy, ([1.0, 2.0], [0, 1]), "cross_entropy: logits has 1 dim"),
    (fn.ops.cross_entropy, (np.ones((2, 0)), [0, 0]), "at least 1 column"),
    (fn.ops.cross_entropy, (np.ones((2, 3)), [0, 3]), r"y\[1\] is 3; .* 0 .. 2"),
    (fn.ops.cross_entropy, (np.ones((2, 3)), [-1, 0]), r"y\[0\] is -1; .* 0 .. 2"),
    (fn.ops.cross_entropy, (np.ones((2, 3)), [0.5, 0]), r"y\[0\] is 0.5; .* whole"),
    (fn.ops.cross_entropy, (np.ones((2, 3)), [0, np.nan]), r"y\[1\] is nan"),
    (fn.ops.cross_entropy, (np.ones((2, 3)), [0, np.inf]), r"y\[1\] is inf"),
    (fn.ops.cross_entropy, (np.ones((2, 3)), ["a", "b"]), "y has dtype .*numpy.unique"),
    (fn.ops.cross_entropy, (np.ones((2, 3)), [0, 1, 2]), r"y has shape \(3,\)"),
    (fn.ops.cross_entropy, (np.ones((2, 3)), [[0], [1]]), r"y has shape \(2, 1\)"),
    (fn.ops.cross_entropy, (np.ones((1, 2)), [[2, -1]]), "y contains 2"),
    (fn.ops.cross_entropy, (np.ones((1, 2)), [[1, 1]]), "row 0 of y sums to 2"),
    (fn.ops.cross_entropy, (np.ones((1, 2)), None), "y is None"),
    (fn.ops.binary_cross_entropy, ([1.0], [-1]), "y contains -1.0; .*between 0 and 1"),
    (fn.ops.binary_cross_entropy, (1.0, 1.0), r"logits has shape \(\)"),
    (fn.ops.mse, ([1.0, 2.0], [1.0]), r"mse: y has shape \(1,\) but prediction"),
    (fn.ops.mse, (np.ones((3, 2)), np.ones((2, 3))), r"mse: y has shape \(2, 3\)"),
    (fn.ops.mse, (["a"], [1.0]), "mse: prediction has dtype"),
    (fn.ops.mae, ([1j], [1.0]), "mae: prediction has dtype complex"),
    (
        fn.ops.huber,
        (np.ones((1, 1, 1)), np.ones((1, 1, 1))),
        "huber: prediction has sh",
    ),
    (fn.ops.hinge, ([1.0, 2.0], [1, 2]), "hinge: y contains 2"),
    (fn.ops.hinge, ([1.0, 2.0], [0, -1]), "hinge: y contains -1.0 beside 0"),
    (fn.ops.hinge, ([1.0, 2.0], [1, np.nan]), "hinge: y contains nan"),
    (fn.ops.hinge, (np.ones((2, 3)), [0, 3]), r"hinge: y\[1\] is 3"),
]


@pytest.mark.parametrize(("loss", "arguments", "message"), REFUSED)
def test_refused_by_name(loss, arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        loss(*arguments)


@pytest.mark.parametrize(
    ("w", "message"),
    [
        ([1.0], "length 1 but there are 2 samples"),
        ([1.0, -2.0], r"sample_weight\[1\] is -2.0"),
        ([np.nan, 1.0], r"sample_weight\[0\] is nan"),
        ([1.0, np.inf], r"sample_weight\[1\] is inf"),
        ([[1.0], [1.0]], "sample_weight has 2 dim"),
        (1.0, "sample_weight has 0 dim"),
    ],
)
def test_weights_refused_by_name(w, message):
    with pytest.raises(ValueError, match=message):
        fn.ops.mse([1.0, 2.0], [1.0, 2.0], sample_weight=w)
    with pytest.raises(ValueError, match=message):
        fn.ops.cross_entropy(np.ones((2, 2)), [0, 1], sample_weight=w)
