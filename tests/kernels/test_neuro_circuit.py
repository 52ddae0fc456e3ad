"""The kernel of circuits beside its twin."""

import math

import numpy as np
import pytest
from contract import on_kernel, on_twin, speed_ratio

NAME = "circuit_steps"


class Run:
    """The arguments of a run, which keeps its own copies of what is updated."""

    def __init__(self, n=5, n_steps=800, seed=0, dt=0.05):
        rng = np.random.default_rng(seed)
        self.n, self.n_steps, self.dt = n, n_steps, dt
        self.state = np.zeros((4, n))
        self.state[0] = rng.uniform(-70, -49, n)
        self.free_from = np.zeros(n, np.int32)
        self.cells = np.stack(
            [
                rng.uniform(low, high, n)
                for low, high in [
                    (150, 250), (8, 12), (-66, -64), (-52, -49), (-66, -60), (5, 20),
                ]
            ]
        )  # fmt: skip
        self.refractory = rng.integers(0, 60, n).astype(np.int32)
        self.weights = rng.normal(0, 20, (n, n))
        self.delays = rng.integers(0, 30, (n, n)).astype(np.int32)
        self.arriving = np.zeros((30, 2, n))
        self.current = rng.uniform(200, 500, (n_steps, n))
        self.traces = np.full((4, n_steps, n), np.nan)
        self.fired = np.full((n_steps, n), 9, np.uint8)

    def arguments(self, start=0, stop=None):
        taus = (200.0, 5.0, 10.0)
        keep = [math.exp(-self.dt / tau) for tau in taus]
        mean = [tau * (1 - k) / self.dt for tau, k in zip(taus, keep, strict=True)]
        return (
            self.state, self.free_from, self.cells, self.refractory, self.weights,
            self.delays, self.arriving, self.current, self.traces, self.fired, start,
            self.n_steps if stop is None else stop, self.dt, 0.0, -80.0, *keep, *mean,
        )  # fmt: skip

    def on(self, path):
        path(NAME, *self.arguments())
        return self


@pytest.mark.parametrize("path", [on_kernel, on_twin])
def test_by_hand(path):
    # Cell 0 fires at the end of step 0; 3 steps later cell 1 gets 20, itself -7 nS.
    run = Run(n=2, n_steps=6)
    run.cells[:] = np.array([[200.0], [10], [-65], [-50], [-65], [15]])
    run.state[0], run.refractory[:], run.current[:] = [-49.9, -65.0], 2, 0.0
    run.weights = np.array([[-7.0, 20.0], [0.0, 0.0]])
    run.delays[:] = 3
    run.on(path)
    v, w, g_e, g_i = run.traces
    assert run.fired.tolist() == [[1, 0]] + [[0, 0]] * 5
    np.testing.assert_array_equal(v[1:4, 0], -65.0)  # refractory in steps 1 and 2
    np.testing.assert_allclose(w[:3, 0], [0, 15, 15 * math.exp(-0.05 / 200)])
    assert g_e[:, 1].tolist()[:5] == [0, 0, 0, 0, 20.0]
    assert g_i[:, 0].tolist()[:5] == [0, 0, 0, 0, 7.0]
    e = 20 * 5 * (1 - math.exp(-0.05 / 5)) / 0.05  # its mean over the step
    target = -650.0 / (10 + e)
    after = target + (-65 - target) * math.exp(-0.05 * (10 + e) / 200)
    assert v[5, 1] == pytest.approx(after, rel=1e-14)


@pytest.mark.parametrize("n", [1, 2, 5, 23])
def test_kernel_equals_twin(n):
    kernel, twin = (Run(n).on(path) for path in (on_kernel, on_twin))
    # 40 ms: far below 1e-9, but for the last bits of exp
    np.testing.assert_allclose(kernel.traces, twin.traces, rtol=1e-11, atol=1e-11)
    np.testing.assert_array_equal(kernel.fired, twin.fired)
    np.testing.assert_allclose(kernel.arriving, twin.arriving)
    assert kernel.fired.sum() > n / 2


def test_parts_of_a_run_are_the_run():
    whole, parts = Run().on(on_kernel), Run()
    for start, stop in [(0, 1), (1, 130), (130, 800)]:
        on_kernel(NAME, *parts.arguments(start, stop))
    np.testing.assert_array_equal(whole.traces, parts.traces)
    np.testing.assert_array_equal(whole.fired, parts.fired)


@pytest.mark.speed
def test_the_kernel_beats_its_twin():
    assert speed_ratio(NAME, Run(8, 200).arguments()) > 20
