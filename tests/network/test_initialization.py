"""How weights begin."""

import math

import numpy as np
import pytest

from fastnn.network import initialization as init

RANDOM = [name for name in init.INITIALIZERS if name != "zeros"]
# name -> the standard deviation that its docstring states, at (n_in, n_out)
STD = {
    "normal": lambda n_in, n_out: 0.01,
    "xavier_uniform": lambda n_in, n_out: math.sqrt(2 / (n_in + n_out)),
    "xavier_normal": lambda n_in, n_out: math.sqrt(2 / (n_in + n_out)),
    "he_uniform": lambda n_in, n_out: math.sqrt(2 / n_in),
    "he_normal": lambda n_in, n_out: math.sqrt(2 / n_in),
    "lecun_normal": lambda n_in, n_out: math.sqrt(1 / n_in),
}


def test_limits_by_hand(rng):
    weights = init.xavier_uniform((2, 4), rng)  # sqrt(6 / 6) = 1
    assert weights.shape == (2, 4) and np.abs(weights).max() <= 1.0
    big = np.abs(init.he_uniform((6, 50_000), rng)).max()  # sqrt(6 / 6) = 1
    assert 0.999 < big <= 1.0


@pytest.mark.parametrize("name", STD)
def test_mean_and_standard_deviation(name, rng):
    shape = (300, 200)
    weights = init.INITIALIZERS[name](shape, rng)
    n, std = weights.size, STD[name](*shape)
    # five standard errors: of the mean, and of the standard deviation of a normal
    assert abs(weights.mean()) < 5 * std / math.sqrt(n)
    assert abs(weights.std() - std) < 5 * std / math.sqrt(2 * n)


def test_he_keeps_the_mean_square_through_relu_layers(rng):
    x = rng.normal(size=(200, 400))
    for _ in range(10):
        x = np.maximum(x @ init.he_normal((400, 400), rng), 0)
    assert 0.3 < np.mean(x**2) / 1.0 < 3.0


@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (1, 4), (1, 1)])
def test_orthogonal(shape, rng):
    weights = init.orthogonal(shape, rng)
    assert weights.shape == shape and weights.flags.c_contiguous
    small = weights.T @ weights if shape[0] >= shape[1] else weights @ weights.T
    np.testing.assert_allclose(small, np.eye(min(shape)), atol=1e-14)


def test_orthogonal_prefers_no_rotation():
    signs = [
        np.sign(init.orthogonal((3, 3), np.random.default_rng(seed)).diagonal())
        for seed in range(300)
    ]
    assert np.abs(np.mean(signs)) < 5 / math.sqrt(900)


@pytest.mark.parametrize("name", init.INITIALIZERS)
def test_initialize_gives_new_float64_arrays(name):
    def draw(seed):
        return init.initialize(name, [8, 5], np.random.default_rng(seed))

    weights = draw(1)
    assert weights.shape == (8, 5) and weights.dtype == np.float64
    assert weights.flags.c_contiguous and weights.flags.writeable
    np.testing.assert_array_equal(weights, draw(1))
    assert name == "zeros" or not np.array_equal(weights, draw(2))


def test_initialize_takes_a_function(rng):
    weights = init.initialize(lambda shape, rng: np.ones(shape, "f4"), (2, 3), rng)
    np.testing.assert_array_equal(weights, np.ones((2, 3)))
    assert weights.dtype == np.float64
    kept = np.ones((2, 3))
    assert init.initialize(lambda shape, rng: kept, (2, 3), rng) is not kept


def test_every_relu_like_activation_has_its_default():
    assert init.default_for("relu") == init.default_for("silu") == "he_uniform"
    assert init.default_for("selu") == "lecun_normal"
    assert init.default_for("tanh") == init.default_for(None) == "xavier_uniform"


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda rng: init.initialize("he", (2, 3), rng), "init is 'he'.*he_normal"),
        (lambda rng: init.initialize(None, (2, 3), rng), "init is None"),
        (lambda rng: init.he_normal((2,), rng), "he_normal: shape.*n_in, n_out"),
        (lambda rng: init.he_normal((2, 0), rng), "he_normal:.*at least 1"),
        (lambda rng: init.he_normal((2, 3), 7), "he_normal: rng is 7.*default_rng"),
        (lambda rng: init.he_normal((2, 3), None), "rng is None"),
        (
            lambda rng: init.initialize(lambda s, r: np.ones((3, 2)), (2, 3), rng),
            r"returned shape \(3, 2\); expected \(2, 3\)",
        ),
        (
            lambda rng: init.initialize(
                lambda s, r: s[0] * [s[1] * [np.nan]], (2, 3), rng
            ),
            "NaN or infinities",
        ),
    ],
)
def test_bad_input_is_named(call, words, rng):
    with pytest.raises((TypeError, ValueError), match=words):
        call(rng)
