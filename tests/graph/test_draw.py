"""Graphs as trees of text."""

import math

import pytest

PROGRAM = """\
             value     grad
sigmoid       0.1824    1
└─ +         -1.5       0.1491
   ├─ *      -2         0.1491
   │  ├─ w   -1         0.2983
   │  └─ x    2        -0.1491
   └─ b       0.5       0.1491"""

SHARED = """\
                     value   grad
loss = +             12        1
├─ *                 10        1
│  ├─ **2             4        2.5
│  │  └─ d [1] = -    2       11
│  │     ├─ x         3       11
│  │     └─ leaf      1      -11
│  └─ leaf            2.5      4
└─ d [1] ↑"""


def test_by_hand(Value):
    w, x, b = Value(-1.0, "w"), Value(2.0, "x"), Value(0.5, "b")
    a = (w * x + b).sigmoid()
    a.backward()
    assert a.draw() == PROGRAM


def test_a_node_that_is_used_twice_is_drawn_once(Value):
    x = Value(3.0, "x")
    d = x - 1
    d.name = "d"
    loss = d**2 * 2.5 + d
    loss.name = "loss"
    loss.backward()
    assert loss.draw() == SHARED


def test_both_inputs_the_same_node(Value):
    x = Value(3.0)
    assert (x * x).draw().splitlines()[-1] == "└─ leaf [1] ↑"


def test_a_leaf(Value):
    assert Value(2.0, "x").draw().split() == ["value", "grad", "x", "2", "0"]
    assert "leaf" in Value(2.0).draw()


def test_numbers_of_every_size(Value):
    x, y = Value(1.5e-300, "x"), Value(-123456.0, "y")
    lines = (x + y + math.nan + math.inf).draw().splitlines()
    points = {line.index(".") for line in lines if "." in line}
    assert len(points) == 1  # they stand below one another
    for text in ("1.5e-300", "-1.235e+05", "nan", "inf"):
        assert any(text in line for line in lines)
    assert all(line == line.rstrip() for line in lines)


def test_large_graphs_are_cut(Value):
    a = Value(0.0, "start")
    for i in range(1000):
        a = a + Value(i)
    lines = a.draw().splitlines()
    assert len(lines) == 1 + 50 + 1  # the heading, the nodes, and what is missing
    assert lines[-1] == "… 1,951 nodes more; draw(max_nodes=100) shows more of them"
    assert sum("+ …" in line for line in lines) == 2
    assert len(a.draw(max_nodes=4).splitlines()) == 6
    assert len(a.draw(max_nodes=2001).splitlines()) == 2002
    assert "1 node more" in a.draw(2000)


def test_the_nodes_nearest_to_the_root_are_drawn(Value):
    a = Value(1.0, "a")
    for _ in range(30):
        a = a.tanh()
    text = (a + Value(2.0, "near")).draw(max_nodes=5)
    assert "near" in text and text.count("tanh") == 3


@pytest.mark.parametrize("bad", [0, -1, 1.5, "many", None])
def test_bad_input(bad, Value):
    with pytest.raises((TypeError, ValueError), match=r"^draw: max_nodes is"):
        Value(1.0).draw(bad)
