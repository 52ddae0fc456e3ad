"""Pictures of a training: what is in them, and that matplotlib stays as it was."""

import numpy as np
import pytest

from fastnn import plot
from fastnn.network.training.history import History

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


def a_history(epochs=6, **more):
    history = History()
    for epoch in range(epochs):
        history.record(loss=1 / (epoch + 1), val_loss=1 + (epoch - 2) ** 2)
        history.record(grad_norms=[0.1, 0.2, 0.0], **more)
    return history


def titles(figure):
    return [ax.get_title(loc="left") for ax in figure.axes]


def test_the_curves_are_the_numbers():
    figure = a_history(accuracy=0.5, val_accuracy=0.4).plot()
    assert titles(figure) == ["loss", "accuracy", "gradient norm of each layer"]
    training, validation, best = figure.axes[0].lines
    np.testing.assert_array_equal(training.get_xdata(), [1, 2, 3, 4, 5, 6])
    np.testing.assert_array_equal(training.get_ydata(), a_history().loss)
    np.testing.assert_array_equal(validation.get_ydata(), a_history().val_loss)
    assert (best.get_xdata(), best.get_ydata()) == ([3], [1.0])
    assert figure.axes[2].get_yscale() == "log" and len(figure.axes[2].lines) == 3


def test_layers_go_from_dark_to_light():
    lines = a_history().plot().axes[1].lines
    assert [line.get_label() for line in lines] == ["hidden 1", "hidden 2", "output"]
    brightness = [sum(line.get_color()[:3]) for line in lines]
    assert brightness == sorted(brightness)


def test_values_have_r2_instead():
    assert titles(a_history(val_r2=0.5).plot())[1] == "R²"


@pytest.mark.parametrize("epochs", [1, 2])
def test_few_epochs_and_odd_numbers_draw(epochs, tmp_path):
    history = a_history(epochs)
    history.record(loss=float("nan"), val_loss=float("inf"))
    history.plot().savefig(tmp_path / "history.png")
    alone = History()
    alone.record(loss=1.0)
    alone.plot().savefig(tmp_path / "alone.png")


def test_into_axes_of_ones_own():
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2)
    assert a_history().plot(axes[1]) is figure
    assert not axes[0].lines and len(axes[1].lines) == 3


def test_matplotlib_keeps_its_settings(tmp_path):
    before = dict(matplotlib.rcParams)
    a_history().plot().savefig(tmp_path / "a.png")
    plot.confusion([[1, 0], [0, 1]])
    assert dict(matplotlib.rcParams) == before


def test_confusion_shows_counts():
    figure = plot.confusion([[8, 2], [0, 10]], ["no", "yes"])
    (ax,) = figure.axes
    assert [text.get_text() for text in ax.texts] == ["8", "2", "10"]
    assert ax.get_title(loc="left") == "90.0% of 20 right"
    assert [text.get_text() for text in ax.get_xticklabels()] == ["no", "yes"]
    np.testing.assert_array_equal(ax.images[0].get_array(), [[0.8, 0.2], [0, 1]])
    plot.confusion(np.zeros((30, 30), int))  # classes without samples


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: History().plot(), "no epochs yet; call net.fit"),
        (lambda: plot.confusion([[1, 2]]), r"shape \(1, 2\); expected \(n, n\)"),
        (lambda: plot.confusion([["a"]]), "counts"),
        (lambda: plot.confusion([[-1]]), "counts"),
        (lambda: plot.confusion([[1]], ["a", "b"]), "2 labels for 1 classes"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
