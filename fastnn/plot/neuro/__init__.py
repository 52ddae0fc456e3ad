"""Pictures of neurons.

bridge        f-I curves and activations, response maps and decision lines, XOR
"""
