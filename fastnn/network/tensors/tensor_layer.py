"""A layer of the user's own that is written with Tensors: its backward is the graph's.

class PReLU(fn.TensorLayer):
    parameter_names = ("slope",)

    def build(self, n_in, rng):
        super().build(n_in, rng)
        self.slope = np.full(n_in, 0.25)

    def compute(self, x, slope):
        return np.where(x > 0, x, slope * x)
"""

import numpy as np

from ..layers import Layer


class TensorLayer(Layer):
    """A layer of which you write the forward pass alone, as `compute` over Tensors.

    compute(self, x, ...): x is a Tensor (n_samples, n_in), after it comes a Tensor for
    each of `parameter_names`, in their order; a parameter `training`, if you write one
    last, is True while training. It returns a Tensor (n_samples, n_out), each row of
    the row of x alone, and changes nothing in the layer.

    All else is as for Layer: parameter_names, build, config. `forward` keeps x, a and
    `output`, the Tensor, which can be drawn; `backward` fills grad_<name>.

    What it costs: each operation is a node, made anew for every batch, forward as well
    as backward, and an array of its own. For small batches the layer takes about twice
    as long as one with a backward by hand (bench/bench_own.py).

    Raises TypeError or ValueError where compute returns no Tensor, one of another
    shape, or one that was not computed from its arguments.
    """

    def compute(self, x, *parameters):
        """The layer's output: a Tensor (n_samples, n_out), computed from Tensors."""
        raise TypeError(
            f"{type(self).__name__}: compute is missing; a TensorLayer defines "
            f"compute({', '.join(['self', 'x', *self.parameter_names])})"
        )

    def forward(self, x, training=False):
        from ...graph import Tensor
        from .as_graph import compute

        names = self.parameter_names
        nodes = [Tensor(x, "x"), *(Tensor(getattr(self, n), n) for n in names)]
        output = compute(self, nodes[0], nodes[1:], training)
        self._nodes, self.output = nodes, output
        self.x = x
        self.a = a = np.array(output)  # the graph's own array is only read
        return a

    def backward(self, grad_output):
        if "_nodes" not in vars(self):
            raise RuntimeError(
                f"{type(self).__name__}.backward: call forward(X) first; a copy has no "
                "graph"
            )
        grad_input, *grads = self.output.gradients(self._nodes, grad_output)
        for name, grad in zip(self.parameter_names, grads, strict=True):
            setattr(self, "grad_" + name, grad)
        return grad_input

    def __getstate__(self):
        """For copies: all but the graph, whose nodes cannot be copied."""
        return {k: v for k, v in vars(self).items() if k not in ("_nodes", "output")}
