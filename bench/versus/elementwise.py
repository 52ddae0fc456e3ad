"""Elementwise functions, float32: fastnn, NumPy, torch and jax (compiled).

Each writes into an array that is there already, where its library has a way to; jax
and torch's gelu, silu and softplus allocate their result. The array is named by its
place, which is what Python calls soonest; torch insists on the keyword.
"""

import math
from functools import partial

import numpy as np

from . import pages, quiet
from .task import OURS, Task, Way, best_other, measure, median, ratios

NAME, TITLE = "elementwise", "Elementwise functions"
SIZES = (256, 4096, 65_536, 1_000_000)
GOAL = 0.8


def exact_gelu(x):
    return np.array([0.5 * v * (1 + math.erf(v / math.sqrt(2))) for v in x.tolist()])


EXACT = {  # in float64
    "exp": np.exp,
    "log": np.log,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "gelu": exact_gelu,
    "silu": lambda x: x / (1 + np.exp(-x)),
    "softplus": lambda x: np.logaddexp(0, x),
}


def numpy_sigmoid(x, out):
    np.negative(x, out)
    np.exp(out, out)
    np.add(out, 1, out)
    return np.reciprocal(out, out)


def numpy_silu(x, out):
    np.negative(x, out)
    np.exp(out, out)
    np.add(out, 1, out)
    return np.divide(x, out, out)


BY_NUMPY = {  # NumPy has no erf, so no gelu
    "exp": np.exp,
    "log": np.log,
    "sigmoid": numpy_sigmoid,
    "tanh": np.tanh,
    "silu": numpy_silu,
    "softplus": lambda x, out: np.logaddexp(x, np.float32(0), out),
}


def torch_call(name, x):
    """torch's function and the tensor that it fills, if it can."""
    torch = quiet.import_torch()
    functional = torch.nn.functional
    if name in ("exp", "log", "sigmoid", "tanh"):
        out = torch.empty_like(x)
        return partial(getattr(torch, name), x, out=out)
    return partial(getattr(functional, name), x)


def jax_call(name):
    jax = quiet.import_jax()

    gelu = partial(jax.nn.gelu, approximate=False)
    functions = {"exp": jax.numpy.exp, "log": jax.numpy.log, "tanh": jax.numpy.tanh,
                 "gelu": gelu, "sigmoid": jax.nn.sigmoid, "silu": jax.nn.silu,
                 "softplus": jax.nn.softplus}  # fmt: skip
    return jax.jit(functions[name])


def values(name, size):
    x = (np.random.default_rng(0).standard_normal(size) * 3).astype(np.float32)
    return np.abs(x) if name == "log" else x


def tasks(names=tuple(EXACT), sizes=SIZES):
    for name in names:
        for size in sizes:
            yield elementwise(name, size)


def elementwise(name, size):
    x = values(name, size)
    exact = EXACT[name](x.astype(np.float64))

    def agree(result):
        # every library promises a few units in the last place; log near 1 and silu
        # far left cancel, so the bound has an absolute part of the same size. gelu as
        # x/2 (1 + erf) carries the error of erf and of the sum, 4 eps together, times
        # |x|/2 (torch's erf is off by 1.3 eps: Abramowitz and Stegun, 7.1.26)
        slack = 2 * np.finfo(np.float32).eps * abs(x) if name == "gelu" else 0
        off = np.maximum(abs(result - exact) - slack, 0)
        np.testing.assert_array_less(off, 5e-7 + 2e-6 * abs(exact))

    def ours():
        import fastnn as fn

        out = np.empty_like(x)
        return Way(partial(getattr(fn.ops, name), x, out), lambda: out)

    def by_numpy():
        out = np.empty_like(x)
        return Way(partial(BY_NUMPY[name], x, out), lambda: out)

    def by_torch():
        torch = quiet.import_torch()

        call = torch_call(name, torch.from_numpy(x))
        return Way(call, lambda: call().numpy())

    def by_jax():
        jax = quiet.import_jax()

        call, given = jax_call(name), jax.device_put(x)
        return Way(
            lambda: call(given).block_until_ready(), lambda: np.asarray(call(given))
        )

    ways = {OURS: ours, "NumPy": by_numpy, "torch": by_torch, "jax": by_jax}
    if name not in BY_NUMPY:
        del ways["NumPy"]
    return Task(f"{name} {size:,}", ways, agree, GOAL,
                labels={"function": name, "size": size})  # fmt: skip


def run(quick=False):
    return [measure(task, 0.05 if quick else 0.25) for task in tasks()]


def blocks(records):
    head = ["ns per element", *(f"{size:,}" for size in SIZES)]
    rows = []
    for name in EXACT:
        of_name = [r for r in records if r["labels"]["function"] == name]
        rows.append([name, *map(cell, of_name)])
    judged = [r for r in records if best_other(r)]
    text = pages.table(head, rows)
    if judged:
        met = sum(pages.quartiles(ratios(r))[1] <= GOAL for r in judged)
        text += (f"\n\nGoal: ≤ {GOAL:g} of the best other at every size; "
                 f"met in {met} of {len(judged)}.")  # fmt: skip
    return {NAME: text}


def cell(record):
    text = f"{median(record, OURS) / record['labels']['size'] * 1e9:.2f}"
    other = best_other(record)
    return text if other is None else (
        f"{text} · {pages.ratio_cell(ratios(record))} {other}"
    )  # fmt: skip
