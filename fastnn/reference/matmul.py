"""The three products of a network, out of one: a @ b, a.T @ b and a @ b.T.

z = x @ weights, grad_weights = x.T @ grad_z, grad_x = grad_z @ weights.T.
Derivation: docs/derivations/matmul.md
"""

from . import activations
from .activations import ACTIVATIONS

__all__ = ["column_sums", "matmul"]


def matmul(a, b, out, transpose_a, transpose_b, bias, activation):
    """Product of two matrices: out = activation(a @ b + bias).

    out[i, j] = sum over p of a[i, p] * b[p, j], added in the order of p
    a (m, k), or (k, m) if transpose_a; b (k, n), or (n, k) if transpose_b: read.
    bias (n,) or None; activation: its place in ACTIVATIONS of reference/activations.py.
    out (m, n): overwritten. Derivation: docs/derivations/matmul.md
    """
    m, n = out.shape
    k = a.shape[0 if transpose_a else 1]
    # lists of Python floats, which loops read faster than a memoryview
    rows = [[a[p, i] if transpose_a else a[i, p] for p in range(k)] for i in range(m)]
    columns = [
        [b[j, p] if transpose_b else b[p, j] for p in range(k)] for j in range(n)
    ]
    for i in range(m):
        z = []
        for j in range(n):
            total = 0.0
            for a_ip, b_pj in zip(rows[i], columns[j], strict=True):
                total += a_ip * b_pj
            z.append(total if bias is None else total + bias[j])
        for j, value in enumerate(_activate(z, activation)):
            out[i, j] = value


def _activate(z, activation):
    """The row z after the activation of this number."""
    name = ACTIVATIONS[activation]
    if name == "identity":
        return z
    a = [0.0] * len(z)
    getattr(activations, name)(z, a)
    return a


def column_sums(x, out):
    """Sum of every column: out[j] = sum over i of x[i, j], in the order of i.

    x (m, n): read. out (n,): overwritten. The gradient of a bias.
    """
    m, n = x.shape
    for j in range(n):
        total = 0.0
        for i in range(m):
            total += x[i, j]
        out[j] = total
