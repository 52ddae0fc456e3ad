"""One thread for everybody; one table for each bench and size, with a line a path."""

import os
from collections import defaultdict

import pytest
from versus import quiet

os.environ.update(quiet.environment(1))  # before NumPy and the others are loaded


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    quiet.keep_to(1)


@pytest.fixture
def side_by_side(benchmark):
    """side_by_side(task, path): check a contestant of a versus.Task, then time it."""

    def bench(task, path):
        way = task.way(path)
        if way is None:
            pytest.skip(f"{path} is not installed")
        if way.begin is None:
            benchmark(way.run)
        else:
            benchmark.pedantic(way.run, setup=way.begin, rounds=20)
        benchmark.extra_info["amount"] = way.amount  # what a run does: its steps

    return bench


def pytest_benchmark_group_stats(config, benchmarks, group_by):
    if group_by != "group":  # asked for by --benchmark-group-by
        return None
    groups = defaultdict(list)
    for bench in benchmarks:
        params = bench["params"] or {}
        rest = [f"{name}={value}" for name, value in params.items() if name != "path"]
        title = " ".join([bench["name"].partition("[")[0], *rest])
        groups[title].append(bench)
    for rows in groups.values():
        rows.sort(key=lambda bench: bench["fullname"])
    return list(groups.items())
