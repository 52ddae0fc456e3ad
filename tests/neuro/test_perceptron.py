"""Rosenblatt's perceptron: its rule, Novikoff's bound, and where it never ends."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastnn import neuro
from fastnn.neuro import Perceptron


def test_by_hand():
    # w = (w1, w2, bias): 0 is wrong at 1 (-> 1, 1); then -1 at 0 ...
    X, y = [[1.0], [-1.0]], [1, 0]
    model = Perceptron().fit(X, y)
    # (0, 0) is no answer: +(1, 1); at x = -1 the sum is 0, wrong: -(-1, 1) -> (2, 0)
    assert model.coef_.tolist() == [[2]] and model.intercept_.tolist() == [0]
    assert (model.n_updates_, model.errors_, model.n_iter_) == (2, [2, 0], 2)
    # R^2 = 2 with the appended 1, and u = (1, 0) is 1 away from both
    assert neuro.novikoff_bound(X, y) == pytest.approx(2, rel=1e-6)
    assert neuro.novikoff_bound(X, y, coef=[3.0]) == pytest.approx(2)


def plain(X, y, epochs=1000):
    """Rosenblatt's rule, sample by sample."""
    w, updates = np.zeros(X.shape[1] + 1), 0
    for _ in range(epochs):
        errors = 0
        for x, sign in zip(np.column_stack([X, np.ones(len(X))]), y, strict=True):
            if sign * (w @ x) <= 0:
                w += sign * x
                errors += 1
        updates += errors
        if not errors:
            break
    return w, updates


def separable(seed, n, d, gap):
    """n points with |u . x + c| / ||u|| >= gap, and the u, c that part them."""
    rng = np.random.default_rng(seed)
    u = rng.normal(size=d)
    u, c = u / np.linalg.norm(u), rng.normal()
    X = rng.normal(size=(n, d))
    side = X @ u + c
    X += np.outer(np.where(side >= 0, gap, -gap), u)
    return X, np.where(side >= 0, 1, -1), u, c


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    n=st.integers(2, 300),
    d=st.integers(1, 6),
    gap=st.floats(0.02, 1.0),
)
def test_updates_stay_below_novikoffs_bound(seed, n, d, gap):
    X, y, u, c = separable(seed, n, d, gap)
    if len(set(y.tolist())) < 2:
        return
    bound = neuro.novikoff_bound(X, y, u, c)
    model = Perceptron(epochs=int(bound) + 2).fit(X, y)
    assert model.converged_ and model.score(X, y) == 1
    assert 1 <= model.n_updates_ <= bound
    # the widest margin gives the best bound, the one it found itself the worse
    best = neuro.novikoff_bound(X, y)
    own = neuro.novikoff_bound(X, y, model.coef_, model.intercept_[0])
    assert model.n_updates_ <= best <= min(bound, own) * (1 + 1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_blocks_change_nothing(seed):
    X, y, *_ = separable(seed, 700, 3, 0.05)
    w, updates = plain(X, y)
    model = Perceptron().fit(X, y)
    assert model.n_updates_ == updates
    np.testing.assert_allclose(np.append(model.coef_, model.intercept_), w, rtol=1e-12)


def test_it_learns_what_one_unit_can_and_says_when_none_can():
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    for gate in ("AND", "OR", "NAND", "NOR"):
        y = neuro.McCullochPitts.gate(gate).truth_table().outputs
        assert Perceptron().fit(X, y).predict(X).tolist() == y.tolist()
    with pytest.warns(RuntimeWarning, match="cannot be separated"):
        model = Perceptron(epochs=50).fit(X, [0, 1, 1, 0])
    assert (
        not model.converged_
        and model.n_iter_ == 50
        and model.score(X, [0, 1, 1, 0]) < 1
    )
    with pytest.raises(ValueError, match="no line that separates"):
        neuro.novikoff_bound(X, [0, 1, 1, 0])


def test_labels_shuffling_and_no_intercept():
    X, y, *_ = separable(3, 100, 2, 0.3)
    names = np.where(y > 0, "up", "down")
    model = Perceptron(shuffle=True, seed=5).fit(X, names)
    assert model.classes_.tolist() == ["down", "up"] and model.score(X, names) == 1
    again = Perceptron(shuffle=True, seed=5).fit(X, names)
    assert np.array_equal(model.coef_, again.coef_)
    centred = Perceptron(fit_intercept=False).fit(X, X @ [1.0, 2.0] > 0)
    assert centred.intercept_.tolist() == [0]
    # on its line the decision is 0
    x2 = model.line([-1.0, 2.0])
    on_it = np.column_stack([[-1.0, 2.0], x2])
    np.testing.assert_allclose(model.decision_function(on_it), 0, atol=1e-12)


def test_scikit_learns_tools_take_it():
    selection = pytest.importorskip("sklearn.model_selection")
    base = pytest.importorskip("sklearn.base")
    X, y, *_ = separable(1, 200, 3, 0.3)
    model = Perceptron(epochs=100)
    assert base.clone(model).get_params() == model.get_params()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scores = selection.cross_val_score(model, X, y, cv=4, scoring="accuracy")
    assert scores.min() > 0.9


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: Perceptron().fit([[1], [2]], [1, 1]), "y holds 1 class"),
        (lambda: Perceptron().fit([[1], [2]], [1]), r"y has 1 row\(s\) but X has 2"),
        (lambda: Perceptron().fit([[1], [np.nan]], [1, 0]), "X contains NaN"),
        (lambda: Perceptron().fit([[1], [2], [3]], [1, 2, 3]), "tells 2 apart"),
        (lambda: Perceptron(epochs=0).fit([[1], [2]], [1, 0]), "epochs is 0"),
        (lambda: Perceptron().predict([[1]]), "not fitted yet"),
        (lambda: Perceptron().set_params(eta=1), "Invalid parameter 'eta'"),
        (lambda: Perceptron().fit([[1], [2]], [1, 0]).predict([[1, 2]]), "2 features"),
        (lambda: Perceptron().fit([[1], [2]], [1, 0]).line([0]), "expected 2"),
        (
            lambda: neuro.novikoff_bound([[1.0], [2.0]], [1, 0], [1.0]),
            "wrong side of a sample",
        ),
    ],
)
def test_bad_input_is_explained(call, words):
    with pytest.raises((TypeError, ValueError, AttributeError), match=words):
        call()
