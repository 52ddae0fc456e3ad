"""Reading CSV: pandas, polars and the standard library must agree."""

import sys

import numpy as np
import pytest

from fastnn.cli import tables
from fastnn.cli.terminal import Failure

READERS = {"pandas": (), "polars": ("pandas",), "csv": ("pandas", "polars")}


@pytest.fixture(params=READERS)
def read(request, monkeypatch, tmp_path):
    """read(text) by each of the readers."""
    if request.param != "csv":
        pytest.importorskip(request.param)
    for hidden in READERS[request.param]:
        monkeypatch.setitem(sys.modules, hidden, None)

    def read(text):
        path = tmp_path / "t.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tables.read(path)

    return read


def test_kinds_and_values(read):
    table = read("a,b,c,d\n1,2.5,x,True\n-3,1e3,,False\n")
    assert table.names == ["a", "b", "c", "d"] and table.n_rows == 2
    assert [table[n].kind for n in "abcd"] == ["numbers", "numbers", "text", "booleans"]
    np.testing.assert_array_equal(table.numbers(["b", "a"]), [[2.5, 1], [1000, -3]])
    assert table["c"].values.tolist() == ["x", None]
    assert table["d"].values.tolist() == [1, 0]
    assert table["a"].words() == ["1", "-3"] and table["d"].words() == ["True", "False"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators(read, separator):
    table = read(f"a{separator}b\n1{separator}2\n")
    np.testing.assert_array_equal(table.numbers(["a", "b"]), [[1, 2]])


def test_quotes_marks_and_line_ends(read):
    table = read('\ufeff"a, b",c\r\n1,"x, y"\r\n2,"é ""z"""\r\n')
    assert table.names == ["a, b", "c"]
    assert table["c"].values.tolist() == ["x, y", 'é "z"']


@pytest.mark.parametrize("cell", ["", "NA", "NaN", "nan", "null", "None", "N/A"])
def test_missing_cells(read, cell):
    table = read(f"a,b\n1,x\n{cell},{cell}\n")
    assert table["a"].missing.tolist() == [False, True]
    assert table["b"].missing.tolist() == [False, True]
    with pytest.raises(Failure, match=r"'a' has no value in row 2;"):
        table.numbers(["a"])


def test_numbers_are_read_exactly(read):
    values = np.random.default_rng(0).standard_normal(50) * 1e-7
    table = read("a\n" + "".join(f"{value!r}\n" for value in values.tolist()))
    np.testing.assert_array_equal(table["a"].values, values)


def test_an_empty_column_is_numbers_without_values(read):
    table = read("a,b\n1,\n2,\n")
    assert table["b"].kind == "numbers" and table["b"].missing.all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n1,2,3\n", "line 3 has 3 cells, the header has 2"),
        ("a,b\n1,2,3\n1,2,3\n", "line 2 has 3 cells"),
        ("a,b\n1,2,\n1,2,\n", "line 2 has 3 cells"),
        ("a,b,c\n1,2,3\n\n1,2\n", "line 4 has 2 cells, the header has 3"),
        ('\n\na,b\n"x\ny",1\n2\n', "line 6 has 1 cell, the header has 2"),
    ],
)
def test_rows_of_another_width_than_the_header(read, text, words):
    with pytest.raises(Failure, match=words):
        read(text)


def test_empty_lines_are_no_rows(read):
    table = read("\n\na,b\n\n1,2\n  \n3,4\n\n\n")
    np.testing.assert_array_equal(table.numbers(["a", "b"]), [[1, 2], [3, 4]])
    assert read('a\n1\n""\n\n2\n')["a"].missing.tolist() == [False, True, False]


@pytest.mark.parametrize(
    "first", ["5.1,3.5,1.4,0.2,setosa", "1,2,3", "5,5,a", "0,1,2", "-1,1e3,x"]
)
def test_a_first_line_of_numbers_is_no_header(read, first):
    with pytest.raises(Failure, match="numbers where names are expected; add a line"):
        read(f"{first}\n{first}\n")


@pytest.mark.parametrize("header", ["2019,city", "0,1,2,digit", "name,1st,2nd"])
def test_some_names_may_be_numbers(read, header):
    assert read(f"{header}\n{header}\n").names == header.split(",")


def test_decimal_commas_are_recognised(read):
    table = read("a;b;c\n0,546;1,250;x\n12;-3,5e2;y\n;,5;1,5\n")
    with pytest.raises(Failure, match="'a', 'b' have decimal commas, such as '0,546'"):
        table.numbers(["a", "b"])
    with pytest.raises(Failure, match="holds text"):
        table.numbers(["c"])
    with pytest.raises(Failure, match=r"'1,250'; .* points, 1\.250"):
        read("a;b\n1,250;1\n").numbers(["a"])
    with pytest.raises(Failure, match="decimal commas"):
        read('a,b\n"1,250",1\n"1,25",2\n').numbers(["a"])


def test_thousands_and_underscores_are_text(read):
    table = read('a,b\n1_000,"1,000"\n2_000,"2,000"\n')
    assert table["a"].kind == table["b"].kind == "text"
    with pytest.raises(Failure, match="'b' holds text"):
        table.numbers(["b"])
