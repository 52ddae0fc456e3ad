"""Activation functions, their derivatives, exp and log, on arrays of any shape.

    a = sigmoid(z);  grad_z = sigmoid_backward(grad_a, a)

Every `name(x, out=None)` takes an array of any shape and returns one of the same shape
and precision (float32 or float64; integers become float64), written into `out` if
given; `out` may be x itself. NaN stays NaN.
Every `name_backward(grad_output, a, out=None)` takes the gradient of the loss by the
output and the output `a`, or the input `z` where the derivative needs it (gelu,
gelu_tanh, silu), of equal shapes, and returns the gradient by the input.
All raise TypeError when an argument is not numbers, ValueError when a shape, or `out`,
does not fit. Derivation: docs/derivations/activations.md
"""

import numpy as np

from .. import backend
from . import checks

# They take plain arrays that fit at once, and return None for all else.
_quick_forward = backend.quick_door("elementwise")
_quick_backward = backend.quick_door("elementwise_backward")


def _forward(name, x, out):
    a = _quick_forward(name, x, out)
    if a is not None:
        return a
    x = checks.floating(name, "x", x)
    out = checks.output(name, out, x.shape, x.dtype)
    backend.function(name)(_flat(x, out), out.reshape(-1))
    return out


def _backward(name, grad_output, saved, saved_name, out):
    grad = _quick_backward(name, grad_output, saved, out)
    if grad is not None:
        return grad
    grad_output, saved = _pair(name, grad_output, saved, saved_name)
    out = checks.output(name, out, saved.shape, saved.dtype)
    backend.function(name)(_flat(grad_output, out), _flat(saved, out), out.reshape(-1))
    return out


def _pair(name, grad_output, saved, saved_name):
    """grad_output and `saved` in their common precision and of one shape."""
    grad_output = checks.array(name, "grad_output", grad_output)
    saved = checks.array(name, saved_name, saved)
    dtype = checks.common_float(grad_output, saved)
    grad_output = checks.floating(name, "grad_output", grad_output, dtype=dtype)
    saved = checks.floating(name, saved_name, saved, dtype=dtype)
    checks.same_shape(name, "grad_output", grad_output, saved_name, saved)
    return grad_output, saved


def _flat(x, out):
    """x in one dimension; a copy where it overlaps `out` without being its equal."""
    return _apart(x, out).reshape(-1)


def _apart(x, out):
    same = x.__array_interface__["data"] == out.__array_interface__["data"]
    return x.copy() if np.may_share_memory(x, out) and not same else x


def _rows(name, argument, x):
    """The shape (rows, cols) of x seen as rows along its last axis."""
    if x.ndim == 0:
        raise ValueError(
            f"{name}: {argument} has no dimension (shape ()); softmax needs at least "
            "one, the last of which holds the classes"
        )
    return (int(np.prod(x.shape[:-1])), x.shape[-1])


def exp(x, out=None):
    """Exponential: e^x; subnormal results are kept, beyond the largest number inf.

    x: array of any shape. Returns one like it, written into `out` if given.

    >>> exp([0.0, 1.0])
    array([1.        , 2.71828183])
    """
    return _forward("exp", x, out)


def log(x, out=None):
    """Natural logarithm: ln x; -inf at 0, NaN below 0.

    x: array of any shape. Returns one like it, written into `out` if given.

    >>> log([1.0, 0.0])
    array([  0., -inf])
    """
    return _forward("log", x, out)


def identity(x, out=None):
    """Identity: a copy of x.

    x: array of any shape. Returns one like it, written into `out` if given.
    """
    return _forward("identity", x, out)


def identity_backward(grad_output, a, out=None):
    """Gradient of identity: grad_output.

    grad_output: the gradient by the output; a, the output: arrays of one shape.
    Returns the gradient by the input, written into `out` if given.
    """
    return _backward("identity_backward", grad_output, a, "a", out)


def sigmoid(x, out=None):
    """Logistic sigmoid: 1 / (1 + e^-x) (Verhulst, 1838).

    x: array of any shape. Returns one like it, written into `out` if given.

    >>> sigmoid([0.0, 2.0])
    array([0.5       , 0.88079708])
    """
    return _forward("sigmoid", x, out)


def sigmoid_backward(grad_output, a, out=None):
    """Gradient of sigmoid: grad_output * a (1 - a).

    grad_output: the gradient by the output; a, the output: arrays of one shape.
    Returns the gradient by the input, written into `out` if given.
    """
    return _backward("sigmoid_backward", grad_output, a, "a", out)


def tanh(x, out=None):
    """Hyperbolic tangent: (e^x - e^-x) / (e^x + e^-x); -0.0 stays -0.0.

    x: array of any shape. Returns one like it, written into `out` if given.

    >>> tanh([0.0, 1.0])
    array([0.        , 0.76159416])
    """
    return _forward("tanh", x, out)


def tanh_backward(grad_output, a, out=None):
    """Gradient of tanh: grad_output * (1 - a^2).

    grad_output: the gradient by the output; a, the output: arrays of one shape.
    Returns the gradient by the input, written into `out` if given.
    """
    return _backward("tanh_backward", grad_output, a, "a", out)


def relu(x, out=None):
    """Rectified linear unit: x where x > 0, else 0 (Nair and Hinton, 2010).

    x: array of any shape. Returns one like it, written into `out` if given.

    >>> relu([-1.5, 2.5])
    array([0. , 2.5])
    """
    return _forward("relu", x, out)


def relu_backward(grad_output, a, out=None):
    """Gradient of relu: grad_output where a > 0, else 0; relu'(0) = 0.

    grad_output: the gradient by the output; a, the output: arrays of one shape.
    Returns the gradient by the input, written into `out` if given.
    """
    return _backward("relu_backward", grad_output, a, "a", out)


def leaky_relu(x, out=None):
    """Leaky rectified linear unit: x where x > 0, else 0.01 x (Maas, 2013).

    x: array of any shape. Returns one like it, written into `out` if given.

    >>> leaky_relu([-1.0, 2.0])
    array([-0.01,  2.  ])
    """
    return _forward("leaky_relu", x, out)


def leaky_relu_backward(grad_output, a, out=None):
    """Gradient of leaky_relu: grad_output where a > 0, else 0.01 grad_output.

    grad_output: the gradient by the output; a, the output: arrays of one shape.
    Returns the gradient by the input, written into `out` if given.
    """
    return _backward("leaky_relu_backward", grad_output, a, "a", out)


def elu(x, out=None):
    """Exponential linear unit: x where x >= 0, else e^x - 1 (Clevert, 2016).

    x: array of any shape. Returns one like it, written into `out` if given.

    >>> elu([-1.0, 2.0])
    array([-0.63212056,  2.        ])
    """
    return _forward("elu", x, out)


def elu_backward(grad_output, a, out=None):
    """Gradient of elu: grad_output where a > 0, else grad_output (a + 1).

    grad_output: the gradient by the output; a, the output: arrays of one shape.
    Returns the gradient by the input, written into `out` if given.
    """
    return _backward("elu_backward", grad_output, a, "a", out)


def selu(x, out=None):
    """Scaled elu: scale x where x >= 0, else scale alpha (e^x - 1) (Klambauer, 2017).

    scale = 1.0507..., alpha = 1.6732...: the pair that keeps mean 0 and variance 1.

    x: array of any shape. Returns one like it, written into `out` if given.

    >>> selu([-1.0, 1.0])
    array([-1.11133074,  1.05070099])
    """
    return _forward("selu", x, out)


def selu_backward(grad_output, a, out=None):
    """Gradient of selu: grad_output * scale where a > 0, else (a + scale alpha).

    grad_output: the gradient by the output; a, the output: arrays of one shape.
    Returns the gradient by the input, written into `out` if given.
    """
    return _backward("selu_backward", grad_output, a, "a", out)


def gelu(x, out=None):
    """Gaussian error linear unit: x Phi(x), exact (Hendrycks and Gimpel, 2016).

    Phi(x) = erfc(-x / sqrt(2)) / 2. At -inf the limit, -0.0.

    x: array of any shape. Returns one like it, written into `out` if given.

    >>> gelu([-1.0, 1.0])
    array([-0.15865525,  0.84134475])
    """
    return _forward("gelu", x, out)


def gelu_backward(grad_output, z, out=None):
    """Gradient of gelu: grad_output * (Phi(z) + z e^(-z^2/2) / sqrt(2 pi)).

    grad_output: the gradient by the output; z, the input: arrays of one shape.
    Returns the gradient by the input, written into `out` if given.
    """
    return _backward("gelu_backward", grad_output, z, "z", out)


def gelu_tanh(x, out=None):
    """gelu by a formula with tanh: x (1 + tanh(u/2)) / 2 (Hendrycks, Gimpel, 2016).

    u = 2 sqrt(2/pi) (x + 0.044715 x^3). At -inf the limit, -0.0.

    x: array of any shape. Returns one like it, written into `out` if given.

    >>> gelu_tanh([-1.0, 1.0])
    array([-0.15880801,  0.84119199])
    """
    return _forward("gelu_tanh", x, out)


def gelu_tanh_backward(grad_output, z, out=None):
    """Gradient of gelu_tanh: grad_output * (s + z s (1 - s) u'), s = 1/(1 + e^-u).

    grad_output: the gradient by the output; z, the input: arrays of one shape.
    Returns the gradient by the input, written into `out` if given.
    """
    return _backward("gelu_tanh_backward", grad_output, z, "z", out)


def silu(x, out=None):
    """Sigmoid linear unit: x / (1 + e^-x) (Elfwing, 2017); at -inf the limit, -0.0.

    x: array of any shape. Returns one like it, written into `out` if given.

    >>> silu([-1.0, 1.0])
    array([-0.26894142,  0.73105858])
    """
    return _forward("silu", x, out)


def silu_backward(grad_output, z, out=None):
    """Gradient of silu: grad_output * s (1 + z (1 - s)), s = 1 / (1 + e^-z).

    grad_output: the gradient by the output; z, the input: arrays of one shape.
    Returns the gradient by the input, written into `out` if given.
    """
    return _backward("silu_backward", grad_output, z, "z", out)


def softplus(x, out=None):
    """Softplus: log(1 + e^x) (Dugas, 2001); large x do not overflow.

    x: array of any shape. Returns one like it, written into `out` if given.

    >>> softplus([0.0, 1000.0])
    array([6.93147181e-01, 1.00000000e+03])
    """
    return _forward("softplus", x, out)


def softplus_backward(grad_output, a, out=None):
    """Gradient of softplus: grad_output * (1 - e^-a), a = softplus(z) >= 0.

    grad_output: the gradient by the output; a, the output: arrays of one shape.
    Returns the gradient by the input, written into `out` if given.
    """
    return _backward("softplus_backward", grad_output, a, "a", out)


@backend.behind_quick_door
def softmax(x, out=None):
    """Softmax over the last axis: e^x / (sum of e^x along that axis) (Bridle, 1990).

    x: array of one dimension or more. The largest of each row is subtracted first, so
    nothing overflows. A row with NaN or inf, or with -inf alone, becomes NaN.

    >>> softmax([[0.0, 0.0], [1000.0, 0.0]])
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    x = checks.floating("softmax", "x", x)
    rows = _rows("softmax", "x", x)
    out = checks.output("softmax", out, x.shape, x.dtype)
    if out.size:
        backend.function("softmax")(_apart(x, out).reshape(rows), out.reshape(rows))
    return out


@backend.behind_quick_door
def softmax_backward(grad_output, a, out=None):
    """Gradient of softmax: a (grad_output - sum along the last axis of a grad_output).

    grad_output, a: arrays of the same shape; a = softmax(z). Returns grad_z.
    """
    name = "softmax_backward"
    grad_output, a = _pair(name, grad_output, a, "a")
    rows = _rows(name, "a", a)
    out = checks.output(name, out, a.shape, a.dtype)
    if out.size:
        backend.function(name)(
            _apart(grad_output, out).reshape(rows),
            _apart(a, out).reshape(rows),
            out.reshape(rows),
        )
    return out
