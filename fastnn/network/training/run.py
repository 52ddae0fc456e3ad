"""One training from start to end: what `Network.fit` runs.

    check everything -> for each epoch: shuffle, train on it, validate, call back

The kernels take steps for about a tenth of a second at a time, so that Ctrl-C and the
progress bar are prompt: a part of an epoch, or many epochs if nobody wants to hear of
each one. How the steps are taken is in steps.py, how a training is saved and goes on in
checkpoint.py.
"""

import contextlib
import math
import time
import warnings

import numpy as np

from ... import backend
from ...ops import checks
from .. import inputs, losses, program
from ..layers import Dense
from ..tensors.own_loss import OwnLoss
from . import checkpoint, steps
from .callbacks import in_order
from .history import History, extend
from .interrupts import Later
from .optimizers import as_optimizer
from .progress import Bar, Lines, Silence, as_progress
from .schedules import Schedule, rates_of_steps

SECONDS_A_CALL = 0.1  # of kernel time, before Python looks at signals again
SHOWN = (Silence, Lines, Bar)  # progress that only shows
FEW_PARAMETERS = 8192  # a copy of so many takes no memory to speak of
SLOW_FLOPS = 1e10  # floating-point operations a second


class Data:
    """Samples x, their targets (losses.Targets) and weights (or None), all checked."""

    def __init__(self, x, target, sample_weight):
        self.x, self.target, self.sample_weight = x, target, sample_weight

    def __len__(self):
        return len(self.x)


class Before:
    """A network as it was before a training that may turn out to be impossible.

    X is read from memory once less if its numbers are checked as the first epoch comes
    to them: an epoch of 30-1, 128,000 samples by 32, takes 0.52 us a step instead of
    0.59 to 0.83. Bad ones are then found in the middle of it, and what was done until
    then is undone.
    """

    def __init__(self, network):
        self.parameters = network.flat_parameters.copy()
        self.statistics = network.flat_statistics.copy()
        self.others = network.seed, network.draws, network.loss, network.history

    def put_back(self, network):
        network.flat_parameters[:] = self.parameters
        network.flat_statistics[:] = self.statistics
        seed, network.draws, network.loss, network.history = self.others
        if seed != network.seed:  # of a checkpoint
            network.set_seed(seed)


class Training:
    """A running training, as callbacks see it.

    network, history, optimizer; epoch: epochs done so far, of `epochs`;
    stop(reason) ends it after this epoch; save(path) writes a checkpoint.
    """

    def __init__(
        self, network, X, y, loss, optimizer, epochs, batch_size, validation,
        sample_weight, class_weight, callbacks, shuffle, progress,
    ):  # fmt: skip
        self.network = network
        loss = (network.loss or "cross_entropy") if loss is None else loss
        self.loss = losses.as_loss("fit", loss, network.n_out)
        own = isinstance(self.loss, OwnLoss)
        self.compiles = network.compiles and not own  # whether kernels run it whole
        refuse_double_activation(network.layers[-1], self.loss)
        self.optimizer = as_optimizer(optimizer)
        self.epochs = checks.whole("fit", "epochs", epochs, low=0)
        self.before = None  # the network before the first step, while X is unchecked
        self.data = self._data(X, y, sample_weight, class_weight)
        self.validation = self._validation(validation)
        batch_size = checks.whole("fit", "batch_size", batch_size, low=1)
        self.batch_size = min(batch_size, len(self.data))
        if own:
            self._try_loss()
        self.callbacks = in_order(callbacks)
        self.shuffle = checks.flag("fit", "shuffle", shuffle)
        self.progress = as_progress(progress)
        self.history = History()
        self.epoch = 0
        self.step = 0  # steps taken, in all epochs together
        self.done = 0  # and in the running one, of steps_per_epoch
        self.steps_per_epoch = -(-len(self.data) // self.batch_size)
        self.within_epoch = False  # or not everybody has heard of its end
        self.program = None  # the network, laid out for steps.by_program
        self.dense = [  # places in totals
            4 + i for i, layer in enumerate(network.layers) if isinstance(layer, Dense)
        ]
        self.order = np.arange(len(self.data), dtype=np.int64)  # of the samples
        # of the running epoch: what train_steps adds up, and the seconds
        self.totals = np.zeros(4 + len(network.layers) + 1)
        n = network.flat_parameters.size
        n_slots = self.optimizer.n_slots
        self.slots = program.aligned(n_slots * n, network.dtype).reshape(n_slots, n)
        # steps of one kernel call: a guess of what a slow CPU does, then as measured
        slow = 1e-5 + 6 * n * self.batch_size / SLOW_FLOPS
        self.steps_a_call = max(1, int(SECONDS_A_CALL / slow))

    def _data(self, X, y, sample_weight=None, class_weight=None, of=""):
        net = self.network
        x = inputs.matrix("fit", of + "X", X, net.n_in, net.dtype)
        inputs.some_rows("fit", of + "X", x)
        few = net.flat_parameters.size <= FEW_PARAMETERS
        if of == "" and self.compiles and self.epochs and few:
            self.before = Before(net)
        else:
            inputs.finite("fit", of + "X", x)
        target = losses.targets("fit", of + "y", y, self.loss, net.n_out, net.dtype)
        inputs.same_length("fit", of + "y", target, of + "X", len(x))
        weight = inputs.sample_weights(
            "fit", sample_weight, len(x), net.dtype, of + "sample_weight"
        )
        if class_weight is not None:
            if target.classes is None:
                raise ValueError(
                    f"fit: class_weight is given, but y has no classes with the loss "
                    f"{self.loss!r}; use sample_weight"
                )
            n_classes = max(net.n_out, 2)
            of_class = inputs.class_weights(
                "fit", class_weight, target.classes, n_classes
            )
            of_sample = of_class[target.classes].astype(net.dtype)
            weight = of_sample if weight is None else weight * of_sample
            inputs.some_weight("fit", "class_weight times sample_weight", weight)
        return Data(x, target, weight)

    def _try_loss(self):
        """A user's loss of the first batch, so that it is refused before any step."""
        batch = slice(self.batch_size)
        for data in filter(None, (self.data, self.validation)):
            weight = None if data.sample_weight is None else data.sample_weight[batch]
            outputs = self.network(data.x[batch])
            data.target.rows(batch).value_and_gradient(outputs, weight)

    @property
    def recorded(self):
        """The quantities that the history will have."""
        names = ["loss", "accuracy"] if self.loss in losses.CLASSIFICATION else ["loss"]
        if self.validation is None:
            return names
        n_out = self.network.n_out
        measure = losses.measure(self.loss, self.validation.target, n_out)
        return [*names, "val_loss"] + ([f"val_{measure}"] if measure else [])

    def _validation(self, validation):
        if validation is None:
            return None
        if not isinstance(validation, (tuple, list)) or len(validation) not in (2, 3):
            raise TypeError(
                f"fit: validation is {checks.describe(validation)}; expected (X, y) or "
                "(X, y, sample_weight)"
            )
        return self._data(*validation, of="validation ")

    # --- The loop --------------------------------------------------------------------

    def run(self, resume=None):
        """Train; returns the History."""
        for callback in self.callbacks:
            if hasattr(callback, "on_start"):
                callback.on_start(self)
        self.optimizer.schedule.check(self.recorded)
        self.optimizer.schedule.start()
        if resume is not None:
            checkpoint.restore(self, resume)
        self.network.loss = self.loss
        self.network.history = self.history
        self.progress.start(self)
        try:
            while self.epoch < self.epochs and not self.history.stopped:
                self._go_on()
        finally:
            try:
                for callback in reversed(self.callbacks):  # a checkpoint saves, then
                    if hasattr(callback, "on_end"):  # the best parameters come back
                        callback.on_end(self)
            finally:
                self.progress.end(self)
        return self.history

    def _go_on(self):
        """Take as many steps as make about SECONDS_A_CALL, and record what they did.

        They are a part of an epoch, or the rest of it and more epochs, if nobody wants
        to hear of each one before the next begins.
        """
        per_epoch, compiles = self.steps_per_epoch, self.compiles
        in_kernels = compiles and backend.path() == "kernels"
        n_steps = self.steps_a_call if in_kernels else 1
        n_epochs = 1 if self._is_heard() else max(1, n_steps // per_epoch)
        n_epochs = min(n_epochs, self.epochs - self.epoch)
        n_steps = min(n_steps, n_epochs * per_epoch - self.done)
        rates = rates_of_steps(
            self.optimizer.schedule, self.epoch, self.done, n_steps, per_epoch
        )
        n_epochs = -(-(self.done + n_steps) // per_epoch)  # that the steps reach
        totals = np.zeros((n_epochs, 4 + len(self.network.layers)))
        totals[0] = self.totals[:-1]  # so the sums don't show where calls began
        self.within_epoch = True
        heard = not in_kernels or self._is_heard()
        with contextlib.nullcontext() if heard else Later():
            started = time.perf_counter()
            try:
                (steps.by_program if compiles else steps.by_layers)(self, rates, totals)
            finally:  # Ctrl-C is heard at the end of a call: its steps were taken
                self._count(totals, rates, time.perf_counter() - started)

    def _is_heard(self):
        """Whether someone may act on each epoch: callbacks, plateau, own progress."""
        schedule = self.optimizer.schedule
        return (
            bool(self.callbacks)
            or self.validation is not None
            or type(schedule).on_epoch is not Schedule.on_epoch
            or type(self.progress) not in SHOWN
        )

    def _count(self, totals, rates, seconds):
        """Note the steps taken, and end the epochs that ended with them."""
        in_each = steps.in_each(totals, self.batch_size, self.done)
        taken = sum(in_each.tolist())
        if taken == 0:
            return
        in_time = int(taken * SECONDS_A_CALL / (seconds + 1e-9))
        at_most = max(4 * taken, self.steps_a_call)  # few steps prove little
        self.steps_a_call = max(1, min(at_most, in_time))
        rows = np.empty((len(totals), len(self.totals)))
        rows[:, :-1] = totals
        rows[:, -1] = seconds / taken * in_each
        rows[0, -1] += self.totals[-1]
        self.step += taken
        self.done += taken
        self.progress.step(self, self.done / self.steps_per_epoch)
        n_ended, self.done = divmod(self.done, self.steps_per_epoch)
        self.totals = rows[n_ended] if self.done else np.zeros(len(self.totals))
        if n_ended:
            self.before = None  # all samples have been seen
            last = in_each[:n_ended].cumsum() - 1  # steps of the epochs
            self._end_epochs(rows[:n_ended], rates[last])

    def _end_epochs(self, totals, rates):
        """Record epochs, a row and a rate for each, and tell whoever wants to hear."""
        values = self._recorded_of(totals, rates)
        if self.validation is not None:  # then it is one epoch
            v = self.validation
            judged = self.network.judge(v.x, v.target, self.loss, v.sample_weight)
            values |= {"val_" + name: [value] for name, value in judged.items()}
        self.epoch += len(totals)
        extend(self.history, values)
        if not math.isfinite(values["loss"][-1]):
            self.stop(
                f"the loss became {values['loss'][-1]} in epoch {self.epoch}; a "
                "smaller learning_rate, scaled inputs or clip_norm may help"
            )
            warnings.warn("fit: " + self.history.stopped, RuntimeWarning, stacklevel=6)
        self.optimizer.schedule.on_epoch(self.history)
        for callback in self.callbacks:
            callback(self)
        self.within_epoch = False
        self.progress.epoch(self)

    def _recorded_of(self, totals, rates):
        """{quantity: its values, one an epoch} of the training part."""
        loss_sum, weight, right, samples = totals[:, :4].T
        values = {
            "loss": loss_sum / weight,
            "grad_norms": totals[:, self.dense] / self.steps_per_epoch,
            "learning_rate": rates,
            "seconds": totals[:, -1],
        }
        if self.loss in losses.CLASSIFICATION:
            values["accuracy"] = right / samples
        return {name: of_epochs.tolist() for name, of_epochs in values.items()}

    def refuse(self):
        """Put the network back as it was, and say which number of X is not finite."""
        self.before.put_back(self.network)
        inputs.finite("fit", "X", self.data.x)
        raise ValueError("fit: X was changed by someone else during the first epoch")

    def stop(self, reason):
        """End the training after this epoch."""
        self.history.stopped = str(reason)

    def save(self, path):
        """Write a checkpoint: everything that fit(resume=path) needs to go on."""
        checkpoint.save(self, path)


def refuse_double_activation(layer, loss):
    """The classification losses take logits: softmax or sigmoid is in the loss."""
    activation = getattr(layer, "activation", None)
    if loss in losses.CLASSIFICATION and activation in ("softmax", "sigmoid"):
        raise ValueError(
            f"fit: the last layer has the activation {activation!r}, but the loss "
            f"{loss!r} takes logits and applies it itself; leave it out (predict_proba "
            "gives the probabilities)"
        )
