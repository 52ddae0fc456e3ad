"""Optimizers: what they are set to, and one step of each on one array of parameters.

    net.fit(X, y, optimizer=fn.Adam(1e-3))

An optimizer is a description: it keeps settings, never the state of a training. The
state is `n_slots` arrays beside every array of parameters, which the network keeps.
All formulas and defaults are PyTorch's, with one difference: weight_decay reaches
weights, never biases or the parameters of a normalisation.
"""

import inspect
import math

from ... import backend
from ...ops import checks
from . import schedules


class Optimizer:
    """Base of the optimizers.

    name       "sgd", "adam", ...
    kernel     the name of the kernel that does a step
    n_slots    how many arrays of the parameters' size it keeps
    schedule   the learning rate as a function of the epoch
    """

    name = kernel = ""
    n_slots = 0

    def __init__(self, learning_rate, weight_decay, clip_norm):
        where = type(self).__name__
        self.learning_rate = learning_rate
        self.schedule = schedules.as_schedule(learning_rate, where)
        self.weight_decay = _setting(where, "weight_decay", weight_decay)
        if clip_norm is not None:
            clip_norm = checks.number(where, "clip_norm", clip_norm, above=0)
        self.clip_norm = clip_norm
        if isinstance(self.schedule, schedules.constant):
            self.learning_rate = self.schedule.learning_rate

    def scalars(self):
        """The numbers its kernel needs, in the order that each class documents."""
        raise NotImplementedError(f"{type(self).__name__} needs a method scalars(self)")

    def update(self, param, grad, slots, step, learning_rate, weight_decay, grad_scale):
        """One step on one flat array: `param` and `slots` are overwritten.

        param, grad: 1-D arrays of one length and precision; slots: n_slots arrays like
        them, zeros before the first step; step counts from 1; the gradient is
        multiplied by grad_scale (see `grad_scale_for`) before anything else.
        """
        raise NotImplementedError(
            f"{type(self).__name__} needs a method update(self, param, grad, slots, "
            "step, learning_rate, weight_decay, grad_scale)"
        )

    def arguments(self):
        """The arguments it was made with: {"learning_rate": 0.001, ...}."""
        parameters = inspect.signature(type(self)).parameters
        return {name: getattr(self, name) for name in parameters}

    def config(self):
        """Its settings as a dict that JSON can hold; `from_config` makes it again."""
        arguments = self.arguments()
        if isinstance(self.learning_rate, schedules.Schedule):
            arguments["learning_rate"] = self.schedule.config()
        return {"optimizer": self.name, **arguments}

    @staticmethod
    def from_config(config):
        """The optimizer of which `config()` gave this dict."""
        arguments = dict(config)
        name = arguments.pop("optimizer", None)
        make = OPTIMIZERS[checks.choice("from_config", "optimizer", name, OPTIMIZERS)]
        if isinstance(arguments.get("learning_rate"), dict):
            arguments["learning_rate"] = schedules.from_config(
                arguments["learning_rate"]
            )
        return make(**arguments)

    def __repr__(self):
        parameters = inspect.signature(type(self)).parameters
        shown = [
            f"{name}={value!r}"
            for name, value in self.arguments().items()
            if name == "learning_rate" or value != parameters[name].default
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


class SGD(Optimizer):
    """Stochastic gradient descent (Robbins and Monro, 1951), with or without momentum.

    g = grad + weight_decay * param;  v = momentum * v + g  (v = g in the first step)
    param -= learning_rate * v, or with nesterov (Sutskever et al., 2013)
    param -= learning_rate * (g + momentum * v).
    scalars(): (momentum, nesterov as 0.0 or 1.0). Slots: v, if momentum is not 0.
    """

    name, kernel = "sgd", "sgd_update"

    def __init__(
        self,
        learning_rate=0.001,
        momentum=0.0,
        nesterov=False,
        weight_decay=0.0,
        clip_norm=None,
    ):
        super().__init__(learning_rate, weight_decay, clip_norm)
        self.momentum = _fraction("SGD", "momentum", momentum)
        self.nesterov = checks.flag("SGD", "nesterov", nesterov)
        if nesterov and self.momentum == 0:
            raise ValueError(
                "SGD: nesterov needs a momentum above 0; try SGD(0.01, momentum=0.9, "
                "nesterov=True)"
            )

    @property
    def n_slots(self):
        """One, the velocity v, if momentum is not 0; else none."""
        return 1 if self.momentum else 0

    def scalars(self):
        return (self.momentum, float(self.nesterov))

    def update(self, param, grad, slots, step, learning_rate, weight_decay, grad_scale):
        velocity = slots[0] if self.momentum else None
        backend.function(self.kernel)(
            param, grad, velocity, learning_rate, self.momentum, self.nesterov,
            weight_decay, grad_scale,
        )  # fmt: skip


class Adagrad(Optimizer):
    """Steps shrink with the sum of the squares seen (Duchi, Hazan and Singer, 2011).

    g = grad + weight_decay * param;  s += g * g
    param -= learning_rate * g / (sqrt(s) + eps).
    scalars(): (eps,). Slots: s.
    """

    name, kernel, n_slots = "adagrad", "adagrad_update", 1

    def __init__(self, learning_rate=0.01, eps=1e-10, weight_decay=0.0, clip_norm=None):
        super().__init__(learning_rate, weight_decay, clip_norm)
        self.eps = _setting("Adagrad", "eps", eps)

    def scalars(self):
        return (self.eps,)

    def update(self, param, grad, slots, step, learning_rate, weight_decay, grad_scale):
        backend.function(self.kernel)(
            param, grad, slots[0], learning_rate, self.eps, weight_decay, grad_scale
        )


class RMSProp(Optimizer):
    """Steps divided by a running root mean square (Tieleman and Hinton, 2012).

    g = grad + weight_decay * param;  s = alpha * s + (1 - alpha) * g * g
    param -= learning_rate * g / (sqrt(s) + eps).
    scalars(): (alpha, eps). Slots: s.
    """

    name, kernel, n_slots = "rmsprop", "rmsprop_update", 1

    def __init__(
        self,
        learning_rate=0.01,
        alpha=0.99,
        eps=1e-8,
        weight_decay=0.0,
        clip_norm=None,
    ):
        super().__init__(learning_rate, weight_decay, clip_norm)
        self.alpha = _fraction("RMSProp", "alpha", alpha)
        self.eps = _setting("RMSProp", "eps", eps)

    def scalars(self):
        return (self.alpha, self.eps)

    def update(self, param, grad, slots, step, learning_rate, weight_decay, grad_scale):
        backend.function(self.kernel)(
            param, grad, slots[0], learning_rate, self.alpha, self.eps,
            weight_decay, grad_scale,
        )  # fmt: skip


class Adam(Optimizer):
    """Running mean over running root mean square (Kingma and Ba, 2015).

    g = grad + weight_decay * param
    m = beta1 * m + (1 - beta1) * g;  v = beta2 * v + (1 - beta2) * g * g
    param -= learning_rate * (m / (1 - beta1**step))
             / (sqrt(v / (1 - beta2**step)) + eps).
    scalars(): (beta1, beta2, eps). Slots: m, v.
    """

    name, kernel, n_slots = "adam", "adam_update", 2

    def __init__(
        self,
        learning_rate=1e-3,
        beta1=0.9,
        beta2=0.999,
        eps=1e-8,
        weight_decay=0.0,
        clip_norm=None,
    ):
        super().__init__(learning_rate, weight_decay, clip_norm)
        where = type(self).__name__
        self.beta1 = _fraction(where, "beta1", beta1)
        self.beta2 = _fraction(where, "beta2", beta2)
        self.eps = _setting(where, "eps", eps)

    def scalars(self):
        return (self.beta1, self.beta2, self.eps)

    def update(self, param, grad, slots, step, learning_rate, weight_decay, grad_scale):
        backend.function(self.kernel)(
            param, grad, slots[0], slots[1], step, learning_rate,
            self.beta1, self.beta2, self.eps, weight_decay, grad_scale,
        )  # fmt: skip


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019).

    First param -= learning_rate * weight_decay * param, then Adam's step with g = grad.
    scalars(): (beta1, beta2, eps). Slots: m, v.
    """

    name, kernel = "adamw", "adamw_update"

    def __init__(
        self,
        learning_rate=1e-3,
        beta1=0.9,
        beta2=0.999,
        eps=1e-8,
        weight_decay=0.01,
        clip_norm=None,
    ):
        super().__init__(learning_rate, beta1, beta2, eps, weight_decay, clip_norm)


OPTIMIZERS = {o.name: o for o in (SGD, Adagrad, RMSProp, Adam, AdamW)}


def as_optimizer(value):
    """An Optimizer: `value` itself, or from a name such as "adam" with its defaults."""
    if isinstance(value, Optimizer):
        return value
    if isinstance(value, str) and value.lower() in OPTIMIZERS:
        return OPTIMIZERS[value.lower()]()
    if isinstance(value, type) and issubclass(value, Optimizer):
        name = value.__name__
        raise TypeError(
            f"fit: optimizer is the class {name}; make one of it: fn.{name}(1e-3)"
        )
    raise (ValueError if isinstance(value, str) else TypeError)(
        f"fit: optimizer is {checks.describe(value)}; expected an optimizer such as "
        f"fn.Adam(1e-3), or one of the names {', '.join(map(repr, OPTIMIZERS))}"
    )


def grad_scale_for(norm, clip_norm):
    """The factor that clips a gradient: min(1, clip_norm / (norm + 1e-6)).

    norm: the L2 norm of all gradients together; clip_norm: the largest allowed, or
    None. The formula, with its 1e-6, is that of torch's clip_grad_norm_ (Pascanu,
    Mikolov and Bengio, 2013). A NaN norm gives NaN, so it shows.
    """
    if clip_norm is None:
        return 1.0
    scale = clip_norm / (norm + 1e-6)
    return 1.0 if scale > 1.0 else scale


def _setting(where, name, value):
    return checks.number(where, name, value, low=0, below=math.inf)


def _fraction(where, name, value):
    return checks.number(where, name, value, low=0, below=1)
