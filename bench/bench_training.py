"""Training steps: plain Python, NumPy and the kernel side by side.

OPENBLAS_NUM_THREADS=1 pytest bench/bench_training.py

One round is STEPS steps of forward, loss, backward and update on batches of a data set
that is visited in a shuffled order. Every round begins with the same parameters: a
network that has learnt all it can has gradients of 0, Adam's averages then become
subnormal, and these are slow for reasons of their own.

NumPy is written as one would: in place where that is easy, parameters in one block so
that the optimizer's step is a few calls. In small networks its time is that of some
forty calls a step; in large ones that of BLAS.
"""

import math

import numpy as np
import pytest
from contract import on_kernel, on_twin
from programs import training

import fastnn as fn

STEPS, RATE = 20, 1e-3
CASES = {  # network, loss, optimizer, batch size
    "2-16-16-1 tanh b32 SGD": (
        lambda: fn.mlp(2, [16, 16], 1, activation="tanh"),
        "binary_cross_entropy", fn.SGD(RATE), 32,
    ),
    "64-32-10 relu b32 Adam": (
        lambda: fn.mlp(64, [32], 10), "cross_entropy", fn.Adam(RATE), 32,
    ),
    "784-128-10 relu b64 Adam": (
        lambda: fn.mlp(784, [128], 10), "cross_entropy", fn.Adam(RATE), 64,
    ),
}  # fmt: skip


class NumpyTraining:
    """A multi-layer perceptron in NumPy, with SGD or Adam."""

    def __init__(self, network, loss, optimizer):
        self.p = network.flat_parameters.copy()
        self.g = np.empty_like(self.p)
        self.m, self.v = np.zeros_like(self.p), np.zeros_like(self.p)
        self.loss, self.adam, self.t = loss, isinstance(optimizer, fn.Adam), 0
        self.activation = network.layers[0].activation
        self.layers = []
        for layer in network.layers:
            of_layer = []
            for name, start in network.places[layer].items():
                x = getattr(layer, name)
                part = slice(start, start + x.size)
                of_layer += [self.p[part].reshape(x.shape)]
                of_layer += [self.g[part].reshape(x.shape)]
            self.layers.append(of_layer)  # weights, their gradient, bias, its gradient

    def steps(self, x, y, order, batch):
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            self.step(x[rows], y[rows])

    def step(self, x, y):
        inputs = [x]
        for weights, _, bias, _ in self.layers[:-1]:
            a = inputs[-1] @ weights
            a += bias
            relu = self.activation == "relu"
            inputs.append(np.maximum(a, 0, out=a) if relu else np.tanh(a, out=a))
        weights, _, bias, _ = self.layers[-1]
        z = inputs[-1] @ weights
        z += bias
        grad = self.loss_gradient(z, y)
        for index in range(len(self.layers) - 1, -1, -1):
            weights, grad_weights, _, grad_bias = self.layers[index]
            np.matmul(inputs[index].T, grad, out=grad_weights)
            grad.sum(axis=0, out=grad_bias)
            if index:
                a, grad = inputs[index], grad @ weights.T
                grad *= (a > 0) if self.activation == "relu" else 1 - a * a
        self.update()

    def loss_gradient(self, z, y):
        n = len(z)
        if self.loss == "binary_cross_entropy":
            grad = 1 / (1 + np.exp(-z))
            grad -= y
        else:
            z -= z.max(axis=1, keepdims=True)
            grad = np.exp(z, out=z)
            grad /= grad.sum(axis=1, keepdims=True)
            grad[np.arange(n), y] -= 1
        grad /= n
        return grad

    def update(self):
        if not self.adam:
            self.p -= RATE * self.g
            return
        self.t += 1
        self.m *= 0.9
        self.m += 0.1 * self.g
        self.v *= 0.999
        self.v += 0.001 * self.g * self.g
        rate = RATE / (1 - 0.9**self.t)
        unbias = 1 / math.sqrt(1 - 0.999**self.t)
        self.p -= rate * self.m / (np.sqrt(self.v) * unbias + 1e-8)


@pytest.fixture(autouse=True)
def one_thread():
    before = fn.get_num_threads()
    fn.set_num_threads(1)
    yield
    fn.set_num_threads(before)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("path", ["reference", "numpy", "kernel"])
def bench_steps(benchmark, path, case):
    make, loss, optimizer, batch = CASES[case]
    network = make()
    if path == "reference" and network.flat_parameters.size > 1000:
        pytest.skip("plain Python takes seconds here")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, network.n_in))
    y = rng.integers(0, max(network.n_out, 2), 2000)
    order = rng.permutation(2000)[: STEPS * batch]
    rates = np.full(STEPS, RATE)
    make_arguments = lambda: training(  # noqa: E731
        network, x, y, loss, optimizer, rates, batch, order=order
    )

    arguments, by_numpy = make_arguments(), NumpyTraining(network, loss, optimizer)
    target = arguments["labels"] if arguments["y"] is None else arguments["y"]
    on_kernel("train_steps", *arguments.values())
    by_numpy.steps(arguments["x"], target, order, batch)
    moved = by_numpy.p - network.flat_parameters
    assert np.abs(moved).max() > RATE / 10
    error = np.abs(arguments["parameters"] - by_numpy.p)
    # Adam divides a gradient by its size, so that rounding shows where it is near 0
    assert np.median(error) < 1e-3 * np.median(np.abs(moved))

    def begin_again():
        if path == "numpy":
            new = NumpyTraining(network, loss, optimizer)
            return (new.steps, arguments["x"], target, order, batch), {}
        path_to = on_twin if path == "reference" else on_kernel
        return (path_to, "train_steps", *make_arguments().values()), {}

    rounds = 5 if path == "reference" else 30
    benchmark.pedantic(lambda f, *a: f(*a), setup=begin_again, rounds=rounds)
