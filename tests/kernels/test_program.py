"""Inference over a program of layers, beside its twin."""

import math

import numpy as np
import pytest
from contract import on_kernel, on_twin, speed_ratio
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import inference

import fastnn as fn
from fastnn.network.layers import ACTIVATIONS
from fastnn.reference import activations, program

# the largest slope of each activation (Lipschitz constant), rounded up
SLOPES = dict.fromkeys(ACTIVATIONS, 1.0) | {
    "sigmoid": 0.25,
    "selu": 1.76,
    "gelu": 1.13,
    "gelu_tanh": 1.13,
    "silu": 1.1,
}
DENSE, DROPOUT = program.KINDS.index("dense"), program.KINDS.index("dropout")
RELU, IDENTITY = ACTIVATIONS.index("relu"), ACTIVATIONS.index("identity")


@pytest.mark.parametrize("path", [on_kernel, on_twin])
def test_by_hand(path, dtype):
    """relu(x @ weights + bias), a dropout that hands on, and a sum without bias."""
    layers = [  # kind, activation, n_in, n_out, weights, bias, and three not needed
        [DENSE, RELU, 2, 2, 0, 4, 0, 0, 0],
        [DROPOUT, IDENTITY, 2, 2, -1, -1, 0, 0, 0],
        [DENSE, IDENTITY, 2, 1, 6, -1, 0, 0, 0],
    ]
    constants = np.array([[0, 0], [0.5, 0], [0, 0]])
    parameters = np.array([1, -1, 0.5, 2, 0, -1, 10, 1], dtype)
    x = np.array([[1, 2], [3, -1], [0, 0]], dtype)
    out = np.full((3, 1), np.nan, dtype)
    path(
        "infer", np.array(layers), constants, parameters, np.empty(0, dtype), x, out, 2,
    )  # fmt: skip
    # rows 1 + 1 and -1 + 4 - 1; 3 - 0.5 and -3 - 2 - 1; 0 and -1, below 0 shut
    np.testing.assert_array_equal(out, [[10 * 2 + 2], [10 * 2.5], [0]])


def both(net, x, chunk=64):
    """The outputs of the kernel and of its twin; neither may change what it reads."""
    results = []
    for path in (on_kernel, on_twin):
        arguments = inference(net, x, chunk)
        for read in arguments[:5]:
            read.setflags(write=False)
        path("infer", *arguments)
        results.append(arguments[5])
    return results


def exact_and_bound(net, x):
    """The outputs in float64 by NumPy, and how far any order of rounding may be off.

    From layer to layer: what comes in is multiplied by the layer's slope, and its own
    roundings are added. Sums of k products: Higham's bound. Activations: a few ulp.
    """
    u = np.finfo(net.dtype).eps / 2
    a = x.astype(net.dtype).astype(float)
    off = np.zeros_like(a)
    for layer in net.layers:
        if isinstance(layer, fn.Dense):
            weights = np.abs(layer.weights.astype(float))
            bias = 0.0 if layer.bias is None else layer.bias.astype(float)
            size = np.abs(a) @ weights + np.abs(bias)
            off = off @ weights + 1.01 * (layer.n_in + 2) * u * size
            a = a @ layer.weights.astype(float) + bias
        elif isinstance(layer, fn.LayerNorm):
            a, off = layer_norm(layer, a, off, u)
        elif isinstance(layer, fn.BatchNorm):
            mean, var = (
                layer.running_mean.astype(float),
                layer.running_var.astype(float),
            )
            slope = np.abs(layer.gamma) / np.sqrt(var + layer.eps)
            size = slope * (np.abs(a) + np.abs(mean)) + np.abs(layer.beta)
            off = slope * off + 8 * u * size
            a = layer.gamma * (a - mean) / np.sqrt(var + layer.eps) + layer.beta
        name = getattr(layer, "activation", "identity")
        if name != "identity":
            z, a = a, np.empty_like(a)
            if name == "softmax":  # da_j = a_j (dz_j - sum_i a_i dz_i)
                activations.softmax(z, a)
                off = 1.01 * a * (off + np.sum(a * off, axis=1, keepdims=True))
            else:
                getattr(activations, name)(z.reshape(-1), a.reshape(-1))
            # 16: the units in the last place of each, softmax's sum of a dozen included
            off = SLOPES[name] * off + 16 * u * (np.abs(a) + off)
    return a, off


def layer_norm(layer, a, off, u):
    """Its derivative is inv_std times (identity - mean - xhat xhat^T / n)."""
    mean, n = a.mean(axis=1, keepdims=True), a.shape[1]
    r = 1 / np.sqrt(a.var(axis=1, keepdims=True) + layer.eps)
    xhat = (a - mean) * r
    spread = np.abs(a - a[:, :1]).max(axis=1, keepdims=True)
    largest = off.max(axis=1, keepdims=True) + (n + 8) * u * spread
    slope = np.abs(layer.gamma) * r * (2 + np.abs(xhat).max(axis=1, keepdims=True))
    y = layer.gamma * xhat + layer.beta
    return y, slope * largest + 8 * u * (np.abs(layer.gamma * xhat) + np.abs(y))


def assert_equal_within_bounds(net, x, chunk):
    kernel, twin = both(net, x, chunk)
    exact, off = exact_and_bound(net, np.asarray(x))
    # The bound says something: with selu and 33 units four times it comes to 0.045,
    # where outputs come to 12.
    assert np.all(off < 0.06)
    assert np.all(np.abs(kernel - exact) <= off)
    assert np.all(np.abs(twin - exact) <= off)


@settings(deadline=None, max_examples=50)  # a busy machine is no failure
@given(
    activation=st.sampled_from(ACTIVATIONS),
    widths=st.lists(st.sampled_from([1, 2, 3, 7, 16, 17, 33]), min_size=2, max_size=5),
    rows=st.sampled_from([0, 1, 2, 3, 7, 13, 16, 31]),
    chunk=st.sampled_from([1, 3, 8, 64]),
    dtype=st.sampled_from(["float32", "float64"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_dense_equals_twin(activation, widths, rows, chunk, dtype, seed):
    rng = np.random.default_rng(seed)
    net = fn.mlp(widths[0], widths[1:-1], widths[-1], activation, seed, dtype)
    net.flat_parameters += 0.1 * rng.normal(size=net.flat_parameters.size)
    assert_equal_within_bounds(net, rng.normal(size=(rows, widths[0])), chunk)


def every_kind(activation, dtype, rng):
    net = fn.Network(
        [
            fn.LayerNorm(6),
            fn.Dense(6, 9, activation=activation),
            fn.BatchNorm(),
            fn.Dropout(0.2),
            fn.Dropout(0.3),
            fn.Dense(9, 7, bias=False),
            fn.Activation(activation),
            fn.Dropout(0.2),
            fn.BatchNorm(),
            fn.Dense(7, 5, activation="softmax"),
            fn.Dense(5, 3),
            fn.Dropout(0.5),
        ],
        dtype=dtype,
    )
    net.flat_parameters += 0.1 * rng.normal(size=net.flat_parameters.size)
    net.flat_statistics[:] = rng.uniform(0.5, 1.5, net.flat_statistics.size)
    return net


@pytest.mark.parametrize("rows, chunk", [(1, 64), (13, 4), (7, 7)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_kind_equals_twin(activation, rows, chunk, dtype, rng):
    net = every_kind(activation, dtype, rng)
    assert_equal_within_bounds(net, rng.normal(size=(rows, 6)), chunk)


def test_whole_numbers_are_exact(dtype, rng):
    """Sums of small whole numbers do not round: every index is right, bit for bit."""
    net = fn.mlp(37, [67, 41], 5, dtype=dtype)
    net.flat_parameters[:] = rng.integers(-2, 3, net.flat_parameters.size)
    x = rng.integers(-3, 4, (101, 37))
    kernel, twin = both(net, x, chunk=16)
    a = x
    for layer in net.layers:
        a = a @ layer.weights.astype(int) + layer.bias.astype(int)
        a = np.maximum(a, 0) if layer.activation == "relu" else a
    assert 100 < np.abs(a).max() < 2**24
    np.testing.assert_array_equal(kernel, a)
    np.testing.assert_array_equal(twin, a)


@pytest.mark.parametrize("chunk", [1, 2, 5, 64])
def test_chunks_do_not_change_a_row(chunk, dtype, rng):
    net = every_kind("tanh", dtype, rng)
    x = rng.normal(size=(64, 6))
    for one, whole in zip(both(net, x, chunk), both(net, x, 64), strict=True):
        np.testing.assert_array_equal(one, whole)


@pytest.mark.parametrize("widths", [(1100, 1090, 40), (70, 150, 33, 1)])
@pytest.mark.parametrize("n_threads", [1, 2])
def test_weights_that_stay_packed(widths, n_threads, dtype, rng):
    """Many chunks use them, in several blocks of rows and columns, on every thread."""
    net = fn.mlp(widths[0], widths[1:-1], widths[-1], dtype=dtype)
    x = rng.integers(-1, 2, (100, widths[0])).astype(dtype)
    net.flat_parameters[:] = rng.integers(-1, 2, net.flat_parameters.size)
    a = x.astype(np.int64)
    for layer in net.layers:
        a = a @ layer.weights.astype(np.int64) + layer.bias.astype(np.int64)
        a = np.maximum(a, 0) if layer.activation == "relu" else a
    assert 10 < np.abs(a).max() < 2**24
    before = fn.get_num_threads()
    try:
        fn.set_num_threads(n_threads)
        arguments = inference(net, x, 12)
        on_kernel("infer", *arguments)
    finally:
        fn.set_num_threads(before)
    np.testing.assert_array_equal(arguments[5], a)


def test_nan_and_infinities_stay_in_their_row(dtype, rng):
    net = every_kind("tanh", dtype, rng)
    x = rng.normal(size=(9, 6))
    clean = both(net, x)
    x[2, 3], x[5, 0] = math.nan, math.inf
    for dirty, expected in zip(both(net, x), clean, strict=True):
        assert np.all(np.isnan(dirty[[2, 5]]))
        keep = [0, 1, 3, 4, 6, 7, 8]
        np.testing.assert_array_equal(dirty[keep], expected[keep])


@pytest.mark.parametrize("path", [on_kernel, on_twin])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_is_finite(path, bad, dtype):
    """Wherever the one that is not stands, also beside the largest that is."""
    for n in (0, 1, 15, 16, 33, 1024, 1040):
        x = np.full(n, np.finfo(dtype).max, dtype)
        x[::2] *= -1
        assert path("is_finite", x)
        for place in {0, n // 2, n - 1} & {*range(n)}:
            y = x.copy()
            y[place] = bad
            assert not path("is_finite", y)


@pytest.mark.speed
def test_beats_its_twin(rng):
    net = fn.mlp(64, [32], 10)
    assert speed_ratio("infer", inference(net, rng.normal(size=(64, 64)))) > 100
