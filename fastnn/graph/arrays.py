"""What the nodes of a graph do with arrays, outside of any rule.

Arrays in a graph are float32 or float64, in C's order, and nobody else writes into
them: what a user brings is copied.
"""

import sys
import warnings
from numbers import Real

import numpy as np

from .. import backend
from ..ops import checks

_is_finite = backend.function("is_finite")
FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
float64 = FLOATS[1]


# --- What comes in --------------------------------------------------------------------


def from_user(data, like=None, shaped=True):
    """A copy of what a user gives as `data`, of float32 or float64.

    like: the array that it replaces, whose dtype it gets, and (shaped) whose shape it
    must have.
    """
    if hasattr(data, "computed"):
        data = data.data
    array = numbers("Tensor", "data", data)
    if array.dtype not in FLOATS:
        small = array.dtype == np.float16
        array = array.astype(np.float32 if small else np.float64)
    if like is None:
        return np.array(array, order="C")
    if shaped and array.shape != like.shape:
        raise ValueError(
            f"Tensor: data is of shape {array.shape}, but what it replaces is of shape "
            f"{like.shape}"
        )
    return cast(array, like.dtype, "a number in data")


def cast(array, dtype, what):
    """A copy of another precision; a warning where a number is beyond float32."""
    if array.dtype == dtype:
        return np.array(array, order="C")
    with np.errstate(all="ignore"):
        out = np.array(array, dtype=dtype, order="C")
    if (
        dtype != float64
        and not all_finite(out)
        and (np.isinf(out) > np.isinf(array)).any()
    ):
        _warn(f"Tensor: {what} is beyond {dtype} and becomes inf")
    return out


def write(node, data, index, values):
    """node[index] = values; data: the array of the node."""
    values = from_user(values, like=data, shaped=False)
    try:
        data[index] = values
    except (IndexError, ValueError) as error:
        raise type(error)(
            f"Tensor: values of shape {values.shape} at an index of {label(node)}: "
            f"{error}"
        ) from None


def numbers(where, name, data):
    """`data` as an array; what holds no real numbers is refused."""
    if checks.is_masked(data) or hasattr(data, "toarray"):
        checks.array(where, name, data)  # refuses it: what is masked would be lost
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise ValueError(
            f"{where}: {name} is {checks.describe(data)} that makes no array "
            f"({error}); expected numbers in rows of one length"
        ) from None
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{where}: {name} is {checks.describe(data)} of dtype {array.dtype}; "
            "expected real numbers"
        )
    return array


def shape_of(where, name, x):
    """The shape of an operand; what holds no real numbers is refused."""
    return x.shape if hasattr(x, "computed") else numbers(where, name, x).shape


def is_operand(x):
    """Whether x can stand beside an operator: a node, a number or an array of them."""
    if isinstance(x, (float, int, np.ndarray, np.generic)) or hasattr(x, "computed"):
        return True
    if isinstance(x, Real):
        return True
    strange = type(x).__module__ == "builtins" and not isinstance(x, (list, tuple))
    if strange or hasattr(x, "local_grads"):  # a Value
        raise TypeError(
            f"Tensor: the other operand is {checks.describe(x)}; expected a Tensor, an "
            "array or a number"
        )
    return isinstance(x, (list, tuple))


def common_type(inputs):
    """The precision of plain numbers and integers among these: the floats' beside them.

    float32 if all that have a precision are of float32 or less, else float64.
    """
    found = None
    for x in inputs:
        dtype = getattr(x, "dtype", None)
        if dtype is not None and dtype.kind == "f":
            if dtype.itemsize > 4:
                return float64
            found = FLOATS[0]
    return float64 if found is None else found


def constant(x, like, where="Tensor"):
    """x, a number or an array, as an array of a graph; `like`: the dtype of numbers."""
    if isinstance(x, float) and like == float64:
        return np.array(x)
    if isinstance(x, (float, int)):
        return cast(np.array(number(x)), like, f"the number {x}")
    if isinstance(x, (list, tuple)) and _holds_nodes(x):
        raise TypeError(
            f"{where}: {checks.describe(x)} of Tensors; join them to one, with "
            "graph.stack or graph.concatenate"
        )
    if hasattr(x, "computed"):
        raise TypeError(
            "Tensor: one of these Tensors is compiled, the other one plain Python; "
            'make both inside of `with fn.use("reference"):` or both outside'
        )
    array = numbers(where, "an input", x)
    return cast(
        array, array.dtype if array.dtype in FLOATS else like, "a number in an array"
    )


def _holds_nodes(x):
    return any(
        hasattr(v, "computed") or (isinstance(v, (list, tuple)) and _holds_nodes(v))
        for v in x
    )


def number(x):
    """A plain number as a float."""
    try:
        return float(x)
    except OverflowError:
        raise ValueError(
            f"Tensor: a whole number of {x.bit_length()} bits is beyond the largest "
            "float"
        ) from None


def plain_name(name):
    if not isinstance(name, str):
        raise TypeError(f"Tensor: name is {checks.describe(name)}; expected a string")
    return "".join([name])  # a plain str, also from a subclass


def flag(name, value):
    return checks.flag("Tensor", name, value)


def of_value(name, inputs):
    """An operation on Values, for which it is a method."""
    first = next(x for x in inputs if hasattr(x, "local_grads"))
    method = getattr(first, name, None)
    if len(inputs) > 1 or method is None:
        raise TypeError(f"{name}: x is a Value, which has no {name}; use a Tensor")
    return method()


# --- Results and gradients ------------------------------------------------------------


def result(data):
    """What a rule computed, as an array that is only read."""
    data = np.asarray(data)
    if not data.flags.c_contiguous:
        data = np.array(data, order="C")
    data.flags.writeable = False
    return data


def zeros_like(data):
    return np.zeros(data.shape, data.dtype)


def own(grad):
    """A copy: a gradient for a user to write into, a result apart from a leaf."""
    return np.array(grad, order="C")


def refuse_others(kind, nodes):
    """Nodes to differentiate by: a list of them, of the kind of the root."""
    if not isinstance(nodes, (list, tuple)):
        raise TypeError(
            f"gradients: nodes is {checks.describe(nodes)}; expected a list of Tensors"
        )
    for i, x in enumerate(nodes):
        if not isinstance(x, kind):
            raise TypeError(
                f"gradients: nodes[{i}] is {checks.describe(x)}; expected a Tensor, "
                "compiled or plain Python as the one whose derivative is asked for"
            )


def seed(node, grad_output, as_nodes=False):
    """The gradient that a pass begins with; as_nodes: a node is left as it is."""
    data = node.array
    if grad_output is None:
        if data.size != 1:
            raise ValueError(
                f"backward: {label(node)} has {data.size} elements; take the "
                "derivative of one number, say of x.sum() or x.mean(), or pass "
                f"grad_output, an array of shape {data.shape}"
            )
        return np.ones(data.shape, data.dtype)
    grad = grad_output
    if not hasattr(grad, "computed"):
        grad = numbers("backward", "grad_output", grad)
    if grad.shape != data.shape:
        raise ValueError(
            f"backward: grad_output is of shape {grad.shape}, but {label(node)} is of "
            f"shape {data.shape}"
        )
    if as_nodes and hasattr(grad, "computed"):
        return grad
    return np.array(grad, dtype=data.dtype, order="C")


def fit(part, data):
    """A gradient as large as the input it belongs to: where that was broadcast, a sum.

    An element that was used many times receives the sum of their gradients.
    """
    if hasattr(part, "computed"):
        return _fit(part, data)
    with np.errstate(all="ignore"):
        return np.asarray(_fit(np.asarray(part), data), order="C")


def _fit(part, data):
    if part.shape != data.shape:
        extra = part.ndim - data.ndim
        axes = tuple(
            i
            for i, n in enumerate(part.shape)
            if i < extra or (data.shape[i - extra] == 1 and n != 1)
        )
        if axes:
            part = np.sum(part, axis=axes, keepdims=True)
        part = np.reshape(part, part.shape[extra:]) if extra else part
        if part.shape != data.shape:
            part = np.broadcast_to(part, data.shape)
    if part.dtype != data.dtype:
        part = part.astype(data.dtype)
    return part


def sum_of_two(x, y):
    """x + y; of arrays an array, where NumPy gives a number for those of no axes."""
    if hasattr(x, "computed"):
        return x + y
    with np.errstate(all="ignore"):
        return np.asarray(x + y)


# --- What is said ---------------------------------------------------------------------


def all_finite(data):
    return bool(np.isfinite(data).all()) if data.size < 256 else _finite(data)


def _finite(data):
    return bool(backend.function("is_finite")(data.reshape(-1)))


def differ(kept, data):
    """Whether two arrays differ in any bit."""
    unsigned = f"u{data.itemsize}"
    return not np.array_equal(kept.view(unsigned), data.view(unsigned))


def label(node):
    """A node in a message: "x (3, 2)", "(+) (8, 8)", "x = 0.5"."""
    title = node.name or (f"({node.op})" if node.op else "")
    array = np.asarray(node)
    what = f"= {array.item()}" if array.size == 1 else f"{array.shape}"
    return f"{title} {what}".strip(" =") if not title else f"{title} {what}"


def refused(rule, inputs, settings, error):
    """The error of a rule that could not compute, with the names of its inputs."""
    if str(error).startswith(f"{rule.name}: "):  # a loss, which says what is wrong
        return error
    labels = " and ".join(label(x) for x in inputs)
    return type(error)(f"Tensor: {rule.op(settings)} of {labels}: {error}")


def changed(x, node):
    """What to say of an input that was changed after it was used."""
    return (
        f"backward: {label(x)} was changed after {label(node)} was computed from it, "
        "so the derivative would be of other numbers; compute again, then call backward"
    )


def warn_if_new(node):
    """Warn where NaN or infinity arises: it does not come from the inputs."""
    data = np.asarray(node)
    given = [np.asarray(x) for x in node.inputs]
    has_nan = any(np.isnan(x).any() for x in given)
    finite = all(np.isfinite(x).all() for x in given)
    if has_nan or (not finite and not np.isnan(data).any()):
        return
    first = tuple(int(i) for i in np.argwhere(~np.isfinite(data))[0])
    count = int((~np.isfinite(data)).sum())
    where = "" if data.size == 1 else f" at {list(first)}"
    more = f" and in {count - 1} more elements" if count > 1 else ""
    labels = " and ".join(label(x) for x in node.inputs)
    _warn(f"Tensor: {node.op} of {labels} is {data[first]}{where}{more}")


def _warn(message):
    """Warn at the line of the user, outside of fastnn and NumPy."""
    frame, level = sys._getframe(), 1
    while frame.f_back is not None and _is_inside(frame):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, RuntimeWarning, stacklevel=level)


def _is_inside(frame):
    package = frame.f_globals.get("__name__", "").partition(".")[0]
    return package in ("fastnn", "numpy")
