"""A program: a network as rows of numbers, run layer by layer.

`layers` has one row for each layer with the fields of LAYER_FIELDS; parameters,
gradients and activations lie in flat blocks, and a row says at which offset.
"""

import math

from . import activations, dropout, matmul, normalization

__all__ = ["infer", "is_finite"]

LAYER_FIELDS = (
    "kind",
    "activation",  # its index in activations.ACTIVATIONS
    "n_in",
    "n_out",
    "weights",  # offset in parameters and gradients (gamma, for a normalisation)
    "bias",  # likewise (beta); -1: none
    "statistics",  # offset of the running mean; the running variance follows
    "saved",  # offset in the workspace: z, or the batch's mean and 1 / deviation
    "output",  # offset in the workspace: a
)
KINDS = ("dense", "activation", "dropout", "batch_norm", "layer_norm")


class Layer:
    """One row of `layers`, with names."""

    def __init__(self, index, row, constants):
        for name, value in zip(LAYER_FIELDS, row, strict=True):
            setattr(self, name, value)
        self.index = index
        self.kind = KINDS[self.kind]
        self.activation_name = activations.ACTIVATIONS[self.activation]
        self.needs_z = self.activation_name in activations.NEEDS_Z
        self.rate = self.eps = constants[0]
        self.momentum = constants[1]

    @property
    def n_weights(self):
        """Elements of weights, or of gamma."""
        if self.weights < 0:
            return 0
        return self.n_in * self.n_out if self.kind == "dense" else self.n_out


def read_layers(layers, constants):
    """The rows of a program as Layer objects."""
    rows = zip(layers.tolist(), constants.tolist(), strict=True)
    return [Layer(index, *row) for index, row in enumerate(rows)]


def vector(block, offset, n):
    """n elements of a flat block, as a memoryview that writes through."""
    return memoryview(block)[offset : offset + n]


def matrix(block, offset, rows, cols):
    """rows x cols elements of a flat block, as a memoryview that writes through."""
    part = vector(block, offset, rows * cols)
    return part.cast("B").cast(part.format, (rows, cols))


def flat(x):
    """A matrix as a vector that writes through."""
    x = memoryview(x)
    return x.cast("B").cast(x.format)


def apply(function, *matrices):
    """Call an element-wise function, which takes vectors, on matrices."""
    function(*[flat(x) for x in matrices])


def activate(name, z, a):
    """a = activation(z), both matrices."""
    function = getattr(activations, name)
    if name == "softmax":
        function(z, a)
    else:
        apply(function, z, a)


def parameters_of(layer, block):
    """A layer's weights and bias (or gamma and beta) in parameters or gradients."""
    bias = None if layer.bias < 0 else vector(block, layer.bias, layer.n_out)
    if layer.kind == "dense":
        return matrix(block, layer.weights, layer.n_in, layer.n_out), bias
    return vector(block, layer.weights, layer.n_out), bias


def forward_layer(layer, x, saved, out, parameters, statistics, draw):
    """Run one layer on the matrix x; returns its output.

    saved (a flat block from the layer's offset on) is written for backward.
    draw: (seed, step) of dropout while training, or None.
    """
    training = draw is not None
    rows, cols = x.shape[0], layer.n_out
    if layer.kind == "dense":
        weights, bias = parameters_of(layer, parameters)
        keep_z = layer.needs_z and training
        z = matrix(saved, 0, rows, cols) if keep_z else out
        matmul.matmul(x, weights, z, False, False, bias, 0)
        activate(layer.activation_name, z, out)
    elif layer.kind == "activation":
        activate(layer.activation_name, x, out)
    elif layer.kind == "dropout":
        if not training:
            return x
        apply(
            lambda x, out: dropout.dropout(x, out, layer.rate, *draw, layer.index),
            x,
            out,
        )
    elif layer.kind == "batch_norm":
        gamma, beta = parameters_of(layer, parameters)
        mean = vector(statistics, layer.statistics, cols)
        var = vector(statistics, layer.statistics + cols, cols)
        if training:
            normalization.batch_norm_forward(
                x, gamma, beta, mean, var, layer.momentum, layer.eps,
                saved[:cols], saved[cols : 2 * cols], out,
            )  # fmt: skip
        else:
            normalization.batch_norm_inference(
                x, gamma, beta, mean, var, layer.eps, out
            )
    else:
        gamma, beta = parameters_of(layer, parameters)
        normalization.layer_norm_forward(
            x, gamma, beta, layer.eps, saved[:rows], saved[rows : 2 * rows], out
        )
    return out


def activation_gradient(layer, saved, grad):
    """grad = grad * activation'(z), in place; saved is a or z, as backward needs."""
    backward = getattr(activations, layer.activation_name + "_backward")
    if layer.activation_name == "softmax":
        backward(grad, saved, grad)
    else:
        apply(backward, grad, saved, grad)


def backward_layer(layer, x, a, saved, grad, grad_input, parameters, gradients, draw):
    """From grad, of the layer's output, its parameters' gradients and grad_input.

    grad_input None: not wanted. Returns the gradient of the layer's input.
    """
    rows, cols = x.shape[0], layer.n_out
    if layer.kind == "dense":
        weights, _ = parameters_of(layer, parameters)
        grad_weights, grad_bias = parameters_of(layer, gradients)
        z = matrix(saved, 0, rows, cols) if layer.needs_z else None
        activation_gradient(layer, z if layer.needs_z else a, grad)
        matmul.matmul(x, grad, grad_weights, True, False, None, 0)
        if grad_bias is not None:
            matmul.column_sums(grad, grad_bias)
        if grad_input is not None:
            matmul.matmul(grad, weights, grad_input, False, True, None, 0)
        return grad_input
    if layer.kind == "activation":
        activation_gradient(layer, x if layer.needs_z else a, grad)
        return grad
    if layer.kind == "dropout":
        apply(
            lambda g: dropout.dropout_backward(g, g, layer.rate, *draw, layer.index),
            grad,
        )
        return grad
    gamma, _ = parameters_of(layer, parameters)
    grad_gamma, grad_beta = parameters_of(layer, gradients)
    n = cols if layer.kind == "batch_norm" else rows
    backward = getattr(normalization, layer.kind + "_backward")
    backward(
        grad, x, gamma, saved[:n], saved[n : 2 * n], grad_gamma, grad_beta,
        grad if grad_input is None else grad_input,
    )  # fmt: skip
    return grad_input


def is_finite(x):
    """Whether all numbers in x are finite: no NaN, no infinity.

    x (n,): read.
    """
    return all(map(math.isfinite, x))


def infer(layers, constants, parameters, statistics, x, out, chunk):
    """Run a network on the rows of x: out = the last layer's output, n rows at a time.

    layers (n_layers, 9) int64, constants (n_layers, 2) float64: the program, a row a
    layer: kind, activation, n_in, n_out, weights, bias, statistics, saved, output;
    rate | eps, momentum. parameters, statistics: flat, read. x (n_rows, n_in): read.
    out (n_rows, n_out): overwritten. chunk: rows that go through all layers together.
    Dropout is off; batch normalisation uses its running statistics. A row's result
    does not depend on the other rows. Returns whether all numbers in x are finite.
    """
    program = read_layers(layers, constants)
    width = max(layer.n_out for layer in program)
    chunk = max(1, min(chunk, x.shape[0]))
    elements = 2 * chunk * (width + 1)
    workspace = memoryview(bytearray(elements * x.itemsize)).cast(x.format)
    for first in range(0, x.shape[0], chunk):
        rows = min(chunk, x.shape[0] - first)
        a = matrix(flat(x), first * x.shape[1], rows, x.shape[1])
        saved = vector(workspace, 2 * chunk * width, 2 * chunk)
        place, other = 0, chunk * width  # two buffers in turn
        for layer in program:
            result = matrix(workspace, place, rows, layer.n_out)
            output = forward_layer(
                layer, a, saved, result, parameters, statistics, None
            )
            if output is not a:  # dropout hands on what it gets
                a, place, other = output, other, place
        vector(flat(out), first * out.shape[1], rows * out.shape[1])[:] = flat(a)
    return all(math.isfinite(value) for row in x.tolist() for value in row)
