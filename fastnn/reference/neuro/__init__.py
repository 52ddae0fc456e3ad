"""The twins of the neuron kernels."""
