"""A loss of the user's own that does not work: a sentence, the network as it was."""

import numpy as np
import pytest
from own_losses import N_IN, N_OUT, N, cubes, network, samples

import fastnn as fn


def state(net):
    arrays = [net.flat_parameters, net.flat_statistics]
    return [x.tobytes() for x in arrays] + [net.draws, net.loss, net.history]


BAD = {
    "None": (lambda o, y: None, TypeError, r"returned None; expected a Tensor"),
    "float": (lambda o, y: 0.5, TypeError, r"returned 0.5; expected a Tensor"),
    "array": (lambda o, y: o.data.mean(), TypeError, r"\.data and float\(\) lose"),
    "shape": (lambda o, y: o - y, ValueError, r"shape \(8, 3\); expected one number"),
    "detached": (lambda o, y: o.detach().mean(), ValueError, "not computed from out"),
    "NaN": (lambda o, y: (o * np.nan).mean(), ValueError, r"is nan; the outputs go"),
    "inf": (lambda o, y: o.mean() + np.inf, ValueError, r"is inf; the outputs go"),
    "slope": (lambda o, y: (o - o.data).sqrt().sum(), ValueError, "its gradient has"),
    "one": (lambda o: o.mean(), TypeError, r"cannot be called with \(outputs, y\)"),
    "three": (lambda o, y, w: o.mean(), TypeError, r"'w'.*\(outputs, y, sample_weight"),
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.filterwarnings("ignore:Tensor")
def test_a_bad_loss_is_refused_and_nothing_is_trained(bad, each_path):
    X, values, *_ = samples()
    loss, error, words = BAD[bad]
    net = network()
    net.fit(X, values, loss="mse", epochs=1)
    before = state(net)
    with pytest.raises(error, match=f"fit: the loss <lambda> .*{words}"):
        net.fit(X, values, loss=loss, batch_size=8)
    assert state(net) == before
    if error is TypeError:
        with pytest.raises(error, match=f"evaluate: the loss <lambda> .*{words}"):
            net.evaluate(X, values[:], loss=loss)
    assert state(net) == before


@pytest.mark.parametrize("interrupt", [False, True])
@pytest.mark.filterwarnings("ignore:Tensor")
def test_an_error_in_a_later_step_leaves_what_was_learnt_before_it(interrupt):
    """In the third step of 8 samples: the network is as after an epoch of 16."""
    X, values, *_ = samples()
    calls = []

    def loss(outputs, y):
        calls.append(len(y))
        if len(calls) < 4:  # a try before training, then two steps
            return ((outputs - y) ** 2).mean()
        if interrupt:
            raise KeyboardInterrupt
        return outputs.sum() * np.nan

    net, expected = network(), network()
    settings = {"batch_size": 8, "shuffle": False}
    with pytest.raises(KeyboardInterrupt if interrupt else ValueError):
        net.fit(X, values, loss=loss, **settings)
    expected.fit(X[:16], values[:16], loss="mse", epochs=1, **settings)
    assert net.draws == expected.draws == 2
    np.testing.assert_allclose(net(X), expected(X), rtol=1e-4, atol=1e-5)  # float32
    np.testing.assert_allclose(
        net.flat_statistics, expected.flat_statistics, rtol=1e-5, atol=1e-6
    )
    assert np.abs(expected.flat_statistics - network().flat_statistics).max() > 1e-2


def test_a_network_that_diverges_is_told_so():
    X, values, *_ = samples()
    net = fn.mlp(N_IN, [], N_OUT)
    with (
        pytest.warns(RuntimeWarning, match="Tensor"),
        pytest.raises(ValueError, match=r"is (nan|inf).*learning_rate"),
    ):
        net.fit(X, values, loss=cubes, optimizer=fn.SGD(1e9), epochs=50)


def test_evaluate_says_nan():
    X, values, *_ = samples()
    with pytest.warns(RuntimeWarning, match="Tensor: log of"):
        found = network().evaluate(X, values, loss=lambda o, y: (o - 100).log().mean())
    assert np.isnan(found["loss"]) and np.isfinite(found["r2"])


def test_weights_are_refused_before_they_are_looked_at():
    X, values, _, weight = samples()
    weight[:20] = 0.0
    net = network()
    with pytest.raises(ValueError, match="cubes does not take it"):
        net.fit(X, values, loss=cubes, sample_weight=weight, batch_size=5)
    assert net.loss is None


def test_the_validation_part_is_tried_too():
    X, values, labels, _ = samples()

    def loss(outputs, y):
        return ((outputs - y) ** 2).mean() if y.ndim == 2 else outputs - y[0]

    net = network()
    before = state(net)
    with pytest.raises(ValueError, match="fit: the loss loss returned a Tensor of"):
        net.fit(X, values, loss=loss, validation=(X, labels))
    assert state(net) == before


def test_weights_and_classes():
    X, values, labels, weight = samples()
    net = network()
    with pytest.raises(ValueError, match=r"class_weight is given.*no classes.*cubes"):
        net.fit(X, labels, loss=cubes, class_weight="balanced")
    for call in (net.fit, net.evaluate, net.graph, net.input_gradient):
        with pytest.raises(ValueError, match=r"sample_weight is given.*cubes does not"):
            call(X, values, loss=cubes, sample_weight=weight)


def test_targets():
    X, values, *_ = samples()
    net = network()
    with pytest.raises(
        TypeError, match=r"y has dtype <U1; expected numbers.*np.unique"
    ):
        net.fit(X, ["a"] * N, loss=cubes)
    with pytest.raises(ValueError, match=r"y has 1 value.* NaN or infinite"):
        net.fit(X, np.where(values == values[2, 1], np.nan, values), loss=cubes)
    with pytest.raises(ValueError, match="y has 29 row"):
        net.fit(X, values[1:], loss=cubes)
    with pytest.raises(ValueError, match="y is a single number"):
        net.fit(X, 1.0, loss=cubes)
    with pytest.raises(
        TypeError, match=r"loss is 7; expected a name, .* or a function"
    ):
        net.fit(X, values, loss=7)
