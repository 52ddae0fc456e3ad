"""Batch and layer normalisation, forward and backward.

A mean is taken as first + mean of (x - first): exact for constant data, and no digits
are lost where the data are far from 0. The variance takes a second pass, because
mean(x^2) - mean(x)^2 loses everything that the two have in common.
"""

import math

__all__ = [
    "batch_norm_backward",
    "batch_norm_forward",
    "batch_norm_inference",
    "batch_norm_inference_backward",
    "layer_norm_backward",
    "layer_norm_forward",
]

LANES = 16


def batch_norm_forward(
    x, gamma, beta, running_mean, running_var, momentum, eps, mean, inv_std, out
):
    """Batch normalisation in training (Ioffe and Szegedy, 2015), column by column:

    out = gamma * (x - mean) * inv_std + beta,   inv_std = 1 / sqrt(var + eps),
    mean = x[0] + sum(x - x[0]) / n,   var = sum((x - mean)^2) / n over the n rows.
    running = (1 - momentum) * running + momentum * batch, for the mean and for the
    variance, the latter with n - 1 (1 if n is 1) in place of n; momentum 0 leaves
    both alone, and so does an empty batch, whose mean and var count as 0.
    x (n, d), gamma, beta (d,): read. running_mean, running_var (d,): updated.
    mean, inv_std (d,), out (n, d): overwritten; out may be x.
    Derivation: docs/derivations/normalization.md
    """
    n, d = x.shape
    rows = max(n, 1)
    for j in range(d):
        first = x[0, j] if n > 0 else 0.0
        total = 0.0
        for i in range(n):
            total += x[i, j] - first
        m = first + total / rows
        squares = 0.0
        for i in range(n):
            squares += (x[i, j] - m) * (x[i, j] - m)
        s = inverse_root(squares / rows + eps)
        mean[j], inv_std[j] = m, s
        if momentum != 0.0 and n > 0:
            v = squares / max(n - 1, 1)
            running_mean[j] = (1.0 - momentum) * running_mean[j] + momentum * m
            running_var[j] = (1.0 - momentum) * running_var[j] + momentum * v
        scale, shift = gamma[j] * s, beta[j]
        for i in range(n):
            out[i, j] = (x[i, j] - m) * scale + shift


def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps, out):
    """Batch normalisation after training, with the running moments; rows are apart:

    out = gamma * (x - running_mean) / sqrt(running_var + eps) + beta
    x (n, d), gamma, beta, running_mean, running_var (d,): read.
    out (n, d): overwritten; it may be x. (Ioffe and Szegedy, 2015)
    """
    n, d = x.shape
    for j in range(d):
        m = running_mean[j]
        scale = gamma[j] * inverse_root(running_var[j] + eps)
        shift = beta[j]
        for i in range(n):
            out[i, j] = (x[i, j] - m) * scale + shift


def batch_norm_backward(
    grad_output, x, gamma, mean, inv_std, grad_gamma, grad_beta, grad_input
):
    """Gradient of batch_norm_forward, with xhat = (x - mean) * inv_std, over n rows:

    grad_beta = sum(g),   grad_gamma = sum(g * xhat),   g = grad_output,
    grad_input = gamma * inv_std * (g - grad_beta / n - xhat * grad_gamma / n)
    grad_output, x (n, d), gamma, mean, inv_std (d,): read. grad_gamma, grad_beta (d,)
    and grad_input (n, d): overwritten; grad_input may be grad_output.
    Derivation: docs/derivations/normalization.md
    """
    n, d = x.shape
    rows = max(n, 1)
    for j in range(d):
        m, s = mean[j], inv_std[j]
        sum_g, sum_gx = column_sums(grad_output, x, j, m, s)
        grad_gamma[j], grad_beta[j] = sum_gx, sum_g
        scale, mean_g, mean_gx = gamma[j] * s, sum_g / rows, sum_gx / rows
        for i in range(n):
            g, xhat = grad_output[i, j], (x[i, j] - m) * s
            grad_input[i, j] = scale * (g - mean_g - xhat * mean_gx)


def batch_norm_inference_backward(
    grad_output,
    x,
    gamma,
    running_mean,
    running_var,
    eps,
    grad_gamma,
    grad_beta,
    grad_input,
):
    """Gradient of batch_norm_inference; the running moments are constants:

    inv_std = 1 / sqrt(running_var + eps),   xhat = (x - running_mean) * inv_std,
    grad_beta = sum(g),   grad_gamma = sum(g * xhat),   g = grad_output,
    grad_input = gamma * inv_std * g
    grad_output, x (n, d), gamma, running_mean, running_var (d,): read. grad_gamma,
    grad_beta (d,), grad_input (n, d): overwritten; grad_input may be grad_output.
    Derivation: docs/derivations/normalization.md
    """
    n, d = x.shape
    for j in range(d):
        m, s = running_mean[j], inverse_root(running_var[j] + eps)
        grad_beta[j], grad_gamma[j] = column_sums(grad_output, x, j, m, s)
        scale = gamma[j] * s
        for i in range(n):
            grad_input[i, j] = scale * grad_output[i, j]


def column_sums(grad_output, x, j, mean, inv_std):
    """Sums over the rows of g and of g * xhat, for column j."""
    sum_g = sum_gx = 0.0
    for i in range(x.shape[0]):
        g = grad_output[i, j]
        sum_g += g
        sum_gx += g * ((x[i, j] - mean) * inv_std)
    return sum_g, sum_gx


def layer_norm_forward(x, gamma, beta, eps, mean, inv_std, out):
    """Layer normalisation (Ba, Kiros and Hinton, 2016), each row by itself:

    out = (x - mean) * inv_std * gamma + beta,   inv_std = 1 / sqrt(var + eps),
    mean = x[0] + sum(x - x[0]) / d,   var = sum((x - mean)^2) / d over the d columns.
    x (n, d), gamma, beta (d,): read. mean, inv_std (n,), out (n, d): overwritten;
    out may be x. Derivation: docs/derivations/normalization.md
    """
    n, d = x.shape
    for i in range(n):
        row = [x[i, j] for j in range(d)]
        first = row[0] if d > 0 else 0.0
        m = first + sum_in_lanes([v - first for v in row]) / max(d, 1)
        variance = sum_in_lanes([(v - m) * (v - m) for v in row]) / max(d, 1)
        s = inverse_root(variance + eps)
        mean[i], inv_std[i] = m, s
        for j in range(d):
            out[i, j] = (row[j] - m) * s * gamma[j] + beta[j]


def layer_norm_backward(
    grad_output, x, gamma, mean, inv_std, grad_gamma, grad_beta, grad_input
):
    """Gradient of layer_norm_forward, with xhat = (x - mean) * inv_std, h = g * gamma:

    grad_beta = sum(g),   grad_gamma = sum(g * xhat) over the rows,   g = grad_output,
    grad_input = inv_std * (h - mean of h - xhat * mean of h * xhat), means over a row
    grad_output, x (n, d), gamma (d,), mean, inv_std (n,): read. grad_gamma,
    grad_beta (d,), grad_input (n, d): overwritten; grad_input may be grad_output.
    Derivation: docs/derivations/normalization.md
    """
    n, d = x.shape
    for j in range(d):
        sum_g = sum_gx = 0.0
        for i in range(n):
            g = grad_output[i, j]
            sum_g += g
            sum_gx += g * ((x[i, j] - mean[i]) * inv_std[i])
        grad_gamma[j], grad_beta[j] = sum_gx, sum_g
    for i in range(n):
        m, s = mean[i], inv_std[i]
        xhat = [(x[i, j] - m) * s for j in range(d)]
        h = [grad_output[i, j] * gamma[j] for j in range(d)]
        mean_h = sum_in_lanes(h) / max(d, 1)
        mean_hx = sum_in_lanes([h[j] * xhat[j] for j in range(d)]) / max(d, 1)
        for j in range(d):
            grad_input[i, j] = s * (h[j] - mean_h - xhat[j] * mean_hx)


def inverse_root(v):
    """1 / sqrt(v) as a processor has it: infinity at 0, NaN below."""
    if v > 0.0:
        return 1.0 / math.sqrt(v)
    return math.inf if v == 0.0 else math.nan


def sum_in_lanes(terms):
    """A sum in the order of the kernel, whose registers add 16 terms at a time.

    Partial sum l takes the terms l, l + 16, l + 32 ...; then the upper half of the
    partial sums is added to the lower half, until one is left.
    """
    partial = [0.0] * LANES
    for j, term in enumerate(terms):
        partial[j % LANES] += term
    half = LANES // 2
    while half > 0:
        for lane in range(half):
            partial[lane] += partial[lane + half]
        half //= 2
    return partial[0]
