"""Look through a table for what a network will feel, before it learns from it.

The answer is on stdout: ready, repairable (fastnn train does the repairs) or never,
and what was found. The exit status says it as well: 0 ready, 10 repairable, 20 never.
"""

import json
import math
import sys

import numpy as np

from .. import data
from ..data import progress
from . import terminal
from .terminal import Failure

NAME = "inspect"
SUMMARY = "is a table ready for a network, can it be made so, or never?"
EXAMPLE = (
    "fastnn inspect penguins.csv --target species --html report.html",
    "fastnn inspect old.csv --target price --against new.csv",
)
STATUS = {"ready": 0, "repairable": 10, "never": 20}


def add_arguments(parser):
    add = parser.add_argument
    add("table", metavar="TABLE",
        help="CSV, TSV, Parquet, JSON, JSON lines or Excel")  # fmt: skip
    add("--target", metavar="COL", help="the column that is to be predicted")
    add("--against", metavar="TABLE",
        help="rows that the network will be used on, to be compared")  # fmt: skip
    add("--html", metavar="FILE", help="write the report as one page with pictures")
    add("--json", metavar="FILE", help="write the report as JSON")


def run(arguments):
    check_out(arguments)
    bar = progress.Bar() if terminal.moves(sys.stderr) else progress.Silence()
    with bar:
        report = inspected(arguments, bar)
        if arguments.html is not None:
            bar(1.0, "drawing")
            report.to_html(arguments.html)
    if arguments.json is not None:
        with terminal.writing(arguments.json) as file:
            json.dump(plain(report.to_dict()), file, ensure_ascii=False, indent=2)
            file.write("\n")
    print(report)
    for path in filter(None, (arguments.html, arguments.json)):
        print(f"written: {path}", file=sys.stderr)
    return STATUS[report.verdict]


def inspected(arguments, bar):
    """The Report; what `inspect` refuses, without the name of the Python function."""
    try:
        return data.inspect(
            arguments.table, arguments.target, arguments.against, progress=bar
        )
    except ValueError as error:
        raise Failure(str(error).removeprefix("inspect: ")) from None


def check_out(arguments):
    """Before any work: the report can be written, and not over what is read."""
    for option in ("html", "json"):
        out = getattr(arguments, option)
        if out is None:
            continue
        terminal.check_can_write(out)
        for table in filter(None, (arguments.table, arguments.against)):
            if terminal.same_file(out, table):
                raise Failure(
                    f"--{option} {out!r} is read as well; choose another name"
                )
    if arguments.html is not None and arguments.html == arguments.json:
        raise Failure(
            f"--html and --json are both {arguments.html!r}; choose two names"
        )


def plain(value):
    """The same in JSON's types; a number that JSON does not have is null."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (str, int)):
        return value
    return str(value)
