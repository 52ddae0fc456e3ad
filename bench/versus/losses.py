"""Softmax and cross-entropy with its gradient, float32."""

from functools import partial

import numpy as np

from . import pages, quiet
from .task import OURS, Task, Way, measure

NAME, TITLE = "losses", "Softmax and cross-entropy, with the gradient"
SIZES = ((32, 10), (1000, 10), (100, 1000))
GOALS = {(1000, 10): 0.4}


def tasks(sizes=SIZES):
    for size in sizes:
        yield cross_entropy(size)


def by_hand(z, y, rows, p, column):
    """(mean loss, gradient), every array in place."""
    np.maximum.reduce(z, axis=1, keepdims=True, out=column)
    np.subtract(z, column, p)
    right = p[rows, y]
    np.exp(p, p)
    np.add.reduce(p, axis=1, keepdims=True, out=column)
    p /= column
    p[rows, y] -= 1
    p /= len(y)
    np.log(column, column)
    return (np.add.reduce(column, axis=None) - np.add.reduce(right)) / len(y), p


def cross_entropy(size):
    rng = np.random.default_rng(0)
    z = rng.standard_normal(size).astype(np.float32)
    y = rng.integers(0, size[1], size[0])
    rows = np.arange(len(y))
    buffers = np.empty(size), np.empty((len(y), 1))
    exact_loss, exact_grad = by_hand(z.astype(np.float64), y, rows, *buffers)

    def agree(result):
        loss, grad = result
        # a sum of up to 1000 terms in float32, and a probability / n_samples
        np.testing.assert_allclose(loss, exact_loss, rtol=1e-5)
        np.testing.assert_allclose(grad, exact_grad, rtol=1e-5, atol=1e-6 / len(y))

    def ours():
        import fastnn as fn

        run = partial(fn.ops.cross_entropy, z, y)
        return Way(run, run)

    def by_numpy():
        run = partial(by_hand, z, y, rows, np.empty_like(z),
                      np.empty((len(y), 1), z.dtype))  # fmt: skip
        return Way(run, run)

    def by_torch():
        torch = quiet.import_torch()
        logits = torch.from_numpy(z).requires_grad_()
        target = torch.from_numpy(y)

        def run():
            loss = torch.nn.functional.cross_entropy(logits, target)
            (grad,) = torch.autograd.grad(loss, logits)
            return loss, grad

        return Way(run, lambda: [x.detach().numpy() for x in run()])

    def by_jax():
        jax = quiet.import_jax()

        def mean_loss(logits, target):  # one_hot: quicker here than an index
            right = (logits * jax.nn.one_hot(target, size[1])).sum(axis=1)
            return (jax.nn.logsumexp(logits, axis=1) - right).mean()

        call = jax.jit(jax.value_and_grad(mean_loss))
        given = jax.device_put(z), jax.device_put(y.astype(np.int32))

        def run():
            return jax.block_until_ready(call(*given))

        return Way(run, lambda: [np.asarray(x) for x in run()])

    ways = {OURS: ours, "NumPy": by_numpy, "torch": by_torch, "jax": by_jax}
    return Task(f"{size[0]} × {size[1]}", ways, agree, GOALS.get(size))


def run(quick=False):
    return [measure(task, 0.1 if quick else 0.5) for task in tasks()]


def blocks(records):
    return {NAME: pages.side_by_side(records, "logits", ("NumPy", "torch", "jax"))}
