"""What a chapter asks: exercises that are checked, and a quiz. Live and printed."""

import inspect
import re
import textwrap

from . import practice, progress
from .checking import check
from .contents import chapter
from .showing import marimo, printed


def exercise(number):
    """The task of an exercise with an editor and a button; printed: the task.

    Give it a name in one cell, x = book.exercise("4.2"), and judge it in the next one:
    book.judged("4.2", x).
    """
    mo = marimo()
    one = practice.exercise(number)
    task = f"### Exercise {one.number}: {one.title}\n\n{one.task.strip()}\n"
    start = textwrap.dedent(one.start).strip() + "\n"
    if printed():
        imports, end, code = start.rpartition("\n\n\ndef ")
        if end:  # what the start imports, then what every answer needs
            start, imports = f"def {code}", f"{imports}\n\n"
        code = f"{imports}from fastnn.book import check\n\n\n{start}\n\n"
        call = f'check("{one.number}", {one.solution.__name__})'
        return mo.md(f"{task}\n```python\n{code}{call}\n```")
    if one.number in progress.load()["solved"]:
        task += "\n*You have solved it.*\n"
    editor = mo.ui.code_editor(start, language="python", min_height=100)
    # batch fills {editor} in by str.format, to which a formula's braces are fields too
    escaped = task.replace("{", "{{").replace("}", "}}")
    return (
        mo.md(escaped + "\n{editor}")
        .batch(editor=editor)
        .form(submit_button_label="Check")
    )


def judged(number, form):
    """What the checker says of the code in an exercise's editor."""
    mo = marimo()
    if printed() or not getattr(form, "value", None):
        return None
    one = practice.exercise(number)
    name, found = one.solution.__name__, {}
    try:
        exec(compile(form.value["editor"], f"exercise {number}", "exec"), found)
    except Exception as error:
        return mo.callout(
            f"The code stops with {type(error).__name__}: {error}", "danger"
        )
    if name not in found:
        return mo.callout(f"There is no function named {name} in your code.", "danger")
    result = check(number, found[name])
    verdict, kind = ("Right.", "success") if result else ("Not yet.", "warn")
    hint = f"\n\n*Hint:* {result.hint}" if result.hint else ""
    words = f"**{verdict}** {_as_it_is(result.message)}{hint}"
    return mo.callout(mo.md(words), kind)


def _as_it_is(text):
    """Text in Markdown whose marks mean nothing: an error may speak of <b> or *args."""
    return re.sub(r"[^a-zA-Z0-9\s]", lambda mark: f"&#{ord(mark[0])};", text)


def solutions(number):
    """The solutions of a chapter's exercises, folded."""
    return _folded(
        {
            f"{one.number} {one.title}": f"```python\n{_source(one.solution)}\n```"
            for one in practice.exercises(number)
        }
    )


def _source(solution):
    """The code of a solution, behind that of the private functions that it calls."""
    known = solution.__globals__
    helpers = [
        known[name]
        for name in solution.__code__.co_names
        if name.startswith("_") and inspect.isfunction(known.get(name))
    ]
    parts = (inspect.getsource(one).strip() for one in (*helpers, solution))
    return "\n\n\n".join(parts)


def quiz(number):
    """The chapter's ten questions, to be answered; printed: with folded answers.

    Give it a name in one cell and mark it in the next: book.marked(4, answers).
    """
    mo = marimo()
    questions = practice.quiz(number)
    if printed():
        parts = []
        for i, question in enumerate(questions, 1):
            options = "\n".join(
                f"- **{letter}** {option}"
                for letter, option in zip("abcdef", question.options, strict=False)
            )
            parts.append(f"**{i}.** {question.text}\n\n{options}\n")
        return mo.md("\n".join(parts))
    asked = {}
    for i, question in enumerate(questions, 1):
        asked[f"q{i}"] = mo.ui.radio(
            {option: index for index, option in enumerate(question.options)},
            label=f"**{i}.** {question.text}",
        )
    text = "\n\n".join(f"{{{name}}}" for name in asked)
    return mo.md(text).batch(**asked).form(submit_button_label="Mark my answers")


def marked(number, form):
    """Right and wrong for each question, with the reason; printed: all, folded."""
    mo = marimo()
    questions = practice.quiz(number)
    if printed():
        lines = [
            f"{i}. **{'abcdef'[q.right]}**: {q.why}" for i, q in enumerate(questions, 1)
        ]
        return _folded({"Answers": "\n".join(lines)})
    if not form.value:
        return None
    lines, right = [], 0
    for i, (question, given) in enumerate(
        zip(questions, form.value.values(), strict=True), 1
    ):
        good = given == question.right
        right += good
        right_one = question.options[question.right].removesuffix(".")
        answer = "" if good else f"The answer is: {right_one}. "
        lines.append(f"{i}. {'✓' if good else '✗'} {answer}{question.why}")
    progress.answered(chapter(number).number, right)
    return mo.md(f"**{right} of {len(questions)}**\n\n" + "\n".join(lines))


def _folded(text):
    """Titles that open: an accordion, or HTML's own details on the printed page."""
    mo = marimo()
    if not printed():
        return mo.accordion({title: mo.md(body) for title, body in text.items()})
    return mo.md(
        "\n\n".join(
            f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>"
            for title, body in text.items()
        )
    )
