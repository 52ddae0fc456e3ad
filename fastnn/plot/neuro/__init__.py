"""Pictures of biological neurons: what `sim.plot()` draws, and more.

bridge    f-I curves with fitted activations, response maps, a perceptron's line, XOR
"""
