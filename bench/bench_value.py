"""Value: time of a training step of a small network, number by number.

pytest bench/bench_value.py

`bench_one_sample` is micrograd's example, beside micrograd and torch as in `make bench`
(versus/graph.py). In `bench_step` the network is 2-16-16-1 with tanh, 20 samples, a
hinge loss: 25,000 nodes. `closures` is how such a class is usually written, in the
manner of Karpathy's micrograd (2020): each operation leaves a function behind that
knows how to send the gradient back.
"""

import itertools
import math
import random

import pytest
from versus import graph as peers

from fastnn import backend, graph, use

SIZES = [2, 16, 16, 1]


class Closures:
    """A Value with closures, as far as the bench needs it."""

    def __init__(self, data, inputs=(), backward=lambda: None):
        self.data, self.grad = data, 0.0
        self.inputs, self.send_back = inputs, backward

    def __add__(self, other):
        other = other if isinstance(other, Closures) else Closures(other)
        out = Closures(self.data + other.data, (self, other))

        def send_back():
            self.grad += out.grad
            other.grad += out.grad

        out.send_back = send_back
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Closures) else Closures(other)
        out = Closures(self.data * other.data, (self, other))

        def send_back():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out.send_back = send_back
        return out

    def tanh(self):
        out = Closures(math.tanh(self.data), (self,))

        def send_back():
            self.grad += (1 - out.data**2) * out.grad

        out.send_back = send_back
        return out

    def relu(self):
        out = Closures(max(self.data, 0.0), (self,))

        def send_back():
            self.grad += (out.data > 0) * out.grad

        out.send_back = send_back
        return out

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, finished = stack.pop()
            if finished:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((x, False) for x in node.inputs)
        self.grad = 1.0
        for node in reversed(order):
            node.send_back()

    def zero_grad(self):
        self.grad = 0.0

    __radd__, __rmul__ = __add__, __mul__


def value_class(path):
    if path == "closures":
        return Closures
    if path == "kernel" and backend.compiled("value") is None:
        pytest.skip("this fastnn has no compiled Value")
    with use("kernels" if path == "kernel" else "reference"):
        return graph.Value


def network(Value, n_samples=20, seed=0):
    """Layers of (weights, bias) for each unit, and rows with their labels -1 or 1."""
    rng = random.Random(seed)

    def unit(n_in):
        return [Value(rng.uniform(-1, 1)) for _ in range(n_in)], Value(0.0)

    layers = [
        [unit(n_in) for _ in range(n_out)] for n_in, n_out in itertools.pairwise(SIZES)
    ]
    rows = [[rng.uniform(-1, 1) for _ in range(SIZES[0])] for _ in range(n_samples)]
    return layers, rows, [rng.choice([-1.0, 1.0]) for _ in rows]


def step(Value, layers, rows, labels):
    """Forward and backward over all samples; the loss."""
    loss = Value(0.0)
    for row, label in zip(rows, labels, strict=True):
        a = row
        for layer in layers:
            z = []
            for weights, bias in layer:
                total = bias
                for weight, x in zip(weights, a, strict=True):
                    total = total + weight * x
                z.append(total)
            a = z if layer is layers[-1] else [x.tanh() for x in z]
        loss = loss + (a[0] * -label + 1.0).relu()
    for layer in layers:
        for weights, bias in layer:
            for parameter in (*weights, bias):
                parameter.zero_grad()
    loss.backward()
    return loss


@pytest.mark.parametrize("path", ["closures", "reference", "kernel"])
def bench_step(benchmark, path):
    Value = value_class(path)
    with use("reference"):
        twin = graph.Value
    layers, rows, labels = network(Value)
    of_twin, _, _ = network(twin)
    found, expected = (
        step(Value, layers, rows, labels),
        step(twin, of_twin, rows, labels),
    )
    assert found.data == pytest.approx(expected.data, rel=1e-12)
    weight, of_twin = layers[0][0][0][0], of_twin[0][0][0][0]
    assert weight.grad == pytest.approx(of_twin.grad, rel=1e-9)
    benchmark(step, Value, layers, rows, labels)


def by_twin():
    with use("reference"):
        return peers.one_sample(graph.Value)


ONE_SAMPLE = {"reference": by_twin, **peers.SCALARS}


@pytest.mark.parametrize("path", ONE_SAMPLE)
def bench_one_sample(side_by_side, path):
    side_by_side(peers.scalar_task(ONE_SAMPLE, "written as sums"), path)


def class_by_twin():
    with use("reference"):
        return peers.our_class()


BY_CLASS = {"reference": class_by_twin, **peers.CLASSES}


@pytest.mark.parametrize("path", BY_CLASS)
def bench_one_sample_of_a_class(side_by_side, path):
    side_by_side(peers.scalar_task(BY_CLASS, "the library's MLP"), path)


@pytest.mark.parametrize("path", ["reference", "kernel"])
@pytest.mark.parametrize("size", [10_000, 1_000_000])
def bench_chain(benchmark, path, size):
    """backward through a chain of nodes, each computed from the one before."""
    if path == "reference" and size > 10_000:
        pytest.skip("the twin is measured on short chains")
    Value = value_class(path)
    x = a = Value(1.0)
    for _ in range(size):
        a = a + x
    a.backward()
    assert x.grad == size + 1
    benchmark(a.backward)
