"""Activation kernels beside their twins, and beside exact values."""

import functools
import os

import exact
import numpy as np
import pytest
from contract import (
    DTYPES,
    EDGES,
    SIZES,
    assert_same_sums,
    assert_within_ulps,
    central_differences,
    on_kernel,
    on_twin,
    speed_ratio,
    ulps,
)
from hypothesis import given
from hypothesis import strategies as st

from fastnn.reference.activations import ACTIVATIONS, NEEDS_Z

SEEDS = st.integers(0, 2**32 - 1)
ELEMENTWISE = [name for name in ACTIVATIONS if name != "softmax"]

BY_HAND = {
    "exp": [(0, 1), (1, 2.718281828459045), (-np.inf, 0), (np.inf, np.inf)],
    "log": [(1, 0), (0, -np.inf), (-0.0, -np.inf), (-1, np.nan), (np.inf, np.inf)],
    "identity": [(-1.5, -1.5), (-0.0, -0.0)],
    "sigmoid": [(0, 0.5), (np.log(3), 0.75), (-np.inf, 0), (np.inf, 1)],
    "tanh": [(0, 0), (-0.0, -0.0), (np.log(2), 0.6), (-np.inf, -1), (np.inf, 1)],
    "relu": [(-1.5, 0), (0, 0), (-0.0, 0.0), (2.5, 2.5), (-np.inf, 0)],
    "leaky_relu": [(-100, -1), (-0.0, -0.0), (2.5, 2.5), (-np.inf, -np.inf)],
    "elu": [(2.5, 2.5), (-0.0, -0.0), (-np.log(2), -0.5), (-np.inf, -1)],
    "selu": [(1, 1.0507009873554805), (-0.0, -0.0), (-np.inf, -1.7580993408473766)],
    "gelu": [(0, 0), (-0.0, -0.0), (1, 0.8413447460685429), (-np.inf, -0.0)],
    "gelu_tanh": [(0, 0), (-0.0, -0.0), (1, 0.8411919906082768), (-np.inf, -0.0)],
    "silu": [(0, 0), (-0.0, -0.0), (np.log(3), 0.75 * np.log(3)), (-np.inf, -0.0)],
    "softplus": [(0, np.log(2)), (np.log(3), np.log(4)), (-np.inf, 0), (1e4, 1e4)],
}


def forward(name, x, call=on_kernel):
    out = np.full_like(x, 7.0)
    call(name, x, out)
    return out


def backward(name, grad_output, saved, call=on_kernel):
    out = np.full_like(saved, 7.0)
    call(f"{name}_backward", grad_output, saved, out)
    return out


def saved_for(name, z):
    """What the backward of `name` reads: z itself, or the output."""
    return z if name in NEEDS_Z else forward(name, z, on_twin)


def spread(dtype, n, seed=0):
    """n random bit patterns, so every exponent; n numbers where functions bend."""
    rng = np.random.default_rng(seed)
    bits = np.uint32 if dtype == np.float32 else np.uint64
    anywhere = rng.integers(0, np.iinfo(bits).max, n, dtype=bits).view(dtype)
    near = rng.uniform(-1, 1, n) * 10.0 ** rng.uniform(-3, 3, n)
    x = np.concatenate([anywhere, near.astype(dtype), EDGES[np.dtype(dtype)]])
    assert len(np.unique(x)) > n
    return x


@pytest.mark.parametrize("call", [on_kernel, on_twin])
@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand(name, call, dtype):
    x, expected = np.array(BY_HAND[name], dtype).T.copy()
    out = forward(name, x, call)
    # log(3) itself is rounded, which moves the result by up to one more ulp
    assert_within_ulps(out, expected, dtype, 2)
    number = expected == expected
    np.testing.assert_array_equal(np.signbit(out)[number], np.signbit(expected)[number])


@exact.needs_long_double
@pytest.mark.parametrize("name", exact.FUNCTIONS)
def test_within_ulps_of_exact(name, dtype):
    x = spread(dtype, 20_000 if name == "gelu" else 100_000)
    out, expected = forward(name, x), exact.value(name, x)
    limit = exact.FUNCTIONS[name][1 if dtype == np.float32 else 2]
    assert_within_ulps(out, expected, dtype, limit)
    zero = (out == 0) & (expected == 0)
    np.testing.assert_array_equal(np.signbit(out[zero]), np.signbit(expected[zero]))


@exact.needs_long_double
@pytest.mark.parametrize("name", ["exp", "sigmoid", "softplus", "silu", "gelu"])
def test_subnormal_results(name, dtype):
    """The left tails, down to the last subnormal: never flushed to zero."""
    single = dtype == np.float32
    low, high = (-104, -87) if single else (-746, -708)
    if name == "gelu":
        low, high = (-14.5, -13) if single else (-38.7, -37.5)
    x = np.linspace(low, high, 20_001, dtype=dtype)
    out = forward(name, x)
    subnormal = (out != 0) & (abs(out) < np.finfo(dtype).tiny)
    assert subnormal.sum() > 5_000
    limit = exact.FUNCTIONS[name][1 if single else 2]
    assert_within_ulps(out, exact.value(name, x), dtype, limit)


@exact.needs_long_double
def test_exp_overflows_where_it_should(dtype):
    """The numbers on both sides of the largest x whose e^x is finite."""
    edge = np.log(np.finfo(dtype).max.astype(np.longdouble)).astype(dtype)
    x = edge + np.arange(-500, 501).astype(dtype) * np.spacing(edge)
    with np.errstate(over="ignore"):
        expected = exact.value("exp", x).astype(dtype)
    assert np.isinf(expected).any() and np.isfinite(expected).any()
    np.testing.assert_array_equal(np.isinf(forward("exp", x)), np.isinf(expected))


def test_a_result_does_not_depend_on_its_place(dtype, rng):
    """The vector body and the scalar rest of a loop give the same bits."""
    x = (rng.normal(size=37) * 5).astype(dtype)
    for name in [*ELEMENTWISE, "exp"]:
        one_by_one = [forward(name, x[i : i + 1])[0] for i in range(37)]
        np.testing.assert_array_equal(forward(name, x), one_by_one, err_msg=name)


@pytest.mark.parametrize("scale", [1, 4.8, 16, 80])
@pytest.mark.parametrize("name", BY_HAND)
def test_rare_numbers_do_not_change_their_neighbours(name, dtype, scale, rng):
    """A block with NaN takes other loops than one without: the same bits."""
    x = (rng.uniform(0 if name == "log" else -1, 1, size=1000) * scale).astype(dtype)
    beside = np.concatenate([x, np.array([np.nan], dtype)])
    np.testing.assert_array_equal(forward(name, beside)[:-1], forward(name, x))
    if name in ELEMENTWISE:
        grad = rng.normal(size=1001).astype(dtype)
        np.testing.assert_array_equal(
            backward(name, grad, beside)[:-1], backward(name, grad[:-1], x)
        )


@pytest.mark.parametrize("name", ["gelu", "log", "silu"])
def test_a_rare_number_is_found_wherever_it_stands(name, dtype):
    """In each place of a block, and of the shorter one and the rest that follow it."""
    place = np.arange(1024 + 64 + 48 + 5)
    rare = {"gelu": -13.0, "log": -1.0, "silu": -110.0}[name]
    x = np.full(place.size, 1.5, dtype)
    usual, found = forward(name, x)[0], forward(name, np.array([rare], dtype))[0]
    for i in place:
        x[i] = rare
        np.testing.assert_array_equal(
            forward(name, x), np.where(place == i, found, usual)
        )
        x[i] = 1.5


@pytest.mark.parametrize("limit", [10.5, 11.5, 12.5])
def test_gelu_is_as_exact_on_both_sides_of_a_limit_of_its_loops(limit):
    x = np.float32(limit) + np.arange(-500, 501, dtype=np.float32) * np.float32(2**-12)
    x = np.concatenate([x, -x])
    expected = forward("gelu", x.astype(np.float64))
    assert_within_ulps(forward("gelu", x), expected, np.float32, 2)


@given(n=SIZES, dtype=DTYPES, seed=SEEDS, name=st.sampled_from(list(BY_HAND)))
def test_equals_twin(n, dtype, seed, name):
    rng = np.random.default_rng(seed)
    x = np.concatenate([(rng.normal(size=n) * 4).astype(dtype), EDGES[dtype]])
    kernel, twin = forward(name, x), forward(name, x, on_twin)
    if name in ("identity", "relu"):
        np.testing.assert_array_equal(kernel, twin)
        return
    # the contract's ulp for the kernel, 2 for the twin: C's exp, log, tanh, expm1 and
    # log1p are within 1 ulp, and at most two roundings follow
    limit = np.full(x.shape, 4.0 if dtype == np.float32 else 6.0)
    if dtype == np.float64 and name in ("gelu", "gelu_tanh"):
        # the twin rounds the argument of erfc or exp: an error of k eps in s is
        # k s eps in e^-s, and an ulp is eps or half of it
        t = np.clip(np.nan_to_num(x), -40, 0)
        limit += 2 * t * t if name == "gelu" else -10 * t * (1 + 0.045 * t * t)
    distance = ulps(kernel, twin, dtype)
    assert np.all(distance <= limit), (name, x[distance > limit])
    np.testing.assert_array_equal(np.signbit(kernel[x == x]), np.signbit(twin[x == x]))


def same_gradient(kernel, twin, grad_output, dtype, ulp=16):
    """Within a few roundings of the derivative's terms, each at most about 1.

    The bound is absolute where terms cancel (gelu, silu near their minimum; 1 - a);
    for |grad_output| up to 1e30, where no product overflows.
    """
    ok = np.isfinite(twin)
    np.testing.assert_array_equal(np.isfinite(kernel), ok)
    np.testing.assert_array_equal(np.isnan(kernel), np.isnan(twin))
    eps, tiny = np.finfo(dtype).eps, np.finfo(dtype).smallest_subnormal
    bound = ulp / 2 * eps * np.abs(grad_output[ok].astype(float)) + 2 * tiny
    assert np.all(np.abs(kernel[ok].astype(float) - twin[ok]) <= bound)


@given(n=SIZES, dtype=DTYPES, seed=SEEDS, name=st.sampled_from(ELEMENTWISE))
def test_backward_equals_twin(n, dtype, seed, name):
    rng = np.random.default_rng(seed)
    edges = EDGES[dtype][np.abs(EDGES[dtype]) < 1e30]
    z = np.concatenate([(rng.normal(size=n) * 4).astype(dtype), EDGES[dtype]])
    grad = np.concatenate([rng.normal(size=len(z) - len(edges)), edges]).astype(dtype)
    rng.shuffle(grad)
    saved = saved_for(name, z)
    kernel = backward(name, grad, saved)
    same_gradient(kernel, backward(name, grad, saved, on_twin), grad, dtype)
    assert np.isnan(kernel[np.isnan(saved)]).all()


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_backward_equals_central_differences(name, rng):
    z = rng.normal(size=40) * 3
    z = z[abs(z) > 1e-3]  # away from the kinks at 0
    weights = rng.normal(size=z.shape)
    numeric = central_differences(lambda z: weights @ forward(name, z), z)
    analytic = backward(name, weights, saved_for(name, z))
    # error of the differences: h^2/6 |f'''| + eps |sum| / h, about 1e-9 here
    np.testing.assert_allclose(analytic, numeric, rtol=1e-6, atol=2e-8)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "selu"])
def test_slope_at_zero_is_that_of_the_left(name, dtype):
    """relu'(0) = 0, leaky_relu'(0) = 0.01, elu'(0) = 1, selu'(0) = scale alpha."""
    slope = {"relu": 0, "leaky_relu": 0.01, "elu": 1, "selu": 1.7580993408473768}
    one, zero = np.ones(1, dtype), np.zeros(1, dtype)
    np.testing.assert_array_equal(backward(name, one, zero), dtype.type(slope[name]))


@pytest.mark.parametrize("scale", [1, 60])
@pytest.mark.parametrize("name", [*ELEMENTWISE, "exp", "log"])
def test_in_place(name, dtype, scale, rng):
    """a may be z, grad_z may be grad_a, as the training loop calls them.

    Scaled, some numbers are rare ones, and a block with these is gone over twice.
    """
    z = (rng.normal(size=2100) * scale).astype(dtype)
    expected = forward(name, z)
    a = z.copy()
    on_kernel(name, a, a)
    np.testing.assert_array_equal(a, expected)
    if name not in ELEMENTWISE:
        return
    grad, saved = rng.normal(size=2100).astype(dtype), saved_for(name, z)
    expected = backward(name, grad, saved)
    on_kernel(f"{name}_backward", grad, saved, grad)
    np.testing.assert_array_equal(grad, expected)


@pytest.mark.slow
@exact.needs_long_double
@pytest.mark.parametrize("name", ["exp", "log", "tanh", "sigmoid", "gelu"])
def test_float32_from_end_to_end(name):
    """Against the function in float64: NumPy's (1 ulp), for gelu our own (4 ulp).

    One float32 in 61, of all of them in order; with FASTNN_EVERY_FLOAT32=1 in the
    environment all 2^32, which takes minutes.
    """
    step = 1 if os.environ.get("FASTNN_EVERY_FLOAT32") else 61
    ours = {"sigmoid": exact.sigmoid, "gelu": functools.partial(forward, "gelu")}
    f = ours.get(name) or exact.FUNCTIONS[name][0]
    for start in range(0, 2**32, 2**22 * step):
        stop = min(start + 2**22 * step, 2**32)
        x = np.arange(start, stop, step, dtype=np.uint32).view(np.float32)
        out = forward(name, x)
        with np.errstate(all="ignore"):
            expected = f(x.astype(np.float64))
            rounded = expected.astype(np.float32)
        np.testing.assert_array_equal(np.isnan(out), np.isnan(rounded))
        off = (out != rounded) & (rounded == rounded)  # not rounded correctly
        assert_within_ulps(out[off], expected[off], np.float32, 2)


def logits(rows, cols, dtype, seed=0, scale=10):
    return (np.random.default_rng(seed).normal(size=(rows, cols)) * scale).astype(dtype)


def test_softmax_by_hand(dtype):
    x = np.array([[0, 0], [np.log(3), 0], [1e4, -1e4]], dtype)
    expected = [[0.5, 0.5], [0.75, 0.25], [1, 0]]
    for call in (on_kernel, on_twin):
        np.testing.assert_allclose(forward("softmax", x, call), expected, rtol=3e-7)


@given(rows=SIZES, cols=SIZES.filter(bool), dtype=DTYPES, seed=SEEDS)
def test_softmax_equals_twin(rows, cols, dtype, seed):
    x = logits(rows, cols, dtype, seed)
    kernel, twin = forward("softmax", x), forward("softmax", x, on_twin)
    # x - top is rounded to the kernel's precision, which moves e^(x - top) by
    # |x - top| / 2 eps; then exp (2 or 4 ulp on each side), the sum, the division
    top = x.max(axis=1, keepdims=True, initial=-1e30)
    bound = (np.abs(x.astype(float) - top) + 12 + cols) * np.finfo(dtype).eps
    tiny = np.finfo(dtype).smallest_subnormal
    assert np.all(np.abs(kernel.astype(float) - twin) <= bound * twin + tiny)
    np.testing.assert_allclose(
        kernel.sum(axis=1, dtype=float), 1, rtol=4 * np.finfo(dtype).eps
    )


@pytest.mark.parametrize("cols", [1, 10, 1000, 5000])
def test_softmax_row_does_not_depend_on_other_rows(cols, dtype):
    x = logits(7, cols, dtype)
    x[3] = np.nan
    together = forward("softmax", x)
    for i in range(7):
        alone = forward("softmax", x[i : i + 1])
        np.testing.assert_array_equal(together[i : i + 1], alone)
    assert np.isnan(together[3]).all() and np.isfinite(together[4]).all()


def test_softmax_edges(each_path, dtype):
    from fastnn import ops

    inf = np.inf
    x = [[inf, 0, 1], [np.nan, 0, 1], [0, np.nan, 1], [-inf] * 3, [-inf, 0, 0]]
    out = ops.softmax(np.array(x, dtype))
    assert np.isnan(out[:4]).all()
    np.testing.assert_array_equal(out[4], [0, 0.5, 0.5])


@given(rows=SIZES, cols=SIZES.filter(bool), dtype=DTYPES, seed=SEEDS)
def test_softmax_backward_equals_twin(rows, cols, dtype, seed):
    a = forward("softmax", logits(rows, cols, dtype, seed, scale=2))
    grad = logits(rows, cols, dtype, seed + 1, scale=1)
    kernel = backward("softmax", grad, a)
    twin = backward("softmax", grad, a, on_twin)
    dot = (np.abs(grad) * a).sum(axis=1, keepdims=True, dtype=float)
    absolute = a * (np.abs(grad) + dot)
    assert_same_sums(kernel, twin, cols + 2, absolute, dtype)


def test_softmax_backward_equals_central_differences(rng):
    z, weights = rng.normal(size=(3, 5)), rng.normal(size=(3, 5))
    numeric = central_differences(lambda z: np.sum(weights * forward("softmax", z)), z)
    analytic = backward("softmax", weights, forward("softmax", z))
    np.testing.assert_allclose(analytic, numeric, rtol=1e-6, atol=1e-9)


@pytest.mark.speed
@pytest.mark.parametrize("name", [*BY_HAND, "softmax"])
def test_beats_its_twin(name, rng):
    x = abs(rng.normal(size=(200, 100) if name == "softmax" else 20_000))
    assert speed_ratio(name, (x, np.empty_like(x))) > 10


@pytest.mark.speed
@pytest.mark.parametrize("name", [*ELEMENTWISE, "softmax"])
def test_backward_beats_its_twin(name, rng):
    x = rng.uniform(size=(200, 100) if name == "softmax" else 20_000)
    assert speed_ratio(f"{name}_backward", (x, x, np.empty_like(x))) > 10
