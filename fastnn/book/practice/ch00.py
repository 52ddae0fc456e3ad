"""Chapter 0: the notation."""

import math
from itertools import pairwise

import numpy as np

from ..checking import Exercise, Mistake
from . import Question


def dense(X, weights, bias):
    return X @ weights + bias


def _dense_cases():
    rng = np.random.default_rng(0)
    return [
        tuple(rng.normal(size=shape) for shape in ((n, d), (d, m), (m,)))
        for n, d, m in ((4, 3, 2), (1, 5, 5), (6, 6, 6))
    ]


def shapes(n, d, m):
    return [(n, d), (d, m), (m,), (n, m), (d, m)]


def n_parameters(sizes):
    return sum(d * m + m for d, m in pairwise(sizes))


def blind_loss(n_classes):
    return math.log(n_classes)


def mean_loss(losses, sample_weight):
    return np.sum(losses * sample_weight) / np.sum(sample_weight)


def one_hot(y, n_classes):
    return np.eye(n_classes)[y]


EXERCISES = (
    Exercise(
        number="0.1",
        title="One layer",
        task=r"""
Return the pre-activation of a layer, $Z = X W + b$, of shape $(n, m)$, for `X` of shape
$(n, d)$, `weights` $(d, m)$ and `bias` $(m,)$. All are NumPy arrays.
""",
        start="""
def dense(X, weights, bias):
    return ...
""",
        solution=dense,
        cases=_dense_cases,
        mistakes=(
            Mistake(
                lambda X, weights, bias: X @ weights,
                "The bias is missing: it is added to every row.",
            ),
            Mistake(
                lambda X, weights, bias: weights @ X + bias,
                "Rows are samples: X stands on the left of the weights.",
            ),
            Mistake(
                lambda X, weights, bias: X @ weights.T + bias,
                "weights is (d, m) already: X @ weights needs no transpose.",
            ),
        ),
        hint="X @ weights has a row for each sample; NumPy adds bias to each of them.",
    ),
    Exercise(
        number="0.2",
        title="The shapes of a layer",
        task=r"""
A layer gets $n$ samples of $d$ features and has $m$ neurons. Return the list of
the shapes, each a tuple, of $X$, $W$, $b$, $Z$ and $\partial L / \partial W$, in this
order.
""",
        start="""
def shapes(n, d, m):
    return [(n, d), ...]
""",
        solution=shapes,
        cases=lambda: [(10, 4, 3), (1, 7, 2), (64, 1, 5)],
        mistakes=(
            Mistake(
                lambda n, d, m: [(n, d), (m, d), (m,), (n, m), (m, d)],
                "weights is (d, m): a row for each input, a column for each neuron.",
            ),
            Mistake(
                lambda n, d, m: [(n, d), (d, m), (n, m), (n, m), (d, m)],
                "The bias is one number for each neuron, whatever the samples: (m,).",
            ),
            Mistake(
                lambda n, d, m: [(n, d), (d, m), (m,), (n, m), (n, m)],
                "A gradient has the shape of what it belongs to, here that of W.",
            ),
        ),
        hint="Look at the table of the notation, line by line.",
    ),
    Exercise(
        number="0.3",
        title="How many numbers a network learns",
        task=r"""
`sizes` is a list such as `[2, 32, 32, 3]`: the features, the neurons of each hidden
layer, the outputs. Return how many parameters the network has: all weights and all
biases of its dense layers.
""",
        start="""
from itertools import pairwise


def n_parameters(sizes):
    return ...
""",
        solution=n_parameters,
        cases=lambda: [([2, 32, 32, 3],), ([4, 1],), ([64, 10, 7, 10],)],
        mistakes=(
            Mistake(
                lambda sizes: sum(a * b for a, b in pairwise(sizes)),
                "These are the weights alone: each neuron has a bias as well.",
            ),
            Mistake(
                lambda sizes: sum(a * b + a for a, b in pairwise(sizes)),
                "A layer has as many biases as neurons, which is its second size.",
            ),
            Mistake(
                lambda sizes: sum(sizes[1:]),
                "This counts the neurons: each has a weight for every input too.",
            ),
        ),
        hint="A layer from d to m has d m weights and m biases; add over the layers: "
        "pairwise(sizes) gives the pairs (d, m).",
    ),
    Exercise(
        number="0.4",
        title="A blind guess",
        task=r"""
What is the mean cross-entropy of a classifier that gives each of `n_classes` classes
the same probability? The cross-entropy of a sample is $-\ln p$, where $p$ is the
probability of its true class.
""",
        start="""
import math


def blind_loss(n_classes):
    return ...
""",
        solution=blind_loss,
        cases=lambda: [(2,), (3,), (10,), (1000,)],
        mistakes=(
            Mistake(
                lambda n_classes: float(np.log2(n_classes)),
                "This is in bits; losses here use the natural logarithm, math.log.",
            ),
            Mistake(
                lambda n_classes: float(-np.log(n_classes)),
                "The probability is 1 / n_classes, and -ln(1/k) = ln k is positive.",
            ),
            Mistake(
                lambda n_classes: 1.0 / n_classes,
                "This is the probability itself; the loss is minus its logarithm.",
            ),
        ),
        hint="Put p = 1 / n_classes into -ln p.",
    ),
    Exercise(
        number="0.5",
        title="A mean with weights",
        task=r"""
Losses are means over the samples; with weights $s_i$ the mean is
$\sum_i s_i L_i / \sum_i s_i$. Return this number. `losses` holds the $L_i$ and
`sample_weight` the $s_i$; both are arrays of shape $(n,)$.
""",
        start="""
import numpy as np


def mean_loss(losses, sample_weight):
    return ...
""",
        solution=mean_loss,
        cases=lambda: [
            (np.array([1.0, 2.0, 6.0]), np.array([1.0, 1.0, 2.0])),
            (np.array([0.5, 0.1]), np.array([3.0, 0.0])),
            (np.array([4.0, 1.0, 1.0, 2.0]), np.array([0.5, 0.5, 0.1, 0.2])),
        ],
        mistakes=(
            Mistake(
                lambda losses, sample_weight: float(np.mean(losses * sample_weight)),
                "Divide by the sum of the weights, not by the number of samples.",
            ),
            Mistake(
                lambda losses, sample_weight: float(np.sum(losses * sample_weight)),
                "This is the sum; the mean divides it by the sum of the weights.",
            ),
            Mistake(
                lambda losses, sample_weight: float(np.mean(losses)),
                "The weights are not used: a weight of 2 counts as the row twice.",
            ),
        ),
        hint="Two sums, one divided by the other.",
    ),
    Exercise(
        number="0.6",
        title="Classes as columns",
        task=r"""
`y` holds classes 0, 1, 2 ... as an array of shape $(n,)$. Return the array of shape
$(n, k)$ for $k$ = `n_classes` whose row $i$ is 1 in column $y_i$ and 0 elsewhere. It is
called one-hot, and you will meet it in the gradient of the cross-entropy.
""",
        start="""
import numpy as np


def one_hot(y, n_classes):
    return ...
""",
        solution=one_hot,
        cases=lambda: [
            (np.array([0, 2, 1, 2]), 3),
            (np.array([1, 1]), 4),
            (np.array([0]), 1),
        ],
        mistakes=(
            Mistake(
                lambda y, n_classes: np.eye(n_classes)[y].T,
                "Rows are samples: n rows and k columns, not the other way round.",
            ),
            Mistake(
                lambda y, n_classes: np.eye(y.max() + 1)[y],
                "There are n_classes columns, also when the last class does not occur.",
            ),
            Mistake(
                lambda y, n_classes: (np.arange(n_classes) <= y[:, None]).astype(float),
                "Only the column of the class itself is 1, not those before it.",
            ),
        ),
        hint="The rows of np.eye(k) are the k possible rows; y chooses among them.",
    ),
)

QUIZ = (
    Question(
        text="`X` has the shape (100, 4) and a layer has 8 neurons. What shape has "
        "`weights`?",
        options=("(8, 4)", "(4, 8)", "(100, 8)"),
        right=1,
        why="weights is (n_in, n_out): a row for each input, a column for each neuron.",
    ),
    Question(
        text="And what shape has `z` in that layer?",
        options=("(100, 8)", "(4, 8)", "(8, 100)", "(100, 4)"),
        right=0,
        why="A row for each sample, a column for each neuron.",
    ),
    Question(
        text="Where does a network keep the values after the activation of its second "
        "layer?",
        options=("net.layers[2].a", "net.layers[1].z", "net.layers[1].a"),
        right=2,
        why="The code counts from 0, and a is what comes after the activation.",
    ),
    Question(
        text="Which shape has `grad_bias` of a layer of 8 neurons, for a batch of 100?",
        options=("(100, 8)", "(8,)", "(100,)"),
        right=1,
        why="A gradient has the shape of what it belongs to, and the bias is (8,).",
    ),
    Question(
        text="A page shows a number as predicted beside the same as measured. What "
        "happens if they are further apart than it claims?",
        options=(
            "The page shows both in red.",
            "The larger of the two is taken.",
            "The cell stops with an error, and the page is not printed.",
        ),
        right=2,
        why="Such a table is an assertion: a page that exists is one that held.",
    ),
    Question(
        text="What is a loss in this book, unless a page says otherwise?",
        options=(
            "A sum over the samples",
            "A mean over the samples",
            "The worst sample",
        ),
        right=1,
        why="Means do not grow with the number of samples, so batches can be compared.",
    ),
    Question(
        text="Another book writes z = W x + b with W of shape (m, d). What is its W in "
        "the code here?",
        options=("weights.T", "weights", "the inverse of weights"),
        right=0,
        why="There a sample is a column; here it is a row: the matrix is transposed.",
    ),
    Question(
        text="What does an answer to an exercise have to be?",
        options=("A number", "A function", "A file"),
        right=1,
        why="The checker calls it with cases of its own.",
    ),
    Question(
        text="A network with ten outputs near zero has not learned anything. Which "
        "loss do you expect?",
        options=("about 0.1", "about 1", "about 2.3", "about 10"),
        right=2,
        why="ln 10 = 2.303: each class has the probability 1/10.",
    ),
    Question(
        text="You run a page twice with the same seed. What do you expect of its "
        "numbers?",
        options=(
            "They are the same, bit for bit.",
            "They agree to about one per cent.",
            "They differ, for training is random.",
        ),
        right=0,
        why="All random numbers come from the seed, and sums are added in one order.",
    ),
)
