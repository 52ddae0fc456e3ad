"""Neurons whose ions move: what they do, and what the pump remembers."""

import numpy as np

from .. import style

POINTS = 4000  # columns of a picture; a minute has a million samples
MODES = ("silent", "bursts", "continuous", "blocked")


def ions(sim):
    """V, then potassium outside and sodium inside, of a run of BarretoCressman.

    Returns the figure.
    """
    with style.context() as plt:
        figure, (top, middle, bottom) = plt.subplots(
            3, 1, figsize=(7.6, 5.2), sharex=True, height_ratios=(2, 1.2, 1.2)
        )
        scale, unit = _time(sim)
        _envelope(top, sim, scale)
        top.set(ylabel="V (mV)", title=_title(sim))
        middle.plot(scale * sim.t, sim["K_o"], color=style.RED)
        middle.axhline(sim.model.k_bath, color=style.INK, lw=0.8, ls=":")
        middle.annotate(
            "bath", (1, sim.model.k_bath), xycoords=("axes fraction", "data"),
            xytext=(3, 0), textcoords="offset points", va="center", fontsize=8,
        )  # fmt: skip
        middle.set_ylabel("K⁺ outside (mM)")
        bottom.plot(scale * sim.t, sim["Na_i"], color=style.BLUE)
        bottom.set(ylabel="Na⁺ inside (mM)", xlabel=f"time ({unit})")
        figure.align_ylabels()
        return figure


def memory(sim):
    """V, its slow afterhyperpolarisation enlarged, sodium and pump: of a pumped patch.

    Returns the figure.
    """
    with style.context() as plt:
        figure, axes = plt.subplots(
            4, 1, figsize=(7.6, 6.2), sharex=True, height_ratios=(2, 1.4, 1, 1)
        )
        top, below, sodium, pump = axes
        scale, unit = _time(sim)
        rest = sim.model.V_rest
        _envelope(top, sim, scale)
        top.set(ylabel="V (mV)", title=_title(sim))
        _envelope(below, sim, scale)
        below.axhline(rest, color=style.INK, lw=0.8, ls=":")
        below.set(ylabel="V near rest", ylim=(rest - 3.5, rest + 2))
        sodium.plot(scale * sim.t, sim["Na_i"], color=style.RED)
        sodium.set_ylabel("Na⁺ (mM)")
        pump.plot(scale * sim.t, sim["I_pump"], color=style.GREEN)
        pump.set(ylabel="pump (µA/cm²)", xlabel=f"time ({unit})")
        _under_stimulus(axes, sim, scale)
        figure.align_ylabels()
        return figure


def modes(result):
    """What the neuron does, against the bath's potassium and the pump's strength.

    result: an ActivityModes, from neuro.activity_modes. Returns the figure.
    """
    colours = dict(
        zip(MODES, ("#E8E8E8", style.ORANGE, style.BLUE, style.PURPLE), strict=True)
    )
    with style.context() as plt:
        from matplotlib.colors import ListedColormap

        figure, ax = plt.subplots(figsize=(6.4, 4.2))
        codes = np.array([[MODES.index(mode) for mode in row] for row in result.modes])
        k, rho = np.arange(len(result.k_bath)), np.arange(len(result.rho))
        ax.pcolormesh(
            k, rho, codes, cmap=ListedColormap(list(colours.values())), vmin=-0.5,
            vmax=3.5, edgecolors="white", linewidth=2, shading="nearest",
        )  # fmt: skip
        for i in rho:
            for j in k:
                text = _number_of(result, i, j)
                white = result.modes[i][j] == "continuous"
                ax.text(
                    j, i, text, ha="center", va="center", fontsize=8,
                    color="white" if white else style.INK,
                )  # fmt: skip
        ax.grid(False)
        ax.set_xticks(k, [f"{value:g}" for value in result.k_bath])
        ax.set_yticks(rho, [f"{value:g}" for value in result.rho])
        ax.set(xlabel="K⁺ of the bath (mM)", ylabel="strength of the pump ρ (mM/s)")
        ax.set_title("Bath and pump choose the activity")
        seen = [mode for mode in MODES if any(mode in row for row in result.modes)]
        handles = [plt.Rectangle((0, 0), 1, 1, color=colours[mode]) for mode in seen]
        names = {"bursts": "bursts (period)", "continuous": "continuous (rate)"}
        ax.legend(
            handles, [names.get(mode, mode) for mode in seen], ncols=len(seen),
            loc="upper center", bbox_to_anchor=(0.5, -0.16),
        )  # fmt: skip
        return figure


def recovery(*results):
    """The response to a second step, against the gap since the first.

    results: TwoSteps, from neuro.two_steps. Returns the figure.
    """
    with style.context() as plt:
        figure, ax = plt.subplots(figsize=(5.6, 3.6))
        for result, marker in zip(results, "os^v", strict=False):
            share = 100 * result.second / result.first
            ax.plot(result.gap_ms / 1000, share, marker=marker, label=result.label)
        ax.axhline(100, color=style.INK, lw=0.8, ls=":")
        ax.set(xscale="log", ylim=(0, 115), xlabel="gap between two steps (s)")
        ax.set(ylabel="second response (% of the first)")
        ax.xaxis.set_major_formatter("{x:g}")
        ax.set_title("The pump remembers for seconds")
        ax.legend(loc="lower right")
        return figure


def _number_of(result, i, j):
    if result.modes[i][j] == "bursts":
        period = result.period_s[i][j]
        return "once" if np.isnan(period) else f"{period:.0f} s"
    return (
        f"{result.rate_hz[i][j]:.0f} Hz" if result.modes[i][j] == "continuous" else ""
    )


def _time(sim):
    return (1e-3, "s") if sim.t[-1] > 1500 else (1.0, "ms")


def _title(sim):
    n = len(sim.spike_times)
    return f"{type(sim.model).__name__}: {n} spike{'' if n == 1 else 's'}"


def _envelope(ax, sim, scale):
    """V, or where there are too many samples for the page, its band in each column."""
    n = len(sim.t) // POINTS
    if n < 2:
        ax.plot(scale * sim.t, sim.V, color=style.INK, lw=1.0)
        return
    rows = sim.V[: POINTS * n].reshape(POINTS, n)
    t = scale * sim.t[: POINTS * n : n]
    ax.fill_between(
        t, rows.min(axis=1), rows.max(axis=1), color=style.INK, lw=0.6, zorder=2
    )


def _under_stimulus(axes, sim, scale):
    """A grey band where the stimulus is on."""
    on = np.flatnonzero(np.diff(np.concatenate([[0], sim.stimulus != 0, [0]])))
    for start, stop in on.reshape(-1, 2):
        for ax in axes:
            end = sim.t[stop - 1] + sim.dt_ms
            ax.axvspan(
                scale * sim.t[start], scale * end, color="#F0F0F0", lw=0, zorder=0
            )
