"""Two threads against one, the two largest training rows; the same bits are checked."""

import os
import threading
from dataclasses import replace
from functools import partial

import numpy as np

import fastnn as fn

from . import pages, quiet, training
from .task import OURS, Task, measure, ratios

NAME, TITLE = "threads", "Two threads against one"
THREADS = 2  # of this topic's process
GOAL = 1.8
CORES = sorted(os.sched_getaffinity(0))
LARGEST = training.WORKLOADS[-2:]


def apart():
    """This thread on the first core, all others of the process on the second.

    The kernel of some virtual machines packs threads that wait for each other on one
    core, and leaves the other idle for seconds; that would be what is measured.
    """
    me = threading.get_native_id()
    for thread in map(int, os.listdir("/proc/self/task")):
        os.sched_setaffinity(thread, CORES[:1] if thread == me else CORES[1:2])


def with_threads(n, work, steps):
    way = training.ours(work, steps)

    def begin():
        fn.set_num_threads(n)
        way.begin()
        way.run()  # makes the threads
        apart()
        way.begin()

    return replace(way, result=lambda: way.result().copy(), begin=begin)


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
    """Ours of all workloads, then the peers': their threads wait busily for more work.

    On the core that our second thread needs, for 30 ms after a run.
    """
    ours = {OURS: partial(with_threads, 2), "1 thread": partial(with_threads, 1)}
    peers = {"NumPy": two_of_numpy, "torch": two_of_torch}
    for makers in (ours, peers):
        for work in workloads:
            ways = {
                name: partial(make, work, work.steps) for name, make in makers.items()
            }
            if makers is ours:
                ways[OURS] = partial(same_bits, work)
            n = min(work.steps, training.CHECKED_STEPS)
            short = {name: partial(make, work, n) for name, make in makers.items()}
            agree = training.task(work).agree
            yield Task(work.name, ways, agree, short=short, yardsticks=("1 thread",))


def run(quick=False):
    if len(CORES) < 2:
        return []
    some = LARGEST[:1] if quick else LARGEST
    records = []
    for task in tasks(some):
        if OURS not in task.ways:
            os.sched_setaffinity(0, CORES)
        records.append(measure(task, 1.0 if quick else 3.0, (5, 31)))
    for record, peers in zip(records[: len(some)], records[len(some) :], strict=True):
        record["times"] |= peers["times"]
    return records[: len(some)]


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
