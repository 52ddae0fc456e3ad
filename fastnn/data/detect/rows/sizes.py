"""How many rows there are: in all, of each class, for each column."""

import numpy as np

from ...finding import Finding
from ..look import shown
from .columns import top_share

FEWEST_ROWS = 10  # below this nothing can be learned and tested
FEWEST_PER_CLASS = 10
UNEQUAL = 6  # the largest class over the smallest
ROWS_PER_COLUMN = 5


def one_class(look):
    """A target that is the same in every row."""
    if look.y is None or look.y.n_missing == len(look.y) or len(look.y) == 0:
        return
    if look.y.n_distinct == 1:
        share, value = top_share(look.y)
        yield Finding(
            "constant", (look.target,), "blocker",
            {"n": len(look.y), "share": share, "examples": shown([value])},
            f"The target is {value!r} in every row: there is nothing to tell apart.",
            "Only rows with other targets can bring this back.",
        )  # fmt: skip


def class_sizes(look):
    """(classes as text, rows of each), the largest first; None: no classes."""
    if look.task != "classes" or look.y.n_distinct < 2:
        return None
    values, counts = look.y.distinct
    order = np.argsort(-counts, kind="stable")
    if look.y.kind == "boolean":
        values = ["true" if v else "false" for v in values]
    elif look.y.kind == "number":
        values = [f"{v:g}" for v in values]
    return [values[i] for i in order], counts[order]


def too_few_per_class(look):
    sized = class_sizes(look)
    if sized is None:
        return
    classes, counts = sized
    few = counts < FEWEST_PER_CLASS
    if not few.any() or counts.sum() < FEWEST_ROWS:
        return
    words = [f"{c} ({n})" for c, n in zip(classes, counts, strict=True)]
    n_few, n_can = int(few.sum()), int((counts >= 3).sum())
    evidence = {
        "n": int(counts[few].sum()), "share": float(counts[few].sum() / counts.sum()),
        "classes": n_few, "smallest": int(counts[-1]), "examples": shown(words[::-1]),
    }  # fmt: skip
    hopeless = n_can < 2 or counts[counts < 3].sum() > counts.sum() / 2
    if hopeless:
        yield Finding(
            "too_few_per_class", (look.target,), "blocker", evidence,
            f"{len(classes):,} classes in {counts.sum():,} rows, and most rows are in "
            "classes of one or two: a class cannot be learned from one row and tested "
            "on another.",
            "More rows of each class, or fewer and wider classes.",
        )  # fmt: skip
    else:
        yield Finding(
            "too_few_per_class", (look.target,), "warning", evidence,
            f"{n_few} of {len(classes)} classes have fewer than {FEWEST_PER_CLASS} "
            f"rows (the smallest {counts[-1]}): with one or two of them in the test "
            "part, its score says nothing about them.",
            "Collect more rows of these classes, join them, or leave them out.",
        )  # fmt: skip


def imbalance(look):
    """The classes with enough rows, when the largest is many times the smallest."""
    sized = class_sizes(look)
    if sized is None:
        return
    classes, counts = sized
    enough = counts >= FEWEST_PER_CLASS
    if enough.sum() < 2 or counts[0] < UNEQUAL * counts[enough][-1]:
        return
    words = [f"{c} ({n})" for c, n in zip(classes, counts, strict=True)]
    n, smallest = int(counts.sum()), int(counts[enough][-1])
    yield Finding(
        "imbalance", (look.target,), "warning",
        {"n": smallest, "share": smallest / n, "ratio": float(counts[0] / smallest),
         "examples": shown(words)},
        f"The largest class has {counts[0] / smallest:.0f} times the rows of the "
        f"smallest: always {classes[0]!r} would be right in {counts[0] / n:.0%}, and a "
        "network can get far by never naming the others.",
        "The parts keep the shares of the classes; give the small ones weight "
        "(class_weight) and judge each class by itself.",
    )  # fmt: skip


def too_few_rows(look):
    if look.target is None:
        return
    n, d = look.table.n_rows - look.y.n_missing, len(look.features)
    if look.y.n_missing == len(look.y) and n < look.table.n_rows:
        return  # target_missing says it
    if n >= ROWS_PER_COLUMN * d and n >= 2 * FEWEST_ROWS:
        return
    never = n < FEWEST_ROWS or (n < 2 * FEWEST_ROWS and n < d)
    yield Finding(
        "too_few_rows", (), "blocker" if never else "warning",
        {"n": n, "columns": d, "rows_per_column": n / max(d, 1)},
        f"{n:,} rows for {d:,} columns: a network with a weight for each column can "
        "fit so few rows by chance, and a fifth of them says little of the others.",
        "More rows." if never else
        "Fewer columns, weight decay, and cross-validation in place of one split.",
    )  # fmt: skip
