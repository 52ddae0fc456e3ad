"""Sums, means and other reductions over axes.

axis: a number, a tuple of them, or None for all; keepdims: keep the axes, of length 1.
"""

import math

import numpy as np

from ..ops import checks
from .arrays import shape_of
from .elementwise import exp
from .rules import apply, quiet, rule


def axes_of(where, x, axis):
    """`axis` as a tuple of axes of x counted from 0; None is all of them."""
    shape = shape_of(where, "x", x)
    ndim = len(shape)
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, tuple) else (axis,)
    axes = [checks.whole(where, "axis", i, low=-(2**31)) for i in axes]
    for i in axes:
        if not -ndim <= i < ndim:
            raise ValueError(
                f"{where}: axis is {axis}, but x of shape {shape} has "
                f"{ndim} {'axis' if ndim == 1 else 'axes'}"
            )
    found = tuple(i % ndim for i in axes)
    if len(set(found)) < len(found):
        raise ValueError(f"{where}: axis is {axis}, which names one axis twice")
    return found


def _over(where, x, axis, keepdims):
    """The settings of a reduction: None or a tuple of axes, True or False."""
    if axis is None and keepdims is False:
        return None, False
    keepdims = checks.flag(where, "keepdims", keepdims)
    return (None if axis is None else axes_of(where, x, axis)), keepdims


def _label(name):
    def label(axis, keepdims, *_):
        if axis is None:
            return name
        return f"{name}(axis={axis[0] if len(axis) == 1 else axis})"

    return label


def kept(y, x, axis, keepdims):
    """A result with its reduced axes kept, so that it broadcasts over x again."""
    if keepdims or axis is None:
        return y if np.ndim(y) in (0, np.ndim(x)) else np.reshape(y, (1,) * np.ndim(x))
    shape = tuple(1 if i in axis else n for i, n in enumerate(np.shape(x)))
    return np.reshape(y, shape)


def _spread(g, x, axis, keepdims):
    return np.broadcast_to(kept(g, x, axis, keepdims), np.shape(x))


def _count(x, axis):
    """How many elements of x go into one element of the result."""
    shape = np.shape(x)
    return math.prod(shape if axis is None else [shape[i] for i in axis])


SUM = rule(
    "sum",
    quiet(lambda x, axis, keepdims: np.sum(x, axis, keepdims=keepdims)),
    lambda g, y, x, axis, keepdims: _spread(g, x, axis, keepdims),
    label=_label("sum"),
)
MEAN = rule(
    "mean",
    quiet(
        lambda x, axis, keepdims: (
            np.sum(x, axis, keepdims=keepdims) / x.dtype.type(_count(x, axis))
        )
    ),
    lambda g, y, x, axis, keepdims: _spread(
        g * (1.0 / (_count(x, axis) or math.nan)), x, axis, keepdims
    ),
    label=_label("mean"),
)


def sum(x, axis=None, keepdims=False):
    """The sum over axes."""
    return apply(SUM, (x,), _over("sum", x, axis, keepdims))


def mean(x, axis=None, keepdims=False):
    """The mean over axes; NaN of no elements."""
    return apply(MEAN, (x,), _over("mean", x, axis, keepdims))


# --- Extremes -------------------------------------------------------------------------


def _share_of_extreme(g, y, x, axis, keepdims):
    """Equals share the gradient evenly."""
    at = np.asarray(x) == kept(np.asarray(y), x, axis, keepdims)
    share = at / np.maximum(at.sum(axis, keepdims=True), 1)
    return kept(g, x, axis, keepdims) * share.astype(g.dtype)


MAX = rule(
    "max",
    lambda x, axis, keepdims: np.max(x, axis, keepdims=keepdims),
    _share_of_extreme,
    computes=False,
    label=_label("max"),
)
MIN = rule(
    "min",
    lambda x, axis, keepdims: np.min(x, axis, keepdims=keepdims),
    _share_of_extreme,
    computes=False,
    label=_label("min"),
)


def _refuse_empty(where, x, axis):
    shape = shape_of(where, "x", x)
    if _count(x, axis) == 0:
        raise ValueError(
            f"{where}: x of shape {shape} has no elements there, and no {where}"
        )


def max(x, axis=None, keepdims=False):
    """The largest element over axes; equals share the gradient evenly."""
    settings = _over("max", x, axis, keepdims)
    _refuse_empty("max", x, settings[0])
    return apply(MAX, (x,), settings)


def min(x, axis=None, keepdims=False):
    """The smallest element over axes; equals share the gradient evenly."""
    settings = _over("min", x, axis, keepdims)
    _refuse_empty("min", x, settings[0])
    return apply(MIN, (x,), settings)


# --- Spread ---------------------------------------------------------------------------


def _centred(x, axis):
    return x - np.mean(x, axis=axis, keepdims=True)


def _over_length(numerator, length):
    """numerator / length; 0 where the length is 0, a kink of the length."""
    return numerator / np.where(np.asarray(length) == 0.0, 1.0, length)


VAR = rule(
    "var",
    quiet(
        lambda x, axis, keepdims, ddof: np.var(x, axis, keepdims=keepdims, ddof=ddof)
    ),
    lambda g, y, x, axis, keepdims, ddof: (
        kept(g, x, axis, keepdims)
        * (_centred(x, axis) * (2.0 / (_count(x, axis) - ddof)))
    ),
    label=_label("var"),
)
STD = rule(
    "std",
    quiet(
        lambda x, axis, keepdims, ddof: np.std(x, axis, keepdims=keepdims, ddof=ddof)
    ),
    lambda g, y, x, axis, keepdims, ddof: (
        kept(g, x, axis, keepdims)
        * _over_length(
            _centred(x, axis) * (1.0 / (_count(x, axis) - ddof)),
            kept(y, x, axis, keepdims),
        )
    ),
    label=_label("std"),
)
NORM = rule(
    "norm",
    quiet(lambda x, axis, keepdims: np.sqrt(np.sum(x * x, axis, keepdims=keepdims))),
    lambda g, y, x, axis, keepdims: (
        kept(g, x, axis, keepdims) * _over_length(x, kept(y, x, axis, keepdims))
    ),
    label=_label("norm"),
)


def _with_ddof(where, x, axis, keepdims, ddof):
    axis, keepdims = _over(where, x, axis, keepdims)
    ddof = checks.whole(where, "ddof", ddof)
    shape_of(where, "x", x)
    if _count(x, axis) <= ddof:
        raise ValueError(
            f"{where}: {_count(x, axis)} elements with ddof {ddof}; it divides by "
            "their difference, which must be above 0"
        )
    return axis, keepdims, ddof


def var(x, axis=None, keepdims=False, ddof=0):
    """The variance over axes: the mean of (x - mean(x))^2, with n - ddof for n."""
    return apply(VAR, (x,), _with_ddof("var", x, axis, keepdims, ddof))


def std(x, axis=None, keepdims=False, ddof=0):
    """The standard deviation, sqrt(var); its derivative is 0 where it is 0."""
    return apply(STD, (x,), _with_ddof("std", x, axis, keepdims, ddof))


def norm(x, axis=None, keepdims=False):
    """The Euclidean length over axes, sqrt(sum(x^2)); its derivative at 0 is 0."""
    return apply(NORM, (x,), _over("norm", x, axis, keepdims))


# --- logsumexp ------------------------------------------------------------------------


def _logsumexp(x, axis, keepdims):
    """The largest is taken out first, so that nothing overflows."""
    if _count(x, axis) == 0:
        return np.log(np.sum(x, axis, keepdims=keepdims))
    largest = np.max(x, axis, keepdims=True)
    largest = np.where(np.isfinite(largest), largest, 0.0).astype(x.dtype)
    total = np.log(np.sum(np.exp(x - largest), axis, keepdims=True)) + largest
    return total if keepdims else np.reshape(total, np.sum(x, axis).shape)


LOGSUMEXP = rule(
    "logsumexp",
    quiet(_logsumexp),
    lambda g, y, x, axis, keepdims: (
        kept(g, x, axis, keepdims) * exp(x - kept(y, x, axis, keepdims))
    ),
    label=_label("logsumexp"),
)


def logsumexp(x, axis=None, keepdims=False):
    """ln(sum of e^x) over axes, without overflow; its derivative is the softmax."""
    return apply(LOGSUMEXP, (x,), _over("logsumexp", x, axis, keepdims))
