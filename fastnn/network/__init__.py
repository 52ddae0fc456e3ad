"""Networks: layers, losses, optimizers, and the loop that trains them.

network.py        Network, mlp, load           what users call
training.py       one run of fit               program.py   laid out for the kernels
layers.py         Dense, Activation, Dropout, BatchNorm, LayerNorm
losses.py         targets, answers, accuracy   inputs.py    what comes in, checked
optimizers.py     SGD, Adagrad, RMSProp, Adam, AdamW
schedules.py      the learning rate over time  initialization.py  first weights
callbacks.py      EarlyStopping, Checkpoint    history.py   what happened
storage.py        files, whole or not at all   progress.py  the bar
"""

from . import initialization, schedules
from .callbacks import Checkpoint, EarlyStopping
from .history import History
from .layers import Activation, BatchNorm, Dense, Dropout, Layer, LayerNorm
from .network import Network, load, mlp
from .optimizers import SGD, Adagrad, Adam, AdamW, Optimizer, RMSProp

__all__ = [
    "SGD",
    "Activation",
    "Adagrad",
    "Adam",
    "AdamW",
    "BatchNorm",
    "Checkpoint",
    "Dense",
    "Dropout",
    "EarlyStopping",
    "History",
    "Layer",
    "LayerNorm",
    "Network",
    "Optimizer",
    "RMSProp",
    "initialization",
    "load",
    "mlp",
    "schedules",
]
