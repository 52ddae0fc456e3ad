"""Release of transmitter beside its twin and by hand."""

import math

import numpy as np
import pytest
from contract import on_kernel, on_twin, speed_ratio
from hypothesis import given
from hypothesis import strategies as st

DEPRESSING, FACILITATING = (0.45, 750.0, 50.0), (0.15, 50.0, 750.0)


def release(call, times, constants, starts=None):
    times = np.asarray(times, float)
    starts = np.array([0, len(times)] if starts is None else starts, np.int64)
    out = [np.full(len(times), np.nan) for _ in range(3)]
    call("tsodyks_markram", times, starts, *constants, *out)
    return out


def vesicles(call, times, constants, uniforms, starts=None):
    times = np.asarray(times, float)
    starts = np.array([0, len(times)] if starts is None else starts, np.int64)
    out = [np.full(len(times), np.nan) for _ in range(3)]
    empty = np.full(uniforms.shape[1], 7, np.uint8)
    call("tsodyks_markram_vesicles", times, starts, *constants, uniforms, empty, *out)
    return out


@pytest.mark.parametrize("call", [on_kernel, on_twin])
def test_two_spikes_by_hand(call):
    # half is released; 10 log 2 ms later u has halved twice, and half has come back
    dt = 10 * math.log(2)
    u, x, r = release(call, [1.0, 1.0 + dt], (0.5, 10.0, 5.0))
    np.testing.assert_allclose(u, [0.5, 0.125 + 0.5 * 0.875])
    np.testing.assert_allclose(x, [1.0, 0.75])
    np.testing.assert_allclose(r, [0.5, 0.5625 * 0.75])


@pytest.mark.parametrize("call", [on_kernel, on_twin])
def test_vesicles_by_hand(call):
    # u = 0.5 at the first spike: the sites 0 and 1 release. Then u = 0.5625, p = 0.5:
    # 0 is filled and releases (0.2 < 0.28), 1 is filled and keeps, 2 is full, releases
    # (0.55), 3 keeps (0.57)
    dt = 10 * math.log(2)
    w = np.array([[0.1, 0.49, 0.5, 0.9], [0.2, 0.3, 0.55, 0.57]])
    u, x, r = vesicles(call, [1.0, 1.0 + dt], (0.5, 10.0, 5.0), w)
    np.testing.assert_allclose(u, [0.5, 0.5625])
    np.testing.assert_array_equal(x, [1.0, 1.0])
    np.testing.assert_array_equal(r, [0.5, 0.5])


@given(n=st.integers(0, 60), seed=st.integers(0, 9), cut=st.integers(0, 60))
def test_equals_twin(n, seed, cut):
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.exponential(30.0, n))
    starts = [0, min(cut, n), n]
    uniforms = rng.random((n, 11))
    for constants in (DEPRESSING, FACILITATING):
        kernel, twin = (
            release(c, times, constants, starts) for c in (on_kernel, on_twin)
        )
        np.testing.assert_allclose(kernel, twin, rtol=1e-12, atol=1e-12)
        kernel, twin = (
            vesicles(c, times, constants, uniforms, starts)
            for c in (on_kernel, on_twin)
        )
        np.testing.assert_allclose(kernel, twin, rtol=1e-12)


def test_trains_do_not_know_of_each_other():
    times = np.array([5.0, 10.0, 15.0, 2.0, 30.0])
    both = release(on_kernel, times, DEPRESSING, [0, 3, 5])
    for part in (slice(0, 3), slice(3, 5)):
        alone = release(on_kernel, times[part], DEPRESSING)
        np.testing.assert_array_equal([v[part] for v in both], alone)
    w = np.random.default_rng(0).random((5, 8))
    both = vesicles(on_kernel, times, DEPRESSING, w, [0, 3, 5])
    alone = vesicles(on_kernel, times[3:], DEPRESSING, w[3:])
    np.testing.assert_array_equal([v[3:] for v in both], alone)


@pytest.mark.speed
@pytest.mark.parametrize("name", ["tsodyks_markram", "tsodyks_markram_vesicles"])
def test_beats_its_twin(name):
    times, starts = np.arange(1.0, 1001.0), np.array([0, 1000], np.int64)
    more = [np.random.default_rng(0).random((1000, 20)), np.empty(20, np.uint8)]
    out = [np.empty(1000) for _ in range(3)]
    middle = more if "vesicles" in name else []
    assert speed_ratio(name, (times, starts, *DEPRESSING, *middle, *out)) > 15
