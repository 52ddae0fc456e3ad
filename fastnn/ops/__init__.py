"""Every kernel as a checked public function: shapes, dtypes, `out`, errors.

No maths of its own: each function checks its arguments, allocates the result and
calls the kernel, or its plain-Python twin inside `with fn.use("reference")`.
"""

from .activations import relu, relu_backward
from .dropout import dropout, dropout_backward, philox
from .normalization import (
    batch_norm,
    batch_norm_backward,
    batch_norm_inference,
    batch_norm_inference_backward,
    layer_norm,
    layer_norm_backward,
)

__all__ = [
    "batch_norm",
    "batch_norm_backward",
    "batch_norm_inference",
    "batch_norm_inference_backward",
    "dropout",
    "dropout_backward",
    "layer_norm",
    "layer_norm_backward",
    "philox",
    "relu",
    "relu_backward",
]
