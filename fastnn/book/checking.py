"""The exercises' checker: an answer is a function, and it is tried on hidden cases.

What an answer must return comes from the exercise's own solution. A typical mistake is
a function too: who makes it is recognised by what his function returns, and gets the
hint for that mistake.
"""

import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import progress


@dataclass(frozen=True)
class Mistake:
    """A typical wrong answer, and what to tell who gives it."""

    answer: Callable
    hint: str


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    number: "4.2". task: Markdown. start: the code that a reader begins with, a function
    whose name and parameters are the solution's. cases: a function without arguments
    that gives a list of tuples of arguments. hint: for mistakes nobody has foreseen.
    rtol, atol: how near a number must come, |got - expected| <= atol + rtol |expected|.
    """

    number: str
    title: str
    task: str
    start: str
    solution: Callable
    cases: Callable
    mistakes: tuple
    hint: str
    rtol: float = 1e-6
    atol: float = 1e-9


@dataclass(frozen=True)
class Result:
    """What `check` found; true if the answer is right. Its text says the rest."""

    number: str
    passed: bool
    message: str
    hint: str = ""

    def __bool__(self):
        return self.passed

    def __repr__(self):
        verdict = "right" if self.passed else "not yet"
        hint = f"\n  hint: {self.hint}" if self.hint else ""
        return f"{self.number}: {verdict}. {self.message}{hint}"


def check(number, answer):
    """Try an answer to an exercise on hidden cases: check("4.2", my_function).

    Returns a Result, true if all cases agree with the solution, whose text says what
    differs and gives a hint. The arguments that the answer gets are copies.
    Raises ValueError for a number that is no exercise.
    """
    from .practice import exercise

    one = exercise(number)
    wrong = _not_a_function(one, answer)
    if wrong:
        return Result(one.number, False, wrong)
    cases = one.cases()
    for case in cases:
        message = _differs(one, case, answer)
        if message:
            return Result(one.number, False, message, _hint(one, cases, answer))
    progress.solved(one.number)
    return Result(one.number, True, f"All {len(cases)} cases agree with the solution.")


def _not_a_function(one, answer):
    """What is wrong with the answer before it is called, or ""."""
    wanted = inspect.signature(one.solution)
    if not callable(answer):
        name = one.solution.__name__
        return (
            f"check wants the function itself, not what it returns ({answer!r:.60}): "
            f'write check("{one.number}", {name}) without calling {name}.'
        )
    try:
        given = inspect.signature(answer)
        given.bind(*wanted.parameters)
    except TypeError:
        return f"Your function takes {given}, the exercise asks for {wanted}."
    except ValueError:  # a builtin without a signature: the cases will tell
        pass
    return ""


def _outcome(function, case):
    """("value", what the function returns) or ("error", the exception)."""
    try:
        return "value", function(*copy.deepcopy(case))
    except Exception as error:
        return "error", error


def _differs(one, case, answer):
    """A sentence on what the answer does otherwise in this case, or ""."""
    kind, got = _outcome(answer, case)
    if kind == "error":
        what = f"raised {type(got).__name__}: {got}"
    else:
        what = difference(one.solution(*copy.deepcopy(case)), got, one.rtol, one.atol)
    if not what:
        return ""
    return f"With {_shown(one, case)} your function {what}."


def _hint(one, cases, answer):
    """The hint of the mistake that returns the same in every case, else the general."""
    outcomes = [_outcome(answer, case) for case in cases]
    for mistake in one.mistakes:
        if all(
            _same(_outcome(mistake.answer, case), outcome, one)
            for case, outcome in zip(cases, outcomes, strict=True)
        ):
            return mistake.hint
    return one.hint


def _same(one, other, exercise):
    if one[0] != other[0]:
        return False
    if one[0] == "error":
        return type(one[1]) is type(other[1])
    return not difference(one[1], other[1], exercise.rtol, exercise.atol)


def _shown(one, case):
    """The arguments of a case, each on half a line at most."""
    words = []
    for name, value in zip(
        inspect.signature(one.solution).parameters, case, strict=True
    ):
        array = isinstance(value, np.ndarray)
        text = np.array2string(value, precision=4) if array else repr(value)
        text = " ".join(text.split())
        if len(text) > 60:
            text = f"an array of shape {value.shape}" if array else text[:57] + "..."
        words.append(f"{name} = {text}")
    return ", ".join(words) or "no arguments"


def difference(expected, got, rtol=1e-6, atol=1e-9):
    """How `got` differs from `expected`, as the end of a sentence; "" if it does not.

    Numbers and arrays by value and shape, tuples, lists and dicts part by part, the
    rest by ==.
    """
    if got is None and expected is not None:
        return "returned None: is there a `return`"
    if isinstance(expected, (tuple, list)) and isinstance(got, (tuple, list)):
        if len(expected) != len(got):
            return f"returned {len(got)} things where {len(expected)} are asked for"
        for i, (one, other) in enumerate(zip(expected, got, strict=True)):
            what = difference(one, other, rtol, atol)
            if what:
                return f"{what}, in part {i} of what it returned"
        return ""
    if isinstance(expected, dict) and isinstance(got, dict):
        if expected.keys() != got.keys():
            return f"returned the keys {list(got)} where {list(expected)} are asked for"
        return difference(list(expected.values()), list(got.values()), rtol, atol)
    if isinstance(expected, (str, bool, type(None))):
        return "" if expected == got else f"returned {got!r:.60}, not {expected!r:.60}"
    return _unequal_numbers(expected, got, rtol, atol)


def _unequal_numbers(expected, got, rtol, atol):
    try:
        right, mine = np.asarray(expected), np.asarray(got)
        if mine.dtype.kind not in "biufc":
            mine = mine.astype(float)
        close = mine.shape == right.shape and np.isclose(
            mine, right, rtol=rtol, atol=atol, equal_nan=True
        )
    except (TypeError, ValueError):
        return f"returned {got!r:.60}, which is not made of numbers"
    if mine.shape != right.shape:
        return f"returned the shape {mine.shape}, not {right.shape}"
    if np.all(close):
        return ""
    if right.ndim == 0:
        return f"returned {float(mine):.6g}, not {float(right):.6g}"
    where = tuple(int(i) for i in np.argwhere(~close)[0])
    return (
        f"returned {mine[where]:.6g} at {list(where)}, not {right[where]:.6g} "
        f"({np.sum(~close)} of {close.size} entries differ)"
    )
