"""NumPy's own functions on Tensors: np.tanh(x), np.sum(x, axis=0), np.where(c, x, y).

NumPy asks the Tensor first (__array_ufunc__, __array_function__). Where a function of
the graph is the same, that is called; where none is, the answer is an error, for a
result without derivatives would be a silent mistake.
"""

from typing import Any

import numpy as np

from . import functions
from .rules import RULES, apply

OPERATORS: dict[Any, str] = {
    np.add: "+",
    np.subtract: "-",
    np.multiply: "*",
    np.divide: "/",
}
OPERATORS |= {np.negative: "neg", np.matmul: "@", np.square: "square"}

# Results without a slope: arrays of True and False, or of numbers that jump.
WITHOUT_SLOPE = (
    np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal,
    np.isfinite, np.isnan, np.isinf, np.signbit, np.floor, np.ceil, np.rint, np.trunc,
)  # fmt: skip

UFUNCS = {
    np.absolute: functions.absolute, np.power: functions.power,
    np.float_power: functions.power, np.exp: functions.exp,
    np.expm1: functions.expm1, np.log: functions.log, np.log1p: functions.log1p,
    np.sqrt: functions.sqrt, np.sign: functions.sign, np.sin: functions.sin,
    np.cos: functions.cos, np.tanh: functions.tanh, np.maximum: functions.maximum,
    np.minimum: functions.minimum, np.positive: lambda x: x,
}  # fmt: skip


def _dot(x, y):
    """np.dot, where it is a product of numbers or the matrix product."""
    ndims = np.ndim(x), np.ndim(y)
    if 0 in ndims:
        return apply(RULES["*"], (x, y))
    if ndims[0] > 1 and ndims[1] > 2:
        raise TypeError(
            f"np.dot: of {ndims[0]} and {ndims[1]} axes it is not the matrix product; "
            "use einsum, or x @ y"
        )
    return functions.matmul(x, y)


def _norm(x, ord=None, axis=None, keepdims=False):
    if ord is not None and ord != 2 and ord != "fro":
        raise TypeError(_no_derivative(f"np.linalg.norm with ord {ord!r}"))
    axes = np.ndim(x) if axis is None else np.size(axis)
    if ord is not None and (axes != (2 if ord == "fro" else 1)):
        raise TypeError(_no_derivative(f"np.linalg.norm with ord {ord!r} of matrices"))
    return functions.norm(x, axis, keepdims)


def _atleast_1d(*several):
    found = [x if np.ndim(x) else functions.reshape(x, 1) for x in several]
    return found[0] if len(found) == 1 else tuple(found)


def _broadcast_arrays(*several):
    shape = np.broadcast_shapes(*map(np.shape, several))
    return tuple(functions.broadcast_to(x, shape) for x in several)


FUNCTIONS = {
    np.sum: functions.sum, np.mean: functions.mean, np.max: functions.max,
    np.amax: functions.max, np.min: functions.min, np.amin: functions.min,
    np.var: functions.var, np.std: functions.std, np.where: functions.where,
    np.clip: functions.clip, np.ravel: functions.ravel, np.atleast_1d: _atleast_1d,
    np.reshape: lambda x, shape: functions.reshape(x, shape),
    np.transpose: lambda x, axes=None: functions.transpose(x, axes),
    np.swapaxes: lambda x, axis1, axis2: functions.swapaxes(x, axis1, axis2),
    np.broadcast_arrays: _broadcast_arrays, np.expand_dims: functions.expand_dims,
    np.broadcast_to: lambda x, shape: functions.broadcast_to(x, shape),
    np.squeeze: functions.squeeze, np.concatenate: functions.concatenate,
    np.stack: functions.stack, np.outer: functions.outer, np.einsum: functions.einsum,
    np.dot: _dot, np.linalg.norm: _norm,
}  # fmt: skip

# What asks about an array and computes nothing.
QUESTIONS = (
    np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like,
    np.full_like, np.array_equal, np.allclose, np.isclose, np.argmax, np.argmin,
    np.argsort, np.array_repr, np.array_str, np.array2string, np.copyto, np.any,
    np.all, np.count_nonzero, np.result_type, np.shares_memory, np.may_share_memory,
)  # fmt: skip


def of_ufunc(self, ufunc, method, *inputs, **settings):
    """__array_ufunc__: a ufunc that was called with a Tensor among its inputs."""
    if method == "reduce" and ufunc is np.add:
        axis, keepdims = settings.pop("axis", 0), settings.pop("keepdims", False)
        if not any(value is not None for value in settings.values()):
            return functions.sum(*inputs, axis=axis, keepdims=keepdims)
    elif method == "__call__" and not settings:
        if ufunc in OPERATORS:
            return apply(RULES[OPERATORS[ufunc]], inputs)
        if ufunc in UFUNCS:
            return UFUNCS[ufunc](*inputs)
        if ufunc in WITHOUT_SLOPE:
            return ufunc(*[np.asarray(x) for x in inputs])
    what = f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}")
    what += f" with {', '.join(settings)}" if settings else ""
    raise TypeError(_no_derivative(what))


def of_function(self, function, types, arguments, settings):
    """__array_function__: a function of NumPy's, called with a Tensor somewhere."""
    if function in QUESTIONS:
        return function(*_as_arrays(arguments), **_as_arrays(settings))
    if function not in FUNCTIONS:
        room = function.__module__.replace("numpy", "np")  # "np", "np.linalg"
        raise TypeError(_no_derivative(f"{room}.{function.__name__}"))
    settings = {
        k: v
        for k, v in settings.items()
        if v is not np._NoValue and not (v is None and k in ("out", "dtype"))
    }
    try:
        return FUNCTIONS[function](*arguments, **_renamed(settings))
    except TypeError as error:
        if "unexpected keyword" not in str(error):
            raise
        more = ", ".join(settings)
        raise TypeError(_no_derivative(f"np.{function.__name__} with {more}")) from None


def _renamed(settings):
    """NumPy's names of arguments in those of the graph."""
    names = {"a_min": "low", "a_max": "high", "min": "low", "max": "high", "a": "x"}
    return {names.get(k, k): v for k, v in settings.items()}


def _as_arrays(value):
    if hasattr(value, "computed"):
        return value.array
    if isinstance(value, (list, tuple)):
        return type(value)(_as_arrays(v) for v in value)
    if isinstance(value, dict):
        return {k: _as_arrays(v) for k, v in value.items()}
    return value


def _no_derivative(what):
    return (
        f"{what}: fastnn.graph has no derivative of it; for the numbers alone, call it "
        "with x.data"
    )
