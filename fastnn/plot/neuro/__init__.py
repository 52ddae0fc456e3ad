"""Pictures of biological neurons, as `sim.plot()` and the experiments draw them.

cells    a spike with its gates and currents, f-I curve, strength-duration,
         refractoriness, phase plane with nullclines
"""
