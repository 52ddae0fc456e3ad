"""Every operation of a Tensor, what NumPy computes for it, and where to try it.

A case is an operation and a strategy of Hypothesis that draws examples of it: shapes
(array_shapes.py), settings such as `axis`, and a region that the numbers are from, away
from kinks and edges, where differences tell a derivative to many digits. What happens
at the kinks is in test_tensor.py.
"""

import math
from typing import Any, NamedTuple

import array_shapes as draws
import numpy as np
from array_shapes import MOST, SEEDS, shapes
from hypothesis import strategies as st

from fastnn import graph as g

# name of a region: n numbers from a generator
REGIONS = {
    "real": lambda rng, n: rng.uniform(-1.5, 1.5, n),
    "positive": lambda rng, n: rng.uniform(0.5, 2.0, n),
    "unit": lambda rng, n: rng.uniform(-0.5, 0.5, n),
    # no two of them, nor any of them and 0, 1 or -1, nearer to each other than 0.1
    "apart": lambda rng, n: rng.permutation(np.arange(n) * 0.2 - (n // 2) * 0.2 - 0.1),
    # nor is the difference of two nearer to 1 than 0.1
    "steps": lambda rng, n: rng.permutation(np.arange(n) * 0.3 - (n // 2) * 0.3 - 0.1),
}


class Example(NamedTuple):
    """An operation at some shapes, with some settings, passed on by name."""

    on_tensors: Any
    on_arrays: Any
    shapes: tuple
    settings: dict
    region: str
    exact: bool  # whether NumPy's result is the only right one
    sums: int  # how many numbers go into one, at most

    def of(self, tensors):
        return self.on_tensors(*tensors, **self.settings)

    def by_numpy(self, arrays):
        return np.asarray(self.on_arrays(*arrays, **self.settings))


class Case(NamedTuple):
    name: str  # the function of fastnn.graph, the operator or the rule that it tests
    examples: Any  # a strategy


def case(name, on_tensors, on_arrays, where, region="real", exact=False, sums=1):
    """where: a strategy of tuples, the shapes of the inputs and the settings."""

    def example(found):
        return Example(on_tensors, on_arrays, *found, region, exact, sums)

    return Case(name, where.map(example))


def drawn(example, seed, dtype=np.float64):
    """Inputs of an example, the same for every path."""
    rng = np.random.default_rng(seed)
    sizes = [math.prod(shape) for shape in example.shapes]
    numbers = REGIONS[example.region](rng, sum(sizes)).astype(dtype)
    parts = np.split(numbers, np.cumsum(sizes)[:-1])
    shaped = zip(parts, example.shapes, strict=True)
    return [x.reshape(shape) for x, shape in shaped], rng


# --- Element by element ---------------------------------------------------------------

ONE = shapes().map(lambda shape: ((shape,), {}))
TWO = draws.broadcastable(2).map(lambda both: (both, {}))


def _powers(*exponents):
    """Of one array, to the power of a number."""
    settings = st.sampled_from(exponents).map(lambda n: {"exponent": n})
    return st.tuples(st.tuples(shapes()), settings)


# Between the numbers that are "apart"; both bounds, or one of them.
BOUNDS = st.sampled_from([(-0.4, 0.4), (0.0, None), (None, 0.6), (-1.0, -0.2)])
CLIPPED = st.tuples(
    st.tuples(shapes()), BOUNDS.map(lambda both: {"low": both[0], "high": both[1]})
)


def _erf(x):
    return np.vectorize(math.erf, otypes=[float])(x)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _unary(name, on_arrays, region="real", exact=False):
    return case(name, getattr(g, name), on_arrays, ONE, region, exact)


SELU = (1.0507009873554805, 1.6732632423543772)

ELEMENTWISE = [
    case("+", lambda x, y: x + y, np.add, TWO, exact=True),
    case("-", lambda x, y: x - y, np.subtract, TWO, exact=True),
    case("*", lambda x, y: x * y, np.multiply, TWO, exact=True),
    case("/", lambda x, y: x / y, np.divide, TWO, "positive", exact=True),
    case("**", lambda x, y: x**y, np.power, TWO, "positive"),
    case("power", g.power, lambda x, exponent: x**exponent, _powers(0, 1, 2, 3, 5)),
    case("power", g.power, lambda x, exponent: x**exponent,
         _powers(-1.5, -1, 0.5, 2.25), "positive"),
    case("power", g.power, np.power, TWO, "positive"),
    case("square", lambda x: x**2, np.square, ONE, exact=True),
    case("square", g.square, np.square, ONE, exact=True),
    case("neg", lambda x: -x, np.negative, ONE, exact=True),
    case("numbers", lambda x: 2 - 3 / (1 + x * 0.5), lambda x: 2 - 3 / (1 + x * 0.5),
         ONE, "positive", exact=True),
    _unary("absolute", np.abs, "apart", exact=True),
    _unary("exp", np.exp),
    _unary("expm1", np.expm1),
    _unary("log", np.log, "positive"),
    _unary("log1p", np.log1p, "unit"),
    _unary("sqrt", np.sqrt, "positive", exact=True),
    _unary("sign", np.sign, "apart", exact=True),
    _unary("sin", np.sin),
    _unary("cos", np.cos),
    _unary("sigmoid", _sigmoid),
    _unary("tanh", np.tanh),
    _unary("relu", lambda x: np.maximum(x, 0), "apart", exact=True),
    _unary("leaky_relu", lambda x: np.where(x > 0, x, 0.01 * x), "apart", exact=True),
    _unary("elu", lambda x: np.where(x > 0, x, np.expm1(x)), "apart"),
    _unary("selu", lambda x: SELU[0] * np.where(x > 0, x, SELU[1] * np.expm1(x)),
           "apart"),
    _unary("gelu", lambda x: x * (1 + _erf(x / math.sqrt(2))) / 2),
    _unary("gelu_tanh", lambda x: x / 2 * (1 + np.tanh(
        math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))),
    _unary("silu", lambda x: x * _sigmoid(x)),
    _unary("softplus", lambda x: np.log1p(np.exp(x))),
    case("normal_cdf", lambda x: g.gelu(x) / x, lambda x: (1 + _erf(x / 2**0.5)) / 2,
         ONE, "positive"),
    case("maximum", g.maximum, np.maximum, TWO, "apart", exact=True),
    case("maximum", lambda x: g.maximum(x, 0.0), lambda x: np.maximum(x, 0.0), ONE,
         "apart", exact=True),
    case("minimum", g.minimum, np.minimum, TWO, "apart", exact=True),
    case("where", lambda x, y, condition: g.where(condition, x, y),
         lambda x, y, condition: np.where(condition, x, y), draws.chosen(), exact=True),
    case("clip", g.clip, lambda x, low, high: np.clip(x, low, high), CLIPPED, "apart",
         exact=True),
]  # fmt: skip


# --- Over axes ------------------------------------------------------------------------


def _softmax(x, axis=-1):
    if not x.size:
        return x
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _reduction(name, on_arrays, where, region="real", exact=False):
    return case(name, getattr(g, name), on_arrays, where, region, exact, MOST)


REDUCTIONS = [
    _reduction("sum", np.sum, draws.reductions()),
    _reduction("mean", np.mean, draws.reductions(1)),
    _reduction("max", np.max, draws.reductions(1), "apart", exact=True),
    _reduction("min", np.min, draws.reductions(1), "apart", exact=True),
    _reduction("var", np.var, draws.reductions(1, ddof=2)),
    # two at least: of one the deviation is 0, which is a kink
    _reduction("std", np.std, draws.reductions(2, ddof=2), "apart"),
    _reduction("norm", lambda x, **over: np.sqrt((x * x).sum(**over)),
               draws.reductions(), "positive"),
    _reduction("logsumexp", lambda x, **over: np.log(np.exp(x).sum(**over)),
               draws.reductions(1)),
    _reduction("softmax", _softmax, draws.along_an_axis()),
    _reduction("log_softmax", lambda x, **over: np.log(_softmax(x, **over)),
               draws.along_an_axis()),
]  # fmt: skip


# --- Elements that move ---------------------------------------------------------------


def _take(x, key):
    return x[key]


REPEATED = draws.repeatable().map(lambda both: (both[:1], {"shape": both[1]}))
JOINED = draws.joined().map(lambda found: (found[0], {"axis": found[1]}))

SHAPES = [
    case("reshape", lambda x, shape: g.reshape(x, shape),
         lambda x, shape: x.reshape(shape), draws.to_reshape()),
    case("ravel", g.ravel, np.ravel, ONE),
    case("transpose", lambda x, axes: g.transpose(x, axes), np.transpose,
         draws.to_transpose()),
    case("transpose", lambda x: x.T, np.transpose, ONE),
    case("swapaxes", g.swapaxes, lambda x, first, second: np.swapaxes(x, first, second),
         draws.to_swap()),
    case("broadcast_to", g.broadcast_to, np.broadcast_to, REPEATED),
    case("expand_dims", g.expand_dims, np.expand_dims, draws.to_expand()),
    case("squeeze", g.squeeze, np.squeeze, draws.to_squeeze()),
    case("concatenate", lambda *x, axis: g.concatenate(x, axis),
         lambda *x, axis: np.concatenate(x, axis), JOINED),
    case("concatenate", lambda *x, axis: g.concatenate([*x, x[0]], axis),
         lambda *x, axis: np.concatenate([*x, x[0]], axis), JOINED),
    case("stack", lambda *x, axis: g.stack(x, axis), lambda *x, axis: np.stack(x, axis),
         draws.to_stack()),
    *[
        case("[]", _take, _take, draws.to_index(kind))
        for kind in ("slices", "mask", "arrays", "lists")
    ],
    case("astype", lambda x: x.astype("float64") * 2, lambda x: x * 2, ONE),
]  # fmt: skip
SHAPES = [
    Case(name, examples.map(lambda example: example._replace(exact=True)))
    for name, examples in SHAPES
]


# --- Products -------------------------------------------------------------------------

PRODUCTS = draws.matrices().map(lambda both: (both, {}))
VECTORS = st.tuples(st.integers(0, 4), st.integers(0, 4)).map(
    lambda lengths: (tuple((n,) for n in lengths), {})
)
EINSUMS = draws.subscripts().map(lambda found: (found[1], {"spec": found[0]}))

LINEAR = [
    case("@", lambda x, y: x @ y, np.matmul, PRODUCTS, sums=3),
    case("matmul", g.matmul, np.matmul, PRODUCTS, sums=3),
    case("outer", g.outer, np.outer, VECTORS, exact=True),
    case("einsum", lambda *x, spec: g.einsum(spec, *x),
         lambda *x, spec: np.einsum(spec, *x), EINSUMS, sums=3**4),
]  # fmt: skip


# --- Losses ---------------------------------------------------------------------------


def _mean_of(of_each):
    """A mean over the columns, then one over the rows by their weights."""

    def mean(x, y, sample_weight):
        losses = of_each(x, np.reshape(y, x.shape) if y.size == x.size else y)
        return np.average(
            losses.reshape(len(x), -1).mean(axis=1), weights=sample_weight
        )

    return mean


def _cross_entropy(x, y):
    rows = np.log(_softmax(x))
    return -rows[np.arange(len(x)), y] if y.ndim == 1 else -(rows * y).sum(axis=1)


def _huber(x, y):
    e = np.abs(x - y)
    return np.where(e <= 1, e * e / 2, e - 0.5)


def _hinge_of_classes(x, y):
    of_class = np.arange(x.shape[1]) == y[:, None]
    rival = np.where(of_class, -np.inf, x).max(axis=1)
    return np.maximum(0, 1 + rival - x[of_class])


# What y is, of n rows and k columns.


def _classes(rng, n, k):
    return rng.integers(0, k, n)


def _shares(rng, n, k):
    return _softmax(rng.uniform(-2, 2, (n, k)))


def _bits(rng, n, k):
    return rng.integers(0, 2, (n, k))


def _even(rng, n, k):
    return 2.0 * rng.integers(-2, 3, (n, k))


def _odd(rng, n, k):
    return _even(rng, n, k) + 1.0


@st.composite
def targets(draw, of, least=1, vectors=True):
    """Predictions in rows and columns or in one row, y and perhaps weights for them.

    of: makes y. Predictions of one column also go with y in one row, and so around.
    """
    n, k = draw(st.integers(1, 6)), draw(st.integers(least, 4))
    rng = np.random.default_rng(draw(SEEDS))
    y = of(rng, n, k)
    shapes = [(n, k), *([(n,)] if vectors and k == 1 else [])]
    if vectors and k == 1 and draw(st.booleans()):
        y = y.reshape(n)
    weights = draw(st.sampled_from([None, rng.choice([0.25, 0.5, 1.0, 2.0], n)]))
    return (draw(st.sampled_from(shapes)),), {"y": y, "sample_weight": weights}


def _loss(name, of_each, where, region="real"):
    return case(name, getattr(g, name), _mean_of(of_each), where, region, sums=MOST)


LOSSES = [
    _loss("cross_entropy", _cross_entropy, targets(_classes, vectors=False)),
    _loss("cross_entropy", _cross_entropy, targets(_shares, vectors=False)),
    _loss("binary_cross_entropy", lambda x, y: np.log1p(np.exp(x)) - y * x,
          targets(_bits)),
    _loss("mse", lambda x, y: (x - y) ** 2, targets(_even)),
    _loss("mae", lambda x, y: np.abs(x - y), targets(_odd), "unit"),
    _loss("huber", _huber, targets(_even), "unit"),
    _loss("hinge", lambda x, y: np.maximum(0, 1 - (2 * y - 1) * x), targets(_bits),
          "apart"),
    _loss("hinge", _hinge_of_classes, targets(_classes, 2, vectors=False), "steps"),
]  # fmt: skip

CASES = [*ELEMENTWISE, *REDUCTIONS, *SHAPES, *LINEAR, *LOSSES]
IDS = [f"{case.name}-{i}" for i, case in enumerate(CASES)]
