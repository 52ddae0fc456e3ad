"""The rules of Value: for each operation its value, and its derivative by each input.

Where Python's own functions would raise an error, infinity or NaN, as a CPU has them.
"""

import math

__all__ = ["RULES", "power"]


def _divide(x, y):
    """x / y; where Python would raise ZeroDivisionError, infinity or NaN."""
    if y != 0.0:
        return x / y
    if x == 0.0 or x != x:
        return math.nan
    return math.copysign(math.inf, x) * math.copysign(1.0, y)


def _log(x):
    """ln x; -inf at 0, NaN below."""
    if x > 0.0:
        return math.log(x)
    return -math.inf if x == 0.0 else math.nan


def _pow(x, y):
    """x^y; where math.pow would raise an error, infinity or NaN."""
    try:
        return math.pow(x, y)
    except (OverflowError, ValueError):
        if x < 0.0 and y != math.floor(y):
            return math.nan
        odd = math.fmod(abs(y), 2.0) == 1.0
        return math.copysign(math.inf, x) if odd else math.inf


def power(x, n):
    """x^n and n x^(n - 1), for a number n: where n is 0, the slope is 0."""
    return _pow(x, n), n * _pow(x, n - 1.0) if n != 0.0 else 0.0


def _power_of_values(x, y):
    """x^y, its derivative by x, and by y: x^y ln x, which is 0 at x = 0, y >= 0."""
    a, slope = power(x, y)
    return a, slope, 0.0 if x == 0.0 and y >= 0.0 else a * _log(x)


def _sigmoid(x):
    """1 / (1 + e^-x) with an exponential that never overflows, and e / (1 + e)^2."""
    e = math.exp(-abs(x))
    return e / (1.0 + e) if x < 0.0 else 1.0 / (1.0 + e), e / ((1.0 + e) * (1.0 + e))


def _relu(x):
    """x where x > 0, else 0; relu'(0) = 0, NaN stays NaN."""
    if x > 0.0:
        return x, 1.0
    return (0.0, 0.0) if x <= 0.0 else (x, x)


def _abs(x):
    """|x|; the derivative of |x| at 0 is taken to be 0."""
    if abs(x) > 0.0:
        return abs(x), math.copysign(1.0, x)
    return (0.0, 0.0) if x == 0.0 else (x, x)


def _exp(x):
    """e^x, which is its own derivative; infinity where math.exp would raise."""
    try:
        a = math.exp(x)
    except OverflowError:
        a = math.inf
    return a, a


def _logarithm(x):
    """ln x and 1 / x; below 0 both are NaN."""
    return _log(x), _divide(1.0, abs(x)) if x >= 0.0 else math.nan


def _sqrt(x):
    """sqrt(x) and 1 / (2 sqrt(x)), infinite at 0; below 0 both are NaN."""
    a = math.sqrt(x) if x >= 0.0 else math.nan
    return a, _divide(0.5, abs(a))


def _sin(x):
    """sin x and cos x; NaN for infinite x."""
    return (math.nan, math.nan) if math.isinf(x) else (math.sin(x), math.cos(x))


def _cos(x):
    """cos x and -sin x; NaN for infinite x."""
    return (math.nan, math.nan) if math.isinf(x) else (math.cos(x), -math.sin(x))


# op: its value, and its derivative by each of its inputs
RULES = {
    "+": lambda x, y: (x + y, 1.0, 1.0),
    "-": lambda x, y: (x - y, 1.0, -1.0),
    "*": lambda x, y: (x * y, y, x),
    "/": lambda x, y: ((a := _divide(x, y)), _divide(1.0, y), -_divide(a, y)),
    "**": _power_of_values,
    "neg": lambda x: (-x, -1.0),
    "abs": _abs,
    "sigmoid": _sigmoid,
    "tanh": lambda x: ((a := math.tanh(x)), (1.0 - a) * (1.0 + a)),
    "relu": _relu,
    "exp": _exp,
    "log": _logarithm,
    "sqrt": _sqrt,
    "sin": _sin,
    "cos": _cos,
}
