"""fastnn: neural networks to learn from and to keep using.

    import fastnn as fn

    X, y = fn.datasets.spirals(n_samples=600, n_classes=3, seed=0)
    net = fn.mlp(n_in=2, hidden=[32] * 5, n_out=3, activation="tanh", seed=0)
    net.fit(X, y, epochs=100)
    net.score(X, y)

The list below has every name; what it holds, a room says at its door.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from . import network, ops, reference
from .backend import get_num_threads, set_num_threads, show_config, use
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
    TensorLayer,
    load,
    mlp,
    schedules,
)
from .network import initialization as init

if TYPE_CHECKING:
    from . import data, datasets, estimators, graph, neuro, plot
    from .estimators import LogisticRegression, MLPClassifier, MLPRegressor

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
    "TensorLayer",
    "data",
    "datasets",
    "estimators",
    "get_num_threads",
    "graph",
    "init",
    "load",
    "mlp",
    "network",
    "neuro",
    "ops",
    "plot",
    "reference",
    "schedules",
    "set_num_threads",
    "show_config",
    "use",
]

# Rooms that many programs never enter: imported when they are first named, which
# spares a process that only trains a third of the time of `import fastnn`.
_ROOM_OF = dict.fromkeys(
    ("data", "datasets", "estimators", "graph", "neuro", "plot"), ""
)
_ROOM_OF |= dict.fromkeys(
    ("LogisticRegression", "MLPClassifier", "MLPRegressor"), "estimators"
)


def __getattr__(name):
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'fastnn' has no attribute {name!r}", name=name)
    room = import_module(f"{__name__}.{_ROOM_OF[name] or name}")
    globals()[name] = value = getattr(room, name) if _ROOM_OF[name] else room
    return value


def __dir__():
    return sorted(set(globals()) | set(__all__))
