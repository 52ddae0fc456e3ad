"""The matrix product and the sums of columns beside their twins."""

import numpy as np
import pytest
from contract import (
    DTYPES,
    EDGES,
    SIZES,
    assert_same_sums,
    on_kernel,
    on_twin,
    speed_ratio,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from fastnn import backend
from fastnn.reference.matmul import ACTIVATIONS

IDENTITY, RELU = ACTIVATIONS.index("identity"), ACTIVATIONS.index("relu")
FORMS = [(False, False), (True, False), (False, True), (True, True)]
SEEDS = st.integers(0, 2**32 - 1)
HAS_FMA = "baseline" not in (backend._variant or "")

# (m, n, k) on both sides of every block: tile, panel, packing, MC, KC, NC; products
# with one row or one column, also of rows 2 and 4 kB long; and a few columns of many
# rows, which are made as columns, or in halves of a vector.
SHAPES = [
    (1, 1, 1), (1, 5, 3), (1, 128, 784), (1, 67, 40), (2, 70, 9), (3, 65, 11),
    (4, 16, 4), (5, 7, 0), (0, 3, 2), (3, 0, 2), (6, 8, 8), (7, 33, 50), (8, 8, 8),
    (13, 17, 600), (32, 10, 128), (9, 600, 40), (150, 40, 70), (300, 37, 5),
    (6, 2100, 20), (50, 2100, 3), (31, 520, 1030), (7, 530, 2060), (40, 1, 7),
    (70, 1, 603), (37, 1, 512), (3, 1, 20), (1, 45, 1024), (1, 3, 30),
    (300, 5, 64), (600, 10, 1100), (513, 3, 9), (130, 20, 70), (70, 2, 40),
    (50, 70, 90), (50, 21, 1030), (12, 100, 33),
]  # fmt: skip


def operands(m, n, k, dtype, seed=0):
    rng = np.random.default_rng(seed)
    return (
        rng.normal(size=(m, k)).astype(dtype),
        rng.normal(size=(k, n)).astype(dtype),
        rng.normal(size=n).astype(dtype),
    )


def product(a, b, transpose_a=False, transpose_b=False, bias=None, kind=IDENTITY):
    """What the kernel makes of a (m, k) and b (k, n), laid out as the form asks."""
    out = np.full((a.shape[0], b.shape[1]), np.nan, a.dtype)
    a = np.ascontiguousarray(a.T if transpose_a else a)
    b = np.ascontiguousarray(b.T if transpose_b else b)
    on_kernel("matmul", a, b, out, transpose_a, transpose_b, bias, kind)
    return out


def assert_same_bits(actual, expected):
    unsigned = f"u{actual.dtype.itemsize}"
    np.testing.assert_array_equal(actual.view(unsigned), expected.view(unsigned))


def test_matmul_by_hand(dtype):
    a = np.array([[1, 2, 3], [4, 5, 6]], dtype)
    b = np.array([[1, 0], [0, 1], [-1, 2]], dtype)
    bias = np.array([3, -20], dtype)
    for form in FORMS:
        np.testing.assert_array_equal(product(a, b, *form), [[-2, 8], [-2, 17]])
        np.testing.assert_array_equal(
            product(a, b, *form, bias=bias, kind=RELU), [[1, 0], [1, 0]]
        )


@settings(deadline=None, max_examples=60)
@given(
    m=SIZES, n=SIZES, k=SIZES, dtype=DTYPES, seed=SEEDS, form=st.sampled_from(FORMS),
    with_bias=st.booleans(), kind=st.sampled_from([IDENTITY, RELU]),
)  # fmt: skip
def test_matmul_equals_twin(m, n, k, dtype, seed, form, with_bias, kind):
    a, b, bias = operands(m, n, k, dtype, seed)
    a_laid = np.ascontiguousarray(a.T if form[0] else a)
    b_laid = np.ascontiguousarray(b.T if form[1] else b)
    bias = bias if with_bias else None
    kernel, twin = np.full((2, m, n), np.nan, dtype)
    on_kernel("matmul", a_laid, b_laid, kernel, *form, bias, kind)
    on_twin("matmul", a_laid, b_laid, twin, *form, bias, kind)
    absolute = np.abs(a).astype(float) @ np.abs(b).astype(float)
    if with_bias:
        absolute += np.abs(bias)
    assert_same_sums(kernel, twin, k + with_bias, absolute, dtype)
    if not HAS_FMA and dtype == np.float64:
        assert_same_bits(kernel, twin)


@pytest.mark.parametrize("m, n, k", SHAPES)
def test_every_form_is_the_same_bits_and_near_numpy(m, n, k, dtype):
    a, b, bias = operands(m, n, k, dtype)
    first = product(a, b, bias=bias)
    for form in FORMS[1:]:
        assert_same_bits(product(a, b, *form, bias=bias), first)
    exact = a.astype(np.longdouble) @ b.astype(np.longdouble) + bias
    absolute = np.abs(a).astype(float) @ np.abs(b).astype(float) + np.abs(bias)
    assert_same_sums(first, exact, k + 1, absolute, dtype)


@pytest.mark.parametrize("m, n, k", SHAPES)
@pytest.mark.parametrize("form", FORMS)
def test_a_row_does_not_depend_on_the_batch(m, n, k, form, dtype):
    a, b, bias = operands(m, n, k, dtype)
    whole = product(a, b, *form, bias=bias, kind=RELU)
    for size in (1, 2, 3, 4, 7, 64):
        for start in {0, m // 2, max(m - size, 0)}:
            rows = slice(start, min(start + size, m))
            part = product(a[rows], b, *form, bias=bias, kind=RELU)
            assert_same_bits(part, whole[rows])


@pytest.mark.parametrize("m, n, k", SHAPES)
@pytest.mark.parametrize("form", FORMS)
def test_a_column_does_not_depend_on_its_neighbours(m, n, k, form, dtype):
    a, b, bias = operands(m, n, k, dtype)
    whole = product(a, b, *form, bias=bias)
    for size in (1, 5, 8, 16, 40):
        for start in {0, n // 3, max(n - size, 0)}:
            columns = slice(start, min(start + size, n))
            part = product(a, b[:, columns], *form, bias=bias[columns].copy())
            assert_same_bits(part, np.ascontiguousarray(whole[:, columns]))


@pytest.mark.parametrize("kind", range(len(ACTIVATIONS)))
def test_matmul_applies_every_elementwise_activation(kind, dtype):
    if ACTIVATIONS[kind] == "softmax":
        pytest.skip("softmax works on whole rows, not on elements")
    a, b, bias = operands(150, 21, 6, dtype)
    z = product(a, b, bias=bias)
    actual = product(a, b, bias=bias, kind=kind)
    if ACTIVATIONS[kind] == "identity":
        assert_same_bits(actual, z)
        return
    expected = np.empty_like(z)
    on_kernel(ACTIVATIONS[kind], z.reshape(-1), expected.reshape(-1))
    assert_same_bits(actual, expected)


def test_edge_values(dtype):
    edges = EDGES[dtype]
    n = len(edges)
    a, b = np.ones((3, 1), dtype), edges.reshape(1, n)
    # 1 * x + 0: every value is itself; -0.0 + 0.0 is 0.0
    for form in FORMS:
        assert_same_bits(
            product(a, b, *form), np.broadcast_to(edges + 0, (3, n)).copy()
        )
    # NaN in row p of b reaches every row of out; in row i of a, row i alone
    a, b, _ = operands(9, 20, 5, dtype)
    a[4, 2] = np.nan
    for form in FORMS:
        assert np.isnan(product(a, b, *form)).all(axis=1).tolist() == [
            i == 4 for i in range(9)
        ]
    # relu keeps NaN and turns -0.0 into 0.0
    out = product(a[4:5] * 0, b, kind=RELU)
    assert np.isnan(out).all()
    zero = product(np.zeros((2, 1), dtype), -np.ones((1, 20), dtype), kind=RELU)
    assert not np.signbit(zero).any()


@pytest.mark.parametrize("form", FORMS)
def test_products_are_the_gradients_of_a_dense_layer(form):
    # loss = sum(r * (x @ w)); central differences are exact up to rounding
    from contract import central_differences

    x, w, _ = operands(4, 3, 5, np.float64)
    r = np.random.default_rng(1).normal(size=(4, 3))
    grad_w = product(x.T, r, *form)
    grad_x = product(r, w.T, *form)
    numeric_w = central_differences(lambda v: np.sum(r * product(x, v)), w)
    numeric_x = central_differences(lambda v: np.sum(r * product(v, w)), x)
    np.testing.assert_allclose(grad_w, numeric_w, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(grad_x, numeric_x, rtol=1e-7, atol=1e-8)


def test_column_sums_by_hand(dtype):
    out = np.full(2, np.nan, dtype)
    on_kernel("column_sums", np.array([[1, 2], [3, 4], [5, 6.5]], dtype), out)
    np.testing.assert_array_equal(out, [9, 12.5])


@given(m=SIZES, n=SIZES, dtype=DTYPES, seed=SEEDS)
def test_column_sums_equal_twin(m, n, dtype, seed):
    x = np.random.default_rng(seed).normal(size=(m, n)).astype(dtype)
    kernel, twin = np.full((2, n), np.nan, dtype)
    on_kernel("column_sums", x, kernel)
    on_twin("column_sums", x, twin)
    if dtype == np.float64:
        assert_same_bits(kernel, twin)  # additions alone, in one order
    assert_same_sums(kernel, twin, m, np.abs(x).sum(axis=0, dtype=float), dtype)


@pytest.mark.speed
def test_matmul_beats_its_twin(dtype):
    a, b, _ = operands(48, 48, 48, dtype)
    arguments = (a, b, np.empty_like(a), False, False, None, IDENTITY)
    assert speed_ratio("matmul", arguments) > 200


@pytest.mark.speed
def test_column_sums_beat_their_twin(rng):
    x = rng.normal(size=(200, 100))
    assert speed_ratio("column_sums", (x, np.empty(100))) > 20
