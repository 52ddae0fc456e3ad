"""Where a spike begins, by another scheme on another grid than fastnn's.

Points at the ends of elements instead of compartments' middles; what flows along the
neuron exactly, by eigenvectors, and the channels by Heun's rule (exponential Runge and
Kutta's method of second order: Cox, Matthews, J Comput Phys 176:430, 2002).
"""

import numpy as np
import pytest
import squid as equations

from fastnn import neuro

R_I = 0.150  # kOhm cm
PIECES = (  # name, length, diameter, dx in um: one after the other, from the tip on
    ("dendrite", 300.0, 2.0, 5.0), ("soma", 20.0, 20.0, 2.5),
    ("segment", 50.0, 1.5, 2.5), ("axon", 500.0, 1.0, 5.0),
)  # fmt: skip


def chain(segment_g_Na):
    """(axial (n, n) in uS, membranes (5, n), {name: the point in its middle}).

    Rows of membranes: nF; uS of sodium, potassium and leak; nA of the leak at 0 mV. An
    element gives half of its membrane to each of its ends.
    """
    elements, middle = [], {}
    for name, length, diameter, dx in PIECES:
        count = round(length / dx)
        middle[name] = len(elements) + count // 2
        elements += [(name, diameter * 1e-4, dx * 1e-4)] * count  # cm
    n = len(elements) + 1
    axial, membranes = np.zeros((n, n)), np.zeros((5, n))
    for i, (name, d, dx) in enumerate(elements):
        g = 1e3 * np.pi * d**2 / (4 * R_I * dx)  # mS to uS
        axial[i : i + 2, i : i + 2] += [[-g, g], [g, -g]]
        sodium = {"segment": segment_g_Na, "dendrite": 0.0}.get(name, equations.G_NA)
        density = (1.0, sodium, equations.G_K, equations.G_L, equations.G_L * -54.387)
        if name == "dendrite":
            density = (1.0, 0.0, 0.0, 0.05, 0.05 * -65.0)
        half = 0.5e3 * np.pi * d * dx
        membranes[:, i : i + 2] += half * np.array(density)[:, None]
    return axial, membranes, middle


def propagators(axial, capacity, h):
    """e^(h A), h phi_1(h A), h phi_2(h A) of A = axial / capacity, each (n, n)."""
    root = np.sqrt(capacity)
    values, vectors = np.linalg.eigh(axial / np.outer(root, root))
    x = h * values
    small, y = np.abs(x) < 1e-4, np.where(np.abs(x) < 1e-4, 1.0, x)
    phi_1 = np.where(small, 1 + x / 2, np.expm1(y) / y)
    phi_2 = np.where(small, 1 / 2 + x / 6, (np.expm1(y) - y) / y**2)
    functions = np.exp(x), h * phi_1, h * phi_2
    back = vectors.T * root
    return [(vectors * f) @ back / root[:, None] for f in functions]


def crossings(segment_g_Na, h=0.005, rest_ms=20.0, T_ms=3.5):
    """When the middles of soma and segment cross -20 mV after a step at the tip, ms."""
    axial, (capacity, g_Na, g_K, g_L, at_0), middle = chain(segment_g_Na)
    keep, first, second = propagators(axial, capacity, h)
    phi = 3 ** ((18.5 - 6.3) / 10)
    tip = np.zeros(len(capacity))

    def slopes(V, gates):
        m, x, n = gates
        ionic = g_Na * m**3 * x * (V - 50.0) + g_K * n**4 * (V + 77.0)
        moves = [
            phi * (a * (1 - y) - b * y)
            for (a, b), y in zip(equations.rates(V), gates, strict=True)
        ]
        return (tip + at_0 - g_L * V - ionic) / capacity, np.array(moves)

    V = np.full(len(capacity), -65.0)
    gates = np.array(equations.steady(V))
    seen = []
    for k in range(round((rest_ms + T_ms) / h)):
        if k == round(rest_ms / h):
            tip[0] = 0.3  # nA
        if tip[0]:
            seen.append(V[[middle["soma"], middle["segment"]]])
        of_V, of_gates = slopes(V, gates)
        guess = keep @ V + first @ of_V
        then_V, then_gates = slopes(guess, gates + h * of_gates)
        V = guess + second @ (then_V - of_V)
        gates = gates + h / 2 * (of_gates + then_gates)
    return [_first_above(np.array(v), -20.0) * h for v in zip(*seen, strict=True)]


def _first_above(v, level):
    k = int((v >= level).argmax())
    return k - 1 + (level - v[k - 1]) / (v[k] - v[k - 1])


@pytest.mark.parametrize("segment_g_Na", [120.0, 360.0, 1200.0])
def test_another_scheme_finds_the_lead_of_the_segment(segment_g_Na):
    soma, segment = crossings(segment_g_Na)
    assert (segment < soma) == (segment_g_Na > 120)
    errors = []
    for dx in (5.0, 2.5, 1.25):
        cell = neuro.BallAndStick(segment_g_Na=segment_g_Na, dx_um=dx)
        ours = neuro.crossing_times(cell.run(5, 0.005), ["soma", "segment"])
        errors.append(abs(ours["soma"] - ours["segment"] - (soma - segment)))
        # the step begins at 1 ms; the whole way to the spike
        assert ours["soma"] - 1.0 == pytest.approx(soma, rel=0.005)
    # a "middle" is that of the compartment behind it: dx / 2 too far, which takes 2 us
    assert errors[0] < 0.003 and errors[2] < 0.001
    assert errors == sorted(errors, reverse=True)
