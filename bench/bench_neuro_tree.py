"""Branched neurons: twin, NumPy and kernel side by side.

pytest bench/bench_neuro_tree.py

A binary tree of sections of 10 compartments, all with the channels of Hodgkin and
Huxley. NumPy solves the system as a dense one, or eliminates a level of the tree at a
time. The kernel's bench of a run, 100 ms at 0.025 ms, is linear in the number of
compartments.
"""

import numpy as np
import pytest
from versus.neuro_by_numpy import TreeWithNumpy

from fastnn import backend, neuro

PATHS = ["reference", "numpy", "kernel"]
DT, STEPS = 0.025, 20


def tree(n_compartments):
    sections = [
        neuro.Section(
            f"s{i}", 100, 2, parent=f"s{(i - 1) // 2}" if i else None, channels="hh",
            n_compartments=10,
        )
        for i in range(n_compartments // 10)
    ]  # fmt: skip
    return neuro.Tree(sections)


def dense_matrix(grid):
    matrix = np.diag(grid.membrane[1])
    inner = np.arange(1, grid.n_nodes)
    matrix[inner, grid.parent[1:]] = matrix[grid.parent[1:], inner] = -grid.axial[1:]
    return matrix


@pytest.mark.parametrize("size", [100, 1_000])
@pytest.mark.parametrize("path", PATHS)
def bench_hines_solve(benchmark, path, size):
    grid = tree(size).grid
    matrix = dense_matrix(grid)
    current = np.random.default_rng(0).normal(size=grid.n_nodes)
    diagonal, V = np.empty(grid.n_nodes), np.empty(grid.n_nodes)

    def solved():
        diagonal[:], V[:] = grid.membrane[1], current
        solve(grid.parent, grid.axial, diagonal, V)
        return V

    if path == "numpy":
        solved = lambda: np.linalg.solve(matrix, current)  # noqa: E731
    else:
        with backend.use("kernels" if path == "kernel" else path):
            solve = backend.function("hines_solve")
    np.testing.assert_allclose(
        matrix @ solved(), current, atol=1e-9 * np.abs(matrix).max()
    )
    benchmark(solved)


@pytest.mark.parametrize("size", [100])
@pytest.mark.parametrize("path", PATHS)
def bench_tree_steps(benchmark, path, size):
    model = tree(size)
    options = {"stimulus": 3.0, "V_init": -65.0, "method": "implicit_euler"}

    by_numpy, sent = TreeWithNumpy(model), {("s0", 0.0): np.full(STEPS, 3.0)}
    with_numpy = lambda: by_numpy.run(STEPS * DT, DT, sent)  # noqa: E731

    def run():
        if path == "numpy":
            return with_numpy()
        with backend.use("kernels" if path == "kernel" else path):
            return model.run(STEPS * DT, DT, **options).V

    np.testing.assert_allclose(run(), with_numpy(), atol=1e-7)
    benchmark(run)


@pytest.mark.parametrize("size", [250, 500, 1_000, 2_000, 4_000])
def bench_run_of_100_ms(benchmark, size):
    model = tree(size)
    stimulus = neuro.step(5, start_ms=1, stop_ms=99)
    run = lambda: model.run(100, DT, stimulus, record="s0")  # noqa: E731
    assert len(run().spike_times[0]) >= 1
    benchmark.pedantic(run, rounds=5)


@pytest.mark.parametrize("n_synapses", [1_000, 10_000, 100_000])
def bench_synapses_at_1_hz_for_a_second(benchmark, n_synapses):
    sections = [neuro.Section("soma", 20, 20)]
    sections += [neuro.Section(name, 300, 1, parent="soma") for name in "ABCD"]
    model = neuro.Tree(sections)

    def run():
        many = neuro.poisson_synapses(model, n_synapses, weight_nS=1e-3, seed=0)
        return model.run(1000, DT, synapses=[many], record="soma")

    assert run().V[-1, 0] > -65
    benchmark.pedantic(run, rounds=3)
