"""Toy problems: their shapes, their balance, their seeds."""

import inspect

import numpy as np
import pytest

from fastnn import datasets

CLASSES = ["blobs", "moons", "circles", "spirals", "xor"]
ALL = [*CLASSES, "friedman"]


def make(name, *args, **kwargs):
    return getattr(datasets, name)(*args, **kwargs)


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("n_samples", [3, 4, 7, 100, 101])
def test_shapes_dtypes_and_balance(name, n_samples):
    X, y = make(name, n_samples)
    assert X.shape == (n_samples, 2) and X.dtype == np.float64
    assert y.shape == (n_samples,) and y.dtype == np.int64
    assert X.flags.c_contiguous and X.flags.writeable and y.flags.writeable
    counts = np.bincount(y)
    assert counts.max() - counts.min() <= 1
    assert len(counts) == (3 if name == "spirals" else 2)


@pytest.mark.parametrize("name", ["blobs", "spirals"])
@pytest.mark.parametrize("n_classes", [2, 3, 5, 8])
def test_any_number_of_classes(name, n_classes):
    X, y = make(name, n_samples=43, n_classes=n_classes)
    counts = np.bincount(y, minlength=n_classes)
    assert len(counts) == n_classes and counts.max() - counts.min() <= 1
    assert len(np.unique(X, axis=0)) == 43


@pytest.mark.parametrize("name", ALL)
def test_the_seed_decides(name):
    X, y = make(name, 50, seed=3)
    again = make(name, 50, seed=3)
    np.testing.assert_array_equal(X, again[0])
    np.testing.assert_array_equal(y, again[1])
    own = make(name, 50, rng=np.random.default_rng(3))
    np.testing.assert_array_equal(X, own[0])
    assert not np.array_equal(X, make(name, 50, seed=4)[0])
    assert not np.array_equal(X, make(name, 50)[0])  # seed=0


@pytest.mark.parametrize("name", ALL)
def test_a_generator_moves_on(name):
    rng = np.random.default_rng(0)
    assert not np.array_equal(make(name, 50, rng=rng)[0], make(name, 50, rng=rng)[0])


@pytest.mark.parametrize("name", ALL)
def test_global_state_is_neither_read_nor_set(name):
    before = np.random.get_state()[1].copy()
    make(name, 20)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize("name", CLASSES)
def test_rows_are_shuffled(name):
    X, y = make(name, 200)
    assert 50 < (np.diff(y) != 0).sum() < 160
    # within a class, neither coordinate runs with the row number
    for column in X[y == 0].T:
        assert abs(np.corrcoef(column, np.arange(len(column)))[0, 1]) < 0.3


def test_blobs_are_nearly_separable_by_a_line():
    X, y = datasets.blobs(n_samples=2000)
    by_line = (X.sum(axis=1) > 0).astype(int)  # halfway between the centres
    # centres 5 apart, spread 1: a share of Phi(-2.5) = 0.0062 lies beyond the line
    assert 0 < (by_line != y).mean() < 0.015


@pytest.mark.parametrize(("n_classes", "n_features"), [(2, 1), (4, 1), (3, 2), (5, 7)])
def test_centres_of_blobs_are_5_apart(n_classes, n_features):
    X, y = datasets.blobs(60, n_classes, n_features, spread=0.0)
    assert X.shape == (60, n_features)
    centres = np.array([X[y == k][0] for k in range(n_classes)])
    assert all((X[y == k] == centres[k]).all() for k in range(n_classes))
    apart = np.linalg.norm(np.diff(centres, axis=0), axis=1)
    assert apart == pytest.approx(5.0)


def test_spread_of_blobs():
    X, y = datasets.blobs(4000, n_features=3, spread=0.5)
    assert X[y == 1].std(axis=0) == pytest.approx(0.5, rel=0.05)


def test_moons_without_noise_lie_on_half_circles():
    X, y = datasets.moons(101, noise=0)
    upper, lower = X[y == 0], X[y == 1]
    assert np.hypot(*upper.T) == pytest.approx(1.0)
    assert np.hypot(lower[:, 0] - 1, lower[:, 1] - 0.5) == pytest.approx(1.0)
    assert upper[:, 1].min() > -1e-12 and lower[:, 1].max() < 0.5 + 1e-12


def test_circles_without_noise_have_their_radii():
    X, y = datasets.circles(101, noise=0, factor=0.3)
    assert np.hypot(*X.T) == pytest.approx(np.where(y == 0, 1.0, 0.3))
    assert len(np.unique(X.round(9), axis=0)) == 101  # the circle closes once


def test_spirals_are_one_arm_turned():
    X, y = datasets.spirals(300, n_classes=3, noise=0)
    radius, angle = np.hypot(*X.T), np.arctan2(X[:, 1], X[:, 0])
    assert radius.min() == pytest.approx(0.1) and radius.max() == pytest.approx(1.0)
    expected = 2 * np.pi * (0.75 * (radius - 0.1) / 0.9 + y / 3)
    assert np.cos(angle - expected) == pytest.approx(1.0)


def test_xor_without_noise_is_the_truth_table():
    X, y = datasets.xor(4, noise=0)
    table = sorted((*map(int, x), int(label)) for x, label in zip(X, y, strict=True))
    assert table == [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)]


def test_friedman_is_its_formula():
    X, y = datasets.friedman(500, n_features=7, noise=0)
    assert X.shape == (500, 7) and y.dtype == np.float64
    assert X.min() >= 0 and X.max() < 1
    by_hand = [
        10 * np.sin(np.pi * x[0] * x[1]) + 20 * (x[2] - 0.5) ** 2 + 10 * x[3] + 5 * x[4]
        for x in X
    ]
    assert y == pytest.approx(by_hand)


def test_noise_is_its_standard_deviation():
    quiet = datasets.friedman(2000, noise=0)[1]
    assert (datasets.friedman(2000, noise=2.0)[1] - quiet).std() == pytest.approx(
        2.0, rel=0.1
    )
    for name in ("moons", "circles", "spirals", "xor"):
        difference = make(name, 2000, noise=0.25)[0] - make(name, 2000, noise=0)[0]
        assert difference.std() == pytest.approx(0.25, rel=0.1)


BAD = [
    *((name, {"n_samples": bad}) for name in ALL for bad in (0, -3, 2.5, "9", True)),
    *((name, {"seed": bad}) for name in ALL for bad in (-1, 0.5, "a", None)),
    *((name, {"rng": bad}) for name in ALL for bad in (7, np.random)),
    *((name, {"seed": 1, "rng": np.random.default_rng()}) for name in ALL),
    *((name, {"noise": bad}) for name in ALL[1:] for bad in (-1, "a", None, np.nan)),
    *((name, {"noise": np.inf}) for name in ALL[1:]),
    *(("blobs", {"spread": bad}) for bad in (-1, np.inf, np.nan, [1.0])),
    *(("blobs", {"n_features": bad}) for bad in (0, 1.0)),
    *(("friedman", {"n_features": bad}) for bad in (4, 6.0)),
    *(("circles", {"factor": bad}) for bad in (0, 1, -0.5, np.nan, "half")),
    *((name, {"n_classes": bad}) for name in ("blobs", "spirals") for bad in (1, 2.0)),
    *((name, {"n_classes": 301}) for name in ("blobs", "spirals")),
]


@pytest.mark.parametrize(("name", "bad"), BAD)
def test_bad_arguments_are_named(name, bad):
    with pytest.raises((TypeError, ValueError)) as error:
        make(name, **bad)
    message = str(error.value)
    assert message.startswith(f"{name}: ") and next(iter(bad)) in message


@pytest.mark.parametrize("name", ALL)
def test_signature(name):
    parameters = inspect.signature(getattr(datasets, name)).parameters
    assert parameters["seed"].default == 0 and parameters["rng"].default is None
