"""fastnn train: from a table to a network, and all that can be wrong."""

import os
import re
from pathlib import Path

import numpy as np
import pytest
from cli.conftest import rows_of

import fastnn as fn

NOISE = np.round(np.random.default_rng(0).normal(size=(60, 2)), 3)
NOISE[3] = 3, -1.5
CLASSES = "height,girth,kind\n" + "".join(
    f"{height:g},{girth:g},{'ash' if i % 2 else 'birch'}\n"
    for i, (height, girth) in enumerate(NOISE.tolist())
)


def recipe_of(path):
    return fn.data.Recipe.from_dict(fn.load(path).metadata["recipe"])


# --- What works ----------------------------------------------------------------------


def test_classes_from_table_to_answers(command, classes_csv):
    status, out, _ = command("train", classes_csv, "--target", "kind", "--epochs", 60)
    assert status == 0
    assert "target: classes, 3 different texts" in out
    assert "next: fastnn predict model.npz" in out
    recipe = recipe_of("model.npz")
    assert recipe.feature_names == ["height", "girth"]
    assert recipe.target.classes == ("ash", "birch", "cedar")

    status, out, err = command("predict", "model.npz", classes_csv)
    assert (status, err) == (0, "")
    header, *answers = rows_of(out)
    truth = [row[2] for row in rows_of(classes_csv.read_text())[1:]]
    assert header == ["kind"]
    right = np.mean([a == [t] for a, t in zip(answers, truth, strict=True)])
    assert right > 0.85


def test_test_score_is_printed_beside_a_baseline(command, classes_csv):
    _, out, _ = command("train", classes_csv, "--target", "kind", "--epochs", 60)
    (line,) = [x for x in out.splitlines() if x.startswith("accuracy:")]
    assert "training" in line and "(96 rows)" in line
    assert "test" in line and "(24 rows)" in line
    assert "would be right in 0.3333" in out


def test_values_are_learned_in_their_own_scale(command, values_csv):
    status, out, _ = command(
        "train", values_csv, "--target", "price", "--hidden", 0, "--epochs", 300,
        "--learning-rate", 0.05,
    )  # fmt: skip
    assert status == 0 and "values to predict" in out and "R2: training" in out
    _, out, _ = command("predict", "model.npz", values_csv)
    answers = np.array([float(row[0]) for row in rows_of(out)[1:]])
    truth = np.array([float(row[2]) for row in rows_of(values_csv.read_text())[1:]])
    np.testing.assert_allclose(answers, truth, atol=0.02)


def test_same_seed_same_file(command, classes_csv):
    for out in ("a.npz", "b.npz"):
        command("train", classes_csv, "--target", "kind", "--epochs", 3, "--out", out)
    with open("a.npz", "rb") as a, open("b.npz", "rb") as b:
        assert a.read() == b.read()


@pytest.mark.parametrize(
    ("column", "task", "word"),
    [
        ([0, 1, 1, 0], "auto", "classes, 2 different whole numbers"),
        ([0, 1, 2, 0, 1], "auto", "values to predict, 3 different whole numbers"),
        (list(range(20)) * 2, "auto", "classes, 20 different whole numbers"),
        (list(range(21)) * 2, "auto", "values to predict, 21 different"),
        ([0, 1, 1], "values", "values to predict, 2 different whole numbers"),
        ([0, 1] * 10, "auto", "classes, 2 different whole numbers"),
        ([0, 1] * 10, "values", "values to predict, 2 different whole numbers"),
        (list(range(20)), "auto", "values to predict, 20 different whole numbers"),
        ([0.5, 1.5] * 10, "auto", "values to predict, 2 different numbers"),
        ([0.5, 1.5] * 10, "classes", "classes, 2 different numbers (--task classes)"),
        (["yes", "no"] * 10, "auto", "classes, 2 different texts"),
        (["True", "False"] * 10, "auto", "classes, 2 different booleans"),
    ],
)
def test_the_task_is_decided_and_said(command, tmp_path, column, task, word):
    lines = [f"{NOISE[i, 0]},{y}" for i, y in enumerate(column)]
    (tmp_path / "t.csv").write_text("\n".join(["x,y", *lines]))
    status, out, _ = command(
        "train", "t.csv", "--target", "y", "--epochs", 1, "--task", task, "--force"
    )
    assert status == 0 and f"target: {word}" in out
    answers = rows_of(command("predict", "model.npz", "t.csv")[1])[1:]
    if "classes" in word:
        assert {a for (a,) in answers} <= {str(value) for value in column}
    else:
        assert all(float(a) == float(a) for (a,) in answers)


def test_three_rows_of_0_and_1_are_classes_too(refused, tmp_path):
    (tmp_path / "t.csv").write_text("x,y\n1,0\n2,1\n3,1\n")
    message = refused("train", "t.csv", "--target", "y")
    assert "2 classes in 3 rows" in message and "--task values" in message


def test_booleans_are_numbers_as_features(command, tmp_path):
    lines = [f"{bool(i % 3)},{x},{i % 2}" for i, (x, _) in enumerate(NOISE.tolist())]
    (tmp_path / "t.csv").write_text("\n".join(["flag,x,y", *lines]))
    assert command("train", "t.csv", "--target", "y", "--epochs", 1)[0] == 0


def test_constant_column_and_no_test_rows(command, tmp_path):
    lines = [f"7,{x},{'ab'[i % 2]}" for i, (x, _) in enumerate(NOISE.tolist())]
    (tmp_path / "t.csv").write_text("\n".join(["c,x,y", *lines]))
    status, out, _ = command(
        "train", "t.csv", "--target", "y", "--epochs", 1, "--test-fraction", 0
    )
    assert status == 0 and "test " not in out.split("accuracy:")[1].split("\n")[0]
    assert recipe_of("model.npz").feature_names == ["x"]


def test_drop_leaves_text_out(command, tmp_path):
    (tmp_path / "t.csv").write_text(CLASSES.replace("\n", ",note\n"))
    text = (tmp_path / "t.csv").read_text().replace("kind,note", "kind,where")
    (tmp_path / "t.csv").write_text(text)
    status, _, _ = command(
        "train", "t.csv", "--target", "kind", "--drop", "where", "--epochs", 1
    )
    assert status == 0
    recipe = recipe_of("model.npz")
    assert recipe.columns == recipe.feature_names == ["height", "girth"]


MESSY = {  # each is repaired, whatever else the table holds
    "text feature": CLASSES.replace("3,-1.5", "tall,-1.5"),
    "empty cell": CLASSES.replace("3,-1.5", "3,"),
    "NA": CLASSES.replace("3,-1.5", "3,NA"),
    "infinite": CLASSES.replace("3,-1.5", "3,inf"),
    "too large": CLASSES.replace("3,-1.5", "3,1e308"),  # for float32
    "target missing": CLASSES.replace("3,-1.5,ash", "3,-1.5,"),
    "long row": CLASSES.replace("3,-1.5,ash", "3,-1.5,ash,7"),
    "nameless column": CLASSES.replace("height,", ",", 1),
    "same name twice": CLASSES.replace("girth", "height", 1),
    "a column of words": "".join(
        line + word
        for line, word in zip(
            CLASSES.splitlines(), [",place\n", *[",hill\n", ",\n", ",dale\n"] * 20],
            strict=False,
        )
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MESSY)
def test_messy_tables_are_repaired(command, tmp_path, name):
    (tmp_path / "t.csv").write_text(MESSY[name])
    status, out, err = command("train", "t.csv", "--target", "kind", "--epochs", 3)
    assert status == 0 and "accuracy: training" in out, err
    status, out, err = command("predict", "model.npz", "t.csv", "--proba")
    header, *rows = rows_of(out)
    assert status == 0 and header[1:] == ["P(ash)", "P(birch)"], err
    P = np.array([[float(p) for p in row[1:]] for row in rows])
    assert len(P) >= 19 and np.isfinite(P).all()


def test_the_penguins_as_they_come(command):
    table = Path(fn.datasets.__path__[0], "tables", "penguins_raw.csv")
    status, out, err = command("train", table, "--target", "Species", "--epochs", 60)
    assert status == 0, err
    right = float(re.search(r"test (\S+) \(", out)[1])
    assert right > 0.9
    status, out, _ = command("predict", "model.npz", table)
    assert status == 0 and len(rows_of(out)) == 1 + 344


def test_repairs_that_are_alike_share_a_line(command, tmp_path):
    lines = CLASSES.splitlines()
    gaps = ["?", "unknown", "N/A"]
    head = lines[0] + ",a,b,c"
    rows = [
        line + "".join(f",{i * k % 17 + 0.5 if i % 9 else gap}" for k, gap in
                       enumerate(gaps, 3))
        for i, line in enumerate(lines[1:])
    ]  # fmt: skip
    (tmp_path / "gaps.csv").write_text("\n".join([head, *rows]))
    status, out, _ = command("train", "gaps.csv", "--target", "kind", "--force")
    assert status == 0
    said = [line for line in out.splitlines() if line.startswith("repair:")]
    assert said == [
        "repair: 'a', 'b', 'c': Read '?', 'unknown', 'N/A' as missing, then fill."
    ]


def test_cells_cannot_move_the_cursor(command, refused, tmp_path):
    table = CLASSES.replace("kind", "\x1b[2Jkind").replace("birch", "\x1b]0;x\x07")
    (tmp_path / "\x1b[31m t.csv").write_text(table)
    for arguments in (
        ["inspect", "\x1b[31m t.csv", "--target", "\x1b[2Jkind"],
        ["train", "\x1b[31m t.csv", "--target", "\x1b[2Jkind", "--force"],
    ):
        _, out, err = command(*arguments)
        assert "\x1b" not in out + err and "\\x1b[31m t.csv" in out
    assert "next: fastnn predict model.npz '\\x1b[31m t.csv'" in out
    assert "\x1b" not in refused("inspect", "\x1b[31m t.csv", "--target", "\x1b[2J")
    assert "\x1b" not in refused("inspect", "\x1b[31m none.csv")


def test_splits_that_are_asked_for(command, refused, tmp_path):
    rows = [f"{i % 7},{i % 2},{i // 10},2024-01-{1 + i % 28:02}" for i in range(200)]
    (tmp_path / "t.csv").write_text("\n".join(["x,y,of,day", *rows]))
    for how in ("random", "stratified", "group:of", "time:day"):
        status, out, err = command(
            "train", "t.csv", "--target", "y", "--epochs", 1, "--split", how
        )
        assert status == 0, err
        assert f"split: {how.split(':')[0]}" in out and "as asked" in out
    assert "'where'" in refused("train", "t.csv", "--target", "y",
                                "--split", "group:where")  # fmt: skip
    refused("train", "t.csv", "--target", "y", "--split", "sorted", status=2)


@pytest.mark.parametrize("optimizer", ["sgd", "adagrad", "rmsprop", "adam", "adamw"])
def test_every_optimizer(command, classes_csv, optimizer):
    status, _, _ = command(
        "train", classes_csv, "--target", "kind", "--epochs", 2,
        "--optimizer", optimizer, "--dropout", 0.1, "--activation", "tanh",
    )  # fmt: skip
    assert status == 0


# --- What is refused -----------------------------------------------------------------

BAD_TABLES = {
    "empty": ("", ["empty"]),
    "blank": ("\n\n  \n", ["empty"]),
    "only a header": ("height,girth,kind\n", ["no rows"]),
    "no header": ("1,2,3\n4,5,6\n", ["values where names are expected"]),
    "no target": ("height,girth\n1,2\n", ["'kind'", "'height'"]),
    "no row is left": ("height,kind\n1,a\n2,b,3\n", ["'kind'", "1 of 1 rows"]),
    "one class": (CLASSES.replace("birch", "ash"), ["'kind'", "'ash'"]),
    "a class a row": (
        "height,kind\n" + "".join(f"{i},{k}\n" for i, k in enumerate("abcdefghi")),
        ["9 classes in 9 rows"],
    ),
    "only the target": ("kind\na\nb\n", ["no column"]),
    "one row": ("height,kind\n1,a\n", ["'kind'"]),
    "no column tells rows apart": (
        "height,kind\n" + "".join(f"1,{'ab'[i % 2]}\n" for i in range(20)),
        ["no column is left"],
    ),
    "values too large": (
        "height,kind\n"
        + "".join(f"{x},{15 - i}e307\n" for i, (x, _) in enumerate(NOISE[:30])),
        ["too large"],
    ),
}


@pytest.mark.parametrize("name", BAD_TABLES)
def test_bad_tables_are_refused(refused, tmp_path, name):
    text, words = BAD_TABLES[name]
    (tmp_path / "t.csv").write_text(text)
    message = refused("train", "t.csv", "--target", "kind", "--epochs", 1)
    for word in ["t.csv", *words] if name != "values too large" else words:
        assert word in message


def test_binary_files_are_refused(refused, tmp_path):
    (tmp_path / "t.csv").write_bytes(b"a,b\n1,\x002\n" + bytes(range(256)))
    assert "text" in refused("train", "t.csv", "--target", "b")


@pytest.mark.parametrize(
    ("extra", "word"),
    [
        (["--out", "nowhere/m.npz"], "nowhere"),
        (["--out", "folder"], "folder"),
        (["--out", ""], "empty"),
        (["--out", "trees.csv"], "trees.csv"),
        (["--drop", "leaves"], "'leaves'"),
        (["--drop", "height,girth"], "no column"),
        (["--task", "values"], "'kind'"),
    ],
)
def test_bad_arguments_are_refused(refused, classes_csv, tmp_path, extra, word):
    (tmp_path / "folder").mkdir()
    assert word in refused("train", classes_csv, "--target", "kind", *extra)


def test_missing_table(refused):
    assert "t.csv: there is no such file" in refused("train", "t.csv", "--target", "y")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folder_that_is_not_mine(refused, classes_csv, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    assert "locked" in refused(
        "train", classes_csv, "--target", "kind", "--out", "locked/m.npz"
    )


def test_diverging_training_writes_nothing(command, values_csv, tmp_path):
    status, _, err = command(
        "train", values_csv, "--target", "price", "--optimizer", "sgd",
        "--learning-rate", 1e30,
    )  # fmt: skip
    assert status == 1 and "nothing was written" in err.splitlines()[-1]
    assert not (tmp_path / "model.npz").exists()


def test_any_alphabet_in_any_terminal(process, tmp_path):
    text = CLASSES.replace("birch", "bjørk").replace("kind", "τύπος")
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    ascii_only = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    child = process("train", "t.csv", "--target", "τύπος", env=ascii_only)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0, err
    child = process("predict", "model.npz", "t.csv", env=ascii_only)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0, err
    assert out.startswith("τύπος\n") and "bjørk" in out
