# Value: a number that remembers how it was computed. Its twin says how it works:
# fastnn/reference/value.py. A module of its own, the same for every CPU.
#
# Values are no business of the garbage collector, for they cannot be part of a cycle:
# inputs are older than what is computed from them and never change, and a name is a
# plain str. That halves the price of a node; `release` frees long chains in a loop.

cimport cython
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.math cimport (
    NAN, copysign, cos, exp, fabs, isfinite, isnan, log, pow, sin, sqrt, tanh,
)

from numbers import Real
from warnings import warn

cdef extern from "Python.h":
    ctypedef void (*destructor)(PyObject* x) noexcept
    ctypedef struct PyTypeObject:
        destructor tp_dealloc
    Py_ssize_t Py_REFCNT(PyObject* x)
    object PyUnicode_FromObject(object x)

include "_value_nodes.pxi"

# In the order of `enum Op`; NUMBER_POWER has its exponent behind it: "**2".
OPS = (
    "", "+", "-", "*", "/", "**", "**", "neg", "abs",
    "sigmoid", "tanh", "relu", "exp", "log", "sqrt", "sin", "cos",
)

views = None  # what draws and explains a graph; fastnn/graph puts it here


@cython.final
@cython.freelist(1024)
cdef class Value:
    """Value(data, name="")
--

    A number that remembers how it was computed, and so finds its derivatives.

        w, x = Value(-1.0, "w"), Value(2.0, "x")
        a = (w * x).tanh()     # four nodes: two leaves, a product, its tanh
        a.backward()           # from a back to the leaves
        w.grad                 # da/dw = x (1 - a^2)

    It computes with Values and with numbers: + - * / **, abs(), and the methods below.
    < <= > >= compare the numbers. == asks whether both are the same node, so that nodes
    can be in sets and dicts; compare numbers with a.data == b.data.
    Derivatives are kept from when a node was computed: setting the `data` of a leaf
    later changes no node that exists; compute again.
    Where a number turns to NaN or infinity, a RuntimeWarning says in which operation.
    """

    cdef Node node
    cdef str _name  # None: no name

    def __cinit__(self):
        self.node.owner = <PyObject*>self

    def __init__(self, data, name=""):
        self.node.data = number("data", data)
        self.name = name

    @property
    def data(self):
        """The number itself, a float. It can be set in leaves."""
        return self.node.data

    @data.setter
    def data(self, data):
        if self.node.op != LEAF:
            rest = "was computed; set the data of a leaf, and compute it again"
            raise AttributeError(f"Value: data of {label(self)} {rest}")
        self.node.data = number("data", data)

    @property
    def grad(self):
        """The derivative of what `backward` was called on by this node, a float."""
        return self.node.grad

    @grad.setter
    def grad(self, grad):
        self.node.grad = number("grad", grad)

    @property
    def name(self):
        """What it is called in drawings and warnings; "" if it has no name."""
        return self._name or ""

    @name.setter
    def name(self, name):
        if not isinstance(name, str):
            raise TypeError(f"Value: name is {described(name)}; expected a string")
        # A plain str, also from a subclass, whose instances could refer to a Value.
        self._name = PyUnicode_FromObject(name) or None

    @property
    def op(self):
        """The operation that made it, such as "+" or "tanh"; "" for a leaf."""
        if self.node.op == NUMBER_POWER:
            return f"**{self.node.grad_right:g}"
        return OPS[self.node.op]

    @property
    def inputs(self):
        """The Values it was computed from, a tuple; () for a leaf."""
        if self.node.left is NULL:
            return ()
        if self.node.right is NULL:
            return (<Value>self.node.left.owner,)
        return (<Value>self.node.left.owner, <Value>self.node.right.owner)

    @property
    def local_grads(self):
        """Its derivative by each of its inputs, a tuple of floats."""
        if self.node.left is NULL:
            return ()
        if self.node.right is NULL:
            return (self.node.grad_left,)
        return (self.node.grad_left, self.node.grad_right)

    def backward(self):
        """Find the derivative of this node by every node it was computed from.

        Fills `grad`: leaves add to what they have, until `zero_grad`; all other nodes
        start at 0. A node hands its gradient on once all nodes that use it have done
        so; each of its inputs receives grad * local_grad (Linnainmaa, 1970).
        """
        backward(&self.node)

    def zero_grad(self):
        """Set `grad` to 0 in this node and in every node it was computed from."""
        zero_grad(&self.node)

    def draw(self, max_nodes=50):
        """The graph as text to print; a picture in notebooks and `.save("graph.svg")`.

        Each node has its value and its gradient beside it, and is drawn once: in the
        text, `↑` refers to it. Of a larger graph, the max_nodes nodes nearest to this
        one are drawn.
        """
        return views.draw(self, max_nodes)

    def to_dot(self, max_nodes=50):
        """The picture of `draw` in the language of Graphviz, a str."""
        return views.to_dot(self, max_nodes)

    def explain(self, max_rows=100):
        """The backward pass from this node as a table, to print or in a notebook.

        For each node and input the local derivative, the gradient from above and their
        product; where several paths meet, their sum. It changes no gradient. `rows` is
        for programs.
        """
        return views.explain(self, max_rows)

    def steps(self, max_nodes=50):
        """Both passes node by node, a generator of steps to print, draw or animate.

        A step has phase, node, value, grad, contributions, text and `draw()`. It
        changes no gradient.
        """
        return views.steps(self, max_nodes)

    @staticmethod
    def weighted_sum(weights, inputs, bias=0.0):
        """What a neuron sums up: bias + w0 x0 + w1 x1 + ..., node by node.

        The graph of sum((w * x for w, x in zip(weights, inputs)), bias), in about half
        the time. weights, inputs: sequences of equal length, of Values and numbers.
        Raises TypeError or ValueError for anything else.
        """
        cdef list ws = list_of("weights", weights), xs = list_of("inputs", inputs)
        cdef Value z = summand(bias), w, x
        cdef Py_ssize_t i, n = len(ws)
        if n != len(xs):
            raise ValueError(
                f"Value: {n} weights and {len(xs)} inputs; expected as many of both"
            )
        for i in range(n):
            w, x = summand(ws[i]), summand(xs[i])
            z = sum_of(z, product_of(w, x))
        return z

    def sigmoid(self):
        """Logistic sigmoid: 1 / (1 + e^-x) (Verhulst, 1838)."""
        cdef double x = self.node.data, e = exp(-fabs(x))
        cdef double a = e / (1.0 + e) if x < 0.0 else 1.0 / (1.0 + e)
        return unary(SIGMOID, a, self, e / ((1.0 + e) * (1.0 + e)))

    def tanh(self):
        """Hyperbolic tangent: (e^x - e^-x) / (e^x + e^-x)."""
        cdef double a = tanh(self.node.data)
        return unary(TANH, a, self, (1.0 - a) * (1.0 + a))

    def relu(self):
        """Rectified linear unit: x where x > 0, else 0; relu'(0) = 0."""
        cdef double x = self.node.data
        if x > 0.0:
            return unary(RELU, x, self, 1.0)
        return unary(RELU, 0.0, self, 0.0) if x <= 0.0 else unary(RELU, x, self, x)

    def exp(self):
        """Exponential: e^x."""
        cdef double a = exp(self.node.data)
        return unary(EXP, a, self, a)

    def log(self):
        """Natural logarithm: ln x; -inf at 0, NaN below."""
        cdef double x = self.node.data
        return unary(LOG, log(x), self, 1.0 / fabs(x) if x >= 0.0 else NAN)

    def sqrt(self):
        """Square root; NaN below 0, and its derivative is infinite at 0."""
        cdef double a = sqrt(self.node.data)
        return unary(SQRT, a, self, 0.5 / fabs(a))

    def sin(self):
        """Sine of x in radians."""
        cdef double x = self.node.data
        return unary(SIN, sin(x), self, cos(x))

    def cos(self):
        """Cosine of x in radians."""
        cdef double x = self.node.data
        return unary(COS, cos(x), self, -sin(x))

    def __add__(self, other):
        return add(self, operand(other))

    def __radd__(self, other):
        return add(operand(other), self)

    def __sub__(self, other):
        return subtract(self, operand(other))

    def __rsub__(self, other):
        return subtract(operand(other), self)

    def __mul__(self, other):
        return multiply(self, operand(other))

    def __rmul__(self, other):
        return multiply(operand(other), self)

    def __truediv__(self, other):
        return divide(self, operand(other))

    def __rtruediv__(self, other):
        return divide(operand(other), self)

    def __pow__(self, exponent):
        if isinstance(exponent, (float, int)) or isinstance(exponent, Real):
            return power_of_number(self, number("exponent", exponent))
        return power(self, operand(exponent))

    def __rpow__(self, base):
        return power(operand(base), self)

    def __neg__(self):
        return unary(NEGATE, -self.node.data, self, -1.0)

    def __abs__(self):
        cdef double x = self.node.data
        cdef double slope = copysign(1.0, x) if fabs(x) > 0.0 else fabs(x)
        return unary(ABSOLUTE, fabs(x), self, slope)

    def __lt__(self, other):
        y = operand(other)
        return NotImplemented if y is None else self.node.data < (<Value>y).node.data

    def __le__(self, other):
        y = operand(other)
        return NotImplemented if y is None else self.node.data <= (<Value>y).node.data

    def __gt__(self, other):
        y = operand(other)
        return NotImplemented if y is None else self.node.data > (<Value>y).node.data

    def __ge__(self, other):
        y = operand(other)
        return NotImplemented if y is None else self.node.data >= (<Value>y).node.data

    def __hash__(self):  # a C type that compares must say it; Python's would inherit
        return object.__hash__(self)

    def __float__(self):
        return self.node.data

    def __bool__(self):
        return self.node.data != 0.0

    def __reduce__(self):
        if self.node.op != LEAF:
            raise TypeError("Value: only leaves can be copied and pickled")
        return Value, (self.node.data, self.name)

    def __format__(self, spec):
        return format(self.node.data, spec) if spec else repr(self)

    def __repr__(self):
        name = f", name={self._name!r}" if self._name else ""
        op = f", op={self.op!r}" if self.node.op != LEAF else ""
        return f"Value({self.node.data:.4g}{name}{op}, grad={self.node.grad:.4g})"


include "_value_arithmetic.pxi"
include "_value_input.pxi"


cdef void take_over(Value any_value):
    take_over_freeing(<PyObject*>any_value, &any_value.node, <PyTypeObject*>Value)


take_over(Value(0.0))
