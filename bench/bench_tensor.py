"""Tensor: forward and backward of ((tanh(x @ w + b) - y)^2).mean().

pytest bench/bench_tensor.py

`numpy` is the same by hand: what the graph saves is the thinking, and a share of the
time that NumPy takes to be called.
"""

import numpy as np
import pytest

from fastnn import graph

PATHS = {"kernel": graph.tensor.CompiledTensor, "reference": graph.tensor.PlainTensor}


def arrays(n):
    rng = np.random.default_rng(0)
    return [rng.normal(size=size) for size in ((n, n), (n, n), (n,), (n, n))]


def by_hand(x, w, b, y):
    a = np.tanh(x @ w + b)
    difference = a - y
    loss = (difference * difference).mean()
    grad_a = difference * (2.0 / difference.size)
    grad_z = grad_a * (1.0 - a * a)
    return loss, [grad_z @ w.T, x.T @ grad_z, grad_z.sum(axis=0), -grad_a]


def by_graph(x, w, b, y):
    loss = ((graph.tanh(x @ w + b) - y) ** 2).mean()
    return loss, loss.gradients([x, w, b, y])


@pytest.mark.parametrize("path", ["reference", "numpy", "kernel"])
@pytest.mark.parametrize("size", [8, 64, 256])
def bench_layer(benchmark, path, size):
    given = arrays(size)
    loss, gradients = by_hand(*given)
    if path == "numpy":
        benchmark(by_hand, *given)
        return
    if PATHS[path] is None:
        pytest.skip("this fastnn has no compiled Node")
    leaves = [PATHS[path](x) for x in given]
    found, found_gradients = by_graph(*leaves)
    assert found.item() == pytest.approx(loss.item(), rel=1e-12)
    for one, other in zip(found_gradients, gradients, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
    benchmark(by_graph, *leaves)
