"""The reference: docstrings as they were written, and a page that names all names."""

import sys
from pathlib import Path

import pytest

import fastnn

DOCS = Path(__file__).parents[2] / "docs"
pytestmark = pytest.mark.skipif(
    not DOCS.exists(), reason="docs/ is not beside the tests"
)


@pytest.fixture
def reference_pages(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(DOCS), *sys.path])
    import reference_pages

    return reference_pages


def written(reference_pages, text):
    lines = text.splitlines()
    reference_pages.as_written(None, "module", "name", None, None, lines)
    return "\n".join(lines)


def test_a_program_stays_a_program_and_a_name_a_name(reference_pages):
    text = written(reference_pages, "Use `out_` of *all*.\n\n    a = b * c\n\nEnd.")
    assert "``out_``" in text and r"\*all\*" in text
    assert "code-block" in text and "   a = b * c" in text


def test_the_first_page_names_all_names(reference_pages, tmp_path):
    reference_pages.write(tmp_path)
    page = (tmp_path / "fastnn.md").read_text(encoding="utf-8")
    for name in fastnn.__all__:
        assert f"`fn.{name}`" in page or f"::fastnn.{name}" in page.replace(" ", "")
