"""CUBA and COBA: twin, NumPy and kernel side by side, and how the cost grows."""

import numpy as np
import pytest
from versus import neuro_by_numpy

import fastnn as fn
from fastnn import neuro

MODELS = {"cuba": neuro.CUBA, "coba": neuro.COBA}
SIZES = {"400 cells, 20 ms": (400, 20.0), "4000 cells, 1 s": (4000, 1000.0)}


def through(path, net, T_ms):
    if path == "numpy":
        return lambda: neuro_by_numpy.NetworkWithNumpy(net).run(T_ms)[1]

    def run():
        with fn.use("kernels" if path == "kernel" else path):
            return net.run(T_ms).spikes[1]

    return run


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", ["reference", "numpy", "kernel"])
@pytest.mark.parametrize("model", MODELS)
def bench_network(benchmark, model, path, size):
    n, T_ms = SIZES[size]
    if path == "reference" and n > 1000:
        pytest.skip("the twin takes a minute here")
    net = MODELS[model](n)
    # the order of additions differs where two spikes of a step meet in a cell, so a
    # spike may move after a long time; the first 20 ms are the same
    short = min(T_ms, 20.0)
    expected = through("kernel", net, short)()
    assert len(expected) > 10
    np.testing.assert_array_equal(through(path, net, short)(), expected)
    benchmark.pedantic(through(path, net, T_ms), rounds=3 if n > 1000 else 10)


@pytest.mark.parametrize("n", [1000, 2000, 4000, 8000, 16000])
def bench_growth_with_cells(benchmark, n):
    """80 synapses a cell: the time of a second should grow as n does."""
    net = neuro.CUBA(n, p=80 / n)
    benchmark.pedantic(lambda: net.run(1000.0), rounds=3)


@pytest.mark.parametrize("per_cell", [80, 160, 320, 640])
def bench_growth_with_synapses(benchmark, per_cell):
    """Events alone: cells that fire at a fixed pace, whose synapses have no weight."""
    net = neuro.CUBA(4000, p=per_cell / 4000, E_L=-45.0, w_e=0.0, w_i=0.0)
    benchmark.pedantic(lambda: net.run(200.0), rounds=3)


@pytest.mark.parametrize("path", ["numpy", "fastnn"])
def bench_building(benchmark, path):
    """320,000 synapses; NumPy asks each of the 16 million pairs, a row at a time."""
    n, p = 4000, 0.02
    with_numpy = lambda: neuro_by_numpy.connections(n, p)  # noqa: E731
    build = with_numpy if path == "numpy" else lambda: neuro.CUBA(n, p)
    benchmark.pedantic(build, rounds=5)
