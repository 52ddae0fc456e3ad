"""Chapter 2: history in small, and the tools of an honest comparison."""

from math import comb

import numpy as np

from fastnn import neuro

from ..checking import Exercise, Mistake
from . import Question


def fires(X, weights, theta):
    return neuro.McCullochPitts(weights, theta)(X)


def _fires_cases():
    rows = np.array([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)])
    return [
        (rows, np.array([1.0, 1.0, 1.0]), 2.0),
        (rows, np.array([1.0, 1.0, -2.0]), 1.0),
        (rows[:, :2].copy(), np.array([-1.0, -1.0]), 0.0),
    ]


def perceptron_epoch(X, y, weights, bias):
    weights, errors = weights.copy(), 0
    for x, label in zip(X, y, strict=True):
        if label * (x @ weights + bias) <= 0:
            weights += label * x
            bias += label
            errors += 1
    return weights, bias, errors


def _epoch_as(is_error, moves_bias=True, at_once=False):
    """The epoch with another test of an error, or another update."""

    def epoch(X, y, weights, bias):
        w, b, errors = weights.copy(), bias, 0
        for x, label in zip(X, y, strict=True):
            old_w, old_b = (weights, bias) if at_once else (w, b)
            if is_error(label * (x @ old_w + old_b)):
                w = w + label * x
                b = b + label if moves_bias else b
                errors += 1
        return w, b, errors

    return epoch


def _epoch_cases():
    rng = np.random.default_rng(1)
    cases = []
    for n, d in ((8, 2), (12, 3), (20, 2)):
        y = np.where(rng.random(n) < 0.5, -1.0, 1.0)
        X = rng.normal(size=(n, d)) + 0.5 * y[:, None]
        cases.append((X, y, np.zeros(d), 0.0))
    return cases


def labellings(n_points, n_weights):
    return 2 * sum(comb(n_points - 1, k) for k in range(n_weights))


def centroid_layer(X, y):
    centres = np.stack([X[y == label].mean(axis=0) for label in np.unique(y)])
    return centres.T, -0.5 * np.sum(centres**2, axis=1)


def _centroid_cases():
    rng = np.random.default_rng(2)
    cases = []
    for n, d, m in ((12, 2, 3), (20, 5, 4), (9, 3, 3)):
        y = np.arange(n) % m
        cases.append((rng.normal(size=(n, d)) + y[:, None], y))
    return cases


def _centroid_as(scale):
    return lambda X, y: (centroid_layer(X, y)[0], scale * centroid_layer(X, y)[1])


def windows(series, width, ahead):
    n = len(series) - width - ahead + 1
    X = np.stack([series[i : i + width] for i in range(n)])
    return X, series[width + ahead - 1 :]


def _windows_of_the_last_value(series, width, ahead):
    X = windows(series, width, ahead)[0]
    return X, X[:, -1]


def _windows_cases():
    rng = np.random.default_rng(3)
    return [
        (rng.normal(size=n), w, h) for n, w, h in ((12, 3, 2), (20, 5, 4), (9, 2, 3))
    ]


def predictive_value(sensitivity, specificity, prevalence):
    found = sensitivity * prevalence
    false_alarms = (1 - specificity) * (1 - prevalence)
    return found / (found + false_alarms)


def paired(scores, baseline):
    difference = np.asarray(scores) - np.asarray(baseline)
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    return difference.mean(), error


def _paired_by_two_spreads(scores, baseline):
    error = np.sqrt((scores.var(ddof=1) + baseline.var(ddof=1)) / len(scores))
    return scores.mean() - baseline.mean(), error


def _paired_with(ddof, root):
    def error(scores, baseline):
        difference = np.asarray(scores) - np.asarray(baseline)
        spread = difference.std(ddof=ddof)
        return difference.mean(), spread / len(difference) ** (0.5 if root else 0)

    return error


def _paired_cases():
    rng = np.random.default_rng(4)
    cases = []
    for n in (5, 10, 8):
        hard = 0.05 * rng.normal(size=n)  # folds that are hard for both
        cases.append(
            (0.95 + hard + 0.01 * rng.random(n), 0.94 + hard + 0.01 * rng.random(n))
        )
    return cases


def pca_error(train, test, k):
    mean = train.mean(axis=0)
    directions = np.linalg.svd(train - mean, full_matrices=False)[2][:k]
    codes = (test - mean) @ directions.T
    return np.mean((codes @ directions + mean - test) ** 2)


def _pca_around(train_mean, test_mean):
    """The error with other means taken away from the train and the test rows."""

    def error(train, test, k):
        around = test_mean(test)
        V = np.linalg.svd(train - train_mean(train), full_matrices=False)[2][:k]
        return np.mean(((test - around) @ V.T @ V + around - test) ** 2)

    return error


def _pca_cases():
    rng = np.random.default_rng(5)
    mix = rng.normal(size=(6, 6))
    cases = []
    for n, k in ((30, 1), (40, 2), (25, 3)):
        X = rng.normal(size=(n + 15, 6)) @ mix + 3.0
        cases.append((X[:n], X[n:], k))
    return cases


EXERCISES = (
    Exercise(
        number="2.1",
        title="The neuron of 1943",
        task=r"""
Write McCulloch and Pitts' unit $y = [\sum_j w_j x_j \ge \theta]$.
`X` $(n, d)$ holds zeros and ones, a row for each input; `weights` is $(d,)$; `theta` is
a number. Return an array $(n,)$ of zeros and ones.
""",
        start="""
def fires(X, weights, theta):
    return ...
""",
        solution=fires,
        cases=_fires_cases,
        mistakes=(
            Mistake(
                lambda X, weights, theta: (X @ weights > theta).astype(int),
                "A sum that equals the threshold is enough: the unit fires at >=.",
            ),
            Mistake(
                lambda X, weights, theta: (X @ weights + theta >= 0).astype(int),
                "The threshold is what the sum must reach, so it is taken away, "
                "not added.",
            ),
            Mistake(
                lambda X, weights, theta: X @ weights,
                "That is the sum. The unit answers 0 or 1: compare with theta.",
            ),
        ),
        hint="X @ weights is the sum for every row; compare it with theta.",
    ),
    Exercise(
        number="2.2",
        title="An epoch of the perceptron",
        task=r"""
Go once through the rows of `X` $(n, d)$, in order. `y` $(n,)$ holds $-1$ and $+1$.
A row is an error if $y_i (x_i \cdot w + b) \le 0$ with the weights *as they are at that
moment*; then $w \leftarrow w + y_i x_i$ and $b \leftarrow b + y_i$.
Return `(weights, bias, errors)`, where `errors` counts the updates.
""",
        start="""
def perceptron_epoch(X, y, weights, bias):
    return weights, bias, 0
""",
        solution=perceptron_epoch,
        cases=_epoch_cases,
        mistakes=(
            Mistake(
                _epoch_as(lambda margin: margin < 0),
                "With weights of 0 the margin is 0 and nothing would ever be learned: "
                "0 is an error too.",
            ),
            Mistake(
                _epoch_as(lambda margin: margin <= 0, moves_bias=False),
                "The bias moves too: it is the weight of an input that is always 1.",
            ),
            Mistake(
                _epoch_as(lambda margin: margin <= 0, at_once=True),
                "Judge each row by the weights as the rows before it have left them, "
                "not by those from the beginning of the epoch.",
            ),
        ),
        hint="A loop over the rows, with an `if` in it and three updates below the if.",
    ),
    Exercise(
        number="2.3",
        title="How many labellings",
        task=r"""
In how many of the $2^n$ ways can $n$ points in general position be labelled so that one
threshold unit with $d$ weights (the bias counts as one) separates them?
Return Cover's number, $2 \sum_{k=0}^{d-1} \binom{n-1}{k}$, for `n_points` and
`n_weights`. `math.comb` gives the binomial.
""",
        start="""
from math import comb


def labellings(n_points, n_weights):
    return ...
""",
        solution=labellings,
        cases=lambda: [(4, 3), (8, 3), (20, 10), (5, 9)],
        mistakes=(
            Mistake(
                lambda n_points, n_weights: (
                    2 * sum(comb(n_points - 1, k) for k in range(n_weights + 1))
                ),
                "The sum ends at d - 1, and range(d) ends there already.",
            ),
            Mistake(
                lambda n_points, n_weights: sum(
                    comb(n_points - 1, k) for k in range(n_weights)
                ),
                "The factor 2 is missing: with every labelling its opposite is there.",
            ),
            Mistake(
                lambda n_points, n_weights: (
                    2 * sum(comb(n_points, k) for k in range(n_weights))
                ),
                "The binomials are those of n - 1: the first point is the 2 in front.",
            ),
        ),
        hint="For 4 points in a plane, 3 weights: 2 (1 + 3 + 3) = 14.",
    ),
    Exercise(
        number="2.4",
        title="The nearest centroid is a layer",
        task=r"""
Give the layer that finds the nearest centroid: `weights` $(d, m)$ with the mean of
class $j$ in column $j$, and `bias` $(m,)$ with $b_j = -\frac12 \lVert c_j \rVert^2$,
for `X` $(n, d)$ and classes `y` $(n,)$, 0 to $m - 1$. Return `(weights, bias)`.
""",
        start="""
def centroid_layer(X, y):
    return ..., ...
""",
        solution=centroid_layer,
        cases=_centroid_cases,
        mistakes=(
            Mistake(
                lambda X, y: (centroid_layer(X, y)[0].T, centroid_layer(X, y)[1]),
                "The weights are (d, m): a column for each class, not a row.",
            ),
            Mistake(
                _centroid_as(-1.0),
                "The sign of the bias: a long centroid would win everywhere.",
            ),
            Mistake(
                _centroid_as(2.0),
                "The half is missing. The distance has -2 x.c + |c|^2; divided by -2 "
                "it is x.c - |c|^2 / 2.",
            ),
        ),
        hint="Stack the means of the classes to (m, d); the weights are the transpose.",
    ),
    Exercise(
        number="2.5",
        title="A series turned into windows",
        task=r"""
Cut a `series` $(n,)$ into windows: row $i$ of `X` holds `width` values from place $i$
on, and `y[i]` is the value that comes `ahead` steps after the window's last one
(`ahead=1`: the next one). Return `(X, y)` with as many rows as there are.
""",
        start="""
import numpy as np


def windows(series, width, ahead):
    return ..., ...
""",
        solution=windows,
        cases=_windows_cases,
        mistakes=(
            Mistake(
                _windows_of_the_last_value,
                "The target lies inside the window: the network could copy it. That "
                "is a leak.",
            ),
            Mistake(
                lambda series, width, ahead: windows(series, width, ahead + 1),
                "One step too late: ahead=1 is the value right after the window.",
            ),
            Mistake(
                lambda series, width, ahead: windows(series, width, 1),
                "Your targets are always the next value: `ahead` is not used.",
            ),
        ),
        hint="There are n - width - ahead + 1 rows; y[0] is series[width + ahead - 1].",
    ),
    Exercise(
        number="2.6",
        title="What a positive test means",
        task=r"""
A test finds the share `sensitivity` of the sick and clears the share `specificity` of
the healthy. The share `prevalence` of those tested is sick. Return the probability that
somebody with a positive test is sick.
""",
        start="""
def predictive_value(sensitivity, specificity, prevalence):
    return ...
""",
        solution=predictive_value,
        cases=lambda: [(0.95, 0.98, 0.37), (0.95, 0.98, 0.01), (0.8, 0.9, 0.001)],
        mistakes=(
            Mistake(
                lambda sensitivity, specificity, prevalence: sensitivity,
                "That is P(positive | sick). Asked for is P(sick | positive).",
            ),
            Mistake(
                lambda sensitivity, specificity, prevalence: (
                    sensitivity / (sensitivity + 1 - specificity)
                ),
                "That holds if half of all people are sick: use the prevalence.",
            ),
            Mistake(
                lambda sensitivity, specificity, prevalence: (
                    sensitivity
                    * prevalence
                    / (sensitivity * prevalence + specificity * (1 - prevalence))
                ),
                "False alarms come from the healthy who are *not* cleared: "
                "1 - specificity of them.",
            ),
        ),
        hint="Of 1,000 people: how many are sick and found, how many are healthy and "
        "alarmed?",
    ),
    Exercise(
        number="2.7",
        title="A difference, and how sure it is",
        task=r"""
`scores` and `baseline`, both $(k,)$, are the scores of two models on the same $k$
folds.
Return the mean of the differences `scores - baseline` and its standard error: the
standard deviation of the differences (with $k - 1$) divided by $\sqrt k$.
""",
        start="""
import numpy as np


def paired(scores, baseline):
    return ..., ...
""",
        solution=paired,
        cases=_paired_cases,
        mistakes=(
            Mistake(
                _paired_by_two_spreads,
                "You treat the folds of the two as unrelated. A fold that is hard for "
                "both cancels in the difference: take differences first.",
            ),
            Mistake(
                _paired_with(ddof=1, root=False),
                "That is the spread of one difference; a mean of k is surer by "
                "the root of k.",
            ),
            Mistake(
                _paired_with(ddof=0, root=True),
                "Divide by k - 1, not by k, in the deviation: ddof=1.",
            ),
        ),
        hint="Subtract first; then one mean and one deviation of the differences.",
    ),
    Exercise(
        number="2.8",
        title="The error of a compression",
        task=r"""
Compress `test` by the `k` principal directions of `train`, and return the mean squared
error of what comes back, a mean over all entries. The mean and the directions come from
`train` alone: the rows of $V^\top$ in `numpy.linalg.svd(train - mean)`, the first $k$.
""",
        start="""
import numpy as np


def pca_error(train, test, k):
    return ...
""",
        solution=pca_error,
        cases=_pca_cases,
        mistakes=(
            Mistake(
                lambda train, test, k: pca_error(test, test, k),
                "You learned the directions from the test rows: that is a leak.",
            ),
            Mistake(
                _pca_around(lambda X: X.mean(axis=0), lambda X: X.mean(axis=0)),
                "The mean is learned too: take it from train, for all rows.",
            ),
            Mistake(
                _pca_around(lambda X: 0.0, lambda X: 0.0),
                "Take the mean of train away first, and add it again at the end.",
            ),
        ),
        hint="Four lines: mean, directions, codes, and what comes back.",
        rtol=1e-5,
    ),
)

QUIZ = (
    Question(
        text="What can a single McCulloch-Pitts unit with two inputs not compute?",
        options=("AND", "NOR", "exclusive or", "x1 and not x2"),
        right=2,
        why="Four inequalities contradict each other: XOR and its opposite are the two "
        "of 16 functions that no line separates.",
    ),
    Question(
        text="Two classes can be separated with a wide margin. What does Novikoff's "
        "theorem promise?",
        options=(
            "The perceptron makes few errors before it stops",
            "The perceptron finds the line with the widest margin",
            "The perceptron is right on new samples",
        ),
        right=0,
        why="The number of updates is at most (R / gamma)^2. Which separating line it "
        "finds, and how that does on new samples, is not said.",
    ),
    Question(
        text="A unit with d weights fits all labels of 1.5 d random samples. What does "
        "that show?",
        options=(
            "The labels follow a rule",
            "The samples are correlated",
            "The unit will do well on new samples",
            "Hardly anything: it can do so for most random labels",
        ),
        right=3,
        why="Below 2 d samples more than half of all labellings can be fitted, rule or "
        "no rule. Only samples that were held out tell.",
    ),
    Question(
        text="Minsky and Papert (1969) proved limits. Of what?",
        options=(
            "Of all networks, with any number of layers",
            "Of perceptrons with one layer of adjustable weights",
            "Of backpropagation",
        ),
        right=1,
        why="One trained layer. That more layers could compute XOR was known; how to "
        "train them was not.",
    ),
    Question(
        text="What does backpropagation give, for the price of a few forward passes?",
        options=(
            "The best weights",
            "The derivative of the loss for every weight",
            "A loss without local minima",
        ),
        right=1,
        why="It is the chain rule in an order that shares work. What is done with the "
        "gradient is the optimizer's affair.",
    ),
    Question(
        text="Why are the scores in attention divided by the root of d?",
        options=(
            "So that their spread is 1, whatever d is",
            "So that they sum to 1",
            "To make the product of matrices faster",
        ),
        right=0,
        why="A dot product of d independent entries of variance 1 has variance d. "
        "Without the division softmax would be nearly one-hot, with hardly a gradient.",
    ),
    Question(
        text="All pixels of all digits are put in another order, the same for every "
        "image. What happens to a network of Dense layers?",
        options=(
            "It fails: the images are scrambled",
            "It learns, but needs more layers",
            "Nothing: permuted weights give the same outputs",
        ),
        right=2,
        why="A Dense layer has no notion of which inputs are neighbours. Convolutions "
        "have, and that is their advantage.",
    ),
    Question(
        text="A test has 97 % sensitivity and 98 % specificity. One in a hundred who "
        "are tested is sick. A test is positive. How likely is the person sick?",
        options=("About 97 %", "About 75 %", "About 33 %", "About 1 %"),
        right=2,
        why="Of 10,000 people 97 are found and 198 healthy ones are alarmed: "
        "97 / 295 is a third.",
    ),
    Question(
        text="A linear autoencoder with k units in the middle is trained to the end. "
        "How does it compare with PCA of k components?",
        options=(
            "It reaches the same error, never a smaller one",
            "It is better, because it was trained",
            "It is better only for images",
        ),
        right=0,
        why="Both are the best approximation of rank k; Eckart and Young (1936) say "
        "how small its error can be. Only nonlinear layers can go below.",
    ),
    Question(
        text="50 patients, ten features, a noisy value to predict. Which is the first "
        "model to try?",
        options=(
            "A network of five hidden layers",
            "A linear model with a penalty",
            "The largest network that fits into memory",
        ),
        right=1,
        why="What a flexible model could find beyond a line is drowned in noise here, "
        "and its flexibility costs error. Begin with the baseline.",
    ),
)
