"""A network as an ONNX file, for onnxruntime, browsers, telephones and other programs.

    net.to_onnx("m.onnx")

The file computes what `net(X)` does, outside of training: input "X" (n, n_in), output
"outputs" (n, n_out), the logits of a classifier. Operators of opset 17. Every layer
becomes a few nodes by the function in CARRIED; a layer of one's own has none.
"""

import math
import os

import numpy as np

from ..output import check_target, replacing
from .layers import Activation, BatchNorm, Dense, Dropout, LayerNorm

OPSET, IR_VERSION = 17, 9
# Activations that are one operator, with its attributes; the others are composed below.
ONE_OPERATOR = {
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "relu": ("Relu", {}),
    "elu": ("Elu", {"alpha": 1.0}),
    "softplus": ("Softplus", {}),
    "softmax": ("Softmax", {"axis": -1}),
}
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


def to_onnx(net, path):
    """Write the network to `path`, whole or not at all; see Network.to_onnx."""
    target = check_target("to_onnx", path, example="m.onnx")
    if not os.path.basename(target).endswith(".onnx"):
        raise ValueError(
            f"to_onnx: {path!r} should end in .onnx, as other programs ask"
        )
    helper = _onnx().helper
    graph = _Graph(net.dtype)
    name = "X"
    for index, layer in enumerate(net.layers):
        for kind, carry in CARRIED.items():
            if type(layer) is kind:
                name = carry(graph, layer, name)
                break
        else:
            raise TypeError(
                f"to_onnx: layer {index}, {layer!r}, has no counterpart in ONNX; the "
                f"layers that have are {', '.join(kind.__name__ for kind in CARRIED)}. "
                "Build the network to carry from these (a layer that acts in training "
                "only can be left out), or compute this one in the other program"
            )
    graph.node("Identity", [name], {}, "outputs")
    element = helper.np_dtype_to_tensor_dtype(np.dtype(net.dtype))
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "fastnn",
            [helper.make_tensor_value_info("X", element, ["n", net.n_in])],
            [helper.make_tensor_value_info("outputs", element, ["n", net.n_out])],
            graph.constants,
        ),
        producer_name="fastnn",
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    _onnx().checker.check_model(model)
    with replacing(target) as file:
        file.write(model.SerializeToString())


def _onnx():
    """The module onnx, or an ImportError that says how to get it."""
    try:
        import onnx
    except ImportError as error:
        raise ImportError(
            "to_onnx needs onnx, which is not installed; get it with: "
            'pip install "fastnn[io]"'
        ) from error
    return onnx


class _Graph:
    """The nodes and constants so far; every value has a name."""

    def __init__(self, dtype):
        self.dtype, self.nodes, self.constants = dtype, [], []

    def constant(self, values):
        """The name of an array that stands in the file."""
        name = f"c{len(self.constants)}"
        array = np.ascontiguousarray(values, dtype=self.dtype)
        self.constants.append(_onnx().numpy_helper.from_array(array, name))
        return name

    def node(self, operator, inputs, attributes=None, output=None):
        """The name of what an operator gives; numbers among inputs become constants."""
        names = [x if isinstance(x, str) else self.constant(x) for x in inputs]
        output = output or f"v{len(self.nodes)}"
        node = _onnx().helper.make_node(operator, names, [output], **(attributes or {}))
        self.nodes.append(node)
        return output


def _activated(graph, activation, z):
    if activation in (None, "identity"):
        return z
    if activation in ONE_OPERATOR:
        operator, attributes = ONE_OPERATOR[activation]
        return graph.node(operator, [z], attributes)
    return COMPOSED[activation](graph, z)


def _selu(graph, z):
    """scale max(z, 0) + scale alpha (e^min(z, 0) - 1), in full precision.

    ONNX's own Selu takes its two numbers as float32.
    """
    below = graph.node("Exp", [graph.node("Min", [z, 0.0])])
    below = graph.node(
        "Mul", [graph.node("Sub", [below, 1.0]), SELU_SCALE * SELU_ALPHA]
    )
    above = graph.node("Mul", [graph.node("Max", [z, 0.0]), SELU_SCALE])
    return graph.node("Add", [above, below])


def _leaky_relu(graph, z):
    """z where z >= 0, else 0.01 z; ONNX's LeakyRelu takes its slope as float32."""
    return graph.node("PRelu", [z, 0.01])


def _silu(graph, z):
    return graph.node("Mul", [z, graph.node("Sigmoid", [z])])


def _gelu(graph, z):
    """z / 2 (1 + erf(z / sqrt 2))"""
    erf = graph.node("Erf", [graph.node("Mul", [z, math.sqrt(0.5)])])
    return _half_of(graph, z, erf)


def _gelu_tanh(graph, z):
    """z / 2 (1 + tanh(sqrt(2 / pi) (z + 0.044715 z^3)))"""
    cube = graph.node("Mul", [graph.node("Mul", [z, z]), z])
    inner = graph.node("Add", [z, graph.node("Mul", [cube, 0.044715])])
    inner = graph.node("Mul", [inner, math.sqrt(2.0 / math.pi)])
    return _half_of(graph, z, graph.node("Tanh", [inner]))


def _half_of(graph, z, curve):
    """z / 2 (1 + curve)"""
    half = graph.node("Mul", [z, 0.5])
    return graph.node("Mul", [half, graph.node("Add", [curve, 1.0])])


COMPOSED = {
    "leaky_relu": _leaky_relu,
    "selu": _selu,
    "silu": _silu,
    "gelu": _gelu,
    "gelu_tanh": _gelu_tanh,
}


def _dense(graph, layer, x):
    z = graph.node("MatMul", [x, layer.weights])
    if layer.bias is not None:
        z = graph.node("Add", [z, layer.bias])
    return _activated(graph, layer.activation, z)


def _batch_norm(graph, layer, x):
    """By the running averages, as outside of training."""
    constants = (layer.gamma, layer.beta, layer.running_mean, layer.running_var)
    attributes = {"epsilon": float(layer.eps)}
    return graph.node("BatchNormalization", [x, *constants], attributes)


def _layer_norm(graph, layer, x):
    attributes = {"axis": -1, "epsilon": float(layer.eps)}
    return graph.node("LayerNormalization", [x, layer.gamma, layer.beta], attributes)


CARRIED = {
    Dense: _dense,
    Activation: lambda graph, layer, x: _activated(graph, layer.activation, x),
    Dropout: lambda graph, layer, x: x,  # outside of training it does nothing
    BatchNorm: _batch_norm,
    LayerNorm: _layer_norm,
}
