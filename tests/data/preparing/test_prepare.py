"""prepare: from a table to arrays; how rows are parted, what is refused."""

import datetime
import warnings
from pathlib import Path

import numpy as np
import pytest
from tables_to_prepare import table_of

import fastnn as fn
from fastnn.data import steps
from fastnn.data.preparing import splits
from fastnn.data.table import text_column

NAMES = [a + b for a in "abcdefghijkl" for b in "mnopqrstuv"]
TABLES = Path(fn.datasets.__path__[0], "tables")


def clouds(n=120, **columns):
    """Two numbers and a class that follows from them."""
    X, y = fn.datasets.blobs(n_samples=n, n_classes=2, seed=0)
    words = np.array(["ash", "birch"])[y].tolist()
    return {"height": X[:, 0], "girth": X[:, 1], "kind": words} | columns


# --- What comes out -------------------------------------------------------------------


def test_arrays():
    p = fn.data.prepare(clouds(), "kind")
    assert p.X_train.shape == (96, 2) and p.X_test.shape == (24, 2)
    for X in (p.X_train, p.X_test):
        assert X.dtype == np.float32 and X.flags.c_contiguous
    assert p.y_train.dtype == p.y_test.dtype == np.int64
    assert p.feature_names == ["height", "girth"] and p.classes == ["ash", "birch"]
    np.testing.assert_allclose(p.X_train.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(p.X_train.std(axis=0), 1, atol=1e-6)
    rows = np.concatenate([p.rows_train, p.rows_test])
    assert sorted(rows) == list(range(120))
    kinds = np.array(clouds()["kind"])
    assert [p.classes[i] for i in p.y_test] == kinds[p.rows_test].tolist()


def test_values_keep_their_own_scale():
    table = table_of(np.random.default_rng(0), 100)
    p = fn.data.prepare(table, "price", dtype="float64")
    assert p.X_train.dtype == p.y_train.dtype == np.float64 and p.classes is None
    np.testing.assert_array_equal(p.y_test, table["price"][p.rows_test])


def test_same_seed_same_parts():
    first, again = (fn.data.prepare(clouds(), "kind", seed=3) for _ in range(2))
    assert first.rows_test.tolist() == again.rows_test.tolist()
    other = fn.data.prepare(clouds(), "kind", rng=np.random.default_rng(4))
    assert first.rows_test.tolist() != other.rows_test.tolist()


def test_rows_without_a_target_are_left_out():
    kinds = clouds()["kind"]
    kinds[5] = kinds[70] = None
    p = fn.data.prepare(clouds(kind=kinds), "kind")
    assert not {5, 70} & {*p.rows_train, *p.rows_test}
    assert len(p.rows_train) + len(p.rows_test) == 118


def test_no_rows_for_testing():
    p = fn.data.prepare(clouds(), "kind", test_fraction=0)
    assert p.X_test.shape == (0, 2) and p.y_test.shape == (0,)
    assert p.rows_train.tolist() == list(range(120))


def test_repeats_of_training_rows_are_no_test():
    table = clouds()
    first = fn.data.prepare(table, "kind")
    copied, row = first.rows_test[0], first.rows_train[0]
    for name in table:
        table[name][copied] = table[name][row]
    again = fn.data.prepare(table, "kind")
    assert copied not in again.rows_test and len(again.rows_test) == 23
    assert again.rows_train.tolist() == first.rows_train.tolist()


def test_rows_that_are_alike_by_nature_stay():
    rng = np.random.default_rng(0)
    table = {f"x{j}": rng.integers(0, 2, 400) for j in range(3)}
    table["y"] = np.where(rng.random(400) < 0.8, table["x0"], 1 - table["x0"])
    p = fn.data.prepare(table, "y", split="stratified")
    assert len(p.rows_test) == 80


def test_classes_that_only_test_rows_have_are_classes():
    kinds = ["ash", "birch"] * 30 + ["cedar"] * 3
    of = [f"g{i // 3}" for i in range(63)]
    table = {"x": np.arange(63.0) % 7, "of": of, "kind": kinds}
    for seed in range(12):
        p = fn.data.prepare(table, "kind", split=("group", "of"), seed=seed)
        if 2 not in p.y_train:
            break
    assert p.classes == ["ash", "birch", "cedar"] and 2 in p.y_test


# --- Splits ---------------------------------------------------------------------------


def test_classes_are_stratified_and_values_are_not():
    p = fn.data.prepare(clouds(), "kind")
    assert p.split.kind == "stratified" and "same share" in str(p.split)
    assert np.bincount(p.y_test).tolist() == [12, 12]
    table = table_of(np.random.default_rng(0), 100)
    del table["street"]
    assert fn.data.prepare(table, "price", split="random").split.rule == "random"


@pytest.mark.parametrize("fraction", [0.1, 0.3, 0.5])
def test_groups_stay_together(fraction):
    rng = np.random.default_rng(0)
    of = rng.integers(0, 30, 120).astype(float)
    of[:5] = np.nan  # each a group of its own
    p = fn.data.prepare(
        clouds(of=of), "kind", split=("group", "of"), test_fraction=fraction
    )
    assert p.split.rule == ("group", "of")
    assert not set(of[p.rows_train]) & set(of[p.rows_test])
    assert len(p.rows_test) == pytest.approx(120 * fraction, abs=6)
    assert not [name for name in p.feature_names if name.startswith("of")]


def test_the_latest_rows_are_for_testing():
    days = [datetime.date(2024, 1, 1) + datetime.timedelta(i // 2) for i in range(120)]
    rng = np.random.default_rng(0)
    shuffled = rng.permutation(120)
    days = np.array(days, "datetime64[D]")[shuffled]
    p = fn.data.prepare(clouds(day=days), "kind", split=("time", "day"))
    assert days[p.rows_train].max() < days[p.rows_test].min()
    assert len(p.rows_test) == 24
    assert (np.diff(days[p.rows_train].astype(int)) >= 0).all()


def test_times_that_are_text_and_rows_without_one():
    days = [f"2024-{1 + i % 12:02}-15" for i in range(120)]
    days[7] = None
    p = fn.data.prepare(clouds(day=days), "kind", split=("time", "day"))
    assert 7 in p.rows_train
    assert {days[i][5:7] for i in p.rows_test} == {"11", "12"}


def test_one_time_cannot_be_parted():
    with pytest.raises(ValueError, match="fewer than two times"):
        fn.data.prepare(clouds(day=["a"] * 120), "kind", split=("time", "day"))
    with pytest.raises(ValueError, match="same value in all rows"):
        fn.data.prepare(clouds(of=["a"] * 120), "kind", split=("group", "of"))


def test_what_inspect_found_decides():
    """A finding of groups, or of a time, is what "auto" follows."""

    class Found:
        columns, why = ("of",), "Rows of one house."

        def __init__(self, **evidence):
            self.evidence = evidence

    class Told:
        def __init__(self, *found):
            self.found = found

        def of_kind(self, kind):
            return self.found if kind == "split_leak" else ()

    groups = Told(Found(how="groups"), Found(how="time"))
    assert splits.of_report(groups) == ("group", "of", "Rows of one house.")
    assert splits.of_report(Told(Found(how="time")))[0] == "time"
    assert splits.of_report(Told(Found(other=1))) is None
    assert splits.of_report(Told()) is None


def test_a_split_is_a_split_again():
    p = fn.data.prepare(clouds(), "kind")
    again = fn.data.prepare(clouds(), "kind", split=p.split.rule)
    assert again.rows_test.tolist() == p.rows_test.tolist()
    assert again.recipe == p.recipe


# --- The target -----------------------------------------------------------------------


def test_flags_of_many_spellings_keep_their_names():
    from fastnn.data.preparing.preparation import for_target

    column = text_column("y", ["yes", "Yes", "yes", "no", "NO", "no"])
    step = for_target(steps.ToBoolean("y", ("Yes", "yes"), ("no", "NO", "n")), column)
    assert step == steps.MergeWords("y", {"Yes": "yes", "NO": "no", "n": "no"})
    other = steps.ToBoolean("z", ("yes",), ("no",))
    assert for_target(other, column) is other


def test_the_task_as_asked():
    y = [0, 1] * 60
    assert fn.data.prepare(clouds(kind=y), "kind").classes == ["0", "1"]
    values = fn.data.prepare(clouds(kind=y), "kind", task="values")
    assert values.classes is None and values.y_train.dtype == np.float64
    words = fn.data.prepare(clouds(kind=[0.5, 1.5] * 60), "kind", task="classes")
    assert words.classes == ["0.5", "1.5"]


# --- What is refused ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "settings", "words"),
    [
        (clouds(), {"target": "species"}, "no such column; the columns are 'height'"),
        (clouds(), {"target": 3}, "target is 3"),
        (clouds(kind=["ash"] * 120), {}, "'ash' in every"),
        (clouds(kind=[None] * 119 + ["ash"]), {}, "1 of 120 rows"),
        (clouds(kind=NAMES), {}, "120 classes in 120 rows"),
        (clouds(), {"task": "values"}, "needs numbers, but the target 'kind' holds"),
        ({"kind": ["ash", "birch"] * 9}, {}, "no column is left"),
        ({"x": [1] * 18, "kind": ["ash", "birch"] * 9}, {}, "no column is left"),
        (clouds(), {"split": ("group", "no")}, "there is no column 'no'"),
        (clouds(), {"split": ("group", "kind")}, "but 'kind' is the target"),
        (clouds(), {"split": "sorted"}, "split is 'sorted'"),
        (clouds(), {"test_fraction": 1.0}, "test_fraction is 1.0"),
        (clouds(), {"dtype": "float16"}, "dtype is 'float16'"),
    ],
)
def test_refusals_teach(table, settings, words):
    with pytest.raises((ValueError, TypeError), match=words):
        fn.data.prepare(table, **({"target": "kind"} | settings))


# --- End to end -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "target", "least", "most"),
    [
        ("penguins_raw.csv", "Species", 0.95, 1.0),
        ("iris.csv", "species", 0.85, 1.0),
        ("breast_cancer.csv", "diagnosis", 0.93, 1.0),
        ("digits.csv.gz", "digit", 0.93, 0.995),
    ],
)
def test_real_tables(name, target, least, most):
    p = fn.data.prepare(str(TABLES / name), target)
    net = fn.mlp(p.X_train.shape[1], [32], len(p.classes), seed=0)
    net.fit(p.X_train, p.y_train, optimizer=fn.Adam(3e-3), epochs=40, progress=False)
    assert least <= net.score(p.X_test, p.y_test) <= most
    raw = p.recipe.transform(str(TABLES / name))
    np.testing.assert_array_equal(raw[p.rows_test], p.X_test)


def test_a_shuffled_target_is_not_learned():
    """Were there a leak from test rows into features, this would show it."""
    table = table_of(np.random.default_rng(1), 400)
    table["price"] = np.random.default_rng(2).permutation([0, 1] * 200)
    with warnings.catch_warnings():  # of the verdict, which is never, as it should be
        warnings.simplefilter("ignore")
        p = fn.data.prepare(table, "price", split="stratified")
    net = fn.mlp(p.X_train.shape[1], [32], 2, seed=0)
    net.fit(p.X_train, p.y_train, optimizer=fn.Adam(3e-3), epochs=30, progress=False)
    assert 0.3 < net.score(p.X_test, p.y_test) < 0.7


@pytest.mark.parametrize("task", ["classes", "values"])
def test_what_the_order_of_rows_tells_is_told_of_the_training_part_too(task):
    """Numbers of rows, with gaps or without, are left out as `inspect` says; what the
    rows are sorted by is no copy of them."""
    rng = np.random.default_rng(3)
    n = 400
    time = np.sort(rng.gamma(2.0, size=n))
    y = np.sin(3 * time) + 0.1 * rng.normal(size=n)
    table = {
        "row": np.arange(n) + 1, "number": np.cumsum(rng.geometric(0.2, n)),
        "time": time, "x": rng.normal(size=n),
        "y": y if task == "values" else np.where(y > 0, "up", "down"),
    }  # fmt: skip
    repairs = fn.data.inspect(table, "y").repairs
    dropped = {n for s in repairs if isinstance(s, steps.Drop) for n in s.columns}
    assert dropped == {"row", "number"}
    assert fn.data.prepare(table, "y", seed=0).feature_names == ["time", "x"]
