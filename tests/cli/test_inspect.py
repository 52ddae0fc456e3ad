"""fastnn inspect: the verdict as text, page, JSON and exit status."""

import io
import itertools
import json
import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from fastnn import cli
from fastnn.cli import inspect
from fastnn.cli.inspect import STATUS
from fastnn.data import Finding, Report, progress
from fastnn.data.detect import stages


def finding(severity, **evidence):
    return Finding("missing", ("a",), severity, {"n": 1, **evidence}, "It matters.")


@pytest.fixture
def found(monkeypatch):
    """found(severity, ...): what the only detector finds."""

    def found(*severities, **evidence):
        some = [finding(severity, **evidence) for severity in severities]
        monkeypatch.setattr(stages, "STAGES", ((lambda look: some,),))

    return found


@pytest.fixture
def table(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,x\n2,y\n,x\n")
    return "t.csv"


@pytest.mark.parametrize(
    ("severities", "verdict", "status"),
    [
        ((), "ready", 0),
        (("note", "warning"), "ready", 0),
        (("repair", "note"), "repairable", 10),
        (("repair", "blocker"), "never", 20),
    ],
)
def test_the_exit_status_is_the_verdict(
    command, table, found, severities, verdict, status
):
    found(*severities)
    got, out, err = command("inspect", table, "--target", "b")
    assert (got, err) == (status, "")
    assert verdict in out


def test_json_holds_the_whole_report(command, table, found, tmp_path):
    found("repair", share=np.float64(0.5), rows=np.array([2]), bad=float("nan"))
    status, _, err = command("inspect", table, "--json", "r.json")
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert (status, err) == (10, "written: r.json\n")
    assert report["verdict"] == "repairable" and report["columns"] == ["a", "b"]
    evidence = {"n": 1, "share": 0.5, "rows": [2], "bad": None}
    assert report["findings"][0]["evidence"] == evidence


def test_html_is_written_by_the_report(command, table, found, monkeypatch, tmp_path):
    found()
    monkeypatch.setattr(Report, "to_html", lambda report, path: open(path, "w").close())
    status, _, err = command("inspect", table, "--html", "r.html")
    assert (status, err) == (0, "written: r.html\n") and (tmp_path / "r.html").exists()


def test_rows_to_use_it_on(command, table, monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr(stages, "STAGES", ((lambda look: seen.append(look) or (),),))
    (tmp_path / "new.csv").write_text("a,b\n7,x\n")
    command("inspect", table, "--against", "new.csv")
    assert seen[0].against["a"].values.tolist() == [7] and seen[0].table.n_rows == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["tt.csv"], "tt.csv: there is no such file; is 't.csv' meant?"),
        (["."], "this is a folder"),
        (
            ["t.csv", "--target", "c"],
            "there is no column 'c'; the columns are 'a', 'b'",
        ),
        (["t.csv", "--json", "no/r.json"], "there is no folder"),
        (["t.csv", "--json", "t.csv"], "--json 't.csv' is read as well"),
        (["t.csv", "--html", "t.csv"], "--html 't.csv' is read as well"),
        (["t.csv", "--against", "u.csv", "--html", "u.csv"], "is read as well"),
        (["t.csv", "--html", "r", "--json", "r"], "--html and --json are both 'r'"),
        (["t.csv", "--against", "empty.csv"], "empty.csv: the file is empty"),
    ],
)
def test_what_cannot_be_done(refused, table, tmp_path, arguments, words):
    (tmp_path / "empty.csv").touch()
    (tmp_path / "u.csv").write_text("a\n1\n")
    said = refused("inspect", *arguments)
    assert words in said and "inspect: inspect" not in said


def test_wrong_usage(refused):
    assert "TABLE" in refused("inspect", status=2)


def test_no_half_written_json(refused, table, found, monkeypatch):
    found()
    monkeypatch.setattr(inspect, "plain", lambda report: {"a": object()})
    monkeypatch.setattr(cli.terminal, "sentence", str)
    refused("inspect", table, "--json", "r.json")


def test_in_a_pipe_there_are_no_escape_codes(process, table):
    child = process("inspect", table)
    out, err = child.communicate(timeout=60)
    assert child.returncode in (0, 10, 20) and "\x1b" not in out + err
    assert "t.csv" in out


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_bar_on_a_terminal(table, tmp_path, monkeypatch, capsys):
    screen, clock = Terminal(), itertools.count()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", screen)
    # a second goes by between two looks: on any machine all of it is slow enough
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=clock.__next__))
    assert cli.main(["inspect", table]) in STATUS.values()
    drawn = screen.getvalue()
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", drawn)
    assert "━" in text and "reading t.csv" in text
    assert drawn.endswith("\r\x1b[K")  # it goes away
    assert all(len(line) < 80 for line in text.split("\r"))
    assert "\x1b" not in capsys.readouterr().out
