"""`fastnn learn` serves the contents, with progress, and every chapter."""

import contextlib
import json
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from fastnn.book import CHAPTERS, progress
from fastnn.cli import main

pytest.importorskip("marimo")


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def test_the_contents_show_what_was_solved():
    from fastnn.book.server import contents_page

    assert "0 of" in contents_page()
    progress.solved("0.1")
    progress.answered(0, 9)
    page = contents_page()
    assert "quiz 9 of 10" in page
    assert re.search(r'<progress max="\d+" value="1"', page)
    for one in CHAPTERS:
        assert one.title in page
    assert "http://" not in page and "https://" not in page


def test_every_chapter_has_the_style_of_the_book():
    for one in CHAPTERS:
        text = one.path.read_text(encoding="utf-8")
        style = re.search(r'css_file="([^"]+)"', text)[1]
        assert one.path.with_name(style).exists()


@pytest.mark.slow
def test_it_serves_and_remembers_and_stops():
    with learning() as url:
        for one in CHAPTERS:
            with fetched(f"{url}{one.name}/?show-code=true") as answer:
                assert answer.status == 200
                assert b"3e-08 is one word" in answer.read()  # chapter.css
        with fetched(url) as answer:
            assert "opened" in answer.read().decode()


@contextlib.contextmanager
def learning():
    """The address of a book that is served, until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "fastnn", "learn", "--no-browser"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield re.search(r"http://\S+", process.stdout.readline())[0]
    finally:
        process.send_signal(2)
        assert process.wait(timeout=20) == 0  # Ctrl-C is how one leaves


OPTIONS = """
const inside = (root) => [...root.querySelectorAll("*")].flatMap(
  (one) => one.shadowRoot ? inside(one.shadowRoot) : [one]);
const group = inside(document.body).find(
  (one) => one.getAttribute("role") === "radiogroup");
const options = group ? [...group.querySelectorAll("[role=radio]")] : [];
"""


@pytest.mark.slow
def test_the_arrows_reach_every_option_of_a_question(browser):
    keys = pytest.importorskip("selenium.webdriver.common.keys").Keys
    actions = pytest.importorskip("selenium.webdriver").ActionChains

    def chosen():
        state = "options.map((one) => one.getAttribute('aria-checked') === 'true')"
        return browser.execute_script(f"{OPTIONS} return {state};")

    with learning() as url:
        fetched(url).close()
        browser.get(f"{url}ch00/?show-code=true")
        end = time.monotonic() + 60
        while not chosen() and time.monotonic() < end:
            time.sleep(0.5)
        browser.execute_script(f"{OPTIONS} options[0].focus();")
        for i in (1, 2, 0):
            actions(browser).send_keys(keys.ARROW_DOWN).perform()
            time.sleep(0.5)
            assert [j for j, one in enumerate(chosen()) if one] == [i]


# What the style of the book says where marimo draws in a shadow: the part of each
# formula in a line of text that a comma follows, and the comments of each code.
LOOKS = """
const inside = (root) => [...root.querySelectorAll("*")].flatMap(
  (one) => one.shadowRoot ? [one, ...inside(one.shadowRoot)] : [one]);
const linear = (c) => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => .2126 * linear(r / 255) + .7152 * linear(g / 255)
  + .0722 * linear(b / 255);
const behind = (one) => {
  for (; one; one = one.parentElement ?? one.getRootNode().host) {
    const colour = numbers(getComputedStyle(one).backgroundColor);
    if (colour.length < 4 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
};
const all = inside(document.body);
const comments = all.filter((one) => one.matches(".cm-content")).map((one) => {
  const probe = one.appendChild(document.createElement("i"));
  probe.style.color = "var(--cm-comment)";
  const colour = numbers(getComputedStyle(probe).color);
  probe.remove();
  const [a, b] = [light(colour), light(behind(one))];
  return (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
});
const ends = all.filter((one) => one.matches(".katex-html > :last-child")
  && !one.closest(".katex-display")).map((one) => getComputedStyle(one).display);
return [comments, ends];
"""


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_comments_stand_out_and_a_formula_keeps_its_comma(browser, scheme):
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    with learning() as url:
        fetched(url).close()
        browser.get(f"{url}ch00/?show-code=true")
        end = time.monotonic() + 60
        comments, ends = [], []
        while not (comments and ends) and time.monotonic() < end:
            time.sleep(0.5)
            comments, ends = browser.execute_script(LOOKS)
    assert min(comments) >= 4.5
    # a browser may break a line after an inline block, whatever comes next
    assert set(ends) == {"inline"}


def fetched(url, patience=20.0):
    """The answer of a server that may not listen yet."""
    end = time.monotonic() + patience
    while True:
        try:
            return urllib.request.urlopen(url, timeout=patience)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


@pytest.mark.parametrize("arguments", [["99"], ["x"], ["4", "--port", "no"]])
def test_wrong_usage(arguments, capsys):
    assert main(["learn", *arguments]) == 2
    assert "fastnn learn" in capsys.readouterr().err


def test_a_copy_of_a_chapter_is_yours(tmp_path, capsys):
    target = tmp_path / "mine.py"
    assert main(["learn", "0", "--copy", str(target)]) == 0
    copied, own = target.read_bytes(), CHAPTERS[0].path.read_bytes()
    style = re.compile(rb'css_file="(.*)"\)')
    assert style.sub(b"", copied) == style.sub(b"", own)
    assert Path(style.search(copied)[1].decode()).exists()
    assert main(["learn", "0", "--copy", str(target)]) == 1
    assert "choose another name" in capsys.readouterr().err
    assert main(["learn", "--copy", str(target)]) == 1


def test_a_copy_for_jupyter(tmp_path):
    target = tmp_path / "mine.ipynb"
    assert main(["learn", "0", "--copy", str(target)]) == 0
    cells = json.loads(target.read_text(encoding="utf-8"))["cells"]
    assert any("# 0 How to read this book" in "".join(c["source"]) for c in cells)
