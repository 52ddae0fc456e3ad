"""A network in an ONNX file computes what it computes here."""

import sys

import numpy as np
import pytest

import fastnn as fn
from fastnn.reference.activations import ACTIVATIONS

onnx = pytest.importorskip("onnx")
from onnx.reference import ReferenceEvaluator  # noqa: E402

DTYPES = ("float32", "float64")


def carried(net, X, path):
    """What the file gives for X, by ONNX's own evaluator."""
    net.to_onnx(path)
    return ReferenceEvaluator(str(path)).run(["outputs"], {"X": X.astype(net.dtype)})[0]


def test_worked_by_hand(tmp_path):
    net = fn.Network([fn.Dense(2, 1)], dtype="float64")
    net.layers[0].weights[...] = [[2.0], [-1.0]]
    net.layers[0].bias[...] = 0.5
    outputs = carried(net, np.array([[3.0, 4.0]]), tmp_path / "m.onnx")
    np.testing.assert_array_equal(outputs, [[2.5]])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation(activation, dtype, tmp_path):
    net = fn.mlp(3, [8, 6], 4, activation=activation, seed=1, dtype=dtype)
    X = 3 * np.random.default_rng(0).normal(size=(20, 3))
    outputs = carried(net, X, tmp_path / "m.onnx")
    assert outputs.dtype == dtype
    eps = np.finfo(dtype).eps
    # three layers of sums of at most eight terms, and an activation of a few ulp each;
    # the Erf of ONNX's evaluator has float32's digits
    if activation == "gelu":
        eps = np.finfo("float32").eps
    np.testing.assert_allclose(outputs, net(X), rtol=200 * eps, atol=200 * eps)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_layer(dtype, tmp_path):
    net = fn.Network(
        [
            fn.Dense(3, 8, bias=False), fn.BatchNorm(), fn.Activation("relu"),
            fn.Dropout(0.5), fn.Dense(8, 5), fn.LayerNorm(eps=1e-3), fn.Dense(5, 2),
        ],
        dtype=dtype,
    )  # fmt: skip
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(64, 3)), rng.integers(0, 2, 64)
    net.fit(X, y, epochs=3)
    assert net.layers[1].running_mean.std() > 0
    outputs = carried(net, X, tmp_path / "m.onnx")
    assert outputs.dtype == dtype
    # in float64 what is left is eps of a normalisation, which stands in the file as
    # float32, to 6e-8 of itself: 1 / sqrt(var + eps) to half of that at most
    allowed = {"float32": 2e-5, "float64": 1e-7}[dtype]
    np.testing.assert_allclose(outputs, net(X), rtol=allowed, atol=allowed)


def test_normalisation_of_rows_in_any_batch(tmp_path):
    net = fn.Network([fn.Dense(3, 4), fn.LayerNorm(), fn.BatchNorm()], seed=3)
    X = np.random.default_rng(3).normal(size=(5, 3)).astype("float32")
    whole = carried(net, X, tmp_path / "m.onnx")
    runner = ReferenceEvaluator(str(tmp_path / "m.onnx"))
    for i in range(5):  # the number of rows is not fixed in the file
        (one,) = runner.run(["outputs"], {"X": X[i : i + 1]})
        np.testing.assert_allclose(one[0], whole[i], rtol=1e-5, atol=1e-6)


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "m.onnx"
    X = np.ones((1, 2), dtype="float32")
    for seed in (0, 1):
        net = fn.mlp(2, [3], 2, seed=seed)
        np.testing.assert_allclose(carried(net, X, path), net(X), rtol=1e-5)
    assert [file.name for file in tmp_path.iterdir()] == ["m.onnx"]


def test_what_cannot_be_carried_is_refused(tmp_path):
    class Mine(fn.Layer):
        def forward(self, x, training=False):
            return x

        def backward(self, grad_output):
            return grad_output

    path = tmp_path / "m.onnx"
    with pytest.raises(TypeError, match=r"layer 1, Mine.*no counterpart.*Build"):
        fn.Network([fn.Dense(2, 2), Mine()]).to_onnx(path)
    with pytest.raises(ValueError, match=r"end in \.onnx"):
        fn.Network([fn.Dense(2, 2)]).to_onnx(tmp_path / "m.npz")
    with pytest.raises(FileNotFoundError, match="no folder"):
        fn.Network([fn.Dense(2, 2)]).to_onnx(tmp_path / "no" / "m.onnx")
    assert not path.exists()


def test_without_onnx_the_error_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"fastnn\[io\]"):
        fn.Network([fn.Dense(2, 2)]).to_onnx(tmp_path / "m.onnx")
