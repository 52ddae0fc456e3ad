"""Products of matrices and their kin: @, outer, einsum."""

import numpy as np

from .. import ops
from ..ops import checks
from .arrays import shape_of
from .rules import apply, of_each, quiet, rule
from .shapes import swapaxes


def _matmul(x, y):
    if x.ndim == y.ndim == 2:
        return ops.matmul(x, y)
    with np.errstate(all="ignore"):
        return np.matmul(x, y)


def _grad_left(g, z, x, y):
    """z = x @ y: dL/dx = g yᵀ; where one of them is a vector, what is left of that."""
    if isinstance(g, np.ndarray) and g.ndim == y.ndim == 2:
        return ops.matmul(g, y, transpose_b=True)
    if y.ndim == 1:
        return (g if x.ndim == 1 else g[..., None]) * y
    if x.ndim == 1:
        return (g[..., None, :] @ swapaxes(y, -1, -2))[..., 0, :]
    return g @ swapaxes(y, -1, -2)


def _grad_right(g, z, x, y):
    """z = x @ y: dL/dy = xᵀ g."""
    if isinstance(g, np.ndarray) and g.ndim == x.ndim == 2:
        return ops.matmul(x, g, transpose_a=True)
    if y.ndim == 1:
        return x * (g if x.ndim == 1 else g[..., None])
    if x.ndim == 1:
        return x[:, None] @ g[..., None, :]
    return swapaxes(x, -1, -2) @ g


def _on_arrays(derivative):
    """Of matrices the kernel; it never warns, and is not slowed down by np.errstate."""
    quietly = quiet(derivative)

    def of_arrays(g, z, x, y):
        return (derivative if x.ndim == y.ndim == 2 else quietly)(g, z, x, y)

    return of_arrays


MATMUL = rule(
    "@",
    _matmul,
    _grad_left,
    _grad_right,
    on_arrays=(_on_arrays(_grad_left), _on_arrays(_grad_right)),
)
OUTER = rule(
    "outer",
    quiet(np.outer),
    lambda g, z, x, y: g @ y,
    lambda g, z, x, y: x @ g,
)


def matmul(x, y):
    """The matrix product x @ y, as NumPy has it: vectors, matrices, stacks of these."""
    return apply(MATMUL, (x, y))


def outer(x, y):
    """All products of two vectors: out[i, j] = x[i] y[j]."""
    for name, vector in (("x", x), ("y", y)):
        if len(shape := shape_of("outer", name, vector)) != 1:
            raise ValueError(f"outer: {name} is of shape {shape}; expected a vector")
    return apply(OUTER, (x, y))


# --- einsum ---------------------------------------------------------------------------


def _of_input(i):
    """dL/dinput_i of an einsum is an einsum of g and the other inputs."""

    def derivative(g, z, *inputs_and_spec):
        inputs, (terms, out) = inputs_and_spec[:-1], inputs_and_spec[-1]
        term, shape = terms[i], np.shape(inputs[i])
        others = [x for j, x in enumerate(inputs) if j != i]
        other_terms = [t for j, t in enumerate(terms) if j != i]
        reachable = {*out, *"".join(other_terms)}
        there = "".join(c for c in term if c in reachable)  # the others were summed
        part = einsum(f"{','.join([out, *other_terms])}->{there}", g, *others)
        axes = zip(term, shape, strict=True)
        kept = tuple(n if c in reachable else 1 for c, n in axes)
        return np.broadcast_to(np.reshape(part, kept), shape)

    return derivative


EINSUM = rule(
    "einsum",
    quiet(lambda *given: np.einsum(_spelled(given[-1]), *given[:-1])),
    of_each(_of_input),
    label=lambda spec: f"einsum({_spelled(spec)})",
)


def _spelled(spec):
    terms, out = spec
    return f"{','.join(terms)}->{out}"


def einsum(subscripts, *inputs):
    """A sum of products by the names of indices: "ij,jk->ik" is the matrix product.

    Each index stands once in a term; there is no `...`. Without `->` the result has
    the indices that stand in one term only, in the order of the alphabet.
    """
    if not isinstance(subscripts, str):
        raise TypeError(
            "einsum: the first argument is a string, such as 'ij,jk->ik', but "
            f"subscripts is {checks.describe(subscripts)}"
        )
    left, arrow, out = subscripts.replace(" ", "").partition("->")
    terms = tuple(left.split(","))
    letters = left.replace(",", "")
    if not arrow:
        out = "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    if len(terms) != len(inputs):
        raise ValueError(
            f"einsum: {subscripts!r} has {len(terms)} terms, but {len(inputs)} inputs "
            "came"
        )
    lengths: dict[str, int] = {}
    for term, x in zip(terms, inputs, strict=True):
        if len(set(term)) < len(term) or not (term.isalpha() or not term):
            raise ValueError(
                f"einsum: the term {term!r} of {subscripts!r}; expected letters, each "
                "of them once (for a diagonal, index with two arrays of numbers)"
            )
        if len(term) != len(shape := shape_of("einsum", "an input", x)):
            raise ValueError(
                f"einsum: the term {term!r} names {len(term)} axes, but its input is "
                f"of shape {shape}"
            )
        for c, n in zip(term, shape, strict=True):
            if lengths.setdefault(c, n) != n:
                raise ValueError(
                    f"einsum: the axis {c!r} of {subscripts!r} is of length "
                    f"{lengths[c]} in one input and of length {n} in another one"
                )
    if len(set(out)) < len(out) or not set(out) <= set(letters):
        raise ValueError(
            f"einsum: the result {out!r} of {subscripts!r}; expected indices of the "
            "inputs, each of them once"
        )
    return apply(EINSUM, inputs, ((terms, out),))
