"""Train a network on a CSV table and keep it in a file.

The columns are standardised with the mean and the deviation of the training part; the
file holds them too, so `fastnn predict` takes tables as they are.
"""

import time
from argparse import ArgumentTypeError
from dataclasses import dataclass

import numpy as np

from .. import __version__, data
from ..network import layers, mlp
from ..network.training import optimizers, schedules
from . import tables, terminal
from .terminal import Failure

NAME = "train"
SUMMARY = "learn from a CSV table"
EXAMPLE = (
    "fastnn train penguins.csv --target species --drop island,sex",
    "fastnn train houses.csv --target price --hidden 128,64 --dropout 0.1",
)
MOST_CLASSES = 20  # whole numbers with more distinct values than this are values


def add_arguments(parser):
    add = parser.add_argument
    add("table", metavar="TABLE", help="a CSV file with a header")
    add("--target", required=True, metavar="COL", help="the column to predict")
    add("--task", choices=("auto", "classes", "values"), default="auto",
        help="auto (default): classes if the target is text, true/false, 0/1, or whole "
        f"numbers, at most {MOST_CLASSES} different ones and at most half as many as "
        "there are rows; else values")  # fmt: skip
    add("--drop", type=names, default=[], metavar="COLS",
        help="columns to leave out, with commas")  # fmt: skip
    add("--hidden", type=widths, default=[64, 64], metavar="WIDTHS",
        help="widths of the hidden layers, 64,64 by default; 0 for none")  # fmt: skip
    add("--activation", default="relu", choices=layers.ACTIVATIONS, metavar="NAME",
        help="of the hidden layers: relu (default), tanh, gelu, ...")  # fmt: skip
    add("--dropout", type=fraction, default=0.0, metavar="RATE",
        help="after each hidden layer, 0 by default")  # fmt: skip
    add("--epochs", type=positive, default=200, metavar="N", help="200 by default")
    add("--batch-size", type=positive, default=32, metavar="N", help="32 by default")
    add("--optimizer", choices=tuple(optimizers.OPTIMIZERS), default="adam",
        help="adam by default")  # fmt: skip
    add("--learning-rate", type=rate, default=None, metavar="RATE",
        help="it falls along a cosine; by default the optimizer's")  # fmt: skip
    add("--test-fraction", type=fraction, default=0.2, metavar="PART",
        help="rows held out to judge it, 0.2 by default; 0 for none")  # fmt: skip
    add("--seed", type=whole, default=0, metavar="N", help="0 by default")
    add("--out", default="model.npz", metavar="FILE", help="model.npz by default")


# What argparse turns text into. An ArgumentTypeError is told as it is.


def names(text):
    return [name.strip() for name in text.split(",") if name.strip()]


def expect(meant, convert, fits, text):
    """convert(text) if it can be converted and fits; else the sentence to tell."""
    try:
        value = convert(text)
        if fits(value):
            return value
    except ValueError:
        pass
    raise ArgumentTypeError(f"{text!r} is not {meant}")


def widths(text):
    def convert(text):
        return [int(width) for width in text.split(",")]

    def fits(values):
        return values == [0] or min(values) >= 1

    meant = "whole numbers of at least 1 with commas, such as 64,32, or 0 for none"
    values = expect(meant, convert, fits, text)
    return [] if values == [0] else values


def whole(text):
    meant = "a whole number from 0 to 2**63 - 1"
    return expect(meant, int, lambda value: 0 <= value < 2**63, text)


def positive(text):
    meant = "a whole number of at least 1"
    return expect(meant, int, lambda value: value >= 1, text)


def fraction(text):
    meant = "a number from 0 to below 1"
    return expect(meant, float, lambda value: 0 <= value < 1, text)


def rate(text):
    meant = "a finite number above 0"
    return expect(meant, float, lambda value: 0 < value < float("inf"), text)


# --- The work ------------------------------------------------------------------------


def run(arguments):
    check_out(arguments)
    table = tables.read(arguments.table)
    target = target_column(table, arguments.target)
    features = feature_names(table, arguments)
    X = table.numbers(features)
    goal = Goal.of(table, target, arguments.task)
    size = f"{count(table.n_rows, 'row')}, {count(len(features), 'column')}"
    print(f"{table.path}: {size} to learn from, target {target.name!r}")
    print(f"target: {goal.reason}")

    train, test = split(X, goal, arguments)
    prepare = Scaling.of(train[0])
    net = network(arguments, len(features), goal)
    started = time.perf_counter()
    history = fit(net, prepare(train[0]), goal.encode(train[1], train[1]), arguments)
    seconds = time.perf_counter() - started
    if not np.isfinite(history.loss[-1]):
        raise Failure(f"the training failed: {history.stopped}; nothing was written")

    tell_scores(net, prepare, goal, train, test)
    net.save(
        arguments.out,
        metadata={
            "fastnn": __version__,
            "features": features,
            **prepare.metadata(),
            **goal.metadata(train[1]),
        },
    )
    shape = "-".join(map(str, [net.n_in, *arguments.hidden, net.n_out]))
    print(f"model: {arguments.out} ({shape}, {net.flat_parameters.size:,} parameters, "
          f"trained in {seconds:.1f} s)")  # fmt: skip
    print(f"next: fastnn predict {arguments.out} {arguments.table}")


def check_out(arguments):
    """Before any work: the model can be written, and not over the table."""
    out = arguments.out
    terminal.check_can_write(out)
    if terminal.same_file(out, arguments.table):
        raise Failure(f"--out {out!r} is the table itself; choose another name")


def target_column(table, name):
    if name not in table.columns:
        raise Failure(
            f"{table.path}: there is no column {name!r}; "
            f"the columns are {listed(table.names)}"
        )
    tables.check_complete(table.path, table[name])
    return table[name]


def feature_names(table, arguments):
    for name in arguments.drop:
        if name not in table.columns:
            raise Failure(
                f"{table.path}: there is no column {name!r} to leave out; "
                f"the columns are {listed(table.names)}"
            )
    left_out = {arguments.target, *arguments.drop}
    features = [name for name in table.names if name not in left_out]
    if not features:
        raise Failure(f"{table.path}: no column is left to learn from")
    target = [] if arguments.task == "classes" else [arguments.target]
    table.check_decimal_commas([*features, *target])
    text = [name for name in features if table[name].kind == "text"]
    if text:
        column = table[text[0]]
        example = next(value for value in column.values if value is not None)
        raise Failure(
            f"{table.path}: there is text (such as {example!r}) in {listed(text)}, and "
            f"a network takes numbers; leave it out with --drop {','.join(text)!r}, or "
            "write a 0/1 column for each value"
        )
    return features


def split(X, goal, arguments):
    """((X, y), (X, y) or None)."""
    if arguments.test_fraction == 0:
        return (X, goal.y), None
    if len(X) < 2:
        raise Failure(f"{arguments.table}: one row is not enough to learn and to test")
    part, seed = arguments.test_fraction, arguments.seed
    return data.split(X, goal.y, part, seed=seed, stratify=goal.is_classes)


def network(arguments, n_in, goal):
    return mlp(
        n_in,
        arguments.hidden,
        goal.n_out,
        activation=arguments.activation,
        dropout=arguments.dropout,
        seed=arguments.seed,
    )


def fit(net, X, y, arguments):
    make = optimizers.OPTIMIZERS[arguments.optimizer]
    start = arguments.learning_rate or make().learning_rate
    return net.fit(
        X,
        y,
        loss="cross_entropy" if net.n_out > 1 else "mse",
        optimizer=make(schedules.cosine(start, arguments.epochs)),
        epochs=arguments.epochs,
        batch_size=arguments.batch_size,
        progress=terminal.training_progress("training"),
    )


def tell_scores(net, prepare, goal, train, test):
    parts = [("training", *train)] + ([("test", *test)] if test else [])
    scores = [
        f"{name} {net.score(prepare(X), goal.encode(y, train[1])):.4f} "
        f"({count(len(X), 'row')})"
        for name, X, y in parts
    ]
    print(f"{'accuracy' if goal.is_classes else 'R2'}: {', '.join(scores)}")
    if goal.is_classes:
        counts = np.bincount(goal.y)
        print(f"to compare with: always {goal.classes[counts.argmax()]!r} "
              f"would be right in {counts.max() / counts.sum():.4f}")  # fmt: skip


# --- What is learned, and from what ---------------------------------------------------


@dataclass(frozen=True)
class Goal:
    """The target: classes as numbers 0, 1, ..., or values."""

    name: str
    y: np.ndarray
    classes: list | None
    reason: str

    @classmethod
    def of(cls, table, column, task):
        """What the target column is, by --task or by what it holds."""
        values = set(column.values.tolist())
        distinct = len(values)
        whole_numbers = column.kind == "numbers" and np.all(
            column.values == np.round(column.values)
        )
        if column.kind != "numbers":
            guess, why = "classes", f"{distinct} different {_plural(column.kind)}"
        elif values == {0, 1} or (
            whole_numbers and distinct <= min(MOST_CLASSES, table.n_rows / 2)
        ):
            guess, why = "classes", f"{distinct} different whole numbers"
        else:
            guess, why = "values", f"{distinct} different numbers"
        if task == "values" and column.kind == "text":
            raise Failure(
                f"{table.path}: --task values needs numbers, but the target "
                f"{column.name!r} holds text such as {column.values[0]!r}"
            )
        if task == "auto":
            other = "classes" if guess == "values" else "values"
            can_be_other = column.kind == "numbers"
            why += f" (--task {other} for {other})" if can_be_other else ""
        else:
            guess, why = task, why + f" (--task {task})"
        if distinct < 2:
            raise Failure(
                f"{table.path}: the target {column.name!r} is {column.words()[0]!r} in "
                "every row; there is nothing to learn"
            )
        if guess == "classes" and distinct > table.n_rows / 2:
            way_out = "" if column.kind == "text" else ", or --task values"
            raise Failure(
                f"{table.path}: the target {column.name!r} has {distinct} classes in "
                f"{count(table.n_rows, 'row')}; at least two rows of each are needed"
                + way_out
            )
        if guess == "values":
            if not np.all(np.isfinite(column.values)):
                raise Failure(f"{table.path}: the target {column.name!r} is infinite")
            return cls(column.name, column.values, None, f"values to predict, {why}")
        words = column.words()
        keys = column.values if column.kind != "text" else np.array(words)
        _, first, y = np.unique(keys, return_index=True, return_inverse=True)
        classes = [words[i] for i in first]
        return cls(column.name, y.reshape(-1), classes, f"classes, {why}")

    @property
    def is_classes(self):
        return self.classes is not None

    @property
    def n_out(self):
        return len(self.classes) if self.is_classes else 1

    def encode(self, y, train_y):
        """y as the network learns it: values are standardised like the features."""
        if self.is_classes:
            return y
        mean, scale = self._moments(train_y)
        return (y - mean) / scale

    @staticmethod
    def _moments(y):
        return float(y.mean()), float(y.std()) or 1.0

    def metadata(self, train_y):
        if self.is_classes:
            return {"target": self.name, "classes": self.classes}
        mean, scale = self._moments(train_y)
        return {"target": self.name, "target_mean": mean, "target_scale": scale}


@dataclass(frozen=True)
class Scaling:
    """(X - mean) / scale, column by column; a constant column has the scale 1."""

    mean: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, X):
        with np.errstate(over="ignore", invalid="ignore"):
            mean, scale = X.mean(axis=0), X.std(axis=0)
        if not (np.isfinite(mean).all() and np.isfinite(scale).all()):
            raise Failure("the numbers in the table are too large to be standardised")
        tiny = scale <= 1e-12 * np.abs(mean)  # rounding, not variation
        return cls(mean, np.where(tiny, 1.0, scale))

    def __call__(self, X):
        return (X - self.mean) / self.scale

    def metadata(self):
        return {"mean": self.mean.tolist(), "scale": self.scale.tolist()}


def _plural(kind):
    return "texts" if kind == "text" else kind


def count(n, thing):
    """ "1 row", "1,797 rows"."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


def listed(words, most=8):
    """The words with commas, not too many of them."""
    shown = ", ".join(map(repr, words[:most]))
    return shown if len(words) <= most else f"{shown} and {len(words) - most} more"
