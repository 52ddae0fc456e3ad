"""Chapter 5: shallow networks."""

import math

import numpy as np

from ..checking import Exercise, Mistake
from . import Question


def _networks(sizes=((5, 2, 3, 1), (4, 3, 3, 3), (7, 1, 6, 2))):
    """Random (X, W1, b1, W2, b2) for sizes n, d, m, k."""
    rng = np.random.default_rng(5)
    for n, d, m, k in sizes:
        yield tuple(
            rng.normal(size=shape) for shape in ((n, d), (d, m), (m,), (m, k), (k,))
        )


# --- 5.1 Forward ----------------------------------------------------------------------


def forward(X, W1, b1, W2, b2):
    hidden = np.maximum(X @ W1 + b1, 0)  # (n, m)
    return hidden @ W2 + b2  # (n, k)


def _forward_with(hidden=lambda z: np.maximum(z, 0), output=lambda z: z):
    def answer(X, W1, b1, W2, b2):
        return output(hidden(X @ W1 + b1) @ W2 + b2)

    return answer


def _bias_too_late(X, W1, b1, W2, b2):
    return (np.maximum(X @ W1, 0) + b1) @ W2 + b2


# --- 5.2 Parity -----------------------------------------------------------------------


def parity_weights(n):
    v = 2.0 * (-1.0) ** np.arange(n)  # the slope turns from 1 to -1 and back
    v[0] = 1.0  # and begins at 0
    return v


def _only_two_kinks(n):
    return np.array([1.0, -2.0] + [0.0] * (n - 2))[:n]


# --- 5.3 Two layers that are one ------------------------------------------------------


def merge(W1, b1, W2, b2):
    return W1 @ W2, b1 @ W2 + b2


def _square_networks():
    return [case[1:] for case in _networks(((1, 3, 3, 3), (1, 2, 2, 2), (1, 4, 4, 4)))]


# --- 5.4 Kinks ------------------------------------------------------------------------


def kinks(W1, b1, W2):
    w, v = W1[0], W2[:, 0]
    order = np.argsort(-b1 / w)
    return (-b1 / w)[order], (v * np.abs(w))[order]


def _kinks_with(place, change, sort=True):
    def answer(W1, b1, W2):
        w, v = W1[0], W2[:, 0]
        where = place(w, b1)
        order = np.argsort(where) if sort else np.arange(len(w))
        return where[order], change(w, v)[order]

    return answer


def _line_networks():
    sizes = ((1, 1, 4, 1), (1, 1, 7, 1), (1, 1, 5, 1))
    return [(W1, b1, W2) for _, W1, b1, W2, _ in _networks(sizes)]


# --- 5.5 A curve by hand --------------------------------------------------------------


def interpolate(knots, values):
    slopes = np.diff(values) / np.diff(knots)
    return np.diff(slopes, prepend=0.0), values[0]


def _slopes_themselves(knots, values):
    return np.diff(values) / np.diff(knots), values[0]


def _steps_for_slopes(knots, values):
    return np.diff(np.diff(values), prepend=0.0), values[0]


def _no_start(knots, values):
    return interpolate(knots, values)[0], 0.0


def _curves():
    knots = np.array([0.0, 0.5, 1.5, 2.0, 4.0])
    return [
        (knots, np.sin(knots) + 1),
        (np.linspace(-1, 1, 4), np.array([1.0, -2.0, 0.5, 3.0])),
        (np.array([0.0, 0.1, 1.0]), np.array([2.0, 2.0, -1.0])),
    ]


# --- 5.6 How many neurons -------------------------------------------------------------


def width_for(length, curvature, error):
    return math.ceil(length * math.sqrt(curvature / (8 * error)))


# --- 5.7 Backward ---------------------------------------------------------------------


def gradients(X, y, W1, b1, W2, b2):
    A1 = np.tanh(X @ W1 + b1)  # (n, m)
    p = 1 / (1 + np.exp(-(A1 @ W2 + b2)))  # (n, 1)
    grad_Z2 = (p - y[:, None]) / len(X)  # (n, 1)
    grad_Z1 = grad_Z2 @ W2.T * (1 - A1**2)  # (n, m)
    return [X.T @ grad_Z1, grad_Z1.sum(axis=0), A1.T @ grad_Z2, grad_Z2.sum(axis=0)]


def _gradients_with(slope=lambda a, z: 1 - a**2, share=True, error=None):
    def answer(X, y, W1, b1, W2, b2):
        Z1 = X @ W1 + b1
        A1 = np.tanh(Z1)
        p = 1 / (1 + np.exp(-(A1 @ W2 + b2)))
        grad = p - y[:, None] if error is None else error(p, y[:, None])
        grad = grad / len(X) if share else grad
        grad_Z1 = (grad @ W2.T) * slope(A1, Z1)
        return [X.T @ grad_Z1, grad_Z1.sum(axis=0), A1.T @ grad, grad.sum(axis=0)]

    return answer


def _labelled():
    rng = np.random.default_rng(7)
    return [
        (X, rng.integers(0, 2, len(X)).astype(float), *rest)
        for X, *rest in _networks(((6, 2, 4, 1), (3, 4, 2, 1), (9, 1, 5, 1)))
    ]


# --- 5.8 The same function, other weights ---------------------------------------------


def rescale(W1, b1, W2, c):
    return W1 * c, b1 * c, W2 / c[:, None]


def _scaled():
    rng = np.random.default_rng(9)
    return [
        (W1, b1, W2, rng.uniform(0.5, 3, len(b1))) for _, W1, b1, W2, _ in _networks()
    ]


EXERCISES = (
    Exercise(
        number="5.1",
        title="Forward through a hidden layer",
        task=r"""
Return the outputs, shape $(n, k)$, of a network with one hidden layer of relu neurons,
$\hat Y = \max(X W^{(1)} + b^{(1)}, 0)\, W^{(2)} + b^{(2)}$. The NumPy arrays `X`, `W1`,
`b1`, `W2`, `b2` have the shapes $(n, d)$, $(d, m)$, $(m,)$, $(m, k)$, $(k,)$.
""",
        start="""
import numpy as np


def forward(X, W1, b1, W2, b2):
    return ...
""",
        solution=forward,
        cases=lambda: list(_networks()),
        mistakes=(
            Mistake(
                _forward_with(hidden=lambda z: z),
                "The activation is missing: without it two layers are only one.",
            ),
            Mistake(
                _forward_with(output=lambda z: np.maximum(z, 0)),
                "The output layer has no relu: outputs may be negative.",
            ),
            Mistake(
                _bias_too_late,
                "The hidden bias belongs inside of relu: it says where the fold is.",
            ),
        ),
        hint="First hidden = np.maximum(X @ W1 + b1, 0), then hidden @ W2 + b2.",
    ),
    Exercise(
        number="5.2",
        title="XOR of many inputs",
        task=r"""
The parity of $n$ inputs of 0 or 1 is 1 if an odd number of them is 1; for $n = 2$ it is
XOR. Let $s$ be the sum of the inputs and take $n$ hidden relu neurons
$h_j = \max(s - j, 0)$, $j = 0, \dots, n - 1$. Return the output weights, an array of
shape $(n,)$, with which $\sum_j v_j h_j$ is exactly the parity. The output bias is 0.
""",
        start="""
import numpy as np


def parity_weights(n):
    return ...
""",
        solution=parity_weights,
        cases=lambda: [(2,), (3,), (4,), (7,)],
        mistakes=(
            Mistake(
                lambda n: np.array([(-1.0) ** j for j in range(n)]),
                "These are the slopes, 1 and -1 in turn. A weight is the change of the "
                "slope at its kink.",
            ),
            Mistake(
                lambda n: np.array([2 * (-1.0) ** j for j in range(n)]),
                "At the first kink the slope changes from 0 to 1: by 1, not by 2.",
            ),
            Mistake(
                _only_two_kinks,
                "This goes on down after s = 2. The parity goes up and down once for "
                "each further input: there is a kink at every whole number.",
            ),
        ),
        hint="Draw the zigzag 0, 1, 0, 1 ... over s, and write down by how much the "
        "slope changes at s = 0, 1, 2, ...",
    ),
    Exercise(
        number="5.3",
        title="Two layers that are one",
        task=r"""
Two layers without activation compute $(X W^{(1)} + b^{(1)})\, W^{(2)} + b^{(2)}$.
Return the pair `(W, b)` of the one layer that computes the same. `W1`, `b1`, `W2`, `b2`
have the shapes $(d, m)$, $(m,)$, $(m, k)$, $(k,)$.
""",
        start="""
def merge(W1, b1, W2, b2):
    return ..., ...
""",
        solution=merge,
        cases=_square_networks,
        mistakes=(
            Mistake(
                lambda W1, b1, W2, b2: (W1 @ W2, b1 + b2),
                "The first bias goes through the second layer too: b1 @ W2.",
            ),
            Mistake(
                lambda W1, b1, W2, b2: (W2 @ W1, b1 @ W2 + b2),
                "The order of a matrix product matters: X meets W1 first, so W1 @ W2.",
            ),
            Mistake(
                lambda W1, b1, W2, b2: (W1 @ W2, b2),
                "The first bias is lost. Open the bracket: b1 @ W2 must be added.",
            ),
        ),
        hint="Open the bracket: (X W1 + b1) W2 + b2 = X (W1 W2) + (b1 W2 + b2).",
    ),
    Exercise(
        number="5.4",
        title="Where a network bends",
        task=r"""
A relu network with one input $x$ and one output has `W1` of shape $(1, m)$, the weights
$w_j$, `b1` of shape $(m,)$, the biases $b_j$, and `W2` of shape $(m, 1)$, the weights
$v_j$; none of them is 0. Return two arrays of shape $(m,)$: the places $x$ of its kinks
in rising order, and by how much the slope changes at each of them (slope on the right
minus slope on the left).
""",
        start="""
import numpy as np


def kinks(W1, b1, W2):
    return ..., ...
""",
        solution=kinks,
        cases=_line_networks,
        mistakes=(
            Mistake(
                _kinks_with(lambda w, b: -b / w, lambda w, v: v * w),
                "Where w is negative the neuron closes on the way to the right, and "
                "the change is -v w. In both cases it is v |w|.",
            ),
            Mistake(
                _kinks_with(lambda w, b: b / w, lambda w, v: v * np.abs(w)),
                "w x + b = 0 gives x = -b / w: mind the sign.",
            ),
            Mistake(
                _kinks_with(lambda w, b: -b / w, lambda w, v: v * np.abs(w), False),
                "Sort the places, and bring the changes into the same order "
                "(np.argsort).",
            ),
        ),
        hint="Neuron j bends at -b_j / w_j, and changes the slope by v_j |w_j| there.",
    ),
    Exercise(
        number="5.5",
        title="A curve by hand",
        task=r"""
`knots` of shape $(m + 1,)$ are places in rising order, not evenly spaced, and `values`,
of the same shape, are the values of a curve there. Hidden neuron $j$ is
$\max(x - \text{knots}_j, 0)$, for $j = 0, \dots, m - 1$. Return the pair
of the output weights, shape $(m,)$, and the output bias, a number, with which the
network goes through all the points.
""",
        start="""
import numpy as np


def interpolate(knots, values):
    return ..., ...
""",
        solution=interpolate,
        cases=_curves,
        mistakes=(
            Mistake(
                _slopes_themselves,
                "These are the slopes. All neurons to the left stay open, so a weight "
                "is the change from the slope before.",
            ),
            Mistake(
                _steps_for_slopes,
                "A slope is the step of the values divided by the distance of the "
                "knots, which is not 1.",
            ),
            Mistake(
                _no_start,
                "At the first knot all neurons are closed, so the bias alone must be "
                "values[0].",
            ),
        ),
        hint="The slopes of the pieces first; then the first slope, and the changes "
        "from each to the next: np.diff(slopes, prepend=0.0).",
    ),
    Exercise(
        number="5.6",
        title="How many neurons for this error",
        task=r"""
A curve on an interval of the length `length` has $|f''| \le$ `curvature`. Return the
smallest width, a whole number of hidden neurons, for which the bound
$\frac{h^2}{8} \max |f''|$ promises that interpolation is nowhere wrong by more than
`error`. The relu neurons have their kinks at even distances $h$, one for each piece.
""",
        start="""
import math


def width_for(length, curvature, error):
    return ...
""",
        solution=width_for,
        cases=lambda: [(1.0, 39.5, 0.01), (3.0, 2.0, 0.001), (10.0, 1.0, 0.3)],
        mistakes=(
            Mistake(
                lambda length, curvature, error: int(
                    length * math.sqrt(curvature / (8 * error))
                ),
                "Rounded down, the error is a little too large: round up, math.ceil.",
            ),
            Mistake(
                lambda length, curvature, error: math.ceil(
                    length * math.sqrt(curvature / error)
                ),
                "The 8 is missing: h may be as large as sqrt(8 error / curvature).",
            ),
            Mistake(
                lambda length, curvature, error: math.ceil(
                    length * curvature / (8 * error)
                ),
                "h is squared in the bound, so take the square root.",
            ),
        ),
        hint="Solve h^2 / 8 * curvature = error for h, and see how many h fit into "
        "the length.",
    ),
    Exercise(
        number="5.7",
        title="Backward through both layers",
        task=r"""
A network for yes or no has $m$ tanh neurons and one output $z$ (the logit), with the
loss $L = \frac1n \sum_i \text{binary cross-entropy}(z_i, y_i)$. For it,
$\partial L / \partial z_i = (\sigma(z_i) - y_i) / n$ (chapter 4). Return the list of
the gradients by `W1` $(d, m)$, `b1` $(m,)$, `W2` $(m, 1)$ and `b2` $(1,)$, for `X`
$(n, d)$ and labels `y` $(n,)$ of 0 and 1.
""",
        start="""
import numpy as np


def gradients(X, y, W1, b1, W2, b2):
    return [..., ..., ..., ...]
""",
        solution=gradients,
        cases=_labelled,
        mistakes=(
            Mistake(
                _gradients_with(slope=lambda a, z: 1.0),
                "The slope of tanh is missing: multiply by 1 - A1**2 on the way down.",
            ),
            Mistake(
                _gradients_with(slope=lambda a, z: 1 - z**2),
                "The slope of tanh is 1 - a^2, from the value after the activation.",
            ),
            Mistake(
                _gradients_with(share=False),
                "The loss is a mean: divide the error by the number of samples.",
            ),
            Mistake(
                _gradients_with(error=lambda p, y: (p - y) * p * (1 - p)),
                "The slope of the sigmoid cancels against that of the logarithm: the "
                "gradient by the logit is (p - y) / n.",
            ),
        ),
        hint="grad = (p - y[:, None]) / n; then A1.T @ grad, its column sums, "
        "grad @ W2.T times (1 - A1**2), and the same two lines with X.",
    ),
    Exercise(
        number="5.8",
        title="The same function, other weights",
        task=r"""
In a relu network the weights into hidden neuron $j$ are multiplied by $c_j > 0$. Return
`(W1, b1, W2)` of the network that has these new incoming weights and computes exactly
what the old one did. `W1` is $(d, m)$, `b1` $(m,)$, `W2` $(m, k)$, `c` $(m,)$.
""",
        start="""
def rescale(W1, b1, W2, c):
    return ..., ..., ...
""",
        solution=rescale,
        cases=_scaled,
        mistakes=(
            Mistake(
                lambda W1, b1, W2, c: (W1 * c, b1, W2 / c[:, None]),
                "With the old bias the fold moves: multiply the bias by c as well.",
            ),
            Mistake(
                lambda W1, b1, W2, c: (W1 * c, b1 * c, W2 * c[:, None]),
                "The neuron's output has become c times as large: divide the weights "
                "behind it.",
            ),
            Mistake(
                lambda W1, b1, W2, c: (W1 * c, b1 * c, W2),
                "The neuron's output has grown, and nobody takes it back: change W2.",
            ),
        ),
        hint="Columns of W1 belong to neurons, and so do rows of W2: c[:, None] is a "
        "factor for each row.",
    ),
)

QUIZ = (
    Question(
        text="Why can no neuron compute XOR?",
        options=(
            "Training gets stuck in a bad valley of the loss.",
            "Its four rows ask for inequalities that contradict each other.",
            "It would need weights that are too large for a computer.",
            "Four samples are too few to learn from.",
        ),
        right=1,
        why="Two sums of the inequalities say that one number is above 0 and not above "
        "0. Such weights don't exist, so no training can find them.",
    ),
    Question(
        text="A hidden relu neuron has the weights (3, 4) and the bias -10. How far "
        "from the origin is its fold?",
        options=("10", "2.5", "2", "0.5"),
        right=2,
        why="|b| divided by the length of the weights, 10 / 5.",
    ),
    Question(
        text="A network has 3 inputs, 20 hidden neurons and 2 outputs. How many "
        "numbers does it learn?",
        options=("100", "122", "25", "120"),
        right=1,
        why="(3 + 1) 20 + (20 + 1) 2 = 80 + 42.",
    ),
    Question(
        text="What can two layers without an activation do that one layer cannot?",
        options=("Nothing", "XOR", "Curved borders", "Learn faster, always"),
        right=0,
        why="Their product is one matrix, so together they are one layer.",
    ),
    Question(
        text="A relu network with one input has a hidden layer of 10. How many kinks "
        "can its output have?",
        options=("Exactly 10", "At most 10", "At most 1,023", "Any number"),
        right=1,
        why="Each neuron bends once, at -b / w; some may share a place.",
    ),
    Question(
        text="You interpolate a smooth curve with relu neurons and take three times as "
        "many. What happens to the largest error?",
        options=(
            "It becomes about 3 times smaller.",
            "It becomes about 27 times smaller.",
            "It becomes about 9 times smaller.",
        ),
        right=2,
        why="The bound is h squared times a constant, and h is a third.",
    ),
    Question(
        text="Which of these does the universal approximation theorem say?",
        options=(
            "Training finds the weights.",
            "Ten neurons for each input are enough.",
            "The network is right outside of the data, too.",
            "For every allowed error there is a width and there are weights.",
        ),
        right=3,
        why="It says what exists on a bounded region, not how many neurons that takes.",
    ),
    Question(
        text="For which activation does the theorem fail, however wide the layer?",
        options=("z squared", "relu", "tanh", "sigmoid"),
        right=0,
        why="Every sum of squares (w x + b)² is a parabola; polynomials are exactly "
        "the exceptions (Leshno et al., 1993).",
    ),
    Question(
        text="The hidden layer passes its gradient on. Which product has the shape of "
        "A1, (n, m), when the output's gradient G is (n, k) and W2 is (m, k)?",
        options=("W2 @ G", "G.T @ W2", "G @ W2.T"),
        right=2,
        why="(n, k) times (k, m) is (n, m): a hidden neuron collects from all outputs.",
    ),
    Question(
        text="All weights of a hidden layer, and all weights behind it, begin at the "
        "same value, 0.5. What does training do?",
        options=(
            "The hidden neurons stay equal and act as one.",
            "It makes them different after the first step.",
            "Nothing moves at all, not even the output bias.",
        ),
        right=0,
        why="Equal neurons get equal gradients, so they stay equal. Only a difference "
        "at the start can break the symmetry.",
    ),
)
