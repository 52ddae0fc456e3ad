"""Dropout, and the counter-based random words that its mask is drawn from.

    out = dropout(x, 0.5, seed=0, step=3);  grad_x = dropout_backward(g, 0.5, 0, step=3)

A mask is a function of (seed, step, layer) and of nothing else: the same three give
the same mask again, which is how backward finds it, and how a run can be repeated.
"""

import numpy as np

from .. import backend
from . import checks


def _key(where, seed, step, layer):
    return (
        checks.whole(where, "seed", seed, bits=64),
        checks.whole(where, "step", step, bits=64),
        checks.whole(where, "layer", layer, bits=32),
    )


def _masked(where, name, x, rate, seed, step, layer, out):
    x = checks.floating(where, name, x)
    rate = checks.number(where, "rate", rate, low=0, below=1)
    key = _key(where, seed, step, layer)
    out = checks.output_over(where, out, name, x)
    backend.function(where)(x.reshape(-1), out.reshape(-1), rate, *key)
    return out


def dropout(x, rate, seed, step=0, layer=0, out=None):
    """Inverted dropout (Srivastava and others, 2014): x / (1 - rate), or 0.

    Each element is dropped with probability `rate` (0 <= rate < 1); the others grow
    by 1 / (1 - rate), so that the mean stays. The mask is that of
    `philox(x.size, seed, step, layer)`, in row-major order: kept where the word is at
    least floor(rate * 2**32). Count `step` up from batch to batch and give each
    `layer` its number, or all of them drop the same elements.

    x: array of any shape. Returns an array of the same shape and precision, written
    into `out` if given (it may be x itself). Rate 0 copies x; NaN stays NaN if kept.
    Raises TypeError or ValueError when an argument does not fit.

    >>> dropout([1.0, 2.0, 3.0, 4.0], 0.5, seed=0).tolist()
    [0.0, 4.0, 6.0, 8.0]
    """
    return _masked("dropout", "x", x, rate, seed, step, layer, out)


def dropout_backward(grad_output, rate, seed, step=0, layer=0, out=None):
    """Gradient of dropout: grad_output / (1 - rate) where x was kept, else 0.

    grad_output: array of the shape of dropout's result; rate, seed, step and layer as
    they were there. Returns grad_input, same shape; `out` may be grad_output itself.
    """
    name = "grad_output"
    return _masked("dropout_backward", name, grad_output, rate, seed, step, layer, out)


def philox(n, seed, step=0, layer=0):
    """The first n random words of the stream (seed, step, layer), as uint32.

    Philox4x32-10 (Salmon, Moraes, Dror and Shaw, 2011): word i is a function of i
    and the stream alone, so any of them can be had without those before it.
    0 <= seed, step < 2**64 and 0 <= layer < 2**32. Divide by 2**32 for numbers that
    are uniform on [0, 1).

    >>> [hex(word) for word in philox(4, seed=0)]
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    out = np.empty(checks.whole("philox", "n", n), np.uint32)
    backend.function("philox")(*_key("philox", seed, step, layer), out)
    return out
