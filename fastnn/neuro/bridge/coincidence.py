"""A spiking neuron that computes AND or OR, by how large its EPSPs are and when.

neuro.CoincidenceDetector(w=10).truth_table()     # AND: one is not enough
neuro.CoincidenceDetector(w=16).truth_table()     # OR: each is
neuro.CoincidenceDetector(w=10).window_ms()       # but only if they come together
"""

import copy

import numpy as np

from ...ops import checks
from .. import running
from ..model import Model
from ..parameters import Parameter
from ..simulation import Simulation
from ..time_steps import check_times
from . import events
from .logic import McCullochPitts, TruthTable, all_inputs

__all__ = ["CoincidenceDetector"]


class CoincidenceDetector(Model):
    """A leaky integrate-and-fire neuron with excitatory inputs of one spike or many.

        tau_m dV/dt = E_L - V + x,    dx/dt = -x / tau_s,    each input spike: x += k w

    k is such that a single EPSP has the peak w mV. V reaches V_th: a spike, V = V_reset
    for t_ref. EPSPs of one shape add up, so with all inputs at one time the neuron is
    McCulloch and Pitts' unit with weights w and theta = V_th - E_L: `as_unit`. Apart in
    time they add up less; with tau_s -> 0, two of size w fire it up to the lag
    tau_m ln(w / (V_th - E_L - w)). Every spike is found exactly, from event to event.

    w: mV; a number for two equal inputs, or an array with one value for each.

    >>> CoincidenceDetector(w=10).truth_table().outputs.tolist()
    [0, 0, 0, 1]
    """

    PARAMETERS = (
        Parameter("w", 10.0, "mV", "peak of an EPSP", per_unit=True),
        Parameter("tau_m", 20.0, "ms", "membrane time constant", above=0),
        Parameter(
            "tau_s", 1.0, "ms", "decay of the synaptic current", above=0, to_0=True
        ),
        Parameter("E_L", -65.0, "mV", "leak reversal, the resting potential"),
        Parameter("V_th", -50.0, "mV", "threshold"),
        Parameter("V_reset", -65.0, "mV", "potential after a spike"),
        Parameter("t_ref", 2.0, "ms", "refractory period", low=0),
    )

    def __init__(self, **given):
        super().__init__(**given)
        for low in ("E_L", "V_reset"):
            if getattr(self, low) >= self.V_th:
                raise ValueError(
                    f"CoincidenceDetector: {low} is {getattr(self, low):g} mV, not "
                    f"below V_th, {self.V_th:g} mV; it would fire by itself"
                )
        if abs(self.tau_s - self.tau_m) < 1e-3 * self.tau_m:
            raise ValueError(
                f"CoincidenceDetector: tau_s is {self.tau_s:g} ms, as long as tau_m; "
                "make them differ by a thousandth at least"
            )

    @property
    def n_inputs(self):
        return 2 if np.ndim(self.w) == 0 else len(self.w)

    @property
    def _weights(self):
        return np.broadcast_to(np.asarray(self.w, float), (self.n_inputs,))

    @property
    def _cell(self):
        theta, reset = self.V_th - self.E_L, self.V_reset - self.E_L
        return events.Cell(self.tau_m, self.tau_s, theta, reset, self.t_ref)

    @property
    def _jump(self):
        """The k of the equation: 1 over the peak of an EPSP with x = 1 at its start."""
        q = self.tau_s / (self.tau_s - self.tau_m)
        t = events.extremum(self._cell, -q, q)
        return 1.0 / (q * (np.exp(-t / self.tau_s) - np.exp(-t / self.tau_m)))

    def run(self, T_ms, dt_ms=0.1, input_times=((10.0,), (10.0,)), progress=True):
        """Simulate T_ms; returns a Simulation with V and the synaptic drive "x", in mV.

        input_times: for each input its spike times in ms, from 0 on: an array, a
        number, or () for none. dt_ms: only of the trace; spikes are exact. progress: a
        bar on a terminal past two seconds; Ctrl-C keeps what was computed.
        """
        where = "CoincidenceDetector.run"
        n_steps, dt = self._steps(T_ms, dt_ms)
        T = n_steps * dt
        arrivals = [*sorted(self._arrivals(where, input_times)), events.Event(T)]
        if times := [arrival.time for arrival in arrivals[:-1]]:
            check_times(where, "what arrives", times[0], times[-1], T)
        course = events.Course(self._cell)

        def advance(start, stop):
            for event in arrivals[start:stop]:
                course.go_on(event, T)

        n = len(arrivals)
        if running.in_parts(where, n, advance, progress, "events") < n:
            n_steps = int(course.t / dt)
        t = np.arange(n_steps) * dt
        spikes = np.array([s for s in course.spikes if s <= course.t])
        u, x = events.sample(self._cell, course.pieces, t)
        inputs = [np.sort(np.atleast_1d(np.asarray(s, float))) for s in input_times]
        model = copy.copy(self)  # the run keeps its parameters
        V = self.E_L + u
        return Simulation(model, dt, t, V, spikes, {"x": x}, stimulus=inputs)

    def _arrivals(self, where, input_times):
        if len(input_times) != self.n_inputs:
            raise ValueError(
                f"{where}: input_times has {len(input_times)} entries, but there are "
                f"{self.n_inputs} inputs; give the spike times of each, () for none"
            )
        for w, times in zip(self._weights, input_times, strict=True):
            times = checks.floating(
                where, "input_times", np.atleast_1d(times), 1, np.float64
            )
            if not (np.isfinite(times).all() and (times >= 0).all()):
                raise ValueError(
                    f"{where}: input_times has {times.tolist()}; expected ms from 0 on"
                )
            for time in times.tolist():
                yield events.Event(time, self._jump * float(w))

    def peak(self, times, w=None):
        """How far the EPSPs lift V above E_L, if there were no threshold: mV.

        times (..., n_inputs): one spike of each input, ms; nan where it is silent.
        w: other weights, (..., n_inputs) as well. Returns the maximum over time,
        of the common shape without the last axis. In closed form.
        """
        where = "CoincidenceDetector.peak"
        times = checks.floating(where, "times", times, dtype=np.float64)
        given = w is not None
        w = checks.floating(where, "w", w if given else self._weights, dtype=np.float64)
        if given:
            self.PARAMETERS[0].judge_any(where, "w", w)
        for name, values in (("times", times), ("w", w)):
            if not values.ndim or values.shape[-1] != self.n_inputs:
                raise ValueError(
                    f"{where}: {name} has shape {values.shape}; expected "
                    f"(..., {self.n_inputs}), a column for each input"
                )
        times, w = np.broadcast_arrays(times, w)
        order = np.argsort(times, axis=-1)  # nan comes last
        times = np.take_along_axis(times, order, axis=-1)
        w = np.where(np.isnan(times), 0.0, np.take_along_axis(w, order, axis=-1))
        return self._highest(np.nan_to_num(times, nan=np.inf), w)

    def _highest(self, times, w):
        """The maximum of u over all gaps between inputs in order."""
        cell, jump = self._cell, self._jump
        scale = cell.tau_x / (cell.tau_x - cell.tau_m)
        u = x = highest = np.zeros(times.shape[:-1])
        for i in range(self.n_inputs):
            here = np.isfinite(times[..., i])
            x = x + np.where(here, jump * w[..., i], 0.0)
            ahead = times[..., i + 1] if i + 1 < self.n_inputs else np.inf
            with np.errstate(invalid="ignore"):
                gap = np.where(here, ahead - times[..., i], 0.0)
            q = x * scale
            p = u - q
            turn = np.nan_to_num(events.extremum(cell, p, q), nan=0.0)
            for lag in (np.clip(turn, 0.0, gap), gap):
                fast, slow = np.exp(-lag / cell.tau_m), np.exp(-lag / cell.tau_x)
                u = p * fast + q * slow
                highest = np.maximum(highest, u)
            x = x * slow
        return highest

    def fires(self, times, w=None):
        """Whether it fires for one spike of each input: as `peak`, booleans."""
        # peaks that are equal to the threshold but for rounding reach it
        return self.peak(times, w) >= (self.V_th - self.E_L) * (1.0 - 1e-12)

    def window_ms(self):
        """The largest lag between two inputs at which they fire it together, ms.

        0 if they never do, inf if the second alone is enough.
        """
        if self.n_inputs != 2:
            raise ValueError(
                f"CoincidenceDetector.window_ms: w is for {self.n_inputs} inputs; "
                "expected 2"
            )
        low, high = 0.0, 100.0 * max(self.tau_m, self.tau_s)
        if not self.fires([0.0, low]):
            return 0.0
        if self.fires([0.0, high]):
            return np.inf
        for _ in range(200):
            middle = 0.5 * (low + high)
            if middle in (low, high):
                break
            low, high = (middle, high) if self.fires([0.0, middle]) else (low, middle)
        return low

    def truth_table(self):
        """What it answers when all inputs that spike do so at once: a TruthTable."""
        rows = all_inputs(self.n_inputs)
        times = np.where(rows > 0, 0.0, np.nan)
        return TruthTable(rows, self.fires(times).astype(np.int64))

    def as_unit(self):
        """The McCulloch-Pitts unit that it is while its inputs come together."""
        return McCullochPitts(self._weights, self.V_th - self.E_L)

    def response_map(self, w1, w2, lag_ms=0.0):
        """Whether it fires for EPSPs of w1[j] and w2[i] mV: booleans (n2, n1).

        The second input comes lag_ms after the first.
        """
        where = "CoincidenceDetector.response_map"
        w1 = checks.floating(where, "w1", w1, 1, np.float64)
        w2 = checks.floating(where, "w2", w2, 1, np.float64)
        for name, values in (("w1", w1), ("w2", w2)):
            self.PARAMETERS[0].judge_any(where, name, values)
        lag = checks.number(where, "lag_ms", lag_ms, low=0, below=np.inf)
        if self.n_inputs != 2:
            raise ValueError(f"{where}: there are {self.n_inputs} inputs; expected 2")
        return self.fires([0.0, lag], np.stack(np.meshgrid(w1, w2), axis=-1))

    def _plot(self, sim, **options):
        from ...plot.neuro import bridge

        return bridge.coincidence(sim, **options)
