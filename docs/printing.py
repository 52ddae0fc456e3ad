"""Run the chapters of the book and lay them down as notebooks that Sphinx prints.

    python docs/printing.py [CHAPTER ...]

Each chapter becomes chapters/<its name>.ipynb with its outputs. A chapter whose cells
raise, a failed assertion for example, stops the printing.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

from fastnn.book import CHAPTERS, chapter

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # PYTHONSAFEPATH, as in the Makefile, leaves it out

import reference_pages  # noqa: E402

BOOK = """# The book

```{toctree}
:glob:

ch*
```
"""
ELEMENT = re.compile(r"(<|&lt;)/?marimo-")


def exported(one):
    """The chapter as a notebook, with the outputs of a run from top to bottom."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "chapter.ipynb"
        done = subprocess.run(
            [
                *(sys.executable, "-m", "marimo", "export", "ipynb", str(one.path)),
                *("-o", str(target), "--include-outputs"),
            ],
            env={**os.environ, "FASTNN_BOOK": "printed"},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"{one.path.name}:\n{done.stdout}\n{done.stderr}")
        return nbformat.read(target, as_version=4)


def cleaned(notebook):
    """The notebook without what only moves live; hidden code is tagged as such.

    Raises SystemExit for a cell that raised.
    """
    kept = []
    cells = notebook.cells
    if cells[0].cell_type == "code":  # the imports: the title comes before them
        cells[0], cells[1] = cells[1], cells[0]
    for cell in cells:
        marks = cell.metadata.get("marimo", {}).get("config", {})
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _moves(output)]
            for output in cell.outputs:
                if output.output_type == "error":
                    raise SystemExit(f"{output.ename}: {output.evalue}\n{cell.source}")
            if marks.get("hide_code"):
                if not cell.outputs:
                    continue
                cell.metadata["tags"] = ["remove-input"]
        kept.append(cell)
    notebook.cells = kept
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return notebook


def _moves(output):
    """Is it an element that only marimo can draw, a slider say?"""
    data = output.get("data", {})
    return any(ELEMENT.search("".join(text)) for text in data.values())


def main(numbers):
    """Print these chapters, or all."""
    folder = HERE / "chapters"
    folder.mkdir(exist_ok=True)
    for one in [chapter(number) for number in numbers] or CHAPTERS:
        print(f"{one.number} {one.title}", flush=True)
        nbformat.write(cleaned(exported(one)), folder / f"{one.module}.ipynb")
    (folder / "index.md").write_text(BOOK, encoding="utf-8")
    reference_pages.write(HERE / "api")


if __name__ == "__main__":
    main(sys.argv[1:])
