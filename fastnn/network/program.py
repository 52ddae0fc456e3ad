"""A network laid out for the kernels: rows of numbers and one block of buffers.

fastnn/reference/program.py says what the rows mean. A network is laid out once for
each call of `fit`, and once for all predictions, until a setting of a layer changes.
Layers of the user's own have no row, so a network with one runs layer by layer instead.
"""

import numpy as np

from .. import backend
from ..reference.activations import ACTIVATIONS, NEEDS_Z
from ..reference.losses import LOSSES
from ..reference.program import KINDS, LAYER_FIELDS
from ..reference.training import OPTIMIZERS, PLAN_FIELDS
from .layers import (
    Activation,
    BatchNorm,
    Dense,
    Dropout,
    LayerNorm,
)

KIND_OF = {
    Dense: "dense",
    Activation: "activation",
    Dropout: "dropout",
    BatchNorm: "batch_norm",
    LayerNorm: "layer_norm",
}
INFER_ROWS = 96  # rows that pass all layers together: they stay in the L2 cache
_quick_infer = backend.quick_door("infer")
PRODUCTS_A_CALL = 3 * 10**9  # of `infer`, about 0.1 s; then Python sees Ctrl-C


def aligned(n, dtype, make=np.zeros):
    """n zeros that begin at a cache line: registers never straddle two of them.

    make: np.empty for numbers that are written before they are read.
    """
    dtype = np.dtype(dtype)
    block = make(n + 64 // dtype.itemsize, dtype)
    address = block.__array_interface__["data"][0]  # .ctypes takes 3 us
    start = -address % 64 // dtype.itemsize
    return block[start : start + n]


def can_compile(layers):
    """Whether every layer is one that kernels know (a subclass may do as it likes)."""
    return all(type(layer) in KIND_OF for layer in layers)


def layer_rows(network):
    """The arrays `layers` and `constants` of a network, without workspace offsets."""
    rows, constants = [], []
    for layer in network.layers:
        places, activation = network.places[layer], activation_of(layer)
        weights, bias = ("gamma", "beta") if "gamma" in places else ("weights", "bias")
        row = {
            "kind": KINDS.index(KIND_OF[type(layer)]),
            "activation": ACTIVATIONS.index(activation),
            "n_in": layer.n_in,
            "n_out": layer.n_out,
            "weights": places.get(weights, -1),
            "bias": places.get(bias, -1),
            "statistics": places.get("running_mean", 0),
            "saved": 0,
            "output": 0,
        }
        rows.append([row[name] for name in LAYER_FIELDS])
        first = layer.rate if type(layer) is Dropout else getattr(layer, "eps", 0)
        constants.append([first, getattr(layer, "momentum", 0)])
    return np.array(rows, dtype=np.int64), np.array(constants, dtype=np.float64)


def activation_of(layer):
    return getattr(layer, "activation", "identity")


class Inference:
    """A network laid out for `infer`."""

    def __init__(self, network):
        self.layers, self.constants = layer_rows(network)
        self.n_out, self.dtype = network.n_out, network.dtype
        self.products = network.flat_parameters.size + 1  # for each row

    def __call__(self, network, x):
        """The outputs for the rows of x, and whether all numbers in x are finite."""
        n = len(x)
        out = np.empty((n, self.n_out), self.dtype)
        at_once = max(INFER_ROWS, PRODUCTS_A_CALL // self.products)
        if n <= at_once:
            return out, self._part(network, x, out)
        parts = [slice(start, start + at_once) for start in range(0, n, at_once)]
        return out, all([self._part(network, x[rows], out[rows]) for rows in parts])

    def _part(self, network, x, out):
        return backend.function("infer")(
            self.layers, self.constants, network.flat_parameters,
            network.flat_statistics, x, out, INFER_ROWS,
        )  # fmt: skip


class LaidOut:
    """A network's Inference, made again when a setting of a layer has changed.

    Threads may ask for it while another one changes a setting: what was made of older
    settings is never kept.
    """

    def __init__(self):
        self.changed()
        self.kept = None, None

    def changed(self):
        """Settings are others from now on: a new `state`, equal to none before."""
        self.state = object()

    def inference(self, network):
        state, made = self.kept
        if state is not self.state:
            state = self.state  # as it was before the settings are read
            made = Inference(network)
            self.kept = state, made
        return made

    def quickly(self, network, X):
        """The outputs for a user's X if it is plainly fit, else None."""
        state, made = self.kept
        if state is not self.state:
            made = self.inference(network)
        return _quick_infer(
            made.layers, made.constants, network.flat_parameters,
            network.flat_statistics, X, network.n_in, made.n_out, INFER_ROWS,
        )  # fmt: skip


class Program:
    """A network, a loss and an optimizer laid out for `train_steps`."""

    def __init__(self, network, batch_size, kernel, optimizer, slots):
        self.of = network.laid_out.state
        self.network = network
        self.slots = slots
        rows = network.laid_out.inference(network)  # most often there already
        self.layers, self.constants = rows.layers.copy(), rows.constants
        self.plan = dict.fromkeys(PLAN_FIELDS, 0)
        self.plan |= {
            "batch_size": batch_size,
            "loss": LOSSES.index(kernel),
            "optimizer": OPTIMIZERS.index(optimizer.name),
            "n_decayed": network.n_decayed,
            "seed": network.seed,
        }
        scalars = [optimizer.weight_decay, optimizer.clip_norm or 0.0]
        scalars += optimizer.scalars()
        self.scalars = np.array(scalars + [0.0] * (5 - len(scalars)))
        self.workspace = aligned(self.lay_out(batch_size), network.dtype, np.empty)

    def lay_out(self, batch_size):
        """Give every buffer its place in the workspace; returns the length."""
        length = 0

        def place(n):
            nonlocal length
            start, length = length, length + (n + 15) // 16 * 16  # whole cache lines
            return start

        column = {name: i for i, name in enumerate(LAYER_FIELDS)}
        layers = self.network.layers
        widest = max([layers[0].n_in] + [layer.n_out for layer in layers])
        self.plan["x"] = place(batch_size * layers[0].n_in)
        self.plan["y"] = place(batch_size * layers[-1].n_out)
        self.plan["weight"] = place(batch_size)
        self.plan["grad"] = place(batch_size * widest)
        self.plan["grad_input"] = place(batch_size * widest)
        for row, layer in zip(self.layers, layers, strict=True):
            if activation_of(layer) in NEEDS_Z and type(layer) is Dense:
                row[column["saved"]] = place(batch_size * layer.n_out)
            elif type(layer) in (BatchNorm, LayerNorm):
                row[column["saved"]] = place(2 * max(batch_size, layer.n_out))
            row[column["output"]] = place(batch_size * layer.n_out)
        return length

    def run(self, data, order, learning_rates, totals, **plan):
        """Train a step for each learning rate; totals: a row for each epoch begun.

        order: the rows of an epoch, shuffled here if the plan says so. plan: step,
        draws, start, shuffle and check (see train_steps). Returns whether all samples
        were finite, of those that were checked.
        """
        net, target = self.network, data.target
        plan = self.plan | plan
        return backend.function("train_steps")(
            self.layers, self.constants, net.flat_parameters, net.flat_gradients,
            net.flat_statistics, self.slots, self.workspace, data.x, target.y,
            target.labels, data.sample_weight, order, learning_rates,
            np.array([plan[name] for name in PLAN_FIELDS], dtype=np.int64),
            self.scalars, totals,
        )  # fmt: skip
