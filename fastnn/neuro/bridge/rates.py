"""From input to firing rate: what an activation function stands for.

Three neurons of which the rate is known in closed form, or as one integral:

    noiseless_rate    leaky integrate-and-fire, steady input: 0, then nearly linear
    siegert           the same with white noise: the corner becomes a smooth curve
    escape_rate       spikes at random, the likelier the higher V: the logistic function

mu is where the membrane would settle without spikes: mu = E_L + R_m I, in mV.
Derivations: docs/derivations/firing_rates.md
"""

import numpy as np

from ...ops import checks
from ..parameters import VOLTS, Parameter

__all__ = ["escape_rate", "noiseless_rate", "siegert"]

PARAMETERS = {
    p.name: p
    for p in (
        Parameter("tau_m", 20.0, "ms", "membrane time constant", above=0),
        Parameter("t_ref", 2.0, "ms", "refractory period", low=0),
        Parameter("V_th", -50.0, "mV", "threshold"),
        Parameter("V_reset", -65.0, "mV", "potential after a spike"),
        Parameter("delta_u", 2.0, "mV", "softness of the threshold", above=0),
        Parameter("tau_0", 20.0, "ms", "mean wait for a spike at V_th", above=0),
    )
}
INSTANT = PARAMETERS["tau_m"]._replace(above=None, low=0)
MU = Parameter("mu", -50.0, "mV", "potential without spikes, E_L + R_m I")
SIGMA = Parameter("sigma", 5.0, "mV", "noise")
# The integrand of `siegert` is below 1e-17 of its peak where w^2 - 2 b w > TAIL.
TAIL = 40.0
LOWEST = -3.7  # of x in w = bottom exp(x - exp(-x)): exp(-exp(-x)) is 3e-18
LARGEST = 26.0  # of b: exp(b^2) overflows soon, and the rate is below 1e-290 Hz
SETTLED = 40.0  # membrane time constants after which V is mu, to the last bit
STEEPEST = 2000.0  # |mu - V_reset| / delta_u: each takes 10 panels of the integral
AT_ONCE = 512  # rates whose integrals are summed together: bounds the memory


def _checked(where, **given):
    """Every parameter as a float; V_reset must lie below V_th."""
    values = {name: PARAMETERS[name].checked(where, v) for name, v in given.items()}
    if values["V_reset"] >= values["V_th"]:
        raise ValueError(
            f"{where}: V_reset is {values['V_reset']:g} mV, not below V_th, "
            f"{values['V_th']:g} mV; a neuron is reset to below its threshold"
        )
    return values.values()


def _potentials(where, name, value):
    x = checks.floating(where, name, value, dtype=np.float64)
    if not np.isfinite(x).all():
        raise ValueError(f"{where}: {name} has NaN or infinities; expected mV")
    return x


def _settling(where, mu):
    """The potentials mu; ValueError if none is as far from 0 as those of cells are."""
    mu = _potentials(where, "mu", mu)
    largest = np.abs(mu).max(initial=0.0)
    if 0.0 < largest < VOLTS:
        raise ValueError(
            f"{where}: mu is at most {largest:g} mV; expected tens of mV, E_L + R_m I: "
            f"was another unit meant, {largest:g} V?"
        )
    MU.judge_any(where, "mu", mu)
    return mu


def noiseless_rate(mu, tau_m=20.0, t_ref=2.0, V_th=-50.0, V_reset=-65.0):
    """The f-I curve of a leaky integrate-and-fire neuron, in Hz, as closed form.

    tau_m dV/dt = mu - V takes tau_m ln((mu - V_reset) / (mu - V_th)) from V_reset to
    V_th, so that

        f = 1000 / (t_ref + tau_m ln((mu - V_reset) / (mu - V_th)))   if mu > V_th,

    else 0. Far above threshold, without t_ref, it is the straight line
    1000 (mu - (V_th + V_reset) / 2) / (tau_m (V_th - V_reset)): a relu.

    mu: any shape, E_L + R_m I in mV. tau_m, t_ref in ms; V_th, V_reset in mV.
    Returns Hz, of mu's shape (a float for a number). Raises ValueError where a
    parameter is out of its range, or not finite, and for a mu in V
    or uV.

    >>> float(round(noiseless_rate(-65 + 100 * 0.16), 2))  # 0.16 nA into 100 MOhm
    17.41
    """
    where = "noiseless_rate"
    tau_m, t_ref, V_th, V_reset = _checked(
        where, tau_m=tau_m, t_ref=t_ref, V_th=V_th, V_reset=V_reset
    )
    mu = _settling(where, mu)
    above = np.where(mu > V_th, mu - V_th, np.inf)
    # log1p: for mu far above both, the ratio is 1 + something small
    way = tau_m * np.log1p((V_th - V_reset) / above)
    with np.errstate(divide="ignore", over="ignore"):
        return np.where(mu > V_th, 1000.0 / (t_ref + way), 0.0)[()]


def siegert(mu, sigma, tau_m=20.0, t_ref=2.0, V_th=-50.0, V_reset=-65.0):
    """The firing rate in Hz of a leaky integrate-and-fire neuron with white noise.

    The convention: tau_m dV = (mu - V) dt + sigma sqrt(tau_m) dW, so that V without a
    threshold has the variance sigma^2 / 2. (Others write sigma sqrt(2 tau_m) dW; their
    sigma is this one divided by sqrt 2.) Siegert (1951):

        1000 / f = t_ref + tau_m sqrt(pi) int_a^b exp(u^2) (1 + erf u) du,
        a = (V_reset - mu) / sigma,   b = (V_th - mu) / sigma.

    exp overflows where 1 + erf vanishes. With erf written as the integral it is, the
    inner one can be done first, and neither remains:

        sqrt(pi) int_a^b exp(u^2) (1 + erf u) du
            = int_0^inf exp(2 b w - w^2) (1 - exp(-2 (b - a) w)) / w dw.

    In x, with w ~ exp(x - exp(-x)), the trapezoidal rule converges exponentially
    (Takahasi, Mori, 1974); the relative error is below 1e-12.
    sigma = 0 is the limit without noise, `noiseless_rate`.

    mu, sigma: mV, of shapes that broadcast; sigma >= 0. tau_m, t_ref in ms; V_th,
    V_reset in mV. Returns Hz, of the common shape (a float for numbers).
    Raises ValueError where a parameter is out of its range, or not finite, and for a mu
    in V.

    >>> [round(float(f), 1) for f in siegert(-50, [1, 3, 5])]
    [13.2, 18.5, 22.7]
    """
    where = "siegert"
    numbers = _checked(where, tau_m=tau_m, t_ref=t_ref, V_th=V_th, V_reset=V_reset)
    tau_m, t_ref, V_th, V_reset = numbers
    mu = _settling(where, mu)
    sigma = _potentials(where, "sigma", sigma)
    if sigma.size and sigma.min() < 0:
        raise ValueError(f"{where}: sigma is {sigma.min():g} mV; expected at least 0")
    SIGMA.judge_any(where, "sigma", sigma)
    try:
        mu, sigma = np.broadcast_arrays(mu, sigma)
    except ValueError:
        raise ValueError(
            f"{where}: mu has shape {mu.shape} and sigma {sigma.shape}; they must "
            "broadcast: equal shapes, or one of them a number"
        ) from None
    rate = np.asarray(noiseless_rate(mu, tau_m, t_ref, V_th, V_reset)).copy()
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        b, width = (V_th - mu) / sigma, (V_th - V_reset) / sigma
    # elsewhere noise changes nothing: the relative change is 1 / (2 b^2) where b < 0
    noisy = (b > -1e7) & (b < LARGEST) & np.isfinite(width)
    b, width = b[noisy], width[noisy]
    passage = _passage_time(b, width)
    rate[noisy] = 1000.0 / (t_ref + tau_m * passage)
    return rate[()]


def _passage_time(b, width):
    """Mean time from reset to threshold, by tau_m: the integral over w, (n,) for (n,).

    b: threshold, width: threshold - reset, both by sigma. Each integral has the number
    of steps that it needs, whatever else is asked for with it.
    """
    # The roots of w^2 - 2 b w = TAIL, written so that nothing cancels.
    root = np.sqrt(b * b + TAIL)
    top = np.where(b > 0, b + root, TAIL / (root - b))
    bottom = np.exp(-2.0) * np.minimum(top, 1.0 / width)
    low, high = LOWEST, np.log(top / bottom)
    # A step h leaves exp(-2 pi y / h + b^2 sin^2 y / cos 2y) for the best y < pi / 4:
    # below 1e-13.
    step = 0.35 / np.maximum(b, 4.4)
    steps = 2 ** np.ceil(np.log2((high - low) / step)).astype(int)
    time = np.empty(len(b))
    for n in np.unique(steps).tolist():
        same = np.flatnonzero(steps == n)
        for i in range(0, len(same), AT_ONCE):
            part = same[i : i + AT_ONCE]
            time[part] = _trapezoidal(b[part], width[part], bottom[part], high[part], n)
    return time


def _trapezoidal(b, width, bottom, high, n):
    """The integral over x in n steps, w = bottom exp(x - exp(-x)); its ends are 0.

    Below x = 0 exp(-x) hurries w to 0, where the integrand only falls as w.
    """
    step = ((high - LOWEST) / n)[:, None]
    x = LOWEST + step * np.arange(n + 1)
    b, width, bottom = b[:, None], width[:, None], bottom[:, None]
    hurry = np.exp(-x)
    w = bottom * np.exp(x - hurry)
    # exp(b^2) is taken out where b > 0
    peak = np.maximum(b, 0.0) ** 2
    grows = np.exp(2.0 * b * w - w * w - peak)
    values = grows * -np.expm1(-2.0 * width * w) * (1.0 + hurry)
    return (values.sum(axis=1) * step[:, 0]) * np.exp(peak[:, 0])


def escape_rate(
    mu,
    delta_u=2.0,
    tau_0=20.0,
    t_ref=2.0,
    V_th=-50.0,
    tau_m=0.0,
    V_reset=-65.0,
):
    """The rate in Hz of a neuron that spikes at random: the logistic function.

    Escape noise (Plesser, Gerstner, 2000): at the potential V a spike comes with the
    hazard rho(V) = exp((V - V_th) / delta_u) / tau_0, Boltzmann's factor for a barrier
    of the height V_th - V. With tau_m = 0 the membrane is at mu at once, so the mean
    wait is 1 / rho(mu), after t_ref in which nothing can happen:

        f = 1000 / (t_ref + 1 / rho(mu))
          = (1000 / t_ref) / (1 + (tau_0 / t_ref) exp(-(mu - V_th) / delta_u))
          = f_max logistic((mu - theta) / delta_u),
        f_max = 1000 / t_ref,   theta = V_th + delta_u ln(tau_0 / t_ref).

    Of the two states, refractory and ready, f t_ref is the share of the first: its log
    odds are linear in mu, as for any two states that Boltzmann's law governs. Without
    t_ref there is no maximum, and the curve is an exponential.

    With tau_m > 0 the membrane must climb from V_reset first,
    V(t) = mu - (mu - V_reset) exp(-t / tau_m), and the logistic is only a likeness:

        1000 / f = t_ref + int_0^inf exp(-int_0^t rho(V(s)) ds) dt.

    mu: mV, any shape. delta_u, V_th, V_reset in mV; tau_0, t_ref, tau_m in ms.
    Returns Hz, of mu's shape (a float for a number). Raises ValueError where a
    parameter is out of its range, or not finite, and for a mu in V.

    >>> float(escape_rate(-50.0, tau_0=2.0, t_ref=2.0))  # half of 500 Hz
    250.0
    """
    where = "escape_rate"
    delta_u, tau_0, t_ref, V_th, V_reset = _checked(
        where, delta_u=delta_u, tau_0=tau_0, t_ref=t_ref, V_th=V_th, V_reset=V_reset
    )
    tau_m = INSTANT.checked(where, tau_m)
    mu = _settling(where, mu)
    with np.errstate(over="ignore"):
        wait = tau_0 * np.exp(-(mu - V_th) / delta_u)
        if tau_m > 0:
            wait = _climb_and_wait(mu, wait, delta_u, tau_0, V_th, tau_m, V_reset)
    with np.errstate(divide="ignore"):
        return (1000.0 / (t_ref + wait))[()]


def _climb_and_wait(mu, wait, delta_u, tau_0, V_th, tau_m, V_reset):
    """int_0^inf exp(-Lambda(t)) dt, Lambda the hazard added up since the reset.

    wait: 1 / rho(mu). Once the membrane has settled, exp(-Lambda) wait is left.
    """
    steepest = np.abs(mu - V_reset).max(initial=0.0) / delta_u
    if steepest > STEEPEST:
        raise ValueError(
            f"escape_rate: delta_u is {delta_u:g} mV, for a mu that is "
            f"{steepest * delta_u:g} mV away from V_reset; so sharp a threshold hardly "
            "differs from none at all, use noiseless_rate"
        )

    def hazard(time):
        """rho after each of the times, in units of tau_m: (*mu.shape, *time.shape)."""
        at = mu.reshape(mu.shape + (1,) * time.ndim)
        V = at - (at - V_reset) * np.exp(-time)
        return np.exp(np.minimum((V - V_th) / delta_u, 700.0)) / tau_0

    nodes, weights = np.polynomial.legendre.leggauss(8)
    nodes, weights = (nodes + 1) / 2, weights / 2  # for an integral from 0 to 1
    # V moves by 4 delta_u in a panel at most
    n_panels = int(SETTLED * max(steepest, 10.0) / 4)
    width = SETTLED / n_panels
    survival, total = np.ones(mu.shape), np.zeros(mu.shape)
    for left in np.arange(n_panels) * width:
        lags = width * nodes
        since_left = hazard(left + lags[:, None] * nodes) @ weights * lags * tau_m
        total += survival * (np.exp(-since_left) @ weights) * width * tau_m
        added = hazard(left + lags) @ weights * width * tau_m
        survival = survival * np.exp(-added)
    return total + np.where(survival > 0, survival * wait, 0.0)
