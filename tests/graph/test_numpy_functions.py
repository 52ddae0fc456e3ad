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
    "swapaxes": lambda x: np.swapaxes(x, 0, 1),
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
        (np.sort, "np.sort: fastnn.graph has no derivative of it"),
        (lambda x: np.add(x, 1.0, out=np.zeros((2, 3))), "np.add with out"),
        (np.multiply.reduce, "np.multiply.reduce"),
        (lambda x: np.sum(x, where=X > 0), "np.sum with where"),
        (lambda x: np.mean(x, dtype=float), "np.mean with dtype"),
    ],
)
def test_what_has_no_derivative_is_refused(call, words, Tensor):
    with pytest.raises(TypeError) as error:
        call(Tensor(X))
    assert str(error.value).startswith(words) and "x.data" in str(error.value)
