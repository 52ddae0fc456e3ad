"""Optimizers: one step each, in one pass over the parameters, in place.

The formulas are PyTorch's. `grad_scale` multiplies the gradient first (clipping sets
it below 1), then weight decay is added. Derivation: docs/derivations/optimizers.md
"""

import math

__all__ = [
    "adagrad_update",
    "adam_update",
    "adamw_update",
    "rmsprop_update",
    "sgd_update",
    "sum_of_squares",
]

SMALLEST_NORMAL = {4: 2.0**-126, 8: 2.0**-1022}  # by the bytes of a number


def settled(x, average):
    """x, or 0 where |x| is below the smallest normal number that `average` can hold."""
    return 0.0 if abs(x) < SMALLEST_NORMAL[average.itemsize] else x


def sgd_update(
    param,
    grad,
    velocity,
    learning_rate,
    momentum,
    nesterov,
    weight_decay,
    grad_scale,
):
    """Stochastic gradient descent, plain, with momentum or with Nesterov's momentum.

    g = grad * grad_scale + weight_decay * param
    velocity = momentum * velocity + g
    param = param - learning_rate * (g + momentum * velocity if nesterov else velocity)
    (Robbins and Monro, 1951; Polyak, 1964; Nesterov, 1983; as in PyTorch)
    grad (n,): read. param, velocity (n,): updated in place; velocity may be None where
    momentum is 0, and starts as zeros; it decays to 0 instead of lingering among the
    subnormal numbers, where CPUs are slow. Derivation: docs/derivations/optimizers.md
    """
    for i in range(len(param)):
        g = grad[i] * grad_scale + weight_decay * param[i]
        if velocity is None:
            direction = g
        else:
            v = settled(momentum * velocity[i] + g, velocity)
            velocity[i] = v
            direction = g + momentum * v if nesterov else v
        param[i] -= learning_rate * direction


def adagrad_update(
    param, grad, square_sum, learning_rate, eps, weight_decay, grad_scale
):
    """Adagrad: steps shrink with the sum of squared gradients (Duchi et al., 2011).

    g = grad * grad_scale + weight_decay * param
    square_sum = square_sum + g^2
    param = param - learning_rate * g / (sqrt(square_sum) + eps)
    grad (n,): read. param, square_sum (n,): updated in place; square_sum starts as
    zeros. Derivation: docs/derivations/optimizers.md
    """
    for i in range(len(param)):
        g = grad[i] * grad_scale + weight_decay * param[i]
        s = square_sum[i] + g * g
        square_sum[i] = s
        param[i] -= learning_rate * g / (math.sqrt(s) + eps)


def rmsprop_update(
    param, grad, square_average, learning_rate, alpha, eps, weight_decay, grad_scale
):
    """RMSProp: steps over a moving root mean square (Tieleman and Hinton, 2012).

    g = grad * grad_scale + weight_decay * param
    square_average = alpha * square_average + (1 - alpha) g^2
    param = param - learning_rate * g / (sqrt(square_average) + eps)
    grad (n,): read. param, square_average (n,): updated in place; square_average starts
    as zeros and decays to 0 instead of lingering among the subnormal numbers, where
    CPUs are slow. Derivation: docs/derivations/optimizers.md
    """
    for i in range(len(param)):
        g = grad[i] * grad_scale + weight_decay * param[i]
        s = alpha * square_average[i] + (1.0 - alpha) * g * g
        s = settled(s, square_average)
        square_average[i] = s
        param[i] -= learning_rate * g / (math.sqrt(s) + eps)


def adam_update(
    param,
    grad,
    m,
    v,
    step,
    learning_rate,
    beta1,
    beta2,
    eps,
    weight_decay,
    grad_scale,
):
    """Adam: momentum over a moving root mean square, unbiased (Kingma and Ba, 2015).

    g = grad * grad_scale + weight_decay * param
    m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2
    m_hat = m / (1 - beta1^step),  v_hat = v / (1 - beta2^step)
    param = param - learning_rate * m_hat / (sqrt(v_hat) + eps)
    grad (n,): read. param, m, v (n,): updated in place; m and v start as zeros, step
    counts from 1. Where the gradient stays 0 they decay to 0 (at every 16th step, what
    is subnormal becomes 0: CPUs are slow there).
    Derivation: docs/derivations/optimizers.md
    """
    # the bias corrections do not depend on i: sqrt(v_hat) = sqrt(v) / bias, and bias
    # multiplies numerator and denominator (the paper's alpha_t and eps hat, section 2)
    bias = math.sqrt(1.0 - beta2**step)
    rate = learning_rate * bias / (1.0 - beta1**step)
    eps = eps * bias
    for i in range(len(param)):
        g = grad[i] * grad_scale
        if weight_decay != 0:
            g += weight_decay * param[i]
        m_new = beta1 * m[i] + (1.0 - beta1) * g
        v_new = beta2 * v[i] + (1.0 - beta2) * g * g
        m[i] = m_new
        v[i] = v_new
        param[i] -= rate * m_new / (math.sqrt(v_new) + eps)
    if step % 16 == 0:
        for i in range(len(param)):
            m[i] = settled(m[i], m)
            v[i] = settled(v[i], v)


def adamw_update(
    param,
    grad,
    m,
    v,
    step,
    learning_rate,
    beta1,
    beta2,
    eps,
    weight_decay,
    grad_scale,
):
    """AdamW: Adam with decoupled weight decay (Loshchilov and Hutter, 2019).

    g = grad * grad_scale
    m, v, m_hat, v_hat as in adam_update
    param = param * (1 - learning_rate * weight_decay)
            - learning_rate * m_hat / (sqrt(v_hat) + eps)
    grad (n,): read. param, m, v (n,): updated in place; m and v start as zeros, step
    counts from 1. Where the gradient stays 0 they decay to 0 (at every 16th step, what
    is subnormal becomes 0: CPUs are slow there).
    Derivation: docs/derivations/optimizers.md
    """
    shrink = 1.0 - learning_rate * weight_decay
    for i in range(len(param)):
        param[i] *= shrink
    adam_update(
        param, grad, m, v, step, learning_rate, beta1, beta2, eps, 0.0, grad_scale
    )


def sum_of_squares(x):
    """Sum of x^2, in double precision: the square of a gradient's norm.

    x (n,): read. Blocks of 4096 elements are summed one by one and their sums added
    in order, so that threads can share out the blocks without changing a bit.
    """
    total = 0.0
    for start in range(0, len(x), 4096):
        block = 0.0
        for i in range(start, min(start + 4096, len(x))):
            block += x[i] * x[i]
        total += block
    return total
