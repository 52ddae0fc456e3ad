"""Chapter 7: how it gets fast."""

import math

import numpy as np

from ..checking import Exercise, Mistake
from . import Question

# 7.1 --------------------------------------------------------------------------------


def intensity(m, n, k, itemsize):
    return 2 * m * n * k / (itemsize * (m * k + k * n + m * n))


INTENSITY = Exercise(
    number="7.1",
    title="Arithmetic intensity",
    task=r"""
A product of matrices $(m, k)$ and $(k, n)$ reads both and writes the result, each
number once, and a number has `itemsize` bytes. Return the arithmetic intensity:
operations for each byte that is moved.
""",
    start="""
def intensity(m, n, k, itemsize):
    return ...
""",
    solution=intensity,
    cases=lambda: [(64, 64, 64, 4), (1, 4096, 1024, 8), (32, 10, 784, 4)],
    mistakes=(
        Mistake(
            lambda m, n, k, itemsize: intensity(m, n, k, itemsize) / 2,
            "A multiplication and an addition are two operations: 2 m n k.",
        ),
        Mistake(
            lambda m, n, k, itemsize: 2 * m * n * k / (m * k + k * n + m * n),
            "This is for each number. A number has itemsize bytes.",
        ),
        Mistake(
            lambda m, n, k, itemsize: 2 * m * n * k / (itemsize * (m * k + k * n)),
            "The result is moved too: m n numbers are written.",
        ),
    ),
    hint="Operations: 2 m n k. Bytes: itemsize times the numbers of three matrices.",
)

# 7.2 --------------------------------------------------------------------------------


def fetches(lines, capacity):
    cache, n_fetches = [], 0  # the oldest use first
    for line in lines:
        if line in cache:
            cache.remove(line)
        else:
            n_fetches += 1
        cache.append(line)
        if len(cache) > capacity:
            cache.pop(0)
    return n_fetches


def _first_in_first_out(lines, capacity):
    cache, n_fetches = [], 0
    for line in lines:
        if line not in cache:
            n_fetches += 1
            cache = [*cache, line][-capacity:]
    return n_fetches


def _walks():
    rng = np.random.default_rng(0)
    return [
        ([0, 1, 0, 2, 0, 3, 0, 1, 0, 2], 2),
        ([*range(5)] * 4, 4),
        (rng.integers(0, 12, size=300).tolist(), 6),
    ]


FETCHES = Exercise(
    number="7.2",
    title="A cache",
    task=r"""
`lines` is a list of numbers of memory lines, in the order in which a program uses
them. A cache holds `capacity` lines and is empty at the start. If a line is wanted that
is not there, it is fetched; if the cache is full, the line that was **not used for the
longest time** leaves. Return how many fetches there are. (The chapter has a program for
it: write your own, with a list, without looking.)
""",
    start="""
def fetches(lines, capacity):
    cache = []
    ...
""",
    solution=fetches,
    cases=_walks,
    mistakes=(
        Mistake(
            _first_in_first_out,
            "A line that is used again becomes the youngest, also if it was in the "
            "cache.",
        ),
        Mistake(
            lambda lines, capacity: len(set(lines)),
            "This cache never drops a line: it holds only `capacity` of them.",
        ),
        Mistake(
            lambda lines, capacity: sum(
                line not in lines[max(0, i - capacity) : i]
                for i, line in enumerate(lines)
            ),
            "The last `capacity` uses may be of fewer lines than `capacity`: count "
            "different lines.",
        ),
    ),
    hint="Keep a list, oldest use first. On each use: remove the line if it is there, "
    "count if it is not, append it, and drop the first if there are too many.",
)

# 7.3 --------------------------------------------------------------------------------


def call_cost(operations, seconds):
    slope, t0 = np.polyfit(operations, seconds, 1)
    return t0, 1 / slope


def _through_zero(operations, seconds):
    slope = np.sum(operations * seconds) / np.sum(operations**2)
    return 0.0, 1 / slope


def _timings():
    rng = np.random.default_rng(0)
    cases = []
    for t0, peak in ((4e-7, 8e10), (2e-6, 5e10), (1e-7, 2e9)):
        operations = 2.0 * np.array([1, 4, 8, 16, 24, 32]) ** 3
        noise = 1 + 0.01 * rng.normal(size=6)
        cases.append((operations, (t0 + operations / peak) * noise))
    return cases


CALL_COST = Exercise(
    number="7.3",
    title="The cost of a call",
    task=r"""
`operations` and `seconds`, both of shape $(n,)$, say of $n$ calls how many operations
$F$ each did and how many seconds $t$ it took. Fit the line $t = t_0 + F / P$ to them by
least squares (`np.polyfit` does that), and return the pair $(t_0, P)$: the cost of a
call in seconds, and the speed in operations per second.
""",
    start="""
import numpy as np


def call_cost(operations, seconds):
    return ..., ...
""",
    solution=call_cost,
    cases=_timings,
    mistakes=(
        Mistake(
            lambda operations, seconds: tuple(np.polyfit(operations, seconds, 1)[::-1]),
            "The slope of the line is 1 / P, the seconds of one operation.",
        ),
        Mistake(
            lambda operations, seconds: call_cost(operations, seconds)[::-1],
            "The order is asked for as (t0, P); np.polyfit gives the slope first.",
        ),
        Mistake(
            _through_zero,
            "This line goes through zero; a call that does nothing takes t0 all the "
            "same.",
        ),
    ),
    hint="np.polyfit(operations, seconds, 1) returns the slope and the intercept.",
    atol=1e-15,
)

# 7.4 --------------------------------------------------------------------------------


def my_exp(x):
    n = np.rint(x / np.log(2))
    r = x - n * np.log(2)
    e_r = np.zeros_like(r)
    for i in range(11, -1, -1):  # the bound for D = 11 is 9e-15
        e_r = e_r * r + 1 / math.factorial(i)
    return np.ldexp(e_r, n.astype(int))


def _taylor(x, degree):
    return sum(x**i / math.factorial(i) for i in range(degree + 1))


def _rest(x):
    return x - np.rint(x / np.log(2)) * np.log(2)


EXP = Exercise(
    number="7.4",
    title="An exponential of your own",
    task=r"""
Compute $e^x$ for an array `x` of float64, $|x| \le 50$, without `np.exp` or any other
function that knows exponentials. Reduce $x = n \ln 2 + r$, use a polynomial for $e^r$,
and multiply by $2^n$ with `np.ldexp(p, n)`, where `n` must be of a whole-number type.
The relative error may be $10^{-12}$; choose the degree $D$ from the bound
$\sqrt2\, (\frac12 \ln 2)^{D+1} / (D+1)!$
""",
    start="""
import math
import numpy as np


def my_exp(x):
    n = ...
    return ...
""",
    solution=my_exp,
    cases=lambda: [
        (np.linspace(-50, 50, 41),),
        (np.array([0.0, 1.0, -1.0, 0.3465]),),
        (np.random.default_rng(0).uniform(-30, 30, size=100),),
    ],
    mistakes=(
        Mistake(
            lambda x: _taylor(x, 14),
            "A polynomial alone works near 0: reduce x to r first.",
        ),
        Mistake(
            lambda x: _taylor(_rest(x), 14),
            "This is e^r. The factor 2^n is missing: np.ldexp(p, n.astype(int)).",
        ),
        Mistake(
            lambda x: np.ldexp(
                _taylor(_rest(x), 5), np.rint(x / np.log(2)).astype(int)
            ),
            "The degree is too low: put D = 5, 8, 10 into the bound.",
        ),
    ),
    hint="n = np.rint(x / np.log(2)), r = x - n * np.log(2), then Horner's scheme.",
    rtol=1e-12,
    atol=0.0,
)

# 7.5 --------------------------------------------------------------------------------


def kahan_sum(x):
    total, lost = 0.0, 0.0
    for value in x:
        wanted = value - lost
        new = total + wanted
        lost = (new - total) - wanted
        total = new
    return total


def _wrong_sign(x):
    total, lost = 0.0, 0.0
    for value in x:
        wanted = value + lost
        new = total + wanted
        lost = (new - total) - wanted
        total = new
    return total


def _value_for_wanted(x):
    total, lost = 0.0, 0.0
    for value in x:
        new = total + (value - lost)
        lost = (new - total) - value
        total = new
    return total


def _plain_sum(x):
    total = 0.0
    for value in x:
        total = total + value
    return total


def _long_sums():
    rng = np.random.default_rng(0)
    return [
        (rng.random(20_000).tolist(),),
        ([1.0] + [1e-16] * 10_000,),
        ((rng.random(20_000) ** 8).tolist(),),
    ]


KAHAN = Exercise(
    number="7.5",
    title="Kahan's sum",
    task=r"""
When `value` is added to a large `total`, its last digits are lost. How much was lost
can be computed: `(new - total)` is what really arrived. Kahan's sum keeps the loss in a
variable, and takes it from the next value before that is added:

- `wanted = value - lost`,
- `new = total + wanted`,
- `lost` = what arrived minus what was wanted,
- `total = new`.

Return the sum of the list `x` in this way. (Python's own `sum` does something like it
from version 3.12 on, `math.fsum` more: write the loop.)
""",
    start="""
def kahan_sum(x):
    total, lost = 0.0, 0.0
    for value in x:
        ...
    return total
""",
    solution=kahan_sum,
    cases=_long_sums,
    mistakes=(
        Mistake(
            _plain_sum,
            "This is the plain sum: use what each addition has lost.",
        ),
        Mistake(
            _wrong_sign,
            "The sign: if more arrived than was wanted, the next value is less.",
        ),
        Mistake(
            _value_for_wanted,
            "Subtract `wanted`, not `value`: it was `wanted` that should have arrived.",
        ),
    ),
    hint="lost = (new - total) - wanted, with the brackets: they are the whole trick.",
    rtol=4e-16,
    atol=0.0,
)

# 7.6 --------------------------------------------------------------------------------


def sum_bound(x):
    ku = (len(x) - 1) * np.finfo(x.dtype).eps / 2
    return ku / (1 - ku) * float(np.sum(np.abs(x), dtype=np.float64))


def _bound_of(k, u, size):
    return k * u / (1 - k * u) * float(size)


SUM_BOUND = Exercise(
    number="7.6",
    title="The bound of a sum",
    task=r"""
Return the bound $\gamma_{k-1} \sum_p |x_p|$ for the error of adding up the array `x` of
shape $(k,)$ one by one in its own precision; $\gamma_j = j u / (1 - j u)$. The unit
roundoff $u$ is half of `np.finfo(x.dtype).eps`. Add the absolute values in float64.
""",
    start="""
import numpy as np


def sum_bound(x):
    u = np.finfo(x.dtype).eps / 2
    return ...
""",
    solution=sum_bound,
    cases=lambda: [
        (np.random.default_rng(0).normal(size=60).astype(np.float16),),
        (np.random.default_rng(1).normal(size=500).astype(np.float32),),
        (np.array([1.0, -1.0, 2.0]),),
    ],
    mistakes=(
        Mistake(
            lambda x: _bound_of(
                len(x) - 1, float(np.finfo(x.dtype).eps), np.abs(x).sum(dtype=float)
            ),
            "u is half of eps: rounding goes to the nearest number.",
        ),
        Mistake(
            lambda x: _bound_of(
                len(x) - 1, float(np.finfo(x.dtype).eps) / 2, abs(x.sum(dtype=float))
            ),
            "Sum the absolute values: numbers that cancel were rounded all the same.",
        ),
        Mistake(
            lambda x: _bound_of(
                len(x), float(np.finfo(x.dtype).eps) / 2, np.abs(x).sum(dtype=float)
            ),
            "k numbers need k - 1 additions: the first one, 0 + x, is exact.",
        ),
    ),
    hint="With j = len(x) - 1, j * u / (1 - j * u) times "
    "np.sum(np.abs(x), dtype=float).",
    atol=0.0,
)

# 7.7 --------------------------------------------------------------------------------


def log_sum_exp(z):
    top = z.max(axis=1)
    return top + np.log(np.exp(z - top[:, None]).sum(axis=1))


def _without_shift(z):
    with np.errstate(over="ignore", divide="ignore"):
        return np.log(np.exp(z).sum(axis=1))


def _one_top_for_all(z):
    with np.errstate(divide="ignore"):
        return z.max() + np.log(np.exp(z - z.max()).sum(axis=1))


LOG_SUM_EXP = Exercise(
    number="7.7",
    title="Log-sum-exp",
    task=r"""
`z` of shape $(n, m)$ holds logits, which may be 1000 or -1000. Return
$\ln \sum_j e^{z_{ij}}$ for each row $i$, of shape $(n,)$, without overflow.
""",
    start="""
import numpy as np


def log_sum_exp(z):
    return ...
""",
    solution=log_sum_exp,
    cases=lambda: [
        (np.array([[1000.0, 999.0], [-1000.0, -1001.0]]),),
        (np.random.default_rng(0).normal(size=(4, 3)),),
        (np.array([[0.0, 0.0, 0.0, 0.0], [710.0, 0.0, -710.0, 710.0]]),),
    ],
    mistakes=(
        Mistake(
            _without_shift,
            "e^1000 is infinite: take the largest logit of the row away first.",
        ),
        Mistake(
            lambda z: log_sum_exp(z) - z.max(axis=1),
            "What was taken away must be added again, outside the logarithm.",
        ),
        Mistake(
            _one_top_for_all,
            "Each row has a largest logit of its own: z.max(axis=1).",
        ),
    ),
    hint="top = z.max(axis=1) has the shape (n,). In z - top[:, None] the largest "
    "entry of each row is 0, so nothing overflows. Add top again to the logarithm.",
)

# 7.8 --------------------------------------------------------------------------------


def small_root(p, q):
    return q / (p + math.sqrt(p * p - q))


SMALL_ROOT = Exercise(
    number="7.8",
    title="A root that loses its digits",
    task=r"""
The equation $x^2 - 2 p x + q = 0$ with $p > 0$ and $0 < q < p^2$ has the roots
$p \pm \sqrt{p^2 - q}$. For small $q$ the smaller one is a difference of two nearly
equal numbers. Return the smaller root with a relative error of at most $10^{-13}$.
(The product of the two roots is $q$.)
""",
    start="""
import math


def small_root(p, q):
    return p - math.sqrt(p * p - q)
""",
    solution=small_root,
    cases=lambda: [(1.0, 1e-10), (1e6, 1.0), (3.0, 5.0)],
    mistakes=(
        Mistake(
            lambda p, q: p - math.sqrt(p * p - q),
            "The digits cancel. Compute the larger root, and get the smaller from it.",
        ),
        Mistake(
            lambda p, q: p + math.sqrt(p * p - q),
            "This is the larger root, which is safe; the smaller is q divided by it.",
        ),
        Mistake(
            lambda p, q: q / (2 * p),
            "This is an approximation for tiny q; divide by the larger root itself.",
        ),
    ),
    hint="Nothing cancels in p + math.sqrt(p * p - q); the product of the roots is q.",
    rtol=1e-13,
    atol=0.0,
)

EXERCISES = (
    INTENSITY,
    FETCHES,
    CALL_COST,
    EXP,
    KAHAN,
    SUM_BOUND,
    LOG_SUM_EXP,
    SMALL_ROOT,
)

QUIZ = (
    Question(
        text="How many operations has the product of matrices (10, 20) and (20, 30)?",
        options=("6,000", "12,000", "1,600", "600"),
        right=1,
        why="10 times 30 results, each of 20 multiplications and 20 additions.",
    ),
    Question(
        text="Why is the order i p j faster than i j p, with as many operations?",
        options=(
            "It needs fewer multiplications.",
            "It rounds less often.",
            "It walks along the rows, so each line that is fetched is used whole.",
        ),
        right=2,
        why="Neighbours in a row share a line of memory. The operations are the same.",
    ),
    Question(
        text="A program does 1 operation for each byte. The machine: 20 GB/s, 100 "
        "GFLOP/s. How fast can it be at most?",
        options=("20 GFLOP/s", "100 GFLOP/s", "120 GFLOP/s", "5 GFLOP/s"),
        right=0,
        why="The roof is min(100, 20 times 1): it waits for memory.",
    ),
    Question(
        text="A wide layer, m rows, float32. How does its intensity grow with m, as "
        "long as m is small?",
        options=(
            "It does not depend on m.",
            "As m / 2: each weight that is read is used for m rows.",
            "As m squared.",
        ),
        right=1,
        why="2 m d² operations on 4 d² bytes of weights.",
    ),
    Question(
        text="A product of 4 x 4 matrices runs at a hundredth of the peak. What helps?",
        options=(
            "More threads",
            "Blocks that fit into the cache",
            "float32 instead of float64",
            "To put more work into one call",
        ),
        right=3,
        why="Its time is the cost of the call, whatever is computed inside.",
    ),
    Question(
        text="Why is the argument of an exponential reduced to |r| below 0.35?",
        options=(
            "So that a polynomial of low degree is enough",
            "So that the result is positive",
            "So that it can be looked up in a table of all numbers",
        ),
        right=0,
        why="The remainder goes with the power D + 1 of |r|, and 2ⁿ costs nothing.",
    ),
    Question(
        text="Why does fastnn give the same bits with any number of threads?",
        options=(
            "It rounds to fewer digits at the end.",
            "All sums are done by the first thread.",
            "Threads share out the results, and no sum is ever split.",
        ),
        right=2,
        why="Each sum is added by one thread, in the same order as always.",
    ),
    Question(
        text="What is 16,777,216 + 1 in float32?",
        options=("16,777,217", "16,777,216", "16,777,218", "infinity"),
        right=1,
        why="From 2²⁴ on, neighbours are 2 apart; the tie is rounded back to 2²⁴.",
    ),
    Question(
        text="A sum of 10,000 positive numbers becomes one of 1,000,000. By what "
        "factor does its typical relative error grow, added one by one?",
        options=("100", "2", "10", "10,000"),
        right=2,
        why="The bound grows as k, by 100; the typical error as the root of k, by 10.",
    ),
    Question(
        text="Where are the digits lost when two nearly equal numbers are subtracted?",
        options=(
            "In the subtraction, which rounds badly",
            "Before it: the subtraction only uncovers the errors of its operands",
            "After it, when the result is stored",
        ),
        right=1,
        why="The difference of near neighbours is exact; the leading digits cancel.",
    ),
)
