"""Well-known tables are ready: what is odd in them is a fact, not a fault."""

import pytest

import fastnn as fn
from fastnn.data import inspect

pandas = pytest.importorskip("pandas")


def shipped(load):
    dataset = load()
    frame = pandas.DataFrame(dataset.X, columns=list(dataset.feature_names))
    return frame.assign(target=dataset.y)


def of_sklearn(name):
    datasets = pytest.importorskip("sklearn.datasets")
    return getattr(datasets, f"load_{name}")(as_frame=True).frame


CLEAN = {
    "digits": lambda: shipped(fn.datasets.load_digits),
    "breast cancer": lambda: shipped(fn.datasets.load_breast_cancer),
    "iris": lambda: shipped(fn.datasets.load_iris),
    "wine": lambda: of_sklearn("wine"),
    "diabetes": lambda: of_sklearn("diabetes"),
    "digits of scikit-learn": lambda: of_sklearn("digits"),
    "breast cancer of scikit-learn": lambda: of_sklearn("breast_cancer"),
    "iris of scikit-learn": lambda: of_sklearn("iris"),
}


@pytest.mark.parametrize("name", CLEAN)
def test_ready_with_nothing_above_warning(name):
    report = inspect(CLEAN[name](), target="target")
    faults = [f for f in report.findings if f.severity in ("blocker", "repair")]
    assert faults == []
    assert report.verdict == "ready"


@pytest.mark.parametrize("name", ["iris", "wine", "breast cancer"])
def test_from_a_file_as_well(name, tmp_path):
    CLEAN[name]().to_csv(tmp_path / "table.csv", index=False)
    assert inspect(tmp_path / "table.csv", target="target").verdict == "ready"


def test_names_of_classes_instead_of_numbers():
    dataset = fn.datasets.load_iris()
    frame = pandas.DataFrame(dataset.X, columns=list(dataset.feature_names))
    frame["species"] = [dataset.target_names[i] for i in dataset.y]
    assert inspect(frame, target="species").verdict == "ready"


def test_without_a_target_too():
    for name in ("digits", "breast cancer", "iris"):
        report = inspect(CLEAN[name]().drop(columns="target"))
        assert report.verdict == "ready", name
