"""Synapses that depress and facilitate."""

import numpy as np

from .. import style


def response(sim):
    """The potential behind the synapse, what each spike releases, and u and x.

    sim: of neuro.TsodyksMarkram, of one train. Returns the figure.
    """
    if sim.V.ndim > 1:
        raise ValueError(
            f"plot: the run has {sim.n_units} trains; one fits in a picture, run it "
            "with one alone"
        )
    with style.context() as plt:
        figure, (top, middle, bottom) = plt.subplots(
            3, 1, figsize=(7.2, 5.0), sharex=True, height_ratios=(1.4, 1, 1.2)
        )
        top.plot(sim.t, sim.V, color=style.INK, lw=1.2)
        top.set(ylabel="V (mV)", title=_name(sim.model))
        lines = middle.vlines(sim.spike_times, 0, sim["r"], color=style.RED, lw=1.6)
        lines.set_capstyle("butt")
        middle.set(ylabel="released r", ylim=(0, None))
        bottom.plot(sim.t, sim["x"], color=style.BLUE, label="available x")
        bottom.plot(sim.t, sim["u"], color=style.ORANGE, label="used by a spike u")
        bottom.set(ylim=(0, 1.05), xlabel="time (ms)", ylabel="part of all")
        bottom.legend(loc="upper right", ncols=2, bbox_to_anchor=(1, 1.3))
        figure.align_ylabels()
        return figure


def frequency_response(synapses, rates_hz=None):
    """Steady release against rate, a spike's and a second's, of some synapses.

    synapses: {label: TsodyksMarkram}. Left, r of one spike: facilitation passes a band.
    Right, rate times r as a part of its limit, 1 / tau_d: where it is flat, only
    changes of the rate get through. Returns the figure.
    """
    rates = np.geomspace(0.5, 100, 400) if rates_hz is None else np.asarray(rates_hz)
    with style.context() as plt:
        figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.6))
        for (label, synapse), colour in zip(
            synapses.items(), style.COLOURS, strict=False
        ):
            r = synapse.steady_state(rates).r
            left.plot(rates, r, color=colour, label=label)
            right.plot(rates, rates / 1000 * r * synapse.tau_d, color=colour)
        for ax in (left, right):
            ax.set(xscale="log", ylim=(0, None), xlabel="rate (Hz)")
            ax.xaxis.set_major_formatter("{x:g}")
        left.set(ylabel="release of a spike r", title="release per spike")
        right.axhline(1, color=style.INK, lw=0.8, ls=":")
        right.annotate(
            r"the limit, 1 / $\tau_d$", (0.02, 1), xycoords=right.get_yaxis_transform(),
            xytext=(0, -4), textcoords="offset points", va="top", fontsize=8,
        )  # fmt: skip
        right.set(ylabel=r"rate × r, in units of 1 / $\tau_d$", ylim=(0, 1.08))
        right.set_title("release per second")
        left.legend()
        return figure


def _name(model):
    vesicles = f", {model.n_vesicles} vesicles" if model.n_vesicles else ""
    return (
        rf"U = {model.U:g}, $\tau_d$ = {model.tau_d:g} ms, "
        rf"$\tau_f$ = {model.tau_f:g} ms{vesicles}"
    )
