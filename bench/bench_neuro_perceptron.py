"""An epoch of the perceptron's rule: twin, NumPy and kernel side by side.

NumPy computes the sums of a block of samples together, and anew behind each error: so
it is quick where errors are rare, and slow where the classes overlap.
"""

import numpy as np
import pytest

from fastnn import backend

PATHS = ["reference", "numpy", "kernel"]
BLOCK = 256


def samples(kind, n=2000, d=10):
    """Rows y x of two classes, and weights that separate them or that do not."""
    rng = np.random.default_rng(0)
    u, x = rng.normal(size=d), rng.normal(size=(n, d))
    y = np.where(x @ u > 0, 1.0, -1.0)
    if kind == "overlapping":
        y *= np.where(rng.random(n) < 0.2, -1.0, 1.0)
    return y[:, None] * x, u


def with_numpy(signed, w):
    errors = 0
    for start in range(0, len(signed), BLOCK):
        block, i = signed[start : start + BLOCK], 0
        while i < len(block):
            wrong = block[i:] @ w <= 0
            k = int(wrong.argmax())
            if not wrong[k]:
                break
            w += block[i + k]
            errors += 1
            i += k + 1
    return errors


@pytest.mark.parametrize("kind", ["separated", "overlapping"])
@pytest.mark.parametrize("path", PATHS)
def bench_epoch(benchmark, path, kind):
    signed, u = samples(kind)
    order, errors = np.arange(len(signed)), np.zeros(1, np.int64)

    def through(name):
        with backend.use(name):
            epoch = backend.function("perceptron_epoch")

        def call():
            w = u.copy()
            epoch(signed, order, w, errors)
            return int(errors[0]), w

        return call

    def numpy_call():
        w = u.copy()
        return with_numpy(signed, w), w

    calls = {"reference": through("reference"), "kernel": through("kernels")}
    calls["numpy"] = numpy_call
    expected, w = calls["reference"]()
    for call in calls.values():
        found, own = call()
        assert found == expected and (kind == "separated") == (found == 0)
        np.testing.assert_allclose(own, w, rtol=1e-9)
    benchmark(calls[path])
