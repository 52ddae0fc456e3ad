"""Pictures of biological neurons: what `sim.plot()` draws, and more.

wiring    circuits beside their traces, rasters with rates, intervals, sweeps
"""
