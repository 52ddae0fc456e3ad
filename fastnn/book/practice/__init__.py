"""The exercises and quizzes, one module for each chapter: EXERCISES and QUIZ."""

from dataclasses import dataclass
from importlib import import_module

from ..contents import CHAPTERS


@dataclass(frozen=True)
class Question:
    """A question with its options, the index of the right one, and why it is right."""

    text: str
    options: tuple
    right: int
    why: str


def exercises(number):
    """The exercises of a chapter, in order."""
    return _module(number).EXERCISES


def quiz(number):
    """The ten questions of a chapter."""
    return _module(number).QUIZ


def exercise(number):
    """The exercise with this number, "4.2". Raises ValueError for what is none."""
    chapter = str(number).partition(".")[0]
    known = []
    if chapter.isdecimal() and int(chapter) < len(CHAPTERS):
        known = exercises(int(chapter))
        for one in known:
            if one.number == str(number):
                return one
    there = f"; chapter {chapter} has {', '.join(e.number for e in known)}"
    raise ValueError(
        f"there is no exercise {number!r}{there if known else ''}: give chapter and "
        'number as text, for example "4.2"'
    )


def _module(number):
    return import_module(f"{__name__}.ch{number:02d}")
