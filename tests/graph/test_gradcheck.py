"""gradcheck: agrees with what is right, and shows where a derivative is wrong."""

import numpy as np
import pytest

from fastnn import graph
from fastnn.graph import gradcheck


def test_by_hand(Tensor, capsys):
    """x^2 at 3: 6, in both columns."""
    assert gradcheck(lambda x: x * x, Tensor(3.0, "x"))
    assert capsys.readouterr().out.splitlines()[1].split()[:3] == ["x", "6", "6"]


@pytest.mark.usefixtures("path")
def test_gradcheck_agrees(capsys):
    w = graph.Tensor(np.float32([[0.5, -1.0], [2.0, 0.1]]), "w")
    assert gradcheck(lambda w, x: graph.tanh(w @ x), w, np.array([0.3, -0.2]))
    printed = capsys.readouterr().out
    assert "w[0, 1]" in printed and "x1[1]" in printed
    assert printed.endswith("6 derivatives agree\n")


@pytest.mark.usefixtures("path")
def test_gradcheck_shows_where_they_part(capsys):
    from fastnn.graph.rules import Rule, apply

    wrong = (lambda g, y, x: g * x,)  # of x^2, whose derivative is 2 x
    planted = Rule(0, "planted", np.square, wrong, wrong, True, None)
    f = lambda x: apply(planted, (x,))  # noqa: E731
    assert not gradcheck(f, np.array([0.0, 3.0]))
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("x0[1]") and lines[1].endswith("<- they part")
    assert lines[-1] == "1 of 2 derivatives differ from the differences of f"
    assert not gradcheck(f, 3.0, show=False) and capsys.readouterr().out == ""
    assert not gradcheck(graph.relu, 0.0, show=False)


@pytest.mark.usefixtures("path")
def test_errors_of_two_elements_do_not_cancel():
    """The sum of (x, -x) is 0 for every x; a wrong factor in both is found yet."""
    from fastnn.graph.rules import Rule, apply

    wrong = (lambda g, y, x: g * 3.0,)
    planted = Rule(0, "planted", lambda x: x * 1.0, wrong, wrong, True, None)
    f = lambda x: graph.stack([apply(planted, (x,)), -apply(planted, (x,))])  # noqa: E731
    assert not gradcheck(f, 0.5, show=False)


@pytest.mark.usefixtures("path")
def test_long_tables_are_cut(capsys):
    assert gradcheck(graph.sum, np.zeros(30), max_rows=4)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 7 and lines[-2:] == [
        "... 26 rows more",
        "30 derivatives agree",
    ]
    assert gradcheck(graph.sum, np.zeros((0, 2)), show=False)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: gradcheck(3, 1.0), "gradcheck: f is 3; expected a function"),
        (lambda: gradcheck(graph.tanh), "gradcheck: no x came"),
        (lambda: gradcheck(graph.tanh, "a"), "gradcheck: x0 is 'a'"),
        (
            lambda: gradcheck(lambda x: 1.0, 1.0),
            "gradcheck: f returned 1.0; expected a",
        ),
        (lambda: gradcheck(graph.tanh, 1.0, step=0.0), "gradcheck: step is 0"),
        (lambda: gradcheck(graph.tanh, 1.0, rtol="a"), "gradcheck: rtol is 'a'"),
        (lambda: gradcheck(graph.tanh, 1.0, atol=-1.0), "gradcheck: atol is -1"),
        (lambda: gradcheck(graph.tanh, 1.0, max_rows=0), "gradcheck: max_rows is 0"),
        (lambda: gradcheck(graph.tanh, 1.0, show=3), "gradcheck: show is 3"),
    ],
)
@pytest.mark.usefixtures("path")
def test_bad_input(call, words):
    with pytest.raises((TypeError, ValueError)) as error:
        call()
    assert str(error.value).startswith(words)
