"""A spike along a myelinated axon: twin, NumPy and kernel side by side.

NumPy works on all nodes at once; only the elimination goes from one to the next.
"""

import numpy as np
import pytest

from fastnn import backend, neuro
from fastnn.neuro.space.myelin import gates

PATHS = ["reference", "numpy", "kernel"]
NODES = [41, 1000]
STEPS, DT = 100, 0.001


def with_numpy(v, m, h, nodes, axial, capacitance, leak, sodium, stimulus, V):
    v, m, h, n = v.copy(), m.copy(), h.copy(), len(v)
    w = 2 * capacitance / DT
    fixed = w + leak
    fixed[:-1] += axial
    fixed[1:] += axial
    for k in range(len(V)):
        V[k] = x = v[nodes]
        a_m = (97 + 0.363 * x) / (1 + np.exp((31 - x) / 5.3))
        b_m = a_m * np.exp((23.8 - x) / 4.17)
        b_h = 15.6 / (1 + np.exp((24 - x) / 10))
        a_h = b_h * np.exp((5.5 - x) / 5)
        for gate, a, b in ((m, a_m, b_m), (h, a_h, b_h)):
            end = a / (a + b)
            gate[:] = end + (gate - end) * np.exp(-DT * (a + b))
        g = sodium * m * m * h
        diagonal, right = fixed.copy(), w * v + leak * -0.01
        diagonal[nodes] += g
        right[nodes] += g * 115.0 + stimulus[k]
        for i in range(n - 1):
            factor = axial[i] / diagonal[i]
            diagonal[i + 1] -= factor * axial[i]
            right[i + 1] += factor * right[i]
        right[-1] /= diagonal[-1]
        for i in range(n - 2, -1, -1):
            right[i] = (right[i] + axial[i] * right[i + 1]) / diagonal[i]
        v = 2 * right - v


@pytest.mark.parametrize("nodes", NODES)
@pytest.mark.parametrize("path", PATHS)
def bench_myelinated_axon(benchmark, path, nodes):
    axon = neuro.MyelinatedAxon(n_nodes=nodes)
    at, *chain = axon.chain()
    stimulus, V = np.zeros((STEPS, nodes)), np.empty((STEPS, nodes))
    stimulus[:, 0] = 8.0
    v, scratch = np.zeros(nodes), np.empty(4 * nodes)
    m, h = (np.full(nodes, value) for value in gates(0.0))

    def through(path):
        with backend.use(path):
            function = backend.function("myelinated_axon")
        last = (at, *chain, at, stimulus, V, scratch, 115.0, -0.01, DT, 0, STEPS)
        return lambda: function(v.copy(), m.copy(), h.copy(), *last)

    calls = {
        "reference": through("reference"),
        "kernel": through("kernels"),
        "numpy": lambda: with_numpy(v, m, h, at, *chain, stimulus, V),
    }
    calls["kernel"]()
    expected = V.copy()
    for other in ("numpy", "reference"):
        calls[other]()
        np.testing.assert_allclose(V, expected, rtol=0, atol=1e-9)
    benchmark(calls[path])
