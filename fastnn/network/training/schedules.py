"""The learning rate over time: a schedule is called with the epoch and gives the rate.

    rate = cosine(0.1, epochs=20)
    rate(0.0)      0.1, before the first step
    rate(10.0)     0.05, half way

The epoch is a fraction that counts from 0: (number of the step) / (steps per epoch),
so schedules that bend do so from step to step. A schedule of your own subclasses
Schedule and has one method, `at`.
"""

import inspect
import math

import numpy as np

from ...ops import checks
from .history import DIRECTIONS, watched

__all__ = [
    "Schedule",
    "constant",
    "cosine",
    "exponential",
    "plateau",
    "step",
    "warmup",
]


class Schedule:
    """Base of all schedules: keeps the arguments, answers for floats and arrays."""

    def at(self, epoch):
        """The rates at the epochs of a float64 array, an array of the same shape."""
        raise NotImplementedError(
            f"{type(self).__name__} needs a method at(self, epoch)"
        )

    def __call__(self, epoch):
        """The learning rate at `epoch`: a float, or a float64 array for an array."""
        epoch = checks.floating(type(self).__name__, "epoch", epoch, dtype=np.float64)
        rates = np.asarray(self.at(epoch), dtype=np.float64)
        if epoch.ndim == 0:
            return float(rates)
        if rates.shape != epoch.shape:
            rates = np.broadcast_to(rates, epoch.shape)
        return np.array(rates)

    def start(self):
        """Forget what earlier trainings showed; `fit` calls it before a new one."""

    def check(self, recorded):
        """Refuse, before anything is trained, to watch what will not be recorded."""

    def on_epoch(self, history):
        """Look at the history after an epoch; only `plateau` learns from it."""

    def state(self):
        """What it has learnt from the history, as a dict that JSON can hold."""
        return {}

    def restore(self, state):
        """Go back to a `state()`."""

    def arguments(self):
        """The arguments it was made with: {"learning_rate": 0.1, ...}."""
        return {
            name: getattr(self, name)
            for name in inspect.signature(type(self)).parameters
        }

    def config(self):
        """The schedule as a dict that JSON can hold; `from_config` makes it again."""
        arguments = {
            name: value.config() if isinstance(value, Schedule) else value
            for name, value in self.arguments().items()
        }
        return {"schedule": type(self).__name__, **arguments}

    def __repr__(self):
        inside = ", ".join(
            f"{name}={value!r}" for name, value in self.arguments().items()
        )
        return f"{type(self).__name__}({inside})"


class constant(Schedule):  # noqa: N801  (schedules read as functions)
    """The same rate always."""

    def __init__(self, learning_rate):
        self.learning_rate = _rate("constant", learning_rate)

    def at(self, epoch):
        return np.full(epoch.shape, self.learning_rate)


class step(Schedule):  # noqa: N801
    """Stairs: learning_rate * factor ** floor(epoch / every)."""

    def __init__(self, learning_rate, every, factor=0.1):
        self.learning_rate = _rate("step", learning_rate)
        self.every = _epochs("step", "every", every)
        self.factor = _factor("step", factor)

    def at(self, epoch):
        return self.learning_rate * self.factor ** np.floor(epoch / self.every)


class exponential(Schedule):  # noqa: N801
    """A smooth decay: learning_rate * factor ** epoch."""

    def __init__(self, learning_rate, factor=0.95):
        self.learning_rate = _rate("exponential", learning_rate)
        self.factor = _factor("exponential", factor)

    def at(self, epoch):
        return self.learning_rate * self.factor**epoch


class cosine(Schedule):  # noqa: N801
    """Half a cosine wave, from learning_rate down to final (Loshchilov & Hutter, 2017).

    final + (learning_rate - final) * (1 + cos(pi * epoch / epochs)) / 2 up to `epochs`,
    then `final`. One cycle, no restarts.
    """

    def __init__(self, learning_rate, epochs, final=0.0):
        self.learning_rate = _rate("cosine", learning_rate)
        self.epochs = _epochs("cosine", "epochs", epochs)
        self.final = _rate("cosine", final, "final")

    def at(self, epoch):
        done = np.minimum(epoch / self.epochs, 1.0)
        return self.final + (self.learning_rate - self.final) * (
            (1.0 + np.cos(math.pi * done)) / 2.0
        )


class warmup(Schedule):  # noqa: N801
    """A straight line up from 0 during the first `epochs` (Goyal et al., 2017).

    then: a rate or a schedule, whose own clock starts when the warm-up ends:
    then(0) * epoch / epochs while epoch < epochs, afterwards then(epoch - epochs).
    So warmup(cosine(0.1, epochs=15), epochs=5) is done after 20 epochs. Step 0 has the
    rate 0, and a `plateau` in `then` does not look at the epochs of the warm-up.
    """

    def __init__(self, then, epochs):
        self.then = (
            then if isinstance(then, Schedule) else _rate("warmup", then, "then")
        )
        self.epochs = _epochs("warmup", "epochs", epochs)
        self._then = as_schedule(self.then)

    def at(self, epoch):
        rising = self._then(0.0) * (epoch / self.epochs)
        after = self._then(np.maximum(epoch - self.epochs, 0.0))
        return np.where(epoch < self.epochs, rising, after)

    def start(self):
        self._then.start()

    def check(self, recorded):
        self._then.check(recorded)

    def on_epoch(self, history):
        if history.epochs > self.epochs:
            self._then.on_epoch(history)

    def state(self):
        return {"then": self._then.state()}

    def restore(self, state):
        self._then.restore(state["then"])


class plateau(Schedule):  # noqa: N801
    """Multiply the rate by `factor` when `monitor` stops getting better.

    After `patience` epochs in a row that did not better the best value by more than
    min_delta, the rate becomes max(rate * factor, min_learning_rate), and the count
    starts again. Without validation, "val_loss" falls back to "loss" (and
    "val_accuracy" to "accuracy"). NaN is never better.
    """

    def __init__(
        self,
        learning_rate,
        factor=0.1,
        patience=10,
        min_learning_rate=0.0,
        min_delta=1e-4,
        monitor="val_loss",
    ):
        self.learning_rate = _rate("plateau", learning_rate)
        self.factor = _factor("plateau", factor)
        self.patience = checks.whole("plateau", "patience", patience, low=1)
        self.min_learning_rate = _rate(
            "plateau", min_learning_rate, "min_learning_rate"
        )
        self.min_delta = _rate("plateau", min_delta, "min_delta")
        self.monitor = checks.choice("plateau", "monitor", monitor, DIRECTIONS)
        self.start()

    def at(self, epoch):
        return np.full(epoch.shape, self._rate)

    def start(self):
        self._rate = self.learning_rate
        self._best = None
        self._waited = 0

    def check(self, recorded):
        monitor = self._watched("val_loss" in recorded)
        if monitor not in recorded:
            raise ValueError(
                f"plateau: monitor is {self.monitor!r}, but this training records "
                f"{', '.join(recorded)}; choose one of these"
            )

    def _watched(self, validated):
        """`monitor`, or without validation what comes closest to it."""
        if not validated and self.monitor in ("val_loss", "val_accuracy"):
            return self.monitor.removeprefix("val_")
        return self.monitor

    def on_epoch(self, history):
        monitor = self._watched(bool(history.val_loss))
        value = watched(history, monitor, "plateau")[-1]
        if better(monitor, value, self._best, self.min_delta):
            self._best = value
            self._waited = 0
            return
        self._waited += 1
        if self._waited >= self.patience:
            lower = max(self._rate * self.factor, self.min_learning_rate)
            self._rate = min(self._rate, lower)
            self._waited = 0

    def state(self):
        return {"rate": self._rate, "best": self._best, "waited": self._waited}

    def restore(self, state):
        self._rate = state["rate"]
        self._best = state["best"]
        self._waited = state["waited"]


SCHEDULES = {
    s.__name__: s for s in (constant, step, exponential, cosine, warmup, plateau)
}


def better(monitor, value, best, min_delta):
    """Whether `value` betters `best` (None: nothing yet) by more than min_delta."""
    if best is None:
        return value == value  # anything but NaN
    if DIRECTIONS[monitor] > 0:
        return value > best + min_delta
    return value < best - min_delta


def as_schedule(learning_rate, where="as_schedule"):
    """A schedule: `learning_rate` itself if it is one, or constant(learning_rate)."""
    if isinstance(learning_rate, Schedule):
        return learning_rate
    if isinstance(learning_rate, type) or callable(learning_rate):
        raise TypeError(
            f"{where}: learning_rate is {checks.describe(learning_rate)}; expected "
            "a number or a schedule such as fn.schedules.cosine(0.1, epochs=20); for "
            "one of your own, subclass fn.schedules.Schedule and give it at(epoch)"
        )
    return constant(_rate(where, learning_rate))


def rates_of_steps(schedule, epoch, done, n_steps, per_epoch):
    """The rates of n_steps steps, the first of them step number `done` of `epoch`."""
    if type(schedule) is constant:
        return np.full(n_steps, schedule.learning_rate)  # 2 us instead of 16
    place = done + np.arange(n_steps)
    positions = epoch + place // per_epoch + place % per_epoch / per_epoch
    return np.asarray(schedule(positions), dtype=np.float64)


def from_config(config):
    """The schedule of which `config()` gave this dict."""
    arguments = dict(config)
    name = arguments.pop("schedule", None)
    make = SCHEDULES[checks.choice("from_config", "schedule", name, SCHEDULES)]
    if isinstance(arguments.get("then"), dict):
        arguments["then"] = from_config(arguments["then"])
    return make(**arguments)


def _rate(where, value, name="learning_rate"):
    return checks.number(where, name, value, low=0, below=math.inf)


def _factor(where, value):
    return checks.number(where, "factor", value, above=0, high=1)


def _epochs(where, name, value):
    return checks.number(where, name, value, above=0, below=math.inf)
