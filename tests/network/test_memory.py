"""What a training holds in memory: no hidden copy of the data."""

import tracemalloc

import numpy as np
import pytest

import fastnn as fn

N, N_IN, WIDTH, BATCH = 20_000, 500, 64, 32


def peak_of(call):
    """Bytes that NumPy and Python had allocated at most while `call` ran."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture
def data():
    X = np.random.default_rng(0).random((N, N_IN), dtype=np.float32)
    return X, np.arange(N) % 10


@pytest.mark.parametrize(
    "optimizer, slots", [(fn.SGD(), 0), (fn.SGD(momentum=0.9), 1), (fn.Adam(), 2)]
)
def test_training_copies_neither_data_nor_parameters(optimizer, slots, data):
    """parameters * (2 + slots), made with the network or for the training, a batch of
    activations and gradients, and the order of the samples."""
    X, y = data
    net = fn.mlp(N_IN, [WIDTH], 10)
    n_parameters = net.flat_parameters.size
    peak = peak_of(lambda: net.fit(X, y, epochs=2, optimizer=optimizer))
    batch = BATCH * (N_IN + 2 * N_IN + WIDTH + 2 * 10 + 1) * 4  # x, two gradients, a, y
    order = N * 8
    small = 100_000  # the plan, the history, Python's own objects
    assert peak < slots * n_parameters * 4 + batch + order + small < X.nbytes / 10
    # the network itself: parameters and their gradients
    assert net.flat_gradients.nbytes == net.flat_parameters.nbytes == 4 * n_parameters


def test_answers_copy_no_data(data):
    X, y = data
    net = fn.mlp(N_IN, [WIDTH], 10)
    outputs = N * 10 * 4
    workspace = fn.get_num_threads() * 2 * 256 * (WIDTH + 1) * 4
    # outputs, and the labels as int64
    peak = peak_of(lambda: net.predict(X))
    assert peak < outputs + N * 8 + workspace + 100_000
    # outputs, their gradient, the loss of each row, and some vectors of accuracy
    peak = peak_of(lambda: net.evaluate(X, y))
    assert peak < 2 * outputs + 4 * N * 8 + workspace + 100_000 < X.nbytes / 10
