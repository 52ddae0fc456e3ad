"""LogisticRegression: by hand, both solvers, and what surrounds them."""

import math
import warnings

import numpy as np
import pytest

import fastnn as fn
from fastnn.estimators import newton
from fastnn.estimators.logistic import largest_eigenvalue

BY_HAND = 1.0425969  # w = 4 (1 - sigmoid(w)), by fixed-point iteration


def objective(model, X, y, weight):
    """C sum w loss + 1/2 ||coef||^2, written with NumPy alone."""
    z = model.decision_function(X).reshape(len(X), -1)
    index = np.searchsorted(model.classes_, y)
    if z.shape[1] == 1:
        z = np.hstack([np.zeros_like(z), z])
    log_p = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -np.sum(weight * log_p[np.arange(len(X)), index])
    return model.C * loss + 0.5 * np.sum(model.coef_**2)


def standardized(table):
    return (table.X - table.X.mean(axis=0)) / table.X.std(axis=0), table.y


def problem(k, rng, n=60, d=4):
    X = rng.standard_normal((n, d)) * [1, 3, 0.5, 1]
    y = (X @ rng.standard_normal((d, k)) + rng.gumbel(size=(n, k))).argmax(axis=1)
    assert len(np.unique(y)) == k
    return X, y


class TestByHand:
    def test_two_points(self):
        """x = -1 and 1: by symmetry b = 0, and 2 C (1 - sigmoid(w)) = w."""
        model = fn.LogisticRegression(C=2.0, solver="newton").fit([[-1], [1]], [0, 1])
        assert model.coef_ == pytest.approx(BY_HAND, abs=1e-7)
        assert model.intercept_ == pytest.approx(0.0, abs=1e-12)
        w = model.coef_.item()
        assert w == pytest.approx(4 * (1 - 1 / (1 + math.exp(-w))), abs=1e-12)

    def test_one_step_of_gradient_descent(self):
        """From zeros all probabilities are 1/2: w = rate * mean((y - 1/2) x)."""
        X, y = [[1.0, 0.0], [0.0, 2.0], [1.0, 1.0], [3.0, 1.0]], [0, 1, 1, 1]
        model = fn.LogisticRegression(learning_rate=0.4, epochs=1).fit(X, y)
        # sums of (y - 1/2) x: (-0.5 + 0.5 + 1.5, 1 + 0.5 + 0.5); of (y - 1/2): 1
        np.testing.assert_allclose(model.coef_, [[0.4 * 1.5 / 4, 0.4 * 2.0 / 4]])
        np.testing.assert_allclose(model.intercept_, [0.4 * 1.0 / 4])
        assert model.history_.loss == [pytest.approx(math.log(2))]

    def test_two_steps_shrink_by_the_penalty(self):
        """The second step takes rate / (C n) of the weights, nothing of the bias."""
        X, y = np.array([[-1.0], [1.0]]), [0, 1]
        model = fn.LogisticRegression(C=0.5, learning_rate=0.4, epochs=2).fit(X, y)
        w = 0.4 * 0.5
        w += 0.4 * (1 - 1 / (1 + math.exp(-w))) - 0.4 * w / (0.5 * 2)
        np.testing.assert_allclose(model.coef_, [[w]], rtol=1e-14)

    def test_readme_example(self):
        X, y = fn.datasets.blobs(n_samples=200, seed=0)
        model = fn.LogisticRegression(learning_rate=0.5, epochs=200).fit(X, y)
        assert model.history_.loss[0] == pytest.approx(0.693, abs=1e-3)
        assert len(model.history_.loss) == model.n_iter_ == 200
        assert np.all(np.diff(model.history_.loss) < 0)
        assert model.score(X, y) > 0.97
        assert model.coef_.shape == (1, 2) and model.intercept_.shape == (1,)


@pytest.mark.parametrize("k", [2, 3, 5])
@pytest.mark.parametrize("fit_intercept", [True, False])
class TestMinimum:
    def test_gradient_vanishes(self, k, fit_intercept, rng):
        """Central differences of the objective in every direction are 0."""
        X, y = problem(k, rng)
        weight = rng.uniform(0, 2, len(X))
        model = fn.LogisticRegression(
            C=0.7, solver="newton", fit_intercept=fit_intercept
        ).fit(X, y, sample_weight=weight)
        at_minimum = objective(model, X, y, weight)
        for name in ("coef_", "intercept_")[: 1 + fit_intercept]:
            values = getattr(model, name)
            for place in np.ndindex(values.shape):
                h = 1e-4
                values[place] += h
                above = objective(model, X, y, weight)
                values[place] -= 2 * h
                below = objective(model, X, y, weight)
                values[place] += h
                # the difference itself is rounded to eps * f / h = 1e-10
                assert abs(above - below) / (2 * h) < 1e-7
                assert min(above, below) >= at_minimum

    def test_gradient_descent_arrives_there_too(self, k, fit_intercept, rng):
        X, y = problem(k, rng)
        weight = rng.uniform(0, 2, len(X))
        kwargs = {"C": 0.2, "fit_intercept": fit_intercept}
        exact = fn.LogisticRegression(solver="newton", **kwargs)
        slow = fn.LogisticRegression(learning_rate=0.2, epochs=4000, **kwargs)
        exact.fit(X, y, sample_weight=weight)
        slow.fit(X, y, sample_weight=weight)
        np.testing.assert_allclose(slow.coef_, exact.coef_, atol=1e-6)
        np.testing.assert_allclose(slow.intercept_, exact.intercept_, atol=1e-6)
        if not fit_intercept:
            assert not exact.intercept_.any() and not slow.intercept_.any()

    def test_both_ways_to_solve(self, k, fit_intercept, rng, monkeypatch):
        X, y = problem(k, rng)
        model = fn.LogisticRegression(solver="newton", fit_intercept=fit_intercept)
        explicit = model.fit(X, y).coef_
        monkeypatch.setattr(newton, "EXPLICIT", 0)
        np.testing.assert_allclose(model.fit(X, y).coef_, explicit, atol=1e-9)
        assert model.intercept_.sum() == pytest.approx(0 if k > 2 else model.intercept_)


@pytest.mark.parametrize("k", [2, 4])
def test_hessian_is_the_derivative_of_the_gradient(k, rng):
    X, y = problem(k, rng)
    weight = rng.uniform(0, 2, len(X))
    outputs = 1 if k == 2 else k
    f = newton.Objective(X, y, outputs, weight, 0.03, True)
    params, v = rng.standard_normal((2, 5, outputs)) / 3
    v -= v.mean(axis=1, keepdims=True) if k > 2 else 0  # apart from the gauge

    def gradient(at):
        return f.gradient(at, f.losses(at, f.logits(at))[2])

    h = 1e-5
    numeric = (gradient(params + h * v) - gradient(params - h * v)) / (2 * h)
    curvature = f.curvature(f.logits(params))
    np.testing.assert_allclose(curvature.times(v), numeric, rtol=1e-6, atol=1e-9)
    matrix = curvature.matrix()
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-15)
    product = (matrix @ v.T.ravel()).reshape(v.T.shape).T
    np.testing.assert_allclose(product, curvature.times(v), atol=1e-13)
    diagonal = curvature.diagonal().T.ravel()
    np.testing.assert_allclose(np.diag(matrix), diagonal, atol=1e-14)


class TestNewton:
    @pytest.mark.parametrize("C", [1e-6, 1.0, 1e6, 1e12])
    def test_separable_data(self, C):
        X = np.array([[-2.0], [-1.0], [1.0], [2.0]])
        model = fn.LogisticRegression(C=C, solver="newton").fit(X, [0, 0, 1, 1])

        def slope(w):  # of C sum loss + w^2 / 2; 1 - sigmoid(w) = e^-w / (1 + e^-w)
            pull = sum(x * math.exp(-w * x) / (1 + math.exp(-w * x)) for x in (1, 2))
            return w - 2 * C * pull

        low, high = 0.0, 100.0
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (middle, high) if slope(middle) < 0 else (low, middle)
        assert model.coef_.item() == pytest.approx(low, rel=1e-7)
        assert model.history_.stopped is None

    def test_raw_features(self):
        table = fn.datasets.load_breast_cancer()
        raw = fn.LogisticRegression(C=1e9, solver="newton").fit(table.X, table.y)
        X, y = standardized(table)
        scaled = fn.LogisticRegression(C=1e9, solver="newton").fit(X, y)
        assert raw.score(table.X, table.y) == pytest.approx(
            scaled.score(X, y), abs=0.01
        )

    def test_history(self):
        X, y = standardized(fn.datasets.load_iris())
        model = fn.LogisticRegression(solver="newton").fit(X, y)
        loss = model.history_.loss
        assert loss[0] == pytest.approx(math.log(3))
        assert len(loss) == model.n_iter_ + 1
        assert loss[-1] < 0.2
        assert model.history_.grad_norms[-1][0] < 1e-10
        np.testing.assert_allclose(model.coef_.sum(axis=0), 0, atol=1e-12)
        assert model.intercept_.sum() == pytest.approx(0, abs=1e-12)

    def test_says_when_it_is_not_there(self):
        X, y = standardized(fn.datasets.load_iris())
        with pytest.warns(RuntimeWarning, match="not at the minimum after 2 steps"):
            model = fn.LogisticRegression(solver="newton", epochs=2).fit(X, y)
        assert model.n_iter_ == 2 and "minimum" in model.history_.stopped

    def test_constant_and_repeated_columns(self):
        X = np.array([[0.0, 1, 1, 5], [0, 2, 2, 5], [0, 3, 3, 5], [0, 4, 4, 5]])
        model = fn.LogisticRegression(solver="newton", C=1e9).fit(X, [0, 1, 0, 1])
        assert model.coef_[0, 0] == 0
        assert model.coef_[0, 1] == pytest.approx(model.coef_[0, 2], rel=1e-4)

    def test_a_class_without_weight(self):
        """Its intercept has no minimum: it falls until the loss can't feel it."""
        X, y = standardized(fn.datasets.load_iris())
        model = fn.LogisticRegression(solver="newton")
        model.fit(X, y, sample_weight=(y < 2).astype(float))
        assert model.predict_proba(X)[:, 2].max() < 1e-6


class TestWeights:
    @pytest.mark.parametrize("solver", ["newton", "gradient"])
    def test_weights_are_repetitions(self, solver, rng):
        X, y = problem(3, rng)
        times = rng.integers(0, 4, len(X))
        kwargs = {"solver": solver, "class_weight": "balanced"}
        weighted = fn.LogisticRegression(**kwargs).fit(X, y, sample_weight=times)
        rows = np.repeat(np.arange(len(X)), times)
        repeated = fn.LogisticRegression(**kwargs).fit(X[rows], y[rows])
        np.testing.assert_allclose(weighted.coef_, repeated.coef_, atol=1e-9)
        np.testing.assert_allclose(weighted.intercept_, repeated.intercept_, atol=1e-9)
        assert weighted.score(X, y, times) == repeated.score(X[rows], y[rows])

    def test_class_weights_are_sample_weights(self, rng):
        X, y = problem(2, rng)
        names = np.array(["no", "yes"])[y]
        by_class = fn.LogisticRegression(solver="newton", class_weight={"yes": 3.0})
        by_class.fit(X, names)
        by_sample = fn.LogisticRegression(solver="newton")
        by_sample.fit(X, names, sample_weight=np.where(y == 1, 3.0, 1.0))
        np.testing.assert_allclose(by_class.coef_, by_sample.coef_, rtol=1e-9)


class TestGradient:
    def test_overshooting_is_mended_and_said(self):
        table = fn.datasets.load_breast_cancer()
        model = fn.LogisticRegression()
        with pytest.warns(RuntimeWarning, match="learning_rate=0.1 is too large"):
            model.fit(table.X, table.y)
        assert model.score(table.X, table.y) > 0.88
        assert np.all(np.diff(model.history_.loss) <= 0)

    @pytest.mark.parametrize("k", [2, 3])
    def test_the_mended_one_has_the_same_minimum(self, k, rng):
        X, y = problem(k, rng)
        X = 100 * X + 500
        weight = rng.uniform(0, 2, len(X))
        exact = fn.LogisticRegression(C=1e-4, solver="newton")
        mended = fn.LogisticRegression(C=1e-4, epochs=5000)
        exact.fit(X, y, sample_weight=weight)
        with pytest.warns(RuntimeWarning, match="too large"):
            mended.fit(X, y, sample_weight=weight)
        np.testing.assert_allclose(mended.coef_, exact.coef_, atol=1e-7)
        np.testing.assert_allclose(mended.intercept_, exact.intercept_, atol=1e-5)

    def test_a_penalty_too_strong_for_the_step(self, rng):
        X, y = problem(2, rng)
        with pytest.warns(RuntimeWarning, match="too large"):
            model = fn.LogisticRegression(C=1e-9).fit(X, y)
        exact = fn.LogisticRegression(C=1e-9, solver="newton").fit(X, y)
        np.testing.assert_allclose(model.coef_, exact.coef_, atol=1e-7)

    def test_batches_and_seeds(self, rng):
        X, y = problem(3, rng)
        fit = lambda seed: fn.LogisticRegression(  # noqa: E731
            batch_size=8, epochs=5, learning_rate=0.05, seed=seed
        ).fit(X, y)
        np.testing.assert_array_equal(fit(1).coef_, fit(1).coef_)
        assert (fit(1).coef_ != fit(2).coef_).any()
        whole = fn.LogisticRegression(batch_size=1000, epochs=5).fit(X, y)
        same = fn.LogisticRegression(epochs=5).fit(X, y)
        np.testing.assert_array_equal(whole.coef_, same.coef_)

    def test_schedule(self, rng):
        X, y = problem(2, rng)
        rate = fn.schedules.cosine(0.1, epochs=10)
        model = fn.LogisticRegression(learning_rate=rate, epochs=10).fit(X, y)
        assert model.history_.learning_rate[0] > model.history_.learning_rate[-1]

    def test_reference_path_computes_the_same(self, rng):
        X, y = problem(3, rng)
        fast = fn.LogisticRegression(epochs=5).fit(X, y).coef_
        with fn.use("reference"):
            plain = fn.LogisticRegression(epochs=5).fit(X, y).coef_
        np.testing.assert_allclose(plain, fast, rtol=1e-10)

    def test_largest_eigenvalue(self, rng):
        x = rng.standard_normal((50, 6)) * [5, 1, 1, 1, 1, 1]
        exact = np.linalg.eigvalsh(x.T @ x)[-1]
        assert 0.99 * exact < largest_eigenvalue(x) <= exact * (1 + 1e-12)
        assert largest_eigenvalue(np.zeros((3, 2))) == 0


class TestAnswers:
    @pytest.mark.parametrize("k", [2, 3])
    def test_probabilities(self, k, rng):
        X, y = problem(k, rng)
        model = fn.LogisticRegression(solver="newton").fit(X, y)
        p = model.predict_proba(X)
        np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-15)
        np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), p, rtol=1e-13)
        np.testing.assert_array_equal(model.predict(X), p.argmax(axis=1))
        assert model.score(X, y) == np.mean(model.predict(X) == y)
        z = model.decision_function(X)
        assert z.shape == ((len(X),) if k == 2 else (len(X), k))

    def test_rows_do_not_depend_on_their_neighbours(self, rng):
        X, y = problem(3, rng)
        model = fn.LogisticRegression(solver="newton").fit(X, y)
        for i in range(0, len(X), 7):
            one = model.predict_proba(X[i : i + 1])[0]
            np.testing.assert_array_equal(model.predict_proba(X)[i], one)

    def test_log_probabilities_stay_finite(self):
        model = fn.LogisticRegression(C=1e6, solver="newton")
        model.fit([[-1.0], [0.0], [1.0]], [0, 1, 2])
        assert model.predict_proba([[1e4]])[0, 0] == 0
        assert np.isfinite(model.predict_log_proba([[1e4]])).all()

    @pytest.mark.parametrize(
        "labels",
        [
            ["no", "yes"],
            [False, True],
            [-1, 1],
            [3.0, 7.0],
            np.array(["a", "b"], dtype=object),
            [np.int8(0), np.int8(1)],
        ],
    )
    def test_labels_come_back_as_they_were(self, labels):
        X = [[-1.0], [-2.0], [1.0], [2.0]]
        y = [labels[0], labels[0], labels[1], labels[1]]
        model = fn.LogisticRegression(solver="newton").fit(X, y)
        assert model.classes_.tolist() == list(labels)
        assert model.predict(X).tolist() == y
        assert model.score(X, y) == 1.0


def test_digits():
    """Trained to the minimum on 80 % of the digits; the rest is read rightly."""
    table = fn.datasets.load_digits()
    train, test = fn.data.split(table.X / 16, table.y, seed=0)
    model = fn.LogisticRegression(solver="newton").fit(*train)
    assert model.score(*test) > 0.95


def test_parameters_are_arguments():
    model = fn.LogisticRegression(C=2.0, solver="newton")
    assert repr(model) == "LogisticRegression(C=2.0, solver='newton')"
    assert model.get_params()["C"] == 2.0
    assert model.set_params(C=3.0) is model and model.C == 3.0
    with pytest.raises(ValueError, match="Invalid parameter 'gamma' for estimator"):
        model.set_params(gamma=1)


def test_the_network_default_is_quiet(rng):
    X, y = problem(2, rng)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fn.LogisticRegression().fit(X, y)
        fn.LogisticRegression(solver="newton").fit(X, y)
