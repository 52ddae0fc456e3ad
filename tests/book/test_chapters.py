"""Each chapter has its parts, and runs from top to bottom with every claim asserted."""

import os
import re
import subprocess
import sys
import time

import pytest

from fastnn.book import CHAPTERS, practice

pytest.importorskip("marimo")

each = pytest.mark.parametrize("one", CHAPTERS, ids=lambda one: one.name)
LAST = ["Exercises", "Solutions", "Ten questions", "Sources"]


def prose(one):
    """The text of the chapter's Markdown cells."""
    source = one.path.read_text(encoding="utf-8")
    return "\n".join(re.findall(r'mo\.md\(r"""\n(.*?)"""\)', source, re.S))


@each
def test_every_part_is_a_heading_in_order(one):
    text = re.sub(r"```.*?```", "", prose(one), flags=re.S)
    titles = re.findall(r"^ *# (.+)$", text, re.M)
    parts = re.findall(r"^ *## (.+)$", text, re.M)
    assert titles == [f"{one.number} {one.title}"]
    assert parts == [*one.parts, *LAST]


@each
def test_it_says_what_it_is_for_and_asks(one):
    source = one.path.read_text(encoding="utf-8")
    assert "When you have read this chapter, you can" in source
    for exercise in practice.exercises(one.number):
        assert source.count(f'"{exercise.number}"') == 2  # asked and judged
    for call in ("book.solutions(", "book.quiz(", "book.marked("):
        assert f"{call}{one.number}" in source


@each
def test_claims_pictures_and_things_to_move(one):
    source = one.path.read_text(encoding="utf-8")
    subject = one.number not in (0, 8)
    assert source.count("book.beside(") >= (5 if subject else 1)
    assert source.count("book.figure(") + source.count("book.live(") >= 2
    assert source.count("book.live(") >= (2 if subject else 0)


@each
def test_a_slider_says_what_it_moves_and_where_it_stands(one):
    source = one.path.read_text(encoding="utf-8")
    for call in re.findall(r"mo\.ui\.slider\((?:[^()]|\([^()]*\))*\)", source):
        assert "label=" in call and "show_value=True" in call, call


@each
def test_nothing_is_printed_where_a_reader_of_the_live_page_cannot_see_it(one):
    source = one.path.read_text(encoding="utf-8")
    cells = re.sub(r'r""".*?"""', "", source, flags=re.S)
    assert "print(" not in cells


@each
def test_marimo_finds_nothing_to_mend(one):
    done = subprocess.run(
        [sys.executable, "-m", "marimo", "check", str(one.path)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def ran(words, folder):
    """A run in an empty folder, where a warning of NumPy's is an error."""
    # marimo reads this variable, and would take its cells for no tests
    outer = {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"}
    done = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", *words],
        cwd=folder,
        env={**outer, "FASTNN_BOOK": "printed", "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert not [name for name in os.listdir(folder) if name != "__pycache__"]


@pytest.mark.slow
@each
def test_it_runs_and_every_claim_holds(one, tmp_path):
    start = time.perf_counter()
    ran([str(one.path)], tmp_path)  # all cells, the claims among them
    assert time.perf_counter() - start < 90.0


def test_pytest_finds_the_claims_of_a_chapter(tmp_path):
    options = ["-p", "no:cacheprovider", "-p", "no:benchmark"]
    options += ["-o", "addopts=--import-mode=importlib", "--rootdir", str(tmp_path)]
    ran(["-m", "pytest", "-q", *options, str(CHAPTERS[0].path)], tmp_path)
