"""A layer of the user's own: docs/own_layer.md, run as it stands, and its edges."""

import re
from pathlib import Path

import numpy as np
import pytest

import fastnn as fn

PAGE = Path(__file__).resolve().parents[2] / "docs" / "own_layer.md"
pytestmark = pytest.mark.skipif(
    not PAGE.is_file(), reason="the docs are not beside the tests"
)


@pytest.fixture
def page(tmp_path, monkeypatch, capsys):
    """The names that the page's code defines, after running all of it."""
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
    assert len(blocks) == 5
    names = {"__name__": "page"}
    exec(compile("\n".join(blocks), PAGE.name, "exec"), names)
    return names


def prelu_net(page, **settings):
    return fn.Network([fn.Dense(2, 3), page["PReLU"](0.5), fn.Dense(3, 2)], **settings)


def test_the_page_holds_what_it_says(page, tmp_path):
    net, history, X, y = (page[name] for name in ("net", "history", "X", "y"))
    assert np.abs(page["differences"]).min() > 1e-6  # the check saw something
    assert "slope" in str(page["same"].layers[1].output.draw())
    assert history.loss[-1] < 0.1 * history.loss[0] and net.score(X, y) > 0.95
    slope = net.layers[1].slope
    assert slope.dtype == np.float32 and np.ptp(slope) > 0.01
    np.testing.assert_array_equal(page["again"].layers[1].slope, slope)
    assert (tmp_path / "moons.npz").is_file()


def test_its_parameter_is_part_of_the_network(page):
    net = prelu_net(page)
    layer = net.layers[1]
    assert np.shares_memory(layer.slope, net.flat_parameters)
    assert [*net.named_parameters()][2] == "1.slope"
    assert net.n_decayed == 2 * 3 + 3 * 2  # weights decay, slopes do not
    assert "1  PReLU  (n, 3)" in net.summary() and repr(layer) == "PReLU(start=0.5)"
    with pytest.raises(ValueError, match=r"PReLU: slope gets.*\(4,\).*\(3,\)"):
        layer.slope = np.zeros(4)


def test_against_the_built_in_leaky_relu(page, rng):
    """With its slope held at 0.01 it is leaky_relu: the two roads meet."""
    X, y = rng.normal(size=(40, 2)), rng.integers(0, 2, 40)

    class Held(page["PReLU"]):
        def backward(self, grad_output):
            grad_input = super().backward(grad_output)
            self.grad_slope = np.zeros(3)
            return grad_input

    own, built_in = (
        fn.Network([fn.Dense(2, 3), layer, fn.Dense(3, 2)], dtype="float64")
        for layer in (Held(0.01), fn.Activation("leaky_relu"))
    )
    for net in (own, built_in):
        net.fit(X, y, epochs=5, batch_size=16)
    close = {"rtol": 1e-13, "atol": 1e-15}  # 0.01 * g is rounded as g * 0.01 is
    np.testing.assert_allclose(own(X), built_in(X), **close)
    assert np.all(own.layers[1].slope == 0.01)


def test_saved_and_continued(page, tmp_path, rng):
    X, y = rng.normal(size=(40, 2)), rng.integers(0, 2, 40)
    path = tmp_path / "run.npz"
    whole, first, second = (prelu_net(page) for _ in range(3))
    whole.fit(X, y, epochs=6)
    first.fit(X, y, epochs=3, callbacks=[fn.Checkpoint(path)])
    second.fit(X, y, epochs=6, resume=path)
    np.testing.assert_array_equal(second.flat_parameters, whole.flat_parameters)
    whole.save(path)
    with pytest.raises(ValueError, match=r"layer 1 is a PReLU.*layers=\[PReLU\]"):
        fn.load(path)
    again = fn.load(path, layers=[page["PReLU"]])
    assert again.layers[1].start == 0.5
    np.testing.assert_array_equal(again(X), whole(X))


def test_forward_and_backward_are_needed():
    class Nothing(fn.Layer):
        pass

    class Half(fn.Layer):
        def forward(self, x, training=False):
            self.a = x
            return x

    X = np.ones((2, 3))
    with pytest.raises(TypeError, match="Nothing: forward is missing"):
        fn.Network([fn.Dense(3, 2), Nothing()])(X)
    net = fn.Network([fn.Dense(3, 2), Half()])
    with pytest.raises(TypeError, match="Half: backward is missing"):
        net.fit(X, [0, 1])


def own_layer(forward, backward=lambda grad: grad):
    """The least a layer can be: nothing kept, no build of its own that calls ours."""

    class Own(fn.Layer):
        def build(self, n_in, rng):
            pass

        def forward(self, x, training=False):
            return forward(x)

        def backward(self, grad_output):
            return backward(grad_output)

    return Own()


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize(
    "convert",
    [np.asarray, np.asfortranarray, np.float64, np.ndarray.tolist],
    ids=["same", "fortran", "float64", "list"],
)
def test_any_array_will_do_as_its_result(convert, last, rng):
    """Kernels get the network's precision and C order, also from the last layer."""
    X, y = rng.normal(size=(40, 2)).astype(np.float32), rng.integers(0, 3, 40)

    def trained(layer):
        layers = [fn.Dense(2, 3), layer] + [fn.Dense(3, 3)] * (not last)
        net = fn.Network(layers)
        net.fit(X, y, epochs=3)
        return net

    net = trained(own_layer(convert, convert))
    expected = trained(fn.Activation("identity"))
    np.testing.assert_array_equal(net.flat_parameters, expected.flat_parameters)
    np.testing.assert_array_equal(net(X), expected(X))
    assert net.forward(X).dtype == net.backward(np.ones((40, 3))).dtype == np.float32
    assert "1  Own    (n, 3)" in net.summary()


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize(
    "bad",
    [
        lambda x: None,
        lambda x: 1.0,
        lambda x: x[:, :1],
        lambda x: x[1:],
        lambda x: x * 1j,
        lambda x: x[0],
    ],
    ids=["None", "number", "column", "rows", "complex", "one row"],
)
def test_a_result_that_does_not_fit_is_refused_by_name(bad, last):
    X, y = np.ones((5, 2)), np.arange(5) % 3

    def net(layer):
        return fn.Network([fn.Dense(2, 3), layer] + [fn.Dense(3, 3)] * (not last))

    for call in (lambda n: n(X), lambda n: n.forward(X), lambda n: n.fit(X, y)):
        with pytest.raises((TypeError, ValueError), match=r"Own\.forward: the result"):
            call(net(own_layer(bad)))
    backward = net(own_layer(lambda x: x, bad))
    with pytest.raises((TypeError, ValueError), match=r"Own\.backward: the result"):
        backward.fit(X, y)
