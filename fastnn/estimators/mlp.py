"""Multi-layer perceptrons as estimators: a Network, trained and kept in `network_`."""

import math
import warnings

import numpy as np

from ..data import split
from ..network import Dense, EarlyStopping, mlp
from ..network.training.optimizers import OPTIMIZERS, Optimizer
from ..ops import checks
from . import validation
from .base import Classifier, Regressor


class _MLP:
    """What the classifier and the regressor share: building and training a network."""

    def __init__(
        self,
        hidden_layer_sizes=(100,),
        activation="relu",
        optimizer="adam",
        learning_rate=1e-3,
        alpha=1e-4,
        batch_size="auto",
        epochs=200,
        tol=1e-4,
        n_iter_no_change=10,
        early_stopping=False,
        validation_fraction=0.1,
        dropout=0.0,
        seed=0,
        dtype="auto",
        progress=False,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.alpha = alpha
        self.batch_size = batch_size
        self.epochs = epochs
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.dropout = dropout
        self.seed = seed
        self.dtype = dtype
        self.progress = progress

    def _inputs(self, X):
        """X, checked, in the precision to compute in."""
        if str(self.dtype) == "auto":
            return validation.features("fit", X)
        if str(self.dtype) not in ("float32", "float64"):
            raise ValueError(
                f"fit: dtype is {checks.describe(self.dtype)}; it can be 'auto' (that "
                "of X), 'float32' or 'float64'"
            )
        return validation.features("fit", X, np.dtype(str(self.dtype)))

    def _train(self, x, target, n_outputs, loss, sample_weight):
        """A network that has learned, and its History."""
        net = mlp(
            x.shape[1],
            self._widths(),
            n_outputs,
            activation=self.activation,
            dropout=self.dropout,
            seed=self.seed,
            dtype=x.dtype,
        )
        stopping = self._stopping(loss)
        rows, held_out = self._parts(target, sample_weight, loss)
        pick = lambda values, part: None if values is None else values[part]  # noqa: E731
        weight = pick(sample_weight, rows)
        batch_size = self._batch_size(len(rows))
        held_out_data = None
        if held_out is not None:
            held_out_data = x[held_out], target[held_out]
            if sample_weight is not None:
                held_out_data += (sample_weight[held_out],)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # an error, below
            history = net.fit(
                x[rows],
                target[rows],
                loss=loss,
                optimizer=self._optimizer(weight, len(rows), batch_size),
                epochs=checks.whole("fit", "epochs", self.epochs, low=1),
                batch_size=batch_size,
                validation=held_out_data,
                sample_weight=weight,
                callbacks=[stopping],
                progress=self.progress,
            )
        finite = np.isfinite(net.flat_parameters).all()
        if not (finite and math.isfinite(history.loss[-1])):
            raise ValueError(
                f"fit: the training ran off to infinity in epoch {history.epochs}: "
                f"learning_rate={self.learning_rate!r} is too large for this X. Scale "
                "its columns to mean 0 and standard deviation 1, or take a smaller one"
            )
        return net, history

    def _widths(self):
        """hidden_layer_sizes as a list: (100,), [64, 64] or one number."""
        sizes = self.hidden_layer_sizes
        if isinstance(sizes, (int, np.integer)):
            sizes = [sizes]
        vector = isinstance(sizes, np.ndarray) and sizes.ndim == 1
        if not (vector or isinstance(sizes, (list, tuple))):
            raise TypeError(
                f"fit: hidden_layer_sizes is {checks.describe(sizes)}; expected widths "
                "like (100,) or (64, 64)"
            )
        return [
            checks.whole("fit", f"hidden_layer_sizes[{i}]", size, low=1)
            for i, size in enumerate(sizes)
        ]

    def _batch_size(self, n):
        if isinstance(self.batch_size, str):
            checks.choice("fit", "batch_size", self.batch_size, ("auto",))
            return min(200, n)
        return min(n, checks.whole("fit", "batch_size", self.batch_size, low=1))

    def _optimizer(self, weight, n, batch_size):
        """The optimizer, with alpha as its weight decay.

        scikit-learn's penalty is alpha / 2 ||W||^2 beside the *sum* of the losses of a
        batch; ours stands beside their weighted mean, so it is divided by the weight
        of a batch: batch_size times the mean weight of a sample.
        """
        alpha = checks.number("fit", "alpha", self.alpha, low=0, below=math.inf)
        if isinstance(self.optimizer, Optimizer):
            return self.optimizer
        name = self.optimizer
        name = name.lower() if isinstance(name, str) else name
        checks.choice("fit", "optimizer", name, tuple(OPTIMIZERS))
        of_batch = batch_size * (1.0 if weight is None else weight.sum() / n)
        return OPTIMIZERS[name](self.learning_rate, weight_decay=alpha / of_batch)

    def _stopping(self, loss):
        early = validation.true_or_false("fit", "early_stopping", self.early_stopping)
        monitor = "loss"
        if early:
            monitor = "val_r2" if loss == "mse" else "val_accuracy"
        return EarlyStopping(
            monitor,
            patience=checks.whole(
                "fit", "n_iter_no_change", self.n_iter_no_change, low=1
            ),
            min_delta=checks.number("fit", "tol", self.tol, low=0),
            restore_best=early,
        )

    def _parts(self, target, sample_weight, loss):
        """Rows to learn from and rows held out (None without early_stopping)."""
        n = len(target)
        fraction = checks.number(
            "fit", "validation_fraction", self.validation_fraction, above=0, below=1
        )
        if not self.early_stopping:
            return np.arange(n), None
        if n < 2:
            raise ValueError(
                f"fit: X has {n} sample; early_stopping holds some out and needs two"
            )
        (rows, _), (held_out, _) = split(
            np.arange(n),
            target,
            test_fraction=fraction,
            stratify=loss != "mse",
            seed=0 if self.seed is None else self.seed,
        )
        for part, what in ((rows, "to learn from"), (held_out, "held out")):
            if sample_weight is not None and not sample_weight[part].any():
                raise ValueError(
                    f"fit: sample_weight is zero for all rows {what} by "
                    "early_stopping; take another seed or validation_fraction"
                )
        return rows, held_out

    def _results(self, net, history):
        dense = [layer for layer in net.layers if isinstance(layer, Dense)]
        return {
            "network_": net,
            "history_": history,
            "coefs_": [layer.weights for layer in dense],
            "intercepts_": [layer.bias for layer in dense],
            "loss_": history.loss[-1],
            "n_iter_": history.epochs,
            "n_layers_": len(dense) + 1,
            "n_outputs_": net.n_out,
        }

    def __setstate__(self, state):
        """After pickle or copy: coefs_ are the arrays of network_ again."""
        self.__dict__.update(state)
        if "network_" in state:
            dense = [x for x in self.network_.layers if isinstance(x, Dense)]
            self.coefs_ = [layer.weights for layer in dense]
            self.intercepts_ = [layer.bias for layer in dense]

    def _raw(self, where, X):
        self._check_fitted(where)
        return self.network_(self._features(where, X, self.network_.dtype))


PARAMETERS = """
    Parameters
    ----------
    hidden_layer_sizes : the widths of the hidden layers, (100,) or (256, 256, ...).
    activation : of the hidden layers, a name of fastnn's activations.
    optimizer : "sgd", "adagrad", "rmsprop", "adam", "adamw"; or an object such as
        fn.SGD(0.1, momentum=0.9), which brings its own learning rate and weight decay:
        learning_rate and alpha then have no effect.
    learning_rate : a number or a schedule (fn.schedules).
    alpha : strength of the penalty alpha / (2 * batch size) * ||weights||^2 beside the
        mean loss of a batch, as in scikit-learn; biases have none.
    batch_size : samples in a step; "auto" is min(200, n_samples).
    epochs : the largest number of passes over the data.
    tol, n_iter_no_change : training ends when, for n_iter_no_change epochs in a row,
        the loss (with early_stopping the validation score) is not better than the best
        by more than tol.
    early_stopping, validation_fraction : whether to hold out this fraction of the rows
        to judge by; the parameters of the best epoch are kept.
    dropout : the rate after each hidden layer while training.{class_weight}
    seed : of the first weights, the order of the samples, dropout and the rows held
        out. None takes it from the system.
    dtype : the precision to compute in; "auto" is float32 for X in float32, else
        float64. float32 is faster.
    progress : True shows a bar on a terminal, or lines.

    Attributes
    ----------
    network_ : the fn.Network inside, all of it readable.
    history_ : a History: loss (the mean over each epoch, without the penalty),{history}
        grad_norms, ... per epoch.
    coefs_, intercepts_ : the weights (n_in, n_out) and biases of each layer, views.
    loss_, n_iter_ : the loss of the last epoch, and the number of epochs.
    n_features_in_, feature_names_in_ : of X; names if it was a data frame."""


class MLPClassifier(_MLP, Classifier):
    __doc__ = (
        """A multi-layer perceptron that names classes.

    Two classes have one output with the binary cross-entropy, more have an output each
    with softmax and cross-entropy. Scale the features first: subtract each one's mean,
    divide by its deviation, as in make_pipeline(StandardScaler(), MLPClassifier()).
    """
        + PARAMETERS.format(
            class_weight='\n    class_weight : None, "balanced" or {class: weight}.',
            history=" accuracy,",
        )
        + """
    classes_ : the labels, sorted.

    >>> model = MLPClassifier((8,), learning_rate=0.1, activation="tanh")
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], ["same", "other", "other", "same"]
    >>> model.fit(X, y).predict(X).tolist()
    ['same', 'other', 'other', 'same']
    """
    )

    def __init__(
        self,
        hidden_layer_sizes=(100,),
        activation="relu",
        optimizer="adam",
        learning_rate=1e-3,
        alpha=1e-4,
        batch_size="auto",
        epochs=200,
        tol=1e-4,
        n_iter_no_change=10,
        early_stopping=False,
        validation_fraction=0.1,
        dropout=0.0,
        class_weight=None,
        seed=0,
        dtype="auto",
        progress=False,
    ):
        super().__init__(
            hidden_layer_sizes, activation, optimizer, learning_rate, alpha,
            batch_size, epochs, tol, n_iter_no_change, early_stopping,
            validation_fraction, dropout, seed, dtype, progress,
        )  # fmt: skip
        self.class_weight = class_weight

    def fit(self, X, y, sample_weight=None):
        """Learn from X (n_samples, n_features) and labels y, from new weights on.

        Returns self. Raises ValueError or TypeError, with what was learned before left
        as it was, when an argument does not fit or the training runs off to infinity.
        """
        x = self._inputs(X)
        classes, index = validation.labels("fit", y, len(x))
        weight = validation.sample_weights("fit", sample_weight, len(x))
        weight = validation.with_class_weights(
            "fit", self.class_weight, classes, index, weight
        )
        validation.two_classes("fit", classes, index, weight)
        two = len(classes) == 2
        net, history = self._train(
            x,
            index,
            1 if two else len(classes),
            "binary_cross_entropy" if two else "cross_entropy",
            weight,
        )
        return self._learned(
            X, x.shape[1], classes_=classes, **self._results(net, history)
        )

    def _outputs(self, where, X):
        # float64: probabilities that sum to 1 as closely as users of float64 expect
        return self._raw(where, X).astype(np.float64)


class MLPRegressor(_MLP, Regressor):
    __doc__ = (
        """A multi-layer perceptron that predicts values, by the mean squared error.

    The targets are scaled to mean 0 and standard deviation 1 inside, each output by
    itself, and predictions are scaled back: house prices learn as well as metres. So
    network_, coefs_ and history_.loss speak of scaled targets; y_mean_ and y_scale_
    lead back. The features are taken as they are, so scale them first: subtract each
    one's mean, divide by its deviation.
    """
        + PARAMETERS.format(class_weight="", history="")
        + """
    y_mean_, y_scale_ : (n_outputs,), prediction = network_(X) * y_scale_ + y_mean_.

    >>> model = MLPRegressor((8,), activation="tanh", learning_rate=0.05, tol=0)
    >>> X = [[-1.0], [-0.5], [0.0], [0.5], [1.0]]
    >>> prediction = model.fit(X, [1e6, 1.25e6, 2e6, 1.25e6, 1e6]).predict([[0.0]])
    >>> abs(float(prediction[0]) - 2e6) < 2e5
    True
    """
    )

    def fit(self, X, y, sample_weight=None):
        """Learn from X (n_samples, n_features) and y (n_samples,) or (n_samples, k).

        Returns self. Raises ValueError or TypeError, with what was learned before left
        as it was, when an argument does not fit or the training runs off to infinity.
        """
        x = self._inputs(X)
        y = validation.values("fit", y, len(x))
        weight = validation.sample_weights("fit", sample_weight, len(x))
        columns = y.reshape(len(x), -1)
        mean = np.average(columns, axis=0, weights=weight)
        scale = np.sqrt(np.average((columns - mean) ** 2, axis=0, weights=weight))
        scale[scale <= 1e-12 * np.abs(mean)] = 1.0  # constant to rounding, or all zero
        scaled = ((columns - mean) / scale).astype(x.dtype)
        net, history = self._train(x, scaled, columns.shape[1], "mse", weight)
        return self._learned(
            X, x.shape[1], y_mean_=mean, y_scale_=scale, y_is_1d_=y.ndim == 1,
            **self._results(net, history),
        )  # fmt: skip

    def predict(self, X):
        """The predicted values, float64, in the shape that y had in `fit`."""
        values = self._raw("predict", X) * self.y_scale_ + self.y_mean_
        return values[:, 0] if self.y_is_1d_ else values
