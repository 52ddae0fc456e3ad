"""Terminals that release transmitter: depression, facilitation, single vesicles."""

import copy
from typing import NamedTuple

import numpy as np

from ... import backend
from ...ops import checks
from .. import running, stimuli
from ..model import Model
from ..parameters import Parameter
from ..simulation import Simulation
from ..time_steps import check_times

HIGHEST_HZ = 1000.0  # spikes last 1 ms
ROUND = 1 + 1e-9  # k dt is not a round number in binary: a spike at T_ms is within it


class Release(NamedTuple):
    """u, x and r of each spike, or of a steady train: numbers or arrays alike."""

    u: object  # the part of the available that a spike releases
    x: object  # the part of all that is available before it
    r: object  # the part of all that it releases: u x


class TsodyksMarkram(Model):
    """A synapse that remembers its last spikes: short-term depression, facilitation.

    At a spike u <- u + U (1 - u), then r = u x is released, and x <- x - r; between
    spikes u goes to 0 with tau_f, and x to 1 with tau_d (Tsodyks and Markram, 1997;
    Tsodyks, Pawelzik and Markram, 1998). In another convention u rests at U, and the
    release comes before its step: the releases are the same, for the u of a spike
    obeys u = U + (1 - U) e^(-dt / tau_f) u_before in both.

    The defaults depress, so that only changes of rate get through; U = 0.15,
    tau_d = 50, tau_f = 750 facilitates.

    n_vesicles: None for the mean; a number N for N sites, of which each releases its
    vesicle or keeps it, at random. The releases of a spike are then binomial, and their
    mean, as a part of N, is the same.

    synapse = TsodyksMarkram(); synapse.release([10, 30, 50]); synapse.steady_state(20)
    """

    PARAMETERS = (
        Parameter("U", 0.45, "", "part that a first spike releases", above=0, high=1),
        Parameter("tau_d", 750.0, "ms", "recovery from depression", above=0),
        Parameter("tau_f", 50.0, "ms", "decay of facilitation", above=0),
        Parameter("A_psp", 1.0, "mV", "peak of the potential at full release"),
        Parameter("tau_rise", 3.0, "ms", "rise of the potential", above=0),
        Parameter("tau_m", 20.0, "ms", "decay of the potential", above=0),
    )
    OPTIONS = ("n_vesicles",)

    def __init__(self, U=0.45, tau_d=750.0, tau_f=50.0, n_vesicles=None, **more):
        super().__init__(U=U, tau_d=tau_d, tau_f=tau_f, **more)
        self.n_vesicles = n_vesicles
        if n_vesicles is not None:
            self.n_vesicles = checks.whole(
                "TsodyksMarkram", "n_vesicles", n_vesicles, low=1
            )

    def release(self, spike_times, seed=None, rng=None):
        """What each spike releases, as a part of all: the r of `variables`."""
        return self.variables(spike_times, seed, rng).r

    def variables(self, spike_times, seed=None, rng=None):
        """u, x and r of each spike, each an array of the shape that came.

        spike_times (n_spikes,): ms, rising. A matrix (n_trains, n_spikes) or a list of
        arrays: several trains, each through a synapse of its own; of a list, u, x and r
        are lists. seed or rng: of the random numbers, where n_vesicles is given.
        """
        where = "TsodyksMarkram"
        trains, single = as_trains(where, spike_times)
        lengths = [len(train) for train in trains]
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        times = np.concatenate([*trains, np.empty(0)])
        out = Release(*(np.empty(len(times)) for _ in range(3)))
        constants = (self.U, self.tau_d, self.tau_f)
        if self.n_vesicles is None:
            step = backend.function("tsodyks_markram")
            step(times, starts, *constants, *out)
        else:
            if rng is None and seed is None:
                rng = np.random.default_rng()
            generator = checks.generator(where, seed, rng)
            shape = {"spikes": len(times), "n_vesicles": self.n_vesicles}
            checks.memory_for(where, shape)
            uniforms = generator.random((len(times), self.n_vesicles))
            empty = np.empty(self.n_vesicles, np.uint8)
            step = backend.function("tsodyks_markram_vesicles")
            step(times, starts, *constants, uniforms, empty, *out)
        if single:
            return out
        split = [np.split(values, starts[1:-1]) for values in out]
        if isinstance(spike_times, np.ndarray):
            split = [np.array(rows).reshape(spike_times.shape) for rows in split]
        return Release(*split)

    def steady_state(self, rate_hz):
        """u, x and r once a regular train of rate_hz has gone on for long.

        With T = 1000 / rate_hz:  u = U / (1 - (1 - U) e^(-T / tau_f)),
        x = (1 - e^(-T / tau_d)) / (1 - (1 - u) e^(-T / tau_d)),  r = u x.
        rate_hz: above 0, a number or an array.
        """
        where = "TsodyksMarkram.steady_state"
        rate = checks.floating(where, "rate_hz", rate_hz, dtype=np.float64)
        if not (rate > 0).all():
            raise ValueError(
                f"{where}: rate_hz is {checks.describe(rate_hz)}; expected spikes per "
                "second, above 0"
            )
        if rate.size:
            _refuse_rate(where, float(rate.min()), "rate_hz is")
        kept_f = np.exp(-1000.0 / rate / self.tau_f)
        kept_d = np.exp(-1000.0 / rate / self.tau_d)
        u = self.U / (1 - (1 - self.U) * kept_f)
        x = (1 - kept_d) / (1 - (1 - u) * kept_d)
        return Release(*(v[()] for v in (u, x, u * x)))

    def run(self, T_ms, dt_ms=0.1, stimulus=20.0, seed=None, rng=None, progress=True):
        """What the terminal and the cell behind it do over T_ms.

        stimulus: a rate in Hz, for regular spikes, the first after one period; or the
        times of the spikes in ms, in any form that `release` takes; those after T_ms
        are left out. seed, rng: there.

        Returns a Simulation: V the postsynaptic potential in mV above rest, the sum of
        r A_psp (e^(-t / tau_m) - e^(-t / tau_rise)) / peak over the spikes before;
        traces u and x; sim["r"] the release of each spike. Exact at all times.
        progress: a bar on a terminal past two seconds; Ctrl-C keeps what was computed.
        """
        where = "TsodyksMarkram.run"
        n_steps, dt = self._steps(T_ms, dt_ms)
        times = stimulus
        if isinstance(stimulus, (int, float, np.number)):
            rate = checks.number(where, "stimulus", stimulus, low=0, below=np.inf)
            _refuse_rate(where, rate)
            count = int(min(n_steps * dt * rate / 1000.0 + 1e-9, 2.0**62))
            checks.memory_for(where, {"the number of spikes": count})
            times = 1000.0 / rate * np.arange(1, count + 1) if count else np.empty(0)
            if rate and not count:
                wait = 1000.0 / rate
                train = f"a train of {rate:g} Hz"
                check_times(where, train, wait, wait, n_steps * dt)
        elif callable(stimulus) or isinstance(stimulus, (str, stimuli.Stimulus)):
            raise TypeError(
                f"{where}: stimulus is {stimulus!r}; expected a rate in Hz, or the "
                "times of the spikes in ms: a terminal gets spikes, no current"
            )
        trains, single = as_trains(where, times, "stimulus")
        if ends := [t for train in trains if len(train) for t in train[[0, -1]]]:
            span = min(ends), max(ends)
            check_times(where, "the stimulus", *span, n_steps * dt)
        after = self.variables(trains, seed, rng)
        responses = [
            self._response(*train) for train in zip(trains, *after, strict=True)
        ]
        checks.memory_for(where, {"n_steps": n_steps, "n_trains": len(trains)})
        out = np.empty((3, n_steps, len(trains)))  # u, x, V

        def advance(start, stop):
            t = np.arange(start, stop) * dt
            for i, response in enumerate(responses):
                out[:, start:stop, i] = response(t)

        done = running.in_parts(where, n_steps, advance, progress)
        t = np.arange(done) * dt
        u, x, V = out[:, :done, 0] if single else out[:, :done]
        within = [int(np.searchsorted(train, done * dt * ROUND)) for train in trains]
        trains, r = (
            [values[:n] for values, n in zip(rows, within, strict=True)]
            for rows in (trains, after.r)
        )
        if single:
            (trains,), (r,) = trains, r
        traces = {"u": u, "x": x, "r": r}
        return Simulation(copy.copy(self), dt, t, V, trains, traces)

    def _response(self, times, u, x, r):
        """A function of times t (n,): u, x and V, from what they are at the spikes."""
        tau_m, tau_rise = self.tau_m, self.tau_rise
        if tau_m == tau_rise:
            tau_rise *= 1 - 1e-6  # the limit, t e^(-t / tau), but for 1e-6 of it
        peak = np.log(tau_m / tau_rise) * tau_m * tau_rise / (tau_m - tau_rise)
        scale = self.A_psp / (np.exp(-peak / tau_m) - np.exp(-peak / tau_rise))
        slow, fast = _summed(times, r, tau_m), _summed(times, r, tau_rise)
        decaying = [  # each with the value 0 before the first spike
            (np.concatenate([[0.0], values]), tau)
            for values, tau in (
                (u, self.tau_f), (1 - x + r, self.tau_d), (slow, tau_m),
                (fast, tau_rise),
            )
        ]  # fmt: skip
        begins = np.concatenate([[0.0], times])

        def response(t):
            last = np.searchsorted(times, t, side="right")  # spikes up to t
            since = t - begins[last]
            u, gone, slow, fast = (
                values[last] * np.exp(-since / tau) for values, tau in decaying
            )
            return u, 1 - gone, scale * (slow - fast)

        return response

    def _plot(self, sim, **options):
        from ...plot.neuro import release

        return release.response(sim, **options)


def _refuse_rate(where, rate_hz, what="stimulus is", asks="is it in Hz?"):
    """ValueError for a rate at which no axon fires."""
    if rate_hz > HIGHEST_HZ * ROUND:
        raise ValueError(f"{where}: {what} {rate_hz:g} Hz, as no axon fires; {asks}")


def _summed(times, r, tau):
    """The sum of r[i] e^(-(times[k] - times[i]) / tau) over i = 0 .. k, for each k."""
    kept = np.exp(-np.diff(times, prepend=0.0) / tau)
    sums = r.copy()
    for k in range(1, len(times)):
        sums[k] += kept[k] * sums[k - 1]
    return sums


def as_trains(where, spike_times, argument="spike_times"):
    """[array of times, ...] and whether one train alone came; errors teach."""
    several = isinstance(spike_times, (list, tuple)) and len(spike_times) > 0
    several = several and any(np.ndim(train) > 0 for train in spike_times)
    if not several and np.ndim(spike_times) == 2:
        spike_times, several = list(spike_times), True
    trains = []
    for i, train in enumerate(spike_times if several else [spike_times]):
        name = f"{argument}[{i}]" if several else argument
        times = checks.floating(where, name, train, 1, np.float64)
        if not np.isfinite(times).all():
            raise ValueError(f"{where}: {name} has NaN or infinities; expected ms")
        if len(times) and times[0] < 0:
            raise ValueError(f"{where}: {name} begins at {times[0]:g} ms, before 0")
        if (np.diff(times) <= 0).any():
            k = int(np.argmax(np.diff(times) <= 0))
            raise ValueError(
                f"{where}: {name} goes from {times[k]:g} to {times[k + 1]:g} ms; "
                "expected rising times, as np.unique(times) makes them"
            )
        if len(times) > 1:
            hz = 1000.0 * (len(times) - 1) / float(times[-1] - times[0])
            _refuse_rate(where, hz, f"{name} has spikes at", "are they in ms?")
        trains.append(times)
    return trains, not several
