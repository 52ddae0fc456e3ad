"""The checker of exercises: what it accepts, what it says, which hint it gives."""

import numpy as np
import pytest

from fastnn.book import check
from fastnn.book.checking import difference
from fastnn.book.practice import exercise


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def test_the_right_answer_worked_by_hand():
    result = check("0.1", lambda X, weights, bias: X.dot(weights) + bias)
    assert result and result.passed
    assert "agree with the solution" in repr(result)


def test_a_known_mistake_gets_its_hint():
    result = check("0.1", lambda X, weights, bias: X @ weights)
    assert not result
    assert "bias is missing" in result.hint
    assert "returned" in result.message


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (3.0, "wants the function itself"),
        (lambda X: X, "takes (X)"),
        (lambda X, weights, bias: None, "is there a `return`"),
        (lambda X, weights, bias: 1 / 0, "raised ZeroDivisionError"),
        (lambda X, weights, bias: "no", "not made of numbers"),
        (lambda X, weights, bias: X[:0], "returned the shape"),
    ],
)
def test_a_wrong_answer_is_told_how(answer, words):
    result = check("0.1", answer)
    assert not result
    assert result.number == "0.1"
    assert words in result.message


@pytest.mark.parametrize("number", ["9.1", "0.99", "x", "", "0"])
def test_no_such_exercise(number):
    with pytest.raises(ValueError, match="no exercise"):
        exercise(number)


def test_an_answer_cannot_change_the_cases():
    def greedy(X, weights, bias):
        z = X @ weights + bias
        X[...] = weights[...] = bias[...] = 0.0
        return z

    assert check("0.1", greedy)


@pytest.mark.parametrize(
    ("expected", "got", "words"),
    [
        (1.0, 1.0 + 1e-9, ""),
        (1.0, 1.1, "returned 1.1, not 1"),
        (np.ones(3), [1, 1, 1], ""),
        (np.ones((2, 2)), np.array([[1, 1], [1, 2.0]]), r"at [1, 1]"),
        (np.nan, np.nan, ""),
        (np.nan, 1.0, "returned 1, not nan"),
        ((1.0, 2.0), (1.0, 3.0), "in part 1"),
        ((1.0, 2.0), (1.0,), "returned 1 things"),
        ("yes", "no", "not 'yes'"),
        (True, False, "not True"),
        ({"a": 1.0}, {"b": 1.0}, "keys"),
        (2.0, np.array(2.0, dtype=object), ""),
    ],
)
def test_differences(expected, got, words):
    said = difference(expected, got)
    assert (words in said) if words else said == ""
