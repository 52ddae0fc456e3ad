"""prepare: from a table as it comes to arrays, by a recipe of the training rows."""

import warnings
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np

from ...ops import checks
from .. import hashes, reading
from ..detect.look import task_of
from ..inspection import inspect
from ..reading.cells import column_of_words
from ..report import Report
from ..steps import FITTED, OF_ROWS, Columns, Drop, MergeWords, ToBoolean
from ..steps.columns import as_kind
from ..table import Column, Table
from . import fitting, splits
from .recipe import Recipe, own_words
from .target import Target
from .target import mended as mended_target

NATURAL = 0.01  # of the training rows: where more repeat others, rows just are alike


@dataclass(frozen=True)
class Prepared:
    """What `prepare` returns.

    X_train, X_test: (n, n_features) C-contiguous. y_train, y_test: (n,) int64 numbers
    of classes, or float64 values. feature_names: of the columns of X. classes: the
    names of the classes, or None for values. recipe: the Recipe that made X; report:
    what `inspect` found in the training rows. split: how the rows were parted, and why;
    rows_train, rows_test: their numbers in the table, row i of X being row rows[i].
    """

    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    feature_names: list
    classes: list | None
    recipe: Recipe
    report: Report
    split: splits.Split
    rows_train: np.ndarray
    rows_test: np.ndarray

    def __repr__(self):
        return (
            f"Prepared(X_train {self.X_train.shape}, X_test {self.X_test.shape}, "
            f"split {self.split})"
        )


def prepare(
    table, target, test_fraction=0.2, seed=0, rng=None, split="auto",
    dtype="float32", task="auto",
):  # fmt: skip
    """Arrays to learn from and to test on: `prepared.X_train`, and the recipe.

    table: as `inspect` takes it. target: the name of the column to predict; rows
    without it are left out. test_fraction: the share of rows for testing; 0: none.
    seed, rng: where the chance comes from; same seed, same parts.
    split: "random"; "stratified": classes in equal shares; ("group", column): rows of
        one value stay together; ("time", column): the latest rows are for testing;
        "auto": by what is found in the training rows of a random split.
    dtype: "float32" or "float64". task: "classes", "values", or "auto": classes are
        words, true and false, 0 and 1, or few whole numbers that are no counts.

    The split comes first. All that is learned (repairs, medians, levels, scales) is
    learned from the training rows, so no cell of a test row has a say in the recipe,
    but for its target and, where rows are parted by a column, that column. The names
    of the classes are those of all rows. Rows that repeat or contradict others are left
    out of the training part where that is a repair; test rows that repeat a training
    row are left out, unless many rows are alike by nature
    (more than 1 % of the training rows repeat another, and it is no fault).

    Returns a Prepared. Warns where the verdict is "never". ValueError: no such column,
    no rows with a target, one class, a target that is no number (values); or there is
    nothing to learn from.
    """
    fraction = checks.number("prepare", "test_fraction", test_fraction, low=0, below=1)
    task = checks.choice("prepare", "task", task, ("auto", "classes", "values"))
    dtype = checks.choice("prepare", "dtype", dtype, ("float32", "float64"))
    rng = checks.generator("prepare", seed, rng)
    table = reading.door("prepare", table)
    known = rows_with_target(table, target, fraction)
    rule, column = splits.checked_rule(split, table, target)
    rows = table if len(known) == table.n_rows else table.rows(known)
    y = rows[target]
    if task == "auto":  # text may be numbers that the repairs will read
        task = task_of(y) if y.kind in ("number", "boolean") else None
    part, report, train = parted(rows, y, task, fraction, rng, rule, column)

    about, steps, mended = learned(rows, target, task, train, part, report)
    recipe = Recipe(steps, about, dtype)
    check(recipe, mended, len(known), report)

    kept, test = mended.numbers, tested(rows, recipe, mended, part.test)
    if report.verdict == "never":
        reason = " ".join(report.reasons) or "see prepared.report"
        warnings.warn(f"prepare: the verdict is 'never': {reason}", stacklevel=2)
    return Prepared(
        recipe.transform(rows.rows(kept)),
        recipe.target_of(rows.rows(kept)),
        recipe.transform(rows.rows(test)),
        recipe.target_of(rows.rows(test)),
        recipe.feature_names,
        None if about.classes is None else list(about.classes),
        recipe,
        report,
        replace(part, train=known[kept], test=known[test]),
        known[kept],
        known[test],
    )


def learned(rows, target, task, train, part, report):
    """(Target, the steps of the recipe, the training rows that its repairs leave).

    rows: all rows with a target; only the Target looks at them, for its task and the
    names of its classes. train: those for training, as if there were no others; part,
    report: how they were chosen, and what `inspect` found in them.
    """
    steps = [Columns({c.name: c.kind for c in train if c.name != target})]
    if part.kind == "group":  # new rows are of new groups
        steps.append(Drop((part.column,)))
    steps += [for_target(s, train[target]) for s in report.repairs]
    mended = Numbered(train.columns, train.n_rows, numbers=part.train)
    for step in steps[1:]:
        mended = step.apply(mended)
    mended = mended.rows(~mended[target].missing)
    steps += fitting.fit(mended.without([target]))
    kind = train[target].kind
    y = mended_target(Target(target, "values", kind), rows, steps)
    return Target.of(y, task or task_of(y), kind), steps, mended


# --- Rows -----------------------------------------------------------------------------


def rows_with_target(table, target, fraction):
    """The numbers of the rows with a target, or an error that teaches."""
    if not isinstance(target, str) or target not in table:
        raise ValueError(
            f"prepare: target is {checks.describe(target)}, and there is no such "
            f"column; the columns are {', '.join(map(repr, table.names[:12]))}"
            + (" ..." if len(table.names) > 12 else "")
        )
    known = np.flatnonzero(~table[target].missing)
    if len(known) < 1 + (fraction > 0):
        raise ValueError(
            f"prepare: {len(known)} of {table.n_rows} rows have a value in the target "
            f"{target!r}; at least {1 + (fraction > 0)} are needed"
            + (", one for each part" if fraction > 0 else "")
        )
    return known


def parted(rows, y, task, fraction, rng, rule, column):
    """(Split, Report of its training rows, the Table of its training rows)."""
    if column is None:
        guess = task or task_of(
            trained(Table({y.name: y}, len(y)), slice(None))[y.name]
        )
        part = splits.by_chance(y, guess, fraction, rng, rule)
    else:
        part = by_column(rule, as_read(rows[column]), fraction, rng)
    train = trained(rows, part.train)
    report = inspect(train, y.name, task=task)
    found = splits.of_report(report) if rule == "auto" and fraction > 0 else None
    if found is not None and found[1] in rows:
        try:
            column = as_read(rows[found[1]])
            part = by_column(found[0], column, fraction, rng, found[2])
        except ValueError:  # one group, one time: nothing to part by
            return part, report, train
        train = trained(rows, part.train)
        report = inspect(train, y.name, task=task)
    return part, report, train


def as_read(column):
    """A column to split by as its repairs read it: text that is a date, spellings."""
    alone = Table({column.name: column}, len(column))
    for step in inspect(alone).repairs:
        if not isinstance(step, (Drop, *OF_ROWS)):
            alone = step.apply(alone)
    return alone[column.name]


def by_column(kind, column, fraction, rng, why="as asked"):
    if fraction == 0:
        everything = np.arange(len(column))
        why = "all rows are for training"
        return splits.Split(kind, column.name, why, everything, everything[:0])
    if kind == "group":
        return splits.by_group(column, fraction, rng, why)
    return splits.by_time(column, fraction, why)


def trained(table, rows):
    """The Table of some rows as if there were no others.

    The words of a column are those of its rows, and a column that is text only for the
    words of other rows is what its own words are.
    """
    columns = {}
    rows = np.arange(table.n_rows)[rows]
    for column in table:
        own = column.rows(rows)
        if own.n_missing == len(own):
            own = Column(own.name, "number", np.full(len(own), np.nan))
        elif own.kind == "text":
            own = settled(own)
        elif own.kind == "number":
            present = own.present
            finite = present[np.isfinite(present)]
            own = replace(own, whole=bool(np.all(finite == np.round(finite))))
            own = as_kind(own, "number")
        columns[column.name] = own
    return Table(columns, len(rows), table.source)


def settled(own):
    """A column of text with its own words, in the order of its rows; of numbers or
    booleans, where that is how a file of these rows alone would be read."""
    own = own_words(own)
    return column_of_words(own.name, own.values, list(own.words))


@dataclass(frozen=True)
class Numbered(Table):
    """A Table that knows the numbers of its rows."""

    numbers: np.ndarray | None = None

    def rows(self, rows):
        kept = np.asarray(rows)
        return replace(super().rows(rows), numbers=self.numbers[kept])


def tested(rows, recipe, mended, test):
    """The numbers of the test rows that have a target and repeat no training row."""
    y = recipe.target_of(rows.rows(test))
    test = test[y >= 0] if y.dtype == np.int64 else test[~np.isnan(y)]
    table = cleaned(rows.rows(np.concatenate([mended.numbers, test])), recipe)
    row_hashes = table.row_hashes()
    ours, others = np.split(row_hashes, [len(mended.numbers)])
    if hashes.repeats(ours).mean() > NATURAL:
        return test
    return test[~np.isin(others, ours)]


def cleaned(table, recipe):
    """The features of rows after the repairs, before the fitted steps."""
    for step in takewhile(lambda step: not isinstance(step, FITTED), recipe.steps):
        table = table if isinstance(step, OF_ROWS) else step.apply(table)
    return table


# --- The target -----------------------------------------------------------------------


def for_target(step, target):
    """A step as it is for the target: flags of many spellings stay words, so that the
    classes have the names that people gave them."""
    if not isinstance(step, ToBoolean) or step.column != target.name:
        return step
    spellings = {}
    for words in (step.true, step.false):
        held = [(n, w) for w, n in zip(target.words, target.counts, strict=True)
                if w in words]  # fmt: skip
        best = max(held, default=(0, words[0] if words else ""))[1]
        spellings |= {w: best for w in words if w != best}
    return MergeWords(target.name, spellings)


def check(recipe, mended, n_rows, report):
    """Refuse what no network can learn."""
    about, name = recipe.target, recipe.target.name
    y = about.encode(mended[name])
    if not len(y):
        raise ValueError("prepare: no row is left to learn from after the repairs")
    if about.task == "values" and np.isnan(y).all():
        column = mended[name]
        raise ValueError(
            f"prepare: task 'values' needs numbers, but the target {name!r} holds "
            f"{column.kind} such as {column.text(0)!r}; use task='classes'"
        )
    n_classes = len(about.classes or ())
    if n_classes > n_rows / 2:
        raise ValueError(
            f"prepare: the target {name!r} has {n_classes} classes in {n_rows} rows; "
            "at least two rows of each are needed; for numbers to predict as such, "
            "task='values'"
        )
    if len(np.unique(y)) < 2:
        raise ValueError(
            f"prepare: the target {name!r} is {mended[name].text(0)!r} in every "
            "training row; there is nothing to learn"
        )
    if not recipe.feature_names:
        why = {n: f.kind for f in report.findings for s in f.steps
               if isinstance(s, Drop) for n in s.columns}  # fmt: skip
        why = [f"{n!r} ({why.get(n, 'constant')})" for n in recipe.columns]
        raise ValueError(
            "prepare: no column is left to learn from; left out: "
            + (", ".join(why[:6]) + " ..." * (len(why) > 6) if why else "none")
        )
