"""Time the kernels, NumPy and plain Python side by side, on one thread.

Each row is one task done three ways, in turns, so that a busy machine disturbs all of
them alike. Times are medians, with the quartiles of the runs in brackets. Training
steps show the loss as well: equal losses, equal work.
"""

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np

from .. import backend, ops
from ..network import mlp
from ..network.training import optimizers
from . import terminal
from .by_hand import NumPyTraining
from .terminal import Failure

NAME = "bench"
SUMMARY = "kernels, NumPy and plain Python side by side"
EXAMPLE = ("fastnn bench", "fastnn bench --quick")

ONE_THREAD = {
    f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "MKL", "OMP", "BLIS")
}
KERNEL, NUMPY, PYTHON = "kernel", "NumPy", "plain Python"


def add_arguments(parser):
    add = parser.add_argument
    add("--quick", action="store_true", help="fewer runs and smaller tasks: 3 s")


def run(arguments):
    if backend.path() != "kernels":
        raise Failure(
            "there are no kernels to time, for this fastnn "
            f"{backend.why_no_kernels()}; install it with a C compiler, "
            "`pip install .`, to get them"
        )
    if any(os.environ.get(name) != "1" for name in ONE_THREAD):
        run_again_on_one_thread(arguments)
        return
    threads = backend.get_num_threads()
    backend.set_num_threads(1)
    try:
        measure(arguments.quick)
    finally:
        backend.set_num_threads(threads)


def run_again_on_one_thread(arguments):
    """NumPy's BLAS reads the number of its threads once, when it is loaded."""
    code = (
        f"import sys; sys.path[:] = {sys.path!r}; from fastnn.cli import main; "
        "sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "bench"]
    command += ["--quick"] if arguments.quick else []
    sys.stdout.flush()
    child = subprocess.run(command, env={**os.environ, **ONE_THREAD})
    if child.returncode == 130:
        raise KeyboardInterrupt
    if child.returncode == 141:  # its reader, which is ours, has left
        raise BrokenPipeError
    if child.returncode:
        raise Failure(f"the run on one thread ended with status {child.returncode}")


# --- Measuring -----------------------------------------------------------------------


@dataclass
class Task:
    """ways: {KERNEL: function, NUMPY: function, PYTHON: function or absent}.

    per: how many times each call does the task, {way: number} (1 by default).
    check: called once before anything is timed; returns a remark or None.
    """

    name: str
    ways: dict
    per: dict
    check: object


def measure(quick):
    """Time all tasks and print a line for each as soon as it is done."""
    print(f"{backend.config()['CPU variant']} kernels, one thread, float32; "
          f"NumPy {np.__version__}, Python {sys.version.split()[0]}")  # fmt: skip
    print("medians of runs in turns, [quartiles]; x: how many times slower than the "
          "kernel")  # fmt: skip
    print()
    widths = (-24, -26, -36, -24)
    print(*terminal.columns([("", KERNEL, NUMPY, PYTHON)], widths), flush=True)
    remarks = []
    for make in tasks(quick):
        task = make()
        remark = task.check()
        times = in_turns(task, seconds=0.3 if quick else 2.0)
        print(*terminal.columns([line(task, times)], widths), flush=True)
        if remark:
            remarks.append(f"{task.name}: {remark}")
    print()
    print(*remarks, sep="\n")


def in_turns(task, seconds):
    """{way: seconds of one task in each run}; a way too slow for many runs has few."""
    inner = {}
    for way, call in task.ways.items():  # enough calls a run to last 2 ms
        took = once(call, 1)
        inner[way] = max(1, min(10_000, int(0.002 / took)))
    times = {way: [] for way in task.ways}
    budget = dict.fromkeys(task.ways, seconds / len(task.ways))
    while any(left > 0 for left in budget.values()):
        for way, call in task.ways.items():
            if budget[way] <= 0 or len(times[way]) >= 201:
                budget[way] = 0
                continue
            took = once(call, inner[way])
            budget[way] -= took
            times[way].append(took / inner[way] / task.per.get(way, 1))
    return times


def once(call, n):
    start = time.perf_counter()
    for _ in range(n):
        call()
    return time.perf_counter() - start


def line(task, times):
    """The cells of a row."""
    kernel = statistics.median(times[KERNEL])
    cells = [task.name]
    for way in (KERNEL, NUMPY, PYTHON):
        if way not in times:
            cells.append("-")
            continue
        median = statistics.median(times[way])
        text = duration(median) + spread(times[way])
        if way != KERNEL:
            text += f" {factor(median / kernel)}x"
        cells.append(text)
    return cells


UNITS = (("s", 1.0), ("ms", 1e-3), ("us", 1e-6))


def unit_for(seconds):
    """The unit in which a time reads well, and its size in seconds."""
    # 999.5 ms, in three digits, is 1 s
    return next((unit for unit in UNITS if seconds >= 0.9995 * unit[1]), UNITS[-1])


def duration(seconds):
    """ "12.3 us" """
    name, size = unit_for(seconds)
    return f"{seconds / size:.3g} {name}"


def spread(times):
    """ " [12.1-12.9]", in the unit of the median; nothing for fewer than 4 runs."""
    if len(times) < 4:
        return ""
    _, size = unit_for(statistics.median(times))
    low, _, high = statistics.quantiles(times, n=4)
    return f" [{low / size:.3g}-{high / size:.3g}]"


def factor(ratio):
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2g}"


# --- The tasks -----------------------------------------------------------------------


def tasks(quick):
    """Functions that each make a Task, so that only one is in memory at a time."""
    sizes = (64, 256) if quick else (64, 256, 1024)
    yield from (lambda n=n: matmul(n, with_python=n <= 64 or (not quick and n <= 256))
                for n in sizes)  # fmt: skip
    yield lambda: tanh(100_000 if quick else 1_000_000)
    yield lambda: training("64-32-10, 32 rows", (64, 32, 10), 32, 100, python=True)
    yield lambda: training(
        "784-128-10, 64 rows", (784, 128, 10), 64, 20, python=not quick
    )


def matmul(n, with_python):
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, n, n), dtype=np.float32)
    mine, theirs = np.empty((2, n, n), np.float32)
    ways = {
        KERNEL: lambda: ops.matmul(a, b, out=mine),
        NUMPY: lambda: np.matmul(a, b, out=theirs),
    }
    if with_python:
        ways[PYTHON] = lambda: on_reference(ops.matmul, a, b)

    def check():
        for call in (ways[KERNEL], ways[NUMPY]):
            call()
        np.testing.assert_allclose(mine, theirs, atol=1e-5 * n)

    return Task(f"matmul {n} x {n}", ways, {}, check)


def tanh(n):
    x = np.random.default_rng(0).standard_normal(n, dtype=np.float32)
    mine, theirs = np.empty((2, n), np.float32)
    few = x[: n // 10]
    ways = {
        KERNEL: lambda: ops.tanh(x, out=mine),
        NUMPY: lambda: np.tanh(x, out=theirs),
        PYTHON: lambda: on_reference(ops.tanh, few),
    }

    def check():
        for call in (ways[KERNEL], ways[NUMPY]):
            call()
        np.testing.assert_allclose(mine, theirs, rtol=1e-6)

    # plain Python does a tenth of the elements
    return Task(f"tanh of {n:,}", ways, {PYTHON: len(few) / n}, check)


def training(name, shape, batch_size, n_steps, python):
    """Steps of relu, cross-entropy and Adam; one call is n_steps of them."""
    n_in, n_hidden, n_out = shape
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_steps * batch_size, n_in), dtype=np.float32)
    y = rng.integers(0, n_out, len(X))

    def network():
        return mlp(n_in, [n_hidden], n_out, seed=0)

    def fit(net, n=None):
        return net.fit(X[:n], y[:n], optimizer=optimizers.Adam(1e-3), epochs=1,
                       batch_size=batch_size, shuffle=False)  # fmt: skip

    net, slow = network(), network()
    by_hand = NumPyTraining(net, X, y, batch_size)
    ways = {KERNEL: lambda: fit(net), NUMPY: by_hand.epoch}
    per = {KERNEL: n_steps, NUMPY: n_steps, PYTHON: 1}
    if python:
        ways[PYTHON] = lambda: on_reference(fit, slow, batch_size)

    def check():
        mine = fit(network()).loss[-1]
        theirs = NumPyTraining(network(), X, y, batch_size).epoch()
        if abs(mine - theirs) > 1e-3:
            raise Failure(f"{name}: the losses differ, {mine} and {theirs}")
        return (
            f"mean loss of the first {n_steps} steps {mine:.6f} on the kernels, "
            f"{theirs:.6f} by hand in NumPy"
        )

    return Task(f"step {name}", ways, per, check)


def on_reference(function, *arguments):
    with backend.use("reference"):
        return function(*arguments)
