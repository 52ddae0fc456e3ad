"""Spikes in a trace: maxima, by parabolas, and the trap of a fixed threshold."""

import numpy as np
import pytest

from fastnn import neuro
from fastnn.neuro import spikes
from fastnn.neuro.spikes import spikes_of_units


def bumps(t, times, height, width=1.0, rest=-65.0):
    V = np.full_like(t, rest)
    for time in times:
        V += height * np.exp(-(((t - time) / width) ** 2))
    return V


def test_by_hand():
    # the parabola through (1, 0), (2, 30), (3, 20) has its top at 2 + 20 / 80
    t, V = np.arange(5.0), [-65, 0, 30, 20, -65]
    assert neuro.find_spikes(t, V) == pytest.approx([2.25])


def test_the_top_of_a_parabola_is_found_between_samples():
    t = np.arange(0, 30, 0.1)
    V = np.maximum(-65, 20 - (t - 12.3456) ** 2 * 30)
    assert neuro.find_spikes(t, V) == pytest.approx([12.3456], abs=1e-9)


def test_what_rises_too_little_or_stays_too_low_is_none():
    t = np.arange(0, 100, 0.1)
    assert len(neuro.find_spikes(t, bumps(t, [20, 60], 80))) == 2
    assert len(neuro.find_spikes(t, bumps(t, [20, 60], 15))) == 0
    wiggle = bumps(t, [20], 80) + 2 * np.sin(t * 3)
    assert len(neuro.find_spikes(t, wiggle)) == 1
    assert len(neuro.find_spikes(t, np.full_like(t, 10.0))) == 0
    assert len(neuro.find_spikes(t[:2], [0.0, 1.0])) == 0


def test_a_plateau_of_two_equal_samples_is_one_spike():
    t, V = np.arange(6.0), [-65, -20, 30, 30, -20, -65]
    assert neuro.find_spikes(t, V) == pytest.approx([2.5])


def test_units_each_as_if_alone():
    t = np.arange(0, 400, 0.1)
    V = np.column_stack(
        [bumps(t, np.arange(5, 400, gap), 90) for gap in (7.0, 13.0, 500)]
    )
    times = spikes_of_units(t, V)
    for u in range(3):
        np.testing.assert_array_equal(times[u], neuro.find_spikes(t, V[:, u]))
    assert [len(x) for x in times] == [57, 31, 1]


def test_a_fixed_threshold_warns_where_it_misses_spikes():
    t = np.arange(0, 100, 0.1)
    V = bumps(t, [20, 60], 80)
    np.testing.assert_allclose(neuro.fixed_threshold(t, V), [19.54, 59.54], atol=0.01)
    with pytest.warns(RuntimeWarning, match="crosses 20 mV 0 times, but has 2"):
        assert len(neuro.fixed_threshold(t, V, 20.0)) == 0


def by_definition(t, V, prominence, floor):
    """Sample after sample, as find_spikes says it."""
    found, lowest = [], np.inf
    for k in range(1, len(V) - 1):
        lowest = min(lowest, V[k - 1])
        if (
            V[k - 1] < V[k] >= V[k + 1]
            and V[k] >= floor
            and V[k] - lowest >= prominence
        ):
            found.append(t[k])
            lowest = np.inf
    return found


@pytest.mark.parametrize("n", [3, 10, 64, 65, 66, 67, 68, 2500])
def test_it_is_what_its_definition_says(n, rng, monkeypatch):
    monkeypatch.setattr(spikes, "SAMPLES", 4 * 32)  # 33 rows of four at a time
    V = np.cumsum(rng.normal(0, 6, (n, 4)), axis=0)
    V = np.round(-45 + V - V.mean(axis=0))  # whole numbers: with plateaus
    t = np.arange(n) * 0.5
    times = spikes_of_units(t, V)
    for u in range(4):
        expected = by_definition(t, V[:, u], 10.0, -45.0)
        assert len(times[u]) == len(expected)
        # the top of the parabola is at most half a sample from the highest
        np.testing.assert_allclose(times[u], expected, atol=0.25 + 1e-9)
    assert n < 100 or sum(map(len, times)) > 20
