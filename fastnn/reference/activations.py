"""Activation functions and their derivatives, element by element; softmax by rows.

Backward functions take `a`, the output, where the derivative can be had from it,
else `z`, the input. Derivation: docs/derivations/activations.md
"""

import math

__all__ = [
    "elu",
    "elu_backward",
    "exp",
    "gelu",
    "gelu_backward",
    "gelu_tanh",
    "gelu_tanh_backward",
    "identity",
    "identity_backward",
    "leaky_relu",
    "leaky_relu_backward",
    "log",
    "relu",
    "relu_backward",
    "selu",
    "selu_backward",
    "sigmoid",
    "sigmoid_backward",
    "silu",
    "silu_backward",
    "softmax",
    "softmax_backward",
    "softplus",
    "softplus_backward",
    "tanh",
    "tanh_backward",
]

# In the order of `enum Activation` in fastnn/_kernels/activations.pyx.
ACTIVATIONS = (
    "identity",
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "gelu",
    "gelu_tanh",
    "silu",
    "softplus",
    "softmax",
)

# Whose backward reads the input z; all others read the output a.
NEEDS_Z = {"gelu", "gelu_tanh", "silu"}

SLOPE = 0.01  # of leaky_relu below 0
SELU_SCALE = 1.0507009873554804934193349852946  # Klambauer et al. (2017)
SELU_ALPHA = 1.6732632423543772848170429916717
ROOT_2_OVER_PI = math.sqrt(2.0 / math.pi)


def _exp(x):
    """e^x; where math.exp would raise OverflowError, infinity."""
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def _sigmoid(x):
    """1 / (1 + e^-x), written so that the exponential never overflows."""
    e = math.exp(-abs(x))
    return e / (1.0 + e) if x < 0.0 else 1.0 / (1.0 + e)


def _phi(x):
    """Phi(x), the chance that a standard normal number is below x."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def _gelu_tanh_argument(x):
    """u with gelu_tanh(x) = x sigmoid(u); beyond +-25 sigmoid(u) is 0 or 1."""
    x = min(max(x, -25.0), 25.0) if x == x else x
    return 2.0 * ROOT_2_OVER_PI * (x + 0.044715 * x * x * x)


def exp(x, out):
    """Exponential: out = e^x.

    x (n,): read. out (n,): overwritten. Subnormal results are kept; beyond the
    largest number out is inf; NaN stays NaN.
    """
    for i in range(len(x)):
        out[i] = _exp(x[i])


def log(x, out):
    """Natural logarithm: out = ln x.

    x (n,): read. out (n,): overwritten. log(0) is -inf, log of a negative number
    NaN; NaN stays NaN.
    """
    for i in range(len(x)):
        if x[i] > 0.0:
            out[i] = math.log(x[i])
        else:
            out[i] = -math.inf if x[i] == 0.0 else math.nan


def identity(x, out):
    """Identity: out = x.

    x (n,): read. out (n,): overwritten.
    """
    for i in range(len(x)):
        out[i] = x[i]


def identity_backward(grad_output, a, out):
    """Gradient of identity: out = grad_output.

    grad_output, a (n,): read. out (n,): overwritten. Where a is NaN, out is NaN.
    """
    for i in range(len(a)):
        out[i] = a[i] if math.isnan(a[i]) else grad_output[i]


def sigmoid(x, out):
    """Logistic sigmoid: out = 1 / (1 + e^-x) (Verhulst, 1838).

    x (n,): read. out (n,): overwritten. NaN stays NaN.
    """
    for i in range(len(x)):
        out[i] = _sigmoid(x[i])


def sigmoid_backward(grad_output, a, out):
    """Gradient of sigmoid: out = grad_output * a (1 - a).

    grad_output, a (n,): read. out (n,): overwritten. Where a is NaN, out is NaN.
    """
    for i in range(len(a)):
        out[i] = grad_output[i] * (a[i] * (1.0 - a[i]))


def tanh(x, out):
    """Hyperbolic tangent: out = (e^x - e^-x) / (e^x + e^-x).

    x (n,): read. out (n,): overwritten. NaN stays NaN; -0.0 stays -0.0.
    """
    for i in range(len(x)):
        out[i] = math.tanh(x[i])


def tanh_backward(grad_output, a, out):
    """Gradient of tanh: out = grad_output * (1 - a^2), as (1 - a) (1 + a).

    grad_output, a (n,): read. out (n,): overwritten. Where a is NaN, out is NaN.
    """
    for i in range(len(a)):
        out[i] = grad_output[i] * ((1.0 - a[i]) * (1.0 + a[i]))


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


def leaky_relu(x, out):
    """Leaky rectified linear unit: out = x where x > 0, else 0.01 x (Maas, 2013).

    x (n,): read. out (n,): overwritten. NaN stays NaN; -0.0 stays -0.0.
    """
    for i in range(len(x)):
        out[i] = SLOPE * x[i] if x[i] <= 0.0 else x[i]


def leaky_relu_backward(grad_output, a, out):
    """Gradient of leaky_relu: out = grad_output where a > 0, else 0.01 grad_output.

    grad_output, a (n,): read. out (n,): overwritten. Where a is NaN, out is NaN.
    """
    for i in range(len(a)):
        g = grad_output[i]
        out[i] = SLOPE * g if a[i] <= 0.0 else (g if a[i] > 0.0 else a[i])


def elu(x, out):
    """Exponential linear unit: out = x where x >= 0, else e^x - 1 (Clevert, 2016).

    x (n,): read. out (n,): overwritten. alpha is 1. NaN stays NaN; -0.0 stays -0.0.
    """
    for i in range(len(x)):
        out[i] = x[i] if x[i] >= 0.0 else math.expm1(x[i])


def elu_backward(grad_output, a, out):
    """Gradient of elu: out = grad_output where a > 0, else grad_output (a + 1).

    grad_output, a (n,): read. out (n,): overwritten. Where a is NaN, out is NaN.
    """
    for i in range(len(a)):
        g = grad_output[i]
        out[i] = (a[i] + 1.0) * g if a[i] <= 0.0 else (g if a[i] > 0.0 else a[i])


def selu(x, out):
    """Scaled elu: out = scale x where x >= 0, else scale alpha (e^x - 1).

    x (n,): read. out (n,): overwritten. scale = 1.0507..., alpha = 1.6732...: the pair
    that keeps mean 0 and variance 1 (Klambauer, 2017). NaN stays NaN, -0.0 stays -0.0.
    """
    for i in range(len(x)):
        if x[i] >= 0.0:
            out[i] = SELU_SCALE * x[i]
        else:
            out[i] = SELU_SCALE * SELU_ALPHA * math.expm1(x[i])


def selu_backward(grad_output, a, out):
    """Gradient of selu: out = grad_output * scale where a > 0, else (a + scale alpha).

    grad_output, a (n,): read. out (n,): overwritten. Where a is NaN, out is NaN.
    """
    for i in range(len(a)):
        if a[i] <= 0.0:
            out[i] = (a[i] + SELU_SCALE * SELU_ALPHA) * grad_output[i]
        else:
            out[i] = SELU_SCALE * grad_output[i] if a[i] > 0.0 else a[i]


def gelu(x, out):
    """Gaussian error linear unit: out = x Phi(x) (Hendrycks and Gimpel, 2016).

    Phi(x) = erfc(-x / sqrt(2)) / 2. x (n,): read. out (n,): overwritten. At -inf the
    limit, -0.0; NaN stays NaN.
    """
    for i in range(len(x)):
        z = -40.0 if x[i] < -40.0 else x[i]  # -40 Phi(-40) is -0.0, and so is -inf * 0
        out[i] = z * _phi(z)


def gelu_backward(grad_output, z, out):
    """Gradient of gelu: out = grad_output * (Phi(z) + z e^(-z^2/2) / sqrt(2 pi)).

    grad_output, z (n,): read. out (n,): overwritten. Where z is NaN, out is NaN.
    """
    for i in range(len(z)):
        x = min(max(z[i], -40.0), 40.0) if z[i] == z[i] else z[i]
        density = math.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
        out[i] = grad_output[i] * (_phi(x) + x * density)


def gelu_tanh(x, out):
    """gelu by a formula with tanh: out = x (1 + tanh(u/2)) / 2 = x / (1 + e^-u).

    u = 2 sqrt(2/pi) (x + 0.044715 x^3) (Hendrycks and Gimpel, 2016). x (n,): read.
    out (n,): overwritten. At -inf the limit, -0.0; NaN stays NaN.
    """
    for i in range(len(x)):
        z = -25.0 if x[i] < -25.0 else x[i]
        out[i] = z * _sigmoid(_gelu_tanh_argument(z))


def gelu_tanh_backward(grad_output, z, out):
    """Gradient of gelu_tanh: grad_output * (s + z s (1 - s) u'), s = sigmoid(u).

    u' = 2 sqrt(2/pi) (1 + 3 * 0.044715 z^2). grad_output, z (n,): read. out (n,):
    overwritten. Where z is NaN, out is NaN.
    """
    for i in range(len(z)):
        x = min(max(z[i], -25.0), 25.0) if z[i] == z[i] else z[i]
        u = _gelu_tanh_argument(x)
        s = _sigmoid(u)
        du = 2.0 * ROOT_2_OVER_PI * (1.0 + 3.0 * 0.044715 * x * x)
        rest = _sigmoid(-u)  # 1 - s without losing its digits where s is nearly 1
        out[i] = grad_output[i] * (s * (1.0 + x * rest * du))


def silu(x, out):
    """Sigmoid linear unit: out = x / (1 + e^-x) (Elfwing, 2017).

    x (n,): read. out (n,): overwritten. At -inf the limit, -0.0; NaN stays NaN.
    """
    for i in range(len(x)):
        z = -760.0 if x[i] < -760.0 else x[i]
        e = math.exp(-abs(z))
        out[i] = z * e / (1.0 + e) if z < 0.0 else z / (1.0 + e)


def silu_backward(grad_output, z, out):
    """Gradient of silu: out = grad_output * s (1 + z (1 - s)), s = 1 / (1 + e^-z).

    grad_output, z (n,): read. out (n,): overwritten. Where z is NaN, out is NaN.
    """
    for i in range(len(z)):
        x = min(max(z[i], -760.0), 760.0) if z[i] == z[i] else z[i]
        s, rest = _sigmoid(x), _sigmoid(-x)  # rest = 1 - s, with all its digits
        out[i] = grad_output[i] * (s * (1.0 + x * rest))


def softplus(x, out):
    """Softplus: out = log(1 + e^x) = max(x, 0) + log(1 + e^-|x|) (Dugas, 2001).

    x (n,): read. out (n,): overwritten. NaN stays NaN.
    """
    for i in range(len(x)):
        rest = math.log1p(math.exp(-abs(x[i])))
        out[i] = rest if x[i] < 0.0 else x[i] + rest


def softplus_backward(grad_output, a, out):
    """Gradient of softplus: out = grad_output * (1 - e^-a), which is sigmoid(z).

    grad_output, a (n,): read. out (n,): overwritten; 0 where a <= 0, NaN where a is.
    """
    for i in range(len(a)):
        out[i] = grad_output[i] * (0.0 if a[i] <= 0.0 else -math.expm1(-a[i]))


def softmax(x, out):
    """Softmax of each row: out[i, j] = e^(x[i, j] - top_i) / sum over k of the same.

    top_i = max over k of x[i, k]: no exponential overflows (Bridle, 1990). x (n, m):
    read. out (n, m): overwritten; each row depends on its own row alone. A row with
    NaN or inf, or with -inf alone, becomes NaN.
    """
    for i in range(x.shape[0]):
        row = [x[i, j] for j in range(x.shape[1])]
        top = max(row, default=0.0)
        exps = [_exp(value - top) for value in row]
        total = 0.0
        for value in exps:
            total += value
        for j in range(x.shape[1]):
            out[i, j] = exps[j] / total


def softmax_backward(grad_output, a, out):
    """Gradient of softmax: out[i, j] = a[i, j] (grad_output[i, j] - dot_i).

    dot_i = sum over k of grad_output[i, k] a[i, k]. grad_output, a (n, m): read.
    out (n, m): overwritten.
    """
    for i in range(a.shape[0]):
        dot = 0.0
        for k in range(a.shape[1]):
            dot += grad_output[i, k] * a[i, k]
        for j in range(a.shape[1]):
            out[i, j] = a[i, j] * (grad_output[i, j] - dot)
