"""Recipe: read, edited, stored and read again, used on new rows, undone."""

import copy
import json
import os
import pickle
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables_to_prepare import rows_of, table_of

import fastnn as fn
from fastnn.data import Recipe, steps

TABLE = table_of(np.random.default_rng(0), 200)
PREPARED = fn.data.prepare(TABLE, "price", split="random")
RECIPE = PREPARED.recipe
HERE = {name: cells for name, cells in TABLE.items() if name != "price"}


def one_row(**changes):
    """The first row, changed."""
    row = {name: [cells[0]] for name, cells in HERE.items()}
    return row | {name: [value] for name, value in changes.items()}


def features(X):
    return dict(zip(RECIPE.feature_names, X[0].tolist(), strict=True))


# --- Reading and editing --------------------------------------------------------------


def test_a_person_can_read_it():
    lines = str(RECIPE).splitlines()
    assert len(lines) == len(RECIPE.steps)
    assert "take size (number), rooms (number), place (text)" in lines[0]
    (line,) = [line for line in lines if " OneHot " in line]
    assert "place: a 0/1 column each for dale, hill, shore, missing" in line


def test_every_step_has_words_of_its_own():
    from fastnn.data.steps import wording

    assert set(wording.WORDS) == set(steps.__all__)


def test_a_step_taken_out_or_changed():
    recipe = copy.deepcopy(RECIPE)
    recipe.steps = [s for s in recipe.steps if not isinstance(s, steps.Scale)]
    at = RECIPE.feature_names.index("size")
    np.testing.assert_allclose(
        recipe.transform(HERE)[:, at], np.array(TABLE["size"], np.float32)
    )
    recipe.steps.append(steps.Drop(("size",)))
    assert "size" not in recipe.feature_names
    assert recipe.transform(HERE).shape == (200, len(RECIPE.feature_names) - 1)


def test_what_is_left_as_text_is_refused():
    recipe = copy.deepcopy(RECIPE)
    recipe.steps = [s for s in recipe.steps if not isinstance(s, steps.OneHot)]
    with pytest.raises(ValueError, match=r"'place' is still text .* add OneHot"):
        recipe.transform(HERE)


# --- New rows -------------------------------------------------------------------------


def test_training_rows_come_out_as_in_training():
    X = RECIPE.transform(TABLE)
    assert X.dtype == np.float32 and X.flags.c_contiguous
    np.testing.assert_array_equal(X[PREPARED.rows_train], PREPARED.X_train)
    np.testing.assert_array_equal(X[PREPARED.rows_test], PREPARED.X_test)


@given(rows=st.lists(st.integers(0, 199), min_size=1, max_size=8))
@settings(max_examples=25, deadline=None)
def test_each_row_is_transformed_alone(rows):
    np.testing.assert_array_equal(
        RECIPE.transform(rows_of(HERE, rows)), RECIPE.transform(HERE)[rows]
    )


def test_rows_in_chunks(monkeypatch):
    whole = RECIPE.transform(HERE)
    monkeypatch.setattr("fastnn.data.preparing.recipe.CHUNK", 7)
    np.testing.assert_array_equal(RECIPE.transform(HERE), whole)


def test_no_rows():
    none = {name: cells[:0] for name, cells in HERE.items()}
    assert RECIPE.transform(none).shape == (0, len(RECIPE.feature_names))
    assert RECIPE.target_of({"price": []}).shape == (0,)


def test_other_order_and_new_columns():
    other = {"new": list(range(200))} | dict(reversed(HERE.items()))
    np.testing.assert_array_equal(RECIPE.transform(other), RECIPE.transform(HERE))


def test_missing_columns_are_named():
    less = {name: cells for name, cells in HERE.items() if name != "rooms"}
    with pytest.raises(ValueError, match=r"needs the column 'rooms', and .* 'size'"):
        RECIPE.transform(less)


def test_a_column_that_is_left_out_need_not_be_there():
    table = TABLE | {"constant": [3.0] * 200}
    recipe = fn.data.prepare(table, "price", split="random").recipe
    assert "constant" in recipe.columns
    np.testing.assert_array_equal(recipe.transform(HERE), RECIPE.transform(HERE))


def test_unseen_levels():
    got = features(RECIPE.transform(one_row(place="moon", street="moon street")))
    assert [got[f"place={w}"] for w in ("dale", "hill", "shore")] == [0, 0, 0]
    assert got["place missing"] == 0
    hashed = [v for name, v in got.items() if name.startswith("street #")]
    assert sorted(np.abs(hashed))[-2:] == [0, 1]


def test_missing_values_where_training_had_some_and_where_not():
    got = features(RECIPE.transform(one_row(rooms=None, size=None, place=None)))
    median = {s: v for step in RECIPE.steps if isinstance(step, steps.Fill)
              for s, v in step.values.items()}  # fmt: skip
    scale = RECIPE.steps[-1].moments
    for name in ("rooms", "size"):
        mean, deviation = scale[name]
        assert got[name] == pytest.approx((median[name] - mean) / deviation, abs=1e-6)
    assert (got["rooms missing"], got["place missing"]) == (1, 1)
    assert "size missing" not in got


@pytest.mark.parametrize("value", [float("inf"), -float("inf")])
def test_infinities_are_missing(value):
    np.testing.assert_array_equal(
        RECIPE.transform(one_row(rooms=value)), RECIPE.transform(one_row(rooms=None))
    )


def test_all_missing_columns():
    none = {name: [None] * 3 for name in HERE}
    X = RECIPE.transform(none)
    assert np.isfinite(X).all() and len(X) == 3


def test_numbers_beyond_float32():
    assert np.isfinite(RECIPE.transform(one_row(size=1e300))).all()


def test_a_column_of_another_kind():
    table = HERE | {"size": [str(x) for x in HERE["size"]]}
    np.testing.assert_array_equal(RECIPE.transform(table), RECIPE.transform(HERE))
    table["size"][3] = "large"
    with pytest.warns(UserWarning, match=r"1 cell .*'large' in row 4"):
        X = RECIPE.transform(table)
    assert np.isfinite(X).all()
    with pytest.raises(ValueError, match=r"'size' holds numbers.*'large'"):
        RECIPE.transform(one_row(size="large"))


def test_training_rows_left_out_are_not_left_out_of_new_ones():
    table = {name: [*cells, *cells] for name, cells in TABLE.items()}
    recipe = replace(RECIPE, steps=[*RECIPE.steps])
    recipe.steps.insert(1, steps.DropRepeats())
    assert len(recipe.transform(table)) == 400


# --- The target -----------------------------------------------------------------------


def test_values():
    np.testing.assert_array_equal(RECIPE.target_of(TABLE), TABLE["price"])
    assert np.isnan(RECIPE.target_of({"price": [1.5, None]})).tolist() == [0, 1]
    with pytest.raises(ValueError, match="no column 'price'"):
        RECIPE.target_of(HERE)


@pytest.mark.parametrize(
    ("cells", "classes"),
    [
        (["ash", "birch"], ("ash", "birch")),
        ([10, 9], ("9", "10")),
        ([True, False], ("False", "True")),
        ([0, 1], ("0", "1")),
    ],
)
def test_classes(cells, classes):
    table = {"x": np.random.default_rng(0).normal(size=40), "y": cells * 20}
    recipe = fn.data.prepare(table, "y").recipe
    assert recipe.target.classes == classes
    place = {str(c): i for i, c in enumerate(recipe.target.classes)}
    assert recipe.target_of(table).tolist() == [place[str(c)] for c in table["y"]]
    assert recipe.target_of({"y": [cells[0], None]}).tolist()[1] == -1
    if isinstance(cells[0], str):
        assert recipe.target_of({"y": ["oak"]}).tolist() == [-1]


# --- Undone ---------------------------------------------------------------------------


def test_inverse_gives_readable_columns():
    back = RECIPE.inverse(RECIPE.transform(HERE))
    assert list(back) == ["size", "rooms", "place", "garden", "built"]  # hashed: gone
    np.testing.assert_allclose(back["size"], HERE["size"], rtol=1e-5, atol=1e-4)
    np.testing.assert_array_equal(back["rooms"], HERE["rooms"])
    assert back["place"].tolist() == HERE["place"]
    assert back["garden"].tolist() == HERE["garden"].tolist()
    days = back["built"].astype("datetime64[h]") - HERE["built"]
    assert np.abs(days.astype(int)).max() <= 1


def test_inverse_refuses_other_widths():
    with pytest.raises(ValueError, match="X has 2 columns; this recipe makes"):
        RECIPE.inverse(np.zeros((1, 2)))


# --- Files ----------------------------------------------------------------------------


def test_saved_and_loaded(tmp_path):
    RECIPE.save(tmp_path / "r.json")
    again = Recipe.load(tmp_path / "r.json")
    assert again == RECIPE
    np.testing.assert_array_equal(again.transform(HERE), RECIPE.transform(HERE))
    again.save(tmp_path / "s.json")
    assert (tmp_path / "s.json").read_bytes() == (tmp_path / "r.json").read_bytes()


def test_saved_whole_or_not_at_all(tmp_path):
    RECIPE.save(tmp_path / "r.json")
    before = (tmp_path / "r.json").read_bytes()
    broken = replace(RECIPE, steps=[steps.Fill({"a": float("nan")})])
    with pytest.raises(ValueError):
        broken.save(tmp_path / "r.json")
    assert (tmp_path / "r.json").read_bytes() == before
    assert os.listdir(tmp_path) == ["r.json"]


CHANGES = [
    (["format"], "pickle", "no recipe"),
    (["version"], 2, "version 2"),
    (["dtype"], "float16", "dtype is 'float16'"),
    (["steps"], {}, "steps is {}"),
    (["steps", 0], 7, "step 0 is 7"),
    (["steps", 0, "step"], "__import__", "'step' is '__import__'"),
    (["steps", 0, "step"], ["Drop"], "'step' is"),
    (["steps", 0, "kinds", "size"], "complex", "kinds.'size'. is 'complex'"),
    (["steps", 0, "extra"], 1, "no field 'extra'"),
    (["steps", -1, "moments", "size"], [0.0, 0.0], "not above 0"),
    (["steps", -1, "moments", "size"], [0.0], "a list of 2"),
    (["steps", -1, "moments", "size"], [True, 1.0], "is True; expected a finite"),
    (["steps", -1, "moments", "size"], ["1", 1.0], "is '1'; expected a finite"),
    (["steps", -1, "moments", "size"], [10**400, 1.0], "expected a finite"),
    (["target"], "price", "target"),
    (["target", "task"], "classes", "do not fit"),
    (["target", "name"], None, "name is None"),
]


@pytest.mark.parametrize(("place", "value", "words"), CHANGES)
def test_nothing_in_a_file_is_trusted(tmp_path, place, value, words):
    changed = copy.deepcopy(RECIPE.to_dict())
    inside = changed
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = value
    (tmp_path / "r.json").write_text(json.dumps(changed))
    with pytest.raises(ValueError, match=words):
        Recipe.load(tmp_path / "r.json")


BAD_STEPS = [
    ({"step": "Hashed", "column": "a", "buckets": 10**9}, "1 to 4096"),
    ({"step": "Hashed", "column": "a", "buckets": 2.5}, "a whole number"),
    ({"step": "Hashed"}, "'column' is missing"),
    ({"step": "OneHot", "column": "a", "levels": ["x", "x"]}, "each of them once"),
    ({"step": "OneHot", "column": "a", "levels": "x"}, "expected a list"),
    ({"step": "DateParts", "column": "a", "since": "now then", "parts": []}, ""),
    ({"step": "DateParts", "column": "a", "since": "2024-01-01", "parts": ["era"]}, ""),
    ({"step": "ToNumber", "column": "a", "decimal": ""}, "decimal"),
    ({"step": "ToNumber", "column": "a", "units": {"kg": "x"}}, "units"),
    ({"step": "MendEncoding", "column": "a", "codec": "zip"}, "codec"),
    ({"step": "DatesWithin", "column": "a", "first": "then"}, ""),
    ({"step": "SignedLog", "units": {"a": -1}}, "not above 0"),
]


@pytest.mark.parametrize(("step", "words"), BAD_STEPS)
def test_bad_steps_are_refused(step, words):
    given = RECIPE.to_dict() | {"steps": [step]}
    with pytest.raises(ValueError, match=f"step 0 .*{words}"):
        Recipe.from_dict(given)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[" * 100_000, b"null", b"\xff\xfe", pickle.dumps({"a": 1}), b"1e999"],
)
def test_files_that_are_no_recipe(tmp_path, content):
    (tmp_path / "r.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"^(load|Recipe): "):
        Recipe.load(tmp_path / "r.json")


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(FileNotFoundError):
        Recipe.load(tmp_path / "none.json")
    with pytest.raises(TypeError, match="path is 7"):
        Recipe.load(7)
    with pytest.raises(FileNotFoundError, match="no folder"):
        RECIPE.save(tmp_path / "none" / "r.json")


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_any_change_of_a_file_is_refused_or_understood(data):
    """A value anywhere replaced by another: ValueError, or a recipe that answers."""
    changed = copy.deepcopy(RECIPE.to_dict())
    inside, places = changed, []
    while isinstance(inside, (dict, list)) and len(inside):
        keys = list(inside) if isinstance(inside, dict) else range(len(inside))
        places.append((inside, data.draw(st.sampled_from(list(keys)))))
        inside = inside[places[-1][1]]
        if data.draw(st.integers(0, 5)) == 0:
            break
    holder, key = places[-1]
    holder[key] = data.draw(
        st.one_of(
            st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5),
            st.just([]), st.just({}), st.just({"step": "Drop", "columns": ["size"]}),
            st.sampled_from(["size", "place", "number", "text", "date"]),
        )
    )  # fmt: skip
    try:
        recipe = Recipe.from_dict(json.loads(json.dumps(changed)))
    except ValueError:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            X = recipe.transform(HERE)
        except ValueError:
            return
    assert X.dtype == recipe.dtype and len(X) == 200
