"""Parquet, Excel, .npy, JSON; and files that are no table, or not to be trusted."""

import datetime
import gzip
import os
import pickle
import sys

import numpy as np
import pytest
from data.reading.conftest import cells, kinds

from fastnn.data.reading import as_table

DAY = datetime.date(2020, 1, 31)


@pytest.fixture
def parquet(tmp_path):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(
        {"n": [1, None, 3], "s": ["a", None, "b"], "d": [DAY, None, DAY]}
    )
    frame.write_parquet(tmp_path / "t.parquet")
    return tmp_path / "t.parquet"


@pytest.mark.parametrize("reader", ["pyarrow", "polars"])
def test_parquet(parquet, monkeypatch, reader):
    pytest.importorskip(reader)
    hidden = {"pyarrow": "polars", "polars": "pyarrow"}[reader]
    monkeypatch.setitem(sys.modules, hidden, None)
    table = as_table(parquet)
    assert kinds(table) == {"n": "number", "s": "text", "d": "date"}
    assert cells(table)["n"] == ["1", "", "3"] and table["n"].whole
    assert cells(table)["d"] == ["2020-01-31", "", "2020-01-31"]
    part = as_table(parquet, sample=2)
    assert (part.n_rows, part.n_source_rows) == (2, 3) and "sample" in part.read[0]
    parquet.write_bytes(parquet.read_bytes()[:-9])
    with pytest.raises(ValueError, match="not a whole Parquet file"):
        as_table(parquet)


def test_parquet_without_a_reader(parquet, monkeypatch):
    for hidden in ("polars", "pyarrow"):
        monkeypatch.setitem(sys.modules, hidden, None)
    with pytest.raises(ImportError, match=r'pip install "fastnn\[parquet\]"$'):
        as_table(parquet)


def test_old_pyarrow_is_refused(parquet, monkeypatch):
    pyarrow = pytest.importorskip("pyarrow")
    monkeypatch.setitem(sys.modules, "polars", None)
    monkeypatch.setattr(pyarrow, "__version__", "13.0.0")
    with pytest.raises(ImportError, match="made to run code"):
        as_table(parquet)


@pytest.fixture
def workbook(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")

    def workbook(*sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for i, rows in enumerate(sheets):
            sheet = book.create_sheet(f"sheet {i}")
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / "t.xlsx")
        return tmp_path / "t.xlsx"

    return workbook


@pytest.mark.parametrize("hidden", [None, "python_calamine"])
def test_excel(workbook, monkeypatch, hidden):
    if hidden:
        monkeypatch.setitem(sys.modules, hidden, None)
    rows = [["n", "s", "d", "b"], [1, "x", DAY, True], [2.5, None, None, False]]
    table = as_table(workbook(rows))
    assert kinds(table) == {"n": "number", "s": "text", "d": "date", "b": "boolean"}
    assert cells(table)["d"] == ["2020-01-31", ""] and cells(table)["n"] == ["1", "2.5"]
    table = as_table(workbook([], [["A title"], [None], *rows], rows))
    assert cells(table)["s"] == ["x", ""]
    assert "sheet 'sheet 1' of 3" in table.read and "'A title'" in table.read[1]
    assert as_table(workbook([["a", "b"], [1, 2], [3, 4]]))["a"].whole
    with pytest.raises(ValueError, match="nothing in any sheet"):
        as_table(workbook([], []))


def test_excel_without_a_reader(workbook, monkeypatch):
    path = workbook([["a"], [1]])
    for hidden in ("python_calamine", "openpyxl"):
        monkeypatch.setitem(sys.modules, hidden, None)
    with pytest.raises(ImportError, match="neither is installed; pip install python-"):
        as_table(path)


def test_npy(tmp_path):
    np.save(tmp_path / "t.npy", np.arange(6).reshape(3, 2))
    assert cells(as_table(tmp_path / "t.npy")) == {"x0": list("024"), "x1": list("135")}
    np.save(tmp_path / "t.npy", np.array([(1, "a")], [("n", int), ("s", "U1")]))
    assert cells(as_table(tmp_path / "t.npy")) == {"n": ["1"], "s": ["a"]}


class Payload:
    """Unpickling it makes a folder."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_nothing_in_a_file_is_executed(tmp_path, refused):
    trap = tmp_path / "executed"
    code = pickle.dumps(Payload(trap))
    np.save(tmp_path / "o.npy", np.array([Payload(trap)], object), allow_pickle=True)
    objects = (tmp_path / "o.npy").read_bytes()
    for name in ("t.pkl", "t.csv", "t.parquet", "t.npy"):
        assert "a pickle, which could run code" in refused(code, name)
    assert "pickle" in refused(gzip.compress(code), "t.pkl.gz")
    assert "could run code" in refused(objects, "t.npy")
    assert "several arrays" in refused(b"PK\x03\x04", "t.npz")
    assert not trap.exists()


def test_json(read, refused):
    table = read('[{"a": 1, "b": "x"}, {"a": null, "c": [1, 2]}]', "t.json")
    assert cells(table) == {"a": ["1", ""], "b": ["x", ""], "c": ["", "[1, 2]"]}
    assert "list, taken as text" in table.read[0]
    for text in ('{"a": [1, 2], "b": ["x", null]}', '{"a": {"0": 1, "1": 2}}'):
        assert cells(read(text, "t.json"))["a"] == ["1", "2"]
    assert cells(read("[[1, 2], [3, 4]]", "t.json")) == {
        "x0": ["1", "3"],
        "x1": ["2", "4"],
    }
    table = read('{"meta": {}, "rows": [{"a": 1}, {"a": NaN}]}', "t.json")
    assert cells(table) == {"a": ["1", ""]} and "'rows'" in table.read[0]
    assert "is not JSON" in refused("[1, 2", "t.json")
    assert "nested too deeply" in refused("[" * 100_000, "t.json")
    assert "no table" in refused('{"a": 1}', "t.json")
    assert "no table" in refused('"a"', "t.json")


@pytest.mark.parametrize("name", ["t.jsonl", "t.ndjson", "t.json", "t", "t.jsonl.gz"])
def test_json_lines(read, name):
    text = "".join(f'{{"a": {i}, "b": "{"xy"[i % 2]}"}}\n' for i in range(9))
    content = gzip.compress(text.encode()) if name.endswith("gz") else text
    table = read(content, name)
    assert table["a"].values.tolist() == list(range(9)) and kinds(table)["b"] == "text"
    part = read(content, name, sample=4)
    assert (part.n_rows, part.n_source_rows) == (4, 9) and "sample" in part.read[-1]


def test_bad_json_lines(refused):
    assert "line 2 is not JSON" in refused('{"a": 1}\n{"a": \n', "t.jsonl")
    assert "line 2 is no object" in refused('{"a": 1}\n[2]\n', "t.jsonl")


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "t.csv", "the file is empty"),
        (b" \n\n", "t.csv", "the file is empty"),
        (b"\xef\xbb\xbf", "t.csv", "the file is empty"),
        (b"", "t.json", "the file is empty"),
        (b"\n", "t.jsonl", "the file is empty"),
        (b"a,b\n", "t.csv", "no rows below the header"),
        (b"a,b\n1,2\n", "t.parquet", "ends with '.parquet', but this is no such file"),
        (b"PK\x03\x04" + b"x" * 99, "t.csv", "a zip archive; unpack it"),
        (b"PK\x03\x04" + b"x" * 99, "t.xlsx", "this workbook cannot be read"),
        (b"PAR1" + b"x" * 99, "t.csv", "not a whole Parquet file"),
        (b"\x93NUMPY\x01\x00xx", "t.npy", "not a whole .npy file"),
        (b"<!DOCTYPE html>\n<p>a,b\n", "t.csv", "this is a web page"),
        (b"<?xml version='1.0'?>", "t.csv", "this is XML"),
        (b"%PDF-1.5", "t.csv", "a PDF document; save the table as CSV"),
        (gzip.compress(b"a,b\n1,2\n" * 99)[:-9], "t.csv.gz", "gzip file is damaged"),
        (b"\x1f\x8b" + b"x" * 50, "t.csv", "gzip file is damaged"),
    ],
)
def test_files_that_are_no_table(refused, content, name, words):
    if "PAR1" in repr(content):
        pytest.importorskip("polars")
    if name.endswith("xlsx"):
        pytest.importorskip("openpyxl")
    assert words in refused(content, name)


def test_paths_that_are_no_file(tmp_path):
    (tmp_path / "table.csv").write_text("a\n1\n")
    with pytest.raises(FileNotFoundError, match=r"is 'table\.csv' meant"):
        as_table(tmp_path / "tabel.csv")
    with pytest.raises(FileNotFoundError, match="not read from the network"):
        as_table("https://example.org/t.csv")
    with pytest.raises(IsADirectoryError, match="this is a folder"):
        as_table(tmp_path)
    with pytest.raises(OSError, match="not a regular file"):
        as_table("/dev/zero")
    with pytest.raises(ValueError, match="not the name of a file"):
        as_table("a\0b")


def test_a_line_that_never_ends(write, monkeypatch):
    from fastnn.data.reading.text import blocks

    monkeypatch.setattr(blocks, "LONGEST", 1 << 16)
    monkeypatch.setattr(blocks, "BLOCK", 1 << 12)
    with pytest.raises(ValueError, match="a line is longer than"):
        as_table(write(gzip.compress(b"1," * (1 << 20)), "t.csv.gz"))
