"""Where networks meet the Tensors of fastnn.graph.

    as_graph.py        a network as a graph: Network.graph
    own_loss.py        a loss of the user's own: fit(loss=...)
    tensor_layer.py    TensorLayer, a layer of the user's own

fastnn.graph is imported where it is used: who needs none of these does not wait for it.
"""
