"""What LIF, AdEx and Izhikevich's neuron have in common: spikes that are events."""

import copy

import numpy as np

from ... import backend
from ..model import Model
from ..running import concluded, in_parts
from ..simulation import Simulation
from ..stimuli import currents
from . import units as of_units

FIRST_ROOM = 64  # spikes of a unit and a part of a run; more, if it turns out so


class Reduced(Model):
    """A model with V, at most one more variable, and spikes that the kernels find."""

    STATE: tuple[str, ...] = ("V",)
    # conductance in CURRENT / mV, capacitance in CURRENT ms / mV
    _membrane = (1.0, 1.0)

    def _simulate(
        self, kernel, n_steps, dt, stimulus, n_units, begin, traced=(), progress=True
    ):
        """A Simulation out of the kernel's steps. begin (2, units): the state."""
        where = f"{type(self).__name__}.run"
        current = currents(where, stimulus, n_steps, dt, n_units, shared=True)
        self._check_current(where, current, dt, *self._membrane)
        state, constants = begin.copy(), of_units.constants(self, n_units)
        V = np.empty((n_steps, n_units))
        outs = [V, *[np.empty((n_steps, n_units)) for _ in traced]]
        step, found = backend.function(kernel), [[] for _ in range(n_units)]

        before = [0, begin]

        def advance(first, last):
            before[:] = first, state.copy()
            parts, room = [out[first:last] for out in outs], FIRST_ROOM
            while True:
                spikes = np.empty((n_units, room))
                counts = np.empty(n_units, np.int64)
                step(
                    state, constants, current[first:last], dt, first, *parts, spikes,
                    counts,
                )  # fmt: skip
                if counts.max() <= room:
                    break
                room, state[...] = int(counts.max()), before[1]
            for times, row, count in zip(found, spikes, counts.tolist(), strict=True):
                times.append(row[:count].copy())

        done = in_parts(where, n_steps, advance, progress)
        state = before[1] if done == before[0] else state  # Ctrl-C within a part
        run = state, outs, found, current, done, dt
        return concluded(where, self._conclude, traced, *run)

    def _conclude(self, traced, state, outs, found, current, done, dt):
        """The Simulation of the first `done` steps."""
        n_steps, one = len(outs[0]), outs[0].shape[1] == 1
        for name, out in zip(("V", *traced), outs, strict=True):
            self._check_potential(out, done, dt, name)

        def shaped(x):
            return x[:done, 0] if one else x[:done]

        times = [np.concatenate([np.empty(0), *parts]) for parts in found]
        if done < n_steps:
            times = [x[x < done * dt] for x in times]
        names = (*self.STATE, *["refractory_ms"] * (2 - len(self.STATE)))
        V = shaped(outs[0])
        traces = {name: shaped(x) for name, x in zip(traced, outs[1:], strict=True)}
        model = copy.copy(self)  # the run keeps its parameters
        traces |= model._currents_at(V)
        return Simulation(
            model, dt, np.arange(done) * dt, V, times[0] if one else times, traces,
            current[:done, 0] if current.shape[1] == 1 else current[:done],
            {k: float(x[0]) if one else x for k, x in zip(names, state, strict=True)},
        )  # fmt: skip

    def _currents_at(self, V):
        """{name: function that computes a current from V}, outward > 0."""
        return {}

    def _plot(self, sim, **options):
        from ...plot.neuro import cells

        return cells.reduced(sim, **options)


class InThePlane(Reduced):
    """A model whose state is a point in a plane: V and one more variable."""

    @property
    def PLANE(self):  # noqa: N802
        """The variable beside V, and the V in mV that the plane shows."""
        return self.STATE[1], (-90.0, -30.0)

    def flow(self, V, w, current=0.0):
        """(dV/dt, derivative of the other variable), V in mV, for a steady current."""
        raise NotImplementedError

    def nullclines(self, V, current=0.0):
        """The other variable where dV/dt = 0, and where its own derivative is 0."""
        raise NotImplementedError

    def phase_plane(self, current=0.0, sim=None, **options):
        """Draw the plane of V and the other variable, as a matplotlib figure.

        Nullclines and flow under a steady current, and the trajectory of `sim`, if
        given. options: ax, V_range in mV.
        """
        from ...plot.neuro import cells

        return cells.phase_plane(self, current, sim, **options)
