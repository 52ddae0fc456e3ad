"""What skrub's TableReport and cleanlab's Datalab surface of planted defects.

    python bench/versus/data_by_peers.py SEEDS OUT.json    (bench/data_peers.py runs it)

It needs NumPy, pandas and the peer, and none of fastnn. A defect counts as told when a
field of the report says it (as generously as one can read it), as shown when its values
are among those that are displayed, for a reader to notice.
"""

import contextlib
import io
import json
import sys
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from data.planted import KINDS, planted

STRONG = 0.9  # an association from here on tells of copies, sums and leaks


def by_skrub(table, target, truth):
    """("told" | "shown" | "", findings): of the defect in a TableReport."""
    from skrub import TableReport

    report = json.loads(TableReport(table, verbose=0).json())
    kind, columns, detail = truth
    of_name = {c["name"]: c for c in report["columns"]}
    mine = [of_name[c] for c in columns if c in of_name]
    pairs = report.get("top_associations", ())  # none from 31 columns on

    def strong(pair):
        values = [pair["cramer_v"], pair["pearson_corr"]]
        return max(abs(v) for v in values if v == v) >= STRONG

    related = any(
        {p["left_column_name"], p["right_column_name"]} & set(columns) and strong(p)
        for p in pairs if p["cramer_v"] == p["cramer_v"]
    )  # fmt: skip
    told = {
        "missing": any(c["null_count"] > 0 for c in mine),
        "informative_missing": False,  # it counts them, and does not relate them
        "target_missing": any(c["null_count"] > 0 for c in mine),
        "constant": any(c["value_is_constant"] for c in mine),
        "duplicate_column": related,
        "collinear": related,
        "leak": related,
        "identifier": any(c["n_unique"] == len(table) for c in mine),
        "high_cardinality": any(c["is_high_cardinality"] for c in mine),
        "free_text": any(c["is_high_cardinality"] for c in mine),
        "outliers": any(n_outliers(c) for c in mine),
    }
    if told.get(kind):
        return "told"
    return "shown" if is_shown(kind, mine, detail) else ""


def n_outliers(column):
    counts = column.get("histogram_data") or {}
    return counts.get("n_low_outliers", 0) + counts.get("n_high_outliers", 0)


def is_shown(kind, columns, detail):
    """Whether the ten most frequent values, or the quantiles, display it."""
    if kind in ("imbalance", "near_constant", "boolean_as_text", "too_few_per_class"):
        return any("value_counts" in c for c in columns)
    shown = {str(v) for c in columns for v, _ in c.get("value_counts", ())}
    ends = {v for c in columns for v in (c.get("quantiles") or {}).values()}
    if kind == "disguised_missing":
        return str(detail["mark"]) in shown or detail["mark"] in ends
    if kind == "category_variants":
        return bool(shown & set(detail["examples"]))
    if kind == "encoding":
        return any("Ã" in v or "Å" in v for v in shown)
    if kind in ("number_as_text", "mixed_dates", "mixed_units"):
        return bool(shown)  # a few of the texts can be read
    if kind == "impossible_values":
        return bool(ends)
    return kind in ("skew", "scale_gap") and bool(ends)


def by_cleanlab(table, target, truth):
    """The same of a Datalab, which is given numbers and out-of-fold predictions."""
    from cleanlab import Datalab

    kind, _, detail = truth
    table = table.dropna(subset=[target]).reset_index(drop=True)
    features, y = numbers_of(table.drop(columns=target)), table[target]
    values = y.dtype.kind == "f" or y.nunique() > 40
    labels = y.to_numpy(float) if values else y.astype(str).to_numpy()
    with contextlib.redirect_stdout(io.StringIO()):
        task = "regression" if values else "classification"
        lab = Datalab({"y": labels.tolist()}, task, label_name="y", verbosity=0)
        lab.find_issues(**guesses(features, labels, values))
        found = lab.get_issue_summary().set_index("issue_type")["num_issues"].to_dict()
    n = detail.get("n", 1)
    told = {
        "missing": nulls(lab), "informative_missing": False,
        "outliers": found.get("outlier", 0) >= n / 2,
        "duplicate_rows": found.get("near_duplicate", 0) >= n,
        "near_duplicate_rows": found.get("near_duplicate", 0) >= n,
        "conflicting_labels": found.get("label", 0) >= n / 2,
        "imbalance": found.get("class_imbalance", 0) > 0,
        "too_few_per_class": found.get("class_imbalance", 0) > 0,
        "split_leak": found.get("non_iid", 0) > 0,
        "target_missing": True,  # it refuses them, so they were left out here
    }  # fmt: skip
    return "told" if told.get(kind) else ""


def nulls(lab):
    """Whether it names a column with missing cells."""
    return max(lab.get_info("null")["column_impact"], default=0) > 0


def numbers_of(features):
    """(n, p) float64 with NaN: numbers as they are, up to 40 levels as dummies."""
    import pandas

    kept = {}
    for name in features:
        column = features[name]
        if column.dtype.kind in "iufb":
            kept[name] = column.astype(float)
        elif column.dtype.kind == "M":
            kept[name] = column.astype("int64").where(column.notna()).astype(float)
        elif column.nunique() <= 40:
            dummies = pandas.get_dummies(column.astype(str), prefix=name, dtype=float)
            kept |= {str(c): dummies[c] for c in dummies}
    X = np.array([np.asarray(v, float) for v in kept.values()]).T
    spread = np.nanstd(X, 0)
    return (X - np.nanmean(X, 0)) / np.where(spread > 0, spread, 1)


def guesses(X, labels, values):
    """features and out-of-fold predictions, by logistic or by ridge regression."""
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.model_selection import KFold, cross_val_predict

    filled, folds = np.nan_to_num(X), KFold(3, shuffle=True, random_state=0)
    if values:
        guess = cross_val_predict(Ridge(), filled, labels, cv=folds)
        return {"features": X, "pred_probs": guess}
    names, codes = np.unique(labels, return_inverse=True)
    probs = np.full((len(codes), len(names)), 1 / len(names))
    for train, test in folds.split(filled):
        model = LogisticRegression(max_iter=300).fit(filled[train], codes[train])
        probs[np.ix_(test, model.classes_)] = model.predict_proba(filled[test])
    return {"features": X, "pred_probs": probs / probs.sum(1, keepdims=True)}


PEERS = {"skrub": by_skrub, "cleanlab": by_cleanlab}


def main(seeds, out):
    import importlib.util
    from importlib.metadata import version

    warnings.simplefilter("ignore")
    results = {}
    for name, look in PEERS.items():
        if importlib.util.find_spec(name) is None:
            continue
        results[name] = {"version": version(name), "kinds": {}}
        for kind in KINDS:
            counts = {"told": 0, "shown": 0, "": 0, "refused": 0}
            for seed in seeds:
                table, target, truth, _, _ = planted(seed, [kind])
                try:
                    counts[look(table, target, truth[0])] += 1
                except Exception as error:
                    counts["refused"] += 1
                    print(f"{name} {kind} {seed}: {error!r:.200}", file=sys.stderr)
            results[name]["kinds"][kind] = counts
            print(name, kind, counts, file=sys.stderr)
    Path(out).write_text(json.dumps(results), encoding="utf-8")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2])
