"""Activation functions, their derivatives, exp and log, on arrays of any shape.

    a = sigmoid(z);  grad_z = sigmoid_backward(grad_a, a)

Backward functions take the output `a` where the derivative can be had from it, else
the input `z`. All of them return an array of the input's shape and precision.
"""

from .. import backend
from . import checks


def _forward(name, x, out):
    x = checks.floating(name, "x", x)
    out = checks.output(name, out, x.shape, x.dtype)
    backend.function(name)(x.reshape(-1), out.reshape(-1))
    return out


def _backward(name, grad_output, saved, saved_name, out):
    grad_output = checks.array(name, "grad_output", grad_output)
    saved = checks.array(name, saved_name, saved)
    dtype = checks.common_float(grad_output, saved)
    grad_output = checks.floating(name, "grad_output", grad_output, dtype=dtype)
    saved = checks.floating(name, saved_name, saved, dtype=dtype)
    checks.same_shape(name, "grad_output", grad_output, saved_name, saved)
    out = checks.output(name, out, saved.shape, dtype)
    backend.function(name)(grad_output.reshape(-1), saved.reshape(-1), out.reshape(-1))
    return out


def relu(x, out=None):
    """Rectified linear unit: x where x > 0, else 0 (Nair and Hinton, 2010).

    x: array of any shape. Returns an array of the same shape, written into `out` if
    given (out may be x itself). NaN stays NaN.
    Raises TypeError or ValueError when x is not numbers or out does not fit.
    """
    return _forward("relu", x, out)


def relu_backward(grad_output, a, out=None):
    """Gradient of relu: grad_output where a > 0, else 0; relu'(0) = 0.

    grad_output, a: arrays of the same shape; a = relu(z). Returns grad_z, same shape.
    """
    return _backward("relu_backward", grad_output, a, "a", out)
