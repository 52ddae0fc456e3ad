"""A spike that jumps from node to node."""

import numpy as np

from .. import style


def staircase(sim):
    """Where the spike is, against time: node after node, and V in space and time.

    sim: of neuro.MyelinatedAxon. Returns the figure.
    """
    x = sim.model.positions_um / 1000
    with style.context() as plt:
        figure, (left, right) = plt.subplots(1, 2, figsize=(9.4, 4.0), sharex=True)
        _traces(left, sim, x)
        colours = right.pcolormesh(
            sim.t[::4], x, sim.V[::4].T, cmap="magma", shading="nearest",
            vmin=-10, vmax=115, rasterized=True,
        )  # fmt: skip
        fired = np.isfinite(sim.node_times)
        right.plot(
            sim.node_times[fired], x[fired], "o", ms=3, mfc="white", mec=style.INK,
            mew=0.5, lw=0, label="a node spikes",
        )  # fmt: skip
        right.legend(loc="lower right", labelcolor="white")
        right.grid(False)
        right.set(xlabel="time (ms)", ylabel="position (mm)", title=_title(sim))
        right.set_xlim(0, sim.t[-1])
        bar = figure.colorbar(colours, ax=right, label="V (mV above rest)")
        bar.outline.set_visible(False)
        return figure


def _traces(ax, sim, x):
    """V of some nodes, each drawn at its height along the axon; peaks make the stairs.

    The stairs: the spike stays at a node until it is at the next.
    """
    every = max(1, sim.n_units // 10)
    shown = range(0, sim.n_units, every)
    height = (x[shown[1]] - x[0]) * 0.9 / 115 if len(shown) > 1 else 1.0
    for j in shown:
        ax.plot(sim.t, x[j] + height * sim.V[:, j], color=style.BLUE, lw=1.0)
    late, low = 0.97 * sim.t[-1], x[shown[-1]]
    ax.plot([late, late], [low, low + 100 * height], color=style.INK, lw=2)
    ax.annotate("100 mV", (late, low + 50 * height), ha="right", va="center",
                xytext=(-4, 0), textcoords="offset points", fontsize=8)  # fmt: skip
    times = sim.node_times
    fired = np.isfinite(times)
    order = np.argsort(times[fired], kind="stable")
    where, when = x[fired][order], times[fired][order]
    if len(when) and (np.all(np.diff(where) > 0) or np.all(np.diff(where) < 0)):
        ax.step(when, where, where="post", color=style.RED, lw=1.2)
    else:
        ax.plot(when, where, ".", color=style.RED, ms=4)
    for k in sim.model.bare:
        ax.axhspan(x[k], x[k + 1], color="#FBE3D6", lw=0)
        ax.annotate("bare", (0.99, (x[k] + x[k + 1]) / 2), ha="right", va="center",
                    xycoords=("axes fraction", "data"), fontsize=8)  # fmt: skip
    ax.set(xlabel="time (ms)", ylabel="position (mm)")
    nodes = "each node" if every == 1 else f"one node in {every}"
    ax.set_title(f"V of {nodes}; red: when each spikes")


def _title(sim):
    try:
        return f"{sim.velocity_m_s:.0f} m/s at D = {sim.model.D_um:g} µm"
    except ValueError:
        return f"D = {sim.model.D_um:g} µm"
