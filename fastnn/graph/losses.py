"""The losses of fastnn.ops as nodes of a graph.

Forward, and backward on arrays, are the kernels; each derivative is also given as a
formula, so that it has derivatives again. y and sample_weight are data: no derivative.
"""

import numpy as np

from .. import ops
from ..ops import checks
from .activations import sigmoid, softmax
from .elementwise import clip, sign
from .rules import apply, quiet, rule


def _loss(name, formula):
    """A rule of a loss: its kernel, and grad(x, y, scale) as a formula.

    scale (n, 1): the weight of each row in the mean over all elements or samples.
    """
    kernel = getattr(ops, name)

    def derivative(g, loss, x, y, sample_weight):
        return g * formula(x, y, _scale(x, y, sample_weight))

    return rule(
        name,
        lambda x, y, sample_weight: x.dtype.type(kernel(x, y, sample_weight)[0]),
        derivative,
        on_arrays=(
            quiet(
                lambda g, loss, x, y, sample_weight: g * kernel(x, y, sample_weight)[1]
            ),
        ),
        label=lambda y, sample_weight: name,
    )


def _scale(x, y, sample_weight):
    """What each row counts: its weight over the sum of the weights, for all columns."""
    n = len(x)
    share = np.full(n, 1.0) if sample_weight is None else np.asarray(sample_weight)
    share = share / (share.sum() or 1.0)  # all weights 0: the loss and its slope are 0
    return share.reshape((n,) + (1,) * (np.ndim(x) - 1)).astype(x.dtype)


def _columns(x):
    return x.shape[1] if np.ndim(x) == 2 else 1


def _like(y, x):
    """y in the shape and precision of the prediction: (n,) and (n, 1) are the same."""
    return np.asarray(y, dtype=x.dtype).reshape(np.shape(x))


def _one_hot(y, x):
    y = np.asarray(y)
    if y.ndim == 2:
        return y.astype(x.dtype)
    return (y[:, None] == np.arange(x.shape[1])).astype(x.dtype)


def _per_element(slope):
    """The gradient of a mean over all elements, from the slope of one of them."""
    return lambda x, y, scale: slope(x, _like(y, x)) * (scale / _columns(x))


CROSS_ENTROPY = _loss(
    "cross_entropy",
    # of rows of y that sum to 1, softmax - y
    lambda x, y, scale: (
        (softmax(x) * (_one_hot(y, x).sum(axis=1, keepdims=True)) - _one_hot(y, x))
        * scale
    ),
)
BINARY_CROSS_ENTROPY = _loss(
    "binary_cross_entropy", _per_element(lambda x, y: sigmoid(x) - y)
)
MSE = _loss("mse", _per_element(lambda x, y: (x - y) * 2.0))
MAE = _loss("mae", _per_element(lambda x, y: sign(x - y)))
HUBER = _loss("huber", _per_element(lambda x, y: clip(x - y, -1.0, 1.0)))
# The hinge is made of straight pieces: in each of them its gradient is the same.
HINGE = rule(
    "hinge",
    lambda x, y, sample_weight: x.dtype.type(ops.hinge(x, y, sample_weight)[0]),
    lambda g, loss, x, y, sample_weight: (
        g * ops.hinge(np.asarray(x), y, sample_weight)[1]
    ),
    label=lambda y, sample_weight: "hinge",
)


def _apply(rule, prediction, y, sample_weight):
    given = {"y": y, "sample_weight": sample_weight}
    for name, value in given.items():
        if hasattr(value, "computed"):
            if not value.constant:
                raise TypeError(
                    f"{rule.name}: {name} is a Tensor, by which a loss is not "
                    f"differentiated; pass {name}.data, or write the loss out, such as "
                    "((prediction - y)**2).mean()"
                )
            given[name] = value.data
    y = np.array(checks.array(rule.name, "y", given["y"]))
    weight = given["sample_weight"]
    if weight is not None:
        weight = np.array(checks.array(rule.name, "sample_weight", weight))
    return apply(rule, (prediction,), (y, weight))


def cross_entropy(logits, y, sample_weight=None):
    """Softmax and cross-entropy: mean_i of -log softmax(logits_i)[y_i] (Bridle, 1990).

    logits (n_samples, n_classes); y (n_samples,) classes, or a probability for each.
    """
    return _apply(CROSS_ENTROPY, logits, y, sample_weight)


def binary_cross_entropy(logits, y, sample_weight=None):
    """Sigmoid and cross-entropy: the mean of softplus(logit) - y logit."""
    return _apply(BINARY_CROSS_ENTROPY, logits, y, sample_weight)


def mse(prediction, y, sample_weight=None):
    """Mean squared error: the mean of (prediction - y)^2."""
    return _apply(MSE, prediction, y, sample_weight)


def mae(prediction, y, sample_weight=None):
    """Mean absolute error: the mean of |prediction - y|; its derivative at 0 is 0."""
    return _apply(MAE, prediction, y, sample_weight)


def huber(prediction, y, sample_weight=None):
    """Mean of e^2 / 2 where |e| <= 1, else |e| - 1/2, of e = prediction - y.

    Huber, 1964.
    """
    return _apply(HUBER, prediction, y, sample_weight)


def hinge(prediction, y, sample_weight=None):
    """Mean of max(0, 1 - s prediction), s = -1 or +1; or by class (ops.hinge)."""
    return _apply(HINGE, prediction, y, sample_weight)
