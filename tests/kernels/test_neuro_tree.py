"""Kernels of branched neurons: elimination, steps, and their twins."""

import numpy as np
import pytest
from contract import on_kernel, on_twin, speed_ratio
from hypothesis import given
from hypothesis import strategies as st

from fastnn import neuro

SOLVES = [on_kernel, on_twin]


@pytest.mark.parametrize("path", SOLVES)
def test_elimination_by_hand(path):
    # a root with two twigs: V1 = (2 + V0) / 2, V2 = (3 + V0) / 2, 4 V0 - V1 - V2 = 1
    parent, axial = np.array([-1, 0, 0]), np.array([np.nan, 1.0, 1.0])
    diagonal, V = np.array([4.0, 2.0, 2.0]), np.array([1.0, 2.0, 3.0])
    path("hines_solve", parent, axial, diagonal, V)
    np.testing.assert_allclose(V, [7 / 6, 19 / 12, 25 / 12], rtol=1e-15)


def random_tree(n, seed):
    """(parent, axial, diagonal, rhs, dense matrix) of n nodes."""
    rng = np.random.default_rng(seed)
    parent = np.array([-1] + [rng.integers(0, i) for i in range(1, n)])
    axial = rng.uniform(0.1, 10.0, n)
    dense = np.diag(rng.uniform(0.1, 3.0, n))
    for i in range(1, n):
        p = parent[i]
        dense[i, i] += axial[i]
        dense[p, p] += axial[i]
        dense[i, p] = dense[p, i] = -axial[i]
    return parent, axial, dense.diagonal().copy(), rng.normal(size=n), dense


@given(n=st.integers(1, 60), seed=st.integers(0, 10**6))
def test_elimination_equals_a_dense_solution(n, seed):
    parent, axial, diagonal, V, dense = random_tree(n, seed)
    expected = np.linalg.solve(dense, V)
    assert n < 3 or np.ptp(expected) > 0
    for path in SOLVES:
        d, x = diagonal.copy(), V.copy()
        path("hines_solve", parent, axial, d, x)
        np.testing.assert_allclose(x, expected, rtol=1e-12, atol=1e-12)


def test_elimination_rounds_as_its_twin_does():
    parent, axial, diagonal, V, _ = random_tree(200, 0)
    d, x = diagonal.copy(), V.copy()
    on_kernel("hines_solve", parent, axial, d, x)
    on_twin("hines_solve", parent, axial, diagonal, V)
    np.testing.assert_array_equal(x, V)


def steps(
    path, V, n_steps=1, current=0.0, slots=(), synapses=(), state=(), events=(),
    second_order=0, jumps=0,
):  # fmt: skip
    """One passive node: 1 pF, 0.5 nS, E_L = -60 mV; dt = 1 ms."""
    out = np.empty((n_steps, 1))
    synapses = np.array(synapses, float).reshape(4, len(slots))
    state = np.array(state, float).reshape(3, len(slots))
    when, which, gains = events or ([], [], np.empty((2, 0)))
    path(
        "tree_steps", np.array([-1]), np.zeros(1), np.array([[1.0], [0.5], [-30.0]]),
        np.empty(0, np.int64), np.empty((2, 0)), np.empty((3, 0)), 50.0, -77.0, 1.0,
        np.array(slots, np.int64), synapses, state, np.array(when, np.int64),
        np.array(which, np.int64), np.array(gains, float), np.array([0]),
        np.full((n_steps, 1), current), np.full(n_steps, jumps, np.uint8),
        np.array([0]), V, 0, 1.0, second_order, out,
    )  # fmt: skip
    return out


@pytest.mark.parametrize("path", SOLVES)
def test_a_step_by_hand(path):
    # (1 + 0.5) V = 1 * (-30) + 0.5 * (-60) + 15
    V = np.array([-30.0])
    out = steps(path, V, current=15.0)
    assert out[0, 0] == -30.0
    assert V[0] == pytest.approx(-30.0, rel=1e-14)
    # of second order: (2 + 0.5) V' = 2 (-30) - 30 + 12.5 in the middle, then 2 V' + 30
    V[0] = -30.0
    steps(path, V, current=12.5, second_order=1)
    assert V[0] == pytest.approx(2 * -77.5 / 2.5 + 30.0, rel=1e-14)
    # a jump: two implicit halves
    V[0] = -30.0
    steps(path, V, current=12.5, second_order=1, jumps=1)
    assert V[0] == pytest.approx((2 * -77.5 / 2.5 - 17.5) / 2.5, rel=1e-14)


@pytest.mark.parametrize("path", SOLVES)
def test_a_blocked_synapse_by_hand(path):
    # at 0 mV 1 mM of magnesium leaves B = 1 / (1 + 1 / 3.57), of g = 3 - 1 = 2 nS
    B = 1 / (1 + 1 / 3.57)
    V, E = np.array([0.0]), 10.0
    steps(path, V, slots=[0], synapses=[E, 1.0, 1.0, 1.0], state=[1.0, 3.0, 0.0])
    assert V[0] == pytest.approx((-30.0 + 2 * B * E) / (1.5 + 2 * B), rel=1e-13)


@pytest.mark.parametrize("path", SOLVES)
def test_events_open_slots_in_their_step_and_fade(path):
    V = np.array([-60.0])
    state = np.zeros((3, 1))
    gains = np.array([[0.0, 0.0], [4.0, 8.0]])
    steps(path, V, 3, 0.0, [0], [-60.0, 0.0, 0.5, 0.5], state, ([1, 1], [0, 0], gains))
    assert V[0] == pytest.approx(-60.0)
    V = np.array([-60.0])
    out = steps(
        path, V, 3, 0.0, [0], [0.0, 0.0, 0.5, 0.5], state, ([1, 1], [0, 0], gains)
    )
    # step 1 adds 12 nS, E = 0: (-60 - 30) / (1.5 + 12); step 2 has half of that
    second = -90.0 / 13.5
    np.testing.assert_allclose(out[:, 0], [-60, -60, second], rtol=1e-13)
    assert V[0] == pytest.approx((second - 30.0) / (1.5 + 6.0), rel=1e-13)


def bushy():
    """Soma, trunk and two twigs with channels and all kinds of synapses."""
    Section, Synapse = neuro.Section, neuro.Synapse
    tree = neuro.Tree([
        Section("soma", 20, 20, channels="hh"),
        Section("trunk", 100, 2, parent="soma", n_compartments=4),
        Section("a", 80, 1, parent="trunk", n_compartments=3, channels="hh"),
        Section("b", 60, 1, parent="trunk", at=0.4, n_compartments=2),
    ], temperature_c=12)  # fmt: skip
    synapses = [
        Synapse(("a", 0.9), "AMPA", 2.0, [1.01, 3, 3, 11.7]),
        Synapse(("a", 0.9), "NMDA", 1.0, [2, 9]),
        Synapse(("b", 0.5), "NMDA", 1.5, [6.6], Mg=2.0),
        Synapse("soma", "GABA_A", 3.0, [14.2]),
    ]
    return tree, synapses


@pytest.mark.parametrize("method", ["crank_nicolson", "implicit_euler"])
def test_steps_equal_their_twins_over_25_ms(method):
    tree, synapses = bushy()
    options = {
        "stimulus": neuro.step(0.4, 5, 15),
        "at": "trunk",
        "synapses": synapses,
        "method": method,
    }
    with neuro_path("kernels"):
        kernel = tree.run(25, 0.025, **options)
    with neuro_path("reference"):
        twin = tree.run(25, 0.025, **options)
    assert kernel.V.max() > 0 and len(kernel.spike_times[0]) >= 1
    np.testing.assert_allclose(kernel.V, twin.V, rtol=0, atol=1e-9)
    for name, array in kernel.final.items():
        np.testing.assert_allclose(array, twin.final[name], rtol=0, atol=1e-9)


@pytest.mark.parametrize("V", [-40.0, -55.0, -40.0 + 1e-7, -55.0 - 1e-9, 999.0, -999.0])
def test_gates_at_singularities_and_far_out_equal_their_twins(V):
    # capacity so large that V stays; one step of the gates
    gates = []
    for path in SOLVES:
        gate = np.full((3, 3), 0.3)
        path(
            "tree_steps", np.array([-1, 0, 1]), np.ones(3),
            np.array([np.full(3, 1e15), np.ones(3), np.zeros(3)]), np.arange(3),
            np.ones((2, 3)), gate, 50.0, -77.0, 3.0, np.empty(0, np.int64),
            np.empty((4, 0)), np.empty((3, 0)), np.empty(0, np.int64),
            np.empty(0, np.int64), np.empty((2, 0)), np.empty(0, np.int64),
            np.empty((1, 0)), np.zeros(1, np.uint8), np.arange(3), np.full(3, V), 0,
            0.025, 0,
            np.empty((1, 3)),
        )  # fmt: skip
        gates.append(gate)
    assert np.isfinite(gates[0]).all() and not (gates[0] == 0.3).all()
    np.testing.assert_allclose(gates[0], gates[1], rtol=0, atol=1e-13)


@pytest.mark.parametrize("path", SOLVES)
def test_nan_stays_nan(path):
    V = np.array([np.nan])
    out = steps(path, V, 2)
    assert np.isnan(out).all() and np.isnan(V).all()


def neuro_path(name):
    from fastnn import backend

    return backend.use(name)


@pytest.mark.speed
def test_elimination_beats_its_twin():
    parent, axial, diagonal, V, _ = random_tree(2000, 1)
    # again and again over what it left: numbers of any size, the same work
    diagonal[:] = 1e6
    assert speed_ratio("hines_solve", (parent, axial, diagonal, V)) > 20
