"""fastnn: neural networks to learn from and to keep using.

import fastnn as fn

X, y = fn.datasets.spirals(n_samples=600, n_classes=3, seed=0)
net = fn.mlp(n_in=2, hidden=[32] * 5, n_out=3, activation="tanh", seed=0)
net.fit(X, y, epochs=100)
net.score(X, y)
"""

from . import data, datasets, estimators, graph, network, ops, plot, reference
from .backend import get_num_threads, set_num_threads, show_config, use
from .estimators import LogisticRegression, MLPClassifier, MLPRegressor
from .network import (
    SGD,
    Activation,
    Adagrad,
    Adam,
    AdamW,
    BatchNorm,
    Checkpoint,
    Dense,
    Dropout,
    EarlyStopping,
    History,
    Layer,
    LayerNorm,
    Network,
    RMSProp,
    load,
    mlp,
    schedules,
)
from .network import initialization as init

__version__ = "0.1.0"

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
    "LogisticRegression",
    "MLPClassifier",
    "MLPRegressor",
    "Network",
    "RMSProp",
    "data",
    "datasets",
    "estimators",
    "get_num_threads",
    "graph",
    "init",
    "load",
    "mlp",
    "network",
    "ops",
    "plot",
    "reference",
    "schedules",
    "set_num_threads",
    "show_config",
    "use",
]
