"""Does an installed fastnn work? No test runner needed:  python tests/smoke.py

Trains a small network on real digits, saves it, loads it and compares.
"""

import tempfile
import time
from pathlib import Path

import numpy as np

import fastnn as fn


def main():
    start = time.perf_counter()
    np.testing.assert_array_equal(fn.ops.relu([1.0, -1.0]), [1.0, 0.0])

    digits = fn.datasets.load_digits()
    X, y = digits.X / 16, digits.y
    net = fn.mlp(n_in=64, hidden=[64], n_out=10, activation="relu", seed=0)
    net.fit(
        X[:1400],
        y[:1400],
        loss="cross_entropy",
        optimizer=fn.Adam(1e-3),
        epochs=20,
        batch_size=64,
        progress=False,
    )
    accuracy = net.score(X[1400:], y[1400:])
    assert accuracy > 0.85, f"accuracy on new digits is {accuracy}"

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "digits.npz")
        net.save(file)
        again = fn.load(file)
    np.testing.assert_array_equal(again.predict(X), net.predict(X))

    fn.show_config()
    seconds = time.perf_counter() - start
    print(f"accuracy on new digits: {accuracy:.3f}, in {seconds:.1f} s")


if __name__ == "__main__":
    main()
