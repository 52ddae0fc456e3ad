"""A branched neuron: sections, channels, synapses, currents."""

import copy
import warnings

import numpy as np

from ... import backend
from ...ops import checks
from .. import running, stimuli
from ..cells import rates
from ..model import Model
from ..parameters import VOLTS, Parameter
from . import closed_forms, rest
from .grid import Grid
from .result import TreeSimulation
from .section import Section
from .synapses import Events, as_list

METHODS = ("crank_nicolson", "implicit_euler")
LONGEST_FOR_CHANNELS = 0.25  # ms
COARSE = 0.101  # compartments of spiking membrane, in length constants at 100 Hz
COARSE_AT_REST = 0.3  # of membrane without channels, in its steady length constant
MOST_NA = 1e9
JUMP = 0.01  # mV


class Tree(Model):
    """A neuron of sections: dendrites that pass on, and membrane that fires.

        c_m dV/dt = d / (4 R_i) d2V/dx2 - g_L (V - E_L) - g_Na m^3 h (V - E_Na)
            - g_K n^4 (V - E_K) - sum of g_s(t) (V - E_s) + I

    sections: Section objects, the first without a parent; conductances in mS/cm2.
    temperature_c (degC): gates are 3^((T - 6.3) / 10) times as fast. E_Na, E_K (mV).
    Sources: Rall, 1959-1967; Hodgkin, Huxley, 1952; Hines, 1984.
    Must show: V(x) / V(0) = cosh((L - x) / lambda) / cosh(L / lambda) on a cable.
    """

    CURRENT = "nA"
    PARAMETERS: tuple[Parameter, ...] = (
        Parameter("temperature_c", 6.3, "degC", "temperature"),
        Parameter("E_Na", 50.0, "mV", "reversal potential of sodium"),
        Parameter("E_K", -77.0, "mV", "reversal potential of potassium"),
    )

    def __init__(self, sections, **given):
        super().__init__(**given)
        self._lay_out(list(sections) if np.iterable(sections) else [sections])

    def __setattr__(self, name, value):
        in_runs = {p.name for p in Tree.PARAMETERS}
        known = {p.name for p in self.PARAMETERS} | {"sections"}
        if "grid" in self.__dict__ and name in known - in_runs:
            raise AttributeError(
                f"{type(self).__name__}: {name} cannot be set to "
                f"{checks.describe(value)} any more, for the compartments are made; "
                f"make another {type(self).__name__}"
            )
        super().__setattr__(name, value)

    def _lay_out(self, sections):
        """Cut the sections into compartments."""
        where = type(self).__name__
        for section in sections:
            if not isinstance(section, Section):
                raise TypeError(
                    f"{where}: sections holds {checks.describe(section)}; expected "
                    'Section objects: [Section("soma", 20, 20), ...]'
                )
        if not sections:
            raise ValueError(f"{where}: sections is empty; a neuron has at least one")
        self.sections = sections
        self.grid = Grid(where, sections)
        _warn_of_long_compartments(where, sections)

    @property
    def phi(self):
        """How many times faster the gates are than at 6.3 degrees."""
        return 3.0 ** ((self.temperature_c - 6.3) / 10.0)

    @property
    def n_compartments(self):
        return self.grid.n_compartments

    def run(
        self,
        T_ms,
        dt_ms=0.025,
        stimulus=0.0,
        at=None,
        synapses=(),
        record=None,
        method="crank_nicolson",
        V_init=None,
        progress=True,
    ):
        """Simulate T_ms in steps of dt_ms; returns a TreeSimulation.

        stimulus: current in nA, sent in `at`: a place, "soma" (its middle) or ("soma",
        0.1); by default the beginning of the first section. Or {place: stimulus, ...}.
        synapses: Synapse objects. record: the places whose V is kept; None: every
        compartment. method: "crank_nicolson" (error as dt^2; where the current jumps,
        in two implicit halves of a step) or "implicit_euler" (error as dt). V_init: mV,
        one number or one for each compartment; None: the resting potential.
        V (n_steps, n_recorded): sim.at("soma") is that of a place.
        """
        where = f"{type(self).__name__}.run"
        if method not in METHODS:
            raise ValueError(
                f"{where}: method is {checks.describe(method)}; expected one of "
                f"{', '.join(METHODS)}"
            )
        grid, second_order = self.grid, method == METHODS[0]
        longest = LONGEST_FOR_CHANNELS if len(grid.active) else None
        n_steps, dt = self._steps(
            T_ms, dt_ms, longest, "for gates of channels move within 0.1 ms"
        )
        if len(grid.active):
            rates.warn_of_long_steps(where, dt, self.temperature_c)
        places, current = self._currents(where, stimulus, at, n_steps, dt)
        jumps = self._jumps(places, current, dt)
        queue = Events(where, grid, synapses, n_steps, dt, second_order)
        view = grid.views(where, record)
        V, gates = self._start(where, V_init)
        state = np.zeros((3, len(queue.slots)))
        state[2] = V[queue.slots]
        checks.memory_for(where, {"n_steps": n_steps, "recorded": len(view.columns)})
        out = np.empty((n_steps, len(view.columns)))
        recorded = grid.node[view.columns]
        kernel = backend.function("tree_steps")

        before = [0, V.copy(), gates.copy()]

        def advance(start, stop):
            before[:] = start, V.copy(), gates.copy()
            kernel(
                grid.parent, grid.axial, grid.membrane, grid.active, grid.channels,
                gates, self.E_Na, self.E_K, self.phi, queue.slots, queue.synapses,
                state, *queue.between(start, stop), places, current[start:stop],
                jumps[start:stop], recorded, V, start, dt, int(second_order),
                out[start:stop],
            )  # fmt: skip

        done = running.in_parts(where, n_steps, advance, progress)
        if done == before[0]:  # Ctrl-C within a part
            V, gates = before[1:]
        final = {"V": V[grid.node], "gates": gates}
        run = out[:done], dt, view, places, current[:done], final
        return running.concluded(where, self._conclude, as_list(where, synapses), *run)

    def _conclude(self, synapses, V, dt, view, places, current, final):
        """The TreeSimulation of the steps of which V (steps, n) was computed."""
        self._check_potential(V, len(V), dt)
        return TreeSimulation(
            copy.copy(self), dt, V, view, places, current, final, synapses
        )

    def rest(self):
        """The resting potential of each compartment, mV: (n_compartments,)."""
        return rest.steady(self)[self.grid.node]

    def input_resistance(self, place=None):
        """V / I in MOhm for a small steady current at `place`."""
        node = self._node(f"{type(self).__name__}.input_resistance", place)
        return rest.response(self, node)[node]

    def attenuation(self, place=None):
        """V / V(place) in each compartment for a small steady current at `place`."""
        node = self._node(f"{type(self).__name__}.attenuation", place)
        V = rest.response(self, node)
        return V[self.grid.node] / V[node]

    def _node(self, where, place, name="place"):
        if place is None:
            return self.grid.node_at(0, 0.0)
        return self.grid.node_at(*self.grid.place(where, name, place))

    def _currents(self, where, stimulus, at, n_steps, dt):
        """(nodes, current in pA of each step and node)."""
        parts = [(at, stimulus)]
        if isinstance(stimulus, dict):
            parts = list(stimulus.items())
        if isinstance(stimulus, dict) and at is not None:
            raise TypeError(
                f"{where}: stimulus says its places itself, and at is "
                f"{checks.describe(at)} too; give one of the two"
            )
        nodes = [self._node(where, place, "at") for place, _ in parts]
        columns = [stimuli.currents(where, one, n_steps, dt) for _, one in parts]
        current = np.concatenate(columns or [np.empty((n_steps, 0))], axis=1)
        if np.abs(current).max(initial=0.0) > MOST_NA:
            raise ValueError(
                f"{where}: stimulus comes to {np.abs(current).max():g} nA; expected at "
                f"most {MOST_NA:g}: is it in nA?"
            )
        for node, column in zip(nodes, current.T, strict=True):
            if not (size := np.abs(column).max()):
                continue
            lasts = np.abs(column).mean() / size * max(n_steps * dt, self.BRIEF_MS)
            ohms = rest.response(self, node, lasts)[node]  # without channels
            self._check_faint(where, size * ohms)
        current *= 1e3  # pA
        return np.array(nodes, np.int64), np.ascontiguousarray(current)

    def _start(self, where, V_init):
        """(V of all nodes, gates at their steady state there)."""
        grid = self.grid
        if V_init is None:
            V = rest.steady(self)
        else:
            V = checks.floating(where, "V_init", V_init, dtype=np.float64)
            if V.shape not in ((), (self.n_compartments,)):
                raise ValueError(
                    f"{where}: V_init has shape {V.shape}; expected one number, or "
                    f"{self.n_compartments}, one for each compartment"
                )
            size = np.abs(V)
            if not (size <= 500.0).all() or 0.0 < size.max(initial=0.0) < VOLTS:
                raise ValueError(
                    f"{where}: V_init is {checks.describe(V_init)}; expected tens of "
                    "mV, at most 500, and no NaN: is it in mV?"
                )
            per_compartment = np.broadcast_to(V, self.n_compartments)
            V = np.empty(grid.n_nodes)
            V[grid.node] = per_compartment
            for node, (columns, shares, _) in grid.points.items():
                V[node] = per_compartment[columns] @ shares
        return V, rest.steady_gates(V[grid.active])

    def _jumps(self, nodes, current, dt):
        """The steps at which V would jump, and Crank and Nicolson's method ring: uint8.

        Those whose current differs from that before by more than JUMP mV of what half a
        step answers; and the first, for V_init may be far from a steady state.
        """
        size = np.zeros(len(current))
        for node, each in zip(nodes.tolist(), current.T, strict=True):
            height = 1e-3 * rest.response(self, node, 0.5 * dt)[node]
            size = np.maximum(size, height * np.abs(np.diff(each, prepend=0.0)))
        size[0] = np.inf
        return (size > JUMP).astype(np.uint8)

    def __repr__(self):
        n = len(self.sections)
        return (
            f"{super().__repr__()[:-1]}, {n} section{'' if n == 1 else 's'}, "
            f"{self.n_compartments} compartments)"
        )

    def _plot(self, sim, **options):
        from ...plot.neuro import space

        return space.traces(sim, **options)

    def plot_attenuation(self, place=None, **options):
        """The drawn tree, coloured by how much of a steady V at `place` arrives."""
        from ...plot.neuro import space

        return space.attenuation(self, place, **options)

    def plot_summation(self, synapses, place="soma", **options):
        """What synapses do together at `place`, beside the sum of each alone."""
        from ...plot.neuro import space

        return space.summation(self, synapses, place, **options)


def _warn_of_long_compartments(where, sections):
    """RuntimeWarning for the grid that is coarsest for its membrane.

    Spikes: in length constants at 100 Hz. A steady potential: errors are about
    (dx / lambda)^2 / 8, so 1 % from 0.3 lambda on.
    """
    found = []
    if sum(s.n_compartments for s in sections) == 1:
        return  # one point: nothing falls or travels
    for s in sections:
        if s.active:
            reach, most = s.reach_um, COARSE
            words = "a tenth of its length constant at 100 Hz", "a spike travels"
        elif s.g_L > 0.0:
            reach = closed_forms.length_constant(s.diameter_um, 1.0 / s.g_L, s.R_i)
            most = COARSE_AT_REST
            words = "three tenths of its length constant", "a potential falls"
        else:
            continue
        if s.dx_um > most * reach:
            found.append((s.dx_um / (most * reach), s, reach, most, words))
    if not found:
        return
    _, s, reach, most, (part, what) = max(found, key=lambda one: one[0])
    warnings.warn(
        f"{where}: compartments of {s.dx_um:.3g} um on section {s.name} are longer "
        f"than {part}, {reach:.3g} um: how {what} is then the grid's doing, by 1 % and "
        f"more; take dx_um={0.5 * most * reach:.3g}",
        RuntimeWarning,
        stacklevel=running.level_of_user(),
    )
