"""Two threads against one, the two largest training rows; the same bits are checked."""

import os
from functools import partial

import numpy as np

import fastnn as fn

from . import pages, quiet, training
from .task import OURS, Task, Way, measure, ratios

NAME, TITLE = "threads", "Two threads against one"
THREADS = 2  # of this topic's process
GOAL = 1.8
LARGEST = training.WORKLOADS[-2:]


def with_threads(n, work, steps):
    way = training.ours(work, steps)

    def begin():
        way.begin()
        fn.set_num_threads(n)

    return Way(way.run, lambda: way.result().copy(), begin, steps)


def two_of_numpy(work, steps):
    """NumPy whose BLAS may use both cores; this process' environment says so."""
    return training.by_numpy(work, steps)


def two_of_torch(work, steps):
    torch = quiet.import_torch()

    way = training.by_torch(work, steps)
    torch.set_num_threads(2)
    return way


def same_bits(work):
    """Ours on two threads, once it has given the bits that it gives on one."""
    results = []
    for n in (1, 2):
        way = with_threads(n, work, work.steps)
        way.begin()
        way.run()
        results.append(way.result())
    assert np.array_equal(*results), f"{work.name}: two threads give other bits"
    return way


def tasks(workloads=tuple(LARGEST)):
    for work in workloads:
        makers = {
            OURS: partial(with_threads, 2),
            "1 thread": partial(with_threads, 1),
            "NumPy": two_of_numpy,
            "torch": two_of_torch,
        }
        ways = {name: partial(make, work, work.steps) for name, make in makers.items()}
        ways[OURS] = partial(same_bits, work)
        n = min(work.steps, training.CHECKED_STEPS)
        short = {name: partial(make, work, n) for name, make in makers.items()}
        agree = training.task(work).agree
        yield Task(work.name, ways, agree, short=short, yardsticks=("1 thread",))


def run(quick=False):
    if len(os.sched_getaffinity(0)) < 2:
        return []
    some = LARGEST[:1] if quick else LARGEST
    return [measure(task, 1.0 if quick else 3.0, (5, 31)) for task in tasks(some)]


def blocks(records):
    if not records:
        return {NAME: "This machine has one core."}
    head = ["one step", "fastnn, 1 thread", "fastnn, 2 threads", "faster by", "goal",
            "NumPy, 2 threads", "torch, 2 threads"]  # fmt: skip
    rows = []
    for record in records:
        faster = [1 / x for x in ratios(record, "1 thread")]
        met = pages.quartiles(faster)[1] >= GOAL
        rows.append([
            record["name"], pages.time_cell(record, "1 thread"),
            pages.time_cell(record, OURS), pages.ratio_cell(faster),
            f"≥ {GOAL:g} {'✓' if met else '✗'}", pages.time_cell(record, "NumPy"),
            pages.time_cell(record, "torch"),
        ])  # fmt: skip
    return {NAME: pages.table(head, rows)}
