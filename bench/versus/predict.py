"""Predicting classes with 784-128-10: one sample, a few, ten thousand."""

from functools import partial

import numpy as np

import fastnn as fn

from . import pages, quiet
from .task import OURS, Task, Way, measure

NAME, TITLE = "predict", "Predicting"
WIDTHS = (784, 128, 10)
GOALS = {1: 0.4, 10_000: 0.9}


def tasks(sizes=(1, 64, 10_000)):
    for size in sizes:
        yield predict(size)


def predict(size):
    net = fn.mlp(WIDTHS[0], WIDTHS[1:-1], WIDTHS[-1], seed=0)
    X = np.random.default_rng(0).standard_normal((size, WIDTHS[0]), dtype=np.float32)
    layers = [(layer.weights, layer.bias) for layer in net.layers]
    (w1, b1), (w2, b2) = [(w.astype(np.float64), b) for w, b in layers]
    logits = np.maximum(X @ w1 + b1, 0) @ w2 + b2

    def agree(result):
        """The chosen class is the best, up to rounding (1e-7 of sums of size 1)."""
        chosen = logits[np.arange(size), np.asarray(result).reshape(-1)]
        assert np.all(chosen >= logits.max(axis=1) - 1e-4)

    def ours():
        run = partial(net.predict, X)
        return Way(run, run)

    def by_numpy():
        (w1, b1), (w2, b2) = layers
        hidden = np.empty((size, WIDTHS[1]), np.float32)
        z = np.empty((size, WIDTHS[2]), np.float32)

        def run():
            np.dot(X, w1, out=hidden)
            np.add(hidden, b1, hidden)
            np.maximum(hidden, 0, out=hidden)
            np.dot(hidden, w2, out=z)
            np.add(z, b2, z)
            return z.argmax(axis=1)

        return Way(run, run)

    def by_torch():
        torch = quiet.import_torch()
        x = torch.from_numpy(X)
        parameters = [torch.from_numpy(p) for pair in layers for p in pair]
        w1, b1, w2, b2 = parameters

        def run():
            with torch.inference_mode():
                hidden = torch.addmm(b1, x, w1).relu_()
                return torch.addmm(b2, hidden, w2).argmax(dim=1)

        return Way(run, lambda: run().numpy())

    def by_jax():
        jax = quiet.import_jax()
        import jax.numpy as jnp

        @jax.jit
        def call(layers, x):
            (w1, b1), (w2, b2) = layers
            return jnp.argmax(jax.nn.relu(x @ w1 + b1) @ w2 + b2, axis=1)

        x, parameters = jnp.array(X), jax.tree.map(jnp.array, layers)

        def run():
            return call(parameters, x).block_until_ready()

        return Way(run, lambda: np.asarray(run()))

    def by_sklearn():
        from sklearn.neural_network import MLPClassifier

        model = MLPClassifier(WIDTHS[1:-1])
        model.partial_fit(X, np.zeros(size, int), classes=range(WIDTHS[-1]))
        model.coefs_ = [weights for weights, _ in layers]
        model.intercepts_ = [bias for _, bias in layers]
        run = partial(model.predict, X)
        return Way(run, run)

    ways = {OURS: ours, "NumPy": by_numpy, "torch": by_torch, "jax": by_jax,
            "sklearn": by_sklearn}  # fmt: skip
    samples = "one sample" if size == 1 else f"{size:,} samples"
    return Task(f"predict {samples}, 784-128-10", ways, agree, GOALS.get(size))


def run(quick=False):
    return [measure(task, 0.3 if quick else 1.0) for task in tasks()]


def blocks(records):
    return {NAME: pages.side_by_side(records)}
