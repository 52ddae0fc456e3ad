"""Chapter 6: deep networks."""

from itertools import pairwise

import numpy as np

from ..checking import Exercise, Mistake
from . import Question

# 6.1 --------------------------------------------------------------------------------


def weight_gradients(X, weights, grad_output):
    inputs = [X]
    for W in weights:
        inputs.append(np.tanh(inputs[-1] @ W))
    grad, gradients = grad_output, []
    for i in reversed(range(len(weights))):
        grad_z = grad * (1 - inputs[i + 1] ** 2)
        gradients.append(inputs[i].T @ grad_z)
        grad = grad_z @ weights[i].T
    return gradients[::-1]


def _walk(X, weights, grad_output, slope=lambda a: 1 - a**2, last=True, reverse=True):
    """weight_gradients, with its typical mistakes to choose from."""
    inputs = [X]
    for W in weights:
        inputs.append(np.tanh(inputs[-1] @ W))
    grad, gradients = grad_output, []
    for i in range(len(weights) - 1, -1, -1):
        skipped = i == len(weights) - 1 and not last
        grad_z = grad if skipped else grad * slope(inputs[i + 1])
        gradients.append(inputs[i].T @ grad_z)
        grad = grad_z @ weights[i].T
    return gradients[::-1] if reverse else gradients


def _stack_cases():
    rng = np.random.default_rng(0)
    cases = []
    for n, widths in ((4, (2, 3, 2)), (6, (3, 5, 4, 4, 5, 3)), (5, (4, 4, 4))):
        weights = [rng.normal(size=(d, m)) * 0.6 for d, m in pairwise(widths)]
        X, grad = rng.normal(size=(n, widths[0])), rng.normal(size=(n, widths[-1]))
        cases.append((X, weights, grad))
    return cases


BACKWARD = Exercise(
    number="6.1",
    title="The gradients of a stack",
    task=r"""
A stack of layers without biases, all with tanh: $A^{(0)} = X$ and $A^{(l)} =
\tanh(A^{(l-1)} W^{(l)})$. Given `X` of shape $(n, d_0)$, `weights`, a list of arrays
of shape $(d_{l-1}, d_l)$, and `grad_output`, $\partial L / \partial A$ of the last
layer, of the shape of its $A$, return a list with $\partial L / \partial W^{(l)}$ for
each layer, the first layer first. (The derivative of tanh is $1 - a^2$.)
""",
    start="""
import numpy as np


def weight_gradients(X, weights, grad_output):
    inputs = [X]  # what comes into each layer
    return ...
""",
    solution=weight_gradients,
    cases=_stack_cases,
    mistakes=(
        Mistake(
            lambda X, weights, grad_output: _walk(
                X, weights, grad_output, slope=lambda a: 1.0
            ),
            "The slope of tanh is missing: grad_z = grad_a * (1 - a**2) in each layer.",
        ),
        Mistake(
            lambda X, weights, grad_output: _walk(X, weights, grad_output, last=False),
            "The last layer has a tanh as well: multiply by its slope before you go "
            "on.",
        ),
        Mistake(
            lambda X, weights, grad_output: _walk(
                X, weights, grad_output, reverse=False
            ),
            "The walk goes from the last layer to the first, but the list begins with "
            "the first: turn it around.",
        ),
        Mistake(
            lambda X, weights, grad_output: _walk(
                X, weights, grad_output, slope=lambda a: 1 - np.tanh(a) ** 2
            ),
            "The slope at z is 1 - tanh(z)**2, and tanh(z) is a already: 1 - a**2.",
        ),
    ),
    hint="Forward first, and keep every input. Then from the last layer: grad_z = "
    "grad * (1 - a**2), grad_weights = input.T @ grad_z, grad = grad_z @ W.T.",
)

# 6.2 --------------------------------------------------------------------------------


def initial_std(n_in, n_out, activation):
    if activation == "relu":
        return np.sqrt(2 / n_in)
    return np.sqrt(2 / (n_in + n_out))


def _std(variance, root=np.sqrt):
    return lambda n_in, n_out, activation: root(variance(n_in, n_out, activation))


def _right_variance(n_in, n_out, activation):
    return initial_std(n_in, n_out, activation) ** 2


INITIAL = Exercise(
    number="6.2",
    title="How large the first weights are",
    task=r"""
Return the standard deviation of the initial weights of a layer with `n_in` inputs and
`n_out` neurons: He's rule if `activation` is `"relu"`, Xavier's rule if it is
`"tanh"` or `"sigmoid"`.
""",
    start="""
import numpy as np


def initial_std(n_in, n_out, activation):
    return ...
""",
    solution=initial_std,
    cases=lambda: [
        (64, 32, "relu"),
        (64, 32, "tanh"),
        (10, 300, "sigmoid"),
        (300, 10, "relu"),
    ],
    mistakes=(
        Mistake(
            _std(_right_variance, root=lambda variance: variance),
            "That is the variance. The standard deviation is its root.",
        ),
        Mistake(
            _std(
                lambda n_in, n_out, activation: (
                    (2 if activation == "relu" else 1) / n_in
                )
            ),
            "Xavier's rule looks at both sides, 2 / (n_in + n_out): a compromise "
            "between signals and gradients.",
        ),
        Mistake(
            _std(lambda n_in, n_out, activation: 2 / (n_in + n_out)),
            "relu halves the mean square, and He's rule makes up for it: 2 / n_in.",
        ),
        Mistake(
            _std(
                lambda n_in, n_out, activation: (
                    3 * _right_variance(n_in, n_out, activation)
                )
            ),
            "That is the limit of the uniform kind, sqrt(3) times the standard "
            "deviation.",
        ),
    ),
    hint="The variance is 2 / n_in (He) or 2 / (n_in + n_out) (Xavier).",
)

# 6.3 --------------------------------------------------------------------------------


def relu_mean_square(n_layers, width, std):
    return width * std**2 * (width * std**2 / 2) ** (n_layers - 1)


DEPTH = Exercise(
    number="6.3",
    title="The size of the signal, far up",
    task=r"""
A network of relu layers has `width` inputs and `width` neurons in each layer, weights
of mean 0 and standard deviation `std`, no biases, and inputs of mean square 1. Return
the mean square of the pre-activation $z$ in layer `n_layers` (counted from 1; layer 1
gets the inputs, which have not passed a relu).
""",
    start="""
def relu_mean_square(n_layers, width, std):
    return ...
""",
    solution=relu_mean_square,
    cases=lambda: [(1, 64, 0.2), (5, 256, 0.1), (5, 100, 0.1414), (20, 128, 0.12)],
    mistakes=(
        Mistake(
            lambda n_layers, width, std: (width * std**2) ** n_layers,
            "Each relu halves the mean square.",
        ),
        Mistake(
            lambda n_layers, width, std: (width * std**2 / 2) ** n_layers,
            "Layer 1 gets the inputs themselves: there is one relu fewer than layers.",
        ),
        Mistake(
            lambda n_layers, width, std: (
                width * std * (width * std / 2) ** (n_layers - 1)
            ),
            "The mean square grows with the variance of the weights, std**2.",
        ),
        Mistake(
            lambda n_layers, width, std: std**2 * (std**2 / 2) ** (n_layers - 1),
            "A pre-activation is a sum over all inputs: each layer multiplies by "
            "width too.",
        ),
    ),
    hint="q of layer 1 is width * std**2; each further layer multiplies it by "
    "width * std**2 / 2.",
)

# 6.4 --------------------------------------------------------------------------------


def batch_norm(x, gamma, beta, eps):
    normalised = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return gamma * normalised + beta


def _normalised(x, gamma, beta, eps, axis=0, ddof=0, inside=True):
    mean, var = x.mean(axis, keepdims=True), x.var(axis, keepdims=True, ddof=ddof)
    std = np.sqrt(var + eps) if inside else np.sqrt(var) + eps
    return gamma * (x - mean) / std + beta


def _norm_cases():
    rng = np.random.default_rng(0)
    return [
        (rng.normal(2, 3, (5, 3)), rng.normal(size=3), rng.normal(size=3), 1e-5),
        (rng.normal(0, 0.1, (4, 4)), np.ones(4), np.zeros(4), 0.01),
        (rng.normal(-1, 1, (8, 2)), np.full(2, 2.0), np.full(2, 0.5), 0.1),
    ]


BATCH_NORM = Exercise(
    number="6.4",
    title="Batch normalisation",
    task=r"""
Write batch normalisation as in training: for `x` of shape $(n, d)$, bring each column
to mean 0 and variance 1 over the rows, with `eps` added to the variance, then
multiply by `gamma` and add `beta`, both of shape $(d,)$. Return an array of shape
$(n, d)$.
""",
    start="""
import numpy as np


def batch_norm(x, gamma, beta, eps):
    return ...
""",
    solution=batch_norm,
    cases=_norm_cases,
    mistakes=(
        Mistake(
            lambda x, gamma, beta, eps: _normalised(x, gamma, beta, eps, axis=1),
            "That normalises each row, which is layer normalisation. Mean and "
            "variance are taken over the samples: axis=0.",
        ),
        Mistake(
            lambda x, gamma, beta, eps: _normalised(x, gamma, beta, eps, ddof=1),
            "In the normalisation the variance is divided by n, not by n - 1.",
        ),
        Mistake(
            lambda x, gamma, beta, eps: _normalised(x, gamma, beta, eps, inside=False),
            "eps is added to the variance, under the root.",
        ),
        Mistake(
            lambda x, gamma, beta, eps: (
                gamma * (x - x.mean(axis=0)) / (x.var(axis=0) + eps) + beta
            ),
            "Divide by the standard deviation: the root of the variance plus eps.",
        ),
    ),
    hint="x.mean(axis=0) and x.var(axis=0) have the shape (d,), and NumPy applies "
    "them to every row.",
)

# 6.5 --------------------------------------------------------------------------------


def dropped(a, keep, rate):
    return np.where(keep, a / (1 - rate), 0.0)


def _dropout_cases():
    rng = np.random.default_rng(1)
    return [
        (rng.normal(size=shape), rng.random(shape) >= rate, rate)
        for shape, rate in (((3, 4), 0.5), ((5, 2), 0.2), ((6,), 0.7))
    ]


DROPOUT = Exercise(
    number="6.5",
    title="Dropout",
    task=r"""
Write dropout as it is in training. `a` is an array of activations, `keep` an array of
the same shape with True where an element is kept, `rate` the probability $p$ with
which an element was dropped. The expected value of every element must stay what it
was.
""",
    start="""
import numpy as np


def dropped(a, keep, rate):
    return ...
""",
    solution=dropped,
    cases=_dropout_cases,
    mistakes=(
        Mistake(
            lambda a, keep, rate: a * keep,
            "The expected value shrinks to (1 - rate) a: what is kept must grow to "
            "make up for it.",
        ),
        Mistake(
            lambda a, keep, rate: a * keep * (1 - rate),
            "Multiplying by 1 - rate makes the expected value smaller still: divide.",
        ),
        Mistake(
            lambda a, keep, rate: a * keep / rate,
            "rate is the probability of being dropped; divide by that of being kept.",
        ),
        Mistake(
            lambda a, keep, rate: np.where(keep, 0.0, a / (1 - rate)),
            "keep is True where an element stays; the others become 0.",
        ),
    ),
    hint="An element is kept with probability 1 - rate, so it has to become a / (1 - "
    "rate).",
)

# 6.6 --------------------------------------------------------------------------------


def ridge(X, y, weight_decay):
    n, d = X.shape
    return np.linalg.solve(X.T @ X + weight_decay * n / 2 * np.eye(d), X.T @ y)


def _ridge(strength):
    return lambda X, y, weight_decay: np.linalg.solve(
        X.T @ X + strength(weight_decay, len(X)) * np.eye(X.shape[1]), X.T @ y
    )


def _ridge_cases():
    rng = np.random.default_rng(2)
    return [
        (rng.normal(size=(n, d)), rng.normal(size=n), decay)
        for n, d, decay in ((12, 3, 0.5), (30, 5, 0.1), (7, 2, 3.0))
    ]


RIDGE = Exercise(
    number="6.6",
    title="Where weight decay ends",
    task=r"""
A linear model without bias is trained to the end with weight decay $\lambda$
(`weight_decay`). The loss is the library's `mse`, so what is minimised is $\frac1n
\lVert X w - y \rVert^2 + \frac{\lambda}{2} \lVert w \rVert^2$. Return the weights $w$
of shape $(d,)$ at the minimum, for `X` $(n, d)$ and `y` $(n,)$.
""",
    start="""
import numpy as np


def ridge(X, y, weight_decay):
    return ...
""",
    solution=ridge,
    cases=_ridge_cases,
    mistakes=(
        Mistake(
            _ridge(lambda decay, n: decay),
            "The loss is a mean: multiply the equation by n / 2, then lambda comes "
            "with n / 2.",
        ),
        Mistake(
            _ridge(lambda decay, n: decay * n),
            "mse has no 1/2, so its gradient carries a 2: it is lambda n / 2.",
        ),
        Mistake(
            _ridge(lambda decay, n: 0.0),
            "These are the weights without decay.",
        ),
    ),
    hint="Set the gradient to 0: 2/n X.T (X w - y) + lambda w = 0, and solve for w "
    "with np.linalg.solve.",
    rtol=1e-7,
)

# 6.7 --------------------------------------------------------------------------------


def adam_step(w, g, m, s, t, learning_rate):
    m = 0.9 * m + 0.1 * g
    s = 0.999 * s + 0.001 * g**2
    m_hat, s_hat = m / (1 - 0.9**t), s / (1 - 0.999**t)
    return w - learning_rate * m_hat / (np.sqrt(s_hat) + 1e-8), m, s


def _adam(w, g, m, s, t, learning_rate, corrected=True, root=np.sqrt, square=True):
    m = 0.9 * m + 0.1 * g
    s = 0.999 * s + 0.001 * (g**2 if square else np.abs(g))
    m_hat, s_hat = (m / (1 - 0.9**t), s / (1 - 0.999**t)) if corrected else (m, s)
    return w - learning_rate * m_hat / (root(s_hat) + 1e-8), m, s


def _adam_cases():
    rng = np.random.default_rng(3)
    first = (rng.normal(size=4), rng.normal(size=4), np.zeros(4), np.zeros(4), 1, 0.1)
    later = [
        (
            rng.normal(size=3),
            rng.normal(size=3),
            0.1 * rng.normal(size=3),
            0.01 + 0.01 * rng.random(3),
            t,
            0.02,
        )
        for t in (2, 30)
    ]
    return [first, *later]


ADAM = Exercise(
    number="6.7",
    title="A step of Adam",
    task=r"""
Write one step of Adam with $\beta_1 = 0.9$, $\beta_2 = 0.999$ and $\varepsilon =
10^{-8}$. The parameters `w`, their gradient `g` and the averages `m` (of $g$) and `s`
(of $g^2$) are arrays of one shape; `t` is the number of this step, counted from 1.
Return the new `(w, m, s)`: the step is made with the corrected averages, but `m` and
`s` are returned as they are before the correction.
""",
    start="""
import numpy as np


def adam_step(w, g, m, s, t, learning_rate):
    return w, m, s
""",
    solution=adam_step,
    cases=_adam_cases,
    mistakes=(
        Mistake(
            lambda w, g, m, s, t, learning_rate: _adam(
                w, g, m, s, t, learning_rate, corrected=False
            ),
            "The averages begin at 0 and are too small at first: divide them by "
            "1 - beta**t.",
        ),
        Mistake(
            lambda w, g, m, s, t, learning_rate: _adam(
                w, g, m, s, t, learning_rate, root=lambda value: value
            ),
            "Divide by the root of the average square.",
        ),
        Mistake(
            lambda w, g, m, s, t, learning_rate: _adam(
                w, g, m, s, t + 1, learning_rate
            ),
            "t counts from 1 already: in the first step the correction is 1 - beta**1.",
        ),
        Mistake(
            lambda w, g, m, s, t, learning_rate: _adam(
                w, g, m, s, t, learning_rate, square=False
            ),
            "s averages the square of the gradient.",
        ),
    ),
    hint="m = 0.9 m + 0.1 g, s = 0.999 s + 0.001 g**2. Corrected, they are "
    "m_hat = m / (1 - 0.9**t) and s_hat = s / (1 - 0.999**t), and w changes by "
    "-learning_rate * m_hat / (np.sqrt(s_hat) + 1e-8).",
)

# 6.8 --------------------------------------------------------------------------------


def early_stop(val_loss, patience):
    best = 0
    for epoch, value in enumerate(val_loss):
        if value < val_loss[best]:
            best = epoch
        if epoch - best >= patience:
            return epoch + 1, best + 1
    return len(val_loss), best + 1


def _stop(val_loss, patience, against_previous=False, in_a_row=True, shift=1):
    best = waited = 0
    for epoch in range(1, len(val_loss)):
        value = val_loss[epoch]
        better = value < val_loss[epoch - 1 if against_previous else best]
        if value < val_loss[best]:
            best = epoch
        waited = waited + 1 if not better else waited * (not in_a_row)
        if waited >= patience:
            return epoch + shift, best + shift
    return len(val_loss) - 1 + shift, best + shift


STOP = Exercise(
    number="6.8",
    title="When to stop",
    task=r"""
`val_loss` is a list with the validation loss of every epoch that a training would
have. Early stopping ends it after `patience` epochs in a row that were not better
than the best so far. Return two numbers: how many epochs are done, and which epoch
was the best (both counted from 1). If it never stops, all epochs are done.
""",
    start="""
def early_stop(val_loss, patience):
    return epochs_done, best_epoch
""",
    solution=early_stop,
    cases=lambda: [
        ([1.0, 0.8, 0.9, 0.85, 0.83, 0.7, 0.6], 3),
        ([1.0, 0.8, 0.9, 0.7, 0.75, 0.6, 0.65, 0.5, 0.4], 3),
        ([0.9, 0.5, 0.4, 0.3], 2),
        ([1.0, 1.1, 1.2, 0.5], 2),
    ],
    mistakes=(
        Mistake(
            lambda val_loss, patience: _stop(val_loss, patience, against_previous=True),
            "Compare with the best loss so far, not with that of the epoch before.",
        ),
        Mistake(
            lambda val_loss, patience: _stop(val_loss, patience, in_a_row=False),
            "An epoch that is better than the best sets the count back to 0.",
        ),
        Mistake(
            lambda val_loss, patience: _stop(val_loss, patience, shift=0),
            "Epochs are counted from 1 here, a list's places from 0.",
        ),
        Mistake(
            lambda val_loss, patience: (len(val_loss), int(np.argmin(val_loss)) + 1),
            "It does not know the future: once it has stopped, later epochs don't "
            "exist.",
        ),
    ),
    hint="Keep the place of the best loss; stop when the present epoch is patience "
    "behind it.",
)

EXERCISES = (BACKWARD, INITIAL, DEPTH, BATCH_NORM, DROPOUT, RIDGE, ADAM, STOP)

QUIZ = (
    Question(
        text="In the backward pass, layer $l$ has its inputs $A$, of shape "
        "$(n, d_{l-1})$, its weights $W$ and the gradient $G$ of its $Z$, of shape "
        "$(n, d_l)$. Which product goes to the layer below?",
        options=("G @ W.T", "A.T @ G", "W @ G"),
        right=0,
        why="Every input is used by every neuron, weighted by its weight; "
        "A.T @ G is the gradient of the weights.",
    ),
    Question(
        text="A relu network has weights of variance $1/d$ in each layer of width "
        "$d$. What happens to the mean square of $z$ from one layer to the next?",
        options=("It stays.", "It doubles.", "It is halved.", "It falls to 1/16."),
        right=2,
        why="$d \\sigma_w^2 = 1$, and relu keeps half of the mean square; He's $2/d$ "
        "makes up for it.",
    ),
    Question(
        text="Why does the mean square of $z$ in a deep sigmoid network say little "
        "about its health?",
        options=(
            "Because sigmoid has no derivative at 0.",
            "Because most of it is the same for all samples, and what differs between "
            "them is lost.",
            "Because it always grows without bound.",
        ),
        right=1,
        why="The inputs of a layer are all near 1/2, which gives a large common part; "
        "the variance between samples falls more than sixteenfold in each layer.",
    ),
    Question(
        text="The loss of a network for ten classes stays at 2.303 from the first "
        "epoch to the last. What do you look at first?",
        options=(
            "the size of the test part",
            "the dropout mask",
            "the colour of the curve",
            "history.grad_norms, layer by layer",
        ),
        right=3,
        why="2.303 is ln 10, a guess: probably no gradient arrives in the lower "
        "layers.",
    ),
    Question(
        text="All weights in front of a batch normalisation are multiplied by 10. What "
        "happens to the loss and to the gradient of these weights?",
        options=(
            "Both become ten times as large.",
            "The loss stays, and the gradient becomes a tenth.",
            "Nothing happens to either.",
        ),
        right=1,
        why="The normalisation divides the factor out again; the same change of the "
        "output now needs a change of the weights that is ten times as large.",
    ),
    Question(
        text="With dropout of rate 0.2, an activation that is kept becomes",
        options=("0.8 times as large", "1.25 times as large", "5 times as large"),
        right=1,
        why="It is divided by 1 - 0.2, so that the expected value stays.",
    ),
    Question(
        text="Which directions of a linear model's weights does weight decay shrink "
        "most?",
        options=(
            "those in which the data are spread least",
            "those in which the data are spread most",
            "all by the same factor",
        ),
        right=0,
        why="The factor is $s^2 / (s^2 + \\lambda n / 2)$: near 0 where $s$ is small.",
    ),
    Question(
        text="A parameter has the gradient -0.003 in the first step of Adam with "
        "learning rate 0.01. How does it move?",
        options=("by +0.00003", "by -0.01", "by +0.01", "by +0.1"),
        right=2,
        why="The first step is -learning_rate times the sign of the gradient, "
        "whatever its size; 0.1 would be RMSProp's.",
    ),
    Question(
        text="You make the batch four times as large, far below the whole of the "
        "data. What happens to the standard deviation of the gradient?",
        options=("It is halved.", "It falls to a quarter.", "It stays.", "It doubles."),
        right=0,
        why="The variance falls as 1/B, to a quarter, so the standard deviation to a "
        "half.",
    ),
    Question(
        text="The training loss falls to 0.01, the validation loss reached 0.5 in "
        "epoch 8 and is at 0.9 in epoch 40. What is it, and what helps?",
        options=(
            "Underfitting; a larger network.",
            "A learning rate that is too large; warm-up.",
            "A vanishing gradient; He's weights.",
            "Overfitting; early stopping, dropout, weight decay or more data.",
        ),
        right=3,
        why="A low training loss and a validation loss that turns and rises is the "
        "sign of learning by heart.",
    ),
)
