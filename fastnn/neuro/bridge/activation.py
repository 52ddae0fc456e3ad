"""Which activation function is a neuron's f-I curve like, and how unlike is it?

    currents = np.linspace(0, 0.5, 101)                          # nA
    rates = neuro.siegert(-65 + 100 * currents, sigma=5)
    fit = neuro.fit_activation(currents, rates, kind="softplus")
    fit.rms, fit.largest, fit.network()

A fit says nothing by itself; its residual does.
"""

import warnings

import numpy as np

from ...network import Dense, Network
from ...ops import checks

__all__ = ["ActivationFit", "fit_activation"]

KINDS = ("relu", "softplus", "sigmoid")
# The slope over the last fifth of the currents, by the steepest of all fifths, above
# which a curve has not bent down yet. A sigmoid seen up to 97 % of its maximum: 0.24.
STILL_RISING = 0.25


class ActivationFit:
    """An activation function that was fitted to a neuron's rates.

    With z = (I - threshold) / width, in the unit of the currents and in Hz:

        relu        rate = gain max(0, I - threshold)
        softplus    rate = gain width ln(1 + e^z)
        sigmoid     rate = maximum / (1 + e^-z), gain = maximum / (4 width) its slope

    kind, gain (Hz per unit of current), threshold, width (0 for relu), maximum (inf but
    for a sigmoid). currents, rates (n,): what it was fitted to. residuals (n,): rates
    minus the fit, Hz; rms and largest: their root mean square and largest size; r2:
    1 - sum residuals^2 / sum (rates - mean)^2.
    """

    def __init__(self, kind, gain, threshold, width, currents, rates):
        self.kind, self.gain = kind, float(gain)
        self.threshold, self.width = float(threshold), float(width)
        self.maximum = 4.0 * self.gain * self.width if kind == "sigmoid" else np.inf
        self.currents, self.rates = currents, rates
        self.residuals = rates - self(currents)
        self.rms = float(np.sqrt(np.mean(self.residuals**2)))
        self.largest = float(np.abs(self.residuals).max())
        top = rates.max()  # squares of tiny rates would vanish
        spread = np.sum((rates / top - np.mean(rates / top)) ** 2)
        self.r2 = float(1.0 - np.sum((self.residuals / top) ** 2) / spread)

    def __call__(self, currents):
        """The fitted rate in Hz at each current, of the shape of `currents`."""
        I = checks.floating(  # noqa: E741  (the field's letter for a current)
            "ActivationFit", "currents", currents, dtype=np.float64
        )
        if self.kind == "relu":
            return self.gain * np.maximum(I - self.threshold, 0.0)
        shape = _shape(self.kind, (I - self.threshold) / self.width)
        return (4.0 if self.kind == "sigmoid" else 1.0) * self.gain * self.width * shape

    def network(self):
        """The artificial neuron: a Network that maps currents (n, 1) to Hz (n, 1).

        Dense(1, 1) with the activation: its weight is 1 / width and its bias
        -threshold / width (relu: 1 and -threshold). A second Dense is the scale in Hz.
        """
        width = self.width or 1.0
        net = Network(
            [Dense(1, 1, activation=self.kind), Dense(1, 1, bias=False)],
            dtype="float64",
        )
        scale = self.maximum if self.kind == "sigmoid" else self.gain * width
        net.layers[0].weights[...] = 1.0 / width
        net.layers[0].bias[...] = -self.threshold / width
        net.layers[1].weights[...] = scale
        return net

    def plot(self, *others, label="input current"):
        """The curve with this fit, and others of the same curve, and their residuals.

        label: of the currents' axis, with their unit. Returns the matplotlib figure.
        """
        from ...plot.neuro import bridge

        return bridge.activations([self, *others], label)

    def __repr__(self):
        parts = [
            f"gain = {self.gain:.4g} Hz per unit",
            f"threshold = {self.threshold:.4g}",
        ]
        if self.kind != "relu":
            parts.append(f"width = {self.width:.4g}")
        if self.kind == "sigmoid":
            parts.append(f"maximum = {self.maximum:.4g} Hz")
        parts.append(f"rms residual = {self.rms:.3g} Hz, at most {self.largest:.3g} Hz")
        return f"<{self.kind}: {', '.join(parts)}>"


def fit_activation(currents, rates, kind="softplus"):
    """Fit an activation function to an f-I curve by least squares.

    currents (n,): in any unit. rates (n,): Hz, at least 0. kind: "relu", "softplus" or
    "sigmoid", whose formulas ActivationFit shows. A relu is found exactly, among all
    sets of points above its corner; the others by Levenberg and Marquardt's steps from
    a grid of starts.

    Returns an ActivationFit; look at its rms. Warns (RuntimeWarning) when a sigmoid is
    fitted to a curve that still rises: its maximum would be where the data end.
    Raises ValueError or TypeError for other kinds, unequal lengths, fewer than 4
    different currents, negative rates or one rate throughout.

    >>> fit = fit_activation([0, 1, 2, 3, 4], [0, 0, 0, 10, 20], kind="relu")
    >>> fit.gain, fit.threshold, fit.rms
    (10.0, 2.0, 0.0)
    """
    where = "fit_activation"
    checks.choice(where, "kind", kind, KINDS)
    x, r = _curve(where, currents, rates)
    # both scales are set apart, so that units do not matter
    shift, scale, top = x.min(), np.ptp(x), r.max()
    if kind == "relu":
        gain, threshold = _fit_relu(x, r / top)
        return ActivationFit(kind, gain * top, threshold, 0.0, x, r)
    if kind == "sigmoid":
        _warn_if_still_rising(where, x, r)
    height, theta, log_width = _fit_smooth(kind, (x - shift) / scale, r / top)
    width = np.exp(log_width) * scale
    gain = height * top / (width * (4.0 if kind == "sigmoid" else 1.0))
    return ActivationFit(kind, gain, shift + theta * scale, width, x, r)


def _curve(where, currents, rates):
    x = checks.floating(where, "currents", currents, ndim=1, dtype=np.float64)
    r = checks.floating(where, "rates", rates, ndim=1, dtype=np.float64)
    checks.same_shape(where, "currents", x, "rates", r)
    for name, values in (("currents", x), ("rates", r)):
        if not np.isfinite(values).all():
            raise ValueError(f"{where}: {name} has NaN or infinities; leave them out")
    if len(np.unique(x)) < 4:
        raise ValueError(
            f"{where}: currents has {len(np.unique(x))} different values; expected at "
            "least 4, for up to 3 parameters are fitted"
        )
    if r.min() < 0:
        raise ValueError(f"{where}: rates has {r.min():g}; a rate is at least 0 Hz")
    if np.ptp(r) == 0:
        raise ValueError(
            f"{where}: rates are {r[0]:g} Hz at every current, there is no curve to be "
            "fitted; take currents from silence to firing"
        )
    return x, r


def _warn_if_still_rising(where, x, r):
    order = np.argsort(x)
    grid = np.linspace(x.min(), x.max(), 6)
    slopes = np.diff(np.interp(grid, x[order], r[order]))
    if slopes[-1] > STILL_RISING * slopes.max():
        warnings.warn(
            f"{where}: a sigmoid is fitted, but the rate still rises at the highest "
            f"current, {slopes[-1] / slopes.max():.0%} as steeply as at most: no "
            "maximum is in view, the fitted one only says where the currents end. Go "
            "to currents at which the refractory period limits the rate, or take "
            "kind='softplus'",
            RuntimeWarning,
            stacklevel=3,
        )


def _fit_relu(x, r):
    """(gain, threshold) of the best gain max(0, x - threshold), exactly.

    With the points above the corner given, it is a line through them; if the line's
    zero is not below all of them and above the rest, the corner is at one of the ends.
    """
    order = np.argsort(x)
    x, r = x[order], r[order]
    best = (np.inf, 0.0, 0.0)
    for k in range(len(x)):
        low = x[k - 1] if k else -np.inf
        candidates = [x[k - 1]] if k else []
        above, rates = x[k:], r[k:]
        centred = above - above.mean()
        spread = centred @ centred
        gain = centred @ rates / spread if spread > 0 else 0.0
        if gain > 0:
            candidates.append(above.mean() - rates.mean() / gain)
        for theta in candidates:
            if not low <= theta <= x[k]:
                continue
            z = np.maximum(x - theta, 0.0)
            if z @ z > 0:
                gain = z @ r / (z @ z)
                best = min(best, (np.sum((r - gain * z) ** 2), gain, theta))
    return best[1:]


def _shape(kind, z):
    """ln(1 + e^z) or 1 / (1 + e^-z), without overflow."""
    if kind == "softplus":
        return np.logaddexp(0.0, z)
    return np.exp(-np.logaddexp(0.0, -z))


def _fit_smooth(kind, x, r):
    """(height, theta, ln width) of the best height shape((x - theta) / width)."""
    starts = []
    for theta in np.linspace(-0.5, 1.5, 17):
        for width in np.geomspace(0.005, 1.0, 12):
            phi = _shape(kind, (x - theta) / width)
            if phi @ phi > 1e-12:
                height = phi @ r / (phi @ phi)
                error = np.sum((r - height * phi) ** 2)
                starts.append((error, [height, theta, np.log(width)]))
    starts.sort(key=lambda start: start[0])
    ends = [_descend(kind, x, r, np.array(p)) for _, p in starts[:4]]
    return min(ends, key=lambda end: end[0])[1]


def _descend(kind, x, r, p):
    """Levenberg (1944), Marquardt (1963): (squared error, parameters) at a minimum."""
    damping = 1e-3
    residual, jacobian = _linearised(kind, x, r, p)
    error = residual @ residual
    for _ in range(500):
        normal = jacobian.T @ jacobian
        damped = normal + damping * np.diag(np.diag(normal) + 1e-9 * normal.trace())
        step = np.linalg.solve(damped, jacobian.T @ residual)
        # a width that leaves the data's scale altogether is a line or a jump
        moved = p + step
        moved[2] = np.clip(moved[2], np.log(1e-4), np.log(1e3))
        ahead, jacobian_ahead = _linearised(kind, x, r, moved)
        if ahead @ ahead < error:
            done = error - ahead @ ahead <= 1e-15 * error
            p, residual, jacobian, error = moved, ahead, jacobian_ahead, ahead @ ahead
            damping = max(damping / 5.0, 1e-12)
            if done or error == 0:
                break
        elif damping > 1e10:
            break
        else:
            damping *= 4.0
    return error, p


def _linearised(kind, x, r, p):
    """Residuals (n,), and the derivatives of the model by its parameters, (n, 3)."""
    height, theta, log_width = p
    width = np.exp(log_width)
    z = (x - theta) / width
    phi, sigmoid = _shape(kind, z), _shape("sigmoid", z)
    slope = sigmoid if kind == "softplus" else sigmoid * (1.0 - sigmoid)
    jacobian = np.column_stack([phi, -height * slope / width, -height * slope * z])
    return r - height * phi, jacobian
