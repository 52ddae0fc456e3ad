"""Dropout, its mask drawn from a counter-based random generator.

Such a generator has no state: the random number number i is a function of i alone.
So any part of a mask can be drawn by anyone, in any order, again and again: backward
needs no stored mask, and threads agree. Derivation: docs/derivations/dropout.md
"""

import math

__all__ = ["dropout", "dropout_backward", "philox"]

WORD = 0xFFFFFFFF  # x & WORD: the low 32 bits of x
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
KEY_STEPS = (0x9E3779B9, 0xBB67AE85)  # from the golden ratio and from sqrt(3)


def philox_block(counter, key):
    """Four random words from a counter of four words and a key of two."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        m0 = MULTIPLIERS[0] * c0  # 64 bits: the high word and the low word
        m1 = MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (
            (m1 >> 32) ^ c1 ^ k0,
            m1 & WORD,
            (m0 >> 32) ^ c3 ^ k1,
            m0 & WORD,
        )
        k0, k1 = (k0 + KEY_STEPS[0]) & WORD, (k1 + KEY_STEPS[1]) & WORD
    return c0, c1, c2, c3


def philox(seed, step, layer, out):
    """Random words by counting: Philox4x32-10 (Salmon, Moraes, Dror and Shaw, 2011).

    out[i] = word i % 4 of philox(counter, key), with the 32-bit numbers
    counter = (i // 4, layer, step % 2^32, step // 2^32) and
    key = (seed % 2^32, seed // 2^32). out (n,) uint32: overwritten.
    Derivation: docs/derivations/dropout.md
    """
    key = (seed & WORD, seed >> 32)
    for block in range(math.ceil(len(out) / 4)):
        words = philox_block((block & WORD, layer, step & WORD, step >> 32), key)
        for i in range(4 * block, min(4 * block + 4, len(out))):
            out[i] = words[i % 4]


def dropout(x, out, rate, seed, step, layer):
    """Inverted dropout (Srivastava and others, 2014): out = x / (1 - rate) or 0.

    Element i is kept where word i of philox(seed, step, layer) is at least
    floor(rate * 2^32), and then multiplied by 1 / (1 - rate); else out is 0.0.
    x (n,): read. out (n,): overwritten, may be x. 0 <= rate < 1; rate 0 copies x.
    NaN stays NaN where it is kept. Derivation: docs/derivations/dropout.md
    """
    words = [0] * len(x)
    philox(seed, step, layer, words)
    threshold = math.floor(rate * 2**32)
    scale = 1.0 / (1.0 - rate)
    for i in range(len(x)):
        out[i] = x[i] * scale if words[i] >= threshold else 0.0


def dropout_backward(grad_output, out, rate, seed, step, layer):
    """Gradient of dropout: out = grad_output / (1 - rate) where x was kept, else 0.

    The mask is drawn again from the same seed, step and layer; nothing is stored.
    grad_output (n,): read. out (n,): overwritten, may be grad_output.
    Derivation: docs/derivations/dropout.md
    """
    dropout(grad_output, out, rate, seed, step, layer)
