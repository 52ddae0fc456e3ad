"""The benches don't lie: what is timed was checked, what is printed was measured."""

import gc
import re
import subprocess
import sys
import time

import numpy as np
import pytest

import fastnn as fn

pages = pytest.importorskip("versus.pages", reason="bench/ is not beside the tests")
from versus import chain, graph, matmul, memory, neuro, quiet, training  # noqa: E402
from versus.task import (  # noqa: E402
    OURS,
    TURN,
    Task,
    Way,
    best_other,
    measure,
    ratios,
    runs_of_a_turn,
)

TOPICS = ("matmul", "elementwise", "losses", "optimizers", "training", "predict",
          "threads", "process", "growth", "memory", "graph",
          "graph_threads", "neuro")  # fmt: skip
DOCUMENT = pages.ROOT / "docs" / "benchmarks.md"


def way(value=1.0, seconds=0.0, log=None, begin=None):
    def run():
        if log is not None:
            log.append(value)
        time.sleep(seconds)

    return lambda: Way(run, lambda: value, begin)


def is_one(result):
    assert result == 1.0


def record(times, **more):
    """A record as `measure` gives it, of times in microseconds."""
    times = {name: [t * 1e-6 for t in some] for name, some in times.items()}
    base = {"name": "a task", "goal": 0.5, "labels": {}, "yardsticks": []}
    return {**base, "times": times, **more}


# --- Measuring -----------------------------------------------------------------------


def test_a_wrong_result_gets_no_time():
    task = Task("a task", {OURS: way(1.0), "NumPy": way(1.1)}, is_one)
    with pytest.raises(AssertionError, match="a task: NumPy's result is wrong"):
        measure(task, 0.01)


def test_the_check_comes_before_the_first_timed_run():
    log = []

    def agree(result):
        log.append("checked")

    measure(Task("a task", {OURS: way(log=log)}, agree), 0.001, rounds=(3, 3))
    assert log[:2] == [1.0, "checked"] and len(log) >= 2 + 3


def test_who_is_not_installed_is_left_out():
    def absent():
        raise ImportError("no module named jax")

    found = measure(Task("a task", {OURS: way(), "jax": absent}, is_one), 0.001)
    assert list(found["times"]) == [OURS]
    line = pages.side_by_side([found], columns=("jax",)).splitlines()[-1]
    assert line.split("|")[3].strip() == line.split("|")[4].strip() == "-"


def test_contestants_take_turns():
    log = []
    ways = {name: way(name, 0.02, log) for name in (OURS, "NumPy", "torch")}
    found = measure(Task("a task", ways, None), 0.001, rounds=(4, 4))
    assert log[-12:] == [OURS, "NumPy", "torch"] * 4
    assert all(len(times) == 4 for times in found["times"].values())


def test_begin_is_not_timed_and_comes_before_every_run():
    log = []

    def begin():
        log.append("begin")
        time.sleep(0.05)

    ways = {OURS: way("run", 0.001, log, begin)}
    found = measure(Task("a task", ways, None), 0.001, rounds=(3, 3))
    assert log == ["begin", "run"] * (len(log) // 2)
    assert max(found["times"][OURS]) < 0.04


def test_a_first_run_that_compiles_does_not_decide_how_often_a_turn_runs():
    """Else a quick call would be timed alone, with a cold cache."""
    waits = [2 * TURN]

    def run():
        time.sleep(waits.pop() if waits else 0.0)

    n, seconds = runs_of_a_turn(Way(run, lambda: None))
    assert n > 1 and seconds < 2 * TURN * n


def test_the_collector_is_as_it_was():
    found = []
    ways = {OURS: lambda: Way(lambda: found.append(gc.isenabled()), lambda: None)}
    for collector in (False, True):
        found.clear()
        measure(Task("a task", ways, None), 0.001, (3, 3), collector)
        assert found[-1] is collector and gc.isenabled() and not gc.get_freeze_count()


def test_ratios_are_formed_within_rounds():
    found = record(
        {OURS: [1, 10, 1], "NumPy": [2, 20, 2], "torch": [9, 9, 9], "peak": [1, 1, 1]},
        yardsticks=["peak"],
    )
    assert best_other(found) == "NumPy"
    assert ratios(found) == pytest.approx([0.5, 0.5, 0.5])


def test_a_training_with_other_settings_is_refused():
    work = training.WORKLOADS[2]
    agree = training.task(work).agree

    def result(optimizer):
        changed = training.Workload(**{**vars(work), "optimizer": optimizer})
        run = training.by_numpy(changed, training.CHECKED_STEPS)
        run.run()
        return run.result()

    agree(result(fn.Adam(1e-3)))
    for wrong in (fn.Adam(1.2e-3), fn.Adam(1e-3, beta1=0.8), fn.SGD(1e-3)):
        with pytest.raises(AssertionError):
            agree(result(wrong))


def test_a_wrong_product_is_refused():
    task = matmul.product((7, 5, 3), "AᵀB", "float32")
    right = task.ways[OURS]()
    right.run()
    task.agree(right.result())
    with pytest.raises(AssertionError):
        task.agree(right.result() + np.float32(1e-5))


def test_a_wrong_gradient_is_refused():
    for task in (*graph.scalar_tasks(), graph.layer(8, "float64")):
        way = task.ways[OURS]()
        way.run()
        right = way.result()
        task.agree(right)
        right[1] = right[1] + 1e-9
        with pytest.raises(AssertionError):
            task.agree(right)


def test_a_neuron_that_fires_at_another_time_is_refused():
    task = neuro.tree(100, 20.0)
    right = task.ways[OURS]()
    right.run()
    found = right.result()
    task.agree(found)
    by_numpy = task.short["NumPy"]()
    by_numpy.run()
    task.agree(by_numpy.result())
    for wrong in ([found[0] + 2.1 * neuro.DT, found[1]], [found[0][:-1], found[1]]):
        with pytest.raises(AssertionError):
            task.agree(wrong)


def test_a_network_that_fires_at_another_rate_is_refused():
    task = neuro.network("CUBA", 0.1)
    right = task.ways[OURS]()
    right.run()
    times, cells = right.result()
    task.agree((times, cells))
    with pytest.raises(AssertionError, match=r"is not in 5 \.\.\. 7"):
        task.agree((times[::2], cells[::2]))


def test_everybody_gets_one_thread():
    code = (
        "from versus import quiet; quiet.keep_to(1); import os, fastnn; "
        "print(len(os.sched_getaffinity(0)), fastnn.get_num_threads(), "
        "os.environ['OPENBLAS_NUM_THREADS'])"
    )
    path = [str(pages.ROOT / "bench"), *sys.path]
    command = [sys.executable, "-c", f"import sys; sys.path[:] = {path!r}; {code}"]
    child = subprocess.run(
        command, env=quiet.environment(1), capture_output=True, text=True, check=True
    )
    assert child.stdout.split() == ["1", "1", "1"]


# --- Printing ------------------------------------------------------------------------


def test_a_row_by_hand():
    found = record({OURS: [1, 2, 3, 4, 5], "NumPy": [10, 10, 10, 10, 10]})
    assert pages.side_by_side([found], "what", ("NumPy", "torch")).splitlines() == [
        "| what | fastnn | NumPy | torch | fastnn / best other | goal |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        "| a task | 3 µs [2-4] | 10 µs | - | 0.30 [0.20-0.40] | ≤ 0.5 ✓ |",
    ]


def test_a_time_in_three_digits_is_never_a_thousand():
    times = [12.34e-6, 999.4e-6, 999.6e-6, 0.9994, 0.9996, 12.0]
    shown = ["12.3 µs", "999 µs", "1 ms", "999 ms", "1 s", "12 s"]
    assert [pages.microseconds(t) for t in times] == shown


def test_a_goal_that_is_missed_is_shown_as_missed():
    assert pages.goal_cell(record({OURS: [6, 6], "NumPy": [10, 10]})) == "≤ 0.5 ✗"
    assert pages.goal_cell(record({OURS: [6, 6]})) == "≤ 0.5"


def test_goals_of_graphs_by_hand():
    labels = {"seconds": 70e-6, "other": "micrograd", "times": 50}
    found = record({OURS: [60, 60], "micrograd": [1200, 1200]}, labels=labels)
    assert list(graph.goals(found)) == [
        "- a task: 60 µs, goal ≤ 70 µs ✓",
        "- a task: 20.00 [20.00-20.00] times as fast as micrograd, goal ≥ 50 ✗",
    ]
    assert list(graph.goals(record({OURS: [60, 60]}))) == []


def test_goals_of_neurons_by_hand():
    found = record({OURS: [6, 6], "NEURON": [10, 10]}, labels={"seconds": 5e-6})
    assert neuro.goal(found) == "≤ 5 µs ✗"
    found["labels"] = {"other": "NEURON", "ratio": 0.7}
    assert neuro.goal(found) == "≤ 0.7 of NEURON ✓"
    del found["times"]["NEURON"]
    assert neuro.goal(found) == "≤ 0.7 of NEURON"
    assert neuro.row(found)[1:] == ["6 µs [6-6]", "-", "-", "-", "-", "≤ 0.7 of NEURON"]


def test_fill_changes_the_blocks_it_has_and_nothing_else(tmp_path):
    page = tmp_path / "page.md"
    text = "a\n<!-- bench: {} -->\n{}\n<!-- end -->\nb\n"
    page.write_text(text.format("one", "old") + text.format("two", "old"))
    pages.fill(page, {"one": "new \\1 \\n", "three": "none"})
    expected = text.format("one", "new \\1 \\n") + text.format("two", "old")
    assert page.read_text() == expected


@pytest.mark.skipif(not DOCUMENT.exists(), reason="docs/ is not beside the tests")
def test_the_page_has_a_block_for_every_topic():
    names = set(pages.names_in(DOCUMENT.read_text(encoding="utf-8")))
    of_topics = {*TOPICS, *(f"{name}-date" for name in TOPICS)}
    parts = {"fixed-cost", "graph-memory", "neuro-building", "neuro-growth"}
    assert names == {"machine", *parts, *of_topics}


@pytest.mark.skipif(not DOCUMENT.exists(), reason="docs/ is not beside the tests")
def test_the_readme_shows_what_the_page_shows():
    """Its table was measured in the same run: the same times in every row."""
    readme = (pages.ROOT / "README.md").read_text(encoding="utf-8")
    page = DOCUMENT.read_text(encoding="utf-8")
    tables = block_in(page, "training") + block_in(page, "predict")
    rows = {line.split("|")[1]: line for line in rows_of(tables)}
    shown = [x for x in rows_of(block_in(readme, "readme")) if "µs" in x or " ms" in x]
    for line in shown:
        name, *times = [cell.strip() for cell in line.split("|")[1:7]]
        in_page = rows[f" {name} "]
        assert all(time in in_page for time in times), name


def rows_of(text):
    return re.findall(r"^\|.*\|$", text, re.MULTILINE)


def block_in(text, name):
    found = pages.block(name).search(text)
    return found[0] if found else ""


# --- What is measured ----------------------------------------------------------------


@pytest.mark.parametrize("work", training.WORKLOADS[1:3], ids=lambda work: work.name)
@pytest.mark.speed
def test_small_trainings_beat_numpy_by_hand(work):
    some = {name: training.CONTESTANTS[name] for name in (OURS, "NumPy")}
    found = measure(training.task(work, some, steps=500), 0.2, rounds=(5, 9))
    assert np.median(ratios(found)) < 0.6  # measured: 0.1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("shuffle", [True, False])
def test_a_training_needs_the_memory_that_the_page_says(shuffle):
    """The kernels' own scratch included, which tracemalloc cannot see."""
    widths, batch = (784, 128, 10), 64
    expected = memory.expected(widths, batch, slots=2)
    x_bytes = 4 * memory.ROWS * widths[0]
    for how in ("counted", "resident"):
        used = memory.measured(how, widths, batch, "fn.Adam()", shuffle=shuffle)
        assert used < expected + 3_000_000 < x_bytes / 10, how


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_scalar_node_needs_the_memory_that_the_page_says():
    """Forward, backward at its peak, and nothing left of a chain that was dropped."""
    found = chain.measured(OURS)
    assert max(found["forward"], found["backward"]) <= chain.GOAL
    assert found["dropped"] < 10  # of 96: pages of pymalloc that others use as well
