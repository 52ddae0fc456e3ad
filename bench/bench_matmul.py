"""Products of matrices: twin, NumPy's BLAS, kernel and torch side by side.

pytest bench/bench_matmul.py --benchmark-group-by=func,param:size
"""

import numpy as np
import pytest
from versus import matmul

import fastnn as fn

# (m, n, k): squares, then the layers of a 784-128-10 network, batch 64 and one sample
SIZES = [(8, 8, 8), (64, 64, 64), (256, 256, 256), (1024, 1024, 1024)]
SIZES += [(64, 128, 784), (128, 256, 256), (64, 10, 128), (1, 128, 784)]
FORMS = {"NN": (False, False), "TN": (True, False), "NT": (False, True)}
LARGEST_FOR_TWIN = 64**3  # more takes the twin seconds


def calls(path, transpose_a, transpose_b):
    """The product as a function of a and b, laid out as the form asks."""
    if path == "numpy":
        return lambda a, b: np.matmul(
            a.T if transpose_a else a, b.T if transpose_b else b
        )
    return lambda a, b: fn.ops.matmul(a, b, transpose_a, transpose_b)


@pytest.mark.parametrize("path", ["reference", "numpy", "kernel"])
@pytest.mark.parametrize("size", SIZES, ids=lambda s: "x".join(map(str, s)))
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("precision", ["float32", "float64"])
def bench_matmul(benchmark, path, size, form, precision):
    m, n, k = size
    if path == "reference" and m * n * k > LARGEST_FOR_TWIN:
        pytest.skip("the twin would take seconds")
    transpose_a, transpose_b = FORMS[form]
    rng = np.random.default_rng(0)
    a = rng.normal(size=(k, m) if transpose_a else (m, k)).astype(precision)
    b = rng.normal(size=(n, k) if transpose_b else (k, n)).astype(precision)
    call = calls(path, transpose_a, transpose_b)
    with fn.use("reference" if path == "reference" else "kernels"):
        expected = calls("numpy", transpose_a, transpose_b)(a.astype(float), b)
        scale = np.sqrt(k) * (1e-5 if precision == "float32" else 1e-13)
        np.testing.assert_allclose(call(a, b), expected, rtol=0, atol=10 * scale)
        benchmark(call, a, b)


@pytest.mark.parametrize("path", ["reference", "numpy", "kernel"])
@pytest.mark.parametrize("size", [(64, 128), (128, 1024)], ids=str)
def bench_column_sums(benchmark, path, size):
    x = np.random.default_rng(0).normal(size=size).astype(np.float32)
    with fn.use("reference" if path == "reference" else "kernels"):
        call = {"numpy": lambda x: x.sum(axis=0)}.get(path, fn.ops.column_sums)
        np.testing.assert_allclose(call(x), x.sum(axis=0, dtype=float), atol=1e-3)
        benchmark(call, x)


@pytest.mark.parametrize("path", ["fastnn", "NumPy", "torch"])
@pytest.mark.parametrize("size", [(16, 16, 16), (128, 256, 256)], ids=str)
@pytest.mark.parametrize("form", matmul.FORMS)
def bench_beside_others(side_by_side, path, form, size):
    side_by_side(matmul.product(size, form, "float32"), path)
