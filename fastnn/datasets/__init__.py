"""Data to learn with: tables that ship with fastnn, toy problems, files you bring.

    shipped.py    load_digits  load_breast_cancer  load_diabetes  load_el_nino
                  load_iris  load_penguins  load_penguins_raw: small real tables,
                  their sources in tables/SOURCES.md
    toys.py       blobs  moons  circles  spirals  xor  friedman: (X, y) from a seed
    idx.py        read_idx  load_mnist: IDX files from your disk
    dataset.py    Dataset  ImageDataset  RawTable: what the loaders return

Nothing is ever downloaded. To part rows for training and testing: fn.data.split.
"""

from .dataset import Dataset, ImageDataset, RawTable
from .idx import FASHION_MNIST_NAMES, load_mnist, read_idx
from .shipped import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_el_nino,
    load_iris,
    load_penguins,
    load_penguins_raw,
)
from .toys import blobs, circles, friedman, moons, spirals, xor

__all__ = [
    "FASHION_MNIST_NAMES",
    "Dataset",
    "ImageDataset",
    "RawTable",
    "blobs",
    "circles",
    "friedman",
    "load_breast_cancer",
    "load_diabetes",
    "load_digits",
    "load_el_nino",
    "load_iris",
    "load_mnist",
    "load_penguins",
    "load_penguins_raw",
    "moons",
    "read_idx",
    "spirals",
    "xor",
]
