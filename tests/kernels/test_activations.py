"""Activation kernels beside their twins."""

import numpy as np
import pytest
from contract import DTYPES, EDGES, SIZES, on_kernel, on_twin, speed_ratio
from hypothesis import given
from hypothesis import strategies as st


def test_relu_by_hand(dtype):
    out = np.empty(3, dtype)
    on_kernel("relu", np.array([-1.5, 0.0, 2.5], dtype), out)
    np.testing.assert_array_equal(out, [0.0, 0.0, 2.5])


@given(n=SIZES, dtype=DTYPES, seed=st.integers(0, 2**32 - 1))
def test_relu_equals_twin(n, dtype, seed):
    x = np.random.default_rng(seed).normal(size=n).astype(dtype)
    x = np.concatenate([x, EDGES[dtype]])
    kernel, twin = np.full_like(x, np.nan), np.full_like(x, np.nan)
    on_kernel("relu", x, kernel)
    on_twin("relu", x, twin)
    np.testing.assert_array_equal(kernel, twin)


@pytest.mark.speed
def test_relu_beats_its_twin(rng):
    x = rng.normal(size=20_000)
    assert speed_ratio("relu", (x, np.empty_like(x))) > 20
