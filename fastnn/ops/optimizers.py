"""One step of each optimizer, in place; the formulas and defaults are PyTorch's.

    param = adam_update(param, grad, m, v, step)

`param` and the optimizer's state (`velocity`, `m`, `v` ...) are float32 or float64
NumPy arrays of one shape, C-contiguous and writeable: they are updated where they are,
and `param` is returned. State starts as zeros. `grad` is anything of that shape.
`grad_scale` multiplies the gradient first, for clipping:

    norm = sqrt(sum_of_squares(grad));  grad_scale = min(1, clip_norm / norm)

then `weight_decay * param` is added, except in AdamW, which shrinks param itself.
"""

import math

import numpy as np

from .. import backend
from . import checks

_quick_adam = backend.quick_door("adam_update")


@backend.behind_quick_door
def sgd_update(
    param,
    grad,
    velocity=None,
    learning_rate=0.001,
    momentum=0.0,
    nesterov=False,
    weight_decay=0.0,
    grad_scale=1.0,
):
    """Stochastic gradient descent, with momentum if `velocity` is given.

        g = grad * grad_scale + weight_decay * param
        velocity = momentum * velocity + g
        param = param - learning_rate * velocity
        or, with nesterov, param - learning_rate * (g + momentum * velocity)

    (Robbins and Monro, 1951; Polyak, 1964; Nesterov, 1983.) velocity may be None where
    momentum is 0. Updates param and velocity in place and returns param.

    >>> import numpy as np
    >>> sgd_update(np.array([1.0, 2.0]), [1.0, -1.0], learning_rate=0.5).tolist()
    [0.5, 2.5]
    """
    where = "sgd_update"
    state = {} if velocity is None else {"velocity": velocity}
    momentum = checks.number(where, "momentum", momentum, low=0, below=math.inf)
    nesterov = checks.flag(where, "nesterov", nesterov)
    if momentum != 0 and velocity is None:
        raise ValueError(
            f"{where}: velocity is None but momentum is {momentum}; pass an array of "
            "zeros like param, and the same array at every step"
        )
    if nesterov and momentum == 0:
        raise ValueError(f"{where}: nesterov needs a momentum above 0; it is 0")
    arrays = _arrays(where, param, grad, state)
    numbers = _numbers(where, learning_rate, weight_decay, grad_scale)
    rate, decay, scale = numbers
    if velocity is None:
        arrays.append(None)
    backend.function(where)(*arrays, rate, momentum, nesterov, decay, scale)
    return param


def adagrad_update(
    param,
    grad,
    square_sum,
    learning_rate=0.01,
    eps=1e-10,
    weight_decay=0.0,
    grad_scale=1.0,
):
    """Adagrad: steps shrink with the sum of squared gradients (Duchi et al., 2011).

        g = grad * grad_scale + weight_decay * param
        square_sum = square_sum + g^2
        param = param - learning_rate * g / (sqrt(square_sum) + eps)

    Updates param and square_sum in place and returns param.
    """
    where = "adagrad_update"
    arrays = _arrays(where, param, grad, {"square_sum": square_sum})
    rate, decay, scale = _numbers(where, learning_rate, weight_decay, grad_scale)
    eps = checks.number(where, "eps", eps, above=0, below=math.inf)
    backend.function(where)(*arrays, rate, eps, decay, scale)
    return param


def rmsprop_update(
    param,
    grad,
    square_average,
    learning_rate=0.01,
    alpha=0.99,
    eps=1e-8,
    weight_decay=0.0,
    grad_scale=1.0,
):
    """RMSProp: steps over a moving root mean square (Tieleman and Hinton, 2012).

        g = grad * grad_scale + weight_decay * param
        square_average = alpha * square_average + (1 - alpha) g^2
        param = param - learning_rate * g / (sqrt(square_average) + eps)

    Updates param and square_average in place and returns param.
    """
    where = "rmsprop_update"
    arrays = _arrays(where, param, grad, {"square_average": square_average})
    rate, decay, scale = _numbers(where, learning_rate, weight_decay, grad_scale)
    alpha = checks.number(where, "alpha", alpha, low=0, high=1)
    eps = checks.number(where, "eps", eps, above=0, below=math.inf)
    backend.function(where)(*arrays, rate, alpha, eps, decay, scale)
    return param


def adam_update(
    param,
    grad,
    m,
    v,
    step,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    eps=1e-8,
    weight_decay=0.0,
    grad_scale=1.0,
):
    """Adam: momentum over a moving root mean square (Kingma and Ba, 2015).

        g = grad * grad_scale + weight_decay * param
        m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2
        m_hat = m / (1 - beta1^step),  v_hat = v / (1 - beta2^step)
        param = param - learning_rate * m_hat / (sqrt(v_hat) + eps)

    step counts from 1. Updates param, m and v in place and returns param.

    The first step has the size of the learning rate, whatever the gradient's:

    >>> import numpy as np
    >>> w, m, v = np.zeros(2), np.zeros(2), np.zeros(2)
    >>> adam_update(w, [3.0, -0.01], m, v, step=1, learning_rate=0.1).round(4).tolist()
    [-0.1, 0.1]
    """
    return _adam(
        "adam_update", param, grad, m, v, step,
        learning_rate, beta1, beta2, eps, weight_decay, grad_scale,
    )  # fmt: skip


def adamw_update(
    param,
    grad,
    m,
    v,
    step,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    eps=1e-8,
    weight_decay=0.01,
    grad_scale=1.0,
):
    """AdamW: Adam with decoupled weight decay (Loshchilov and Hutter, 2019).

        g = grad * grad_scale
        m, v, m_hat, v_hat as in adam_update
        param = param * (1 - learning_rate * weight_decay)
                - learning_rate * m_hat / (sqrt(v_hat) + eps)

    step counts from 1. Updates param, m and v in place and returns param.
    """
    return _adam(
        "adamw_update", param, grad, m, v, step,
        learning_rate, beta1, beta2, eps, weight_decay, grad_scale,
    )  # fmt: skip


def _adam(
    where, param, grad, m, v, step,
    learning_rate, beta1, beta2, eps, weight_decay, grad_scale,
):  # fmt: skip
    done = _quick_adam(
        param, grad, m, v, step, learning_rate, beta1, beta2, eps, weight_decay,
        grad_scale, where == "adamw_update",
    )  # fmt: skip
    if done is not None:
        return done
    arrays = _arrays(where, param, grad, {"m": m, "v": v})
    step = checks.whole(where, "step", step, low=1)
    rate, decay, scale = _numbers(where, learning_rate, weight_decay, grad_scale)
    beta1 = checks.number(where, "beta1", beta1, low=0, below=1)
    beta2 = checks.number(where, "beta2", beta2, low=0, below=1)
    eps = checks.number(where, "eps", eps, above=0, below=math.inf)
    backend.function(where)(*arrays, step, rate, beta1, beta2, eps, decay, scale)
    return param


def sum_of_squares(x):
    """Sum of x^2 over an array of any shape, as a float, added in double precision.

    >>> sum_of_squares([3.0, 4.0])
    25.0
    """
    x = checks.floating("sum_of_squares", "x", x)
    return backend.function("sum_of_squares")(x.reshape(-1))


# -- the checks ----------------------------------------------------------------------


def _numbers(where, learning_rate, weight_decay, grad_scale):
    finite = {"low": 0, "below": math.inf}
    return (
        checks.number(where, "learning_rate", learning_rate, **finite),
        checks.number(where, "weight_decay", weight_decay, **finite),
        checks.number(where, "grad_scale", grad_scale, **finite),
    )


def _arrays(where, param, grad, state):
    """[param, grad, *state] flat, all in param's precision; only grad may be a copy."""
    flat = _in_place(where, "param", param)
    grad = checks.floating(where, "grad", grad, dtype=flat.dtype)
    checks.same_shape(where, "grad", grad, "param", param)
    arrays = {"param": param, "grad": grad}
    for name, array in state.items():
        _in_place(where, name, array)
        checks.same_shape(where, name, array, "param", param)
        if array.dtype != param.dtype:
            raise TypeError(
                f"{where}: {name} has dtype {array.dtype} but param has {param.dtype}; "
                "make it with numpy.zeros_like(param)"
            )
        arrays[name] = array
    names = list(arrays)
    for i, name in enumerate(names):
        for other in names[:i]:
            if np.may_share_memory(arrays[name], arrays[other]):
                raise ValueError(
                    f"{where}: {name} shares memory with {other}; each needs its own "
                    "array"
                )
    return [array.reshape(-1) for array in arrays.values()]


def _in_place(where, name, value):
    """`value` flat, without a copy: refused where updating it could not be seen."""
    if not checks.plain(value):
        raise TypeError(
            f"{where}: {name} is {checks.describe(value)}; expected a NumPy array of "
            "float32 or float64, which is updated in place"
        )
    if value.dtype not in checks.FLOATS:
        raise TypeError(
            f"{where}: {name} has dtype {value.dtype}; it is updated in place and must "
            "be float32 or float64"
        )
    flags = value.flags
    if not (flags.c_contiguous and flags.writeable and flags.aligned):
        raise ValueError(
            f"{where}: {name} is updated in place and must be C-contiguous, aligned "
            f"and writeable; {name}.copy(order='C') gives such an array"
        )
    return value.reshape(-1)
