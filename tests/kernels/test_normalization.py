"""Normalisation kernels beside their twins.

Kernels and twins compute in double precision in the same order and round once, when
they store; so they are compared exactly, in float32 as in float64.
"""

import numpy as np
import pytest
from contract import (
    DTYPES,
    EDGES,
    SIZES,
    central_differences,
    on_kernel,
    on_twin,
    speed_ratio,
)
from hypothesis import given
from hypothesis import strategies as st

EPS = 1e-5
WIDTHS = SIZES | st.sampled_from([63, 64, 65, 129])
SEEDS = st.integers(0, 2**32 - 1)


class Case:
    """Random arguments of all the kernels, for a batch of shape (n, d)."""

    def __init__(self, n, d, dtype, seed, edges=False):
        rng = np.random.default_rng(seed)

        def draw(*shape):
            return rng.normal(rng.normal(), 2.0, shape).astype(dtype)

        self.x, self.grad_output = draw(n, d), draw(n, d)
        self.gamma, self.beta, self.running_mean = draw(d), draw(d), draw(d)
        self.running_var = draw(d) ** 2
        self.momentum, self.eps = float(rng.choice([0.0, 0.1, 1.0])), EPS
        if edges and self.x.size:
            for array in (self.x, self.grad_output, self.gamma):
                where = rng.integers(array.size, size=2)
                array.flat[where] = rng.choice(EDGES[np.dtype(dtype)], 2)
        self.mean, self.inv_std, self.row_mean, self.row_inv_std = (
            np.full(size, np.nan, dtype) for size in (d, d, n, n)
        )
        self.out, self.grad_input = np.full_like(self.x, 7), np.full_like(self.x, 7)
        self.grad_gamma, self.grad_beta = np.full((2, d), np.nan, dtype)

    def arguments(self, name):
        rows = {"mean": "row_mean", "inv_std": "row_inv_std"}
        names = rows if name.startswith("layer") else {}
        return [getattr(self, names.get(key, key)) for key in PARAMETERS[name].split()]

    def call(self, name, path=on_kernel):
        path(name, *self.arguments(name))
        return self


_MOMENTS = "gamma mean inv_std"
_RUNNING = "gamma running_mean running_var eps"
_GRADIENTS = "grad_gamma grad_beta grad_input"
PARAMETERS = {
    "batch_norm_forward": "x gamma beta running_mean running_var momentum eps "
    "mean inv_std out",
    "batch_norm_inference": "x gamma beta running_mean running_var eps out",
    "batch_norm_backward": f"grad_output x {_MOMENTS} {_GRADIENTS}",
    "batch_norm_inference_backward": f"grad_output x {_RUNNING} {_GRADIENTS}",
    "layer_norm_forward": "x gamma beta eps mean inv_std out",
    "layer_norm_backward": f"grad_output x {_MOMENTS} {_GRADIENTS}",
}
BACKWARD_OF = {
    "batch_norm_backward": "batch_norm_forward",
    "batch_norm_inference_backward": "batch_norm_inference",
    "layer_norm_backward": "layer_norm_forward",
}


def assert_identical(actual, expected):
    """Equal values, signs of zeros included; any NaN equals any NaN."""
    np.testing.assert_array_equal(actual, expected)
    numbers = ~np.isnan(expected)
    np.testing.assert_array_equal(
        np.signbit(actual)[numbers], np.signbit(expected)[numbers]
    )


def test_batch_norm_by_hand(dtype):
    # column 1, 3: mean 2, variance 1; with eps = 3, inv_std = 1/2
    x = np.array([[1], [3]], dtype)
    gamma, beta = np.array([4], dtype), np.array([10], dtype)
    running_mean, running_var = np.array([0], dtype), np.array([1], dtype)
    mean, inv_std, out = np.empty(1, dtype), np.empty(1, dtype), np.empty_like(x)
    running = running_mean, running_var
    on_kernel(
        "batch_norm_forward", x, gamma, beta, *running, 0.5, 3.0, mean, inv_std, out
    )
    np.testing.assert_array_equal(out, [[8], [12]])
    np.testing.assert_array_equal([mean[0], inv_std[0]], [2, 0.5])
    # running variance: half of 1 and half of the unbiased 2
    np.testing.assert_array_equal([running_mean[0], running_var[0]], [1, 1.5])


def test_layer_norm_by_hand(dtype):
    x, gamma, beta = (np.array(v, dtype) for v in ([[1, 3]], [4, 2], [10, 20]))
    mean, inv_std, out = np.empty(1, dtype), np.empty(1, dtype), np.empty_like(x)
    on_kernel("layer_norm_forward", x, gamma, beta, 3.0, mean, inv_std, out)
    np.testing.assert_array_equal(out, [[8, 21]])
    np.testing.assert_array_equal([mean[0], inv_std[0]], [2, 0.5])


@pytest.mark.parametrize("name", PARAMETERS)
@given(n=SIZES, d=WIDTHS, dtype=DTYPES, seed=SEEDS, edges=st.booleans())
def test_kernel_equals_twin(name, n, d, dtype, seed, edges):
    sides = [Case(n, d, dtype, seed, edges) for _ in range(2)]
    for side, path in zip(sides, (on_kernel, on_twin), strict=True):
        if name in BACKWARD_OF:
            side.call(BACKWARD_OF[name])  # both start from the kernel's mean, inv_std
        side.call(name, path)
    for kernel, twin in zip(*(s.arguments(name) for s in sides), strict=True):
        assert_identical(kernel, np.asarray(twin))


@pytest.mark.parametrize("name", PARAMETERS)
def test_in_place(name, dtype):
    apart, inside = Case(23, 70, dtype, 0), Case(23, 70, dtype, 0)
    if name in BACKWARD_OF:
        apart.call(BACKWARD_OF[name])
        inside.call(BACKWARD_OF[name])
        inside.grad_input = inside.grad_output
    else:
        inside.out = inside.x
    apart.call(name)
    inside.call(name)
    for key in {"out", *_GRADIENTS.split()} & set(PARAMETERS[name].split()):
        assert_identical(getattr(inside, key), getattr(apart, key))


@pytest.mark.parametrize("axis", [0, 1])
def test_against_numpy(axis, dtype):
    """Third opinion. The kernel rounds to the dtype once (half an ulp); before that,
    n terms in double precision are off by no more than (n + 4) units in the last
    place of the largest term, and so are NumPy's, here in longdouble."""
    case = Case(37, 65, dtype, 1)
    case.x += 100  # far from 0: cancellation would show
    name = "batch_norm_forward" if axis == 0 else "layer_norm_forward"
    case.call(name)
    x = case.x.astype("g")
    inv_std = 1 / np.sqrt(x.var(axis, keepdims=True) + EPS)
    scale = np.abs(case.gamma * inv_std)
    expected = (x - x.mean(axis, keepdims=True)) * inv_std * case.gamma + case.beta
    noise = 4 * (x.shape[axis] + 4) * np.finfo(float).eps * scale * np.abs(x).max()
    bound = np.finfo(dtype).eps * np.abs(expected) + noise
    assert np.all(np.abs(case.out - expected) <= bound)


@pytest.mark.parametrize("backward", BACKWARD_OF)
@pytest.mark.parametrize("shape", [(5, 3), (2, 7), (1, 4), (6, 1)])
def test_backward_equals_central_differences(backward, shape):
    case = Case(*shape, np.float64, 3)
    case.momentum = 0.0
    forward = BACKWARD_OF[backward]
    case.call(forward).call(backward)
    for key, gradient in (("x", "grad_input"), ("gamma",) * 2, ("beta",) * 2):
        gradient = getattr(case, gradient if key == "x" else f"grad_{key}").copy()
        keep = getattr(case, key)

        def loss(value, key=key):
            setattr(case, key, value)
            return np.sum(case.call(forward).out * case.grad_output)

        numeric = central_differences(loss, keep, step=1e-5)
        setattr(case, key, keep)
        case.call(forward)
        # rounding: about eps * |loss| / step; and step^2 times the third derivative,
        # which grows with inv_std^3: at most 1e6 where a row has one column
        size = np.abs(case.out * case.grad_output).sum()
        np.testing.assert_allclose(gradient, numeric, rtol=1e-6, atol=1e-9 * (1 + size))


def test_rows_do_not_depend_on_their_batch(dtype):
    for name in ("batch_norm_inference", "layer_norm_forward"):
        whole = Case(9, 70, dtype, 5).call(name)
        alone = Case(9, 70, dtype, 5)
        alone.x, alone.out = alone.x[4:5].copy(), alone.out[:1].copy()
        alone.call(name)
        assert alone.out.tobytes() == whole.out[4:5].tobytes()


@pytest.mark.parametrize("value", [0.0, 0.1, -1e30, 3e5])
@pytest.mark.parametrize("kind", ["batch", "layer"])
def test_constant_data_give_beta_and_finite_gradients(kind, value, dtype):
    case = Case(13, 67, dtype, 0)
    case.x[:] = value
    case.call(f"{kind}_norm_forward").call(f"{kind}_norm_backward")
    np.testing.assert_array_equal(case.out, np.broadcast_to(case.beta, (13, 67)))
    for key in _GRADIENTS.split():
        assert np.isfinite(getattr(case, key)).all()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_stays_in_its_column(value, dtype):
    case = Case(5, 70, dtype, 0)
    case.momentum = 0.1
    case.x[2, 66] = value
    case.call("batch_norm_forward")
    np.testing.assert_array_equal(
        np.isnan(case.out), np.arange(70) == np.full((5, 1), 66)
    )
    assert np.isnan(case.running_var[66])
    assert np.isfinite(np.delete(case.running_var, 66)).all()


def test_no_rows_leave_the_running_moments(dtype):
    case = Case(0, 3, dtype, 0)
    case.momentum = 0.1
    before = case.running_mean.copy(), case.running_var.copy()
    case.call("batch_norm_forward").call("batch_norm_backward")
    np.testing.assert_array_equal((case.running_mean, case.running_var), before)
    np.testing.assert_array_equal(case.mean, 0)
    np.testing.assert_array_equal(case.grad_gamma, 0)
    assert np.isfinite(case.inv_std).all()


def test_one_row_counts_as_variance_0(dtype):
    case = Case(1, 3, dtype, 0)
    case.momentum = 1.0
    case.call("batch_norm_forward")
    np.testing.assert_array_equal(case.running_var, 0)
    np.testing.assert_array_equal(case.running_mean, case.x[0])


@pytest.mark.speed
@pytest.mark.parametrize("name", PARAMETERS)
def test_normalization_beats_its_twin(name):
    case = Case(64, 96, np.float32, 0)
    case.call("batch_norm_forward").call("layer_norm_forward")
    assert speed_ratio(name, case.arguments(name)) > 40
