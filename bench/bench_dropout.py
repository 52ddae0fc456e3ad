"""Dropout and its random words: twin, NumPy and kernel side by side.

NumPy draws from a stream with a state (PCG64), so its numbers are others; it shows
what the same work costs: n random numbers, a comparison and a product.
"""

import numpy as np
import pytest

from fastnn import backend

PATHS = ["reference", "numpy", "kernel"]
SIZES = [1_000, 32_768]
RATE = 0.3


def paths(name, numpy_version, *arguments):
    def through(path):
        with backend.use(path):
            function = backend.function(name)
        return lambda: function(*arguments)

    return {
        "reference": through("reference"),
        "kernel": through("kernels"),
        "numpy": numpy_version,
    }


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", PATHS)
def bench_philox(benchmark, path, size):
    generator = np.random.default_rng(0)
    out = np.empty(size, np.uint32)
    calls = paths(
        "philox",
        lambda: generator.integers(0, 2**32, size, dtype=np.uint32),
        *(1, 2, 3, out),
    )
    calls["reference"]()
    expected = out.copy()
    calls["kernel"]()
    np.testing.assert_array_equal(out, expected)
    benchmark(calls[path])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", PATHS)
def bench_dropout(benchmark, path, size, dtype):
    generator = np.random.default_rng(0)
    x = generator.normal(size=size).astype(dtype)
    out = np.empty_like(x)
    scale = x.dtype.type(1 / (1 - RATE))

    def with_numpy():
        kept = generator.random(size, dtype=np.float32) >= RATE
        np.multiply(x, scale, out=out)
        np.multiply(out, kept, out=out)

    calls = paths("dropout", with_numpy, x, out, RATE, 1, 2, 3)
    calls["reference"]()
    expected = out.copy()
    calls["kernel"]()
    np.testing.assert_array_equal(out, expected)
    benchmark(calls[path])
