"""Pictures of pumps, myelin and release: what is in them."""

import numpy as np
import pytest

from fastnn import neuro
from fastnn.neuro.pumps.experiments import ActivityModes, TwoSteps
from fastnn.plot.neuro import pumps, release

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_ions():
    sim = neuro.BarretoCressman(k_bath=20).run(300.0, record_ms=0.02)
    top, middle, bottom = sim.plot().axes
    assert middle.lines[0].get_ydata()[-1] == sim["K_o"][-1]
    assert middle.lines[1].get_ydata()[0] == 20
    assert bottom.get_xlabel() == "time (ms)"
    assert top.get_title("left") == f"BarretoCressman: {len(sim.spike_times)} spikes"
    # 15000 samples for a page: a band that leaves out no peak
    low, high = top.dataLim.intervaly
    assert (low, high) == (sim.V[:12_000].min(), sim.V[:12_000].max())


def test_memory():
    step = neuro.step(10, 500, 1500)
    sim = neuro.PumpedHodgkinHuxley().run(2000.0, dt_ms=0.025, stimulus=step)
    figure = sim.plot()
    _, below, sodium, pump = figure.axes
    assert below.lines[0].get_ydata()[0] == sim.model.V_rest
    assert sodium.lines[0].get_xdata()[-1] == pytest.approx(2.0, abs=1e-3)  # s
    assert pump.lines[0].get_ydata()[-1] == sim["I_pump"][-1]
    band = pump.patches[0]
    assert (band.get_x(), band.get_width()) == pytest.approx((0.5, 1.0))


def test_modes():
    result = ActivityModes(
        np.array([4.0, 8.0, 20.0]), np.array([1.0, 2.0]),
        [["silent", "bursts", "continuous"], ["silent", "bursts", "continuous"]],
        np.array([[np.nan, 38.3, np.nan], [np.nan, np.nan, np.nan]]),
        np.array([[0, 5, 82.6], [0, 5, 80]]),
    )  # fmt: skip
    (ax,) = result.plot().axes
    assert texts(ax) == ["", "38 s", "83 Hz", "", "once", "80 Hz"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["4", "8", "20"]
    assert len(ax.get_legend().get_texts()) == 3


def test_recovery():
    gaps = np.array([500.0, 5000.0])
    one = TwoSteps(gaps, np.array([20, 20]), np.array([5, 18]), "electrogenic pump")
    (ax,) = pumps.recovery(one, one._replace(label="other")).axes
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [25, 90])
    np.testing.assert_allclose(ax.lines[0].get_xdata(), [0.5, 5])
    assert len(one.plot().axes) == 1


@pytest.mark.parametrize("bare", [(), (20,)])
def test_staircase(bare):
    sim = neuro.MyelinatedAxon(bare=bare).run(1.0)
    left, right, _ = sim.plot().axes
    stairs = left.lines[-1]
    fired = np.isfinite(sim.node_times)
    np.testing.assert_array_equal(stairs.get_xdata(), sim.node_times[fired])
    np.testing.assert_array_equal(stairs.get_ydata(), np.arange(41.0)[fired])
    assert texts(left) == ["100 mV"] + ["bare"] * len(bare)
    bar = left.lines[-2].get_ydata()  # as high as a trace between 0 and 100 mV
    top = left.lines[0].get_ydata().max() / sim.V[:, 0].max()
    assert np.ptp(bar) == pytest.approx(100 * top)
    assert left.get_xlim() == right.get_xlim() == (0, sim.t[-1])
    assert ("m/s" in right.get_title("left")) is not bool(bare)


def test_response():
    sim = neuro.TsodyksMarkram(n_vesicles=5).run(200.0, stimulus=[20, 40], seed=0)
    top, middle, bottom = sim.plot().axes
    np.testing.assert_array_equal(top.lines[0].get_ydata(), sim.V)
    heights = [line[1, 1] for line in middle.collections[0].get_segments()]
    np.testing.assert_array_equal(heights, sim["r"])
    assert "5 vesicles" in top.get_title("left") and len(bottom.lines) == 2
    two = neuro.TsodyksMarkram().run(100.0, stimulus=[[1.0], [2.0]])
    with pytest.raises(ValueError, match="the run has 2 trains; one fits"):
        two.plot()


def test_frequency_response():
    synapse = neuro.TsodyksMarkram()
    figure = release.frequency_response({"depressing": synapse}, [1.0, 10.0])
    left, right = figure.axes
    r = synapse.steady_state([1.0, 10.0]).r
    np.testing.assert_allclose(left.lines[0].get_ydata(), r)
    np.testing.assert_allclose(right.lines[0].get_ydata(), [0.75 * r[0], 7.5 * r[1]])
