"""Pictures of the bridge: what they show are the numbers."""

import numpy as np
import pytest

from fastnn import neuro

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
from fastnn.plot.neuro import bridge  # noqa: E402


@pytest.fixture(autouse=True)
def closed_figures():
    before = dict(matplotlib.rcParams)
    yield
    import matplotlib.pyplot as plt

    plt.close("all")
    assert dict(matplotlib.rcParams) == before


def markers(ax):
    """{(x, y): whether it is filled} of the points."""
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    return {
        (float(d.get_xdata()[0]), float(d.get_ydata()[0])): d.get_markerfacecolor()
        != "white"
        for d in dots
    }


def shaded(ax, x, y):
    """Whether the point lies in the shaded region."""
    (region,) = ax.collections
    return any(path.contains_point((x, y)) for path in region.get_paths())


def test_activations_show_curve_fits_and_residuals():
    current = np.linspace(0, 0.5, 51)
    rates = neuro.siegert(-65 + 100 * current, 8)
    fits = [neuro.fit_activation(current, rates, k) for k in ("relu", "softplus")]
    figure = fits[0].plot(fits[1], label="I (nA)")
    top, bottom = figure.axes
    np.testing.assert_array_equal(top.lines[0].get_ydata(), rates)
    for fit, line in zip(fits, bottom.lines[1:], strict=True):
        np.testing.assert_array_equal(line.get_ydata(), fit.residuals)
    assert bottom.get_xlabel() == "I (nA)"


def test_rates_show_siegerts_curves():
    figure = bridge.rates(sigmas=(0.0, 5.0), mu=np.linspace(-60, -40, 41))
    curves = [line.get_ydata() for line in figure.axes[0].lines[:2]]
    np.testing.assert_array_equal(
        curves[1], neuro.siegert(np.linspace(-60, -40, 41), 5)
    )
    assert len(figure.axes[1].lines) == 5  # two kinds for two curves, and zero


def test_a_run_shows_inputs_and_spikes():
    sim = neuro.CoincidenceDetector(w=10).run(60, input_times=[[10], [15]])
    inputs, ax = sim.plot().axes
    assert [text.get_text() for text in inputs.get_yticklabels()] == [
        "input 1",
        "input 2",
    ]
    trace = ax.lines[0]
    k = np.argmax(trace.get_ydata())
    assert (trace.get_xdata()[k], trace.get_ydata()[k]) == (sim.spike_times[0], -50)


def test_the_map_has_the_neurons_border_and_the_perceptrons_line():
    neuron = neuro.CoincidenceDetector(w=10)
    figure = bridge.response_map(neuron)
    together, apart = figure.axes
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words == ["EPSPs of 10 mV: a spike", "no spike", "here it fires"]
    assert markers(together) == {
        (0, 0): False, (0, 10): False, (10, 0): False, (10, 10): True
    }  # fmt: skip
    for x, y in [(3, 11), (3, 13), (14, 2), (7.4, 7.4), (7.6, 7.6)]:
        assert shaded(together, x, y) == (x + y >= 15)
    line = next(x for x in together.lines if "perceptron" in x.get_label())
    total = line.get_xdata() + line.get_ydata()
    np.testing.assert_allclose(total, 15, atol=1)
    window = neuron.window_ms()
    assert shaded(apart, window - 0.5, 10) and not shaded(apart, window + 0.5, 10)


def test_xor_in_one_layer_and_in_two():
    figure = bridge.xor()
    one, two, hidden = figure.axes
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words == ["x1 XOR x2 is 1", "it is 0", "here the output is 1"]
    for ax in (one, two):
        assert markers(ax) == {(0, 0): False, (0, 1): True, (1, 0): True, (1, 1): False}
    wrong = [point for point, y in markers(one).items() if shaded(one, *point) != y]
    assert len(wrong) == 1
    for ax in (two, hidden):
        assert all(shaded(ax, *point) == y for point, y in markers(ax).items())
