"""From functions to functions of their derivatives, of any order."""

import math

import numpy as np
import pytest

from fastnn import graph
from fastnn.graph import grad, hessian, jacobian, jvp, value_and_grad, vjp


def cube(x):
    return x * x * x


@pytest.mark.usefixtures("path")
def test_by_hand():
    """x^3 at 2: 8, 12, 12, 6, 0."""
    assert value_and_grad(cube)(2.0) == (8.0, 12.0)
    assert grad(grad(cube))(2.0) == 12.0
    assert grad(grad(grad(cube)))(2.0) == 6.0
    assert grad(grad(grad(grad(cube))))(2.0) == 0.0


@pytest.mark.usefixtures("path")
def test_the_fifth_derivatives():
    f, g = graph.sin, graph.exp
    for _ in range(5):
        f, g = grad(f), grad(g)
    assert f(0.3) == pytest.approx(math.cos(0.3), rel=1e-14)
    assert g(0.3) == pytest.approx(math.exp(0.3), rel=1e-14)


@pytest.mark.usefixtures("path")
def test_a_derivative_inside_of_a_derivative():
    """d/dx (x d/dy (x + y)) = 1: the inner one is by y alone, though y is x."""
    assert grad(lambda x: x * grad(lambda y: x + y)(x))(3.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0 * x))(3.0) == 6.0


@pytest.mark.usefixtures("path")
def test_jacobian_and_hessian():
    A = np.arange(6.0).reshape(2, 3)
    x = np.array([1.0, -2.0, 0.5])
    assert jacobian(lambda x: A @ x)(x).tolist() == A.tolist()
    assert jacobian(lambda x: graph.outer(x, x))(x).shape == (3, 3, 3)
    assert jacobian(lambda x: x[:0])(x).shape == (0, 3)
    quadratic = hessian(lambda x: (x * (A.T @ (A @ x))).sum())(x)
    np.testing.assert_allclose(quadratic, 2 * A.T @ A, rtol=1e-13)
    f = lambda x: graph.logsumexp(x) + (x**3).sum()  # noqa: E731
    found = hessian(f)(x)
    p = np.exp(x) / np.exp(x).sum()
    np.testing.assert_allclose(
        found, np.diag(p) - np.outer(p, p) + np.diag(6 * x), rtol=1e-12, atol=1e-14
    )


@pytest.mark.usefixtures("path")
def test_jvp_and_vjp():
    A = np.arange(6.0).reshape(2, 3)
    x, v, u = (
        np.array([1.0, 2.0, 3.0]),
        np.array([1.0, 0.0, -1.0]),
        np.array([2.0, 1.0]),
    )
    value, along = jvp(lambda x: A @ x, (x,), (v,))
    assert value.tolist() == (A @ x).tolist() and along.tolist() == (A @ v).tolist()
    value, pull = vjp(lambda x, c: (A @ x) * c, x, 2.0)
    by_x, by_c = pull(u)
    assert value.tolist() == (2 * A @ x).tolist()
    assert by_x.tolist() == (2 * A.T @ u).tolist() and by_c == u @ A @ x
    assert jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0)) == (6.0, 23.0)


@pytest.mark.usefixtures("path")
def test_arguments():
    f = lambda x, y: x * x * y  # noqa: E731
    assert grad(f)(3.0, 2.0) == 12.0 and grad(f, 1)(3.0, 2.0) == 9.0
    assert grad(f, (0, -1))(3.0, 2.0) == (12.0, 9.0)
    assert grad(lambda x: graph.Tensor(1.0) * 2.0)(3.0) == 0.0
    assert grad(f)(3, 2) == 12.0
    assert grad(lambda x: (x * x).sum())(np.float32([1, 2])).dtype == np.float32
    x = graph.Tensor([1.0, 2.0])
    slope = grad(lambda x: (x * x * x).sum())(x)
    assert type(slope) is type(x) and not x.grad.any()
    slope.sum().backward()
    assert x.grad.tolist() == [6.0, 12.0]


@pytest.mark.usefixtures("path")
def test_bad_input():
    for f in (lambda x: 1.0, lambda x: x.data, lambda x: None):
        with pytest.raises(TypeError, match=r"^grad: f returned .*expected a Tensor"):
            grad(f)(2.0)
    with pytest.raises(ValueError, match=r"^grad: f returned a Tensor of shape \(2,\)"):
        grad(lambda x: x)([1.0, 2.0])
    with pytest.raises(TypeError, match=r"^grad: f is 3; expected a function"):
        grad(3)
    with pytest.raises(ValueError, match=r"argnums names argument 1, but 1 came"):
        grad(cube, 1)(2.0)
    with pytest.raises(TypeError, match=r"^hessian: argnums is a tuple"):
        hessian(cube, (0, 1))
    with pytest.raises(TypeError, match=r"^jvp: x is"):
        jvp(cube, 2.0, 1.0)
    with pytest.raises(ValueError, match=r"^jvp: x has the shapes"):
        jvp(cube, (2.0,), ([1.0, 2.0],))
    with pytest.raises(ValueError, match=r"^grad: argnums is \(0, -2\), which names o"):
        grad(lambda x, y: x * y, (0, -2))(2.0, 3.0)


@pytest.mark.usefixtures("path")
def test_a_derivative_of_numbers_inside_of_a_derivative():
    """d/dx (x d/dy (x y) at y = 2) = d/dx x^2: the inner one gives a Tensor here."""
    f = lambda x: x * grad(lambda y: x * y)(2.0)  # noqa: E731
    assert f(graph.Tensor(3.0)).item() == 9.0 and grad(f)(3.0) == 6.0
    value = lambda x: value_and_grad(lambda y: x * y * y)(2.0)  # noqa: E731
    assert grad(lambda x: value(x)[0] + value(x)[1])(3.0) == 8.0
    along = lambda x: jvp(lambda y: x * x * y, (2.0,), (5.0,))[1]  # noqa: E731
    assert grad(along)(3.0) == 30.0
    rows = lambda x: jacobian(lambda y: x * y)(np.ones(2)).sum()  # noqa: E731
    assert grad(rows)(3.0) == 2.0
    assert grad(lambda v: jvp(graph.exp, (0.0,), (v,))[1])(3.0) == 1.0
    assert grad(lambda g: vjp(cube, 2.0)[1](g)[0])(3.0) == 12.0
    # One that does not depend on x is an array, as outside.
    assert grad(lambda x: x * grad(lambda y: y * y)(2.0))(3.0) == 4.0


@pytest.mark.usefixtures("path")
def test_an_error_in_f_is_no_part_of_later_derivatives():
    def fails(x):
        raise KeyError("planted")

    w = graph.Tensor(2.0)
    with pytest.raises(KeyError, match="planted"):
        grad(lambda x: x * grad(fails)(x))(1.0)
    assert type(grad(lambda x: x * w)(1.0)) is np.float64


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("name, order", [("tanh", 5), ("sigmoid", 4), ("gelu", 4)])
def test_higher_derivatives(name, order):
    """Each is the difference of the one before, to the h^4 of the formula."""
    h, f = 2.0**-8, getattr(graph, name)
    for _ in range(order):
        before, f = f, grad(f)
        at = [float(before(0.4 + k * h)) for k in (-2, -1, 1, 2)]
        numeric = (at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * h)
        assert f(0.4) == pytest.approx(numeric, abs=1e-7)


@pytest.mark.usefixtures("path")
def test_a_leaf_is_still_written_into_afterwards():
    x = graph.Tensor([1.0, 2.0], "x")
    for _ in range(2):
        x.data -= 0.25 * grad(lambda x: (x * x).sum())(x).data
        hessian(lambda x: (x**3).sum())(x)
        jvp(lambda x: x, (x,), (np.ones(2),))
    assert x.data.tolist() == [0.25, 0.5]


@pytest.mark.usefixtures("path")
def test_newtons_method():
    """The minimum of logsumexp(A x) + |x|^2 / 2, by a few linear systems."""
    A = np.array([[1.0, 2.0], [-1.0, 0.5], [0.3, -2.0], [2.0, 0.1]])
    f = lambda x: graph.logsumexp(A @ x) + 0.5 * (x @ x)  # noqa: E731
    x = np.array([1.0, -1.0])
    for _ in range(6):
        H = hessian(f)(x)
        np.testing.assert_allclose(H, H.T, rtol=0, atol=1e-14)
        x = x - np.linalg.solve(H, grad(f)(x))
    assert np.abs(grad(f)(x)).max() < 1e-14


@pytest.mark.usefixtures("path")
def test_float32_in_float32_out():
    x = np.float32([0.5, 1.5])
    f = lambda x: (graph.tanh(x) * x).sum()  # noqa: E731
    found = [grad(f)(x), hessian(f)(x), jacobian(lambda x: x * x)(x)]
    found += [*value_and_grad(f)(x), *jvp(f, (x,), (x,)), *vjp(f, x)[1](1.0)]
    assert all(y.dtype == np.float32 for y in found)
    assert grad(f)([1, 2]).dtype == np.float64
