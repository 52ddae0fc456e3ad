"""The layer of 256 × 256 with two threads for everybody."""

import os
import time
from functools import partial

from . import graph, pages
from .task import Way, measure

NAME, TITLE = "graph_threads", "Graphs on two threads"
THREADS = 2  # of this topic's process
RUNS = 20  # in a turn
PAUSE = 0.1  # seconds: threads of BLAS and OpenMP wait busily after their last work
CONTESTANTS = {**graph.CONTESTANTS, "torch": partial(graph.by_torch, threads=2)}
del CONTESTANTS["jax"]  # it cannot be told how many threads to take


def rested(make, arrays):
    """The Way of a contestant that has both cores.

    The others' threads have gone to sleep; its own have worked for long enough that
    the system has found each of them a core, which takes it some 20 ms.
    """
    way = make(arrays)

    def begin():
        time.sleep(PAUSE)
        until = time.perf_counter() + PAUSE
        while time.perf_counter() < until:
            way.run()

    def run():
        for _ in range(RUNS):
            way.run()

    return Way(run, way.result, begin, RUNS)


def tasks():
    ways = {name: partial(rested, make) for name, make in CONTESTANTS.items()}
    for dtype in ("float32", "float64"):
        yield graph.layer(256, dtype, 1.0, ways)


def run(quick=False):
    if len(os.sched_getaffinity(0)) < 2:
        return []
    return [measure(task, 0.2 if quick else 1.0, collector=True) for task in tasks()]


def blocks(records):
    if not records:
        return {NAME: "This machine has one core."}
    columns = ("by hand", "MyGrad", "torch")
    return {NAME: pages.side_by_side(records, "forward and backward", columns)}
