"""What the artificial neuron lost: seven toggles, each with a number that it changes.

Every function takes `on`, whether the neuron has the property (as in biology) or not
(as in a network of layers), and returns one number.
"""

import itertools

import numpy as np

from . import events
from .coincidence import CoincidenceDetector
from .logic import all_inputs, find_units
from .rates import noiseless_rate
from .two_layers import TwoLayerNeuron

# An integrate-and-fire neuron of the usual size: mV above rest, ms.
THETA, TAU_M, T_REF = 15.0, 20.0, 2.0


def time(on=True, lag_ms=40.0):
    """Spikes for two EPSPs of 10 mV, 15 mV to the threshold, lag_ms apart.

    on: they come when they come. Off: as in x @ weights, which has no clock.
    """
    inputs = [10.0, 10.0 + (lag_ms if on else 0.0)]
    return len(CoincidenceDetector(w=10.0).run(200, input_times=inputs).spike_times)


def refractoriness(on=True, mu=200.0):
    """The rate in Hz under a strong drive: with t_ref it has a maximum, 500 Hz."""
    return float(noiseless_rate(mu, t_ref=T_REF if on else 0.0))


def adaptation(on=True, drive_mV=30.0):
    """The last interval between spikes by the first, of 2 s under a steady drive.

    on: each spike adds 1.5 mV of a current that opposes the drive and decays with
    200 ms (w of the adaptive integrate-and-fire neuron).
    """
    spikes = _driven(-1.5 if on else 0.0, 200.0, [events.Event(0.0, drive=drive_mV)])
    intervals = np.diff(spikes)
    return float(intervals[-1] / intervals[0])


def dendritic_nonlinearity(on=True):
    """Rows of (x1 AND x2) OR (x3 AND x4) that a neuron gets right, of 16.

    on: two branches with a threshold each. Off: branches that only add, with the best
    weights of -2 ... 2 there are. No single sum gets all rows right.
    """
    neuron = TwoLayerNeuron([[1, 1, 0, 0], [0, 0, 1, 1]], branch_theta=2, theta=1)
    x = all_inputs(4)
    wanted = (x[:, 0] & x[:, 1]) | (x[:, 2] & x[:, 3])
    if on:
        return int(np.sum(neuron(x) == wanted))
    weights = np.array(list(itertools.product((-2, -1, 0, 1, 2), repeat=4)))
    sums = weights @ x.T  # (units, rows)
    right = [np.sum((sums >= theta) == wanted, axis=1) for theta in range(-8, 10)]
    return int(np.max(right))


def pump_memory(on=True, gap_ms=1000.0):
    """Spikes of the second of two steps of 0.5 s, by those of the first.

    on: each spike lets Na in, which the pump carries out with a time constant of 2 s,
    by an outward current of 0.3 mV for each spike. `PumpedHodgkinHuxley` has the pump
    in full; here is its time scale alone.
    """
    second = 500.0 + gap_ms
    steps = [(0.0, 40.0), (500.0, 0.0), (second, 40.0), (second + 500.0, 0.0)]
    inputs = [events.Event(at, drive=drive) for at, drive in steps]
    spikes = _driven(-0.3 if on else 0.0, 2000.0, inputs, second + 600.0)
    return float(np.sum(spikes >= second) / np.sum(spikes < second))


def dales_law(on=True):
    """How many of the 16 functions of two inputs a single unit can compute.

    on: the cells that bring the inputs are excitatory, and so is every synapse they
    make (Dale; Eccles, 1954): no weight is below 0, and NOT takes a second cell.
    """
    grid = np.arange(0.0, 3.0) if on else np.arange(-2.0, 3.0)
    tables = itertools.product((0, 1), repeat=4)
    return sum(len(find_units(table, weights=grid)) > 0 for table in tables)


def short_term_plasticity(on=True, slow_hz=5.0, fast_hz=50.0):
    """How much more a synapse transmits at fast_hz than at slow_hz, in steady state.

    on: it depresses (Tsodyks, Markram, 1997; U = 0.45, tau_d = 750, tau_f = 50 ms); a
    weight that stays as it is transmits in proportion to the rate.
    """
    fast, slow = (
        rate * (_release(1000.0 / rate) if on else _release(np.inf))
        for rate in (fast_hz, slow_hz)
    )
    return float(fast / slow)


def _release(interval_ms, U=0.45, tau_d=750.0, tau_f=50.0):
    """u x of each spike of a long train with equal intervals; inf: of a rested one."""
    u = U / (1.0 - (1.0 - U) * np.exp(-interval_ms / tau_f))
    recovers = np.exp(-interval_ms / tau_d)
    return u * (1.0 - recovers) / (1.0 - (1.0 - u) * recovers)


def _driven(after_spike, tau_x, inputs, T_ms=2000.0):
    """Spike times of the neuron with a current that each spike adds to."""
    cell = events.Cell(TAU_M, tau_x, THETA, 0.0, T_REF, after_spike)
    return events.solve(cell, inputs, T_ms)[0]
