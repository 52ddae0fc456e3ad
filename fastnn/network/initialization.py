"""How weights begin: `f(shape, rng)` gives a float64 array of shape (n_in, n_out).

    fn.init.he_normal((64, 32), np.random.default_rng(0))

A layer z = x @ weights adds n_in products, so the variance of z is n_in times the
variance of the weights (for inputs of variance 1). Each rule below picks the variance
that keeps signals, or gradients, the same size from layer to layer.
Normal numbers are written N(0, std), uniform ones U(-limit, limit), whose standard
deviation is limit / sqrt(3).
"""

import inspect
import math

import numpy as np

from ..ops import checks
from ..reference.activations import ACTIVATIONS
from .draws import Draws

__all__ = [
    "default_for",
    "he_normal",
    "he_uniform",
    "initialize",
    "lecun_normal",
    "normal",
    "orthogonal",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]


def zeros(shape, rng=None):
    """All zeros: right for biases; as weights, every unit would learn the same."""
    return np.zeros(_two("zeros", shape))


def normal(shape, rng):
    """N(0, 0.01): small random numbers, whatever the size of the layer."""
    return _generator("normal", rng).normal(0.0, 0.01, _two("normal", shape))


def xavier_uniform(shape, rng):
    """U(-limit, limit), limit = sqrt(6 / (n_in + n_out)) (Glorot and Bengio, 2010).

    The variance 2 / (n_in + n_out) is the compromise between 1 / n_in, which keeps
    the signals' size, and 1 / n_out, which keeps the gradients'. For tanh and sigmoid.
    """
    n_in, n_out = shape = _two("xavier_uniform", shape)
    limit = math.sqrt(6 / (n_in + n_out))
    return _uniform("xavier_uniform", rng, limit, shape)


def xavier_normal(shape, rng):
    """N(0, std), std = sqrt(2 / (n_in + n_out)) (Glorot and Bengio, 2010)."""
    n_in, n_out = shape = _two("xavier_normal", shape)
    std = math.sqrt(2 / (n_in + n_out))
    return _generator("xavier_normal", rng).normal(0.0, std, shape)


def he_uniform(shape, rng):
    """U(-limit, limit), limit = sqrt(6 / n_in) (He et al., 2015).

    The variance 2 / n_in makes up for relu, which halves the signal's mean square.
    """
    n_in, _ = shape = _two("he_uniform", shape)
    limit = math.sqrt(6 / n_in)
    return _uniform("he_uniform", rng, limit, shape)


def he_normal(shape, rng):
    """N(0, std), std = sqrt(2 / n_in), made for relu (He et al., 2015)."""
    n_in, _ = shape = _two("he_normal", shape)
    return _generator("he_normal", rng).normal(0.0, math.sqrt(2 / n_in), shape)


def lecun_normal(shape, rng):
    """N(0, std), std = sqrt(1 / n_in) (LeCun et al., 1998).

    Keeps the variance of the signal; selu's fixed point is derived for these weights
    (Klambauer et al., 2017).
    """
    n_in, _ = shape = _two("lecun_normal", shape)
    return _generator("lecun_normal", rng).normal(0.0, math.sqrt(1 / n_in), shape)


def orthogonal(shape, rng):
    """A random matrix whose shorter side is orthonormal (Saxe et al., 2014).

    weights.T @ weights = 1 if n_in >= n_out, else weights @ weights.T = 1: no direction
    is stretched or lost. It is the q of N(0, 1) = q r, with the diagonal of r made
    positive so that all rotations are equally likely.
    """
    n_in, n_out = _two("orthogonal", shape)
    tall = (max(n_in, n_out), min(n_in, n_out))
    q, r = np.linalg.qr(_generator("orthogonal", rng).normal(size=tall))
    q *= np.where(np.diagonal(r) < 0, -1.0, 1.0)
    return q if n_in >= n_out else np.ascontiguousarray(q.T)


INITIALIZERS = {
    "zeros": zeros,
    "normal": normal,
    "xavier_uniform": xavier_uniform,
    "xavier_normal": xavier_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
    "lecun_normal": lecun_normal,
    "orthogonal": orthogonal,
}

_RELU_FAMILY = frozenset(
    ("relu", "leaky_relu", "elu", "gelu", "gelu_tanh", "silu", "softplus")
)


def default_for(activation):
    """The name of the initializer that suits an activation (a name or None)."""
    if activation is not None:
        checks.choice("default_for", "activation", activation, ACTIVATIONS)
    if activation in _RELU_FAMILY:
        return "he_uniform"
    return "lecun_normal" if activation == "selu" else "xavier_uniform"


def initialize(init, shape, rng):
    """Weights of `shape` (n_in, n_out), float64, from a name or a function.

    init: a name of INITIALIZERS, or any function f(shape, rng) that returns an array.
    Raises TypeError or ValueError when there is no such name or the result is not
    finite numbers of that shape.
    """
    init = initializer("initialize", init)
    shape = _two("initialize", shape)
    if isinstance(rng, Draws) and init not in INITIALIZERS.values():
        rng = rng.generator()  # what a user's function knows
    name = getattr(init, "__name__", repr(init))
    weights = checks.floating("initialize", f"the result of {name}", init(shape, rng))
    if weights.shape != shape:
        raise ValueError(
            f"initialize: {name} returned shape {weights.shape}; expected {shape}, "
            "which is (n_in, n_out)"
        )
    if not np.isfinite(weights).all():
        raise ValueError(
            f"initialize: {name} returned NaN or infinities; weights must be finite"
        )
    return np.array(weights, dtype=np.float64, order="C")


def initializer(where, init):
    """The function that `init` is or names; one that cannot be called is refused."""
    if not callable(init):
        return INITIALIZERS[checks.choice(where, "init", init, INITIALIZERS)]
    try:
        inspect.signature(init).bind((1, 1), None)
    except ValueError:  # a function of C may not say what it takes
        pass
    except TypeError as error:
        raise TypeError(
            f"{where}: init is {checks.describe(init)}, which cannot be called as "
            f"init(shape, rng): {error}"
        ) from None
    return init


def _two(where, shape):
    """`shape` as two whole numbers (n_in, n_out), each at least 1."""
    if not isinstance(shape, (tuple, list)) or len(shape) != 2:
        raise ValueError(
            f"{where}: shape is {checks.describe(shape)}; expected (n_in, n_out), "
            "for example (64, 32)"
        )
    shape = tuple(checks.whole(where, "each size in shape", n, low=1) for n in shape)
    checks.memory_for(where, {"shape[0]": shape[0], "shape[1]": shape[1]})
    return shape


def _uniform(where, rng, limit, shape):
    """U(-limit, limit): what rng.uniform gives, of numbers that Draws has as well."""
    rng = rng if isinstance(rng, Draws) else _generator(where, rng)
    return 2 * limit * rng.random(shape) - limit


def _generator(where, rng):
    if isinstance(rng, Draws):
        return rng.generator()
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{where}: rng is {checks.describe(rng)}; expected a NumPy generator, "
            "for example numpy.random.default_rng(0)"
        )
    return rng
