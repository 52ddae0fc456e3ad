"""Cells: a spike with its gates and currents, experiments, the phase plane."""

import numpy as np

from ...ops import checks
from .. import style


def spike(sim, unit=0, from_ms=None, to_ms=None):
    """V, gates, currents and stimulus of HodgkinHuxley, one below another.

    unit: which, if there are many; from_ms, to_ms: the part to draw.
    """
    inside = _window("spike", sim, from_ms, to_ms)
    t = sim.t[inside]

    def trace(name):
        return _of_unit("spike", sim, sim[name], unit)[inside]

    with style.context() as plt:
        figure, axes = plt.subplots(
            4, 1, figsize=(6.4, 7.2), sharex=True, height_ratios=(3, 2, 2, 0.8)
        )
        of_V, gates, currents, stimulus = axes
        of_V.plot(t, trace("V"), color=style.INK)
        _times(of_V, sim, unit, inside)
        of_V.set(ylabel="V (mV)", title="membrane potential")
        for name, colour in zip(
            "mhn", (style.RED, style.ORANGE, style.BLUE), strict=True
        ):
            gates.plot(t, trace(name), color=colour, label=name)
        gates.set(ylabel="open", ylim=(-0.03, 1.03), title="gates")
        colours = style.RED, style.BLUE, style.GREEN
        for ion, colour in zip(("Na", "K", "L"), colours, strict=True):
            label = f"$I_\\mathrm{{{ion}}}$"
            currents.plot(t, trace(f"I_{ion}"), color=colour, label=label)
        currents.set(ylabel="µA/cm²", title="currents (outward is up)")
        for ax in (gates, currents):
            ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        _stimulus(stimulus, sim, unit, inside)
        stimulus.set(xlabel="time (ms)", xlim=_limits(t))
        figure.align_ylabels(axes)
        return figure


def reduced(sim, unit=0, from_ms=None, to_ms=None):
    """V with its spikes, the second variable if there is one, and the stimulus.

    A spike is drawn as a stroke from V to above: in the model it is an instant.
    """
    inside = _window("plot", sim, from_ms, to_ms)
    t, second = sim.t[inside], [name for name in sim.model.STATE[1:] if name in sim]
    with style.context() as plt:
        ratios = (3, *[1.6] * len(second), 0.8)
        figure, axes = plt.subplots(
            len(ratios), 1, figsize=(6.4, 2 + 1.3 * len(ratios)), sharex=True,
            height_ratios=ratios,
        )  # fmt: skip
        V = _of_unit("plot", sim, sim.V, unit)[inside]
        _V_with_strokes(axes[0], sim, V, unit, inside)
        axes[0].set(ylabel="V (mV)", title=type(sim.model).__name__)
        for ax, name in zip(axes[1:-1], second, strict=True):
            ax.plot(t, _of_unit("plot", sim, sim[name], unit)[inside], color=style.RED)
            ax.set(ylabel="w (pA)" if name == "w" else name, title="adaptation")
        _stimulus(axes[-1], sim, unit, inside)
        axes[-1].set(xlabel="time (ms)", xlim=_limits(t))
        figure.align_ylabels(axes)
        return figure


def _V_with_strokes(ax, sim, V, unit, inside):  # noqa: N802
    """V without the samples of the upstroke, and a stroke for each spike."""
    t, model = sim.t[inside], sim.model
    times = _spike_times(sim, unit)
    times = times[(times >= t[0]) & (times <= t[-1])]
    if hasattr(model, "V_th"):  # LIF: V ends at the threshold
        threshold = np.broadcast_to(model.V_th, sim.n_units)[unit]
        ax.axhline(threshold, color=style.SKY, linewidth=1.0, linestyle="--")
        ax.text(t[0], threshold, " V_th", color=style.SKY, va="bottom", fontsize=8)
        top, foot = threshold + 25.0, threshold
    else:
        top = np.broadcast_to(model.V_peak, sim.n_units)[unit]
        foot = V.min() if not len(V) else None
    for time in times:
        k = min(np.searchsorted(t, time), len(t) - 1)
        low = foot if foot is not None else V[max(k - 1, 0)]
        ax.plot([time, time], [low, top], color=style.INK, linewidth=1.2)
    breaks = np.searchsorted(t, times)  # no line from the top of a spike to the reset
    keep = breaks[(breaks > 0) & (breaks < len(t))]
    ax.plot(np.insert(t, keep, np.nan), np.insert(V, keep, np.nan), color=style.INK)


def _window(where, sim, from_ms, to_ms):
    start = 0.0 if from_ms is None else checks.number(where, "from_ms", from_ms)
    stop = sim.t[-1] if to_ms is None else checks.number(where, "to_ms", to_ms)
    inside = (sim.t >= start) & (sim.t <= stop)
    if inside.sum() < 2:
        raise ValueError(
            f"{where}: from_ms {start:g} to to_ms {stop:g} holds no two samples; the "
            f"run goes from 0 to {sim.t[-1]:g} ms"
        )
    return inside


def _of_unit(where, sim, trace, unit):
    if trace.ndim == 1:
        return trace
    unit = checks.whole(where, "unit", unit)
    if unit >= trace.shape[1]:
        raise ValueError(f"{where}: unit is {unit}; there are {sim.n_units}, from 0 on")
    return trace[:, unit]


def _spike_times(sim, unit):
    return sim.spike_times[unit] if sim.V.ndim > 1 else sim.spike_times


def _times(ax, sim, unit, inside):
    """Small marks above V where spikes were found."""
    times, V = _spike_times(sim, unit), _of_unit("plot", sim, sim.V, unit)
    times = times[(times >= sim.t[inside][0]) & (times <= sim.t[inside][-1])]
    tops = np.interp(times, sim.t, V)
    ax.plot(times, tops + 6.0, "v", color=style.SKY, markersize=4, clip_on=False)


def _stimulus(ax, sim, unit, inside):
    current = _of_unit("plot", sim, sim.stimulus, unit)[inside]
    ax.fill_between(sim.t[inside], current, color=style.SKY, alpha=0.35, linewidth=0)
    ax.plot(sim.t[inside], current, color=style.SKY)
    ax.set(ylabel=_with_unit("I", sim.model.CURRENT))
    ax.set_ylim(min(0.0, 1.15 * current.min()), max(1.15 * current.max(), 1e-3))


def _limits(t):
    return t[0], t[-1]


# --- experiments ----------------------------------------------------------------------


def _with_unit(text, unit):
    """ "I (µA/cm²)"; "I" for a number without a unit."""
    return f"{text} ({_printed(unit)})" if unit else text


def _printed(unit):
    return unit.replace("uA", "µA").replace("cm2", "cm²")


def f_i_curve(curve, ax=None, label=None):
    """Rate over current: a line where the cell fires, another where it is silent."""
    with style.context() as plt:
        ax = _axes(plt, ax, "f_i_curve")
        fires = curve.rates_hz > 0
        colour = ax._get_lines.get_next_color()
        rates = np.where(fires, curve.rates_hz, np.nan)
        ax.plot(curve.currents, rates, "o-", color=colour, markersize=4, label=label)
        silent = np.where(fires, np.nan, 0.0)
        ax.plot(curve.currents, silent, "o-", color=colour, markersize=4, alpha=0.5)
        ax.set(
            xlabel=_with_unit("steady current", curve.unit), ylabel="firing rate (Hz)"
        )
        ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]))
        ax.set_title("f-I curve")
        if label:
            ax.legend()
        return ax.figure


def strength_duration_curve(found, ax=None):
    """Threshold over the width of a pulse, beside a constant charge and a current."""
    with style.context() as plt:
        ax = _axes(plt, ax, "strength_duration_curve")
        ax.loglog(found.widths_ms, found.thresholds, "o-", color=style.BLUE)
        shortest = np.argmin(found.widths_ms)
        line = found.charges[shortest] / found.widths_ms
        ax.loglog(found.widths_ms, line, "--", color=style.RED, linewidth=1.2)
        ax.axhline(found.thresholds.min(), color=style.GREEN, linestyle="--", lw=1.2)
        middle = len(line) // 3
        ax.annotate(
            "constant charge", (found.widths_ms[middle], line[middle]),
            xytext=(-8, -14), textcoords="offset points", color=style.RED, ha="right",
        )  # fmt: skip
        ax.text(
            found.widths_ms.min(), 0.93 * found.thresholds.min(), "rheobase",
            color=style.GREEN, va="top",
        )  # fmt: skip
        ax.set(
            xlabel="width of the pulse (ms)", ylabel=_with_unit("threshold", found.unit)
        )
        ax.set_ylim(bottom=found.thresholds.min() / 1.6, top=1.3 * line.max())
        for axis in (ax.xaxis, ax.yaxis):
            axis.get_major_locator().set_params(subs=(1, 2, 5))
            axis.set_major_formatter("{x:g}")
            axis.set_minor_formatter("")
        ax.set_title("strength and duration")
        return ax.figure


def refractoriness_curve(found, ax=None):
    """Threshold of a second pulse over its distance from the first; at rest it is 1."""
    with style.context() as plt:
        ax = _axes(plt, ax, "refractoriness_curve")
        relative = found.thresholds / found.resting_threshold
        ax.semilogy(found.gaps_ms, relative, "o-", color=style.BLUE, markersize=4)
        ax.axhline(1.0, color=style.INK, linewidth=1.0, linestyle="--")
        below = relative < 1
        ax.fill_between(found.gaps_ms, relative, 1, where=below, color=style.GREEN,
                        alpha=0.25, interpolate=True, label="supernormal")  # fmt: skip
        ticks = [x for x in (0.5, 1, 2, 5, 10, 20) if x < 1.4 * relative.max()]
        ax.set_yticks(ticks, [f"{x:g}" for x in ticks])
        ax.minorticks_off()
        ax.set_ylim(0.7 * relative.min(), 1.4 * relative.max())
        ax.set(xlabel="after the first pulse (ms)", ylabel="threshold / that at rest")
        ax.set_title("refractoriness")
        if below.any():
            ax.legend()
        return ax.figure


def convergence_curves(found, ax=None):
    """Error over the step, both logarithmic: the slope of a line is its order."""
    with style.context() as plt:
        ax = _axes(plt, ax, "convergence_curves")
        for method, errors in found.errors_mV.items():
            label = f"{method}: order {found.orders[method]:.1f}"
            ax.loglog(found.steps_ms, errors, "o-", markersize=4, label=label)
        ax.minorticks_off()
        ax.set_xticks(found.steps_ms, [f"{step:g}" for step in found.steps_ms])
        ax.set(xlabel="step (ms)", ylabel="largest error of V (mV)")
        ax.set_title("convergence")
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        return ax.figure


def phase_plane(model, current=0.0, sim=None, ax=None, V_range=None):
    """The plane of V and the second variable of an AdEx or Izhikevich neuron.

    Of HodgkinHuxley it is n, with m = m_inf(V) and h = s - n. Nullclines for a steady
    `current`, arrows along the flow, and the trajectory of `sim`, if given: filled dots
    at the resets. V_range: (lowest, highest) in mV. Returns the figure.
    """
    if not hasattr(model, "nullclines"):
        raise TypeError(
            f"phase_plane: {type(model).__name__} has no nullclines; expected AdEx or "
            "Izhikevich, whose state is a point in a plane, or HodgkinHuxley"
        )
    many = [p.name for p in model.PARAMETERS if np.ndim(getattr(model, p.name))]
    if many:
        raise ValueError(
            f"phase_plane: {many[0]} has a value for each unit; make a model with one "
            "number for each parameter"
        )
    name, usual = model.PLANE
    V_range = usual if V_range is None else V_range
    V = np.linspace(*V_range, 400)
    of_V, of_w = model.nullclines(V, current)
    seen = [of_w.min(), of_w.max(), np.nanmin(of_V)]
    if sim is not None:
        seen += [sim[name].min(), sim[name].max()]
    margin = 0.12 * (max(seen) - min(seen))
    low, high = min(seen) - margin, max(seen) + margin
    with style.context() as plt:
        ax = _axes(plt, ax, "phase_plane")
        _arrows(ax, model, current, V_range, (low, high))
        ax.plot(V, of_V, color=style.RED, label="dV/dt = 0")
        ax.plot(V, of_w, color=style.GREEN, label=f"d{name}/dt = 0")
        if sim is not None:
            _trajectory(ax, sim, name)
        unit = " (pA)" if name == "w" else ""
        ax.set(xlabel="V (mV)", ylabel=f"{name}{unit}", xlim=V_range, ylim=(low, high))
        ax.set_title(f"phase plane, I = {current:g} {_printed(model.CURRENT)}".rstrip())
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        return ax.figure


def _arrows(ax, model, current, V_range, w_range):
    """Directions of the flow on a grid; their length says nothing."""
    V, w = np.meshgrid(np.linspace(*V_range, 21)[1:-1], np.linspace(*w_range, 15)[1:-1])
    dV, dw = model.flow(V, w, current)
    dV, dw = dV / np.ptp(V_range), dw / np.ptp(w_range)  # as they look on the paper
    size = np.hypot(dV, dw)
    ax.quiver(V, w, dV / size, dw / size, color="#BBBBBB", scale=34, width=0.0025,
              pivot="mid", zorder=0)  # fmt: skip


def _trajectory(ax, sim, name):
    V, w = (x if x.ndim == 1 else x[:, 0] for x in (sim.V, sim[name]))
    after = np.searchsorted(sim.t, _spike_times(sim, 0))
    after = after[(after > 0) & (after < len(V))]
    if name == "n":  # nothing is reset
        after = after[:0]
    cut_V, cut_w = (np.insert(x, after, np.nan) for x in (V, w))
    ax.plot(cut_V, cut_w, color=style.BLUE, linewidth=1.1, label="trajectory")
    ax.plot(V[0], w[0], "o", color=style.BLUE, markerfacecolor="white", label="start")
    if len(after):
        ax.plot(V[after], w[after], "o", color=style.BLUE, ms=3.5, label="resets")


def _axes(plt, ax, where):
    if ax is None:
        return plt.subplots(figsize=(5.2, 3.6))[1]
    if not hasattr(ax, "plot"):
        raise TypeError(
            f"{where}: ax is {checks.describe(ax)}; expected matplotlib axes, or None"
        )
    return ax
