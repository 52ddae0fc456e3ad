# How the nodes of tensor.pyx are made: inputs checked, a rule or a loop run on them.

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
        data = forward_at_once(code, rule, inputs, settings)
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


cdef inline object forward_at_once(
    int code, object rule, tuple inputs, tuple settings
):
    """What a loop or a kernel computes, or None: the rule does."""
    cdef ndarray x = (<Node><object>PyTuple_GET_ITEM(inputs, 0))._data
    cdef ndarray y
    if code >= OF_OUTPUT:
        return elementwise(entry(rule, NAME), x, None)
    if code == MATMUL:
        y = (<Node><object>PyTuple_GET_ITEM(inputs, 1))._data
        return matmul(x, y, False, False, None)
    if code <= DIVIDE:
        return combine(code, x, (<Node><object>PyTuple_GET_ITEM(inputs, 1))._data)
    if code == SQUARE:
        return combine(MULTIPLY, x, x)
    if code == NEGATE:
        return scaled(x, -1.0)
    if (code == SUM or code == MEAN) and settings[0] is None and not settings[1]:
        return total(x, code == MEAN)
    return None
