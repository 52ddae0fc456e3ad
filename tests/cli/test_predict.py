"""fastnn predict: answers for tables, from the file that fastnn train wrote."""

import copy
import csv
import io
import os
import stat

import numpy as np
import pytest
from cli.conftest import rows_of

import fastnn as fn
from fastnn.cli.predict import write_csv


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


def test_what_csv_needs_quotes_for_comes_back():
    file = io.StringIO()
    rows = [["a, b", 'say "no"'], ["two\nlines", "é"], ["", "1.5"]]
    write_csv(file, ["x", "P(x, y)"], rows)
    assert "\r" not in file.getvalue()
    file.seek(0)
    assert list(csv.reader(file)) == [["x", "P(x, y)"], *rows]


# --- What is refused ------------------------------------------------------------------


@pytest.fixture
def model(command, classes_csv):
    command("train", classes_csv, "--target", "kind", "--epochs", 1)
    return "model.npz"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("height\n1\n", ["'girth'", "'height'"]),
        ("h,g\n1,2\n", ["'height'", "'girth'"]),
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
    for index, (place, value) in enumerate(
        [
            (["recipe"], None),
            (["recipe", "version"], 2),
            (["recipe", "steps"], []),
            (["recipe", "steps", 0, "step"], "Explode"),
            (["recipe", "steps", 0, "kinds"], {"height": "number"}),
            (["recipe", "steps", -1, "moments", "height"], [0.0, 0.0]),
            (["recipe", "steps", -1, "moments", "height"], [float("nan"), 1.0]),
            (["recipe", "target", "classes"], ["ash", "ash", "oak"]),
            (["recipe", "target", "classes"], [1, 2, 3]),
            (["recipe", "target", "classes"], ["ash", "oak"]),
            (["recipe", "target", "name"], 5),
            (["recipe", "target"], None),
        ]
    ):
        changed = copy.deepcopy(good)
        inside = changed
        for key in place[:-1]:
            inside = inside[key]
        inside[place[-1]] = value
        bare.save(tmp_path / f"changed{index}.npz", metadata=changed)
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
