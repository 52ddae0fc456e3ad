"""The twins of the neuron kernels."""

__all__ = []
