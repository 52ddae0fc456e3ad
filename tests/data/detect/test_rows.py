"""Rows: repeated, nearly repeated, contradicting; and the steps that mend them."""

import numpy as np
import pytest
from data.detect.tables import found, look_at, plain, with_rows

from fastnn.data import hashes
from fastnn.data.detect.rows import near_rows, repeats
from fastnn.data.reading import as_table
from fastnn.data.steps import DropConflicts, DropNearRepeats, DropRepeats, DropWithout

RNG = np.random.default_rng(6)


def test_hashes_are_equal_for_equal_rows_alone():
    a = np.array([0.0, -0.0, 1.0, np.nan, np.nan])
    table = as_table(
        {"a": a, "b": ["u", "u", "u", "v", "v"], "c": ["u", "u", "u", "u", "v"]}
    )
    h = table.row_hashes()
    assert h[0] == h[1]
    assert len(set(h.tolist())) == 4
    assert table.row_hashes(["a"])[3] == table.row_hashes(["a"])[4]
    assert hashes.repeats(h).tolist() == [False, True, False, False, False]
    assert hashes.n_pairs(h) == 1


def test_copies_are_a_fault():
    (one,) = found(repeats.duplicate_rows, with_rows(plain(), np.arange(12)))
    assert (one.severity, one.evidence["n"]) == ("repair", 12)
    assert one.costs == {"rows": 12}
    assert one.evidence["rows"][0] == 600
    assert not found(repeats.duplicate_rows, plain())


def test_equal_rows_of_one_rounded_column_and_its_target_are_a_fact():
    """The two depend on each other, so what chance does cannot be told from them."""
    y = RNG.choice(["a", "b"], 120)
    x = ((y == "a") + 0.4 * RNG.normal(size=120)).round(1)
    (one,) = found(repeats.duplicate_rows, {"x": x, "y": y})
    assert one.severity == "note" and one.evidence["n"] > 60


def test_equal_rows_of_coarse_columns_are_a_fact():
    n = 3000
    level = RNG.integers(0, 3, n)  # makes the columns depend on each other
    table = {c: (level + RNG.integers(0, 3, n)).astype(str) for c in "abcd"}
    table["y"] = np.where(RNG.random(n) < 0.2 + 0.2 * level, "yes", "no")
    (rows,) = found(repeats.duplicate_rows, table)
    (labels,) = found(repeats.conflicting_labels, table)
    assert rows.evidence["n"] > 1000
    assert (rows.severity, labels.severity) == ("note", "note")
    assert not rows.steps
    assert not labels.steps


def test_copies_among_coarse_columns_are_a_fault():
    table = with_rows(plain(), np.arange(60))
    table = {k: v for k, v in table.items() if k in ("x0", "x1", "kind", "y")}
    table["x0"], table["x1"] = np.round(table["x0"], 1), np.round(table["x1"], 1)
    (one,) = found(repeats.duplicate_rows, table)
    assert one.severity == "repair"


def of_groups(n_groups, rows_each, n_columns, seed=0):
    """Columns that are the same in all rows of a group."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(n_groups), rows_each)
    return {f"g{j}": rng.normal(size=n_groups)[group] for j in range(n_columns)}


def test_equal_answers_of_one_group_are_no_copies():
    """All columns but the answers are of the group: 5 rows of 20 answer alike."""
    table = of_groups(60, 20, 3) | {"y": RNG.integers(0, 4, 1200).astype(str)}
    (one,) = found(repeats.duplicate_rows, table)
    assert one.severity == "note"
    table = of_groups(60, 1, 3) | {"y": RNG.integers(0, 4, 60).astype(str)}
    (one,) = found(repeats.duplicate_rows, with_rows(table, np.arange(12)))
    assert one.severity == "repair"


def contradicting(n):
    table = with_rows(plain(), np.arange(n))
    table["y"][600:] = np.where(table["y"][:n] == "yes", "no", "yes")
    return table


def test_conflicts_and_their_floor():
    table = contradicting(30)
    (one,) = found(repeats.conflicting_labels, table)
    assert (one.severity, one.evidence["n"]) == ("repair", 60)
    assert one.evidence["floor"] == pytest.approx(30 / 630)
    mended = DropConflicts("y").apply(as_table(table))
    assert mended.n_rows == 570
    assert not list(repeats.conflicting_labels(look_at(table).mended(one.steps)))


def test_conflicts_everywhere_are_a_blocker():
    (one,) = found(repeats.conflicting_labels, contradicting(600))
    assert one.severity == "blocker"
    assert one.evidence["floor"] == pytest.approx(0.5)


def test_equal_rows_of_values_nearly_equal_do_not_contradict():
    """One place measured twice: what the two values differ by is noise."""
    table = of_groups(150, 2, 4)
    table["y"] = table["g0"] - table["g1"] + 0.4 * RNG.normal(size=300)
    (one,) = found(repeats.conflicting_labels, table)
    assert (one.severity, one.steps) == ("note", ())
    table["y"] = RNG.permutation(table["y"])
    (one,) = found(repeats.conflicting_labels, table)
    assert one.severity != "note"


def test_coarse_columns_that_tell_little_are_no_contradiction():
    """A dozen answers that stand for 40 kinds of people: equal rows stand in groups,
    and no group is of one class."""
    kind = RNG.integers(0, 40, 600)
    table = {f"q{j}": (kind >> (j % 6)) & 1 for j in range(12)}
    table["y"] = RNG.choice(["a", "b", "c"], 600, p=[0.75, 0.15, 0.1])
    (one,) = found(repeats.conflicting_labels, table)
    assert one.severity == "note"


def test_rows_of_groups_whose_classes_mostly_agree_do_not_contradict():
    table = of_groups(100, 6, 3)
    share = np.where(table["g0"] > 0, 0.85, 0.15)
    table["y"] = np.where(RNG.random(600) < share, "yes", "no")
    (one,) = found(repeats.conflicting_labels, table)
    assert (one.severity, one.steps) == ("note", ())


def test_floor_of_values_is_the_variance_within_equal_rows():
    columns = {"a": [1.0, 1, 2, 2], "y": [0.0, 2, 5.5, 5.5]}
    floor, baseline = repeats.floor_and_baseline(look_at(columns))
    y = np.array(columns["y"])
    assert floor == pytest.approx(2 / ((y - y.mean()) ** 2).sum())
    assert baseline == 1


@pytest.mark.parametrize("size", [1e-9, 1e-5, 1e-3])
def test_near_copies_by_noise(size):
    table = with_rows(plain(), np.arange(20))
    for j in range(4):
        table[f"x{j}"][600:] += size * RNG.normal(size=20)
    (one,) = found(near_rows.near_duplicate_rows, table)
    assert one.evidence["n"] == 20
    assert one.evidence["rows"] == list(range(600, 610))
    assert one.steps[0].apply(as_table(table)).n_rows == 600


def test_near_copies_but_for_one_cell():
    table = with_rows(plain(), np.arange(20))
    table["x3"][600:] = RNG.normal(50, 1, 20)
    (one,) = found(near_rows.near_duplicate_rows, table)
    assert one.evidence["how"] == "but for one cell"
    assert one.evidence["n"] == 20
    assert one.steps[0].apply(as_table(table)).n_rows == 600


@pytest.mark.parametrize("rows_each", [2, 5])
def test_a_patient_measured_again_is_no_copy(rows_each):
    """All columns are of the patient but for the visit, or for what was measured."""
    table = of_groups(80, rows_each, 4)
    n = 80 * rows_each
    table |= {"visit": np.tile(np.arange(rows_each), 80), "y": RNG.normal(size=n)}
    assert not found(near_rows.near_duplicate_rows, table)
    table["visit"] = np.round(RNG.normal(size=n), 1)
    assert not found(near_rows.near_duplicate_rows, table)


def test_pupils_of_classes_are_no_copies():
    table = of_groups(60, 20, 3) | {
        "score": RNG.integers(0, 12, 1200), "y": RNG.normal(size=1200)
    }  # fmt: skip
    assert not found(near_rows.near_duplicate_rows, table)


@pytest.mark.parametrize("digits", [0, 1, 2, 9])
@pytest.mark.parametrize("seed", range(3))
def test_rows_that_are_near_by_chance(digits, seed):
    table = plain(n=1500, seed=seed)
    for j in range(4):
        table[f"x{j}"] = np.round(table[f"x{j}"], digits)
    assert not found(near_rows.near_duplicate_rows, table)


def test_steps_leave_alone_what_they_do_not_find():
    table = as_table(plain())
    for step in (DropRepeats(), DropWithout("none"), DropConflicts("none"),
                 DropNearRepeats(("none",))):  # fmt: skip
        assert step.apply(table) is table


def test_rows_without_a_target_go():
    table = plain(task="values")
    table["y"][:7] = np.nan
    assert DropWithout("y").apply(as_table(table)).n_rows == 593


def test_a_slip_in_any_column():
    """Copies that differ in a cell each, in columns of all kinds: pairs that are equal
    but for one column are slips too, and say nothing of chance."""
    for seed in range(10):
        rng, table = np.random.default_rng(seed), plain(seed=seed)
        table["visits"] = rng.poisson(4, 600)
        table["flag"] = rng.random(600) < 0.4
        rows = rng.choice(600, 25, replace=False)
        spoilt = with_rows(table, rows)
        for i in range(600, 625):
            column = spoilt[str(rng.choice([c for c in table if c != "y"]))]
            column[i] = rng.choice(column[column != column[i]])
        (one,) = found(near_rows.near_duplicate_rows, spoilt)
        assert one.evidence["how"] == "but for one cell" and one.evidence["n"] >= 24
        assert not found(near_rows.near_duplicate_rows, table)
