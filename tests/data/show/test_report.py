"""A Report as text and as a page."""

import os
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from fastnn.data import steps
from fastnn.data.detect.look import Look
from fastnn.data.finding import Finding
from fastnn.data.reading import as_table
from fastnn.data.report import Report, worst_first
from fastnn.data.show import html, pictures, text, words

NASTY = "<script>alert('x')</script>\"&\x00\ud800"


def finding(kind, severity, columns=(), repair=None, costs=None, **evidence):
    why = "A network feels it."
    return Finding(kind, columns, severity, evidence, why, repair, (), costs or {})


@pytest.fixture
def report():
    rng = np.random.default_rng(0)
    sex = np.array(["f", "m"])[rng.integers(0, 2, 60)]
    age = rng.normal(40, 9, 60)
    age[:6] = np.nan
    day = np.arange(60).astype("datetime64[D]")
    table = as_table({"age": age, "sex": sex, "day": day, "y": rng.integers(0, 2, 60)})
    found = [
        finding("skew", "note", ("age",), skewness=2.5),
        finding("missing", "repair", ("age",), "Fill with the median.",
                n=6, share=0.1, rows=list(range(6))),
        finding("identifier", "repair", ("sex",), "Leave it out.", {"columns": 1},
                examples=["f", "m"]),
    ]  # fmt: skip
    return Report("repairable", worst_first(found), table, "y", "classes",
                  ceiling={"measure": "accuracy", "baseline": 0.5, "band": (0.6, 0.7),
                           "floor": 0.02})  # fmt: skip


def test_by_hand(report):
    assert text.of_report(report, 60).splitlines() == [
        "table: repairable, it can be made ready",
        "60 rows, 4 columns, target “y” (classes)",
        "2 repairs, 1 note",
        "at most: accuracy 0.98: some rows contradict each other",
        "always the commonest class: accuracy 0.5",
        "three simple models: accuracy 0.6 to 0.7",
        "",
        "REPAIRS: `prepare` mends it; without, the array is wrong",
        "- missing: age",
        "  how many 6 (10 %); rows 1, 2, 3, ...",
        "  A network feels it.",
        "  → Fill with the median.",
        "- identifier: sex",
        "  such as “f”, “m”",
        "  A network feels it.",
        "  → Leave it out.",
        "",
        "NOTES: a fact worth knowing",
        "- skew: age",
        "  skewness 2.5",
        "  A network feels it.",
    ]


def test_no_line_is_wider_than_the_terminal_and_none_holds_escape_codes(report):
    name = "a very long name of a column " * 5 + "\x1b[31m"
    found = finding("skew", "note", (name,), examples=["\x1b[2J" * 30])
    lines = text.of_report(replace(report, findings=(found,)), 50).splitlines()
    assert max(map(len, lines)) <= 50
    assert "\x1b" not in "".join(lines) and "\\x1b[2J" in "".join(lines)


@pytest.mark.parametrize(("number", "said"), [
    (3, "3"), (1437, "1,437"), (0.03125, "0.0312"), (35841.7, "35,842"),
    (1.2e-9, "1.2e-09"), (2.0, "2"), (True, "True"), (float("inf"), "inf"),
])  # fmt: skip
def test_numbers(number, said):
    assert words.number(number) == said


def test_a_small_share_is_not_called_nothing():
    assert words.percent(0.0004) == "less than 0.1 %"
    assert (words.percent(0.0), words.percent(1.0)) == ("0.0 %", "100 %")


# --- The page ------------------------------------------------------------------------


class Reader(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.open, self.text = [], [], ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in ("meta", "input", "rect", "circle", "path", "i"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def test_the_page_has_every_finding_and_column(report):
    page = Reader(html.page(report))
    assert page.open == []
    cards = [a.get("data-name") for a in page.all("article")]
    assert [name for name in cards if name] == ["age", "sex", "day", "y"]
    assert len(cards) == 4 + len(report.findings)
    for said in ("can be made ready", "Fill with the median.", "accuracy 0.6 to 0.7"):
        assert said in page.text


def test_every_picture_says_what_it_shows(report):
    pictures_shown = Reader(html.page(report)).all("svg")
    assert len(pictures_shown) == 5  # four columns and the empty cells
    assert all(len(a["aria-label"]) > 10 for a in pictures_shown)


def test_the_page_asks_for_nothing_else(report):
    page = html.page(report)
    assert "http" not in page and "url(" not in page and "@import" not in page
    reader = Reader(page)
    assert all("src" not in a and "href" not in a for _, a in reader.elements)


def test_nasty_cells_are_only_text(report):
    cells = [NASTY, NASTY.upper()] * 30
    table = as_table({NASTY: cells, "n": np.arange(60.0)})
    table, name = replace(table, source=NASTY, read=(NASTY,)), table.names[0]
    found = finding("free_text", "repair", (NASTY,), NASTY, examples=[NASTY],
                    **{NASTY: NASTY})  # fmt: skip
    nasty = replace(report, table=table, findings=(found,), target=name,
                    reasons=(NASTY,))  # fmt: skip
    page = html.page(nasty)
    reader = Reader(page)
    assert len(reader.all("script")) == 1 and page.lower().count("<script") == 1
    assert reader.open == []
    assert "alert" in reader.text


def test_a_page_is_written_whole_or_not_at_all(report, tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    report.to_html(path)
    assert path.read_text(encoding="utf-8") == html.page(report)
    path.write_text("before")

    def fails(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="disk full"):
        report.to_html(path)
    assert path.read_text() == "before" and os.listdir(tmp_path) == ["report.html"]


def test_a_folder_that_is_not_there(report, tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        report.to_html(tmp_path / "nowhere" / "report.html")


# --- Pictures ------------------------------------------------------------------------

EDGES = {
    "nothing": np.full(5, np.nan),
    "one value": np.ones(5),
    "infinities": np.array([np.inf, -np.inf, 1.0, np.nan, 2.0]),
    "huge": np.array([-1e308, 1e308, 0.0]),
    "whole": np.arange(8),
    "booleans": np.array([True, False, True]),
    "words": np.array(["b", "a", "b"]),
    "dates": np.array(["2020-01-01", "NaT"], "datetime64[us]"),
}


@pytest.mark.parametrize("name", EDGES)
@pytest.mark.parametrize("task", ["classes", "values", None])
def test_any_column_has_a_picture_or_none(name, task):
    table = as_table({"x": EDGES[name], "y": np.arange(len(EDGES[name])) % 2})
    with np.errstate(all="raise", under="ignore", over="ignore", invalid="ignore"):
        drawn = pictures.of_column(table["x"], table["y"], task)
        drawn += pictures.means(table["x"], table["y"])
    assert "nan" not in drawn and "inf" not in drawn.replace("infinit", "")
    assert (drawn == "") == (name == "nothing")


def test_bars_count_every_value_once():
    table = as_table({"x": np.repeat([1.0, 2.0, 3.0], [10, 20, 30])})
    drawn = pictures.of_column(table["x"])
    heights = [float(part.split('"')[0]) for part in drawn.split('height="')[1:]]
    assert np.allclose(np.array(heights) / max(heights), [1 / 3, 2 / 3, 1], atol=0.01)


def test_many_classes_share_the_last_colour():
    y = as_table({"y": np.repeat(np.arange(9), np.arange(9, 0, -1))})["y"]
    of_row, n = pictures.classes_of(y)
    assert n == 6 and of_row.max() == 5
    assert pictures.class_names(y) == ["0", "1", "2", "3", "4", "4 others"]
    assert (of_row == 5).sum() == sum((4, 3, 2, 1))


def test_findings_that_say_the_same_stand_together(report):
    found = [finding("missing", "repair", (name,), "Fill.", n=n, share=n / 60)
             for name, n in (("age", 6), ("sex", 1))]  # fmt: skip
    found += [finding("missing", "repair", ("day",), "Leave it out.", n=2)]
    together = replace(report, findings=tuple(found))
    lines = text.of_report(together, 60).splitlines()
    at = lines.index("- missing: 2 columns")
    assert lines[at + 1 : at + 3] == ["  . age: 6 (10 %)", "  . sex: 1 (1.7 %)"]
    assert "- missing: day" in lines
    cards = [a for a in Reader(html.page(together)).all("article")
             if "data-name" not in a]  # fmt: skip
    assert len(cards) == 2


def test_a_repair_of_two_hundred_columns_names_a_dozen(report):
    found = [finding("missing", "repair", (f"c{i:03d}",), "Fill.") for i in range(200)]
    page = html.page(replace(report, verdict="repairable", findings=tuple(found)))
    named = ", ".join(f"c{i:03d}" for i in range(12))
    assert f"<bdi>{named} and 188 more</bdi>" in page


def test_a_column_is_drawn_as_the_repairs_leave_it(report):
    cells = ["1.5", "2.5", "?"] * 20
    table = as_table({"x": cells, "y": np.arange(60) % 2})
    step = steps.AsMissing("x", ("?",))
    look = Look(table, "y").mended([step, steps.ToNumber("x")])
    drawn = html.page(replace(report, table=table, mended=look, findings=()))
    assert "text read as number, 3 different, 33 % empty" in drawn
