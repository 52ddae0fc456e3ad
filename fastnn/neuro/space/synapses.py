"""Synapses on a tree: conductances of two exponentials, and the events that open them.

Synapse(("twig", 0.9), times_ms=[10, 30])                       1 nS of AMPA
Synapse("soma", "GABA_A", weight_nS=10, times_ms=[8], E=-65)    a pure shunt
poisson_synapses(tree, 100_000, rate_hz=1, weight_nS=0.01, seed=0)
"""

import math
import warnings
from typing import NamedTuple

import numpy as np

from ...ops import checks
from .. import running
from ..parameters import Parameter
from ..time_steps import check_times


class Kind(NamedTuple):
    """What a receptor is like: its time constants, reversal potential, Mg block."""

    tau_rise: float  # ms
    tau_decay: float  # ms
    E: float  # mV
    Mg: float  # mM outside; 0: no block


# NMDA's block: Jahr, Stevens, 1990, J Neurosci 10:3178, at 1 mM of magnesium.
KINDS = {
    "AMPA": Kind(0.2, 2.0, 0.0, 0.0),
    "GABA_A": Kind(0.5, 7.0, -70.0, 0.0),
    "NMDA": Kind(3.0, 80.0, 0.0, 1.0),
}

TAU_RISE = Parameter("tau_rise", 0.2, "ms", "time constant of rising", above=0)
TAU_DECAY = Parameter(
    "tau_decay", 2.0, "ms", "time constant of decay", low=0.05, endless=True
)
E_SYN = Parameter("E", 0.0, "mV", "reversal potential")
MG = Parameter("Mg", 0.0, "mM", "magnesium outside", low=0.0, usual=1.0)
WEIGHT = Parameter("weight_nS", 1.0, "nS", "peak conductance", low=0, to_0=True)
CHANNEL_NS = 0.005  # what hardly any open channel falls below: most have 0.01 and more
FEWEST_EVENTS = 0.03  # expected: 1 synapse at 1 Hz has as many in 30 ms


class Synapse:
    """One synapse: g(t) = weight norm (e^(-t / tau_decay) - e^(-t / tau_rise)).

    norm makes the peak `weight_nS`. place: ("section", x), or "section" for its middle;
    at an end it sits on the last compartment. kind: "AMPA", "GABA_A" or "NMDA", whose
    numbers tau_rise, tau_decay (ms), E (mV) and Mg (mM) replace. times_ms: when events
    arrive, in any order, several at one time too.
    Raises TypeError, ValueError: unknown kinds, times before 0, tau_rise >= tau_decay.
    """

    def __init__(
        self, place, kind="AMPA", weight_nS=1.0, times_ms=(), tau_rise=None,
        tau_decay=None, E=None, Mg=None,
    ):  # fmt: skip
        self.place = place
        self.kind, self.numbers = receptor(kind, tau_rise, tau_decay, E, Mg)
        self.weight_nS = WEIGHT.checked("Synapse", weight_nS)
        _refuse_faint("Synapse", self.weight_nS, self.weight_nS)
        self.times_ms = event_times("Synapse", times_ms)

    def conductance(self, t_ms):
        """g in nS at t_ms after one event, without the block by magnesium."""
        t = np.asarray(t_ms, float)
        rise, decay = self.numbers.tau_rise, self.numbers.tau_decay
        after = np.maximum(t, 0.0)
        wave = np.exp(-after / decay) - np.exp(-after / rise)
        return np.where(t < 0, 0.0, self.weight_nS * peak_norm(self.numbers) * wave)

    def _columns(self, where, grid):
        """The compartment of its events: one for all."""
        return grid.column(*grid.place(where, "the place of a synapse", self.place))

    def __repr__(self):
        return (
            f"Synapse({self.place!r}, {self.kind!r}, {self.weight_nS:g} nS, "
            f"{len(self.times_ms)} events)"
        )


class Bombardment:
    """Many synapses of one kind; what poisson_synapses makes.

    columns (n_events,): the compartment of each event; times_ms (n_events,).
    """

    def __init__(self, n, columns, kind, numbers, weight_nS, times_ms):
        self.n, self.columns, self.times_ms = n, columns, times_ms
        self.kind, self.numbers, self.weight_nS = kind, numbers, weight_nS

    def _columns(self, where, grid):
        if len(self.columns) and self.columns.max() >= grid.n_compartments:
            raise ValueError(
                f"{where}: these synapses were made for a tree of more compartments; "
                "make them with poisson_synapses for the tree that is run"
            )
        return self.columns

    def __repr__(self):
        return f"<{self.n} {self.kind} synapses, {len(self.times_ms)} events>"


def poisson_synapses(
    tree, n, rate_hz=1.0, T_ms=1000.0, kind="AMPA", weight_nS=1.0, sections=None,
    seed=None, rng=None, tau_rise=None, tau_decay=None, E=None, Mg=None,
):  # fmt: skip
    """n synapses, spread evenly over the membrane, each firing at random by itself.

    sections: the names of those that get some; all by default. T_ms: events come in
    0 ... T_ms. The other arguments: as Synapse's. seed or rng: as NumPy's generators;
    without them, each call draws others.
    """
    where = "poisson_synapses"
    n = checks.whole(where, "n", n, low=0)
    rate = checks.number(where, "rate_hz", rate_hz, low=0)
    T_ms = checks.number(where, "T_ms", T_ms, above=0)
    checks.memory_for(where, {"n * rate_hz * T_ms / 1000": int(n * rate * T_ms / 1e3)})
    kind, numbers = receptor(kind, tau_rise, tau_decay, E, Mg)
    weight = WEIGHT.checked(where, weight_nS)
    _refuse_faint(where, weight, n * weight, f", and all {n} together {n * weight:g}")
    if seed is None and rng is None:
        rng = np.random.default_rng()
    generator = checks.generator(where, seed, rng)
    if not hasattr(tree, "grid"):
        raise TypeError(
            f"{where}: tree is {checks.describe(tree)}; expected a Tree, Cable or axon "
            "of sections, on which synapses have a place"
        )
    grid = tree.grid
    area = grid.area_um2.copy()
    if sections is not None:
        sections = [sections] if isinstance(sections, str) else sections
        wanted = [grid.place(where, "sections", name)[0] for name in sections]
        area[~np.isin(grid.section, wanted)] = 0.0
    if not area.any():
        raise ValueError(f"{where}: sections is empty; name those that get synapses")
    # the events of n synapses of one rate are those of one of n times the rate, each
    # of which falls on any of the synapses
    homes = generator.choice(grid.n_compartments, n, p=area / area.sum())
    expected = n * rate * T_ms / 1000.0
    on_average = (
        f"in which {n} synapses at {rate:g} Hz get {expected:.2g} on average; are they "
        "in ms and Hz?"
    )
    if 0.0 < expected < FEWEST_EVENTS:
        raise ValueError(
            f"{where}: hardly an event in {T_ms:g} ms, {on_average} If so, make T_ms, "
            "n or rate_hz larger"
        )
    n_events = generator.poisson(expected)
    if expected and not n_events:
        warnings.warn(
            f"{where}: no event in {T_ms:g} ms, {on_average}",
            RuntimeWarning,
            stacklevel=running.level_of_user(),
        )
    columns = homes[generator.integers(0, max(n, 1), n_events)] if n else homes
    times = generator.uniform(0.0, T_ms, n_events)
    return Bombardment(n, columns, kind, numbers, weight, times)


def _refuse_faint(where, weight_nS, all_nS, together=""):
    """ValueError for synapses weaker than a channel, unless there are very many."""
    if 0.0 < weight_nS < CHANNEL_NS and all_nS < 1.0:
        raise ValueError(
            f"{where}: weight_nS is {weight_nS:g} nS, less than one open channel "
            f"conducts (0.01 nS){together}; expected some 0.1 to 10 nS: was another "
            f"unit meant, {weight_nS:g} uS?"
        )


def receptor(kind, tau_rise, tau_decay, E, Mg):
    """(name, Kind) with the numbers that were given in place of the kind's."""
    if kind not in KINDS:
        raise ValueError(
            f"Synapse: kind is {checks.describe(kind)}; expected one of "
            f"{', '.join(KINDS)}; tau_rise, tau_decay, E and Mg make others of them"
        )
    given = (tau_rise, tau_decay, E, Mg)
    if all(value is None for value in given):
        return kind, KINDS[kind]
    numbers = Kind(*[
        own if value is None else p._replace(default=own).checked("Synapse", value)
        for p, own, value in zip(
            (TAU_RISE, TAU_DECAY, E_SYN, MG), KINDS[kind], given, strict=True
        )
    ])  # fmt: skip
    if not numbers.tau_rise < numbers.tau_decay:
        raise ValueError(
            f"Synapse: tau_rise is {numbers.tau_rise:g} ms and tau_decay "
            f"{numbers.tau_decay:g} ms; a conductance rises faster than it decays"
        )
    return kind, numbers


def event_times(where, times_ms):
    times = checks.floating(where, "times_ms", np.ravel(times_ms), 1, np.float64)
    bad = times[~((times >= 0.0) & np.isfinite(times))]
    if len(bad):
        raise ValueError(
            f"{where}: times_ms holds {bad[0]:g}; expected finite ms, from 0 on"
        )
    return times


def peak_norm(kind):
    """1 / max of e^(-t / tau_decay) - e^(-t / tau_rise)."""
    r, d = kind.tau_rise, kind.tau_decay
    t = r * d / (d - r) * math.log(d / r)
    return 1.0 / (math.exp(-t / d) - math.exp(-t / r))


class Events:
    """The events of a run, in order, and the slots whose conductance they open.

    All synapses of one kind on one compartment share a slot, for exponentials add up:
    so the work of a step does not grow with the number of synapses. An event adds to
    its slot what it has grown to when its step looks at it, so its time need not be on
    the grid. Arrays: as tree_steps wants them.
    """

    def __init__(self, where, grid, synapses, n_steps, dt, second_order):
        found = as_list(where, synapses)
        kinds = sorted({one.numbers for one in found})
        count = grid.n_compartments
        number = {kind: i for i, kind in enumerate(kinds)}
        keys = [number[s.numbers] * count + s._columns(where, grid) for s in found]
        lengths = [len(s.times_ms) for s in found]
        keys = for_each_event(keys, lengths, np.int64)
        times = np.concatenate([np.empty(0), *[s.times_ms for s in found]])
        weights = np.repeat([float(s.weight_nS) for s in found], lengths)
        used, slot = np.unique(keys, return_inverse=True)
        self.kinds = [kinds[k] for k in (used // count).tolist()]
        _warn_of_long_steps(where, kinds, dt)
        if len(times):
            ends = times.min(), times.max()
            drawn = any(isinstance(one, Bombardment) for one in found)
            check_times(where, "what synapses get", *ends, n_steps * dt, drawn)
        self.columns = used % count
        table = np.array([[*k, peak_norm(k)] for k in self.kinds]).reshape(-1, 5).T
        rise, decay, E, Mg, norm = table
        self.slots = grid.node[self.columns]
        self.synapses = np.stack([E, Mg, np.exp(-dt / rise), np.exp(-dt / decay)])
        # a step is looked at in its middle, or at its end
        part = 0.5 if second_order else 1.0
        steps = np.maximum(np.ceil(times / dt - part), 0.0)
        age = (steps + part) * dt - times
        size = weights * norm[slot]
        gains = size * np.exp(-age / np.stack([rise, decay])[:, slot])
        order = np.argsort(steps, kind="stable")
        order = order[steps[order] < n_steps]
        self.steps = steps[order].astype(np.int64)
        self.of_slots = np.ascontiguousarray(slot[order], np.int64)
        self.gains = np.ascontiguousarray(gains[:, order])

    def between(self, start, stop):
        """The events of the steps start ... stop - 1: (steps, slots, gains)."""
        a, b = np.searchsorted(self.steps, [start, stop])
        gains = np.ascontiguousarray(self.gains[:, a:b])
        return self.steps[a:b], self.of_slots[a:b], gains


def _warn_of_long_steps(where, kinds, dt):
    """RuntimeWarning where a conductance rises, or fades, within a step."""
    for kind in kinds:
        longest = max(kind.tau_rise, kind.tau_decay / 20.0)
        if dt > longest:
            warnings.warn(
                f"{where}: dt_ms is {dt:g} ms, but a synapse of tau_rise = "
                f"{kind.tau_rise:g} ms and tau_decay = {kind.tau_decay:g} ms opens "
                "within a step: its EPSP is then the step's doing, by 1 % and more; "
                f"take at most dt_ms = {longest:g}",
                RuntimeWarning,
                stacklevel=running.level_of_user(),
            )
            return


def as_list(where, synapses):
    """A list of Synapses, however they came."""
    many = isinstance(synapses, (list, tuple))
    found = list(synapses) if many else [synapses]
    for one in found:
        if not isinstance(one, (Synapse, Bombardment)):
            raise TypeError(
                f"{where}: synapses holds {checks.describe(one)}; expected "
                'Synapse("soma", times_ms=[10]) objects, or what poisson_synapses makes'
            )
    return found


def for_each_event(keys, lengths, dtype):
    """A key for each event, from those of each synapse: a number, or an array."""
    if not any(isinstance(key, np.ndarray) for key in keys):
        return np.repeat(np.array(keys, dtype), lengths)
    return np.concatenate([
        np.broadcast_to(key, n) for key, n in zip(keys, lengths, strict=True)
    ]).astype(dtype)  # fmt: skip
