"""Products of matrices in the three forms of a network, both precisions.

fastnn and NumPy (which calls OpenBLAS) and torch (which calls MKL) write into an
array that is there already; all are called from Python, checks included.
"""

from functools import partial

import numpy as np

from . import pages, quiet
from .task import OURS, Task, Way, best_other, measure, median, ratios

NAME, TITLE = "matmul", "Products of matrices"
GOAL_MEAN, GOAL_WORST, GOAL_TINY, GOAL_PEAK = 1.0, 1.12, 0.25, 0.88

SQUARES = [(n, n, n) for n in (8, 16, 32, 64, 128, 256, 512, 1024)]
# (m, n, k) of layers with a batch: 784-128-10 with 64 rows, 256 wide with 128
RECTANGLES = [(64, 128, 784), (64, 10, 128), (128, 256, 256), (128, 10, 256)]
FORMS = {"AB": (False, False), "AᵀB": (True, False), "ABᵀ": (False, True)}
PRECISIONS = ("float32", "float64")


def size_name(size):
    m, n, k = size
    return str(n) if m == n == k else f"{m}, {n}, {k}"


def tasks(sizes=tuple(SQUARES + RECTANGLES), forms=tuple(FORMS), precisions=PRECISIONS):
    for precision in precisions:
        for size in sizes:
            for form in forms:
                yield product(size, form, precision)


def product(size, form, precision):
    m, n, k = size
    flip_a, flip_b = FORMS[form]
    rng = np.random.default_rng(0)
    a = rng.standard_normal((k, m) if flip_a else (m, k)).astype(precision)
    b = rng.standard_normal((n, k) if flip_b else (k, n)).astype(precision)
    exact, bound = exact_product(a, b, flip_a, flip_b)

    def agree(result):
        assert np.all(np.abs(result - exact) <= bound)

    def ours():
        import fastnn as fn

        out = np.empty((m, n), precision)
        return Way(partial(fn.ops.matmul, a, b, flip_a, flip_b, out), lambda: out)

    def by_numpy():
        left, right = a.T if flip_a else a, b.T if flip_b else b
        out = np.empty((m, n), precision)
        return Way(partial(np.matmul, left, right, out), lambda: out)

    def by_torch():
        torch = quiet.import_torch()
        x, y = torch.from_numpy(a), torch.from_numpy(b)
        x, y = x.T if flip_a else x, y.T if flip_b else y
        out = torch.empty((m, n), dtype=x.dtype)
        return Way(partial(torch.mm, x, y, out=out), out.numpy)

    ways = {OURS: ours, "NumPy": by_numpy, "torch": by_torch}
    yardsticks = ()
    if min(size) >= 512:
        ways["peak"] = partial(peak, m * n * k, precision)
        yardsticks = ("peak",)
    labels = {"form": form, "precision": precision, "size": list(size)}
    name = f"{form} {precision} {size_name(size)}"
    return Task(name, ways, agree, None, None, labels, yardsticks)


def exact_product(a, b, flip_a, flip_b):
    """The product in long double's stead (float64, for float32), and the bound of
    Higham (2002, 3.1) for a sum of k products in any order, g_k |A||B|, twice for
    float64, where the exact one is as inexact as the judged."""
    precision = a.dtype
    a, b = a.astype(np.float64), b.astype(np.float64)
    a, b = a.T if flip_a else a, b.T if flip_b else b
    k = a.shape[1]
    return a @ b, 2 * k * np.finfo(precision).eps / 2 * (np.abs(a) @ np.abs(b))


def peak(n_products, precision):
    """As many fused multiply-adds as the product has, from registers to registers."""
    from staircase import steps

    found = steps()
    turns = 200_000
    run = partial(found.fma_peak, turns, precision == "float32")
    return Way(run, lambda: None, None, run() / n_products)


def run(quick=False):
    sizes = SQUARES[:6] + RECTANGLES if quick else SQUARES + RECTANGLES
    return [measure(task, 0.1 if quick else 0.25) for task in tasks(sizes)]


# --- Tables --------------------------------------------------------------------------


def blocks(records):
    parts = []
    for precision in PRECISIONS:
        some = [r for r in records if r["labels"]["precision"] == precision]
        parts += [f"**{precision}**: GFLOP/s of fastnn, and its time to that of the "
                  "best other.", table_of(some), summary(some)]  # fmt: skip
    return {NAME: "\n\n".join(parts)}


def table_of(records):
    by_size = {}
    for record in records:
        by_size.setdefault(tuple(record["labels"]["size"]), {})[
            record["labels"]["form"]
        ] = record
    rows = [
        [size_name(size), *(cell(of_size.get(form)) for form in FORMS)]
        for size, of_size in by_size.items()
    ]
    means = [mean_ratio(records, form) for form in FORMS]
    rows.append(["geometric mean", *("-" if m is None else f"{m:.2f}" for m in means)])
    return pages.table(["m, n, k", *FORMS], rows)


def cell(record):
    if record is None:
        return "-"
    m, n, k = record["labels"]["size"]
    text = f"{2 * m * n * k / median(record, OURS) / 1e9:.3g}"
    other = best_other(record)
    if other is not None:
        text += f" · {pages.ratio_cell(ratios(record))} {other}"
    return text


def middle_ratio(record):
    return pages.quartiles(ratios(record))[1]


def mean_ratio(records, form):
    some = [r for r in records if r["labels"]["form"] == form and best_other(r)]
    return pages.geometric_mean(map(middle_ratio, some)) if some else None


def summary(records):
    """The goals, one line each."""
    judged = [r for r in records if best_other(r)]
    lines = []
    if judged:
        means = [mean_ratio(judged, form) for form in FORMS]
        worst = max(judged, key=middle_ratio)
        lines.append(goal("largest geometric mean of the three forms",
                          max(means), GOAL_MEAN))  # fmt: skip
        label = f"worst case ({worst['labels']['form']} {size_name(sizes(worst))})"
        lines.append(goal(label, middle_ratio(worst), GOAL_WORST))
        tiny = [r for r in judged if max(sizes(r)) <= 16]
        if tiny:
            value = max(map(middle_ratio, tiny))
            lines.append(goal("worst case for n ≤ 16", value, GOAL_TINY))
    shares = [pages.quartiles(ratios(r, "peak"))[1] for r in records
              if "peak" in r["times"]]  # fmt: skip
    if shares:
        share = 1 / max(shares)
        lines.append(goal("share of the measured FMA peak, n ≥ 512, smallest",
                          share, GOAL_PEAK, at_least=True))  # fmt: skip
    return "\n".join(f"- {line}" for line in lines)


def sizes(record):
    return record["labels"]["size"]


def goal(label, value, limit, at_least=False):
    met = value >= limit if at_least else value <= limit
    sign = "≥" if at_least else "≤"
    return f"{label}: {value:.2f}, goal {sign} {limit:g} {'✓' if met else '✗'}"
