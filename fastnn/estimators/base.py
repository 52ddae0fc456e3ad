"""What the estimators share: parameters, checks at the door, answers and scores."""

import inspect

import numpy as np

from .. import ops
from ..ops import checks
from . import validation


class Estimator:
    """A model in scikit-learn's conventions, without scikit-learn.

    The constructor of a subclass stores its arguments under their own names and does
    nothing else; `fit` checks them. After `fit` there are n_features_in_ and, if X was
    a data frame with text as column names, feature_names_in_.
    """

    def get_params(self, deep=True):
        """The constructor's arguments: {"C": 1.0, ...}. `deep` changes nothing here."""
        return {name: getattr(self, name) for name in self._parameters()}

    def set_params(self, **params):
        """Set constructor arguments by name; returns self."""
        names = self._parameters()
        for name in params:
            if name not in names:
                raise ValueError(
                    f"Invalid parameter {name!r} for estimator {self!r}. "
                    f"Valid parameters are: {list(names)!r}."
                )
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def _parameters(self):
        return inspect.signature(type(self)).parameters

    def __repr__(self):
        changed = [
            f"{name}={getattr(self, name)!r}"
            for name, parameter in self._parameters().items()
            if repr(getattr(self, name)) != repr(parameter.default)
        ]
        return f"{type(self).__name__}({', '.join(changed)})"

    def __sklearn_tags__(self):
        """What this estimator takes, in scikit-learn's words; only it calls this."""
        from sklearn.utils import ClassifierTags, RegressorTags, Tags, TargetTags

        classifier = self._estimator_type == "classifier"
        return Tags(
            estimator_type=self._estimator_type,
            target_tags=TargetTags(required=True, multi_output=not classifier),
            classifier_tags=ClassifierTags() if classifier else None,
            regressor_tags=None if classifier else RegressorTags(),
        )

    def _learned(self, X, n_features, **attributes):
        """Take over the results of a `fit`, all of them at its end; returns self.

        So a `fit` that fails leaves what was learned before as it was.
        """
        names = validation.feature_names("fit", X)
        self.n_features_in_ = n_features
        for name, value in attributes.items():
            setattr(self, name, value)
        if names is not None:
            self.feature_names_in_ = names
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        return self

    def _check_fitted(self, where):
        if hasattr(self, "n_features_in_"):
            return
        error = validation.of_scikit_learn("NotFittedError", validation.NotFittedError)
        raise error(
            f"{where}: this {type(self).__name__} instance is not fitted yet; call "
            "fit(X, y) first"
        )

    def _features(self, where, X, dtype=None):
        """X as an array of the width that the fitted model takes."""
        who = type(self).__name__
        names = validation.feature_names(where, X)
        fitted_names = getattr(self, "feature_names_in_", None)
        validation.same_features(where, who, names, fitted_names)
        x = validation.features(where, X, dtype)
        if x.shape[1] != self.n_features_in_:
            raise ValueError(
                f"{where}: X has {x.shape[1]} features, but {who} is expecting "
                f"{self.n_features_in_} features as input"
            )
        return x


class Classifier(Estimator):
    """Answers of a classifier, from the raw outputs (n_samples, 1 or n_classes).

    One output belongs to two classes: it is the log odds of the second.
    """

    _estimator_type = "classifier"

    def _outputs(self, where, X):
        raise NotImplementedError

    def predict(self, X):
        """The label of each row, (n_samples,)."""
        index = decide(self._outputs("predict", X))
        return self.classes_[index]

    def predict_proba(self, X):
        """Probabilities (n_samples, n_classes), in the order of classes_."""
        z = self._outputs("predict_proba", X)
        if z.shape[1] == 1:
            return ops.sigmoid(np.hstack([-z, z]))
        return ops.softmax(z)

    def predict_log_proba(self, X):
        """Logarithms of the probabilities; finite where a probability rounds to 0."""
        z = self._outputs("predict_log_proba", X)
        if z.shape[1] == 1:
            return -ops.softplus(np.hstack([z, -z]))
        shifted = z - z.max(axis=1, keepdims=True)
        return shifted - ops.log(ops.exp(shifted).sum(axis=1, keepdims=True))

    def score(self, X, y, sample_weight=None):
        """Accuracy: the fraction (or weighted fraction) of right labels."""
        answer = self.predict(X)
        y = validation.column(
            "score", validation.one_per_sample("score", y, len(answer))
        )
        weight = validation.sample_weights("score", sample_weight, len(answer))
        checks.same_shape("score", "y", y, "the prediction", answer)
        return float(np.average(answer == y, weights=weight))


class Regressor(Estimator):
    """Answers of a regression."""

    _estimator_type = "regressor"

    def score(self, X, y, sample_weight=None):
        """R^2 = 1 - sum (y - prediction)^2 / sum (y - mean y)^2, the mean over outputs.

        Where y is constant: 1 for a perfect prediction, else 0.
        """
        answer = self.predict(X)
        n = len(answer)
        y = validation.values("score", y, n).reshape(n, -1)
        answer = answer.reshape(n, -1)
        checks.same_shape("score", "y", y, "the prediction", answer)
        w = validation.sample_weights("score", sample_weight, n)
        residual = np.average((y - answer) ** 2, axis=0, weights=w)
        spread = np.average((y - np.average(y, axis=0, weights=w)) ** 2, 0, w)
        constant = spread == 0
        ratio = residual / np.where(constant, 1.0, spread)
        return float(np.mean(np.where(constant, residual == 0, 1 - ratio)))


def decide(z):
    """The index of the class that raw outputs (n_samples, 1 or n_classes) stand for."""
    return (z[:, 0] > 0).astype(np.intp) if z.shape[1] == 1 else z.argmax(axis=1)
