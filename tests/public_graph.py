"""A valid call of every function of fn.graph, and the kind of each of its arguments.

The other rooms are in public_calls.py. An operand of a rule, a Tensor, an array or a
number, goes by the name "an input" in messages.
"""

import numpy as np
from arguments import (
    Argument,
    Row,
    anything_but,
    array,
    flag,
    labels,
    name,
    number,
    weights,
    whole,
)

import fastnn as fn

ROWS = {}
M = (3, 2)
INPUT = ("an input",)


def graph_row(function_name, function=None, **arguments):
    function = function or getattr(fn.graph, function_name)
    ROWS[f"graph.{function_name}"] = Row(function, **arguments)


def operand(shape=M, *bad):
    return array(shape, *bad, any_shape=True, named=INPUT)


def axis(good, *bad, optional=True):
    found = [("a", ["'a'"]), (0.5, ["0.5"]), (True, ["True"]), (2, ["2"]), (-3, ["-3"])]
    return Argument(good, found + ([] if optional else [(None, ["None"])]) + list(bad))


# --- Value and Tensor -----------------------------------------------------------------

NO_NUMBER = (None, "a", [1.0], np.ones(2), 1j, {"a": 1}, object)
NAME = anything_but("x", None, 7, b"x", ["x"])
graph_row("Value", data=anything_but(0.5, *NO_NUMBER), name=NAME)
ROWS["graph.Value"].arguments["data"].bad += [(10**400, ["beyond"])]
graph_row("Tensor", data=array(M, any_shape=True), name=NAME, constant=flag(True))
for _name in ("draw", "explain", "steps", "to_dot"):
    ROWS[f"graph.Value.{_name}"] = Row(
        lambda value, _name=_name, **given: getattr(value, _name)(**given),
        lambda folder: fn.graph.Value(0.5).tanh(),
        **{"max_rows" if _name == "explain" else "max_nodes": whole(4, 0)},
    )

NO_WIDTHS = [
    (3, ["3"]),
    ("a", ["'a'"]),
    ([0], ["is 0"]),
    ([2.5], ["2.5"]),
    (None, ["None"]),
]
graph_row("MLP", n_in=whole(2, 0), hidden=Argument([3, 2], NO_WIDTHS),
          n_out=whole(2, 0), activation=name("tanh"), seed=whole(3))  # fmt: skip
NO_SUM = [([None], ["None"]), (["a"], ["'a'"]), (7, ["7"]), (None, ["None"])]
NO_TERM = [(None, ["None"]), ("a", ["'a'"]), ([1.0], ["list", "[1.0]"])]
graph_row("Neuron", weights=Argument([0.5, -2.0], NO_SUM), bias=Argument(0.1, NO_TERM),
          activation=name("relu", optional=True))  # fmt: skip
NO_TERMS = [
    ([1.0, None], ["None"]),
    (["a", 1.0], ["'a'"]),
    (7, ["int"]),
    ("ab", ["'ab'"]),
]
ROWS["graph.Value.weighted_sum"] = Row(
    lambda value, **given: type(value).weighted_sum(**given),
    lambda folder: fn.graph.Value(0.5),
    weights=Argument([0.5, -2.0], [*NO_TERMS, ([1.0], ["1 weights"])], ("operand",)),
    inputs=Argument([3.0, 1.0], [*NO_TERMS, ([1.0], ["1 inputs"])], ("operand",)),
    bias=Argument(0.1, NO_TERM, ("operand",)),
)

# --- Element by element ---------------------------------------------------------------

for _name in (
    "absolute", "cos", "elu", "exp", "expm1", "gelu", "gelu_tanh", "leaky_relu", "log",
    "log1p", "ravel", "relu", "selu", "sigmoid", "sign", "silu", "sin", "softplus",
    "sqrt", "square", "tanh",
):  # fmt: skip
    graph_row(_name, x=operand())
for _name in ("maximum", "minimum"):
    graph_row(_name, x=operand(), y=operand())
graph_row("power", x=operand(), exponent=operand())
graph_row("clip", x=operand(), low=number(0.1, optional=True),
          high=number(0.9, optional=True))  # fmt: skip
NO_CONDITION = [(None, ["None", "object"]), ("a", ["<U1"]), (np.ones(M), ["float64"])]
graph_row("where", condition=Argument(np.ones(M) > 0, NO_CONDITION), x=operand(),
          y=operand())  # fmt: skip

# --- Over axes, and shapes ------------------------------------------------------------

for _name in ("logsumexp", "max", "mean", "min", "norm", "std", "sum", "var"):
    graph_row(_name, x=operand(), axis=axis((0, -1), ((0, -2), ["twice"])),
              keepdims=flag(True))  # fmt: skip
for _name in ("std", "var"):
    ROWS[f"graph.{_name}"].arguments["ddof"] = whole(1, 6)
for _name in ("log_softmax", "softmax"):
    graph_row(_name, x=operand(), axis=axis(1, optional=False))

NO_SHAPE = [("a", ["'a'"]), (4.5, ["4.5"]), ((4, 2), ["(4, 2)"]), ((3, "a"), ["'a'"])]
graph_row("reshape", lambda x, shape: fn.graph.reshape(x, shape), x=operand(),
          shape=Argument((2, 3), [*NO_SHAPE, (None, ["None"])]))  # fmt: skip
graph_row("broadcast_to", x=operand(),
          shape=Argument((4, 3, 2), [*NO_SHAPE, (None, ["None"])]))  # fmt: skip
graph_row("transpose", lambda x, axes: fn.graph.transpose(x, axes), x=operand(),
          axes=Argument((1, 0), [*axis(0).bad, ((0,), ["(0,)"])]))  # fmt: skip
graph_row("swapaxes", x=operand(), first=axis(0, optional=False),
          second=axis(1, optional=False))  # fmt: skip
graph_row("expand_dims", x=operand(), axis=axis(1, (3, ["3"]), optional=False))
graph_row("squeeze", x=operand((3, 1)), axis=axis(1, (0, ["axis 0"])))
for _name in ("swapaxes", "transpose"):
    for _argument in ("first", "second", "axes"):
        if _argument in ROWS[f"graph.{_name}"].arguments:
            ROWS[f"graph.{_name}"].arguments[_argument].named = ("axis",)
ROWS["graph.expand_dims"].arguments["axis"].bad.remove((2, ["2"]))
ROWS["graph.expand_dims"].arguments["axis"].bad.remove((-3, ["-3"]))

PARTS = [np.ones(M), np.ones(M)]
for _name in ("concatenate", "stack"):
    _bad = [([], ["nothing"]), (7, ["7"]), (None, ["None"]), ([None], ["None"])]
    graph_row(_name, inputs=Argument(PARTS, _bad, INPUT),
              axis=axis(1, (3, ["3"]), optional=False))  # fmt: skip
ROWS["graph.stack"].arguments["axis"].bad.remove((2, ["2"]))
ROWS["graph.stack"].arguments["axis"].bad.remove((-3, ["-3"]))

# --- Products -------------------------------------------------------------------------

graph_row("matmul", x=operand((2, 3)), y=operand((3, 2)))
graph_row("outer", x=operand((3,), (np.ones(M), ["(3, 2)"])), y=operand((2,)))
graph_row(
    "einsum", lambda subscripts, inputs: fn.graph.einsum(subscripts, inputs),
    subscripts=Argument("ij->j", [(3, ["3"]), (None, ["None"]), ("i->", ["'i'"])],
                         ("the term",)),
    inputs=operand(),
)  # fmt: skip

# --- Losses ---------------------------------------------------------------------------

for _name in ("binary_cross_entropy", "cross_entropy", "hinge", "huber", "mae", "mse"):
    _kinds = _name in ("cross_entropy", "hinge")
    _first = "logits" if "entropy" in _name else "prediction"
    _weights = {"sample_weight": weights(3)}
    graph_row(_name, **{_first: operand(), "y": labels(3, 2) if _kinds else array(M)},
              **_weights)  # fmt: skip

# --- Derivatives ----------------------------------------------------------------------


def _at_a_point(name):
    return lambda f, argnums: getattr(fn.graph, name)(f, argnums)(0.5)


F = anything_but(lambda x: x.tanh(), None, 7, "a", [1.0])
F.bad += [(lambda x: 0.5, ["0.5"]), (lambda x: None, ["None"])]
ARGNUMS = [("a", ["'a'"]), (0.5, ["0.5"]), (1, ["1"]), (-2, ["-2"]), (None, ["None"])]
for _name in ("grad", "hessian", "jacobian", "value_and_grad"):
    graph_row(_name, _at_a_point(_name), f=F, argnums=Argument(0, ARGNUMS))
for _name in ("gradcheck", "vjp"):
    graph_row(_name, lambda f, x, _name=_name, **given:
              getattr(fn.graph, _name)(f, x, **given), f=F, x=array((), any_shape=True,
              named=("data", "x0")))  # fmt: skip
ROWS["graph.gradcheck"].arguments |= {
    "step": number(1e-5, 0, -1, optional=True), "rtol": number(1e-6, -1),
    "atol": number(1e-8, -1), "max_rows": whole(4, 0), "show": flag(False),
}  # fmt: skip
TUPLE = [(0.5, ["0.5"]), ([0.5], ["[0.5]"]), (None, ["None"]), ((0.5, 1.0), ["(), ()"])]
graph_row("jvp", f=F, x=Argument((np.ones(()),), TUPLE),
          v=Argument((np.ones(()),), TUPLE))  # fmt: skip

graph_row("leaves", node=anything_but(fn.graph.Value(0.5), 0.5, *NO_NUMBER))
ROWS["graph.leaves"].arguments["node"].bad[4][1].append("array")
