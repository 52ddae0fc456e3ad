"""The command as a whole: usage, exit statuses, pipes, terminals, interruption."""

import os
import pty
import re
import signal
import subprocess
import sys

import pytest

import fastnn as fn
from fastnn import cli

TRAIN = ["train", "t.csv", "--target", "y"]
FOREVER = ["--target", "kind", "--epochs", 10_000_000, "--out", "m.npz"]
NAMES = [one.NAME for one in cli.COMMANDS]


@pytest.mark.parametrize("name", NAMES)
def test_help_has_an_example(command, name):
    status, out, err = command(name, "--help")
    assert (status, err) == (0, "")
    assert "example:\n  fastnn " + name in out
    assert "-h, --help" in out


def test_help_names_every_command(command):
    status, out, _ = command("--help")
    assert status == 0
    for one in cli.COMMANDS:
        assert one.NAME in out and one.SUMMARY.split()[0] in out


def test_version(command):
    assert command("--version") == (0, f"fastnn {fn.__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "COMMAND"),
        (["fly"], "fly"),
        (["train"], "TABLE"),
        (["train", "t.csv"], "--target"),
        ([*TRAIN, "--hidden", "wide"], "--hidden: 'wide' is not whole numbers of"),
        ([*TRAIN, "--hidden", "8,-1"], "at least 1 with commas, such as 64,32, or 0"),
        ([*TRAIN, "--epochs", "0"], "--epochs: '0' is not a whole number of at least"),
        ([*TRAIN, "--epochs", "many"], "--epochs: 'many' is not a whole number of at"),
        ([*TRAIN, "--batch-size", "0"], "--batch-size: '0' is not a whole number of"),
        ([*TRAIN, "--seed", "-1"], "--seed: '-1' is not a whole number from 0 to"),
        ([*TRAIN, "--seed", str(2**63)], "--seed: '9223372036854775808' is not"),
        ([*TRAIN, "--dropout", "1"], "--dropout: '1' is not a number from 0 to below"),
        ([*TRAIN, "--learning-rate", "0"], "-rate: '0' is not a finite number above 0"),
        ([*TRAIN, "--learning-rate", "nan"], "'nan' is not a finite number above 0"),
        ([*TRAIN, "--optimizer", "magic"], "--optimizer"),
        ([*TRAIN, "--activation", "zig"], "--activation"),
        ([*TRAIN, "--test-fraction", "1"], "-fraction: '1' is not a number from 0"),
        ([*TRAIN, "--task", "guess"], "--task"),
        (["predict", "m.npz"], "TABLE"),
        (["demo", "--seed", "x"], "--seed: 'x' is not a whole number from 0 to"),
        (["bench", "--slow"], "--slow"),
    ],
)
def test_wrong_usage_is_one_sentence_and_status_2(command, arguments, word):
    status, out, err = command(*arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("fastnn") and word in err and "--help" in err


def test_python_m_fastnn_in_a_pipe_has_no_escape_codes(process):
    child = process("info")
    out, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (0, "")
    assert f"fastnn:{' ' * 21}{fn.__version__}" in out
    for extra in ("plot", "cli", "data", "sklearn", "io", "learn"):
        assert f"extra {extra}:" in out
    assert "\x1b" not in out


def test_training_in_a_pipe_prints_plain_lines(process, classes_csv):
    child = process("train", classes_csv, "--target", "kind", "--epochs", 5)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0
    assert "\x1b" not in out + err and "\r" not in out + err
    assert "epoch 5/5" in err


@pytest.mark.parametrize("with_rich", [True, False])
def test_training_on_a_terminal_draws_a_bar(process, classes_csv, tmp_path, with_rich):
    if with_rich:
        pytest.importorskip("rich")
    (tmp_path / "hide").mkdir()
    if (
        not with_rich
    ):  # a module of that name that cannot be imported hides the real one
        (tmp_path / "hide" / "rich.py").write_text("raise ImportError('hidden')")
    ours, theirs = pty.openpty()
    path = os.pathsep.join([str(tmp_path / "hide"), os.path.dirname(fn.__path__[0])])
    child = process(
        "train", classes_csv, "--target", "kind", "--epochs", 300,
        stderr=theirs, env={"TERM": "xterm", "PYTHONPATH": path},
    )  # fmt: skip
    os.close(theirs)
    drawn = b""
    try:
        while part := os.read(ours, 4096):
            drawn += part
    except OSError:  # the other end is closed
        pass
    out, _ = child.communicate(timeout=60)
    os.close(ours)
    assert child.returncode == 0 and "\x1b" not in out
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", drawn.decode())
    assert "\x1b" in drawn.decode() and "━" in text
    assert "300" in text and "loss" in text and ("training" in text) == with_rich
    assert all(len(line) < 80 for line in re.split(r"[\r\n]", text))


def test_interrupted_training_leaves_no_file(process, classes_csv, tmp_path):
    child = process("train", classes_csv, *FOREVER)
    assert "epoch" in child.stderr.readline()
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 130
    last = err.splitlines()[-1]
    assert last == "fastnn train: interrupted; nothing was written"
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["trees.csv"]


def test_interrupted_training_keeps_the_old_model(process, classes_csv, tmp_path):
    (tmp_path / "m.npz").write_bytes(b"old")
    child = process("train", classes_csv, *FOREVER)
    child.stderr.readline()
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=60)
    assert (tmp_path / "m.npz").read_bytes() == b"old"


def test_a_reader_that_leaves_is_no_error(process, classes_csv, tmp_path):
    assert cli.main(
        ["train", str(classes_csv), "--target", "kind", "--epochs", "1",
         "--out", str(tmp_path / "m.npz")]
    ) == 0  # fmt: skip
    lines = classes_csv.read_text().splitlines()
    classes_csv.write_text("\n".join([lines[0], *(lines[1:] * 500)]) + "\n")
    child = process("predict", "m.npz", classes_csv, stderr=subprocess.PIPE)
    child.stdout.readline()
    child.stdout.close()
    err = child.stderr.read()
    assert child.wait(timeout=60) == 141
    assert err == ""


def test_an_error_in_fastnn_itself_is_one_line_too(command, monkeypatch):
    def broken(arguments):
        raise KeyError("oops")

    monkeypatch.setattr(cli.info, "run", broken)
    status, _, err = command("info")
    assert status == 1 and err.count("\n") == 1
    assert "KeyError" in err and "FASTNN_DEBUG" in err
    monkeypatch.setenv("FASTNN_DEBUG", "1")
    with pytest.raises(KeyError):
        cli.main(["info"])


def test_the_command_loads_no_optional_package():
    code = "import fastnn.cli, sys; print(*sys.modules)"
    env = {**os.environ, "PYTHONPATH": os.path.dirname(fn.__path__[0])}
    out = subprocess.run(
        [sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, text=True
    ).stdout.split()
    assert "fastnn.cli" in out
    assert not {"matplotlib", "rich", "pandas", "polars"} & set(out)


@pytest.mark.skipif(fn.backend._kernels is None, reason="nothing to time")
@pytest.mark.slow
def test_bench_quick(process):
    child = process("bench", "--quick")
    out, err = child.communicate(timeout=120)
    assert (child.returncode, err) == (0, "")
    for word in ("one thread", "matmul 64 x 64", "tanh", "64-32-10", "784-128-10"):
        assert word in out
    assert out.count("on the kernels") == 2  # the losses of both trainings
    assert "\x1b" not in out


@pytest.mark.skipif(fn.backend._kernels is None, reason="nothing to time")
def test_bench_is_quiet_when_its_reader_leaves(process):
    child = process("bench", "--quick")
    child.stdout.readline()
    child.stdout.close()
    err = child.stderr.read()
    assert (child.wait(timeout=120), err) == (141, "")


@pytest.mark.parametrize("way", ["module", "script"])
def test_an_unknown_cpu_variant_is_one_sentence(way, tmp_path):
    """It stops the import of fastnn, before any code of the command runs."""
    script = tmp_path / "fastnn"  # as pip writes it
    script.write_text("import sys\nfrom fastnn.cli import main\nsys.exit(main())\n")
    home = os.path.dirname(os.path.dirname(fn.__file__))
    start = ["-m", "fastnn"] if way == "module" else [str(script)]
    result = subprocess.run(
        [sys.executable, *start, "info"], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": home, "FASTNN_CPU": "nonsense"},
        check=False,
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("fastnn: the environment variable FASTNN_CPU is 'n")
    assert result.stderr.count("\n") == 1
