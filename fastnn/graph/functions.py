"""The operations of a graph as functions: tanh(x) is x.tanh()."""

from ..ops.checks import describe


def _call(name, x):
    method = getattr(x, name, None)
    if method is None or not hasattr(x, "backward"):
        raise TypeError(
            f"{name}: x is {describe(x)}; expected a Value; "
            "a plain number becomes one with Value(...)"
        )
    return method()


def sigmoid(x):
    """Logistic sigmoid of a Value: 1 / (1 + e^-x) (Verhulst, 1838)."""
    return _call("sigmoid", x)


def tanh(x):
    """Hyperbolic tangent of a Value: (e^x - e^-x) / (e^x + e^-x)."""
    return _call("tanh", x)


def relu(x):
    """Rectified linear unit of a Value: x where x > 0, else 0; relu'(0) = 0."""
    return _call("relu", x)


def exp(x):
    """Exponential of a Value: e^x."""
    return _call("exp", x)


def log(x):
    """Natural logarithm of a Value: ln x; -inf at 0, NaN below."""
    return _call("log", x)


def sqrt(x):
    """Square root of a Value; NaN below 0, and its derivative is infinite at 0."""
    return _call("sqrt", x)


def sin(x):
    """Sine of a Value, in radians."""
    return _call("sin", x)


def cos(x):
    """Cosine of a Value, in radians."""
    return _call("cos", x)
