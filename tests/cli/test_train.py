"""fastnn train and predict: from a table to answers, and all that can be wrong."""

import csv
import os
import stat

import numpy as np
import pytest

import fastnn as fn

CLASSES = "height,girth,kind\n" + "".join(
    f"{i},{-i / 2},{'ash' if i % 2 else 'birch'}\n" for i in range(20)
)


def rows_of(text):
    return list(csv.reader(text.splitlines()))


# --- What works ----------------------------------------------------------------------


def test_classes_from_table_to_answers(command, classes_csv):
    status, out, _ = command("train", classes_csv, "--target", "kind", "--epochs", 60)
    assert status == 0
    assert "target: classes, 3 different texts" in out
    assert "next: fastnn predict model.npz" in out
    net = fn.load("model.npz")
    assert net.metadata["features"] == ["height", "girth"]
    assert net.metadata["classes"] == ["ash", "birch", "cedar"]

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


def test_columns_are_found_by_name(command, classes_csv, tmp_path):
    command("train", classes_csv, "--target", "kind", "--epochs", 5)
    _, expected, _ = command("predict", "model.npz", classes_csv, "--proba")
    rows = rows_of(classes_csv.read_text())
    other = tmp_path / "other.csv"
    other.write_text(
        "\n".join(f"{girth};x;{height}" for height, girth, _ in rows).replace(
            "girth;x;height", "girth;note;height"
        )
    )
    status, out, err = command("predict", "model.npz", other, "--proba")
    assert status == 0 and out == expected
    assert err == f"fastnn predict: note: the network does not use 'note' of {other}\n"


def test_probabilities_sum_to_one(command, classes_csv):
    command("train", classes_csv, "--target", "kind", "--epochs", 5)
    _, out, _ = command("predict", "model.npz", classes_csv, "--proba")
    header, *rows = rows_of(out)
    assert header == ["kind", "P(ash)", "P(birch)", "P(cedar)"]
    probabilities = np.array([[float(p) for p in row[1:]] for row in rows])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=2e-6)
    named = [header[1 + i][2:-1] for i in probabilities.argmax(axis=1)]
    assert named == [row[0] for row in rows]


def test_answers_in_a_file(command, classes_csv):
    command("train", classes_csv, "--target", "kind", "--epochs", 2)
    _, expected, _ = command("predict", "model.npz", classes_csv)
    status, out, err = command("predict", "model.npz", classes_csv, "--out", "a.csv")
    assert (status, out, err) == (0, "", "120 answers: a.csv\n")
    with open("a.csv", encoding="utf-8") as file:
        assert file.read() == expected
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(os.stat("a.csv").st_mode) == 0o666 & ~umask


@pytest.mark.parametrize(
    ("column", "task", "word"),
    [
        ([0, 1, 1, 0], "auto", "classes, 2 different whole numbers"),
        ([0, 1, 2, 0, 1], "auto", "values to predict, 3 different numbers"),
        (list(range(20)) * 2, "auto", "classes, 20 different whole numbers"),
        (list(range(21)) * 2, "auto", "values to predict, 21 different"),
        ([0, 1, 1], "values", "values to predict, 2 different whole numbers"),
        ([0, 1] * 10, "auto", "classes, 2 different whole numbers"),
        ([0, 1] * 10, "values", "values to predict, 2 different whole numbers"),
        (list(range(20)), "auto", "values to predict, 20 different numbers"),
        ([0.5, 1.5] * 10, "auto", "values to predict, 2 different numbers"),
        ([0.5, 1.5] * 10, "classes", "classes, 2 different numbers (--task classes)"),
        (["yes", "no"] * 10, "auto", "classes, 2 different texts"),
        (["True", "False"] * 10, "auto", "classes, 2 different booleans"),
    ],
)
def test_the_task_is_decided_and_said(command, tmp_path, column, task, word):
    lines = [f"{i / 7},{y}" for i, y in enumerate(column)]
    (tmp_path / "t.csv").write_text("\n".join(["x,y", *lines]))
    status, out, _ = command(
        "train", "t.csv", "--target", "y", "--epochs", 1, "--task", task
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
    lines = [f"{bool(i % 2)},{i},{i % 2}" for i in range(20)]
    (tmp_path / "t.csv").write_text("\n".join(["flag,x,y", *lines]))
    assert command("train", "t.csv", "--target", "y", "--epochs", 1)[0] == 0


def test_constant_column_and_no_test_rows(command, tmp_path):
    lines = [f"7,{i},{'ab'[i % 2]}" for i in range(10)]
    (tmp_path / "t.csv").write_text("\n".join(["c,x,y", *lines]))
    status, out, _ = command(
        "train", "t.csv", "--target", "y", "--epochs", 1, "--test-fraction", 0
    )
    assert status == 0 and "test " not in out.split("accuracy:")[1].split("\n")[0]
    assert fn.load("model.npz").metadata["scale"][0] == 1.0


def test_drop_leaves_text_out(command, tmp_path):
    (tmp_path / "t.csv").write_text(CLASSES.replace("\n", ",note\n"))
    text = (tmp_path / "t.csv").read_text().replace("kind,note", "kind,where")
    (tmp_path / "t.csv").write_text(text)
    status, _, _ = command(
        "train", "t.csv", "--target", "kind", "--drop", "where", "--epochs", 1
    )
    assert status == 0
    assert fn.load("model.npz").metadata["features"] == ["height", "girth"]


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
    "no header": ("1,2,3\n4,5,6\n", ["header"]),
    "no target": ("height,girth\n1,2\n", ["'kind'", "'height'"]),
    "same name twice": ("height,height,kind\n1,2,a\n", ["'height'"]),
    "nameless column": (",height,kind\n1,2,a\n", ["column 1"]),
    "long row": ("height,kind\n1,a\n2,b,3\n", []),
    "all rows long": ("height,kind\n1,a,5\n2,b,3\n", []),
    "text feature": (CLASSES.replace("3,-1.5", "tall,-1.5"), ["'height'", "--drop"]),
    "empty cell": (CLASSES.replace("3,-1.5", "3,"), ["'girth'", "row 4"]),
    "NA": (CLASSES.replace("3,-1.5", "3,NA"), ["'girth'", "row 4"]),
    "infinite": (CLASSES.replace("3,-1.5", "3,inf"), ["'girth'", "row 4"]),
    "decimal commas": (
        "height;girth;kind\n0,546;1;a\n0,25;2;b\n",
        ["'height'", "decimal commas", "'0,546'", "0.546"],
    ),
    "decimal commas in the target": (
        "height;kind\n" + "".join(f"{i};0,{i % 2}\n" for i in range(9)),
        ["'kind'", "decimal commas", "0.0"],
    ),
    "target missing": (CLASSES.replace("3,-1.5,ash", "3,-1.5,"), ["'kind'", "row 4"]),
    "one class": (CLASSES.replace("birch", "ash"), ["'kind'", "'ash'"]),
    "a class a row": (
        "height,kind\n" + "".join(f"{i},k{i}\n" for i in range(9)),
        ["9"],
    ),
    "only the target": ("kind\na\nb\n", ["no column"]),
    "one row": ("height,kind\n1,a\n", ["'kind'"]),
    "too large": ("height,kind\n1e308,a\n-1e308,b\n1e308,a\n-1e308,b\n", ["large"]),
}


@pytest.mark.parametrize("name", BAD_TABLES)
def test_bad_tables_are_refused(refused, tmp_path, name):
    text, words = BAD_TABLES[name]
    (tmp_path / "t.csv").write_text(text)
    message = refused("train", "t.csv", "--target", "kind", "--epochs", 1)
    for word in ["t.csv", *words] if name != "too large" else words:
        assert word in message


@pytest.mark.parametrize(
    ("content", "word"), [(b"\xff\xfe\x00a\x00,", "UTF-8"), (b"a,b\n1,\x002\n", "text")]
)
def test_binary_files_are_refused(refused, tmp_path, content, word):
    (tmp_path / "t.csv").write_bytes(content)
    assert word in refused("train", "t.csv", "--target", "b")


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
    assert "t.csv: No such file" in refused("train", "t.csv", "--target", "y")


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


@pytest.fixture
def model(command, classes_csv):
    command("train", classes_csv, "--target", "kind", "--epochs", 1)
    return "model.npz"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("height\n1\n", ["'girth'", "'height'"]),
        ("h,g\n1,2\n", ["'height'", "'girth'"]),
        ("height,girth\n1,\n", ["'girth'", "row 1"]),
        ("height,girth\n1,x\n", ["'girth'", "'x'"]),
        ("height,girth\n", ["no rows"]),
        ("", ["empty"]),
    ],
)
def test_predict_refuses_bad_tables(refused, model, tmp_path, text, words):
    (tmp_path / "t.csv").write_text(text)
    message = refused("predict", model, "t.csv")
    assert all(word in message for word in words), message
    refused("predict", model, "t.csv", "--out", "a.csv")


def test_predict_refuses_bad_models(refused, classes_csv, tmp_path, model):
    whole = (tmp_path / model).read_bytes()
    (tmp_path / "half.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.npz").write_text("not a model")
    bare = fn.mlp(2, [4], 3)
    bare.save(tmp_path / "bare.npz")
    good = fn.load(tmp_path / model).metadata
    for index, change in enumerate(
        [
            {"features": ["height"]},
            {"features": "ab"},
            {"scale": [0.0, 1.0]},
            {"mean": [float("nan"), 0.0]},
            {"mean": None},
            {"classes": ["ash", "ash", "oak"]},
            {"classes": [1, 2, 3]},
            {"target": 5},
        ]
    ):
        bare.save(tmp_path / f"changed{index}.npz", metadata={**good, **change})
        message = refused("predict", f"changed{index}.npz", classes_csv)
        assert "fastnn train" in message
    assert "half.npz" in refused("predict", "half.npz", classes_csv)
    assert "text.npz" in refused("predict", "text.npz", classes_csv)
    assert "fastnn train" in refused("predict", "bare.npz", classes_csv)
    assert "none.npz" in refused("predict", "none.npz", classes_csv)


def test_predict_refuses_bad_outputs(refused, classes_csv, model, tmp_path):
    before = classes_csv.read_bytes()
    assert "nowhere" in refused("predict", model, classes_csv, "--out", "nowhere/a.csv")
    refused("predict", model, classes_csv, "--out", classes_csv)
    refused("predict", model, classes_csv, "--out", model)
    assert classes_csv.read_bytes() == before


def test_values_have_no_probabilities(command, refused, values_csv):
    command("train", values_csv, "--target", "price", "--epochs", 1)
    assert "--proba" in refused("predict", "model.npz", values_csv, "--proba")


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
