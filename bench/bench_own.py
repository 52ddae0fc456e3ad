"""A loss and a layer of the user's own: by hand and with Tensors, beside the kernels.

pytest bench/bench_own.py

A round is a call of fit with one epoch of 16 batches of 32 samples, 64-32-32-10 in
float32, SGD. `kernels` has leaky_relu, of which the slope is not learnt, in one call.
"""

import numpy as np
import pytest

import fastnn as fn
from fastnn import graph

BATCHES, BATCH = 16, 32


class ByLayers(fn.Dense):
    """A class of one's own: its network runs layer by layer."""


class ByHand(fn.Layer):
    """PReLU with a backward pass of its own."""

    parameter_names = ("slope",)

    def build(self, n_in, rng):
        super().build(n_in, rng)
        self.slope = np.full(n_in, 0.25)

    def forward(self, x, training=False):
        self.x = x
        self.a = np.where(x > 0, x, self.slope * x)
        return self.a

    def backward(self, grad_output):
        below = self.x <= 0
        self.grad_slope = np.sum(grad_output * self.x * below, axis=0)
        return np.where(below, self.slope * grad_output, grad_output)


class WithTensors(fn.TensorLayer):
    """The same, of which the graph finds the backward pass."""

    parameter_names = ("slope",)

    def build(self, n_in, rng):
        super().build(n_in, rng)
        self.slope = np.full(n_in, 0.25)

    def compute(self, x, slope):
        return np.where(x > 0, x, slope * x)


def leaky_relu():
    return fn.Activation("leaky_relu")


RNG = np.random.default_rng(0)
X = RNG.normal(size=(BATCHES * BATCH, 64)).astype(np.float32)
Y = RNG.normal(size=(len(X), 10)).astype(np.float32)


def network(layer, dense=fn.Dense):
    layers = [dense(64, 32), layer(), dense(32, 32), layer(), dense(32, 10)]
    return fn.Network(layers, seed=0)


def epoch(net, loss):
    return net.fit(X, Y, loss=loss, epochs=1, batch_size=BATCH, optimizer="sgd")


def written_out(outputs, y):
    return ((outputs - y) ** 2).mean()


LAYERS = {"kernels": leaky_relu, "by hand": ByHand, "Tensors": WithTensors}
LOSSES = {
    "kernels": "mse", "by layers": "mse", "one node": graph.mse, "Tensors": written_out
}  # fmt: skip


@pytest.mark.parametrize("path", LAYERS)
def bench_own_layer(benchmark, path):
    if path != "kernels":
        found = [epoch(network(layer), "mse") for layer in (LAYERS[path], ByHand)]
        np.testing.assert_allclose(*[history.loss for history in found], rtol=1e-5)
    net = network(LAYERS[path])
    benchmark(epoch, net, "mse")


@pytest.mark.parametrize("path", LOSSES)
def bench_own_loss(benchmark, path):
    found = [epoch(network(leaky_relu), loss) for loss in (LOSSES[path], "mse")]
    np.testing.assert_allclose(*[history.loss for history in found], rtol=1e-5)
    dense = ByLayers if path == "by layers" else fn.Dense
    benchmark(epoch, network(leaky_relu, dense), LOSSES[path])


@pytest.mark.parametrize("path", ["kernels", "graph"])
def bench_network_gradients(benchmark, path):
    """All gradients of one batch: input_gradient, or net.graph and its backward."""
    net, batch = network(leaky_relu), (X[:BATCH], Y[:BATCH])

    def by_graph():
        loss = net.graph(*batch, loss="mse")
        loss.backward()
        return loss

    leaves = graph.leaves(by_graph())
    net.input_gradient(*batch, loss="mse")
    for leaf, expected in zip(leaves.values(), net.gradients(), strict=True):
        np.testing.assert_allclose(leaf.grad, expected, rtol=1e-4, atol=1e-6)
    if path == "graph":
        benchmark(by_graph)
    else:
        benchmark(net.input_gradient, *batch, loss="mse")
