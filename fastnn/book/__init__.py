"""The book: one marimo notebook for each chapter, and the exercises' checker.

    fastnn learn             # the table of contents opens in the browser

    from fastnn.book import check
    check("4.2", my_function)

    contents.py    the chapters and their parts; ch00_reading.py ... ch08_closing.py
    practice/      the exercises and quizzes
    asking.py      how they stand on a page
    checking.py    tries an answer
    showing.py     pictures, tables, predicted beside measured, things to move
    progress.py    what was read and solved
    server.py      `fastnn learn`; chapter.css, contents.html: how it looks

Its pages are read live in the browser, printed as a site, or as Jupyter notebooks.
"""

from .asking import exercise, judged, marked, quiz, solutions
from .checking import Exercise, Mistake, Result, check
from .contents import CHAPTERS, chapter
from .practice import Question
from .showing import beside, figure, live, printed, pyplot, svg, table

__all__ = [
    "CHAPTERS",
    "Exercise",
    "Mistake",
    "Question",
    "Result",
    "beside",
    "chapter",
    "check",
    "exercise",
    "figure",
    "judged",
    "live",
    "marked",
    "printed",
    "pyplot",
    "quiz",
    "solutions",
    "svg",
    "table",
]
