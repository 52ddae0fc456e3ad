"""What a reader waits for: the import, the first result, and a second of each model."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import fastnn as fn
from fastnn import neuro

pytestmark = pytest.mark.speed

# processor time: what else the machine does must not count
FIRST = """
import json, time
begin = time.process_time()
from fastnn import neuro
imported = time.process_time()
sim = neuro.HodgkinHuxley().run(T_ms=100, stimulus=neuro.step(10, start_ms=10))
assert len(sim.spike_times) == 6
print(json.dumps([imported - begin, time.process_time() - imported]))
"""


def test_the_import_and_the_first_result_are_at_once():
    package = str(Path(fn.__file__).resolve().parents[1])
    environment = os.environ | {"PYTHONPATH": package}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as users have it
    # NumPy's import starts threads that wait busily: as much again, and nobody waits
    environment["OPENBLAS_NUM_THREADS"] = "1"
    told = [
        subprocess.run(
            [sys.executable, "-c", FIRST], env=environment, check=True, timeout=60,
            stdout=subprocess.PIPE,
        ).stdout
        for _ in range(3)
    ]  # fmt: skip
    imports, results = zip(*map(json.loads, told), strict=True)
    assert min(imports) < 0.3 and min(results) < 0.1


@pytest.mark.parametrize(
    "make, options, seconds",
    [
        (neuro.HodgkinHuxley, {"stimulus": 10.0}, 0.02),
        (neuro.HodgkinHuxley, {"stimulus": 10.0, "units": 100}, 0.5),
        (neuro.CUBA, {}, 0.2),
        (neuro.COBA, {}, 0.45),
    ],
)
def test_a_second_of_each_model(make, options, seconds):
    model, times = make(), []
    for _ in range(3):
        begin = time.perf_counter()
        model.run(1000, **options)
        times.append(time.perf_counter() - begin)
    assert min(times) < seconds
