"""Pictures of circuits and networks: what they show, not how it looks."""

import numpy as np
import pytest

from fastnn import neuro

matplotlib = pytest.importorskip("matplotlib", reason="pictures need matplotlib")
matplotlib.use("Agg")
from fastnn.plot.neuro import wiring  # noqa: E402


@pytest.fixture(autouse=True)
def close():
    yield
    matplotlib.pyplot.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("name", neuro.Circuit.WIRINGS)
def test_a_circuit_has_a_trace_for_each_cell_and_an_arrow_for_each_synapse(name):
    sim = neuro.Circuit.wiring(name).run(60)
    figure = sim.plot()
    *traces, diagram = figure.axes
    n = sim.n_cells
    assert len(traces) == n
    np.testing.assert_array_equal(traces[-1].lines[0].get_ydata(), sim.V[:, n - 1])
    assert traces[0].get_title("right").startswith(f"{sim.counts[0]} spike")
    arrows = [p for p in diagram.patches if hasattr(p, "get_arrowstyle")]
    assert len(arrows) == (sim.model.weights != 0).sum()
    assert set("12") <= set(texts(diagram))
    figure.canvas.draw()


def test_both_kinds_of_synapses_and_a_cell_that_reaches_itself():
    circuit = neuro.Circuit(["a", "b"], [[5.0, 10.0], [-20.0, 0.0]])
    figure = circuit.run(20, stimulus=[300.0, 0.0] * np.ones((400, 1))).plot(stop_ms=15)
    words = texts(figure.axes[-1])
    assert "excites, 5 to 10 nS" in words and "inhibits, 20 nS" in words
    assert "300 pA" in words and "a" in words
    assert figure.axes[0].get_xlim() == (0, 15)
    figure.canvas.draw()


def test_a_current_that_does_not_last_is_told_and_shaded():
    *traces, diagram = neuro.Circuit.wiring("memory").run(60).plot().axes
    assert "600 pA\nfor 12 ms" in texts(diagram)
    (shade,) = traces[0].collections[:-1]  # the last one holds the spikes
    assert shade.get_paths()[0].vertices[:, 0].max() == pytest.approx(12, abs=0.1)
    *_, diagram = neuro.Circuit.wiring("half_centre").run(60).plot().axes
    assert texts(diagram).count("300 pA") == 2
    noisy = neuro.Circuit(1).run(10, stimulus=neuro.noise(50.0, seed=1))
    trace, diagram = noisy.plot().axes
    assert len(trace.collections) == 1 and "for" not in texts(diagram)[-1]


@pytest.fixture(scope="module")
def network():
    return neuro.CUBA(1000, p=0.08).run(400, record=[3])


def test_a_raster_has_the_spikes_of_the_cells_that_it_draws(network):
    figure = network.plot()
    raster, rates, trace = figure.axes
    assert "1000 cells, 500 of them drawn" in raster.get_title("left")
    drawn = sum(len(line.get_xdata()) for line in raster.lines)
    chosen = np.unique(np.linspace(0, 999, 500).astype(int))
    assert drawn == network.counts[chosen].sum()
    both = np.array([line.get_ydata() for line in rates.lines])
    mean = 0.8 * both[0].mean() + 0.2 * both[1].mean()
    assert mean == pytest.approx(network.rates().mean())
    np.testing.assert_array_equal(trace.lines[0].get_ydata(), network.V[:, 0])
    assert trace.get_title("right") == "cell 3"


def test_the_title_of_a_raster_has_the_rate_of_what_it_shows(network):
    title = network.plot(start_ms=200, stop_ms=300).axes[0].get_title("left")
    assert f"{network.rates(200, 300).mean():.1f} Hz on average" in title


def test_intervals_beside_chance():
    sim = neuro.CUBA(1000, p=0.08).run(1000)
    left, right = sim.plot(kind="intervals").axes
    total = sum(patch.get_height() for patch in left.patches)
    assert total == len(sim.intervals()[0])
    first, last = left.patches[0].get_x(), left.patches[-1].get_x()
    mean = sim.intervals()[0].mean()
    between = np.exp(-first / mean) - np.exp(-last / mean)  # of an exponential's mass
    assert left.lines[0].get_ydata().sum() == pytest.approx(total * between, rel=0.01)
    cells = sum(patch.get_height() for patch in right.patches)
    assert cells == (~np.isnan(sim.cv_isi())).sum()


def test_a_sweep_has_a_line_for_each_cell():
    weights = [10, 25, 60]
    figure = wiring.sweep(weights, neuro.Circuit.sweep("chain", weights))
    assert len(figure.axes[0].lines) == 8


def test_what_cannot_be_drawn_is_explained(network):
    with pytest.raises(ValueError, match="raster"):
        neuro.Circuit(13).run(5).plot()
    with pytest.raises(ValueError, match="kind is 'pie'"):
        network.plot(kind="pie")
    with pytest.raises(ValueError, match="no cell has six spikes"):
        neuro.COBA(50).run(5).plot(kind="intervals")


def test_a_run_shorter_than_a_bin_is_drawn():
    figure = neuro.CUBA(50, p=0.1).run(3).plot()
    assert figure.axes[1].get_ylabel() == "rate (Hz)"
