"""What the loaders return: a table for learning, images for learning, a raw table."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """A table to learn from.

    X (n_samples, n_features): the features.   y (n_samples,) int64: the classes;
    target_names[y[i]] is the name of row i's class. For a regression y is float64, and
    target_names has one name, the value's.
    The first line of `description` is the title.
    """

    X: np.ndarray
    y: np.ndarray
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]
    description: str

    def __repr__(self):
        return "\n".join(
            [
                self.description.splitlines()[0],
                f"  X  {self.X.shape} {self.X.dtype}, "
                f"from {self.X.min():g} to {self.X.max():g}",
                f"  y  {self.y.shape} {self.y.dtype}: {self._targets()}",
                f"  features: {_shortened(self.feature_names)}",
            ]
        )

    def _targets(self):
        """The classes with their counts, or the value's name and range."""
        if self.y.dtype.kind == "f":
            return f"{self.target_names[0]}, from {self.y.min():g} to {self.y.max():g}"
        counts = np.bincount(self.y, minlength=len(self.target_names))
        classes = zip(self.target_names, counts, strict=True)
        return _shortened(f"{name}: {count}" for name, count in classes)


@dataclass(frozen=True, eq=False, repr=False)
class ImageDataset(Dataset):
    """A Dataset whose rows are images, pixel after pixel, row after row."""

    image_shape: tuple[int, int]

    @property
    def images(self):
        """X seen as images, (n_samples, height, width); shares its memory with X."""
        return self.X.reshape(-1, *self.image_shape)


@dataclass(frozen=True, eq=False, repr=False)
class RawTable:
    """A table as it was published, nothing cleaned, for a dataframe library.

    table: column name -> list of str.   path: the CSV file itself.
    `pandas.DataFrame(raw.table)` and `pandas.read_csv(raw.path)` both work.
    """

    table: dict[str, list[str]]
    path: "Path"
    description: str

    def __repr__(self):
        n_rows = len(next(iter(self.table.values())))
        return "\n".join(
            [
                self.description.splitlines()[0],
                f"  table  {n_rows} rows, {len(self.table)} columns, all of them text",
                f"  columns: {_shortened(self.table)}",
                f"  path  {self.path}",
            ]
        )


def _shortened(words, most=10):
    """The words with commas; of a long list the first few and how many there are."""
    words = list(words)
    if len(words) <= most:
        return ", ".join(words)
    return f"{', '.join(words[:4])}, ... ({len(words)} in all)"
