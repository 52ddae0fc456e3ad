# Node: an array that remembers how it was computed. Its twin says how it works:
# fastnn/reference/tensor.py. A module of its own, the same for every CPU.
#
# What it saves is everything but the arithmetic: on arrays of 8x8 an operation of
# NumPy's takes 0.3 us, and a node with its rule looked up in Python 2 us more. Small
# arrays go through the loops of _tensor_loops.pxi, all others through the rules.
#
# A pass over the graph keeps what it knows in arrays of its own, not in the nodes: the
# rules let other threads run, whose graphs may have nodes in common with this one.

cimport cython
from cpython.object cimport PyObject
from cpython.tuple cimport PyTuple_GET_ITEM, PyTuple_GET_SIZE
from libc.stdlib cimport free, malloc, realloc

from numpy cimport (
    NPY_ARRAY_CARRAY, NPY_ARRAY_WRITEABLE, NPY_FLOAT32, PyArray_BASE, PyArray_CHKFLAGS,
    PyArray_CLEARFLAGS, PyArray_DATA, PyArray_DIM, PyArray_DIMS, PyArray_EMPTY,
    PyArray_IS_C_CONTIGUOUS, PyArray_NBYTES, PyArray_NDIM, PyArray_SIZE, PyArray_TYPE,
    import_array, ndarray,
)

cdef extern from *:
    """
    static inline PyObject *new_object(PyObject *type, PyObject *no_arguments) {
        return ((PyTypeObject *)type)->tp_new((PyTypeObject *)type, no_arguments, NULL);
    }
    """
    object new_object(type cls, object no_arguments)

cdef extern from "Python.h":
    Py_ssize_t Py_REFCNT(PyObject* x)
    object PyObject_CallObject(object function, object arguments)
    void* PyMem_RawMalloc(size_t n)
    void PyMem_RawFree(void* block)

import_array()

include "_tensor_loops.pxi"

# fastnn/graph brings these two: the rules of the operators by their signs, and what is
# done to arrays outside of any rule (fastnn/graph/arrays.py).
rules = None
arrays = None

# And the quick doors (_quick.pxi) of the kernels for this CPU: a rule that is a kernel
# calls it with no frame of Python between, half of the time of a product of 8x8.
matmul = None
elementwise = None
elementwise_backward = None

cdef long long stamps = 0  # the stamp given last
cdef long long walks = 0  # the number of the last pass

cdef bint keeps_memory = False  # whether keep_memory was called

cdef enum:  # bytes
    LARGE = 65536  # an array for which it is worth while
    KEPT = 4194304  # half of what the C library may keep

cdef enum:  # the entries of a rule, fastnn/graph/rules.py
    CODE, NAME, FORWARD, DERIVATIVES, ON_ARRAYS, COMPUTES


@cython.auto_pickle(False)  # Tensor says what can be pickled
@cython.trashcan(True)  # a chain of a million nodes dies in a loop, not in a recursion
cdef class Node:
    """Node(data, name="", constant=False)
--

    An array that remembers how it was computed, and so finds its derivatives.

    A node is younger than its inputs: `stamp` counts up, and where an input has the
    higher stamp it was changed after the node was computed from it.
    """

    cdef ndarray _data
    cdef object _grad
    cdef str _name
    cdef ndarray _kept  # a copy of _data, where somebody else may write into it
    cdef bint _exposed  # whether the array was handed out
    cdef bint _used  # whether something was computed from it since it was set
    cdef bint _shares_grad  # whether other nodes may have the array _grad as well
    cdef bint _constant
    cdef object _rule  # a tuple, so that its entries are found at once
    cdef tuple _inputs
    cdef tuple _settings
    cdef long long _stamp
    cdef long long _born  # its first stamp
    cdef long long _walk  # the last pass that met this node, and its place in it
    cdef Py_ssize_t _place

    def __init__(self, data, name="", constant=False):
        fill(self, arrays.from_user(data), None, (), (), True)
        self.name = name
        self._constant = arrays.flag("constant", constant)

    @property
    def rule(self):
        """The rule that computed it; None for a leaf."""
        return self._rule

    @property
    def inputs(self):
        """The nodes it was computed from, a tuple; () for a leaf."""
        return self._inputs

    @property
    def settings(self):
        """What the rule was given besides the inputs, a tuple."""
        return self._settings

    @property
    def constant(self):
        """Whether derivatives by it are left out, True or False."""
        return self._constant

    @property
    def stamp(self):
        """When it was computed, or changed; later is higher."""
        return self._stamp

    @property
    def data(self):
        """The array itself: of a leaf to be read and written, else to be read."""
        refuse_if_empty(self)
        if self._rule is None:
            self._exposed = True
            if self._used and self._kept is None:
                self._kept = self._data.copy()
        return self._data

    @data.setter
    def data(self, data):
        refuse_if_computed(self)
        if data is not self._data:  # x.data -= ... has written into it already
            self._data = arrays.from_user(data, like=self._data)
            self._exposed = False
        self._kept = None
        self._used = False
        self._stamp = new_stamp()

    @property
    def array(self):
        """`data`, to be read alone."""
        cdef ndarray view
        refuse_if_empty(self)
        if self._rule is not None:
            return self._data
        view = self._data.view()
        PyArray_CLEARFLAGS(view, NPY_ARRAY_WRITEABLE)
        return view

    def __setitem__(self, index, values):
        refuse_if_computed(self)
        arrays.write(self, self._data, index, values)
        self._kept = None
        self._stamp = new_stamp()

    @property
    def grad(self):
        """The derivative of what `backward` was called on by this node.

        An array of the shape of `data`, zeros as long as nothing came; None for a
        constant.
        """
        refuse_if_empty(self)
        if self._grad is None and not self._constant:
            self._grad = arrays.zeros_like(self._data)
        elif self._shares_grad:
            self._grad = arrays.own(self._grad)
        self._shares_grad = False
        return self._grad

    @grad.setter
    def grad(self, grad):
        refuse_if_empty(self)
        self._grad = None if grad is None else arrays.from_user(grad, like=self._data)
        self._shares_grad = False

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
        return "" if self._rule is None else self._rule.op(self._settings)

    @classmethod
    def computed(cls, rule, inputs, settings=()):
        """The node that a rule computes from nodes, arrays and numbers."""
        if not isinstance(rule, tuple):
            raise TypeError("Node: rule is none of fastnn/graph/rules.py")
        return compute(cls, rule, as_nodes_of(cls, tuple(inputs)), tuple(settings))

    def pullback(self, grad_output, as_nodes=False):
        """What each input receives of dL/d(this node): a tuple, None for constants.

        as_nodes: grad_output is a node, and so is what comes out, so that it can be
        differentiated again; else arrays.
        """
        cdef Py_ssize_t i
        grad = first_grad(self, grad_output, as_nodes)
        return tuple([
            None if (<Node>self._inputs[i])._constant
            else part_of(self, i, grad, as_nodes)
            for i in range(len(self._inputs))
        ])

    def backward(self, grad_output=None):
        """Find the derivative of this node by every node it was computed from.

        Fills `grad`: leaves add to what they have, until `zero_grad`; all other nodes
        start at 0. A node hands its gradient on once all nodes that use it have done
        so (Linnainmaa, 1970). Of an array of more than one element, grad_output says
        what the derivatives of the elements are multiplied with; by default it is 1.

        Raises RuntimeError where a node was changed after it was used.
        """
        cdef Py_ssize_t i
        cdef list order = []
        cdef Node node
        # The whole pass first: where it raises an error, every `grad` is as it was.
        cdef list grads = walk(self, seed_of(self, grad_output), False, 0, order)
        for i in range(len(order)):
            node = <Node>order[i]
            if node._rule is not None:
                node._grad = grads[i]
                node._shares_grad = True
            else:
                accumulate(node, grads, i)

    def gradients(self, nodes, grad_output=None, as_nodes=False):
        """The derivative of this node by each of `nodes`, a list; `grad` stays.

        as_nodes: they are nodes, which can be differentiated again; by grad_output
        too, if it is a node.
        """
        cdef list order = []
        cdef list grads
        cdef dict found
        arrays.refuse_others(Node, nodes)
        seed = first_grad(self, grad_output, as_nodes)
        since = min([(<Node>x)._born for x in nodes], default=0)
        grads = walk(self, seed, as_nodes, since, order)
        found = {id(x): grad for x, grad in zip(order, grads)}
        out = []
        for x in nodes:
            grad = found.get(id(x))
            if grad is None:  # this node does not depend on x
                grad = arrays.zeros_like(x.array)
                grad = operand(type(self), grad, None) if as_nodes else grad
            out.append(grad)
        return out

    def zero_grad(self):
        """Set `grad` to 0 in this node and in every node it was computed from."""
        cdef list order = []
        refuse_if_empty(self)
        collect(self, 0, order)
        for node in order:
            (<Node>node)._grad = None

    def __add__(self, other):
        return binary("+", self, self, other)

    def __radd__(self, other):
        return binary("+", self, other, self)

    def __sub__(self, other):
        return binary("-", self, self, other)

    def __rsub__(self, other):
        return binary("-", self, other, self)

    def __mul__(self, other):
        return binary("*", self, self, other)

    def __rmul__(self, other):
        return binary("*", self, other, self)

    def __truediv__(self, other):
        return binary("/", self, self, other)

    def __rtruediv__(self, other):
        return binary("/", self, other, self)

    def __matmul__(self, other):
        return binary("@", self, self, other)

    def __rmatmul__(self, other):
        return binary("@", self, other, self)

    def __pow__(self, exponent):
        if isinstance(exponent, (float, int)):
            if exponent == 2.0:
                return compute(type(self), rules["square"], (self,), ())
            return compute(type(self), rules["power"], (self,), (arrays.number(exponent),))
        return binary("**", self, self, exponent)

    def __rpow__(self, base):
        return binary("**", self, base, self)

    def __neg__(self):
        return compute(type(self), rules["neg"], (self,), ())


include "_tensor_nodes.pxi"
include "_tensor_walks.pxi"
