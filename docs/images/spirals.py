"""Draws spirals.png for the README:  python docs/images/spirals.py

A network with five hidden layers learns three spirals. Left: the regions it draws and
how sure it is; right: the norm of each layer's gradient while it learned.
"""

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import fastnn as fn

COLOURS = ("#0072B2", "#D55E00", "#009E73")
INK = "#333333"


def main():
    X, y = fn.datasets.spirals(n_samples=600, n_classes=3, seed=0)
    train, test = fn.data.split(X, y, test_fraction=0.2, seed=0)
    net = fn.mlp(n_in=2, hidden=[32] * 5, n_out=3, activation="tanh", seed=0)
    history = net.fit(*train, optimizer=fn.Adam(1e-3), epochs=100)

    settings = {"font.size": 10, "text.color": INK, "axes.labelcolor": INK}
    settings |= {"xtick.color": INK, "ytick.color": INK, "axes.edgecolor": INK}
    with matplotlib.rc_context(settings):
        figure = Figure(figsize=(9, 3.9), layout="constrained")
        regions, norms = figure.subplots(1, 2, width_ratios=(1, 1.25))
        draw_regions(regions, net, X, y)
        regions.set_title(f"test accuracy {net.score(*test):.1%}", loc="left")
        draw_norms(norms, np.array(history.grad_norms))
        file = Path(__file__).with_suffix(".png")
        figure.savefig(file, dpi=160, metadata={"Software": None})


def draw_regions(ax, net, X, y):
    side = 1.08 * np.abs(X).max()
    line = np.linspace(-side, side, 400)
    grid = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    probabilities = net.predict_proba(grid)
    colours = np.array([to_rgb(colour) for colour in COLOURS])
    image = 1 - 0.45 * probabilities @ (1 - colours)
    extent = (-side, side, -side, side)
    ax.imshow(image.reshape(400, 400, 3), origin="lower", extent=extent)
    ax.scatter(*X.T, c=[COLOURS[k] for k in y], s=9, edgecolor="white", linewidth=0.4)
    ax.set_axis_off()


def draw_norms(ax, norms):
    scale = matplotlib.colormaps["viridis"]
    names = [f"hidden {i + 1}" for i in range(norms.shape[1] - 1)] + ["output"]
    for i, (column, name) in enumerate(zip(norms.T, names, strict=True)):
        colour = scale(0.8 * i / (len(names) - 1))
        ax.plot(range(1, len(column) + 1), column, color=colour, lw=1.6, label=name)
    ax.set_yscale("log")
    ax.set_title("norm of each layer's gradient", loc="left")
    ax.set_xlabel("epoch")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color="#E6E6E6", linewidth=0.6)
    ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))


if __name__ == "__main__":
    main()
