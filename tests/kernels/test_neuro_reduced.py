"""The steps of LIF, AdEx and Izhikevich's neuron beside their twins."""

import numpy as np
import pytest
from contract import on_kernel, on_twin, speed_ratio

# parameters, state and a current that lets it fire, for one unit
CASES = {
    "lif": ([20, 100, -65, -50, -65, 2], [-65, 0], 0.4),
    "lif_grid": ([20, 100, -65, -50, -65, 2], [-65, 0], 0.4),
    "adex": ([281, 30, -70.6, -50.4, 2, 4, 144, 80.5, -70.6, 0], [-70.6, 0], 900),
    "adex above V_T": ([200, 10, -58, -50, 2, 2, 120, 100, -46, 0], [-58, 0], 300),
    "izhikevich": ([0.02, 0.2, -50, 2, 30], [-65, -13], 10),
    "izhikevich_published": ([0.02, 0.2, -50, 2, 30], [-65, -13], 10),
}
PATHS = pytest.mark.parametrize("path", [on_kernel, on_twin])


def simulate(path, case, current, dt=0.1, most=50, first=0, state=None):
    """(state, V, second variable or V again, spikes, counts) of all units."""
    parameters, begin, _ = CASES[case]
    steps, units = current.shape
    state = np.array([begin] * units, float).T.copy() if state is None else state
    p = np.array([parameters] * units, float).T.copy()
    V, w = np.full((steps, units), np.nan), np.full((steps, units), np.nan)
    spikes, counts = np.full((units, most), np.nan), np.full(units, 99)
    name = case.split()[0]
    outs = (V,) if name.startswith("lif") else (V, w)
    path(name, state, p, current, dt, first, *outs, spikes, counts)
    return state, V, outs[-1], spikes, counts


@PATHS
def test_lif_by_hand(path):
    # tau_m 20, V_inf = -65 + 30: V reaches -50 after 20 ln 2 = 13.863 ms, waits 2 ms
    current = np.full((200, 1), 0.3)
    _, V, _, spikes, counts = simulate(path, "lif", current)
    times = [20 * np.log(2)]
    assert counts[0] == 1
    np.testing.assert_allclose(spikes[0, :1], times, rtol=1e-12)
    t = np.arange(200) * 0.1
    before, waits = t < times[0], (t > times[0]) & (t < times[0] + 2)
    np.testing.assert_allclose(V[before, 0], -35 - 30 * np.exp(-t[before] / 20))
    np.testing.assert_array_equal(V[waits, 0], -65.0)
    rest = t[t > times[0] + 2] - times[0] - 2
    np.testing.assert_allclose(V[-len(rest) :, 0], -35 - 30 * np.exp(-rest / 20))


@PATHS
def test_lif_grid_by_hand(path):
    _, V, _, spikes, counts = simulate(path, "lif_grid", np.full((200, 1), 0.3))
    assert counts[0] == 1
    assert spikes[0, 0] == pytest.approx(13.9)  # the end of the step of 13.863
    np.testing.assert_array_equal(V[139:160, 0], -65.0)
    assert V[160, 0] > -65


@PATHS
def test_lif_fires_more_than_once_a_step(path):
    _, _, _, spikes, counts = simulate(path, "lif", np.full((1, 1), 2.0), dt=30.0)
    period = 2 + 20 * np.log(200 / 185)
    assert counts[0] == int((30 + 2) / period)
    np.testing.assert_allclose(np.diff(spikes[0, : counts[0]]), period, rtol=1e-12)


@PATHS
def test_published_step_by_hand(path):
    current = np.full((1, 1), 10.0)
    state, V, u, _, _ = simulate(path, "izhikevich_published", current, dt=1.0)
    v = -65 + 0.5 * (0.04 * 65**2 - 5 * 65 + 140 + 13 + 10)
    v += 0.5 * (0.04 * v**2 + 5 * v + 140 + 13 + 10)
    assert (V[0, 0], u[0, 0]) == (-65, -13)
    assert state[:, 0] == pytest.approx([v, -13 + 0.02 * (0.2 * v + 13)])


@PATHS
def test_adex_leaks_to_rest_along_its_exponentials(path):
    # Below V_T the exponential is nothing, and with a = 0 V and w decay on their own.
    p = np.array([[200.0, 10, -70, 50, 0.5, 0, 30, 0, -58, 60]]).T.copy()
    state, V, w = np.array([[-90.0], [0.0]]), np.empty((100, 1)), np.empty((100, 1))
    spikes, counts = np.empty((1, 1)), np.empty(1, np.int64)
    path("adex", state, p, np.zeros((100, 1)), 0.1, 0, V, w, spikes, counts)
    t = np.arange(100) * 0.1
    np.testing.assert_allclose(V[:, 0], -70 - 20 * np.exp(-t / 20), rtol=1e-9)


@PATHS
def test_adex_upstroke_in_closed_form(path):
    # Far above V_T only the exponential counts: C dy/dt = -g_L, y = e^((V_T - V) / D)
    p = np.array([[281.0, 1e-3, -70, -50, 2, 0, 144, 0, -70, 0]]).T.copy()
    state, V, w = np.array([[-30.0], [0.0]]), np.empty((2, 1)), np.empty((2, 1))
    spikes, counts = np.empty((1, 1)), np.empty(1, np.int64)
    path("adex", state, p, np.zeros((2, 1)), 20.0, 0, V, w, spikes, counts)
    assert counts[0] == 1
    expected = (np.exp(-10) - np.exp(-25)) * 281 / 1e-3
    assert spikes[0, 0] == pytest.approx(expected, rel=0.01)  # the leak is the rest


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("units", [1, 18])
def test_kernel_equals_twin_over_50_ms(case, units, rng):
    current = CASES[case][2] * rng.uniform(0.7, 1.3, (500, units))
    assert current.std() > 0
    dt = 1.0 if case == "izhikevich_published" else 0.1
    kernel = simulate(on_kernel, case, current, dt, 90)
    twin = simulate(on_twin, case, current, dt, 90)
    assert (twin[-1] > 0).all()
    for ours, theirs in zip(kernel, twin, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)


@pytest.mark.parametrize("case", CASES)
def test_one_current_for_all_is_a_column_for_each(case):
    current = np.full((300, 1), float(CASES[case][2]))
    alone = simulate(on_kernel, case, current)
    many = simulate(on_kernel, case, np.repeat(current, 4, axis=1))
    for x, y in zip(alone[1:3], many[1:3], strict=True):
        np.testing.assert_array_equal(np.repeat(x, 4, axis=1), y)


@pytest.mark.parametrize("case", CASES)
def test_parts_of_a_run_are_the_run(case):
    current = np.full((400, 3), float(CASES[case][2]))
    whole = simulate(on_kernel, case, current)
    state = np.array([CASES[case][1]] * 3, float).T.copy()
    V, times = [], []
    for first, last in ((0, 1), (1, 150), (150, 400)):
        part = simulate(on_kernel, case, current[first:last], 0.1, 50, first, state)
        V.append(part[1])
        times.append(part[3][0, : part[4][0]])
    np.testing.assert_array_equal(np.concatenate(V), whole[1])
    np.testing.assert_array_equal(np.concatenate(times), whole[3][0, : whole[4][0]])
    np.testing.assert_array_equal(state, whole[0])


@PATHS
@pytest.mark.parametrize("case", CASES)
def test_what_has_no_room_is_counted(path, case):
    current = np.full((600, 2), float(CASES[case][2]))
    few, all_ = simulate(path, case, current, most=1), simulate(path, case, current)
    assert (few[4] == all_[4]).all()
    assert (all_[4] > 1).all()
    np.testing.assert_array_equal(few[3][:, 0], all_[3][:, 0])


@pytest.mark.parametrize("case", CASES)
def test_nan_stays_nan_and_stays_with_its_unit(case):
    current = np.full((60, 3), float(CASES[case][2]))
    current[20, 1] = np.nan
    _, V, _, _, _ = simulate(on_kernel, case, current)
    assert np.isnan(V[-1, 1])
    assert np.isfinite(V[:, [0, 2]]).all()


@pytest.mark.speed
@pytest.mark.parametrize("case", CASES)
def test_it_beats_its_twin(case):
    parameters, begin, current = CASES[case]
    state, p = np.array([begin], float).T.copy(), np.array([parameters], float).T.copy()
    V, spikes, counts = np.empty((500, 1)), np.empty((1, 500)), np.empty(1, np.int64)
    outs = (V,) if case.startswith("lif") else (V, np.empty((500, 1)))
    arguments = state, p, np.full((500, 1), float(current)), 0.1, 0
    ratio = speed_ratio(case.split()[0], (*arguments, *outs, spikes, counts))
    assert ratio > 8  # AdEx waits for exp and log; in plain Python they are C's too
