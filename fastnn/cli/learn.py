"""Open the book in the browser: the table of contents, or a chapter with its sliders.

Everything runs on this machine, without a network, until Ctrl-C. What you have solved
is kept between visits. --copy writes the chapter as a file that is yours to change:
`marimo edit mine.py` opens it, or Jupyter where the name ends in .ipynb.
"""

import argparse
import json
import os
import subprocess
import sys

from .. import output

NAME = "learn"
SUMMARY = "open the book: theory and experiment, chapter by chapter"
EXAMPLE = (
    "fastnn learn",
    "fastnn learn 4",
    "fastnn learn 4 --copy mine.py",
    "fastnn learn 4 --copy mine.ipynb",
)


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
    text = one.path.read_bytes()
    # the style is not copied: the copy names it where it is
    style = json.dumps(str(one.path.with_name("chapter.css")), ensure_ascii=False)
    text = text.replace(b'"chapter.css"', style.encode())
    opener = "marimo edit"
    if target.endswith(".ipynb"):
        text, opener = _notebook(one), "jupyter lab"
    with output.replacing(target) as file:
        file.write(text)
    print(f"chapter {one.number} is in {path}; open it with: {opener} {path}")
    return 0


def _notebook(one):
    """The chapter as a Jupyter notebook, without outputs. It needs marimo."""
    from ..book.showing import marimo

    marimo()
    words = ["-m", "marimo", "export", "ipynb", str(one.path)]
    done = subprocess.run([sys.executable, *words], capture_output=True)
    if done.returncode:
        raise RuntimeError(
            f"marimo could not export {one.path}: {done.stderr.decode()}"
        )
    return done.stdout
