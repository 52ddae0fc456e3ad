"""What estimators are given becomes arrays a network can trust.

Tables may be lists, arrays or data frames; labels may be numbers, text or booleans.
The phrases that scikit-learn's users know from its messages are kept.
"""

import sys
import warnings

import numpy as np

from ..network import inputs
from ..ops import checks


class NotFittedError(ValueError, AttributeError):
    """The model was asked for an answer before `fit`."""


def of_scikit_learn(name, otherwise):
    """scikit-learn's class of this name where that is imported, so it is recognised."""
    return getattr(sys.modules.get("sklearn.exceptions"), name, otherwise)


def features(where, X, dtype=None):
    """X as a finite C-contiguous (n_samples, n_features) array with at least one row.

    dtype: None keeps float32 and makes everything else float64.
    """
    x = table(where, "X", X)
    if x.ndim < 2:
        raise ValueError(
            f"{where}: X has shape {x.shape}. Expected 2D array, got {x.ndim}D array "
            "instead. Reshape your data: X.reshape(-1, 1) if it is one feature, "
            "X.reshape(1, -1) if it is one sample"
        )
    if x.ndim > 2:
        raise ValueError(
            f"{where}: X has shape {x.shape}. Found array with dim {x.ndim}, expected "
            "2: (n_samples, n_features)"
        )
    for axis, what in enumerate(("sample(s)", "feature(s)")):
        if x.shape[axis] == 0:
            raise ValueError(
                f"{where}: X is empty. Found array with 0 {what} (shape={x.shape}) "
                "while a minimum of 1 is required."
            )
    x = checks.floating(where, "X", x, ndim=2, dtype=dtype)
    finite(where, "X", x)
    return x


def table(where, name, value):
    """`value` as an array of real numbers; objects that are numbers are converted."""
    if hasattr(value, "nnz") and hasattr(value, "toarray"):
        raise TypeError(
            f"{where}: {name} is a sparse matrix, and only dense arrays are taken; "
            f"pass {name}.toarray()"
        )
    x = checks.array(where, name, value)
    if x.dtype.kind == "O":
        refuse_complex(where, name, any(isinstance(v, complex) for v in x.flat))
        try:
            x = x.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"{where}: {name} has the dtype object and holds something that is no "
                f"number ({error}); encode it as numbers first"
            ) from None
    refuse_complex(where, name, x.dtype.kind == "c")
    return x


def refuse_complex(where, name, is_complex):
    if is_complex:
        raise ValueError(
            f"{where}: {name} holds complex numbers. Complex data not supported; "
            f"pass {name}.real or the absolute values"
        )


def finite(where, name, x):
    """Refuse NaN and infinities, in the words that are usual for it."""
    try:
        inputs.finite(where, name, x)
    except ValueError as error:
        raise ValueError(f"{error}. Input {name} contains NaN or infinity.") from None


def feature_names(where, X):
    """The column names of a data frame as an array of str, or None."""
    columns = getattr(X, "columns", None)
    if columns is None or not hasattr(X, "shape"):
        return None
    names = np.asarray(list(columns), dtype=object)
    are_text = [isinstance(name, str) for name in names]
    if any(are_text) and not all(are_text):
        raise TypeError(
            f"{where}: X has column names of different types. Feature names are only "
            "supported if all input features have string names; convert them with "
            "X.columns = X.columns.astype(str)"
        )
    return names if len(names) and all(are_text) else None


def same_features(where, who, names, fitted_names):
    """Compare column names with those of `fit`: refuse others, warn if some lack."""
    if names is None and fitted_names is None:
        return
    if fitted_names is None:
        warnings.warn(
            f"X has feature names, but {who} was fitted without feature names",
            UserWarning,
            stacklevel=5,
        )
    elif names is None:
        warnings.warn(
            f"X does not have valid feature names, but {who} was fitted with feature "
            "names",
            UserWarning,
            stacklevel=5,
        )
    elif len(names) != len(fitted_names) or (names != fitted_names).any():
        raise ValueError(f"{where}: X: {_differences(names, fitted_names)}")


def _differences(names, fitted_names):
    unseen = sorted(set(names) - set(fitted_names))
    missing = sorted(set(fitted_names) - set(names))
    lines = ["The feature names should match those that were passed during fit."]
    for title, some in (
        ("Feature names unseen at fit time:", unseen),
        ("Feature names seen at fit time, yet now missing:", missing),
    ):
        if some:
            lines += [title, *(f"- {name}" for name in some[:5])]
            lines += ["- ..."] if len(some) > 5 else []
    if not unseen and not missing:
        lines.append("Feature names must be in the same order as they were in fit.")
    return "\n".join(lines) + "\n"


def labels(where, y, n):
    """The classes in y, sorted, and each sample's class as an index: two arrays."""
    y = column(where, one_per_sample(where, y, n))
    if y.ndim != 1:
        raise ValueError(
            f"{where}: y has shape {y.shape}; expected (n_samples,), one label each. "
            "Unknown label type: multilabel or multi-output"
        )
    kinds = {_kind(value) for value in y} if y.dtype.kind == "O" else {y.dtype.kind}
    refuse_complex(where, "y", "c" in kinds)
    if "missing" in kinds:
        raise ValueError(
            f"{where}: y has missing labels. Input y contains NaN; drop these samples"
        )
    if "f" in kinds:
        values = y.astype(np.float64)
        finite(where, "y", values)
        broken = values[values != np.floor(values)]
        if broken.size:
            raise ValueError(
                f"{where}: y holds values like {broken[0]}. "
                "Unknown label type: continuous; labels are whole numbers, text or "
                "booleans; for values to predict use a regressor"
            )
    if not (kinds <= set("iubf") or kinds == {"U"}):
        raise TypeError(
            f"{where}: y has the dtype {y.dtype}. Unknown label type: labels are whole "
            "numbers, text or booleans, all of one type"
        )
    return np.unique(y, return_inverse=True)


def _kind(value):
    """The kind of one label in an array of objects, as in numpy.dtype.kind."""
    if isinstance(value, str):
        return "U"
    missing = value is None or type(value).__name__ in ("NAType", "NaTType")
    if missing or (isinstance(value, float) and value != value):
        return "missing"
    return np.asarray(value).dtype.kind if np.ndim(value) == 0 else "O"


def values(where, y, n):
    """Targets of a regression as finite float64, (n_samples,) or (n_samples, k)."""
    y = table(where, "y", one_per_sample(where, y, n))
    y = checks.floating(where, "y", y, dtype=np.float64)
    if y.ndim > 2 or (y.ndim == 2 and y.shape[1] == 0):
        raise ValueError(
            f"{where}: y has shape {y.shape}; expected (n_samples,) or (n_samples, "
            "n_outputs)"
        )
    finite(where, "y", y)
    return y


def one_per_sample(where, y, n):
    """y as an array with n entries."""
    if y is None:
        raise ValueError(
            f"{where}: y is None. This estimator requires y to be passed, but the "
            "target y is None"
        )
    if hasattr(y, "nnz") and hasattr(y, "toarray"):
        raise TypeError(f"{where}: y is a sparse matrix; pass y.toarray()")
    given, y = y, checks.array(where, "y", y)
    if y.ndim == 0:
        raise ValueError(
            f"{where}: y is {checks.describe(given)}; expected (n_samples,), one label "
            "or value each"
        )
    if len(y) != n:
        raise ValueError(
            f"{where}: y has {len(y)} row(s) but X has {n}. Found input variables with "
            f"inconsistent numbers of samples: [{n}, {len(y)}]"
        )
    return y


def column(where, y):
    """A column vector as the array of labels that was meant, with a warning."""
    if y.ndim != 2 or y.shape[1] != 1:
        return y
    warnings.warn(
        "A column-vector y was passed when a 1d array was expected. Please change the "
        "shape of y to (n_samples,), for example using ravel().",
        of_scikit_learn("DataConversionWarning", UserWarning),
        stacklevel=4,
    )
    return y[:, 0]


def sample_weights(where, sample_weight, n):
    """Weights as an (n,) float64 array: finite, at least 0, not all zero; or None."""
    if sample_weight is None:
        return None
    w = table(where, "sample_weight", sample_weight)
    w = checks.floating(where, "sample_weight", w, ndim=1, dtype=np.float64)
    inputs.same_length(where, "sample_weight", w, "X", n)
    finite(where, "sample_weight", w)
    if w.min() < 0:
        raise ValueError(
            f"{where}: sample_weight has the value {w.min()}; expected none below 0"
        )
    if w.max() == 0:
        raise ValueError(
            f"{where}: sample_weight is zero for all samples; there is nothing to "
            "learn from, at least one weight must be above 0"
        )
    return w


def with_class_weights(where, class_weight, classes, index, sample_weight):
    """sample_weight times the weight of each sample's class; None if all are 1.

    class_weight: None, {class: weight} (1 for classes not named) or "balanced":
    total weight / (n_classes * weight of the class), so that all classes weigh the same
    (King and Zeng, 2001).
    """
    if class_weight is None:
        return sample_weight
    of_class = np.ones(len(classes))
    if isinstance(class_weight, str):
        checks.choice(where, "class_weight", class_weight, ("balanced",))
        weight = np.bincount(index, weights=sample_weight, minlength=len(classes))
        there = weight > 0
        of_class[there] = weight.sum() / (len(classes) * weight[there])
    elif isinstance(class_weight, dict):
        known = {label: i for i, label in enumerate(classes.tolist())}
        for label, value in class_weight.items():
            if label not in known:
                raise ValueError(
                    f"{where}: class_weight has the class {label!r}; the classes in y "
                    f"are {', '.join(map(repr, list(known)[:10]))}"
                )
            of_class[known[label]] = checks.number(
                where, f"class_weight[{label!r}]", value, low=0, below=np.inf
            )
    else:
        raise TypeError(
            f"{where}: class_weight is {checks.describe(class_weight)}; expected None, "
            "'balanced' or a dict like {0: 1.0, 1: 5.0}"
        )
    weight = of_class[index]
    return weight if sample_weight is None else sample_weight * weight


def two_classes(where, classes, index, weight):
    """Refuse training data in which fewer than two classes have any weight."""
    present = np.bincount(index, weights=weight, minlength=len(classes)) > 0
    if present.sum() < 2:
        left = classes[present].tolist()
        cause = "" if len(classes) < 2 else ", when samples of weight 0 are left out"
        raise ValueError(
            f"{where}: y holds {len(left)} class, {left}{cause}; a classifier needs "
            "samples of at least 2 classes"
        )


def true_or_false(where, name, value):
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(
            f"{where}: {name} is {checks.describe(value)}; expected True or False"
        )
    return bool(value)
