"""Many tables judged, on all cores."""

import multiprocessing
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from . import KINDS, clean, planted
from .judge import Score, judged

HELD_OUT = 7_000_000  # the first of the seeds that are never looked at in detail


def evaluate(first, n_planted, n_clean, kind=None, strict=True):
    """A Score of so many tables, from this seed on; on all cores there are."""
    step = 1
    if kind is not None:
        first, step = first + (KINDS.index(kind) - first) % len(KINDS), len(KINDS)
    jobs = [(s, "planted") for s in range(first, first + step * n_planted, step)]
    jobs += [(s, "clean") for s in range(first, first + n_clean)]
    n = min(len(os.sched_getaffinity(0)), 4) if hasattr(os, "sched_getaffinity") else 1
    if n == 1 or len(jobs) < 50:
        return scored(jobs, strict)
    score, spawn = Score(), multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(n, mp_context=spawn) as pool:
        parts = [jobs[i :: 4 * n] for i in range(4 * n)]
        for part in pool.map(scored, parts, [strict] * len(parts)):
            score.merge(part)
    return score


def scored(jobs, strict):
    score = Score()
    with tempfile.TemporaryDirectory() as folder:
        for seed, make in jobs:
            table = {"planted": planted, "clean": clean}[make](seed)
            try:
                judged(score, seed, table, Path(folder))
            except Exception as error:
                if strict:
                    raise
                score.failures.append((seed, make, repr(error)))
    return score
