"""What looks like a defect and is none, and defects that look like something else."""

import numpy as np
import pytest
from data.detect.tables import found, plain, with_rows

from fastnn.data import inspect
from fastnn.data.detect.cells import distributions, gaps, impossible, writing
from fastnn.data.detect.rows import drifts, groups, near_rows
from fastnn.data.detect.target import leaks, targets

N = 600


def test_the_ends_of_a_coarse_hump_are_no_outliers():
    rng = np.random.default_rng(0)
    for _ in range(20):
        petals = np.clip(np.round(rng.normal(6, 1.5, 4000)), 3, 12)
        assert not found(distributions.outliers, {"petals": petals}, None)


@pytest.mark.parametrize("slope", [1.3, 2.5])
def test_a_power_law_is_a_skew_and_no_outliers(slope):
    rng = np.random.default_rng(1)
    for _ in range(10):
        table = {"wealth": 5 * (1 + rng.pareto(slope, 2000))}
        far = found(distributions.outliers, table, None)
        assert not [f for f in far if f.severity != "note"]
        assert found(distributions.skew, table, None)


@pytest.mark.parametrize("n", [150, 250])
def test_outliers_of_a_small_table(n):
    rng, n_found = np.random.default_rng(9), 0
    for i in range(20):
        x = np.exp(0.4 * rng.normal(size=n)) if i % 2 else rng.normal(size=n)
        x[:6] = np.median(x) + 20 * x.std() * rng.uniform(1, 2.5, 6)
        far = found(distributions.outliers, {"x": x}, None)
        n_found += any(f.severity == "warning" for f in far)
        heavy = {"x": rng.standard_t(2, n)}
        assert not found(distributions.outliers, heavy, None)
    assert n_found >= 18


@pytest.mark.parametrize("factor", [1000.0, 0.001, 100.0])
@pytest.mark.parametrize("part", [0.1, 0.4])
def test_wide_columns_in_two_units(factor, part):
    x = np.random.default_rng(10).uniform(0.05, 0.75, N)
    x[: int(part * N)] *= factor
    (one,) = found(impossible.unwritten_units, {"debt": x}, None)
    assert abs(np.log(one.evidence["factor"] / factor)) in (
        pytest.approx(0, abs=1e-6),
        pytest.approx(2 * abs(np.log(factor)), rel=1e-6),
    )


def test_shares_above_all():
    x = np.random.default_rng(11).beta(1.5, 1.8, N)
    x[:12] = np.linspace(1.1, 2.2, 12)
    (one,) = found(impossible.impossible_values, {"p": x}, None)
    assert one.evidence["high"] == 1.0
    x = np.random.default_rng(12).normal(70, 14, 4000)  # a tail that crosses 100
    assert not found(impossible.impossible_values, {"p": x}, None)


def test_births_that_are_yet_to_come():
    rng = np.random.default_rng(2)
    born = np.datetime64("1945-01-01") + rng.integers(0, 20_000, N)
    born[:9] = np.datetime64("2061-01-01") + rng.integers(0, 9000, 9)
    (one,) = found(impossible.impossible_values, {"x": born}, None)
    assert one.evidence["n"] == 9


def test_a_target_that_moves_by_chance():
    rng, n_found = np.random.default_rng(14), 0
    day = np.datetime64("2020-01-01") + np.arange(50)
    for _ in range(300):
        n_found += len(found(groups.split_leak, {"day": day, "y": rng.normal(size=50)}))
    assert n_found == 0
    y = np.arange(50) / 8 + rng.normal(size=50)
    assert found(groups.split_leak, {"day": day, "y": y})


def test_days_that_run_on_through_today_are_possible():
    rng = np.random.default_rng(3)
    due = np.datetime64("today") + rng.integers(-4000, 400, N)
    due[:5] = np.datetime64("today") + 4000
    assert not found(impossible.impossible_values, {"due": due}, None)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (lambda i: f"{i}.50 ct", "number_as_text"),
        (lambda i: f"{i} U/l", "number_as_text"),
        (lambda i: f"ca. {i}.5" if i % 3 else f"{i}.5", "number_as_text"),
        (lambda i: f"{i} Stück" if i % 3 else f"{i}", "number_as_text"),
        (lambda i: f"'{i}.25" if i % 4 else f"{i}.75", "number_as_text"),
        (lambda i: f"{i} €" if i % 5 else f"{100 * i} ct", "mixed_units"),
    ],
)
def test_numbers_with_a_sign_of_their_own(words, kind):
    cells = np.array([words(i) for i in range(20, 320)], object)
    (one,) = found(writing.numbers_in_text, {"x": cells}, None)
    assert (one.kind, one.severity) == (kind, "repair")


def test_cents_become_euros():
    cells = np.array([f"{i} €" if i % 5 else f"{100 * i} ct" for i in range(20, 320)])
    (one,) = found(writing.numbers_in_text, {"x": cells}, None)
    values = one.steps[0].apply(inspect({"x": cells}).table)["x"].values
    assert np.array_equal(values, np.arange(20.0, 320.0))


def test_house_numbers_are_no_numbers():
    rng = np.random.default_rng(4)
    doors = [f"{n}{door}" for n in range(1, 40) for door in "abcd"]
    cells = rng.choice(doors, 300).astype(object)
    assert not found(writing.numbers_in_text, {"x": cells}, None)


@pytest.mark.parametrize("pair", [("ano", "ne"), ("EVET", "HAYIR"), ("tak", "nie")])
def test_yes_and_no_of_small_words(pair):
    cells = np.random.default_rng(13).choice(np.array(pair, object), N)
    (one,) = found(writing.boolean_as_text, {"x": cells}, None)
    assert one.severity == "note"


def test_a_no_beside_a_yes_is_an_answer():
    words = np.array(["да", "Да", "нет", "Нет"], object)
    cells = np.random.default_rng(8).choice(words, N, p=[0.7, 0.05, 0.2, 0.05])
    assert not found(gaps.disguised_missing, {"x": cells}, None)
    (one,) = found(writing.boolean_as_text, {"x": cells}, None)
    assert one.severity == "repair"


def test_classes_named_by_digits_stay_classes():
    table = plain(n=N)
    table["y"] = np.where(table["y"] == "yes", "1", "0").astype(object)
    assert inspect(table, target="y").verdict == "ready"
    table["y"][:12] = "other"  # a reading as numbers would lose these rows
    report = inspect(table, target="y")
    assert not report.of_kind("target_missing")
    assert report.mended.y.n_distinct == 3


def test_classes_with_a_decimal_comma_are_no_intervals():
    words = np.array(["0,0", "1,0", "2,0"], object)
    y = np.random.default_rng(15).choice(words, N)
    assert not [
        f
        for f in found(targets.target_type, {"x": np.arange(N), "y": y})
        if f.severity != "note"
    ]


@pytest.mark.parametrize("part", [0.1, 0.4, 1.0])
def test_gaps_in_the_rows_to_use(part):
    table, use = plain(n=N), plain(n=N, seed=1)
    use["x2"] = use["x2"].copy()
    use["x2"][: int(part * N)] = np.nan
    (one,) = found(drifts.drift, table, against=use)
    assert (one.columns, one.evidence["how"]) == (("x2",), "gaps")
    assert not found(drifts.drift, use, against=dict(use))


def test_a_finer_code_of_the_class_is_a_leak():
    table, rng = plain(n=N), np.random.default_rng(5)
    fine = rng.integers(0, 5, N)
    table["code"] = np.array(
        [f"{a}{b}" for a, b in zip(table["y"], fine, strict=True)], object
    )
    (one,) = found(leaks.leak, table)
    assert one.columns == ("code",)
    table["code"][table["code"] == "yes0"] = "no0"  # one code is of both: no leak
    assert not found(leaks.leak, table)


def test_copies_with_noise_in_coarse_numbers():
    table = plain(n=200)
    for name in ("x0", "x1", "x2", "x3"):
        table[name] = np.round(10 * table[name])
    table["many"] = np.round(np.random.default_rng(6).normal(20, 3, 200))
    twice = with_rows(table, np.arange(20))
    rng = np.random.default_rng(7)
    for name in ("x0", "x1", "x2", "x3", "many"):
        twice[name][200:] += 1e-3 * table[name].std() * rng.normal(size=20)
    (one,) = found(near_rows.near_duplicate_rows, twice)
    assert one.evidence["n"] >= 19
