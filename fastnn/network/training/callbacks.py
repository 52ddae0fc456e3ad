"""Callbacks: what `fit` calls after every epoch, with the training as its argument.

    def tell(training):
        print(training.epoch, training.history.loss[-1])

    net.fit(X, y, callbacks=[tell, EarlyStopping(patience=3)])

`training` has .network .history .epoch (epochs done, 1 after the first) .epochs
.callbacks, .stop(reason) and .save(path). Any function will do; it may change settings
of layers, which hold from the next step on. An object can also
have `on_start(training)` and `on_end(training)`, called once each, and `state()` with
`restore(json, arrays)`, so that a run continued from a checkpoint goes on exactly as it
would have.
"""

import os

from ...ops import checks
from .. import storage
from .history import DIRECTIONS, watched
from .schedules import better


class EarlyStopping:
    """Stop when `monitor` no longer gets better; keep the best parameters.

    Stops after `patience` epochs in a row that did not better the best value by more
    than min_delta ("loss" is better lower, "accuracy" and "r2" higher; NaN is never
    better). restore_best: at the end of `fit`, however it ended, the network gets the
    parameters of its best epoch (Prechelt, 1998).
    """

    def __init__(
        self, monitor="val_loss", patience=5, min_delta=0.0, restore_best=True
    ):
        where = "EarlyStopping"
        self.monitor = checks.choice(where, "monitor", monitor, DIRECTIONS)
        self.patience = checks.whole(where, "patience", patience, low=1)
        self.min_delta = checks.number(where, "min_delta", min_delta, low=0)
        self.restore_best = checks.flag(where, "restore_best", restore_best)
        self._forget()

    def _forget(self):
        self.best = None  # the best value seen, in epoch number best_epoch (from 1)
        self.best_epoch = None
        self._waited = 0
        self._parameters = {}

    def on_start(self, training):
        """Refuse, before anything is trained, a quantity that will not be recorded."""
        if self.monitor not in training.recorded:
            raise ValueError(
                f"EarlyStopping: monitor is {self.monitor!r}, but this training "
                f"records {', '.join(training.recorded)}; pass validation=(X, y) to "
                "fit for those with val_, or choose one of these"
            )

    def __call__(self, training):
        if training.epoch == 1:
            self._forget()  # an earlier training with this object is over
        value = watched(training.history, self.monitor, "EarlyStopping")[-1]
        if better(self.monitor, value, self.best, self.min_delta):
            self.best, self.best_epoch = value, training.epoch
            self._waited = 0
            if self.restore_best:
                self._parameters = training.network.get_state()
            return
        self._waited += 1
        if self._waited >= self.patience:
            training.stop(self._reason())

    def _reason(self):
        if self.best is None:
            return f"{self.monitor} was NaN from the start"
        return (
            f"{self.monitor} has not improved for {self._waited} epoch"
            f"{'' if self._waited == 1 else 's'}; "
            f"the best was {self.best:.5g} in epoch {self.best_epoch}"
        )

    def on_end(self, training):
        """Give the network its best parameters.

        At the end only, not when stopping: a checkpoint of the last epoch must hold
        the parameters that the optimizer's state belongs to.
        """
        if self._parameters and training.epoch > 0:
            training.network.set_state(self._parameters)

    def state(self):
        """(a dict that JSON can hold, a dict of arrays): all it has learnt so far."""
        values = {
            "best": self.best,
            "best_epoch": self.best_epoch,
            "waited": self._waited,
        }
        return values, dict(self._parameters)

    def restore(self, values, arrays):
        """Go back to a `state()`."""
        self.best = values["best"]
        self.best_epoch = values["best_epoch"]
        self._waited = values["waited"]
        self._parameters = {name: array.copy() for name, array in arrays.items()}

    def __repr__(self):
        return (
            f"EarlyStopping(monitor={self.monitor!r}, patience={self.patience}, "
            f"min_delta={self.min_delta!r}, restore_best={self.restore_best})"
        )


class Checkpoint:
    """Save the training to `path` after every `every` epochs, and after the last one.

    The file always holds one whole checkpoint, the latest; go on from it with
    net.fit(..., resume=path). A training that is stopped between two checkpoints is
    saved as well.
    """

    def __init__(self, path, every=1):
        try:
            self.path = os.fspath(path)
        except TypeError:
            raise TypeError(
                f"Checkpoint: path is {checks.describe(path)}; expected the name of a "
                "file, for example 'run.npz'"
            ) from None
        self.every = checks.whole("Checkpoint", "every", every, low=1)
        self._unsaved = False

    def on_start(self, training):
        """Refuse, before anything is trained, a path that cannot be written to."""
        storage.check_target("Checkpoint", self.path)

    def __call__(self, training):
        last = training.epoch >= training.epochs or training.history.stopped
        self._unsaved = not (last or training.epoch % self.every == 0)
        if not self._unsaved:
            training.save(self.path)

    def on_end(self, training):
        """Save the epochs since the last checkpoint, if there are any.

        A training interrupted within an epoch, or before everybody has heard of its
        end, is not saved: what goes on from there would differ from the uninterrupted
        training.
        """
        if self._unsaved and not training.within_epoch:
            self._unsaved = False
            training.save(self.path)

    def __repr__(self):
        return f"Checkpoint({self.path!r}, every={self.every})"


def in_order(callbacks):
    """The callbacks as a list, checkpoints last: they save what the others did.

    Raises TypeError when one cannot be called.
    """
    if callbacks is None:
        return []
    if not isinstance(callbacks, (list, tuple)):
        raise TypeError(
            f"fit: callbacks has the type {type(callbacks).__name__}; expected a list, "
            "for example [fn.EarlyStopping(patience=5)]"
        )
    for callback in callbacks:
        if isinstance(callback, type) or not callable(callback):
            raise TypeError(
                f"fit: callbacks holds {checks.describe(callback)}; expected functions "
                "of one argument, or objects such as fn.EarlyStopping(patience=5)"
            )
    return sorted(callbacks, key=lambda callback: isinstance(callback, Checkpoint))
