"""Releases of many trains of spikes: twin, NumPy and kernel side by side.

NumPy goes from spike to spike for all trains (or all sites) at once.
"""

import numpy as np
import pytest

from fastnn import backend

PATHS = ["reference", "numpy", "kernel"]
TRAINS, SPIKES, SITES = 100, 200, 20
U, TAU_D, TAU_F = 0.45, 750.0, 50.0


def trains():
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.exponential(30.0, (TRAINS, SPIKES)), axis=1)
    return times, np.arange(0, TRAINS * SPIKES + 1, SPIKES, dtype=np.int64)


def with_numpy(times, release):
    facilitated, gone = np.zeros(TRAINS), np.zeros(TRAINS)
    dt = np.diff(times, prepend=times[:, :1])
    for k in range(SPIKES):
        facilitated *= np.exp(-dt[:, k] / TAU_F)
        gone *= np.exp(-dt[:, k] / TAU_D)
        facilitated += U * (1 - facilitated)
        release[:, k] = facilitated * (1 - gone)
        gone += release[:, k]


def vesicles_with_numpy(times, uniforms, release):
    facilitated, empty = np.zeros(TRAINS), np.zeros((TRAINS, SITES), bool)
    dt = np.diff(times, prepend=times[:, :1])
    for k in range(SPIKES):
        facilitated *= np.exp(-dt[:, k] / TAU_F)
        facilitated += U * (1 - facilitated)
        filled = 1 - np.exp(-dt[:, k] / TAU_D)
        bound = np.where(empty, filled[:, None], 1.0)
        released = uniforms[:, k] < bound * facilitated[:, None]
        empty = (uniforms[:, k] >= bound) | released
        release[:, k] = released.mean(axis=1)


def through(path, name, *arguments):
    with backend.use(path):
        function = backend.function(name)
    return lambda: function(*arguments)


def check_and_time(benchmark, calls, path, release):
    calls["reference"]()
    expected = release.copy()
    for other in ("numpy", "kernel"):
        calls[other]()
        np.testing.assert_allclose(release, expected, rtol=1e-12, atol=1e-12)
    benchmark(calls[path])


@pytest.mark.parametrize("path", PATHS)
def bench_tsodyks_markram(benchmark, path):
    times, starts = trains()
    u, x, release = (np.empty((TRAINS, SPIKES)) for _ in range(3))
    flat = [v.reshape(-1) for v in (u, x, release)]
    arguments = (times.reshape(-1), starts, U, TAU_D, TAU_F, *flat)
    calls = {
        "reference": through("reference", "tsodyks_markram", *arguments),
        "kernel": through("kernels", "tsodyks_markram", *arguments),
        "numpy": lambda: with_numpy(times, release),
    }
    check_and_time(benchmark, calls, path, release)


@pytest.mark.parametrize("path", PATHS)
def bench_vesicles(benchmark, path):
    times, starts = trains()
    uniforms = np.random.default_rng(1).random((TRAINS, SPIKES, SITES))
    u, x, release = (np.empty((TRAINS, SPIKES)) for _ in range(3))
    flat = [v.reshape(-1) for v in (u, x, release)]
    draws = (uniforms.reshape(-1, SITES), np.empty(SITES, np.uint8))
    arguments = (times.reshape(-1), starts, U, TAU_D, TAU_F, *draws, *flat)
    calls = {
        "reference": through("reference", "tsodyks_markram_vesicles", *arguments),
        "kernel": through("kernels", "tsodyks_markram_vesicles", *arguments),
        "numpy": lambda: vesicles_with_numpy(times, uniforms, release),
    }
    check_and_time(benchmark, calls, path, release)
