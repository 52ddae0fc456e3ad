"""The small tree beside an independent solution: finite differences, Runge and Kutta.

Points along the cables instead of compartments, a soma of one potential, explicit steps
instead of implicit ones, conductances straight from their formula.
"""

import functools
from itertools import pairwise

import numpy as np
import pytest

from fastnn.neuro import Section, Synapse, Tree

DX = {"trunk": 20.0, "A": 15.0, "B": 15.0}  # um; 2, 3, 18 and 60 um are whole numbers
DIAMETER = {"trunk": 2.0, "A": 1.0, "B": 1.0}
LENGTH = {"trunk": 200.0, "A": 300.0, "B": 300.0}

EXCITATION = [("A", 0.9, 10.0)]
SHUNT_MS = 8.0
PLACES, TIMES = (0.95, 0.7, 0.45, 0.2), (10.0, 16.0, 22.0, 28.0)
TOWARDS = [("A", x, ms) for x, ms in zip(PLACES, TIMES, strict=True)]
AWAY = [("A", x, ms) for x, ms in zip(PLACES[::-1], TIMES, strict=True)]
# name: (excitation as (section, x, ms), where 10 nS of GABA_A shunt)
INPUTS = {
    "one": (EXCITATION, None),
    "two on one branch": (EXCITATION * 2, None),
    "one on each branch": ([*EXCITATION, ("B", 0.9, 10.0)], None),
    "ten on one branch": (EXCITATION * 10, None),
    "shunt at the soma": (EXCITATION, ("soma", 0.5)),
    "shunt on the path": (EXCITATION, ("trunk", 0.5)),
    "shunt at the fork": (EXCITATION, ("trunk", 1.0)),
    "shunt beyond": (EXCITATION, ("A", 0.95)),
    "shunt on the other branch": (EXCITATION, ("B", 0.9)),
    "shunt in the middle of the other": (EXCITATION, ("B", 0.5)),
    "towards the soma": (TOWARDS, None),
    "away from it": (AWAY, None),
}


def wave(t, rise, decay):
    """A conductance of peak 1 at t ms after its event."""
    peak = rise * decay / (decay - rise) * np.log(decay / rise)
    norm = np.exp(-peak / decay) - np.exp(-peak / rise)
    return (np.exp(-t / decay) - np.exp(-t / rise)) / norm if t > 0 else 0.0


def points():
    """(capacity pF, matrix of conductances nS, {section: its points}) of the tree."""
    at, n = {"soma": [0]}, 1
    for name, base in (("trunk", 0), ("A", None), ("B", None)):
        count = round(LENGTH[name] / DX[name])
        base = at["trunk"][-1] if base is None else base
        at[name] = [base, *range(n, n + count)]
        n += count
    area, matrix = np.zeros(n), np.zeros((n, n))
    area[0] = np.pi * 20 * 20
    for name in DX:
        d, dx, chain = DIAMETER[name], DX[name], at[name]
        # pi d^2 / 4 / (R_i dx), um2 / (Ohm cm um) = 1e-4 S
        g = 1e5 * np.pi * d**2 / 4 / (150 * dx)
        for a, b in pairwise(chain):
            area[[a, b]] += np.pi * d * dx / 2
            matrix[a, b] = matrix[b, a] = g
    leak = 0.05 * 0.01 * area  # mS/cm2 = 0.01 nS/um2
    matrix -= np.diag(matrix.sum(axis=1) + leak)
    return 0.01 * area, matrix, at


@functools.cache
def by_hand(dt=0.005, begin=8.0, end=42.0):
    """{name: (peak at the soma, peak at 0.9 of A)} in mV above rest.

    Half of DX and a quarter of dt change none by more than 0.03 %.
    """
    capacity, matrix, at = points()

    def point(section, x):
        return at[section][round(x * (len(at[section]) - 1))]

    opened = np.zeros((len(TIMES), len(capacity), len(INPUTS)))  # nS of AMPA
    shunts = np.zeros(opened.shape[1:])
    for column, (excitation, shunt) in enumerate(INPUTS.values()):
        for section, x, ms in excitation:
            opened[TIMES.index(ms), point(section, x), column] += 1.0
        if shunt:
            shunts[point(*shunt), column] = 10.0

    def slope(t, u):  # u: V above rest; AMPA pulls to 65, the shunt to 0
        g = sum(wave(t - ms, 0.2, 2.0) * w for ms, w in zip(TIMES, opened, strict=True))
        current = g * (65.0 - u) - wave(t - SHUNT_MS, 0.5, 7.0) * shunts * u
        return (matrix @ u + current) / capacity[:, None]

    u = np.zeros(shunts.shape)
    seen, top = [0, point("A", 0.9)], np.zeros((2, len(INPUTS)))
    for k in range(round((end - begin) / dt)):
        t = begin + k * dt
        k1 = slope(t, u)
        k2 = slope(t + dt / 2, u + dt / 2 * k1)
        k3 = slope(t + dt / 2, u + dt / 2 * k2)
        u = u + dt / 6 * (k1 + 2 * k2 + 2 * k3 + slope(t + dt, u + dt * k3))
        top = np.maximum(top, u[seen])
    return dict(zip(INPUTS, top.T.tolist(), strict=True))


@functools.cache
def by_fastnn():
    # a place is on the compartment that holds it, here at most 0.5 um away
    membrane = {"R_i": 150, "g_L": 0.05, "E_L": -65, "dx_um": 1}
    tree = Tree([
        Section("soma", 20, 20, **membrane),
        *[Section(name, LENGTH[name], DIAMETER[name], parent=parent, **membrane)
          for name, parent in (("trunk", "soma"), ("A", "trunk"), ("B", "trunk"))],
    ])  # fmt: skip
    peaks = {}
    for name, (excitation, shunt) in INPUTS.items():
        synapses = [Synapse((s, x), "AMPA", 1.0, [ms]) for s, x, ms in excitation]
        if shunt:
            synapses.append(Synapse(shunt, "GABA_A", 10.0, [SHUNT_MS], E=-65))
        V = tree.run(42, 0.025, synapses=synapses, record=["soma", ("A", 0.9)]).V
        peaks[name] = (V.max(axis=0) + 65).tolist()
    return peaks


@pytest.mark.parametrize("name", INPUTS)
def test_peaks_at_the_soma_and_in_the_branch(name):
    np.testing.assert_allclose(by_fastnn()[name], by_hand()[name], rtol=0.01)


def lost(name):
    """Which part of the EPSP at the soma the inhibition takes."""
    return 1 - by_hand()[name][0] / by_hand()["one"][0]


def test_what_both_show():
    one, at_branch = by_hand()["one"]
    assert at_branch > 10 and round(one) == 2
    assert 1 - by_hand()["two on one branch"][0] / (2 * one) == pytest.approx(
        0.13, abs=0.005
    )
    assert 0 < 1 - by_hand()["one on each branch"][0] / (2 * one) < 0.01
    assert by_hand()["ten on one branch"][0] < 0.45 * 10 * one
    on_path = [lost(f"shunt {place}") for place in ("at the soma", "on the path")]
    np.testing.assert_allclose(on_path, 0.4, atol=0.03)
    assert lost("shunt beyond") > 0.6
    assert by_hand()["towards the soma"][0] > by_hand()["away from it"][0]


def test_another_branch_is_on_the_path_where_it_begins():
    # less than a tenth from where the excitation is on its own branch; but the fork
    # that both share is on the path, and V between the two changes continuously
    places = ("other branch", "middle of the other", "fork")
    names = [f"shunt {('on', 'in', 'at')[i]} the {p}" for i, p in enumerate(places)]
    far, middle, fork = map(lost, names)
    assert 0 < far < 0.1 < middle < fork
    assert fork == pytest.approx(0.4, abs=0.03)
