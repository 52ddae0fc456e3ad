"""How an inspection shows that it is alive: a bar on a terminal, once it takes long.

A progress is a function of (share done, from 0 to 1; what is done, a few words).
"""

import sys
import time

from ..output import printable


class Bar:
    """One line on a terminal, drawn again at most ten times a second.

    It appears after half a second and goes away at the end: `with Bar() as tell: ...`
    """

    width = 24

    def __init__(self, stream=None):
        self.stream = sys.stderr if stream is None else stream
        self.next = time.monotonic() + 0.5
        self.is_drawn = False

    def __call__(self, share, what):
        now = time.monotonic()
        if now < self.next:
            return
        import shutil  # here: `import fastnn` should not wait for it

        full = int(min(share, 1.0) * self.width)
        bar = "━" * full + "╌" * (self.width - full)
        # a line that wraps could not be drawn again
        line = f"{bar} {printable(what)}"[: shutil.get_terminal_size().columns - 1]
        print(f"\r{line}\x1b[K", end="", file=self.stream, flush=True)
        self.next, self.is_drawn = now + 0.1, True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.is_drawn:
            print("\r\x1b[K", end="", file=self.stream, flush=True)


class Silence(Bar):
    """Shows nothing."""

    def __call__(self, share, what):
        pass


class Passed(Silence):
    """A function of the caller's."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def __call__(self, share, what):
        self.function(share, what)


def as_progress(progress):
    """True (a bar, on a terminal), False or a function, as one of those above."""
    if progress is None or progress is False:
        return Silence()
    if progress is True:
        return Bar() if sys.stderr.isatty() else Silence()
    if not callable(progress):
        raise TypeError(
            f"inspect: progress is {progress!r}; expected True, False or a function of "
            "(share done, what is done)"
        )
    return Passed(progress)


def part(tell, begin, end):
    """The progress of a part of the work, from `begin` to `end` of the whole."""
    return lambda share, what: tell(begin + share * (end - begin), what)
