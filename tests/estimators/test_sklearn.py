"""Beside scikit-learn, where it is installed: its checks, its tools, its numbers."""

import copy
import io
import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest

import fastnn as fn
from fastnn import neuro

sklearn = pytest.importorskip("sklearn")

from sklearn import linear_model, model_selection, pipeline, preprocessing  # noqa: E402
from sklearn.base import clone, is_classifier, is_regressor  # noqa: E402
from sklearn.exceptions import NotFittedError  # noqa: E402
from sklearn.utils.estimator_checks import estimator_checks_generator  # noqa: E402

ESTIMATORS = [
    fn.LogisticRegression(),
    fn.LogisticRegression(solver="newton"),
    fn.MLPClassifier(),
    fn.MLPRegressor(),
]
with warnings.catch_warnings():
    warnings.simplefilter(
        "ignore", UserWarning
    )  # they don't inherit from BaseEstimator
    CHECKS = [
        pair
        for model in [*ESTIMATORS, neuro.Perceptron(epochs=50)]
        for pair in estimator_checks_generator(model)
    ]


def name_of(value):
    function = getattr(value, "func", None)
    return function.__name__ if function else repr(value).replace(" ", "")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("estimator, check", CHECKS, ids=name_of)
def test_check_estimator(estimator, check):
    try:
        check(estimator)
    except Exception as error:
        if type(error).__name__ == "SkipTest":
            pytest.skip(str(error))
        raise


def table(name):
    data = getattr(fn.datasets, "load_" + name)()
    X = np.asarray(data.X, dtype=np.float64)
    if name == "digits":
        return X[:600] / 16, data.y[:600]
    return (X - X.mean(axis=0)) / X.std(axis=0), data.y


OPTIONS = [
    {},
    {"weights": True},
    {"class_weight": "balanced"},
    {"fit_intercept": False},
    {"C": 0.01},
]


SLOW = pytest.param("digits", marks=pytest.mark.slow)  # 650 coefficients


@pytest.mark.parametrize("options", OPTIONS, ids=repr)
@pytest.mark.parametrize("name", ["breast_cancer", SLOW, "iris", "penguins"])
def test_newton_finds_the_same_coefficients(name, options):
    X, y = table(name)
    options = dict(options)
    weight = None
    if options.pop("weights", False):
        weight = np.random.default_rng(0).uniform(0, 3, len(X))
    ours = fn.LogisticRegression(solver="newton", **options)
    theirs = linear_model.LogisticRegression(
        solver="newton-cholesky", tol=1e-10, max_iter=10_000, **options
    )
    ours.fit(X, y, sample_weight=weight)
    theirs.fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-5, rtol=0)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-5, rtol=0)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    np.testing.assert_allclose(
        ours.predict_proba(X), theirs.predict_proba(X), atol=1e-5
    )


@pytest.mark.parametrize("model", ESTIMATORS, ids=repr)
class TestTools:
    def data(self, model):
        X, y = table("breast_cancer")
        return (X, y) if is_classifier(model) else (X[:, 1:], X[:, 0])

    def small(self, model):
        small = {
            "hidden_layer_sizes": (8,),
            "batch_size": 16,
            "epochs": 50,
            "learning_rate": 0.01,
        }
        known = model.get_params()
        return clone(model).set_params(
            **{k: v for k, v in small.items() if "alpha" in known}
        )

    def test_pipeline_and_cross_validation(self, model):
        X, y = self.data(model)
        made = pipeline.make_pipeline(preprocessing.StandardScaler(), self.small(model))
        scores = model_selection.cross_val_score(made, X, y, cv=3)
        assert scores.min() > 0.9
        assert made.fit(X, y).score(X, y) > 0.9

    def test_grid_search(self, model):
        X, y = self.data(model)
        name = "alpha" if "alpha" in model.get_params() else "C"
        search = model_selection.GridSearchCV(
            self.small(model), {name: [1e-3, 1e-1]}, cv=2, n_jobs=1
        )
        search.fit(X, y)
        assert search.best_params_[name] in (1e-3, 1e-1)
        assert search.best_estimator_.score(X, y) > 0.9

    def test_clone_pickle_and_joblib(self, model, tmp_path):
        joblib = pytest.importorskip("joblib")
        X, y = self.data(model)
        fitted = self.small(model).fit(X, y)
        assert clone(fitted).get_params() == fitted.get_params()
        assert not hasattr(clone(fitted), "n_features_in_")
        joblib.dump(fitted, tmp_path / "model.joblib")
        mapped = joblib.load(tmp_path / "model.joblib", mmap_mode="r")
        loaded = pickle.load(io.BytesIO(pickle.dumps(fitted)))
        for other in (loaded, mapped, copy.deepcopy(fitted)):
            np.testing.assert_array_equal(other.predict(X), fitted.predict(X))
            other.fit(X, y)

    def test_kind(self, model):
        assert is_classifier(model) != is_regressor(model)

    def test_not_fitted(self, model):
        with pytest.raises(NotFittedError, match="not fitted yet"):
            clone(model).predict([[0.0]])

    def test_data_frames(self, model):
        pandas = pytest.importorskip("pandas")
        X, y = self.data(model)
        columns = [f"column {i}" for i in range(X.shape[1])]
        frame = pandas.DataFrame(X, columns=columns)
        fitted = self.small(model).fit(frame, pandas.Series(y))
        assert fitted.feature_names_in_.tolist() == columns
        np.testing.assert_array_equal(
            fitted.predict(frame), self.small(model).fit(X, y).predict(X)
        )
        with pytest.raises(ValueError, match="must be in the same order"):
            fitted.predict(frame[columns[::-1]])
        with pytest.raises(ValueError, match="unseen at fit time:\n- other"):
            fitted.predict(frame.rename(columns={"column 0": "other"}))
        with pytest.warns(UserWarning, match="does not have valid feature names"):
            fitted.predict(X)
        fitted.fit(X, y)
        assert not hasattr(fitted, "feature_names_in_")

    def test_sparse(self, model):
        sparse = pytest.importorskip("scipy.sparse")
        X, y = self.data(model)
        with pytest.raises(TypeError, match=r"X is a sparse matrix.*X.toarray\(\)"):
            clone(model).fit(sparse.csr_matrix(X), y)


def test_text_labels_of_a_frame():
    pandas = pytest.importorskip("pandas")
    X, y = table("iris")
    for kind in ("object", "str", "category"):
        names = pandas.Series(np.array(["a", "b", "c"])[y], dtype=kind)
        model = fn.LogisticRegression(solver="newton").fit(X, names)
        assert model.classes_.tolist() == ["a", "b", "c"]
        assert model.score(X, names) > 0.95


def test_import_leaves_it_alone():
    code = (
        "import sys, fastnn; sys.exit(any('sklearn' in name for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
