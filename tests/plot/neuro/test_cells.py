"""Pictures of cells: what is in them."""

import numpy as np
import pytest

from fastnn import neuro
from fastnn.plot.neuro import cells

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


def titles(figure):
    return [ax.get_title(loc="left") for ax in figure.axes]


def test_a_spike_with_its_gates_and_currents():
    sim = neuro.HodgkinHuxley().run(30, stimulus=neuro.step(10, 5))
    figure = sim.plot(from_ms=4, to_ms=20)
    assert titles(figure)[:3] == [
        "membrane potential", "gates", "currents (outward is up)"
    ]  # fmt: skip
    V = figure.axes[0].lines[0]
    inside = (sim.t >= 4) & (sim.t <= 20)
    np.testing.assert_array_equal(V.get_ydata(), sim.V[inside])
    labels = [line.get_label() for line in figure.axes[1].lines]
    assert labels == ["m", "h", "n"]
    np.testing.assert_array_equal(figure.axes[2].lines[0].get_ydata(),
                                  sim["I_Na"][inside])  # fmt: skip
    figure.canvas.draw()


def test_one_of_many_units():
    sim = neuro.HodgkinHuxley().run(5, units=2, start=np.array([-65.0, -60.0]))
    line = sim.plot(unit=1).axes[0].lines[0]
    np.testing.assert_array_equal(line.get_ydata(), sim.V[:, 1])
    with pytest.raises(ValueError, match="unit is 2; there are 2"):
        sim.plot(unit=2)


@pytest.mark.parametrize(
    ("model", "current", "panels"),
    [(neuro.LIF(), 0.3, 2), (neuro.AdEx(), 900.0, 3), (neuro.Izhikevich(), 10.0, 3)],
)
def test_reduced_neurons_have_a_stroke_for_each_spike(model, current, panels):
    sim = model.run(60, stimulus=current)
    figure = sim.plot()
    assert len(figure.axes) == panels
    strokes = [line.get_xdata() for line in figure.axes[0].lines]
    at = [x[0] for x in strokes if len(x) == 2 and x[0] == x[1]]
    assert at == sim.spike_times.tolist()
    assert len(at) > 0
    figure.canvas.draw()


def test_curves_of_experiments_are_their_numbers():
    squid = neuro.HodgkinHuxley()
    curve = neuro.f_I(squid, [5.0, 8.0, 10.0], T_ms=500)
    fires = curve.plot().axes[0].lines[0].get_ydata()
    np.testing.assert_array_equal(fires, [np.nan, *curve.rates_hz[1:]])
    found = neuro.strength_duration(squid, [0.5, 5.0])
    line = found.plot().axes[0].lines[0]
    np.testing.assert_array_equal(line.get_ydata(), found.thresholds)
    line.figure.canvas.draw()
    ticks = line.axes.get_xticklabels(), line.axes.get_xticklabels(minor=True)
    written = [{text.get_text() for text in kind} for kind in ticks]
    assert {"0.5", "1", "2", "5"} <= written[0] and written[1] <= {""}
    found = neuro.refractoriness(squid, [12.0, 20.0])
    line = found.plot().axes[0].lines[0]
    relative = found.thresholds / found.resting_threshold
    np.testing.assert_array_equal(line.get_ydata(), relative)


def test_convergence_names_the_orders():
    found = neuro.convergence(neuro.HodgkinHuxley(), [0.02, 0.01], 10.0, 5.0, ["euler"])
    line = found.plot().axes[0].lines[0]
    assert line.get_label() == f"euler: order {found.orders['euler']:.1f}"
    np.testing.assert_array_equal(line.get_ydata(), found.errors_mV["euler"])


def test_phase_plane():
    cell = neuro.AdEx.pattern("tonic")
    sim = cell.run(100, stimulus=cell.pattern_pA)
    figure = cell.phase_plane(cell.pattern_pA, sim)
    labels = [line.get_label() for line in figure.axes[0].lines]
    assert labels == ["dV/dt = 0", "dw/dt = 0", "trajectory", "start", "resets"]
    assert cells.phase_plane(neuro.Izhikevich(), 10.0).axes[0].get_ylabel() == "u"
    squid = neuro.HodgkinHuxley()
    figure = squid.phase_plane(10.0, squid.run(40, stimulus=10.0))
    labels = [line.get_label() for line in figure.axes[0].lines]
    assert labels == ["dV/dt = 0", "dn/dt = 0", "trajectory", "start"]
    assert titles(figure) == ["phase plane, I = 10 µA/cm²"]
    with pytest.raises(ValueError, match="C_m has a value for each unit"):
        neuro.AdEx(C_m=[200.0, 300.0]).phase_plane()
    with pytest.raises(TypeError, match="LIF has no nullclines"):
        cells.phase_plane(neuro.LIF())


@pytest.mark.parametrize(
    ("options", "says"),
    [({"from_ms": 8, "to_ms": 7}, "no two samples"), ({"from_ms": "0"}, "from_ms")],
)
def test_bad_windows(options, says):
    sim = neuro.HodgkinHuxley().run(5)
    with pytest.raises((ValueError, TypeError), match=says):
        sim.plot(**options)
