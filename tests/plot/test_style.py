"""Pictures are optional: importing is free, and what is missing is named."""

import subprocess
import sys

import pytest

import fastnn
from fastnn.network.training.history import History
from fastnn.plot import style


def test_importing_does_not_import_matplotlib():
    code = "import sys, fastnn.plot; print('matplotlib' in sys.modules)"
    root = fastnn.__path__[0].removesuffix("fastnn")
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root
    )
    assert result.stdout == "False\n", result.stderr


def test_without_matplotlib_it_says_what_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("matplotlib")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    history = History()
    history.record(loss=1.0)
    with pytest.raises(ImportError, match=r'pip install "fastnn\[plot\]"'):
        history.plot()


def test_colours_in_order_differ():
    pytest.importorskip("matplotlib")
    assert len(set(style.sequential(6))) == 6 and len(style.sequential(1)) == 1
