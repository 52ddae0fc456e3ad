"""Activations: time per call of the twin, of NumPy and of the kernel.

pytest bench/bench_activations.py --benchmark-group-by=param:name,param:size
"""

import math

import numpy as np
import pytest
from versus import elementwise

from fastnn import backend

SIZES = [64, 8192, 1_000_000]


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _gelu_tanh(x):
    u = math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)
    return 0.5 * x * (1 + np.tanh(u))


NUMPY = {
    "exp": np.exp,
    "log": np.log,
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "selu": lambda x: 1.0507010 * np.where(x > 0, x, 1.6732632 * np.expm1(x)),
    "gelu": None,  # NumPy has no erf
    "gelu_tanh": _gelu_tanh,
    "silu": lambda x: x * _sigmoid(x),
    "softplus": lambda x: np.logaddexp(0, x),
    "softmax": _softmax,
}
NUMPY_BACKWARD = {
    "sigmoid": lambda grad, a: grad * a * (1 - a),
    "tanh": lambda grad, a: grad * (1 - a * a),
    "relu": lambda grad, a: grad * (a > 0),
    "gelu": None,
    "gelu_tanh": None,
    "silu": lambda grad, z: grad * (s := _sigmoid(z)) * (1 + z * (1 - s)),
    "softmax": lambda grad, a: a * (grad - (grad * a).sum(axis=1, keepdims=True)),
}


def _call(path, name, numpy_version, arguments, out):
    """A function without arguments that fills or returns the result."""
    if path == "numpy":
        if numpy_version is None:
            pytest.skip(f"NumPy has no short form of {name}")
        return lambda: numpy_version(*arguments)
    with backend.use("kernels" if path == "kernel" else "reference"):
        function = backend.function(name)

    def call():
        function(*arguments, out)
        return out

    return call


def _measure(benchmark, path, name, numpy_version, arguments):
    size = arguments[0].size
    if path == "reference" and size > 10_000:
        pytest.skip("the twin is measured on small arrays")
    out = np.empty_like(arguments[0])
    call = _call(path, name, numpy_version, arguments, out)
    result = call().copy()
    _call("kernel", name, None, arguments, out)()
    np.testing.assert_allclose(result, out, rtol=1e-4, atol=1e-5)
    benchmark(call)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", ["reference", "numpy", "kernel"])
@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("name", NUMPY)
def bench_forward(benchmark, name, precision, path, size):
    x = (np.random.default_rng(0).normal(size=size) * 3).astype(precision)
    x = abs(x) if name == "log" else x
    x = x.reshape(-1, 8) if name == "softmax" else x
    _measure(benchmark, path, name, NUMPY[name], [x])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", ["reference", "numpy", "kernel"])
@pytest.mark.parametrize("name", NUMPY_BACKWARD)
def bench_backward(benchmark, name, path, size):
    rng = np.random.default_rng(0)
    saved, grad = rng.uniform(size=(2, size)).astype(np.float32)
    if name == "softmax":
        saved, grad = saved.reshape(-1, 8), grad.reshape(-1, 8)
    _measure(benchmark, path, f"{name}_backward", NUMPY_BACKWARD[name], [grad, saved])


@pytest.mark.parametrize("size", [256, 65_536])
@pytest.mark.parametrize("path", ["fastnn", "NumPy", "torch", "jax"])
@pytest.mark.parametrize("name", elementwise.EXACT)
def bench_beside_others(side_by_side, name, path, size):
    task = elementwise.elementwise(name, size)
    if path not in task.ways:
        pytest.skip(f"{path} has no {name}")
    side_by_side(task, path)
