"""The tables that ship: the right values, in the right order, fresh on every call."""

import csv
import hashlib

import numpy as np
import pytest

import fastnn as fn
from fastnn import datasets

# name: (shape, rows per class, sum of X, first row, last row's class)
FACTS = {
    "digits": (
        (1797, 64),
        [178, 182, 177, 183, 181, 182, 181, 179, 174, 180],
        561718.0,
        [0, 0, 5, 13, 9, 1, 0, 0],
        8,
    ),
    "breast_cancer": (
        (569, 30),
        [212, 357],
        1056474.4596356,
        [17.99, 10.38, 122.8, 1001, 0.1184],
        1,
    ),
    "iris": ((150, 4), [50, 50, 50], 2078.7, [5.1, 3.5, 1.4, 0.2], 2),
    "penguins": (
        (342, 4),
        [151, 68, 123],
        1526600.0,
        [39.1, 18.7, 181, 3750],
        1,
    ),
}

# sha256 of X (float64) and y (int64), little-endian, as scikit-learn 1.9.1 gives them
CHECKSUMS = {
    "digits": "f6d9e39f37dc45d327f6db33428ee58970ccceabb2535a5c179de35886b70443",
    "breast_cancer": "25e2eb7b7a8745b1bde5ba18bc4969983d2e2f403291ecd5bde4a29ef30c3859",
    "iris": "aa06b8008ceba42efc654be0f83fdafc786239c9e8f13146044d078f5aab8f23",
}
RAW_SHA256 = "144f623143c9360fd77322a4f86acb06dc198814dbd2669724c63e6457b907bd"


def load(name):
    return getattr(datasets, f"load_{name}")()


@pytest.mark.parametrize("name", FACTS)
def test_known_facts(name):
    shape, counts, total, first, last_class = FACTS[name]
    data = load(name)
    assert data.X.shape == shape and data.X.dtype == np.float64
    assert data.y.shape == shape[:1] and data.y.dtype == np.int64
    assert data.X.flags.c_contiguous
    assert np.bincount(data.y).tolist() == counts
    # a float64 sum of n values >= 0 is off by at most n eps of itself
    assert data.X.sum() == pytest.approx(total, rel=data.X.size * 2.3e-16)
    assert data.X[0, : len(first)].tolist() == first
    assert data.y[-1] == last_class
    assert np.isfinite(data.X).all()


@pytest.mark.parametrize("name", CHECKSUMS)
def test_bytes_are_those_of_scikit_learn(name):
    data = load(name)
    content = data.X.astype("<f8").tobytes() + data.y.astype("<i8").tobytes()
    assert hashlib.sha256(content).hexdigest() == CHECKSUMS[name]


@pytest.mark.parametrize("name", CHECKSUMS)
def test_equal_to_scikit_learn(name):
    theirs = getattr(pytest.importorskip("sklearn.datasets"), f"load_{name}")()
    ours = load(name)
    np.testing.assert_array_equal(ours.X, theirs.data)
    np.testing.assert_array_equal(ours.y, theirs.target)
    assert list(ours.feature_names) == [str(x) for x in theirs.feature_names]
    assert list(ours.target_names) == [str(x) for x in theirs.target_names]


@pytest.mark.parametrize("name", FACTS)
def test_names_fit_the_arrays(name):
    data = load(name)
    assert len(data.feature_names) == len(set(data.feature_names)) == data.X.shape[1]
    assert len(data.target_names) == data.y.max() + 1
    assert all(isinstance(x, str) for x in data.feature_names + data.target_names)
    assert "CC" in data.description  # the licence


@pytest.mark.parametrize("name", FACTS)
def test_each_call_gives_fresh_arrays(name):
    spoilt = load(name)
    spoilt.X[:] = -1.0
    spoilt.y[:] = 0
    fresh = load(name)
    assert fresh.X.min() >= 0 and fresh.y.max() > 0


@pytest.mark.parametrize("name", FACTS)
def test_cannot_be_reassigned(name):
    with pytest.raises(AttributeError):
        load(name).X = None


def test_diabetes_is_a_regression():
    data = datasets.load_diabetes()
    assert data.X.shape == (442, 10) and data.y.shape == (442,)
    assert data.X.dtype == data.y.dtype == np.float64
    assert data.X[0].tolist() == [59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87]
    assert data.y.mean() == pytest.approx(152.1335, abs=1e-4)
    assert (data.y.min(), data.y.max()) == (25, 346)
    assert len(data.feature_names) == 10 and data.target_names == ("progression",)
    assert "(442,) float64: progression, from 25 to 346" in repr(data)
    assert "Licence: none stated" in data.description
    data.y[:] = 0
    assert datasets.load_diabetes().y.min() == 25


def test_diabetes_is_that_of_scikit_learn():
    theirs = pytest.importorskip("sklearn.datasets").load_diabetes(scaled=False)
    ours = datasets.load_diabetes()
    np.testing.assert_array_equal(ours.X, theirs.data)
    np.testing.assert_array_equal(ours.y, theirs.target)
    assert list(ours.feature_names) == [str(x) for x in theirs.feature_names]


def test_el_nino_is_a_series():
    data = datasets.load_el_nino()
    year, month = data.X.T
    assert data.X.shape == (732, 2) and data.y.shape == (732,)
    np.testing.assert_array_equal(np.diff(12 * year + month), 1)  # no month is missing
    assert (year[0], month[0], year[-1], month[-1]) == (1950, 1, 2010, 12)
    assert data.y[:3].tolist() == [23.11, 24.2, 25.37]
    # warmest in March, coldest in September, and 1982-83 and 1997-98 stand out
    by_month = data.y.reshape(61, 12).mean(axis=0)
    assert (by_month.argmax() + 1, by_month.argmin() + 1) == (3, 9)
    above = (data.y.reshape(61, 12) - by_month).mean(axis=1)
    assert set(1950 + np.argsort(above)[-3:]) == {1983, 1997, 1998}
    assert "(732,) float64: temperature_c" in repr(data)
    assert "Public domain" in data.description


def test_el_nino_is_that_of_statsmodels():
    elnino = pytest.importorskip("statsmodels.datasets.elnino")
    theirs = elnino.load_pandas().data.to_numpy()
    ours = datasets.load_el_nino()
    np.testing.assert_array_equal(ours.y.reshape(61, 12), theirs[:, 1:])
    np.testing.assert_array_equal(ours.X[::12, 0], theirs[:, 0])


def test_digits_are_images():
    digits = datasets.load_digits()
    assert digits.images.shape == (1797, 8, 8)
    np.testing.assert_array_equal(digits.images[7].ravel(), digits.X[7])
    assert np.shares_memory(digits.images, digits.X)
    # the mean zero is empty in the middle, the mean one is not
    means = [digits.images[digits.y == d].mean(axis=0) for d in (0, 1)]
    assert means[0][3:5, 3:5].max() < 4 < means[1][3:5, 3:5].min()


def test_penguins_come_from_the_raw_table():
    raw, penguins = datasets.load_penguins_raw(), datasets.load_penguins()
    gaps = [i for i, x in enumerate(raw.table["Body Mass (g)"]) if x == "NA"]
    assert gaps == [3, 271]
    species = np.delete(np.array(raw.table["Species"]), gaps)
    named = np.array(penguins.target_names)[penguins.y]
    assert all(long.startswith(s) for long, s in zip(species, named, strict=True))
    assert "dropped" in penguins.description
    # the means that palmerpenguins documents: 43.92, 17.15, 200.9, 4202
    means = penguins.X.mean(axis=0)
    assert means == pytest.approx([43.9219, 17.1512, 200.9152, 4201.7544], abs=1e-4)


def test_raw_penguins_are_as_published():
    raw = datasets.load_penguins_raw()
    assert hashlib.sha256(raw.path.read_bytes()).hexdigest() == RAW_SHA256
    assert len(raw.table) == 17
    assert all(len(column) == 344 for column in raw.table.values())
    assert raw.table["Sex"].count("NA") == 11
    with open(raw.path, newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[10] == {name: column[10] for name, column in raw.table.items()}
    raw.table["Sex"].clear()
    assert len(datasets.load_penguins_raw().table["Sex"]) == 344


def test_repr_is_short_and_says_what_is_there():
    text = repr(datasets.load_breast_cancer())
    assert "(569, 30) float64" in text and "malignant: 212" in text
    raw = repr(datasets.load_penguins_raw())
    assert "344 rows, 17 columns" in raw and "penguins_raw.csv" in raw
    for shown in (text, raw, repr(datasets.load_digits())):
        assert len(shown.splitlines()) <= 5


def test_every_table_names_its_source():
    folder = datasets.load_penguins_raw().path.parent
    sources = (folder / "SOURCES.md").read_text()
    for file in folder.iterdir():
        assert file.name == "SOURCES.md" or f"## {file.name}" in sources


def test_public_names():
    assert fn.datasets is datasets
    assert all(hasattr(datasets, name) for name in datasets.__all__)
