"""Networks: layers, losses, optimizers, and the loop that trains them.

    network.py         Network, mlp: what users call
    layers.py          Dense, Activation, Dropout, BatchNorm, LayerNorm
    losses.py          targets, answers, accuracy
    optimizers.py      SGD, Adagrad, RMSProp, Adam, AdamW
    schedules.py       the learning rate over time
    initialization.py  the first weights
    training.py        one run of fit
    program.py         a network laid out for the kernels
    callbacks.py       EarlyStopping, Checkpoint
    history.py         what happened, epoch by epoch
    progress.py        the bar, or the lines
    inputs.py          what comes in, checked
    storage.py         files, whole or not at all
    loading.py         from a file to a network

What is public is the list at the end of this file.
"""

from . import initialization, schedules
from .callbacks import Checkpoint, EarlyStopping
from .history import History
from .layers import Activation, BatchNorm, Dense, Dropout, Layer, LayerNorm
from .making import load, mlp
from .network import Network
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
