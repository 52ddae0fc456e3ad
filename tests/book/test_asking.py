"""What the page says to the code in an exercise's editor."""

import html
import json
import re
from types import SimpleNamespace

import pytest

pytest.importorskip("marimo")

from fastnn import book
from fastnn.book import asking


@pytest.fixture(autouse=True)
def live(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(asking, "printed", lambda: False)


def said(code):
    """The HTML inside the callout, which carries it as JSON in an attribute."""
    callout = book.judged("0.1", SimpleNamespace(value={"editor": code})).text
    inside = re.search(r"data-html='([^']*)'", callout)[1]
    return json.loads(html.unescape(inside))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("X @ weights + bias", "Right."),
        ("X @ weights", "Not yet."),
        ("X @ weights", "The bias is missing"),
        ("X @", "The code stops with SyntaxError"),
    ],
)
def test_an_answer_is_judged_in_words(body, words):
    assert words in said(f"def dense(X, weights, bias):\n    return {body}\n")


def test_code_without_the_function_is_told_its_name():
    assert "no function named dense" in said("x = 1\n")


def test_marks_of_an_error_stay_as_they_are():
    code = "def dense(X, weights, bias):\n    raise ValueError('a_b_c *x* [1] <b> $y$')"
    assert "a_b_c *x* [1] <b> $y$" in html.unescape(said(code))
    assert "<b>" not in said(code)


@pytest.mark.parametrize("number", range(9))
def test_a_marked_quiz_ends_its_sentences_once(number):
    given = dict(enumerate([-1] * 10))
    page = book.marked(number, SimpleNamespace(value=given)).text
    assert page.count("The answer is: ") == 10
    assert ".." not in page.replace("...", "")


def test_an_exercise_says_that_it_was_solved():
    assert "You have solved it" not in book.exercise("0.1").text
    said("def dense(X, weights, bias):\n    return X @ weights + bias\n")
    assert "You have solved it" in book.exercise("0.1").text
