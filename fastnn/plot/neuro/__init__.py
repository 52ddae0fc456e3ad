"""Pictures of biological neurons.

space    the drawn tree, spikes on their way, synaptic summation
"""
