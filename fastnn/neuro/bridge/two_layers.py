"""One neuron as a network of two layers: its branches, then its soma."""

import numpy as np

from ...ops import checks
from .logic import McCullochPitts, _Logic

__all__ = ["TwoLayerNeuron"]


class TwoLayerNeuron(_Logic):
    """A neuron whose branches have thresholds of their own.

        y = [sum_b s(sum_i w_bi x_i) >= theta],   s(z) = [z >= branch_theta]

    Poirazi, Brannon, Mel (2003): a branch of a pyramidal cell that gets enough input at
    once answers with a spike of its own (NMDA, Na), so the cell computes in two layers.
    nonlinear=False: the branches only add, s(z) = z, and the neuron is one
    McCulloch-Pitts unit.

    weights (n_branches, n_inputs): 0 where an input has no synapse on a branch.
    branch_theta, theta: the thresholds of all branches, and of the soma.

    >>> neuron = TwoLayerNeuron([[1, 1, 0, 0], [0, 0, 1, 1]], branch_theta=2, theta=1)
    >>> neuron([[1, 1, 0, 0], [1, 0, 1, 0]]).tolist()  # on one branch, on two
    [1, 0]
    """

    def __init__(self, weights, branch_theta, theta, nonlinear=True):
        where = "TwoLayerNeuron"
        w = checks.floating(where, "weights", weights, ndim=2, dtype=np.float64)
        if not w.size or not np.isfinite(w).all():
            raise ValueError(
                f"{where}: weights has shape {w.shape}; expected finite numbers, a row "
                "for each branch and a column for each input"
            )
        self.weights, self.n_inputs = w, w.shape[1]
        self.branch_theta = checks.number(where, "branch_theta", branch_theta)
        self.theta = checks.number(where, "theta", theta)
        self.nonlinear = checks.flag(where, "nonlinear", nonlinear)

    def branches(self, x):
        """What each branch sends to the soma: (..., n_branches)."""
        z = self._rows(x) @ self.weights.T
        return (z >= self.branch_theta).astype(float) if self.nonlinear else z

    def __call__(self, x):
        """0 or 1 for each row of x (..., n_inputs): an integer array of shape (...)."""
        return (self.branches(x).sum(axis=-1) >= self.theta).astype(np.int64)

    def as_unit(self):
        """The single unit that it is without the branches' thresholds."""
        return McCullochPitts(self.weights.sum(axis=0), self.theta)

    def __repr__(self):
        return (
            f"TwoLayerNeuron({self.weights.tolist()}, "
            f"branch_theta={self.branch_theta:g}, theta={self.theta:g}, "
            f"nonlinear={self.nonlinear})"
        )
