"""Chapter 0: the notation."""

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


EXERCISES = (
    Exercise(
        number="0.1",
        title="One layer",
        task=r"""
Write the pre-activation of a layer, $Z = X W + b$, for `X` of shape $(n, d)$, `weights`
$(d, m)$ and `bias` $(m,)$. All three are NumPy arrays.
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
)

QUIZ = (
    Question(
        text="`X` has the shape (100, 4) and a layer has 8 neurons. What shape has "
        "`weights`?",
        options=("(8, 4)", "(4, 8)", "(100, 8)"),
        right=1,
        why="weights is (n_in, n_out): a row for each input, a column for each neuron.",
    ),
)
