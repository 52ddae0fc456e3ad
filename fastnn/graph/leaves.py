"""Where a graph begins: its leaves, by name."""

from ..ops import checks
from .views.walk import forward_order, is_constant


def leaves(node):
    """{name: leaf} of the leaves that a node was computed from, such as parameters.

        loss = net.graph(X, y)
        loss.backward()
        leaves(loss)["0.weights"].grad

    The order is that in which the computation met them. Left out are constants, by
    which there are no derivatives, and leaves without a name. For a Value as well.

    Raises TypeError where `node` is no node of a graph, ValueError where two leaves
    have the same name.
    """
    if not hasattr(node, "inputs") or not hasattr(node, "backward"):
        raise TypeError(
            f"leaves: node is {checks.describe(node)}; expected a Tensor or a Value, "
            "such as the loss that net.graph(X, y) returns"
        )
    found = {}
    for x in forward_order(node):
        if x.inputs or is_constant(x) or not x.name:
            continue
        if x.name in found:
            raise ValueError(
                f"leaves: two leaves are called {x.name!r}; give one of them another "
                'name, x.name = "..."'
            )
        found[x.name] = x
    return found
