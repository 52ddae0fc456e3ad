"""The command: `fastnn`, or `python -m fastnn`; one file per sub-command.

    demo/          networks learn real digits, and a page shows how
    inspect.py     is a table ready for a network, can it be made so, or never?
    train.py       a table -> a network in a file
    predict.py     the file and a table -> answers
    learn.py       opens the book
    info.py        what is installed, what this machine runs
    bench.py       kernels, NumPy (by_hand.py) and plain Python side by side
    arguments.py   text -> numbers, names, rules         terminal.py   what is printed

A sub-command is a module with NAME, SUMMARY, EXAMPLE, add_arguments(parser) and
run(arguments), which may return an exit status. What went wrong is raised as an
exception and told in one sentence here.
Exit status: 0 done, 1 failed, 2 wrong usage, 10 and 20 what `inspect` says, 130
interrupted, 141 nobody reads on.
"""

import argparse
import contextlib
import os
import sys
import warnings

from . import bench, demo, info, inspect, learn, predict, terminal, train

COMMANDS = (demo.command, inspect, train, predict, learn, info, bench)


class Parser(argparse.ArgumentParser):
    """argparse that says what is wrong in one sentence."""

    def error(self, message):
        self.exit(2, f"{self.prog}: {message}; see `{self.prog} --help`\n")


def parser():
    """The command's arguments."""
    from .. import __version__

    top = Parser(
        prog="fastnn",
        description="Neural networks to learn from and to keep using.",
        epilog="fastnn COMMAND --help says more, with an example.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"fastnn {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        one = commands.add_parser(
            command.NAME,
            help=command.SUMMARY,
            description=command.__doc__,
            epilog="example:\n" + "".join(f"  {line}\n" for line in command.EXAMPLE),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(one)
        one.set_defaults(run=command.run, name=command.NAME)
    return top


def main(argv=None):
    """Run the command with these arguments (by default the program's own).

    Returns the exit status; never raises, but for errors in fastnn itself when the
    environment variable FASTNN_DEBUG is set.
    """
    try:
        arguments = parser().parse_args(argv)
    except SystemExit as leaving:  # argparse has said why
        return leaving.code or 0
    name = f"fastnn {arguments.name}"
    if hasattr(sys.stdout, "reconfigure"):  # no terminal's alphabet stops the work
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_: terminal.note(name, message)
            status = arguments.run(arguments) or 0
        sys.stdout.flush()
    except KeyboardInterrupt:
        terminal.error(name, "interrupted; nothing was written")
        return 130
    except BrokenPipeError:  # the reader, say `head`, has seen enough
        _silence(sys.stdout)
        return 141
    except Exception as error:
        if os.environ.get("FASTNN_DEBUG"):
            raise
        terminal.error(name, terminal.sentence(error))
        return 1
    return status


def _silence(stream):
    """Let what is still buffered go nowhere, so that Python's exit is quiet too."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
