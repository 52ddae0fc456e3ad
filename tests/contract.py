"""What kernel tests share: bounds with their reasons, edge values, timing."""

import time

import numpy as np
from hypothesis import strategies as st

from fastnn import backend

# NaN, infinities, zeros of both signs, subnormals, the largest and the smallest.
EDGES = {
    np.dtype(t): np.array(
        [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5]
        + [
            s * v for s in (1, -1) for v in (f.smallest_subnormal, f.tiny, f.max, f.eps)
        ],
        dtype=t,
    )
    for t in (np.float32, np.float64)
    for f in (np.finfo(t),)
}

# Sizes that hit every path of a blocked loop: none, one, primes, around the blocks.
SIZES = st.sampled_from([0, 1, 2, 3, 5, 7, 8, 9, 13, 16, 17, 23, 31, 33, 37])
DTYPES = st.sampled_from([np.dtype(np.float32), np.dtype(np.float64)])


def on_kernel(name, *arguments):
    """Call the kernel itself; returns None, like every kernel."""
    with backend.use("kernels"):
        return backend.function(name)(*arguments)


def on_twin(name, *arguments):
    """Call its plain-Python twin on the same arrays."""
    return backend.twin(name)(*arguments)


def ulps(actual, exact, dtype):
    """Distance of `actual` from `exact` (float64 or longdouble) in units of `dtype`'s
    last place; 0 where both are NaN or the same infinity."""
    actual = np.asarray(actual, dtype=dtype)
    exact = np.asarray(exact, dtype=np.longdouble)
    with np.errstate(over="ignore"):
        rounded = exact.astype(dtype)
    same = (actual == rounded) | (np.isnan(actual) & np.isnan(rounded))
    with np.errstate(invalid="ignore", over="ignore"):
        # the spacing at the largest finite number stands in for that at infinity
        spacing = np.abs(np.spacing(np.clip(rounded, *_limits(dtype)))).astype("g")
        distance = np.abs(actual.astype("g") - exact) / spacing
    return np.where(same, 0.0, distance).astype(float)


def _limits(dtype):
    top = np.nextafter(np.finfo(dtype).max, 0, dtype=dtype)
    return -top, top


def assert_within_ulps(actual, exact, dtype, limit):
    """Every element within `limit` units in the last place of the exact value."""
    distance = ulps(actual, exact, dtype)
    if distance.size == 0:
        return
    worst = np.argmax(np.where(np.isnan(distance), np.inf, distance))
    assert np.all(distance <= limit), (
        f"{distance.flat[worst]} ulp at index {worst}: got "
        f"{np.asarray(actual).flat[worst]!r}, not {np.asarray(exact).flat[worst]!r}"
    )


def assert_same_sums(actual, expected, k, absolute, dtype):
    """Sums of k products, two orders or roundings: the bound of Higham (2002, 3.1).

    |actual - expected| <= 2 g_k (|a|.|b|), g_k = k eps / (1 - k eps);
    `absolute` is |a|.|b|, the same sum with absolute values.
    """
    eps = np.finfo(dtype).eps / 2  # the unit roundoff
    g = (k + 1) * eps / (1 - (k + 1) * eps)  # + 1: storing the twin's result rounds
    tiny = np.finfo(dtype).smallest_subnormal * (k + 1)
    bound = 2 * g * np.asarray(absolute, float) + tiny
    actual, expected = np.asarray(actual, float), np.asarray(expected, float)
    finite = np.isfinite(expected) & np.isfinite(actual)
    np.testing.assert_array_equal(np.isnan(actual), np.isnan(expected))
    worst = np.max((np.abs(actual - expected) - bound)[finite], initial=0.0)
    assert worst <= 0, f"beyond the bound by {worst}"


def central_differences(f, x, step=1e-6):
    """Gradient of the scalar function f at x (float64): (f(x+h) - f(x-h)) / 2h."""
    x = np.array(x, dtype=np.float64)
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        keep = x[index]
        x[index] = keep + step
        above = f(x)
        x[index] = keep - step
        below = f(x)
        x[index] = keep
        gradient[index] = (above - below) / (2 * step)
    return gradient


def speed_ratio(name, arguments, repeats=5):
    """Time of the twin over time of the kernel, each the best of some runs."""

    def best(call, runs):
        times = []
        for _ in range(runs):
            start = time.perf_counter()
            call(name, *arguments)
            times.append(time.perf_counter() - start)
        return min(times)

    return best(on_twin, 2) / best(on_kernel, repeats)
