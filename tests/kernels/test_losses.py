"""Loss kernels beside their twins."""

import math

import numpy as np
import pytest
from contract import (
    DTYPES,
    EDGES,
    central_differences,
    on_kernel,
    on_twin,
    speed_ratio,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from fastnn.reference.losses import LOSSES

LABELLED = ("cross_entropy", "hinge_multiclass")
# Only + - * / and comparisons: in float64 kernel and twin agree bit for bit.
EXACT = ("mse", "mae", "huber", "hinge", "hinge_multiclass")
SHAPES = [(0, 3), (1, 1), (1, 2), (2, 1), (3, 2), (5, 3), (7, 10), (13, 1), (31, 17)]
SHAPES += [(300, 2), (2, 512), (3, 513), (2, 1031)]  # around the tile of 512 elements


def targets(name, rng, n, k, dtype):
    if name in LABELLED:
        return rng.integers(0, k, n)
    if name == "cross_entropy_soft":
        return rng.dirichlet(np.ones(k), n).astype(dtype)
    if name == "hinge":
        return rng.choice([-1.0, 1.0], (n, k)).astype(dtype)
    return rng.uniform(size=(n, k)).astype(dtype)


def call(path, name, z, y, w=None, grad=True):
    """loss, row_loss and grad of one path, written over NaN."""
    row_loss = np.full(len(z), np.nan)
    grad = np.full_like(z, np.nan) if grad else None
    loss = path(name, z, y, w, row_loss, grad)
    assert isinstance(loss, float)
    return loss, row_loss, grad


BY_HAND = {
    # two classes, equal logits: log 2
    "cross_entropy": ([[1, 1]], [0], math.log(2), [[-0.5, 0.5]]),
    "cross_entropy_soft": ([[1, 1]], [[0.75, 0.25]], math.log(2), [[-0.25, 0.25]]),
    "binary_cross_entropy": ([[0, 0]], [[1, 0]], math.log(2), [[-0.25, 0.25]]),
    "mse": ([[1, 2], [3, 4]], [[1, 4], [3, 3]], 5 / 4, [[0, -1], [0, 0.5]]),
    "mae": ([[1, 2], [3, 4]], [[1, 4], [3, 3]], 3 / 4, [[0, -0.25], [0, 0.25]]),
    "huber": ([[0, 2], [3, 4]], [[0.5, 4], [3, 3]], 17 / 32,
              [[-0.125, -0.25], [0, 0.25]]),
    "hinge": ([[0.5, 1, -3, 2]], [[1, 1, 1, -1]], 7.5 / 4, [[-0.25, 0, -0.25, 0.25]]),
    # the rivals tie at 2: the first takes the gradient
    "hinge_multiclass": ([[1.5, 2, 2]], [0], 1.5, [[-1, 1, 0]]),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_by_hand(name, dtype):
    z, y, loss, grad = BY_HAND[name]
    y = np.array(y, np.int64 if name in LABELLED else dtype)
    for path in (on_kernel, on_twin):
        got, row_loss, slopes = call(path, name, np.array(z, dtype), y)
        assert got == pytest.approx(loss, rel=1e-6)
        assert row_loss.sum() == got
        np.testing.assert_array_equal(slopes, np.array(grad, dtype))


def bounds(name, z, y, w):
    """How far apart kernel and twin may be: (of row_loss, of grad).

    u is the unit roundoff of the kernel's precision. Each sum below counts roundings,
    to first order, times the size of what they round. exp and log may be off by 2 ulp
    in float32 and 4 in float64, that is A u with A = 4 or 8. In float32 the twin adds
    the one rounding of its store; in float64 it may be off by as much as the kernel.
    """
    if name == "hinge_multiclass":
        return np.zeros(len(z)), np.zeros(z.shape)
    u, u64 = np.finfo(z.dtype).eps / 2, 2.0**-53
    A = 4 if z.dtype == np.float32 else 8
    tiny = 8 * float(np.finfo(z.dtype).smallest_subnormal)
    z = z.astype(float)
    n, k = z.shape
    w = np.ones(n) if w is None else w.astype(float)
    share = (w / max(w.sum(), 1e-300))[:, None]
    if name.startswith("cross_entropy"):
        if name == "cross_entropy":
            y = np.eye(k)[y]
        # rounding z - top moves exp(z - top) by a factor 1 + |d| u
        d = z - z.max(axis=1, keepdims=True)
        s = np.exp(d).sum(axis=1, keepdims=True)
        p, log_s = np.exp(d) / s, np.log(s)
        spread = (p * -d).sum(axis=1, keepdims=True)  # at most log k
        of_s = u * (A + spread) + u64 * k
        size = (y * (log_s - d)).sum(axis=1, keepdims=True)
        rows = share * (of_s + u64 * (4 * log_s + (k + 4) * size))
        grad = share * (p * (of_s + u * (A - d + 4)) + 4 * u * (p + y))
    else:
        share = share / k
        y = y.astype(float)
        d = np.abs(z - y)
        if name == "binary_cross_entropy":
            e = np.exp(-np.abs(z))
            size = np.maximum(z, 0) + np.abs(z * y) + np.log1p(e)
            term = (3 + 2 * A) * u * size
            slope = (2 * A + 3) * u * (1 / (1 + np.exp(-z)) + y)
        elif name == "mse":  # one rounding in d, one in d * d
            term, slope = 3 * u * d * d, 2 * u * d
        elif name == "huber":  # where d rounds to 1, the branches meet
            term, slope = 3 * u * np.where(d <= 1, d * d, d), u * np.minimum(d, 1)
        else:  # mae, hinge: one rounding in the difference, slopes exact
            term, slope = u * (1 + np.abs(z) + np.abs(y)), 0 * d
        rows = share * (term.sum(axis=1, keepdims=True) + tiny)
        largest_slope = 1 + 2 * d if name == "mse" else 1
        grad = share * (slope + 3 * u * largest_slope)
        rows += u64 * (k + 4) * share * (1 + size_of_terms(name, z, y))
    return 2 * rows[:, 0], 2 * grad + tiny


def size_of_terms(name, z, y):
    d = np.abs(z - y)
    size = d * d if name == "mse" else 2 + np.abs(z) + np.abs(y)
    return size.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("name", LOSSES)
@settings(deadline=None)  # a busy machine is no failure
@given(
    shape=st.sampled_from(SHAPES), dtype=DTYPES, weighted=st.booleans(),
    scale=st.sampled_from([1, 30]),
    seed=st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_equals_twin(name, shape, dtype, weighted, scale, seed):
    n, k = shape
    k = max(k, 2) if name == "hinge_multiclass" else k
    rng = np.random.default_rng(seed)
    z = (scale * rng.normal(size=(n, k))).astype(dtype)
    y = targets(name, rng, n, k, dtype)
    w = rng.uniform(size=n).astype(dtype) if weighted else None
    for array in (z, y, w):
        if array is not None:
            array.setflags(write=False)
    loss, rows, grad = call(on_kernel, name, z, y, w)
    twin_loss, twin_rows, twin_grad = call(on_twin, name, z, y, w)
    in_order = 0.0
    for row in rows:
        in_order += row
    assert loss == in_order
    of_rows, of_grad = bounds(name, z, y, w)
    if name in EXACT and dtype == np.float64:
        of_grad = 0.0
        if k < 16:  # wider sums run in lanes
            of_rows = np.zeros(n)
    assert np.all(np.abs(rows - twin_rows) <= of_rows)
    assert np.all(np.abs(grad.astype(float) - twin_grad) <= of_grad)
    assert abs(loss - twin_loss) <= of_rows.sum() * (1 + 1e-9)


@pytest.mark.parametrize("name", LOSSES)
def test_edges_equal_twin(name, dtype):
    """NaN and infinities meet the same fate on both sides; tiny numbers the bounds."""
    edges = EDGES[dtype]
    edges = edges[~(np.abs(edges) == np.finfo(dtype).max)]  # d * d overflows float32
    z = np.tile(np.array([0.5, -0.25, 2.0], dtype), (3 * len(edges), 1))
    for j in range(3):
        z[j::3, j] = edges
    y = targets(name, np.random.default_rng(0), len(z), 3, dtype)
    with np.errstate(invalid="ignore"):
        of_rows, of_grad = bounds(name, z, y, None)
    _, rows, grad = call(on_kernel, name, z, y)
    _, twin_rows, twin_grad = call(on_twin, name, z, y)
    with_nan = np.isnan(z).any(axis=1)
    assert np.isnan(rows[with_nan]).all()
    assert np.isnan(grad[with_nan]).any(axis=1).all()
    for mine, twins, bound in ((rows, twin_rows, of_rows), (grad, twin_grad, of_grad)):
        np.testing.assert_array_equal(np.isnan(mine), np.isnan(twins))
        np.testing.assert_array_equal(np.isinf(mine), np.isinf(twins))
        finite = np.isfinite(mine)
        bound = np.broadcast_to(bound, mine.shape)[finite]
        distance = np.abs(mine[finite].astype(float) - twins[finite])
        assert np.all((distance <= bound) | np.isnan(bound))


def numpy_loss(name, z, y):
    """The third opinion: each row's loss, unweighted, in NumPy."""
    i = np.arange(len(z))
    if name.startswith("cross_entropy"):
        log_p = z - np.log(np.exp(z - z.max()).sum(axis=1, keepdims=True)) - z.max()
        return -log_p[i, y] if name == "cross_entropy" else -(y * log_p).sum(axis=1)
    if name == "hinge_multiclass":
        others = z.copy()
        others[i, y] = -np.inf
        return np.maximum(0, 1 + others.max(axis=1) - z[i, y])
    d = np.abs(z - y)
    terms = {
        "binary_cross_entropy": lambda: np.logaddexp(0, z) - y * z,
        "mse": lambda: d**2,
        "mae": lambda: d,
        "huber": lambda: np.where(d <= 1, d**2 / 2, d - 0.5),
        "hinge": lambda: np.maximum(0, 1 - y * z),
    }[name]()
    return terms.mean(axis=1)


@pytest.mark.parametrize("name", LOSSES)
def test_against_numpy(name, rng):
    z = 3 * rng.normal(size=(11, 4))
    y, w = targets(name, rng, 11, 4, float), rng.uniform(size=11)
    assert np.ptp(z) > 1 and np.ptp(w) > 0.1
    _, rows, _ = call(on_kernel, name, z, y, w)
    np.testing.assert_allclose(rows, w * numpy_loss(name, z, y) / w.sum(), rtol=1e-12)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("weighted", [False, True])
def test_gradient_is_central_differences(name, weighted, rng):
    z = 2 * rng.normal(size=(6, 4))
    y = targets(name, rng, 6, 4, float)
    if name == "cross_entropy_soft":
        y = y * 0.7  # the gradient holds for sums other than 1 as well
    w = rng.uniform(size=6) if weighted else None
    _, _, grad = call(on_kernel, name, z, y, w)
    numeric = central_differences(lambda x: call(on_kernel, name, x, y, w)[0], z)
    # step 1e-6: h^2 f''' / 6 < 1e-12, rounding eps |loss| / h < 1e-9
    np.testing.assert_allclose(grad, numeric, atol=2e-9)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("shape", [(9, 3), (40, 37), (3, 1500)])
def test_a_row_does_not_see_its_neighbours(name, shape, dtype, rng):
    """Bit for bit the same alone, in a batch, and without the gradient."""
    n, k = shape
    z = rng.normal(size=shape).astype(dtype)
    y = targets(name, rng, n, k, dtype)
    _, rows, grad = call(on_kernel, name, z, y)
    assert np.array_equal(call(on_kernel, name, z, y, grad=False)[1], rows)
    np.testing.assert_allclose(call(on_twin, name, z, y, grad=False)[1], rows, 1e-4)
    for i in (0, n // 2, n - 1):
        only = np.zeros(n, dtype)
        only[i] = 1  # the weights leave the other rows out of the mean
        _, rows, grad = call(on_kernel, name, z, y, only)
        _, row, grad_of_row = call(on_kernel, name, z[i : i + 1], y[i : i + 1])
        assert row[0] == rows[i]
        np.testing.assert_array_equal(grad_of_row[0], grad[i])


@pytest.mark.parametrize("name", LOSSES)
def test_a_mean_over_nothing_is_zero(name, dtype):
    z = np.ones((3, 2), dtype)
    y = targets(name, np.random.default_rng(0), 3, 2, dtype)
    for path in (on_kernel, on_twin):
        loss, rows, grad = call(path, name, z, y, np.zeros(3, dtype))
        assert loss == 0.0 and not rows.any() and not grad.any()
        assert call(path, name, z[:0], y[:0])[0] == 0.0


def test_kinks_have_no_slope(dtype):
    one = np.ones((1, 1), dtype)
    for path in (on_kernel, on_twin):
        assert call(path, "mae", one, one)[2] == 0
        assert call(path, "hinge", one, one)[2] == 0
        tie = np.array([[2, 1]], dtype)
        assert not call(path, "hinge_multiclass", tie, np.array([0]))[2].any()


def test_huge_logits_do_not_overflow(dtype):
    z = np.array([[1e4, -1e4, 0.0], [-1e30, 1e30, 0.0]], dtype)
    for path in (on_kernel, on_twin):
        loss, rows, grad = call(path, "cross_entropy", z, np.array([1, 1]))
        np.testing.assert_array_equal(rows, [1e4, 0.0])
        np.testing.assert_array_equal(grad, [[0.5, -0.5, 0], [0, 0, 0]])
        loss, _, grad = call(
            path, "binary_cross_entropy", z[:1], np.array([[0, 0, 0.5]], dtype)
        )
        assert loss == pytest.approx((1e4 + math.log(2)) / 3, rel=1e-6)
        np.testing.assert_allclose(grad, [[1 / 3, 0, 0]], rtol=1e-6)


def test_one_hot_labels_equal_class_indices(dtype, rng):
    z = rng.normal(size=(50, 7)).astype(dtype)
    y = rng.integers(0, 7, 50)
    _, rows, grad = call(on_kernel, "cross_entropy", z, y)
    _, soft, soft_grad = call(
        on_kernel, "cross_entropy_soft", z, np.eye(7, dtype=dtype)[y]
    )
    np.testing.assert_array_equal(rows, soft)
    np.testing.assert_array_equal(grad, soft_grad)


@pytest.mark.speed
@pytest.mark.parametrize("name", LOSSES)
def test_beats_its_twin(name, rng):
    z = rng.normal(size=(2000, 10)).astype(np.float32)
    y = targets(name, rng, 2000, 10, np.float32)
    arguments = (z, y, None, np.empty(2000), np.empty_like(z))
    assert speed_ratio(name, arguments) > 10
