"""A task, the ways to do it, and their times: taken in turns, after a check.

The contestants run one after the other in rounds, so that a busy machine disturbs all
of them alike. A ratio is formed within each round; its median and quartiles are shown.
"""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

OURS = "fastnn"
TURN = 0.01  # seconds that a turn lasts at least, where a run may be repeated
MOST_RUNS = 20_000  # in a turn


@dataclass
class Way:
    """One contestant, ready to go.

    run(): timed. result(): what the last run made, for the check. begin(): before each
    run and not timed; None: runs may follow each other within a turn.
    amount: how many times a run does the task (training: its steps).
    """

    run: Callable
    result: Callable
    begin: Callable | None = None
    amount: float = 1


@dataclass
class Task:
    """What is to be done: {contestant: function that makes its Way}.

    agree(result): raises AssertionError where a result is wrong; None: no result.
    short: other makers for the check, where the timed runs are too long for it.
    goal: the largest ratio, ours to the best other, that we want; labels: of the row.
    yardsticks: names among the ways that are no contestants (the peak of the machine).
    """

    name: str
    ways: dict
    agree: Callable | None
    goal: float | None = None
    short: dict | None = None
    labels: dict = field(default_factory=dict)
    yardsticks: tuple = ()

    def way(self, name):
        """A contestant's Way, once its result has been checked; None: not installed."""
        try:
            if self.agree is not None:
                checked = (self.short or self.ways)[name]()
                once(checked, 1)
                self.check(name, checked.result())
            return self.ways[name]()
        except ImportError:
            return None

    def check(self, name, result):
        if name in self.yardsticks:
            return
        try:
            self.agree(result)
        except AssertionError as error:
            raise AssertionError(
                f"{self.name}: {name}'s result is wrong, so it gets no time.{error}"
            ) from None


def once(way, n):
    """Seconds of n runs."""
    if way.begin is not None:
        way.begin()
    run = way.run
    start = time.perf_counter()
    for _ in range(n):
        run()
    return time.perf_counter() - start


def runs_of_a_turn(way):
    """(runs that fill a turn, seconds that they take).

    A first run may compile, so where runs can be repeated it is not looked at.
    """
    if way.begin is None:
        way.run()
    n, seconds = 1, once(way, 1)
    while way.begin is None and seconds < TURN and n < MOST_RUNS:
        n = min(MOST_RUNS, max(2 * n, int(n * TURN / seconds)))
        seconds = once(way, n)
    return n, seconds


def measure(task, seconds=1.0, rounds=(7, 101), collector=False):
    """The record of a task: {"times": {contestant: seconds of each round}, ...}.

    seconds: for each contestant; rounds: at least and at most. collector: the garbage
    collector runs, as in a user's program, and who leaves cycles behind waits for it;
    what the libraries made when they were imported is none of its business.
    """
    ways = {name: way for name in task.ways if (way := task.way(name)) is not None}
    runs, spent = {}, {}
    for name, way in ways.items():
        runs[name], spent[name] = runs_of_a_turn(way)
    longest = max(spent.values())
    n_rounds = int(max(rounds[0], min(rounds[1], seconds / longest)))
    times = {name: [] for name in ways}
    gc.collect()
    gc.freeze() if collector else gc.disable()
    try:
        for _ in range(n_rounds):
            for name, way in ways.items():
                n = runs[name]
                if n > 1:
                    way.run()  # its code and data come back into the cache
                times[name].append(once(way, n) / n / way.amount)
    finally:
        gc.unfreeze() if collector else gc.enable()
    return {
        "name": task.name, "goal": task.goal, "labels": task.labels,
        "yardsticks": list(task.yardsticks), "times": times,
    }  # fmt: skip


# --- What a record says --------------------------------------------------------------


def median(record, name):
    """Seconds, or None for a contestant that was not there."""
    times = record["times"].get(name)
    return statistics.median(times) if times else None


def others(record):
    return [n for n in record["times"] if n != OURS and n not in record["yardsticks"]]


def best_other(record):
    """The contestant with the smallest median, apart from ours; None: there is none."""
    return min(others(record), key=lambda name: median(record, name), default=None)


def ratios(record, name=None):
    """Our time to another's (the best other's), one ratio for each round."""
    name = best_other(record) if name is None else name
    both = zip(record["times"][OURS], record["times"][name], strict=True)
    return [mine / theirs for mine, theirs in both]


def quartiles(values):
    """(low quartile, median, high quartile)."""
    if len(values) < 2:
        return (values[0],) * 3
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high
