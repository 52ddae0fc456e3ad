"""What the artificial neuron kept, as equal numbers; what it lost, as toggles."""

import itertools
import math

import numpy as np
import pytest

from fastnn import neuro
from fastnn.neuro import TwoLayerNeuron
from fastnn.neuro.bridge import lost

TABLE = neuro.lost_and_kept()
CLUSTERED = [[1, 1, 0, 0], [0, 0, 1, 1]]


def test_by_hand():
    # (1 1 0 0): the first branch has 2, its threshold; (1 0 1 0): no branch has
    neuron = TwoLayerNeuron(CLUSTERED, branch_theta=2, theta=1)
    assert neuron.branches([1, 1, 0, 0]).tolist() == [1, 0]
    assert neuron([[1, 1, 0, 0], [1, 0, 1, 0]]).tolist() == [1, 0]
    linear = TwoLayerNeuron(CLUSTERED, 2, 2, nonlinear=False)
    assert linear([[1, 1, 0, 0], [1, 0, 1, 0]]).tolist() == [1, 1]  # only the sum


def test_branches_compute_what_no_single_unit_can():
    table = TwoLayerNeuron(CLUSTERED, 2, 1).truth_table()
    x = table.inputs
    assert table == (x[:, 0] & x[:, 1]) | (x[:, 2] & x[:, 3])
    assert "w1 + w2  >=" in neuro.contradiction(table)
    assert len(neuro.find_units(table, np.arange(-3, 4))) == 0
    for theta in range(5):
        linear = TwoLayerNeuron(CLUSTERED, 2, theta, nonlinear=False)
        assert linear.truth_table() == linear.as_unit().truth_table()


@pytest.mark.parametrize(
    "name, value, rel",
    [
        ("dendritic sum", 11.0, 1e-12),
        ("threshold", float(neuro.siegert(-48, 8)), 0.01),
        ("synaptic strength", 2.0, 1e-12),
        ("resting leak", 12.0, 1e-8),
        ("wiring", 4, 0),
    ],
)
def test_kept_pairs_give_the_same_number(name, value, rel):
    assert TABLE[name].run() == pytest.approx((value, value), rel=rel)


def test_learning_takes_the_same_changes():
    spiking, artificial = TABLE["learning"].run()
    # 8 + 8 mV reach 15; each row's error moves both weights by at most 1
    assert spiking == artificial >= 8


def test_glia_and_the_pump_have_no_counterpart():
    ratio, nothing = TABLE["glia and pump"].run()
    assert ratio < 0.9 and nothing is None


def toggled(name):
    row = TABLE[name]
    return row.run(on=True), row.run(on=False)


def test_time():
    assert toggled("time") == (0, 1)
    assert [lost.time(lag_ms=lag) for lag in (0, 10, 20)] == [1, 1, 0]


def test_refractoriness():
    # the way from -65 to -50 towards 200 mV takes 20 ln(265 / 250) ms
    way = 20 * math.log(265 / 250)
    expected = (1000 / (2 + way), 1000 / way)
    assert toggled("refractoriness") == pytest.approx(expected, rel=1e-12)
    assert lost.refractoriness(True, mu=400) < 500 < lost.refractoriness(False, mu=400)


def test_adaptation():
    with_it, without = toggled("adaptation")
    assert with_it > 1.5 and without == pytest.approx(1, rel=1e-9)
    # step by step, with the plainest of schemes
    u = w = rest = 0.0
    spikes, dt = [], 0.005
    for i in range(400_000):
        w -= dt / 200 * w
        if rest > 0:
            rest -= dt
        else:
            u += dt / 20 * (30 - u - w)
        if u >= 15:
            spikes.append(i * dt)
            u, rest, w = 0.0, 2.0, w + 1.5
    intervals = np.diff(spikes)
    # dt is a 3,000th of an interval, and one interval is a whole number of steps
    assert intervals[-1] / intervals[0] == pytest.approx(with_it, rel=2e-3)


def test_dendritic_nonlinearity():
    assert toggled("dendritic nonlinearity") == (16, 15)


def test_pump_memory():
    with_it, without = toggled("pump memory")
    assert with_it < 0.9 and without == 1
    gaps = [lost.pump_memory(gap_ms=gap) for gap in (200, 1000, 3000, 10_000)]
    assert np.all(np.diff(gaps) > 0) and gaps[0] < 0.8
    assert gaps[-1] == pytest.approx(1, abs=0.03)  # full again after about 10 s


def test_dales_law():
    # of two inputs: never, x1, x2, AND, OR, always; with inhibition all but XOR, XNOR
    assert toggled("Dale's law") == (6, 14)
    tables = [
        t
        for t in itertools.product((0, 1), repeat=4)
        if len(neuro.find_units(t, weights=np.arange(0.0, 3)))
    ]
    assert set(tables) == {
        (0, 0, 0, 0), (0, 0, 1, 1), (0, 1, 0, 1), (0, 0, 0, 1), (0, 1, 1, 1),
        (1, 1, 1, 1),
    }  # fmt: skip


def test_short_term_plasticity():
    with_it, without = toggled("short-term plasticity")
    assert without == pytest.approx(10, rel=1e-12)
    assert with_it < 2  # only changes get through

    def release(interval, n=200, U=0.45):
        u, x = 0.0, 1.0
        for _ in range(n):
            u += U * (1 - u)
            r = u * x
            x = 1 - (1 - (x - r)) * math.exp(-interval / 750)
            u *= math.exp(-interval / 50)
        return r

    assert with_it == pytest.approx(50 * release(20) / (5 * release(200)), rel=1e-9)
    assert 50 * lost._release(20.0) < 1000 / 750  # the limit, 1 / tau_d


def test_the_table_shows_every_row():
    lines = str(TABLE).splitlines()
    assert len(lines) == len(TABLE) + 5 == 19
    assert list(TABLE) == [*TABLE.kept, *TABLE.lost]
    for row in TABLE.kept.values():
        assert any(row.biology in x and row.network in x for x in lines)
    for row in TABLE.lost.values():
        assert any(row.biology in x and row.number in x for x in lines)
    assert max(map(len, lines)) <= 110
    with pytest.raises(KeyError, match="no row 'soul'; there are dendritic sum"):
        TABLE["soul"]


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: TwoLayerNeuron([1, 1], 1, 1), "weights has 1 dimension"),
        (lambda: TwoLayerNeuron([[np.nan]], 1, 1), "a row for each branch"),
        (lambda: TwoLayerNeuron([[1]], 1, 1, nonlinear=1), "nonlinear is 1"),
        (lambda: TwoLayerNeuron(CLUSTERED, 2, 1)([1, 1]), r"expected \(..., 4\)"),
    ],
)
def test_bad_input_is_explained(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()
