"""Leaks, groups and times that a split would mix, and populations that differ."""

import numpy as np
import pytest
from data.detect.tables import found, plain

from fastnn.data import inspect, prepare
from fastnn.data.detect.rows import drifts, groups
from fastnn.data.detect.target import leaks

RNG = np.random.default_rng(8)
N = 600


@pytest.mark.parametrize(
    "made_of",
    [
        lambda y: np.where(y == "yes", "ja", "nein"),
        lambda y: np.where(y == "yes", 17.0, 3.0),
        lambda y: np.where(y == "yes", RNG.uniform(5, 6, N), RNG.uniform(1, 2, N)),
        lambda y: np.where(y == "yes", RNG.normal(size=N), np.nan),
        lambda y: np.where((y == "yes") ^ (RNG.random(N) < 0.01), "a", "b"),
        lambda y: np.where(y == "yes", RNG.integers(1, 30, N), 0),
    ],
)
def test_columns_made_of_classes(made_of):
    table = plain()
    (one,) = found(leaks.leak, table | {"after": made_of(table["y"])})
    assert (one.columns, one.severity) == (("after",), "repair")


@pytest.mark.parametrize(
    "made_of",
    [
        lambda y: 2 * y + 5,
        lambda y: np.exp(y),
        lambda y: y + 0.01 * RNG.normal(size=N),
        lambda y: np.digitize(y, np.quantile(y, [0.25, 0.5, 0.75])),
        lambda y: np.array(["low", "mid", "high"])[np.digitize(y, [0, 1])],
    ],
)
def test_columns_made_of_values(made_of):
    table = plain(task="values")
    (one,) = found(leaks.leak, table | {"after": made_of(table["y"])})
    assert one.columns == ("after",)


def cut(x, *at):
    return np.array(["low", "mid", "high"])[np.digitize(x, at)]


@pytest.mark.parametrize(
    ("draw", "at"),
    [
        (lambda rng: rng.normal(size=N), [0.0]),
        (lambda rng: rng.gamma(1.0, 20.0, N), [55.0]),
        (lambda rng: np.round(rng.beta(3, 2, N) * 100), [50.0]),
        (lambda rng: rng.uniform(-1, 1, N), [-0.3, 0.5]),
        (lambda rng: rng.lognormal(10, 1, N), [30_000.0]),
    ],
    ids=["sign", "seldom above", "passed", "three", "income"],
)
def test_a_class_that_is_a_number_cut_in_two(draw, at):
    for seed in range(10):
        x = draw(np.random.default_rng(seed + 100))
        table = plain(seed=seed) | {"x": x, "y": cut(x, *at)}
        (one,) = found(leaks.leak, table)
        assert (one.columns, one.severity, one.steps) == (("x",), "warning", ())
        assert one.evidence["thresholds"] == pytest.approx(at, abs=0.1 * x.std())
        assert "known beforehand" in one.repair and "made from" in one.why
    prepared = prepare(table, "y")
    assert "x" in " ".join(prepared.feature_names)


def test_numbers_of_trees_planted_by_treatment_are_no_cut():
    """Trees 1 to 60, of which the first half had ozone, each measured ten times."""
    for tree in (np.repeat(np.arange(60), 10), np.tile(np.arange(60), 10)):
        table = plain() | {"tree": tree, "y": cut(tree, 29.5)}
        (one,) = found(leaks.leak, table)
        assert (one.columns, one.severity) == (("tree",), "repair")


def test_a_number_cut_in_two_with_a_few_gaps():
    x = np.random.default_rng(101).normal(size=N)
    table = plain() | {"x": np.where(np.arange(N) % 200 == 7, np.nan, x)}
    (one,) = found(leaks.leak, table | {"y": cut(x, 0.1)})
    assert (one.severity, one.steps) == ("warning", ())
    assert one.evidence["thresholds"] == pytest.approx([0.1], abs=0.1)


@pytest.mark.parametrize("apart", [8.0, 12.0])
def test_two_humps_are_made_of_the_class(apart):
    for seed in range(10):
        rng, table = np.random.default_rng(seed + 100), plain(seed=seed)
        after = apart * (table["y"] == "yes") + rng.normal(size=N)
        (one,) = found(leaks.leak, table | {"after": after})
        assert (one.columns, one.severity) == (("after",), "repair")


@pytest.mark.parametrize("task", ["classes", "values"])
def test_a_good_column_is_no_leak(task):
    assert not found(leaks.leak, plain(task=task))
    table = plain(task="values")
    signal = table["x1"] + 0.3 * RNG.normal(size=N)  # x1 tells 0.98 of it, R2
    table["y"] = signal + 0.5 * table["x2"]
    assert not found(leaks.leak, table)


def test_what_the_target_honestly_depends_on_stays():
    """A price by the weight, a cost by the output: far better than all other columns,
    but no copy."""
    table = plain(task="values")
    table["weight"] = RNG.gamma(3.0, size=N)
    table["y"] = table["weight"] ** 2 * np.exp(0.3 * RNG.normal(size=N))
    (one,) = found(leaks.leak, table)
    assert one.evidence["score"] > 0.9
    assert (one.severity, one.steps) == ("warning", ())


def test_a_target_that_moves_smoothly_in_time_is_no_leak():
    table = plain(task="values")
    days = np.datetime64("2001-01-01") + np.arange(N).astype("timedelta64[D]")
    table |= {"when": days, "y": np.sin(np.arange(N) / 60) + np.arange(N) / 300}
    assert not found(leaks.leak, table)


def test_a_leak_that_hid_behind_contradictions():
    table = plain()
    table["after"] = np.where(table["y"] == "yes", "a", "b")
    rows = np.arange(60)
    table = {k: np.concatenate([v, v[rows]]) for k, v in table.items()}
    table["y"][N:] = np.where(table["y"][rows] == "yes", "no", "yes")
    assert not found(leaks.leak, table)
    report = inspect(table, "y")
    assert [f.columns for f in report.of_kind("leak")] == [("after",)]


def grouped(n_groups=60, seed=0):
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(n_groups), 10)
    columns = {
        f"x{j}": rng.normal(size=n_groups)[group] + 0.3 * rng.normal(size=N)
        for j in range(4)
    }
    columns["y"] = np.where(rng.random(n_groups)[group] < 0.5, "yes", "no")
    order = rng.permutation(N)
    return {k: v[order] for k, v in columns.items()}, rng.permutation(9999)[group][
        order
    ]


@pytest.mark.parametrize("write", [str, int])
def test_groups(write):
    table, group = grouped()
    table["who"] = np.array([write(g) for g in group])
    (one,) = found(groups.split_leak, table)
    assert (one.columns, one.severity) == (("who",), "warning")
    assert not found(leaks.leak, table)


def test_what_the_key_decides_is_no_second_key():
    table, group = grouped()
    table["who"] = group
    table["age"] = 20 + group % 50  # one age for each of them
    assert [f.columns for f in found(groups.split_leak, table)] == [("who",)]


def test_ages_are_no_groups():
    age = RNG.integers(18, 90, N)
    table = plain() | {"age": age, "x0": age + RNG.normal(size=N), "x1": -1.0 * age**2}
    assert not found(groups.split_leak, table)


@pytest.mark.parametrize("drifts_along", [True, False])
def test_time(drifts_along):
    table = plain(task="values")
    table["day"] = np.datetime64("2020-01-01") + RNG.permutation(N)
    if drifts_along:
        table["y"] = table["y"] + (table["day"] - table["day"].min()).astype(int) / 200
    got = [f.columns for f in found(groups.split_leak, table)]
    assert got == ([("day",)] if drifts_along else [])


def test_populations_that_are_alike():
    assert not found(drifts.drift, plain(seed=0), against=plain(seed=1))


def test_populations_that_differ():
    new = plain(n=500, seed=1)
    new["x0"] = new["x0"] + 1
    new["kind"] = np.where(np.arange(500) < 50, "violet", new["kind"])
    del new["x3"]
    got = {
        f.columns[0]: f.evidence["how"]
        for f in found(drifts.drift, plain(), against=new)
    }
    assert got == {"x0": "distribution", "kind": "new levels", "x3": "missing"}


def test_disjoint_populations_are_never():
    new = {k: v + 99 if v.dtype.kind == "f" else v for k, v in plain(seed=1).items()}
    report = inspect(plain(), "y", against=new)
    assert report.verdict == "never"
    assert "in common" in report.reasons[0]


def test_new_words_of_many_rare_ones_are_no_drift():
    rng = np.random.default_rng(0)
    towns = np.array([f"town {i}" for i in range(3000)])
    a, b = (plain(seed=s) | {"town": rng.choice(towns, N)} for s in (1, 2))
    assert not found(drifts.drift, a, against=b)


def test_sizes_that_many_rows_share_are_no_groups():
    """Disks of 80, 107, 120 ... are sold with memories and prices of their kind; the
    number of a shop is a name, though its rows are as alike."""
    rng = np.random.default_rng(4)
    n, kinds = 1500, 40
    size = np.sort(rng.choice(2000, kinds, replace=False))
    of = rng.integers(0, kinds, n)
    memory, price = (np.log(size)[of] + 0.2 * rng.normal(size=n) for _ in range(2))
    bump = 0.6 * rng.normal(size=kinds)[of]  # the kinds differ in more than their size
    table = {"memory": memory + bump, "price": price + bump, "y": rng.normal(size=n)}
    seen = found(groups.split_leak, table | {"disk": size[of]})
    assert not seen
    (one,) = found(groups.split_leak, table | {"shop": rng.permutation(kinds)[of]})
    assert one.columns == ("shop",)
    numbered = np.argsort(np.argsort(size))[of]  # by size, and the rows by number
    rows = np.argsort(of, kind="stable")
    table = {k: v[rows] for k, v in (table | {"shop": numbered}).items()}
    (one,) = found(groups.split_leak, table)
    assert one.columns == ("shop",)


def visits(n_groups=80, seed=5):
    """(group (n,), columns alike in each) of three to nine rows a group, in blocks."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(n_groups), rng.integers(3, 10, n_groups))
    n = len(group)
    table = {
        f"x{j}": rng.normal(size=n_groups)[group] + 0.3 * rng.normal(size=n)
        for j in range(4)
    }
    return group, table | {"y": rng.normal(size=n)}


def keys(table):
    return [f.columns[0] for f in found(groups.split_leak, table)]


@pytest.mark.parametrize("layout", ["blocks", "again and again", "shuffled"])
def test_numbers_that_name_groups(layout):
    group, table = visits()
    nth = np.concatenate([np.arange(k) for k in np.bincount(group)])
    order = {
        "blocks": np.arange(len(group)),
        "again and again": np.lexsort((group, nth)),
        "shuffled": np.random.default_rng(0).permutation(len(group)),
    }[layout]
    table = {k: v[order] for k, v in table.items()}
    assert keys(table | {"who": group[order]}) == ["who"]
    codes = np.random.default_rng(1).permutation(5000)[group] + 10**5
    if layout != "again and again":
        assert keys(table | {"who": codes[order]}) == ["who"]


def test_an_age_that_patients_share_is_no_group():
    """Rows in blocks of a patient, whose number is not in the table: rows of one age
    are alike where they are of one patient, and only there."""
    rng = np.random.default_rng(3)
    group, table = visits()
    for _ in range(5):
        age = rng.integers(20, 60, 80)
        assert keys(table | {"age": age[group]}) == []


def test_a_size_of_many_values_in_one_row_each_is_no_group():
    """Speeds of engines: a few that half of the cars have, many that one car has."""
    rng = np.random.default_rng(6)
    n = 400
    speed = 100 * rng.integers(30, 75, n)
    speed[:240] = rng.choice([4800, 5200, 5500, 6000], 240)
    place = np.unique(speed, return_inverse=True)[1]
    level = rng.normal(size=place.max() + 1)
    table = {f"x{j}": level[place] + 0.4 * rng.normal(size=n) for j in range(3)}
    order = rng.permutation(n)
    speed[order[:30]] = np.arange(8001, 8031)
    table = {k: v[order] for k, v in (table | {"speed": speed}).items()}
    assert keys(table | {"y": rng.normal(size=n)}) == []


@pytest.mark.parametrize("k", [14, 60])
def test_numbers_whose_order_goes_with_a_mean_are_no_groups(k):
    """Years and taxes: the column is alike within them, and rises with them."""
    rng = np.random.default_rng(7)
    of = rng.integers(0, k, 30 * k)
    table = {f"x{j}": rng.normal(size=k)[of] + 0.3 * rng.normal(size=30 * k)
             for j in range(3)}  # fmt: skip
    table |= {"y": rng.normal(size=30 * k), "rate": 80 + of}
    assert keys(table) == ["rate"]  # it may be a name
    table["z"] = of / k + 0.5 * rng.normal(size=30 * k)
    assert keys(table) == []
