"""Losses with their gradients: plain Python, NumPy and the kernel side by side.

pytest bench/bench_losses.py --benchmark-group-by=func,param:name,param:size
"""

import numpy as np
import pytest
from contract import on_kernel, on_twin
from versus import losses


def numpy_cross_entropy(z, y):
    i = np.arange(len(z))
    z = z - z.max(axis=1, keepdims=True)
    grad = np.exp(z)
    sums = grad.sum(axis=1, keepdims=True)
    loss = (np.log(sums[:, 0]) - z[i, y]).mean()
    grad /= sums
    grad[i, y] -= 1
    grad /= len(z)
    return loss, grad


def numpy_binary_cross_entropy(z, y):
    e = np.exp(-np.abs(z))
    loss = (np.maximum(z, 0) - z * y + np.log1p(e)).mean()
    return loss, (np.where(z < 0, e, 1) / (1 + e) - y) / z.size


def numpy_mse(z, y):
    d = z - y
    return (d * d).mean(), d * (2 / z.size)


def numpy_huber(z, y):
    d = z - y
    size = np.abs(d)
    loss = np.where(size <= 1, 0.5 * d * d, size - 0.5).mean()
    return loss, np.clip(d, -1, 1) / z.size


def numpy_hinge_multiclass(z, y):
    i = np.arange(len(z))
    others = z.copy()
    others[i, y] = -np.inf
    rival = others.argmax(axis=1)
    margin = 1 + others[i, rival] - z[i, y]
    grad = np.zeros_like(z)
    grad[i, rival] = margin > 0
    grad[i, y] = -grad[i, rival]
    return np.maximum(margin, 0).mean(), grad / len(z)


NUMPY = {
    "cross_entropy": numpy_cross_entropy,
    "binary_cross_entropy": numpy_binary_cross_entropy,
    "mse": numpy_mse,
    "huber": numpy_huber,
    "hinge_multiclass": numpy_hinge_multiclass,
}


@pytest.mark.parametrize("size", [(32, 10), (1000, 10), (100, 1000)], ids=str)
@pytest.mark.parametrize("name", NUMPY)
@pytest.mark.parametrize("path", ["reference", "numpy", "kernel"])
def bench_loss(benchmark, path, name, size):
    rng = np.random.default_rng(0)
    z = rng.normal(size=size).astype(np.float32)
    if name in ("cross_entropy", "hinge_multiclass"):
        y = rng.integers(0, size[1], size[0])
    else:
        y = rng.uniform(size=size).astype(np.float32)
    row_loss, grad = np.empty(size[0]), np.empty_like(z)

    expected_loss, expected_grad = NUMPY[name](z, y)
    on_kernel(name, z, y, None, row_loss, grad)
    assert row_loss.sum() == pytest.approx(expected_loss, rel=1e-5)
    np.testing.assert_allclose(grad, expected_grad, rtol=1e-4, atol=1e-7)

    if path == "numpy":
        benchmark(NUMPY[name], z, y)
    else:
        call = on_twin if path == "reference" else on_kernel
        benchmark(call, name, z, y, None, row_loss, grad)


@pytest.mark.parametrize("size", losses.SIZES, ids=str)
@pytest.mark.parametrize("path", ["fastnn", "NumPy", "torch", "jax"])
def bench_beside_others(side_by_side, path, size):
    side_by_side(losses.cross_entropy(size), path)
