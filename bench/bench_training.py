"""Training steps: plain Python, NumPy by hand, fastnn, torch, jax and scikit-learn.

pytest bench/bench_training.py --benchmark-only

A round is a training of a few steps from the same start, on the same batches. The
contestants are those of `make bench` (versus/training.py), which trains for longer and
says how many times faster.
"""

import functools

import pytest
from versus import training

CASES = {work.name: work for work in training.WORKLOADS}
LARGEST_FOR_TWIN = 1000  # parameters: plain Python takes seconds for more
STEPS = 8  # of a round
PATHS = {"reference": training.by_twin, **training.CONTESTANTS}


@functools.cache
def task(case):
    return training.task(CASES[case], PATHS, steps=min(CASES[case].steps, STEPS))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("path", PATHS)
def bench_steps(side_by_side, path, case):
    size = CASES[case].network().flat_parameters.size
    if path == "reference" and size > LARGEST_FOR_TWIN:
        pytest.skip("plain Python takes seconds here")
    side_by_side(task(case), path)
