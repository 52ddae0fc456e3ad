"""NumPy's own functions on Tensors: those of the graph, or an error that says so."""

import numpy as np
import pytest

X = np.array([[0.5, -1.0, 2.0], [3.0, 0.25, -0.5]])
CALLS = {
    "tanh": np.tanh, "exp": np.exp, "sin": np.sin, "abs": np.abs, "square": np.square,
    "sum": lambda x: np.sum(x, axis=0), "mean": lambda x: np.mean(x, keepdims=True),
    "var": lambda x: np.var(x, axis=1, ddof=1), "std": np.std, "max": np.max,
    "min": lambda x: np.min(x, axis=1), "norm": lambda x: np.linalg.norm(x, axis=0),
    "where": lambda x: np.where(np.asarray(x) > 0, x, 0.1 * x),
    "clip": lambda x: np.clip(x, -0.75, 1.0),
    "reshape": lambda x: np.reshape(x, (3, 2)),
    "ravel": np.ravel, "transpose": np.transpose, "power": lambda x: np.power(x, 3),
    "maximum": lambda x: np.maximum(x, 0.3),
    "concatenate": lambda x: np.concatenate([x, x]),
    "stack": lambda x: np.stack([x, 2 * x], axis=1), "dot": lambda x: np.dot(X.T, x),
    "einsum": lambda x: np.einsum("ij,kj->ik", x, X), "add": lambda x: np.add(1.0, x),
    "squeeze": lambda x: np.squeeze(x[:1]), "expand": lambda x: np.expand_dims(x, 0),
    "outer": lambda x: np.outer(x[0], x[1]), "negative": np.negative,
    "array @ x": lambda x: X.T @ x, "array - x": lambda x: X - x,
    "scalar * x": lambda x: np.float64(2.0) * x, "list - x": lambda x: [1, 2, 3] - x,
    "add.reduce": lambda x: np.add.reduce(x),
    "swapaxes": lambda x: np.swapaxes(x, axis1=0, axis2=1),
    "shape=": lambda x: np.reshape(x, shape=(3, 2)), "atleast_1d": np.atleast_1d,
    "axes=": lambda x: np.transpose(x, axes=(1, 0)), "dot 2": lambda x: np.dot(x, 2.0),
    "out=None": lambda x: np.sum(x, axis=0, out=None, dtype=None),
    "broadcast_arrays": lambda x: np.broadcast_arrays(x[0], X)[0],
    "norm 2": lambda x: np.linalg.norm(x[0], 2), "dot of vectors": lambda x: np.dot(
        x[0], X[1]), "norm fro": lambda x: np.linalg.norm(x, "fro"),
}  # fmt: skip


def test_by_hand(Tensor):
    """np.sum of np.square: x1^2 + x2^2, with the slopes 2 x."""
    x = Tensor([1.0, 3.0])
    total = np.sum(np.square(x))
    total.backward()
    assert type(total) is Tensor and total.item() == 10.0
    assert x.grad.tolist() == [2.0, 6.0]


@pytest.mark.parametrize("name", CALLS)
def test_the_function_of_the_graph_is_called(name, Tensor):
    f = CALLS[name]
    x = Tensor(X)
    y = f(x)
    assert type(y) is Tensor and not y.constant
    np.testing.assert_allclose(y.data, f(X), rtol=1e-14, atol=1e-15)
    y.sum().backward()
    assert x.grad.any()


def test_questions_are_answered(Tensor):
    x = Tensor(X)
    assert np.shape(x) == (2, 3) and np.ndim(x) == 2 and np.size(x) == 6
    assert np.isfinite(x).all() and np.argmax(x) == 3 and np.allclose(x, X)
    assert not np.zeros_like(x).any() and (np.floor(x) == np.floor(X)).all()


@pytest.mark.parametrize(
    "call, words",
    [
        (np.arctan, "np.arctan: fastnn.graph has no derivative of it"),
        (lambda x: np.linalg.inv(x[:, :2]), "np.linalg.inv: fastnn.graph has no deriv"),
        (np.sort, "np.sort: fastnn.graph has no derivative of it"),
        (lambda x: np.add(x, 1.0, out=np.zeros((2, 3))), "np.add with out"),
        (np.multiply.reduce, "np.multiply.reduce"),
        (lambda x: np.sum(x, where=X > 0), "np.sum with where"),
        (lambda x: np.mean(x, dtype=float), "np.mean with dtype"),
        (lambda x: np.linalg.norm(x, 1), "np.linalg.norm with ord 1"),
        (lambda x: np.linalg.norm(x, 2), "np.linalg.norm with ord 2 of matrices"),
    ],
)
def test_what_has_no_derivative_is_refused(call, words, Tensor):
    with pytest.raises(TypeError) as error:
        call(Tensor(X))
    assert str(error.value).startswith(words) and "x.data" in str(error.value)


def test_a_product_that_is_no_product_of_matrices(Tensor):
    """np.dot of stacks is not that of matmul; what is not the same is not given."""
    x = np.arange(8.0).reshape(2, 2, 2)
    with pytest.raises(TypeError, match=r"^np.dot: of 3 and 3 axes"):
        np.dot(Tensor(x), x)
    assert (np.dot(Tensor(x), x[0]).data == np.dot(x, x[0])).all()


def test_lists_of_tensors_do_not_lose_their_derivatives(Tensor):
    a, x = Tensor(2.0, "a"), Tensor([1.0, 2.0], "x")
    for use in (
        lambda: x * [a, 1.0],
        lambda: [[a], [1.0]] * x,
        lambda: np.maximum(x, [a, 1.0]),
        lambda: np.where(x > 1.0, [a, a], x),
    ):
        with pytest.raises(
            TypeError, match=r"of Tensors; join them to one, with graph"
        ):
            use()
    (x * np.stack([a, a * 2.0])).sum().backward()
    assert a.grad == 5.0


def test_precision_and_copies_of_the_array(Tensor):
    x = Tensor([1.0, 2.0])
    assert np.asarray(x, copy=False).base is not None
    with pytest.raises(ValueError, match="would be a copy of this one of float64"):
        np.asarray(x, dtype=np.float32, copy=False)


def test_numbers_beyond_the_largest_float(Tensor):
    for use in (lambda x: x + 10**400, lambda x: x ** (10**400), lambda x: 10**400 / x):
        with pytest.raises(ValueError, match=r"a whole number of 1329 bits is beyond"):
            use(Tensor(1.0))


def test_it_can_be_drawn_by_matplotlib(Tensor):
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("Agg")
    x, table = Tensor([0.0, 1.0, 2.0]), Tensor(X)
    figure, axes = plt.subplots()
    (line,) = axes.plot(x, x * x)
    assert np.asarray(line.get_ydata()).tolist() == [0.0, 1.0, 4.0]
    axes.scatter(x, x.tanh(), c=x)
    axes.hist(x * 2.0)
    axes.fill_between(x, x, x * 2.0)
    axes.errorbar(x, x, yerr=x * 0.1)
    axes.imshow(table * 2.0)
    plt.close(figure)
