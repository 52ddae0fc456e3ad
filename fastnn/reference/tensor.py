"""Node: an array that remembers how it was computed; fastnn.graph.Tensor is made of it.

It is Value with arrays for numbers. What can be computed, and the derivative of each
operation, are rules (fastnn/graph/rules.py) that are brought to it; here is how nodes
come to be and how gradients flow through them. Derivation: docs/derivations/tensor.md
"""

__all__ = ["Node"]

# fastnn/graph brings these two: the rules of the operators by their signs, and what is
# done to arrays outside of any rule (fastnn/graph/arrays.py).
rules = None
arrays = None

_stamps = [0]  # the stamp given last


def _new_stamp():
    _stamps[0] += 1
    return _stamps[0]


class Node:
    """An array that remembers how it was computed, and so finds its derivatives.

    A node is younger than its inputs: `stamp` counts up, and where an input has the
    higher stamp it was changed after the node was computed from it.
    """

    __slots__ = {
        "_born": None,  # its first stamp
        "_data": None,
        "_exposed": None,  # whether the array was handed out
        "_grad": None,
        "_kept": None,  # a copy of _data, where somebody else may write into it
        "_name": None,
        "_shares_grad": None,  # whether other nodes may have the array _grad as well
        "constant": "Whether derivatives by it are left out, True or False.",
        "inputs": "The nodes it was computed from, a tuple; () for a leaf.",
        "rule": "The rule that computed it; None for a leaf.",
        "settings": "What the rule was given besides the inputs, a tuple.",
        "stamp": "When it was computed, or changed; later is higher.",
    }

    def __init__(self, data, name="", constant=False):
        self._fill(arrays.from_user(data))
        self.name = name
        self.constant = arrays.flag("constant", constant)

    def _fill(self, data, rule=None, inputs=(), settings=(), constant=True):
        self._data, self._grad, self._name = data, None, ""
        self._kept, self._exposed, self._shares_grad = None, False, False
        self.rule, self.inputs, self.settings = rule, inputs, settings
        self.constant, self.stamp = constant, _new_stamp()
        self._born = self.stamp

    @property
    def data(self):
        """The array itself: of a leaf to be read and written, else to be read."""
        if self.rule is None:
            self._exposed = True
            if self._kept is None:
                self._kept = self._data.copy()
        return self._data

    @data.setter
    def data(self, data):
        self._refuse_if_computed()
        if data is not self._data:  # x.data -= ... has written into it already
            self._data, self._exposed = arrays.from_user(data, like=self._data), False
        self._kept = None
        self.stamp = _new_stamp()

    @property
    def array(self):
        """`data`, to be read alone."""
        view = self._data.view()
        view.flags.writeable = False
        return view

    def _refuse_if_computed(self):
        if self.rule is not None:
            rest = "was computed; set the data of a leaf, and compute it again"
            raise AttributeError(f"Tensor: data of {arrays.label(self)} {rest}")

    def __setitem__(self, index, values):
        self._refuse_if_computed()
        arrays.write(self, self._data, index, values)
        self._kept = None
        self.stamp = _new_stamp()

    def _notice(self):
        """Take notice of what was written into the array that was handed out."""
        if self._exposed:
            if self._kept is not None and arrays.differ(self._kept, self._data):
                self.stamp, self._kept = _new_stamp(), None
            if self._kept is None:
                self._kept = self._data.copy()

    @property
    def grad(self):
        """The derivative of what `backward` was called on by this node.

        An array of the shape of `data`, zeros as long as nothing came; None for a
        constant.
        """
        if self._grad is None and not self.constant:
            self._grad = arrays.zeros_like(self._data)
        elif self._shares_grad:
            self._grad = arrays.own(self._grad)
        self._shares_grad = False
        return self._grad

    @grad.setter
    def grad(self, grad):
        grad = None if grad is None else arrays.from_user(grad, like=self._data)
        self._grad, self._shares_grad = grad, False

    @property
    def name(self):
        """What it is called in drawings and messages; "" if it has no name."""
        return self._name

    @name.setter
    def name(self, name):
        self._name = arrays.plain_name(name)

    @property
    def op(self):
        """The operation that made it, such as "+" or "tanh"; "" for a leaf."""
        return "" if self.rule is None else self.rule.op(self.settings)

    @classmethod
    def computed(cls, rule, inputs, settings=()):
        """The node that a rule computes from nodes, arrays and numbers."""
        like = arrays.common_type(inputs)
        inputs = tuple([cls._operand(x, like) for x in inputs])
        for x in inputs:
            x._notice()
        try:
            data = rule.forward(*[x._data for x in inputs], *settings)
        except (ValueError, IndexError) as error:
            raise arrays.refused(rule, inputs, settings, error) from None
        if any([x.rule is None and _is_of(data, x._data) for x in inputs]):
            data = arrays.own(data)
        data = arrays.result(data)
        node = object.__new__(cls)
        constant = all([x.constant for x in inputs])
        node._fill(data, rule, inputs, settings, constant)
        if rule.computes and not arrays.all_finite(data):
            arrays.warn_if_new(node)
        return node

    @classmethod
    def _operand(cls, x, like):
        """x as a node: itself, or a constant."""
        if isinstance(x, Node):
            return x
        node = object.__new__(cls)
        node._fill(arrays.constant(x, like))
        return node

    def pullback(self, grad_output, as_nodes=False):
        """What each input receives of dL/d(this node): a tuple, None for constants.

        as_nodes: grad_output is a node, and so is what comes out, so that it can be
        differentiated again; else arrays.
        """
        grad = self._first_grad(grad_output, as_nodes)
        if not self.inputs:
            return ()
        if as_nodes:
            slopes, out, inputs = self.rule.derivatives, self, self.inputs
        else:
            slopes, out = self.rule.on_arrays, self._data
            inputs = tuple([x._data for x in self.inputs])
        parts = []
        for i, x in enumerate(self.inputs):
            if x.constant:
                parts.append(None)
                continue
            slope = slopes(i) if callable(slopes) else slopes[i]
            part = slope(grad, out, *inputs, *self.settings)
            parts.append(arrays.fit(part, x._data))  # undoes broadcasting
        return tuple(parts)

    def backward(self, grad_output=None):
        """Find the derivative of this node by every node it was computed from.

        Fills `grad`: leaves add to what they have, until `zero_grad`; all other nodes
        start at 0. A node hands its gradient on once all nodes that use it have done
        so (Linnainmaa, 1970). Of an array of more than one element, grad_output says
        what the derivatives of the elements are multiplied with; by default it is 1.

        Raises RuntimeError where a node was changed after it was used.
        """
        # The whole pass first: where it raises an error, every `grad` is as it was.
        for node, grad in list(_walk(self, arrays.seed(self, grad_output))):
            if node.rule is not None:
                node._grad, node._shares_grad = grad, True
            else:
                node._accumulate(grad)

    def _accumulate(self, grad):
        """Add to the gradient of a leaf, though another thread may do so meanwhile."""
        while True:
            old = self._grad
            new = arrays.own(grad) if old is None else arrays.sum_of_two(old, grad)
            if self._grad is old:
                self._grad = new
                return

    def _first_grad(self, grad_output, as_nodes):
        """The gradient that a pass begins with, an array or a node."""
        grad = arrays.seed(self, grad_output, as_nodes)
        return self._operand(grad, None) if as_nodes else grad

    def gradients(self, nodes, grad_output=None, as_nodes=False):
        """The derivative of this node by each of `nodes`, a list; `grad` stays.

        as_nodes: they are nodes, which can be differentiated again; by grad_output
        too, if it is a node.
        """
        arrays.refuse_others(Node, nodes)
        seed = self._first_grad(grad_output, as_nodes)
        since = min([x._born for x in nodes], default=0)
        found = dict.fromkeys(nodes)
        for node, grad in _walk(self, seed, as_nodes, since):
            if node in found:
                found[node] = grad
        for x, grad in found.items():
            if grad is None:  # this node does not depend on x
                zeros = arrays.zeros_like(x._data)
                found[x] = self._operand(zeros, None) if as_nodes else zeros
        return [found[x] for x in nodes]

    def zero_grad(self):
        """Set `grad` to 0 in this node and in every node it was computed from."""
        for node in _order(self):
            node._grad = None

    def __add__(self, other):
        return self._binary("+", self, other)

    def __radd__(self, other):
        return self._binary("+", other, self)

    def __sub__(self, other):
        return self._binary("-", self, other)

    def __rsub__(self, other):
        return self._binary("-", other, self)

    def __mul__(self, other):
        return self._binary("*", self, other)

    def __rmul__(self, other):
        return self._binary("*", other, self)

    def __truediv__(self, other):
        return self._binary("/", self, other)

    def __rtruediv__(self, other):
        return self._binary("/", other, self)

    def __matmul__(self, other):
        return self._binary("@", self, other)

    def __rmatmul__(self, other):
        return self._binary("@", other, self)

    def __pow__(self, exponent):
        if isinstance(exponent, (float, int)):  # no node: no derivative by the number
            if exponent == 2.0:
                return self.computed(rules["square"], (self,))
            return self.computed(rules["power"], (self,), (arrays.number(exponent),))
        return self._binary("**", self, exponent)

    def __rpow__(self, base):
        return self._binary("**", base, self)

    def __neg__(self):
        return self.computed(rules["neg"], (self,))

    def _binary(self, sign, x, y):
        if not arrays.is_operand(x) or not arrays.is_operand(y):
            return NotImplemented
        return self.computed(rules[sign], (x, y))


def _is_of(data, array):
    """Whether data may be a view of the array of a leaf, which can be changed."""
    return data is array or data.base is not None


def _order(root, since=0):
    """All nodes below `root` that a gradient reaches, inputs before what uses them.

    Left out: constants, and nodes made before the stamp `since`.
    """
    order, seen, stack = [], {root}, [(root, iter(root.inputs))]
    while stack:  # not a recursion: a graph can be deeper than Python's stack
        node, inputs = stack[-1]
        for x in inputs:
            if x not in seen and not x.constant and x._born >= since:
                seen.add(x)
                stack.append((x, iter(x.inputs)))
                break
        else:
            stack.pop()
            order.append(node)
    return order


def _check(order):
    """Refuse where an input was changed after it was used."""
    for node in order:
        for x in node.inputs:
            x._notice()
            if x.stamp > node.stamp:
                raise RuntimeError(arrays.changed(x, node))


def _walk(root, grad, as_nodes=False, since=0):
    """Each node below `root` with its gradient, after all the nodes that use it."""
    if root.constant or root._born < since:
        return
    order = _order(root, since)
    _check(order)
    reached, grads = set(order), {root: grad}
    for node in reversed(order):
        grad = grads.pop(node)
        yield node, grad
        parts = node.pullback(grad, as_nodes) if node.inputs else ()
        for x, part in zip(node.inputs, parts, strict=True):
            if x in reached:
                grads[x] = arrays.sum_of_two(grads[x], part) if x in grads else part
