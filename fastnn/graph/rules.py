"""What can be computed in a graph: the rules, each a function and its derivatives.

A rule y = f(x1, x2, ...) has for every input the function that sends a gradient back:
from g = dL/dy, the output y, the inputs and the settings, to dL/dx_i. It is written
with operators and NumPy's functions, which take arrays and Tensors alike: given
Tensors, the derivative is a graph itself, and has derivatives again, of any order.

    TANH = rule("tanh", ops.tanh, lambda g, y, x: g * (1 - y * y))

The rules stand beside the public functions that apply them, in arithmetic.py,
elementwise.py, activations.py, reductions.py, shapes.py, linear.py and losses.py.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from . import arrays

# Rules that _kernels/tensor.pyx computes without a call of Python, in the order of its
# enum: with loops of its own, then with kernels. After them come the activations whose
# derivative is found from the output, and those that need the input.
AT_ONCE = ("", "+", "-", "*", "/", "neg", "square", "sum", "mean", "@")
OF_OUTPUT, OF_INPUT = len(AT_ONCE), len(AT_ONCE) + 1

RULES: dict[str, "Rule"] = {}  # by name


class Rule(NamedTuple):
    """An operation: `forward(*inputs, *settings)` and what sends gradients back.

    derivatives: for each input the function (g, y, *inputs, *settings) -> dL/dinput,
    or, where there can be any number of inputs, one function from i to that.
    on_arrays: the same, where all are arrays and a faster way is known.
    computes: whether NaN and infinity can arise (not where elements only move).
    """

    code: int
    name: str
    forward: Callable
    derivatives: Any
    on_arrays: Any
    computes: bool
    label: Callable | None

    def op(self, settings):
        """What a node says of itself: "+", "**2"."""
        return self.label(*settings) if self.label else self.name


def rule(
    name, forward, *derivatives, on_arrays=None, computes=True, label=None, code=0
):
    """A new rule, kept in RULES under its name."""
    if len(derivatives) == 1 and getattr(derivatives[0], "of_each", False):
        derivatives, of_input = derivatives[0], derivatives[0]
        on_arrays = of_each(lambda i: quiet(of_input(i)))
    elif on_arrays is None:
        on_arrays = tuple(map(quiet, derivatives))
    code = AT_ONCE.index(name) if name in AT_ONCE else code
    RULES[name] = Rule(code, name, forward, derivatives, on_arrays, computes, label)
    return RULES[name]


def quiet(function):
    """The same without NumPy's warnings, which could not name the node.

    Of what arises in a rule the Tensor warns itself; backward says nothing.
    """

    @functools.wraps(function)
    def quietly(*arguments):
        with np.errstate(all="ignore"):
            return function(*arguments)

    return quietly


def of_each(function):
    """Mark a function from the number of an input to its derivative."""
    function.of_each = True
    return function


def apply(rule, inputs, settings=()):
    """The Tensor that a rule computes; for arrays and numbers alone, an array."""
    computed = getattr(inputs[0], "computed", None) if inputs else None
    if computed is None:
        return _apply_to_any(rule, inputs, settings)
    return computed(rule, inputs, settings)  # most often the first one is a Tensor


def _apply_to_any(rule, inputs, settings):
    for x in inputs:
        if hasattr(x, "computed"):
            return x.computed(rule, inputs, settings)
        if hasattr(x, "local_grads"):
            return arrays.of_value(rule.name, inputs)
    like = arrays.common_type(inputs)
    where = rule.name if rule.name.isidentifier() else "Tensor"  # "log1p", but not "@"
    given = [arrays.constant(x, like, where) for x in inputs]
    return np.asarray(rule.forward(*given, *settings))[()]
