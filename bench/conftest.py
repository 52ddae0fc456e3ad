"""One table for each bench and size, with a line for each path."""

from collections import defaultdict


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
