"""Neurons of single numbers: a network in which every node can be looked at.

    net = MLP(2, [3], 1)
    out = net([0.5, -0.3])
    out.backward()
    print(out.explain())

For lessons: a fastnn Network does the same with arrays, some hundred times as fast.
"""

import random
from itertools import pairwise
from numbers import Real

from .. import backend
from ..ops import checks

ACTIVATIONS = ("relu", "tanh", "sigmoid")


class Neuron:
    """a = activation(bias + w0 x0 + w1 x1 + ...), of Values (McCulloch, Pitts, 1943).

    weights: a list of Values or numbers. bias: one of them. activation: "relu", "tanh",
    "sigmoid", or None for a = z. Raises TypeError or ValueError for anything else.
    """

    def __init__(self, weights, bias=0.0, activation=None):
        where = "Neuron"
        if isinstance(weights, str) or not hasattr(weights, "__iter__"):
            raise TypeError(
                f"{where}: weights is {checks.describe(weights)}; expected a list of "
                "Values or numbers"
            )
        if activation is not None:
            checks.choice(where, "activation", activation, ACTIVATIONS)
        self.weights = [_value(where, "weights", w) for w in weights]
        self.bias, self.activation = _value(where, "bias", bias), activation
        self._sum = type(self.bias).weighted_sum
        self._bend = getattr(type(self.bias), activation) if activation else None

    def __call__(self, x):
        """One number for a list of as many Values or numbers as there are weights."""
        z = self._sum(self.weights, x, self.bias)
        return z if self._bend is None else self._bend(z)

    def parameters(self):
        return [*self.weights, self.bias]

    def __repr__(self):
        return f"Neuron({len(self.weights)} weights, {self.activation})"


class MLP:
    """A multilayer perceptron of Neurons, to look into (Rumelhart et al., 1986).

    n_in: how many numbers come in. hidden: how many neurons in each hidden layer, a
    list. n_out: outputs, without activation. activation: of the hidden neurons, "relu",
    "tanh" or "sigmoid". Weights are uniform with variance 2 / n_in before relu and
    1 / n_in else (He et al., 2015; LeCun et al., 1998), biases 0.

    layers: a list of lists of Neurons. The parameters are called "0.1.w2": layer 0,
    neuron 1, its weight for input 2; "0.1.b" is its bias.
    Raises TypeError or ValueError for counts below 1 and other activations.
    """

    def __init__(self, n_in, hidden, n_out, activation="tanh", seed=0):
        where = "MLP"
        checks.choice(where, "activation", activation, ACTIVATIONS)
        if isinstance(hidden, (str, bytes)) or not hasattr(hidden, "__iter__"):
            raise TypeError(
                f"{where}: hidden is {checks.describe(hidden)}; expected a list such "
                "as [16, 16]"
            )
        widths = [
            checks.whole(where, "n_in", n_in, low=1),
            *[checks.whole(where, "hidden", n, low=1) for n in hidden],
            checks.whole(where, "n_out", n_out, low=1),
        ]
        rng = random.Random(checks.whole(where, "seed", seed))
        shapes = list(pairwise(widths))
        self.layers = [
            _layer(rng, place, n, m, activation if place < len(shapes) - 1 else None)
            for place, (n, m) in enumerate(shapes)
        ]

    def __call__(self, x):
        """The output for one sample, a list of n_in Values or numbers.

        A Value, or with several outputs a list of them. Raises ValueError or TypeError
        for other samples.
        """
        number = type(self.layers[0][0].bias)
        n_in = len(self.layers[0][0].weights)
        if not hasattr(x, "__len__") or len(x) != n_in:
            raise ValueError(
                f"MLP: x is {checks.describe(x)}; expected one sample, a list of {n_in}"
                " numbers or Values"
            )
        x = [number(v) if isinstance(v, Real) else v for v in x]
        for layer in self.layers:
            x = [neuron(x) for neuron in layer]
        return x[0] if len(x) == 1 else x

    def parameters(self):
        """All weights and biases, a list of Values."""
        return [p for layer in self.layers for unit in layer for p in unit.parameters()]

    def zero_grad(self):
        """Set `grad` of all parameters to 0, before the next backward pass."""
        for p in self.parameters():
            p.grad = 0.0

    def __repr__(self):
        widths = [len(self.layers[0][0].weights), *map(len, self.layers)]
        return f"MLP({' -> '.join(map(str, widths))}, {len(self.parameters())} Values)"


def _layer(rng, place, n_in, n_out, activation):
    """n_out Neurons, their parameters named after their place."""
    number = backend.class_named("Value")
    variance = (2.0 if activation == "relu" else 1.0) / n_in
    limit = (3.0 * variance) ** 0.5  # of a uniform distribution

    def neuron(i):
        name = f"{place}.{i}"
        weights = [
            number(rng.uniform(-limit, limit), f"{name}.w{j}") for j in range(n_in)
        ]
        return Neuron(weights, number(0.0, f"{name}.b"), activation)

    return [neuron(i) for i in range(n_out)]


def _value(where, name, x):
    """x as a Value: itself, or a leaf for a number."""
    number = backend.class_named("Value")
    if isinstance(x, number):
        return x
    if isinstance(x, Real) and not isinstance(x, bool):
        return number(x)
    raise TypeError(
        f"{where}: {name} has {checks.describe(x)}; expected Values (of the path that "
        "is in force) or numbers"
    )
