"""From the biological to the artificial neuron, in pictures."""

import numpy as np

from .. import style

KIND_COLOURS = {"relu": style.RED, "softplus": style.BLUE, "sigmoid": style.GREEN}


def activations(fits, label="input current"):
    """Above, a neuron's f-I curve with the activations fitted to it; below, residuals.

    fits: ActivationFits of the same curve. label: of the x axis, with its unit.
    Returns the figure.
    """
    with style.context() as plt:
        figure, (top, bottom) = plt.subplots(
            2, 1, figsize=(5.4, 5.0), sharex=True, height_ratios=(3, 1)
        )
        first = fits[0]
        order = np.argsort(first.currents)
        x = first.currents[order]
        top.plot(
            x, first.rates[order], color=style.INK, lw=5, alpha=0.25, label="neuron"
        )
        bottom.axhline(0, color=style.INK, lw=0.8)
        for fit in fits:
            colour = KIND_COLOURS[fit.kind]
            words = f"{fit.kind}, rms residual {fit.rms:.2g} Hz"
            dense = np.linspace(x[0], x[-1], 500)
            top.plot(dense, fit(dense), color=colour, lw=1.5, label=words)
            bottom.plot(x, fit.residuals[order], color=colour, lw=1.2)
        top.set_ylabel("firing rate (Hz)")
        top.legend(loc="upper left")
        bottom.set_ylabel("residual (Hz)")
        bottom.set_xlabel(label)
        top.set_title("f-I curve and fitted activations")
        return figure


def rates(sigmas=(0.0, 1.0, 3.0, 5.0, 8.0), mu=None, kinds=("relu", "softplus")):
    """f-I curves of an integrate-and-fire neuron: noise smooths the corner away.

    sigmas: mV, in the convention of `siegert`. mu (n,): mV, E_L + R_m I. Beside it are
    the residuals of the activations fitted to the curve without noise and to the one
    with most of it. Returns the figure.
    """
    from ...neuro import fit_activation, siegert

    mu = np.linspace(-65.0, -35.0, 241) if mu is None else np.asarray(mu, float)
    with style.context() as plt:
        figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.8))
        colours = style.sequential(len(sigmas))
        for sigma, colour in zip(sigmas, colours, strict=True):
            left.plot(mu, siegert(mu, sigma), color=colour, label=f"{sigma:g}")
        left.axvline(-50.0, color=style.INK, lw=0.8, ls=":")
        left.annotate("V_th", (-50.0, 1.0), xycoords=("data", "axes fraction"),
                      xytext=(3, -12), textcoords="offset points")  # fmt: skip
        left.legend(title="noise, mV")
        left.set_xlabel("mu = E_L + R_m I (mV)")
        left.set_ylabel("firing rate (Hz)")
        left.set_title("f-I curve without and with noise")
        right.axhline(0, color=style.INK, lw=0.8)
        for sigma, dashes in ((min(sigmas), "--"), (max(sigmas), "-")):
            curve = siegert(mu, sigma)
            for kind in kinds:
                fit = fit_activation(mu, curve, kind=kind)
                # the first is broad, for the second may lie on it
                look = {
                    "color": KIND_COLOURS[kind],
                    "lw": 3.0 - 1.6 * (kind != kinds[0]),
                }
                words = f"{kind}, {sigma:g} mV: rms {fit.rms:.2g}"
                right.plot(mu, fit.residuals, dashes, label=words, **look)
        right.legend(fontsize="small")
        right.set_xlabel("mu (mV)")
        right.set_ylabel("rate - fit (Hz)")
        right.set_title("residuals of fitted activations")
        return figure


def coincidence(sim):
    """The membrane potential of a CoincidenceDetector, with its inputs and spikes."""
    neuron = sim.model
    with style.context() as plt:
        figure, (top, ax) = plt.subplots(
            2, 1, figsize=(6.0, 3.8), sharex=True, height_ratios=(1, 4)
        )
        for i, times in enumerate(sim.stimulus):
            colour = style.COLOURS[i % len(style.COLOURS)]
            top.eventplot(times, lineoffsets=-i, linelengths=0.7, color=colour)
        top.set_yticks(
            -np.arange(len(sim.stimulus)),
            [f"input {i + 1}" for i in range(len(sim.stimulus))],
        )
        top.set_ylim(-len(sim.stimulus) + 0.4, 0.6)
        top.grid(False)
        top.spines[:].set_visible(False)
        top.tick_params(length=0)
        k = np.searchsorted(sim.t, sim.spike_times)  # the top lies between samples
        t, V = (np.insert(v, k, top) for v, top in
                ((sim.t, sim.spike_times), (sim.V, neuron.V_th)))  # fmt: skip
        ax.plot(t, V, color=style.INK)
        ax.axhline(neuron.V_th, color=style.RED, lw=0.9, ls="--", label="threshold")
        ax.axhline(neuron.E_L, color=style.INK, lw=0.8, ls=":", label="rest")
        height = 0.5 * (neuron.V_th - neuron.E_L)
        ax.vlines(sim.spike_times, neuron.V_th, neuron.V_th + height, color=style.INK)
        ax.set_xlabel("time (ms)")
        ax.set_ylabel("V (mV)")
        ax.legend(loc="upper right", ncols=2)
        return figure


def response_map(neuron, model=None, largest_mV=20.0, n=81, lags_ms=None):
    """Where a neuron with two inputs fires, and a perceptron's line beside it.

    neuron: a CoincidenceDetector. model: a fitted Perceptron of the two EPSPs; None
    trains one on the map's own answers. The left panel is over the size of two EPSPs
    that come together, the right one over their lag and their common size. Returns the
    figure.
    """
    from ...neuro import Perceptron

    w = np.linspace(0.0, largest_mV, n)
    lags = np.linspace(0.0, 2.0 * neuron.tau_m, n) if lags_ms is None else lags_ms
    theta = neuron.V_th - neuron.E_L
    pairs = np.stack(np.meshgrid(w, w), axis=-1)
    if model is None:
        answer = neuron.response_map(w, w).ravel()
        model = Perceptron(epochs=5000).fit(pairs.reshape(-1, 2)[::7], answer[::7])
    with style.context() as plt:
        figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 4.0))
        _shade(left, w, w, neuron.peak([0.0, 0.0], pairs) - theta)
        left.plot(w, model.line(w), color=style.RED, label="perceptron's line")
        corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
        size = np.broadcast_to(neuron.w, 2)
        _points(left, corners * size, neuron.fires(np.where(corners, 0.0, np.nan)))
        left.set_xlim(0, largest_mV)
        left.set_ylim(0, largest_mV)
        left.set_aspect("equal")
        left.legend(loc="upper right", framealpha=0.9, frameon=True)
        left.set_xlabel("EPSP of input 1 (mV)")
        left.set_ylabel("EPSP of input 2 (mV)")
        left.set_title("together: a straight line")
        times = np.stack([np.zeros_like(lags), lags], axis=-1)
        equal = w[:, None, None] * np.ones(2)
        _shade(right, lags, w, neuron.peak(times[None], equal) - theta)
        for level, words in ((theta, "one is enough: OR"), (theta / 2, "")):
            right.axhline(level, color=style.INK, lw=0.8, ls=":")
            right.annotate(words, (lags[-1], level), ha="right", va="bottom",
                           xytext=(-4, 3), textcoords="offset points")  # fmt: skip
        place = (0.04 * lags[-1], 0.87 * theta)
        right.annotate("both are needed,\nin time: AND", place, va="center")
        right.set_xlabel("lag between the inputs (ms)")
        right.set_ylabel("EPSP of each (mV)")
        right.set_title("apart in time: what x @ weights cannot say")
        size = f"{size[0]:g}" if np.ptp(size) == 0 else f"{size[0]:g} and {size[1]:g}"
        _key(figure, f"EPSPs of {size} mV: a spike", "no spike", "here it fires")
        return figure


def xor():
    """XOR's four points: every line fails in the plane, one does behind two units."""
    from ...neuro import LogicNetwork

    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    network = LogicNetwork.xor()
    answer = network(corners)
    with style.context() as plt:
        figure, axes = plt.subplots(1, 3, figsize=(10.2, 4.2))
        x = np.linspace(-0.5, 1.5, 201)
        plane = np.stack(np.meshgrid(x, x), axis=-1)
        one, two, hidden = axes
        _shade(one, x, x, plane.sum(axis=-1) - 0.5)
        one.set_title("one unit: 3 of 4 at best")
        # whole numbers: thresholds half a unit lower change nothing at the corners
        first = [plane @ u.weights - u.theta + 0.5 for u in network.layers[0]]
        _shade(two, x, x, np.minimum(*first))
        two.set_title("two layers: OR and NAND")
        for ax in (one, two):
            _points(ax, corners, answer)
            ax.set_xlabel("x1")
            ax.set_ylabel("x2", rotation=0)
        (last,) = network.layers[1]
        _shade(hidden, x, x, plane @ last.weights - last.theta + 0.5)
        _points(hidden, network.hidden(corners), answer)
        for h, words in (((0, 1), "00"), ((1, 1), "01, 10"), ((1, 0), "11")):
            hidden.annotate(words, h, xytext=(9, 6), textcoords="offset points")
        hidden.set_title("what the second layer sees")
        hidden.set_xlabel("x1 OR x2")
        hidden.set_ylabel("x1 NAND x2")
        _key(figure, "x1 XOR x2 is 1", "it is 0", "here the output is 1")
        for ax in axes:
            ax.set_xlim(-0.5, 1.5)
            ax.set_ylim(-0.5, 1.5)
            ax.set_xticks([0, 1])
            ax.set_yticks([0, 1])
            ax.set_aspect("equal")
        return figure


def _shade(ax, x, y, height):
    """The region in which the answer is 1: where height (len(y), len(x)) is above 0."""
    levels = [0.0, max(float(np.max(height)), 0.0) + 1.0]
    ax.contourf(x, y, height, levels=levels, colors=[style.SKY], alpha=0.35)


def _key(figure, one, zero, region):
    """Below the panels: what filled and hollow points and the shade stand for."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    dot = {"marker": "o", "ms": 7, "lw": 0, "color": style.INK}
    keys = [
        Line2D([], [], **dot, label=one),
        Line2D([], [], **dot, markerfacecolor="white", label=zero),
        Patch(color=style.SKY, alpha=0.35, label=region),
    ]
    figure.legend(handles=keys, loc="outside lower center", ncols=3)


def _points(ax, points, answer):
    """Filled where the answer is 1, hollow where it is 0."""
    for x, y in zip(np.asarray(points, float), answer, strict=True):
        ax.plot(*x, "o", ms=9, color=style.INK, zorder=3, clip_on=False,
                markerfacecolor=style.INK if y else "white")  # fmt: skip
