"""Toy problems: small data with a known shape, made from a seed.

    X, y = moons(n_samples=200, noise=0.1, seed=0)

X is (n_samples, n_features) float64, y (n_samples,) int64 (friedman: float64).
The same seed gives the same numbers; pass `rng=`, a NumPy Generator, instead of `seed`
to draw from your own. Classes are as equal in number as n_samples allows and rows are
shuffled. `noise` is always the standard deviation of normal noise added to every
coordinate (friedman: to y).
"""

import numpy as np

from ..ops import checks


def blobs(n_samples=200, n_classes=2, n_features=2, spread=1.0, seed=0, rng=None):
    """Round clouds of points, one a class; a straight line nearly parts two of them.

    The centres stand on a circle in the plane of the first two features (on a line if
    there is one feature), neighbours 5 apart; `spread` is the clouds' standard
    deviation. Features after the second are noise alone and say nothing about y.

    Returns X (n_samples, n_features) and y (n_samples,), class numbers from 0.
    """
    n_samples, n_classes = _counts("blobs", n_samples, n_classes)
    n_features = checks.whole("blobs", "n_features", n_features, low=1)
    checks.memory_for("blobs", {"n_samples": n_samples, "n_features": n_features})
    spread = checks.number("blobs", "spread", spread, low=0, below=np.inf)
    rng = checks.generator("blobs", seed, rng)
    distance = 5.0

    centres = np.zeros((n_classes, n_features))
    k = np.arange(n_classes)
    if n_features == 1:
        centres[:, 0] = distance * (k - (n_classes - 1) / 2)
    else:
        # class 0 lies down left; neighbours on the circle are `distance` apart
        radius = distance / (2 * np.sin(np.pi / n_classes))
        angle = 5 * np.pi / 4 + 2 * np.pi * k / n_classes
        centres[:, :2] = radius * np.column_stack([np.cos(angle), np.sin(angle)])

    y = np.arange(n_samples) % n_classes
    return _finished(centres[y], y, spread, rng)


def moons(n_samples=200, noise=0.1, seed=0, rng=None):
    """Two half circles that reach into each other: a bent border is needed.

    Class 0 is the upper half of the unit circle around (0, 0), class 1 the lower half
    of the one around (1, 0.5).

    Returns X (n_samples, 2) and y (n_samples,), class numbers from 0.
    """
    n_samples, noise = _size_and_noise("moons", n_samples, noise)
    rng = checks.generator("moons", seed, rng)
    y, t = _classes_and_places(n_samples, 2)
    side = 1 - 2 * y  # +1 above, -1 below
    X = np.column_stack([y + side * np.cos(np.pi * t), side * np.sin(np.pi * t)])
    X[:, 1] += 0.5 * y
    return _finished(X, y, noise, rng)


def circles(n_samples=200, noise=0.05, factor=0.5, seed=0, rng=None):
    """A small circle inside a large one: no straight line parts them.

    Class 0 has radius 1, class 1 has radius `factor`, between 0 and 1.

    Returns X (n_samples, 2) and y (n_samples,), class numbers from 0.
    """
    n_samples, noise = _size_and_noise("circles", n_samples, noise)
    factor = checks.number("circles", "factor", factor, above=0, below=1)
    rng = checks.generator("circles", seed, rng)
    y, t = _classes_and_places(n_samples, 2, closed=True)
    radius = np.where(y == 0, 1.0, factor)
    return _finished(_polar(radius, 2 * np.pi * t), y, noise, rng)


def spirals(n_samples=300, n_classes=3, noise=0.03, seed=0, rng=None):
    """Arms that wind around each other: the classic job for a deep network.

    Each class is an arm of radius 0.1 to 1 that makes three quarters of a turn; arm k
    is the first one turned by k / n_classes. After the two spirals of Lang and
    Witbrock (1988).

    Returns X (n_samples, 2) and y (n_samples,), class numbers from 0.
    """
    n_samples, n_classes = _counts("spirals", n_samples, n_classes)
    noise = checks.number("spirals", "noise", noise, low=0, below=np.inf)
    rng = checks.generator("spirals", seed, rng)
    y, t = _classes_and_places(n_samples, n_classes)
    X = _polar(0.1 + 0.9 * t, 2 * np.pi * (0.75 * t + y / n_classes))
    return _finished(X, y, noise, rng)


def xor(n_samples=200, noise=0.15, seed=0, rng=None):
    """Exclusive or as four clouds at (0, 0), (0, 1), (1, 0), (1, 1): y = a xor b.

    No single neuron can solve it (Minsky and Papert, 1969). With noise=0 and
    n_samples=4 the rows are the truth table.

    Returns X (n_samples, 2) and y (n_samples,), class numbers from 0.
    """
    n_samples, noise = _size_and_noise("xor", n_samples, noise)
    rng = checks.generator("xor", seed, rng)
    a, b = np.array([[0, 0], [0, 1], [1, 1], [1, 0]])[np.arange(n_samples) % 4].T
    return _finished(np.column_stack([a, b]), a ^ b, noise, rng)


def friedman(n_samples=200, n_features=10, noise=1.0, seed=0, rng=None):
    """A curved regression (Friedman's first, 1991) in which only five features matter:

    y = 10 sin(pi x0 x1) + 20 (x2 - 0.5)^2 + 10 x3 + 5 x4 + noise

    X is uniform in 0..1, (n_samples, n_features) with n_features at least 5; `noise`
    is the standard deviation of the normal noise. Returns X and y, both float64.
    """
    n_samples, noise = _size_and_noise("friedman", n_samples, noise, low=1)
    n_features = checks.whole("friedman", "n_features", n_features, low=5)
    checks.memory_for("friedman", {"n_samples": n_samples, "n_features": n_features})
    rng = checks.generator("friedman", seed, rng)
    X = rng.random((n_samples, n_features))
    x0, x1, x2, x3, x4 = X.T[:5]
    y = 10 * np.sin(np.pi * x0 * x1) + 20 * (x2 - 0.5) ** 2 + 10 * x3 + 5 * x4
    return X, y + noise * rng.standard_normal(n_samples)


def _size_and_noise(where, n_samples, noise, low=2):
    n_samples = checks.whole(where, "n_samples", n_samples, low=low)
    checks.memory_for(where, {"n_samples": n_samples})
    return n_samples, checks.number(where, "noise", noise, low=0, below=np.inf)


def _counts(where, n_samples, n_classes):
    n_samples = checks.whole(where, "n_samples", n_samples, low=2)
    n_classes = checks.whole(where, "n_classes", n_classes, low=2)
    if n_samples < n_classes:
        raise ValueError(
            f"{where}: n_samples is {n_samples} but n_classes is {n_classes}; "
            "every class needs a sample"
        )
    checks.memory_for(where, {"n_samples": n_samples})
    return n_samples, n_classes


def _classes_and_places(n_samples, n_classes, closed=False):
    """y = 0, 1, 2, 0, 1, 2, ... and for each row its place t in 0..1 along its class.

    The places of a class are evenly spaced; on a closed curve 1, which is 0 again, is
    left out.
    """
    i = np.arange(n_samples)
    y, rank = i % n_classes, i // n_classes
    count = np.bincount(y, minlength=n_classes)[y]
    return y, rank / np.maximum(count if closed else count - 1, 1)


def _polar(radius, angle):
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _finished(X, y, noise, rng):
    """X with normal noise, and y, in shuffled order."""
    order = rng.permutation(len(y))
    X = X[order] + noise * rng.standard_normal(X.shape)
    return X, y[order].astype(np.int64)
