"""Files in the IDX format: MNIST, Fashion-MNIST and their kin. Nothing is downloaded.

    magic      two zero bytes, the dtype's code, the number of dimensions
    sizes      one big-endian uint32 for each dimension
    elements   big-endian, last dimension fastest

Y. LeCun, C. Cortes and C. Burges, "The MNIST database of handwritten digits" (1998).
"""

import math
import os
import struct

import numpy as np

from ..ops import checks
from .dataset import ImageDataset

DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: "i2", 0x0C: "i4", 0x0D: "f4", 0x0E: "f8"}
GZIP_MAGIC = b"\x1f\x8b"
CHUNK = 1 << 20  # bytes read at a time
MAX_DIMENSIONS = 64  # NumPy's limit

FASHION_MNIST_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def read_idx(path):
    """Read an IDX file, plain or compressed with gzip, into an array.

    path: str or path-like. Returns an array of the file's shape and dtype (uint8,
    int8, int16, int32, float32 or float64) in this machine's byte order, yours to
    change. Raises ValueError if the file is not IDX, is cut off or is too long; a size
    claimed by the header costs no memory until the file has shown the bytes for it.
    """
    import gzip  # here: `import fastnn` should not wait for them
    import zlib

    path = _path("read_idx", "path", path)
    try:
        with open(path, "rb") as raw:
            zipped = raw.read(2) == GZIP_MAGIC
            raw.seek(0)
            if not zipped:
                return _read_stream(raw, path)
            with gzip.GzipFile(fileobj=raw) as file:
                return _read_stream(file, path)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(
            f"read_idx: {path} is a damaged gzip file ({error}); fetch it again"
        ) from None


def _read_stream(file, path):
    dtype, shape = _read_header(file, path)
    n_bytes = math.prod(shape) * dtype.itemsize  # Python ints: cannot overflow
    data = bytearray()
    while len(data) < n_bytes:
        chunk = file.read(min(CHUNK, n_bytes - len(data)))
        if not chunk:
            raise ValueError(
                f"read_idx: {path} ends after {len(data)} bytes of data, but its "
                f"header promises {n_bytes} for shape {shape}; it is cut off"
            )
        data += chunk
    if file.read(1):
        raise ValueError(
            f"read_idx: {path} goes on after the {n_bytes} bytes that its header "
            f"promises for shape {shape}; it is not an IDX file, or damaged"
        )
    try:
        values = np.frombuffer(data, dtype).reshape(shape)
    except ValueError:  # a size of 0 beside sizes that overflow
        raise ValueError(
            f"read_idx: {path} claims the shape {shape}, too large for an array"
        ) from None
    return values.astype(dtype.newbyteorder("="), copy=False)


def _read_header(file, path):
    """The dtype, big-endian, and the shape."""
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in DTYPES:
        raise ValueError(
            f"read_idx: {path} is not an IDX file; it begins with {magic!r} instead "
            "of two zero bytes and the code of a dtype"
        )
    ndim = magic[3]
    if ndim > MAX_DIMENSIONS:
        raise ValueError(
            f"read_idx: {path} claims {ndim} dimensions; arrays have at most "
            f"{MAX_DIMENSIONS}"
        )
    sizes = file.read(4 * ndim)
    if len(sizes) < 4 * ndim:
        raise ValueError(
            f"read_idx: {path} ends within its header, which promises {ndim} "
            "dimension(s); it is cut off"
        )
    return np.dtype(">" + DTYPES[magic[2]]), struct.unpack(f">{ndim}I", sizes)


def load_mnist(folder, target_names=None):
    """MNIST, or any set in its form (Fashion-MNIST, KMNIST), from a folder of yours.

    folder: holds the four files train-images-idx3-ubyte, train-labels-idx1-ubyte,
    t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte; a dot instead of the hyphen
    before "idx" and ".gz" at the end are fine. Nothing is downloaded.
    target_names: a name per class, by default "0", "1", ...; for Fashion-MNIST pass
    FASHION_MNIST_NAMES, the files look just like those of MNIST.

    Returns (train, test), two ImageDatasets with .X (n, 784) float32 scaled from
    0..255 to 0..1, .y (n,) int64, .images (n, 28, 28).
    """
    folder = _path("load_mnist", "folder", folder)
    files = _find_files(folder)
    train = _read_pair(files["train-images", 3], files["train-labels", 1])
    test = _read_pair(files["t10k-images", 3], files["t10k-labels", 1])
    if train[0].shape[1:] != test[0].shape[1:]:
        raise ValueError(
            f"load_mnist: training images are {train[0].shape[1:]} and test images "
            f"{test[0].shape[1:]} pixels; the files in {folder} do not belong together"
        )
    n_classes = 1 + int(max(train[1].max(), test[1].max()))
    names = _class_names(target_names, n_classes)
    return (
        _image_dataset("train", folder, *train, names),
        _image_dataset("test", folder, *test, names),
    )


def _find_files(folder):
    """(part, ndim) -> path of each of the four files; all must be there."""
    found, missing = {}, []
    for part in ("train-images", "train-labels", "t10k-images", "t10k-labels"):
        ndim = 3 if part.endswith("images") else 1
        names = [
            f"{part}{mark}idx{ndim}-ubyte{end}" for end in ("", ".gz") for mark in "-."
        ]
        paths = [folder / name for name in names if (folder / name).is_file()]
        if paths:
            found[part, ndim] = paths[0]
        else:
            missing.append(names[0])
    if missing:
        raise FileNotFoundError(
            f"load_mnist: the folder {folder} has no {', '.join(missing)} (looked for "
            'with "-" and "." before "idx", with and without ".gz"); nothing is '
            "downloaded, put the files of the data set there yourself"
        )
    return found


def _read_pair(images_path, labels_path):
    """Images (n, height, width) and labels (n,), checked against each other."""
    images, labels = read_idx(images_path), read_idx(labels_path)
    for path, array, ndim in ((images_path, images, 3), (labels_path, labels, 1)):
        if array.ndim != ndim or array.dtype != np.uint8 or array.size == 0:
            raise ValueError(
                f"load_mnist: {path} holds {checks.describe(array)}; expected uint8, "
                f"{ndim} dimension(s) and at least one row"
            )
    if len(images) != len(labels):
        raise ValueError(
            f"load_mnist: {images_path} holds {len(images)} images but {labels_path} "
            f"{len(labels)} labels; they do not belong together"
        )
    return images, labels


def _class_names(target_names, n_classes):
    if target_names is None:
        return tuple(str(k) for k in range(n_classes))
    several = isinstance(target_names, (list, tuple, np.ndarray))
    if not several or len(target_names) < n_classes:
        raise ValueError(
            f"load_mnist: target_names is {checks.describe(target_names)}; the labels "
            f"go up to {n_classes - 1}, so expected a list of {n_classes} names"
        )
    return tuple(str(name) for name in target_names)


def _image_dataset(part, folder, images, labels, target_names):
    n, height, width = images.shape
    # divided straight into float32, so that no float64 copy of the set is made
    X = np.divide(images.reshape(n, -1), 255, dtype=np.float32)
    names = tuple(f"pixel_{i}_{j}" for i in range(height) for j in range(width))
    description = (
        f"{folder.name}, {part}: {n} images of {height} x {width} pixels\n"
        f"Read from {folder}; pixels are scaled from 0..255 to 0..1 (float32)."
    )
    return ImageDataset(
        X, labels.astype(np.int64), names, target_names, description, (height, width)
    )


def _path(where, name, value):
    try:
        from pathlib import Path

        return Path(os.fsdecode(value))
    except TypeError:
        raise TypeError(
            f"{where}: {name} is {checks.describe(value)}; expected a str or a Path"
        ) from None
