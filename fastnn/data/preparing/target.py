"""Target: the column to predict, as classes or as values."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..steps import OF_ROWS, Columns, ToText, stored
from ..steps.columns import as_kind
from ..table import Table

BOOLEANS = {"false": "False", "true": "True"}  # as tables write them


@dataclass(frozen=True)
class Target:
    """What a recipe knows of the target.

    name: its column. task: "classes" or "values". kind: what the column holds. classes:
    the names of the classes, class i the i-th; None for values.
    """

    name: str
    task: Literal["classes", "values"]
    kind: Literal["number", "text", "boolean", "date"]
    classes: tuple[str, ...] | None = None

    @classmethod
    def of(cls, column, task, kind):
        """The target in a column, mended; kind: the column's before it was."""
        if task == "values":
            return cls(column.name, task, kind)
        words = as_words(column)
        held = [w for w, n in zip(words.words, words.counts, strict=True) if n]
        order = float if column.kind == "number" else str
        return cls(column.name, task, kind, tuple(sorted(held, key=order)))

    def encode(self, column):
        """(n,) int64 numbers of classes, or float64 values, of a column."""
        if self.classes is None:
            if column.kind in ("number", "boolean"):
                return column.values.copy()
            return np.full(len(column), np.nan)
        place = {name: i for i, name in enumerate(self.classes)}
        codes = as_words(column).words_as("number", lambda w: place.get(w, -1), -1)
        return codes.values.astype(np.int64)

    def to_dict(self):
        classes = None if self.classes is None else list(self.classes)
        return {
            "name": self.name, "task": self.task, "kind": self.kind, "classes": classes
        }  # fmt: skip

    @classmethod
    def from_dict(cls, given, where):
        names = ("name", "task", "kind", "classes")
        if not isinstance(given, dict) or set(given) != set(names):
            raise stored.wrong(f"{where}: target", given, f"{', '.join(names)}")
        hints = stored.hints_of(cls)
        values = {
            n: stored.value_of(hints[n], given[n], f"{where}: target: {n}")
            for n in names
        }
        classes = values["classes"]
        if (classes is None) != (values["task"] == "values"):
            raise ValueError(f"{where}: target: classes and task do not fit together")
        if classes is not None and not len(set(classes)) == len(classes) > 0:
            raise ValueError(f"{where}: target: classes: one is there twice, or none")
        return cls(**values)


def mended(target, table, steps):
    """The Column of a table that holds the target, after the steps that mend it."""
    column = as_kind(table[target.name], target.kind)
    alone = Table({column.name: column}, table.n_rows, table.source)
    for step in steps:
        if not isinstance(step, (Columns, *OF_ROWS)):
            alone = step.apply(alone)
    return alone[column.name]


def as_words(column):
    """The column as text: the names that classes have."""
    if column.kind == "text":
        return column
    words = ToText.of(column)
    if column.kind != "boolean":
        return words
    return type(words)(
        words.name, "text", words.values, tuple(BOOLEANS[w] for w in words.words)
    )
