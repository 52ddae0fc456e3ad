"""Every kernel as a checked public function: shapes, dtypes, `out`, errors.

No maths of its own: each function checks its arguments, allocates the result and
calls the kernel, or its plain-Python twin inside `with fn.use("reference")`.
"""

from .activations import relu, relu_backward
from .matmul import column_sums, dense, matmul

__all__ = ["column_sums", "dense", "matmul", "relu", "relu_backward"]
