"""A loss of the user's own, written with Tensors: trained, judged, saved."""

import copy
import functools
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from own_losses import N_OUT, N, cubes, network, samples, weighted

import fastnn as fn
from fastnn import graph
from fastnn.network import losses

PAGE = Path(__file__).resolve().parents[2] / "docs" / "own_loss.md"


def test_by_hand():
    """z = 2 * 1 and y = 5: L = 9, dL/dw = dL/db = 2 (2 - 5) = -6, a step of 0.1."""

    def squared(outputs, y):
        return ((outputs - y) ** 2).mean()

    net = fn.Network([fn.Dense(1, 1)], dtype="float64")
    net.layers[0].weights, net.layers[0].bias = [[2.0]], [0.0]
    history = net.fit([[1.0]], [5.0], loss=squared, optimizer=fn.SGD(0.1), epochs=1)
    assert history.loss == [9.0] and history.grad_norms == [[6.0]]
    assert net.layers[0].weights.item() == pytest.approx(2.6, rel=1e-15)
    assert net.layers[0].bias.item() == pytest.approx(0.6, rel=1e-15)
    assert net.evaluate([[1.0]], [5.0])["loss"] == pytest.approx(3.24, rel=1e-15)


# --- The same training ----------------------------------------------------------------


@pytest.mark.parametrize("name", losses.NAMES)
def test_a_loss_of_fastnn_as_a_function_gives_the_same_bits(name, dtype, each_path):
    X, values, labels, weight = samples()
    y = labels if name in ("cross_entropy", "hinge") else values
    y = (values > 0).astype(float) if name == "binary_cross_entropy" else y
    settings = {"epochs": 3, "batch_size": 8, "sample_weight": weight}
    settings["validation"] = (X[:9], y[:9], weight[:9])
    own, built_in = network(dtype), network(dtype)
    one = own.fit(X, y, loss=getattr(graph, name), **settings)
    other = built_in.fit(X, y, loss=name, **settings)
    np.testing.assert_array_equal(own.flat_parameters, built_in.flat_parameters)
    np.testing.assert_array_equal(own.flat_statistics, built_in.flat_statistics)
    # The loss itself is rounded to the precision, and the sum over 4 batches as well.
    rounding = 8 * float(np.finfo(dtype).eps)
    np.testing.assert_allclose(one.loss, other.loss, rtol=rounding)
    np.testing.assert_allclose(one.val_loss, other.val_loss, rtol=rounding)
    assert one.grad_norms == other.grad_norms
    np.testing.assert_array_equal(own(X), built_in(X))


def test_written_out_it_is_the_same_to_rounding():
    """30 epochs of 4 steps, each with some hundred roundings, that all could add up."""
    X, values, _, weight = samples()
    own, built_in = network("float64"), network("float64")
    settings = {"epochs": 30, "batch_size": 8, "sample_weight": weight}
    one = own.fit(X, values, loss=weighted, **settings)
    other = built_in.fit(X, values, loss="mse", **settings)
    rounding = 30 * 4 * 100 * np.finfo(np.float64).eps
    np.testing.assert_allclose(
        own.flat_parameters, built_in.flat_parameters, rtol=rounding, atol=rounding
    )
    np.testing.assert_allclose(one.loss, other.loss, rtol=rounding)
    assert one.loss[-1] < 0.9 * one.loss[0]


def test_input_gradient():
    X, values, _, weight = samples()
    net = network("float64")
    one, other = (
        net.input_gradient(X, values, loss=loss, sample_weight=weight)
        for loss in (graph.mse, "mse")
    )
    np.testing.assert_array_equal(one, other)
    assert np.abs(one).max() > 1e-3


@pytest.mark.skipif(not PAGE.is_file(), reason="the docs are not beside the tests")
def test_the_page_holds_what_it_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
    assert len(blocks) == 3
    exec(compile("\n".join(blocks), PAGE.name, "exec"), names := {"__name__": "page"})
    below, judged = capsys.readouterr().out.splitlines()
    assert 0.88 < float(below.split()[-1]) < 0.92
    assert "'loss'" in judged and "'r2'" in judged
    assert repr(names["again"].loss) == "mixed"


# --- What the function is given -------------------------------------------------------


def seen(n_out, y, loss=None, **settings):
    """What a loss receives in the steps of an epoch."""
    calls = []

    def spy(outputs, y, sample_weight=None):
        calls.append((outputs, y, sample_weight))
        return (outputs**2).mean()

    net = network(n_out=n_out)
    net.fit(samples()[0], y, loss=spy, epochs=1, batch_size=8, **settings)
    return calls


def test_outputs_are_a_tensor_and_y_an_array_of_the_batch():
    _, values, labels, weight = samples()
    outputs, y, w = seen(N_OUT, values, sample_weight=weight, shuffle=False)[1]
    assert isinstance(outputs, graph.Tensor) and outputs.name == "outputs"
    assert outputs.shape == (8, N_OUT) and outputs.dtype == np.float32
    np.testing.assert_array_equal(y, values[:8].astype(np.float32))
    np.testing.assert_array_equal(w, weight[:8].astype(np.float32))
    assert y.dtype == w.dtype == np.float32
    assert [len(y) for _, y, _ in seen(N_OUT, labels)[1:]] == [8, 8, 8, 6]
    _, y, w = seen(N_OUT, labels)[0]
    assert y.dtype == np.int64 and y.shape == (8,) and w is None


@pytest.mark.parametrize("kind", [float, int, bool])
def test_y_of_one_output_is_a_column(kind):
    _, y, _ = seen(1, (samples()[1][:, 0] > 0).astype(kind))[0]
    assert y.shape == (8, 1) and y.dtype == (np.float32 if kind is float else kind)


def test_y_can_have_any_shape_of_rows():
    _, y, _ = seen(N_OUT, np.zeros((N, 2, 5)))[0]
    assert y.shape == (8, 2, 5)


def test_it_cannot_write_into_the_data():
    def loss(outputs, y):
        y -= 1.0
        return ((outputs - y) ** 2).mean()

    X, values, *_ = samples()
    with pytest.raises(ValueError, match="read-only"):
        network().evaluate(X, values.astype(np.float32), loss=loss)


def test_anything_that_can_be_called():
    class Power:
        def __init__(self, n):
            self.n = n

        def __call__(self, outputs, y):
            return abs((outputs - y) ** self.n).mean()

    def power(n, outputs, y):
        return abs((outputs - y) ** n).mean()

    X, values, *_ = samples()
    net = network("float64")
    expected = net.evaluate(X, values, loss=cubes)
    assert net.evaluate(X, values, loss=Power(3)) == expected
    assert net.evaluate(X, values, loss=functools.partial(power, 3)) == expected
    with pytest.raises(TypeError, match="loss is the class Power; expected"):
        net.fit(X, values, loss=Power)


def test_batches_without_weight_count_nothing():
    X, values, *_ = samples()
    weight = np.ones(N)
    weight[:10] = 0.0
    nets = [network("float64"), network("float64")]
    settings = {"sample_weight": weight, "batch_size": 5, "shuffle": False, "epochs": 2}
    for net, loss in zip(nets, (weighted, "mse"), strict=True):
        net.fit(X, values, loss=loss, **settings)
    np.testing.assert_allclose(nets[0](X), nets[1](X), rtol=1e-12)


# --- Judged ---------------------------------------------------------------------------


def test_r2_where_y_has_a_value_for_each_output():
    X, values, labels, weight = samples()
    net = network()
    validation = (X[:9], values[:9])
    history = net.fit(X, values, loss=cubes, epochs=2, validation=validation)
    assert history.accuracy == history.val_accuracy == []
    assert len(history.loss) == len(history.val_loss) == len(history.val_r2) == 2
    found = net.evaluate(X[:9], values[:9])
    assert found == {"loss": history.val_loss[-1], "r2": history.val_r2[-1]}
    expected = net.evaluate(X, values, loss="mse", sample_weight=weight)["r2"]
    assert net.score(X, values, sample_weight=weight) == expected
    assert "val_r2" in repr(history)

    def by_class(outputs, y):
        return graph.cross_entropy(outputs, y)

    history = net.fit(X, labels, loss=by_class, epochs=2, validation=(X, labels))
    assert len(history.val_loss) == 2 and history.val_r2 == []
    assert net.evaluate(X, labels).keys() == {"loss"}
    with pytest.raises(ValueError, match=r"score: y has shape \(30,\).*by_class.*R\^2"):
        net.score(X, labels)


def test_predictions_are_values():
    X, values, *_ = samples()
    net = network()
    net.fit(X, values, loss=cubes, epochs=1)
    np.testing.assert_array_equal(net.predict(X), net(X))
    with pytest.raises(ValueError, match=r"predict_proba: .*your own, cubes.*softmax"):
        net.predict_proba(X)
    assert repr(net.loss) == "cubes"
    net.fit(X, values, epochs=1)  # the last one used
    assert repr(net.loss) == "cubes"


def test_early_stopping_and_callbacks():
    X, values, *_ = samples()
    validation, net, epochs = (X[:9], values[:9]), network(), []
    history = net.fit(
        X, values, loss=cubes, epochs=200, validation=validation, batch_size=8,
        optimizer=fn.Adam(0.05),
        callbacks=[fn.EarlyStopping("val_r2", patience=3), lambda t: epochs.append(t)],
    )  # fmt: skip
    assert history.epochs == len(epochs) < 200 and "val_r2" in history.stopped
    assert net.score(*validation) == max(history.val_r2)
    with pytest.raises(ValueError, match="records loss, val_loss; pass"):
        net.fit(
            X, values[:, 0], loss=lambda o, y: (o[:, 0] - y).mean(),
            validation=(X, values[:, 0]), callbacks=[fn.EarlyStopping("val_r2")],
        )  # fmt: skip


# --- Files and copies -----------------------------------------------------------------


def test_resume_is_bit_identical(tmp_path):
    X, values, *_ = samples()
    path = tmp_path / "run.npz"
    whole, first, second = (network() for _ in range(3))
    settings = {"loss": cubes, "batch_size": 8, "validation": (X, values)}
    one = whole.fit(X, values, epochs=6, **settings)
    first.fit(X, values, epochs=3, callbacks=[fn.Checkpoint(path)], **settings)
    other = second.fit(X, values, epochs=6, resume=path, **settings)
    np.testing.assert_array_equal(second.flat_parameters, whole.flat_parameters)
    assert one.loss == other.loss and one.val_r2 == other.val_r2
    for loss in ("mse", weighted):
        with pytest.raises(ValueError, match=r"written with loss = \{'own': 'cubes'\}"):
            second.fit(X, values, epochs=6, batch_size=8, loss=loss, resume=path)


def test_a_file_keeps_the_name(tmp_path):
    X, values, *_ = samples()
    net = network()
    net.fit(X, values, loss=cubes, epochs=1)
    net.save(tmp_path / "m.npz")
    again = fn.load(tmp_path / "m.npz")
    assert repr(again.loss) == "cubes"
    np.testing.assert_array_equal(again.predict(X), net.predict(X))
    assert again.score(X, values) == net.score(X, values)  # needs no loss
    needed = r"your own, cubes, of which a file keeps.*{}\(\.\.\., loss=cubes\)"
    for method in ("evaluate", "fit", "graph", "input_gradient"):
        with pytest.raises(ValueError, match=needed.format(method)):
            getattr(again, method)(X, values)
    assert again.evaluate(X, values, loss=cubes) == net.evaluate(X, values)
    again.save(tmp_path / "m2.npz")
    assert repr(fn.load(tmp_path / "m2.npz").loss) == "cubes"
    again.loss = cubes
    assert again.evaluate(X, values) == net.evaluate(X, values)
    again.save(tmp_path / "m3.npz")
    again.fit(X, values, epochs=1)


def test_a_file_that_lies_is_refused():
    for loss in ({}, {"own": 7}, {"own": None}, {"other": "cubes"}):
        with pytest.raises(TypeError, match="loss is"):
            losses.from_file(loss, N_OUT)
    with pytest.raises(ValueError, match=re.escape("loss is ['own']; it can be one")):
        losses.from_file(["own"], N_OUT)


def test_a_function_called_mse_is_not_the_loss_of_that_name(tmp_path):
    def mse(outputs, y):
        return (outputs - y).sum()

    X, values, *_ = samples()
    net = network()
    net.fit(X, values, loss=mse, epochs=1)
    net.save(tmp_path / "m.npz")
    with pytest.raises(ValueError, match="your own, mse"):
        fn.load(tmp_path / "m.npz").evaluate(X, values)


def test_copies_and_pickles():
    X, values, *_ = samples()
    net = network()
    net.fit(X, values, loss=graph.mse, epochs=1)  # pickle finds it by its name
    expected = net.evaluate(X, values)
    assert pickle.loads(pickle.dumps(net)).evaluate(X, values) == expected
    net.fit(X, values, loss=lambda o, y: (o - y).var(), epochs=1)
    expected = net.evaluate(X, values)
    assert copy.deepcopy(net).evaluate(X, values) == expected
    assert copy.copy(net).evaluate(X, values) == expected
    again = pickle.loads(pickle.dumps(net))
    np.testing.assert_array_equal(again.predict(X), net.predict(X))
    with pytest.raises(ValueError, match="your own, <lambda>, of which a file keeps"):
        again.evaluate(X, values)
