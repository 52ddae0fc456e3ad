"""CUBA and COBA: twin, NumPy and kernel side by side, and how the cost grows.

NumPy takes a step of all cells at once, in place, and adds a spike to its targets by
their indices: one call a spike, which is faster than one for all spikes of a step as
long as few cells fire.
"""

import numpy as np
import pytest

import fastnn as fn
from fastnn import neuro

MODELS = {"cuba": neuro.CUBA, "coba": neuro.COBA}
SIZES = {"400 cells, 20 ms": (400, 20.0), "4000 cells, 1 s": (4000, 1000.0)}


class WithNumpy:
    """The same equations and order of work as the kernels."""

    def __init__(self, net, dt=0.1):
        self.net, self.dt = net, dt
        self.state = net._first_state("bench", None, None, None)
        self.free_from = np.zeros(net.n, np.int32)
        self.old = np.empty(net.n)
        self.constants = net._kernel(dt)[1]
        is_cuba = isinstance(net, neuro.CUBA)
        self.move = self.move_cuba if is_cuba else self.move_coba

    def move_cuba(self, v, g_e, g_i):
        keep, keep_e, keep_i, gain_e, gain_i = self.constants
        v -= self.net.E_L
        v *= keep
        v += g_e * gain_e
        v += g_i * gain_i
        v += self.net.E_L
        g_e *= keep_e
        g_i *= keep_i

    def move_coba(self, v, g_e, g_i):
        dt_tau, keep_e, keep_i, mean_e, mean_i, E_e, E_i = self.constants
        e, h = g_e * mean_e, g_i * mean_i
        total = 1.0 + e + h
        target = (self.net.E_L + e * E_e + h * E_i) / total
        v -= target
        v *= np.exp(-dt_tau * total)
        v += target
        g_e *= keep_e
        g_i *= keep_i

    def run(self, T_ms):
        net, (v, g_e, g_i) = self.net, self.state
        refractory, fired = round(net.t_ref / self.dt), []
        for step in range(round(T_ms / self.dt)):
            self.old[:] = v
            self.move(v, g_e, g_i)
            np.copyto(v, self.old, where=self.free_from > step)
            spikes = np.flatnonzero(v > net.V_th)
            v[spikes] = net.V_reset
            self.free_from[spikes] = step + 1 + refractory
            for cell in spikes.tolist():
                targets = net.indices[net.indptr[cell] : net.indptr[cell + 1]]
                if cell < net.n_excitatory:
                    g_e[targets] += net.w_e
                else:
                    g_i[targets] += net.w_i
            fired.append(spikes)
        return np.concatenate(fired)


def through(path, net, T_ms):
    if path == "numpy":
        return lambda: WithNumpy(net).run(T_ms)

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

    def with_numpy():
        rng = np.random.default_rng(0)
        return [np.flatnonzero(rng.random(n - 1) < p) for _ in range(n)]

    build = with_numpy if path == "numpy" else lambda: neuro.CUBA(n, p)
    benchmark.pedantic(build, rounds=5)
