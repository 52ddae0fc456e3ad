"""The exact values that kernels are measured against, to 64 bits (numpy.longdouble).

x86's long double carries 11 bits more than float64, so an error of a few of its own
ulp is about 1/500 ulp of float64. exp, log, expm1, log1p and tanh are the C library's
(below 1 ulp of long double); the normal distribution comes from its own series and
continued fraction, because NumPy has no erfc.
"""

import numpy as np
import pytest

L = np.longdouble
PI = L("3.14159265358979323846264338327950288")
SCALE = L("1.0507009873554804934193349852946")
ALPHA = L("1.6732632423543772848170429916717")

needs_long_double = pytest.mark.skipif(
    np.finfo(L).nmant < 63, reason="no 80-bit long double on this machine"
)


def sigmoid(x):
    e = np.exp(-abs(x))
    return np.where(x < 0, e, 1) / (1 + e)


def softplus(x):
    return np.where(x < 0, 0, x) + np.log1p(np.exp(-abs(x)))


def elu(x):
    return np.where(x >= 0, x, np.expm1(np.where(x > 0, 0, x)))


def selu(x):
    return SCALE * np.where(x >= 0, x, ALPHA * np.expm1(np.where(x > 0, 0, x)))


def _gauss(t):
    """e^(-t^2/2); t = h + l with h so short that h * h is exact."""
    h = t.astype(np.float32).astype(L)
    return np.exp(-h * h / 2) * np.exp(-(t - h) * (t + h) / 2)


def _tail(t):
    """Phi(-t) for t >= 0.

    Below 2.5: 1/2 - e^(-t^2/2)/sqrt(2 pi) (t + t^3/3 + t^5/15 + ...), which loses at
    most 7 of the 11 bits to spare. Above: Laplace's continued fraction
    1/(t + 1/(t + 2/(t + 3/(t + ...)))), whose 150th convergent is exact to 64 bits.
    """
    near = np.where(t < 2.5, t, 0)
    term = total = near
    for k in range(1, 60):
        term = term * near * near / (2 * k + 1)
        total = total + term
    far = np.where(t < 2.5, 3, t)
    fraction = np.zeros_like(far)
    for k in range(150, 0, -1):
        fraction = k / (far + fraction)
    root = np.sqrt(2 * PI)
    series = L(0.5) - _gauss(near) * total / root
    return np.where(t < 2.5, series, _gauss(far) / (far + fraction) / root)


def gelu(x):
    x = np.where(x < -45, -45, x)
    tail = _tail(np.where(abs(x) > 45, 45, abs(x)))
    return x * np.where(x < 0, tail, 1 - tail)


def gelu_tanh(x):
    x = np.where(x < -45, -45, x)
    y = np.where(x > 45, 45, x)
    return x * sigmoid(2 * np.sqrt(2 / PI) * (y + L("0.044715") * y * y * y))


def silu(x):
    x = np.where(x < -12000, -12000, x)
    return x * sigmoid(x)


# name: (exact function, its limit in ulp for float32, for float64)
FUNCTIONS = {
    "exp": (np.exp, 2, 4),
    "log": (np.log, 2, 4),
    "tanh": (np.tanh, 2, 4),
    "sigmoid": (sigmoid, 2, 4),
    "softplus": (softplus, 2, 4),
    "elu": (elu, 2, 4),
    "selu": (selu, 2, 4),
    "gelu": (gelu, 2, 4),
    "gelu_tanh": (gelu_tanh, 2, 4),
    "silu": (silu, 2, 4),
}


def value(name, x):
    """The function `name` of the float32 or float64 array x, in long double."""
    with np.errstate(all="ignore"):
        return FUNCTIONS[name][0](np.asarray(x).astype(L))
