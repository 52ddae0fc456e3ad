"""The door: arguments become arrays that kernels can trust, or a sentence that teaches.

Every message names the function and the argument, what came, what was expected and
what to do. Arrays of the right dtype and layout pass through without a copy.
"""

import math
import sys

import numpy as np

FLOATS = (np.float32, np.float64)
# What only arrays with units have: pint's and quantities', Brian2's, astropy's.
OF_QUANTITIES = ("dimensionality", "has_same_dimensions", "to_value")


def describe(value):
    """What came, in a few words: "an array of shape (3, 4)", "'abc'", "None"."""
    if isinstance(value, np.ndarray):
        kind = "an array" if type(value) is np.ndarray else f"a {type(value).__name__}"
        return f"{kind} of shape {value.shape} and dtype {value.dtype}"
    kind = type(value).__name__
    if isinstance(value, (list, tuple, dict, set)) and len(value) > 30:
        return f"a {kind} of length {len(value)}"  # its repr can take long
    try:
        text = repr(value)
    except Exception:  # whatever it is that came, it must not hide our sentence
        text = "\n"
    if len(text) <= 60 and "\n" not in text:
        return text
    return f"an object of type {kind}"


def array(where, name, value):
    """`value` as a plain NumPy array; ragged, masked ones and units are refused."""
    if is_masked(value):
        raise TypeError(
            f"{where}: {name} is a masked array and its mask would be lost; "
            f"fill or drop the masked elements first ({name}.filled(...))"
        )
    if value is None:
        raise TypeError(f"{where}: {name} is None; expected an array of numbers")
    if hasattr(value, "toarray"):  # a sparse matrix of SciPy
        raise TypeError(
            f"{where}: {name} is a sparse {type(value).__name__}; pass {name}.toarray()"
        )
    if type(value) is not np.ndarray and has_unit(value):
        raise TypeError(
            f"{where}: {name} carries a unit, which would be lost; pass plain numbers, "
            "in the unit that the documentation names"
        )
    try:
        result = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{where}: {name} cannot be made an array ({error}); "
            "all rows must have the same length"
        ) from None
    return result


def is_masked(value):
    """Whether it is a masked array: if nobody has imported numpy.ma, it is none."""
    ma = sys.modules.get("numpy.ma")  # np.ma would import it, which takes 6 ms
    return ma is not None and isinstance(value, ma.MaskedArray)


def has_unit(value):
    """Whether it is a quantity of some library: numbers and a unit."""
    return any(hasattr(type(value), name) for name in OF_QUANTITIES)


def floating(where, name, value, ndim=None, dtype=None):
    """`value` as a C-contiguous float32 or float64 array.

    Integers and booleans become float64 (or `dtype`), float16 becomes float32;
    complex numbers, text and objects are refused. `ndim` is the number of
    dimensions it must have.
    """
    x = array(where, name, value)
    if x.dtype.kind not in "fiub":
        raise TypeError(
            f"{where}: {name} has dtype {x.dtype}; expected numbers "
            f"(float32 or float64); convert it with {name}.astype('float64')"
        )
    if ndim is not None and x.ndim != ndim:
        raise ValueError(
            f"{where}: {name} has {x.ndim} dimension(s), shape {x.shape}; "
            f"expected {ndim}"
        )
    if dtype is None:
        dtype = natural_float(x)
    # ascontiguousarray would turn shape () into (1,)
    x = np.asarray(x, dtype=dtype, order="C")
    return x if x.flags.aligned else x.copy()


def natural_float(x):
    """The precision an array is computed in: float32 or float64."""
    if x.dtype.kind == "f" and x.dtype.itemsize <= 4:
        return np.dtype(np.float32)
    return np.dtype(np.float64)


def common_float(*arrays):
    """The precision in which arrays meet: float32 only if all of them are."""
    single = all(natural_float(x) == np.float32 for x in arrays)
    return np.dtype(np.float32 if single else np.float64)


def same_shape(where, name, x, other_name, other):
    """Refuse two arrays whose shapes differ."""
    if x.shape != other.shape:
        raise ValueError(
            f"{where}: {name} has shape {x.shape} but {other_name} has shape "
            f"{other.shape}; they must be equal"
        )


def plain(value):
    """Whether it is an array to write into, without a mask, of the shape it shows."""
    if type(value) is np.ndarray:
        return True
    odd = isinstance(value, np.matrix) or is_masked(value)
    return isinstance(value, np.ndarray) and not odd


def output(where, out, shape, dtype, apart_from=(), name="out"):
    """A C-contiguous array to write into: `out` if it fits, or a new one.

    `apart_from` are inputs that it must not share memory with.
    """
    if out is None:
        return np.empty(shape, dtype)
    if not plain(out):
        raise TypeError(
            f"{where}: {name} is {describe(out)}; expected a NumPy array to write into"
        )
    if out.shape != tuple(shape) or out.dtype != dtype:
        raise ValueError(
            f"{where}: {name} has shape {out.shape} and dtype {out.dtype}; "
            f"expected {tuple(shape)} and {np.dtype(dtype)}"
        )
    if not out.flags.c_contiguous or not out.flags.writeable or not out.flags.aligned:
        raise ValueError(
            f"{where}: {name} must be C-contiguous, aligned and writeable; "
            "make it with numpy.empty(shape, dtype)"
        )
    if any(np.may_share_memory(out, x) for x in apart_from):
        raise ValueError(
            f"{where}: {name} shares memory with an input, which would be overwritten "
            "while it is read; pass another array"
        )
    return out


def output_over(where, out, input_name, x, apart_from=()):
    """Like `output`, of x's shape and dtype; it may be x, but not a part of x."""
    out = output(where, out, x.shape, x.dtype, apart_from)
    if np.may_share_memory(out, x) and out.ctypes.data != x.ctypes.data:
        raise ValueError(
            f"{where}: out shares part of its memory with {input_name}; pass "
            f"{input_name} itself or an array that is apart from it"
        )
    return out


def number(where, name, value, low=None, high=None, above=None, below=None):
    """`value` as a float: low <= value <= high, above < value < below."""
    wanted = _range_in_words(low, high, above, below)
    real = isinstance(value, (int, float, np.integer, np.floating))
    if not real or isinstance(value, (bool, np.timedelta64)):
        raise TypeError(f"{where}: {name} is {describe(value)}; expected {wanted}")
    try:
        x = float(value)
    except OverflowError:
        x = math.nan  # an int beyond the largest float
    inside = (
        x == x
        and (low is None or x >= low)
        and (high is None or x <= high)
        and (above is None or x > above)
        and (below is None or x < below)
    )
    if not inside:
        raise ValueError(f"{where}: {name} is {describe(value)}; expected {wanted}")
    return x


def whole(where, name, value, low=0, bits=63):
    """`value` as an int of at least `low` and below 2**bits."""
    if isinstance(value, (bool, np.timedelta64)) or not isinstance(
        value, (int, np.integer)
    ):
        raise TypeError(
            f"{where}: {name} is {describe(value)}; expected a whole number"
        )
    if value < low:
        raise ValueError(
            f"{where}: {name} is {describe(value)}; expected a whole number of at "
            f"least {low}"
        )
    if value >= 2**bits:
        raise ValueError(
            f"{where}: {name} is {describe(value)}; expected a whole number below "
            f"2**{bits}"
        )
    return int(value)


def memory_for(where, sizes):
    """Refuse sizes, {name: number}, of an array of float64 that no memory holds.

    It is asked for and given back untouched, which costs next to nothing.
    """
    try:
        np.empty(tuple(sizes.values()))
    except (MemoryError, ValueError):
        words = " and ".join(f"{name} is {value}" for name, value in sizes.items())
        raise MemoryError(
            f"{where}: {words}; there is no memory for so many numbers"
        ) from None


def flag(where, name, value):
    """`value` as a bool; refuses what is merely true, as "no" is."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{where}: {name} is {describe(value)}; expected True or False")
    return bool(value)


def choice(where, name, value, options):
    """`value` if it is one of `options`."""
    if not isinstance(value, str) or value not in options:
        raise ValueError(
            f"{where}: {name} is {describe(value)}; "
            f"it can be one of {', '.join(map(repr, options))}"
        )
    return value


def _range_in_words(low, high, above, below):
    words = []
    if low is not None:
        words.append(f"at least {low}")
    if above is not None:
        words.append(f"above {above}")
    if high is not None:
        words.append(f"at most {high}")
    if below is not None:
        words.append(f"below {below}")
    return "a number " + " and ".join(words) if words else "a number"


def generator(where, seed, rng):
    """The numpy Generator that `rng` is, or a new one from `seed`; not both.

    Callers have seed=0 as default, so 0 counts as "no seed given" beside rng.
    """
    if rng is None:
        # NumPy takes seeds of any size, and its SeedSequence draws them with 128 bits
        return np.random.default_rng(whole(where, "seed", seed, bits=4096))
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{where}: rng is {describe(rng)}; expected a NumPy generator, made with "
            "numpy.random.default_rng(7); a plain number goes to seed"
        )
    if seed is not None and not (type(seed) is int and seed == 0):
        raise ValueError(
            f"{where}: seed is {describe(seed)} and rng is given as well; pass one of "
            "them, both decide the random numbers"
        )
    return rng
