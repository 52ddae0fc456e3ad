"""Every solution passes its own check; typical wrong answers get the right hint."""

import inspect

import pytest

from fastnn.book import CHAPTERS, check, practice

EXERCISES = [e for one in CHAPTERS for e in practice.exercises(one.number)]
QUIZZES = {one.number: practice.quiz(one.number) for one in CHAPTERS}


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


@pytest.mark.parametrize("one", EXERCISES, ids=lambda one: one.number)
def test_the_solution_passes(one):
    result = check(one.number, one.solution)
    assert result, result


@pytest.mark.parametrize("one", EXERCISES, ids=lambda one: one.number)
def test_typical_mistakes_get_their_hints(one):
    assert len(one.mistakes) >= 3
    assert len({mistake.hint for mistake in one.mistakes}) == len(one.mistakes)
    for mistake in one.mistakes:
        result = check(one.number, mistake.answer)
        assert not result
        assert result.hint == mistake.hint
    assert one.hint


@pytest.mark.parametrize("one", EXERCISES, ids=lambda one: one.number)
def test_the_start_has_the_solutions_parameters(one):
    found = {}
    exec(one.start, found)
    start = found[one.solution.__name__]
    assert list(inspect.signature(start).parameters) == list(
        inspect.signature(one.solution).parameters
    )
    assert not check(one.number, start)


@pytest.mark.parametrize("one", EXERCISES, ids=lambda one: one.number)
def test_a_hint_says_where_its_names_come_from(one):
    imports = {"np.": "import numpy as np", "math.": "import math"}
    for hint in (one.hint, *(mistake.hint for mistake in one.mistakes)):
        for name, line in imports.items():
            if f" {name}" in f" {hint}":
                assert line in one.start + one.task + hint


@pytest.mark.parametrize("one", CHAPTERS, ids=lambda one: one.name)
def test_six_exercises_in_order(one):
    numbers = [e.number for e in practice.exercises(one.number)]
    assert len(numbers) >= 6
    assert numbers == [f"{one.number}.{i + 1}" for i in range(len(numbers))]


@pytest.mark.parametrize("number", QUIZZES)
def test_ten_questions(number):
    questions = QUIZZES[number]
    assert len(questions) == 10
    for question in questions:
        assert 3 <= len(question.options) <= 4
        assert len(set(question.options)) == len(question.options)
        assert 0 <= question.right < len(question.options)
        assert question.why
        # the live page shows an option as it is, the printed one as Markdown
        assert not set("$`*<>\\") & set("".join(question.options))
    assert len({question.right for question in questions}) > 1
