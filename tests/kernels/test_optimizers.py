"""Optimizer kernels beside their twins."""

import math
import time

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

RATE, DECAY, SCALE = 0.1, 0.02, 0.7
# name of the test: (kernel, number of state arrays, arguments after the arrays)
CASES = {
    "sgd": ("sgd_update", 0, (RATE, 0.0, False, DECAY, SCALE)),
    "momentum": ("sgd_update", 1, (RATE, 0.9, False, DECAY, SCALE)),
    "nesterov": ("sgd_update", 1, (RATE, 0.9, True, DECAY, SCALE)),
    "adagrad": ("adagrad_update", 1, (RATE, 1e-10, DECAY, SCALE)),
    "rmsprop": ("rmsprop_update", 1, (RATE, 0.99, 1e-8, DECAY, SCALE)),
    "adam": ("adam_update", 2, (3, RATE, 0.9, 0.999, 1e-8, DECAY, SCALE)),
    "adamw": ("adamw_update", 2, (3, RATE, 0.9, 0.999, 1e-8, DECAY, SCALE)),
    "adam undecayed": ("adam_update", 2, (3, RATE, 0.9, 0.999, 1e-8, 0.0, 1.0)),
    "adam clipped": ("adam_update", 2, (3, RATE, 0.9, 0.999, 1e-8, 0.0, SCALE)),
}


def arrays_of(case, rng, n, dtype):
    """param, grad and the state: first moments of any sign, squares of at least 0."""
    _, n_state, _ = CASES[case]
    arrays = [rng.normal(size=n) for _ in range(2 + n_state)]
    if case not in ("sgd", "momentum", "nesterov"):
        arrays[-1] = arrays[-1] ** 2
    return [x.astype(dtype) for x in arrays]


def step(path, case, arrays):
    """The arrays after one step; grad must not have changed."""
    name, n_state, numbers = CASES[case]
    new = [x.copy() for x in arrays]
    new[1].setflags(write=False)
    path(name, *new, *([] if n_state else [None]), *numbers)
    np.testing.assert_array_equal(new[1], arrays[1])
    return new


def first_step(name, grad, *numbers, dtype):
    """What a first step from param = 1 with the state at zero changes."""
    n_state = 2 if name.startswith("adam") else 1
    results = []
    for path in (on_kernel, on_twin):
        param, state = np.ones(1, dtype), [np.zeros(1, dtype) for _ in range(n_state)]
        path(name, param, np.array([grad], dtype), *state, *numbers)
        results.append([float(x[0]) for x in (param, *state)])
    np.testing.assert_allclose(*results, rtol=1e-6)
    return pytest.approx(results[0], rel=1e-6)


def test_by_hand(dtype):
    # velocity 2; then 1 - 0.1 * 2, with Nesterov 1 - 0.1 * (2 + 0.5 * 2)
    assert first_step("sgd_update", 2, 0.1, 0.5, False, 0, 1, dtype=dtype) == [0.8, 2]
    assert first_step("sgd_update", 2, 0.1, 0.5, True, 0, 1, dtype=dtype) == [0.7, 2]
    # decay adds 0.5 * 1 to half of the gradient: g = 1.5
    assert first_step("sgd_update", 2, 0.1, 0, False, 0.5, 0.5, dtype=dtype) == [
        0.85, 1.5]  # fmt: skip
    # g / sqrt(g^2) = 1, so the step is the rate
    assert first_step("adagrad_update", 3, 0.1, 1e-10, 0, 1, dtype=dtype) == [0.9, 9]
    # g / sqrt(0.25 g^2) = 2
    assert first_step("rmsprop_update", 4, 0.1, 0.75, 1e-8, 0, 1, dtype=dtype) == [
        0.8, 4]  # fmt: skip
    # unbiased: m_hat = g, v_hat = g^2, so the step is the rate
    adam = (1, 0.1, 0.9, 0.75, 1e-8)
    assert first_step("adam_update", 2, *adam, 0, 1, dtype=dtype) == [0.9, 0.2, 1]
    # coupled decay 1: g = 2 + 1; decoupled: param shrinks by 0.1 * 1 first
    assert first_step("adam_update", 2, *adam, 1, 1, dtype=dtype) == [0.9, 0.3, 2.25]
    assert first_step("adamw_update", 2, *adam, 1, 1, dtype=dtype) == [0.8, 0.2, 1]
    assert on_kernel("sum_of_squares", np.array([3, 4], dtype)) == 25.0


def bounds(case, arrays):
    """float32: how far kernel and twin (double, rounded on store) may be apart.

    u is the unit roundoff. Roundings are counted to first order and multiplied by the
    size of what they round, sums with all terms taken positive (names in capitals).
    """
    u = np.finfo(np.float32).eps / 2
    p, grad, *state = (np.abs(x.astype(float)) for x in arrays)
    rate, (decay, scale) = RATE, CASES[case][2][-2:]
    if case == "adamw":
        p_new, decay = p * (1 + rate * decay), 0.0
    else:
        p_new = p
    g = np.abs(arrays[1].astype(float) * scale + decay * arrays[0].astype(float))
    G = grad * scale + decay * p  # each product 2 roundings, their sum 1
    of_g = 3 * u * G
    if case in ("sgd", "momentum", "nesterov"):
        V = 0.9 * state[0] + G if state else G
        of_v = of_g + 5 * u * V
        D = G + 0.9 * V if case == "nesterov" else V
        return [of_g + (of_v + 8 * u * D + of_g) * rate + 4 * u * (p + rate * D), of_v]
    old, take = {"adagrad": (1, 1), "rmsprop": (0.99, 0.01)}.get(case, (0.999, 0.001))
    S = old * state[-1] + take * G * G
    s = old * state[-1] + take * g * g  # without cancellation
    of_s = 5 * u * S + 2 * take * G * of_g
    root, eps = np.sqrt(s), 1e-10
    rate_now = 1.0
    M, of_m, out = G, of_g, []
    if case.startswith("adam"):
        M = 0.9 * state[0] + 0.1 * G
        of_m = 6 * u * M + 0.1 * of_g
        rate_now = math.sqrt(1 - 0.999**3) / (1 - 0.9**3)
        out = [of_m]
    below = root + eps
    relative = of_s / (2 * s) + 10 * u  # of the denominator, and of the quotient
    move = rate * rate_now * (of_m + M * relative) / below
    size = rate * rate_now * M / below
    return [move + 4 * u * (p_new + size), *out, of_s]


@pytest.mark.parametrize("case", CASES)
@settings(deadline=None)  # a busy machine is no failure
@given(n=SIZES, dtype=DTYPES, seed=st.integers(0, 2**32 - 1))
def test_equals_twin(case, n, dtype, seed):
    """float64: the same operations in the same order, so the same bits."""
    arrays = arrays_of(case, np.random.default_rng(seed), n, dtype)
    kernel, twin = step(on_kernel, case, arrays), step(on_twin, case, arrays)
    if dtype == np.float64:
        for mine, twins in zip(kernel, twin, strict=True):
            np.testing.assert_array_equal(mine, twins)
        return
    del kernel[1], twin[1]
    limits = bounds(case, arrays)
    for mine, twins, limit in zip(kernel, twin, limits[: len(kernel)], strict=True):
        # 1.01: the terms of second order
        assert np.all(np.abs(mine.astype(float) - twins) <= 1.01 * limit)


@pytest.mark.parametrize("case", CASES)
def test_edges_equal_twin(case):
    """NaN, infinities, -0.0 and subnormals in param, grad and state."""
    edges = EDGES[np.dtype(float)]
    n = len(edges)
    arrays = arrays_of(case, np.random.default_rng(0), n * len(CASES), np.float64)
    for k, x in enumerate(arrays):
        squares = k == len(arrays) - 1 and case not in ("sgd", "momentum", "nesterov")
        x[k * n : (k + 1) * n] = np.abs(edges) if squares else edges
    kernel, twin = step(on_kernel, case, arrays), step(on_twin, case, arrays)
    for mine, twins in zip(kernel, twin, strict=True):
        np.testing.assert_array_equal(mine, twins)


def pytorch(case, p, g, state, t):
    """The formulas of PyTorch's documentation, line by line, in NumPy float64."""
    lr, mu, eps = RATE, 0.9, 1e-10 if case == "adagrad" else 1e-8
    wd, scale = CASES[case][2][-2:]
    g = g * scale
    if case == "adamw":
        p = p - lr * wd * p
    else:
        g = g + wd * p
    if case == "sgd":
        return p - lr * g, []
    if case in ("momentum", "nesterov"):
        b = g if t == 1 else mu * state[0] + g
        return p - lr * (g + mu * b if case == "nesterov" else b), [b]
    if case == "adagrad":
        s = state[0] + g**2
        return p - lr * g / (np.sqrt(s) + eps), [s]
    if case == "rmsprop":
        v = 0.99 * state[0] + (1 - 0.99) * g**2
        return p - lr * g / (np.sqrt(v) + eps), [v]
    m = 0.9 * state[0] + (1 - 0.9) * g
    v = 0.999 * state[1] + (1 - 0.999) * g**2
    m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
    return p - lr * m_hat / (np.sqrt(v_hat) + eps), [m, v]


@pytest.mark.parametrize("case", CASES)
def test_twenty_steps_as_pytorch_documents_them(case, dtype, rng):
    name, n_state, numbers = CASES[case]
    param = rng.normal(size=101).astype(dtype)
    state = [np.zeros(101, dtype) for _ in range(n_state)]
    exact, exact_state = param.astype(float), [np.zeros(101) for _ in range(n_state)]
    largest = np.abs(exact)
    for t in range(1, 21):
        grad = rng.normal(size=101).astype(dtype)
        if name.startswith("adam"):
            numbers = (t, *numbers[1:])
        on_kernel(name, param, grad, *(state or [None]), *numbers)
        exact, exact_state = pytorch(case, exact, grad.astype(float), exact_state, t)
        largest = np.maximum(largest, np.abs(exact))
    # a step makes at most 16 roundings, of numbers no larger than the largest param
    # and the step, which stays below 10 learning rates
    limit = 20 * 16 * np.finfo(dtype).eps / 2 * (largest + 10 * RATE)
    assert np.ptp(exact) > 1
    assert np.all(np.abs(param - exact) <= limit)


LINGERING = ["momentum", "nesterov", "rmsprop", "adam", "adamw"]


@pytest.mark.parametrize("case", LINGERING)
def test_subnormal_averages_become_zero(case, dtype):
    """0 without gradient, while normal numbers, infinities and NaN stay."""
    name, n_state, numbers = CASES[case]
    if name.startswith("adam"):
        numbers = (32, *numbers[1:])  # they settle at every 16th step
    f = np.finfo(dtype)
    start = np.array(
        [f.smallest_subnormal, f.tiny / 2, f.tiny, 1.5 * f.tiny, 1, np.inf, np.nan],
        dtype,
    )
    results = []
    for path in (on_kernel, on_twin):
        state = [start.copy() for _ in range(n_state)]
        path(name, np.zeros(7, dtype), np.zeros(7, dtype), *state, *numbers)
        for average in state:
            assert not average[:3].any()
            assert np.all(average[3:5] > 0)
            np.testing.assert_array_equal(average[5:], start[5:])
        results.append(state)
    # one product, in float32 rounded once by the kernel and once by the twin, whose
    # factor is a double: an ulp of the factor and one of the product
    for mine, twins in zip(*results, strict=True):
        np.testing.assert_allclose(mine, twins, rtol=2 * f.eps)


@pytest.mark.parametrize("case", ["momentum", "rmsprop", "adam"])
def test_an_average_without_gradient_reaches_zero(case, dtype):
    """0.9 x rounds to x at the smallest subnormal x: without help it stays there."""
    name, n_state, numbers = CASES[case]
    tiny = np.finfo(dtype).tiny
    param, grad = np.zeros((2, 5), dtype)
    state = [np.full(5, 1.5 * tiny, dtype) for _ in range(n_state)]
    numbers = (*numbers[:-2], 0.0, 1.0)  # weight decay would be a gradient
    for t in range(1, 1 + 16 * 40):  # 0.999^640 is 0.53
        if name == "adam_update":
            numbers = (t, *numbers[1:])
        on_kernel(name, param, grad, *state, *numbers)
    assert not np.any(state)


def test_a_velocity_of_none_is_no_momentum(dtype, rng):
    param, grad = rng.normal(size=(2, 33)).astype(dtype)
    other, velocity = param.copy(), np.zeros_like(param)
    on_kernel("sgd_update", param, grad, None, 0.1, 0.0, False, 0.01, 0.5)
    on_kernel("sgd_update", other, grad, velocity, 0.1, 0.0, False, 0.01, 0.5)
    np.testing.assert_array_equal(param, other)


@pytest.mark.parametrize("case", CASES)
def test_an_element_does_not_see_its_place(case, dtype, rng):
    """The vectorised body and its tail round alike: threads may cut anywhere."""
    arrays = arrays_of(case, rng, 61, dtype)
    whole = step(on_kernel, case, arrays)
    for cut in (1, 7, 30):
        left = step(on_kernel, case, [x[:cut] for x in arrays])
        right = step(on_kernel, case, [x[cut:] for x in arrays])
        for a, b, c in zip(left, right, whole, strict=True):
            np.testing.assert_array_equal(np.concatenate([a, b]), c)


@settings(deadline=None)  # a busy machine is no failure
@given(
    n=st.sampled_from([0, 1, 7, 8, 9, 4095, 4096, 4097, 9001]),
    dtype=DTYPES,
    seed=st.integers(0, 2**32 - 1),
)
def test_sum_of_squares_equals_twin(n, dtype, seed):
    x = np.random.default_rng(seed).normal(size=n).astype(dtype)
    kernel, twin = on_kernel("sum_of_squares", x), on_twin("sum_of_squares", x)
    exact = math.fsum(float(v) ** 2 for v in x)
    assert_same_sums(kernel, twin, n, exact, np.float64)
    assert_same_sums(kernel, exact, n, exact, np.float64)


def test_sum_of_squares_adds_blocks_in_order(dtype, rng):
    x = rng.normal(size=3 * 4096 + 5).astype(dtype)
    total = 0.0
    for start in range(0, len(x), 4096):
        total += on_kernel("sum_of_squares", x[start : start + 4096])
    assert on_kernel("sum_of_squares", x) == total
    x[17] = np.nan
    assert math.isnan(on_kernel("sum_of_squares", x))


def test_squares_of_large_float32_do_not_overflow():
    assert on_kernel("sum_of_squares", np.full(2, 1e30, np.float32)) == pytest.approx(
        2e60
    )


@pytest.mark.speed
@pytest.mark.parametrize("case", CASES)
def test_beats_its_twin(case, rng):
    arrays = arrays_of(case, rng, 20_000, np.float32)
    name, n_state, numbers = CASES[case]
    arguments = (*arrays, *([] if n_state else [None]), *numbers)
    assert speed_ratio(name, arguments) > 40


@pytest.mark.speed
def test_sum_of_squares_beats_its_twin(rng):
    assert speed_ratio("sum_of_squares", (rng.normal(size=50_000),)) > 40


@pytest.mark.speed
@pytest.mark.parametrize("case", ["momentum", "rmsprop", "adam"])
def test_no_gradient_for_long_is_no_slower(case, rng):
    """Where all averages have decayed, 128 steps take the time of ordinary ones.

    The first 16 decay, untimed: each may take 100 times as long, as Intel hands every
    vector with a subnormal number to microcode. For good, it would be 2 times and more.
    """
    name, n_state, numbers = CASES[case]
    n = 20_000

    def seconds(size):
        grad = np.full(n, size, np.float32)
        fill = np.float32(size or 1e-41)  # 1e-41: subnormal
        param = np.zeros(n, np.float32)
        state = [np.full(n, fill) for _ in range(n_state)]

        def steps(first, last):
            for t in range(first, last + 1):
                now = (t, *numbers[1:]) if name == "adam_update" else numbers
                on_kernel(name, param, grad, *state, *now)

        steps(1, 16)
        start = time.perf_counter()
        steps(17, 144)
        return time.perf_counter() - start

    ratios = [seconds(0.0) / seconds(1.0) for _ in range(15)]
    assert np.median(ratios) < 1.5
