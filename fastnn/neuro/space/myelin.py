"""A myelinated axon: nodes of Ranvier, and sheaths between them."""

import copy
import warnings

import numpy as np

from ... import backend
from ...ops import checks
from .. import running
from ..model import Model
from ..parameters import Parameter
from ..simulation import Simulation
from ..spikes import spikes_of_units
from ..stimuli import currents, pulse
from .gates import along

LONGEST_DT = 0.02  # ms; beyond it nothing of a spike is left
OPENING = 0.01  # ms; about 1 / a_m at the top of a spike
FEWEST = 8  # nodes of which some are far from both ends
CM2, CM = 1e-8, 1e-4  # of a square um, of a um


class AxonRun(Simulation):
    """A Simulation of an axon: V (n_steps, n_nodes), and how fast its spike travels.

    sim["m"], ["h"]: gates of the nodes; ["I_Na"], ["I_L"]: uA/cm2 of their membrane,
    outward > 0; each (n_steps, n_nodes), computed from V when asked for.
    """

    def __init__(self, model, dt_ms, t, V, spike_times, stimulus):
        found = []

        def gates():
            if not found:
                found.append(along(V, dt_ms, rates))
            return found[0]

        def sodium():
            m, h = gates()
            return model.g_Na * m**2 * h * (V - model.E_Na)

        traces = {
            "m": lambda: gates()[0],
            "h": lambda: gates()[1],
            "I_Na": sodium,
            "I_L": lambda: model.g_L * (V - model.E_L),
        }
        super().__init__(model, dt_ms, t, V, spike_times, traces, stimulus)

    @property
    def node_times(self):
        """When each node first spikes, in ms; NaN where it does not: (n_nodes,)."""
        return np.array([s[0] if len(s) else np.nan for s in self.spike_times])

    @property
    def velocity_m_s(self):
        """Conduction velocity in m/s: a line through the nodes of the middle half.

        The ends are left out, where current has one way to go: two nodes from them, a
        spike is within 1 % of its speed. Raises ValueError for fewer than 8 nodes, or
        if the spike does not pass all of the middle ones in order.
        """
        n = self.n_units
        if n < FEWEST:
            raise ValueError(
                f"velocity_m_s: n_nodes is {n}; expected at least {FEWEST}, for near "
                "the ends of an axon a spike is faster than in the middle"
            )
        middle = slice(n // 4, n - n // 4)
        times, x = self.node_times[middle], self.model.positions_um[middle]
        steps = np.diff(times)
        if not ((steps > 0).all() or (steps < 0).all()):  # true of NaN as well
            silent = np.flatnonzero(np.isnan(self.node_times))
            what = (
                f"node {silent[0]} has no spike: it failed there, or T_ms is too short"
                if len(silent)
                else "the nodes of the middle half spike in no order along the axon"
            )
            raise ValueError(f"velocity_m_s: no spike travels through: {what}")
        return abs(float(np.polyfit(times, x, 1)[0])) * 1e-3  # um/ms is mm/s


class MyelinatedAxon(Model):
    """Nodes of Ranvier at 37 degC, joined by internodes under myelin.

        C dV_k/dt = G_a (V_k-1 - 2 V_k + V_k+1) - I_ion(V_k) + I
        I_ion = g_Na m^2 h (V - E_Na) + g_L (V - E_L),  G_a = pi d^2 / (4 R_i L)

    with axon d = g_ratio D, internode L = internode D, and the nodes' channels of Chiu
    and others (1979) as Sweeney, Mortimer and Durand (1987) fitted them ("CRRSS").
    V in mV *relative to rest*. Velocity grows as D itself, 6.2 m/s per um (Rushton,
    1951; measured: 6, Hursh, 1939), while a bare axon's grows as sqrt(d).

    sheath: "perfect", nothing leaves through myelin; or "leaky", turns of membrane in
    series, each of C_lamella and g_lamella, in n_segments parts an internode: the
    cylinder's 2 pi C_lamella lamella / log(1 / g_ratio) per length. By the defaults,
    1.5 pF/mm and 3 nS/mm, as Tasaki (1955) measured, it halves the velocity. Under a
    perfect sheath, velocity only grows with g_ratio, and with the internode up to 340 D
    (from 600 D on the next node stays silent); a leaky one has a best of both.
    bare: internodes without myelin, by number, 0 between the nodes 0 and 1: passive
    membrane of C_bare and g_bare, in n_segments parts. A spike fails there.

    axon = MyelinatedAxon(D_um=10); sim = axon.run(2.0); sim.velocity_m_s
    """

    CURRENT = "nA"
    BRIEF_MS = 0.1  # a spike jumps from node to node in some hundredths
    PARAMETERS = (
        Parameter("D_um", 10.0, "um", "diameter with myelin", low=0.05, high=100),
        Parameter("internode", 100.0, "D", "length between nodes", low=1, high=2000),
        Parameter("g_ratio", 0.7, "", "axon over fibre diameter", above=0, below=1),
        Parameter("node_um", 1.5, "um", "length of a node", above=0),
        Parameter("R_i", 54.7, "Ohm cm", "resistivity of the axon", above=0),
        Parameter("C_m", 2.5, "uF/cm2", "capacitance of a node", above=0),
        Parameter("g_Na", 1445.0, "mS/cm2", "sodium conductance of a node", low=0),
        Parameter("g_L", 128.0, "mS/cm2", "leak of a node", low=0),
        Parameter("E_Na", 115.0, "mV", "sodium potential above rest"),
        Parameter("E_L", -0.01, "mV", "leak potential above rest"),
        Parameter("lamella_um", 0.017, "um", "thickness of a turn of myelin", above=0),
        Parameter("C_lamella", 0.5, "uF/cm2", "capacitance of a turn", above=0),
        Parameter("g_lamella", 1.0, "mS/cm2", "conductance of a turn", low=0),
        Parameter("C_bare", 1.0, "uF/cm2", "capacitance without myelin", above=0),
        Parameter("g_bare", 1.0, "mS/cm2", "conductance without myelin", low=0),
    )
    OPTIONS = ("n_nodes", "sheath", "bare", "n_segments")

    def __init__(
        self, D_um=10.0, n_nodes=41, sheath="perfect", bare=(), n_segments=10, **given
    ):
        where = "MyelinatedAxon"
        super().__init__(D_um=D_um, **given)
        self.n_nodes = checks.whole(where, "n_nodes", n_nodes, low=2)
        self.sheath = checks.choice(where, "sheath", sheath, ("perfect", "leaky"))
        self.n_segments = checks.whole(where, "n_segments", n_segments, low=1)
        bare = bare if np.iterable(bare) and not isinstance(bare, str) else [bare]
        self.bare = tuple(sorted({checks.whole(where, "bare", i) for i in bare}))
        if self.bare and self.bare[-1] >= self.n_nodes - 1:
            raise ValueError(
                f"{where}: bare has internode {self.bare[-1]}, but with n_nodes = "
                f"{self.n_nodes} they are 0 to {self.n_nodes - 2}"
            )

    @property
    def d_um(self):
        """Diameter of the axon inside the myelin."""
        return self.g_ratio * self.D_um

    @property
    def internode_um(self):
        return self.internode * self.D_um

    @property
    def positions_um(self):
        """Where the nodes are along the axon, each a point as in G_a: (n_nodes,)."""
        return np.arange(self.n_nodes) * self.internode_um

    def run(self, T_ms, dt_ms=0.001, stimulus=None, progress=True):
        """Simulate T_ms by Crank and Nicolson's rule; gates half a step ahead.

        stimulus: nA into node 0, given like every stimulus; a dict {node: stimulus},
        -1 the last one; or an array (n_steps, n_nodes). None: a pulse of 0.1 ms that
        fires node 0, 0.4 nA for each um of D.

        Returns an AxonRun. Warns where the steps are so long that the spike is slower
        by about 1 % and more, above 0.0025 ms as a rule. Raises ValueError above
        0.02 ms.
        """
        where = "MyelinatedAxon.run"
        why = "with the sodium channels of 37 degC"
        n_steps, dt = self._steps(T_ms, dt_ms, LONGEST_DT, why)
        checks.memory_for(where, {"T_ms / dt_ms": n_steps, "n_nodes": self.n_nodes})
        at, current = self._currents(where, stimulus, n_steps, dt)
        nodes, *chain = self.chain()
        places = nodes[at]
        v = np.zeros(len(chain[1]))
        m, h = (np.full(self.n_nodes, value) for value in gates(0.0))
        V = np.empty((n_steps, self.n_nodes))
        scratch = np.empty(3 * len(v) + self.n_nodes)
        kernel = backend.function("myelinated_axon")
        arrays = (
            v, m, h, nodes, *chain, places, current, V, scratch, self.E_Na, self.E_L,
        )  # fmt: skip
        done = running.in_parts(
            where, n_steps, lambda a, b: kernel(*arrays, dt, a, b), progress
        )
        run = V[:done], current[:done], dt
        sim = running.concluded(where, self._conclude, *run)
        if self.g_Na > 0:  # else no spike travels
            _warn_of_long_steps(where, sim.node_times, dt)
        return sim

    def _conclude(self, V, current, dt):
        """The AxonRun of the steps of which V (steps, nodes) was computed."""
        if len(V):
            self._check_potential(V, len(V), dt)
        t = np.arange(len(V)) * dt
        spikes = spikes_of_units(t, V, 20.0, 40.0)
        return AxonRun(copy.copy(self), dt, t, V, spikes, current)

    def chain(self):
        """The axon as a chain of n compartments, in uS and nF.

        Returns nodes (n_nodes,), the compartments that are nodes; axial (n - 1,)
        between neighbours; capacitance and leak (n,); sodium (n_nodes,).
        """
        node = self.node_um * np.pi * self.d_um * CM2 * 1e3
        whole = np.pi * self.d_um**2 / (4 * self.R_i * self.internode_um) * CM * 1e6
        nodes, axial = [0], []
        capacitance, leak = [self.C_m * node], [self.g_L * node]
        for k in range(self.n_nodes - 1):
            if self.sheath == "perfect" and k not in self.bare:
                axial.append(whole)
            else:
                n = self.n_segments
                c, g = (value / n for value in self._internode(k in self.bare))
                # from a node to the middle of a segment is half a segment
                axial += [2 * n * whole, *[n * whole] * (n - 1), 2 * n * whole]
                capacitance += [c] * n
                leak += [g] * n
            nodes.append(len(capacitance))
            capacitance.append(self.C_m * node)
            leak.append(self.g_L * node)
        sodium = np.full(self.n_nodes, self.g_Na * node)
        arrays = (np.array(x, float) for x in (axial, capacitance, leak))
        return np.array(nodes, np.int64), *arrays, sodium

    def _internode(self, bare):
        """Capacitance and conductance to the outside of a whole internode: nF, uS."""
        if bare:
            area = np.pi * self.d_um * self.internode_um * CM2
            return self.C_bare * area * 1e3, self.g_bare * area * 1e3
        turns = 2 * np.pi * self.lamella_um * CM / np.log(1 / self.g_ratio)
        per_unit = turns * self.internode_um * CM * 1e3
        return self.C_lamella * per_unit, self.g_lamella * per_unit

    def _currents(self, where, stimulus, n_steps, dt):
        """The nodes that get current (n_places,), and how much (n_steps, n_places)."""
        if stimulus is None:
            stimulus = pulse(0.4 * self.D_um, start_ms=0.05, width_ms=0.1)
            stimulus.span = 0.05, np.inf  # long over in a long run, as it has to be
        if np.ndim(stimulus) == 2:
            rows = currents(where, stimulus, n_steps, dt, self.n_nodes)
            return np.arange(self.n_nodes), rows
        given = stimulus if isinstance(stimulus, dict) else {0: stimulus}
        at, columns = [], [np.empty((n_steps, 0))]
        for node, one in given.items():
            k = checks.whole(where, "stimulus's node", node, low=-self.n_nodes)
            if k >= self.n_nodes:
                raise ValueError(
                    f"{where}: stimulus goes to node {k}; there are {self.n_nodes}, "
                    f"0 to {self.n_nodes - 1}"
                )
            at.append(k % self.n_nodes)
            columns.append(currents(where, one, n_steps, dt))
            area = np.pi * self.d_um * self.node_um * CM2 * 1e3  # uS per mS/cm2
            most = np.abs(columns[-1]).max() / area  # uA/cm2, all through one node
            self._check_faint(where, most / (self.g_L + self.C_m / (n_steps * dt)))
        return np.array(at, np.int64), np.ascontiguousarray(np.hstack(columns))

    def _plot(self, sim, **options):
        from ...plot.neuro import myelin

        return myelin.staircase(sim, **options)


def rates(V):
    """((a_m, b_m), (a_h, b_h)) of a node at V mV above rest, 1/ms.

    Outside of -260 ... 1000 mV as at these: below -267 mV a_m would be negative.
    """
    V = np.clip(V, -260.0, 1000.0)
    a_m = (97 + 0.363 * V) / (1 + np.exp((31 - V) / 5.3))
    b_m = a_m / np.exp((V - 23.8) / 4.17)
    b_h = 15.6 / (1 + np.exp((24 - V) / 10))
    a_h = b_h / np.exp((V - 5.5) / 5)
    return (a_m, b_m), (a_h, b_h)


def gates(V):
    """(m, h) to which a node's gates go at V mV above rest."""
    return tuple(a / (a + b) for a, b in rates(V))


def _warn_of_long_steps(where, times, dt):
    """RuntimeWarning where a step is too long for a spike that travels: 1 % and more.

    That is a quarter of what a channel takes, or the spike from node to node.
    """
    hops = np.abs(np.diff(times))
    hops = hops[np.isfinite(hops)]
    if not len(hops):
        return
    hop = float(np.median(hops))
    fastest = min(hop, OPENING)
    if dt > fastest / 4.0:
        warnings.warn(
            f"{where}: the spike goes from node to node in {hop:.2g} ms, and sodium "
            f"channels open in {OPENING:g} ms: in steps of {dt:g} ms it is about 1 % "
            f"too slow, or more; take dt_ms = {fastest / 5.0:.1g} to time it",
            RuntimeWarning,
            stacklevel=running.level_of_user(),
        )
