"""How long nodes live, deep graphs, and graphs in several threads."""

import gc
import sys
import threading

import numpy as np
import pytest

from fastnn import graph


@pytest.fixture
def no_gc():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_gc")
def test_nodes_are_freed_at_once(Tensor):
    x = Tensor([1.0, 2.0], "x")
    before = sys.getrefcount(x)
    for use in (
        lambda: (x * x).tanh().sum(),
        lambda: ((x + 1.0) @ (x + 1.0)).backward(),
        lambda: graph.grad(graph.grad(lambda y: y * x[0]))(2.0),
        lambda: graph.hessian(lambda y: (y * y * x).sum())(x),
    ):
        use()
        x.zero_grad()
        assert sys.getrefcount(x) == before


@pytest.mark.slow
def test_a_long_chain_is_walked_and_freed(Tensor):
    length = 1_000_000 if Tensor is graph.tensor.CompiledTensor else 20_000
    found = []

    def chain():
        x = a = Tensor(1.0)
        for _ in range(length):
            a = a + x
        a.backward()
        found.append(x.grad.item())
        a.zero_grad()
        del a
        found.append("freed")

    size = threading.stack_size(128 * 1024)  # a recursion would not come far
    try:
        thread = threading.Thread(target=chain)
        thread.start()
    finally:
        threading.stack_size(size)
    thread.join()
    assert found == [length + 1, "freed"]


@pytest.mark.usefixtures("no_gc")
def test_nodes_are_freed_after_an_error(Tensor):
    x = Tensor([1.0, 2.0], "x")
    before = sys.getrefcount(x)

    def fails(y):
        z = (y * x).sum()
        raise KeyError(z.item())

    for use in (
        lambda: graph.grad(fails)(x),
        lambda: x * [1.0, 2.0, 3.0],
        lambda: (x * x).backward(),
    ):
        with pytest.raises((KeyError, ValueError)):
            use()
        assert sys.getrefcount(x) == before


def work(n, shared, times):
    """A few different graphs over a leaf that other threads use as well."""
    rng = np.random.default_rng(n)
    out = []
    for size in (3, 16, 150):  # the largest lets other threads run while it computes
        x = graph.Tensor(rng.normal(size=(size, 150)))
        for _ in range(times):
            loss = (graph.tanh(x @ shared) ** 2).mean() * (n + 1.0)
            out.append(np.concatenate([g.ravel() for g in loss.gradients([x, shared])]))
            loss = x.softmax().max(axis=1).sum()
            loss.backward()
            out.append(x.grad.copy().ravel())
            loss.zero_grad()
    return out


def test_threads():
    shared = graph.Tensor(np.random.default_rng(9).normal(size=(150, 40)), "shared")
    alone = [work(n, shared, 3) for n in range(4)]
    together = [None] * 4

    def run(n):
        together[n] = work(n, shared, 3)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, other in zip(alone, together, strict=True):
        for x, y in zip(one, other, strict=True):
            np.testing.assert_array_equal(x, y)


def test_threads_add_to_the_gradient_of_one_leaf():
    """All of it arrives: 4 threads, 20 times, of 100,000 elements each."""
    shared = graph.Tensor(np.ones(100_000), "shared")

    def run():
        for _ in range(20):
            (shared * 2.0).sum().backward()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (shared.grad == 160.0).all()
