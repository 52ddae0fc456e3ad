"""Train a network on a table and keep it in a file.

The table may be as it comes: numbers, words, dates, gaps. What `fastnn inspect` would
have repaired is repaired, by a recipe that is learned from the training part alone. The
file holds the recipe too, so `fastnn predict` takes tables as they are.
"""

import shlex
import time
import warnings
from itertools import takewhile

import numpy as np

from .. import __version__, data
from ..data import reading
from ..data.detect.look import MOST_CLASSES
from ..data.preparing.target import mended
from ..network import layers, mlp
from ..network.training import optimizers, schedules
from ..output import printable
from . import terminal
from .arguments import fraction, names, positive, rate, rule, whole, widths
from .terminal import Failure, count, listed

NAME = "train"
SUMMARY = "learn from a table"
EXAMPLE = (
    "fastnn train penguins.csv --target species",
    "fastnn train houses.csv --target price --hidden 128,64 --dropout 0.1",
)


def add_arguments(parser):
    add = parser.add_argument
    add("table", metavar="TABLE", help="CSV, TSV, JSON, Parquet or Excel")
    add("--target", required=True, metavar="COL", help="the column to predict")
    add("--task", choices=("auto", "classes", "values"), default="auto",
        help="auto (default): classes if the target is text, true/false, 0/1, or whole "
        f"numbers, at most {MOST_CLASSES} different ones and at most half as many as "
        "there are rows, unless they lie as counts do; else values")  # fmt: skip
    add("--drop", type=names, default=[], metavar="COLS",
        help="columns to leave out, with commas")  # fmt: skip
    add("--split", type=rule, default="auto", metavar="HOW",
        help="what is held out: auto (default; as the table asks for), random, "
        "stratified, group:COL (rows of one value stay together) or time:COL (the "
        "latest)")  # fmt: skip
    add("--force", action="store_true",
        help="train even where nothing can be learned from the table")  # fmt: skip
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


# --- The work ------------------------------------------------------------------------


def run(arguments):
    check_out(arguments)
    table = read(arguments.table, arguments)
    prepared = prepare(table, arguments)
    for said in table.read:
        terminal.note("fastnn train", f"{arguments.table}: {said}")
    tell_table(table, prepared, arguments)

    goal = Goal(prepared)
    net = network(arguments, len(prepared.feature_names), goal)
    started = time.perf_counter()
    history = fit(net, prepared.X_train, goal.of(prepared.y_train), arguments)
    seconds = time.perf_counter() - started
    if not np.isfinite(history.loss[-1]):
        raise Failure(f"the training failed: {history.stopped}; nothing was written")

    tell_scores(net, goal, prepared)
    net.save(
        arguments.out,
        metadata={
            "fastnn": __version__,
            "recipe": prepared.recipe.to_dict(),
            **goal.metadata(),
        },
    )
    shape = "-".join(map(str, [net.n_in, *arguments.hidden, net.n_out]))
    size = f"{shape}, {net.flat_parameters.size:,} parameters"
    print(f"model: {printable(arguments.out)} ({size}, trained in {seconds:.1f} s)")
    files = shlex.join([arguments.out, arguments.table])
    print(printable(f"next: fastnn predict {files}"))


def check_out(arguments):
    """Before any work: the model can be written, and not over the table."""
    out = arguments.out
    terminal.check_can_write(out)
    if terminal.same_file(out, arguments.table):
        raise Failure(f"--out {out!r} is the table itself; choose another name")


def read(path, arguments):
    """The table without what --drop names."""
    table = reading.as_table(path)
    for name in (arguments.target, *arguments.drop):
        if name not in table:
            what = "" if name == arguments.target else " to leave out"
            raise Failure(
                f"{path}: there is no column {name!r}{what}; "
                f"the columns are {listed(table.names)}"
                + "".join(f" ({said})" for said in table.read[:2])
            )
    table = table.without(name for name in arguments.drop if name != arguments.target)
    if len(table.names) < 2:
        raise Failure(f"{path}: no column is left to learn from")
    return table


def prepare(table, arguments):
    """The Prepared of a table, or a Failure that says why there can be none."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="prepare: the verdict")
            prepared = data.prepare(
                table, arguments.target, arguments.test_fraction, arguments.seed,
                split=arguments.split, task=arguments.task,
            )  # fmt: skip
    except ValueError as error:
        why = str(error).removeprefix("prepare: ")
        why = why.replace("task='values'", "--task values")
        raise Failure(f"{arguments.table}: {why}") from None
    report = prepared.report
    if report.verdict == "never":
        reasons = " ".join(report.reasons)
        if not arguments.force:
            raise Failure(
                f"{arguments.table}: nothing can be learned from this table: {reasons} "
                "(--force trains all the same)"
            )
        terminal.note("fastnn train", f"the verdict on the table is never: {reasons}")
    return prepared


def reason(prepared, table, task):
    """What the target is taken for, and why: classes, 3 different texts."""
    about = prepared.recipe.target
    column = mended(about, table, prepared.recipe.steps)
    n = column.n_distinct
    whole = column.kind == "number" and np.all(column.present == column.present.round())
    kinds = {"text": "texts", "boolean": "booleans", "date": "dates"}
    what = kinds.get(column.kind, "whole numbers" if whole else "numbers")
    why = f"{n} different {what}"
    if task != "auto":
        why += f" (--task {task})"
    elif column.kind != "text":
        other = "values" if about.task == "classes" else "classes"
        why += f" (--task {other} for {other})"
    return f"classes, {why}" if about.task == "classes" else f"values to predict, {why}"


def tell_table(table, prepared, arguments):
    """What there is to learn from, and what was decided about it, a line each."""
    n_rows = len(prepared.rows_train) + len(prepared.rows_test)
    size = f"{count(n_rows, 'row')}, {count(len(table.names) - 1, 'column')}"
    name = printable(arguments.table)
    print(f"{name}: {size} to learn from, target {arguments.target!r}")
    print(f"target: {reason(prepared, table, arguments.task)}")
    print(f"split: {prepared.split}")
    tell_repairs(prepared.report)


def tell_repairs(report, most=8):
    """The repairs, a line each; those of one kind that say nearly the same share it."""
    groups = {}
    for finding in report.of("repair"):
        if finding.repair:
            key = finding.kind, *ends_of(finding.repair)
            columns, texts = groups.setdefault(key, ([], {}))
            columns.extend(finding.columns)
            texts[finding.repair] = None
    for columns, texts in list(groups.values())[:most]:
        where = f"{listed(columns, 4)}: " if columns else ""
        print(f"repair: {where}{printable(joined(list(texts)))}")
    if len(groups) > most:
        print(f"repair: and {len(groups) - most} more; fastnn inspect tells them all")


def ends_of(text):
    """The first and the last word: what sentences have that say nearly the same."""
    words = text.split()
    return words[0], words[-1]


def joined(texts, most=4):
    """Sentences as one: "Read '?', -999 as missing." """
    words = [text.split() for text in texts]
    if len(words) == 1:
        return texts[0]
    shortest = min(map(len, words))
    first = n_shared(words)
    last = min(n_shared([line[::-1] for line in words]), shortest - first)
    parts = [" ".join(line[first : len(line) - last]) for line in words]
    parts = [part for part in parts if part]
    middle = ", ".join(parts[:most]) + " ..." * (len(parts) > most)
    return " ".join([*words[0][:first], middle, *words[0][len(words[0]) - last :]])


def n_shared(lists):
    """How many things all of the lists begin with."""
    places = zip(*lists, strict=False)
    return sum(1 for _ in takewhile(lambda same: len(set(same)) == 1, places))


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


def tell_scores(net, goal, prepared):
    parts = [("training", prepared.X_train, prepared.y_train)]
    if len(prepared.y_test):
        parts.append(("test", prepared.X_test, prepared.y_test))
    scores = [
        f"{name} {net.score(X, goal.of(y)):.4f} ({count(len(X), 'row')})"
        for name, X, y in parts
    ]
    print(f"{'R2' if goal.classes is None else 'accuracy'}: {', '.join(scores)}")
    if goal.classes is not None:
        counts = np.bincount(np.concatenate([y for _, _, y in parts]))
        print(f"to compare with: always {goal.classes[counts.argmax()]!r} "
              f"would be right in {counts.max() / counts.sum():.4f}")  # fmt: skip


class Goal:
    """The target as the network learns it: values are scaled like the features."""

    def __init__(self, prepared):
        self.classes = prepared.classes
        with np.errstate(over="ignore", invalid="ignore"):
            self.mean = float(prepared.y_train.mean())
            self.scale = float(prepared.y_train.std()) or 1.0
        if not (np.isfinite(self.mean) and np.isfinite(self.scale)):
            raise Failure("the values of the target are too large to be scaled")

    @property
    def n_out(self):
        return 1 if self.classes is None else len(self.classes)

    def of(self, y):
        return (y - self.mean) / self.scale if self.classes is None else y

    def metadata(self):
        if self.classes is not None:
            return {}
        return {"target_mean": self.mean, "target_scale": self.scale}
