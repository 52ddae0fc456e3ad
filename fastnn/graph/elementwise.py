"""Element by element: arithmetic, exponentials, comparisons that choose.

Each rule stands above the function that applies it; rules.py says how to read them.
In the derivatives g is dL/dy, y the result, x the input.
"""

import numpy as np

from .. import ops
from ..ops import checks
from .rules import apply, quiet, rule


def mask(condition, like):
    """1 where the condition holds, else 0, of the dtype of `like`."""
    return condition.astype(like.dtype)


def same(x, y):
    """Whether elements are equal, for arrays and Tensors alike."""
    return np.asarray(x) == np.asarray(y)


# --- Operators ------------------------------------------------------------------------

rule("+", quiet(np.add), lambda g, z, x, y: g, lambda g, z, x, y: g)
rule("-", quiet(np.subtract), lambda g, z, x, y: g, lambda g, z, x, y: -g)
rule("*", quiet(np.multiply), lambda g, z, x, y: g * y, lambda g, z, x, y: g * x)
rule(
    "/",
    quiet(np.divide),
    lambda g, z, x, y: g / y,
    lambda g, z, x, y: -(g * z / y),
)
rule("neg", np.negative, lambda g, y, x: -g, computes=False)
ABS = rule("abs", np.abs, lambda g, y, x: g * np.sign(x), computes=False)
SQUARE = rule(
    "square", quiet(np.square), lambda g, y, x: 2.0 * (g * x), label=lambda: "**2"
)


def _power_slope(g, y, x, n):
    return g * (n * x ** (n - 1.0)) if n != 0.0 else g * 0.0


def _slope_of_base(g, z, x, y):
    """y x^(y - 1), and 0 where y = 0."""
    at_zero = same(y, 0.0)
    return g * (np.where(at_zero, 0.0, y) * x ** np.where(at_zero, 1.0, y - 1.0))


def _slope_of_exponent(g, z, x, y):
    """x^y ln x, and 0 at x = 0 where y >= 0."""
    flat = same(x, 0.0) & (np.asarray(y) >= 0.0)
    return g * (z * np.log(np.where(flat, 1.0, x)))


POWER = rule(
    "power", quiet(np.power), _power_slope, label=lambda n: f"**{n:g}"
)  # with a number for exponent
POWER_OF_NODES = rule("**", quiet(np.power), _slope_of_base, _slope_of_exponent)


def power(x, exponent):
    """x^exponent, of a number or of an array or Tensor of exponents n.

    d/dx = n x^(n - 1), and 0 for n = 0; d/dn = x^n ln x, and 0 at x = 0 for n >= 0.
    """
    if isinstance(exponent, (float, int, np.floating, np.integer)):
        exponent = float(exponent)
        if exponent == 2.0:
            return apply(SQUARE, (x,))
        return apply(POWER, (x,), (exponent,))
    return apply(POWER_OF_NODES, (x, exponent))


def square(x):
    """x^2."""
    return apply(SQUARE, (x,))


def absolute(x):
    """|x|; the derivative of |x| at 0 is taken to be 0."""
    return apply(ABS, (x,))


# --- Exponentials and their kin -------------------------------------------------------

EXP = rule("exp", ops.exp, lambda g, y, x: g * y)
EXPM1 = rule("expm1", quiet(np.expm1), lambda g, y, x: g * (y + 1.0))
LOG = rule("log", ops.log, lambda g, y, x: g / x)
LOG1P = rule("log1p", quiet(np.log1p), lambda g, y, x: g / (1.0 + x))
SQRT = rule("sqrt", quiet(np.sqrt), lambda g, y, x: g * 0.5 / y)
SIGN = rule("sign", np.sign, lambda g, y, x: g * 0.0, computes=False)
SIN = rule("sin", quiet(np.sin), lambda g, y, x: g * np.cos(x))
COS = rule("cos", quiet(np.cos), lambda g, y, x: -(g * np.sin(x)))


def exp(x):
    """Exponential: e^x."""
    return apply(EXP, (x,))


def expm1(x):
    """e^x - 1, exact near 0."""
    return apply(EXPM1, (x,))


def log(x):
    """Natural logarithm: ln x; -inf at 0, NaN below."""
    return apply(LOG, (x,))


def log1p(x):
    """ln(1 + x), exact near 0."""
    return apply(LOG1P, (x,))


def sqrt(x):
    """Square root; NaN below 0, and its derivative is infinite at 0."""
    return apply(SQRT, (x,))


def sign(x):
    """-1, 0 or 1; its derivative is 0 everywhere, at 0 too."""
    return apply(SIGN, (x,))


def sin(x):
    """Sine of x in radians."""
    return apply(SIN, (x,))


def cos(x):
    """Cosine of x in radians."""
    return apply(COS, (x,))


# --- Choices --------------------------------------------------------------------------


def _won(x, y):
    """1 where x is the larger one, 1/2 where both are equal, else 0."""
    x, y = np.asarray(x), np.asarray(y)
    return (x > y) + 0.5 * (x == y)


MAXIMUM = rule(
    "maximum",
    np.maximum,
    lambda g, z, x, y: g * mask(_won(x, y), g),
    lambda g, z, x, y: g * mask(_won(y, x), g),
    computes=False,
)
MINIMUM = rule(
    "minimum",
    np.minimum,
    lambda g, z, x, y: g * mask(_won(y, x), g),
    lambda g, z, x, y: g * mask(_won(x, y), g),
    computes=False,
)
WHERE = rule(
    "where",
    lambda x, y, condition: np.where(condition, x, y),
    lambda g, z, x, y, condition: g * mask(condition, g),
    lambda g, z, x, y, condition: g * mask(~condition, g),
    computes=False,
    label=lambda condition: "where",
)
CLIP = rule(
    "clip",
    lambda x, low, high: np.clip(x, low, high),
    lambda g, y, x, low, high: g * mask(same(x, np.clip(np.asarray(x), low, high)), g),
    computes=False,
    label=lambda low, high: f"clip({low}, {high})",
)


def maximum(x, y):
    """The larger one, element by element; two equals share the gradient evenly."""
    return apply(MAXIMUM, (x, y))


def minimum(x, y):
    """The smaller one, element by element; two equals share the gradient evenly."""
    return apply(MINIMUM, (x, y))


def where(condition, x, y):
    """x where the condition holds, else y. condition: an array of True and False."""
    condition = np.array(condition)
    if condition.dtype != bool:
        raise TypeError(
            f"where: condition is of dtype {condition.dtype}; expected True and False, "
            "such as x > 0"
        )
    return apply(WHERE, (x, y), (condition,))


def clip(x, low=None, high=None):
    """x, but no less than low and no more than high, which are numbers or None.

    The derivative is 1 from low to high, both included, and 0 outside.
    """
    for name, bound in (("low", low), ("high", high)):
        if bound is not None:
            checks.number("clip", name, bound)
    if low is None and high is None:
        raise TypeError("clip: low and high are both None; give one of them")
    if low is not None and high is not None and low > high:
        raise ValueError(f"clip: low is {low}, which is above high, {high}")
    return apply(CLIP, (x,), (low, high))
