"""The fitted steps, one by one: by hand, on what they have not seen, and undone."""

import zlib

import numpy as np
import pytest

from fastnn.data.preparing import fitting
from fastnn.data.steps import (
    FITTED,
    Columns,
    DateParts,
    Fill,
    Hashed,
    Indicator,
    OneHot,
    Ordinal,
    Scale,
    SignedLog,
    fitted,
)
from fastnn.data.table import Column, Table, text_column


def table(*columns):
    return Table({c.name: c for c in columns}, len(columns[0]))


def numbers(name, *values):
    return Column(name, "number", np.array(values, np.float64))


def dates(name, *values):
    return Column(name, "date", np.array(values, "datetime64[us]"))


def matrix(result):
    return np.stack([c.values for c in result], axis=1).tolist()


def test_fitted_steps_are_those_of_their_folder():
    """Test rows are compared with training rows before the first of FITTED."""
    assert {step.__name__ for step in FITTED} == set(fitted.__all__)


# --- Words ----------------------------------------------------------------------------


def test_one_hot_by_hand():
    words = text_column("sex", ["m", "f", None, "x", " M "])
    step = OneHot("sex", ("f", "m"))
    done = step.apply(table(words))
    assert done.names == ["sex=f", "sex=m"]
    # missing and unknown: 0 throughout; another case, blanks around it: the level
    assert matrix(done) == [[0, 1], [1, 0], [0, 0], [0, 0], [0, 1]]


def test_one_hot_with_missing_and_other():
    words = text_column("sex", ["m", "f", None, "x"])
    done = OneHot("sex", ("f", "m"), missing=True, other=True).apply(table(words))
    assert done.names == ["sex=f", "sex=m", "sex other", "sex missing"]
    assert matrix(done) == np.eye(4)[[1, 0, 3, 2]].tolist()


def test_levels_that_differ_by_case_alone_are_told_apart():
    words = text_column("a", ["it", "IT", "It"])
    assert matrix(OneHot("a", ("IT", "it")).apply(table(words))) == [
        [0, 1], [1, 0], [0, 0]
    ]  # fmt: skip


def test_one_hot_undone():
    step = OneHot("sex", ("f", "m"), missing=True, other=True)
    words = text_column("sex", ["m", "f", None, "x"])
    back = step.undo(step.apply(table(words)))["sex"]
    assert [back.text(i) for i in range(4)] == ["m", "f", "", "(other)"]


def test_new_columns_stand_where_the_old_one_was():
    three = table(numbers("a", 1), text_column("b", ["x"]), numbers("c", 2))
    assert OneHot("b", ("x", "y")).apply(three).names == ["a", "b=x", "b=y", "c"]


def test_a_name_that_is_taken_is_refused():
    two = table(text_column("b", ["x"]), numbers("b=x", 2))
    with pytest.raises(ValueError, match="a column 'b=x'"):
        OneHot("b", ("x",)).apply(two)
    with pytest.raises(ValueError, match="a column 'b'"):
        Indicator({"b": ("b=x",)}).apply(two)


def test_ordinal():
    step = Ordinal("size", ("small", "medium", "large"))
    done = step.apply(table(text_column("size", ["large", "Small", None, "huge"])))
    np.testing.assert_array_equal(done["size"].values, [2, 0, np.nan, np.nan])
    back = step.undo(done)["size"]
    assert [back.text(i) for i in range(4)] == ["large", "small", "", ""]


def test_hashed_is_the_same_everywhere():
    words = ["Zürich", "Łódź", "東京", "", "\ud800"]
    step = Hashed("city", 8)
    got = matrix(step.apply(table(text_column("city", [*words, None]))))
    assert got[-1] == [0.0] * 8
    for word, row in zip(words, got[:-1], strict=True):
        h = zlib.crc32(word.encode("utf-8", "surrogatepass"))
        expected = [0.0] * 8
        expected[h % 8] = -1.0 if h >= 2**31 else 1.0
        assert row == expected
    assert zlib.crc32(b"123456789") == 0xCBF43926  # the check value of CRC-32


# --- Dates ----------------------------------------------------------------------------


def test_dates_by_hand():
    step = DateParts("d", "2024-01-01", ("days", "year", "month", "weekday", "hour"))
    # a Monday; 18:00: three quarters of the day; April: a quarter of the year
    got = step.apply(table(dates("d", "2024-04-01T18:00", "NaT")))
    assert got.names == [
        "d days", "d year", "d month sine", "d month cosine", "d weekday sine",
        "d weekday cosine", "d hour sine", "d hour cosine",
    ]  # fmt: skip
    row = matrix(got)[0]
    np.testing.assert_allclose(row, [91.75, 2024, 1, 0, 0, 1, -1, 0], atol=1e-12)
    assert np.isnan(matrix(got)[1]).all()


def test_december_is_as_near_to_january_as_to_november():
    step = DateParts("d", "2024-01-01", ("month",))
    months = matrix(step.apply(table(dates("d", "2023-11-05", "2023-12-31",
                                           "2024-01-01"))))  # fmt: skip
    nov, dec, jan = np.array(months)
    assert np.linalg.norm(dec - jan) == pytest.approx(np.linalg.norm(dec - nov))


def test_dates_before_1970_and_undone():
    step = DateParts("d", "1900-01-01", ("days", "weekday"))
    old = dates("d", "1899-12-31", "1900-01-01", "NaT")
    done = step.apply(table(old))
    assert done["d days"].values.tolist()[:2] == [-1, 0]
    back = step.undo(done)
    assert back.names == ["d"]
    np.testing.assert_array_equal(back["d"].values, old.values)


def test_only_what_differs_becomes_a_part():
    def parts(*days):
        return fitting.of_dates(dates("d", *days)).parts

    assert parts("2024-01-01", "2024-01-08") == ("days", "weekday")
    assert parts("2024-01-01", "2024-02-01") == ("days", "month", "weekday")
    assert parts("2024-01-01T01", "2024-01-01T09") == ("days", "hour")


# --- Numbers --------------------------------------------------------------------------


def test_indicator_and_fill():
    two = table(numbers("a", 1, np.nan, np.inf), numbers("b", 4, 5, 6))
    done = Fill({"a": 7.0}).apply(Indicator({"a missing": ("a",)}).apply(two))
    assert done["a missing"].values.tolist() == [0, 1, 0]
    assert done["a"].values.tolist() == [1, 7, 7]  # inf is as good as nothing
    back = Indicator({"a missing": ("a",)}).undo(done)
    np.testing.assert_array_equal(back["a"].values, [1, np.nan, 7])
    assert back.names == ["a", "b"]


def test_scale_by_hand_and_at_the_ends():
    one = table(numbers("a", 3, 1e308, -1e308))
    step = Scale({"a": (1.0, 2.0)})
    assert step.apply(one)["a"].values.tolist() == [1, 1e6, -1e6]
    huge = Scale({"a": fitting.moments_of(np.array([1e308, -1e308]))})
    np.testing.assert_allclose(huge.apply(one)["a"].values, [0, 1, -1], atol=1e-12)
    np.testing.assert_allclose(step.undo(step.apply(one))["a"].values[0], 3)


def test_moments_tell_rounding_from_variation():
    assert fitting.moments_of(np.array([0.1 + 0.2, 0.3])) is None
    assert fitting.moments_of(np.zeros(3)) is None
    assert fitting.moments_of(np.array([1.0, 3.0])) == (2.0, 1.0)


def test_signed_log_by_hand_and_undone():
    x = np.array([0, 2, -2, 2e9, -5e-4])
    step = SignedLog({"a": 2.0})
    done = step.apply(table(numbers("a", *x)))
    np.testing.assert_allclose(done["a"].values[:3], [0, np.log(2), -np.log(2)])
    np.testing.assert_allclose(step.undo(done)["a"].values, x, rtol=1e-12)


def test_a_long_tail_is_drawn_in_and_others_are_not():
    rng = np.random.default_rng(0)
    tail = np.exp(2 * rng.normal(size=2000))
    assert fitting.unit_of(numbers("a", *tail)) == pytest.approx(1, rel=0.1)
    assert fitting.unit_of(numbers("a", *-tail)) is not None
    assert fitting.unit_of(numbers("a", *rng.normal(size=2000))) is None
    assert fitting.unit_of(numbers("a", *(rng.random(2000) < 0.01))) is None


# --- What words are taken for ---------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "order"),
    [
        (["18-25", "65+", "26-64"], ("18-25", "26-64", "65+")),
        (["10 to 19", "5 to 9", "≥ 20"], ("5 to 9", "10 to 19", "≥ 20")),
        (["High", "low", "Medium"], ("low", "Medium", "High")),
        (["groß", "klein", "mittel"], ("klein", "mittel", "groß")),
        (["strongly agree", "disagree"], ("disagree", "strongly agree")),
        (["red", "green"], None),
        (["low", "blue"], None),
        (["1-2", "1-3"], None),
    ],
)
def test_an_order_is_read_where_there_is_one(words, order):
    assert fitting.order_of(words) == order


def test_many_words_are_hashed_and_few_are_not():
    def step(words):
        return fitting.of_words(text_column("w", words))

    assert isinstance(step(["a", "b"] * 10), OneHot)
    assert isinstance(step([f"w{i % 100}" for i in range(1000)]), Hashed)
    rare = step(["a"] * 500 + ["b"] * 490 + [f"rare {i}" for i in range(10)])
    assert rare == OneHot("w", ("a", "b"), missing=False, other=True)


def test_what_tells_nothing_is_left_out():
    gone = fitting.fit(
        table(
            numbers("constant", *[2.0] * 6),
            numbers("empty", *[np.nan] * 6),
            text_column("names", list("abcdef")),
            text_column("one word", ["a"] * 6),
            numbers("kept", *range(6)),
        )
    )[0]
    assert gone.columns == ("constant", "empty", "names", "one word")


# --- The first step -------------------------------------------------------------------


def test_each_cell_is_read_as_the_kind_of_its_column():
    given = table(
        text_column("number", ["1.5", "x", "1_0", "inf", None]),
        text_column("boolean", ["True", "0", "no", "false", None]),
        text_column(
            "date", ["2024-02-29", "2023-02-29", "2024-01-01T12:30", "1", None]
        ),
        numbers("text", 1, 2.5, np.nan, -0.25, 1e20),
        numbers("left aside", *range(5)),
    )
    kinds = {"text": "text", "number": "number", "boolean": "boolean", "date": "date"}
    got = Columns(kinds).apply(given)
    assert got.names == list(kinds)
    none = np.nan
    np.testing.assert_array_equal(got["number"].values, [1.5, none, none, none, none])
    np.testing.assert_array_equal(got["boolean"].values, [1, 0, none, 0, none])
    assert got["date"].missing.tolist() == [False, True, False, True, True]
    assert [got["text"].text(i) for i in range(4)] == ["1", "2.5", "", "-0.25"]


def test_steps_leave_tables_without_their_columns_alone():
    other = table(numbers("z", 1))
    for step in (
        OneHot("a", ("x",)), Ordinal("a", ("x",)), Hashed("a"), Fill({"a": 1.0}),
        DateParts("a", "2024-01-01", ("days",)), Scale({"a": (0.0, 1.0)}),
        SignedLog({"a": 1.0}), Indicator({"a missing": ("a",)}),
    ):  # fmt: skip
        assert step.apply(other).names == ["z"]
