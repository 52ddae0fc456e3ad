"""A run in parts: so that it can show how far it is, and stop when Ctrl-C is pressed.

parts = Parts("LIF.run", n_steps, progress)
for start, stop in parts:
    kernel(...)             # the steps start .. stop - 1, without the GIL
parts.done                  # steps that were computed; n_steps unless interrupted

in_parts does this for a function, concluded makes the result out of the steps.
"""

import sys
import time
import warnings

SECONDS_A_PART = 0.01  # a kernel does not hear Ctrl-C; where others compute, 0.05
SILENT = 2.0  # seconds without a bar


class Parts:
    """The steps of a run as ranges, each of which takes about SECONDS_A_PART.

    Ctrl-C ends the loop: what was computed stays, and a warning says how far it came.
    progress: True for a bar after two seconds (on a terminal), False for none.
    """

    def __init__(self, where, n_steps, progress=True):
        self.where, self.n_steps, self.done = where, n_steps, 0
        self.interrupted = False
        self._bar = progress and sys.stderr.isatty()
        self._drawn = False

    def __iter__(self):
        began = time.monotonic()
        size = 16
        try:
            while self.done < self.n_steps:
                stop = min(self.n_steps, self.done + size)
                started = time.monotonic()
                yield self.done, stop
                self.done = stop
                now = time.monotonic()
                rate = size / (now - started + 1e-9)
                size = max(1, min(4 * size, int(rate * SECONDS_A_PART)))
                if self._bar and now - began > SILENT:
                    self._draw(now - began)
        finally:
            if self._drawn:
                print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def _draw(self, seconds):
        part = self.done / self.n_steps
        full = int(24 * part)
        left = seconds * (1 - part) / part
        print(
            f"\r{'━' * full}{'╌' * (24 - full)} {self.where} {part:4.0%}, "
            f"{left:.0f} s left\x1b[K",
            end="", file=sys.stderr, flush=True,
        )  # fmt: skip
        self._drawn = True


def level_of_user():
    """The stacklevel at which a warning names the line of the user, not one of ours."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("fastnn."):
        frame, level = frame.f_back, level + 1
    return level


def in_parts(where, n_steps, advance, progress=True, of="steps"):
    """Call advance(start, stop) for all steps; returns how many were computed.

    advance computes the steps start .. stop - 1. After Ctrl-C a RuntimeWarning says how
    far the run came, and the steps so far are the result; of: what they are called.
    """
    parts = Parts(where, n_steps, progress)
    try:
        for start, stop in parts:
            advance(start, stop)
    except KeyboardInterrupt:
        warnings.warn(
            f"{where}: stopped by Ctrl-C after {parts.done} of {n_steps} {of}; "
            "the result holds these",
            RuntimeWarning,
            stacklevel=level_of_user(),
        )
    return parts.done


def concluded(where, conclude, *arguments):
    """conclude(*arguments), and once more if Ctrl-C is pressed meanwhile.

    It makes the result out of steps that are all there: they are not to be lost now. A
    RuntimeWarning says that Ctrl-C was heard; pressed again, it ends this too.
    """
    try:
        return conclude(*arguments)
    except KeyboardInterrupt:
        warnings.warn(
            f"{where}: Ctrl-C was pressed when all steps were computed; the result "
            "holds them",
            RuntimeWarning,
            stacklevel=level_of_user(),
        )
        return conclude(*arguments)
