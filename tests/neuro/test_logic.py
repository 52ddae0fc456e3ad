"""McCulloch and Pitts: gates, the search for XOR, and why it ends empty."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastnn import neuro
from fastnn.neuro import McCullochPitts

XOR = [0, 1, 1, 0]


def test_by_hand():
    unit = McCullochPitts([1, 1], theta=2)
    assert unit([[0, 0], [0, 1], [1, 0], [1, 1]]).tolist() == [0, 0, 0, 1]
    assert unit([1, 1]) == 1
    assert repr(unit) == "McCullochPitts([1.0, 1.0], theta=2)"
    assert repr(unit.truth_table()).splitlines() == [
        "x1 x2 | y",
        " 0  0 | 0",
        " 0  1 | 0",
        " 1  0 | 0",
        " 1  1 | 1",
    ]


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_gates(n):
    rows = np.array(list(itertools.product((0, 1), repeat=n)))
    expected = {
        "AND": rows.all(axis=1),
        "OR": rows.any(axis=1),
        "NAND": ~rows.all(axis=1),
        "NOR": ~rows.any(axis=1),
        "majority": rows.sum(axis=1) > n / 2,
    }
    for name, answer in expected.items():
        table = McCullochPitts.gate(name, n).truth_table()
        assert table == answer
        np.testing.assert_array_equal(table.inputs, rows)
    assert McCullochPitts.gate("NOT").truth_table() == [1, 0]


def test_xor_is_not_found_on_any_grid():
    for grid in (np.arange(-3, 3.5, 0.5), np.linspace(-1, 1, 101)):
        assert neuro.find_units(XOR, weights=grid).shape == (0, 3)
    thetas = np.linspace(-8, 8, 65)
    assert len(neuro.find_units(XOR, thetas=thetas)) == 0
    # the search does find what exists, and every one of it answers as asked
    for target in ([0, 0, 0, 1], [0, 1, 1, 1], [1, 0, 0, 0]):
        found = neuro.find_units(target, thetas=thetas)
        assert len(found) > 10
        for *w, theta in found[::7].tolist():
            assert McCullochPitts(w, theta).truth_table() == target


def test_the_four_inequalities_contradict():
    proof = neuro.contradiction(XOR)
    assert proof.splitlines()[:4] == [
        "01 must fire:      w2       >=  theta",
        "10 must fire:      w1       >=  theta",
        "00 must not:       0        <   theta",
        "11 must not:       w1 + w2  <   theta",
    ]
    assert "w1 + w2 >= 2 theta, the others to w1 + w2 < 2 theta" in proof
    w1, w2, theta = np.random.default_rng(0).normal(size=(3, 10_000))
    met = [w2 >= theta, w1 >= theta, theta > 0, w1 + w2 < theta]
    assert np.max(np.sum(met, axis=0)) == 3  # any three of them, never all


def test_two_layers_can():
    network = neuro.LogicNetwork.xor()
    assert network.truth_table() == XOR
    assert network.hidden([[0, 0], [0, 1], [1, 0], [1, 1]]).tolist() == [
        [0, 1], [1, 1], [1, 1], [1, 0]
    ]  # fmt: skip


@pytest.mark.parametrize("n, count", [(1, 4), (2, 14), (3, 104)])
def test_how_many_functions_one_unit_computes(n, count):
    """Muroga (1971); OEIS A000609: 4, 14, 104, 1882 of 4, 16, 256, 65536."""
    tables = list(itertools.product((0, 1), repeat=2**n))
    possible = [neuro.contradiction(table) is None for table in tables]
    assert sum(possible) == count
    # for up to 3 inputs, weights of -2 ... 2 are enough
    found = [len(neuro.find_units(table, np.arange(-2, 3))) > 0 for table in tables]
    assert found == possible


@given(
    weights=st.lists(st.integers(-9, 9), min_size=1, max_size=6),
    theta=st.integers(-9, 9),
)
def test_what_a_unit_does_is_no_contradiction(weights, theta):
    assert neuro.contradiction(McCullochPitts(weights, theta).truth_table()) is None


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: McCullochPitts([], 1), "at least one finite number"),
        (lambda: McCullochPitts([1, np.nan], 1), "finite"),
        (lambda: McCullochPitts([1, 1], 1)([1, 1, 1]), r"expected \(..., 2\)"),
        (lambda: McCullochPitts([1, 1], 1)([0.5, 1]), "0.5; expected 0"),
        (lambda: McCullochPitts.gate("XOR"), "name is 'XOR'; it can be one of 'AND'"),
        (lambda: McCullochPitts(np.ones(13), 1).truth_table(), "2\\^13 rows"),
        (lambda: neuro.find_units([0, 1, 2, 0]), "expected 0 or 1"),
        (lambda: neuro.find_units([0, 1, 1]), "in the order 00, 01"),
        (lambda: neuro.find_units([0, 1], weights=[]), "weights needs at least one"),
        (lambda: neuro.find_units([0, 1] * 128), "too many to try"),
        (lambda: neuro.contradiction([0, 1] * 256), "at most 8"),
        (lambda: neuro.LogicNetwork([]), "empty"),
        (lambda: neuro.LogicNetwork([[1]]), "expected McCullochPitts"),
        (
            lambda: neuro.LogicNetwork([[McCullochPitts([1, 1], 1)]] * 2),
            "layer 2 has 2 weights, but 1 values",
        ),
        (
            lambda: neuro.LogicNetwork([[McCullochPitts([1], 1)] * 2]),
            "last layer has 2 units",
        ),
    ],
)
def test_bad_input_is_explained(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()
