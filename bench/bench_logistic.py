"""Fitting a logistic regression: gradient descent, Newton, NumPy alone, scikit-learn.

    pytest bench/bench_logistic.py --benchmark-only

To the minimum (newton, numpy, sklearn) and 100 steps towards it (gradient). numpy is
the same Newton's method with NumPy's own matrix products (BLAS).
"""

import warnings

import numpy as np
import pytest

import fastnn as fn


def table(name):
    data = getattr(fn.datasets, "load_" + name)()
    X = np.asarray(data.X, dtype=np.float64)
    spread = X.std(axis=0)
    return (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1), data.y


class ByNumpy:
    """Newton's method for C = 1, full steps, written with NumPy alone."""

    def fit(self, X, y):
        n, k = len(X), len(np.unique(y))
        x = np.hstack([X, np.ones((n, 1))])
        d = x.shape[1]
        truth = np.eye(k)[y]
        decay = np.append(np.ones(d - 1), 0.0)[:, None]
        params = np.zeros((d, k))
        for _ in range(50):
            z = x @ params
            p = np.exp(z - z.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            grad = x.T @ (p - truth) + decay * params
            h = np.zeros((k, d, k, d))
            for a in range(k):
                for b in range(k):
                    q = p[:, a] * ((a == b) - p[:, b])
                    h[a, :, b] = x.T @ (x * q[:, None])
                h[a, :, a] += np.diag(decay[:, 0])
            h[:, -1, :, -1] += 1.0  # the intercepts' sum stays 0
            step = np.linalg.solve(h.reshape(k * d, k * d), grad.T.ravel())
            params -= step.reshape(k, d).T
            if np.abs(step).max() < 1e-8:
                break
        self.coef_ = params[:-1].T
        return self


def maker(path):
    if path == "numpy":
        return ByNumpy()
    if path == "sklearn":
        linear_model = pytest.importorskip("sklearn.linear_model")
        return linear_model.LogisticRegression(tol=1e-10, max_iter=10_000)
    return fn.LogisticRegression(solver=path)


@pytest.mark.parametrize("name", ["breast_cancer", "penguins", "digits"])
@pytest.mark.parametrize("path", ["gradient", "newton", "numpy", "sklearn"])
def bench_fit(benchmark, path, name):
    X, y = table(name)
    model = maker(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # gradient: where the default rate overshoots
        if path != "gradient" and name != "breast_cancer":  # two classes: other shape
            exact = fn.LogisticRegression(solver="newton").fit(X, y).coef_
            np.testing.assert_allclose(model.fit(X, y).coef_, exact, atol=1e-4)
        benchmark.pedantic(model.fit, args=(X, y), rounds=3, warmup_rounds=1)


@pytest.mark.parametrize("path", ["kernel", "reference"])
def bench_gradient_step(benchmark, path):
    """One step over 200 samples: the kernels beside their twins."""
    X, y = fn.datasets.blobs(n_samples=200, seed=0)
    model = fn.LogisticRegression(epochs=1)
    expected = model.fit(X, y).coef_
    with fn.use("reference" if path == "reference" else "kernels"):
        np.testing.assert_allclose(model.fit(X, y).coef_, expected, rtol=1e-12)
        benchmark(model.fit, X, y)


@pytest.mark.parametrize("path", ["kernel", "sklearn"])
def bench_predict_proba(benchmark, path):
    X, y = table("digits")
    model = maker("newton" if path == "kernel" else path).fit(X, y)
    benchmark(model.predict_proba, X)
