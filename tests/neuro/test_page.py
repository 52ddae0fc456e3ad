"""docs/neuro.md, run as it stands: each block prints what the page shows below it."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from fastnn import neuro

PAGE = Path(__file__).resolve().parents[2] / "docs" / "neuro.md"
pytestmark = pytest.mark.skipif(
    not PAGE.is_file(), reason="the docs are not beside the tests"
)
BLOCK = r"^```python\n(.*?)^```\n+(?:```text\n(.*?)^```$)?"


def blocks():
    text = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    found = re.findall(BLOCK, text, re.MULTILINE | re.DOTALL)
    assert len(found) == text.count("```python")
    return found


def test_the_page_prints_what_it_shows():
    names, shown = {}, 0
    for code, expected in blocks():
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, PAGE.name, "exec"), names)
        lines = [line.rstrip() for line in printed.getvalue().splitlines()]
        wanted = [line.rstrip() for line in expected.splitlines()]
        assert lines == wanted, code
        shown += bool(wanted)
    assert shown >= 7


def test_names_in_the_page_are_public():
    code = "".join(code for code, _ in blocks())
    used = set(re.findall(r"neuro\.(\w+)", code))
    assert used <= set(neuro.__all__)


def test_docstrings_print_what_they_show():
    import doctest
    import importlib
    import pkgutil

    from fastnn.neuro import bridge

    for module in pkgutil.iter_modules(bridge.__path__, bridge.__name__ + "."):
        result = doctest.testmod(importlib.import_module(module.name))
        assert result.failed == 0, module.name
