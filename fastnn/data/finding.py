"""Finding: one thing about a table that a network will feel, with its evidence."""

from dataclasses import dataclass, field

SEVERITIES = ("blocker", "repair", "warning", "note")  # the worst first
"""blocker: no repair brings back what is missing. repair: `prepare` mends it, and
without that the array would be wrong or no array. warning: a person should look, the
array is usable. note: a fact worth knowing."""

KINDS = {  # in the order in which `inspect` looks for them
    "encoding": "text that was written in one alphabet and read in another",
    "missing": "cells without a value",
    "disguised_missing": "cells whose value means that there is none: ?, -999, unknown",
    "number_as_text": "numbers written with signs, separators or units",
    "mixed_units": "one column in several units",
    "mixed_dates": "dates written in several ways, or text that is a date",
    "boolean_as_text": "yes and no in many spellings",
    "category_variants": "one category in several spellings",
    "impossible_values": "values that cannot be: an age of -3, 200 percent",
    "informative_missing": "whether a value is there tells something of the target",
    "constant": "a column with one value",
    "near_constant": "a column with nearly one value",
    "duplicate_column": "a column that repeats another one",
    "identifier": "a column that numbers or names the rows",
    "free_text": "sentences, which need another kind of model",
    "high_cardinality": "more categories than a column for each can carry",
    "rare_levels": "categories with too few rows to learn from",
    "duplicate_rows": "rows that occur more than once",
    "near_duplicate_rows": "rows that are nearly the same",
    "conflicting_labels": "equal rows with different targets",
    "target_missing": "rows without a target",
    "target_type": "classes that are numbers, or values that are classes",
    "imbalance": "classes of very different size",
    "too_few_per_class": "classes with too few rows to learn and to test",
    "too_few_rows": "fewer rows than the columns call for",
    "leak": "a column that is the target in disguise, or known only afterwards",
    "split_leak": "rows of one group, time or origin that a random split would part",
    "outliers": "values far from all others",
    "skew": "a long tail that the other values are squeezed by",
    "scale_gap": "columns whose sizes differ by orders of magnitude",
    "collinear": "columns that are nearly sums of others",
    "drift": "rows to learn from and rows to use that differ",
    "no_signal": "a target that no column tells anything of",
}


@dataclass(frozen=True)
class Finding:
    """One thing found.

    kind: a key of KINDS. columns: names, a tuple. severity: of SEVERITIES.
    evidence: a dict that JSON can hold: counts ("n", "share"), "examples" (values as
        text), "rows" (numbers of rows from 0, at most 10), and what else shows it.
    why: a sentence: what it does to a network. repair: a sentence: what `prepare` does
    about it, or a person must do; None: nothing is needed.
    steps: what `prepare` does, as steps of a Recipe (fastnn/data/steps).
    costs: {"rows": n, "columns": n} that the repair takes away.
    """

    kind: str
    columns: tuple
    severity: str
    evidence: dict
    why: str
    repair: str | None = None
    steps: tuple = ()
    costs: dict = field(default_factory=dict)

    def to_dict(self):
        """Without the steps; all of it is for JSON."""
        names = ("kind", "columns", "severity", "evidence", "why", "repair", "costs")
        return {n: getattr(self, n) for n in names} | {"columns": list(self.columns)}
