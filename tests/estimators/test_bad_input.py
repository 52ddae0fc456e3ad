"""Every estimator, every bad input: a sentence that names it, nothing half-learned."""

import subprocess
import sys

import numpy as np
import pytest

import fastnn as fn

N, D = 12, 3
X = np.random.default_rng(0).standard_normal((N, D))
LABELS = np.arange(N) % 2
VALUES = X[:, 0] * 2

MAKERS = {
    "gradient": lambda **kw: fn.LogisticRegression(**{"epochs": 3, **kw}),
    "newton": lambda **kw: fn.LogisticRegression(solver="newton", **kw),
    "classifier": lambda **kw: fn.MLPClassifier((4,), **{"epochs": 3, **kw}),
    "regressor": lambda **kw: fn.MLPRegressor((4,), **{"epochs": 3, **kw}),
}
CLASSIFIERS = ("gradient", "newton", "classifier")


class Sparse:
    """What scipy.sparse matrices have, as far as it is looked at."""

    nnz = 3
    shape = (N, D)

    def toarray(self):
        return X


def changed(x, value, place=0):
    x = np.array(x, dtype=np.result_type(np.asarray(x), np.asarray(value)))
    x.flat[place] = value
    return x


BAD_X = {
    "None": (None, "X is None"),
    "a number": (3.0, "X has shape .*Expected 2D array"),
    "text": ("table.csv", "X has shape .*Expected 2D array"),
    "1-D": (X[:, 0], "X has shape .*Expected 2D array, got 1D array"),
    "3-D": (X[None], "X has shape .*Found array with dim 3"),
    "no rows": (X[:0], r"X is empty.*0 sample\(s\)"),
    "no columns": (X[:, :0], r"X is empty.*0 feature\(s\)"),
    "ragged": ([[1.0, 2.0], [3.0]], "X cannot be made an array"),
    "NaN": (changed(X, np.nan, 5), "X has 1 value.*row 1, column 2.*X contains NaN"),
    "inf": (changed(X, -np.inf), "X has 1 value.*X contains NaN or infinity"),
    "complex": (X + 0j, "X holds complex numbers"),
    "complex objects": ((X + 1j).astype(object), "X holds complex numbers"),
    "words": (X.astype(str), "X has dtype <U"),
    "objects": (changed(X.astype(object), "red"), "X has the dtype object.*'red'"),
    "masked": (np.ma.masked_array(X, X > 1), "X is a masked array"),
    "sparse": (Sparse(), "X is a sparse matrix"),
}
BAD_Y = {
    "None": (None, "y is None.*requires y to be passed"),
    "a number": (1.0, "y is 1.0"),
    "too short": (LABELS[:-1], f"y has {N - 1} row.*X has {N}"),
    "empty": ([], f"y has 0 row.*X has {N}"),
    "3-D": (np.zeros((N, 2, 2)), "y has shape"),
    "NaN": (changed(LABELS, np.nan), "y has 1 value.*y contains NaN"),
    "inf": (changed(LABELS, np.inf), "y has 1 value.*y contains NaN or inf"),
    "complex": (LABELS + 1j, "y holds complex numbers"),
    "sparse": (Sparse(), "y is a sparse matrix"),
    "ragged": ([[1], [1, 2]] * (N // 2), "y cannot be made an array"),
}
BAD_LABELS = {
    "one class": (np.ones(N, int), r"y holds 1 class, \[1\].*at least 2 classes"),
    "values": (VALUES, "y holds values like .*Unknown label type: continuous"),
    "2-D": (np.zeros((N, 2)), "y has shape .*Unknown label type"),
    "mixed": (np.array(["a", 1] * (N // 2), dtype=object), "y has the dtype object"),
    "missing": (np.array(["a", None] * (N // 2), dtype=object), "y has missing labels"),
    "dicts": (np.array([{}] * N), "y has the dtype object.*Unknown label type"),
    "dates": (np.array(["2020-01-01"] * N, dtype="M8[D]"), "y has the dtype datetime"),
}
BAD_WEIGHTS = {
    "negative": (changed(np.ones(N), -1.0), "sample_weight has the value -1.0"),
    "zeros": (np.zeros(N), "sample_weight is zero for all"),
    "short": (np.ones(N - 1), f"sample_weight has {N - 1} row"),
    "2-D": (np.ones((N, 1)), "sample_weight has 2 dimension"),
    "NaN": (changed(np.ones(N), np.nan), "sample_weight has 1 value"),
    "words": (["a"] * N, "sample_weight has dtype"),
    "complex": (np.ones(N) * 1j, "sample_weight holds complex"),
}
BAD_PARAMETERS = {
    "epochs": [-1, 0, 1.5, "many", None, True],
    "batch_size": [0, -5, 2.5, "big"],
    "tol": [-1.0, "small", None, float("nan")],
    "learning_rate": [-0.1, "fast", None, float("nan")],
    "seed": [-1, 1.5, "x"],
    "C": [-1, 0, float("inf"), float("nan"), None, "1"],
    "solver": ["x", "lbfgs", None, 3],
    "fit_intercept": [None, "yes", 2],
    "hidden_layer_sizes": [
        (0,),
        (-3,),
        (2.5,),
        "100",
        None,
        {3},
        np.array(3),
        [1, [2, 3]],
    ],
    "activation": ["x", 3],
    "optimizer": ["x", None, fn.Adam],
    "alpha": [-1e-4, None, float("inf")],
    "n_iter_no_change": [0, 1.5],
    "early_stopping": ["yes", None, np.ones(3), np.array([])],
    "validation_fraction": [0, 1, -0.1, "half"],
    "dropout": [1.0, -0.5, "half"],
    "dtype": ["float16", int, 64],
}
PARAMETERS = [
    (name, parameter)
    for name, make in MAKERS.items()
    for parameter in BAD_PARAMETERS
    if parameter in make().get_params()
    and not (name == "newton" and parameter in ("learning_rate", "seed"))  # not used
]
BAD_CLASS_WEIGHTS = ["fair", {2: 1.0}, {0: -1.0}, {0: "x"}, 3.0, {0: float("nan")}]


def target(name):
    return LABELS if name in CLASSIFIERS else VALUES


def refused(model, pattern, *args, **kwargs):
    """fit raises; a new model stays new, and one that has learned keeps all of it."""
    with pytest.raises((ValueError, TypeError), match=pattern):
        model.fit(*args, **kwargs)
    assert not [name for name in vars(model) if name.endswith("_")]


def keeps_its_model(make, name, pattern, *args, **kwargs):
    model = make().fit(X, target(name))
    before, answer = dict(vars(model)), model.predict(X)
    with pytest.raises((ValueError, TypeError), match=pattern):
        model.fit(*args, **kwargs)
    assert vars(model).keys() == before.keys()
    assert all(vars(model)[key] is value for key, value in before.items())
    np.testing.assert_array_equal(model.predict(X), answer)


@pytest.mark.parametrize("name", MAKERS)
class TestFit:
    @pytest.mark.parametrize("case", BAD_X)
    def test_x(self, name, case):
        bad, pattern = BAD_X[case]
        refused(MAKERS[name](), pattern, bad, target(name))
        keeps_its_model(MAKERS[name], name, pattern, bad, target(name))

    @pytest.mark.parametrize("case", BAD_Y)
    def test_y(self, name, case):
        bad, pattern = BAD_Y[case]
        refused(MAKERS[name](), pattern, X, bad)
        keeps_its_model(MAKERS[name], name, pattern, X, bad)

    def test_y_is_needed(self, name):
        with pytest.raises(TypeError, match="'y'"):
            MAKERS[name]().fit(X)

    @pytest.mark.parametrize("case", BAD_WEIGHTS)
    def test_sample_weight(self, name, case):
        bad, pattern = BAD_WEIGHTS[case]
        refused(MAKERS[name](), pattern, X, target(name), sample_weight=bad)
        keeps_its_model(MAKERS[name], name, pattern, X, target(name), sample_weight=bad)


@pytest.mark.parametrize("name, parameter", PARAMETERS)
def test_parameters(name, parameter):
    for bad in BAD_PARAMETERS[parameter]:
        model = MAKERS[name]().set_params(**{parameter: bad})
        refused(model, parameter, X, target(name))
    model = MAKERS[name]().fit(X, target(name))
    with pytest.raises((ValueError, TypeError), match=parameter):
        model.set_params(**{parameter: bad}).fit(X, target(name))
    assert np.isfinite(model.predict(X).astype(float)).all()


@pytest.mark.parametrize("name", CLASSIFIERS)
class TestClassifiers:
    @pytest.mark.parametrize("case", BAD_LABELS)
    def test_labels(self, name, case):
        bad, pattern = BAD_LABELS[case]
        refused(MAKERS[name](), pattern, X, bad)

    @pytest.mark.parametrize("bad", BAD_CLASS_WEIGHTS)
    def test_class_weight(self, name, bad):
        refused(MAKERS[name](class_weight=bad), "class_weight", X, LABELS)

    def test_one_class_left_by_weights(self, name):
        refused(
            MAKERS[name](), r"y holds 1 class, \[0\], when samples of weight 0",
            X, LABELS, sample_weight=1 - LABELS,
        )  # fmt: skip

    def test_column_of_labels(self, name):
        with pytest.warns(UserWarning, match="A column-vector y was passed"):
            MAKERS[name]().fit(X, LABELS[:, None])


@pytest.mark.parametrize("name", MAKERS)
class TestPredict:
    def methods(self, model):
        names = ("predict", "predict_proba", "predict_log_proba", "decision_function")
        return [getattr(model, name) for name in names if hasattr(model, name)]

    def test_before_fit(self, name):
        model = MAKERS[name]()
        for method in self.methods(model):
            for kind in (ValueError, AttributeError):
                with pytest.raises(kind, match="not fitted yet"):
                    method(X)
        with pytest.raises(ValueError, match="not fitted yet"):
            model.score(X, LABELS)

    @pytest.mark.parametrize("case", BAD_X)
    def test_x(self, name, case):
        bad, pattern = BAD_X[case]
        for method in self.methods(MAKERS[name]().fit(X, target(name))):
            with pytest.raises((ValueError, TypeError), match=pattern):
                method(bad)

    def test_other_width(self, name):
        for method in self.methods(MAKERS[name]().fit(X, target(name))):
            with pytest.raises(
                ValueError, match=r"X has 2 features, but .* expecting 3"
            ):
                method(X[:, :2])

    def test_score(self, name):
        model = MAKERS[name]().fit(X, target(name))
        with pytest.raises(ValueError, match="y is None"):
            model.score(X, None)
        with pytest.raises(ValueError, match="y has 11 row"):
            model.score(X, target(name)[:-1])
        with pytest.raises(ValueError, match="sample_weight has the value -1"):
            model.score(X, target(name), sample_weight=-np.ones(N))


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_values_too_large():
    for model in (fn.LogisticRegression(), fn.LogisticRegression(solver="newton")):
        refused(model, "X has the value .*scale the features", 1e160 * X, LABELS)
    refused(fn.MLPClassifier(dtype="float32"), "X has .* infinite", 1e39 * X, LABELS)


@pytest.mark.filterwarnings("ignore:fit. learning_rate:RuntimeWarning")
@pytest.mark.parametrize("solver", ["gradient", "newton"])
def test_penalties_at_the_bounds(solver):
    refused(fn.LogisticRegression(1e-320, solver), "C is 1e-320", X, LABELS)
    for C in (1e-140, 1e300):
        model = fn.LogisticRegression(C, solver).fit(X, LABELS)
        assert np.isfinite(model.coef_).all()


def test_objects_that_are_numbers_are_taken():
    model = fn.LogisticRegression().fit(X.astype(object), LABELS)
    np.testing.assert_array_equal(
        model.coef_, fn.LogisticRegression().fit(X, LABELS).coef_
    )


def test_scikit_learn_is_not_imported():
    code = (
        "import sys, fastnn as fn; "
        "fn.LogisticRegression().fit([[0.0], [1.0]], [0, 1]).predict([[2.0]]); "
        "sys.exit('sklearn' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
