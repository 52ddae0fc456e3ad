"""The generator of tables with defects: what it says it planted is there."""

import numpy as np
import pytest

pandas = pytest.importorskip("pandas")

from data.planted import KINDS, as_csv, clean, planted  # noqa: E402

from fastnn.data import finding  # noqa: E402


def test_every_kind_is_planted_and_no_other():
    assert set(KINDS) == set(finding.KINDS)
    found = {kind for seed in range(33) for kind, _, _ in planted(seed).truth}
    assert found == set(KINDS)


@pytest.mark.parametrize("seed", range(8))
def test_one_seed_one_table(seed):
    one, other = planted(seed), planted(seed)
    pandas.testing.assert_frame_equal(one.table, other.table)
    assert one.truth == other.truth
    assert not planted(seed + 33).table.equals(one.table)


@pytest.mark.parametrize("seed", range(66))
def test_a_defect_touches_a_percent_of_the_rows_and_five(seed):
    """Sown before a third of the rows is set aside, where there is drift."""
    table = planted(seed)
    for kind, columns, detail in table.truth:
        assert set(columns) <= set(table.table.columns)
        written_alike = kind == "mixed_dates" and len(detail["formats"]) == 1
        if "n" in detail and not written_alike and kind != "too_few_per_class":
            aside = 0 if table.against is None else len(table.against)
            n_rows = len(table.table) + aside
            # copies are a share of the rows that were there before them
            assert detail["n"] >= max(5, 0.0065 * n_rows), kind


@pytest.mark.parametrize("seed", range(40))
def test_clean_tables_are_clean(seed):
    table, target, truth, draft, _ = clean(seed)
    assert truth == []
    assert 300 * 0.5 <= len(table) <= 5000
    assert 4 < table.shape[1] <= 41
    assert table.notna().all().all()
    assert not table.duplicated().any()
    for name in table.columns.drop(target):
        counts = table[name].value_counts(normalize=True)
        assert counts.iloc[0] < 0.95
        if draft.roles[name] == "category":
            assert counts.iloc[-1] > 0.02
    if draft.task == "classes":
        assert table[target].value_counts(normalize=True).iloc[-1] > 0.1


def test_several_columns_tell_something_of_the_target():
    """Linear regression on numbers and dummies explains a third of it or more."""
    for seed in range(12):
        table, target, *_ = clean(seed)
        y = table[target]
        y = y.astype("category").cat.codes if y.dtype.kind not in "f" else y
        features = table.drop(columns=target).select_dtypes(exclude="datetime")
        X = pandas.get_dummies(features, dtype=float).to_numpy(float)
        X = np.c_[(X - X.mean(0)) / X.std(0), np.ones(len(X))]
        rest = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
        explained = 1 - np.var(rest) / np.var(y)
        # classes have codes in any order, so a line tells less of them
        assert explained > (0.4 if table[target].dtype.kind == "f" else 0.02), seed


def test_missing_cells_and_copies_are_where_the_truth_says():
    table = planted(0, ["missing"])
    kind, (column,), detail = table.truth[0]
    assert kind == "missing"
    assert table.table[column].isna().sum() == detail["n"]
    copies = planted(1, ["duplicate_rows"])
    assert copies.table.duplicated().sum() == copies.truth[0][2]["n"]
    conflicts = planted(2, ["conflicting_labels"])
    features = conflicts.table.columns.drop(conflicts.target)
    assert conflicts.table.duplicated(features).sum() == conflicts.truth[0][2]["n"]
    assert not conflicts.table.duplicated().any()


def test_a_file_holds_the_same_table(tmp_path):
    for seed, separator in ((0, ","), (1, ";"), (2, "\t")):
        table = planted(33 + seed, ["scale_gap"]).table
        path = as_csv(table, tmp_path / "t.csv", seed)
        again = pandas.read_csv(path, sep=separator, encoding="utf-8-sig")
        assert list(again.columns) == list(table.columns)
        assert len(again) == len(table)
