"""What the artificial neuron kept: six pairs of objects that do the same.

Every function returns two numbers, what the spiking neuron gives and what the network
gives. The seventh has no second member.
"""

import numpy as np

from ...network import Dense, Network
from . import lost
from .activation import fit_activation
from .coincidence import CoincidenceDetector
from .logic import LogicNetwork, McCullochPitts, all_inputs
from .rates import siegert


def _dense(weights, bias=0.0):
    """A Network of one Dense layer with one output: x @ weights + bias."""
    net = Network([Dense(len(weights), 1)], dtype="float64")
    net.layers[0].weights[...] = np.reshape(weights, (-1, 1))
    net.layers[0].bias[...] = bias
    return net


def dendritic_sum():
    """The peak of two EPSPs of 4 and 7 mV at once, and the dot product: mV."""
    neuron = CoincidenceDetector(w=[4.0, 7.0])
    return float(neuron.peak([0.0, 0.0])), float(_dense([4.0, 7.0])([[1.0, 1.0]])[0, 0])


def threshold(mu=-48.0, sigma=8.0):
    """The rate of a noisy neuron at mu, and of the softplus fitted to its curve: Hz."""
    curve = np.linspace(-65.0, -35.0, 121)
    fit = fit_activation(curve, siegert(curve, sigma), kind="softplus")
    return float(siegert(mu, sigma)), float(fit.network()([[mu]])[0, 0])


def synaptic_strength():
    """By what the answer to one input grows when its synapse, its weight doubles."""
    once, twice = (CoincidenceDetector(w=[w, 0.0]).peak([0.0, np.nan]) for w in (3, 6))
    x = [[1.0, 0.0]]
    return float(twice / once), float(
        _dense([6.0, 0])(x)[0, 0] / _dense([3.0, 0])(x)[0, 0]
    )


def resting_leak(E_L=-62.0):
    """The smallest EPSP that fires, E_L 3 mV higher, and x with w x + bias = 0."""
    neuron = CoincidenceDetector(w=[1.0, 1.0], E_L=E_L, V_reset=E_L)
    low, high = 0.0, 100.0
    while high - low > 1e-9:
        middle = 0.5 * (low + high)
        fires = neuron.fires([0.0, np.nan], [middle, 0.0])
        low, high = (low, middle) if fires else (middle, high)
    bias = E_L - neuron.V_th
    net = _dense([1.0], bias)  # an EPSP of x mV, w = 1
    w0, w1 = net([[0.0]])[0, 0], net([[1.0]])[0, 0]
    return float(high), float(-w0 / (w1 - w0))


def learning():
    """Changes until AND is learnt, by the synapses of a neuron and by a unit's weights.

    Rosenblatt's rule for both: an answer that is wrong adds 1 mV, or 1, to the weights
    of all inputs that were on, or takes it away. theta is 15.
    """
    x = all_inputs(2)
    wanted = McCullochPitts.gate("AND")(x)

    def neuron(w):
        return CoincidenceDetector(w=w).truth_table().outputs

    def unit(w):
        return McCullochPitts(w, theta=15.0)(x)

    return _changes(neuron, x, wanted), _changes(unit, x, wanted)


def _changes(answer, x, wanted):
    w, changes, wrong = np.zeros(2), 0, True
    while wrong:
        wrong = False
        for row, target in enumerate(wanted):
            error = target - answer(w)[row]
            w = w + error * x[row]
            changes += abs(int(error))
            wrong = wrong or error != 0
    return changes


def wiring():
    """Rows of XOR that three neurons get right, of 4, and three units; one gets 3.

    The neurons: one for OR and one for AND, and a third that the first excites and the
    second inhibits. The units: (OR, NAND) and AND.
    """
    x = all_inputs(2)
    wanted = x[:, 0] ^ x[:, 1]
    either, both = CoincidenceDetector(w=16.0), CoincidenceDetector(w=10.0)
    first = np.column_stack([n.truth_table().outputs for n in (either, both)])
    third = CoincidenceDetector(w=[16.0, -16.0])
    neurons = third.fires(np.where(first > 0, 0.0, np.nan))
    units = LogicNetwork.xor()(x)
    return int(np.sum(neurons == wanted)), int(np.sum(units == wanted))


def glia_and_pump():
    """Spikes of a second step by those of a first, 1 s later; no counterpart."""
    return lost.pump_memory(), None
