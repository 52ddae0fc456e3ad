"""Activation functions and their derivatives, element by element.

Backward functions take `a`, the output, where the derivative can be had from it,
else `z`, the input. Derivation: docs/derivations/activations.md
"""

__all__ = ["relu", "relu_backward"]


def relu(x, out):
    """Rectified linear unit: out = x where x > 0, else 0 (Nair and Hinton, 2010).

    x (n,): read. out (n,): overwritten. NaN stays NaN; -0.0 becomes 0.0.
    """
    for i in range(len(x)):
        out[i] = 0.0 if x[i] <= 0.0 else x[i]


def relu_backward(grad_output, a, out):
    """Gradient of relu: out = grad_output where a > 0, else 0; relu'(0) = 0.

    grad_output, a (n,): read. out (n,): overwritten. Where a is NaN, out is NaN.
    """
    for i in range(len(a)):
        out[i] = 0.0 if a[i] <= 0.0 else (grad_output[i] if a[i] > 0.0 else a[i])
