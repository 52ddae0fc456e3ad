"""Chapter 5: shallow networks."""

import numpy as np

from ... import Dense, Network, mlp
from ..checking import Exercise, Mistake
from . import Question


def _layers(seed, n=6, d=3, h=4, m=2):
    """(X, W1, b1, W2, b2), random."""
    rng = np.random.default_rng(seed)
    return tuple(rng.normal(size=s) for s in ((n, d), (d, h), (h,), (h, m), (m,)))


def _network(W1, b1, W2, b2, activation):
    """The library's network with these parameters."""
    net = Network(
        [Dense(*W1.shape, activation=activation), Dense(*W2.shape)], dtype="float64"
    )
    for layer, weights, bias in zip(net.layers, (W1, W2), (b1, b2), strict=True):
        layer.weights[...], layer.bias[...] = weights, bias
    return net


def n_parameters(d, h, m):
    return sum(p.size for p in mlp(d, [h], m, seed=0).parameters())


def forward(X, W1, b1, W2, b2):
    return _network(W1, b1, W2, b2, "tanh")(X)


def kinks(weights, bias):
    return np.sort(-bias / weights)


def collapse(W1, b1, W2, b2):
    return W1 @ W2, b1 @ W2 + b2


def outgoing_weights(y, distance):
    slopes = np.diff(y) / distance
    return np.diff(slopes, prepend=0.0)


def grad_first_weights(X, W1, b1, W2, grad_z2):
    net = _network(W1, b1, W2, np.zeros(W2.shape[1]), "tanh")
    net.forward(X, training=False)
    net.backward(grad_z2)
    return net.layers[0].grad_weights.copy()


def pieces_needed(length, largest_second_derivative, error):
    return int(np.ceil(length * np.sqrt(largest_second_derivative / (8 * error))))


def _gradient_cases():
    cases = []
    for seed in (1, 2, 3):
        X, W1, b1, W2, b2 = _layers(seed, n=5 + seed)
        rng = np.random.default_rng(seed)
        cases.append((X, W1, b1, W2, rng.normal(size=(len(X), len(b2)))))
    return cases


def _tanh(X, W1, b1):
    return np.tanh(X @ W1 + b1)


EXERCISES = (
    Exercise(
        number="5.1",
        title="How many numbers a shallow network learns",
        task=r"""
A network has $d$ inputs, one hidden layer of $h$ neurons and $m$ outputs. Return the
number of its parameters: weights and biases of both layers.
""",
        start="""
def n_parameters(d, h, m):
    return ...
""",
        solution=n_parameters,
        cases=lambda: [(2, 16, 3), (64, 10, 10), (1, 1, 1), (5, 7, 2)],
        mistakes=(
            Mistake(
                lambda d, h, m: d * h + h * m,
                "These are the weights; each hidden neuron and each output has a bias.",
            ),
            Mistake(
                lambda d, h, m: (d + 1) * h + h * m,
                "The outputs have biases as well: (h + 1) m numbers lead to them.",
            ),
            Mistake(
                lambda d, h, m: (d + 1) * (h + 1) * m,
                "The two layers stand one behind the other: their counts are added.",
            ),
        ),
        hint="(d + 1) h numbers lead to the hidden layer; the second one likewise.",
    ),
    Exercise(
        number="5.2",
        title="The forward pass",
        task=r"""
Compute the outputs $Z^{(2)} = \tanh(X W^{(1)} + b^{(1)})\, W^{(2)} + b^{(2)}$ for NumPy
arrays `X` $(n, d)$, `W1` $(d, h)$, `b1` $(h,)$, `W2` $(h, m)$ and `b2` $(m,)$.
""",
        start="""
import numpy as np


def forward(X, W1, b1, W2, b2):
    return ...
""",
        solution=forward,
        cases=lambda: [_layers(seed, n=3 + seed) for seed in range(3)],
        mistakes=(
            Mistake(
                lambda X, W1, b1, W2, b2: (X @ W1 + b1) @ W2 + b2,
                "The activation is missing between the layers.",
            ),
            Mistake(
                lambda X, W1, b1, W2, b2: np.tanh(_tanh(X, W1, b1) @ W2 + b2),
                "The outputs are logits: no activation follows the second layer.",
            ),
            Mistake(
                lambda X, W1, b1, W2, b2: np.tanh(X @ W1) @ W2 + b2,
                "The bias of the hidden layer is missing: it belongs inside of tanh.",
            ),
        ),
        hint="Three lines: z of the hidden layer, its tanh, and the second layer.",
    ),
    Exercise(
        number="5.3",
        title="Where a network bends",
        task=r"""
A network with one input has hidden relu neurons $\mathrm{relu}(w_i x + b_i)$. Return
the places on the $x$ axis where its output can bend, as a sorted array. `weights` and
`bias` have the shape $(h,)$, and no weight is zero.
""",
        start="""
import numpy as np


def kinks(weights, bias):
    return ...
""",
        solution=kinks,
        cases=lambda: [
            (np.array([1.0, -2.0, 0.5]), np.array([1.0, 1.0, -3.0])),
            (np.array([4.0]), np.array([-2.0])),
            (np.array([-1.0, 1.0, 3.0, -0.2]), np.array([0.3, 0.7, 2.0, 0.1])),
        ],
        mistakes=(
            Mistake(
                lambda weights, bias: np.sort(bias / weights),
                "A neuron bends where w x + b = 0; solve it for x, and mind the sign.",
            ),
            Mistake(
                lambda weights, bias: -bias / weights,
                "The places are right; sort them.",
            ),
            Mistake(
                lambda weights, bias: np.sort(-bias),
                "Divide by the weight: w x + b = 0.",
            ),
        ),
        hint="A relu bends where its pre-activation is zero.",
    ),
    Exercise(
        number="5.4",
        title="Two linear layers are one",
        task=r"""
Without an activation, $Z = (X W^{(1)} + b^{(1)}) W^{(2)} + b^{(2)}$ is a single layer
$X W + b$. Return the tuple $(W, b)$.
""",
        start="""
def collapse(W1, b1, W2, b2):
    return ..., ...
""",
        solution=collapse,
        cases=lambda: [_layers(seed, h=2 + seed)[1:] for seed in range(3)],
        mistakes=(
            Mistake(
                lambda W1, b1, W2, b2: (W1 @ W2, b2),
                "The first bias goes through the second layer too: b1 @ W2.",
            ),
            Mistake(
                lambda W1, b1, W2, b2: (W1 @ W2, b1 @ W2),
                "The second bias is missing.",
            ),
            Mistake(
                lambda W1, b1, W2, b2: ((W1 @ W2).T, b1 @ W2 + b2),
                "W is (d, m), as X stands on its left: no transpose.",
            ),
        ),
        hint="Multiply the bracket out.",
    ),
    Exercise(
        number="5.5",
        title="A curve bent out of straight pieces",
        task=r"""
`y` holds the values of a curve at $h + 1$ points that are `distance` apart. The
network $y_0 + \sum_{i=0}^{h-1} v_i\, \mathrm{relu}(x - x_i)$ shall go through all of
them. Return the array of the $h$ outgoing weights $v_i$.
""",
        start="""
import numpy as np


def outgoing_weights(y, distance):
    return ...
""",
        solution=outgoing_weights,
        cases=lambda: [
            (np.array([0.0, 1.0, 1.0, 0.5]), 0.5),
            (np.sin(np.linspace(0, 3, 8)), 3 / 7),
            (np.array([2.0, -1.0]), 2.0),
        ],
        mistakes=(
            Mistake(
                lambda y, distance: np.diff(y) / distance,
                "These are the slopes; a neuron adds to the one before: differences.",
            ),
            Mistake(
                lambda y, distance: np.diff(np.diff(y), prepend=0.0),
                "A slope is a difference divided by the distance.",
            ),
            Mistake(
                lambda y, distance: np.diff(np.diff(y) / distance),
                "The first neuron is missing: it adds the first slope to a slope of 0.",
            ),
        ),
        hint="Slopes of the pieces first; then by how much each differs from the last.",
    ),
    Exercise(
        number="5.6",
        title="The gradient of the first weights",
        task=r"""
For the network of 5.2, `grad_z2` of shape $(n, m)$ is $\partial L / \partial Z^{(2)}$.
Return $\partial L / \partial W^{(1)}$, of shape $(d, h)$.
""",
        start="""
import numpy as np


def grad_first_weights(X, W1, b1, W2, grad_z2):
    return ...
""",
        solution=grad_first_weights,
        cases=_gradient_cases,
        mistakes=(
            Mistake(
                lambda X, W1, b1, W2, grad_z2: X.T @ (grad_z2 @ W2.T),
                "On the way back the gradient passes the activation: times 1 - tanh^2.",
            ),
            Mistake(
                lambda X, W1, b1, W2, grad_z2: (
                    X.T @ (grad_z2 @ W2.T * (1 - _tanh(X, W1, b1)))
                ),
                "The slope of tanh is 1 - tanh^2: square it.",
            ),
            Mistake(
                lambda X, W1, b1, W2, grad_z2: (
                    X.T @ (grad_z2 @ W2.T * (1 - _tanh(X, W1, b1) ** 2)) / len(X)
                ),
                "grad_z2 is divided by n already, if the loss is a mean: not twice.",
            ),
        ),
        hint="grad_z2 @ W2.T, times the slope of tanh, then X.T in front.",
    ),
    Exercise(
        number="5.7",
        title="How many neurons for an error",
        task=r"""
A curve on an interval of the given `length` has $|f''| \le M$. A broken line through
equally distant points on it is off by at most $M \Delta^2 / 8$. Return the smallest
whole number of pieces for which this bound is at most `error`.
""",
        start="""
def pieces_needed(length, largest_second_derivative, error):
    return ...
""",
        solution=pieces_needed,
        cases=lambda: [(2 * np.pi, 1.0, 0.01), (1.0, 30.0, 0.001), (3.0, 2.0, 0.5)],
        mistakes=(
            Mistake(
                lambda length, M, error: int(length * np.sqrt(M / (8 * error))),
                "Rounded down, the bound is missed: round up.",
            ),
            Mistake(
                lambda length, M, error: int(np.ceil(length * M / (8 * error))),
                "The error falls with the square of the distance: take a square root.",
            ),
            Mistake(
                lambda length, M, error: int(np.ceil(np.sqrt(M / (8 * error)))),
                "That is for an interval of length 1; the distance is length / pieces.",
            ),
        ),
        hint="Put distance = length / pieces into the bound and solve for pieces.",
    ),
)

QUIZ = (
    Question(
        text="Why can no single neuron compute XOR?",
        options=(
            "Its activation is not smooth.",
            "The four conditions on its weights contradict each other.",
            "It has too few inputs.",
        ),
        right=1,
        why="Two of them add up to the opposite of what the other two demand.",
    ),
    Question(
        text="One neuron is trained on XOR with cross-entropy. Where does it end?",
        options=("at 0", "at ln 2", "at 1", "it diverges"),
        right=1,
        why="The loss is convex and its gradient is zero at zero weights: ln 2.",
    ),
    Question(
        text="What is a hidden relu neuron with two inputs, seen over the plane?",
        options=("A circle", "A bump", "A fold along a line"),
        right=2,
        why="It is silent on one side of a line and rises on the other.",
    ),
    Question(
        text="A network has one input and 20 hidden relu neurons. How many kinks has "
        "its output at most?",
        options=("20", "21", "40", "as many as one likes"),
        right=0,
        why="Each neuron bends the output at one place.",
    ),
    Question(
        text="Twice as many pieces of a broken line through a smooth curve: what "
        "happens to the error?",
        options=("It halves.", "It falls to a quarter.", "It falls to an eighth."),
        right=1,
        why="The bound is M times the square of the distance, divided by 8.",
    ),
    Question(
        text="What does the universal approximation theorem promise?",
        options=(
            "Training finds good weights.",
            "A narrow network is enough.",
            "Good weights exist, if the layer is wide enough.",
        ),
        right=2,
        why="It is about what can be written down, not about finding it.",
    ),
    Question(
        text="A hidden layer without an activation adds ...",
        options=(
            "nothing: the network stays linear.",
            "one bend for each neuron.",
            "smoothness.",
        ),
        right=0,
        why="Two linear layers multiply out to one.",
    ),
    Question(
        text="All hidden neurons start with equal weights. After training they are ...",
        options=("all different", "still equal", "all zero"),
        right=1,
        why="Equal neurons get equal gradients, so nothing ever tells them apart.",
    ),
    Question(
        text="Which shape has the gradient of the first weights, for 100 samples, 4 "
        "features and 8 hidden neurons?",
        options=("(100, 8)", "(8, 4)", "(4, 8)"),
        right=2,
        why="A gradient has the shape of what it belongs to: (n_in, n_out).",
    ),
    Question(
        text="Weights are far too large and the activation is tanh. What goes wrong?",
        options=(
            "Most neurons are saturated, and hardly any gradient passes.",
            "The outputs become NaN.",
            "All neurons become equal.",
        ),
        right=0,
        why="Where |z| is large, tanh is flat: its slope, 1 - tanh^2, is near zero.",
    ),
)
