"""The random numbers of first weights: NumPy's stream, with or without NumPy."""

import subprocess
import sys

import numpy as np
import pytest

import fastnn as fn
from fastnn.network import draws
from fastnn.network.draws import Draws

SEEDS = (0, 1, 7, 2**31, 2**32 - 1, 2**32, 2**40 + 5, 12345678901234567, 2**63 - 1)


@pytest.fixture
def without_numpy(monkeypatch):
    """As in a process that has not imported numpy.random."""
    monkeypatch.delitem(sys.modules, "numpy.random")


@pytest.mark.parametrize("seed", SEEDS)
def test_the_first_state_is_that_of_numpy(seed):
    theirs = np.random.PCG64(seed).state["state"]
    assert draws.first_state(seed) == (theirs["state"], theirs["inc"])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_numbers_are_those_of_numpy(seed, without_numpy):
    mine, theirs = Draws(seed), np.random.default_rng(seed)
    for shape in ((3, 4), (1, 1), (64, 32)):
        np.testing.assert_array_equal(mine.random(shape), theirs.random(shape))
    assert mine._generator is None  # all of them were computed here


def test_the_generator_goes_on_where_the_stream_is(without_numpy):
    mine, theirs = Draws(3), np.random.default_rng(3)
    np.testing.assert_array_equal(mine.random((5, 2)), theirs.random((5, 2)))
    mine_now = mine.generator().normal(size=7)
    np.testing.assert_array_equal(mine_now, theirs.normal(size=7))
    np.testing.assert_array_equal(mine.random((2, 2)), theirs.random((2, 2)))


def test_many_numbers_are_left_to_numpy(without_numpy):
    mine, theirs = Draws(3), np.random.default_rng(3)
    for shape in ((50, 50), (100, 100), (2, 2)):
        np.testing.assert_array_equal(mine.random(shape), theirs.random(shape))
    assert mine._generator is not None


@pytest.mark.parametrize("limit", [0.3, np.sqrt(6 / 7), 2.0])
def test_a_limit_times_the_numbers_is_what_uniform_gives(limit):
    found = fn.network.initialization._uniform("", Draws(5), limit, (9, 9))
    uniform = np.random.default_rng(5).uniform(-limit, limit, (9, 9))
    # NumPy's compiler may have fused the product and the sum: half an ulp of 2 limit
    np.testing.assert_allclose(found, uniform, rtol=0, atol=2**-52 * limit)


PROGRAM = """
import sys
sys.path[:] = {path!r}
{first}
import fastnn as fn
net = fn.mlp(5, [4, 3], 2, activation={activation!r}, seed=9)
assert ("numpy.random" in sys.modules) is {imported}
print(net.flat_parameters.tobytes().hex())
"""


def parameters(first, activation, imported):
    code = PROGRAM.format(
        path=sys.path, first=first, activation=activation, imported=imported
    )
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout


# selu's weights are normal numbers, which NumPy draws
@pytest.mark.parametrize(("activation", "imports"), [("relu", False), ("selu", True)])
def test_same_seed_same_bits_whether_numpy_random_was_imported_or_not(
    activation, imports
):
    without = parameters("", activation, imports)
    assert without == parameters("import numpy.random", activation, True)


def test_layers_and_functions_of_users_get_a_generator(without_numpy):
    seen = []

    def weights(shape, rng):
        seen.append(rng)
        return rng.normal(size=shape)

    class Mine(fn.Dense):
        def build(self, n_in, rng):
            seen.append(rng)
            super().build(n_in, rng)

    net = fn.Network([fn.Dense(3, 4), fn.Dense(4, 4, init=weights), Mine(4, 2)], seed=1)
    rng = np.random.default_rng(1)
    limits = [np.sqrt(6 / 7), None, np.sqrt(6 / 6)]
    for layer, limit in zip(net.layers, limits, strict=True):
        shape = layer.weights.shape
        wanted = rng.normal(size=shape) if limit is None else (
            2 * limit * rng.random(shape) - limit
        )  # fmt: skip
        np.testing.assert_array_equal(layer.weights, wanted.astype(np.float32))
    assert all(type(one) is np.random.Generator for one in seen) and len(seen) == 2
