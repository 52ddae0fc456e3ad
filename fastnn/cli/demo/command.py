"""Watch three networks learn real handwritten digits, and see how they did it.

Logistic regression, a network with one hidden layer and one with five learn on the
kernels; then one small training runs twice, in plain Python and on the kernels, and
the weights are compared. A page with curves and pictures shows the rest. Without
kernels, two smaller networks learn in plain Python.
"""

import os
import statistics
import time
import webbrowser
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ... import backend
from ...network import History, Network, mlp
from ...network.training import optimizers
from .. import terminal
from ..arguments import whole
from .recipes import RECIPES, SMALL_RECIPES, Recipe, digits

NAME = "demo"
SUMMARY = "watch networks learn real handwritten digits"
EXAMPLE = ("fastnn demo", "fastnn demo --seed 3 --report digits.html --open")


def add_arguments(parser):
    add = parser.add_argument
    add("--seed", type=whole, default=0, metavar="N",
        help="of the split, the weights and the shuffling; 0 by default")  # fmt: skip
    add("--report", default="fastnn-report.html", metavar="FILE",
        help="where the page goes; fastnn-report.html by default")  # fmt: skip
    add("--open", action="store_true", help="show the page in the browser at the end")


@dataclass(frozen=True)
class Outcome:
    """What came out of one recipe."""

    recipe: Recipe
    net: Network
    history: History
    train_accuracy: float
    test_accuracy: float
    seconds: float


@dataclass(frozen=True)
class Twins:
    """One training on both paths."""

    shape: str
    n_samples: int
    epochs: int
    python_seconds: float
    kernel_seconds: float
    difference: float  # the largest of all weights and biases

    @property
    def ratio(self):
        return self.python_seconds / self.kernel_seconds


def run(arguments):
    terminal.check_can_write(arguments.report)
    train, test = digits(arguments.seed)
    if backend.path() != "kernels":
        run_small(train, test, arguments.seed)
        return
    tell_digits(train, test)
    outcomes = learn(RECIPES, train, test, arguments.seed, held_out=test)
    print()
    twins = compare(train, arguments.seed)
    print()
    try:
        from . import report
    except ImportError as error:
        if "matplotlib" not in str(error):
            raise
        print('no report: it needs matplotlib; pip install "fastnn[plot]"')
        return
    page = report.page(outcomes, twins, test, arguments.seed)
    with terminal.writing(arguments.report) as file:
        file.write(page)
    print(f"report: {os.path.abspath(arguments.report)}")
    if arguments.open:
        webbrowser.open(Path(arguments.report).resolve().as_uri())


def run_small(train, test, seed):
    """What plain Python can do in the time that one likes to wait; no report."""
    print(
        "a small demo, in plain Python: there are no kernels, for this fastnn\n"
        f"{backend.why_no_kernels()}.\n"
        "Install it with a C compiler, `pip install .`, for all of it at full speed."
    )
    print()  # fmt: skip
    tell_digits(train, test)
    learn(SMALL_RECIPES, train, test, seed)


def tell_digits(train, test):
    print(f"{len(train[1]) + len(test[1]):,} real handwritten digits of 8x8 pixels: "
          f"{len(train[1]):,} to learn from, {len(test[1])} held out")  # fmt: skip
    print()


def learn(recipes, train, test, seed, held_out=None):
    """Train the networks, printing a line for each."""
    widths = (-19, 10, 10, 8, 8)
    head = ("network", "parameters", "training", "test", "seconds")
    print(*terminal.columns([head], widths), flush=True)
    outcomes = []
    for recipe in recipes:
        outcome = learn_one(recipe, train, test, seed, held_out)
        outcomes.append(outcome)
        row = (
            recipe.name,
            f"{outcome.net.flat_parameters.size:,}",
            f"{outcome.train_accuracy:.1%}",
            f"{outcome.test_accuracy:.1%}",
            f"{outcome.seconds:.2f}",
        )
        print(*terminal.columns([row], widths), flush=True)
    return outcomes


def learn_one(recipe, train, test, seed, held_out=None):
    net = recipe.network(seed)
    started = time.perf_counter()
    progress = terminal.training_progress(recipe.name)
    history = recipe.fit(net, train, held_out=held_out, progress=progress)
    seconds = time.perf_counter() - started
    return Outcome(recipe, net, history, net.score(*train), net.score(*test), seconds)


TWIN_SHAPE, TWIN_SAMPLES, TWIN_EPOCHS = (64, 32, 10), 256, 20


def compare(train, seed):
    """The same training in plain Python and on the kernels."""
    X, y = train[0][:TWIN_SAMPLES], train[1][:TWIN_SAMPLES]
    shape = "-".join(map(str, TWIN_SHAPE))
    print(f"the same training twice: {shape} in float64, {TWIN_SAMPLES} digits, "
          f"{TWIN_EPOCHS} epochs", flush=True)  # fmt: skip

    def train_on(path, progress=False):
        n_in, *hidden, n_out = TWIN_SHAPE
        with backend.use(path):
            net = mlp(n_in, hidden, n_out, seed=seed, dtype="float64")
            started = time.perf_counter()
            net.fit(X, y, optimizer=optimizers.Adam(3e-3), epochs=TWIN_EPOCHS,
                    batch_size=32, progress=progress)  # fmt: skip
            return net.flat_parameters, time.perf_counter() - started

    bar = terminal.training_progress("plain Python")
    in_python, python_seconds = train_on("reference", bar)
    runs = [train_on("kernels") for _ in range(9)]
    twins = Twins(
        shape,
        TWIN_SAMPLES,
        TWIN_EPOCHS,
        python_seconds,
        statistics.median(seconds for _, seconds in runs),
        float(np.abs(runs[0][0] - in_python).max()),
    )
    print(f"  plain Python  {twins.python_seconds:9.4f} s")
    print(f"  kernels       {twins.kernel_seconds:9.4f} s, "
          f"{twins.ratio:,.0f} times faster")  # fmt: skip
    print(f"  largest difference of the weights: {twins.difference:.1e}")
    return twins
