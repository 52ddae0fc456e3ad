"""The target: there, of the right type, and in enough rows of each class."""

import numpy as np
import pytest
from data.detect.tables import found, look_at, plain

from fastnn.data import inspect, prepare
from fastnn.data.detect.look import task_of
from fastnn.data.detect.rows import sizes
from fastnn.data.detect.target import signal, targets
from fastnn.data.reading import as_table

RNG = np.random.default_rng(7)


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["a", "b"] * 10, "classes"),
        ([True, False] * 10, "classes"),
        ([0.0, 1.0] * 10, "classes"),
        (list(range(10)) * 2, "classes"),
        (list(range(21)) * 9, "values"),
        (list(range(11)), "values"),
        ([0.5, 1.5] * 10, "values"),
    ],
)
def test_the_task_is_that_of_the_command(values, task):
    assert task_of(as_table({"y": values})["y"]) == task


def test_missing_targets():
    table = plain(task="values")
    table["y"][:6] = np.nan
    (one,) = found(targets.target_missing, table)
    assert (one.severity, one.costs) == ("repair", {"rows": 6})
    table["y"][:] = np.nan
    (one,) = found(targets.target_missing, table)
    assert one.severity == "blocker"


def test_values_as_text_become_numbers():
    table = plain(task="values")
    table["y"] = np.array([f"{v:.3f}" for v in table["y"]])
    look = look_at(table)
    (one,) = targets.target_type(look)
    assert one.severity == "repair"
    assert look.task == "classes"
    assert look.mended(one.steps).task == "values"


@pytest.mark.parametrize(
    ("words", "severity"),
    [
        (["0-10", "10-20", "20-30"], "warning"),
        (["1.5e+03 to 2e+04", "-2 to 1.5e+03", "over 3"], "warning"),
        (["low", "medium", "high"], "note"),
        (["grade 1", "grade 2", "grade 3"], "note"),
        (["red", "green", "blue"], None),
        (["A1", "B7", "C2"], None),
    ],
)
def test_classes_with_an_order(words, severity):
    table = plain() | {"y": RNG.choice(words, 600)}
    got = [f.severity for f in found(targets.target_type, table)]
    assert got == ([] if severity is None else [severity])


def test_sizes_of_classes():
    rare = np.where(np.arange(600) < 4, "c", plain()["y"])
    (one,) = found(sizes.too_few_per_class, plain() | {"y": rare})
    assert (one.severity, one.evidence["smallest"]) == ("warning", 4)
    assert not found(sizes.imbalance, plain() | {"y": rare})
    small = np.where(np.arange(600) < 30, "c", "d")
    (one,) = found(sizes.imbalance, plain() | {"y": small})
    assert one.evidence["ratio"] == 19
    assert not found(sizes.imbalance, plain())


@pytest.mark.parametrize(
    ("n", "d", "severity"),
    [(8, 2, "blocker"), (15, 40, "blocker"), (100, 40, "warning"), (200, 4, None)],
)
def test_too_few_rows(n, d, severity):
    columns = {f"x{j}": RNG.normal(size=n) for j in range(d)} | {"y": np.arange(n) % 2}
    got = [f.severity for f in found(sizes.too_few_rows, columns)]
    assert got == ([] if severity is None else [severity])


def test_one_class_is_never():
    report = inspect(plain() | {"y": np.full(600, "yes")}, "y")
    assert report.verdict == "never"
    assert "yes" in report.reasons[0]


def test_a_target_for_each_row_is_never():
    report = inspect(plain() | {"y": [f"name {i}" for i in range(600)]}, "y")
    assert report.verdict == "never"


@pytest.mark.slow
@pytest.mark.parametrize("task", ["classes", "values"])
def test_shuffled_targets_have_no_signal(task):
    flags = []
    for seed in range(10):
        table = plain(task=task, seed=seed)
        assert not found(signal.no_signal, table)
        table["y"] = np.random.default_rng(seed).permutation(table["y"])
        flags += [f.severity for f in found(signal.no_signal, table)]
    assert set(flags) == {"blocker"}
    assert len(flags) >= 9  # each is missed with a chance of 2 %


def test_what_two_columns_tell_only_together_is_a_signal():
    table = plain()
    a, b = table["x0"], table["x1"] - 3
    table["y"] = np.where(a * b > 0, "yes", "no")
    assert not found(signal.no_signal, table)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (RNG.poisson(1.5, 900), True),
        (RNG.poisson(7.0, 900).clip(1, 14), True),
        (RNG.integers(0, 10, 900), False),
        (RNG.choice(8, 900, p=np.array([9, 2, 7, 1, 9, 1, 5, 2]) / 36), False),
    ],
    ids=["visits", "goals", "digits", "codes"],
)
def test_counts_and_other_small_numbers(values, told):
    seen = found(targets.target_type, {"x": RNG.normal(size=900), "y": values})
    assert [f.severity for f in seen] == ["note"] * told


def visits(n, mean, seed, shape=None):
    """Poisson's counts; with a shape, of people who differ in their mean (Gamma)."""
    rng = np.random.default_rng(seed)
    means = mean if shape is None else rng.gamma(shape, mean / shape, n)
    return rng.poisson(means, n)


@pytest.mark.parametrize("mean", [1.0, 2.5, 6.0, 8.0])
@pytest.mark.parametrize(("n", "least"), [(150, 0.85), (600, 0.95), (5000, 1.0)])
def test_counts_are_values(mean, n, least):
    taken = []
    for seed in range(40):
        for y in (visits(n, mean, seed), 1 + visits(n, mean, seed)):
            if 6 <= len(np.unique(y)) <= 20:
                taken.append(task_of(as_table({"y": y})["y"]))
    assert len(taken) and taken.count("values") >= least * len(taken)


def test_counts_of_people_who_differ_are_values_too():
    for seed in range(20):
        assert task_of(as_table({"y": visits(800, 1.2, seed, 2.0)})["y"]) == "values"


def scales():
    """What looks like counts and is none: classes, marks, ratings, sizes of shoes."""
    rng = np.random.default_rng(12)
    return [
        rng.integers(0, 10, 900),
        rng.integers(0, 8, 70),
        rng.permutation(10)[visits(900, 2.0, 1).clip(0, 9)],  # classes in any order
        1 + rng.binomial(6, 0.5, 900),  # a scale from 1 to 7
        np.clip(np.round(rng.normal(5.6, 0.8, 900)), 3, 8),  # wines
        40 + visits(900, 3.0, 2),
        visits(900, 3.0, 2).clip(0, 5),  # 5 or more
        10 * visits(900, 2.0, 3),
    ]


@pytest.mark.parametrize("values", scales())
def test_classes_are_no_counts(values):
    assert task_of(as_table({"y": values})["y"]) == "classes"


def test_what_the_user_says_of_counts_wins():
    y = visits(600, 2.0, 0)
    table = {"x": RNG.normal(size=600), "z": RNG.normal(size=600), "y": y}
    table["x"] = table["x"] + y
    report = inspect(table, "y")
    assert report.task == "values"
    (one,) = report.of_kind("target_type")
    assert one.severity == "note" and "task='classes'" in one.repair
    assert inspect(table, "y", task="classes").task == "classes"
    assert prepare(table, "y").classes is None
    assert prepare(table, "y", task="classes").classes is not None


def test_a_rhythm_of_the_day_is_a_signal():
    """Visits by the hour: the date tells nothing in a straight line."""
    hours = np.arange(1200)
    when = np.datetime64("2021-03-01") + hours.astype("timedelta64[h]")
    y = RNG.poisson(20 + 15 * np.sin(2 * np.pi * hours / 24)).astype(float)
    assert not found(signal.no_signal, {"when": when, "y": y})
    table = {"when": when, "y": RNG.permutation(y)}
    assert [f.severity for f in found(signal.no_signal, table)] == ["blocker"]


def test_what_is_barely_beyond_chance_is_no_blocker():
    seen = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        table = {f"x{j}": rng.normal(size=500) for j in range(12)}
        weak = rng.random(500) < 0.6 + 0.09 * np.clip(table["x0"], -2, 2)
        table["y"] = np.where(weak, "yes", "no")
        for one in found(signal.no_signal, table):
            seen.append((one.severity, one.evidence["p"] > 0.02))
    assert ("warning", False) in seen
    assert not [s for s in seen if s == ("blocker", False)]


def test_few_rows_are_no_blocker():
    table = {k: v[:60] for k, v in plain().items()}
    table["y"] = RNG.permutation(table["y"])
    assert {f.severity for f in found(signal.no_signal, table)} <= {"warning", "note"}


def test_the_ceiling():
    report = inspect(plain(), "y")
    ceiling = report.ceiling
    assert report.verdict == "ready"
    assert (ceiling["measure"], ceiling["floor"], ceiling["baseline"]) == (
        "accuracy",
        0,
        0.5,
    )
    low, high = ceiling["band"]
    assert 0.7 < low <= high < 1
    values = inspect(plain(task="values"), "y").ceiling
    assert (values["measure"], values["baseline"]) == ("R2", 0)
    assert 0.3 < values["band"][1] < 1
