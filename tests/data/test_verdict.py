"""The verdict `never` with each of its reasons, and what can be learned at best."""

import numpy as np
import pytest

from fastnn.data import inspect

N = 800
RNG = np.random.default_rng(5)
X = {f"x{j}": RNG.normal(size=N).round(4) for j in range(5)}
Y = np.where(X["x0"] + X["x1"] + RNG.normal(size=N) / 2 > 0, "a", "b")
COARSE = {f"c{j}": RNG.integers(0, 4, N) for j in range(3)}


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (X | {"y": [None] * N}, "no value in any row"),
        (X | {"y": ["a"] * N}, "the target is 'a' in every row"),
        (X | {"y": RNG.choice(["a", "b"], N)}, "no better than shuffled targets"),
        (X | {"y": RNG.normal(size=N)}, "no better than shuffled targets"),
        ({k: v[:7] for k, v in X.items()} | {"y": Y[:7]}, "7 rows for 5 columns"),
        (X | {"y": [f"c{i}" for i in range(N)]}, "800 classes in 800 rows"),
        (X | {"y": [f"c{i // 2}" for i in range(N)]}, "400 classes in 800 rows"),
        ({"y": Y}, "no column is left"),
        ({"k": [1] * N, "y": Y}, "k (constant)"),
        ({"k": [f"id{i}" for i in range(N)], "y": Y}, "k (identifier)"),
    ],
)  # fmt: skip
def test_never_says_what_is_missing(table, reason):
    report = inspect(table, "y")
    assert report.verdict == "never"
    assert any(reason in said[0].lower() + said[1:] for said in report.reasons)


def test_contradictions_above_what_one_needs():
    twice = {name: values[: N // 2].repeat(2) for name, values in X.items()}
    report = inspect(twice | {"y": np.tile(["a", "b"], N // 2)}, "y")
    assert report.verdict == "never"
    assert "conflicting_labels" in [f.kind for f in report.of("blocker")]
    assert "above 0.500" in report.reasons[0]


@pytest.mark.parametrize(
    "other", [{k: v + 100 for k, v in X.items()}, {f"new {k}": v for k, v in X.items()}]
)
def test_rows_to_use_that_have_nothing_in_common(other):
    report = inspect(X | {"y": Y}, "y", against=other)
    assert report.verdict == "never"
    assert [f.kind for f in report.of("blocker")] == ["drift"]


def test_a_lack_of_signal_is_no_verdict_while_a_column_is_set_aside():
    """The column that tells everything may be known before the target is."""
    flipped = RNG.random(N) < 0.02
    y = np.where((COARSE["c0"] > 1) ^ flipped, "a", "b")
    assert inspect(COARSE | {"y": y}, "y").verdict != "never"


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_the_floor_of_coarse_columns_is_the_share_of_wrong_labels(share):
    y = np.where((COARSE["c0"] > 1) ^ (RNG.random(N) < share), "a", "b")
    ceiling = inspect(COARSE | {"y": y}, "y").ceiling
    assert ceiling["floor"] == pytest.approx(share, abs=0.035)  # 3 standard errors
    assert 0.5 <= ceiling["baseline"] < 0.56
    low, high = ceiling["band"]
    assert ceiling["baseline"] < low <= high <= 1 - ceiling["floor"] + 0.01


def test_the_floor_counts_the_contradictions_that_a_repair_leaves_out():
    n = N // 10
    table = {k: np.r_[v, v[:n]] for k, v in X.items()}
    y = np.r_[Y, np.where(Y[:n] == "a", "b", "a")]
    report = inspect(table | {"y": y}, "y")
    assert report.of_kind("conflicting_labels")[0].costs == {"rows": 2 * n}
    assert report.ceiling["floor"] == pytest.approx(n / (N + n), abs=1e-5)
