"""How a training shows that it is alive: a bar on a terminal, lines elsewhere.

Any object with start(training), step(training, fraction), epoch(training) and
end(training) can be passed as fit(progress=...).
"""

import sys
import time


class Silence:
    """Shows nothing."""

    def start(self, training):
        pass

    def step(self, training, fraction):
        pass

    def epoch(self, training):
        pass

    def end(self, training):
        pass


class Lines(Silence):
    """A line an epoch, at most one a second, and always the last."""

    def __init__(self, stream=None):
        self.stream = stream or sys.stderr
        self.printed = 0.0

    def epoch(self, training):
        now = time.monotonic()
        last = training.epoch == training.epochs or training.history.stopped
        if last or now - self.printed >= 1.0:
            self.printed = now
            print(describe(training), file=self.stream, flush=True)


class Bar(Silence):
    """One line that is drawn again, with a bar, at most ten times a second."""

    width = 24

    def __init__(self, stream=None):
        self.stream = stream or sys.stderr
        self.drawn = 0.0

    def step(self, training, fraction):
        now = time.monotonic()
        if now - self.drawn >= 0.1:
            self.drawn = now
            self._draw(training, (training.epoch + fraction) / training.epochs)

    def _draw(self, training, fraction):
        import shutil  # here: `import fastnn` should not wait for it

        full = int(min(fraction, 1.0) * self.width)
        bar = "━" * full + "╌" * (self.width - full)
        # a line that wraps could not be drawn again
        line = f"{bar} {describe(training)}"[: shutil.get_terminal_size().columns - 1]
        print(f"\r{line}\x1b[K", end="", file=self.stream, flush=True)

    def end(self, training):
        done = training.epoch / training.epochs if training.epochs else 1.0
        self._draw(training, done)
        print(file=self.stream, flush=True)


def describe(training):
    """ "epoch 3/20  loss 0.2345  accuracy 0.931  val_accuracy 0.925" """
    history = training.history
    parts = [f"epoch {training.epoch}/{training.epochs}"]
    for name in ("loss", "accuracy", "val_loss", "val_accuracy", "val_r2"):
        values = getattr(history, name)
        if values:
            digits = 3 if "accuracy" in name else 4
            parts.append(f"{name} {values[-1]:.{digits}f}")
    return "  ".join(parts)


def as_progress(progress):
    """True, False or an object with the four methods."""
    if progress is True:
        return Bar() if sys.stderr.isatty() else Lines()
    if progress is False or progress is None:
        return Silence()
    missing = [n for n in ("start", "step", "epoch", "end") if not hasattr(progress, n)]
    if missing:
        raise TypeError(
            f"fit: progress is {progress!r}; expected True, False or an object with "
            f"start, step, epoch and end as methods ({', '.join(missing)} missing)"
        )
    return progress
