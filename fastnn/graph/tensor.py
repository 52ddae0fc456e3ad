"""Tensor: an array in a graph, with the operators, methods and manners of an array.

How nodes are made and how gradients flow is the business of Node, compiled in
_kernels/tensor.pyx and plain in reference/tensor.py; Tensor exists once on top of each.
"""

from typing import Any

import numpy as np

from .. import backend
from ..reference import tensor as reference_tensor
from . import arrays, functions, numpy_functions, views
from .rules import RULES, apply
from .shapes import index


class Operations:
    """What a Tensor can do besides + - * / @, on top of either Node."""

    __slots__ = ()

    # NumPy's arrays leave operators between them and a Tensor to the Tensor.
    __array_ufunc__ = numpy_functions.of_ufunc
    __array_function__ = numpy_functions.of_function

    def __array__(self, dtype=None, copy=None):
        if dtype is not None and dtype != self.dtype:
            if copy is False:
                raise ValueError(
                    f"Tensor: an array of {np.dtype(dtype)} would be a copy of this "
                    f"one of {self.dtype}, but copy is False"
                )
            return self.array.astype(dtype)
        return self.array.copy() if copy else self.array

    @property
    def shape(self):
        """The lengths of its axes, a tuple."""
        return self.array.shape

    @property
    def dtype(self):
        """float32 or float64."""
        return self.array.dtype

    @property
    def ndim(self):
        """The number of axes."""
        return self.array.ndim

    @property
    def size(self):
        """The number of elements."""
        return self.array.size

    @property
    def T(self):  # noqa: N802
        """The axes in reverse order: rows become columns."""
        return functions.transpose(self)

    def item(self):
        """The only element, a float."""
        return self.array.item()

    def detach(self):
        """A constant of the same numbers: no derivative goes through it."""
        return type(self)(self.array, self.name, constant=True)

    def astype(self, dtype):
        """The same numbers as float32 or float64."""
        dtype = np.dtype(dtype)
        if dtype not in arrays.FLOATS:
            raise TypeError(f"astype: dtype is {dtype}; expected float32 or float64")
        if dtype == self.dtype:
            return self
        return apply(RULES["astype"], (self,), (dtype,))

    def __len__(self):
        if not self.ndim:
            raise TypeError("len: this Tensor is a single number; it has no rows")
        return len(self.array)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key):
        return index(self, key)

    def __abs__(self):
        return functions.absolute(self)

    def __pos__(self):
        return self

    def __float__(self):
        return float(self.array)

    def __bool__(self):
        return bool(self.array)

    # Comparisons look at the numbers and give arrays of True and False.

    def __lt__(self, other):
        return self.array < np.asarray(other)

    def __le__(self, other):
        return self.array <= np.asarray(other)

    def __gt__(self, other):
        return self.array > np.asarray(other)

    def __ge__(self, other):
        return self.array >= np.asarray(other)

    def __eq__(self, other):
        return self.array == np.asarray(other)

    def __ne__(self, other):
        return self.array != np.asarray(other)

    __hash__ = object.__hash__  # nodes can be in sets and dicts, by identity

    def __copy__(self):
        leaf = self.rule is None
        return _again(self.array, self.name, self.constant) if leaf else self

    def __reduce__(self):
        if self.rule is not None:
            raise TypeError("Tensor: only leaves can be copied and pickled")
        return _again, (self.array, self.name, self.constant)

    def __repr__(self):
        numbers = np.array2string(
            self.array, separator=", ", prefix="Tensor(", threshold=100, precision=4
        )
        more = f", name={self.name!r}" if self.name else ""
        more += f", op={self.op!r}" if self.op else ""
        more += ", constant=True" if self.constant and self.rule is None else ""
        more += f", dtype={self.dtype}" if self.dtype != np.float64 else ""
        return f"Tensor({numbers}{more})"

    __str__ = __repr__

    def __format__(self, spec):
        return format(self.item(), spec) if spec else repr(self)

    abs = functions.absolute
    clip = functions.clip
    cos = functions.cos
    dot = functions.matmul
    draw = views.draw
    elu = functions.elu
    exp = functions.exp
    explain = views.explain
    expm1 = functions.expm1
    flatten = functions.ravel
    gelu = functions.gelu
    gelu_tanh = functions.gelu_tanh
    leaky_relu = functions.leaky_relu
    log = functions.log
    log1p = functions.log1p
    log_softmax = functions.log_softmax
    logsumexp = functions.logsumexp
    max = functions.max
    mean = functions.mean
    min = functions.min
    norm = functions.norm
    ravel = functions.ravel
    relu = functions.relu
    reshape = functions.reshape
    selu = functions.selu
    sigmoid = functions.sigmoid
    sign = functions.sign
    silu = functions.silu
    sin = functions.sin
    softmax = functions.softmax
    softplus = functions.softplus
    sqrt = functions.sqrt
    squeeze = functions.squeeze
    std = functions.std
    steps = views.steps
    sum = functions.sum
    swapaxes = functions.swapaxes
    tanh = functions.tanh
    to_dot = views.to_dot
    transpose = functions.transpose
    var = functions.var


def _again(data, name, constant):
    """A leaf that was pickled or copied, of the class that is in force."""
    return in_force()(data, name, constant)


def in_force():
    """The class Tensor of the active path: on top of the compiled Node, or its twin."""
    plain = backend.class_named("Node") is reference_tensor.Node
    return PlainTensor if plain else CompiledTensor


DOC = """An array that remembers how it was computed, and so finds its derivatives.

        w = Tensor([[1.0], [-2.0]], "w")      # a leaf: its data are copied
        loss = ((X @ w - y) ** 2).mean()      # X and y: arrays, which are constants
        loss.backward()
        w.grad                                # dloss/dw, an array of w's shape

    data: numbers, kept as float32 or float64. name: for drawings and messages.
    constant: leave out derivatives by it, as by plain arrays and numbers.

    It computes with Tensors, arrays and numbers as NumPy does, broadcasting included:
    + - * / ** @, indexing, the methods below, and NumPy's own functions, np.tanh(x).
    Comparisons, == too, give arrays of True and False. Of integers and plain numbers
    beside it the precision is that of the Tensor.
    Where NaN or infinity arises, a RuntimeWarning says in which operation.

    `x.data -= rate * x.grad` changes a leaf. A graph that was computed from it before
    is then out of date, and its `backward` says so.
    """


class PlainTensor(Operations, reference_tensor.Node):
    __doc__ = DOC
    __slots__ = ()


PlainTensor.__name__ = PlainTensor.__qualname__ = "Tensor"

compiled: Any = backend.compiled("tensor")
CompiledTensor: Any = compiled and type(
    "Tensor",
    (Operations, compiled.Node),
    {"__doc__": DOC, "__slots__": (), "__module__": __name__},
)

engine: Any
for engine in (reference_tensor, compiled):
    if engine is not None:
        engine.rules, engine.arrays = RULES, arrays
if compiled is not None:
    compiled.matmul = backend.quick_door("matmul")
    compiled.elementwise = backend.quick_door("elementwise")
    compiled.elementwise_backward = backend.quick_door("elementwise_backward")
