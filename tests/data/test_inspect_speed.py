"""A million rows by 50 columns of all sorts: a minute, and two gigabytes more."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import fastnn as fn
from fastnn.data import inspect

HOME = Path(fn.__file__).parents[1]


def mixed(n, n_columns=50, seed=0):
    """Numbers, counts, categories, booleans, dates and names, with some defects."""
    rng = np.random.default_rng(seed)
    columns = {}
    for j in range(n_columns - 1):
        way = j % 7
        if way < 3:
            values = rng.standard_normal(n) * 10.0 ** rng.uniform(-2, 4)
            values[rng.random(n) < 0.02] = np.nan
        elif way == 3:
            values = rng.poisson(7, n)
        elif way == 4:
            levels = np.array([f"level {i}" for i in range(5 + 5 * j)], object)
            values = levels[rng.integers(0, len(levels), n)]
        elif way == 5:
            values = rng.random(n) < 0.4
        else:
            days = rng.integers(0, 3000, n).astype("timedelta64[D]")
            values = (np.datetime64("2012-01-01") + days).astype("datetime64[s]")
        columns[f"c{j}"] = values
    columns["number"] = np.arange(n)
    score = np.nan_to_num(columns["c0"]) / np.nanstd(columns["c0"]) + columns["c3"] / 3
    columns["y"] = np.where(score + rng.standard_normal(n) > 2.5, "yes", "no")
    return columns


CHILD = """
import re, sys, time
sys.path.insert(0, sys.argv[1]); sys.path.insert(0, sys.argv[2])
from test_inspect_speed import mixed
from fastnn.data import inspect
from fastnn.data.reading import as_table

def megabytes(name):
    status = open("/proc/self/status").read()
    return int(re.search(name + r":\\s+(\\d+) kB", status)[1]) / 1000

table = as_table(mixed(1_000_000))
before = megabytes("VmRSS")
open("/proc/self/clear_refs", "w").write("5")  # the peak starts anew, at what is held
started = time.perf_counter()
report = inspect(table, target="y")
seconds = time.perf_counter() - started
print(seconds, (megabytes("VmHWM") - before) / 1000, report.verdict)
"""


@pytest.mark.slow
@pytest.mark.speed
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_million_rows():
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(HOME), here], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    seconds, gigabytes, _ = done.stdout.split()
    assert float(seconds) < 60
    assert float(gigabytes) < 2


@pytest.mark.slow
@pytest.mark.speed
def test_cost_is_linear_in_rows():
    """Four times the rows: less than eight times the seconds, and not the square."""
    tables = [mixed(n, 20) for n in (60_000, 240_000)]

    def seconds(table):
        started = time.process_time()
        inspect(table, target="y")
        return time.process_time() - started

    seconds(tables[0])  # to have all imports done
    short, long = (seconds(table) for table in tables)
    assert long < 8 * short
