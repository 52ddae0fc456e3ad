"""fastnn: neural networks to learn from and to keep using."""

from . import data, datasets, ops
from .backend import get_num_threads, set_num_threads, show_config, use

__version__ = "0.1.0"

__all__ = [
    "data",
    "datasets",
    "get_num_threads",
    "ops",
    "set_num_threads",
    "show_config",
    "use",
]
