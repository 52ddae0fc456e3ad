"""Losses, each with its gradient with respect to the prediction.

    loss, grad = cross_entropy(logits, y, sample_weight=None)

Losses are means over the samples (over all elements for mse, mae, huber,
binary_cross_entropy and the binary hinge). With `sample_weight`, one number of 0 or
more a sample, they are sum_i w_i loss_i / sum_i w_i. Where there are no samples, or
all weights are 0, the loss is 0.0 and so is the gradient.

`loss` is a float, computed in double; `grad` has the shape and the precision of the
prediction, float32 or float64. Classification losses take logits: raw outputs, before
softmax or sigmoid. NaN in the prediction comes out as NaN.
"""

import numpy as np

from .. import backend
from . import checks


@backend.behind_quick_door
def cross_entropy(logits, y, sample_weight=None):
    """Softmax and cross-entropy, and the gradient (Bridle, 1990).

        loss = mean_i of -log softmax(logits_i)[y_i]
        grad[i, j] = (softmax(logits_i)[j] - [j = y_i]) / n_samples

    logits (n_samples, n_classes). y (n_samples,): class indices 0 .. n_classes - 1; or
    (n_samples, n_classes): a probability for each class, one-hot or soft, and then
    loss = mean_i of -sum_j y[i, j] log softmax(logits_i)[j].
    Returns loss, grad. Logits of any size are safe: nothing overflows.
    Raises ValueError when shapes don't fit or a label is no class.

    Three equal logits know nothing, and the loss is log 3:

    >>> loss, grad = cross_entropy([[5.0, 5.0, 5.0]], [0])
    >>> round(loss, 4), grad.round(4).tolist()
    (1.0986, [[-0.6667, 0.3333, 0.3333]])
    """
    where = "cross_entropy"
    logits = checks.floating(where, "logits", logits, ndim=2)
    n, k = _with_columns(where, "logits", logits, 1)
    y = checks.array(where, "y", y)
    _refuse_names(where, "y", y, k)
    if y.ndim == 1:
        labels = class_indices(where, "y", y, n, k, of="logits")
        return _call("cross_entropy", where, logits, labels, sample_weight)
    if y.shape != logits.shape:
        raise ValueError(
            f"{where}: y has shape {y.shape} but logits has {logits.shape}; expected "
            f"({n},), class indices, or ({n}, {k}), a probability for each class"
        )
    y = checks.floating(where, "y", y, dtype=logits.dtype)
    _check_probabilities(where, y)
    sums = y.sum(axis=1, dtype=np.float64)
    wrong = np.flatnonzero(np.abs(sums - 1.0) > 1e-3)
    if wrong.size:
        raise ValueError(
            f"{where}: row {wrong[0]} of y sums to {sums[wrong[0]]:.6g}; the "
            "probabilities of a sample must sum to 1 (or pass class indices, one a "
            "sample)"
        )
    return _call("cross_entropy_soft", where, logits, y, sample_weight)


def binary_cross_entropy(logits, y, sample_weight=None):
    """Sigmoid and cross-entropy, element by element, and the gradient (Cox, 1958).

        loss = mean of -y log sigmoid(z) - (1 - y) log(1 - sigmoid(z)),  z = logits
        grad = (sigmoid(z) - y) / number of elements

    logits and y of the same shape, (n_samples,) or (n_samples, n_outputs), y between
    0 and 1. Computed as max(z, 0) - z y + log(1 + exp(-|z|)), which cannot overflow.
    Returns loss, grad.

    >>> loss, grad = binary_cross_entropy([0.0], [1])
    >>> round(loss, 4), grad.tolist()
    (0.6931, [-0.5])
    """
    where = "binary_cross_entropy"
    logits, y = _pair(where, "logits", logits, y)
    _check_probabilities(where, y)
    return _call(where, where, logits, y, sample_weight)


def mse(prediction, y, sample_weight=None):
    """Mean squared error, without 1/2, and the gradient (Legendre, 1805).

        loss = mean of (prediction - y)^2
        grad = 2 (prediction - y) / number of elements

    prediction and y of the same shape, (n_samples,) or (n_samples, n_outputs).
    Returns loss, grad.

    >>> loss, grad = mse([1.0, 2.0], [1.0, 4.0])
    >>> loss, grad.tolist()
    (2.0, [0.0, -2.0])
    """
    return _elementwise("mse", prediction, y, sample_weight)


def mae(prediction, y, sample_weight=None):
    """Mean absolute error and the gradient (Laplace, 1774).

        loss = mean of |prediction - y|
        grad = sign(prediction - y) / number of elements,  sign(0) = 0

    prediction and y of the same shape, (n_samples,) or (n_samples, n_outputs).
    Returns loss, grad.

    >>> loss, grad = mae([1.0, 2.0], [1.0, 4.0])
    >>> loss, grad.tolist()
    (1.0, [0.0, -0.5])
    """
    return _elementwise("mae", prediction, y, sample_weight)


def huber(prediction, y, sample_weight=None):
    """Huber loss with delta 1: squared near 0, absolute far out (Huber, 1964).

        loss = mean of d^2 / 2 where |d| <= 1, |d| - 1/2 elsewhere,  d = prediction - y
        grad = (d cut to the range -1 .. 1) / number of elements

    prediction and y of the same shape, (n_samples,) or (n_samples, n_outputs).
    Returns loss, grad.

    >>> loss, grad = huber([1.0, 2.0], [0.5, 4.0])
    >>> loss, grad.tolist()
    (0.8125, [0.25, -0.5])
    """
    return _elementwise("huber", prediction, y, sample_weight)


def hinge(prediction, y, sample_weight=None):
    """Hinge loss of the support vector machine, and the gradient.

    One score a sample, prediction (n_samples,) or (n_samples, 1), and y of two classes,
    written -1 and 1 or 0 and 1 (Cortes and Vapnik, 1995), s = -1 or +1:
        loss = mean of max(0, 1 - s * prediction)
        grad = -s / n_samples where the maximum is above 0, else 0
    One score a class, prediction (n_samples, n_classes), and y (n_samples,) class
    indices (Crammer and Singer, 2001):
        loss = mean of max(0, 1 + largest other score - score of class y)
        grad = +1 / n_samples at that other class, the first of equals, and
        -1 / n_samples at class y, where the maximum is above 0, else 0
    prediction and y of one shape with several columns are independent binary scores.
    Returns loss, grad.

    >>> loss, grad = hinge([[0.5]], [1])
    >>> loss, grad.tolist()
    (0.5, [[-1.0]])
    >>> loss, grad = hinge([[1.0, 0.5, 3.0]], [2])
    >>> loss, grad.tolist()
    (0.0, [[0.0, 0.0, 0.0]])
    """
    where = "hinge"
    prediction = checks.floating(where, "prediction", prediction)
    y = checks.array(where, "y", y)
    if prediction.ndim == 2 and prediction.shape[1] >= 2 and y.ndim == 1:
        labels = class_indices(where, "y", y, *prediction.shape)
        return _call("hinge_multiclass", where, prediction, labels, sample_weight)
    prediction, y = _pair(where, "prediction", prediction, y)
    return _call(where, where, prediction, signs(where, "y", y), sample_weight)


# -- the checks ----------------------------------------------------------------------


def class_indices(where, name, y, n, k, of="prediction"):
    """`y` as n int64 class indices in 0 .. k-1, one for each row of the prediction.

    1.0 is taken as 1. n: None for any number; `of`: what messages call the prediction.
    """
    y = checks.array(where, name, y)
    _refuse_names(where, name, y, k)
    if y.ndim != 1 or n not in (None, len(y)):
        expected = "n_samples" if n is None else n
        raise ValueError(
            f"{where}: {name} has shape {y.shape}; expected ({expected},), one class "
            f"index for each row of {of}"
        )
    if y.dtype.kind == "f":
        broken = np.flatnonzero(~(y == np.floor(y)) | np.isinf(y))
        if broken.size:
            raise ValueError(
                f"{where}: {name}[{broken[0]}] is {y[broken[0]]}; class indices are "
                f"whole numbers 0 .. {k - 1} (for values to predict there is mse)"
            )
    if len(y) and not (y.min() >= 0 and y.max() < k):
        outside = np.flatnonzero((y < 0) | (y >= k))
        raise ValueError(
            f"{where}: {name}[{outside[0]}] is {y[outside[0]]}; class indices must be "
            f"in 0 .. {k - 1}, since {of} has {k} column(s)"
        )
    return np.ascontiguousarray(y, dtype=np.int64)


def _refuse_names(where, name, y, k):
    if y.dtype.kind not in "fiub":
        raise TypeError(
            f"{where}: {name} has dtype {y.dtype}; expected class indices "
            f"0 .. {k - 1}; numpy.unique({name}, return_inverse=True) turns names into "
            "them"
        )


def signs(where, name, y):
    """`y` of -1 and 1, or of 0 and 1, as -1 and +1; NaN is refused."""
    zeros = np.any(y == 0)
    allowed = (y == 1) | ((y == 0) if zeros else (y == -1))
    if not allowed.all():
        value = y[~allowed][0]
        raise ValueError(
            f"{where}: {name} contains {value}{' beside 0' if zeros else ''}; two "
            "classes are written -1 and 1, or 0 and 1"
        )
    return 2 * y - 1 if zeros else y


def weights(where, sample_weight, n, dtype):
    """`sample_weight` as n finite numbers of 0 or more, or None."""
    if sample_weight is None:
        return None
    w = checks.floating(where, "sample_weight", sample_weight, ndim=1, dtype=dtype)
    if len(w) != n:
        raise ValueError(
            f"{where}: sample_weight has length {len(w)} but there are {n} samples"
        )
    wrong = np.flatnonzero(~((w >= 0) & np.isfinite(w)))
    if wrong.size:
        raise ValueError(
            f"{where}: sample_weight[{wrong[0]}] is {w[wrong[0]]}; weights must be "
            "finite and at least 0"
        )
    return w


def _check_probabilities(where, y):
    """Refuse y outside 0 .. 1; NaN goes through and comes out as NaN."""
    wrong = (y < 0) | (y > 1)
    if wrong.any():
        raise ValueError(
            f"{where}: y contains {y[wrong][0]}; expected probabilities between 0 and 1"
        )


def _with_columns(where, name, x, least):
    if x.shape[1] < least:
        raise ValueError(
            f"{where}: {name} has shape {x.shape}; expected at least {least} column(s)"
        )
    return x.shape


def _pair(where, name, prediction, y):
    """Prediction and y in the prediction's precision, of one shape.

    (n,) and (n, 1) are the same thing here, and never stretched to (n, n).
    """
    prediction = checks.floating(where, name, prediction)
    y = checks.floating(where, "y", y, dtype=prediction.dtype)
    if prediction.ndim not in (1, 2):
        raise ValueError(
            f"{where}: {name} has shape {prediction.shape}; expected (n_samples,) or "
            "(n_samples, n_outputs)"
        )
    if {y.shape, prediction.shape} == {(len(prediction),), (len(prediction), 1)}:
        y = y.reshape(prediction.shape)
    checks.same_shape(where, "y", y, name, prediction)
    return prediction, y


def _elementwise(name, prediction, y, sample_weight):
    prediction, y = _pair(name, "prediction", prediction, y)
    return _call(name, name, prediction, y, sample_weight)


def _call(kernel, where, prediction, y, sample_weight):
    n = len(prediction)
    w = weights(where, sample_weight, n, prediction.dtype)
    grad = np.empty_like(prediction)
    columns = prediction.shape[1] if prediction.ndim == 2 else 1
    shape = (n, columns)
    loss = backend.function(kernel)(
        prediction.reshape(shape),
        y if y.dtype == np.int64 else y.reshape(shape),  # class indices stay (n,)
        w,
        np.empty(n),
        grad.reshape(shape),
    )
    return loss, grad
