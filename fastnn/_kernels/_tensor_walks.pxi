# How gradients flow through the nodes of tensor.pyx, from a result to its leaves.

cdef object part_of(Node node, Py_ssize_t i, object grad, bint as_nodes):
    """What the i-th input receives of a node's gradient."""
    cdef Node x = <Node>node._inputs[i]
    cdef object part = None
    cdef object rule = node._rule
    cdef int code = entry(rule, CODE)
    if code and not as_nodes:
        part = backward_at_once(code, node, i, <ndarray?>grad)
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


cdef dict backward_names = {}


cdef inline object backward_at_once(int code, Node node, Py_ssize_t i, ndarray g):
    """What forward_at_once computed, sent back; None: the rule knows."""
    cdef ndarray x = (<Node>node._inputs[0])._data
    cdef object part, name
    if code >= OF_OUTPUT:
        name = entry(node._rule, NAME)
        part = backward_names.get(name)
        if part is None:
            part = backward_names[name] = f"{name}_backward"
        return elementwise_backward(part, g, x if code == OF_INPUT else node._data, None)
    if code == MATMUL and i == 0:
        return matmul(g, (<Node>node._inputs[1])._data, False, True, None)
    if code == MATMUL:
        return matmul(x, g, True, False, None)
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
