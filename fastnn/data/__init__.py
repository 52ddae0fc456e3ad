"""Knowing your data.

splitting.py    split: rows for training and rows for testing
"""

from .splitting import split

__all__ = ["split"]
