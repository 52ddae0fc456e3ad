"""Passive cables and trees beside what Rall computed by hand."""

import warnings

import numpy as np
import pytest

from fastnn import neuro
from fastnn.neuro import Cable, Section, Tree

# d = 2 um, R_m = 20 kOhm cm2, R_i = 100 Ohm cm, C_m = 1 uF/cm2: the defaults
LENGTHS = [500.0, 1000.0, 3000.0]
ATTENUATION = [0.8868, 0.6481, 0.0993]
RESISTANCE = [688.8, 418.0, 319.9]  # MOhm
TEXTBOOK = list(zip(LENGTHS, ATTENUATION, RESISTANCE, strict=True))


def test_constants_by_hand():
    # d R_m / (4 R_i) = 2e-4 * 2e4 / 400 = 0.01 cm2
    assert neuro.length_constant(2, 20, 100) == pytest.approx(1000.0)
    assert neuro.time_constant(20, 1) == 20
    assert neuro.semi_infinite_resistance(2, 20, 100) == pytest.approx(318.3, abs=0.05)
    cable = Cable()
    assert cable.length_constant_um == pytest.approx(1000.0)
    assert cable.time_constant_ms == pytest.approx(20.0)


def test_closed_forms_take_lists_and_refuse_what_is_no_cable():
    np.testing.assert_allclose(neuro.length_constant([2, 8], 20, 100), [1000, 2000])
    np.testing.assert_allclose(neuro.time_constant([20, 10], 2), [40, 20])
    assert neuro.sealed_end([0, 500, 1000], 1000, 1000).shape == (3,)
    for call, words in (
        (lambda: neuro.length_constant(2, 20, 0), "length_constant: R_i is 0"),
        (lambda: neuro.length_constant("2", 20, 100), "diameter_um has dtype"),
        (lambda: neuro.time_constant(20, [1, -1]), "time_constant: C_m is"),
        (lambda: neuro.semi_infinite_resistance(np.nan, 20, 100), "diameter_um is nan"),
        (lambda: neuro.sealed_end_resistance(-5, 2, 20, 100), "length_um is -5"),
        (lambda: neuro.sealed_end(1001, 1000, 1000), "from 0 to length_um, 1000"),
        (lambda: neuro.sealed_end(0, 1000, 0), "length_constant_um is 0"),
    ):
        with pytest.raises((TypeError, ValueError), match=words):
            call()


@pytest.mark.parametrize("L, ratio, R", TEXTBOOK)
def test_closed_forms_have_the_numbers_of_the_textbook(L, ratio, R):
    assert neuro.sealed_end(L, L, 1000.0) == pytest.approx(ratio, abs=5e-5)
    assert neuro.sealed_end(0.0, L, 1000.0) == pytest.approx(1.0)
    assert neuro.sealed_end_resistance(L, 2, 20, 100) == pytest.approx(R, abs=0.06)


@pytest.mark.parametrize("L", LENGTHS)
def test_a_steady_potential_falls_as_a_hyperbolic_cosine(L):
    # V(x) / V(0) = cosh((L - x) / lambda) / cosh(L / lambda), lambda = 1000 um
    cable = Cable(length_um=L, n_compartments=300)
    x = cable.grid.distance_um
    exact = np.cosh((L - x) / 1000) / np.cosh(L / 1000)
    np.testing.assert_allclose(neuro.sealed_end(x, L, 1000.0), exact, rtol=1e-12)
    np.testing.assert_allclose(cable.attenuation(), exact, rtol=1e-4)


@pytest.mark.parametrize("L", LENGTHS)
def test_errors_of_attenuation_and_resistance_fall_as_dx_squared(L):
    resistance, attenuation = [], []
    for n in (20, 40, 80):
        cable = Cable(length_um=L, n_compartments=n)
        exact = neuro.sealed_end_resistance(L, 2, 20, 100)
        resistance.append(abs(cable.input_resistance() / exact - 1))
        end = cable.attenuation()[-1] / neuro.sealed_end(L, L, 1000.0)
        attenuation.append(abs(end - 1))
    for errors in (resistance, attenuation):
        assert errors[0] < 0.02
        orders = np.log2(np.array(errors[:-1]) / errors[1:])
        np.testing.assert_allclose(orders, 2.0, atol=0.05)


def test_compartments_too_long_for_a_steady_potential_are_warned_of():
    # 600 of lambda's 1000 um: (dx / lambda)^2 / 8 = 4.5 %
    with pytest.warns(RuntimeWarning, match="longer than three tenths") as said:
        coarse = Cable(length_um=3000, n_compartments=5)
    assert said[0].filename == __file__ and "take dx_um=150" in str(said[0].message)
    exact = neuro.sealed_end_resistance(3000, 2, 20, 100)
    assert coarse.input_resistance() / exact - 1 == pytest.approx(0.045, rel=0.05)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        near = Cable(length_um=3000, dx_um=290)
    assert near.input_resistance() == pytest.approx(exact, rel=0.01)


@pytest.mark.parametrize("method", ["crank_nicolson", "implicit_euler"])
@pytest.mark.parametrize("L, ratio, R", TEXTBOOK)
def test_a_run_comes_to_the_closed_form(L, ratio, R, method):
    cable = Cable(length_um=L, n_compartments=60)
    # the slowest wave of a step fades with tau = 20 ms
    sim = cable.run(300, 0.1, stimulus=0.05, method=method)
    start, end = sim.at(("cable", 0.0)) + 65, sim.at(("cable", 1.0)) + 65
    assert start[-1] / 0.05 == pytest.approx(R, rel=1e-3)
    assert end[-1] / start[-1] == pytest.approx(ratio, rel=2e-3)
    assert cable.input_resistance() == pytest.approx(start[-1] / 0.05, rel=1e-5)


def test_a_pulse_of_charge_spreads_as_greens_function():
    # V = Q / (2 c lambda sqrt(pi T)) e^(-X^2 / 4T - T), T = t / tau, X = x / lambda
    cable = Cable(length_um=8000, n_compartments=801)
    sim = cable.run(20, 0.01, stimulus=neuro.pulse(1.0, 0, 0.01), at=("cable", 0.5))
    c = 1e-2 * np.pi * 2.0  # pF / um
    X = (cable.grid.distance_um - 4000.0) / 1000.0
    for t in (2.0, 5.0, 15.0):
        T = (t - 0.005) / 20.0  # from the middle of the pulse on
        exact = 10.0 / (2 * c * 1000 * np.sqrt(np.pi * T)) * np.exp(-(X**2) / 4 / T - T)
        V = sim.V[round(t / 0.01)] + 65
        np.testing.assert_allclose(V, exact, rtol=0, atol=5e-3 * exact.max())


@pytest.mark.parametrize(
    "method, order", [("crank_nicolson", 2), ("implicit_euler", 1)]
)
def test_order_in_time_on_one_compartment(method, order):
    # V = E + R I (1 - e^(-t / tau)); 100 um of 10 um: 31.4 nF / 1e3, R = 636.6 MOhm
    cell = Tree([Section("ball", 100, 10, n_compartments=1)])
    R = cell.input_resistance("ball")
    by_hand = 1e5 / (0.05 * np.pi * 100 * 10)
    assert pytest.approx(by_hand, rel=1e-12) == R
    exact = -65 + R * 0.01 * (1 - np.exp(-20 / 20))
    errors = []
    for dt in (1.0, 0.5, 0.25):
        sim = cell.run(20 + dt, dt, stimulus=0.01, at="ball", method=method)
        errors.append(abs(sim.V[-1, 0] - exact))
    np.testing.assert_allclose(
        np.log2(np.array(errors[:-1]) / errors[1:]), order, atol=0.1
    )


# --- Rall's equivalent cylinder -------------------------------------------------------


def branching(d=4.0, L=400.0, n=20):
    """A trunk with two branches, each with two twigs: d^1.5 adds up everywhere.

    L is a trunk's; lengths go with sqrt(d), so that L / lambda is the same.
    """
    half = 0.5 ** (2 / 3)

    def section(name, level, parent):
        size = d * half**level
        return Section(
            name, L * np.sqrt(size / d), size, parent=parent, n_compartments=n
        )

    names = [("t", 0, None), ("a", 1, "t"), ("b", 1, "t")]
    names += [(p + q, 2, p) for p in "ab" for q in "12"]
    return Tree([section(*each) for each in names])


def test_input_on_the_trunk_meets_the_equivalent_cylinder():
    tree, cylinder = branching(), Cable(1200, 4, n_compartments=60)
    assert tree.input_resistance() == pytest.approx(
        cylinder.input_resistance(), rel=1e-11
    )
    stimulus = neuro.pulse(0.2, 1, 3)
    a = tree.run(30, 0.05, stimulus)
    b = cylinder.run(30, 0.05, stimulus)
    assert np.ptp(a.V) > 1
    for name, at in (("t", 0), ("a", 1), ("b", 1), ("a1", 2), ("b2", 2)):
        mine = a.V[:, a.section == tree.grid.index[name]]
        np.testing.assert_allclose(mine, b.V[:, 20 * at : 20 * at + 20], atol=1e-10)


def test_equal_input_to_all_branches_is_one_input_to_the_cylinder():
    tree, cylinder = branching(), Cable(1200, 4, n_compartments=60)
    stimulus = neuro.pulse(0.05, 1, 3)
    a = tree.run(30, 0.05, {(twig, 1.0): stimulus for twig in ("a1", "a2", "b1", "b2")})
    b = cylinder.run(30, 0.05, 4 * stimulus, at=("cable", 1.0))
    assert np.ptp(a.at("t")) > 0.5
    np.testing.assert_allclose(a.at("t"), b.at(("cable", 1 / 6)), atol=1e-10)
    np.testing.assert_allclose(a.at(("b1", 1.0)), b.at(("cable", 1.0)), atol=1e-10)


def test_unequal_branches_are_no_cylinder():
    tree = Tree([
        Section("t", 400, 4, n_compartments=20),
        Section("a", 400, 4, parent="t", n_compartments=20),
        Section("b", 400, 4, parent="t", n_compartments=20),
    ])  # fmt: skip
    cylinder = Cable(800, 4, n_compartments=40)
    assert tree.input_resistance() < 0.9 * cylinder.input_resistance()


def test_reciprocity():
    # the potential at A of a current at B is that at B of the same current at A
    tree = branching()
    there, back = ("a1", 0.9), ("b", 0.4)
    a = tree.input_resistance(there) * tree.attenuation(there)
    b = tree.input_resistance(back) * tree.attenuation(back)
    grid = tree.grid
    at = [grid.column(*grid.place("t", "p", place)) for place in (there, back)]
    assert a[at[1]] == pytest.approx(b[at[0]], rel=1e-12)


# --- At rest, and by place ------------------------------------------------------------


def test_rest_is_where_a_run_stays():
    tree = Tree([
        Section("soma", 20, 20, channels="hh"),
        Section("d", 300, 2, parent="soma", E_L=-72),
    ])  # fmt: skip
    rest = tree.rest()
    assert -72 < rest[-1] < rest[0] < -64
    sim = tree.run(20)
    np.testing.assert_allclose(sim.V, np.broadcast_to(rest, sim.V.shape), atol=1e-7)


def test_distances_and_places():
    tree = branching()
    sim = tree.run(2, record=["t", ("a1", 1.0)], stimulus=1.0)
    assert sim.V.shape == (80, 2)
    assert sim.distance_um.tolist() == pytest.approx(
        [200, 400 + 400 * 0.5 ** (1 / 3) + 400 * 0.5 ** (2 / 3)]
    )
    everywhere = tree.run(2, stimulus=1.0)
    np.testing.assert_array_equal(sim.V[:, 0], everywhere.at("t"))
    np.testing.assert_array_equal(sim.at(("a1", 1.0)), everywhere.at(("a1", 1.0)))
    one = tree.run(2, record=("a1", 1.0), stimulus=1.0)
    np.testing.assert_array_equal(one.V[:, 0], sim.V[:, 1])
    with pytest.raises(ValueError, match=r"V at 'b' was not recorded.*\('t', 0.5\)"):
        sim.at("b")


def test_a_middle_branch_begins_in_the_compartment_that_holds_the_place():
    tree = Tree([
        Section("t", 100, 2, n_compartments=5),
        Section("a", 50, 1, parent="t", at=0.5, n_compartments=2),
    ])  # fmt: skip
    grid = tree.grid
    sim = tree.run(200, 0.1, stimulus=0.01, at=("a", 1.0))
    # no current flows through the far parts of the trunk but their leak
    np.testing.assert_array_equal(sim.at(("a", 0.0)), sim.at(("t", 0.5)))
    assert grid.distance_um[-1] == pytest.approx(50 + 37.5)
    assert sim.at(("t", 0.5))[-1] > sim.at(("t", 0.1))[-1]
