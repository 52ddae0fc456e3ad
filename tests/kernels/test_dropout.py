"""Dropout kernels beside their twins."""

import numpy as np
import pytest
from contract import DTYPES, EDGES, SIZES, on_kernel, on_twin, speed_ratio
from hypothesis import given
from hypothesis import strategies as st

from fastnn.reference.dropout import philox_block

SEEDS = STEPS = st.integers(0, 2**64 - 1)
LAYERS = st.integers(0, 2**32 - 1)
BATCHES = SIZES | st.sampled_from([61, 63, 64, 65, 127, 128, 130, 200])
RATES = st.sampled_from([0.0, 2.0**-40, 0.1, 0.5, 0.9, 1 - 2.0**-53]) | st.floats(
    0, 1, exclude_max=True
)

# The known answers of the authors' own library, Random123.
KNOWN = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000",
     "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff",
     "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0",
     "d16cfe09 94fdcceb 5001e420 24126ea1"),
]  # fmt: skip


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_philox_known_answers(counter, key, words):
    counter, key, words = (
        tuple(int(word, 16) for word in text.split()) for text in (counter, key, words)
    )
    assert philox_block(counter, key) == words


def test_philox_known_answer_on_the_kernel():
    out = np.zeros(4, np.uint32)
    on_kernel("philox", 0, 0, 0, out)
    assert [f"{word:08x}" for word in out] == KNOWN[0][2].split()


def test_dropout_by_hand(dtype):
    # of the words above, 6627e8d5 alone is below half of 2^32
    out = np.full(4, np.nan, dtype)
    on_kernel("dropout", np.array([1, 2, 3, 4], dtype), out, 0.5, 0, 0, 0)
    np.testing.assert_array_equal(out, [0, 4, 6, 8])


@given(n=BATCHES, seed=SEEDS, step=STEPS, layer=LAYERS)
def test_philox_equals_twin(n, seed, step, layer):
    kernel, twin = np.zeros(n, np.uint32), np.ones(n, np.uint32)
    on_kernel("philox", seed, step, layer, kernel)
    on_twin("philox", seed, step, layer, twin)
    np.testing.assert_array_equal(kernel, twin)


@pytest.mark.parametrize("name", ["dropout", "dropout_backward"])
@given(n=BATCHES, dtype=DTYPES, rate=RATES, seed=SEEDS, step=STEPS, layer=LAYERS)
def test_dropout_equals_twin(name, n, dtype, rate, seed, step, layer):
    x = np.random.default_rng(n).normal(size=n).astype(dtype)
    x = np.concatenate([x, EDGES[dtype]])
    kernel, twin = np.full_like(x, np.nan), np.full_like(x, np.nan)
    on_kernel(name, x, kernel, rate, seed, step, layer)
    on_twin(name, x, twin, rate, seed, step, layer)
    np.testing.assert_array_equal(kernel, twin)
    numbers = ~np.isnan(twin)
    np.testing.assert_array_equal(
        np.signbit(kernel)[numbers], np.signbit(twin)[numbers]
    )
    on_kernel(name, x, x, rate, seed, step, layer)  # in place
    np.testing.assert_array_equal(x, kernel)


def test_rate_0_keeps_every_bit(dtype):
    x = EDGES[dtype]
    out = np.zeros_like(x)
    on_kernel("dropout", x, out, 0.0, 1, 2, 3)
    assert out.tobytes() == x.tobytes()


@pytest.mark.parametrize("path", [on_kernel, on_twin])
def test_dropped_elements_are_zero_and_kept_nan_is_nan(path, dtype):
    words, out = np.empty(100, np.uint32), np.empty(100, dtype)
    on_kernel("philox", 7, 8, 9, words)
    path("dropout", np.full(100, np.nan, dtype), out, 0.25, 7, 8, 9)
    kept = words >= 2**30
    assert 0 < kept.sum() < 100
    assert np.isnan(out[kept]).all()
    np.testing.assert_array_equal(out[~kept], 0.0)
    assert not np.signbit(out[~kept]).any()


def test_the_mask_is_the_gradient():
    # dropout is linear: its derivative along x is what it does to a vector of ones
    ones, x = np.ones(50), np.linspace(-3, 3, 50)
    mask, out = np.empty(50), np.empty(50)
    on_kernel("dropout_backward", ones, mask, 0.4, 1, 2, 3)
    on_kernel("dropout", x, out, 0.4, 1, 2, 3)
    np.testing.assert_array_equal(out, x * mask)


def test_words_are_uniform_and_streams_differ():
    n = 1 << 18
    words = np.empty((4, n), np.uint32)
    streams = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    for row, stream in zip(words, streams, strict=True):
        on_kernel("philox", *stream, row)
    u = words / 2.0**32
    # the mean of n uniform numbers has standard deviation 1 / sqrt(12 n)
    np.testing.assert_allclose(u.mean(axis=1), 0.5, atol=5 / np.sqrt(12 * n))
    # so has, but for 1 / sqrt(n), the correlation of independent streams
    off_diagonal = np.corrcoef(u)[np.triu_indices(4, 1)]
    np.testing.assert_allclose(off_diagonal, 0, atol=5 / np.sqrt(n))


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_mean_stays(rate):
    n = 1 << 18
    out = np.empty(n)
    on_kernel("dropout", np.ones(n), out, rate, 0, 0, 0)
    # the variance of one element is rate / (1 - rate)
    assert abs(out.mean() - 1) < 5 * np.sqrt(rate / (1 - rate) / n)


@pytest.mark.speed
def test_dropout_beats_its_twin(rng, dtype):
    x = rng.normal(size=5_000).astype(dtype)
    assert speed_ratio("dropout", (x, np.empty_like(x), 0.3, 1, 2, 3)) > 50
