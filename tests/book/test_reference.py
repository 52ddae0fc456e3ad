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


@pytest.mark.parametrize(
    "text",
    ["name     what it is\nkernel   how", "s += g * g\nparam -= s\nSlots: s."],
)
def test_columns_and_equations_keep_their_lines(reference_pages, text):
    assert "code-block" in written(reference_pages, text)


def test_prose_stays_prose(reference_pages):
    text = "It is 0.  If x = 1 then y\nis 2, and b = 3 as well."
    assert "code-block" not in written(reference_pages, text)


def test_the_first_page_names_all_names(reference_pages, tmp_path):
    reference_pages.write(tmp_path)
    page = (tmp_path / "fastnn.md").read_text(encoding="utf-8")
    for name in fastnn.__all__:
        assert f"`fn.{name}`" in page or f"::fastnn.{name}" in page.replace(" ", "")
