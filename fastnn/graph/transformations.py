"""From a function to the function of its derivatives: grad, jacobian, hessian, ...

    f = lambda w: ((X @ w - y) ** 2).mean()
    grad(f)(w)                  # an array, where w is an array
    grad(grad(g))(x)            # derivatives of derivatives, of any order

f takes Tensors and returns one. Given arrays or numbers, what comes out are arrays;
given Tensors, Tensors that can be differentiated again, as inside of another
derivative that goes on through f.
"""

import contextlib
import functools
import threading

import numpy as np

from ..ops import checks
from .rules import RULES, apply
from .tensor import in_force
from .views.walk import forward_order

_outer = threading.local()  # .inputs: those of the calls of f that are going on


@contextlib.contextmanager
def _active(inputs):
    before = getattr(_outer, "inputs", ())
    _outer.inputs = (*before, *inputs)
    try:
        yield
    finally:
        _outer.inputs = before


def _reaches_outer(result):
    """Whether a derivative that is being taken in this thread goes through `result`."""
    outer = getattr(_outer, "inputs", ())
    if not outer or result.constant:
        return False
    outer = set(map(id, outer))
    return any(id(node) in outer for node in forward_order(result))


class _Call:
    """One call of f: fresh nodes for the arguments to be differentiated, and f of them.

    A fresh node makes the derivative be by this argument alone, where the same Tensor
    is also used inside f by another name, as in a derivative inside a derivative.
    """

    def __init__(self, where, f, arguments, argnums):
        self.single = not isinstance(argnums, tuple)
        numbers = (argnums,) if self.single else argnums
        for i in numbers:
            checks.whole(where, "argnums", i, low=-len(arguments))
            if i >= len(arguments):
                raise ValueError(
                    f"{where}: argnums names argument {i}, but {len(arguments)} came"
                )
        numbers = [i % len(arguments) for i in numbers]
        if len(set(numbers)) < len(numbers):
            raise ValueError(f"{where}: argnums is {argnums}, which names one twice")
        given = [arguments[i] for i in numbers]
        self.of_arrays = not any(hasattr(x, "computed") for x in arguments)
        new = in_force()
        self.inputs = [
            apply(RULES["alias"], (x,)) if hasattr(x, "computed") else new(x)
            for x in given
        ]
        arguments = list(arguments)
        for i, x in zip(numbers, self.inputs, strict=True):
            arguments[i] = x
        with _active(self.inputs):
            self.result = f(*arguments)
        if not hasattr(self.result, "computed"):
            raise TypeError(
                f"{where}: f returned {checks.describe(self.result)}; expected a "
                "Tensor, computed from the arguments (.data and float() lose the graph)"
            )
        # Inside of another derivative, where that goes on through f: Tensors as well.
        self.of_arrays = self.of_arrays and not _reaches_outer(self.result)

    def out(self, found):
        """What came out for each input, in the manner of what came in."""
        if not any(hasattr(x, "computed") for x in found):
            found = [np.array(x) if np.ndim(x) else x[()] for x in found]
        return found[0] if self.single else tuple(found)

    def gradients(self, grad_output=None):
        as_nodes = not self.of_arrays or hasattr(grad_output, "computed")
        return self.result.gradients(self.inputs, grad_output, as_nodes)

    def value(self):
        return np.array(self.result)[()] if self.of_arrays else self.result


def _function(where, f):
    if not callable(f):
        raise TypeError(f"{where}: f is {checks.describe(f)}; expected a function")
    return f


def _one_number(where, result):
    if result.size != 1:
        raise ValueError(
            f"{where}: f returned a Tensor of shape {result.shape}; expected one "
            "number (jacobian takes the derivative of several)"
        )


def value_and_grad(f, argnums=0):
    """The function of f's value and its gradient: value_and_grad(f)(x) -> f(x), df/dx.

    f returns one number. argnums: by which arguments, a number, or a tuple of numbers,
    which gives a tuple of gradients.
    """
    _function("value_and_grad", f)

    @functools.wraps(f, updated=())
    def of_arguments(*arguments):
        call = _Call("value_and_grad", f, arguments, argnums)
        _one_number("value_and_grad", call.result)
        return call.value(), call.out(call.gradients())

    return of_arguments


def grad(f, argnums=0):
    """The function of f's gradient: grad(f)(x) is df/dx, of the shape of x.

    f returns one number. argnums: by which arguments, a number, or a tuple of numbers,
    which gives a tuple of gradients.
    """
    _function("grad", f)

    @functools.wraps(f, updated=())
    def of_arguments(*arguments):
        call = _Call("grad", f, arguments, argnums)
        _one_number("grad", call.result)
        return call.out(call.gradients())

    return of_arguments


def jacobian(f, argnums=0):
    """The function of f's Jacobian: J[i, j] = d f(x)[i] / d x[j].

    Of shape f(x).shape + x.shape. One backward pass for each element of f(x).
    """
    _function("jacobian", f)

    @functools.wraps(f, updated=())
    def of_arguments(*arguments):
        call = _Call("jacobian", f, arguments, argnums)
        shape = call.result.shape
        rows = []
        for i in range(call.result.size):
            unit = np.zeros(call.result.size, call.result.dtype)
            unit[i] = 1.0
            rows.append(call.gradients(unit.reshape(shape)))
        found = []
        for k, x in enumerate(call.inputs):
            if not rows:
                found.append(np.zeros(shape + x.shape, x.dtype))
            elif call.of_arrays:
                found.append(np.stack([row[k] for row in rows]))
            else:
                found.append(apply(RULES["stack"], [row[k] for row in rows], (0,)))
            found[k] = found[k].reshape(shape + x.shape)
        return call.out(found)

    return of_arguments


def hessian(f, argnums=0):
    """The function of f's second derivatives: H[i, j] = d2 f(x) / d x[i] d x[j].

    f returns one number; argnums is one number. Of shape x.shape + x.shape.
    """
    _function("hessian", f)
    if isinstance(argnums, tuple):
        raise TypeError("hessian: argnums is a tuple; expected a single number")
    of_gradient = jacobian(grad(f, argnums), argnums)

    @functools.wraps(f, updated=())
    def of_arguments(*arguments):
        return of_gradient(*arguments)

    return of_arguments


def vjp(f, *x):
    """f(*x), and the function from g to the products of g with the Jacobians of f.

    g is of the shape of f(*x); what comes out is a tuple, one gradient for each x: a
    backward pass that starts from g.
    """
    call = _Call("vjp", _function("vjp", f), x, tuple(range(len(x))))

    def pull(grad_output):
        return call.out(call.gradients(grad_output))

    return call.value(), pull


def jvp(f, x, v):
    """f(*x), and its derivative along v: the sum over k of df/dx_k times v_k.

    x and v are tuples of the same shapes. The backward pass is linear in the gradient
    that it starts from; its own derivative along v is what is asked for, so that two
    passes backward make one forward.
    """
    _function("jvp", f)
    for name, values in (("x", x), ("v", v)):
        if not isinstance(values, tuple):
            raise TypeError(
                f"jvp: {name} is {checks.describe(values)}; expected a tuple, with an "
                "entry for each argument of f"
            )
    if [np.shape(a) for a in x] != [np.shape(a) for a in v]:
        raise ValueError(
            f"jvp: x has the shapes {[np.shape(a) for a in x]}, but v has "
            f"{[np.shape(a) for a in v]}"
        )
    call = _Call("jvp", f, x, tuple(range(len(x))))
    start = in_force()(np.zeros(call.result.shape, call.result.dtype))
    pulled = call.result.gradients(call.inputs, start, True)
    total = sum(((p * d).sum() for p, d in zip(pulled, v, strict=True)), 0.0)
    if not hasattr(total, "computed"):  # f has no arguments
        total = apply(RULES["sum"], (start * 0.0,), (None, False))
    of_arrays = call.of_arrays and not any(hasattr(d, "computed") for d in v)
    (along,) = total.gradients([start], None, not of_arrays)
    return call.value(), np.array(along)[()] if of_arrays else along
