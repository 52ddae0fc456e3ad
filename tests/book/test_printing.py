"""The programs that print the book start as `make book` starts them."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbformat")
DOCS = Path(__file__).parents[2] / "docs"


def test_printing_starts_where_its_folder_is_not_on_the_path():
    """PYTHONSAFEPATH=1 in the Makefile is -P: no folder of the program on the path."""
    code = f"import runpy; runpy.run_path({str(DOCS / 'printing.py')!r})"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
