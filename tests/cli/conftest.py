"""Small tables, and the command run in this process or in one of its own."""

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import fastnn as fn
from fastnn.cli import main

HOME = str(Path(fn.__file__).parents[1])  # the fastnn tested here, for child processes


@pytest.fixture
def command(capsys, monkeypatch, tmp_path):
    """command("train", "t.csv", ...) -> (status, stdout, stderr), in a new folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture
def refused(command, tmp_path):
    """As `command`, for what must fail in one sentence and leave no file behind."""

    def run(*arguments, status=1):
        before = sorted(path.name for path in tmp_path.iterdir())
        got, _, err = command(*arguments)
        assert (got, err.count("\n")) == (status, 1), err
        assert err.startswith(f"fastnn {arguments[0]}: ")
        assert "Traceback" not in err and "error in fastnn itself" not in err
        assert sorted(path.name for path in tmp_path.iterdir()) == before
        return err

    return run


@pytest.fixture
def process(tmp_path):
    """The command as a process of its own, its output in pipes."""

    def start(*arguments, **settings):
        env = {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": HOME}
        env |= settings.pop("env", {})
        settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **settings}
        return subprocess.Popen(
            [sys.executable, "-m", "fastnn", *map(str, arguments)],
            cwd=tmp_path,
            env=env,
            text=True,
            # a test run in the background of a shell would pass on its deaf ear
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            **settings,
        )

    return start


def rows_of(text):
    return list(csv.reader(text.splitlines()))


def write_csv(path, header, rows):
    lines = [",".join(map(str, row)) for row in [header, *rows]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def classes_csv(tmp_path):
    """Two features, three clouds with the names ash, birch and cedar."""
    X, y = fn.datasets.blobs(n_samples=120, n_classes=3, seed=0)
    names = np.array(["ash", "birch", "cedar"])[y]
    rows = [(*x, name) for x, name in zip(X.tolist(), names, strict=True)]
    return write_csv(tmp_path / "trees.csv", ("height", "girth", "kind"), rows)


@pytest.fixture
def values_csv(tmp_path):
    """price = 3 size - 2 age + 10, exactly."""
    rng = np.random.default_rng(0)
    rows = [(s, a, 3 * s - 2 * a + 10) for s, a in rng.normal(size=(80, 2)).tolist()]
    return write_csv(tmp_path / "houses.csv", ("size", "age", "price"), rows)
