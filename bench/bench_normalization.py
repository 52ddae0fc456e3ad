"""Batch and layer normalisation: twin, NumPy and kernel side by side.

NumPy walks over the batch once for every operation, six times forward; the kernel
three times, a block of columns or a row at a time, which then waits in the cache.
"""

import numpy as np
import pytest

from fastnn import backend

PATHS = ["reference", "numpy", "kernel"]
SHAPES = [(64, 32), (128, 256)]
EPS = 1e-5


def arrays(shape, dtype, axis):
    """x, grad_output, gamma, beta, mean, inv_std, out, two gradients of (d,)."""
    rng = np.random.default_rng(0)
    x, g, out = rng.normal(size=(3, *shape)).astype(dtype)
    gamma, beta, grad_gamma, grad_beta = rng.normal(size=(4, shape[1])).astype(dtype)
    mean, inv_std = x.mean(axis), 1 / np.sqrt(x.var(axis) + x.dtype.type(EPS))
    return x, g, gamma, beta, mean, inv_std, out, grad_gamma, grad_beta


def forward_in_numpy(x, gamma, beta, axis):
    mean, var = x.mean(axis, keepdims=True), x.var(axis, keepdims=True)
    return (x - mean) / np.sqrt(var + EPS) * gamma + beta


def backward_in_numpy(g, x, gamma, mean, inv_std, axis):
    """grad_input, grad_gamma, grad_beta."""
    xhat = (x - mean) * inv_std
    h = g * gamma
    mean_h = h.mean(axis, keepdims=True)
    mean_hx = (h * xhat).mean(axis, keepdims=True)
    return inv_std * (h - mean_h - xhat * mean_hx), (g * xhat).sum(0), g.sum(0)


def run(benchmark, path, name, arguments, with_numpy, out):
    """Check the kernel against NumPy and its twin once, then time one of them."""

    def kernel_or_twin(which):
        with backend.use(which):
            function = backend.function(name)
        return lambda: function(*arguments)

    calls = {
        "reference": kernel_or_twin("reference"),
        "kernel": kernel_or_twin("kernels"),
        "numpy": with_numpy,
    }
    calls["reference"]()
    expected = out.copy()
    out.fill(np.nan)
    calls["kernel"]()
    np.testing.assert_array_equal(out, expected)
    numpys = with_numpy()
    numpys = numpys[0] if isinstance(numpys, tuple) else numpys
    # a different formula: a sanity check, the bounds stand in tests/kernels
    np.testing.assert_allclose(out, numpys, rtol=1e-3, atol=1e-3)
    benchmark(calls[path])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("path", PATHS)
def bench_batch_norm_forward(benchmark, path, shape, dtype):
    x, _, gamma, beta, mean, inv_std, out, running_mean, running_var = arrays(
        shape, dtype, 0
    )
    arguments = x, gamma, beta, running_mean, running_var, 0.1, EPS, mean, inv_std, out

    def with_numpy():
        return forward_in_numpy(x, gamma, beta, 0)

    run(benchmark, path, "batch_norm_forward", arguments, with_numpy, out)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("path", PATHS)
def bench_batch_norm_inference(benchmark, path, shape, dtype):
    x, _, gamma, beta, mean, inv_std, out, *_ = arrays(shape, dtype, 0)
    arguments = x, gamma, beta, mean, inv_std, EPS, out

    def with_numpy():
        return (x - mean) / np.sqrt(inv_std + EPS) * gamma + beta

    run(benchmark, path, "batch_norm_inference", arguments, with_numpy, out)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("path", PATHS)
def bench_batch_norm_backward(benchmark, path, shape, dtype):
    x, g, gamma, _, mean, inv_std, out, *gradients = arrays(shape, dtype, 0)
    arguments = g, x, gamma, mean, inv_std, *gradients, out

    def with_numpy():
        return backward_in_numpy(g, x, gamma, mean, inv_std, 0)

    run(benchmark, path, "batch_norm_backward", arguments, with_numpy, out)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("path", PATHS)
def bench_layer_norm_forward(benchmark, path, shape, dtype):
    x, _, gamma, beta, mean, inv_std, out, *_ = arrays(shape, dtype, 1)

    def with_numpy():
        return forward_in_numpy(x, gamma, beta, 1)

    arguments = x, gamma, beta, EPS, mean, inv_std, out
    run(benchmark, path, "layer_norm_forward", arguments, with_numpy, out)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("path", PATHS)
def bench_layer_norm_backward(benchmark, path, shape, dtype):
    x, g, gamma, _, mean, inv_std, out, *gradients = arrays(shape, dtype, 1)

    def with_numpy():
        return backward_in_numpy(g, x, gamma, mean[:, None], inv_std[:, None], 1)

    arguments = g, x, gamma, mean, inv_std, *gradients, out
    run(benchmark, path, "layer_norm_backward", arguments, with_numpy, out)
