"""Kernels of CUBA and COBA networks beside their twins."""

import math

import numpy as np
import pytest
from contract import on_kernel, on_twin, speed_ratio

KINDS = ["cuba_steps", "coba_steps"]


class Run:
    """The arguments of a run, which keeps its own copies of what is updated."""

    def __init__(self, name, n=120, n_steps=400, delay=0, seed=0, dt=0.1, spread=True):
        rng = np.random.default_rng(seed)
        self.name, self.n, self.n_steps = name, n, n_steps
        cuba = name == "cuba_steps"
        self.state = np.zeros((3, n))
        if spread:
            self.state[0] = rng.uniform(-65, -49, n)
            self.state[1] = rng.uniform(0, 4, n)
            self.state[2] = rng.uniform(0, 4, n) * (-1 if cuba else 1)
        self.free_from = np.zeros(n, np.int32)
        lists = [np.flatnonzero(rng.random(n) < 0.2) for _ in range(n)]
        self.indptr = np.cumsum([0, *map(len, lists)]).astype(np.int32)
        self.indices = np.concatenate(lists).astype(np.int32)
        self.pending = np.zeros((delay + 1, n), np.int32)
        self.n_pending = np.zeros(delay + 1, np.int32)
        self.drive = np.full(n_steps, -45.0 if cuba else -48.0)
        self.recorded = np.arange(n, dtype=np.int32)
        self.traces = np.full((3, n_steps, n), np.nan)
        self.n_spikes = np.full(n_steps, -1, np.int32)
        self.spikes = np.full(n * (n_steps // 51 + 1), -1, np.int32)
        keep, keep_e, keep_i = (math.exp(-dt / tau) for tau in (20, 5, 10))
        self.weights = (1.62, -9.0) if cuba else (0.2, 1.0)
        self.constants = (
            keep, keep_e, keep_i, 5 * (keep - keep_e) / 15, 10 * (keep - keep_i) / 10,
        ) if cuba else (
            dt / 20, keep_e, keep_i, 5 * (1 - keep_e) / dt, 10 * (1 - keep_i) / dt,
            0.0, -80.0,
        )  # fmt: skip

    def arguments(self, start=0, stop=None):
        stop = self.n_steps if stop is None else stop
        return (
            self.state, self.free_from, self.indptr, self.indices, self.pending,
            self.n_pending, self.drive, self.recorded, self.traces, self.spikes,
            self.n_spikes[start:stop], start, stop, self.n * 4 // 5, *self.weights,
            -50.0, -60.0, 50, *self.constants,
        )  # fmt: skip

    def on(self, path):
        path(self.name, *self.arguments())
        return self


@pytest.mark.parametrize("path", [on_kernel, on_twin])
def test_cuba_by_hand(path):
    # Two cells, the first is over threshold after a step and excites the second.
    run = Run("cuba_steps", n=2, n_steps=2, spread=False)
    run.indptr, run.indices = np.array([0, 1, 1], np.int32), np.array([1], np.int32)
    run.state[0] = [-50.001, -60.0]
    run.on(path)
    keep, keep_e = math.exp(-0.1 / 20), math.exp(-0.1 / 5)
    first = -45.0 + (-60.0 + 45.0) * keep
    gain = 5 * (keep - keep_e) / 15
    second = -45.0 + (first + 45.0) * keep + 1.62 * gain
    np.testing.assert_allclose(run.traces[0, 1], [-60.0, first], rtol=1e-14)
    np.testing.assert_allclose(run.state[0], [-60.0, second], rtol=1e-14)
    np.testing.assert_allclose(run.state[1], [0.0, 1.62 * keep_e], rtol=1e-14)
    assert run.n_spikes.tolist() == [1, 0] and run.spikes[0] == 0
    assert run.free_from.tolist() == [51, 0]


@pytest.mark.parametrize("path", [on_kernel, on_twin])
def test_coba_by_hand(path):
    # Equal conductances of 1 and a rest of -40: target = (-40 + 0 - 80) / 3
    run = Run("coba_steps", n=1, n_steps=1, spread=False)
    run.drive[:] = -40.0
    mean_e, mean_i = run.constants[3:5]
    run.state[:, 0] = [-60.0, 1 / mean_e, 1 / mean_i]
    run.on(path)
    expected = -40.0 + (-60.0 + 40.0) * math.exp(-3 * 0.1 / 20)
    assert run.state[0, 0] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(("n", "delay"), [(1, 0), (120, 0), (120, 7), (131, 1)])
def test_kernel_equals_twin(name, n, delay):
    kernel, twin = (Run(name, n, delay=delay).on(path) for path in (on_kernel, on_twin))
    # 40 ms: far below 1e-9, but for the last bits of exp
    np.testing.assert_allclose(kernel.traces, twin.traces, rtol=1e-11, atol=1e-11)
    np.testing.assert_array_equal(kernel.n_spikes, twin.n_spikes)
    np.testing.assert_array_equal(kernel.spikes, twin.spikes)
    np.testing.assert_array_equal(kernel.free_from, twin.free_from)
    if n > 1:
        assert kernel.n_spikes.sum() > n / 2
        assert np.ptp(kernel.traces[0, -1]) > 1


@pytest.mark.parametrize("name", KINDS)
def test_parts_of_a_run_are_the_run(name):
    whole, parts = Run(name, delay=3).on(on_kernel), Run(name, delay=3)
    fired = []
    for start, stop in [(0, 1), (1, 130), (130, 400)]:
        on_kernel(name, *parts.arguments(start, stop))
        fired.append(parts.spikes[: parts.n_spikes[start:stop].sum()].copy())
    np.testing.assert_array_equal(whole.traces, parts.traces)
    fired = np.concatenate(fired)
    np.testing.assert_array_equal(whole.spikes[: len(fired)], fired)


def test_conductances_fade_to_zero_before_they_are_subnormal():
    run = Run("cuba_steps", n=3, n_steps=60_000, spread=False)
    run.state[:, :] = np.array([[-60.0], [1.0], [-1.0]])
    run.drive[:] = -60.0
    run.on(on_kernel)
    e = run.traces[1, :, 0]
    assert e[40_000:].max() == 0.0
    assert e[e > 0].min() > 1e-220


@pytest.mark.speed
@pytest.mark.parametrize("name", KINDS)
def test_kernels_beat_their_twins(name):
    run = Run(name, n=2000, n_steps=20)
    run.recorded, run.traces = np.zeros(0, np.int32), np.zeros((3, 20, 0))
    assert speed_ratio(name, run.arguments()) > 20
