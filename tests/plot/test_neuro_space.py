"""Pictures of neurons in space: what is in them; matplotlib stays as it was."""

import numpy as np
import pytest

from fastnn import neuro
from fastnn.plot.neuro import space

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def closed():
    from matplotlib import pyplot

    before = dict(matplotlib.rcParams)
    yield
    pyplot.close("all")
    assert dict(matplotlib.rcParams) == before


def tree():
    Section = neuro.Section
    return neuro.Tree([
        Section("soma", 20, 20),
        Section("trunk", 100, 2, parent="soma"),
        Section("A", 100, 1, parent="trunk"),
        Section("B", 100, 1, parent="trunk"),
        Section("basal", 50, 1, parent="soma", at=0),
    ])  # fmt: skip


def test_the_drawn_tree_has_the_colours_of_the_closed_form():
    cable = neuro.Cable(n_compartments=50)
    ax = cable.plot_attenuation().axes[0]
    lines = ax.collections[0]
    middle = 0.02 * (np.arange(50) + 0.5) * 1000
    exact = neuro.sealed_end(middle, 1000, 1000)
    np.testing.assert_allclose(lines.get_array(), exact, atol=1e-3)
    assert "418 MΩ" in ax.get_title(loc="left")


def test_branches_lie_apart_and_have_their_lengths():
    model = tree()
    ends = space._layout(model)
    for section, (begin, end) in zip(model.sections, ends, strict=True):
        assert np.hypot(*(end - begin)) == pytest.approx(section.length_um)
    np.testing.assert_allclose(ends[2][0], ends[1][1])
    assert ends[2][1][1] == pytest.approx(-ends[3][1][1])  # one left, one right
    assert ends[4][1][0] < 0  # what begins at 0 goes back
    ax = model.plot_attenuation(("A", 0.9)).axes[0]
    names = {text.get_text() for text in ax.texts}
    assert names >= {section.name for section in model.sections}


def test_space_time_shows_the_speed():
    figure = neuro.SquidAxon().run(4, 0.01).plot()
    assert "18.7 m/s" in figure.axes[1].get_title(loc="left")
    assert len(figure.axes[0].lines) == 5
    quiet = neuro.SquidAxon().run(2, 0.01, stimulus=0.0).plot()
    assert "m/s" not in quiet.axes[1].get_title(loc="left")


def test_summation_draws_each_alone_their_sum_and_all_together():
    model = tree()
    synapses = [neuro.Synapse(("A", 0.9), times_ms=[5]) for _ in range(2)]
    ax = model.plot_summation(synapses, T_ms=30).axes[0]
    *alone, added, together = (line.get_ydata() for line in ax.lines)
    np.testing.assert_allclose(alone[0] + alone[1], added)
    assert 0 < together.max() < 0.95 * added.max()
    assert len(model.plot_summation(synapses[0], T_ms=10).axes[0].lines) == 3
    with pytest.raises(ValueError, match="synapses is empty; expected at least one"):
        model.plot_summation([])
    with pytest.raises(TypeError, match="synapses holds 3"):
        model.plot_summation([3])


def test_traces_have_a_curve_for_each_section_or_place():
    sim = tree().run(2, stimulus=0.1)
    assert len(sim.plot().axes[0].lines) == 5
    labels = [line.get_label() for line in sim.plot(places=["B", "soma"]).axes[0].lines]
    assert labels == ["soma 0.5", "B 0.5"]  # near to far
    assert len(sim.plot(places="soma").axes[0].lines) == 1
    few = tree().run(2, stimulus=0.1, record=["soma", ("A", 1.0)])
    assert len(few.plot().axes[0].lines) == 2
    assert len(neuro.Cable().run(2).plot().axes[0].lines) == 5
