"""How the time of a training step grows with width, depth and batch, one thread."""

import itertools
import math

import numpy as np

import fastnn as fn

from . import training
from .task import OURS, measure, median

NAME, TITLE = "growth", "Cost as the work grows"
CONTESTANTS = (OURS, "NumPy", "torch")
LAST = 3  # points at the large end that give the slope
PICTURE = "cost_as_the_work_grows.png"

# What grows, its values, and the widths and the batch that come of a value.
SWEEPS = {
    "width": (
        [2**i for i in range(2, 12)],
        lambda w: ((w, w, w, w), 64),
        "3 layers of this width, batch 64",
    ),
    "depth": (
        [2**i for i in range(7)],
        lambda depth: ((128, *[128] * depth, 10), 64),
        "hidden layers of 128, batch 64",
    ),
    "batch": (
        [2**i for i in range(14)],
        lambda batch: ((128, 128, 128, 10), batch),
        "rows a step, 128-128-128-10",
    ),
}


def workload(sweep, value):
    widths, batch = SWEEPS[sweep][1](value)
    flops = 6 * batch * sum(a * b for a, b in itertools.pairwise(widths))
    steps = max(6, min(300, int(1e9 / flops)))
    name = f"{sweep} {value}"
    return training.Workload(name, widths, "relu", batch, fn.Adam(1e-3), steps)


def run(quick=False):
    records = []
    contestants = {name: training.CONTESTANTS[name] for name in CONTESTANTS}
    for sweep, (values, *_) in SWEEPS.items():
        for value in values[:-1:2] if quick else values:
            # in 64 layers of relu rounding soon leads every library its own way
            task = training.task(workload(sweep, value), contestants, checked=2)
            record = measure(task, 0.3, (5, 15))
            record["labels"] = {"sweep": sweep, "value": value}
            records.append(record)
    return records


def curve(records, sweep, name):
    """(values, seconds a step) of a contestant."""
    some = [r for r in records
            if r["labels"]["sweep"] == sweep and median(r, name)]  # fmt: skip
    return [r["labels"]["value"] for r in some], [median(r, name) for r in some]


def slope(values, seconds):
    """The exponent p of seconds ~ value^p, fitted to the last points."""
    x, y = np.log(values[-LAST:]), np.log(seconds[-LAST:])
    return float(np.polyfit(x, y, 1)[0])


def blocks(records):
    from . import pages

    rows = []
    for sweep in SWEEPS:
        for name in CONTESTANTS:
            values, seconds = curve(records, sweep, name)
            if len(values) < LAST:
                continue
            rows.append([
                sweep, name, pages.microseconds(seconds[0]),
                pages.microseconds(seconds[len(seconds) // 2]),
                pages.microseconds(seconds[-1]), f"{slope(values, seconds):.2f}",
            ])  # fmt: skip
    head = ["what grows", "", "smallest", "in the middle", "largest", "slope"]
    return {NAME: pages.table(head, rows)}


def picture(records, folder):
    from fastnn.plot import style

    colours = {OURS: style.BLUE, "NumPy": style.ORANGE, "torch": style.RED}
    with style.context() as plt:
        figure, panels = plt.subplots(1, 3, figsize=(10.5, 3.7), sharey=True)
        for ax, (sweep, (_, _, subtitle)) in zip(panels, SWEEPS.items(), strict=True):
            for name in CONTESTANTS:
                values, seconds = curve(records, sweep, name)
                if len(values) >= LAST:
                    label = f"{name}: {slope(values, seconds):.1f}"
                    ax.plot(values, seconds, "o-", color=colours[name], ms=3.5,
                            label=label)  # fmt: skip
            ax.set(xscale="log", yscale="log", title=sweep, xlabel=subtitle)
            ax.set_xscale("log", base=2)
            ax.xaxis.set_major_formatter(lambda x, _: f"{x:.0f}")
            ax.set_yscale("log")
            ax.yaxis.set_major_formatter(time_label)
            ax.legend(title="slope at the large end", alignment="left")
        panels[0].set_ylabel("time of a training step")
        figure.savefig(folder / PICTURE, metadata={"Software": None})
        plt.close(figure)


def time_label(seconds, _=None):
    unit, size = next(u for u in (("s", 1), ("ms", 1e-3), ("µs", 1e-6), ("ns", 0))
                      if seconds >= u[1] * 0.999)  # fmt: skip
    number = seconds / (size or 1e-9)
    return f"{number:.{max(0, -math.floor(math.log10(number)))}f} {unit}"
