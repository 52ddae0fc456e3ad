"""What leaves fastnn: text that a prompt shows as it reads, files that are whole."""

import contextlib
import os

from .ops import checks


class Text(str):
    """A str that a prompt shows as it reads, with its lines."""

    __slots__ = ()
    __repr__ = str.__str__


def printable(text):
    """The text with what is no character to look at as an escape: what moves the cursor
    or turns the line round, so that a cell of a table says only what it is."""
    return "".join(
        c if c.isprintable() or c in JOINERS else repr(c)[1:-1] for c in str(text)
    )


JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"  # parts of some scripts


@contextlib.contextmanager
def replacing(target):
    """A new file, open for writing, that takes the place of `target` when all is well.

    It is written under another name in the same folder, forced to the disk, and only
    then renamed, which the file system does at once or not at all.
    """
    folder = os.path.dirname(target)
    temporary = os.path.join(folder, f".fastnn-{os.urandom(8).hex()}.tmp")
    try:
        # "x": never an existing file; made by open, so its permissions obey umask
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    with contextlib.suppress(OSError):  # some file systems have no fsync for folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def check_target(where, path, example="m.npz"):
    """The absolute path to write to; links are followed, so they stay links.

    Raises TypeError for what is no path, FileNotFoundError where the folder is missing,
    ValueError for what is there and no file.
    """
    target = os.path.realpath(path_name(where, path, example=example))
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        raise FileNotFoundError(
            f"{where}: there is no folder {folder!r}; make it first, or choose another"
        )
    if os.path.exists(target) and not os.path.isfile(target):
        raise ValueError(
            f"{where}: {target!r} is not a regular file and cannot be replaced; "
            "give the name of a file"
        )
    return target


def path_name(where, path, argument="path", example="m.npz"):
    """A path as a str; a TypeError that teaches if it is none."""
    try:
        name = os.fspath(path)
    except TypeError:
        name = None
    if not isinstance(name, str) or not name or "\0" in name:
        raise TypeError(
            f"{where}: {argument} is {checks.describe(path)}; expected the name of a "
            f"file, for example {example!r}"
        )
    return name
