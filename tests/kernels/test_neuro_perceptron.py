"""The kernel of the perceptron beside its twin and by hand."""

import numpy as np
import pytest
from contract import on_kernel, on_twin, speed_ratio
from hypothesis import given
from hypothesis import strategies as st

NAME = "perceptron_epoch"


def epochs(call, signed, n_epochs=1, seed=None):
    """(w, errors of each epoch); seed: of another order in each."""
    rng = np.random.default_rng(seed)
    n, d = signed.shape
    w, wrong, errors = np.zeros(d), np.full(1, -1, np.int64), []
    for _ in range(n_epochs):
        order = np.arange(n) if seed is None else rng.permutation(n)
        call(NAME, signed, order, w, wrong)
        errors.append(int(wrong[0]))
    return w, errors


@pytest.mark.parametrize("call", [on_kernel, on_twin])
def test_by_hand(call):
    # 0 is no answer: + (1, 1). Then -1 < 0: + (-2, 1). (-1, 2) . (3, 2) = 1 is right.
    signed = np.array([[1.0, 1.0], [-2.0, 1.0], [3.0, 2.0]])
    w, wrong = np.zeros(2), np.full(1, 7, np.int64)
    call(NAME, signed, np.arange(3), w, wrong)
    assert w.tolist() == [-1, 2] and wrong[0] == 2
    # backwards: all of (3, 2), and 3 * -2 + 2 = -4, and 1 + 3 = 4 is right
    w[:] = 0
    call(NAME, signed, np.array([2, 1, 0]), w, wrong)
    assert w.tolist() == [1, 3] and wrong[0] == 2


@given(
    n=st.integers(0, 40),
    d=st.sampled_from([1, 2, 3, 7, 8, 9, 15, 16, 17, 40]),
    seed=st.integers(0, 2**32),
)
def test_kernel_equals_twin(n, d, seed):
    # whole numbers: every order of additions gives the same bits
    signed = np.random.default_rng(seed).integers(-9, 10, (n, d)).astype(float)
    w, errors = epochs(on_kernel, signed, 4, seed)
    w_twin, errors_twin = epochs(on_twin, signed, 4, seed)
    np.testing.assert_array_equal(w, w_twin)
    assert errors == errors_twin
    assert n == 0 or errors[0] >= 1  # the first sample is an error for w = 0


@pytest.mark.parametrize("call", [on_kernel, on_twin])
def test_nan_is_no_error(call):
    w, errors = epochs(call, np.array([[1.0, np.nan], [1.0, 1.0]]), 2)
    assert errors == [1, 0] and w.tolist() == [1, 1]


@pytest.mark.speed
def test_the_kernel_beats_its_twin():
    signed = np.random.default_rng(0).normal(size=(2000, 10))
    arguments = (signed, np.arange(2000), np.zeros(10), np.zeros(1, np.int64))
    assert speed_ratio(NAME, arguments) > 20
