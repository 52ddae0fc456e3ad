"""docs/data.md, run as it stands: each block prints what the page shows below it."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from fastnn.data import finding

PAGE = Path(__file__).resolve().parents[2] / "docs" / "data.md"
pytestmark = pytest.mark.skipif(
    not PAGE.is_file(), reason="the docs are not beside the tests"
)
BLOCK = r"^```python\n(.*?)^```\n+(?:```text\n(.*?)^```$)?"


def text():
    return PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""


def test_the_page_prints_what_it_shows():
    blocks = re.findall(BLOCK, text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == text().count("```python") >= 5
    names = {}
    for code, expected in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, PAGE.name, "exec"), names)
        lines = [line.rstrip() for line in printed.getvalue().splitlines()]
        assert lines == [line.rstrip() for line in expected.splitlines()], code
        assert lines


def test_every_kind_and_every_severity_is_explained():
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", text(), re.MULTILINE)
    explained = {kind: severity for kind, severity in rows}
    assert set(finding.KINDS) <= set(explained)
    for kind in finding.KINDS:
        assert any(s in explained[kind] for s in finding.SEVERITIES), kind
