"""Every kernel as a checked public function: shapes, dtypes, `out`, errors.

No maths of its own: each function checks its arguments, allocates the result and
calls the kernel, or its plain-Python twin inside `with fn.use("reference")`.
"""

from .activations import (
    relu,
    relu_backward,
)
from .losses import (
    binary_cross_entropy,
    class_indices,
    cross_entropy,
    hinge,
    huber,
    mae,
    mse,
    signs,
    weights,
)
from .matmul import (
    column_sums,
    dense,
    matmul,
)
from .optimizers import (
    adagrad_update,
    adam_update,
    adamw_update,
    rmsprop_update,
    sgd_update,
    sum_of_squares,
)

__all__ = [
    "adagrad_update",
    "adam_update",
    "adamw_update",
    "binary_cross_entropy",
    "class_indices",
    "column_sums",
    "cross_entropy",
    "dense",
    "hinge",
    "huber",
    "mae",
    "matmul",
    "mse",
    "relu",
    "relu_backward",
    "rmsprop_update",
    "sgd_update",
    "signs",
    "sum_of_squares",
    "weights",
]
