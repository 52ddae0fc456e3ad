"""Chapter 4: logistic regression, computational graphs, backpropagation."""

import numpy as np

import fastnn as fn
from fastnn.graph import Value, leaves

from ..checking import Exercise, Mistake
from . import Question


def _batches():
    """Random (X, y, weights, bias) of several shapes."""
    rng = np.random.default_rng(4)
    for n, d in ((5, 2), (8, 3), (1, 4)):
        X, y = rng.normal(size=(n, d)), rng.integers(0, 2, n).astype(float)
        yield X, y, rng.normal(size=d), float(rng.normal())


# --- 4.1 The loss, safely -------------------------------------------------------------


def log_loss(z, y):
    loss, _ = fn.ops.binary_cross_entropy(z, y)
    return loss


def _naive_loss(z, y):
    with np.errstate(all="ignore"):
        return np.mean(np.log(1 + np.exp(z)) - y * z)


def _losses(z, y):
    return np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))


def _loss_cases():
    return [
        (np.array([0.0, 2.0, -1.0]), np.array([1.0, 0.0, 1.0])),
        (np.array([900.0, -900.0]), np.array([0.0, 0.0])),
        (np.array([3.0, 3.0, -0.5, 40.0]), np.array([1.0, 0.0, 0.0, 1.0])),
    ]


# --- 4.2 The best constant guess ------------------------------------------------------


def best_bias(y):
    blind = fn.LogisticRegression(solver="newton", tol=1e-12)
    blind.fit(np.zeros((len(y), 1)), y)
    return blind.intercept_[0]


def _label_cases():
    return [(np.repeat([0.0, 1.0], counts),) for counts in ((3, 1), (2, 8), (5, 5))]


# --- 4.3 The gradient of a batch ------------------------------------------------------


def gradient(X, y, weights, bias):
    z = fn.ops.dense(X, weights[:, None], np.array([bias]))  # (n, 1)
    _, grad_z = fn.ops.binary_cross_entropy(z, y[:, None])
    return X.T @ grad_z[:, 0], grad_z.sum()


def _gradient_with(grad_z):
    """A gradient from a function of (p, y) for dL/dz."""

    def answer(X, y, weights, bias):
        slope = grad_z(fn.ops.sigmoid(X @ weights + bias), y)
        return X.T @ slope, slope.sum()

    return answer


# --- 4.4 How the loss bends -----------------------------------------------------------


def hessian(X, weights):
    def loss(w):  # the labels have no part in the second derivative
        return fn.graph.binary_cross_entropy(X @ w, np.zeros(len(X)))

    return fn.graph.hessian(loss)(weights)


def _hessian_with(diagonal, share=True):
    def answer(X, weights):
        s = diagonal(fn.ops.sigmoid(X @ weights))
        return X.T @ (X * s[:, None]) / (len(X) if share else 1)

    return answer


def _bend_cases():
    return [(X, weights) for X, _, weights, _ in _batches()]


# --- 4.5 Backward, by your own hand ---------------------------------------------------


def backpropagate(inputs, local_grads):
    grads = [0.0] * len(inputs)
    grads[-1] = 1.0
    for k in reversed(range(len(inputs))):
        for x, local in zip(inputs[k], local_grads[k], strict=True):
            grads[x] += grads[k] * local
    return grads


def _overwrites(inputs, local_grads):
    grads = [0.0] * len(inputs)
    grads[-1] = 1.0
    for k in reversed(range(len(inputs))):
        for x, local in zip(inputs[k], local_grads[k], strict=True):
            grads[x] = grads[k] * local
    return grads


def _goes_forward(inputs, local_grads):
    grads = [0.0] * len(inputs)
    grads[-1] = 1.0
    for k in range(len(inputs)):
        for x, local in zip(inputs[k], local_grads[k], strict=True):
            grads[x] += grads[k] * local
    return grads


def _forgets_above(inputs, local_grads):
    grads = [0.0] * len(inputs)
    grads[-1] = 1.0
    for k in reversed(range(len(inputs))):
        for x, local in zip(inputs[k], local_grads[k], strict=True):
            grads[x] += local
    return grads


def _tape(result):
    """A graph of Values as two lists, inputs before what is computed from them."""
    order = []

    def visit(node):
        if node not in order:
            for x in node.inputs:
                visit(x)
            order.append(node)

    visit(result)
    return (
        [[order.index(x) for x in node.inputs] for node in order],
        [list(node.local_grads) for node in order],
    )


def _tapes():
    w, x, b = Value(0.5), Value(2.0), Value(-0.3)
    z = w * x + b
    twice = Value(1.5)
    return [
        _tape(-z.sigmoid().log()),
        _tape((1 + z.exp()).log() - Value(1.0) * z),
        _tape((twice * twice + twice).tanh() * twice),
    ]


# --- 4.6 A gradient without derivation ------------------------------------------------


def numeric_gradient(f, theta, h):
    slopes = np.zeros_like(theta)
    for k in range(len(theta)):
        step = np.zeros_like(theta)
        step[k] = h
        slopes[k] = (f(theta + step) - f(theta - step)) / (2 * h)
    return slopes


def _one_sided(f, theta, h):
    steps = h * np.eye(len(theta))
    return np.array([(f(theta + step) - f(theta)) / h for step in steps])


def _half_width(f, theta, h):
    return 2 * numeric_gradient(f, theta, h)


def _all_at_once(f, theta, h):
    return np.full(len(theta), (f(theta + h) - f(theta - h)) / (2 * h))


def _cubic(theta):
    return float(np.sum(np.arange(1, len(theta) + 1) * theta**3))


def _logistic(theta):
    return float(np.log1p(np.exp(-theta[0] * 2 + theta[-1])))


def _function_cases():
    return [
        (_cubic, np.array([1.0, -2.0, 0.5]), 0.1),
        (_logistic, np.array([0.3, 1.2]), 0.01),
        (_cubic, np.array([2.0, 1.0]), 0.5),
    ]


# --- 4.7 The largest stable learning rate ---------------------------------------------


def largest_rate(X, weights):
    return 2 / np.linalg.eigvalsh(hessian(X, weights))[-1]


def _rate_cases():
    return [(X, w) for X, w in _bend_cases() if len(X) > X.shape[1]] + [
        (np.array([[10.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.zeros(2))
    ]


def _rate_of_smallest(X, weights):
    return 2 / np.linalg.eigvalsh(hessian(X, weights))[0]


# --- 4.8 Downhill ---------------------------------------------------------------------


def descend(X, y, rate, n_steps):
    net = fn.Network([fn.Dense(X.shape[1], 1, init="zeros")], dtype="float64")
    layer = net.layers[0]
    for _ in range(n_steps):
        loss = net.graph(X, y[:, None], loss="binary_cross_entropy")
        loss.backward()
        slopes = leaves(loss)
        layer.weights -= rate * slopes["0.weights"].grad
        layer.bias -= rate * slopes["0.bias"].grad
    return layer.weights[:, 0], layer.bias[0]


def _descend_with(step):
    def answer(X, y, rate, n_steps):
        weights, bias = np.zeros(X.shape[1]), 0.0
        for _ in range(n_steps):
            weights, bias = step(X, y, rate, weights, bias)
        return weights, bias

    return answer


def _step_uphill(X, y, rate, weights, bias):
    grad_weights, grad_bias = gradient(X, y, weights, bias)
    return weights + rate * grad_weights, bias + rate * grad_bias


def _step_one_after_the_other(X, y, rate, weights, bias):
    weights = weights - rate * gradient(X, y, weights, bias)[0]
    return weights, bias - rate * gradient(X, y, weights, bias)[1]


def _step_of_sums(X, y, rate, weights, bias):
    grad_weights, grad_bias = gradient(X, y, weights, bias)
    n = len(X)
    return weights - rate * n * grad_weights, bias - rate * n * grad_bias


def _descend_cases():
    batches = [batch for batch in _batches() if len(batch[0]) > 1]
    return [
        (X, y, 0.5, n) for (X, y, _, _), n in zip(batches, (2, 10), strict=True)
    ] + [(np.array([[-1.0], [2.0]]), np.array([0.0, 1.0]), 1.0, 5)]


EXERCISES = (
    Exercise(
        number="4.1",
        title="The loss, safely",
        task=r"""
Write the mean log loss from logits `z` and labels `y`, both of shape $(n,)$, labels 0
or 1. It must stay finite for logits such as 900 and $-900$. Return a number.
""",
        start="""
def log_loss(z, y):
    return ...
""",
        solution=log_loss,
        cases=_loss_cases,
        mistakes=(
            Mistake(
                _naive_loss,
                "exp(900) is infinite. Take exp of -|z| only: "
                "max(z, 0) - y z + log1p(exp(-|z|)).",
            ),
            Mistake(
                lambda z, y: _losses(z, y).sum(),
                "This is the sum over the samples; the loss is their mean.",
            ),
            Mistake(
                lambda z, y: _losses(z, 1 - y).mean(),
                "The labels are the wrong way round: a large z must be cheap if y is "
                "1.",
            ),
        ),
        hint="For each sample max(z, 0) - y z + log1p(exp(-|z|)), and then the mean.",
    ),
    Exercise(
        number="4.2",
        title="The best constant guess",
        task=r"""
A model has only a bias $b$, so that every sample gets the probability $\sigma(b)$.
Return the $b$ with the smallest loss for the labels `y`, an array of zeros and ones
with at least one of each.
""",
        start="""
def best_bias(y):
    return ...
""",
        solution=best_bias,
        cases=_label_cases,
        mistakes=(
            Mistake(
                lambda y: np.mean(y),
                "This is the best probability. The bias is its log odds.",
            ),
            Mistake(
                lambda y: np.log(np.mean(y)),
                "Log odds have p above and 1 - p below: log(p / (1 - p)).",
            ),
            Mistake(
                lambda y: np.log((1 - np.mean(y)) / np.mean(y)),
                "The sign is turned: many ones need a positive bias.",
            ),
        ),
        hint="At the minimum the mean of p equals the mean of y; solve sigmoid(b) = "
        "that.",
    ),
    Exercise(
        number="4.3",
        title="The gradient of a batch",
        task=r"""
Return the gradient of the mean log loss by the weights, shape $(d,)$, and by the bias,
a number, as a tuple of both. `X` is $(n, d)$, `y` $(n,)$, `weights` $(d,)$, `bias` a
number.
""",
        start="""
def gradient(X, y, weights, bias):
    return ..., ...
""",
        solution=gradient,
        cases=lambda: list(_batches()),
        mistakes=(
            Mistake(
                _gradient_with(lambda p, y: p - y),
                "The loss is a mean: divide by the number of samples.",
            ),
            Mistake(
                _gradient_with(lambda p, y: (y - p) / len(y)),
                "The sign is turned: the error is prediction minus truth.",
            ),
            Mistake(
                _gradient_with(lambda p, y: (p - y) * p * (1 - p) / len(y)),
                "The factor p (1 - p) cancels in the log loss; with it, learning stops "
                "where the model is most wrong.",
            ),
        ),
        hint="First z, then p, then (p - y) / n; X.T @ that is the gradient by the "
        "weights.",
    ),
    Exercise(
        number="4.4",
        title="How the loss bends",
        task=r"""
Return the Hessian of the mean log loss by the weights, shape $(d, d)$, for `X` $(n, d)$
and `weights` $(d,)$; there is no bias. The labels are not needed: why?
""",
        start="""
def hessian(X, weights):
    return ...
""",
        solution=hessian,
        cases=_bend_cases,
        mistakes=(
            Mistake(
                _hessian_with(np.ones_like),
                "This is X^T X / n, the curvature of squared errors of a straight "
                "line. Each sample counts p (1 - p) here.",
            ),
            Mistake(
                _hessian_with(lambda p: p),
                "The weight of a sample is the slope of the sigmoid, p (1 - p), not p.",
            ),
            Mistake(
                _hessian_with(lambda p: p * (1 - p), share=False),
                "The loss is a mean: divide by the number of samples.",
            ),
        ),
        hint="X^T S X / n, with p (1 - p) on the diagonal of S.",
    ),
    Exercise(
        number="4.5",
        title="Backward, by your own hand",
        task=r"""
A graph is given as two lists, with an entry for each node, inputs before what is
computed from them; the last node is the result. `inputs[k]` is the list of the
positions of node $k$'s inputs (empty for a leaf), `local_grads[k]` the list of the
derivatives of node $k$ by each of them. Return the list of the derivatives of the
result by every node.
""",
        start="""
def backpropagate(inputs, local_grads):
    grads = [0.0] * len(inputs)
    ...
    return grads
""",
        solution=backpropagate,
        cases=_tapes,
        mistakes=(
            Mistake(
                _overwrites,
                "A node that is used twice gets two gradients: add them, with +=.",
            ),
            Mistake(
                _goes_forward,
                "Go from the last node to the first: a node can hand on its gradient "
                "only when it is complete.",
            ),
            Mistake(
                _forgets_above,
                "Each local derivative is multiplied with the gradient of the node "
                "that hands it on.",
            ),
        ),
        hint="The result has the gradient 1. Backward, each node adds its gradient "
        "times the local derivative to each of its inputs.",
    ),
    Exercise(
        number="4.6",
        title="A gradient without derivation",
        task=r"""
Return the gradient of `f` at `theta`, shape $(d,)$, by central differences with the
step `h`. `f` takes an array of that shape and returns a number. Take exactly the given
step.
""",
        start="""
def numeric_gradient(f, theta, h):
    return ...
""",
        solution=numeric_gradient,
        cases=_function_cases,
        mistakes=(
            Mistake(
                _one_sided,
                "This is the one-sided difference, whose error falls with h only. Go h "
                "to both sides.",
            ),
            Mistake(
                _half_width,
                "The two points are 2 h apart: divide by 2 h.",
            ),
            Mistake(
                _all_at_once,
                "All elements move together. Move one at a time, the others stand "
                "still.",
            ),
        ),
        hint="For each k: an array of zeros with h at place k, added and subtracted.",
    ),
    Exercise(
        number="4.7",
        title="The largest stable learning rate",
        task=r"""
A model without bias is near its minimum at `weights` $(d,)$, with the data `X`
$(n, d)$. Return the learning rate above which gradient descent leaves the minimum. No
column of `X` is a combination of others.
""",
        start="""
def largest_rate(X, weights):
    return ...
""",
        solution=largest_rate,
        cases=_rate_cases,
        mistakes=(
            Mistake(
                lambda X, weights: largest_rate(X, weights) / 2,
                "1 / lambda_max is safe, and half of the limit: the factor "
                "|1 - rate lambda| is below 1 up to 2 / lambda_max.",
            ),
            Mistake(
                _rate_of_smallest,
                "The steepest direction breaks first: take the largest eigenvalue.",
            ),
            Mistake(
                lambda X, weights: 2 / np.linalg.eigvalsh(X.T @ X / len(X))[-1],
                "The Hessian has p (1 - p) in it: X^T S X / n.",
            ),
        ),
        hint="2 over the largest eigenvalue of the Hessian. After `import numpy as np`,"
        " np.linalg.eigvalsh gives them all, the smallest first.",
    ),
    Exercise(
        number="4.8",
        title="Downhill",
        task=r"""
Do `n_steps` steps of gradient descent on the mean log loss, with the learning rate
`rate` and all samples in each step, from weights and bias 0. `X` is $(n, d)$, `y`
$(n,)$. Return the weights, shape $(d,)$, and the bias, a number, as a tuple.
""",
        start="""
def descend(X, y, rate, n_steps):
    weights, bias = ..., 0.0
    return weights, bias
""",
        solution=descend,
        cases=_descend_cases,
        mistakes=(
            Mistake(
                _descend_with(_step_uphill),
                "The gradient points uphill: subtract it.",
            ),
            Mistake(
                _descend_with(_step_one_after_the_other),
                "Compute both gradients first, then move both: the bias's gradient was "
                "taken after the weights had moved.",
            ),
            Mistake(
                _descend_with(_step_of_sums),
                "The steps are n times too long: the gradient of a mean has 1/n.",
            ),
        ),
        hint="In each step: z, p, both gradients, and then weights and bias at once.",
    ),
)

QUIZ = (
    Question(
        text="In logistic regression, what is the weighted sum z equal to?",
        options=(
            "the probability of class 1",
            "the logarithm of the probability",
            "the log odds of class 1",
        ),
        right=2,
        why="ln(p / (1 - p)) = z; solved for p it is the sigmoid.",
    ),
    Question(
        text="Why is the logarithm of the likelihood taken?",
        options=(
            "It has its maximum at the same place, is a sum, and does not underflow.",
            "It makes the likelihood a probability.",
            "It makes the maximum lie at smaller weights.",
        ),
        right=0,
        why="The logarithm grows with its argument, so the place of the maximum stays; "
        "products become sums.",
    ),
    Question(
        text="A model gives the probability 0.9 to class 1. The label is 0. What is "
        "the derivative of its log loss by z?",
        options=("-0.1", "0.09", "0.9", "2.3"),
        right=2,
        why="It is p - y = 0.9 - 0. (2.3 is the loss itself, -ln 0.1.)",
    ),
    Question(
        text="X has the shape (100, 7). Which product gives the gradient by the "
        "weights, up to 1/n?",
        options=("X @ (p - y)", "X.T @ (p - y)", "(p - y) @ X.T"),
        right=1,
        why="(7, 100) times (100,) gives (7,), the shape of the weights.",
    ),
    Question(
        text="Why is squared error a poor loss behind a sigmoid?",
        options=(
            "It can become negative.",
            "It cannot be differentiated.",
            "Its gradient is largest for samples that are right already.",
            "Its gradient is nearly 0 for samples that are confidently wrong.",
        ),
        right=3,
        why="The factor p (1 - p) does not cancel, and it vanishes where p is near 0 "
        "or 1.",
    ),
    Question(
        text="A node of a graph is used by three others. What is its gradient?",
        options=(
            "the sum of what the three hand to it",
            "the product of what the three hand to it",
            "the mean of what the three hand to it",
        ),
        right=0,
        why="Derivatives multiply along a path and add over paths.",
    ),
    Question(
        text="A loss has a million parameters. How many backward passes does its "
        "gradient take in reverse mode?",
        options=("a million", "one for each layer", "one for each sample", "one"),
        right=3,
        why="One pass gives the derivatives of one result by all leaves.",
    ),
    Question(
        text="A gradient is checked by central differences in float64. The step is "
        "made a thousand times smaller than the best one. What happens to the "
        "error?",
        options=(
            "It becomes a million times smaller.",
            "It becomes larger, because of rounding.",
            "It stays: the derivative is exact by then.",
        ),
        right=1,
        why="Left of the V's bottom the error is u |f| / h, which grows as h shrinks.",
    ),
    Question(
        text="Near the minimum the curvatures are 0.5 and 8. Above which learning rate "
        "does gradient descent break?",
        options=("0.125", "0.25", "2", "4"),
        right=1,
        why="2 / lambda_max = 2 / 8; the flat direction would allow 4.",
    ),
    Question(
        text="The training samples are separated completely by a straight line, and "
        "there is no penalty. What does gradient descent do?",
        options=(
            "It finds the only minimum.",
            "It makes the weights larger without end, ever more slowly.",
            "It breaks at any learning rate.",
        ),
        right=1,
        why="Every larger weight lowers the loss a little; w grows like the logarithm "
        "of the number of steps.",
    ),
)
