"""What a network is given becomes layers, arrays and words a program can trust.

Each check answers with a sentence that names the argument. Nothing is trained, and
nothing is written, before all of them have passed.
"""

import numpy as np

from .. import backend
from ..ops import checks
from .layers import BUILT_IN, Layer

# It says True of plain arrays of finite numbers, and None of all else.
_quick_finite = backend.quick_door("finite")


def features(where, name, X, n_in, dtype, empty_ok=True):
    """X as a C-contiguous (n_samples, n_in) array of `dtype`, finite everywhere."""
    x = matrix(where, name, X, n_in, dtype)
    if not empty_ok:
        some_rows(where, name, x)
    finite(where, name, x)
    return x


def some_rows(where, name, x):
    """Refuse an array without any."""
    if len(x) == 0:
        raise ValueError(f"{where}: {name} has no rows; there is nothing to learn from")


def matrix(where, name, X, n_in, dtype):
    """X as a C-contiguous (n_samples, n_in) array of `dtype`, of any numbers."""
    if (
        type(X) is np.ndarray
        and X.dtype is dtype
        and X.ndim == 2
        and X.shape[1] == n_in
        and X.flags.carray
    ):
        return X  # most often: 0.3 us instead of 2
    x = checks.array(where, name, X)
    if x.ndim == 1 and x.dtype.kind in "fiub":
        raise ValueError(
            f"{where}: {name} has shape {x.shape}, one dimension; expected two, "
            f"(n_samples, {n_in}); for one sample pass {name}.reshape(1, -1)"
        )
    with np.errstate(over="ignore"):  # too large for float32: `finite` says so
        x = checks.floating(where, name, x, ndim=2, dtype=dtype)
    if x.shape[1] != n_in:
        raise ValueError(
            f"{where}: {name} has {x.shape[1]} column(s), but the network takes {n_in}"
        )
    return x


def finite(where, name, x):
    """Refuse NaN and infinities, saying where the first one is."""
    if _quick_finite(x):
        return
    plain = x.dtype in checks.FLOATS and x.flags.c_contiguous and x.flags.aligned
    if plain and backend.function("is_finite")(x.reshape(-1)):
        return
    bad = ~np.isfinite(x)
    if not bad.any():
        return
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    place = "row {}, column {}".format(*index) if len(index) == 2 else f"row {index[0]}"
    raise ValueError(
        f"{where}: {name} has {int(bad.sum())} value(s) that are NaN or infinite as "
        f"{x.dtype}, the first in {place}; fill or drop them first"
    )


def same_length(where, name, x, other_name, n):
    """Refuse two arguments with different numbers of rows."""
    if len(x) != n:
        raise ValueError(
            f"{where}: {name} has {len(x)} row(s) but {other_name} has {n}; "
            "they must have one row for each sample"
        )


def sample_weights(where, weights, n, dtype, name="sample_weight"):
    """Weights as an (n,) array of `dtype`: finite, none negative, not all zero."""
    if weights is None:
        return None
    w = checks.floating(where, name, weights, ndim=1, dtype=dtype)
    same_length(where, name, w, "X", n)
    finite(where, name, w)
    if n and w.min() < 0:
        raise ValueError(f"{where}: {name} has the value {w.min()}; expected none < 0")
    return some_weight(where, name, w)


def some_weight(where, name, w):
    """Refuse weights that are all 0: there would be nothing to learn from."""
    if len(w) and not w.any():
        raise ValueError(f"{where}: {name} is 0 for every sample; give one a weight")
    return w


def class_weights(where, class_weight, labels, n_classes):
    """One weight for each class, from "balanced" or {class: weight}.

    "balanced": n_samples / (n_classes * count), so that every class weighs the same
    (King and Zeng, 2001).
    """
    counts = np.bincount(labels, minlength=n_classes)
    if isinstance(class_weight, str):
        checks.choice(where, "class_weight", class_weight, ("balanced",))
        present = np.maximum(counts, 1)
        return len(labels) / (np.count_nonzero(counts) * present)
    if not isinstance(class_weight, dict):
        raise TypeError(
            f"{where}: class_weight is {checks.describe(class_weight)}; expected "
            "'balanced' or a dict like {0: 1.0, 1: 5.0}"
        )
    weights = np.ones(n_classes)
    for label, weight in class_weight.items():
        if label not in range(n_classes):
            raise ValueError(
                f"{where}: class_weight has the class {label!r}; "
                f"the classes are 0 to {n_classes - 1}"
            )
        weights[int(label)] = checks.number(
            where, f"class_weight[{label!r}]", weight, low=0, below=np.inf
        )
    return weights


def layers_in_order(layers):
    """The layers as a tuple: each a Layer, none twice, none from another network.

    A tuple, because a layer added or removed later would have no place in the block
    of parameters.
    """
    if isinstance(layers, Layer) or not isinstance(layers, (list, tuple)):
        raise TypeError(
            f"Network: layers is {checks.describe(layers)}; expected a list of layers "
            "like [fn.Dense(2, 16, activation='tanh'), fn.Dense(16, 1)]"
        )
    if not layers:
        raise ValueError("Network: layers is empty; expected at least one layer")
    for index, layer in enumerate(layers):
        if not isinstance(layer, Layer):
            raise TypeError(
                f"Network: layers[{index}] is {checks.describe(layer)}; expected a "
                "layer like fn.Dense(64, 10)"
            )
        if any(layer is other for other in layers[:index]):
            raise ValueError(
                f"Network: layers[{index}] is the same object as an earlier layer, and "
                "would share its weights; make a new one for each place"
            )
        if layer.attached:
            raise ValueError(
                f"Network: layers[{index}], {layer!r}, belongs to another network; "
                "make a new one"
            )
    return tuple(layers)


def from_layer(layer, method, result, shape, dtype):
    """What a layer's `method` gave, as the next layer's kernels can take it.

    A layer of the user's own may give another precision or memory order, which is
    converted here; another shape is refused.
    """
    if type(layer) in BUILT_IN.values():
        return result
    where = f"{type(layer).__name__}.{method}"
    x = checks.floating(where, "the result", result, dtype=dtype)
    if x.shape != shape:
        raise ValueError(
            f"{where}: the result has shape {x.shape}; expected {shape}, which is "
            f"(n_samples, {'n_out' if method == 'forward' else 'n_in'})"
        )
    return x


def precision(dtype):
    """float32 or float64, from a name, a NumPy type or a dtype."""
    known = isinstance(dtype, (str, type, np.dtype))
    if not known or not any(dtype == t or dtype == t.__name__ for t in checks.FLOATS):
        raise ValueError(
            f"Network: dtype is {checks.describe(dtype)}; it can be 'float32' or "
            "'float64'"
        )
    return np.dtype(dtype)


def json_values(metadata):
    """A dict that JSON can hold, unchanged."""
    if not isinstance(metadata, dict):
        raise TypeError(
            f"save: metadata is {checks.describe(metadata)}; expected a dict"
        )
    import json  # here: `import fastnn` should not wait for it

    try:
        json.dumps(metadata)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"save: metadata has a value that JSON cannot hold ({error}); make it of "
            "text, numbers, lists and dicts, an array with .tolist()"
        ) from None
    return metadata


def layer_classes(layers):
    if not isinstance(layers, (list, tuple)) or not all(
        isinstance(layer, type) and issubclass(layer, Layer) for layer in layers
    ):
        raise TypeError(
            f"load: layers is {checks.describe(layers)}; expected a list of your own "
            "Layer classes, like [MyLayer]"
        )
    return layers
