"""Value: a number that remembers how it was computed.

Every operation is one rule of RULES (_value_rules.py): from the numbers that go in, the
number that comes out and its derivative by each of them. `backward` is the chain rule,
applied from the result to the leaves. Derivation: docs/derivations/value.md
"""

import math
from numbers import Real
from warnings import warn

from ._value_rules import RULES, power

__all__ = ["Value"]

views = None  # what draws and explains a graph; fastnn/graph puts it here


class Value:
    """A number that remembers how it was computed, and so finds its derivatives.

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

    __slots__ = {
        "_data": None,
        "_grad": None,
        "_name": None,
        "inputs": "The Values it was computed from, a tuple; () for a leaf.",
        "local_grads": "Its derivative by each of its inputs, a tuple of floats.",
        "op": 'The operation that made it, such as "+" or "tanh"; "" for a leaf.',
    }

    def __init__(self, data, name=""):
        self._data = _number("data", data)
        self._grad = 0.0
        self.name = name
        self.op, self.inputs, self.local_grads = "", (), ()

    @property
    def data(self):
        """The number itself, a float. It can be set in leaves."""
        return self._data

    @data.setter
    def data(self, data):
        if self.inputs:
            rest = "was computed; set the data of a leaf, and compute it again"
            raise AttributeError(f"Value: data of {_label(self)} {rest}")
        self._data = _number("data", data)

    @property
    def grad(self):
        """The derivative of what `backward` was called on by this node, a float."""
        return self._grad

    @grad.setter
    def grad(self, grad):
        self._grad = _number("grad", grad)

    @property
    def name(self):
        """What it is called in drawings and warnings; "" if it has no name."""
        return self._name

    @name.setter
    def name(self, name):
        if not isinstance(name, str):
            raise TypeError(f"Value: name is {_described(name)}; expected a string")
        self._name = "".join([name])  # a plain str, also from a subclass

    def backward(self):
        """Find the derivative of this node by every node it was computed from.

        Fills `grad`: leaves add to what they have, until `zero_grad`; all other nodes
        start at 0. A node hands its gradient on once all nodes that use it have done
        so; each of its inputs receives grad * local_grad (Linnainmaa, 1970).
        """
        uses = _uses(self)
        for node in uses:
            if node.inputs:
                node._grad = 0.0
        self._grad += 1.0
        ready = [self]
        while ready:
            node = ready.pop()
            for x, local_grad in zip(node.inputs, node.local_grads, strict=True):
                x._grad += node._grad * local_grad
                uses[x] -= 1
                if uses[x] == 0:
                    ready.append(x)

    def zero_grad(self):
        """Set `grad` to 0 in this node and in every node it was computed from."""
        for node in _uses(self):
            node._grad = 0.0

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
        weights, inputs = _list("weights", weights), _list("inputs", inputs)
        z = _summand(bias)
        if len(weights) != len(inputs):
            raise ValueError(
                f"Value: {len(weights)} weights and {len(inputs)} inputs; expected as "
                "many of both"
            )
        for w, x in zip(weights, inputs, strict=True):
            z = _node("+", z, _node("*", _summand(w), _summand(x)))
        return z

    def sigmoid(self):
        """Logistic sigmoid: 1 / (1 + e^-x) (Verhulst, 1838)."""
        return _node("sigmoid", self)

    def tanh(self):
        """Hyperbolic tangent: (e^x - e^-x) / (e^x + e^-x)."""
        return _node("tanh", self)

    def relu(self):
        """Rectified linear unit: x where x > 0, else 0; relu'(0) = 0."""
        return _node("relu", self)

    def exp(self):
        """Exponential: e^x."""
        return _node("exp", self)

    def log(self):
        """Natural logarithm: ln x; -inf at 0, NaN below."""
        return _node("log", self)

    def sqrt(self):
        """Square root; NaN below 0, and its derivative is infinite at 0."""
        return _node("sqrt", self)

    def sin(self):
        """Sine of x in radians."""
        return _node("sin", self)

    def cos(self):
        """Cosine of x in radians."""
        return _node("cos", self)

    def __add__(self, other):
        return _node("+", self, other)

    def __radd__(self, other):
        return _node("+", other, self)

    def __sub__(self, other):
        return _node("-", self, other)

    def __rsub__(self, other):
        return _node("-", other, self)

    def __mul__(self, other):
        return _node("*", self, other)

    def __rmul__(self, other):
        return _node("*", other, self)

    def __truediv__(self, other):
        return _node("/", self, other)

    def __rtruediv__(self, other):
        return _node("/", other, self)

    def __pow__(self, exponent):
        if isinstance(exponent, Real):  # no node: x^2 needs no derivative by the 2
            n = _number("exponent", exponent)
            return _node(f"**{n:g}", self, rule=lambda x: power(x, n))
        return _node("**", self, exponent)

    def __rpow__(self, base):
        return _node("**", base, self)

    def __neg__(self):
        return _node("neg", self)

    def __abs__(self):
        return _node("abs", self)

    def __lt__(self, other):
        y = _operand(other)
        return y if y is NotImplemented else self._data < y._data

    def __le__(self, other):
        y = _operand(other)
        return y if y is NotImplemented else self._data <= y._data

    def __gt__(self, other):
        y = _operand(other)
        return y if y is NotImplemented else self._data > y._data

    def __ge__(self, other):
        y = _operand(other)
        return y if y is NotImplemented else self._data >= y._data

    def __float__(self):
        return self._data

    def __bool__(self):
        return self._data != 0.0

    def __reduce__(self):
        if self.inputs:
            raise TypeError("Value: only leaves can be copied and pickled")
        return Value, (self._data, self._name)

    def __format__(self, spec):
        return format(self._data, spec) if spec else repr(self)

    def __repr__(self):
        name = f", name={self._name!r}" if self._name else ""
        op = f", op={self.op!r}" if self.op else ""
        return f"Value({self._data:.4g}{name}{op}, grad={self._grad:.4g})"


def _node(op, *inputs, rule=None):
    """The result of an operation on Values and numbers, or NotImplemented."""
    inputs = tuple([_operand(x) for x in inputs])
    if NotImplemented in inputs:
        return NotImplemented
    node = object.__new__(Value)
    node._data, *local_grads = (rule or RULES[op])(*[x._data for x in inputs])
    node._grad, node._name, node.op = 0.0, "", op
    node.inputs, node.local_grads = inputs, tuple(local_grads)
    if not math.isfinite(node._data) and _is_new(node._data, inputs):
        message = f"Value: {op} of {' and '.join(map(_label, inputs))} is {node._data}"
        warn(message, RuntimeWarning, stacklevel=3)
    return node


def _is_new(data, inputs):
    """Whether NaN or infinity arises here: it does not come from the inputs."""
    if math.isnan(data):
        return not any(math.isnan(x._data) for x in inputs)
    return all(math.isfinite(x._data) for x in inputs)


def _uses(root):
    """How often each node below `root` is used there, as a dict; {root: 0, ...}."""
    uses, stack = {root: 0}, [root]
    while stack:  # not a recursion: a graph can be deeper than Python's stack
        for x in stack.pop().inputs:
            if x not in uses:
                uses[x] = 0
                stack.append(x)
            uses[x] += 1
    return uses


def _operand(x):
    """x as a Value, if it is one or a number; else NotImplemented: x may know more."""
    if isinstance(x, (Value, Real)):
        return x if isinstance(x, Value) else Value(x)
    if type(x).__name__ == "Value":
        raise TypeError(
            "Value: one of these Values is compiled, the other one plain Python; make "
            'both inside of `with fn.use("reference"):` or both outside'
        )
    if type(x).__module__ == "builtins":  # those know no Value
        raise TypeError(
            f"Value: the other operand is {_described(x)}; expected a Value or a number"
        )
    return NotImplemented


def _list(argument, x):
    if isinstance(x, str) or not hasattr(x, "__iter__"):
        raise TypeError(f"Value: {argument} is {_described(x)}; expected a sequence")
    return list(x)


def _summand(x):
    """x as a Value; nobody else is asked what it may be."""
    value = _operand(x)
    if value is NotImplemented:
        raise TypeError(
            f"Value: a weight, input or bias is {_described(x)}; expected a Value or a "
            "number"
        )
    return value


def _number(argument, x):
    """x as a float; a sentence if it is none."""
    if not isinstance(x, Real):
        raise TypeError(f"Value: {argument} is {_described(x)}; expected a number")
    try:
        return float(x)
    except OverflowError:
        raise ValueError(f"Value: {argument} is beyond the largest float") from None


def _described(x):
    """What came instead of what was expected, in a few words."""
    if x is None or isinstance(x, (str, bytes, complex)):
        return repr(x)[:60]
    return f"an object of type {type(x).__name__}"


def _label(node):
    """A node in a message: "x = 0.5", "(+) = 0.5", "0.5"."""
    title = node.name or (node.op and f"({node.op})")
    return f"{title} = {node._data}" if title else f"{node._data}"
