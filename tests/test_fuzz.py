"""Random arguments for every function of fn.ops: a result or a sentence, never a crash.

In processes of their own, so that a crash fails the test and not the test run.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import random, sys, warnings
import numpy as np
import fastnn as fn
from public_ops import ROWS

warnings.simplefilter("ignore")
DTYPES = "f2 f4 f8 >f4 >f8 i1 i8 u8 ? c8 g O U3 M8[s]".split()

def shape(rng, near):
    if near is not None and rng.random() < 0.7:
        return near
    return tuple(rng.choice([0, 1, 2, 3, 5, 17]) for _ in range(rng.randrange(4)))

def array(rng, near):
    near = shape(rng, near)
    dtype = rng.choice(DTYPES[1:3] * 8 + DTYPES)
    steps = [rng.choice([1, 1, 1, 2, -1, -2]) for _ in near]
    base = np.zeros([max(1, n * abs(s)) for n, s in zip(near, steps)])
    draw = np.random.default_rng(rng.randrange(2**32))
    base[...] = draw.choice([0, 1, -1, 0.5, 2, 1e-40, 1e30, np.nan, np.inf, -np.inf],
                            base.shape)
    if rng.random() < 0.5:
        base[...] = draw.integers(0, 3, base.shape)
    x = base.astype(dtype)[(..., *(slice(None, None, s) for s in steps))]
    x = x[(..., *(slice(0, n) for n in near))]
    if rng.random() < 0.2:
        x = x.T
    if rng.random() < 0.1:
        x = np.broadcast_to(x, (2, *x.shape))
    if rng.random() < 0.1:
        x = np.ma.masked_array(x) if rng.random() < 0.5 else np.matrix(np.ones((2, 3)))
    return x

def value(rng, argument, share):
    good = argument.good
    if rng.random() > share:
        return good.copy() if isinstance(good, np.ndarray) else good
    if rng.random() < 0.2:
        return rng.choice(argument.bad)[0]
    if isinstance(good, np.ndarray):
        return array(rng, good.shape)
    if rng.random() < 0.5:
        return rng.choice([0, 1, -1, 2**31, 2**62, 0.5, 1e308, True, None, "relu"])
    return good

def once(rng, row):
    share = 1.5 / len(row.arguments)  # of arguments that are not the valid ones
    given = {name: value(rng, a, share) for name, a in row.arguments.items()}
    given["out"] = given.get("out") if rng.random() < 0.3 else None
    if rng.random() < 0.1:  # one array twice: out over an input, or a part of it
        arrays = [n for n, x in given.items() if isinstance(x, np.ndarray) and x.ndim]
        if len(arrays) > 1:
            one, two = rng.sample(arrays, 2)
            given[one] = given[two][rng.choice([0, 1]):]
    if "out" not in row.arguments:
        del given["out"]
    if isinstance(given.get("n"), int) and given["n"] > 2**20:
        given["n"] = 7  # an array of that size would be what was asked for
    try:
        row.function(**given)
        return 1
    except (TypeError, ValueError):
        return 0

path, n_threads, times = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
fn.set_num_threads(n_threads)
with fn.use(path):
    for name, row in ROWS.items():
        rng, results = random.Random(name), 0
        for i in range(times):
            try:
                results += once(rng, row)
            except BaseException:
                print(f"{name}, call {i}", file=sys.stderr)
                raise
        print(name, results, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("path, n_threads", [("kernels", 1), ("kernels", 3),
                                             ("reference", 1)])  # fmt: skip
def test_random_arguments(path, n_threads):
    environment = os.environ | {"PYTHONMALLOC": "debug", "MALLOC_PERTURB_": "85"}
    folder = str(Path(__file__).parent)
    paths = [folder, *sys.path]
    environment["PYTHONPATH"] = os.pathsep.join(p for p in paths if p)
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", CODE, path, str(n_threads), "300"],
        capture_output=True, text=True, timeout=600, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-200:]}\n{done.stderr[-2000:]}"
    results = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines())
    # a fuzzer whose every call is refused would test the checks alone
    assert all(10 < int(n) < 300 for n in results.values()), results
