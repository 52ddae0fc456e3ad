"""Losses: the loss of a batch together with its gradient.

Each function writes every sample's share of the loss into `row_loss` and the gradient
with respect to the prediction into `grad`, and returns the loss, the sum of the
shares. A loss is defined by what one sample, or one element, adds to it; the averaging
at the end of the file is the same for all. Derivation: docs/derivations/losses.md
"""

import math

__all__ = [
    "binary_cross_entropy",
    "cross_entropy",
    "cross_entropy_soft",
    "hinge",
    "hinge_multiclass",
    "huber",
    "mae",
    "mse",
]

# In the order of the kernels' enum Loss.
LOSSES = (
    "cross_entropy",
    "cross_entropy_soft",
    "binary_cross_entropy",
    "mse",
    "mae",
    "huber",
    "hinge",
    "hinge_multiclass",
)


def cross_entropy(logits, y, sample_weight, row_loss, grad):
    """Softmax and cross-entropy of class indices, and the gradient.

    loss = sum_i w_i * -log softmax(logits_i)[y_i] / W   (Bridle, 1990)
    grad[i, j] = w_i / W * (softmax(logits_i)[j] - [j = y_i])
    logits (n, k), y (n,) int64 in 0 .. k-1,
    sample_weight (n,) or None: read. W is the sum of the weights, n for None; where it
    is 0, loss and grad are 0. row_loss (n,) float64, each sample's share of the loss,
    and grad (n, k), not logits, or None: overwritten. Returns the sum of row_loss.
    Derivation: docs/derivations/losses.md
    """

    def row(z, label):
        top, exps, total = _softmax(z)
        loss = math.log(total) - (z[label] - top)
        slopes = [e / total for e in exps]
        slopes[label] -= 1.0
        return loss, slopes

    return _mean_over_rows(row, logits, y, sample_weight, row_loss, grad)


def cross_entropy_soft(logits, y, sample_weight, row_loss, grad):
    """Softmax and cross-entropy of class probabilities, and the gradient.

    loss = sum_i w_i * -sum_j y[i, j] log softmax(logits_i)[j] / W, with 0 log 0 = 0
    grad[i, j] = w_i / W * (softmax(logits_i)[j] * sum_j y[i, j] - y[i, j])
    logits, y (n, k), rows of y one-hot or soft (Szegedy et al., 2016),
    sample_weight (n,) or None: read. W is the sum of the weights, n for None; where it
    is 0, loss and grad are 0. row_loss (n,) float64, each sample's share of the loss,
    and grad (n, k), not logits, or None: overwritten. Returns the sum of row_loss.
    Derivation: docs/derivations/losses.md
    """

    def row(z, probs):
        top, exps, total = _softmax(z)
        loss = mass = 0.0
        for value, p in zip(z, probs, strict=True):
            if p != 0.0:
                loss += p * (math.log(total) - (value - top))
                mass += p
        slopes = [e / total * mass - p for e, p in zip(exps, probs, strict=True)]
        return loss, slopes

    return _mean_over_rows(row, logits, y, sample_weight, row_loss, grad)


def _softmax(z):
    """top = max(z), exp(z - top) and their sum; taking top out, no exp overflows."""
    top = max(z)
    exps = [math.exp(value - top) for value in z]
    total = 0.0
    for e in exps:
        total += e
    return top, exps, total


def binary_cross_entropy(logits, y, sample_weight, row_loss, grad):
    """Sigmoid and cross-entropy, element by element, and the gradient (Cox, 1958).

    loss = sum_i w_i * mean_j(max(z, 0) - z y + log(1 + exp(-|z|))) / W, z = logits
    grad[i, j] = w_i / (W k) * (sigmoid(z) - y)
    logits, y (n, k), y in [0, 1],
    sample_weight (n,) or None: read. W is the sum of the weights, n for None; where it
    is 0, loss and grad are 0. row_loss (n,) float64, each sample's share of the loss,
    and grad (n, k), not logits, or None: overwritten. Returns the sum of row_loss.
    Derivation: docs/derivations/losses.md
    """

    def element(z, y):
        e = math.exp(-abs(z))  # at most 1: cannot overflow
        loss = max(z, 0.0) - z * y + math.log1p(e)
        sigmoid = e / (1.0 + e) if z < 0.0 else 1.0 / (1.0 + e)
        return loss, sigmoid - y

    return _mean_over_elements(element, logits, y, sample_weight, row_loss, grad)


def mse(prediction, y, sample_weight, row_loss, grad):
    """Mean squared error, without 1/2, and the gradient (Legendre, 1805).

    loss = sum_i w_i * mean_j((prediction - y)^2) / W
    grad[i, j] = w_i / (W k) * 2 (prediction - y)
    prediction, y (n, k),
    sample_weight (n,) or None: read. W is the sum of the weights, n for None; where it
    is 0, loss and grad are 0. row_loss (n,) float64, each sample's share of the loss,
    and grad (n, k), not prediction, or None: overwritten. Returns the sum of row_loss.
    Derivation: docs/derivations/losses.md
    """

    def element(z, y):
        d = z - y
        return d * d, d + d

    return _mean_over_elements(element, prediction, y, sample_weight, row_loss, grad)


def mae(prediction, y, sample_weight, row_loss, grad):
    """Mean absolute error and the gradient (Laplace, 1774).

    loss = sum_i w_i * mean_j(|prediction - y|) / W
    grad[i, j] = w_i / (W k) * sign(prediction - y), sign(0) = 0
    prediction, y (n, k),
    sample_weight (n,) or None: read. W is the sum of the weights, n for None; where it
    is 0, loss and grad are 0. row_loss (n,) float64, each sample's share of the loss,
    and grad (n, k), not prediction, or None: overwritten. Returns the sum of row_loss.
    Derivation: docs/derivations/losses.md
    """

    def element(z, y):
        d = z - y
        if d > 0.0:
            return d, 1.0
        if d < 0.0:
            return -d, -1.0
        return d, d  # 0, or NaN

    return _mean_over_elements(element, prediction, y, sample_weight, row_loss, grad)


def huber(prediction, y, sample_weight, row_loss, grad):
    """Huber loss with delta 1 and the gradient (Huber, 1964).

    loss = sum_i w_i * mean_j(d^2 / 2 if |d| <= 1 else |d| - 1/2) / W
    where d = prediction - y
    grad[i, j] = w_i / (W k) * (d cut to the range -1 .. 1)
    prediction, y (n, k),
    sample_weight (n,) or None: read. W is the sum of the weights, n for None; where it
    is 0, loss and grad are 0. row_loss (n,) float64, each sample's share of the loss,
    and grad (n, k), not prediction, or None: overwritten. Returns the sum of row_loss.
    Derivation: docs/derivations/losses.md
    """

    def element(z, y):
        d = z - y
        if d > 1.0:
            return d - 0.5, 1.0
        if d < -1.0:
            return -d - 0.5, -1.0
        return 0.5 * (d * d), d

    return _mean_over_elements(element, prediction, y, sample_weight, row_loss, grad)


def hinge(prediction, y, sample_weight, row_loss, grad):
    """Hinge loss of the signs -1 and +1, and the gradient (Cortes and Vapnik, 1995).

    loss = sum_i w_i * mean_j(max(0, 1 - y * prediction)) / W
    grad[i, j] = w_i / (W k) * (-y if y * prediction < 1 else 0)
    prediction, y (n, k), y of -1 and +1,
    sample_weight (n,) or None: read. W is the sum of the weights, n for None; where it
    is 0, loss and grad are 0. row_loss (n,) float64, each sample's share of the loss,
    and grad (n, k), not prediction, or None: overwritten. Returns the sum of row_loss.
    Derivation: docs/derivations/losses.md
    """

    def element(z, y):
        margin = 1.0 - y * z
        if margin <= 0.0:
            return 0.0, 0.0
        return margin, -y if margin > 0.0 else margin  # margin: NaN

    return _mean_over_elements(element, prediction, y, sample_weight, row_loss, grad)


def hinge_multiclass(logits, y, sample_weight, row_loss, grad):
    """Multiclass hinge loss and the gradient (Crammer and Singer, 2001).

    loss = sum_i w_i * max(0, 1 + logits[i, r] - logits[i, y_i]) / W, where the rival r
    is the largest other class, the first of equals
    grad[i, r] = w_i / W = -grad[i, y_i] where that maximum is above 0; all else 0
    logits (n, k) with k >= 2, y (n,) int64 in 0 .. k-1,
    sample_weight (n,) or None: read. W is the sum of the weights, n for None; where it
    is 0, loss and grad are 0. row_loss (n,) float64, each sample's share of the loss,
    and grad (n, k), not logits, or None: overwritten. Returns the sum of row_loss.
    Derivation: docs/derivations/losses.md
    """

    def row(z, label):
        rival = 1 if label == 0 else 0
        for j in range(rival + 1, len(z)):
            # a NaN becomes the rival and stays it
            if j != label and (z[j] > z[rival] or z[j] != z[j]):
                rival = j
        margin = 1.0 + (z[rival] - z[label])
        slopes = [0.0] * len(z)
        if margin <= 0.0:
            return 0.0, slopes
        slopes[rival] = 1.0 if margin > 0.0 else margin  # margin: NaN
        slopes[label] = -slopes[rival]
        return margin, slopes

    return _mean_over_rows(row, logits, y, sample_weight, row_loss, grad)


def _mean_over_elements(element, prediction, y, sample_weight, row_loss, grad):
    """The mean over all elements; element(z, y) gives an element's loss and slope."""

    def row(zs, ys):
        loss, slopes = 0.0, []
        for z, target in zip(zs, ys, strict=True):
            term, slope = element(z, target)
            loss += term
            slopes.append(slope)
        return loss, slopes

    n_columns = prediction.shape[1]
    return _mean_over_rows(
        row, prediction, y, sample_weight, row_loss, grad, parts=n_columns
    )


def _mean_over_rows(row, prediction, y, sample_weight, row_loss, grad, parts=1):
    """The weighted mean over the samples; row(z, y) gives a row's loss and slopes.

    Row i counts for w_i / (W parts), where W is the sum of the weights.
    """
    n, k = prediction.shape
    weights = [1.0] * n if sample_weight is None else sample_weight.tolist()
    total = 0.0
    for weight in weights:
        total += weight
    total *= parts
    loss = 0.0
    targets = y if isinstance(y, list) else y.tolist()
    for i, (z, target) in enumerate(zip(prediction.tolist(), targets, strict=True)):
        if total == 0.0 or k == 0:  # the mean over nothing
            value, slopes, share = 0.0, [0.0] * k, 0.0
        else:
            value, slopes = row(z, target)
            share = weights[i] / total
        row_loss[i] = share * value
        loss += row_loss[i]
        if grad is not None:
            for j in range(k):
                grad[i, j] = share * slopes[j]
    return loss
