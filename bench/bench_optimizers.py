"""One step of each optimizer: plain Python, NumPy and the kernel side by side.

pytest bench/bench_optimizers.py --benchmark-group-by=func,param:name,param:size

NumPy needs a pass over memory for each operation, the kernel one for all of them.
"""

import math

import numpy as np
import pytest
from contract import on_kernel, on_twin
from versus import optimizers

RATE, EPS = 1e-3, 1e-8


def numpy_sgd(p, g, v):
    v *= 0.9
    v += g
    p -= RATE * v


def numpy_adagrad(p, g, s):
    s += g * g
    p -= RATE * g / (np.sqrt(s) + EPS)


def numpy_rmsprop(p, g, s):
    s *= 0.99
    s += (1 - 0.99) * g * g
    p -= RATE * g / (np.sqrt(s) + EPS)


def numpy_adam(p, g, m, v):
    m *= 0.9
    m += (1 - 0.9) * g
    v *= 0.999
    v += (1 - 0.999) * g * g
    rate = RATE / (1 - 0.9**3)
    unbias = 1 / math.sqrt(1 - 0.999**3)
    p -= rate * m / (np.sqrt(v) * unbias + EPS)


CASES = {  # NumPy's step, number of state arrays, the kernel's other arguments
    "sgd_update": (numpy_sgd, 1, (RATE, 0.9, False, 0.0, 1.0)),
    "adagrad_update": (numpy_adagrad, 1, (RATE, EPS, 0.0, 1.0)),
    "rmsprop_update": (numpy_rmsprop, 1, (RATE, 0.99, EPS, 0.0, 1.0)),
    "adam_update": (numpy_adam, 2, (3, RATE, 0.9, 0.999, EPS, 0.0, 1.0)),
}


@pytest.mark.parametrize("size", [1_000, 1_000_000])
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("path", ["reference", "numpy", "kernel"])
def bench_step(benchmark, path, name, size):
    if path == "reference" and size > 100_000:
        pytest.skip("plain Python takes a second a step here")
    step, n_state, numbers = CASES[name]
    rng = np.random.default_rng(0)
    arrays = [x for x in rng.normal(size=(2 + n_state, size)).astype(np.float32)]
    arrays[-1] = arrays[-1] ** 2

    mine, numpys = [x.copy() for x in arrays], [x.copy() for x in arrays]
    on_kernel(name, *mine, *numbers)
    step(*numpys)
    for a, b in zip(mine, numpys, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)

    if path == "numpy":
        benchmark(step, *arrays)
    else:
        call = on_twin if path == "reference" else on_kernel
        benchmark(call, name, *arrays, *numbers)


@pytest.mark.parametrize("size", [1_000, 1_000_000])
@pytest.mark.parametrize("name", ["sum_of_squares"])
@pytest.mark.parametrize("path", ["reference", "numpy", "kernel"])
def bench_sum(benchmark, path, name, size):
    """NumPy adds in float32 through BLAS: faster here, and less exact."""
    if path == "reference" and size > 100_000:
        pytest.skip("plain Python takes a tenth of a second here")
    x = np.random.default_rng(0).normal(size=size).astype(np.float32)
    assert on_kernel(name, x) == pytest.approx(float(x @ x), rel=1e-4)
    if path == "numpy":
        benchmark(np.dot, x, x)
    else:
        benchmark(on_twin if path == "reference" else on_kernel, name, x)


@pytest.mark.parametrize("size", [1_000, 1_000_000])
@pytest.mark.parametrize("name", ["Adam", "SGD with momentum"])
@pytest.mark.parametrize("path", ["fastnn", "NumPy", "torch", "jax"])
def bench_beside_others(side_by_side, path, name, size):
    side_by_side(optimizers.step_of(name, size), path)
