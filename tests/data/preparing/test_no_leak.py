"""No leak: whatever stands in the test rows, the recipe is the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables_to_prepare import as_json, table_of

import fastnn as fn

N = 60
RNG = np.random.default_rng(3)
TABLE = table_of(RNG, N)
TABLE["kind"] = [("ash", "birch")[int(p > np.median(TABLE["price"]))]
                 for p in TABLE["price"]]  # fmt: skip
ANY = {
    "size": st.floats(allow_nan=True, allow_infinity=True),
    "rooms": st.one_of(st.floats(-5, 900), st.just(float("nan"))),
    "place": st.one_of(st.none(), st.text(max_size=8), st.just("hill")),
    "garden": st.booleans(),
    "built": st.dates().map(lambda d: np.datetime64(d)),
    "street": st.one_of(st.none(), st.text(max_size=8)),
}


def prepared(table, target="kind", **settings):
    left_out = "price" if target == "kind" else "kind"
    table = {name: cells for name, cells in table.items() if name != left_out}
    return fn.data.prepare(table, target, test_fraction=0.3, **settings)


FIRST = {target: prepared(TABLE, target) for target in ("kind", "price")}


@pytest.mark.parametrize("target", FIRST)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_cells_of_test_rows_have_no_say(target, data):
    first = FIRST[target]
    table = {name: list(cells) for name, cells in TABLE.items()}
    for name, values in ANY.items():
        for row in data.draw(st.lists(st.sampled_from(first.rows_test), max_size=6)):
            table[name][row] = data.draw(values)
    table["built"] = np.array(table["built"], "datetime64[D]")
    again = prepared(table, target)
    assert as_json(again.recipe) == as_json(first.recipe)
    np.testing.assert_array_equal(again.X_train, first.X_train)
    np.testing.assert_array_equal(again.y_train, first.y_train)


@pytest.mark.parametrize("junk", ["none", "1,5", "2020-01-01", "True", None])
def test_numbers_that_are_words_in_test_rows_stay_numbers(junk):
    first = FIRST["kind"]
    table = {name: list(cells) for name, cells in TABLE.items()}
    for row in first.rows_test[:5]:
        table["size"][row] = table["garden"][row] = junk
    with pytest.warns(UserWarning) if junk else np.errstate():
        again = prepared(table)
    assert as_json(again.recipe) == as_json(first.recipe)


def test_cells_of_training_rows_have_a_say():
    """The test above can fail."""
    first = FIRST["kind"]
    table = {name: list(cells) for name, cells in TABLE.items()}
    table["size"][first.rows_train[0]] = 1e4
    assert as_json(prepared(table).recipe) != as_json(first.recipe)


@pytest.mark.parametrize("rule", [("group", "street"), ("time", "built")])
def test_with_groups_and_times(rule):
    first = prepared(TABLE, split=rule)
    table = {name: list(cells) for name, cells in TABLE.items()}
    for row in first.rows_test:
        table["size"][row], table["rooms"][row], table["place"][row] = 1e9, -1, "moon"
    table["built"] = np.array(table["built"], "datetime64[D]")
    again = prepared(table, split=rule)
    assert again.rows_test.tolist() == first.rows_test.tolist()
    assert as_json(again.recipe) == as_json(first.recipe)


def test_what_was_learned_is_of_the_training_rows():
    first = FIRST["price"]
    scale = next(s for s in first.recipe.steps if type(s).__name__ == "Scale")
    size = np.array(TABLE["size"])[first.rows_train]
    np.testing.assert_allclose(scale.moments["size"], (size.mean(), size.std()))
