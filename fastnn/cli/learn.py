"""Open the book in the browser: the table of contents, or a chapter with its sliders.

Everything runs on this machine, without a network, until Ctrl-C. What you have solved
is kept between visits. --copy writes the chapter as a file that is yours to change:
`marimo edit FILE` opens it.
"""

import argparse
import os
import shutil

from .. import output

NAME = "learn"
SUMMARY = "open the book: theory and experiment, chapter by chapter"
EXAMPLE = ("fastnn learn", "fastnn learn 4", "fastnn learn 4 --copy mine.py")


def add_arguments(parser):
    parser.add_argument(
        "chapter", nargs="?", type=_chapter, help="its number; without: the contents"
    )
    parser.add_argument(
        "--port", type=int, default=0, help="where to serve it (default: any free port)"
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="say the address, open nothing"
    )
    parser.add_argument(
        "--copy", metavar="FILE", help="write the chapter to FILE instead of opening it"
    )


def _chapter(number):
    from ..book.contents import chapter

    try:
        return chapter(number)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def run(arguments):
    if arguments.copy:
        return _copy(arguments.chapter, arguments.copy)
    from ..book import server

    server.serve(
        arguments.chapter,
        port=arguments.port,
        browser=not arguments.no_browser,
        say=lambda line: print(line, flush=True),
    )
    return 0


def _copy(one, path):
    if one is None:
        raise ValueError("--copy needs a chapter: fastnn learn 4 --copy mine.py")
    target = output.check_target("--copy", path, example="mine.py")
    if os.path.exists(target):
        raise ValueError(f"--copy: {path!r} is there already; choose another name")
    with output.replacing(target) as file, open(one.path, "rb") as source:
        shutil.copyfileobj(source, file)
    print(f"chapter {one.number} is in {path}; open it with: marimo edit {path}")
    return 0
