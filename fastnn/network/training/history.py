"""What happened while a network learned: one number per epoch and quantity."""

import numpy as np

from ...ops import checks

# What a callback or a schedule can watch: +1 if more is better, -1 if less is.
DIRECTIONS = {
    "loss": -1,
    "val_loss": -1,
    "accuracy": +1,
    "val_accuracy": +1,
    "val_r2": +1,
}

_LISTS = (*DIRECTIONS, "grad_norms", "learning_rate", "seconds")


class History:
    """The course of a training; `net.fit` returns one.

    loss, val_loss          mean loss of the epoch, on the training and validation part
    accuracy, val_accuracy  fraction of right labels (classification)
    val_r2                  coefficient of determination (regression)
    grad_norms              per epoch one norm of the gradient per Dense layer
    learning_rate, seconds  per epoch
    stopped                 None, or why the training ended before its last epoch

    Each is a list with one entry per epoch, or empty where the quantity does not exist.
    loss and accuracy are means over the batches as they were met, while the network
    changed and dropout was on; loss weighs the samples, accuracy counts each once.
    val_ values are those of `net.evaluate` after the epoch. A gradient norm is the mean
    of ||dL/dweights|| over the steps.
    """

    def __init__(self):
        self.loss = []
        self.val_loss = []
        self.accuracy = []
        self.val_accuracy = []
        self.val_r2 = []
        self.grad_norms = []
        self.learning_rate = []
        self.seconds = []
        self.stopped = None

    @property
    def epochs(self):
        """The number of epochs done."""
        return len(self.loss)

    def record(self, **values):
        """Append the values of one epoch: record(loss=0.3, accuracy=0.9, ...)."""
        checked = {}
        for name, value in values.items():
            checks.choice("record", "the name", name, _LISTS)
            value = checks.floating(
                "record", name, value, ndim=int(name == "grad_norms"), dtype=np.float64
            )
            checked[name] = value.tolist()
        extend(self, {name: [value] for name, value in checked.items()})

    def best(self, monitor="val_loss"):
        """The index of the epoch with the best `monitor`, the first one of equals.

        `history.val_accuracy[history.best("val_accuracy")]` is the highest of them.
        """
        values = watched(self, monitor, "best")
        sign = DIRECTIONS[monitor]
        order = [(sign * v, -epoch) for epoch, v in enumerate(values) if v == v]
        if not order:
            raise ValueError(
                f"best: {monitor} is NaN in every epoch; "
                "try a smaller learning rate, or clip_norm"
            )
        return -max(order)[1]

    def to_dict(self):
        """Everything in it, as lists and numbers that JSON can hold."""
        lists = {name: list(getattr(self, name)) for name in _LISTS}
        lists["grad_norms"] = [list(norms) for norms in self.grad_norms]
        return {**lists, "stopped": self.stopped}

    @classmethod
    def from_dict(cls, values):
        """The History of which `to_dict` gave `values`; ValueError if it did not."""
        history = cls()
        try:
            for name in _LISTS:
                for value in values[name]:
                    history.record(**{name: value})
            history.stopped = values["stopped"]
        except (TypeError, LookupError, AttributeError) as error:
            raise ValueError(
                f"from_dict: this is no stored History ({error})"
            ) from None
        return history

    def plot(self, ax=None):
        """Draw the curves: loss, accuracy or R2, and the gradients' norms.

        ax: matplotlib axes to draw the loss into; None draws everything there is into
        a new figure. Returns the figure. Needs `pip install "fastnn[plot]"`.
        """
        from ...plot import training

        return training.history(self, ax)

    def __repr__(self):
        if not self.epochs:
            return "History: no epochs yet"
        shown = [name for name in DIRECTIONS if getattr(self, name)]
        lines = ["epoch" + "".join(f"{name:>14}" for name in shown)]
        for epoch in range(self.epochs):
            if 3 <= epoch < self.epochs - 3:
                if epoch == 3:
                    lines.append("  ...")
                continue
            columns = (getattr(self, name)[epoch : epoch + 1] for name in shown)
            cells = (
                f"{column[0]:>14.5g}" if column else " " * 14 for column in columns
            )
            lines.append(f"{epoch + 1:>5}" + "".join(cells))
        plural = "" if self.epochs == 1 else "s"
        seconds = f" in {sum(self.seconds):.3g} s" if self.seconds else ""
        title = f"History: {self.epochs} epoch{plural}{seconds}"
        end = [f"stopped: {self.stopped}"] if self.stopped else []
        return "\n".join([title, *lines, *end])


def extend(history, values):
    """Append the values of epochs, {name: a list of Python numbers or lists}."""
    for name, of_epochs in values.items():
        getattr(history, name).extend(of_epochs)


def watched(history, monitor, where):
    """The list that `monitor` names; ValueError when this training has none."""
    checks.choice(where, "monitor", monitor, DIRECTIONS)
    values = getattr(history, monitor)
    if values:
        return values
    if monitor.startswith("val_") and not history.val_loss:
        other = "loss" if monitor == "val_r2" else monitor.removeprefix("val_")
        raise ValueError(
            f"{where}: monitor is {monitor!r}, but this training has no validation; "
            f"pass validation=(X, y) to fit, or monitor={other!r}"
        )
    there = [name for name in DIRECTIONS if getattr(history, name)]
    raise ValueError(
        f"{where}: monitor is {monitor!r}, which this training does not have; "
        f"it has {', '.join(there) or 'no epochs yet'}"
    )
