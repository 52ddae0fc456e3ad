"""The twins of the kernels of fastnn.neuro: biological neurons, one step after another.

patch      the patch of membrane of Hodgkin and Huxley
reduced    LIF, AdEx, Izhikevich
"""
