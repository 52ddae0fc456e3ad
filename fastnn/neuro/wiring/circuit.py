"""A few cells, each wired to any other: the same cells, other wiring, other actions."""

import copy
import math

import numpy as np

from ... import backend
from ...ops import checks
from .. import running, stimuli
from ..model import Model
from ..parameters import Parameter
from ..time_steps import in_steps
from . import wirings
from .activity import Activity

WEIGHTS = Parameter("weights", 20.0, "nS", "peak of a conductance")
DELAY = Parameter("delay", 1.0, "ms", "from a spike to its arrival")


class Circuit(Model):
    """Adaptive integrate-and-fire cells with conductance synapses.

    C_m dV/dt = -g_L (V - E_L) + g_e (E_e - V) + g_i (E_i - V) - w + I
    tau_w dw/dt = -w,   tau_e dg_e/dt = -g_e,   tau_i dg_i/dt = -g_i

    A cell above V_th has fired: V is V_reset for t_ref, w grows by b, and after the
    delay each cell j gets weights[i, j]: above 0, to its g_e, below 0, its size to g_i.

    cells: how many, or a list of their names. weights (n, n) in nS, from row to column;
    None: no synapses. delay: in ms, a number or (n, n). Parameters may have one value
    for each cell where they belong to a cell. Exponential Euler with the mean
    conductances of a step, of second order between spikes; spikes on a grid of dt.

        Circuit.wiring("half_centre").run().plot()      # six wirings: Circuit.WIRINGS
    """

    PARAMETERS = (
        Parameter("C_m", 200.0, "pF", "capacitance", above=0, per_unit=True),
        Parameter("g_L", 10.0, "nS", "leak", above=0, per_unit=True),
        Parameter("E_L", -65.0, "mV", "rest", per_unit=True),
        Parameter("V_th", -50.0, "mV", "threshold", per_unit=True),
        Parameter("V_reset", -65.0, "mV", "potential after a spike", per_unit=True),
        Parameter("t_ref", 2.0, "ms", "how long V stays there", low=0, per_unit=True),
        Parameter("tau_w", 200.0, "ms", "time constant of adaptation", above=0),
        Parameter("b", 15.0, "pA", "step of w at a spike", per_unit=True),
        Parameter("tau_e", 5.0, "ms", "time constant of excitation", above=0),
        Parameter("E_e", 0.0, "mV", "its reversal potential"),
        Parameter("tau_i", 10.0, "ms", "time constant of inhibition", above=0),
        Parameter("E_i", -80.0, "mV", "its reversal potential"),
        Parameter("V_0", -65.0, "mV", "where V begins", per_unit=True),
    )
    CURRENT = "pA"
    WIRINGS = tuple(wirings.WIRINGS)

    def __init__(self, cells, weights=None, delay=1.0, **given):
        super().__init__(**given)
        self.names = _names(cells)
        n = self.n = len(self.names)
        none = np.zeros((n, n))
        self.weights = _matrix("weights", none if weights is None else weights, n)
        self.delay = _matrix(
            "delay", np.full((n, n), delay) if np.ndim(delay) == 0 else delay, n
        )
        self.drive, self.duration_ms = 0.0, 1000.0
        WEIGHTS.judge("Circuit", "weights", np.abs(self.weights).max(initial=0.0))
        DELAY.judge("Circuit", "delay", self.delay.max(initial=0.0))
        self._check()

    def _check(self):
        if (self.delay < 0).any():
            raise ValueError(
                f"Circuit: delay is {self.delay.min():g} ms; a spike cannot arrive "
                "before it was fired"
            )
        for p in self.PARAMETERS:
            value = getattr(self, p.name)
            if np.ndim(value) and len(value) != self.n:
                raise ValueError(
                    f"Circuit: {p.name} has {len(value)} values, for {self.n} cells; "
                    "give one for each cell, or one for all"
                )
        bad = np.flatnonzero(self._each("V_reset") >= self._each("V_th"))
        if len(bad):
            raise ValueError(
                f"Circuit: V_reset of cell {bad[0]} is not below its V_th; "
                "it would fire for ever"
            )

    @classmethod
    def wiring(cls, name, weight=None, **given):
        """One of six circuits of the same cells, with the drive that shows its action.

        none          two cells, no synapse: equal counts
        half_centre   mutual inhibition: they fire in turns (Brown, 1911)
        switch        the same without adaptation: one fires, the other is silent
        chain         eight cells, each excites the next: one spike runs along
        winner        three that inhibit each other: the strongest drive wins
        memory        mutual excitation without adaptation: activity outlives its cause

        weight: of each synapse in nS, 20 or 25 where none is given. given: parameters
        of the circuit that differ. run() then lasts as long as the action needs.
        """
        where = "Circuit.wiring"
        plan = wirings.WIRINGS[checks.choice(where, "name", name, cls.WIRINGS)]
        if weight is None:
            weight = plan.weight
        weight = checks.number(where, "weight", weight, low=0)
        circuit = cls(
            plan.n, weight * np.array(plan.signs, float), **{**plan.parameters, **given}
        )
        circuit.drive, circuit.duration_ms = plan.drive, plan.duration_ms
        return circuit

    @classmethod
    def sweep(cls, name, weights, **given):
        """Spikes of each cell of a wiring, for each weight in nS: (len(weights), n)."""
        return np.array([cls.wiring(name, w, **given).run().counts for w in weights])

    def _each(self, name):
        return np.broadcast_to(np.asarray(getattr(self, name), float), self.n)

    def run(self, T_ms=None, dt_ms=0.05, stimulus=None, progress=True):
        """Simulate; returns an Activity of every cell.

        Traces: V in mV, g_e and g_i in nS and, in pA, w, the leak I_L and what the
        synapses let out, I_e and I_i, outward positive.

        stimulus: pA, one for all cells or a list of them or of numbers, one for each;
        None: the drive of the wiring, or none. T_ms None: the duration of the wiring,
        or 1000.
        """
        where = "Circuit.run"
        fastest = [self.tau_e, self.tau_i, self.tau_w]
        fastest.append(float((self._each("C_m") / self._each("g_L")).min()))
        n_steps, dt = self._steps(
            self.duration_ms if T_ms is None else T_ms,
            dt_ms,
            min(fastest) / 2,
            "half of the shortest time constant",
        )
        checks.whole(where, "T_ms / dt_ms", n_steps, bits=30)
        checks.memory_for(where, {"T_ms / dt_ms": n_steps, "cells": 4 * self.n})
        stimulus = self.drive if stimulus is None else stimulus
        if isinstance(stimulus, (list, tuple)) and len(stimulus) == self.n:
            stimulus = [stimuli.as_stimulus(where, one) for one in stimulus]
        current = stimuli.currents(where, stimulus, n_steps, dt, self.n)
        self._check_current(where, current, dt, self._each("g_L"), self._each("C_m"))
        traces = np.empty((4, n_steps, self.n))
        fired = np.empty((n_steps, self.n), np.uint8)
        delays = in_steps(where, "delay", self.delay, dt)
        refractory = in_steps(where, "t_ref", self._each("t_ref"), dt)
        state, arrays = self._arrays(delays, refractory)
        steps, constants = backend.function("circuit_steps"), self._constants(dt)

        begun = [0, state.copy()]

        def advance(start, stop):
            begun[:] = start, state.copy()
            steps(state, *arrays, current, traces, fired, start, stop, dt, *constants)
            self._check_potential(state[None], 1, stop * dt, "the state of the circuit")

        done = running.in_parts(where, n_steps, advance, progress)
        state = begun[1] if done == begun[0] else state  # Ctrl-C within a part
        run = state, traces[:, :done], fired[:done], current[:done], dt
        return running.concluded(where, self._activity, *run)

    def _arrays(self, delays, refractory):
        """The state, and everything between it and the current in circuit_steps."""
        n = self.n
        state = np.zeros((4, n))
        state[0] = self._each("V_0")
        cells = [self._each(p) for p in ("C_m", "g_L", "E_L", "V_th", "V_reset", "b")]
        arriving = np.zeros((int(delays.max(initial=0)) + 1, 2, n))
        return state, (
            np.zeros(n, np.int32), np.stack(cells), refractory, self.weights, delays,
            arriving,
        )  # fmt: skip

    def _constants(self, dt):
        taus = (self.tau_w, self.tau_e, self.tau_i)
        keep = [math.exp(-dt / tau) for tau in taus]
        mean = [-math.expm1(-dt / tau) * tau / dt for tau in taus]
        return (self.E_e, self.E_i, *keep, *mean)

    def _activity(self, state, traces, fired, current, dt):
        when, who = np.divmod(np.flatnonzero(fired), self.n)  # faster than nonzero
        self._check_potential(traces[0], len(fired), dt)
        V, w, g_e, g_i = traces
        g_L, E_L = self._each("g_L").copy(), self._each("E_L").copy()
        model = copy.copy(self)  # the run keeps its parameters
        run = {
            "model": model,
            "dt_ms": dt,
            "t": np.arange(len(fired)) * dt,
            "V": V,
            "traces": {
                "w": w,
                "g_e": g_e,
                "g_i": g_i,
                "I_L": lambda: g_L * (V - E_L),
                "I_e": lambda: g_e * (V - model.E_e),
                "I_i": lambda: g_i * (V - model.E_i),
            },
            "stimulus": current,
            "final": dict(zip(("V", "w", "g_e", "g_i"), state, strict=True)),
        }
        events = int((self.weights != 0).sum(axis=1)[who].sum())
        spikes = ((when + 1) * dt, who)
        return Activity(run, self.n, spikes, np.arange(self.n), events)

    def _plot(self, sim, **options):
        from ...plot.neuro import wiring

        return wiring.circuit(sim, **options)


def _names(cells):
    if isinstance(cells, (list, tuple)) and all(isinstance(c, str) for c in cells):
        if cells:
            return list(cells)
        raise ValueError("Circuit: cells is empty; expected at least one name")
    n = checks.whole("Circuit", "cells", cells, low=1)
    return [str(i + 1) for i in range(n)]


def _matrix(name, value, n):
    """A copy of a matrix (n, n), checked."""
    matrix = checks.floating("Circuit", name, value, dtype=np.float64)
    if matrix.shape != (n, n):
        raise ValueError(
            f"Circuit: {name} has shape {matrix.shape}, for {n} cell(s); expected "
            f"({n}, {n}), from the cell of the row to the cell of the column"
        )
    if not np.isfinite(matrix).all():
        raise ValueError(f"Circuit: {name} has NaN or infinities")
    return matrix.copy()
