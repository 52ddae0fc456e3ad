"""Files to read, and what stands in a Table."""

import sys

import pytest

from fastnn.data.reading import as_table
from fastnn.data.reading.text import blocks

READERS = {"pandas": (), "polars": ("pandas",), "csv": ("pandas", "polars")}


@pytest.fixture(params=READERS)
def each_reader(request, monkeypatch):
    """pandas, polars and the csv module must agree."""
    hide_all_but(request.param, monkeypatch)


@pytest.fixture(params=[*READERS, "small blocks"])
def each_way(request, monkeypatch):
    """The same, and wherever the blocks end."""
    if request.param == "small blocks":
        monkeypatch.setattr(blocks, "BLOCK", 16)
    else:
        hide_all_but(request.param, monkeypatch)


def hide_all_but(reader, monkeypatch):
    if reader != "csv":
        pytest.importorskip(reader)
    for hidden in READERS[reader]:
        monkeypatch.setitem(sys.modules, hidden, None)


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 4096)


@pytest.fixture
def write(tmp_path):
    def write(content, name="t.csv", encoding="utf-8"):
        path = tmp_path / name
        if isinstance(content, str):
            content = content.encode(encoding)
        path.write_bytes(content)
        return path

    return write


@pytest.fixture
def read(write):
    """read(content, name, encoding) -> a Table."""
    return lambda *file, **settings: as_table(write(*file), **settings)


@pytest.fixture
def refused(write):
    """read(content, name) must fail in one sentence; the sentence."""

    def refused(content, name="t.csv", kind=ValueError):
        path = write(content, name)
        with pytest.raises(kind) as caught:
            as_table(path)
        said = str(caught.value)
        assert "\n" not in said and path.name in said
        return said

    return refused


def cells(table):
    """{name: the cells as a person would write them}."""
    return {c.name: [c.text(row) for row in range(len(c))] for c in table}


def kinds(table):
    return {c.name: c.kind for c in table}
