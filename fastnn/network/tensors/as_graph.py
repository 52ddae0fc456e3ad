"""A network's computation as a graph of Tensors: what Network.graph builds.

Each layer has its formula here, or as its own method `compute`. The parameters are
leaves with the names of `named_parameters`; layer i names its nodes "i.z" and "i.a",
z before the activation and a after it.
"""

import inspect
from functools import lru_cache

import numpy as np

from ... import ops
from ...ops import checks
from ..layers import Activation, BatchNorm, Dense, Dropout, LayerNorm


def outputs(network, x, training):
    """The raw outputs for x (n_samples, n_in), which is checked already, as a Tensor.

    training: dropout's masks are those of the network's next training pass.
    """
    from ...graph import Tensor

    node = Tensor(x, "X", constant=True)
    for index, layer in enumerate(network.layers):
        parameters = {
            name: Tensor(getattr(layer, name), f"{index}.{name}")
            for name in layer.parameter_names
        }
        if hasattr(layer, "compute"):
            node = compute(layer, node, parameters.values(), training)
        else:
            formula = formula_of(layer, index)
            node = formula(layer, node, parameters, training, network.draws)
        named(node, f"{index}.a")
        if node.shape != (len(x), layer.n_out):
            raise ValueError(
                f"graph: layer {index}, {layer!r}, computed a Tensor of shape "
                f"{node.shape}; expected {(len(x), layer.n_out)}, (n_samples, n_out)"
            )
    return node


def refuse_without_y(**arguments):
    """Refuse what belongs to a loss where there is no y."""
    for name, value in arguments.items():
        if value is not None:
            raise TypeError(
                f"graph: {name} is {checks.describe(value)}, but y is None; pass y for "
                "the loss, or X alone for the logits"
            )


def named(node, name):
    """The node with a name, unless it has one or is an input that was passed on."""
    if not node.name and node.inputs:
        node.name = name
    return node


# --- The layers that fastnn has -------------------------------------------------------


def dense(layer, x, parameters, training, draws):
    """z = x @ weights + bias, a = activation(z)."""
    z = x @ parameters["weights"]
    if "bias" in parameters:
        z = z + parameters["bias"]
    prefix = parameters["weights"].name.removesuffix("weights")
    return activated(layer, named(z, prefix + "z"))


def activated(layer, z, *unused):
    """a = activation(z)."""
    from ... import graph

    if layer.activation == "identity":
        return z
    return getattr(graph, layer.activation)(z)


def dropout(layer, x, parameters, training, draws):
    """x times the mask, whose elements are 0 or 1 / (1 - rate)."""
    from ...graph import Tensor

    if not training:
        return x
    ones = np.ones(x.shape, x.dtype)
    mask = ops.dropout(ones, layer.rate, layer.seed, draws, layer.index)
    return x * Tensor(mask, f"{layer.index}.mask", constant=True)


def batch_norm(layer, x, parameters, training, draws):
    """gamma (x - mean) / sqrt(var + eps) + beta: of the batch, or the running ones."""
    from ...graph import Tensor

    if training:
        mean, var = x.mean(axis=0), x.var(axis=0)
    else:
        prefix = parameters["gamma"].name.removesuffix("gamma")
        mean, var = (
            Tensor(getattr(layer, name), prefix + name, constant=True)
            for name in layer.statistic_names
        )
    return normalized(layer, x, mean, var, parameters)


def layer_norm(layer, x, parameters, training, draws):
    """gamma (x - mean) / sqrt(var + eps) + beta, mean and var of each row."""
    mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    return normalized(layer, x, mean, var, parameters)


def normalized(layer, x, mean, var, parameters):
    deviations = (x - mean) / (var + layer.eps).sqrt()
    return deviations * parameters["gamma"] + parameters["beta"]


FORMULAS = {
    Dense: dense,
    Activation: activated,
    Dropout: dropout,
    BatchNorm: batch_norm,
    LayerNorm: layer_norm,
}


def formula_of(layer, index):
    """The formula of a layer; an error for one whose forward we cannot look into."""
    for kind, formula in FORMULAS.items():
        if isinstance(layer, kind) and type(layer).forward is kind.forward:
            return formula
    how = ", ".join(["self", "x", *layer.parameter_names])
    raise TypeError(
        f"graph: layer {index}, {layer!r}, is of a class of your own, whose forward "
        f"says nothing about Tensors; give it a method compute({how}) that returns its "
        "output as a Tensor, or make it a fn.TensorLayer; docs/own_layer.md has both"
    )


# --- Layers of the user's own ---------------------------------------------------------


def compute(layer, x, parameters, training):
    """What a layer's own `compute` makes of Tensors: a Tensor that depends on them."""
    kind = type(layer)
    names = tuple(layer.parameter_names)
    more = {"training": training} if takes_training(kind, kind.compute, names) else {}
    parameters = tuple(parameters)
    result = layer.compute(x, *parameters, **more)
    where = f"{kind.__name__}.compute"
    if not hasattr(result, "computed"):
        raise TypeError(
            f"{where}: it returned {checks.describe(result)}; expected a Tensor, "
            "computed from its arguments (.data and np.asarray lose the graph)"
        )
    if result.constant and not all([p.constant for p in (x, *parameters)]):
        raise ValueError(
            f"{where}: it returned a Tensor that was not computed from its arguments, "
            "so there is no gradient (.data and .detach() lose the graph)"
        )
    return result


@lru_cache(maxsize=64)
def takes_training(kind, function, names):
    """Whether `compute` has a parameter `training`; an error if others do not fit."""
    signature = inspect.signature(function)
    takes = "training" in signature.parameters
    try:
        signature.bind(None, None, *names, **({"training": True} if takes else {}))
    except TypeError:
        expected = ", ".join(["self", "x", *names])
        raise TypeError(
            f"{kind.__name__}.compute: it is defined with {signature}, but "
            f"parameter_names is {names}; expected compute({expected}), and "
            "`training` after these if it asks for it"
        ) from None
    return takes
