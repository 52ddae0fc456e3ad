"""What the command prints: results on stdout; progress, notes and errors on stderr.

On a terminal there is a bar that moves, drawn by rich where it is installed; in a pipe
there are plain lines without escape codes.
"""

import contextlib
import os
import secrets
import sys

from ..network.training import progress
from ..output import printable


class Failure(Exception):  # noqa: N818  (it reads as what it is)
    """What a sub-command cannot do, as a sentence for its user."""


def error(name, message):
    """One line on stderr: "fastnn train: there is no file 'x.csv'"."""
    with contextlib.suppress(OSError):
        print(f"{name}: {_one_line(message)}", file=sys.stderr, flush=True)


def note(name, message):
    """One line on stderr about something that does not stop the work."""
    error(name, f"note: {_one_line(message)}")


def sentence(exception):
    """An exception as one line, without the name of the Python function it left."""
    if isinstance(exception, OSError) and exception.strerror:
        where = f"{exception.filename}: " if exception.filename else ""
        return _one_line(where + exception.strerror)
    if isinstance(exception, MemoryError):
        return "there is not enough memory for this"
    if isinstance(exception, (Failure, ValueError, OSError, ImportError, RuntimeError)):
        return _one_line(exception)
    return (
        f"an error in fastnn itself, {type(exception).__name__}: {exception}; "
        "with FASTNN_DEBUG=1 before the command it shows where"
    )


def _one_line(text):
    return printable(" ".join(str(text).split()))


def count(n, thing):
    """ "1 row", "1,797 rows"."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


def listed(words, most=8):
    """The words with commas, not too many of them."""
    shown = ", ".join(map(repr, words[:most]))
    return shown if len(words) <= most else f"{shown} and {len(words) - most} more"


# --- Progress ------------------------------------------------------------------------


def moves(stream):
    """Whether lines on this stream can be drawn again."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def training_progress(label=""):
    """For fit(progress=...): a bar on a terminal, a line a second elsewhere."""
    if not moves(sys.stderr):
        return progress.Lines()
    try:
        import rich.progress  # noqa: F401
    except ImportError:
        return progress.Bar()
    return RichBar(label)


class RichBar(progress.Silence):
    """A bar that goes away when it is full; the caller prints what came out."""

    def __init__(self, label):
        self.label = label

    def start(self, training):
        from rich import progress as rich
        from rich.console import Console

        self.bar = rich.Progress(
            rich.TextColumn("{task.fields[label]}"),
            rich.BarColumn(bar_width=14),
            rich.TextColumn("{task.description}"),
            rich.TimeRemainingColumn(compact=True),
            console=Console(stderr=True),
            transient=True,
        )
        self.task = self.bar.add_task(
            brief(training),
            total=training.epochs,
            label=self.label,
            completed=training.epoch,
        )
        self.bar.start()

    def step(self, training, fraction):
        self._show(training, training.epoch + fraction)

    def epoch(self, training):
        self._show(training, training.epoch)

    def _show(self, training, epochs):
        self.bar.update(self.task, completed=epochs, description=brief(training))

    def end(self, training):
        self.bar.stop()


def brief(training):
    """ "3/20  loss 0.2345  accuracy 0.931": what fits beside a bar in 80 columns."""
    history = training.history
    parts = [f"{training.epoch}/{training.epochs}"]
    parts += [f"loss {loss:.4f}" for loss in history.loss[-1:]]
    parts += [f"accuracy {accuracy:.3f}" for accuracy in history.accuracy[-1:]]
    return "  ".join(parts)


# --- Tables --------------------------------------------------------------------------


def columns(rows, widths):
    """Rows of cells as lines; a positive width aligns right, a negative one left."""
    return [
        "  ".join(
            f"{cell:<{-width}}" if width < 0 else f"{cell:>{width}}"
            for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def fitting(rows):
    """Widths for `columns`: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [-widths[0], *widths[1:]]


# --- Files ---------------------------------------------------------------------------


def check_can_write(path):
    """Say now, not after the work, that `path` cannot be written."""
    if not path:
        raise Failure("the name of the file to write is empty")
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        raise Failure(f"there is no folder {folder!r} to write {path!r} into; make it")
    if os.path.exists(path) and not os.path.isfile(path):
        raise Failure(f"{path!r} is not a file and cannot be replaced by one")
    if not os.access(folder, os.W_OK):
        raise Failure(f"the folder {folder!r} is not yours to write into")


def same_file(path, other):
    """Whether both names lead to one file that exists."""
    both = os.path.exists(path) and os.path.exists(other)
    return both and os.path.samefile(path, other)


@contextlib.contextmanager
def writing(path):
    """A new text file that takes the place of `path` when it is whole."""
    check_can_write(path)
    target = os.path.realpath(path)
    name = f".fastnn-{secrets.token_hex(8)}.tmp"
    unfinished = os.path.join(os.path.dirname(target), name)
    try:
        with open(unfinished, "x", encoding="utf-8", newline="") as file:
            yield file
        os.replace(unfinished, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(unfinished)
        raise
