"""From the biological to the artificial neuron: what is kept, and what is lost.

rates         f-I curves in closed form: without noise, with it, by escape
activation    which activation function a curve is like, and how unlike
logic         McCulloch and Pitts (1943): AND, OR, NOT; XOR needs two layers
perceptron    Rosenblatt (1958): a unit that learns, and Novikoff's bound
    two_layers    a neuron whose branches have thresholds of their own
    kept, lost    every row of the table "biology, neuro object, ANN object"
    comparison    the table
"""

from .activation import ActivationFit, fit_activation
from .coincidence import CoincidenceDetector
from .comparison import lost_and_kept
from .logic import LogicNetwork, McCullochPitts, TruthTable, contradiction, find_units
from .perceptron import Perceptron, novikoff_bound
from .rates import escape_rate, noiseless_rate, siegert
from .two_layers import TwoLayerNeuron

__all__ = [
    "ActivationFit",
    "CoincidenceDetector",
    "LogicNetwork",
    "McCullochPitts",
    "Perceptron",
    "TruthTable",
    "TwoLayerNeuron",
    "contradiction",
    "escape_rate",
    "find_units",
    "fit_activation",
    "lost_and_kept",
    "noiseless_rate",
    "novikoff_bound",
    "siegert",
]
