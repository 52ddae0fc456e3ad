"""split: every row in exactly one part, classes in equal shares, seeds."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fastnn as fn
from fastnn.data import split


def numbered(y):
    """X whose single column is the row number."""
    return np.arange(len(y))[:, None]


def test_by_hand():
    y = [0] * 6 + [1] * 4
    train, test = fn.data.split(numbered(y), y, test_fraction=0.5, seed=0)
    assert np.bincount(train[1]).tolist() == [3, 2]
    assert np.bincount(test[1]).tolist() == [3, 2]


@settings(max_examples=200, deadline=None)
@given(
    counts=st.lists(st.integers(2, 40), min_size=1, max_size=8),
    fraction=st.floats(0.05, 0.5),
    seed=st.integers(0, 2**32),
)
def test_shares_of_classes(counts, fraction, seed):
    y = np.repeat(np.arange(len(counts)), counts)
    n = len(y)
    (X_train, y_train), (X_test, y_test) = split(numbered(y), y, fraction, seed)
    # every row once, and still beside its label
    rows = np.concatenate([X_train, X_test])[:, 0]
    assert sorted(rows) == list(range(n))
    np.testing.assert_array_equal(np.concatenate([y_train, y_test]), y[rows])
    n_test = min(max(round(n * fraction), 1), n - 1)
    assert len(y_test) == n_test
    tested = np.bincount(y_test, minlength=len(counts))
    assert (tested < counts).all()
    if fraction < 0.45:  # nobody is near its last row: off by less than one row
        assert (abs(tested - np.array(counts) * n_test / n) < 1).all()


@pytest.mark.parametrize("stratify", [True, False])
def test_the_seed_decides(stratify):
    X, y = fn.datasets.moons(100)
    first = split(X, y, seed=5, stratify=stratify)
    again = split(X, y, seed=5, stratify=stratify)
    own = split(X, y, rng=np.random.default_rng(5), stratify=stratify)
    other = split(X, y, seed=6, stratify=stratify)
    for k in (0, 1):
        np.testing.assert_array_equal(first[k][0], again[k][0])
        np.testing.assert_array_equal(first[k][0], own[k][0])
        assert not np.array_equal(first[k][0], other[k][0])


def test_order_is_shuffled():
    y = np.repeat([0, 1], 50)
    for X_part, y_part in split(numbered(y), y, 0.5):
        assert (np.diff(X_part[:, 0]) < 0).any()
        assert (np.diff(y_part) != 0).sum() > 10


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["cat", "dog"]),
        np.array([b"cat", b"dog"]),
        np.array(["cat", "dog"], dtype=object),
        np.array(["cat", "dog"], dtype=np.dtypes.StringDType()),
        np.array([True, False]),
        np.array([-7, 1000], np.int16),
        np.array([[1], [2]]),
        np.eye(2),
        np.eye(2, 3, dtype=np.float32),
        np.eye(2, dtype=bool),
    ],
    ids=lambda labels: f"{labels.dtype}-{labels.ndim}d",
)
def test_what_counts_as_classes(labels):
    which = np.arange(100) % 10 // 8  # 80 of the first, 20 of the second
    y = labels[which]
    (_, y_train), (X_test, y_test) = split(numbered(y), y)
    assert y_train.dtype == y.dtype and y_test.shape == (20, *y.shape[1:])
    assert which[X_test[:, 0]].sum() == 4
    np.testing.assert_array_equal(y_test, y[X_test[:, 0]])


@pytest.mark.parametrize(
    "y",
    [
        np.linspace(0, 1, 50),
        np.arange(50) % 2.0,
        np.full((50, 2), 0.5),
        np.full((50, 2), 1),
        np.full(50, np.nan),
        np.arange(50).astype("datetime64[D]"),
    ],
)
def test_values_are_parted_at_random(y):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train, test = split(numbered(y), y)
    assert len(train[1]) == 40 and len(test[1]) == 10


def test_lists_images_and_dtypes_go_through():
    (X_train, y_train), _ = split([[1, 2], [3, 4], [5, 6], [7, 8]], list("abab"), 0.5)
    assert X_train.shape == (2, 2) and sorted(y_train) == ["a", "b"]
    images = np.zeros((10, 8, 8), np.float32)
    (X_train, _), (X_test, _) = split(images, np.arange(10) % 2)
    assert X_train.shape == (8, 8, 8) and X_test.dtype == np.float32


def test_parts_are_copies():
    X, y = np.zeros((10, 2)), np.arange(10) % 2
    X.flags.writeable = False
    for X_part, y_part in split(X, y):
        X_part[:] = 1
        y_part[:] = 7
    assert X.sum() == 0 and y.max() == 1


def test_strided_input():
    X, y = fn.datasets.moons(60)
    wide = np.repeat(X, 2, axis=1)
    np.testing.assert_array_equal(split(wide[:, ::2], y)[0][0], split(X, y)[0][0])
    np.testing.assert_array_equal(
        split(np.asfortranarray(X), y[::-1][::-1])[1][1], split(X, y)[1][1]
    )


def test_single_member_trains_with_a_warning():
    y = [0] * 10 + [1] * 9 + [2]
    with pytest.warns(UserWarning, match=r"split: 1 class\(es\)") as caught:
        train, test = split(numbered(y), y)
    assert caught[0].filename == __file__
    assert 2 in train[1] and 2 not in test[1] and len(test[1]) == 4


def test_every_class_keeps_a_row_for_training():
    y = np.repeat(np.arange(4), [2, 2, 2, 14])
    for fraction in (0.5, 0.7, 0.8):
        train, test = split(numbered(y), y, fraction)
        assert set(train[1]) == {0, 1, 2, 3} and len(test[1]) == round(20 * fraction)


def test_many_classes_are_quick():
    y = np.arange(200_000) // 2 % 90_000
    train, test = split(numbered(y), y, 0.3)
    assert len(test[1]) == 60_000 and len(np.unique(train[1])) == 90_000


@pytest.mark.parametrize("fraction", [0.001, 0.999])
def test_both_parts_have_a_row(fraction):
    train, test = split([[0.0], [1.0]], [0.5, 0.7], fraction)
    assert len(train[1]) == len(test[1]) == 1


ROWS = np.zeros((6, 2))
Y = np.arange(6) % 2
BAD = [
    ((ROWS, Y[:5]), {}, "X has 6 rows but y has 5"),
    (([], []), {}, "X has 0 row"),
    ((ROWS[:1], Y[:1]), {}, "X has 1 row"),
    ((None, Y), {}, "X is None"),
    ((ROWS, None), {}, "y is None"),
    ((3.0, Y), {}, "X is 3.0"),
    ((ROWS, 1), {}, "y is 1"),
    (([[1], [1, 2]], [0, 1]), {}, "X cannot be made an array"),
    ((np.ma.masked_less(ROWS, 1), Y), {}, "X is a masked array"),
    ((ROWS, np.array(["a", None] * 3)), {}, "y mixes text"),
    ((ROWS, np.array(["a", 1] * 3, object)), {}, "y mixes text"),
    ((ROWS, np.arange(6)), {}, "y has 6 classes in 6 rows"),
    ((ROWS, Y), {"test_fraction": 0.9}, "y has 2 classes in 6 rows"),
    *(((ROWS, Y), {"test_fraction": bad}, "test_fraction") for bad in (0, 1, -0.2, 20)),
    *(
        ((ROWS, Y), {"test_fraction": bad}, "test_fraction")
        for bad in ("a", None, True)
    ),
    ((ROWS, Y), {"test_fraction": np.nan}, "test_fraction is nan"),
    *(((ROWS, Y), {"seed": bad}, "seed is") for bad in (-1, 1.5, "a", None)),
    ((ROWS, Y), {"rng": 3}, "rng is 3"),
    ((ROWS, Y), {"seed": 3, "rng": np.random.default_rng()}, "seed is 3"),
    *(((ROWS, Y), {"stratify": bad}, "stratify is") for bad in (None, Y, "yes", 1)),
]


@pytest.mark.parametrize(("args", "options", "words"), BAD)
def test_bad_input_is_named(args, options, words):
    with pytest.raises((TypeError, ValueError)) as error:
        split(*args, **options)
    assert str(error.value).startswith("split: ") and words in str(error.value)
