"""The random numbers that first weights are made of: NumPy's, with or without NumPy.

Importing numpy.random takes 10 ms, mostly for OpenSSL, from which it would have the
entropy of generators without a seed. That is a tenth of a process that trains a small
network, so a few numbers of the same stream are computed here instead.
"""

import sys

import numpy as np

# At 0.6 us each. NumPy, once it is imported, takes 0.003: more numbers are worth it.
FEW = 5000

MASK_32, MASK_64, MASK_128 = 2**32 - 1, 2**64 - 1, 2**128 - 1
MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645  # of the 128-bit state


class Draws:
    """The stream of numpy.random.default_rng(seed), as far as anybody wants it.

    random(shape) is that of the Generator; for all else `generator()` makes the
    Generator itself, which goes on where the stream is. The algorithm is PCG64 XSL-RR
    (O'Neill, 2014), one of those whose stream NumPy promises to keep (NEP 19).
    """

    def __init__(self, seed):
        self.seed = seed
        self._drawn = 0
        self._generator = None  # once it is there, the stream is its own
        self._state = None  # (state, increment), once numbers were computed here

    def generator(self):
        """The numpy.random.Generator in the place where this stream is."""
        if self._generator is None:
            bits = np.random.PCG64(self.seed)
            bits.advance(self._drawn)
            self._generator = np.random.Generator(bits)
        return self._generator

    def random(self, shape):
        """Uniform numbers in [0, 1), float64: multiples of 2**-53."""
        n = int(np.prod(shape))
        there = self._generator is not None or "numpy.random" in sys.modules
        if there or n + self._drawn > FEW:
            return self.generator().random(shape)
        self._drawn += n
        state, increment = self._state or first_state(self.seed)
        words = []
        for _ in range(n):
            state = (state * MULTIPLIER + increment) & MASK_128
            folded, turn = (state >> 64) ^ (state & MASK_64), state >> 122
            words.append((folded >> turn | folded << (64 - turn)) & MASK_64)
        self._state = state, increment
        top_bits = np.array(words, dtype=np.uint64) >> np.uint64(11)
        return (top_bits * 2.0**-53).reshape(shape)


def first_state(seed):
    """PCG64's state and increment for a seed below 2**64, as SeedSequence spreads it.

    Two 128-bit numbers from four words of 64 bits, the higher word first; the state
    takes a step from 0, is added, and takes another.
    """
    half = spread([seed & MASK_32, seed >> 32, 0, 0])  # the lower one comes first
    word = [half[i] | half[i + 1] << 32 for i in range(0, 8, 2)]
    start, stream = word[0] << 64 | word[1], word[2] << 64 | word[3]
    increment = (stream << 1 | 1) & MASK_128
    return ((increment + start) * MULTIPLIER + increment) & MASK_128, increment


def spread(pool):
    """Eight 32-bit words, each of which depends on every bit of the four in `pool`.

    The hash of numpy.random.SeedSequence, which is randutils' seed_seq_fe (O'Neill,
    2015): words are hashed with a constant that changes with each use, and mixed.
    """
    constant = 0x43B0D7E5

    def hashed(value, factor=0x931E8875):
        nonlocal constant
        value ^= constant
        constant = constant * factor & MASK_32
        value = value * constant & MASK_32
        return value ^ value >> 16

    pool = [hashed(word) for word in pool]
    for source in range(4):
        for to in range(4):
            if to != source:
                mixed = pool[to] * 0xCA01F9DD - hashed(pool[source]) * 0x4973F715
                mixed &= MASK_32
                pool[to] = mixed ^ mixed >> 16
    constant = 0x8B51F9DD
    return [hashed(pool[i % 4], 0x58F38DED) for i in range(8)]
