"""One training from start to end: what `Network.fit` runs.

    check everything -> for each epoch: shuffle, train on it, validate, call back

An epoch goes to the kernels as a whole (in parts of about a tenth of a second, so that
Ctrl-C and the progress bar are prompt). A network with a layer of the user's own goes
layer by layer, a batch at a time, through the same kernels: the same numbers.
"""

import math
import time
import warnings

import numpy as np

from .. import backend
from ..ops import checks
from . import inputs, losses, program, storage
from .callbacks import in_order
from .history import History, append
from .layers import Dense
from .optimizers import as_optimizer, grad_scale_for
from .progress import Bar, Lines, Silence, as_progress
from .schedules import Schedule

SECONDS_A_CALL = 0.1  # of kernel time, before Python looks at signals again
SHOWN = (Silence, Lines, Bar)  # progress that only shows
SLOW_FLOPS = 1e10  # floating-point operations a second


class Data:
    """Samples x, their targets (losses.Targets) and weights (or None), all checked."""

    def __init__(self, x, target, sample_weight):
        self.x, self.target, self.sample_weight = x, target, sample_weight

    def __len__(self):
        return len(self.x)


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
        self.loss = losses.check_name(
            "fit",
            (network.loss or "cross_entropy") if loss is None else loss,
            network.n_out,
        )
        refuse_double_activation(network.layers[-1], self.loss)
        self.optimizer = as_optimizer(optimizer)
        self.epochs = checks.whole("fit", "epochs", epochs, low=0)
        self.data = self._data(X, y, sample_weight, class_weight)
        self.validation = self._validation(validation)
        batch_size = checks.whole("fit", "batch_size", batch_size, low=1)
        self.batch_size = min(batch_size, len(self.data))
        self.callbacks = in_order(callbacks)
        self.shuffle = checks.flag("fit", "shuffle", shuffle)
        self.progress = as_progress(progress)
        self.history = History()
        self.epoch = 0
        self.step = 0  # steps taken, in all epochs together
        self.done = 0  # and in the running one, of steps_per_epoch
        self.steps_per_epoch = -(-len(self.data) // self.batch_size)
        self.within_epoch = False
        self.dense = [
            i for i, layer in enumerate(network.layers) if isinstance(layer, Dense)
        ]
        self.order = np.arange(len(self.data), dtype=np.int64)  # of the samples
        self.totals = np.zeros(4 + len(network.layers))  # of the running epoch
        self.seconds = 0.0  # likewise
        n = network.flat_parameters.size
        n_slots = self.optimizer.n_slots
        self.slots = program.aligned(n_slots * n, network.dtype).reshape(n_slots, n)
        # steps of one kernel call: a guess of what a slow CPU does, then as measured
        slow = 1e-5 + 6 * n * self.batch_size / SLOW_FLOPS
        self.steps_a_call = max(1, int(SECONDS_A_CALL / slow))

    def _data(self, X, y, sample_weight=None, class_weight=None, of=""):
        net = self.network
        x = inputs.features("fit", of + "X", X, net.n_in, net.dtype, empty_ok=False)
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

    @property
    def recorded(self):
        """The quantities that the history will have."""
        measure = "accuracy" if self.loss in losses.CLASSIFICATION else "r2"
        names = ["loss", "accuracy"] if measure == "accuracy" else ["loss"]
        return names + ["val_loss", "val_" + measure] * (self.validation is not None)

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
            self.restore(resume)
        self.network.loss = self.loss
        self.network.history = self.history
        take_steps = self._road()
        self.progress.start(self)
        try:
            while self.epoch < self.epochs and not self.history.stopped:
                self._go_on(take_steps)
        finally:
            try:
                for callback in reversed(self.callbacks):  # a checkpoint saves, then
                    if hasattr(callback, "on_end"):  # the best parameters come back
                        callback.on_end(self)
            finally:
                self.progress.end(self)
        return self.history

    def _road(self):
        """The function that takes steps: by the program, or layer by layer."""
        self.program = None
        if not self.network.compiles:
            return self._steps_by_layers
        self.program = program.Program(
            self.network, self.batch_size, self.data.target.kernel, self.optimizer,
            self.slots,
        )  # fmt: skip
        return self._steps_by_program

    def _go_on(self, take_steps):
        """Take as many steps as make about SECONDS_A_CALL, and record what they did.

        They are a part of an epoch, or the rest of it and more epochs, if nobody wants
        to hear of each one before the next begins.
        """
        per_epoch = self.steps_per_epoch
        in_kernels = self.program is not None and backend.path() == "kernels"
        n_steps = self.steps_a_call if in_kernels else 1
        n_epochs = 1 if self._is_heard() else max(1, n_steps // per_epoch)
        n_epochs = min(n_epochs, self.epochs - self.epoch)
        n_steps = min(n_steps, n_epochs * per_epoch - self.done)
        place = self.done + np.arange(n_steps)
        positions = self.epoch + place // per_epoch + place % per_epoch / per_epoch
        rates = np.asarray(self.optimizer.schedule(positions), dtype=np.float64)
        self.within_epoch = True
        started = time.perf_counter()
        totals = take_steps(rates)
        seconds = time.perf_counter() - started
        for of_epoch in totals:
            taken = min(per_epoch - self.done, len(rates))
            self._count(of_epoch, taken, seconds * taken / n_steps, rates[taken - 1])
            rates = rates[taken:]
        in_time = int(n_steps * SECONDS_A_CALL / (seconds + 1e-9))
        at_most = max(4 * n_steps, self.steps_a_call)  # few steps prove little
        self.steps_a_call = max(1, min(at_most, in_time))

    def _is_heard(self):
        """Whether someone may act on each epoch: callbacks, plateau, own progress."""
        schedule = self.optimizer.schedule
        return (
            bool(self.callbacks)
            or self.validation is not None
            or type(schedule).on_epoch is not Schedule.on_epoch
            or type(self.progress) not in SHOWN
        )

    def _steps_by_program(self, rates):
        """Take a step for each rate; the totals of each epoch that they reached."""
        net, shuffle = self.network, int(self.shuffle)
        totals = self.program.run(
            self.data, self.order, rates, step=self.step, draws=net.draws,
            start=self.done, shuffle=shuffle,
        )  # fmt: skip
        totals = totals[totals[:, 3] > 0]  # a loss that is not finite is the last
        steps = len(totals) * self.steps_per_epoch - self.done
        net.draws += min(steps, len(rates))
        return totals

    def _count(self, totals, steps, seconds, rate):
        """Note steps of the running epoch, and record it if they were its last."""
        self.step += steps
        self.done += steps
        self.totals += totals
        self.seconds += seconds
        self.progress.step(self, self.done / self.steps_per_epoch)
        if self.done < self.steps_per_epoch:
            return
        self.within_epoch = False
        self.epoch += 1
        self._record(rate)
        self.done, self.seconds, self.totals[:] = 0, 0.0, 0.0
        self.optimizer.schedule.on_epoch(self.history)
        for callback in self.callbacks:
            callback(self)
        self.progress.epoch(self)

    def _steps_by_layers(self, rates):
        """As _steps_by_program, a step at a time."""
        [rate] = rates
        if self.done == 0 and self.shuffle:
            backend.function("shuffle")(
                self.order, self.network.seed, self.network.draws
            )
        rows = self.order[self.done * self.batch_size :][: self.batch_size]
        totals = np.zeros_like(self.totals)
        self._step_by_layers(rows, rate, totals)
        return [totals]

    def _step_by_layers(self, rows, rate, totals):
        """Forward, loss, backward and update for one batch."""
        net, data = self.network, self.data
        pick = lambda x: None if x is None else x[rows]  # noqa: E731
        weight = pick(data.sample_weight)
        target = losses.Targets(
            data.target.kernel, pick(data.target.y), pick(data.target.labels)
        )
        outputs = net.forward(data.x[rows], training=True)
        loss, grad = losses.value_and_gradient(target, outputs, weight)
        net.backward(grad)

        total = len(rows) if weight is None else float(weight.sum(dtype=np.float64))
        totals[0] += loss * total
        totals[1] += total
        if self.loss in losses.CLASSIFICATION:
            totals[2] += losses.accuracy(target, outputs, self.loss) * len(rows)
        totals[3] += len(rows)
        squares = self._squared_norms()
        for index, layer in enumerate(net.layers):
            name = layer.parameter_names[0] if layer.parameter_names else None
            totals[4 + index] += math.sqrt(squares.get((index, name), 0.0))
        self._update(rate, sum(squares.values()))

    def _squared_norms(self):
        """{(layer index, name of the parameter): ||gradient||^2}."""
        square = backend.function("sum_of_squares")
        return {
            (index, name): square(getattr(layer, "grad_" + name).reshape(-1))
            for index, layer in enumerate(self.network.layers)
            for name in layer.parameter_names
        }

    def _update(self, rate, squares):
        """One optimizer step: the decayed parameters, then the others."""
        net, optimizer = self.network, self.optimizer
        scale = grad_scale_for(math.sqrt(squares), optimizer.clip_norm)
        whole = slice(None)
        decayed, others = slice(net.n_decayed), slice(net.n_decayed, None)
        for part, decay in ((decayed, optimizer.weight_decay), (others, 0.0)):
            slots = self.slots[whole, part]
            optimizer.update(
                net.flat_parameters[part], net.flat_gradients[part], slots,
                self.step + 1, rate, decay, scale,
            )  # fmt: skip

    def _record(self, rate):
        """Write this epoch into the history."""
        net = self.network
        loss_sum, weight, right, samples, *norms = self.totals.tolist()
        values = {
            "loss": loss_sum / weight if weight else 0.0,
            "grad_norms": [norms[i] / self.steps_per_epoch for i in self.dense],
            "learning_rate": float(rate),
            "seconds": self.seconds,
        }
        if self.loss in losses.CLASSIFICATION:
            values["accuracy"] = right / samples
        if self.validation is not None:
            v = self.validation
            judged = net.judge(v.x, v.target, self.loss, v.sample_weight)
            values |= {"val_" + name: value for name, value in judged.items()}
        append(self.history, values)
        if not math.isfinite(values["loss"]):
            self.stop(
                f"the loss became {values['loss']} in epoch {self.epoch}; a smaller "
                "learning_rate, scaled inputs or clip_norm may help"
            )
            warnings.warn("fit: " + self.history.stopped, RuntimeWarning, stacklevel=6)

    def stop(self, reason):
        """End the training after this epoch."""
        self.history.stopped = str(reason)

    # --- Checkpoints -----------------------------------------------------------------

    def save(self, path):
        """Write a checkpoint: everything that fit(resume=path) needs to go on."""
        states = [callback.state() for callback in self._with_state()]
        header = {
            "network": self.network.config(),
            "optimizer": self.optimizer.config(),
            "settings": self._settings(),
            "epoch": self.epoch,
            "step": self.step,
            "draws": self.network.draws,
            "schedule": self.optimizer.schedule.state(),
            "history": self.history.to_dict(),
            "callbacks": [values for values, _ in states],
        }
        arrays = {**self.network.get_state(), "slots": self.slots}
        for index, (_, of_callback) in enumerate(states):
            arrays |= {f"callback{index}.{n}": x for n, x in of_callback.items()}
        storage.write_archive(path, "checkpoint", header, arrays)

    def _with_state(self):
        return [c for c in self.callbacks if hasattr(c, "state")]

    def _settings(self):
        return {
            "loss": self.loss,
            "batch_size": self.batch_size,
            "shuffle": self.shuffle,
            "n_samples": len(self.data),
            "callbacks with a state": [type(c).__name__ for c in self._with_state()],
        }

    def restore(self, path):
        """Go on from a checkpoint: same network, optimizer and settings as before.

        The network stays as it is until everything in the file has been checked.
        """
        header, arrays = storage.read_archive(path, "checkpoint")
        net = self.network
        try:
            difference = self._difference(header)
            if difference is None:
                seed, draws, epoch, step = self._counts(header)
                history = History.from_dict(header["history"])
                for name, x in {**net.get_state(), "slots": self.slots}.items():
                    if arrays[name].shape != x.shape or arrays[name].dtype != x.dtype:
                        raise ValueError(f"{name} has another shape or dtype")
                self._restore_listeners(header, arrays)
        except (
            LookupError, TypeError, AttributeError, OverflowError, ValueError
        ) as error:  # fmt: skip
            raise ValueError(
                f"fit: resume={path!r} is not a whole checkpoint ({error!r}); "
                "start again without it"
            ) from None
        if difference is not None:
            raise ValueError(
                f"fit: resume={path!r} was written with {difference}; they must be "
                "equal to go on"
            )
        self.history, self.epoch, self.step = history, epoch, step
        self.slots[:] = arrays["slots"]
        net.set_state(arrays)
        net.set_seed(seed)
        net.draws = draws

    def _difference(self, header):
        """A setting in which the checkpoint's training was another one, in words."""
        mine = {
            "network": self.network.config()["layers"],
            "optimizer": self.optimizer.config(),
            **self._settings(),
        }
        theirs = {
            "network": header["network"]["layers"],
            "optimizer": header["optimizer"],
            **header["settings"],
        }
        for name, value in mine.items():
            if theirs[name] != value:
                return f"{name} = {theirs[name]}, but this call has {value}"
        return None

    def _counts(self, header):
        """seed, draws, epoch and step of a checkpoint: whole numbers of 64 bits."""
        found = {"seed": header["network"]["seed"]}
        found |= {name: header[name] for name in ("draws", "epoch", "step")}
        for name, value in found.items():
            if checks.whole("resume", name, value) >= 2**63:
                raise ValueError(f"{name} is {checks.describe(value)}")
        return found.values()

    def _restore_listeners(self, header, arrays):
        """Give the schedule and the callbacks what they had learnt."""
        self.optimizer.schedule.restore(header["schedule"])
        for index, callback in enumerate(self._with_state()):
            prefix = f"callback{index}."
            mine = {
                name.removeprefix(prefix): x
                for name, x in arrays.items()
                if name.startswith(prefix)
            }
            callback.restore(header["callbacks"][index], mine)


def refuse_double_activation(layer, loss):
    """The classification losses take logits: softmax or sigmoid is in the loss."""
    activation = getattr(layer, "activation", None)
    if loss in losses.CLASSIFICATION and activation in ("softmax", "sigmoid"):
        raise ValueError(
            f"fit: the last layer has the activation {activation!r}, but the loss "
            f"{loss!r} takes logits and applies it itself; leave it out (predict_proba "
            "gives the probabilities)"
        )
