"""The activations of a network, and the softmax and its logarithm.

Forward, and backward on arrays, are the kernels of fastnn.ops; the derivatives here
say the same as formulas, which can be differentiated again.
"""

import math

import numpy as np

from .. import ops
from ..ops import checks
from ..reference.activations import ACTIVATIONS, NEEDS_Z
from .arrays import shape_of
from .elementwise import clip, exp, where
from .reductions import axes_of, logsumexp
from .rules import OF_INPUT, OF_OUTPUT, apply, quiet, rule

ELU_ALPHA, LEAKY_SLOPE = 1.0, 0.01
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772  # Klambauer, 2017
GELU_C, GELU_CUBIC = math.sqrt(2.0 / math.pi), 0.044715  # Hendrycks and Gimpel, 2016


def _activation(name, derivative):
    """A rule of an activation: its kernels, and the derivative as a formula."""
    forward, backward = getattr(ops, name), getattr(ops, f"{name}_backward")
    if name in NEEDS_Z:
        code, of_input = OF_INPUT, lambda g, y, x: backward(g, x)
    else:
        code, of_input = OF_OUTPUT, lambda g, y, x: backward(g, y)
    return rule(name, forward, derivative, on_arrays=(of_input,), code=code)


def _positive(x):
    return np.asarray(x) > 0


def _two_slopes(x, left):
    """1 where x > 0, else `left`; NaN where x is NaN."""
    x = np.asarray(x)
    return np.where(np.isnan(x), x, np.where(x > 0, 1.0, left)).astype(x.dtype)


def _not_beyond(x, far):
    """x, but no farther from 0 than where a slope is flat: there is no inf * 0."""
    return clip(x, -far, far)


FLAT = 40.0  # e^-(FLAT^2 / 2) is 0 in float64


SIGMOID = _activation("sigmoid", lambda g, y, x: g * (y * (1.0 - y)))
TANH = _activation("tanh", lambda g, y, x: g * (1.0 - y * y))
RELU = _activation("relu", lambda g, y, x: g * _two_slopes(x, 0.0))
LEAKY_RELU = _activation("leaky_relu", lambda g, y, x: g * _two_slopes(x, LEAKY_SLOPE))
ELU = _activation("elu", lambda g, y, x: where(_positive(x), g, g * (y + ELU_ALPHA)))
SELU = _activation(
    "selu",
    lambda g, y, x: where(
        _positive(x), g * SELU_SCALE, g * (y + SELU_SCALE * SELU_ALPHA)
    ),
)


def _density(x):
    """The density of the normal distribution, e^(-x^2 / 2) / sqrt(2 pi)."""
    x = _not_beyond(x, FLAT)
    return exp(x * x * -0.5) * (1.0 / math.sqrt(2.0 * math.pi))


def _times_density(x):
    return _not_beyond(x, FLAT) * _density(x)


# Phi, the distribution function, is what the kernel of gelu's derivative leaves over.
CDF = rule(
    "normal_cdf",
    quiet(lambda x: ops.gelu_backward(np.ones_like(x), x) - _times_density(x)),
    lambda g, y, x: g * _density(x),
)
GELU = _activation("gelu", lambda g, y, x: g * (apply(CDF, (x,)) + _times_density(x)))


def _gelu_tanh_slope(g, y, x):
    """y = x (1 + t) / 2 with t = tanh(c (x + b x^3))."""
    x = _not_beyond(x, FLAT)
    t = tanh((x + x * x * x * GELU_CUBIC) * GELU_C)
    inner = (x * x * (3.0 * GELU_CUBIC) + 1.0) * GELU_C
    return g * ((t + 1.0) * 0.5 + x * (1.0 - t * t) * inner * 0.5)


def _silu_slope(g, y, x):
    s = sigmoid(x)
    x = _not_beyond(x, 800.0)  # e^-800 is 0 in float64
    return g * (s + x * (s * (1.0 - s)))


GELU_TANH = _activation("gelu_tanh", _gelu_tanh_slope)
SILU = _activation("silu", _silu_slope)
SOFTPLUS = _activation("softplus", lambda g, y, x: g * sigmoid(x))


def _softmax(x, axis):
    if axis in (-1, x.ndim - 1) and x.ndim:
        return ops.softmax(x)
    if not x.size:
        return x.copy()
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


SOFTMAX = rule(
    "softmax",
    quiet(_softmax),
    lambda g, y, x, axis: y * (g - np.sum(g * y, axis=axis, keepdims=True)),
    label=lambda axis: "softmax" if axis == -1 else f"softmax(axis={axis})",
)
LOG_SOFTMAX = rule(
    "log_softmax",
    quiet(lambda x, axis: x - logsumexp(x, axis, keepdims=True)),
    lambda g, y, x, axis: g - exp(y) * np.sum(g, axis=axis, keepdims=True),
    label=lambda axis: "log_softmax" if axis == -1 else f"log_softmax(axis={axis})",
)


def sigmoid(x):
    """Logistic sigmoid: 1 / (1 + e^-x) (Verhulst, 1838)."""
    return apply(SIGMOID, (x,))


def tanh(x):
    """Hyperbolic tangent: (e^x - e^-x) / (e^x + e^-x)."""
    return apply(TANH, (x,))


def relu(x):
    """Rectified linear unit: x where x > 0, else 0; relu'(0) = 0."""
    return apply(RELU, (x,))


def leaky_relu(x):
    """x where x > 0, else 0.01 x, whose slope counts at 0 too (Maas et al., 2013)."""
    return apply(LEAKY_RELU, (x,))


def elu(x):
    """x where x > 0, else e^x - 1 (Clevert et al., 2015)."""
    return apply(ELU, (x,))


def selu(x):
    """scale * (x where x > 0, else alpha (e^x - 1)) (Klambauer et al., 2017)."""
    return apply(SELU, (x,))


def gelu(x):
    """x Phi(x), Phi the normal distribution's (Hendrycks and Gimpel, 2016)."""
    return apply(GELU, (x,))


def gelu_tanh(x):
    """x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, near to gelu."""
    return apply(GELU_TANH, (x,))


def silu(x):
    """x sigmoid(x), also called swish (Elfwing et al., 2017)."""
    return apply(SILU, (x,))


def softplus(x):
    """ln(1 + e^x) (Dugas et al., 2001)."""
    return apply(SOFTPLUS, (x,))


def _one_axis(where, x, axis):
    ndim = len(shape_of(where, "x", x))
    if not ndim:
        raise ValueError(f"{where}: x is a single number; expected at least one axis")
    axis = checks.whole(where, "axis", axis, low=-ndim)
    axes_of(where, x, axis)
    return axis - ndim if axis >= 0 else axis


def softmax(x, axis=-1):
    """e^x_j / sum over k of e^x_k along an axis, by default the last (Bridle, 1990)."""
    return apply(SOFTMAX, (x,), (_one_axis("softmax", x, axis),))


def log_softmax(x, axis=-1):
    """x_j - ln(sum over k of e^x_k) along an axis, by default the last."""
    return apply(LOG_SOFTMAX, (x,), (_one_axis("log_softmax", x, axis),))


__all__ = [*(n for n in ACTIVATIONS if n != "identity"), "log_softmax", "softmax"]
