"""What one does with a cell in the laboratory: f-I curves, thresholds, refractoriness.

Each experiment runs all its currents at once, as units of one simulation.
"""

import warnings
from typing import NamedTuple

import numpy as np

from ...ops import checks
from ..model import FaintError
from ..parameters import Parameter
from ..spikes import LEVEL
from ..stimuli import pulse, step
from .hodgkin_huxley import METHODS

SETTLE = Parameter("settle_ms", 300.0, "ms", "time to settle", low=0, endless=True)
WIDTH = Parameter("widths_ms", 3.0, "ms", "width of a pulse", endless=True)
REACHES = LEVEL._replace(name="reaches_mV")
TRIALS = 16  # amplitudes tried together; each round narrows the search 17 times


class FICurve(NamedTuple):
    """Firing rate over steady current. rates_hz: 0 where the cell does not go on."""

    currents: np.ndarray
    rates_hz: np.ndarray
    spike_counts: np.ndarray  # in the whole run, the first spikes included
    unit: str = ""  # of the currents

    def plot(self, **options):
        from ...plot.neuro import cells

        return cells.f_i_curve(self, **options)


def f_I(model, currents, T_ms=1000.0, dt_ms=None, *, settle_ms=300.0, **run):  # noqa: N802
    """The f-I curve: the rate at which `model` fires under each steady current.

    currents (n,): in the model's unit, from t = 0 on. The rate is 1 over the mean
    interval between the spikes after settle_ms; 0 where there are no two of these, or
    where the cell fell silent before the end. run: other arguments of model.run.
    Returns an FICurve.
    """
    currents = checks.floating("f_I", "currents", currents, 1, np.float64)
    T_ms = checks.number("f_I", "T_ms", T_ms, above=0)
    settle_ms = checks.number("f_I", "settle_ms", settle_ms, low=0, below=T_ms)
    SETTLE.judge("f_I", "settle_ms", settle_ms)
    sim = _each(model, [step(c) for c in currents.tolist()], T_ms, dt_ms, run)
    trains = _trains(sim)
    rates = [_lasting_rate(times, settle_ms, T_ms) for times in trains]
    counts = np.array([len(times) for times in trains])
    _warn_of_small_peaks(sim, currents, rates, settle_ms, model.CURRENT)
    return FICurve(currents, np.array(rates), counts, model.CURRENT)


def _lasting_rate(times, settle_ms, T_ms):
    late = times[times >= settle_ms]
    if len(late) < 2:
        return 0.0
    interval = (late[-1] - late[0]) / (len(late) - 1)
    longest = max(interval, np.diff(late).max())
    return 1000.0 / interval if T_ms - late[-1] <= 1.5 * longest else 0.0


def _warn_of_small_peaks(sim, currents, rates, settle_ms, unit):
    """RuntimeWarning for currents of rate 0 under which V goes on swinging."""
    V = sim.V.reshape(len(sim.t), -1)[sim.t >= settle_ms]
    quarter = len(V) // 4
    if quarter < 2 or 0.0 not in rates:
        return
    before, late = V[-2 * quarter : -quarter], V[-quarter:]
    swing = np.ptp(late, axis=0)
    high = late > late.mean(axis=0)
    turns = (high[1:] != high[:-1]).sum(axis=0)
    # two cycles and more, as large as those before: no decay to rest
    lasts = (turns >= 4) & (swing >= 0.9 * np.ptp(before, axis=0))
    found = np.flatnonzero((np.array(rates) == 0.0) & lasts & (swing > 1.0))
    if len(found):
        listed = ", ".join(f"{c:g}" for c in currents[found])
        warnings.warn(
            f"f_I: at {listed} {unit} V swings by {swing[found].max():.2g} mV to the "
            "end of the run, but its peaks are too small for find_spikes: the rate is "
            "given as 0, but the cell is not silent: look at V of such a run",
            RuntimeWarning,
            stacklevel=3,
        )


def _each(model, stimuli, T_ms, dt_ms, run):
    """One run with a unit for each stimulus."""
    steps = {} if dt_ms is None else {"dt_ms": dt_ms}
    with warnings.catch_warnings():  # a search goes far beyond what a cell would bear
        warnings.filterwarnings("ignore", message=".*as in no cell")
        return model.run(T_ms, stimulus=stimuli, **steps, **run)


def _trains(sim):
    spikes = sim.spike_times
    return spikes if isinstance(spikes, list) else [spikes]


def threshold(
    model,
    stimulus,
    low=0.0,
    high=None,
    *,
    T_ms=60.0,
    dt_ms=None,
    tolerance=1e-3,
    after_ms=0.0,
    reaches_mV=None,
    **run,
):
    """The amplitude from which on `model` fires, between `low` and `high`.

    stimulus: a function of the amplitude, as `lambda I: neuro.pulse(I, 5, 1)`. low and
    high: amplitudes at which it does not fire, and does; high may be the lower number,
    for currents that hyperpolarise; None: looked for by doubling. It fires if
    there is a spike from after_ms on; with reaches_mV, if V gets there. tolerance: how
    near to the truth, in the unit of the amplitude. run: other arguments of model.run.
    ValueError: it fires at low already, or not at high.
    """
    checks.number("threshold", "tolerance", tolerance, above=0)
    T_ms = checks.number("threshold", "T_ms", T_ms, above=0)
    checks.number("threshold", "after_ms", after_ms, below=T_ms)
    if reaches_mV is not None:
        reaches_mV = REACHES.checked("threshold", reaches_mV)

    def fires(amplitudes):
        stimuli = [stimulus(amplitude) for amplitude in amplitudes]
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".* moves V by")  # the search begins low
            sim = _each(model, stimuli, T_ms, dt_ms, run)
        if reaches_mV is None:
            return [bool((times >= after_ms).any()) for times in _trains(sim)]
        late = sim.V[sim.t >= after_ms].reshape(-1, len(amplitudes))
        return (late.max(axis=0) >= reaches_mV).tolist()

    if high is None:
        high = _by_doubling(fires, low)
    at_low, at_high = fires([low, high])
    if at_low or not at_high:
        raise ValueError(
            f"threshold: at low, {low:g}, it {'fires' if at_low else 'is silent'}, and "
            f"at high, {high:g}, it {'fires' if at_high else 'is silent'}; low must be "
            "an amplitude at which it does not fire, high one at which it does"
        )
    while abs(high - low) > tolerance:
        trials = np.linspace(low, high, TRIALS + 2).tolist()
        found = [*fires(trials[1:-1]), True]
        first = found.index(True) + 1
        if (low, high) == (trials[first - 1], trials[first]):
            break
        low, high = trials[first - 1], trials[first]
    return (low + high) / 2.0


def _by_doubling(fires, low):
    """The first of low + 1, low + 2, low + 4, ... at which it fires."""
    for k in range(21):
        try:
            if fires([low + 2.0**k])[0]:
                return low + 2.0**k
        except FaintError:
            continue  # the search begins low
        except (ValueError, FloatingPointError) as error:  # a current as in no cell
            if k == 0:
                raise
            raise ValueError(
                f"threshold: it fires at no amplitude up to {low + 2.0 ** (k - 1):g}: "
                f"{error}"
            ) from None
    raise ValueError(f"threshold: it fires at no amplitude up to {low + 2.0**20:g}")


class StrengthDuration(NamedTuple):
    """Thresholds of pulses by their width; charges = thresholds * widths."""

    widths_ms: np.ndarray
    thresholds: np.ndarray
    charges: np.ndarray
    unit: str = ""  # of the thresholds

    def plot(self, **options):
        from ...plot.neuro import cells

        return cells.strength_duration_curve(self, **options)


def strength_duration(model, widths_ms, *, start_ms=5.0, after_ms=20.0, **search):
    """The weakest pulse of each width that lets `model` fire.

    widths_ms (n,): widths in ms. The cell is watched until after_ms after the pulse.
    search: other arguments of `threshold`. Returns a StrengthDuration; for the squid,
    its charges in nC/cm2 are constant for short pulses.
    """
    where = "strength_duration"
    widths = checks.floating(where, "widths_ms", widths_ms, 1, np.float64)
    WIDTH.judge_any(where, "widths_ms", widths)
    thresholds = np.array(
        [
            threshold(
                model,
                lambda amplitude, width=width: pulse(amplitude, start_ms, width),
                T_ms=start_ms + width + after_ms,
                **search,
            )
            for width in widths.tolist()
        ]
    )
    return StrengthDuration(widths, thresholds, thresholds * widths, model.CURRENT)


class Refractoriness(NamedTuple):
    """Threshold of a second pulse by its distance from a first one that fires."""

    gaps_ms: np.ndarray
    thresholds: np.ndarray
    resting_threshold: float

    def plot(self, **options):
        from ...plot.neuro import cells

        return cells.refractoriness_curve(self, **options)


def refractoriness(
    model, gaps_ms, *, width_ms=1.0, first=2.0, start_ms=5.0, after_ms=15.0,
    reaches_mV=0.0, **search,
):  # fmt: skip
    """The threshold of a second pulse, gaps_ms after the begin of a first one.

    The first pulse is `first` times as strong as the weakest that fires. After it the
    threshold is high (relative refractory period), and may then fall below that at rest
    (supernormal period). V must reach reaches_mV: strong pulses alone lift it far.
    search: other arguments of `threshold`. Returns a Refractoriness.
    """
    gaps = checks.floating("refractoriness", "gaps_ms", gaps_ms, 1, np.float64)
    for gap in gaps.tolist():
        checks.number("refractoriness", "gaps_ms", gap, above=width_ms)

    def one(amplitude, at=start_ms):
        return pulse(amplitude, at, width_ms)

    search = {"reaches_mV": reaches_mV, **search}
    at_rest = threshold(model, one, T_ms=start_ms + after_ms, **search)
    thresholds = []
    for gap in gaps.tolist():
        second = start_ms + gap

        def both(amplitude, second=second):
            return one(first * at_rest) + one(amplitude, second)

        end = {"T_ms": second + after_ms, "after_ms": second}
        thresholds.append(threshold(model, both, **end, **search))
    return Refractoriness(gaps, np.array(thresholds), at_rest)


class Convergence(NamedTuple):
    """How the error of V falls with the step: errors_mV[method], orders[method]."""

    steps_ms: np.ndarray
    errors_mV: dict  # noqa: N815  (in mV)
    orders: dict  # slope of log error over log step

    def plot(self, **options):
        from ...plot.neuro import cells

        return cells.convergence_curves(self, **options)


def convergence(model, steps_ms, stimulus, T_ms=12.0, methods=None, finer=10):
    """Errors of the schemes of a HodgkinHuxley patch over the length of their steps.

    steps_ms (n,): each must divide the longest. The error is the largest |V - V*| at
    the multiples of the longest step; V* is by "rk4" with steps `finer` times shorter
    than the shortest. methods: names; None: all. The stimulus should not jump within a
    step. Returns a Convergence: orders near 1 for "euler", 4 for "rk4", else 2.
    """
    where = "convergence"
    steps = np.sort(checks.floating(where, "steps_ms", steps_ms, 1, np.float64))[::-1]
    ratios = steps[0] / steps
    if len(steps) < 2 or np.abs(ratios - np.rint(ratios)).max() > 1e-6:
        raise ValueError(
            f"{where}: steps_ms is {steps.tolist()}; expected two or more, each of "
            "which divides the longest, as 0.04, 0.02, 0.01"
        )
    finer = checks.whole(where, "finer", finer, low=2)

    def at_multiples(method, parts):
        dt = steps[0] / parts
        return model.run(T_ms, dt, stimulus, method=method).V[::parts]

    exact = at_multiples("rk4", finer * round(ratios[-1]))
    errors, orders = {}, {}
    for method in METHODS if methods is None else methods:
        traces = [at_multiples(method, round(ratio)) for ratio in ratios]
        errors[method] = np.array([np.abs(V - exact).max() for V in traces])
        orders[method] = float(np.polyfit(np.log(steps), np.log(errors[method]), 1)[0])
    return Convergence(steps, errors, orders)
