"""Logistic regression: the linear model of class probabilities."""

import math
import warnings

import numpy as np

from .. import ops
from ..network import Dense, Network
from ..network.training.optimizers import SGD
from ..ops import checks
from . import newton, validation
from .base import Classifier

LARGEST = 1e100  # of the values in X: their squares can be added up


class LogisticRegression(Classifier):
    """A linear classifier that gives probabilities (Cox, 1958).

    Two classes: P(second class | x) = sigmoid(x . coef_[0] + intercept_[0]).
    More: P(class j | x) = softmax(x @ coef_.T + intercept_)[j].
    It minimises, with C as in scikit-learn,

        C * sum_i sample_weight_i * loss_i  +  1/2 ||coef_||^2.

    Parameters
    ----------
    C : above 0. The smaller, the stronger the penalty; the intercept has none.
    solver : "gradient" walks downhill by the kernels that train networks: as far as
        `learning_rate` and `epochs` take it, so scale the features first (minus their
        mean, by their deviation). "newton" goes to the minimum, and warns if it did
        not arrive.
    learning_rate : of gradient descent, a number or a schedule (fn.schedules). If the
        loss rises above where it began, a warning says so and the training is done
        again in steps that are small enough.
    epochs : passes over the data; for "newton" the largest number of steps.
    batch_size : of gradient descent; None: all samples in every step.
    class_weight : None, "balanced" or {class: weight}.
    fit_intercept : whether there is an intercept; if not, it stays 0.
    tol : "newton" ends when no coefficient moves by more than tol times the largest
        (or 1). Gradient descent does all its epochs.
    seed : of the order of the samples, when there are batches.
    progress : True shows a bar, or lines, while gradient descent runs.

    Attributes
    ----------
    coef_ : (1, n_features) for two classes, else (n_classes, n_features); float64.
    intercept_ : (1,) or (n_classes,). Of several classes they sum to 0.
    classes_ : the labels, sorted.
    n_features_in_, feature_names_in_ : of X; names if it was a data frame.
    n_iter_ : epochs or Newton steps done.
    history_ : a History. history_.loss is the mean loss of the data *without* the
        penalty, in each epoch *before* its update: with one batch, history_.loss[0] is
        log(n_classes), since zero weights know nothing. "newton" adds the final loss.

    >>> model = LogisticRegression(solver="newton", C=2.0)
    >>> model.fit([[-1.0], [1.0]], ["no", "yes"]).predict([[0.5]]).tolist()
    ['yes']
    >>> model.coef_.round(3).tolist()  # w = 4 (1 - sigmoid(w))
    [[1.043]]
    """

    def __init__(
        self,
        C=1.0,
        solver="gradient",
        learning_rate=0.1,
        epochs=100,
        batch_size=None,
        class_weight=None,
        fit_intercept=True,
        tol=1e-8,
        seed=0,
        progress=False,
    ):
        self.C = C
        self.solver = solver
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.class_weight = class_weight
        self.fit_intercept = fit_intercept
        self.tol = tol
        self.seed = seed
        self.progress = progress

    def fit(self, X, y, sample_weight=None):
        """Learn from X (n_samples, n_features) and labels y; returns self.

        Raises ValueError or TypeError, with what was learned before left as it was,
        when an argument does not fit.
        """
        C = checks.number("fit", "C", self.C, above=0, below=math.inf)
        checks.choice("fit", "solver", self.solver, ("gradient", "newton"))
        tol = checks.number("fit", "tol", self.tol, low=0)
        epochs = checks.whole("fit", "epochs", self.epochs, low=1)
        if self.batch_size is not None:
            checks.whole("fit", "batch_size", self.batch_size, low=1)
        intercept = validation.true_or_false("fit", "fit_intercept", self.fit_intercept)
        x = validation.features("fit", X, np.float64)
        if np.abs(x).max() > LARGEST:
            raise ValueError(
                f"fit: X has the value {np.abs(x).max():.3g}, whose square and sums of "
                "it are no longer finite; scale the features first"
            )
        classes, index = validation.labels("fit", y, len(x))
        weight = validation.sample_weights("fit", sample_weight, len(x))
        weight = validation.with_class_weights(
            "fit", self.class_weight, classes, index, weight
        )
        validation.two_classes("fit", classes, index, weight)
        k = 1 if len(classes) == 2 else len(classes)
        # C sum w loss + 1/2 ||coef||^2, divided by C sum w, is
        # weighted mean loss + decay / 2 ||coef||^2
        total = C * (len(x) if weight is None else weight.sum())
        if total < 1e-150:
            raise ValueError(
                f"fit: C is {C!r}, with which the penalty is all that counts; expected "
                "a larger one (and sample_weight that is not nearly zero)"
            )
        decay = 1 / total

        if self.solver == "newton":
            coef, bias, history = self._newton(
                x, index, k, weight, decay, intercept, tol, epochs
            )
            n_iter = len(history.loss) - 1
        else:
            coef, bias, history = self._descend(
                x, index, k, weight, decay, intercept, epochs
            )
            n_iter = history.epochs
        return self._learned(
            X, x.shape[1], coef_=coef.T.copy(), intercept_=bias, classes_=classes,
            n_iter_=n_iter, history_=history,
        )  # fmt: skip

    def _newton(self, x, index, k, weight, decay, intercept, tol, epochs):
        # the intercept, which has no penalty, takes the features' means over: the same
        # objective, better conditioned
        d = x.shape[1]
        mean = np.average(x, axis=0, weights=weight) if intercept else np.zeros(d)
        objective = newton.Objective(x - mean, index, k, weight, decay, intercept)
        params, history, n_steps, converged = newton.minimize(objective, tol, epochs)
        if not converged:
            history.stopped = f"not at the minimum after {n_steps} steps"
            warnings.warn(
                f"fit: newton is {history.stopped}; raise epochs, or tol",
                RuntimeWarning,
                stacklevel=3,
            )
        bias = params[d] - mean @ params[:d] if intercept else np.zeros(k)
        return params[:d], bias, history

    def _descend(self, x, index, k, weight, decay, intercept, epochs):
        """Gradient descent; if it overshoots, again in steps that do not."""
        data = (x, index, k, weight, decay, intercept, epochs)
        layer, history = self._train(*data, self.learning_rate)
        if overshot(layer, history):
            losses = history.loss
            layer, history, rate = self._train_carefully(*data)
            warnings.warn(
                f"fit: learning_rate={self.learning_rate!r} is too large for these "
                f"features: the loss rose from {losses[0]:.4g} to {max(losses):.4g}. "
                "Trained again on centred features, all divided by one number, with "
                f"learning_rate={rate:.2g}. Better scale each feature to mean 0 and "
                "standard deviation 1 before, or use solver='newton'",
                RuntimeWarning,
                stacklevel=3,
            )
        bias = layer.bias.copy() if intercept else np.zeros(k)
        if not (np.isfinite(layer.weights).all() and np.isfinite(bias).all()):
            raise ValueError(
                f"fit: gradient descent ran off to infinity with C={self.C!r} and "
                f"learning_rate={self.learning_rate!r}; take a larger C, or "
                "solver='newton'"
            )
        return layer.weights, bias, history

    def _train(self, x, index, k, weight, decay, intercept, epochs, learning_rate):
        """Train a network of one layer, which begins at zero: (layer, history)."""
        batch_size = len(x) if self.batch_size is None else self.batch_size
        net = Network(
            [Dense(x.shape[1], k, bias=intercept, init="zeros")],
            seed=self.seed,
            dtype="float64",
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # the caller says more
            history = net.fit(
                x,
                index,
                loss="binary_cross_entropy" if k == 1 else "cross_entropy",
                optimizer=SGD(learning_rate, weight_decay=decay),
                epochs=epochs,
                batch_size=batch_size,
                sample_weight=weight,
                shuffle=batch_size < len(x),
                progress=self.progress,
            )
        return net.layers[0], history

    def _train_carefully(self, x, index, k, weight, decay, intercept, epochs):
        """The same objective in better coordinates: (layer, history, learning rate).

        With u = (x - mean) / scale and w = v / scale, the logits are v . u + c and the
        penalty is decay / scale^2 / 2 ||v||^2: one number for all features keeps it
        the penalty that was asked for. In v and c the loss bends by at most 1/4
        (sigmoid) or 1/2 (softmax) times the largest eigenvalue of u^T u / n, or 1 for
        c; in steps of 1 over that, descent over all samples never overshoots
        (Nesterov, 2004, theorem 2.1.14).
        """
        d = x.shape[1]
        mean = np.average(x, axis=0, weights=weight) if intercept else np.zeros(d)
        u = x - mean
        squares = np.average(u * u, axis=0, weights=weight)
        scale = math.sqrt(squares.mean()) or 1.0
        u /= scale
        decay /= scale**2
        bend = 0.25 if k == 1 else 0.5
        share = np.ones(len(u)) if weight is None else weight / weight.mean()
        steepest = 1.1 * largest_eigenvalue(u * np.sqrt(share / len(u))[:, None])
        rate = 1 / (bend * max(1.0, steepest) + decay)
        layer, history = self._train(
            u, index, k, weight, decay, intercept, epochs, rate
        )
        layer.weights /= scale
        if intercept:
            layer.bias -= mean @ layer.weights
        return layer, history, rate

    def decision_function(self, X):
        """Two classes: the log odds of the second, (n_samples,); else the scores of
        the classes, (n_samples, n_classes)."""
        z = self._outputs("decision_function", X)
        return z[:, 0] if z.shape[1] == 1 else z

    def _outputs(self, where, X):
        self._check_fitted(where)
        x = self._features(where, X, np.float64)
        return ops.dense(x, self.coef_.T, self.intercept_)


def overshot(layer, history):
    """Whether parameters are not finite, or the loss was clearly above its beginning.

    Clearly: by 5 %, since with batches it also goes up and down by chance.
    """
    bias = 0.0 if layer.bias is None else layer.bias
    finite = np.isfinite(layer.weights).all() and np.isfinite(bias).all()
    return not finite or not max(history.loss) <= 1.05 * history.loss[0]


def largest_eigenvalue(x):
    """The largest eigenvalue of x^T x, from below, by 30 powers (von Mises, 1929)."""
    v = x.sum(axis=0) + 1.0
    for _ in range(30):
        v = ops.matmul(
            x, ops.matmul(x, (v / np.linalg.norm(v))[:, None]), transpose_a=True
        )[:, 0]
        size = np.linalg.norm(v)
        if size == 0:
            return 0.0
    return float(size)
