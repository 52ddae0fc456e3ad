"""Stimuli: what is sent into a cell, as a function of time.

    step(10, start_ms=10, stop_ms=90) + noise(0.5, seed=0)

A stimulus has the unit of the model that it is sent to (uA/cm2 for a patch, nA or pA
for a whole cell). It may also be a number, an array with one value for each step (or
one row of values, one for each unit), or a function f(t_ms).

A simulation wants the mean of each of its steps, not a sample: then a pulse that begins
or ends within a step delivers its charge all the same, for any dt.
"""

import numpy as np

from ..ops import checks
from .time_steps import check_times

__all__ = ["noise", "pulse", "ramp", "step"]

NOTHING = (np.inf, -np.inf)  # the span of what is 0 always


def _hull(spans):
    """The span of all of them together."""
    starts, stops = zip(*spans, strict=True)
    return min(starts), max(stops)


class Stimulus:
    """A function of time; stimuli add up, and a factor scales them.

    span: (start, stop) in ms, outside of which it is 0; NOTHING where it is 0 always.
    """

    def __init__(self, means, text, span=(0.0, np.inf)):
        self._means = means
        self._text = text
        self.span = span

    def means(self, n_steps, dt_ms):
        """The mean over each step k, from k dt to (k + 1) dt: (n_steps,)."""
        return self._means(n_steps, dt_ms)

    def __add__(self, other):
        other = as_stimulus("stimulus", other)
        return Stimulus(
            lambda n, dt: self.means(n, dt) + other.means(n, dt),
            f"{self} + {other}",
            _hull([self.span, other.span]),
        )

    __radd__ = __add__

    def __mul__(self, factor):
        factor = checks.number("stimulus", "factor", factor)
        return Stimulus(
            lambda n, dt: factor * self.means(n, dt),
            f"{factor:g} * ({self})",
            self.span if factor else NOTHING,
        )

    __rmul__ = __mul__

    def __neg__(self):
        return -1.0 * self

    def __sub__(self, other):
        return self + -1.0 * as_stimulus("stimulus", other)

    def __repr__(self):
        return self._text


def _overlap(n_steps, dt_ms, start_ms, stop_ms):
    """Which part of each step lies between start and stop: 0 ... 1."""
    left = np.arange(n_steps) * dt_ms
    inside = np.minimum(left + dt_ms, stop_ms) - np.maximum(left, start_ms)
    part = np.clip(inside / dt_ms, 0.0, 1.0)
    whole = np.rint(part)  # k dt is not a round number in binary
    return np.where(np.abs(part - whole) < 1e-9, whole, part)


def _times(where, start_ms, stop_ms):
    start = checks.number(where, "start_ms", start_ms)
    if stop_ms is None:
        return start, np.inf
    stop = checks.number(where, "stop_ms", stop_ms)
    if stop < start:
        raise ValueError(
            f"{where}: stop_ms is {stop:g}, before start_ms, {start:g}; "
            "a stimulus ends after it has begun"
        )
    return start, stop


def step(amplitude, start_ms=0.0, stop_ms=None):
    """`amplitude` from start_ms to stop_ms (None: to the end), else 0."""
    amplitude = checks.number("step", "amplitude", amplitude)
    start, stop = _times("step", start_ms, stop_ms)
    return Stimulus(
        lambda n, dt: amplitude * _overlap(n, dt, start, stop),
        f"step({amplitude:g}, start_ms={start:g}, stop_ms={stop:g})",
        (start, stop) if amplitude else NOTHING,
    )


def pulse(amplitude, start_ms=0.0, width_ms=1.0, period_ms=None, count=None):
    """`amplitude` for width_ms, once; or every period_ms, `count` times or for ever."""
    amplitude = checks.number("pulse", "amplitude", amplitude)
    start = checks.number("pulse", "start_ms", start_ms)
    width = checks.number("pulse", "width_ms", width_ms, above=0)
    if period_ms is None:
        period, n = np.inf, 1
    else:
        period = checks.number("pulse", "period_ms", period_ms, low=width)
        n = np.inf if count is None else checks.whole("pulse", "count", count, low=1)

    def means(n_steps, dt_ms):
        total, begin, i = np.zeros(n_steps), start, 0
        while i < n and begin < n_steps * dt_ms:
            first = max(0, int(begin / dt_ms) - 1)
            last = min(n_steps, int((begin + width) / dt_ms) + 2)
            if last > first:
                shift = first * dt_ms
                total[first:last] += _overlap(
                    last - first, dt_ms, begin - shift, begin + width - shift
                )
            i += 1
            begin = start + i * period if i < n else np.inf
        return amplitude * total

    again = "" if period_ms is None else f", period_ms={period:g}, count={count}"
    return Stimulus(
        means,
        f"pulse({amplitude:g}, start_ms={start:g}, width_ms={width:g}{again})",
        (start, start + (n - 1) * period + width) if amplitude else NOTHING,
    )


def ramp(slope_per_ms, start_ms=0.0, stop_ms=None, top=None):
    """From 0 at start_ms, `slope_per_ms` more each ms, up to `top`; 0 after stop_ms."""
    slope = checks.number("ramp", "slope_per_ms", slope_per_ms)
    start, stop = _times("ramp", start_ms, stop_ms)
    top = np.inf if top is None else abs(checks.number("ramp", "top", top))

    def means(n_steps, dt_ms):
        middle = (np.arange(n_steps) + 0.5) * dt_ms
        rising = np.clip(slope * np.maximum(middle - start, 0.0), -top, top)
        return rising * _overlap(n_steps, dt_ms, start, stop)

    return Stimulus(
        means,
        f"ramp({slope:g}, start_ms={start:g}, stop_ms={stop:g})",
        (start, stop) if slope else NOTHING,
    )


def noise(sigma, tau_ms=1.0, mean=0.0, seed=None, rng=None):
    """Noise of standard deviation `sigma` that forgets with tau_ms: Ornstein-Uhlenbeck.

    x(t + dt) = mean + (x(t) - mean) e + sigma sqrt(1 - e^2) xi, e = exp(-dt / tau_ms),
    xi standard normal: exact for any dt (Uhlenbeck, Ornstein, 1930; Gillespie, 1996).
    The first value is drawn from the stationary distribution. seed or rng: as NumPy's
    generators; without them, each run has noise of its own.
    """
    sigma = checks.number("noise", "sigma", sigma, low=0)
    tau = checks.number("noise", "tau_ms", tau_ms, above=0)
    mean = checks.number("noise", "mean", mean)
    if rng is None and seed is not None:
        checks.generator("noise", seed, None)

    def means(n_steps, dt_ms):
        if tau < dt_ms / 2.0:  # half of a step: e is below 0.14
            raise ValueError(
                f"noise: tau_ms is {tau:g} ms and a step {dt_ms:g} ms: from one to the "
                "next nothing is left, and its power is the step's doing; was another "
                f"unit meant, {tau:g} s? For noise that is new in each step take "
                f"tau_ms={dt_ms / 2.0:g}"
            )
        generator = rng if rng is not None else np.random.default_rng(seed)
        xi = generator.standard_normal(n_steps)
        keep = np.exp(-dt_ms / tau)
        xi[1:] *= np.sqrt(1.0 - keep * keep)
        x = xi.tolist()
        for k in range(1, n_steps):
            x[k] += keep * x[k - 1]
        return mean + sigma * np.array(x)

    return Stimulus(means, f"noise({sigma:g}, tau_ms={tau:g}, mean={mean:g})")


def as_stimulus(where, stimulus):
    """A Stimulus out of whatever a user brings: number, array, function, Stimulus."""
    if isinstance(stimulus, Stimulus):
        return stimulus
    if callable(stimulus):
        name = getattr(stimulus, "__name__", "function")
        return Stimulus(lambda n, dt: _of_function(where, stimulus, n, dt), name)
    if np.ndim(stimulus) == 0:
        number = checks.number(where, "stimulus", stimulus)
        span = (0.0, np.inf) if number else NOTHING
        return Stimulus(lambda n, dt: np.full(n, number), f"{number:g}", span)
    array = checks.floating(where, "stimulus", stimulus, dtype=np.float64)

    def means(n_steps, dt_ms):
        if len(array) != n_steps:
            raise ValueError(
                f"{where}: stimulus has {len(array)} values, but the run has {n_steps} "
                f"steps of {dt_ms:g} ms; give one value (or one row) for each step"
            )
        return array

    return Stimulus(means, f"array of shape {array.shape}")


def _of_function(where, function, n_steps, dt_ms):
    """f at the middle of each step: its mean, to second order in dt."""
    middle = (np.arange(n_steps) + 0.5) * dt_ms
    values = np.array([function(t) for t in middle.tolist()], dtype=float)
    if not np.isfinite(values).all():
        t = middle[~np.isfinite(values.reshape(n_steps, -1)).all(axis=1)][0]
        raise ValueError(
            f"{where}: stimulus({t:g}) is {function(t)}; expected a finite number"
        )
    return values


def currents(where, stimulus, n_steps, dt_ms, n_units=1, shared=False):
    """What each unit gets in each step, C-contiguous: (n_steps, n_units).

    shared: (n_steps, 1) will do where all units get the same.
    """
    if isinstance(stimulus, (list, tuple)) and any(
        isinstance(s, Stimulus) or callable(s) for s in stimulus
    ):
        if len(stimulus) != n_units:
            raise ValueError(
                f"{where}: stimulus is a list of {len(stimulus)}, for {n_units} "
                "unit(s); give one for each, or a single one for all"
            )
        parts = [as_stimulus(where, s) for s in stimulus]
        columns = [s.means(n_steps, dt_ms).reshape(n_steps) for s in parts]
        values = np.column_stack(columns)
        span = _hull([s.span for s in parts])
    else:
        one = as_stimulus(where, stimulus)
        values, span = one.means(n_steps, dt_ms), one.span
        if values.ndim == 1:
            values = values[:, None]
    check_times(where, "the stimulus", *span, n_steps * dt_ms)
    if values.ndim != 2 or values.shape[1] not in (1, n_units):
        raise ValueError(
            f"{where}: stimulus has shape {values.shape}; expected ({n_steps},) or "
            f"({n_steps}, {n_units}): a row for each step, a column for each unit"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"{where}: stimulus has NaN or infinities")
    if shared:
        return np.ascontiguousarray(values)
    return np.ascontiguousarray(np.broadcast_to(values, (n_steps, n_units)))
