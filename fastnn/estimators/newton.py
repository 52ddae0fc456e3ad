"""Newton's method for logistic regression: to the minimum, not near it.

    f(W, b) = mean loss + decay / 2 ||W||^2,   step = -H^-1 grad f, cut back if needed

f is convex, and strictly so in W; where it curves, Newton's method doubles the right
digits with every step. Derivation: docs/derivations/logistic_regression.md
"""

import math
import time

import numpy as np

from .. import ops
from ..network.training.history import History

EXPLICIT = 500  # up to so many unknowns H is written down; above, only multiplied with
MOST_PRODUCTS = 500  # with H for one step; fewer digits are still a way down
EPS = float(np.finfo(np.float64).eps)


class Objective:
    """f and its derivatives for X (n, d), classes 0..k-1 and weights of the samples.

    Unknowns: params (rows, k): a row for each feature, then one for the intercept if
    there is one. k = 1 is the binary model: one column, the log odds of class 1.
    """

    def __init__(self, x, index, n_outputs, weight, decay, fit_intercept):
        n = len(x)
        self.x = np.hstack([x, np.ones((n, 1))]) if fit_intercept else x
        self.k = n_outputs
        self.index = index
        self.y = index[:, None].astype(np.float64)
        self.weight = weight
        share = np.full(n, 1 / n) if weight is None else weight / weight.sum()
        self.share = share[:, None]
        self.decay = np.full((self.x.shape[1], 1), decay)  # of each row of params
        self.fit_intercept = fit_intercept
        if fit_intercept:
            self.decay[-1] = 0.0

    def logits(self, params):
        return ops.matmul(self.x, params)

    def losses(self, params, z):
        """(f, mean loss without the penalty, d(mean loss)/dz)."""
        if self.k == 1:
            loss, grad_z = ops.binary_cross_entropy(z, self.y, self.weight)
        else:
            loss, grad_z = ops.cross_entropy(z, self.index, self.weight)
        penalty = 0.5 * float(np.sum(self.decay * params * params))
        return loss + penalty, loss, grad_z

    def gradient(self, params, grad_z):
        """df/dparams = X^T dL/dz + decay * params."""
        return ops.matmul(self.x, grad_z, transpose_a=True) + self.decay * params

    def curvature(self, z):
        """The second derivative of f where the logits are z."""
        p = ops.sigmoid(z) if self.k == 1 else ops.softmax(z)
        return Curvature(self, p)


class Curvature:
    """H at one point: (H v)[:, a] = X^T (share p_a (u_a - sum_c p_c u_c)) + decay v,
    with u = X v; for the binary model X^T (share p (1 - p) u) + decay v.

    With k classes f does not change when all intercepts grow alike. Adding `gauge`
    times the sum of v's intercepts to each of them makes H regular, and changes
    no step, since the gradient's intercepts sum to 0.
    """

    def __init__(self, objective, p):
        self.o = objective
        self.p = p
        has_gauge = objective.fit_intercept and objective.k > 1
        self.gauge = float(np.mean(p * (1 - p))) + EPS if has_gauge else 0.0

    def times(self, v):
        """H v for v (rows, k)."""
        o, p = self.o, self.p
        u = o.logits(v)
        if o.k == 1:
            s = o.share * p * (1 - p) * u
        else:
            s = o.share * p * (u - np.sum(p * u, axis=1, keepdims=True))
        result = ops.matmul(o.x, s, transpose_a=True) + o.decay * v
        result[-1] += self.gauge * v[-1].sum()
        return result

    def diagonal(self):
        """The diagonal of H, (rows, k)."""
        o = self.o
        s = o.share * self.p * (1 - self.p)
        result = ops.matmul(o.x * o.x, s, transpose_a=True) + o.decay
        result[-1] += self.gauge
        return result

    def matrix(self):
        """H as (k * rows, k * rows), class after class."""
        o, k = self.o, self.o.k
        rows = o.x.shape[1]
        h = np.empty((k, rows, k, rows))
        for a in range(k):
            for b in range(a + 1):
                q = o.share[:, 0] * self.p[:, a] * ((a == b) - self.p[:, b])
                h[a, :, b] = ops.matmul(o.x, o.x * q[:, None], transpose_a=True)
                h[b, :, a] = h[a, :, b].T
            h[a, :, a] += np.diag(o.decay[:, 0])
        h[:, -1, :, -1] += self.gauge
        return h.reshape(k * rows, k * rows)

    def solve(self, grad):
        """The v (rows, k) with H v = grad; both ways scale H to a diagonal of ones."""
        diagonal = self.diagonal()
        diagonal[diagonal <= 0] = 1.0  # a column of zeros, and a decay that underflowed
        if grad.size <= EXPLICIT:
            return self._solve_matrix(grad, diagonal)
        return self._conjugate_gradients(grad, diagonal)

    def _solve_matrix(self, grad, diagonal):
        scale = 1 / np.sqrt(diagonal.T.ravel())
        h = self.matrix() * scale * scale[:, None]
        right = grad.T.ravel() * scale
        ridge = 0.0
        while ridge < 1.0:
            try:
                v = np.linalg.solve(h + ridge * np.eye(len(h)), right)
            except np.linalg.LinAlgError:
                v = np.full(len(h), np.nan)
            if np.isfinite(v).all() and v @ right >= 0:  # uphill: so -v leads down
                return (v * scale).reshape(grad.T.shape).T.copy()
            ridge = max(10 * ridge, 10 * EPS)  # H is singular to rounding
        return grad / diagonal

    def _conjugate_gradients(self, grad, diagonal):
        """Hestenes and Stiefel, 1952: H is only ever multiplied with."""
        v = np.zeros_like(grad)
        r = grad.copy()
        s = r / diagonal
        direction, rs = s, float(np.sum(r * s))
        # roughly while far away, ever more exactly near the minimum: the steps stay
        # superlinear (Dembo, Eisenstat and Steihaug, 1982)
        enough = rs * min(0.1, rs**0.25) ** 2
        for _ in range(MOST_PRODUCTS):
            if rs <= enough:
                break
            h = self.times(direction)
            bend = float(np.sum(direction * h))
            if bend <= 0:  # flat to rounding
                break
            v += rs / bend * direction
            r -= rs / bend * h
            s = r / diagonal
            before, rs = rs, float(np.sum(r * s))
            direction = s + rs / before * direction
        return v if v.any() else grad / diagonal


def minimize(objective, tol, max_iterations):
    """The minimum of f from zeros: (params, history, number of steps, converged).

    Ends after the step in which no parameter moved by more than tol times the largest
    one (or 1), or when f cannot get lower in double precision. The history has the
    mean loss, without the penalty, before each step and at the end.
    """
    params = np.zeros((objective.x.shape[1], objective.k))
    history = History()
    started = time.perf_counter()
    z = objective.logits(params)
    f, loss, grad_z = objective.losses(params, z)
    for n_steps in range(max_iterations + 1):
        grad = objective.gradient(params, grad_z)
        now = time.perf_counter()
        history.record(
            loss=loss, grad_norms=[np.linalg.norm(grad)], seconds=now - started
        )
        started = now
        if n_steps == max_iterations:
            return params, history, n_steps, False
        step = -objective.curvature(z).solve(grad)
        slope = float(np.sum(step * grad))
        params, z, (f, loss, grad_z), t = backtrack(objective, params, step, f, slope)
        largest = max(1.0, float(np.abs(params).max()))
        if t * np.abs(step).max() <= tol * largest or -slope <= EPS * f:
            break
    grad = objective.gradient(params, grad_z)
    history.record(
        loss=loss,
        grad_norms=[np.linalg.norm(grad)],
        seconds=time.perf_counter() - started,
    )
    if objective.k > 1:  # exactly, where conjugate gradients left a little
        params = params - params.mean(axis=1, keepdims=True)
    return params, history, n_steps + 1, True


def backtrack(objective, params, step, f, slope):
    """Halve the step until f falls enough (Armijo, 1966); rounding is forgiven.

    Returns (new params, their logits, their losses, the part t of the step taken).
    """
    t = 1.0
    while True:
        new = params + t * step
        z = objective.logits(new)
        losses = objective.losses(new, z)
        if losses[0] <= f + 1e-4 * t * slope + 4 * EPS * abs(f):
            return new, z, losses, t
        t /= 2
        if t < 1e-12 or not math.isfinite(slope):
            z = objective.logits(params)
            return params, z, objective.losses(params, z), 0.0
