"""Networks made: `mlp` from a few numbers, `load` from a file, without trusting it."""

import itertools

import numpy as np

from ..ops import checks
from . import inputs, losses, storage
from .layers import BUILT_IN, BatchNorm, Dense, Dropout, LayerNorm
from .network import Network


def mlp(n_in, hidden, n_out, activation="relu", seed=0, dtype="float32", dropout=0.0):
    """A multi-layer perceptron: a Dense for each width in `hidden`, then the outputs.

    hidden: a list of widths ([] for a linear model); activation: of the hidden layers.
    dropout: the rate after each hidden layer; 0 for none. The last layer gives raw
    outputs (logits).
    """
    if (
        not isinstance(hidden, (list, tuple, np.ndarray))
        or getattr(hidden, "ndim", 1) != 1
    ):
        raise TypeError(
            f"mlp: hidden is {checks.describe(hidden)}; expected a list of widths "
            "like [64, 64]"
        )
    rate = checks.number("mlp", "dropout", dropout, low=0, below=1)
    widths = [checks.whole("mlp", "n_in", n_in, low=1)]
    widths += [
        checks.whole("mlp", f"hidden[{i}]", w, low=1) for i, w in enumerate(hidden)
    ]
    widths.append(checks.whole("mlp", "n_out", n_out, low=1))
    names = ["n_in", *(f"hidden[{i}]" for i in range(len(hidden))), "n_out"]
    for pair in itertools.pairwise(zip(names, widths, strict=True)):
        checks.memory_for("mlp", dict(pair))
    layers = []
    for width, wider in itertools.pairwise(widths[:-1]):
        layers.append(Dense(width, wider, activation=activation))
        if rate:
            layers.append(Dropout(rate))
    layers.append(Dense(*widths[-2:]))
    return Network(layers, seed=seed, dtype=dtype)


def load(path, layers=()):
    """Read a network that `save` wrote.

    layers: your own Layer classes that the network uses. Raises FileNotFoundError, or
    ValueError when the file is not a whole fastnn network.
    """
    known = BUILT_IN | {layer.__name__: layer for layer in inputs.layer_classes(layers)}
    header, arrays = storage.read_archive(path, "network")
    try:
        network = from_config(header, known, arrays)
        network.metadata = header.get("metadata", {})
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"load: {path} does not describe a network ({error}); save it again"
        ) from None
    return network


def refuse_larger(layers, size):
    """Refuse layers that would take more parameters than the `size` in their file.

    A file may lie, and making its layers must not take more memory than it did.
    """
    width = needed = 0
    for index, layer in enumerate(layers):
        width = width if layer.n_out is None else layer.n_out
        if type(layer) is Dense:
            needed += layer.n_in * layer.n_out
        elif type(layer) in (BatchNorm, LayerNorm):
            needed += 2 * width
        if needed > size:
            raise ValueError(
                f"layer {index}, {layer!r}, asks for more than the {size} parameters "
                "in the file"
            )


def from_config(config, known, arrays):
    """The network that `config` describes, with the values in `arrays`."""
    layers = []
    for index, entry in enumerate(config["layers"]):
        arguments = dict(entry)
        kind = arguments.pop("type")
        if kind not in known:
            raise ValueError(
                f"layer {index} is a {kind}, a class of your own; "
                f"pass it: fn.load(path, layers=[{kind}])"
            )
        layers.append(known[kind](**arguments))
    refuse_larger(layers, arrays["parameters"].size)
    network = Network(layers, seed=config["seed"], dtype=config["dtype"])
    for name, expected in network.get_state().items():
        if arrays[name].shape != expected.shape or arrays[name].dtype != expected.dtype:
            raise ValueError(
                f"{name} has shape {arrays[name].shape} and {arrays[name].dtype}, "
                f"not {expected.shape} and {expected.dtype}"
            )
    network.set_state(arrays)
    if config["loss"] is not None:
        network.loss = losses.from_file(config["loss"], network.n_out)
    return network
