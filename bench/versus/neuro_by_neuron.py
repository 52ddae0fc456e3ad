"""NEURON's Ways: patches and trees, implicit Euler at a fixed step, its default.

At its best: its rates come from tables, and the steps are taken by `psolve`, which
stays in C; `continuerun` comes back to the interpreter after each step. V of the cells
or places asked for is recorded, as fastnn does.
"""

import os
from functools import cache

import numpy as np

from .task import Way

SIDE = (1000.0 / np.pi) ** 0.5  # um: a cylinder as long as wide with 1000 um2
NA = 1e-2  # of 1 uA/cm2 on 1000 um2


@cache
def simulator():
    """(h, its ParallelContext)"""
    os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")
    from neuron import h

    h.load_file("stdrun.hoc")
    context = h.ParallelContext()
    context.set_maxstep(10)
    return h, context


def membrane(section, E_L=-54.387):
    section.cm = 1
    section.insert("hh")
    section.el_hh = E_L


def clamp(h, place, nA, start_ms=0.0, duration_ms=1e9):
    electrode = h.IClamp(place)
    electrode.delay, electrode.dur, electrode.amp = start_ms, duration_ms, nA
    return electrode


def stepping(places, T_ms, dt, keep):
    """A Way from the start to T_ms; result(): V (n_steps, places).

    keep: (sections, electrodes), which leave the simulation once nobody holds them;
    while others hold some, these would be simulated, too.
    """
    h, context = simulator()
    recorded = [h.Vector().record(place._ref_v) for place in places]

    n_sections = len(keep[0])

    def begin():
        alive = sum(1 for _ in h.allsec())
        assert alive == n_sections, f"{alive} sections would run, not {n_sections}"
        h.celsius, h.dt, h.steps_per_ms = 6.3, dt, 1 / dt
        h.usetable_hh = 1
        h.finitialize(-65)

    def result():
        return np.stack([np.array(v) for v in recorded], axis=1)[: round(T_ms / dt)]

    way = Way(lambda: context.psolve(T_ms), result, begin)
    way.keep = keep
    return way


def patches(g_Na, T_ms, dt, drive):
    """A cell for each of g_Na, in mS/cm2."""
    h, _ = simulator()
    cells, electrodes = [], []
    for g in g_Na:
        cell = h.Section()
        cell.nseg, cell.L, cell.diam = 1, SIDE, SIDE
        membrane(cell)
        cell.gnabar_hh = g * 1e-3
        cells.append(cell)
        electrodes.append(clamp(h, cell(0.5), drive * NA))
    return stepping([cell(0.5) for cell in cells], T_ms, dt, (cells, electrodes))


def binary_tree(n_sections, length, diameter, n_compartments):
    """The sections; the parent of i is (i - 1) // 2, and i begins at its end."""
    h, _ = simulator()
    sections = []
    for i in range(n_sections):
        section = h.Section()
        section.L, section.diam, section.nseg = length, diameter, n_compartments
        section.Ra = 100
        membrane(section)
        if i:
            section.connect(sections[(i - 1) // 2](1), 0)
        sections.append(section)
    return sections


def tree(shape, sent, places, T_ms, dt):
    """sent: {(section, x): (nA, start ms, stop ms)}; places: [(section, x), ...]."""
    h, _ = simulator()
    sections = binary_tree(*shape)
    electrodes = [
        clamp(h, sections[i](x), nA, start, stop - start)
        for (i, x), (nA, start, stop) in sent.items()
    ]
    at = [sections[i](x) for i, x in places]
    return stepping(at, T_ms, dt, (sections, electrodes))
