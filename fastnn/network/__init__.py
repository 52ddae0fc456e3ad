"""Networks: layers, losses, and the training that makes them good.

    network.py         Network: what users call
    making.py          mlp, and load: from a file to a network
    layers.py          Dense, Activation, Dropout, BatchNorm, LayerNorm
    initialization.py  the first weights
    draws.py           their random numbers
    losses.py          targets, answers, accuracy
    summary.py         a network as a table
    program.py         a network laid out for the kernels
    inputs.py          what comes in, checked
    storage.py         files, whole or not at all
    onnx.py            a network for other programs
    tensors/           a network as a graph; TensorLayer; losses of your own
    training/          fit: steps, optimizers, schedules, callbacks, history

What is public is the list at the end of this file.
"""

from . import initialization
from .layers import Activation, BatchNorm, Dense, Dropout, Layer, LayerNorm
from .making import load, mlp
from .network import Network
from .tensors.tensor_layer import TensorLayer
from .training import schedules
from .training.callbacks import Checkpoint, EarlyStopping
from .training.history import History
from .training.optimizers import SGD, Adagrad, Adam, AdamW, Optimizer, RMSProp

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
    "TensorLayer",
    "initialization",
    "load",
    "mlp",
    "schedules",
]
