"""Networks of thousands of integrate-and-fire cells: CUBA and COBA."""

import copy
import math
import warnings

import numpy as np

from ... import backend
from ...ops import checks
from .. import running, stimuli
from ..model import Model
from ..parameters import PLAUSIBLE, VOLTS, Parameter
from ..time_steps import in_steps
from . import connectivity as connections
from .activity import Activity

SHARED = (
    Parameter("tau_m", 20.0, "ms", "time constant of the membrane", above=0),
    Parameter("tau_e", 5.0, "ms", "time constant of excitation", above=0),
    Parameter("tau_i", 10.0, "ms", "time constant of inhibition", above=0),
    Parameter("V_th", -50.0, "mV", "threshold"),
    Parameter("V_reset", -60.0, "mV", "potential after a spike"),
    Parameter("t_ref", 5.0, "ms", "how long V then stays there", low=0),
    Parameter("delay", 0.0, "ms", "from a spike to its arrival", low=0, usual=1.5),
)


class SparseNetwork(Model):
    """n cells, of which the first `excitatory` part excite and the others inhibit."""

    CURRENT = "mV"  # R I
    OPTIONS: tuple[str, ...] = ("n", "n_excitatory", "n_synapses", "seed")
    REVIVE = " Give it a stimulus, stronger excitation, or another seed"

    def __init__(
        self, n=None, p=0.02, seed=0, connectivity=None, excitatory=0.8, **given
    ):
        super().__init__(**given)
        where = type(self).__name__
        if not self.V_reset < self.V_th:
            raise ValueError(
                f"{where}: V_reset is {self.V_reset:g} mV and V_th {self.V_th:g} mV; "
                "a cell must be reset below its threshold"
            )
        self.seed = checks.whole(where, "seed", seed, bits=4096)
        part = checks.number(where, "excitatory", excitatory, low=0, high=1)
        if connectivity is None:
            n = checks.whole(where, "n", 4000 if n is None else n, low=1, bits=31)
            p = checks.number(where, "p", p, low=0, high=1)
            connectivity = connections.bernoulli(n, p, self._generator("connections"))
        else:
            connectivity = connections.checked(where, connectivity)
        self.indptr, self.indices = connectivity
        self.n = len(self.indptr) - 1
        if n is not None and n != self.n:
            raise ValueError(
                f"{where}: n is {n}, but connectivity has {self.n} cells; leave n out"
            )
        self.n_excitatory = round(part * self.n)

    @property
    def n_synapses(self):
        return len(self.indices)

    def _generator(self, purpose):
        """Streams apart: connections that are given leave the first state as it is."""
        stream = ("connections", "state").index(purpose)
        return np.random.default_rng(self.seed).spawn(2)[stream]

    def run(
        self, T_ms=1000.0, dt_ms=0.1, stimulus=0.0, record=(), V_0=None, g_e0=None,
        g_i0=None, progress=True,
    ):  # fmt: skip
        """Simulate; returns an Activity.

        stimulus: mV (R I) that all cells get beside E_L. record: indices of cells whose
        V, g_e and g_i are kept, with the leak I_L and the synapses' I_e and I_i in mV,
        over the leak conductance, outward positive. V_0, g_e0, g_i0: a number, or one
        for each cell; None: drawn with the network's seed, the same in each run. The
        activity is the same, bit for bit, in every run from the same state.
        """
        where = f"{type(self).__name__}.run"
        shortest = min(self.tau_m, self.tau_e, self.tau_i)
        n_steps, dt = self._steps(T_ms, dt_ms, shortest / 2, "half of a time constant")
        checks.whole(where, "T_ms / dt_ms", n_steps, bits=30)
        drive = stimuli.currents(where, stimulus, n_steps, dt)
        self._check_current(where, drive, dt, 1.0, self.tau_m)
        drive = drive[:, 0] + self.E_L
        recorded = self._recorded(where, record)
        state = self._first_state(where, V_0, g_e0, g_i0)
        refractory = int(in_steps(where, "t_ref", self.t_ref, dt))
        slots = 1 + int(in_steps(where, "delay", self.delay, dt))
        checks.memory_for(where, {"steps of delay": slots, "n": self.n})
        checks.memory_for(where, {"T_ms / dt_ms": n_steps, "record": len(recorded)})
        arrays = (
            state, np.zeros(self.n, np.int32), self.indptr, self.indices,
            np.zeros((slots, self.n), np.int32), np.zeros(slots, np.int32), drive,
            recorded, np.empty((3, n_steps, len(recorded))),
        )  # fmt: skip
        fired, counts = [], np.zeros(n_steps, np.int32)
        steps, constants = self._kernel(dt)
        begun = [0, state.copy()]

        def advance(start, stop):
            begun[:] = start, state.copy()
            most = self.n * ((stop - start) // (refractory + 1) + 1)
            spikes, count = np.empty(most, np.int32), counts[start:stop]
            steps(
                *arrays, spikes, count, start, stop, self.n_excitatory, self.w_e,
                self.w_i, self.V_th, self.V_reset, refractory, *constants,
            )  # fmt: skip
            fired.append(spikes[: count.sum(dtype=np.int64)].copy())
            self._check_potential(state[None], 1, stop * dt, "the state of the network")

        done = running.in_parts(where, n_steps, advance, progress)
        state = begun[1] if done == begun[0] else state  # Ctrl-C within a part
        run = state, recorded, arrays[8][:, :done], fired, counts[:done], dt, drive
        sim = running.concluded(where, self._activity, *run)
        if V_0 is g_e0 is g_i0 is None:
            self._warn_of_silence(where, sim)
        return sim

    def _warn_of_silence(self, where, sim):
        """Where rest is stable, activity that has died out does not come again."""
        last = sim.spikes[0][-1] if len(sim.spikes[0]) else 0.0
        silence = sim.duration_ms - last
        long = silence >= 50.0 and last < sim.duration_ms / 2
        if self.V_th <= self.E_L or not long or sim.stimulus.any():
            return
        warnings.warn(
            f"{where}: no cell fired in the last {silence:.4g} of "
            f"{sim.duration_ms:.4g} ms: the activity has died out, and rest is stable; "
            f"rates and intervals of this run say little.{self.REVIVE}",
            RuntimeWarning,
            stacklevel=running.level_of_user(),
        )

    def _activity(self, state, recorded, traces, fired, counts, dt, drive):
        done = len(counts)
        cells = np.concatenate([*fired, np.zeros(0, np.int32)])
        cells = cells[: counts.sum(dtype=np.int64)]  # none of a part that was left
        times = (np.repeat(np.arange(done), counts) + 1) * dt
        model = copy.copy(self)  # the run keeps its parameters
        V, g_e, g_i = traces
        run = {
            "model": model,
            "dt_ms": dt,
            "t": np.arange(done) * dt,
            "V": V,
            "traces": {
                "g_e": g_e,
                "g_i": g_i,
                "I_L": lambda: V - model.E_L,
                **model._synaptic_currents(V, g_e, g_i),
            },
            "stimulus": drive[:done] - self.E_L,
            "final": dict(zip(("V", "g_e", "g_i"), state, strict=True)),
        }
        events = int(np.diff(self.indptr)[cells].sum())
        return Activity(run, self.n, (times, cells), recorded, events)

    def _recorded(self, where, record):
        indices = np.atleast_1d(np.asarray(record))
        if indices.ndim != 1 or (indices.size and indices.dtype.kind not in "iu"):
            raise TypeError(
                f"{where}: record is {checks.describe(record)}; expected indices of "
                "cells, such as [0, 5]"
            )
        if indices.size and not (indices.min() >= 0 and indices.max() < self.n):
            raise ValueError(
                f"{where}: record names cells {indices.min()} to {indices.max()}; "
                f"there are {self.n}, 0 to {self.n - 1}"
            )
        return indices.astype(np.int32)

    def _first_state(self, where, V_0, g_e0, g_i0):
        drawn = self._drawn_state(self._generator("state"))
        given = {"V_0": V_0, "g_e0": g_e0, "g_i0": g_i0}
        for row, (name, value) in zip(drawn, given.items(), strict=True):
            if value is None:
                continue
            values = checks.floating(where, name, value, dtype=np.float64)
            if values.shape not in ((), (self.n,)) or not np.isfinite(values).all():
                raise ValueError(
                    f"{where}: {name} is {checks.describe(value)}; expected a finite "
                    f"number, or {self.n} of them, one for each cell"
                )
            if name == "V_0":
                _refuse_other_units(where, values)
            row[:] = values
        return drawn

    def _plot(self, sim, **options):
        from ...plot.neuro import wiring

        return wiring.raster(sim, **options)


def _refuse_other_units(where, V_0):
    """ValueError where V_0 is no potential of cells in mV."""
    highest = np.abs(V_0).max(initial=0.0)
    if 0.0 < highest < VOLTS or highest > PLAUSIBLE["mV"][1]:
        raise ValueError(
            f"{where}: V_0 comes to {highest:g} mV in size; expected tens of mV: was "
            "another unit meant?"
        )


class CUBA(SparseNetwork):
    """A balanced network with current-based synapses (Vogels, Abbott, 2005).

    tau_m dV/dt = g_e + g_i - (V - E_L),   tau_e dg_e/dt = -g_e,   tau_i dg_i/dt = -g_i

    all in mV. A cell above V_th has fired: V is V_reset for t_ref, while g_e and g_i go
    on. A spike adds w_e to g_e of the targets of an excitatory cell, w_i, which is
    negative, to g_i of those of an inhibitory one. n cells, the first `excitatory` part
    of them excitatory; each ordered pair of two different cells is connected with
    probability p, or as connectivity=(indptr, indices) says: the targets of cell i are
    indices[indptr[i]:indptr[i + 1]]. V begins uniform from V_reset to V_th, g at 0.

    Solved exactly from spike to spike, on a grid of dt (Brette and others, 2007,
    benchmark 2). From 0.1 to 1 s: 5-7 Hz, CV of intervals 0.45-0.6, 15-25 % silent.
    The same network from the same state fires the same spikes, always; another dt, or
    another program, soon fires others, so compare such statistics, not spikes.
    """

    PARAMETERS = (
        Parameter("E_L", -49.0, "mV", "rest, here above threshold"),
        *SHARED,
        Parameter("w_e", 1.62, "mV", "step of g_e at a spike", low=0),
        Parameter("w_i", -9.0, "mV", "step of g_i at a spike, negative", high=0),
    )

    def _drawn_state(self, rng):
        state = np.zeros((3, self.n))
        state[0] = rng.uniform(self.V_reset, self.V_th, self.n)
        return state

    def _synaptic_currents(self, V, g_e, g_i):
        return {"I_e": lambda: -g_e, "I_i": lambda: -g_i}

    def _kernel(self, dt):
        keep, keep_e, keep_i = (
            math.exp(-dt / tau) for tau in (self.tau_m, self.tau_e, self.tau_i)
        )
        gain_e, gain_i = (
            _gain(dt, tau, self.tau_m) for tau in (self.tau_e, self.tau_i)
        )
        constants = (keep, keep_e, keep_i, gain_e, gain_i)
        return backend.function("cuba_steps"), constants


def _gain(dt, tau_s, tau):
    """V after dt, of a current of 1 that decays: tau_s (a - b) / (tau - tau_s).

    a = exp(-dt / tau), b = exp(-dt / tau_s). With d = dt (1 / tau_s - 1 / tau) this is
    a (dt / tau) (1 - exp(-d)) / d, which holds for equal time constants as well.
    """
    d = dt * (1.0 / tau_s - 1.0 / tau)
    mean = -math.expm1(-d) / d if d != 0 else 1.0
    return math.exp(-dt / tau) * dt / tau * mean


class COBA(SparseNetwork):
    """A balanced network with conductance-based synapses (Vogels, Abbott, 2005).

    tau_m dV/dt = g_e (E_e - V) + g_i (E_i - V) - (V - E_L)

    with g_e and g_i, in units of the leak, that decay with tau_e and tau_i. A spike
    adds w_e or w_i. Everything else is as in CUBA. V begins normal, -65 +- 5 mV, g_e
    4 +- 1.5, g_i 20 +- 12, and what is below 0 of the last two begins at 0;
    positive_start=False leaves it below, as the published scripts do.

    Rest, below threshold, is stable: the activity lives on nothing but itself, and one
    network in seven does not survive its first 50 ms (that of seed=17, for one); run
    warns of it. Cells whose inhibition begins below 0, and so excites, keep all alive.

    Exponential Euler with the mean conductances of a step, of second order (Brette and
    others, 2007, benchmark 1). From 0.1 to 1 s: 15-23 Hz, CV of intervals 1.5-1.8,
    10-20 % silent.
    """

    PARAMETERS = (
        Parameter("E_L", -60.0, "mV", "rest"),
        *SHARED,
        Parameter("E_e", 0.0, "mV", "reversal potential of excitation"),
        Parameter("E_i", -80.0, "mV", "reversal potential of inhibition"),
        Parameter("w_e", 0.6, "g_L", "step of g_e at a spike", low=0),
        Parameter("w_i", 6.7, "g_L", "step of g_i at a spike", low=0),
    )

    OPTIONS = (*SparseNetwork.OPTIONS, "positive_start")
    REVIVE = (
        " It happens to one network in seven at the start; take another seed, or "
        "positive_start=False, or give it a stimulus"
    )

    def __init__(self, *args, positive_start=True, **given):
        self.positive_start = checks.flag("COBA", "positive_start", positive_start)
        super().__init__(*args, **given)

    def _drawn_state(self, rng):
        state = np.stack(
            [
                rng.normal(mean, sd, self.n)
                for mean, sd in [(-65, 5), (4, 1.5), (20, 12)]
            ]
        )
        if self.positive_start:
            np.maximum(state[1:], 0.0, out=state[1:])
        return state

    def _synaptic_currents(self, V, g_e, g_i):
        return {
            "I_e": lambda: g_e * (V - self.E_e),
            "I_i": lambda: g_i * (V - self.E_i),
        }

    def _kernel(self, dt):
        keep_e, keep_i = math.exp(-dt / self.tau_e), math.exp(-dt / self.tau_i)
        mean_e = -math.expm1(-dt / self.tau_e) * self.tau_e / dt
        mean_i = -math.expm1(-dt / self.tau_i) * self.tau_i / dt
        constants = (
            dt / self.tau_m, keep_e, keep_i, mean_e, mean_i, self.E_e, self.E_i,
        )  # fmt: skip
        return backend.function("coba_steps"), constants
