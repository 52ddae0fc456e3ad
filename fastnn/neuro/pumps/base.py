"""How a neuron with moving ions is run: five variables, a stimulus and a pump."""

import copy

import numpy as np

from ... import backend
from ...ops import checks
from .. import running
from ..cells.units import part_of_start
from ..model import FARTHEST_MV, Model
from ..parameters import Parameter
from ..simulation import Simulation
from ..spikes import find_spikes
from ..stimuli import Stimulus, currents

INSIDE = Parameter("", 10.0, "mM", "concentration")
LONGEST_DT = 0.03  # ms; beyond, Runge and Kutta's method invents spikes, then diverges
STABLE = 2.78  # what dt times the fastest rate may be in that method


class PumpModel(Model):
    """A model of five variables, the first of which is V.

    A subclass has KERNEL, the name of its step, and STATE, the names of the variables;
    it defines _parameters(), _start(), _fastest_rate(), _within() and
    _traces(V, state, activity). A run is of one cell: its spikes are found among
    millions of steps.
    """

    CURRENT = "uA/cm2"
    KERNEL = ""
    STATE: tuple[str, ...] = ()

    def run(
        self, T_ms, dt_ms=0.01, stimulus=0.0, pump_activity=1.0, start=None,
        record_ms=None, progress=True,
    ):  # fmt: skip
        """Simulate T_ms by Runge and Kutta's method of fourth order.

        stimulus: uA/cm2, as for every model. pump_activity: a factor of the pump over
        time, given like a stimulus: 1 works, 0 is stopped, 1 + neuro.step(-1, 500) is
        ouabain from 500 ms on. start: V in mV, or where the variables begin, by name;
        sim.final of an earlier run goes on from its end. record_ms: keep traces only
        every so many ms (a run of 100 s has 10 million steps; spikes are found among
        all of them).

        Returns a Simulation of one cell. Raises ValueError for a step above 0.03 ms,
        or less where channels are faster, and for what is in a wrong unit,
        FloatingPointError if a potential leaves all bounds.
        """
        where = f"{type(self).__name__}.run"
        longest = min(LONGEST_DT, STABLE / self._fastest_rate())
        n_steps, dt = self._steps(
            T_ms, dt_ms, longest, "with the time constants of these channels"
        )
        every = _every(where, record_ms, n_steps, dt)
        current = _per_step(where, "stimulus", stimulus, n_steps, dt)
        each = n_steps * dt / len(current)  # one value may stand for all steps
        self._check_current(where, current[:, None], each, self._leak(), self.C_m)
        activity = _per_step(where, "pump_activity", pump_activity, n_steps, dt)
        if activity.min() < 0:
            raise ValueError(
                f"{where}: pump_activity is {activity.min():g} at its least; expected "
                "a factor of at least 0, as 1 works and 0 is stopped; add 1 to a "
                "negative step"
            )
        state = self._state(where, start)
        V, states = np.empty(n_steps), np.empty((-(-n_steps // every), 4))
        arrays = (state, current, activity, self._parameters(), V, states)
        kernel = backend.function(self.KERNEL)
        begun = [0, state.copy()]

        def advance(first, stop):
            begun[:] = first, state.copy()
            try:
                kernel(*arrays, dt, every, first, stop)
            except (OverflowError, ValueError) as error:  # of a twin's math.exp or log
                raise FloatingPointError(
                    f"{where}: a variable left all bounds between {first * dt:g} and "
                    f"{stop * dt:g} ms ({error}): the step is too long, or the "
                    "stimulus or a parameter is in another unit"
                ) from None

        done = running.in_parts(where, n_steps, advance, progress)
        if done == begun[0]:  # Ctrl-C within a part
            state = begun[1]
        self._check_potential(V, done, dt)
        run = V[:done], states, state, current, activity, dt, every
        return running.concluded(where, self._result, *run)

    def _result(self, V, states, state, current, activity, dt, every):
        """A Simulation of the rows that are kept; spikes from all of V."""
        done = len(V)
        spikes = find_spikes(np.arange(done) * dt, V)
        rows = slice(0, done, every)
        V, states = V[rows].copy(), states[: -(-done // every)]
        current, activity = (
            x[rows] if len(x) > 1 else np.full(len(V), x[0])
            for x in (current, activity)
        )
        t = np.arange(len(V)) * (dt * every)
        traces = dict(zip(self.STATE[1:], states.T, strict=True))
        model = copy.copy(self)  # the run keeps its parameters
        traces |= model._traces(V, traces, activity)
        final = dict(zip(self.STATE, state.tolist(), strict=True))
        return Simulation(model, dt * every, t, V, spikes, traces, current, final)

    def _state(self, where, start):
        given = part_of_start(where, start, self.STATE)
        begin = dict(zip(self.STATE, self._start(), strict=True))
        limits = {"V": (-FARTHEST_MV, FARTHEST_MV)} | self._within()
        for name, value in given.items():
            low, high = limits.get(name, (0.0, 1.0))  # of a gate
            named = f"{name} in start"
            if name in self._within():
                named += " (in mM)"
                begin[name] = checks.number(where, named, value, above=low, below=high)
                INSIDE.judge(where, named, begin[name])
            else:
                named += " (in mV)" if name == "V" else ""
                begin[name] = checks.number(where, named, value, low, high)
        return np.array(list(begin.values()), float)

    # --- What each model says of itself ----------------------------------------------

    def _start(self):
        """The state in which a run begins, as its kernel takes it."""
        raise NotImplementedError

    def _parameters(self):
        """The numbers that its kernel takes."""
        raise NotImplementedError

    def _leak(self):
        """The conductance that is always open, in mS/cm2."""
        raise NotImplementedError

    def _fastest_rate(self):
        """How fast V or a gate can decay, in 1/ms."""
        raise NotImplementedError

    def _within(self):
        """The concentrations of STATE: {name: (above, below)} in mM."""
        raise NotImplementedError

    def _traces(self, V, state, activity):
        """Concentrations, currents and what else has a name: {name: trace}."""
        raise NotImplementedError


def _every(where, record_ms, n_steps, dt):
    """How many steps lie between two that are kept."""
    if record_ms is None:
        return 1
    record = checks.number(where, "record_ms", record_ms, above=0, below=np.inf)
    every = round(record / dt)
    if every < 1 or abs(every * dt - record) > 1e-6 * record:
        raise ValueError(
            f"{where}: record_ms is {record:g}, which is no multiple of dt_ms, {dt:g}; "
            "traces are kept at some of the steps"
        )
    if every > n_steps:
        raise ValueError(
            f"{where}: record_ms is {record:g}, longer than the run, {n_steps * dt:g} "
            "ms; is it in ms?"
        )
    return every


def _per_step(where, name, value, n_steps, dt):
    """One value for each step, or a single one for all: (n_steps,) or (1,)."""
    if isinstance(value, (int, float, np.number)):
        number = checks.number(where, name, value)
        if not np.isfinite(number):
            raise ValueError(f"{where}: {name} is {number}; expected a finite number")
        return np.array([number])
    several = isinstance(value, (list, tuple))
    if several and any(isinstance(x, Stimulus) or callable(x) for x in value):
        n_cells = len(value)
    else:
        n_cells = np.shape(value)[1] if np.ndim(value) == 2 else 1
    if n_cells != 1:
        raise ValueError(
            f"{where}: {name} is for {n_cells} cells; this model runs one at a time, "
            "make a run for each"
        )
    if name != "stimulus":
        where = f"{where}, {name}"
    return currents(where, value, n_steps, dt).reshape(n_steps)
