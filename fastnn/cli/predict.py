"""Predict with a network that `fastnn train` wrote.

The table is as it comes: the recipe of the training is in the model's file. Columns are
found by their names, in any order; columns that the network does not know are left
aside. The answers are CSV, one line for each row of the table.
"""

import csv
import sys

import numpy as np

from ..data import Recipe, reading
from ..network import load
from ..output import printable
from . import terminal
from .terminal import Failure, listed

NAME = "predict"
SUMMARY = "answers of a trained network for a table"
EXAMPLE = (
    "fastnn predict model.npz penguins.csv --out answers.csv",
    "fastnn predict model.npz penguins.csv --proba | head",
)


def add_arguments(parser):
    add = parser.add_argument
    add("model", metavar="MODEL", help="a file that fastnn train wrote")
    add("table", metavar="TABLE", help="CSV, TSV, JSON, Parquet or Excel")
    add("--proba", action="store_true", help="the probability of each class as well")
    add("--out", metavar="FILE", help="where the answers go; by default to stdout")


def run(arguments):
    check_out(arguments)
    model = Model(arguments.model)
    if arguments.proba and model.classes is None:
        raise Failure(
            f"{arguments.model} predicts values, which have no probabilities; "
            "leave out --proba"
        )
    table = reading.as_table(arguments.table, sample=np.inf)
    header, rows = model.answers(table, arguments.proba)
    known = (*model.recipe.columns, model.target)
    extra = [name for name in table.names if name not in known]
    if extra:
        what = f"the network does not use {listed(extra)} of {arguments.table}"
        terminal.note("fastnn predict", what)
    if arguments.out is None:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8")
        if sys.stdout.isatty():  # names of classes come from the training table
            header, *rows = (
                [printable(cell) for cell in row] for row in (header, *rows)
            )
        write_csv(sys.stdout, header, rows)
        return
    with terminal.writing(arguments.out) as file:
        write_csv(file, header, rows)
    print(f"{len(rows)} answers: {arguments.out}", file=sys.stderr)


def write_csv(file, header, rows):
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)


def check_out(arguments):
    """Before any work: the answers can be written, and not over what is read."""
    out = arguments.out
    if out is None:
        return
    terminal.check_can_write(out)
    for other in (arguments.model, arguments.table):
        if terminal.same_file(out, other):
            raise Failure(f"--out {out!r} is read as well; choose another name")


class Model:
    """A network and what `fastnn train` wrote beside it, none of it trusted."""

    def __init__(self, path):
        self.net = load(path)
        about = self.net.metadata
        try:
            self.recipe = Recipe.from_dict(about["recipe"])
            self.target = self.recipe.target.name
            self.classes = self.recipe.target.classes
            n_out = 1 if self.classes is None else len(self.classes)
            n_in = len(self.recipe.feature_names)
            if (n_in, n_out) != (self.net.n_in, self.net.n_out):
                raise ValueError
            if self.classes is None:
                moments = [about["target_mean"], about["target_scale"]]
                self.mean, self.scale = _finite(moments, 2)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Failure(
                f"{path} holds a network, but not a recipe that fits it; "
                "make it with fastnn train"
            ) from None

    def answers(self, table, proba):
        """The header and the rows of the answers for the rows of a table."""
        try:
            x = self.recipe.transform(table)
        except ValueError as error:
            why = str(error).removeprefix("transform: table: ")
            raise Failure(f"{table.source}: {why}") from None
        if self.classes is None:
            values = self.net(x)[:, 0].astype(np.float64) * self.scale + self.mean
            return [self.target], [[f"{value:.9g}"] for value in values]
        rows = [[self.classes[label]] for label in self.net.predict(x)]
        if not proba:
            return [self.target], rows
        for row, probabilities in zip(rows, self.net.predict_proba(x), strict=True):
            row += [f"{p:.6f}" for p in probabilities]
        return [self.target, *(f"P({name})" for name in self.classes)], rows


def _finite(values, n):
    """n finite numbers as an array, or ValueError."""
    array = np.array(values, dtype=np.float64)
    if array.shape != (n,) or not np.isfinite(array).all():
        raise ValueError
    return array
