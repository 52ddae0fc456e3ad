"""What a run leaves behind: traces by name, spikes, and the model that made them."""

import numpy as np

from . import parameters


class Simulation:
    """The result of `Model.run`.

    t (n_steps,): times in ms, t[k] = k dt. V (n_steps,), or (n_steps, units):
    membrane potential in mV at these times, V[0] where the run began.
    spike_times: an array in ms, or a list of them, one a unit. sim["I_Na"]: any other
    trace by its name; `sim.names` lists them. model, dt_ms, stimulus (n_steps,) or
    (n_steps, units): what made it. final: the state at the end, by name; {} of models
    that cannot start from one.
    """

    def __init__(
        self, model, dt_ms, t, V, spike_times, traces=(), stimulus=None, final=None
    ):
        self.model, self.dt_ms = model, dt_ms
        self.t, self.V, self.spike_times = t, V, spike_times
        self.stimulus = stimulus
        self.final = final or {}
        self._traces = dict(traces)  # arrays, or functions that compute them when asked

    @property
    def names(self):
        """The names of all traces, for sim[name]."""
        return ["t", "V", *self._traces]

    @property
    def n_units(self):
        return 1 if self.V.ndim == 1 else self.V.shape[1]

    @property
    def rate_hz(self):
        """Spikes per second over the whole run: a number, or one for each unit."""
        seconds = len(self.t) * self.dt_ms / 1000.0
        if isinstance(self.spike_times, list):
            return np.array([len(times) for times in self.spike_times]) / seconds
        return len(self.spike_times) / seconds

    def __getitem__(self, name):
        if name in ("t", "V"):
            return getattr(self, name)
        if name not in self._traces:
            raise KeyError(
                f"{type(self.model).__name__}: there is no trace {name!r}; there are "
                f"{', '.join(self.names)}"
            )
        trace = self._traces[name]
        if callable(trace):
            trace = self._traces[name] = trace()
        return trace

    def __contains__(self, name):
        return name in self.names

    def to_dict(self):
        """Everything as plain numbers and lists, for json.dump."""
        spikes = self.spike_times
        if isinstance(spikes, list):
            spikes = [times.tolist() for times in spikes]
        else:
            spikes = spikes.tolist()
        return {
            "model": type(self.model).__name__,
            "parameters": {
                p.name: np.asarray(getattr(self.model, p.name)).tolist()
                for p in self.model.PARAMETERS
            },
            "units": {p.name: p.unit for p in self.model.PARAMETERS},
            "options": {
                name: getattr(self.model, name)
                for name in parameters.options(self.model)
            },
            "dt_ms": self.dt_ms,
            "spike_times": spikes,
            **{name: _plain(self[name]) for name in self.names},
        }

    def plot(self, **options):
        """The picture that suits the model, as a matplotlib figure."""
        if len(self.t) == 0:
            raise ValueError("plot: the run was stopped before its first step")
        return self.model._plot(self, **options)

    def __repr__(self):
        spikes = self.spike_times
        n = sum(map(len, spikes)) if isinstance(spikes, list) else len(spikes)
        units = f", {self.n_units} units" if self.V.ndim > 1 else ""
        return (
            f"<Simulation of {parameters.describe(self.model)}: "
            f"{len(self.t) * self.dt_ms:g} ms at {self.dt_ms:g} ms{units}, "
            f"{n} spike{'' if n == 1 else 's'}>"
        )


def _plain(trace):
    """A trace as lists of numbers; one with a value a spike is a list of arrays."""
    if isinstance(trace, list):
        return [np.asarray(values).tolist() for values in trace]
    return np.asarray(trace).tolist()
