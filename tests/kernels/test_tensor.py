"""The compiled Node beside its twin: the same numbers, and faster."""

import platform
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


@pytest.mark.parametrize("n", [91, 200])  # beyond the small arrays that have loops
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_large_layer(n, dtype):
    """Sums of n products, of up to n n elements: bounds of Higham (2002), chapter 4."""
    pairs = zip(
        layer(CompiledTensor, n, dtype), layer(PlainTensor, n, dtype), strict=True
    )
    for found, expected in pairs:
        bound = 4 * n * np.finfo(dtype).eps * np.abs(expected).max()
        np.testing.assert_allclose(found, expected, rtol=0, atol=bound)


@pytest.mark.parametrize("size", [1, 4, 1023, 1024, 1025, 1031, 8193, 262144, 262145])
def test_sums_of_many(size):
    """A block: 256 additions in a row and two more; above it one for each halving."""
    x = np.random.default_rng(size).random(size, dtype=np.float32)
    found = CompiledTensor(x).sum().item()
    steps = 258 + np.log2(size)
    bound = steps * np.finfo(np.float32).eps * x.sum(dtype=np.float64)
    assert abs(found - x.sum(dtype=np.float64)) <= bound


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [3, 20_000])
def test_the_derivative_of_a_square(size, dtype):
    x = np.random.default_rng(0).normal(size=size).astype(dtype)
    weights = np.arange(size, dtype=dtype)
    grads = []
    for Tensor in CLASSES.values():
        leaf = Tensor(x)
        (leaf**2).backward(weights)
        grads.append(leaf.grad)
    np.testing.assert_array_equal(*grads)  # twice a product rounds once
    np.testing.assert_array_equal(grads[0], 2 * (weights * x))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other memory than glibc")
def test_a_pass_finds_its_memory_where_the_one_before_left_it():
    """A fresh page for each 4 KB of all its arrays would be 700 faults."""
    resource = pytest.importorskip("resource")

    def faults():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        layer(CompiledTensor, 256, np.float32)
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    assert statistics.median([faults() for _ in range(21)]) < 70


def seconds(Tensor):
    start = time.perf_counter()
    layer(Tensor)
    return time.perf_counter() - start


@pytest.mark.speed
def test_beats_its_twin():
    ratios = [seconds(PlainTensor) / seconds(CompiledTensor) for _ in range(31)]
    assert statistics.median(ratios) > 2
