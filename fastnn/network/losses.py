"""Losses as a network sees them: the targets they take and the answers they give.

    cross_entropy           classes 0..k-1 or probabilities; softmax; k >= 2 outputs
    binary_cross_entropy    0 or 1 for each output; sigmoid
    hinge                   classes; the margin; 1 output (two classes) or k
    mse, mae, huber         values
    a function of yours     what it takes (tensors/own_loss.py); the outputs are values

The arithmetic is in fastnn/_kernels/losses.pyx and its twin.
"""

import numpy as np

from .. import backend, ops
from ..ops import checks
from ..ops.losses import class_indices, signs
from . import inputs
from .tensors.own_loss import OwnLoss, OwnTargets, as_own_loss, own_targets

NAMES = ("cross_entropy", "binary_cross_entropy", "mse", "mae", "huber", "hinge")
_quick_labels = backend.quick_door("labels")  # y, if it is plainly fit, else None
CLASSIFICATION = ("cross_entropy", "binary_cross_entropy", "hinge")
NODE_OF = {"cross_entropy_soft": "cross_entropy", "hinge_multiclass": "hinge"}


class Targets:
    """y, checked: `kernel` names the loss kernel; one of `y` and `labels` is set.

    y (n_samples, n_out) real, labels (n_samples,) int64; the other one is None.
    """

    def __init__(self, kernel, y, labels):
        self.kernel, self.y, self.labels = kernel, y, labels

    def __len__(self):
        return len(self.labels if self.y is None else self.y)

    @property
    def classes(self):
        """The class of each sample as an index, or None where y has values."""
        if self.labels is not None:
            return self.labels
        if self.kernel == "cross_entropy_soft":
            return self.y.argmax(axis=1)
        if self.kernel in ("binary_cross_entropy", "hinge") and self.y.shape[1] == 1:
            return (self.y[:, 0] > 0).astype(np.int64)
        return None

    def rows(self, rows):
        """The targets of some of the samples."""
        y, labels = self.y, self.labels
        if y is None:
            return Targets(self.kernel, None, labels[rows])
        return Targets(self.kernel, y[rows], None)

    def node(self, outputs, sample_weight=None):
        """The loss of a Tensor (n_samples, n_out), as a Tensor."""
        from .. import graph

        y = self.labels if self.y is None else self.y
        of_nodes = getattr(graph, NODE_OF.get(self.kernel, self.kernel))
        return of_nodes(outputs, y, sample_weight)

    def value(self, outputs, sample_weight=None):
        """The loss of the outputs (n_samples, n_out)."""
        return self._loss(outputs, sample_weight, None)

    def value_and_gradient(self, outputs, sample_weight=None):
        """The loss and its gradient by the outputs (n_samples, n_out)."""
        grad = np.empty_like(outputs)
        return self._loss(outputs, sample_weight, grad), grad

    def _loss(self, outputs, sample_weight, grad):
        y = self.labels if self.y is None else self.y
        row_loss = np.empty(len(outputs))
        kernel = backend.function(self.kernel)
        return kernel(outputs, y, sample_weight, row_loss, grad)


def as_loss(where, loss, n_out, needed=True):
    """The name of a loss that fits n_out outputs, or the user's own as an OwnLoss.

    needed: whether it will be computed, so that its name alone is not enough.
    """
    if callable(loss) or isinstance(loss, OwnLoss):
        return as_own_loss(where, loss, needed)
    if not isinstance(loss, str):
        raise TypeError(
            f"{where}: loss is {checks.describe(loss)}; expected a name, one of "
            f"{', '.join(map(repr, NAMES))}, or a function (outputs, y) that returns a "
            "Tensor of one number"
        )
    return check_name(where, loss, n_out)


def to_file(loss):
    """A loss as JSON can hold it: of the user's own, the name."""
    if loss is None or isinstance(loss, str):
        return loss
    return {"own": as_own_loss("save", loss, needed=False).name}


def from_file(loss, n_out):
    """The loss of which `to_file` gave `loss`; an error if it did not."""
    if not isinstance(loss, dict):
        return check_name("load", loss, n_out)
    name = loss.get("own")
    if not isinstance(name, str):
        raise TypeError(f"loss is {checks.describe(loss)}")
    return OwnLoss(None, name)


def check_name(where, loss, n_out):
    """The name of a loss that fits a network with n_out outputs."""
    checks.choice(where, "loss", loss, NAMES)
    if loss == "cross_entropy" and n_out < 2:
        raise ValueError(
            f"{where}: loss is 'cross_entropy', which takes one output for each class, "
            "but the network has 1; use 'binary_cross_entropy' for two classes, "
            "'mse' for values, or a last layer with an output for each class"
        )
    return loss


def targets(where, name, y, loss, n_out, dtype):
    """y as Targets for a loss and a network with n_out outputs."""
    if isinstance(loss, OwnLoss):
        return own_targets(where, name, y, loss, n_out, dtype)
    if loss == "cross_entropy":
        labels = _quick_labels(y, n_out)
        if labels is not None:
            return Targets(loss, None, labels)
    y = checks.array(where, name, y)
    if loss == "cross_entropy" and y.ndim == 2 and y.shape[1] > 1:
        y = real_targets(where, name, y, n_out, dtype)
        if len(y) and (y.min() < 0 or np.abs(y.sum(axis=1) - 1).max() > 1e-3):
            raise ValueError(
                f"{where}: {name} has rows that are not probabilities; expected values "
                "of at least 0 that sum to 1 in each row, or class indices (n_samples,)"
            )
        return Targets("cross_entropy_soft", y, None)
    if loss == "cross_entropy" or (loss == "hinge" and n_out > 1):
        kernel = "cross_entropy" if loss == "cross_entropy" else "hinge_multiclass"
        if y.ndim == 2 and y.shape[1] == 1:
            y = y[:, 0]
        labels = class_indices(where, name, y, None, n_out, of="the output")
        return Targets(kernel, None, labels)
    y = real_targets(where, name, y, n_out, dtype)
    if loss == "hinge":
        y = signs(where, name, y)
    if loss == "binary_cross_entropy" and len(y) and (y.min() < 0 or y.max() > 1):
        raise ValueError(
            f"{where}: {name} goes from {y.min()} to {y.max()}; "
            "binary_cross_entropy expects 0, 1 or a probability between them"
        )
    return Targets(loss, y, None)


def real_targets(where, name, y, n_out, dtype):
    """y as a finite (n_samples, n_out) array; (n_samples,) will do for one output."""
    y = checks.floating(where, name, y, dtype=dtype)
    if y.ndim == 1 and n_out == 1:
        y = y.reshape(-1, 1)
    if y.ndim != 2 or y.shape[1] != n_out:
        raise ValueError(
            f"{where}: {name} has shape {y.shape}; expected (n_samples, {n_out}), "
            "a column for each output"
        )
    inputs.finite(where, name, y)
    return y


def decide(loss, outputs):
    """The answer that raw outputs stand for: labels, or the values themselves."""
    if loss == "cross_entropy":
        return outputs.argmax(1)
    one = outputs.shape[1] == 1
    if loss == "hinge" and not one:
        return outputs.argmax(1)
    if loss in CLASSIFICATION:
        labels = (outputs > 0).astype(np.int64)
        return labels[:, 0] if one else labels
    return outputs[:, 0] if one else outputs


def probabilities(loss, outputs):
    """(n_samples, n_classes) probabilities; for one output, of class 0 and class 1."""
    if loss == "cross_entropy":
        return ops.softmax(outputs)
    if loss == "binary_cross_entropy":
        p = ops.sigmoid(outputs)
        return np.hstack([1 - p, p]) if outputs.shape[1] == 1 else p
    if isinstance(loss, OwnLoss):
        raise ValueError(
            f"predict_proba: the network was trained with a loss of your own, {loss}, "
            "which does not say what its outputs mean; make probabilities of them, "
            "say fn.ops.softmax(net(X))"
        )
    raise ValueError(
        f"predict_proba: the network was trained with loss={loss!r}, which gives no "
        "probabilities; train with 'cross_entropy' or 'binary_cross_entropy'"
    )


def measure(loss, target, n_out):
    """What else than the loss can be judged: "accuracy", "r2", or None.

    With a loss of the user's own it is r2 where there is a target for each output.
    """
    if loss in CLASSIFICATION:
        return "accuracy"
    own = isinstance(target, OwnTargets)
    return None if own and target.y.shape[1:] != (n_out,) else "r2"


def measured(loss, target, outputs, sample_weight=None):
    """{"accuracy": ...}, {"r2": ...} or {}, as `measure` says."""
    name = measure(loss, target, outputs.shape[1])
    if name == "accuracy":
        return {name: accuracy(target, outputs, loss, sample_weight)}
    return {name: r2(target, outputs, sample_weight)} if name else {}


def score(loss, target, outputs, sample_weight=None):
    """The one number of `measured`."""
    for value in measured(loss, target, outputs, sample_weight).values():
        return value
    raise ValueError(
        f"score: y has shape {target.y.shape}, which is not that of the outputs, "
        f"{outputs.shape}, so with a loss of your own, {loss}, there is no R^2; "
        "evaluate(X, y) gives the loss"
    )


def accuracy(target, outputs, loss, sample_weight=None):
    """Fraction of right answers: of samples, or of all elements with many sigmoids."""
    answer = decide(loss, outputs)
    if target.classes is not None:
        right = answer == target.classes
    else:
        right = (answer == (target.y > 0.5)).mean(axis=1)
    return float(np.average(right, weights=sample_weight))


def r2(target, outputs, sample_weight=None):
    """Coefficient of determination, the mean over the outputs.

    1 - sum (y - prediction)^2 / sum (y - mean y)^2; where y is constant, 1 for a
    perfect prediction, else 0 (as scikit-learn has it).
    """
    y = target.y.astype(np.float64)
    w = None if sample_weight is None else sample_weight.astype(np.float64)
    residual = np.average((y - outputs) ** 2, axis=0, weights=w)
    # from a row that counts: a constant has then exactly no spread, without rounding
    y = y - y[0 if w is None else w.argmax()]
    spread = np.average((y - np.average(y, axis=0, weights=w)) ** 2, axis=0, weights=w)
    constant = np.where(residual == 0, 1.0, 0.0)
    safe = np.where(spread == 0, 1.0, spread)
    return float(np.mean(np.where(spread == 0, constant, 1 - residual / safe)))
