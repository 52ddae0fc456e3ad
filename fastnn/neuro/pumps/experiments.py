"""Two experiments with the pump: what it makes a neuron do, and what it remembers."""

from typing import NamedTuple

import numpy as np

from ...ops import checks
from ..parameters import Parameter
from ..stimuli import step
from .barreto_cressman import BarretoCressman
from .pumped_hodgkin_huxley import PumpedHodgkinHuxley

SILENCE = 2000.0  # ms without a spike that part bursts
GAP = Parameter("gap_ms", 1000.0, "ms", "time from step to step", low=0, endless=True)
STEP = Parameter("step_ms", 500.0, "ms", "length of a step", above=0)


class ActivityModes(NamedTuple):
    """What a neuron does at each rho (rows) and k_bath (columns)."""

    k_bath: np.ndarray
    rho: np.ndarray
    modes: list  # rows of "silent", "bursts", "continuous" or "blocked"
    period_s: np.ndarray  # from burst to burst; NaN where there are less than two
    rate_hz: np.ndarray  # in the last quarter

    def plot(self):
        """The modes as a map of coloured fields; a matplotlib figure."""
        from ...plot.neuro import pumps

        return pumps.modes(self)


class TwoSteps(NamedTuple):
    """Spikes in two equal steps, for each gap between them."""

    gap_ms: np.ndarray
    first: np.ndarray
    second: np.ndarray
    label: str

    def plot(self):
        """The second response against the gap; a matplotlib figure."""
        from ...plot.neuro import pumps

        return pumps.recovery(self)


def activity_modes(k_bath, rho, T_ms=100_000.0, dt_ms=0.03, **parameters):
    """Run BarretoCressman at each pair of k_bath (mM) and rho (mM/s).

    Silent: no spike in the last three quarters of the run, V low ("blocked": V above
    -45 mV, where sodium channels cannot recover). Bursts: at least 2 s pass without a
    spike after one. Else continuous. A run of 100 s takes about a second.
    """
    k_bath, rho = (
        checks.floating("activity_modes", name, np.atleast_1d(value), 1, np.float64)
        for name, value in (("k_bath", k_bath), ("rho", rho))
    )
    T_ms = checks.number("activity_modes", "T_ms", T_ms)
    if 0.75 * T_ms <= SILENCE:
        raise ValueError(
            f"activity_modes: T_ms is {T_ms:g} ms; expected some 100000 ms, of which "
            f"the last three quarters are longer than the {SILENCE:g} ms of silence "
            f"between bursts: was another unit meant, {T_ms:g} s?"
        )
    shape = (len(rho), len(k_bath))
    period, rate, modes = np.full(shape, np.nan), np.zeros(shape), []
    for i, strength in enumerate(rho.tolist()):
        modes.append([])
        for j, bath in enumerate(k_bath.tolist()):
            model = BarretoCressman(k_bath=bath, rho=strength, **parameters)
            sim = _whole(model.run(T_ms, dt_ms, record_ms=10 * dt_ms), T_ms)
            times = sim.spike_times
            modes[i].append(_mode(sim, T_ms))
            begins = times[np.diff(times, prepend=-np.inf) > SILENCE]
            if modes[i][j] == "bursts" and len(begins) > 1:
                period[i, j] = np.diff(begins).mean() / 1000
            rate[i, j] = (times > 0.75 * T_ms).sum() / (0.25 * T_ms / 1000)
    return ActivityModes(k_bath, rho, modes, period, rate)


def _whole(sim, T_ms):
    """The run, unless Ctrl-C has cut it short: then it stops the experiment too."""
    if len(sim.t) * sim.dt_ms < T_ms - sim.dt_ms:
        raise KeyboardInterrupt
    return sim


def _mode(sim, T_ms):
    times = sim.spike_times
    late = times[times > 0.25 * T_ms]
    if len(late) == 0:
        return "blocked" if sim.V[-1] > -45 else "silent"
    gaps = np.diff(times, append=T_ms)
    return "bursts" if gaps.max() > SILENCE else "continuous"


def two_steps(
    gap_ms, amplitude=10.0, step_ms=500.0, dt_ms=0.025, label=None, **parameters
):
    """Spikes of PumpedHodgkinHuxley in two steps of step_ms, gap_ms apart.

    With the electrogenic pump the second response grows with the gap and is full only
    after about 10 s: the sodium of the first step is still there, and the pump answers
    it. gap_ms: an array. parameters: of the model.
    """
    gaps = checks.floating("two_steps", "gap_ms", np.atleast_1d(gap_ms), 1, np.float64)
    for gap in gaps.tolist():
        checks.number("two_steps", "gap_ms", gap, low=0, below=np.inf)
    GAP.judge_any("two_steps", "gap_ms", gaps)
    step_ms = STEP.checked("two_steps", step_ms)
    model = PumpedHodgkinHuxley(**parameters)
    counts = []
    for gap in gaps.tolist():
        again, end = step_ms + gap, 2 * step_ms + gap
        stimulus = step(amplitude, 0, step_ms) + step(amplitude, again, end)
        sim = _whole(model.run(end, dt_ms, stimulus, record_ms=40 * dt_ms), end)
        times = sim.spike_times
        counts.append(((times <= step_ms).sum(), (times > again).sum()))
    first, second = np.array(counts).reshape(-1, 2).T
    if label is None:
        label = "electrogenic pump" if model.electrogenic else "pump without charge"
    return TwoSteps(gaps, first, second, label)
