"""CSV and its kin: what the cells are, separators, headers, ragged rows."""

import gzip

import pytest
from data.reading.conftest import cells, kinds

pytestmark = pytest.mark.usefixtures("each_way")


def test_a_small_table(read):
    table = read("n,x,word,b\n1,2.5,red,true\n2,,,FALSE\n,-1e3,blue,\n")
    assert kinds(table) == {
        "n": "number", "x": "number", "word": "text", "b": "boolean"
    }  # fmt: skip
    assert cells(table) == {
        "n": ["1", "2", ""], "x": ["2.5", "", "-1000"], "word": ["red", "", "blue"],
        "b": ["true", "false", ""],
    }  # fmt: skip
    assert table["n"].whole and not table["x"].whole and not table["b"].whole
    assert table["word"].words == ("red", "blue")
    assert (table.n_rows, table.n_source_rows, table.read) == (3, 3, ())
    assert table.source == "t.csv"


@pytest.mark.parametrize("word", ["NA", "N/A", "NaN", "nan", "inf", "?", "-", "1e999"])
def test_a_word_among_numbers_keeps_all_of_them_words(read, word):
    table = read(f"x,y\n1,1\n{word},2\n1.50,3\n")
    assert cells(table)["x"] == ["1", word, "1.50"]
    assert kinds(table) == {"x": "text", "y": "number"}


@pytest.mark.parametrize(
    ("cells_of", "kind", "whole"),
    [
        (["12", "-3", "+4"], "number", True),
        (["12", "3."], "number", False),
        ([".5", "1e5", "1E-5"], "number", False),
        (['" 7 "', '"8"'], "number", True),
        (['"1,250"', '"3,100"'], "text", False),
        (["1_000", "2"], "text", False),
        (["1 000", "2"], "text", False),
        (["0x1A", "2"], "text", False),
        (["١٢", "٣"], "text", False),
        (["2024-01-31", "2024-02-01"], "text", False),
        (["E10", "E11"], "text", False),
        (["1e-5", "-2e+3"], "number", False),
        (["-", "+"], "text", False),
        (["01067", "80331"], "text", False),
        (["0", "10"], "number", True),
        (["0.5", "00.7"], "number", False),
        (["9007199254740993", "2"], "text", False),
        (["9007199254740993.5", "2"], "number", False),
        (["yes", "no"], "text", False),
        (["true", "1"], "text", False),
        (["True", "false"], "boolean", False),
    ],
)
def test_what_a_column_is(read, cells_of, kind, whole):
    table = read("\n".join(["x,y", *(f"{cell},a" for cell in cells_of)]) + "\n")
    assert (table["x"].kind, table["x"].whole) == (kind, whole)


def test_blank_cells_are_none_and_blanks_in_words_stay(read):
    table = read('a,b,c\n "x" ,  ,\n red,red ,""\n')
    assert cells(table) == {"a": [' "x" ', " red"], "b": ["", "red "], "c": ["", ""]}


def test_a_column_without_a_value(read):
    table = read("a,b\n1,\n2,\n")
    assert table["b"].kind == "number" and table["b"].n_missing == 2


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators(read, separator):
    table = read(f"a,b,c\n1,x,2\n3,y,4\n".replace(",", separator))  # noqa: F541
    assert cells(table) == {"a": ["1", "3"], "b": ["x", "y"], "c": ["2", "4"]}
    assert bool(table.read) == (separator != ",")


def test_semicolons_with_decimal_commas(read):
    table = read("a;b\n1,5;2,5\n0,25;NA\n")
    assert cells(table)["a"] == ["1,5", "0,25"]


def test_blanks_as_separators(read):
    table = read("a   b  c\n1   2  3.5\n 10 20  4\n")
    assert cells(table) == {"a": ["1", "10"], "b": ["2", "20"], "c": ["3.5", "4"]}
    assert "blanks" in table.read[0]


def test_the_hint_for_excel(read):
    assert cells(read("sep=;\na;b\n1;2\n")) == {"a": ["1"], "b": ["2"]}


def test_one_column_and_no_end_of_line(read):
    assert cells(read("x\n1\n\n2")) == {"x": ["1", "2"]}
    assert cells(read("say\nhello, you\nno\n"))["say"] == ["hello, you", "no"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_ends_of_lines(read, end):
    assert cells(read(f"a,b{end}1,x{end}2,y{end}")) == {
        "a": ["1", "2"],
        "b": ["x", "y"],
    }


def test_line_ends_and_quotes_inside_quotes(read):
    table = read('a,b\n"x\ny, ""z""",1\n"",2\n"\n",3\n')
    assert cells(table)["b"] == ["1", "2", "3"]
    assert table["a"].text(0) == 'x\ny, "z"' and table["a"].missing.tolist()[1]


def test_quotes_in_the_middle_of_cells(read):
    table = read('a,b\n5" pipe,1\n"x ""y"" z",2\n3" pipe,3\n"2"" x"y,4\n')
    assert cells(table)["a"] == ['5" pipe', 'x "y" z', '3" pipe', '2" xy']
    assert cells(table)["b"] == ["1", "2", "3", "4"]


def test_a_quote_that_is_never_closed(read):
    table = read('a,b\n"x,1\ny,2\n')
    assert cells(table) == {"a": ['"x', "y"], "b": ["1", "2"]}
    assert "never closed" in table.read[0]


def test_ragged_rows(read):
    table = read("a,b,c\n1,2,3\n4,5\n\n6,7,8,9\n10\n11,12,13\n")
    assert cells(table)["a"] == ["1", "4", "10", "11"]
    assert cells(table)["b"] == ["2", "5", "", "12"]
    assert table.read == (
        "1 row with more than 3 cells, left out (line 5)",
        "2 rows with fewer than 3 cells, filled with empty cells at their end "
        "(lines 3, 6)",
    )


def test_headers_in_between(read):
    table = read("a,b\n1,x\na,b\n2,y\na,b\n")
    assert cells(table) == {"a": ["1", "2"], "b": ["x", "y"]} and table["a"].whole
    assert table.read == ("2 rows that repeat the header, left out (lines 3, 5)",)
    table = read("yes,no\nno,yes\nyes,no\n")  # perhaps the first line is no header
    assert table.n_rows == 2 and table.read == ()


def test_lines_of_ragged_rows_count_those_in_cells(read):
    table = read('a,b\n"x\ny",1\nz\nv,2\n')
    assert "(line 4)" in table.read[0]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("a,a,a", ["a", "a (2)", "a (3)"]),
        ("a,,", ["a", "column 2", "column 3"]),
        ("a (2),a,a", ["a (2)", "a", "a (3)"]),
        (" a , b,c", ["a", "b", "c"]),
        ("2019,city,x", ["2019", "city", "x"]),
        ("0,1,digit", ["0", "1", "digit"]),
    ],
)
def test_names(read, header, names):
    assert read(f"{header}\nu,v,w\n").names == names


@pytest.mark.parametrize("first", ["5.1,3.5,setosa", "1,2,3", "5,5,a", "-1,1e3,x"])
def test_a_first_line_of_numbers_is_a_row(read, first):
    table = read(f"{first}\n{first}\n")
    assert table.n_rows == 2 and table.names == ["column 1", "column 2", "column 3"]
    assert "values where names are expected" in table.read[0]


@pytest.mark.parametrize(
    "row",
    [
        lambda i: f"{20 + i % 40},State-gov,{70000 + 13 * i},{'MF'[i % 2]},<=50K",
        lambda i: f"{'pe'[i % 2]},{'xyz'[i % 3]},{'no'[i % 2]}",
        lambda i: f"{'?' if i == 0 else i}.5,{i % 7},{i}.25,{'ab'[i % 2]}",
        lambda i: f"2020-01-{i % 28 + 1:02},{'nsew'[i % 4]},{i}",
        lambda i: f"{'ab'[i % 2]}",
    ],
)
def test_a_first_line_like_those_below_it_is_a_row(read, row):
    table = read("".join(row(i) + "\n" for i in range(60)))
    assert table.n_rows == 60 and table.names[0] == "column 1"
    assert "values where names are expected" in table.read[0]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("country,code,2001,2002,2003", lambda i: f"land {i},L{i},{i}.5,{i}.25,{i}"),
        ("city,1,2,3,4", lambda i: f"town {i},{i % 5},{i % 7},{i},{i}"),
        ("0,1,2,target", lambda i: f"{i % 5},{i % 7},{i},{'ab'[i % 2]}"),
        ("first,second", lambda i: f"word {i},other {i}"),
        ("y,z", lambda i: f"{'yn'[i % 2]},{i}"),
        ("day,side", lambda i: f"2020-01-{i % 28 + 1:02},{'nsew'[i % 4]}"),
        ("shape,size", lambda i: f"{'oxy'[i % 3]},{'sml'[i % 3]}"),
        ("year,note", lambda i: f"{1990 + i},remark {i}"),
    ],
)
def test_a_first_line_unlike_those_below_it_is_a_header(read, header, row):
    table = read(header + "\n" + "".join(row(i) + "\n" for i in range(60)))
    assert table.names == header.split(",") and table.n_rows == 60


def test_what_stands_above_the_header(read):
    table = read("Report of 2024\n\n# a remark\na,b,c\n1,2,3\n4,5,6\n")
    assert cells(table)["a"] == ["1", "4"] and "2 lines above" in table.read[0]


def test_a_short_line_above_the_header(read):
    table = read("2,a\nw,x,y,z,n\n1,2,3,4,5\n6,7,8,9,0\n")
    assert table.names == list("wxyzn") and table.n_rows == 2
    assert read(",,\na,b,c\n1,2,3\n").names == list("abc")


def test_separators_at_the_ends_of_lines(read):
    for text in ("a,b,\n1,2,\n3,4,\n", "a,b\n1,2,\n3,4,\n"):
        table = read(text)
        assert table.names == ["a", "b"] and "left out" in table.read[-1]


def test_a_header_without_the_name_of_the_rows(read):
    table = read("x,y\nr1,1,2\nr2,3,4\n")
    assert cells(table)["column 1"] == ["r1", "r2"] and cells(table)["y"] == ["2", "4"]


def test_packed_by_gzip(read):
    assert cells(read(gzip.compress(b"a,b\n1,x\n"), "t.csv.gz"))["b"] == ["x"]
