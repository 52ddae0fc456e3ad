"""A loss of the user's own, written with Tensors, as fit and evaluate need it.

    def pinball(outputs, y):  # the quantile 0.9
        e = y - outputs
        return np.maximum(0.9 * e, -0.1 * e).mean()

    net.fit(X, y, loss=pinball)

outputs is a Tensor (n_samples, n_out), y an array of the batch's targets; what comes
back is a Tensor of one number. The gradient by the outputs is found by its graph, the
layers go back from there as they always do: one after the other in Python, and a node
for each operation of the loss in each step. docs/own_loss.md says what that costs,
bench/bench_own.py measures it.
"""

import math
import sys

import numpy as np

from ... import backend
from ...ops import checks
from .. import inputs

HOW = (
    "write it as `def my_loss(outputs, y)`, or `(outputs, y, sample_weight)` to be "
    "given the weights, which are None where there are none"
)


class OwnLoss:
    """A function as a loss; of one that comes from a file, only the name is known."""

    def __init__(self, function, name=None, where="OwnLoss"):
        self.function = function
        plain = getattr(function, "__name__", type(function).__name__)
        self.name = plain if name is None else name
        self.takes_weight = function is not None and self._finds_weight(where)

    def _finds_weight(self, where):
        """Whether it has a parameter sample_weight; an error where no call can work."""
        import inspect  # here: `import fastnn` should not wait for it

        try:
            signature = inspect.signature(self.function)
        except (TypeError, ValueError):  # a function in C, which says nothing of itself
            return False
        takes = "sample_weight" in signature.parameters
        try:
            signature.bind(None, None, **({"sample_weight": None} if takes else {}))
        except TypeError as error:
            raise TypeError(
                f"{where}: the loss {self.name} cannot be called with (outputs, y) "
                f"({error}); {HOW}"
            ) from None
        return takes

    def node(self, where, outputs, y, sample_weight):
        """The loss of a Tensor `outputs`: a Tensor of one number, or an error."""
        self.refuse(where, sample_weight)
        y = read_only(y)
        if self.takes_weight:
            weight = None if sample_weight is None else read_only(sample_weight)
            result = self.function(outputs, y, sample_weight=weight)
        else:
            result = self.function(outputs, y)
        if not hasattr(result, "computed"):
            raise TypeError(
                f"{where}: the loss {self.name} returned {checks.describe(result)}; "
                "expected a Tensor of one number, computed from outputs (.data and "
                "float() lose the graph)"
            )
        if result.size != 1:
            raise ValueError(
                f"{where}: the loss {self.name} returned a Tensor of shape "
                f"{result.shape}; expected one number, say .mean() of it"
            )
        return result

    def __reduce__(self):
        """Pickled, it keeps the function where that can be imported by its name."""
        module = sys.modules.get(getattr(self.function, "__module__", None) or "")
        found = getattr(module, getattr(self.function, "__qualname__", ""), None)
        known = found is not None and found is self.function
        return OwnLoss, (self.function if known else None, self.name)

    def refuse(self, where, sample_weight):
        """Refuse weights that the function does not ask for."""
        if sample_weight is not None and not self.takes_weight:
            raise ValueError(
                f"{where}: sample_weight is given, but the loss {self.name} does not "
                f"take it; {HOW}"
            )

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __repr__(self):
        return self.name


def as_own_loss(where, loss, needed=True):
    """A user's function, or an OwnLoss, as an OwnLoss.

    needed: refuse one of which a file has kept nothing but the name.
    """
    if isinstance(loss, type):
        raise TypeError(
            f"{where}: loss is the class {loss.__name__}; expected a function, or an "
            "object that can be called"
        )
    if not isinstance(loss, OwnLoss):
        return OwnLoss(loss, where=where)
    if needed and loss.function is None:
        raise ValueError(
            f"{where}: the network was trained with a loss of your own, {loss.name}, "
            "of which a file keeps the name alone; pass the function again, "
            f"{where}(..., loss={loss.name})"
        )
    return loss


class OwnTargets:
    """y for a loss of the user's own, checked; like losses.Targets.

    y (n_samples, ...): real numbers in the network's precision, or whole numbers and
    booleans as they are. For a network with one output, y (n_samples,) is a column
    (n_samples, 1) like its outputs: else outputs - y would be (n_samples, n_samples).
    """

    kernel = labels = classes = None  # what only the losses of the kernels have

    def __init__(self, where, y, loss):
        self.where, self.y, self.loss = where, y, loss

    def __len__(self):
        return len(self.y)

    def rows(self, rows):
        """The targets of some of the samples."""
        return OwnTargets(self.where, self.y[rows], self.loss)

    def node(self, outputs, sample_weight=None):
        """The loss of a Tensor (n_samples, n_out), as a Tensor."""
        return self.loss.node(self.where, outputs, self.y, sample_weight)

    def _counts_nothing(self, sample_weight):
        self.loss.refuse(self.where, sample_weight)
        return sample_weight is not None and not sample_weight.any()

    def value(self, outputs, sample_weight=None):
        """The loss of an array (n_samples, n_out), a float; NaN where it is NaN."""
        from ...graph import Tensor

        if self._counts_nothing(sample_weight):
            return 0.0
        return self.node(Tensor(outputs, "outputs"), sample_weight).item()

    def value_and_gradient(self, outputs, sample_weight=None):
        """The loss and its gradient by the outputs; both of them finite.

        Of samples that all have the weight 0 both are 0, as for the other losses.
        """
        from ...graph import Tensor

        if self._counts_nothing(sample_weight):
            return 0.0, np.zeros_like(outputs)
        leaf = Tensor(outputs, "outputs")
        loss = self.node(leaf, sample_weight)
        name = self.loss.name
        if loss.constant:
            raise ValueError(
                f"{self.where}: the loss {name} returned a Tensor that was not "
                "computed from outputs, so there is no gradient (.data and .detach() "
                "lose the graph)"
            )
        value = loss.item()
        if not math.isfinite(value):
            raise ValueError(
                f"{self.where}: the loss {name} is {value}; {why(outputs)}"
            )
        (grad,) = loss.gradients([leaf])
        if not backend.function("is_finite")(grad.reshape(-1)):
            raise ValueError(
                f"{self.where}: the loss {name} is {value:.6g}, but its gradient has "
                "NaN or infinite values; look for a derivative that is infinite, such "
                "as that of sqrt or log at 0"
            )
        return value, grad


def why(outputs):
    """What to do about a loss that is not finite."""
    if not np.isfinite(outputs).all():
        return (
            "so are outputs of the network, which has diverged; a smaller "
            "learning_rate, scaled inputs or clip_norm may help"
        )
    return (
        f"the outputs go from {outputs.min():.6g} to {outputs.max():.6g}; if that is "
        "too far, a smaller learning_rate, scaled inputs or clip_norm may help, else "
        "look at the operation that the RuntimeWarning names"
    )


def read_only(x):
    """A view that a user's function cannot write through into our data."""
    view = x.view()
    view.flags.writeable = False
    return view


def own_targets(where, name, y, loss, n_out, dtype):
    """y as OwnTargets; TypeError or ValueError where it has no finite numbers."""
    y = checks.array(where, name, y)
    if y.dtype.kind not in "fiub":
        raise TypeError(
            f"{where}: {name} has dtype {y.dtype}; expected numbers, for names of "
            "classes say np.unique(y, return_inverse=True)[1]"
        )
    if y.ndim == 0:
        raise ValueError(
            f"{where}: {name} is a single number; expected a row for each sample"
        )
    if y.dtype.kind == "f":
        y = checks.floating(where, name, y, dtype=dtype)
        inputs.finite(where, name, y)
    if y.ndim == 1 and n_out == 1:
        y = y.reshape(-1, 1)
    return OwnTargets(where, y, loss)
