"""Rosenblatt's perceptron (1958): a threshold unit that learns from its errors.

model = neuro.Perceptron().fit(X, y)
model.n_updates_, neuro.novikoff_bound(X, y)
"""

import warnings

import numpy as np

from ... import backend
from ...estimators import validation
from ...estimators.base import Classifier, Estimator
from ...ops import checks

__all__ = ["Perceptron", "novikoff_bound"]


class Perceptron(Estimator):
    """A threshold unit that learns two classes: w += y x on each error.

    With y = -1 or +1 and x with a 1 appended for the bias, Rosenblatt (1958) goes
    through the samples again and again, and wherever y (w . x) <= 0 adds y x to w.
    If some w separates the classes, it ends after at most (R / gamma)^2 updates
    (Novikoff, 1962), see `novikoff_bound`; if none does, it never ends.

    Parameters
    ----------
    epochs : passes over the data, at most.
    fit_intercept : whether there is a bias; if not, it stays 0.
    shuffle : another order of the samples in each epoch.
    seed : of these orders.

    Attributes
    ----------
    coef_ : (1, n_features), intercept_ : (1,): the weights.
    classes_ : the two labels, sorted; the second is y = +1.
    n_updates_ : errors that were corrected. n_iter_ : epochs done.
    errors_ : of each epoch; the last one is 0 if it converged.
    converged_ : whether a whole epoch went by without an error.
    n_features_in_ : the width of X.

    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]
    >>> model = Perceptron().fit(X, y)
    >>> model.predict(X).tolist(), model.coef_.tolist(), model.intercept_.tolist()
    ([0, 0, 0, 1], [[3.0, 2.0]], [-4.0])
    """

    _estimator_type = "classifier"

    def __init__(self, epochs=1000, fit_intercept=True, shuffle=False, seed=0):
        self.epochs = epochs
        self.fit_intercept = fit_intercept
        self.shuffle = shuffle
        self.seed = seed

    def __sklearn_tags__(self):
        """What this estimator takes, in scikit-learn's words; only it calls this."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def fit(self, X, y):
        """Learn from X (n_samples, n_features) and two kinds of labels; returns self.

        Warns (RuntimeWarning) when errors are left after the last epoch. Raises
        ValueError or TypeError when an argument does not fit.
        """
        where = "Perceptron.fit"
        epochs = checks.whole(where, "epochs", self.epochs, low=1)
        bias = checks.flag(where, "fit_intercept", self.fit_intercept)
        shuffle = checks.flag(where, "shuffle", self.shuffle)
        rng = checks.generator(where, self.seed, None)
        x, sign, classes = _separable(where, X, y)
        signed = sign[:, None] * _with_bias(x, bias)  # y x: an error is w . y x <= 0
        w, order = np.zeros(signed.shape[1]), np.arange(len(x))
        epoch = backend.function("perceptron_epoch")
        wrong, errors = np.zeros(1, np.int64), []
        while len(errors) < epochs:
            epoch(signed, rng.permutation(len(x)) if shuffle else order, w, wrong)
            errors.append(int(wrong[0]))
            if not errors[-1]:
                break
        if errors[-1]:
            warnings.warn(
                f"{where}: {errors[-1]} errors in the last of {epochs} epochs; the "
                "classes cannot be separated by a line, or only with a narrow margin "
                "that takes more epochs",
                RuntimeWarning,
                stacklevel=2,
            )
        return self._learned(
            X,
            x.shape[1],
            classes_=classes,
            coef_=w[None, : x.shape[1]].copy(),
            intercept_=w[x.shape[1] :].copy() if bias else np.zeros(1),
            errors_=errors,
            n_iter_=len(errors),
            n_updates_=sum(errors),
            converged_=errors[-1] == 0,
        )

    def decision_function(self, X):
        """w . x + bias of each row, (n_samples,): above 0 it is the second class."""
        where = "Perceptron.decision_function"
        self._check_fitted(where)
        x = self._features(where, X, np.float64)
        return x @ self.coef_[0] + self.intercept_[0]

    def predict(self, X):
        """The label of each row, (n_samples,)."""
        above = self.decision_function(X) > 0
        return self.classes_[above.astype(np.intp)]

    score = Classifier.score

    def line(self, x1):
        """The decision line of two features: x2 where w1 x1 + w2 x2 + bias = 0."""
        self._check_fitted("Perceptron.line")
        if self.n_features_in_ != 2 or self.coef_[0, 1] == 0:
            raise ValueError(
                f"Perceptron.line: the weights are {self.coef_[0].tolist()}; expected "
                "2, the second not 0"
            )
        w1, w2 = self.coef_[0]
        return -(w1 * np.asarray(x1, float) + self.intercept_[0]) / w2


def novikoff_bound(X, y, coef=None, intercept=0.0):
    """(R / gamma)^2: the perceptron makes at most this many updates (Novikoff, 1962).

    R = max ||x||, gamma = min y (u . x) / ||u||, over the samples with a 1 appended for
    the bias, for any u = (coef, intercept) that separates the classes. Because: each
    update adds y (u . x) >= gamma ||u|| to w . u, and at most R^2 to ||w||^2 (the
    sample was wrong: y (w . x) <= 0); after k of them
    k gamma <= w . u / ||u|| <= ||w|| <= sqrt(k) R.

    X (n_samples, n_features), y (n_samples,): two kinds of labels. coef (n_features,),
    intercept: u; without coef it is the u with the widest margin, which gives the best
    bound. Raises ValueError if u does not separate them; or none was found.

    >>> novikoff_bound([[1.0], [-1.0]], [1, 0], coef=[1.0])
    2.0
    """
    where = "novikoff_bound"
    x, sign, _ = _separable(where, X, y)
    signed = sign[:, None] * _with_bias(x, True)
    if coef is None:
        u = _widest(where, signed)
    else:
        coef = checks.floating(where, "coef", coef, dtype=np.float64).reshape(-1)
        if len(coef) != x.shape[1]:
            raise ValueError(
                f"{where}: coef has {len(coef)} weights, but X {x.shape[1]} features"
            )
        u = np.append(coef, checks.number(where, "intercept", float(intercept)))
    margin = (signed @ u).min()
    if not margin > 0:
        raise ValueError(
            f"{where}: coef and intercept are on the wrong side of a sample, by "
            f"{-margin:.3g}; the bound needs weights that separate the classes"
        )
    largest = np.einsum("ij,ij->i", signed, signed).max()
    return float(largest * (u @ u) / margin**2)


def _widest(where, signed):
    """The u with the widest margin: the point nearest to 0 in the hull of the rows.

    Mitchell, Dem'yanov, Malozemov (1974): move weight from the row that lies farthest
    along u to the one that lies least far, as far as it shortens u.
    """
    share = np.zeros(len(signed))
    share[np.argmin(np.einsum("ij,ij->i", signed, signed))] = 1.0
    u = share @ signed
    for _ in range(100_000):
        along = signed @ u
        near = int(along.argmin())
        far = int(np.where(share > 0, along, -np.inf).argmax())
        if along[near] > 0 and along[far] - along[near] <= 1e-6 * (u @ u):
            return u
        gap = signed[far] - signed[near]
        length = gap @ gap
        if length == 0 or u @ u < 1e-24 * length:
            break
        step = min(share[far], (along[far] - along[near]) / length)
        share[far] -= step
        share[near] += step
        u = u - step * gap
    if (signed @ u).min() > 0:
        return u
    raise ValueError(
        f"{where}: no line that separates the classes was found; where there is none "
        "the perceptron never ends, and nothing bounds its updates"
    )


def _with_bias(x, bias):
    return np.column_stack([x, np.ones(len(x))]) if bias else x


def _separable(where, X, y):
    """(x, sign, classes): the features, -1 or +1 for each sample, the two labels."""
    x = validation.features(where, X, np.float64)
    classes, index = validation.labels(where, y, len(x))
    validation.two_classes(where, classes, index, None)
    if len(classes) > 2:
        raise ValueError(
            f"{where}: y has {len(classes)} classes; a perceptron tells 2 apart. Only "
            "binary classification is supported. The type of the target is multiclass"
        )
    return x, np.where(index == 1, 1.0, -1.0), classes
