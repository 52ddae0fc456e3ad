"""Computational graphs: values that remember how they were computed.

    from fastnn.graph import Value

    w, x, b = Value(-1.0, "w"), Value(2.0, "x"), Value(0.5, "b")
    a = (w * x + b).sigmoid()
    a.backward()
    print(a.draw())       # what a was computed from; a notebook shows a picture
    print(a.explain())    # the backward pass as a table; a.steps(): node by node

`MLP` is a network of Values, neuron by neuron: MLP(2, [16, 16], 1).

`Value` is the compiled class, or on the reference path its twin in plain Python. The
choice is made when the name is looked up: at `from fastnn.graph import Value`, or each
time at `fn.graph.Value`. The two do not mix in one graph.
"""

from typing import TYPE_CHECKING, Any

from .. import backend
from ..reference import value
from . import tensor, views
from .functions import *  # noqa: F403  (functions.py is the explicit list)
from .functions import __all__ as _functions
from .gradcheck import gradcheck
from .leaves import leaves
from .neurons import MLP, Neuron
from .transformations import grad, hessian, jacobian, jvp, value_and_grad, vjp

if TYPE_CHECKING:
    from ..reference.value import Value
    from .tensor import PlainTensor as Tensor

__all__ = [
    "MLP",
    "Neuron",
    "Tensor",
    "Value",
    "grad",
    "gradcheck",
    "hessian",
    "jacobian",
    "jvp",
    "leaves",
    "value_and_grad",
    "vjp",
    *_functions,
]

# Kernels and twins import nothing of fastnn: what draws graphs is brought to them.
value.views = views  # type: ignore[assignment]
if (compiled := backend.compiled("value")) is not None:
    compiled.views = views
del value, compiled


def __getattr__(name: str) -> Any:
    if name == "Value":
        return backend.class_named(name)
    if name == "Tensor":
        return tensor.in_force()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), "Tensor", "Value"})
