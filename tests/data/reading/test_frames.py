"""Dataframes, arrays, lists and dicts: any types, none of which crashes."""

import datetime
import decimal
import fractions
import sys

import numpy as np
import pytest
from data.reading.conftest import cells, kinds

from fastnn.data.reading import as_table

DAY = datetime.date(2020, 1, 31)
NOON = datetime.datetime(2020, 1, 31, 12)


def only(source):
    """(kind, cells, what was said) of a table of one column."""
    table = as_table(source)
    (column,) = table
    return column.kind, [column.text(i) for i in range(len(column))], table.read


class Rude:
    """An object that answers nothing."""

    def __str__(self):
        raise RuntimeError

    __ne__ = __eq__ = __hash__ = None


MIXED = [
    ([1, None, 3], "number", ["1", "", "3"]),
    ([1, 2.5, True], "number", ["1", "2.5", "1"]),
    ([True, None], "boolean", ["true", ""]),
    ([None, None], "number", ["", ""]),
    ([decimal.Decimal("1.5"), fractions.Fraction(1, 4)], "number", ["1.5", "0.25"]),
    ([decimal.Decimal("sNaN"), 1], "number", ["", "1"]),
    ([DAY, None, NOON], "date", ["2020-01-31", "", "2020-01-31T12:00:00"]),
    ([1, "x", 2.0, None, True], "text", ["1", "x", "2", "", "true"]),
    ([b"ab", b"\xff"], "text", ["ab", "\\xff"]),
    ([[1, 2], {"a": "é"}], "text", ["[1, 2]", '{"a": "é"}']),
    ([np.array([1, 2]), "x"], "text", ["[1 2]", "x"]),
    ([2**70, 2], "text", [str(2**70), "2"]),
    ([10**400, 0.5], "number", ["", "0.5"]),
    ([float("inf"), 1.0], "number", ["", "1"]),
    ([Rude(), "x"], "text", ["<Rude>", "x"]),
    (["", " ", "a"], "text", ["", " ", "a"]),
]


@pytest.mark.parametrize(("values", "kind", "texts"), MIXED)
def test_cells_of_any_type(values, kind, texts):
    for source in ({"x": values}, [{"x": v} for v in values], [[v] for v in values]):
        assert only(source)[:2] == (kind, texts)


@pytest.mark.parametrize(("values", "kind", "texts"), MIXED)
def test_object_columns_of_pandas(values, kind, texts):
    pandas = pytest.importorskip("pandas")
    cells_of = np.empty(len(values), object)
    for i, value in enumerate(values):
        cells_of[i] = value
    assert only(pandas.DataFrame({"x": cells_of}))[:2] == (kind, texts)


def test_pandas():
    pandas = pytest.importorskip("pandas")
    zone = pandas.Series([NOON, None]).dt.tz_localize("Europe/Berlin")
    frame = pandas.DataFrame({
        "i": [1, 2], "f": [1.5, np.inf], "s": ["a", None], "b": [True, False],
        "B": pandas.array([True, None], dtype="boolean"),
        "I": pandas.array([1, None], dtype="Int64"),
        "d": pandas.Series([NOON, None]), "zone": zone,
        "c": pandas.Categorical(["x", None]), "na": [pandas.NA, 1],
        "t": pandas.to_timedelta(["1min", None]),
        "big": [2**60, 2**60 + 1], "period": pandas.period_range("2020", periods=2),
    })  # fmt: skip
    table = as_table(frame)
    assert list(kinds(table).values()) == [
        "number", "number", "text", "boolean", "boolean", "number", "date", "date",
        "text", "number", "number", "text", "text",
    ]  # fmt: skip
    found = cells(table)
    assert found["f"] == ["1.5", ""] and "1 infinite value" in table.read[0]
    assert found["zone"] == ["2020-01-31T11:00:00", ""]  # in UTC
    assert found["t"] == ["60", ""] and found["c"] == ["x", ""]
    assert found["big"] == [str(2**60), str(2**60 + 1)]  # equal as float64
    assert table["I"].whole and not table["f"].whole


def test_polars():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({
        "i": [1, None], "f": [1.5, None], "s": ["a", None], "b": [True, None],
        "d": [DAY, None], "t": [NOON, None], "list": [[1], [2]], "none": [None, None],
        "c": polars.Series(["x", "y"], dtype=polars.Categorical),
        "u": polars.Series([2**63 + 5, 1], dtype=polars.UInt64),
    })  # fmt: skip
    table = as_table(frame)
    assert list(kinds(table).values()) == [
        "number", "number", "text", "boolean", "date", "date", "text", "number",
        "text", "text",
    ]  # fmt: skip
    assert cells(table)["u"] == [str(2**63 + 5), "1"]
    assert cells(table)["d"] == ["2020-01-31", ""] and table["i"].whole
    assert cells(as_table(frame.lazy().select("s"))) == {"s": ["a", ""]}
    assert cells(as_table(frame["i"])) == {"i": ["1", ""]}


def test_pyarrow():
    pyarrow = pytest.importorskip("pyarrow")
    table = as_table(pyarrow.table({
        "i": [1, None], "s": ["a", None], "d": [DAY, None],
        "c": pyarrow.array(["x", None]).dictionary_encode(), "m": [[1], None],
    }))  # fmt: skip
    assert list(kinds(table).values()) == ["number", "text", "date", "text", "text"]
    assert cells(table)["c"] == ["x", ""]
    names = pyarrow.table([[1], [2]], names=["a", "a"])
    assert as_table(names).names == ["a", "a (2)"]
    assert as_table(pyarrow.record_batch({"a": [1]})).names == ["a"]


def test_names_of_frames():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame([[1, 2, 3, 4]], columns=["a", "a", "", 5])
    table = as_table(frame)
    assert cells(table) == {"a": ["1"], "a (2)": ["2"], "column 3": ["3"], "5": ["4"]}
    assert len(table.read) == 2
    two = pandas.MultiIndex.from_tuples([("a", "b"), ("a", 1)])
    assert as_table(pandas.DataFrame([[1, 2]], columns=two)).names == ["a, b", "a, 1"]
    assert as_table(pandas.Series([1, 2], name="q")).names == ["q"]


def test_text_of_frames_is_not_read_as_numbers():
    for source in ({"x": ["1", "2"]}, [{"x": "1"}], np.array([["1"], ["2"]])):
        assert only(source)[0] == "text"


def test_arrays():
    assert cells(as_table(np.array([[1, 2], [3, 4]]))) == {
        "x0": ["1", "3"], "x1": ["2", "4"]
    }  # fmt: skip
    records = np.array([(1, "a", [1, 2])], [("n", int), ("s", "U3"), ("v", int, 2)])
    assert cells(as_table(records)) == {"n": ["1"], "s": ["a"], "v": ["[1, 2]"]}
    masked = np.ma.masked_array([1, 2], [0, 1])
    assert only(masked)[1] == only({"m": masked})[1] == ["1", ""]
    assert only(np.array(["2020", "NaT"], "M8[Y]"))[:2] == ("date", ["2020-01-01", ""])
    assert only(np.array([90], "m8[s]"))[1] == ["90"]
    assert only(np.array([1, np.inf], np.float16))[1] == ["1", ""]
    assert kinds(as_table([[1, "a"], [2.5, None]])) == {"x0": "number", "x1": "text"}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({}, "no columns"), ([], "no columns"), (np.empty((0, 2)), "no rows"),
        ({"a": []}, "no rows"), ({"a": [1], "b": [1, 2]}, "'b' has 2 rows, but 'a'"),
        ({"a": 1}, "column 'a' is 1; expected one value a row"),
        ({"a": "abc"}, "column 'a' is 'abc'"), ([[1], [2, 3]], "from 1 to 2 values"),
        (np.zeros((2, 2, 2)), "3 axes"), (np.array([1j]), "complex numbers"),
        (5, "type int is no table"), (None, "NoneType"), (iter([1]), "no table"),
    ],
)  # fmt: skip
def test_what_is_no_table(source, words):
    with pytest.raises(ValueError, match=words) as caught:
        as_table(source)
    assert "\n" not in str(caught.value)


def test_without_narwhals(monkeypatch):
    pandas = pytest.importorskip("pandas")
    monkeypatch.setitem(sys.modules, "narwhals", None)
    with pytest.raises(ImportError, match=r'pip install "fastnn\[data\]"'):
        as_table(pandas.DataFrame({"a": [1]}))


@pytest.mark.parametrize("kind", ["dict", "rows", "array", "pandas", "polars"])
def test_samples(kind):
    n = list(range(1000))
    if kind in ("pandas", "polars"):
        source = pytest.importorskip(kind).DataFrame({"x0": n})
    else:
        source = {"dict": {"x0": n}, "rows": [[i] for i in n], "array": np.array(n)}[
            kind
        ]
    table = as_table(source, sample=10, seed=3)
    assert (table.n_rows, table.n_source_rows) == (10, 1000)
    assert (np.diff(table["x0"].values) > 0).all() and "sample" in table.read[0]


@pytest.mark.parametrize("sample", [0, -1, "all", True, float("nan")])
def test_sample_is_checked(sample):
    with pytest.raises(ValueError, match="sample"):
        as_table({"a": [1]}, sample=sample)


def test_an_index_with_a_name_is_not_forgotten_in_silence():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2], "b": [3, 4], "c": [5, 6]})
    assert as_table(frame).read == ()
    table = as_table(frame.set_index(["a", "b"]))
    assert table.names == ["c"] and "index ('a', 'b') is left aside" in table.read[0]
