"""Ways through a graph, for both kinds of nodes; none of them changes a node.

A Value has `local_grads`, the numbers that a gradient is multiplied with; a Tensor has
`pullback`, the function that sends a gradient back. Nodes are kept in dicts and sets,
by identity: == of two Tensors compares their elements.
"""

import numpy as np


def uses(root):
    """How often each node is used, as a dict; the nodes nearest to the root first."""
    found, level = {root: 0}, [root]
    while level:
        further = []
        for node in level:
            for x in node.inputs:
                if x not in found:
                    found[x] = 0
                    further.append(x)
                found[x] += 1
        level = further
    return found


def forward_order(root):
    """All nodes below `root`, inputs before what is computed from them, a list."""
    order, seen, stack = [], {root}, [(root, iter(root.inputs))]
    while stack:  # not a recursion: a graph can be deeper than Python's stack
        node, inputs = stack[-1]
        for x in inputs:
            if x not in seen:
                seen.add(x)
                stack.append((x, iter(x.inputs)))
                break
        else:
            stack.pop()
            order.append(node)
    return order


def backward_order(root):
    """The nodes that a backward pass from `root` visits, in its order, one by one."""
    if not hasattr(root, "local_grads"):
        yield from (x for x in reversed(forward_order(root)) if not is_constant(x))
        return
    waiting = uses(root)
    ready = [root]
    while ready:
        node = ready.pop()
        yield node
        for x in node.inputs:
            waiting[x] -= 1
            if waiting[x] == 0:
                ready.append(x)


def backward(where, root):
    """The backward pass from `root`: (node, its gradient, what each input receives).

    where: the name of the function, for errors. What is received is in a tuple, None
    for constants. `grad` of the nodes is neither read nor written.
    """
    refuse_several(where, root)
    if is_constant(root):
        return
    grads = {root: _one(root)}
    for node in backward_order(root):
        grad = grads.pop(node)
        parts = received(node, grad)
        for x, part in zip(node.inputs, parts, strict=True):
            if part is not None:
                grads[x] = _sum(grads[x], part) if x in grads else part
        yield node, grad, parts


def _sum(grad, part):
    total = grad + part
    return total if isinstance(grad, float) else np.asarray(total)  # of 0-d a number


def received(node, grad):
    """What each input receives of a node's gradient: a tuple, None for constants."""
    if not node.inputs:
        return ()
    if hasattr(node, "local_grads"):
        return tuple(grad * local for local in node.local_grads)
    return node.pullback(grad)


def refuse_several(where, root):
    """A pass begins with one number; a ValueError for arrays of several."""
    if np.size(numbers(root)) != 1:
        raise ValueError(
            f"{where}: the node it begins with is of shape {root.shape}; take the "
            f"derivative of one number, say x.sum().{where}() or x.mean().{where}()"
        )


def _one(root):
    """The derivative of the root by itself, with which a pass begins."""
    if hasattr(root, "local_grads"):
        return 1.0
    if hasattr(root, "gradients"):
        root.gradients([])  # refuses where a node was changed after it was used
    return np.ones(root.shape, root.dtype)


def numbers(node):
    """The data of a node, to be read: a float or an array."""
    array = getattr(node, "array", None)  # a Tensor's data, if no one will write to it
    return node.data if array is None else array


def is_constant(node):
    """Whether no gradient goes to a node. Values have gradients, all of them."""
    return getattr(node, "constant", False)


def is_number(node):
    """Whether a node is a plain number of the program, such as the 2 of x * 2."""
    plain = not node.inputs and not node.name
    return plain and (is_constant(node) or hasattr(node, "local_grads"))


def is_up_to_date(root):
    """Whether slopes are still known: no Tensor was changed after it was used."""
    try:
        if hasattr(root, "gradients"):
            root.gradients([], root.grad)  # a pass that keeps nothing
    except RuntimeError:
        return False
    return True
