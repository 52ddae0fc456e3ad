# The nodes of a graph as C structs, one inside each Value, and the walks over them.
#
# A walk touches no Python object. It needs no memory either: a node waits in at most
# one list at a time, and the list goes through the nodes (`next`).

cdef enum Op:
    LEAF, ADD, SUBTRACT, MULTIPLY, DIVIDE, POWER, NUMBER_POWER, NEGATE, ABSOLUTE,
    SIGMOID, TANH, RELU, EXP, LOG, SQRT, SIN, COS

cdef struct Node:
    double data
    double grad
    Node* left  # the inputs; NULL where there are fewer
    Node* right
    double grad_left  # the local derivatives
    double grad_right  # of NUMBER_POWER, which has no right input: the exponent
    Node* next  # in the list that this node waits in
    PyObject* owner  # the Value that this struct is inside of
    int uses  # whose gradients have not arrived yet; 0 outside of a walk
    Op op


cdef inline void count_use(Node* node, Node** stack) noexcept nogil:
    if node.uses == 0:  # met for the first time
        node.next = stack[0]
        stack[0] = node
    node.uses += 1


cdef inline void take_use(Node* node, Node** ready) noexcept nogil:
    node.uses -= 1
    if node.uses == 0:
        node.next = ready[0]
        ready[0] = node


cdef void count_uses(Node* root) noexcept nogil:
    """For each node, how often it is used; nodes that are no leaves start at grad 0."""
    cdef Node* stack = root
    cdef Node* node
    root.next = NULL
    while stack is not NULL:
        node = stack
        stack = node.next
        if node.left is not NULL:
            node.grad = 0.0
            count_use(node.left, &stack)
        if node.right is not NULL:
            count_use(node.right, &stack)


cdef void backward(Node* root) noexcept nogil:
    cdef Node* ready = root
    cdef Node* node
    count_uses(root)
    root.grad += 1.0
    root.next = NULL
    while ready is not NULL:
        node = ready
        ready = node.next
        if node.left is not NULL:
            node.left.grad += node.grad * node.grad_left
            take_use(node.left, &ready)
        if node.right is not NULL:
            node.right.grad += node.grad * node.grad_right
            take_use(node.right, &ready)


cdef void zero_grad(Node* root) noexcept nogil:
    cdef Node* ready = root
    cdef Node* node
    count_uses(root)
    root.next = NULL
    while ready is not NULL:
        node = ready
        ready = node.next
        node.grad = 0.0
        if node.left is not NULL:
            take_use(node.left, &ready)
        if node.right is not NULL:
            take_use(node.right, &ready)


cdef Node* dying = NULL  # nodes that only this list refers to
cdef bint freeing = False


cdef void give_back(Node* node) noexcept:
    """Drop a reference; the last one later, in the loop of `release`."""
    global dying
    if Py_REFCNT(node.owner) == 1:
        node.next = dying
        dying = node
    else:
        Py_DECREF(<object>node.owner)


cdef void release(Node* node) noexcept:
    """Give the inputs of a dying node back.

    A chain of a million nodes dies one after the other: freeing a node inside the
    freeing of the one before would need a million frames of C's stack.
    """
    global dying, freeing
    give_back(node.left)
    if node.right is not NULL:
        give_back(node.right)
    if freeing:
        return  # the loop below is running, further up
    freeing = True
    while dying is not NULL:
        node = dying
        dying = node.next
        Py_DECREF(<object>node.owner)
    freeing = False


cdef destructor dealloc_of_cython = NULL
cdef Py_ssize_t place_of_node = 0  # bytes from the start of a Value


cdef void dealloc(PyObject* value) noexcept:
    cdef Node* node = <Node*>(<char*>value + place_of_node)
    if node.left is not NULL:
        release(node)
    dealloc_of_cython(value)


cdef void take_over_freeing(PyObject* value, Node* its_node, PyTypeObject* kind):
    """Let `dealloc` do what a method __dealloc__ of the class would do.

    Around such a method Cython puts the error that is being handled aside and brings
    it back, which takes a tenth of the time of a small network of Values.
    """
    global dealloc_of_cython, place_of_node
    place_of_node = <char*>its_node - <char*>value
    dealloc_of_cython = kind.tp_dealloc
    kind.tp_dealloc = dealloc
