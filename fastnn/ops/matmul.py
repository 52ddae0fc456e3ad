"""Products of matrices, a dense layer in one call, and sums of columns."""

from .. import backend
from ..reference.activations import ACTIVATIONS
from . import checks

_ELEMENTWISE = tuple(name for name in ACTIVATIONS if name != "softmax")


@backend.behind_quick_door
def matmul(a, b, transpose_a=False, transpose_b=False, out=None):
    """Product of two matrices: out[i, j] = sum over p of a[i, p] * b[p, j].

    a (m, k), or (k, m) with transpose_a; b (k, n), or (n, k) with transpose_b. The
    transposed view x.T of an array is read as it lies, without a copy.
    Returns (m, n), in float32 if both are float32, else float64; written into `out`
    if given. The sum runs in the order of p, so row i of a product depends on row i
    of a alone, to the last bit, whatever the batch and the number of threads.
    Raises TypeError or ValueError when the arguments are no matrices that fit.

    >>> matmul([[1.0, 2.0]], [[3.0], [4.0]])
    array([[11.]])
    """
    transpose_a = checks.flag("matmul", "transpose_a", transpose_a)
    transpose_b = checks.flag("matmul", "transpose_b", transpose_b)
    a, b = _matrices("matmul", "a", a, "b", b)
    if transpose_a:
        k, m = a.shape
    else:
        m, k = a.shape
    if transpose_b:
        n, inner = b.shape
    else:
        inner, n = b.shape
    if inner != k:
        raise ValueError(
            f"matmul: a is {a.shape}{' transposed' if transpose_a else ''} but b is "
            f"{b.shape}{' transposed' if transpose_b else ''}; "
            f"the inner sizes {k} and {inner} differ"
        )
    out = checks.output("matmul", out, (m, n), a.dtype, apart_from=(a, b))
    a, transpose_a = _as_it_lies(a, transpose_a)
    b, transpose_b = _as_it_lies(b, transpose_b)
    backend.function("matmul")(a, b, out, transpose_a, transpose_b, None, 0)
    return out


@backend.behind_quick_door
def dense(x, weights, bias=None, activation="identity", out=None):
    """A dense layer in one call: activation(x @ weights + bias).

    x (n_samples, n_in), weights (n_in, n_out), bias (n_out,) or None. activation: the
    name of an elementwise activation. Returns (n_samples, n_out), into `out` if given.
    Raises TypeError or ValueError when shapes don't fit or the name is unknown.

    >>> dense([[1.0, 2.0]], [[3.0], [-4.0]], bias=[4.0], activation="relu")
    array([[0.]])
    """
    kind = ACTIVATIONS.index(
        checks.choice("dense", "activation", activation, _ELEMENTWISE)
    )
    x, weights = _matrices("dense", "x", x, "weights", weights)
    if x.shape[1] != weights.shape[0]:
        raise ValueError(
            f"dense: x is {x.shape} but weights is {weights.shape}; "
            f"the inner sizes {x.shape[1]} and {weights.shape[0]} differ"
        )
    apart_from = [x, weights]
    if bias is not None:
        bias = checks.floating("dense", "bias", bias, ndim=1, dtype=x.dtype)
        if bias.shape != weights.shape[1:]:
            raise ValueError(
                f"dense: bias has shape {bias.shape} but weights is {weights.shape}; "
                f"expected ({weights.shape[1]},), one for each column of weights"
            )
        apart_from.append(bias)
    shape = (x.shape[0], weights.shape[1])
    out = checks.output("dense", out, shape, x.dtype, apart_from=apart_from)
    x, transpose_x = _as_it_lies(x, False)
    weights, transpose_w = _as_it_lies(weights, False)
    backend.function("matmul")(x, weights, out, transpose_x, transpose_w, bias, kind)
    return out


@backend.behind_quick_door
def column_sums(x, out=None):
    """Sum of every column: out[j] = sum over i of x[i, j], in the order of i.

    x (m, n). Returns (n,), in the precision of x, into `out` if given.

    >>> column_sums([[1.0, 2.0], [3.0, 4.0]])
    array([4., 6.])
    """
    x = checks.floating("column_sums", "x", x, ndim=2)
    out = checks.output("column_sums", out, x.shape[1:], x.dtype, apart_from=(x,))
    backend.function("column_sums")(x, out)
    return out


def _matrices(where, name_a, a, name_b, b):
    """Both as matrices of their common precision, C-contiguous or views x.T of such."""
    a = checks.array(where, name_a, a)
    b = checks.array(where, name_b, b)
    dtype = checks.common_float(a, b)
    return _matrix(where, name_a, a, dtype), _matrix(where, name_b, b, dtype)


def _lies_turned(x):
    return x.ndim == 2 and x.flags.f_contiguous and not x.flags.c_contiguous


def _matrix(where, name, x, dtype):
    if _lies_turned(x):
        return checks.floating(where, name, x.T, ndim=2, dtype=dtype).T
    return checks.floating(where, name, x, ndim=2, dtype=dtype)


def _as_it_lies(x, transpose):
    """(array, flag) that say the same and need no copy: x.T is x, the other way."""
    return (x.T, not transpose) if _lies_turned(x) else (x, transpose)
