"""What a run of a tree leaves behind: V by place, spikes, how fast they travel."""

import numpy as np

from ...ops import checks
from ..cells import rates
from ..simulation import Simulation
from ..spikes import spikes_of_units
from . import synaptic
from .gates import along


class View:
    """What is recorded: columns (n,) are compartments; places: what each one shows.

    places None: the compartments themselves. Else a list of (section, x).
    """

    def __init__(self, columns, places=None):
        self.columns, self.places = columns, places


class TreeSimulation(Simulation):
    """The result of Tree.run.

    V (n_steps, n_recorded): mV. at(place): V of one place. section, x, distance_um
    (n_recorded,): where the columns of V are; distance_um from the beginning of the
    first section. spike_times: a list, one array a column; found when asked for.
    sim["m"], ["h"], ["n"]: gates; ["I_Na"], ["I_K"], ["I_L"]: uA/cm2, outward > 0; each
    (n_steps, n_recorded), computed from V when asked for. ["I_AMPA"] and so on: what
    the synapses of a receptor let out there, per area too.
    """

    def __init__(self, model, dt_ms, V, view, nodes, current, final, synapses):
        grid, n_steps = model.grid, len(V)
        self._view, self._compartments = view, V
        self._nodes, self._current = nodes, current  # what was sent in, pA
        self._number = {c: i for i, c in enumerate(view.columns.tolist())}
        if view.places is None:
            self.section, self.x = grid.section, grid.x
            self.distance_um = grid.distance_um
        else:
            self.section = np.array([section for section, _ in view.places], int)
            self.x = np.array([x for _, x in view.places])
            self.distance_um = np.array([grid.distance(*p) for p in view.places])
            columns = [self._trace(model.grid, *p) for p in view.places]
            V = np.stack(columns, axis=1) if columns else np.empty((n_steps, 0))
        self._spikes = self._gates = None
        super().__init__(
            model, dt_ms, np.arange(n_steps) * dt_ms, V, None,
            traces=self._lazy_traces(model), stimulus=1e-3 * current, final=final,
        )  # fmt: skip
        places = zip(self.section.tolist(), self.x.tolist(), strict=True)
        columns = np.array([grid.column(*place) for place in places], int)
        self._traces |= synaptic.traces(grid, synapses, columns, V, dt_ms)

    def _lazy_traces(self, tree):
        """Gates and currents as functions, to be called when they are asked for."""

        def each(name):  # a density or potential of the section of each column
            return np.array([getattr(tree.sections[s], name) for s in self.section])

        def gates():
            if self._gates is None:
                h = tree.phi * self.dt_ms
                self._gates = along(self.V, h, lambda V: rates.rates(V).values())
            return self._gates

        def sodium():
            m, h, _ = gates()
            return each("g_Na") * m**3 * h * (self.V - tree.E_Na)

        traces = {"I_L": lambda: each("g_L") * (self.V - each("E_L"))}
        if len(tree.grid.active):
            traces["I_Na"] = sodium
            traces["I_K"] = lambda: each("g_K") * gates()[2] ** 4 * (self.V - tree.E_K)
            traces |= {"mhn"[i]: lambda i=i: gates()[i] for i in range(3)}
        return traces

    @property
    def spike_times(self):
        if self._spikes is None:
            found = [np.empty(0)] * self.n_units  # a passive tree has no spikes
            if len(self.model.grid.active) and self.n_units:
                found = spikes_of_units(self.t, self.V)
            self._spikes = [found] if isinstance(found, np.ndarray) else found
        return self._spikes

    @spike_times.setter
    def spike_times(self, times):
        self._spikes = times

    def at(self, place):
        """V at "soma", its middle, or at ("soma", 0.9): (n_steps,) mV."""
        section, x = self.model.grid.place("at", "place", place)
        try:
            return self._trace(self.model.grid, section, x)
        except KeyError:
            names = [s.name for s in self.model.sections]
            kept = [(names[s], float(v)) for s, v in self._view.places]
            raise ValueError(
                f"at: V at {checks.describe(place)} was not recorded; recorded are "
                f"{', '.join(map(str, kept))}; record=None keeps all"
            ) from None

    def _trace(self, grid, section, x):
        """V at x of a section: of its compartment, or what its neighbours give."""
        node = grid.node_at(section, x)
        if node not in grid.points:
            return self._compartments[:, self._number[grid.column_of(node)]]
        columns, shares, resistance = grid.points[node]
        V = self._compartments[:, [self._number[c] for c in columns.tolist()]] @ shares
        # a point has no capacity: it follows the current, here that of the step before
        sent = 1e-3 * self._current[:, self._nodes == node].sum(axis=1)
        V[1:] += resistance * sent[:-1]
        return V


def run_of_tree(where, sim):
    """Refuse what has no places."""
    if not isinstance(sim, TreeSimulation):
        has_its_own = where == "velocity" and hasattr(type(sim), "velocity_m_s")
        raise TypeError(
            f"{where}: sim is of type {type(sim).__name__}; expected the run of a "
            "Tree, Cable or axon of sections"
            + ("; of this one it is sim.velocity_m_s" if has_its_own else "")
        )


def velocity(sim, start=0.3, stop=0.7):
    """How fast the first spike travels along the sections on the way, in m/s.

    The slope of the line through (time, distance): the time at which each compartment
    of the part from `start` to `stop` of the recorded length crosses half way from its
    rest to its peak; below 0 for a spike that comes from the far end. sim: of a Cable,
    SquidAxon or any other run of an unbranched tree, all recorded. Raises TypeError for
    what is no run of a tree, ValueError if no spike comes through.
    """
    run_of_tree("velocity", sim)
    if not len(sim.V):
        raise ValueError("velocity: the run was stopped before its first step")
    first = checks.number("velocity", "start", start, low=0.0, high=1.0)
    last = checks.number("velocity", "stop", stop, low=first, high=1.0)
    length = sim.model.grid.distance_um.max()
    inside = (sim.distance_um >= first * length) & (sim.distance_um <= last * length)
    V, distance = sim.V[:, inside], sim.distance_um[inside]
    if V.shape[1] < 3:
        raise ValueError(
            f"velocity: {V.shape[1]} compartments were recorded from {first:g} to "
            f"{last:g} of the length; expected at least 3: record=None keeps all"
        )
    peak = V.max(axis=0)
    if (peak - V[0]).min() < 20.0:
        raise ValueError(
            "velocity: no spike comes through: V rises by "
            f"{(peak - V[0]).min():.3g} mV where it rises least; is the stimulus "
            "strong enough, the run long enough?"
        )
    half = 0.5 * (V[0] + peak)
    k = (half <= V).argmax(axis=0)
    columns = np.arange(len(k))
    below, above = V[k - 1, columns], V[k, columns]
    times = (k - 1 + (half - below) / (above - below)) * sim.dt_ms
    if abs(np.corrcoef(times, distance)[0, 1]) < 0.99:
        raise ValueError(
            "velocity: the spike does not pass these compartments one after the other; "
            "choose a part that it crosses in one direction with start and stop"
        )
    return 1e-3 / np.polyfit(distance, times, 1)[0]  # um/ms to m/s
