"""fastnn demo and its report."""

import base64
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

import fastnn as fn
from fastnn import cli
from fastnn.cli.demo import command as demo
from fastnn.cli.demo import recipes

pytestmark = pytest.mark.skipif(fn.backend._kernels is None, reason="needs kernels")


@pytest.fixture
def short(monkeypatch):
    """The same demo with a few epochs."""
    few = tuple(replace(recipe, epochs=4) for recipe in recipes.RECIPES)
    monkeypatch.setattr(demo, "RECIPES", few)
    monkeypatch.setattr(demo, "TWIN_SAMPLES", 64)
    monkeypatch.setattr(demo, "TWIN_EPOCHS", 2)


@pytest.mark.slow
def test_recipes_reach_what_they_should():
    """Mean test accuracy over seeds 0 to 4; scikit-learn has 0.968, 0.979, 0.981."""
    scores = []
    for seed in range(5):
        train, test = recipes.digits(seed)
        for recipe in recipes.RECIPES:
            net = recipe.network(seed)
            recipe.fit(net, train)
            scores.append(net.score(*test))
    means = np.reshape(scores, (5, 3)).mean(axis=0)
    assert np.all(means >= (0.962, 0.975, 0.978)), means


def test_demo_shows_networks_twins_and_report(short, command, tmp_path):
    pytest.importorskip("matplotlib")
    status, out, _ = command("demo", "--seed", 1)
    assert status == 0
    for recipe in recipes.RECIPES:
        assert re.search(rf"^{recipe.name} .*%.*%", out, re.MULTILINE)
    difference = float(re.search(r"difference of the weights: (\S+)", out)[1])
    assert difference < 1e-10
    assert float(re.search(r"([\d,]+) times faster", out)[1].replace(",", "")) > 10
    assert out.splitlines()[-1] == f"report: {tmp_path / 'fastnn-report.html'}"
    assert [p.name for p in tmp_path.iterdir()] == ["fastnn-report.html"]


def test_demo_without_matplotlib(short, command, monkeypatch, tmp_path):
    for name in [n for n in sys.modules if n.startswith("matplotlib")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for name in ("report", "charts"):
        monkeypatch.delitem(sys.modules, f"fastnn.cli.demo.{name}", raising=False)
        monkeypatch.delattr(cli.demo, name, raising=False)
    status, out, _ = command("demo")
    assert status == 0
    assert out.splitlines()[-1].startswith("no report") and "fastnn[plot]" in out
    assert list(tmp_path.iterdir()) == []


def test_nobody_is_sure_to_the_last_percent():
    pytest.importorskip("matplotlib")
    from fastnn.cli.demo.report import percent

    assert [percent(p) for p in (0.5, 0.984, 0.999, 1 - 1e-9)] == [
        *("50%", "98%"), *("more than 99%",) * 2,
    ]  # fmt: skip


def test_demo_refuses_a_report_it_cannot_write(refused):
    assert "nowhere" in refused("demo", "--report", "nowhere/r.html")


def test_a_small_demo_in_plain_python(command, monkeypatch, tmp_path):
    few = tuple(replace(recipe, epochs=2) for recipe in recipes.SMALL_RECIPES)
    monkeypatch.setattr(demo, "SMALL_RECIPES", few)
    train, test = recipes.digits(0)
    small = [tuple(part[:32] for part in parts) for parts in (train, test)]
    monkeypatch.setattr(demo, "digits", lambda seed: small)
    why = fn.backend.why_no_kernels()
    with fn.use("reference"):
        status, out, _ = command("demo")
    assert status == 0 and out.startswith("a small demo, in plain Python")
    assert why in out and "32 to learn from" in out
    for recipe in few:
        assert re.search(rf"^{recipe.name} .*%.*%", out, re.MULTILINE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["bench"])
def test_without_kernels_it_says_why(refused, monkeypatch, tmp_path, name):
    monkeypatch.delenv("FASTNN_PURE", raising=False)
    monkeypatch.setattr(fn.backend, "SOURCE_FOLDER", tmp_path)
    with fn.use("reference"):
        assert "FASTNN_PURE" in refused(name)
        (tmp_path / "setup.py").touch()
        message = refused(name)
    assert f"source folder {tmp_path}" in message and "FASTNN_PURE" not in message


class Page(HTMLParser):
    """Collects what the tests ask for; checks that every element is closed."""

    VOID = ("meta", "img", "br")

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links, self.pictures = [], [], [], []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_startendtag(self, tag, attrs):
        self._look(tag, dict(attrs))

    def handle_starttag(self, tag, attrs):
        self._look(tag, dict(attrs))
        if tag not in self.VOID:
            self.open.append(tag)

    def _look(self, tag, attrs):
        self.ids += [attrs["id"]] if "id" in attrs else []
        for name in ("src", "href", "xlink:href", "data", "action"):
            self.links += [attrs[name]] if name in attrs else []
        if tag == "img":
            self.pictures.append(attrs.get("alt"))
        if tag == "svg":
            self.pictures.append(attrs.get("aria-label"))
        assert tag not in ("script", "link", "iframe")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def report(short):
    pytest.importorskip("matplotlib")
    from fastnn.cli.demo import report

    train, test = recipes.digits(0)
    outcomes = [demo.learn_one(r, train, test, 0, test) for r in demo.RECIPES]
    twins = demo.Twins("64-32-10", 256, 20, 4.0, 0.002, 1e-16)
    return report, outcomes, twins, test


def test_report_is_one_whole_page(report):
    module, outcomes, twins, test = report
    html = module.page(outcomes, twins, test, seed=0)
    page = Page(html)
    assert len(set(page.ids)) == len(page.ids)
    for link in page.links:
        assert link.startswith(("data:image/png;base64,", "#"))
        assert not link.startswith("#") or link[1:] in page.ids
    assert "@import" not in html and "url(http" not in html
    wrong = int((outcomes[-1].net.predict(test[0]) != test[1]).sum())
    assert len(page.pictures) == 4 + min(wrong, module.MOST_MISREAD)
    assert all(page.pictures)
    for outcome in outcomes:
        assert outcome.recipe.name in page.text
        assert f"{outcome.test_accuracy:.1%}" in page.text
    for word in ("hidden 5", "output", "2,000", "1.0e-16", fn.__version__):
        assert word in page.text
    assert "prefers-color-scheme: dark" in html and "width=device-width" in html


def test_report_counts_every_digit_once(report):
    module, outcomes, _, (_, y) = report
    part = module.confusion(y, outcomes[-1].net.predict(report[3][0]))
    cells = re.findall(r'class="(?:right|wrong)"[^>]*>(\d+)<', part)
    assert sum(map(int, cells)) == len(y)


def test_report_escapes_text(report):
    module, outcomes, twins, test = report
    name = '<script>alert("x")</script>'
    odd = [replace(o, recipe=replace(o.recipe, name=name)) for o in outcomes]
    page = Page(module.page(odd, twins, test, seed=0))
    assert name in page.text


def test_report_of_a_network_without_mistakes(report):
    module, outcomes, twins, (X, _) = report
    said = outcomes[-1].net.predict(X)
    page = Page(module.page(outcomes, twins, (X, said), seed=0))
    assert "None, with this seed." in page.text


def test_digits_are_pictures_of_their_pixels(report):
    pytest.importorskip("PIL")
    import io

    from PIL import Image

    X = report[3][0]
    data = base64.b64decode(report[0].picture(X[0]).partition(",")[2])
    seen = np.asarray(Image.open(io.BytesIO(data)).convert("L"), dtype=float)
    np.testing.assert_allclose(seen, 255 * (1 - X[0].reshape(8, 8)), atol=1.01)
