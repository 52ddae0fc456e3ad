"""The compiled Node beside its twin: the same numbers, and faster."""

import statistics
import time

import numpy as np
import pytest

from fastnn import graph

CompiledTensor, PlainTensor = graph.tensor.CompiledTensor, graph.tensor.PlainTensor
if CompiledTensor is None:
    pytest.skip("this fastnn has no kernels", allow_module_level=True)
CLASSES = {"compiled": CompiledTensor, "twin": PlainTensor}


def layer(Tensor, n=8, dtype=float):
    """((tanh(x @ w + b) - y)^2).mean() and its gradients."""
    rng = np.random.default_rng(0)
    shapes = {"x": (n, n), "w": (n, n), "b": (n,), "y": (n, n)}
    leaves = [Tensor(rng.normal(size=s).astype(dtype), k) for k, s in shapes.items()]
    x, w, b, y = leaves
    loss = ((graph.tanh(x @ w + b) - y) ** 2).mean()
    loss.backward()
    return [loss.data, *[leaf.grad for leaf in leaves]]


@pytest.mark.parametrize("Tensor", CLASSES.values(), ids=CLASSES)
def test_by_hand(Tensor):
    """loss = (w x - y)^2 at w = 3, x = 2, y = 5: 1, and d/dw = 2 (w x - y) x = 4."""
    w = Tensor(3.0, "w")
    loss = (w * 2.0 - 5.0) ** 2
    loss.backward()
    assert (loss.item(), w.grad.item()) == (1.0, 4.0)
    assert [node.op for node in (loss, *loss.inputs, w)] == ["**2", "-", ""]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_layer(dtype):
    for found, expected in zip(
        layer(CompiledTensor, dtype=dtype), layer(PlainTensor, dtype=dtype), strict=True
    ):
        assert found.dtype == expected.dtype == dtype
        bound = 200 * np.finfo(dtype).eps  # sums of up to 64 terms of about 1
        np.testing.assert_allclose(found, expected, rtol=bound, atol=bound)


def seconds(Tensor):
    start = time.perf_counter()
    layer(Tensor)
    return time.perf_counter() - start


@pytest.mark.speed
def test_beats_its_twin():
    ratios = [seconds(PlainTensor) / seconds(CompiledTensor) for _ in range(31)]
    assert statistics.median(ratios) > 2
