"""Chapter 8: what is carried, and what comes next."""

from itertools import pairwise

import numpy as np

from ..checking import Exercise, Mistake
from . import Question


def _random(seed, *shapes):
    rng = np.random.default_rng(seed)
    return tuple(rng.normal(size=shape) for shape in shapes)


def torch_linear(weights, bias):
    return weights.T, bias


def n_bytes(sizes, bytes_a_number):
    return bytes_a_number * sum((d + 1) * m for d, m in pairwise(sizes))


def run(layers, X):
    for weights, bias in layers[:-1]:
        X = np.maximum(X @ weights + bias, 0)
    weights, bias = layers[-1]
    return X @ weights + bias


def fold(weights, bias, mean, var, gamma, beta, eps):
    scale = gamma / np.sqrt(var + eps)
    return weights * scale, (bias - mean) * scale + beta


def slide(x, kernel):
    k = len(kernel)
    return np.array([x[i : i + k] @ kernel for i in range(len(x) - k + 1)])


def attend(Q, K, V):
    scores = Q @ K.T / np.sqrt(Q.shape[1])
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True) @ V


def _softmax(scores, axis=1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _stacks():
    cases = []
    for seed, sizes in enumerate(([3, 4, 2], [2, 5, 5, 3], [4, 1])):
        layers = [_random(seed + d, (d, m), (m,)) for d, m in pairwise(sizes)]
        cases.append((layers, *_random(seed, (6, sizes[0]))))
    return cases


def _all_relu(layers, X):
    for weights, bias in layers:
        X = np.maximum(X @ weights + bias, 0)
    return X


def _no_relu(layers, X):
    for weights, bias in layers:
        X = X @ weights + bias
    return X


def _bias_outside(layers, X):
    for weights, bias in layers[:-1]:
        X = np.maximum(X @ weights, 0) + bias
    weights, bias = layers[-1]
    return X @ weights + bias


def _folds():
    cases = []
    for seed, (d, m) in enumerate(((3, 4), (1, 2), (5, 1))):
        shapes = (d, m), (m,), (m,), (m,), (m,), (m,)
        weights, bias, mean, var, gamma, beta = _random(seed, *shapes)
        cases.append((weights, bias, mean, var**2 + 0.1, gamma, beta, 1e-5))
    return cases


EXERCISES = (
    Exercise(
        number="8.1",
        title="Weights for PyTorch",
        task=r"""
`weights` $(d, m)$ and `bias` $(m,)$ belong to a dense layer of fastnn. Return the tuple
(weight, bias) for PyTorch's `nn.Linear`, whose weight has the shape $(m, d)$ and which
computes the same.
""",
        start="""
def torch_linear(weights, bias):
    return ..., ...
""",
        solution=torch_linear,
        cases=lambda: [
            _random(1, (3, 2), (2,)),
            _random(2, (4, 4), (4,)),
            _random(3, (1, 6), (6,)),
        ],
        mistakes=(
            Mistake(
                lambda weights, bias: (weights, bias),
                "A neuron is a column here and a row there: transpose.",
            ),
            Mistake(
                lambda weights, bias: (weights.reshape(weights.shape[::-1]), bias),
                "reshape keeps the order of the numbers; transposing changes it.",
            ),
            Mistake(
                lambda weights, bias: (weights.T, bias[:, None]),
                "The bias has one number for each neuron in both libraries: (m,).",
            ),
        ),
        hint="weights.T, and the bias as it is.",
    ),
    Exercise(
        number="8.2",
        title="How large is the file",
        task=r"""
`sizes` is a list such as `[64, 64, 32, 10]`: the features, the neurons of each hidden
layer, the outputs. Return how many bytes the weights and the biases of this network
take with `bytes_a_number` bytes each (float32: 4).
""",
        start="""
from itertools import pairwise


def n_bytes(sizes, bytes_a_number):
    return ...
""",
        solution=n_bytes,
        cases=lambda: [([64, 64, 32, 10], 4), ([2, 1], 8), ([784, 128, 10], 2)],
        mistakes=(
            Mistake(
                lambda sizes, b: (
                    sum(sizes[i] * sizes[i + 1] for i in range(len(sizes) - 1)) * b
                ),
                "The biases are missing: one for each neuron.",
            ),
            Mistake(
                lambda sizes, b: sum(
                    (sizes[i] + 1) * sizes[i + 1] for i in range(len(sizes) - 1)
                ),
                "These are numbers, not bytes.",
            ),
            Mistake(
                lambda sizes, b: sum(sizes) * b,
                "Neurons are not kept, but their weights: sizes are multiplied.",
            ),
        ),
        hint="A layer from d to m has (d + 1) m numbers. Add over the layers: "
        "pairwise(sizes) gives the pairs (d, m). Then the bytes of each.",
    ),
    Exercise(
        number="8.3",
        title="A network in four lines",
        task=r"""
`layers` is a list of pairs (weights, bias) of the shapes $(d, m)$ and $(m,)$, where $d$
is the $m$ of the layer before. Return what the network gives for `X` of shape
$(n, d_0)$, with relu behind each layer but the last: one row for each sample.
""",
        start="""
import numpy as np


def run(layers, X):
    return ...
""",
        solution=run,
        cases=_stacks,
        mistakes=(
            Mistake(_all_relu, "Behind the last layer there is no relu: logits."),
            Mistake(_no_relu, "The relu is missing: without it all is one layer."),
            Mistake(_bias_outside, "The bias is added before the relu, not after it."),
        ),
        hint="A loop over all layers but the last, and then the last one.",
    ),
    Exercise(
        number="8.4",
        title="A normalisation folded away",
        task=r"""
Outside of training, BatchNorm computes
$\gamma \odot (z - \text{mean}) / \sqrt{\text{var} + \varepsilon} + \beta$. Behind a
dense layer $z = x W + b$ it can be folded into it. Return the tuple $(W', b')$ of a
dense layer that computes both. `weights` is $(d, m)$; `bias`, `mean`, `var`, `gamma`
and `beta` are $(m,)$; `eps` is the number $\varepsilon$.
""",
        start="""
import numpy as np


def fold(weights, bias, mean, var, gamma, beta, eps):
    return ..., ...
""",
        solution=fold,
        cases=_folds,
        mistakes=(
            Mistake(
                lambda weights, bias, mean, var, gamma, beta, eps: (
                    weights * gamma / np.sqrt(var + eps),
                    bias * gamma / np.sqrt(var + eps) + beta,
                ),
                "The mean is subtracted too: it goes into the bias.",
            ),
            Mistake(
                lambda weights, bias, mean, var, gamma, beta, eps: (
                    weights * gamma / (var + eps),
                    (bias - mean) * gamma / (var + eps) + beta,
                ),
                "Divide by the standard deviation, the root of the variance.",
            ),
            Mistake(
                lambda weights, bias, mean, var, gamma, beta, eps: (
                    weights * gamma / np.sqrt(var + eps),
                    bias - mean * gamma / np.sqrt(var + eps) + beta,
                ),
                "The old bias is scaled as well, like everything that is in z.",
            ),
        ),
        hint="Write z = x W + b into the formula and sort by what stands with x.",
    ),
    Exercise(
        number="8.5",
        title="The core of a convolution",
        task=r"""
Slide `kernel` of shape $(k,)$ over `x` of shape $(n,)$: return the array of the
$n - k + 1$ sums $\sum_{j=0}^{k-1} x_{i+j}\, \text{kernel}_j$. Deep learning calls this
a convolution, though the kernel is not turned round.
""",
        start="""
import numpy as np


def slide(x, kernel):
    return ...
""",
        solution=slide,
        cases=lambda: [
            (np.array([1.0, 2.0, 4.0, 8.0]), np.array([1.0, -1.0])),
            _random(5, (10,), (3,)),
            _random(6, (4,), (4,)),
        ],
        mistakes=(
            Mistake(
                lambda x, kernel: np.convolve(x, kernel, mode="valid"),
                "np.convolve turns the kernel round; here it is not turned.",
            ),
            Mistake(
                lambda x, kernel: np.correlate(x, kernel, mode="same"),
                "Only where the kernel lies within x: n - k + 1 places.",
            ),
            Mistake(
                lambda x, kernel: np.array(
                    [x[i] * kernel.sum() for i in range(len(x) - len(kernel) + 1)]
                ),
                "Each element of the kernel meets its own neighbour x[i + j].",
            ),
        ),
        hint="x[i : i + k] @ kernel for each i.",
    ),
    Exercise(
        number="8.6",
        title="Attention",
        task=r"""
`Q` $(n, d)$ holds what $n$ elements ask, `K` $(m, d)$ and `V` $(m, v)$ what $m$
elements answer to and say. Return $\mathrm{softmax}(Q K^\top / \sqrt d)\, V$ of shape
$(n, v)$, with the softmax over each row.
""",
        start="""
import numpy as np


def attend(Q, K, V):
    return ...
""",
        solution=attend,
        cases=lambda: [
            _random(7, (3, 4), (5, 4), (5, 2)),
            _random(8, (4, 9), (4, 9), (4, 3)),
            _random(9, (1, 2), (6, 2), (6, 6)),
        ],
        mistakes=(
            Mistake(
                lambda Q, K, V: _softmax(Q @ K.T) @ V,
                "Divide by the root of d, or the scores grow with it.",
            ),
            Mistake(
                lambda Q, K, V: _softmax(Q @ K.T / np.sqrt(Q.shape[1]), axis=0) @ V,
                "Each row of weights adds up to 1: the softmax goes along axis 1.",
            ),
            Mistake(
                lambda Q, K, V: (Q @ K.T / np.sqrt(Q.shape[1])) @ V,
                "The softmax is missing: scores become weights by it.",
            ),
        ),
        hint="First the scores Q @ K.T / np.sqrt(d), of shape (n, m); then the softmax "
        "of each row; then that times V.",
    ),
)

QUIZ = (
    Question(
        text="Why is a weight matrix transposed on its way to PyTorch?",
        options=(
            "PyTorch stores numbers in another precision.",
            "A neuron is a column here and a row of nn.Linear's weight there.",
            "To make it faster.",
        ),
        right=1,
        why="Here $z = x W + b$ with $W$ of shape $(d, m)$; there "
        "$z = x W^\\top + b$ with $W$ of shape $(m, d)$.",
    ),
    Question(
        text="What has to be carried for a network to answer elsewhere?",
        options=(
            "The shapes, the activations and the parameters",
            "The training data",
            "The optimizer and its averages",
        ),
        right=0,
        why="Data and optimizer made the parameters; answers need only these.",
    ),
    Question(
        text="What becomes of Dropout in an ONNX file?",
        options=("It drops at random.", "It halves the weights.", "Nothing is left."),
        right=2,
        why="It is active only in training, and what is kept is scaled there already.",
    ),
    Question(
        text="And of BatchNorm?",
        options=(
            "It uses the averages that it kept in training.",
            "It uses the mean of the batch.",
            "It cannot be carried.",
        ),
        right=0,
        why="So that an answer does not depend on the other rows.",
    ),
    Question(
        text="Two programs compute the same network; their logits differ by 1e-6. Why?",
        options=(
            "One of them is wrong.",
            "They add in different orders, and each rounds.",
            "The weights were transposed twice.",
        ),
        right=1,
        why="Chapter 7: a sum of k products is sure only up to the bound "
        "of $\\gamma_k$.",
    ),
    Question(
        text="What does a convolution add to a dense layer?",
        options=(
            "More weights",
            "A memory",
            "Nonlinearity",
            "The same few weights at every place",
        ),
        right=3,
        why="It knows that places are neighbours and that what holds here holds there.",
    ),
    Question(
        text="What does a recurrent network add?",
        options=("A state that it carries from step to step", "Width", "A new loss"),
        right=0,
        why="Its activations are inputs of the next step.",
    ),
    Question(
        text="What is computed by a softmax in attention?",
        options=("A class", "How much each element listens to each other", "A loss"),
        right=1,
        why="Scores of pairs become weights that add up to 1.",
    ),
    Question(
        text="May a softmax output of 0.9 be read as being right nine times out of "
        "ten?",
        options=("Yes, always", "Only after training for long", "Not without a check"),
        right=2,
        why="Networks are often too sure; calibration measures it.",
    ),
    Question(
        text="Do neurons of the brain send gradients backward along their axons?",
        options=("Yes", "Nothing like it is known", "Only in sleep"),
        right=1,
        why="How the brain assigns credit is open (Lillicrap and others, 2020).",
    ),
)
