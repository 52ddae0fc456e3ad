"""The README keeps its word: programs run, commands exist, links lead somewhere."""

import codeop
import contextlib
import io
import math
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

import fastnn as fn
from fastnn.cli import main, parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def run(code, names):
    """What a program prints; `names` holds its variables afterwards."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), names)
    return printed.getvalue()


@pytest.mark.parametrize("code", blocks("python"))
def test_programs_can_be_typed_at_the_prompt(code):
    """Where a loop ends at an empty line, and any other end is a SyntaxError."""
    whole, typed = codeop.CommandCompiler(), []
    for line in [*code.splitlines(), ""]:
        typed.append(line)
        if whole("\n".join(typed)) is not None:
            typed = []
    assert typed == []


def test_logistic_regression_starts_at_log_2():
    names = {}
    run(blocks("python")[0], names)
    loss = names["history"].loss
    assert loss[0] == pytest.approx(math.log(2))
    assert loss[-1] < loss[0] and names["model"].score(names["X"], names["y"]) > 0.8


def test_five_hidden_layers_a_look_inside_and_the_reference_path():
    _, deep, inside, plain, *_ = blocks("python")
    names = {}
    printed = run(deep, names)
    net, test = names["net"], names["test"]
    assert len(names["history"].grad_norms[-1]) == 6
    accuracy = float(re.search(r"test accuracy (\S+)", printed)[1])
    assert accuracy == net.score(*test) > 0.95
    assert printed.startswith(str(net))

    printed = run(inside, names)
    assert names["saliency"].shape == test[0].shape
    assert "(120, 32)" in printed and "(32, 32)" in printed
    assert not np.any(names["third"].weights[:, 0])

    before = net.flat_parameters.copy()
    run(plain, names)
    assert fn.backend.path() == "kernels" or fn.backend._kernels is None
    assert np.any(net.flat_parameters != before)


def test_a_graph_is_drawn_as_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(blocks("python")[4], {}) in blocks("text")
    picture = (tmp_path / "neuron.svg").read_text("utf-8")
    assert picture == (ROOT / "docs" / "images" / "neuron.svg").read_text("utf-8")


def test_arrays_and_derivatives_of_derivatives():
    names = {}
    printed = run(blocks("python")[5], names).splitlines()
    X, y = names["X"], names["y"]
    best = np.linalg.lstsq(X, y)[0]
    np.testing.assert_allclose(names["w"].data, best, rtol=1e-5)
    a = math.tanh(0.5)
    slopes = [float(number) for number in printed[1].split()]
    assert slopes == pytest.approx([1 - a**2, -2 * a * (1 - a**2)], rel=1e-14)
    found = names["hessian"](lambda w: ((X @ w - y) ** 2).mean())(best)
    np.testing.assert_allclose(found, 2 * X.T @ X / 50, rtol=1e-12)


@pytest.mark.parametrize(
    "line", [x for block in blocks("console") for x in block.splitlines()]
)
def test_commands_exist(line):
    words = shlex.split(line, comments=True)
    if words[0] == "fastnn":
        parser().parse_args(words[1:])
    if words[0] == "make":
        assert re.search(
            rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE
        )


def test_the_commands_of_the_readme_work(tmp_path, monkeypatch, capsys):
    table = Path(fn.datasets.__path__[0], "tables", "breast_cancer.csv")
    monkeypatch.chdir(tmp_path)
    (tmp_path / table.name).write_bytes(table.read_bytes())
    (block,) = [b for b in blocks("console") if "fastnn train" in b]
    for name in ("train", "predict"):
        (line,) = [x for x in block.splitlines() if x.startswith(f"fastnn {name}")]
        assert main(shlex.split(line, comments=True)[1:]) == 0
    out = capsys.readouterr().out
    assert "diagnosis,P(benign),P(malignant)" in out
    right = float(re.search(r"test (\S+) \(114 rows\)", out)[1])
    said = re.search(r"never seen 114 of the tumours, and names (\d+) of them", README)
    assert right * 114 == pytest.approx(int(said[1]), abs=2.1)  # rounding differs


def test_links_lead_to_files():
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert len(links) > 10
    assert [x for x in links if "://" not in x and not (ROOT / x).exists()] == []


def test_it_is_short():
    assert len(README.splitlines()) < 210
