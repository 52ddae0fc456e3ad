"""Neurons in space: the drawn tree, spikes on their way, and how inputs add up."""

import numpy as np

from .. import style


def traces(sim, places=None, ax=None):
    """V against time at some places; returns the figure.

    sim: a TreeSimulation. places: of a tree, as sim.at takes them, one or a list; by
    default the middles of its sections, or five places along a single one. The curves
    go from dark to light with the distance from the beginning.
    """
    tree = sim.model
    with style.context() as plt:
        if ax is None:
            _, ax = plt.subplots(figsize=(6.4, 3.4))
        curves = _curves(sim, places)
        for (name, V), colour in zip(
            curves, style.sequential(len(curves)), strict=True
        ):
            ax.plot(sim.t, V, color=colour, label=name)
        ax.set_xlabel("time (ms)")
        ax.set_ylabel("V (mV)")
        ax.set_title(type(tree).__name__)
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
        return ax.figure


def _curves(sim, places):
    """[(label, V), ...], from near to far."""
    from ...neuro.space.grid import as_list

    tree = sim.model
    if places is None and sim.V.shape[1] <= 6:
        names = [tree.sections[s].name for s in sim.section]
        found = list(zip(names, sim.x, sim.V.T, sim.distance_um, strict=True))
    else:
        if places is None:
            several = len(tree.sections) > 1
            places = [(s.name, 0.5) for s in tree.sections[:6]] if several else None
        if places is None:
            places = [(tree.sections[0].name, x) for x in (0.1, 0.3, 0.5, 0.7, 0.9)]
        found = []
        for place in as_list(places):
            section, x = tree.grid.place("traces", "places", place)
            distance = tree.grid.distance(section, x)
            found.append((tree.sections[section].name, x, sim.at(place), distance))
    found.sort(key=lambda each: each[3])
    return [(f"{name} {x:.2g}", V) for name, x, V, _ in found]


def attenuation(tree, place=None, ax=None):
    """The tree, drawn, in the colour of how much of V at `place` arrives where.

    A small steady current flows at `place` (by default the beginning of the first
    section); colour is V / V(place). Lengths are to scale, widths are those of the
    sections, not to the same scale; branches spread so that they do not cross.
    """
    with style.context() as plt:
        if ax is None:
            _, ax = plt.subplots(figsize=(6.4, 4.2))
        ends = _layout(tree)
        _names(ax, tree, ends)
        ratio = tree.attenuation(place)
        mesh = _draw(plt, ax, tree, ends, ratio)
        bar = ax.figure.colorbar(mesh, ax=ax, shrink=0.8, pad=0.02)
        bar.set_label("V / V at the electrode")
        bar.outline.set_visible(False)
        where = (tree.sections[0].name, 0.0) if place is None else place
        section, x = tree.grid.place("attenuation", "place", where)
        begin, end = ends[section]
        spot = begin + x * (end - begin)
        ax.annotate(
            "electrode", spot, xytext=(0, 26), textcoords="offset points", fontsize=9,
            ha="center", color=style.RED, zorder=5,
            arrowprops={"arrowstyle": "-|>", "color": style.RED, "shrinkB": 3},
        )  # fmt: skip
        R = tree.input_resistance(place)
        ax.set_title(
            f"{R:.3g} MΩ at the electrode; V falls to {ratio.min():.2g} of what it is "
            "there"
        )
        return ax.figure


def _draw(plt, ax, tree, ends, values):
    """Each compartment a line of its own; returns what a colour bar wants."""
    from matplotlib.collections import LineCollection

    lines, widths = [], []
    widest = max(s.diameter_um for s in tree.sections)
    for section, (begin, end) in zip(tree.sections, ends, strict=True):
        cuts = np.linspace(0.0, 1.0, section.n_compartments + 1)[:, None]
        nodes = begin + cuts * (end - begin)
        later = nodes[1:].copy()
        later[:-1] += 0.1 * (nodes[2:] - nodes[1:-1])  # else hairlines show between
        lines += list(np.stack([nodes[:-1], later], axis=1))
        width = 1.5 + 12.0 * (section.diameter_um / widest) ** 0.75
        widths += [width] * section.n_compartments
    mesh = LineCollection(
        lines, array=values, cmap="viridis", linewidths=widths, capstyle="butt"
    )
    mesh.set_clim(0.0, 1.0)
    ax.add_collection(mesh)
    corners = np.array(ends).reshape(-1, 2)
    low, high = corners.min(axis=0), corners.max(axis=0)
    size = max(high - low)
    high[1] = max(high[1], 0.5 * (low[1] + high[1]) + 0.2 * size)
    low[1] = min(low[1], 0.5 * (low[1] + high[1]) - 0.2 * size)
    ax.set_xlim(low[0] - 0.06 * size, high[0] + 0.06 * size)
    ax.set_ylim(low[1] - 0.16 * size, high[1] + 0.06 * size)
    ax.set_aspect("equal")
    _scale_bar(ax, low, size)
    ax.grid(False)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    return mesh


def _names(ax, tree, ends):
    """The name of each section beside its middle, where there is room for names."""
    if len(tree.sections) > 8:
        return
    for section, (begin, end) in zip(tree.sections, ends, strict=True):
        along = (end - begin) / section.length_um
        side = np.array([along[1], -along[0]])  # to the right of the way out
        if side[1] > 0:
            side = -side
        ax.annotate(
            section.name, 0.5 * (begin + end), xytext=16 * side, fontsize=8,
            textcoords="offset points", ha="center", va="center",
        )  # fmt: skip


def _layout(tree):
    """[(begin, end), ...] of the sections in um: children fan out ahead of parents."""
    sections, index = tree.sections, tree.grid.index
    children = [[] for _ in sections]
    for i, section in enumerate(sections[1:], 1):
        children[index[section.parent]].append(i)
    leaves = [1] * len(sections)
    for i in range(len(sections) - 1, -1, -1):
        leaves[i] = max(1, sum(leaves[c] for c in children[i]))
    ends = [None] * len(sections)
    ends[0] = np.zeros(2), np.array([sections[0].length_um, 0.0])
    sector = [None] * len(sections)  # the angles that belong to a section's subtree
    sector[0] = -0.4 * np.pi, 0.4 * np.pi
    for i in range(len(sections)):
        begin, end = ends[i]
        back = [c for c in children[i] if i == 0 and sections[c].at == 0.0]
        ahead = [c for c in children[i] if c not in back]
        for group, turn in ((ahead, 0.0), (back, np.pi)):
            low, high = sector[i]
            width = (high - low) / max(1, sum(leaves[c] for c in group))
            for c in group:
                share = width * leaves[c]
                sector[c] = low + turn, low + share + turn
                angle = low + 0.5 * share + turn
                start = begin + sections[c].at * (end - begin)
                step = np.array([np.cos(angle), np.sin(angle)])
                ends[c] = start, start + sections[c].length_um * step
                low += share
    return ends


def _scale_bar(ax, low, extent):
    """A line of a round length below the tree."""
    length = 10.0 ** np.floor(np.log10(extent / 2.0))
    length *= 5 if extent > 20 * length else 2 if extent > 8 * length else 1
    x, y = low[0], low[1] - 0.07 * extent
    ax.plot([x, x + length], [y, y], color=style.INK, linewidth=2)
    ax.text(x + 0.5 * length, y - 0.03 * extent, f"{length:g} µm", ha="center",
            va="top", fontsize=8)  # fmt: skip


def space_time(sim):
    """A spike on its way: V at five places, and V against time and distance.

    sim: the run of an axon or a cable, all recorded. The dashed line has the slope of
    velocity(sim), where a spike comes through.
    """
    from ...neuro import velocity

    V, far = sim.V, sim.distance_um.max()
    unit, scale = ("mm", 1e-3) if far >= 2000.0 else ("µm", 1.0)
    distance = scale * sim.distance_um
    with style.context() as plt:
        figure, (left, right) = plt.subplots(
            1, 2, figsize=(9.6, 3.6), width_ratios=[1, 1.25], sharex=True
        )
        columns = np.linspace(0.1, 0.9, 5) * (len(distance) - 1)
        columns = np.unique(columns.astype(int))
        for i, colour in zip(columns, style.sequential(len(columns)), strict=True):
            left.plot(sim.t, V[:, i], color=colour,
                      label=f"{distance[i]:.3g} {unit}")  # fmt: skip
        left.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        left.set_xlabel("time (ms)")
        left.set_ylabel("V (mV)")
        top = np.percentile(V.max(axis=0), 80)  # not what the electrode does
        mesh = right.pcolormesh(sim.t, distance, V.T, cmap="viridis", vmax=top,
                                shading="nearest", rasterized=True)  # fmt: skip
        bar = figure.colorbar(mesh, ax=right, pad=0.02)
        bar.set_label("V (mV)")
        bar.outline.set_visible(False)
        right.grid(False)
        right.set_xlabel("time (ms)")
        right.set_ylabel(f"distance ({unit})")
        left.set_title("V at five places")
        right.set_title("the whole axon")
        try:
            speed = velocity(sim)
        except ValueError:  # none comes through, or two meet
            return figure
        half = len(distance) // 2
        peak = sim.t[V[:, half].argmax()]
        reach = np.array([-0.3, 0.3]) * np.ptp(distance)
        per_ms = speed * 1e3 * scale
        right.plot(peak + reach / per_ms, distance[half] + reach, "--", color=style.INK,
                   linewidth=1.4)  # fmt: skip
        right.set_title(f"the whole axon: {speed:.3g} m/s")
        return figure


def summation(tree, synapses, place="soma", T_ms=50.0, dt_ms=0.025, ax=None):
    """What several synapses do together at `place`, beside the sum of each alone.

    tree: a Tree at rest; synapses: Synapse objects. The difference is what dendrites do
    to addition: conductances shunt each other, and driving forces shrink.
    Raises ValueError for none at all.
    """
    from ...neuro.space.synapses import as_list

    synapses = as_list("plot_summation", synapses)
    if not synapses:
        raise ValueError(
            "plot_summation: synapses is empty; expected at least one, such as "
            'Synapse("soma", times_ms=[10])'
        )
    rest = tree.run(dt_ms, dt_ms, record=[place]).V[0, 0]
    alone = [
        tree.run(T_ms, dt_ms, synapses=[one], record=[place]).V[:, 0] - rest
        for one in synapses
    ]
    sim = tree.run(T_ms, dt_ms, synapses=synapses, record=[place])
    together, added = sim.V[:, 0] - rest, np.sum(alone, axis=0)
    with style.context() as plt:
        if ax is None:
            _, ax = plt.subplots(figsize=(6.4, 3.4))
        for i, V in enumerate(alone):
            ax.plot(sim.t, V, color=style.SKY, linewidth=1.0,
                    label=None if i else "each alone")  # fmt: skip
        ax.plot(sim.t, added, "--", color=style.INK, label="their sum")
        ax.plot(sim.t, together, color=style.RED, label="together")
        k = np.abs(added).argmax()
        top = np.abs(together).max() / np.abs(added[k])
        section, x = tree.grid.place("plot_summation", "place", place)
        where = f"{tree.sections[section].name} {x:g}"
        ax.set_title(f"{where}: together {top:.0%} of the sum")
        ax.set_xlabel("time (ms)")
        ax.set_ylabel("V - rest (mV)")
        ax.legend(loc="upper right", fontsize=8)
        return ax.figure
