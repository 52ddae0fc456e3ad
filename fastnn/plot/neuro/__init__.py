"""Pictures of neurons; most of them are what `sim.plot()` draws.

pumps     ions and potential; activity against bath and pump; memory of a step
myelin    the staircase of the nodes, and a spike in space and time
release   depression and facilitation; response to rates
"""
