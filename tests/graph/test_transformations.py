"""From functions to functions of their derivatives, of any order."""

import math

import numpy as np
import pytest

from fastnn import graph
from fastnn.graph import grad, gradcheck, hessian, jacobian, jvp, value_and_grad, vjp


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


# --- gradcheck ------------------------------------------------------------------------


@pytest.mark.usefixtures("path")
def test_gradcheck_agrees(capsys):
    w = graph.Tensor(np.float32([[0.5, -1.0], [2.0, 0.1]]), "w")
    assert gradcheck(lambda w, x: graph.tanh(w @ x), w, np.array([0.3, -0.2]))
    printed = capsys.readouterr().out
    assert "w[0, 1]" in printed and "x1[1]" in printed
    assert printed.endswith("6 derivatives agree\n")


@pytest.mark.usefixtures("path")
def test_gradcheck_shows_where_they_part(capsys):
    from fastnn.graph.rules import Rule, apply

    wrong = (lambda g, y, x: g * x,)  # of x^2, whose derivative is 2 x
    planted = Rule(0, "planted", np.square, wrong, wrong, True, None)
    f = lambda x: apply(planted, (x,))  # noqa: E731
    assert not gradcheck(f, np.array([0.0, 3.0]))
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("x0[1]") and lines[1].endswith("<- they part")
    assert lines[-1] == "1 of 2 derivatives differ from the differences of f"
    assert not gradcheck(f, 3.0, show=False) and capsys.readouterr().out == ""
    assert not gradcheck(graph.relu, 0.0, show=False)
