"""Recall and precision of findings against the truth.

A finding is right when its kind was planted, and one of its columns with it (kinds of
whole rows: when the kind was planted). A finding of severity "note" is never a false
alarm. A planted defect is found when any finding of its kind, a note as well, names one
of its columns.
"""

from collections import Counter

import numpy as np

from fastnn.data import inspect

from . import as_csv

FOLLOWS = {  # planted kind: {kind that follows from it: why}; of the same column
    "informative_missing": {"missing": "its cells are missing"},
    "disguised_missing": {"missing": "once seen through, they are missing"},
    "target_missing": {"missing": "its cells are missing"},
    "leak": {"missing": "known afterwards: missing before",
             "informative_missing": "known afterwards: missing tells the class",
             "scale_gap": "it has the target's scale"},
    "duplicate_column": {"collinear": "a copy is a sum of one column"},
    "outliers": {"skew": "they are the tail", "scale_gap": "they widen the column"},
    "skew": {"outliers": "the tail's end", "scale_gap": "the tail is as wide"},
    "impossible_values": {"outliers": "far from what can be"},
    "high_cardinality": {"rare_levels": "many levels have few rows each",
                         "drift": "new rows have levels that no other row has"},
    "rare_levels": {"drift": "new rows have levels that no other row has"},
    "category_variants": {"drift": "new rows are mistyped in ways of their own"},
    "number_as_text": {"scale_gap": "read as a number, it has a size of its own"},
    "mixed_units": {"scale_gap": "read as a number, it has a size of its own"},
    "split_leak": {"high_cardinality": "a level for each group"},
    "target_type": {"number_as_text": "a target of numbers in words is one as well",
                    "high_cardinality": "as many classes as values"},
}  # fmt: skip
FOLLOWS_ANYWHERE = {  # the same, of any column
    "duplicate_rows": {"split_leak": "a split would part the copies"},
    "near_duplicate_rows": {"split_leak": "a split would part the copies"},
    "conflicting_labels": {"split_leak": "a split would part the copies",
                           "near_duplicate_rows": "they differ in the target alone"},
    "too_few_per_class": {"imbalance": "such a class is a rare one as well"},
    "too_few_rows": {"collinear": "fewer rows than columns: every column is a sum",
                     "too_few_per_class": "few rows, few in each class",
                     "no_signal": "too few rows to prove any",
                     "rare_levels": "few rows, few in each level"},
}  # fmt: skip
INSTEAD = {  # another name of the same defect, which finds it as well
    "leak": "informative_missing",  # missing in all rows of the other classes
    "target_type": "number_as_text",
}
OF_ROWS = {"duplicate_rows", "near_duplicate_rows", "conflicting_labels",
           "too_few_rows", "target_missing", "target_type", "imbalance",
           "too_few_per_class", "no_signal"}  # fmt: skip


def agree(kind, columns, found):
    return found.kind == kind and (
        kind in OF_ROWS or bool(set(columns) & set(found.columns))
    )


def is_found(truth, findings, form):
    kind, columns, detail = truth
    if any(agree(kind, columns, f) for f in findings):
        return True
    instead = INSTEAD.get(kind)
    if kind == "disguised_missing" and form == "csv":
        from .words import AS_NULL

        instead = "missing" if detail["mark"] in AS_NULL else None
    return any(f.kind == instead and set(columns) & set(f.columns) for f in findings)


def is_allowed(finding, truth, draft, form):
    """Right, or it follows from what was planted."""
    for kind, columns, _ in truth:
        if agree(kind, columns, finding):
            return True
        shared = set(columns) & set(finding.columns)
        if shared and finding.kind in FOLLOWS.get(kind, {}):
            return True
        if finding.kind in FOLLOWS_ANYWHERE.get(kind, {}):
            return True
    if finding.kind == "scale_gap" and truth and is_wide(draft):
        return True
    # in a file, a date is text until it is read as one
    dates = {name for name, role in draft.roles.items() if role == "date"}
    return form == "csv" and finding.kind == "mixed_dates" and bool(
        dates & set(finding.columns)
    )  # fmt: skip


def is_wide(draft):
    """Whether the columns that were added, such as an age, are of another size."""
    spreads = [np.nanstd(v) for k, v in draft.columns.items()
               if v.dtype.kind in "if" and k != draft.target]  # fmt: skip
    spreads = [s for s in spreads if s > 0]
    return bool(spreads) and max(spreads) > 1e5 * min(spreads)


class Score:
    """Counts over tables; `misses` and `alarms` hold (seed, form, what)."""

    def __init__(self):
        self.planted, self.found, self.right, self.wrong = (Counter() for _ in range(4))
        self.misses, self.alarms, self.failures = [], [], []
        self.verdicts, self.seconds = Counter(), 0.0

    def add(self, seed, table, form, report):
        findings = report.findings
        for truth in table.truth:
            self.planted[truth[0]] += 1
            if is_found(truth, findings, form):
                self.found[truth[0]] += 1
            else:
                self.misses.append((seed, form, truth))
        for finding in findings:
            if finding.severity == "note":
                continue
            if is_allowed(finding, table.truth, table.base, form):
                self.right[finding.kind] += 1
            else:
                self.wrong[finding.kind] += 1
                self.alarms.append((seed, form, finding, table.truth))
        planted = {kind for kind, _, _ in table.truth}
        if not planted:
            self.verdicts["clean", report.verdict] += 1
        elif "no_signal" in planted:
            self.verdicts["no_signal", report.verdict] += 1
        else:
            self.verdicts["defects", report.verdict] += 1
        self.seconds += report.seconds

    def merge(self, other):
        """The counts of both."""
        for name, mine in vars(self).items():
            setattr(self, name, mine + getattr(other, name))
        return self

    def recall(self, kind):
        return self.found[kind] / self.planted[kind] if self.planted[kind] else None

    def precision(self, kind):
        n = self.right[kind] + self.wrong[kind]
        return self.right[kind] / n if n else None


def judged(score, seed, table, folder, form=None):
    """Inspect a table as a DataFrame, or each third time as a CSV file."""
    form = form or ("csv" if seed % 3 == 2 else "frame")
    source, against = table.table, table.against
    if form == "csv":
        source = as_csv(source, folder / "table.csv", seed)
        against = None if against is None else as_csv(against, folder / "new.csv", seed)
    report = inspect(source, target=table.target, against=against)
    score.add(seed, table, form, report)
    return report
