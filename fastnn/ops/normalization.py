"""Batch normalisation (over the rows) and layer normalisation (over the last axis).

    out, mean, inv_std = batch_norm(x, gamma, beta, running_mean, running_var)
    grads = batch_norm_backward(grad_output, x, gamma, mean, inv_std)
    grad_input, grad_gamma, grad_beta = grads

gamma and beta are the learned scale and shift; mean and inv_std = 1 / sqrt(var + eps)
are kept from forward for backward.
"""

import math

import numpy as np

from .. import backend
from . import checks


def _arrays(where, **arguments):
    """All arguments in their common precision, by name."""
    raw = {name: checks.array(where, name, value) for name, value in arguments.items()}
    dtype = checks.common_float(*raw.values())
    return {
        name: checks.floating(where, name, value, dtype=dtype)
        for name, value in raw.items()
    }


def _matrix(where, x):
    if x.ndim != 2:
        raise ValueError(
            f"{where}: x has shape {x.shape}; expected 2 dimensions, "
            "(samples, features); reshape it first"
        )


def _lengths(where, shape, axis, **vectors):
    for name, vector in vectors.items():
        if vector.shape != shape:
            raise ValueError(
                f"{where}: {name} has shape {vector.shape}; expected {shape}, "
                f"one number for each {axis} of x"
            )


def _running(where, name, value, dtype, shape, apart_from):
    if not checks.plain(value):
        raise TypeError(
            f"{where}: {name} is {checks.describe(value)}; expected a NumPy array, "
            "because training updates it in place"
        )
    return checks.output(where, value, shape, dtype, apart_from, name)


def batch_norm(
    x,
    gamma,
    beta,
    running_mean,
    running_var,
    momentum=0.1,
    eps=1e-5,
    training=True,
    out=None,
):
    """Batch normalisation (Ioffe and Szegedy, 2015), column by column.

    out = gamma * (x - mean) * inv_std + beta, inv_std = 1 / sqrt(var + eps).
    In training, mean and var (divided by n) are those of the batch, and the running
    moments move: running = (1 - momentum) * running + momentum * batch, where the
    batch's variance is divided by n - 1 (by 1 if n is 1). With training=False the
    running moments take the batch's place and stay as they are.

    x (n, d); gamma, beta, running_mean, running_var (d,). In training, running_* are
    NumPy arrays of the precision in which x, gamma and beta meet.
    Returns out (n, d), mean (d,), inv_std (d,): the mean and inv_std that were used.
    `out` may be x itself, but backward still needs the old x.
    Raises TypeError or ValueError when an argument does not fit.

    >>> moments = np.zeros(1), np.ones(1)
    >>> out, mean, inv_std = batch_norm([[1.0], [3.0]], [1.0], [0.0], *moments, eps=3)
    >>> out.tolist(), mean.tolist(), inv_std.tolist()
    ([[-0.5], [0.5]], [2.0], [0.5])
    """
    where = "batch_norm"
    if not checks.flag(where, "training", training):
        checks.number(where, "momentum", momentum, low=0, high=1)
        out = _inference(where, x, gamma, beta, running_mean, running_var, eps, out)
        # as the kernel does it: in double, rounded once
        inv_std = 1.0 / np.sqrt(np.asarray(running_var, np.float64) + float(eps))
        return out, np.array(running_mean, out.dtype), inv_std.astype(out.dtype)
    given = _arrays(where, x=x, gamma=gamma, beta=beta)
    x, gamma, beta = given.values()
    _matrix(where, x)
    momentum = checks.number(where, "momentum", momentum, low=0, high=1)
    eps = checks.number(where, "eps", eps, above=0, below=math.inf)
    shape = x.shape[1:]
    _lengths(where, shape, "column", gamma=gamma, beta=beta)
    read = (x, gamma, beta)
    running_mean = _running(where, "running_mean", running_mean, x.dtype, shape, read)
    read = (x, gamma, beta, running_mean)
    running_var = _running(where, "running_var", running_var, x.dtype, shape, read)
    others = (gamma, beta, running_mean, running_var)
    out = checks.output_over(where, out, "x", x, others)
    mean, inv_std = np.empty_like(gamma), np.empty_like(gamma)
    backend.function("batch_norm_forward")(
        x, gamma, beta, running_mean, running_var, momentum, eps, mean, inv_std, out
    )
    return out, mean, inv_std


def _inference(where, x, gamma, beta, running_mean, running_var, eps, out):
    given = _arrays(
        where,
        x=x,
        gamma=gamma,
        beta=beta,
        running_mean=running_mean,
        running_var=running_var,
    )
    x = given.pop("x")
    _matrix(where, x)
    _lengths(where, x.shape[1:], "column", **given)
    eps = checks.number(where, "eps", eps, above=0, below=math.inf)
    out = checks.output_over(where, out, "x", x, given.values())
    backend.function("batch_norm_inference")(x, *given.values(), eps, out)
    return out


def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5, out=None):
    """Batch normalisation after training (Ioffe and Szegedy, 2015).

    out = gamma * (x - running_mean) / sqrt(running_var + eps) + beta: every row by
    itself, whatever the rest of the batch is.
    x (n, d); gamma, beta, running_mean, running_var (d,). Returns out (n, d); `out`
    may be x itself.
    """
    where = "batch_norm_inference"
    return _inference(where, x, gamma, beta, running_mean, running_var, eps, out)


def _gradients(given):
    """New arrays: grad_gamma, grad_beta, grad_input."""
    gamma, x = given["gamma"], given["x"]
    return np.empty_like(gamma), np.empty_like(gamma), np.empty_like(x)


def batch_norm_backward(grad_output, x, gamma, mean, inv_std):
    """Gradient of batch_norm in training.

    With g = grad_output, xhat = (x - mean) * inv_std and sums over the n rows:
    grad_beta = sum(g), grad_gamma = sum(g * xhat),
    grad_input = gamma * inv_std * (g - grad_beta / n - xhat * grad_gamma / n).
    grad_output, x (n, d); gamma, mean, inv_std (d,), the last two from batch_norm.
    Returns grad_input (n, d), grad_gamma (d,), grad_beta (d,).
    """
    where = "batch_norm_backward"
    given = _arrays(
        where, grad_output=grad_output, x=x, gamma=gamma, mean=mean, inv_std=inv_std
    )
    _check_batch(where, given)
    grad_gamma, grad_beta, grad_input = _gradients(given)
    backend.function("batch_norm_backward")(
        *given.values(), grad_gamma, grad_beta, grad_input
    )
    return grad_input, grad_gamma, grad_beta


def _check_batch(where, given):
    matrices = ("grad_output", "x")
    x = given["x"]
    _matrix(where, x)
    checks.same_shape(where, "grad_output", given["grad_output"], "x", x)
    vectors = {name: v for name, v in given.items() if name not in matrices}
    _lengths(where, x.shape[1:], "column", **vectors)


def batch_norm_inference_backward(
    grad_output, x, gamma, running_mean, running_var, eps=1e-5
):
    """Gradient of batch_norm_inference, where the running moments are constants.

    With g = grad_output and xhat = (x - running_mean) / sqrt(running_var + eps):
    grad_beta = sum(g), grad_gamma = sum(g * xhat),
    grad_input = gamma * g / sqrt(running_var + eps).
    grad_output, x (n, d); gamma, running_mean, running_var (d,).
    Returns grad_input (n, d), grad_gamma (d,), grad_beta (d,).
    """
    where = "batch_norm_inference_backward"
    given = _arrays(
        where,
        grad_output=grad_output,
        x=x,
        gamma=gamma,
        running_mean=running_mean,
        running_var=running_var,
    )
    _check_batch(where, given)
    eps = checks.number(where, "eps", eps, above=0, below=math.inf)
    grad_gamma, grad_beta, grad_input = _gradients(given)
    backend.function("batch_norm_inference_backward")(
        *given.values(), eps, grad_gamma, grad_beta, grad_input
    )
    return grad_input, grad_gamma, grad_beta


def _rows(where, x):
    """Number of rows and of columns, the columns being the last axis."""
    if x.ndim < 1:
        raise ValueError(
            f"{where}: x has shape (), a single number; expected at least 1 dimension"
        )
    return int(np.prod(x.shape[:-1])), x.shape[-1]


def layer_norm(x, gamma, beta, eps=1e-5, out=None):
    """Layer normalisation (Ba, Kiros and Hinton, 2016) over the last axis.

    out = (x - mean) * inv_std * gamma + beta, inv_std = 1 / sqrt(var + eps), where
    mean and var (divided by d) are those of each row of d numbers.
    x (..., d); gamma, beta (d,). Returns out (..., d), mean (...,), inv_std (...,).
    `out` may be x itself, but backward still needs the old x.
    Raises TypeError or ValueError when an argument does not fit.

    >>> out, mean, inv_std = layer_norm([[1.0, 3.0]], [1.0, 2.0], [0.0, 5.0], eps=3)
    >>> out.tolist(), mean.tolist(), inv_std.tolist()
    ([[-0.5, 6.0]], [2.0], [0.5])
    """
    where = "layer_norm"
    x, gamma, beta = _arrays(where, x=x, gamma=gamma, beta=beta).values()
    n, d = _rows(where, x)
    _lengths(where, (d,), "column", gamma=gamma, beta=beta)
    eps = checks.number(where, "eps", eps, above=0, below=math.inf)
    out = checks.output_over(where, out, "x", x, (gamma, beta))
    mean, inv_std = np.empty(n, x.dtype), np.empty(n, x.dtype)
    backend.function("layer_norm_forward")(
        x.reshape(n, d), gamma, beta, eps, mean, inv_std, out.reshape(n, d)
    )
    return out, mean.reshape(x.shape[:-1]), inv_std.reshape(x.shape[:-1])


def layer_norm_backward(grad_output, x, gamma, mean, inv_std):
    """Gradient of layer_norm.

    With g = grad_output, xhat = (x - mean) * inv_std and h = g * gamma:
    grad_beta = sum(g), grad_gamma = sum(g * xhat) over the rows,
    grad_input = inv_std * (h - mean of h - xhat * mean of h * xhat) within a row.
    grad_output, x (..., d); gamma (d,); mean, inv_std (...,) from layer_norm.
    Returns grad_input (..., d), grad_gamma (d,), grad_beta (d,).
    """
    where = "layer_norm_backward"
    given = _arrays(
        where, grad_output=grad_output, x=x, gamma=gamma, mean=mean, inv_std=inv_std
    )
    g, x, gamma, mean, inv_std = given.values()
    n, d = _rows(where, x)
    checks.same_shape(where, "grad_output", g, "x", x)
    _lengths(where, (d,), "column", gamma=gamma)
    _lengths(where, x.shape[:-1], "row", mean=mean, inv_std=inv_std)
    grad_gamma, grad_beta, grad_input = _gradients(given)
    backend.function("layer_norm_backward")(
        g.reshape(n, d),
        x.reshape(n, d),
        gamma,
        mean.reshape(n),
        inv_std.reshape(n),
        grad_gamma,
        grad_beta,
        grad_input.reshape(n, d),
    )
    return grad_input, grad_gamma, grad_beta
