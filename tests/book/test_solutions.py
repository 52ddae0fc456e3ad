"""Solutions that write out what the library does compute what the library computes."""

import numpy as np
import pytest

import fastnn as fn
from fastnn.book import practice


def network(X, *parameters, activations):
    """A network in float64 with these weights and biases, in turn."""
    pairs = list(zip(parameters[::2], parameters[1::2], strict=True))
    layers = [
        fn.Dense(*weights.shape, activation)
        for (weights, _), activation in zip(pairs, activations, strict=True)
    ]
    net = fn.Network(layers, dtype="float64")
    for layer, (weights, bias) in zip(net.layers, pairs, strict=True):
        layer.weights, layer.bias = weights, bias
    return net


def n_parameters(sizes):
    net = fn.mlp(n_in=sizes[0], hidden=sizes[1:-1], n_out=sizes[-1], seed=0)
    return sum(p.size for p in net.parameters())


def forward(X, W1, b1, W2, b2):
    hidden = fn.ops.dense(X, W1, b1, activation="relu")
    return fn.ops.dense(hidden, W2, b2)


def parity_weights(n):
    counts = np.arange(n + 1.0)  # 0 to n ones
    folds = fn.ops.relu(counts[1:, None] - np.arange(n))  # (n, n): count, neuron
    return np.linalg.solve(folds, np.arange(1, n + 1) % 2.0)


def merge(W1, b1, W2, b2):
    return fn.ops.matmul(W1, W2), fn.ops.dense(b1[None], W2, b2)[0]


def gradients(X, y, W1, b1, W2, b2):
    net = network(X, W1, b1, W2, b2, activations=("tanh", "identity"))
    net.input_gradient(X, y[:, None], loss="binary_cross_entropy")
    return [g for layer in net.layers for g in (layer.grad_weights, layer.grad_bias)]


def weight_gradients(X, weights, grad_output):
    inputs = [X]
    for W in weights:
        inputs.append(fn.ops.tanh(inputs[-1] @ W))
    grad, found = grad_output, []
    for below, a, W in zip(inputs[-2::-1], inputs[:0:-1], weights[::-1], strict=True):
        grad_z = fn.ops.tanh_backward(grad, a)
        found.append(below.T @ grad_z)
        grad = grad_z @ W.T
    return found[::-1]


def batch_norm(x, gamma, beta, eps):
    d = x.shape[1]
    return fn.ops.batch_norm(x, gamma, beta, np.zeros(d), np.ones(d), eps=eps)[0]


def adam_step(w, g, m, s, t, learning_rate):
    w, m, s = w.copy(), m.copy(), s.copy()
    fn.ops.adam_update(w, g, m, s, step=t, learning_rate=learning_rate)
    return w, m, s


def log_sum_exp(z):
    losses = [fn.ops.cross_entropy(row[None], [0])[0] for row in z]  # minus z[:, 0]
    return np.array(losses) + z[:, 0]


LIBRARY = {
    "0.3": n_parameters,
    "5.1": forward,
    "5.2": parity_weights,
    "5.3": merge,
    "5.7": gradients,
    "6.1": weight_gradients,
    "6.4": batch_norm,
    "6.7": adam_step,
    "7.7": log_sum_exp,
    "8.2": lambda sizes, bytes_a_number: n_parameters(sizes) * bytes_a_number,
    "8.5": lambda x, kernel: np.correlate(x, kernel, mode="valid"),
}


@pytest.mark.parametrize("number", LIBRARY)
def test_the_solution_agrees_with_the_library(number):
    one = practice.exercise(number)
    for case in one.cases():
        found, expected = one.solution(*case), LIBRARY[number](*case)
        if not isinstance(expected, (tuple, list)):
            found, expected = [found], [expected]
        for mine, right in zip(found, expected, strict=True):
            np.testing.assert_allclose(mine, right, rtol=1e-9, atol=1e-12)
