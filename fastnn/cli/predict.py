"""Predict with a network that `fastnn train` wrote.

Columns are found by their names, in any order; columns that the network does not know
are left aside. The answers are CSV, one line for each row of the table.
"""

import sys

import numpy as np

from ..network import load
from . import tables, terminal
from .terminal import Failure
from .train import Scaling, listed

NAME = "predict"
SUMMARY = "answers of a trained network for a CSV table"
EXAMPLE = (
    "fastnn predict model.npz penguins.csv --out answers.csv",
    "fastnn predict model.npz penguins.csv --proba | head",
)


def add_arguments(parser):
    add = parser.add_argument
    add("model", metavar="MODEL", help="a file that fastnn train wrote")
    add("table", metavar="TABLE", help="a CSV file with a header")
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
    table = tables.read(arguments.table)
    missing = [name for name in model.features if name not in table.columns]
    if missing:
        raise Failure(
            f"{table.path}: the network needs the column{'s'[: len(missing) > 1]} "
            f"{listed(missing)}; there {'is' if len(table.names) == 1 else 'are'} only "
            f"{listed(table.names)}"
        )
    extra = [n for n in table.names if n not in (*model.features, model.target)]
    header, rows = model.answers(table.numbers(model.features), arguments.proba)
    if extra:
        what = f"the network does not use {listed(extra)} of {table.path}"
        terminal.note("fastnn predict", what)
    if arguments.out is None:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8")
        tables.write(sys.stdout, header, rows)
        return
    with terminal.writing(arguments.out) as file:
        tables.write(file, header, rows)
    print(f"{len(rows)} answers: {arguments.out}", file=sys.stderr)


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
            self.features = _texts(about["features"], self.net.n_in)
            (self.target,) = _texts([about["target"]], 1)
            mean = _finite(about["mean"], self.net.n_in)
            scale = _finite(about["scale"], self.net.n_in)
            self.classes = None
            if "classes" in about:
                self.classes = _texts(about["classes"], self.net.n_out)
            else:
                moments = [about["target_mean"], about["target_scale"]]
                self.mean, self.scale = _finite(moments, 2)
            if not scale.all() or (self.classes is None and self.net.n_out != 1):
                raise ValueError
        except (KeyError, TypeError, ValueError):
            raise Failure(
                f"{path} holds a network, but not the names of its columns; "
                "make it with fastnn train"
            ) from None
        self.prepare = Scaling(mean, scale)

    def answers(self, X, proba):
        """The header and the rows of the answers for X (n_rows, n_features)."""
        x = self.prepare(X)
        if self.classes is None:
            values = self.net(x)[:, 0].astype(np.float64) * self.scale + self.mean
            return [self.target], [[f"{value:.9g}"] for value in values]
        rows = [[self.classes[label]] for label in self.net.predict(x)]
        if not proba:
            return [self.target], rows
        for row, probabilities in zip(rows, self.net.predict_proba(x), strict=True):
            row += [f"{p:.6f}" for p in probabilities]
        return [self.target, *(f"P({name})" for name in self.classes)], rows


def _texts(values, n):
    """n different texts, or ValueError."""
    if not isinstance(values, list) or len(values) != n or len(set(values)) != n:
        raise ValueError
    if not all(isinstance(value, str) for value in values):
        raise ValueError
    return values


def _finite(values, n):
    """n finite numbers as an array, or ValueError."""
    array = np.array(values, dtype=np.float64)
    if array.shape != (n,) or not np.isfinite(array).all():
        raise ValueError
    return array
