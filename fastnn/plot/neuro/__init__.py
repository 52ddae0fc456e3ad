"""Pictures of biological neurons: what `sim.plot()` draws, and more.

bridge    f-I curves with fitted activations, response maps, a perceptron's line, XOR
wiring    circuits beside their traces, rasters with rates, intervals, sweeps
space    the drawn tree, spikes on their way, synaptic summation
cells    a spike with its gates and currents, f-I curve, strength-duration,
         refractoriness, phase plane with nullclines
pumps     ions and potential; activity against bath and pump; memory of a step
myelin    the staircase of the nodes, and a spike in space and time
release   depression and facilitation; response to rates
"""
