"""A whole network on many rows: plain Python, NumPy and the kernel side by side.

pytest bench/bench_program.py

NumPy is written as one would: a product, a bias and an activation in place for each
layer. It calls BLAS, whose products are the fastest there are on large matrices; the
kernel keeps 256 rows in cache through all layers, and needs no pass of its own for
bias and activation.
"""

import numpy as np
import pytest
from contract import on_kernel, on_twin
from programs import inference
from versus import predict

import fastnn as fn

NETS = {
    "2-16-16-1": lambda: fn.mlp(2, [16, 16], 1, activation="tanh"),
    "64-32-10": lambda: fn.mlp(64, [32], 10),
    "784-128-10": lambda: fn.mlp(784, [128], 10),
}


def numpy_infer(layers, x):
    """layers: (weights, bias, activation) of each."""
    for weights, bias, activation in layers:
        x = x @ weights
        x += bias
        if activation == "relu":
            np.maximum(x, 0, out=x)
        elif activation == "tanh":
            np.tanh(x, out=x)
    return x


@pytest.mark.parametrize("rows", [1, 64, 10_000])
@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("path", ["reference", "numpy", "kernel"])
def bench_infer(benchmark, path, net, rows):
    network = NETS[net]()
    if path == "reference" and rows * network.flat_parameters.size > 200_000:
        pytest.skip("plain Python takes too long here")
    x = np.random.default_rng(0).normal(size=(rows, network.n_in))
    arguments = inference(network, x, min(rows, 256))
    x, out = arguments[4:6]
    layers = [(d.weights, d.bias, d.activation) for d in network.layers]
    on_kernel("infer", *arguments)
    np.testing.assert_allclose(out, numpy_infer(layers, x), rtol=1e-3, atol=1e-4)

    if path == "numpy":
        benchmark(numpy_infer, layers, x)
    else:
        benchmark(on_twin if path == "reference" else on_kernel, "infer", *arguments)


@pytest.mark.parametrize("rows", [1, 10_000])
@pytest.mark.parametrize("path", ["fastnn", "NumPy", "torch", "jax", "sklearn"])
def bench_predict(side_by_side, path, rows):
    """`net.predict`, checks and choice of a class included."""
    side_by_side(predict.predict(rows), path)
