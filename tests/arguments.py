"""Kinds of arguments: a valid value, and what can be wrong with it.

Each bad value stands beside words of which the message must say at least one: what
came. public_ops.py and public_calls.py give each argument of each public function
its kind.
"""

from dataclasses import dataclass, field

import numpy as np

RNG = np.random.default_rng(0)
INF = float("inf")


@dataclass
class Argument:
    """A valid value, bad ones [(value, words), ...], and other names it goes by."""

    good: object
    bad: list = field(default_factory=list)
    named: tuple = ()


class Row:
    """A call. What `prepare` makes (a network, say) is handed to `function` first."""

    def __init__(self, function, prepare=None, **arguments):
        self.function, self.prepare, self.arguments = function, prepare, arguments


class InFolder:
    """A path below the test's own folder, "" for the folder itself."""

    def __init__(self, name):
        self.name = name


# --- Kinds of arguments ---------------------------------------------------------------


def not_numbers(good):
    """What no array of numbers is made of, with the words that tell it."""
    objects = np.empty(good.shape, object)
    objects[...] = "a"
    return [
        (None, ["None"]),
        ("abc", ["<U3", "'abc'"]),
        (objects, ["object"]),
        ([[1.0], [1.0, 2.0]], ["inhomogeneous", "same length"]),
        (good.astype(complex), ["complex"]),
        (np.ma.masked_array(good, good > 0), ["masked"]),
        (good.astype("M8[s]"), ["datetime"]),
        ({"a": 1}, ["object", "dict", "{'a': 1}"]),
        ([10**30], ["object"]),
    ]


def array(shape, *bad, any_shape=False, optional=False, good=None, named=()):
    """Numbers of one shape: other shapes are refused, unless any will do."""
    if good is None:
        good = RNG.uniform(0.1, 0.9, shape)
    found = not_numbers(np.asarray(good))
    if optional:
        found = found[1:]
    if not any_shape:
        found += wrong_shapes(np.asarray(good))
    return Argument(good, found + list(bad), named)


def wrong_shapes(good):
    longer = np.concatenate([good, good[:1]]) if good.ndim else np.ones(2)
    return [
        (x, [str(x.shape), f"{x.ndim} dimension", f"{len(x)} row", f"length {len(x)}",
             f"{x.shape[-1]} column", f"has {len(x)}", f"({len(x)},)"])
        for x in (good[None, None], longer)
    ]  # fmt: skip


def not_finite(good):
    """The array with NaN, and with an infinity, in its last place."""
    found = []
    for value in (np.nan, np.inf):
        x = np.array(good, float)
        x.flat[-1] = value
        found.append((x, ["NaN", "nan", "inf"]))
    return found


def in_place(shape, good=None):
    """An array that is written into: nothing that would need a copy."""
    good = np.full(shape, 0.5) if good is None else good
    wide = np.ones((*shape[:-1], 2 * shape[-1]))[..., ::2]
    locked = np.ones(shape)
    locked.flags.writeable = False
    bad = [
        (good.tolist(), [str(good.tolist()), "list"]),
        (good.astype(int), ["int64"]),
        (good.astype(">f8"), [">f8"]),
        (np.ma.masked_array(good, good > 0), ["MaskedArray"]),
        (np.ones(shape).view(np.matrix), ["a matrix"]),
        (np.ones((*shape, 2)), [str((*shape, 2))]),
        (wide, ["contiguous"]),
        (locked, ["writeable"]),
        ("abc", ["'abc'"]),
        (None, ["None"]),
    ]
    return Argument(good, bad)


def out(shape):
    """The argument `out`: None is fine."""
    argument = in_place(shape)
    argument.bad.pop()
    return Argument(argument.good, argument.bad)


def labels(n, k):
    """Class indices 0 .. k-1 of n samples."""
    good = np.arange(n) % k
    above, below = good.copy(), good.copy()
    above[-1], below[-1] = k, -1
    return array(
        n, (above, [str(k)]), (below, ["-1"]), (good + 0.5, ["0.5"]),
        (np.array(["a"] * n), ["<U1"]), *not_finite(good), good=good,
    )  # fmt: skip


def number(good, *bad, optional=False):
    words = [("abc", ["'abc'"]), (1j, ["1j"]), (True, ["True"]), ([0.1], ["[0.1]"])]
    words += [(float("nan"), ["nan"]), (np.timedelta64(1, "s"), ["timedelta64"])]
    words += [(10**400, ["int"])]
    return Argument(good, words + nothing(optional) + told(bad))


def size(good, *bad, **options):
    """A whole number, of so many things that the memory must hold them."""
    found = whole(good, *bad, **options)
    found.bad += [(n, [str(n)]) for n in (np.int64(2**62), 2**50)]
    return found


def whole(good, *bad, optional=False):
    words = [("3", ["'3'"]), (1.5, ["1.5"]), (True, ["True"]), (1j, ["1j"])]
    words += [(float("nan"), ["nan"]), (-1, ["-1"]), ([1], ["[1]"])]
    return Argument(good, words + nothing(optional) + told(bad))


def flag(good):
    bad = [("no", ["'no'"]), (None, ["None"]), (2, ["2"]), ([], ["[]"])]
    return Argument(good, bad)


def name(good, *bad, optional=False, named=()):
    words = [("nonsense", ["'nonsense'"]), (3, ["3"]), ([good], [repr(good)])]
    words += [("", ["''"]), (b"abc", ["b'abc'"])]
    return Argument(good, words + nothing(optional) + told(bad), named)


def generator(good=None):
    bad = [(7, ["7"]), ("abc", ["'abc'"]), (np.random, ["module"])]
    return Argument(good, bad if good is None else [*bad, (None, ["None"])])


def path_to_write(good):
    bad = [(InFolder(""), ["file"]), (InFolder("missing/m.npz"), ["folder"])]
    bad += [(7, ["7"]), (None, ["None"]), ("", ["''"]), ("a\0b", [r"'a\x00b'"])]
    return Argument(InFolder(good), bad)


def path_to_read(good, optional=False, named=()):
    bad = [(InFolder(""), ["file", "directory"]), (InFolder("missing"), ["missing"])]
    bad += [(7, ["7"]), *nothing(optional)]
    return Argument(InFolder(good), bad, named)


def anything_but(good, *bad, named=()):
    return Argument(good, told(bad), named)


def nothing(optional):
    return [] if optional else [(None, ["None"])]


def told(values):
    """Beside each value the words that describe it."""
    return [(v, [repr(v), type(v).__name__]) for v in values]


def weights(n):
    """One weight a sample; None is fine."""
    wrong = np.ones(n)
    wrong[-1] = -2.0
    return array(n, *not_finite(np.ones(n)), (wrong, ["-2.0"]), optional=True)
