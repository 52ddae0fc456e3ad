"""Every operation of a Tensor once, with what NumPy computes and where to look at it.

A row: the operation on Tensors, the same in NumPy, the shapes of its inputs, and the
region that the numbers are from: away from the kinks and edges of the operation, where
differences tell its derivative to many digits. Kinks are tested in test_kinks.py.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from fastnn import graph as g

# name of a region: n numbers from a generator
REGIONS = {
    "real": lambda rng, n: rng.uniform(-1.5, 1.5, n),
    "positive": lambda rng, n: rng.uniform(0.5, 2.0, n),
    "unit": lambda rng, n: rng.uniform(-0.5, 0.5, n),
    # no two of them, nor any of them and 0, nearer to each other than 0.1
    "apart": lambda rng, n: rng.permutation(np.arange(n) * 0.2 - (n // 2) * 0.2 - 0.1),
}


ONE = [(), (1,), (3,), (0,), (2, 3), (0, 2), (5, 1, 2)]
TWO = [
    ((), ()), ((3,), ()), ((), (2, 3)), ((2, 3), (2, 3)), ((2, 3), (3,)),
    ((3,), (2, 3)), ((2, 1), (1, 3)), ((2, 3), (2, 1)), ((4, 1, 2), (3, 1)),
    ((1,), (7,)), ((0, 3), (3,)),
]  # fmt: skip
ROWS_ = [(3,), (2, 3), (5, 2), (2, 3, 4)]


class Case(NamedTuple):
    name: str  # the function of fastnn.graph, the operator or the rule that it tests
    on_tensors: Any
    on_arrays: Any
    shapes: list
    region: str = "real"
    exact: bool = False  # whether NumPy's result is the only right one
    sums: int = 1  # how many numbers go into one


def _erf(x):
    return np.vectorize(math.erf, otypes=[float])(x)


def _softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


SELU = (1.0507009873554805, 1.6732632423543772)
LABELS = np.array([2, 0, 1, 2])
TARGETS = np.linspace(-3.0, 3.0, 12).reshape(4, 3)
EVEN = 2 * np.rint(TARGETS / 2)  # -4 to 4: 1 from none of the "unit" numbers
BITS = (np.arange(12).reshape(4, 3) % 2).astype(float)
WEIGHTS = np.array([1.0, 0.5, 2.0, 0.25])
PICK = np.array([[0, 2], [2, 2]])
MASK = np.array([True, False, True])


def _cross_entropy(x):
    return -np.log(_softmax(x))[np.arange(4), LABELS].mean()


def _weighted(x):
    rows = ((x - TARGETS) ** 2).mean(axis=1)
    return (rows * WEIGHTS).sum() / WEIGHTS.sum()


def _huber(x):
    e = np.abs(x - EVEN)
    return np.where(e <= 1, e * e / 2, e - 0.5).mean()


def _unary(name, on_arrays, region="real", exact=False):
    return Case(name, getattr(g, name), on_arrays, [(s,) for s in ONE], region, exact)


ELEMENTWISE = [
    Case("+", lambda x, y: x + y, np.add, TWO, exact=True),
    Case("-", lambda x, y: x - y, np.subtract, TWO, exact=True),
    Case("*", lambda x, y: x * y, np.multiply, TWO, exact=True),
    Case("/", lambda x, y: x / y, np.divide, TWO, "positive", exact=True),
    Case("**", lambda x, y: x**y, np.power, TWO, "positive"),
    Case("power", lambda x: g.power(x, 3), lambda x: x**3, [(s,) for s in ONE]),
    Case("power", lambda x: x**-1.5, lambda x: x**-1.5, [((2, 3),)], "positive"),
    Case("square", lambda x: x**2, np.square, [(s,) for s in ONE], exact=True),
    Case("square", g.square, np.square, [((3,),)], exact=True),
    Case("neg", lambda x: -x, np.negative, [(s,) for s in ONE], exact=True),
    Case("numbers", lambda x: 2 - 3 / (1 + x * 0.5), lambda x: 2 - 3 / (1 + x * 0.5),
         [((2, 3),)], "positive", exact=True),
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
    Case("normal_cdf", lambda x: g.gelu(x) / x, lambda x: (1 + _erf(x / 2**0.5)) / 2,
         [((2, 3),)], "positive"),
    Case("maximum", g.maximum, np.maximum, [((2, 3), (2, 3))], "apart", exact=True),
    Case("maximum", lambda x: g.maximum(x, 0.0), lambda x: np.maximum(x, 0.0),
         [((5,),)], "apart", exact=True),
    Case("minimum", g.minimum, np.minimum, [((2, 3), (3,))], "apart", exact=True),
    Case("where", lambda x, y: g.where(MASK, x, y), lambda x, y: np.where(MASK, x, y),
         [((3,), (3,)), ((2, 3), ()), ((), (3,))], exact=True),
    Case("clip", lambda x: g.clip(x, -0.4, 0.4), lambda x: np.clip(x, -0.4, 0.4),
         [(s,) for s in ONE], "apart", exact=True),
    Case("clip", lambda x: x.clip(low=0.0), lambda x: np.clip(x, 0.0, None),
         [((7,),)], "apart", exact=True),
]  # fmt: skip


def _reduction(name, on_arrays, region="real", shapes=ROWS_, exact=False):
    """A function over all axes, over one, over two, with and without keepdims."""
    function = getattr(g, name)
    several = [s for s in shapes if len(s) > 1]
    settings = [(None, False, shapes), (-1, True, shapes), (0, False, shapes)]
    settings += [
        ((0, 1), False, several),
        (None, True, shapes),
        ((-1, 0), True, several),
    ]
    return [
        Case(
            name,
            lambda x, a=axis, k=keepdims: function(x, axis=a, keepdims=k),
            lambda x, a=axis, k=keepdims: on_arrays(x, a, k),
            [(s,) for s in of_shapes],
            region,
            exact,
            24,
        )
        for axis, keepdims, of_shapes in settings
    ]


def _logsumexp(x, axis, keepdims):
    return np.log(np.exp(x).sum(axis=axis, keepdims=keepdims))


def _with_ddof(on_arrays):
    return lambda x: on_arrays(x, axis=0, ddof=1)


REDUCTIONS = [
    *_reduction("sum", lambda x, a, k: x.sum(axis=a, keepdims=k)),
    Case("sum", lambda x: g.sum(x, axis=0), lambda x: x.sum(axis=0), [((0, 2),)]),
    *_reduction("mean", lambda x, a, k: x.mean(axis=a, keepdims=k)),
    *_reduction("max", lambda x, a, k: x.max(axis=a, keepdims=k), "apart", exact=True),
    *_reduction("min", lambda x, a, k: x.min(axis=a, keepdims=k), "apart", exact=True),
    *_reduction("var", lambda x, a, k: x.var(axis=a, keepdims=k), shapes=ROWS_[1:]),
    *_reduction("std", lambda x, a, k: x.std(axis=a, keepdims=k), "apart", ROWS_[1:]),
    *_reduction(
        "norm", lambda x, a, k: np.sqrt((x * x).sum(axis=a, keepdims=k)), "positive"
    ),
    *_reduction("logsumexp", _logsumexp),
    Case("sum", g.sum, np.sum, [((),)], exact=True),
    Case("mean", g.mean, np.mean, [((),)], exact=True),
    Case("var", lambda x: g.var(x, axis=0, ddof=1), _with_ddof(np.var), [((3, 2),)],
         sums=3),
    Case("std", lambda x: x.std(axis=0, ddof=1), _with_ddof(np.std), [((3, 2),)],
         "apart", sums=3),
    Case("softmax", g.softmax, _softmax, [(s,) for s in ROWS_], sums=5),
    Case("softmax", lambda x: x.softmax(axis=0), lambda x: _softmax(x, 0),
         [(s,) for s in ROWS_], sums=5),
    Case("log_softmax", g.log_softmax, lambda x: np.log(_softmax(x)),
         [(s,) for s in ROWS_], sums=5),
    Case("log_softmax", lambda x: x.log_softmax(axis=0),
         lambda x: np.log(_softmax(x, 0)), [(s,) for s in ROWS_], sums=5),
]  # fmt: skip

SHAPES = [
    Case("reshape", lambda x: x.reshape(3, -1), lambda x: x.reshape(3, -1),
         [((2, 3),), ((6,),)], exact=True),
    Case("reshape", lambda x: g.reshape(x, (0, 5)), lambda x: x.reshape(0, 5),
         [((0,),)], exact=True),
    Case("ravel", g.ravel, np.ravel, [(s,) for s in ONE], exact=True),
    Case("transpose", lambda x: x.T, np.transpose, [(s,) for s in ONE], exact=True),
    Case("transpose", lambda x: x.transpose(1, 2, 0), lambda x: x.transpose(1, 2, 0),
         [((2, 3, 4),)], exact=True),
    Case("swapaxes", lambda x: g.swapaxes(x, 0, -1), lambda x: np.swapaxes(x, 0, -1),
         [((2, 3, 4),)], exact=True),
    Case("broadcast_to", lambda x: g.broadcast_to(x, (2, 3)),
         lambda x: np.broadcast_to(x, (2, 3)), [((),), ((3,),), ((2, 1),), ((2, 3),)],
         exact=True),
    Case("expand_dims", lambda x: g.expand_dims(x, 1), lambda x: x[:, None],
         [((3,),), ((2, 3),)], exact=True),
    Case("squeeze", g.squeeze, np.squeeze, [((5, 1, 2),), ((1, 1),)], exact=True),
    Case("squeeze", lambda x: g.squeeze(x, 1), lambda x: x[:, 0], [((5, 1, 2),)],
         exact=True),
    Case("concatenate", lambda x, y: g.concatenate([x, y, x], axis=1),
         lambda x, y: np.concatenate([x, y, x], axis=1), [((2, 3), (2, 1))],
         exact=True),
    Case("concatenate", lambda x, y: g.concatenate([x, y]),
         lambda x, y: np.concatenate([x, y]), [((2,), (0,))], exact=True),
    Case("stack", lambda x, y: g.stack([x, y], axis=-1),
         lambda x, y: np.stack([x, y], axis=-1), [((2, 3), (2, 3)), ((), ())],
         exact=True),
    Case("astype", lambda x: x.astype("float64") * 2, lambda x: x * 2, [((3,),)]),
]  # fmt: skip

KEYS = {
    "number": 1, "last": -1, "slice": slice(1, None), "step": slice(None, None, -2),
    "pair": (0, 2), "column": (slice(None), 1), "ellipsis": (..., 0),
    "new axis": (None, slice(None), None), "list": [2, 0, 2], "array": PICK,
    "rows and columns": ([0, 1, 0], [2, 2, 2]), "mask": MASK,
    "mask of all": np.arange(9).reshape(3, 3) % 2 == 0, "empty": [],
    "mixed": (slice(1, 3), [0, 0]),
}  # fmt: skip
INDEX = [
    Case("[]", lambda x, k=key: x[k], lambda x, k=key: x[k], [((3, 3),)], exact=True)
    for key in KEYS.values()
]

LINEAR = [
    Case("@", lambda x, y: x @ y, np.matmul, [
        ((2, 3), (3, 4)), ((1, 1), (1, 5)), ((3,), (3,)), ((2, 3), (3,)),
        ((3,), (3, 2)),
        ((2, 2, 3), (3, 2)), ((2, 3), (4, 3, 2)), ((2, 1, 2, 3), (3, 3, 1)),
        ((3,), (2, 3, 2)), ((2, 4, 3), (3,)), ((0, 3), (3, 2)), ((2, 0), (0, 3)),
    ], sums=4),
    Case("matmul", g.matmul, np.matmul, [((2, 3), (3, 2))], sums=3),
    Case("outer", g.outer, np.outer, [((2,), (3,)), ((0,), (2,))], exact=True),
    *[
        Case("einsum", lambda *x, s=spec: g.einsum(s, *x),
             lambda *x, s=spec: np.einsum(s, *x), [shapes], sums=12)
        for spec, shapes in [
            ("ij,jk->ik", ((2, 3), (3, 2))), ("ij->ji", ((2, 3),)), ("ij->", ((2, 3),)),
            ("i,i->", ((3,), (3,))), ("ij,j->i", ((2, 3), (3,))),
            ("i,j->ij", ((2,), (3,))),
            ("bij,bjk->bik", ((2, 2, 3), (2, 3, 1))), ("ij,kl->il", ((2, 3), (2, 2))),
            ("ij,jk,kl->il", ((2, 3), (3, 2), (2, 2))), ("ij,jk", ((2, 3), (3, 2))),
        ]
    ],
]  # fmt: skip


def _loss(name, x, shape=(4, 3), region="real"):
    """Of a loss all that is computed is a mean of a few numbers."""
    return Case(name, *x, [(shape,)], region, False, 12)


LOSSES = [
    _loss("cross_entropy", (lambda x: g.cross_entropy(x, LABELS), _cross_entropy)),
    _loss("cross_entropy", (
        lambda x: g.cross_entropy(x, _softmax(TARGETS)),
        lambda x: -(np.log(_softmax(x)) * _softmax(TARGETS)).sum(axis=1).mean())),
    _loss("binary_cross_entropy", (
        lambda x: g.binary_cross_entropy(x, BITS),
        lambda x: (np.log1p(np.exp(x)) - BITS * x).mean())),
    _loss("mse", (lambda x: g.mse(x, TARGETS), lambda x: ((x - TARGETS) ** 2).mean())),
    _loss("mse", (lambda x: g.mse(x, TARGETS, WEIGHTS), _weighted)),
    _loss("mse", (lambda x: g.mse(x, TARGETS[:, :1]),
                  lambda x: ((x - TARGETS[:, 0]) ** 2).mean()), (4,)),
    _loss("mae", (lambda x: g.mae(x, TARGETS * 10 + 0.05),
                  lambda x: np.abs(x - TARGETS * 10 - 0.05).mean()), region="unit"),
    _loss("huber", (lambda x: g.huber(x, EVEN), _huber), region="unit"),
    _loss("hinge", (lambda x: g.hinge(x, BITS),
                    lambda x: np.maximum(0, 1 - (2 * BITS - 1) * x).mean()),
          region="unit"),
]  # fmt: skip

CASES = [*ELEMENTWISE, *REDUCTIONS, *SHAPES, *INDEX, *LINEAR, *LOSSES]
