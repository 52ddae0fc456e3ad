"""Chapter 3: repairs, scales, splits, floors."""

import numpy as np

from ...data import inspect
from ..checking import Exercise, Mistake
from . import Question

# --- 3.1 ------------------------------------------------------------------------------


def standardise(train, test):
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    deviation = np.where(deviation > 0, deviation, 1)
    return (train - mean) / deviation, (test - mean) / deviation


def _each_by_itself(train, test):
    return standardise(train, train)[0], standardise(test, test)[0]


def _by_all_rows(train, test):
    both = np.concatenate([train, test])
    return standardise(both, train)[1], standardise(both, test)[1]


def _by_the_variance(train, test):
    mean, variance = train.mean(axis=0), train.var(axis=0)
    variance = np.where(variance > 0, variance, 1)
    return (train - mean) / variance, (test - mean) / variance


def _standardise_cases():
    rng = np.random.default_rng(0)
    size, shift = np.array([1.0, 1000.0, 0.01]), np.array([5.0, 0.0, -3.0])
    cases = [
        (rng.normal(size=(n, 3)) * size + shift, rng.normal(size=(m, 3)) * size)
        for n, m in ((8, 4), (30, 5))
    ]
    constant = np.array([[1.0, 7.0], [2.0, 7.0], [6.0, 7.0]])
    return [*cases, (constant, np.array([[3.0, 7.0], [4.0, 8.0]]))]


# --- 3.2 ------------------------------------------------------------------------------


def repairs(table, target):
    report = inspect(table, target=target)
    columns = {name for finding in report.of("repair") for name in finding.columns}
    return sorted(columns)


def _all_findings(table, target):
    report = inspect(table, target=target)
    return sorted({name for finding in report.findings for name in finding.columns})


def _kinds_of_repair(table, target):
    report = inspect(table, target=target)
    return sorted({finding.kind for finding in report.of("repair")})


def _notes_only(table, target):
    report = inspect(table, target=target)
    return sorted({name for finding in report.of("note") for name in finding.columns})


def _repair_cases():
    cases = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        height, width = rng.normal(20, 3, 120).round(2), rng.normal(8, 1, 120).round(2)
        kind = np.where(height + width > 28, "large", "small")
        price = [f"${1000 * h:,.2f}" for h in height + rng.normal(size=120)]
        width[rng.choice(120, 9, replace=False)] = -999
        table = {"height": height, "width": width, "kind": kind, "land": ["N"] * 120}
        if seed:
            table["price"] = price
        if seed == 2:
            table["height"][:6] = np.nan
        cases.append((table, "kind"))
    return cases


# --- 3.3 ------------------------------------------------------------------------------


def rows_seen(groups, is_test):
    known = np.unique(groups[~is_test])
    return int(np.isin(groups[is_test], known).sum())


def _groups_seen(groups, is_test):
    return len(set(groups[is_test]) & set(groups[~is_test]))


def _training_rows_seen(groups, is_test):
    return rows_seen(groups, ~is_test)


def _every_test_row(groups, is_test):
    return int(is_test.sum())


def _seen_cases():
    one = np.array(["a", "a", "a", "b", "b", "c", "c", "d"])
    two = np.array([3, 3, 5, 5, 5, 5, 7, 7, 9])
    return [
        (one, np.array([1, 1, 0, 0, 0, 1, 1, 0], bool)),
        (two, np.array([0, 0, 1, 1, 1, 0, 0, 0, 1], bool)),
        (two, np.array([1, 1, 0, 0, 0, 0, 1, 0, 1], bool)),
        (two, np.array([0, 1, 1, 0, 0, 0, 0, 0, 0], bool)),
    ]


# --- 3.4 ------------------------------------------------------------------------------


def memoriser_score(n_distinct, copies, n_test):
    n_rows = n_distinct * copies
    alone = 1.0  # the chance that no copy of a test row is left for training
    for j in range(1, copies):
        alone *= (n_test - j) / (n_rows - j)
    return 1 - alone / 2


def _never_guesses_right(n_distinct, copies, n_test):
    return 1 - 2 * (1 - memoriser_score(n_distinct, copies, n_test))


def _with_replacement(n_distinct, copies, n_test):
    return 1 - (n_test / (n_distinct * copies)) ** (copies - 1) / 2


def _itself_among_its_copies(n_distinct, copies, n_test):
    n_rows, alone = n_distinct * copies, 1.0
    for j in range(copies):
        alone *= (n_test - j) / (n_rows - j)
    return 1 - alone / 2


def _memoriser_cases():
    return [(100, 2, 40), (10, 3, 6), (50, 1, 10), (40, 4, 80)]


# --- 3.5 ------------------------------------------------------------------------------


def largest_learning_rate(X):
    hessian = 2 / len(X) * X.T @ X
    return 2 / np.linalg.eigvalsh(hessian)[-1]


def _without_the_mean(X):
    return 2 / np.linalg.eigvalsh(2 * X.T @ X)[-1]


def _of_the_flattest(X):
    return 2 / np.linalg.eigvalsh(2 / len(X) * X.T @ X)[0]


def _half_of_it(X):
    return 1 / np.linalg.eigvalsh(2 / len(X) * X.T @ X)[-1]


def _rate_cases():
    rng = np.random.default_rng(0)
    return [
        (rng.normal(size=(20, 3)),),
        (rng.normal(size=(50, 2)) * [1, 100],),
        (np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 2.0]]),),
    ]


# --- 3.6 ------------------------------------------------------------------------------


def error_floor(X, y):
    group = np.unique(X, axis=0, return_inverse=True)[1].ravel()
    counts = np.zeros((group.max() + 1, y.max() + 1))
    np.add.at(counts, (group, y), 1)
    return 1 - counts.max(axis=1).sum() / len(y)


def _labels_by_row(X, y):
    seen = {}
    for row, label in zip(X.tolist(), y.tolist(), strict=True):
        seen.setdefault(tuple(row), []).append(label)
    return list(seen.values())


def _rows_in_contradiction(X, y):
    groups = _labels_by_row(X, y)
    return sum(len(g) for g in groups if len(set(g)) > 1) / len(y)


def _share_of_groups(X, y):
    groups = _labels_by_row(X, y)
    return sum(len(set(g)) > 1 for g in groups) / len(groups)


def _commonest_of_all(X, y):
    return 1 - np.bincount(y).max() / len(y)


def _floor_cases():
    rng = np.random.default_rng(0)
    one = np.array([[0, 1], [0, 1], [0, 1], [1, 1], [1, 1], [2, 0]])
    return [
        (one, np.array([0, 0, 1, 1, 1, 0])),
        (rng.integers(0, 3, (60, 2)), rng.integers(0, 3, 60)),
        (rng.integers(0, 2, (40, 3)), rng.integers(0, 2, 40)),
    ]


EXERCISES = (
    Exercise(
        number="3.1",
        title="Standardise, without looking at the test rows",
        task=r"""
`train` has the shape $(n, d)$, `test` $(m, d)$. Return both, standardised column by
column with the mean and the deviation **of the training rows**. The deviation is
$\sqrt{\frac1n \sum_i (x_i - \bar x)^2}$; where it is 0, divide by 1 instead.
""",
        start="""
import numpy as np

def standardise(train, test):
    return ..., ...
""",
        solution=standardise,
        cases=_standardise_cases,
        mistakes=(
            Mistake(
                _each_by_itself,
                "The test rows were scaled by their own mean and deviation. Use those "
                "of the training rows for both: the network has learned in that unit.",
            ),
            Mistake(
                _by_all_rows,
                "The mean and the deviation are those of all rows together, so the "
                "test rows had a say in them. Take them from `train` alone.",
            ),
            Mistake(
                _by_the_variance,
                "You divide by the variance. Its root, the deviation, has the unit of "
                "the column.",
            ),
        ),
        hint="train.mean(axis=0) and train.std(axis=0) have the shape (d,).",
    ),
    Exercise(
        number="3.2",
        title="What must be repaired?",
        task=r"""
`table` is a dict of columns, `target` the name of one of them. Ask
`fastnn.data.inspect`, and return a sorted list of the names of all columns that a
finding of severity `"repair"` names, each once.
""",
        start="""
from fastnn.data import inspect

def repairs(table, target):
    report = inspect(table, target=target)
    return ...
""",
        solution=repairs,
        cases=_repair_cases,
        mistakes=(
            Mistake(
                _all_findings,
                "These are the columns of all findings. A note is a fact and no fault: "
                'report.of("repair") gives those that are asked for.',
            ),
            Mistake(
                _kinds_of_repair,
                "These are the kinds of the findings; their columns are in "
                "finding.columns.",
            ),
            Mistake(
                _notes_only,
                "These are the columns of the notes; the severity asked for is "
                '"repair".',
            ),
        ),
        hint='Go through report.of("repair"); finding.columns is a tuple of names.',
    ),
    Exercise(
        number="3.3",
        title="Rows whose group was seen",
        task=r"""
`groups` $(n,)$ names the group of each row (a patient, a bird), `is_test` $(n,)$ is
True for the test rows. Return how many **test rows** belong to a group of which at
least one row is for training. An honest split by group gives 0.
""",
        start="""
import numpy as np

def rows_seen(groups, is_test):
    return ...
""",
        solution=rows_seen,
        cases=_seen_cases,
        mistakes=(
            Mistake(
                _groups_seen,
                "You count groups. The score is a mean over rows, so count the test "
                "rows of these groups.",
            ),
            Mistake(
                _training_rows_seen,
                "You count the training rows; the test rows are asked for.",
            ),
            Mistake(
                _every_test_row,
                "These are all test rows; some of their groups have no training row.",
            ),
        ),
        hint="np.isin(a, b) is True where an element of a occurs in b.",
    ),
    Exercise(
        number="3.4",
        title="The score of a memory",
        task=r"""
A table has `n_distinct` different rows, each of them `copies` times; the label of each
different row is the toss of a coin. `n_test` rows, drawn without replacement, are for
testing. A model remembers every training row and tosses a coin for what it has not
seen. Return its expected accuracy on the test rows.
""",
        start="""
def memoriser_score(n_distinct, copies, n_test):
    return ...
""",
        solution=memoriser_score,
        cases=_memoriser_cases,
        mistakes=(
            Mistake(
                _never_guesses_right,
                "What it has not seen it guesses, and every second guess is right.",
            ),
            Mistake(
                _with_replacement,
                "Nearly: the rows are drawn without replacement, so with every copy "
                "that is in the test part both numbers of the fraction fall by one.",
            ),
            Mistake(
                _itself_among_its_copies,
                "The row that you look at is in the test part for certain; only its "
                "other copies, copies - 1 of them, are left to chance.",
            ),
        ),
        hint="With N rows, the first other copy is in the test part with probability "
        "(n_test - 1) / (N - 1), the next with (n_test - 2) / (N - 2).",
    ),
    Exercise(
        number="3.5",
        title="The largest learning rate",
        task=r"""
For a linear model $\hat y = X w$ and the loss
$L = \frac1n \lVert X w - y \rVert^2$, return the learning rate above which gradient
descent no longer converges. `X` has the shape $(n, d)$.
""",
        start="""
import numpy as np

def largest_learning_rate(X):
    return ...
""",
        solution=largest_learning_rate,
        cases=_rate_cases,
        mistakes=(
            Mistake(
                _without_the_mean,
                "The loss is a mean: the matrix of second derivatives is "
                "2 / n times X.T @ X.",
            ),
            Mistake(
                _of_the_flattest,
                "The steepest direction breaks first: take the largest eigenvalue.",
            ),
            Mistake(
                _half_of_it,
                "That rate is safe, but not the limit: with 1 / lambda the error in "
                "the steepest direction is gone at once. It grows from 2 / lambda on.",
            ),
        ),
        hint="np.linalg.eigvalsh gives the eigenvalues of a symmetric matrix, sorted.",
    ),
    Exercise(
        number="3.6",
        title="The error floor",
        task=r"""
`X` $(n, d)$ holds whole numbers, `y` $(n,)$ the classes 0, 1, 2 ... Some rows of `X`
are equal. Return the smallest share of wrong answers that any function of a row of `X`
can have on these $n$ rows.
""",
        start="""
import numpy as np

def error_floor(X, y):
    return ...
""",
        solution=error_floor,
        cases=_floor_cases,
        mistakes=(
            Mistake(
                _rows_in_contradiction,
                "These are all rows that stand in a contradiction. Of equal rows those "
                "with their commonest label can still be answered rightly.",
            ),
            Mistake(
                _share_of_groups,
                "You count groups of equal rows. Count the rows that must be wrong, "
                "and divide by n.",
            ),
            Mistake(
                _commonest_of_all,
                "This is the error of one answer for all rows. Each different row of X "
                "may have an answer of its own.",
            ),
        ),
        hint="For each different row: all of its rows but those with their commonest "
        "label are wrong. np.unique(X, axis=0, return_inverse=True) numbers them.",
    ),
)

QUIZ = (
    Question(
        text="One cell of a row is NaN. How many of the 32 neurons of the first layer "
        "have a pre-activation that is NaN for this row?",
        options=("one", "none, NaN counts as 0", "all 32"),
        right=2,
        why="Each neuron adds all cells of the row, each times a weight, and a sum "
        "with NaN in it is NaN.",
    ),
    Question(
        text="Why is a column with the words red, green, blue turned into three "
        "columns of 0 and 1, and not into the numbers 0, 1, 2?",
        options=(
            "Three columns take less memory.",
            "The numbers would say that green lies halfway between red and blue.",
            "A network can't multiply by 2.",
            "The words have to be standardised first.",
        ),
        right=1,
        why="A weight multiplies the number, so codes would force equal steps in an "
        "order that the colours don't have.",
    ),
    Question(
        text="A column has the mean 10 and the deviation 2. In 4 % of its cells "
        "somebody wrote -999 for a gap. What does standardising make of it?",
        options=(
            "The true values are squeezed together, close to one number.",
            "Nothing: the gaps are left out.",
            "The true values have the deviation 1, as always.",
        ),
        right=0,
        why="The deviation is now about 198, so what was 2 wide becomes 0.01 wide.",
    ),
    Question(
        text="From which rows does an honest recipe learn its medians, levels and "
        "scales?",
        options=(
            "From all rows: the more the better.",
            "From the test rows, since it is used on them.",
            "From each part's own rows.",
            "From the training rows alone.",
        ),
        right=3,
        why="The test rows stand for rows that do not exist yet, so nothing can have "
        "been learned from them.",
    ),
    Question(
        text="`inspect` says repairable. What does that promise?",
        options=(
            "That a network trained on the table will be accurate.",
            "That its repairs give an array that is right; how much can be learned "
            "from it is another question.",
            "That no person has to look at it any more.",
        ),
        right=1,
        why="The verdict speaks of the array. The ceiling in the report says what can "
        "be learned, and warnings ask a person to look.",
    ),
    Question(
        text="Every row of a table is there twice, and its labels are tosses of a "
        "coin. A fifth of the rows, drawn at random, is for testing. What accuracy "
        "does a network reach on them that remembers all training rows?",
        options=("about 0.5", "about 0.8", "about 0.9", "1.0"),
        right=2,
        why="Four in five test rows have their twin among the training rows, and of "
        "the rest it guesses half.",
    ),
    Question(
        text="Ten X-ray pictures of each of 100 patients. How are they parted, if the "
        "network is for new patients?",
        options=(
            "By patient: all ten pictures of one are in the same part.",
            "At random: 1,000 pictures are enough.",
            "The first five pictures of each for training, the last five for testing.",
        ),
        right=0,
        why="Else it can recognise the patient, which helps with no new one.",
    ),
    Question(
        text="You divide a feature by 10 and leave all else as it is. The curvature of "
        "the mean squared error along its weight becomes",
        options=(
            "10 times as large",
            "a tenth of what it was",
            "a hundredth of what it was",
            "what it was: curvature has no unit",
        ),
        right=2,
        why="The curvature is twice the mean of the feature's square.",
    ),
    Question(
        text="The condition number falls from 250,000 to 20 by standardising. What "
        "does that change?",
        options=(
            "The smallest loss that a linear model can reach.",
            "About how many steps gradient descent takes to get near it.",
            "The number of weights.",
        ),
        right=1,
        why="Scaling a column only changes the unit of its weight; the best loss is "
        "the same, the way there is not.",
    ),
    Question(
        text="The error floor of a training table is 20 %. A network has 8 % wrong on "
        "these same rows. What is to be thought?",
        options=(
            "It is a very good network.",
            "It has overfitted.",
            "The floor is an average, so this happens now and then.",
            "Something is wrong: no function of these columns can be below the floor.",
        ),
        right=3,
        why="Equal rows get equal answers. Somebody counted wrongly, or the network "
        "saw a column that was not counted.",
    ),
)
