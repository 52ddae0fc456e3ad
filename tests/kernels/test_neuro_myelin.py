"""The chain of nodes beside its twin, beside a dense solver, and by hand."""

import math

import numpy as np
import pytest
from contract import on_kernel, on_twin, speed_ratio

from fastnn.reference.neuro.myelin import gate, rates, solve_chain


def chain(n, nodes, seed=0, sodium=5.0):
    """Arrays of a chain of n compartments that resembles an axon of 7 um."""
    rng = np.random.default_rng(seed)
    m = len(nodes)
    return {
        "v": np.zeros(n),
        "m": np.full(m, 0.0033),
        "h": np.full(m, 0.75),
        "nodes": np.array(nodes, np.int64),
        "axial": rng.uniform(0.05, 0.1, n - 1),
        "capacitance": rng.uniform(5e-4, 1e-3, n),
        "leak": rng.uniform(0.02, 0.05, n),
        "sodium": np.full(m, 0.09 * sodium),
    }


def run(call, parts, n_steps, dt=0.005, current=4.0, stimulus=None):
    a = {name: x.copy() for name, x in parts.items()}
    n_nodes = len(a["nodes"])
    if stimulus is None:
        stimulus = np.zeros((n_steps, n_nodes))
        stimulus[5:30, 0] = current
    V, scratch = (
        np.full((n_steps, n_nodes), np.nan),
        np.empty(3 * len(a["v"]) + n_nodes),
    )
    arrays = (*a.values(), a["nodes"], stimulus, V, scratch)
    call("myelinated_axon", *arrays, 115.0, -0.01, dt, 0, n_steps)
    return V, a["v"], a["m"], a["h"]


def test_rates_by_hand():
    # V = 31: half of 97 + 0.363 * 31; V = 23.8: a_m = b_m; V = 24: b_h = 7.8
    assert rates(31.0)[0] == pytest.approx((97 + 11.253) / 2)
    a_m, b_m, *_ = rates(23.8)
    assert a_m == pytest.approx(b_m)
    assert rates(24.0)[3] == pytest.approx(7.8)
    assert rates(5.5)[2] == pytest.approx(rates(5.5)[3])
    assert gate(0.0, 1.0, 3.0, 0.5) == pytest.approx(0.25 * (1 - math.exp(-2)))


def test_two_compartments_by_hand():
    """Charge that runs from one to the other: v = 1/2 +- 1/2 e^(-2 t) for G = C = 1."""
    parts = chain(2, [0, 1])
    parts |= {"v": np.array([1.0, 0.0]), "axial": np.ones(1), "capacitance": np.ones(2)}
    parts |= {"leak": np.zeros(2), "sodium": np.zeros(2)}
    for call in (on_kernel, on_twin):
        v = run(call, parts, 1000, dt=0.001, stimulus=np.zeros((1000, 2)))[1]
        half = 0.5 * math.exp(-2.0)
        np.testing.assert_allclose(v, [0.5 + half, 0.5 - half], atol=1e-6)  # dt^2


@pytest.mark.parametrize("n", [1, 2, 3, 8, 40])
def test_elimination_equals_a_dense_solve(n):
    rng = np.random.default_rng(n)
    beside, right = rng.uniform(0, 2, n - 1), rng.normal(size=n)
    diagonal = rng.uniform(0.1, 1, n)
    diagonal[:-1] += beside
    diagonal[1:] += beside
    matrix = np.diag(diagonal) - np.diag(beside, 1) - np.diag(beside, -1)
    expected = np.linalg.solve(matrix, right)
    solve_chain(diagonal, beside, right)
    np.testing.assert_allclose(right, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("nodes", [range(12), [0, 4, 11], [0, 1, 2, 5, 8, 9]])
def test_equals_twin_over_20_ms(nodes):
    parts = chain(12, list(nodes))
    kernel, twin = run(on_kernel, parts, 4000), run(on_twin, parts, 4000)
    assert kernel[0].max() > 60
    for a, b in zip(kernel, twin, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-9)


def test_one_node_alone_is_a_patch():
    parts = chain(1, [0])
    for call in (on_kernel, on_twin):
        V, *_ = run(call, parts, 400, current=1.0)
        assert V.shape == (400, 1) and V.max() > 50


def test_a_passive_step_equals_a_dense_one():
    """One step of Crank and Nicolson: (C / dt + A / 2) v = (C / dt - A / 2) v_0."""
    parts = chain(9, [0, 4, 8], seed=3) | {"sodium": np.zeros(3)}
    parts["v"] = np.random.default_rng(1).normal(size=9)
    a = np.diag(parts["leak"])
    for i, g in enumerate(parts["axial"]):
        a[i : i + 2, i : i + 2] += g * np.array([[1, -1], [-1, 1]])
    c = np.diag(parts["capacitance"]) / 0.005
    right = (c - a / 2) @ parts["v"] + parts["leak"] * -0.01
    expected = np.linalg.solve(c + a / 2, right)
    v = run(on_kernel, parts, 1)[1]
    np.testing.assert_allclose(v, expected, rtol=1e-12, atol=1e-12)


def test_halving_the_step_divides_the_error_by_4():
    parts = chain(5, range(5))
    stimulus = {n: np.zeros((n, 5)) for n in (200, 400, 800, 12800)}
    for n, values in stimulus.items():
        values[: n // 10, 0] = 4.0
    ends = [
        run(on_kernel, parts, n, dt=0.4 / n, stimulus=values)[1][2]
        for n, values in stimulus.items()
    ]
    errors = np.abs(np.array(ends[:-1]) - ends[-1])
    orders = np.log2(errors[:-1] / errors[1:])
    assert (orders > 1.7).all() and (orders < 2.4).all(), (errors, orders)


@pytest.mark.speed
def test_beats_its_twin():
    a = chain(41, range(41))
    out = (np.zeros((200, 41)), np.empty((200, 41)), np.empty(164))
    arguments = (*a.values(), a["nodes"], *out, 115.0, -0.01, 0.005, 0, 200)
    assert speed_ratio("myelinated_axon", arguments) > 15
