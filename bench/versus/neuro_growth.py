"""How the time of a simulation grows with compartments, cells and synapses.

What a model does in a step it does once for each compartment, each cell or each spike
that reaches a cell: nothing is searched for and no matrix is full, so the slope is 1.
"""

from functools import partial

import numpy as np

from fastnn import neuro

from . import growth, neuro_by_numpy, pages
from .task import OURS, Task, Way, measure

PICTURE = "neurons_as_the_work_grows.png"


# --- Tasks: (ways, agree) ------------------------------------------------------------


def compartments(n):
    """10 ms of a binary tree with the channels of Hodgkin and Huxley."""
    from . import neuro as side

    ways = {
        OURS: partial(side.our_tree, n, 10.0),
        "NumPy": partial(side.numpy_tree, n, 1.0, 10.0),
        "NEURON": partial(side.neuron_tree, n, 10.0),
    }
    first = side.numpy_tree(n, 4.0, 10.0)
    first.run()
    expected = first.result()[0]  # the root's first spike
    assert len(expected) == 1

    def agree(found):
        np.testing.assert_allclose(found[0][:1], expected, 0.1**2 / 8, 1.01 * side.DT)

    checked = {**ways, "NumPy": partial(side.numpy_tree, n, 4.0, 10.0)}
    return Task(f"{n} compartments", ways, agree, short=checked)


def cells(n):
    """100 ms of CUBA, 80 synapses a cell."""
    net = neuro.CUBA(n, p=80 / n, seed=0)
    return network(f"{n} cells", net, 100.0)


def synapses(per_cell):
    """50 ms of 4,000 cells that fire at their own pace: the weights are 0, so that
    nothing grows but the number of synapses that a spike goes through."""
    net = neuro.CUBA(4000, p=per_cell / 4000, E_L=-20.0, w_e=0.0, w_i=0.0, seed=0)
    return network(f"{per_cell} synapses a cell", net, 50.0)


def network(name, net, T_ms):
    def ours():
        sim = None

        def run():
            nonlocal sim
            sim = net.run(T_ms, progress=False)

        return Way(run, lambda: sim.spikes[1])

    def by_numpy(T_ms=T_ms):
        it, found = None, None

        def begin():
            nonlocal it
            it = neuro_by_numpy.NetworkWithNumpy(net)

        def run():
            nonlocal found
            found = it.run(T_ms)[1]

        return Way(run, lambda: found, begin)

    reference = by_numpy(20.0)
    reference.begin()
    reference.run()
    expected = reference.result()

    def agree(found):
        # later two sums in another order may move a spike by a step
        np.testing.assert_array_equal(found[: len(expected)], expected)

    return Task(name, {OURS: ours, "NumPy": by_numpy}, agree)


SWEEPS = {
    "compartments": (
        [250, 500, 1000, 2000, 4000, 8000, 16000], compartments,
        "of a tree, 10 ms", (OURS, "NumPy", "NEURON"),
    ),
    "cells": (
        [1000, 2000, 4000, 8000, 16000, 32000], cells,
        "of a network, 80 synapses each, 100 ms", (OURS, "NumPy"),
    ),
    "synapses": (
        [40, 80, 160, 320, 640, 1280, 2560], synapses,
        "of each of 4,000 cells, 50 ms", (OURS, "NumPy"),
    ),
}  # fmt: skip


def records(quick=False):
    found = []
    for sweep, (values, task, *_) in SWEEPS.items():
        for value in values[:-1:2] if quick else values:
            record = measure(task(value), 0.2, (7, 15))
            record["labels"] = {"what": "growth", "sweep": sweep, "value": value}
            found.append(record)
    return found


# --- Table and picture ---------------------------------------------------------------


def curves(records):
    """(sweep, contestant, values, seconds) of all lines with enough points."""
    for sweep, (*_, names) in SWEEPS.items():
        for name in names:
            values, seconds = growth.curve(records, sweep, name)
            if len(values) >= growth.LAST:
                yield sweep, name, values, seconds


def blocks(records):
    rows = []
    for sweep, name, values, seconds in curves(records):
        ends = pages.microseconds(seconds[0]), pages.microseconds(seconds[-1])
        steep = f"{growth.slope(values, seconds):.2f}"
        rows.append([sweep, name, f"{values[0]:,}", ends[0], f"{values[-1]:,}",
                     ends[1], steep])  # fmt: skip
    head = ["what grows", "", "from", "", "to", "", "slope"]
    return {"neuro-growth": pages.table(head, rows)}


def picture(records, folder):
    from fastnn.plot import style

    colours = {OURS: style.BLUE, "NumPy": style.ORANGE, "NEURON": style.GREEN}
    with style.context() as plt:
        figure, panels = plt.subplots(1, 3, figsize=(10.5, 3.9), sharey=True)
        for ax, (sweep, (*_, subtitle, _)) in zip(panels, SWEEPS.items(), strict=True):
            for of, name, values, seconds in curves(records):
                if of == sweep:
                    label = f"{name}: {growth.slope(values, seconds):.2f}"
                    ax.plot(values, seconds, "o-", color=colours[name], ms=3.5,
                            label=label)  # fmt: skip
                    line = [seconds[-1] * v / values[-1] for v in values]
                    ax.plot(values, line, ":", color=colours[name], lw=1)
            ax.plot([], [], ":", color=style.INK, lw=1, label="slope 1")
            ax.set(xscale="log", yscale="log", title=sweep, xlabel=subtitle)
            ax.set_xscale("log", base=2)
            ax.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
            ax.tick_params(axis="x", labelsize=8)
            ax.yaxis.set_major_formatter(growth.time_label)
            ax.legend(title="slope at the large end", alignment="left", fontsize=8,
                      title_fontsize=8, loc="lower right")  # fmt: skip
        panels[0].set_ylabel("time of the simulation")
        figure.savefig(folder / PICTURE, metadata={"Software": None})
        plt.close(figure)
