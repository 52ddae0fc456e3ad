"""Circuits beside their traces, rasters with rates, and intervals between spikes."""

import numpy as np

from ...ops import checks
from .. import style

MOST_TRACES = 12  # rows that can be read on a page
MOST_ROWS = 500  # of a raster
EXCITATION, INHIBITION = style.BLUE, style.RED


def circuit(sim, start_ms=0.0, stop_ms=None):
    """The cells and their synapses on the left, each beside its own trace of V.

    sim: an Activity of Circuit.run, of at most 12 cells. Arrows excite, bars inhibit;
    vertical lines stand for the spikes, which the model leaves out. A trace is shaded
    while a current that does not last flows into its cell. Returns the figure.
    """
    model = sim.model
    n = model.n
    if n > MOST_TRACES:
        raise ValueError(
            f"plot: the circuit has {n} cells; {MOST_TRACES} traces can be read on a "
            "page. Draw a raster of it: fastnn.plot.neuro.wiring.raster(sim)"
        )
    with style.context() as plt:
        figure = plt.figure(figsize=(8.6, 0.8 + 0.85 * n))
        grid = figure.add_gridspec(n, 2, width_ratios=[1, 3.4])
        ax = None
        for i in range(n):
            ax = figure.add_subplot(grid[i, 1], sharex=ax, sharey=ax)
            _trace(ax, sim, i)
            ax.tick_params(labelbottom=i == n - 1)
        ax.set_xlim(start_ms, sim.duration_ms if stop_ms is None else stop_ms)
        ax.set_xlabel("time (ms)")
        figure.axes[(n - 1) // 2].set_ylabel("V (mV)")
        _diagram(figure.add_subplot(grid[:, 0]), model, _drives(sim))
        return figure


def _trace(ax, sim, i):
    """V of one cell; a spike is a line up to 0 mV, as its upstroke would be."""
    times, driven = sim.spike_times[i], sim.stimulus[:, i] != 0
    if driven.any() and not driven.all():
        ax.fill_between(
            sim.t, 0, 1, where=driven, transform=ax.get_xaxis_transform(),
            color=style.SKY, alpha=0.35, linewidth=0,
        )  # fmt: skip
    ax.plot(sim.t, sim.V[:, i], color=style.INK, linewidth=1.0)
    threshold = sim.model._each("V_th")[i]
    ax.vlines(times, threshold, 0.0, color=style.INK, linewidth=1.0)
    n = len(times)
    ax.set_title(
        f"{n} spike{'' if n == 1 else 's'}", loc="right", fontsize=8, pad=2.0
    )  # fmt: skip


def _drives(sim):
    """What drives each cell, in words: "300 pA", "600 pA for 12 ms", or nothing."""
    words = []
    for current in sim.stimulus.T:
        driven = current != 0  # noise goes below 0 as well
        lasting = "" if driven.all() else f"\nfor {driven.sum() * sim.dt_ms:.3g} ms"
        words.append(f"{current.max():g} pA{lasting}" if (current > 0).any() else "")
    return words


def _diagram(ax, model, drives):
    """Each cell beside its trace, with what drives it, and its synapses as arcs."""
    n, radius = model.n, 10.0  # points
    rows = -np.arange(n)
    ax.plot(
        np.zeros(n), rows, "o", color=style.INK, markersize=2 * radius,
        markeredgewidth=0, zorder=3,
    )  # fmt: skip
    for i, name in enumerate(model.names):
        ax.text(
            0, -i, name, color="white", ha="center", va="center", zorder=4, fontsize=9,
            fontweight="bold",
        )  # fmt: skip
        if drives[i]:
            ax.annotate(
                drives[i], (0, -i), (-1.0, -i), va="center", ha="center",
                arrowprops={"arrowstyle": "->", "shrinkB": radius, "color": style.INK},
                fontsize=8,
            )  # fmt: skip
    for i, j in zip(*np.nonzero(model.weights), strict=True):
        both = model.weights[j, i] != 0
        _synapse(ax, int(i), int(j), model.weights[i, j], radius, both)
    for colour, sign, name in [
        (EXCITATION, 1, "excites"),
        (INHIBITION, -1, "inhibits"),
    ]:
        sizes = np.unique(np.abs(model.weights[sign * model.weights > 0]))
        if len(sizes):
            size = f"{sizes[0]:g}" + (f" to {sizes[-1]:g}" if len(sizes) > 1 else "")
            y = 1.0 if sign > 0 or not (model.weights > 0).any() else 0.94
            ax.text(
                1.0, y, f"{name}, {size} nS", color=colour, transform=ax.transAxes,
                ha="right", va="top", fontsize=8,
            )  # fmt: skip
    ax.set(xlim=(-1.4, 1.2), ylim=(0.5 - n, 0.5))
    ax.set_axis_off()


def _synapse(ax, i, j, weight, radius, both):
    """From cell to cell: on the right on the way down, on the left on the way up."""
    from matplotlib.patches import FancyArrowPatch

    excites = weight > 0
    bend = 0.0 if abs(i - j) == 1 and not both else 0.45
    start, end, gap = (0, -i), (0, -j), radius + 1.0
    if i == j:  # out above, back below
        start, end, bend, gap = (0.12, -i + 0.16), (0.12, -i - 0.16), -2.0, 0.0
    ax.add_patch(
        FancyArrowPatch(
            start,
            end,
            connectionstyle=f"arc3,rad={bend}",
            arrowstyle="-|>" if excites else "-[,widthB=0.4,lengthB=0",
            mutation_scale=11,
            linewidth=1.6,
            shrinkA=gap,
            shrinkB=gap + (0.0 if excites else 1.5),
            color=EXCITATION if excites else INHIBITION,
        )
    )


def raster(sim, kind="raster", start_ms=0.0, stop_ms=None):
    """Who fired when, the rate of both kinds of cells, and V of a recorded cell.

    sim: an Activity of CUBA, COBA or Circuit. Of many cells, 500 evenly chosen ones are
    drawn. kind "intervals": the picture of `intervals`. Returns the figure.
    """
    checks.choice("plot", "kind", kind, ("raster", "intervals"))
    if kind == "intervals":
        return intervals(sim, start_ms, stop_ms)
    n, stop = sim.n_cells, sim.duration_ms if stop_ms is None else stop_ms
    n_e = getattr(sim.model, "n_excitatory", n)
    kinds = [("excitatory", EXCITATION, 0, n_e), ("inhibitory", INHIBITION, n_e, n)]
    kinds = [kind for kind in kinds if kind[3] > kind[2]]
    with_trace = sim.V.shape[1] > 0
    with style.context() as plt:
        figure, axes = plt.subplots(
            2 + with_trace,
            figsize=(8.0, 4.6 + 1.3 * with_trace),
            sharex=True,
            height_ratios=[3.2, 1] + [1] * with_trace,
        )
        _dots(axes[0], sim, kinds, start_ms, stop)
        _rates(axes[1], sim, kinds)
        if with_trace:
            _recorded(axes[2], sim)
        axes[-1].set(xlim=(start_ms, stop), xlabel="time (ms)")
        figure.align_ylabels()
        return figure


def _dots(ax, sim, kinds, start_ms, stop_ms):
    times, cells = sim.spikes
    seen = (times >= start_ms) & (times <= stop_ms)
    chosen = np.zeros(sim.n_cells, bool)
    chosen[np.unique(np.linspace(0, sim.n_cells - 1, MOST_ROWS).astype(int))] = True
    size = 2.2 if (chosen[cells] & seen).sum() > 2000 else 4.0
    for name, colour, first, stop in kinds:
        mine = chosen[cells] & (cells >= first) & (cells < stop)
        ax.plot(
            times[mine], cells[mine], ".", color=colour, markersize=size,
            markeredgewidth=0, rasterized=True,
        )  # fmt: skip
        if len(kinds) > 1:  # the name of a narrow band reaches down, not out
            top = stop == sim.n_cells
            ax.text(
                1.01, stop if top else (first + stop) / 2, name, color=colour,
                rotation=270, va="top" if top else "center",
                transform=ax.get_yaxis_transform(),
            )  # fmt: skip
    ax.set(ylabel="cell", ylim=(-0.5, sim.n_cells - 0.5))
    ax.grid(False)
    shown = "" if chosen.all() else f", {chosen.sum()} of them drawn"
    ax.set_title(
        f"{type(sim.model).__name__}: {sim.n_cells} cells{shown}, "
        f"{sim.rates(start_ms, stop_ms).mean():.1f} Hz on average"
    )


def _rates(ax, sim, kinds, bin_ms=5.0):
    bin_ms = min(bin_ms, sim.duration_ms)
    counts = sim.binned(bin_ms)
    t = (np.arange(len(counts)) + 0.5) * bin_ms
    for _, colour, first, stop in kinds:
        rate = counts[:, first:stop].mean(axis=1) * 1000.0 / bin_ms
        ax.plot(t, rate, color=colour, linewidth=1.1)
    ax.set(ylabel="rate (Hz)", ylim=(0, None))


def _recorded(ax, sim):
    """V of the first recorded cell, with its spikes as lines up to 0 mV."""
    cell = int(sim.recorded[0])
    ax.plot(sim.t, sim.V[:, 0], color=style.INK, linewidth=0.9)
    threshold = np.broadcast_to(sim.model.V_th, sim.n_cells)[cell]
    ax.vlines(sim.spike_times[cell], threshold, 0.0, color=style.INK, linewidth=0.9)
    ax.set_ylabel("V (mV)")
    ax.set_title(f"cell {cell}", loc="right", fontsize=8, pad=2.0)


def intervals(sim, start_ms=0.0, stop_ms=None):
    """Intervals between spikes of all cells, and the CV of each, beside chance.

    Chance is the Poisson process of the same mean: intervals fall exponentially, and
    their coefficient of variation is 1. Returns the figure.
    """
    values, _ = sim.intervals(start_ms, stop_ms)
    cv = sim.cv_isi(start_ms, stop_ms)
    cv = cv[~np.isnan(cv)]
    if len(cv) == 0:
        raise ValueError(
            "plot: no cell has six spikes, so there are no intervals to compare; "
            "simulate for longer, or drive the cells more"
        )
    with style.context() as plt:
        figure, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.2))
        edges = np.geomspace(values.min() * 0.98, values.max() * 1.02, 50)
        left.hist(values, edges, color=style.SKY, label=f"{len(values)} intervals")
        mean = values.mean()
        chance = len(values) * -np.diff(np.exp(-edges / mean))
        left.plot(
            np.sqrt(edges[1:] * edges[:-1]), chance, color=style.INK, linestyle="--",
            label="chance, same mean",
        )  # fmt: skip
        left.set(xscale="log", xlabel="interval (ms)", ylabel="intervals")
        left.set_title(f"mean {mean:.0f} ms")
        left.legend(fontsize=8)
        right.hist(cv, 40, color=style.SKY)
        right.axvline(1.0, color=style.INK, linestyle="--", label="chance")
        right.axvline(cv.mean(), color=style.RED, label=f"mean {cv.mean():.2f}")
        right.set(xlabel="CV of a cell's intervals", ylabel="cells", xlim=(0, None))
        right.set_title(f"{len(cv)} cells with six spikes or more")
        right.legend(fontsize=8)
        return figure


def sweep(weights, counts, title=""):
    """Spikes of each cell against the synapses' weight: where the action changes.

    weights (m,) in nS; counts (m, n), as Circuit.sweep returns them.
    """
    counts = checks.floating("plot.sweep", "counts", counts, 2)
    with style.context() as plt:
        figure, ax = plt.subplots(figsize=(5.6, 3.4))
        scale = style.sequential(counts.shape[1])
        for i, colour in enumerate(scale):
            ax.plot(
                weights,
                counts[:, i],
                "o-",
                color=colour,
                markersize=4,
                label=f"{i + 1}",
            )
        ax.set(xlabel="weight of a synapse (nS)", ylabel="spikes", title=title)
        ax.set_ylim(bottom=0)
        ax.yaxis.get_major_locator().set_params(integer=True)
        ax.legend(title="cell", fontsize=8, ncols=1 + counts.shape[1] // 5)
        return figure
