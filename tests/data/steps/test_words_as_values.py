"""What the steps read: numbers, units, dates and spoilt text, as people write them."""

from datetime import datetime

import numpy as np
import pytest

from fastnn.data.steps import MendEncoding, Rescale, ToDate, ToNumber
from fastnn.data.steps.date_words import readings
from fastnn.data.steps.mojibake import mended
from fastnn.data.steps.number_words import number_of, parts_of
from fastnn.data.steps.units import meanings
from fastnn.data.table import Column, Table, text_column


@pytest.mark.parametrize(
    ("word", "decimal", "number"),
    [
        ("-$1,250.50", ".", -1250.5), ("1.250,50 €", ",", 1250.5), ("(12 %)", ".", -12),
        ("1 234,5", ",", 1234.5), ("CHF 1'234.50", ".", 1234.5), ("−5", ".", -5),
        ("12-", ".", -12), ("1,23,456", ".", 123456), ("1.2e-3", ".", 0.0012),
        (".5", ".", 0.5), ("1,5", ".,", 1.5), ("1,234", ".,", 1234), ("1.5", ",.", 1.5),
        ("1.234", ",.", 1234), ("1,234", "either", 1.234), ("Rs. 500", ".", 500),
        ("１２", ".", 12), ("1\u202f234", ".", 1234), ("ca. 12", ".", 12),
        ("c. 1850", ".", 1850), ("~3", ".", 3), ("etwa 5", ".", 5),
    ],
)  # fmt: skip
def test_numbers(word, decimal, number):
    assert number_of(word, decimal) == pytest.approx(number, rel=1e-15)


@pytest.mark.parametrize(
    "word",
    [
        "A1",
        "c12",
        "c 12",
        "ca12",
        "Q1",
        "N1A2",
        "type 3",
        "1.2.3",
        "2020-01-05",
        "12:30",
        "",
        "--5",
    ],
)
def test_what_is_no_number(word):
    assert number_of(word) is None


def test_units_with_factor_and_offset():
    units = {"°C": 1.0, "°F": [5 / 9, -160 / 9], "": 1.0}
    assert number_of("212 °F", units=units) == pytest.approx(100.0)
    assert number_of("12 kg", units=units) is None
    assert number_of("12 KG", units={"kg": 1.0}) == 12.0
    assert parts_of("$1.2M") == (1, "1.2", "", "$ M")
    assert meanings("$ M") == (("usd", 1e6, 0.0),)
    assert meanings("lb") == (("mass", 453.59237, 0.0),)
    assert meanings("blub") == ()


@pytest.mark.parametrize(
    ("word", "pattern"),
    [
        ("2020-03-05", "%Y-%m-%d"), ("05.03.2020", "%d.%m.%Y"),
        ("5 Mar 2020", "%d %b %Y"),
        ("5. März 2020", "%d %b %Y"), ("March 5, 2020", "%b %d %Y"),
        ("20200305", "%Y%m%d"),
        ("5-Mar-20", "%d %b %y"), ("5 de marzo de 2020", "%d %b %Y"),
        ("03/05/2020", "%m/%d/%Y"), ("2020年3月5日", "%Y年%m月%d日"),
        ("Thu, 5 Mar 2020", "%d %b %Y"), ("05/03/20", "%d/%m/%y"),
    ],
)  # fmt: skip
def test_dates(word, pattern):
    assert readings(word)[pattern] == datetime(2020, 3, 5)


def test_times_of_day_and_zones():
    assert readings("2020-03-05T13:30:01.5Z") == {
        "%Y-%m-%d": datetime(2020, 3, 5, 13, 30, 1, 500000)
    }
    assert readings("3/5/2020 1:30 PM")["%m/%d/%Y"] == datetime(2020, 3, 5, 13, 30)
    assert readings("2020-03-05 01:00 +02:00")["%Y-%m-%d"] == datetime(2020, 3, 4, 23)


@pytest.mark.parametrize("word", ["1.2.3", "31/31/2020", "Feb 30 2020", "hello 2020"])
def test_what_is_no_date(word):
    assert readings(word) == {}


def test_mojibake_goes_back_to_what_was_meant():
    for word in ("München", "Élève", "12 €", "à", "naïve"):
        for codec in ("cp1252", "latin-1"):
            try:
                spoilt = word.encode().decode(codec)
            except UnicodeDecodeError:
                continue
            assert mended(spoilt, codec) == word
        assert mended(word) is None
    assert mended("ÃƒÂ©") == "é"
    assert mended("Москва", "cp1251") is None


def test_steps_leave_alone_what_they_do_not_know():
    table = Table({"n": Column("n", "number", np.array([1.0, 2.0]))}, 2)
    for step in (ToNumber("n"), ToNumber("x"), MendEncoding("n"), ToDate("x", ())):
        assert step.apply(table) is table


def test_rescale_and_dates_of_numbers():
    table = Table({"n": Column("n", "number", np.array([1.7, 170.0, np.nan]))}, 3)
    values = Rescale("n", 0.01, above=50.0).apply(table)["n"].values
    np.testing.assert_allclose(values, [1.7, 1.7, np.nan])
    table = Table({"d": Column("d", "number", np.array([20200305.0, np.nan]))}, 2)
    dates = ToDate("d", ("%Y%m%d",)).apply(table)["d"]
    assert dates.kind == "date" and str(dates.values[0])[:10] == "2020-03-05"
    assert dates.n_missing == 1


def test_many_iso_words_are_read_at_once_as_one_by_one():
    days = np.datetime64("1990-01-01") + np.arange(11_000)
    words = [str(d) for d in days]
    table = Table({"d": text_column("d", [*words, None])}, 11_001)
    dates = ToDate("d", ("%Y-%m-%d",)).apply(table)["d"]
    assert (dates.values[:-1] == days).all() and dates.n_missing == 1
