"""The printed book: pages that need no network, without a broken link or formula.

`make book` builds it and runs this on it (FASTNN_SITE names the folder).
"""

import json
import os
import re
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from fastnn.book import CHAPTERS

SITE = Path(os.environ.get("FASTNN_SITE") or "nowhere").resolve()
pytestmark = pytest.mark.skipif(
    not (SITE / "index.html").exists(), reason="`make book` builds the site"
)
PAGES = []  # without the templates that the theme leaves in _static
if SITE.is_dir():
    PAGES = [p for p in sorted(SITE.rglob("*.html")) if "_static" not in p.parts]
OTHER_HOST = re.compile(r"^(https?:)?//")


class Page(HTMLParser):
    """What a page loads and points to, its anchors, and its words."""

    def __init__(self, path):
        super().__init__()
        self.loaded, self.links, self.ids, self.pictures = [], [], set(), []
        self.words, self._inside = [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids |= {attributes.get("id"), attributes.get("name")} - {None}
        if tag in ("script", "img", "iframe", "source", "video"):
            self.loaded.append(attributes.get("src") or "")
        if tag == "link" and attributes.get("rel") in ("stylesheet", "preload", "icon"):
            self.loaded.append(attributes["href"])
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        if tag == "img":
            self.pictures.append(attributes)
        if tag not in ("img", "br", "hr", "meta", "link", "input", "path"):
            skip = tag in ("script", "style", "code", "pre", "annotation", "title")
            self._inside.append((tag, skip))

    def handle_endtag(self, tag):
        while self._inside and self._inside.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not any(skip for _, skip in self._inside):
            self.words.append(data)


@pytest.fixture(scope="module")
def pages():
    return {path: Page(path) for path in PAGES}


def test_every_chapter_is_there():
    for one in CHAPTERS:
        assert (SITE / "chapters" / f"{one.module}.html").exists()


def test_nothing_is_loaded_from_elsewhere(pages):
    for path, page in pages.items():
        away = [source for source in page.loaded if OTHER_HOST.match(source)]
        assert not away, f"{path.name}: {away}"
    for sheet in SITE.rglob("*.css"):
        for source in re.findall(r"url\(([^)]+)\)", sheet.read_text(encoding="utf-8")):
            assert not OTHER_HOST.match(source.strip("'\"")), f"{sheet.name}: {source}"


def test_no_link_or_picture_is_broken(pages):
    broken = []
    for path, page in pages.items():
        for link in [*page.links, *page.loaded]:
            if not link or re.match(r"^(\w+:|//)", link):
                continue
            file, _, anchor = unquote(link).partition("#")
            target = (path.parent / file.partition("?")[0]).resolve() if file else path
            if target.is_dir() or not target.exists():
                broken.append(f"{path.relative_to(SITE)} -> {link}")
            elif anchor and target in pages and anchor not in pages[target].ids:
                broken.append(f"{path.relative_to(SITE)} -> {link}: no such place")
    assert not broken, "\n".join(broken[:20])


def test_no_raw_element_and_no_unset_formula(pages):
    for path, page in pages.items():
        words = " ".join(page.words)
        assert "marimo-" not in words, path.name
        assert "katex-error" not in path.read_text(encoding="utf-8"), path.name
        assert not re.search(r"\$\$|\\(frac|partial|sum|begin|mathbf)\b", words), (
            path.name
        )


def test_every_picture_of_a_chapter_has_words(pages):
    for one in CHAPTERS:
        page = pages[SITE / "chapters" / f"{one.module}.html"]
        for picture in page.pictures:
            assert (picture.get("alt") or "").strip(), one.name


@pytest.mark.parametrize("width", [1280, 400])
def test_a_browser_finds_nothing_to_complain_of(browser, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    for path in PAGES:
        browser.get(path.as_uri())
        time.sleep(0.1)
        said = [row for row in browser.get_log("browser") if row["level"] == "SEVERE"]
        assert not said, f"{path.name}: {said}"
        asked = [
            message["params"]["request"]["url"]
            for row in browser.get_log("performance")
            if (message := json.loads(row["message"])["message"])["method"]
            == "Network.requestWillBeSent"
        ]
        away = [
            url
            for url in asked
            if not url.startswith(("file:", "data:", "blob:", "chrome"))
        ]
        assert not away, f"{path.name}: {away}"
        wide = browser.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width + 1, f"{path.name} is {wide} pixels wide"


# How far the words of figures and outputs stand out from what is behind them (WCAG 2).
CONTRAST = """
const linear = (c) => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => .2126 * linear(r / 255) + .7152 * linear(g / 255)
  + .0722 * linear(b / 255);
const behind = (one) => {
  for (; one; one = one.parentElement) {
    const colour = numbers(getComputedStyle(one).backgroundColor);
    if (colour.length < 4 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
};
return [...document.querySelectorAll("figcaption, .cell_output pre, td, summary")].map(
  (one) => {
    const [a, b] = [light(numbers(getComputedStyle(one).color)), light(behind(one))];
    return (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  });
"""


def measured(browser, script):
    """What a script finds on a page, which may still be on its way; at most 20 s."""
    for _ in range(100):
        if found := browser.execute_script(script):
            return found
        time.sleep(0.2)
    return []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out(browser, scheme):
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    for one in CHAPTERS:
        browser.get((SITE / "chapters" / f"{one.module}.html").as_uri())
        ratios = measured(browser, CONTRAST)
        assert ratios, f"{one.name} shows no words"
        assert min(ratios) >= 4.5, f"{one.name}: {min(ratios):.2f}"


def test_a_number_is_in_one_piece_on_a_telephone(browser):
    size = {"width": 400, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    height = """
    return [...document.querySelectorAll("td.text-right")].map((one) => {
      const words = document.createRange();
      words.selectNodeContents(one);
      return words.getBoundingClientRect().height
        / parseFloat(getComputedStyle(one).lineHeight);
    });"""
    for one in CHAPTERS:
        browser.get((SITE / "chapters" / f"{one.module}.html").as_uri())
        lines = measured(browser, height)
        assert lines, f"{one.name} shows no numbers"
        assert max(lines) < 1.9, f"{one.name}: {max(lines):.1f} lines"


# The signs that begin a line though the formula before them ends the line above.
LOST_SIGNS = """
const lost = [];
for (const formula of document.querySelectorAll("span.math .katex-html")) {
  const after = formula.closest("span.math").nextSibling;
  if (after?.nodeType !== 3 || !/^[,.;:!?)]/.test(after.data)) continue;
  const sign = document.createRange();
  sign.setStart(after, 0);
  sign.setEnd(after, 1);
  const parts = [...formula.lastElementChild.getClientRects()];
  if (sign.getBoundingClientRect().left < parts.at(-1).right - 3)
    lost.push(formula.textContent + after.data.slice(0, 20));
}
return lost;"""


@pytest.mark.parametrize("width", [400, 440, 520, 600])
def test_no_line_begins_with_the_comma_after_a_formula(browser, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    for path in PAGES:
        browser.get(path.as_uri())
        lost = browser.execute_script(LOST_SIGNS)
        assert not lost, f"{path.name}: {lost}"
