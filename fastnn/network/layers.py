"""The layers: each keeps what its backward pass needs, in plain sight.

    a = layer.forward(x, training)       keeps layer.x, layer.z, layer.a
    grad_x = layer.backward(grad_a)      fills layer.grad_weights, layer.grad_bias

Your own layer: subclass Layer, name its parameters in `parameter_names`, and write
forward and backward; docs/own_layer.md has one from start to end, and the same as a
TensorLayer, which finds its backward pass itself.
"""

from functools import partial
from typing import ClassVar

import numpy as np

from .. import ops
from ..ops import checks
from ..reference.activations import ACTIVATIONS, NEEDS_Z
from .initialization import default_for, initialize, initializer


def an_activation(where, name, value):
    return checks.choice(where, name, value, ACTIVATIONS)


def activation_or_none(where, name, value):
    return "identity" if value is None else an_activation(where, name, value)


class Layer:
    """One layer of a network.

    A subclass sets `parameter_names` and, in its constructor or in `build`, an array
    of each name. When it joins a network these become views into one block, as do the
    gradients `grad_<name>`; assigning to them writes into the block.
    """

    parameter_names: tuple[str, ...] = ()
    decayed_names: tuple[str, ...] = ("weights",)  # that weight decay applies to
    statistic_names: tuple[str, ...] = ()  # arrays that are saved, but not learned
    # attributes that kernels get to see: {name: f(where, name, value) -> the value}
    setting_checks: ClassVar[dict] = {}
    n_in = n_out = None  # numbers of columns; None: as many as come in

    def build(self, n_in, rng):
        """Make the parameters for n_in input columns; `rng` draws their values."""
        self.n_in = n_in
        if self.n_out is None:
            self.n_out = n_in

    def forward(self, x, training=False):
        """The layer's output for the rows of x (n_samples, n_in)."""
        raise TypeError(
            f"{type(self).__name__}: forward is missing; a layer defines "
            "forward(x, training) and backward(grad_output)"
        )

    def backward(self, grad_output):
        """dL/dx from dL/da; fills grad_<name> of each parameter."""
        raise TypeError(
            f"{type(self).__name__}: backward is missing; a layer defines "
            "forward(x, training) and backward(grad_output)"
        )

    def config(self):
        """The arguments that make this layer again, for saving."""
        return {}

    def attach(self, views, laid_out):
        """From now on the arrays in `views` (by name) are this layer's.

        laid_out: the network's LaidOut, which hears of every setting that changes.
        """
        self.__dict__["_views"] = {}
        self.__dict__["_laid_out"] = laid_out
        for name, view in views.items():
            object.__setattr__(self, name, view)
        self.__dict__["_views"] = views

    @property
    def attached(self):
        """Whether the layer belongs to a network."""
        return "_views" in self.__dict__

    def __getattr__(self, name):
        hint = ""
        if name.removeprefix("grad_") in type(self).parameter_names:
            hint = " yet; it is made when the layer joins a network, fn.Network([...])"
        elif name in ("x", "z", "a", "grad_z"):
            hint = " yet; forward keeps x, z and a, and backward keeps grad_z"
        raise AttributeError(f"{type(self).__name__} has no {name!r}{hint}", name=name)

    def __setattr__(self, name, value):
        view = self.__dict__.get("_views", {}).get(name)
        if name in type(self).setting_checks:
            value = type(self).setting_checks[name](type(self).__name__, name, value)
            object.__setattr__(self, name, value)
            if self.attached:
                self._laid_out.changed()
        elif view is None:
            object.__setattr__(self, name, value)
        elif np.shape(value) != view.shape:
            raise ValueError(
                f"{type(self).__name__}: {name} gets an array of shape "
                f"{np.shape(value)}, but its shape is {view.shape}"
            )
        else:
            view[...] = value

    def __repr__(self):
        arguments = ", ".join(f"{k}={v!r}" for k, v in self.config().items())
        return f"{type(self).__name__}({arguments})"


class Dense(Layer):
    """Fully connected: z = x @ weights + bias, a = activation(z).

    weights (n_in, n_out), bias (n_out,). activation: one of ACTIVATIONS, or None for
    the identity. init: a name of fastnn.init or a function (shape, rng) -> array; by
    default the one that suits the activation. The bias begins at 0. A file keeps the
    name, but no function: there the weights are what counts.
    """

    parameter_names = ("weights", "bias")
    setting_checks: ClassVar = {"activation": activation_or_none}

    def __init__(self, n_in, n_out, activation=None, bias=True, init=None):
        self.n_in = checks.whole("Dense", "n_in", n_in, low=1)
        self.n_out = checks.whole("Dense", "n_out", n_out, low=1)
        self.activation = activation
        if init is not None:
            initializer("Dense", init)
        self.init = default_for(self.activation) if init is None else init
        if not checks.flag("Dense", "bias", bias):
            self.parameter_names = ("weights",)
        self.bias = None

    def build(self, n_in, rng):
        if n_in != self.n_in:
            raise ValueError(
                f"Network: {self!r} takes {self.n_in} columns, but the layer before it "
                f"gives {n_in}"
            )
        checks.memory_for("Dense", {"n_in": self.n_in, "n_out": self.n_out})
        self.weights = initialize(self.init, (self.n_in, self.n_out), rng)
        if "bias" in self.parameter_names:
            self.bias = np.zeros(self.n_out)

    def forward(self, x, training=False):
        self.x = x
        self.z = ops.dense(x, self.weights, self.bias)
        self.a = activate(self.activation, self.z)
        return self.a

    def backward(self, grad_output):
        self.grad_z = activation_gradient(self.activation, grad_output, self.z, self.a)
        ops.matmul(self.x, self.grad_z, transpose_a=True, out=self.grad_weights)
        if self.bias is not None:
            ops.column_sums(self.grad_z, out=self.grad_bias)
        return ops.matmul(self.grad_z, self.weights, transpose_b=True)

    def config(self):
        return {
            "n_in": self.n_in,
            "n_out": self.n_out,
            "activation": self.activation,
            "bias": "bias" in self.parameter_names,
            "init": self.init if isinstance(self.init, str) else None,
        }


class Activation(Layer):
    """An activation function as a layer of its own: a = activation(x)."""

    setting_checks: ClassVar = {"activation": an_activation}

    def __init__(self, activation):
        self.activation = activation

    def forward(self, x, training=False):
        self.x = self.z = x
        self.a = activate(self.activation, x)
        return self.a

    def backward(self, grad_output):
        return activation_gradient(self.activation, grad_output, self.z, self.a)

    def config(self):
        return {"activation": self.activation}


class Dropout(Layer):
    """While training, each element is 0 with probability `rate`, else x / (1 - rate).

    Srivastava et al., 2014. The mask comes from a counter-based generator: seed and
    step say all, so any thread draws the same mask. The network sets both.
    """

    setting_checks: ClassVar = {"rate": partial(checks.number, low=0, below=1)}
    seed = 0
    step = 0
    index = 0  # of this layer in the network

    def __init__(self, rate=0.5):
        self.rate = rate

    def forward(self, x, training=False):
        self.x, self.training = x, training
        self.draw = (self.seed, self.step, self.index)
        self.a = ops.dropout(x, self.rate, *self.draw) if training else x
        return self.a

    def backward(self, grad_output):
        if not self.training:
            return grad_output
        return ops.dropout_backward(grad_output, self.rate, *self.draw)

    def config(self):
        return {"rate": self.rate}


class _Normalization(Layer):
    """What batch and layer normalisation share: a scale gamma and a shift beta."""

    parameter_names = ("gamma", "beta")
    decayed_names = ()
    setting_checks: ClassVar = {"eps": partial(checks.number, above=0, below=np.inf)}

    def __init__(self, n_features=None, eps=1e-5):
        name = type(self).__name__
        if n_features is not None:
            n_features = checks.whole(name, "n_features", n_features, low=1)
        self.n_in = self.n_out = n_features
        self.eps = eps

    def build(self, n_in, rng):
        if self.n_in not in (None, n_in):
            raise ValueError(
                f"Network: {self!r} takes {self.n_in} columns, but the layer before it "
                f"gives {n_in}"
            )
        checks.memory_for(type(self).__name__, {"n_features": n_in})
        self.n_in = self.n_out = n_in
        self.gamma = np.ones(n_in)
        self.beta = np.zeros(n_in)

    def config(self):
        return {"n_features": self.n_in, "eps": self.eps}


class BatchNorm(_Normalization):
    """Each column to mean 0 and variance 1 over the batch, then gamma x + beta.

    Ioffe and Szegedy, 2015. Without training the running averages are used:
    running = (1 - momentum) running + momentum batch.
    """

    statistic_names = ("running_mean", "running_var")
    setting_checks: ClassVar = {
        **_Normalization.setting_checks,
        "momentum": partial(checks.number, low=0, high=1),
    }

    def __init__(self, n_features=None, eps=1e-5, momentum=0.1):
        super().__init__(n_features, eps)
        self.momentum = momentum

    def build(self, n_in, rng):
        super().build(n_in, rng)
        self.running_mean = np.zeros(n_in)
        self.running_var = np.ones(n_in)

    def forward(self, x, training=False):
        self.x, self.training = x, training
        if training:
            self.a, self.mean, self.inv_std = ops.batch_norm(
                x, self.gamma, self.beta, self.running_mean, self.running_var,
                momentum=self.momentum, eps=self.eps,
            )  # fmt: skip
        else:
            self.a = ops.batch_norm_inference(
                x, self.gamma, self.beta, self.running_mean, self.running_var, self.eps
            )
        return self.a

    def backward(self, grad_output):
        if self.training:
            gradients = ops.batch_norm_backward(
                grad_output, self.x, self.gamma, self.mean, self.inv_std
            )
        else:
            gradients = ops.batch_norm_inference_backward(
                grad_output, self.x, self.gamma, self.running_mean, self.running_var,
                self.eps,
            )  # fmt: skip
        grad_input, self.grad_gamma, self.grad_beta = gradients
        return grad_input

    def config(self):
        return {**super().config(), "momentum": self.momentum}


class LayerNorm(_Normalization):
    """Each row to mean 0 and variance 1, then gamma x + beta (Ba et al., 2016)."""

    def forward(self, x, training=False):
        self.x = x
        self.a, self.mean, self.inv_std = ops.layer_norm(
            x, self.gamma, self.beta, eps=self.eps
        )
        return self.a

    def backward(self, grad_output):
        grad_input, self.grad_gamma, self.grad_beta = ops.layer_norm_backward(
            grad_output, self.x, self.gamma, self.mean, self.inv_std
        )
        return grad_input


def activate(activation, z):
    """a = activation(z)."""
    return z if activation == "identity" else getattr(ops, activation)(z)


def activation_gradient(activation, grad_output, z, a):
    """dL/dz from dL/da."""
    if activation == "identity":
        return grad_output
    saved = z if activation in NEEDS_Z else a
    return getattr(ops, activation + "_backward")(grad_output, saved)


BUILT_IN = {
    layer.__name__: layer
    for layer in (Dense, Activation, Dropout, BatchNorm, LayerNorm)
}
