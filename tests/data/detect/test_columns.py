"""Columns beside each other: constant, copied, names of the rows, categories."""

import numpy as np
import pytest
from data.detect.tables import found, plain

from fastnn.data.detect.rows import categories, collinearity, columns

RNG = np.random.default_rng(5)
N = 600


def test_constant_and_near_constant():
    table = plain() | {"one": np.ones(N), "most": np.r_[np.ones(N - 6), np.arange(6)]}
    (one,) = found(columns.constant, table)
    (most,) = found(columns.near_constant, table)
    assert (one.columns, one.severity) == (("one",), "note")
    assert most.columns == ("most",)
    assert most.evidence["n"] == 5  # one of the six is 1 as well


def test_a_constant_with_gaps_is_not_constant():
    table = plain() | {"one": np.r_[np.ones(N // 2), np.full(N // 2, np.nan)]}
    assert not found(columns.constant, table)


@pytest.mark.parametrize(
    "copy_of",
    [
        lambda t: t["x1"].copy(),
        lambda t: 32 + 1.8 * t["x1"],
        lambda t: np.exp(t["x1"] / 10),
    ],
)
def test_copies_of_numbers(copy_of):
    table = plain()
    table = table | {"copy": copy_of(table)}
    (copy,) = found(columns.duplicate_column, table)
    assert copy.columns == ("x1", "copy")


def test_recoded_copy_of_words():
    table = plain()
    code = {"red": "R", "green": "G", "blue": "B"}
    table["code"] = np.array([code[k] for k in table["kind"]])
    (copy,) = found(columns.duplicate_column, table)
    assert copy.columns == ("kind", "code")


def test_no_copy_where_columns_are_merely_without_repeats():
    table = plain() | {"a": RNG.permutation(N), "b": RNG.permutation(N)}
    assert not found(columns.duplicate_column, table)


@pytest.mark.parametrize(
    "names",
    [
        np.arange(N) + 1,
        RNG.permutation(N) + 1000,
        np.cumsum(RNG.integers(1, 9, N)),
        RNG.choice(10**6, N, replace=False) + 10**6,
        np.array([f"P-{i:05d}" for i in RNG.permutation(N)]),
        np.array([f"{RNG.bytes(4).hex()}" for _ in range(N)]),
    ],
)
def test_identifiers(names):
    (one,) = found(categories.identifier, plain() | {"a": names})
    assert (one.columns, one.severity) == (("a",), "repair")


@pytest.mark.parametrize(
    "measured",
    [
        RNG.normal(size=N),
        np.round(RNG.lognormal(10, 1, N)),
        RNG.integers(0, 10**5, N),
        np.round(RNG.normal(10**6, 10**5, N)),
        np.sort(RNG.normal(size=N)),
    ],
)
def test_measurements_are_no_identifiers(measured):
    assert not found(categories.identifier, plain() | {"a": measured})


def test_free_text_is_no_identifier():
    words = [
        "the",
        "cat",
        "sat",
        "under",
        "a",
        "big",
        "old",
        "tree",
        "and",
        "looked",
        "at",
        "nine",
        "small",
        "birds",
    ]
    text = np.array([" ".join(RNG.choice(words, 9)) for _ in range(N)])
    table = plain() | {"a": text}
    assert not found(categories.identifier, table)
    assert [f.columns for f in found(categories.free_text, table)] == [("a",)]


def test_many_and_rare_categories():
    many = np.array([f"town {i}" for i in RNG.integers(0, 150, N)])
    rare = np.where(np.arange(N) < 9, np.arange(N) % 3, 7).astype(str)
    rare[200:400] = "8"
    table = plain() | {"many": many, "rare": rare}
    assert [f.columns for f in found(categories.high_cardinality, table)] == [("many",)]
    (one,) = found(categories.rare_levels, table)
    assert (one.columns, one.evidence["n"]) == (("rare",), 9)


def test_collinear_columns_are_a_fact():
    table = plain()
    table["sum"] = table["x0"] + table["x1"] + 0.01 * RNG.normal(size=N)
    (one,) = found(collinearity.collinear, table)
    assert (set(one.columns), one.severity) == ({"x0", "x1", "sum"}, "note")
    assert not found(collinearity.collinear, plain())


def test_vif_is_that_of_the_regression():
    X = RNG.normal(size=(500, 3))
    X[:, 2] += 5 * X[:, 0]
    vif = np.diag(collinearity.inverse_correlation(X))
    Z = np.column_stack([np.ones(500), X[:, :2]])
    rest = X[:, 2] - Z @ np.linalg.lstsq(Z, X[:, 2], rcond=None)[0]
    assert np.isclose(vif[2], X[:, 2].var() / rest.var(), rtol=1e-6)


def test_what_is_known_of_groups_is_no_copy_of_their_number():
    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(60), 10)
    of_group = rng.normal(size=60)
    table = plain() | {"group": group, "wealth": of_group[group]}
    assert not found(columns.duplicate_column, table)
    table["group"] = np.array([f"town {g}" for g in group])
    assert not found(columns.duplicate_column, table)
    table["inhabitants"] = rng.permutation(10**6)[:60][group]
    assert not found(columns.duplicate_column, table)
    table["number"] = rng.permutation(60)[group] + 1
    (copy,) = found(columns.duplicate_column, table)
    assert copy.columns == ("group", "number")


def test_sorted_rows_make_no_copies():
    """Of a row's number and the column that the rows are sorted by, neither is."""
    table = {"row": np.arange(N)} | plain()
    table["time"] = np.sort(RNG.gamma(2.0, size=N))
    table["people"] = np.cumsum(RNG.gamma(2.0, size=N))
    assert not found(columns.duplicate_column, table)


def test_of_a_row_number_and_its_copy_the_number_goes():
    table = {"row": np.arange(N), "days": 2.5 * np.arange(N)}
    (one,) = found(columns.duplicate_column, table, target=None)
    assert one.columns == ("days", "row")
    assert one.steps[0].columns == ("row",)


def test_a_rank_is_no_name():
    """The place of a school among the others, which its budget goes with."""
    table = plain()
    place = np.argsort(np.argsort(table["x1"] + RNG.normal(size=N))) + 1
    assert not found(categories.identifier, table | {"place": place})
    (one,) = found(categories.identifier, table | {"a": RNG.permutation(N) + 1})
    assert one.columns == ("a",)


def test_numbers_of_rows_sorted_by_the_target_are_names():
    """Row 85 and the following, and then, of the other class, row 1 to 84."""
    table = plain() | {"class": np.repeat([0.0, 1.0], N // 2)}
    table["a"] = np.roll(np.arange(N), N // 2) + 1
    (one,) = found(categories.identifier, table)
    assert one.columns == ("a",)


def test_what_grows_from_row_to_row_is_no_name():
    people = np.round(198_000 + np.cumsum(RNG.normal(200, 40, N)))
    assert not found(categories.identifier, plain() | {"people": people})
