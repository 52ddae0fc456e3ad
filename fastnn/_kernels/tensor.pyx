# Node: an array that remembers how it was computed. Its twin says how it works:
# fastnn/reference/tensor.py. A module of its own, the same for every CPU.
#
# What it saves is everything but the arithmetic: on arrays of 8x8 an operation of
# NumPy's takes 0.3 us, and a node with its rule looked up in Python 2 us more. Small
# arrays go through the loops of _graph_loops.pxi, all others through the rules.
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

include "_graph_loops.pxi"

# fastnn/graph brings these two: the rules of the operators by their signs, and what is
# done to arrays outside of any rule (fastnn/graph/arrays.py).
rules = None
arrays = None

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


# --- How nodes are made ---------------------------------------------------------------


cdef inline long long new_stamp() noexcept:
    global stamps
    stamps += 1
    return stamps


cdef void keep_memory() noexcept:
    """Let the C library keep some megabytes that a dropped graph frees.

    glibc returns free memory to the system beyond twice the largest block that was
    ever mapped and freed, which is 256 KB at first; then each step of a training gets
    its pages anew, cleared by the system, at up to half of its time. So one such
    block is freed here. (mallopt(3), M_MMAP_THRESHOLD; elsewhere without effect.)
    """
    global keeps_memory
    keeps_memory = True
    PyMem_RawFree(PyMem_RawMalloc(KEPT))


cdef inline void fill(
    Node node, ndarray data, object rule, tuple inputs, tuple settings, bint constant
):
    node._data = data
    node._name = ""
    node._rule = rule
    node._inputs = inputs
    node._settings = settings
    node._constant = constant
    node._born = node._stamp = new_stamp()


cdef inline object entry(object rule, Py_ssize_t i):
    return <object>PyTuple_GET_ITEM(rule, i)


cdef inline Node empty(type cls):
    return <Node>new_object(cls, ())


cdef object refuse_if_empty(Node node):
    if node._data is None:
        raise AttributeError(
            "Tensor: it holds no data yet; the __init__ of a class of your own has to "
            "call super().__init__(data)"
        )


cdef object refuse_if_computed(Node node):
    refuse_if_empty(node)
    if node._rule is not None:
        rest = "was computed; set the data of a leaf, and compute it again"
        raise AttributeError(f"Tensor: data of {arrays.label(node)} {rest}")


cdef Node operand(type cls, object x, object like):
    """x as a node: itself, or a constant."""
    cdef Node node
    if isinstance(x, Node):
        return <Node>x
    node = empty(cls)
    fill(node, arrays.constant(x, like), None, (), (), True)
    return node


cdef tuple as_nodes_of(type cls, tuple inputs):
    for x in inputs:
        if not isinstance(x, Node):
            break
    else:
        return inputs
    like = arrays.common_type(inputs)
    return tuple([operand(cls, x, like) for x in inputs])


cdef inline object binary(str sign, Node node, object x, object y):
    cdef object other = y if x is node else x
    cdef type cls = type(node)
    if not isinstance(other, Node):
        if not arrays.is_operand(other):
            return NotImplemented
        return compute(cls, rules[sign], as_nodes_of(cls, (x, y)), ())
    return compute(cls, rules[sign], (x, y), ())


cdef object compute(type cls, object rule, tuple inputs, tuple settings):
    """The node that a rule computes from nodes."""
    cdef Py_ssize_t i, n = PyTuple_GET_SIZE(inputs)
    cdef int code = entry(rule, CODE)
    cdef bint constant = True
    cdef object data = None
    cdef Node node, x
    for i in range(n):
        x = <Node><object>PyTuple_GET_ITEM(inputs, i)
        if x._data is None:
            refuse_if_empty(x)
        notice(x)
        x._used = True
        constant = constant and x._constant
    if code:
        data = forward_loop(code, inputs, settings)
    if data is None:
        try:
            data = PyObject_CallObject(
                entry(rule, FORWARD), datas(inputs, None, None, settings)
            )
        except (ValueError, IndexError) as error:
            raise arrays.refused(rule, inputs, settings, error) from None
        if type(data) is not ndarray or not PyArray_IS_C_CONTIGUOUS(<ndarray>data):
            data = arrays.result(data)
        if is_of_a_leaf(<ndarray>data, inputs):
            data = arrays.own(data)
    PyArray_CLEARFLAGS(<ndarray>data, NPY_ARRAY_WRITEABLE)
    if not keeps_memory and PyArray_NBYTES(<ndarray>data) > LARGE:
        keep_memory()
    node = empty(cls)
    fill(node, <ndarray>data, rule, inputs, settings, constant)
    if entry(rule, COMPUTES) and not is_finite(<ndarray>data):
        arrays.warn_if_new(node)
    return node


cdef inline bint is_of_a_leaf(ndarray data, tuple inputs) noexcept:
    """Whether a result may be a view of the array of a leaf, which can be changed."""
    cdef Py_ssize_t i
    cdef Node x
    for i in range(PyTuple_GET_SIZE(inputs)):
        x = <Node><object>PyTuple_GET_ITEM(inputs, i)
        if x._rule is None and (PyArray_BASE(data) is not NULL or x._data is data):
            return True
    return False


cdef tuple datas(tuple inputs, object grad, object out, tuple settings):
    """What a function of a rule is called with: [g, y,] arrays, settings."""
    cdef list arguments = [] if grad is None else [grad, out]
    for x in inputs:
        arguments.append((<Node>x)._data)
    arguments.extend(settings)
    return tuple(arguments)


cdef inline object notice(Node x):
    """Take notice of what was written into the array that was handed out."""
    if x._exposed:
        notice_writing(x)


cdef object notice_writing(Node x):
    if x._kept is not None and arrays.differ(x._kept, x._data):
        x._stamp = new_stamp()
        x._kept = None
    if Py_REFCNT(<PyObject*>x._data) == 1:  # nobody else has it any more
        x._exposed = False
        x._kept = None
    elif x._kept is None:
        x._kept = x._data.copy()


cdef inline bint is_finite(ndarray data):
    if PyArray_SIZE(data) > SMALL:
        return arrays.all_finite(data)
    if PyArray_TYPE(data) == NPY_FLOAT32:
        return all_finite(<float*>PyArray_DATA(data), PyArray_SIZE(data))
    return all_finite(<double*>PyArray_DATA(data), PyArray_SIZE(data))


cdef inline object forward_loop(int code, tuple inputs, tuple settings):
    """What a loop computes, or None: the rule does."""
    cdef ndarray x = (<Node><object>PyTuple_GET_ITEM(inputs, 0))._data
    if code <= DIVIDE:
        return combine(code, x, (<Node><object>PyTuple_GET_ITEM(inputs, 1))._data)
    if code == SQUARE:
        return combine(MULTIPLY, x, x)
    if code == NEGATE:
        return scaled(x, -1.0)
    if (code == SUM or code == MEAN) and settings[0] is None and not settings[1]:
        return total(x, code == MEAN)
    return None


# --- How gradients flow ---------------------------------------------------------------


cdef object part_of(Node node, Py_ssize_t i, object grad, bint as_nodes):
    """What the i-th input receives of a node's gradient."""
    cdef Node x = <Node>node._inputs[i]
    cdef object part = None
    cdef object rule = node._rule
    cdef int code = entry(rule, CODE)
    if code and not as_nodes:
        part = backward_loop(code, node, i, <ndarray?>grad)
    if part is None:
        slopes = entry(rule, DERIVATIVES if as_nodes else ON_ARRAYS)
        slope = slopes[i] if isinstance(slopes, tuple) else slopes(i)
        if as_nodes:
            part = slope(grad, node, *node._inputs, *node._settings)
        else:
            part = PyObject_CallObject(
                slope, datas(node._inputs, grad, node._data, node._settings)
            )
    if type(part) is ndarray and PyArray_IS_C_CONTIGUOUS(<ndarray>part):
        if has_shape_and_type(<ndarray>part, x._data):
            return part
        row = sums_to(<ndarray>part, x._data)
        if row is not None:
            return row
    return arrays.fit(part, x._data)  # undoes broadcasting


cdef inline object backward_loop(int code, Node node, Py_ssize_t i, ndarray g):
    """The derivatives of the rules that have loops; None: the rule knows."""
    cdef ndarray x = (<Node>node._inputs[0])._data
    cdef object part
    if code == ADD or code == SUBTRACT and i == 0:
        return g
    if code == SUBTRACT or code == NEGATE:
        return scaled(g, -1.0)
    if code == MULTIPLY:
        return combine(MULTIPLY, g, (<Node>node._inputs[1 - i])._data)
    if code == DIVIDE:
        y = (<Node>node._inputs[1])._data
        if i == 0:
            return combine(DIVIDE, g, y)
        part = combine(MULTIPLY, g, node._data)
        part = None if part is None else combine(DIVIDE, <ndarray>part, y)
        return None if part is None else scaled(<ndarray>part, -1.0)
    if code == SQUARE:
        return twice_product(g, x)
    if (code == SUM or code == MEAN) and node._settings[0] is None:
        return spread(g, x, code == MEAN)
    return None


cdef struct Frame:
    PyObject* node
    Py_ssize_t next  # the input that is looked at next


cdef object collect(Node root, long long since, list order):
    """All nodes below `root` that a gradient reaches, inputs before what uses them.

    Left out: constants, and nodes made before the stamp `since`. Nothing here lets another
    thread run, so that the marks in the nodes are those of this pass.
    """
    global walks
    cdef Py_ssize_t depth = 1, room = 64
    cdef Frame* stack = <Frame*>malloc(room * sizeof(Frame))
    cdef Frame* grown
    cdef Node node, x
    if stack is NULL:
        raise MemoryError
    walks += 1
    root._walk = walks
    stack[0] = Frame(<PyObject*>root, 0)
    try:
        while depth:
            node = <Node>stack[depth - 1].node
            if stack[depth - 1].next == PyTuple_GET_SIZE(node._inputs):
                node._place = len(order)
                order.append(node)
                depth -= 1
                continue
            x = <Node><object>PyTuple_GET_ITEM(node._inputs, stack[depth - 1].next)
            stack[depth - 1].next += 1
            if x._walk == walks or x._constant or x._born < since:
                continue
            x._walk = walks
            if depth == room:
                room *= 2
                grown = <Frame*>realloc(stack, room * sizeof(Frame))
                if grown is NULL:
                    raise MemoryError
                stack = grown
            stack[depth] = Frame(<PyObject*>x, 0)
            depth += 1
    finally:
        free(stack)


cdef list places_of_inputs(list order):
    """For each node the places of its inputs in `order`, -1 where none is meant."""
    cdef list places = []
    cdef Py_ssize_t i
    cdef Node x
    for node in order:
        for i in range(PyTuple_GET_SIZE((<Node>node)._inputs)):
            x = <Node><object>PyTuple_GET_ITEM((<Node>node)._inputs, i)
            places.append(x._place if x._walk == walks else -1)
    return places


cdef object check(list order):
    """Refuse where an input was changed after it was used."""
    for node in order:
        for x in (<Node>node)._inputs:
            notice(<Node>x)
            if (<Node>x)._stamp > (<Node>node)._stamp:
                raise RuntimeError(arrays.changed(x, node))


cdef list walk(Node root, object grad, bint as_nodes, long long since, list order):
    """Fills `order` with the nodes below `root`; the gradient of each of them."""
    cdef Py_ssize_t i, k, first, place
    cdef list places, grads
    cdef Node node
    if root._constant or root._born < since:
        return []
    collect(root, since, order)
    places = places_of_inputs(order)
    check(order)
    grads = [None] * len(order)
    grads[root_place(order)] = grad
    first = len(places)
    for i in range(len(order) - 1, -1, -1):
        node = <Node>order[i]
        first -= PyTuple_GET_SIZE(node._inputs)
        for k in range(PyTuple_GET_SIZE(node._inputs)):
            place = places[first + k]
            if place < 0:
                continue
            part = part_of(node, k, grads[i], as_nodes)
            if grads[place] is None:
                grads[place] = part
            elif as_nodes:
                grads[place] = grads[place] + part
            else:
                grads[place] = added(grads[place], part)
    return grads


cdef inline Py_ssize_t root_place(list order):
    return len(order) - 1  # the root is finished last


cdef inline object added(ndarray x, ndarray y):
    """x + y, of one shape and precision."""
    out = combine(ADD, x, y)
    return arrays.sum_of_two(x, y) if out is None else out


cdef object accumulate(Node leaf, list grads, Py_ssize_t i):
    """Add to the gradient of a leaf, though another thread may do so meanwhile."""
    cdef object old = leaf._grad, new
    while True:
        if old is not None:
            new = added(<ndarray>old, <ndarray>grads[i])
        else:
            new = arrays.own(grads[i]) if is_shared(grads, i) else grads[i]
        if leaf._grad is old:
            leaf._grad = new
            return
        old = leaf._grad


cdef object first_grad(Node node, object grad_output, bint as_nodes):
    """The gradient that a pass begins with, an array or a node."""
    refuse_if_empty(node)
    grad = arrays.seed(node, grad_output, as_nodes)
    return operand(type(node), grad, None) if as_nodes else grad


cdef inline object seed_of(Node node, object grad_output):
    if node._data is None:
        refuse_if_empty(node)
    if grad_output is None and PyArray_SIZE(node._data) == 1:
        return ones_like(node._data)
    return arrays.seed(node, grad_output)


cdef inline bint is_shared(list grads, Py_ssize_t i):
    """Whether somebody else has the array grads[i], or it may not be written into."""
    cdef object grad = grads[i]
    return (
        type(grad) is not ndarray
        or Py_REFCNT(<PyObject*>grad) > 2  # the list and this function
        or not PyArray_CHKFLAGS(<ndarray>grad, NPY_ARRAY_CARRAY)
        or PyArray_BASE(<ndarray>grad) is not NULL
    )
