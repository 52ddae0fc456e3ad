"""IDX files: every dtype, any number of dimensions, and files that lie."""

import gzip
import struct
import tracemalloc

import numpy as np
import pytest

from fastnn import datasets

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def idx_bytes(array):
    kind = array.dtype.str[1:]
    header = struct.pack(
        f">4B{array.ndim}I", 0, 0, CODES[kind], array.ndim, *array.shape
    )
    return header + array.astype(f">{kind}").tobytes()


def write(path, content):
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def test_by_hand(tmp_path):
    """2 x 3 bytes, as the format's description has them."""
    content = bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255])
    x = datasets.read_idx(write(tmp_path / "x", content))
    assert x.tolist() == [[1, 2, 3], [4, 5, 255]] and x.dtype == np.uint8


@pytest.mark.parametrize("name", ["x.idx", "x.gz"])
@pytest.mark.parametrize("kind", CODES)
@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 3), (2, 0, 3), (2, 1, 3, 2)])
def test_round_trip(tmp_path, rng, name, kind, shape):
    x = (rng.standard_normal(shape) * 50).astype(kind)
    got = datasets.read_idx(str(write(tmp_path / name, idx_bytes(np.asarray(x)))))
    np.testing.assert_array_equal(got, x)
    assert got.shape == shape and got.dtype == np.dtype(kind) and got.dtype.isnative
    assert got.flags.writeable and got.flags.c_contiguous


def test_gzip_is_known_by_its_content(tmp_path):
    path = tmp_path / "no-suffix"
    path.write_bytes(gzip.compress(idx_bytes(np.arange(4, dtype="i4"))))
    assert datasets.read_idx(path).tolist() == [0, 1, 2, 3]


def header(code, *sizes):
    return struct.pack(f">4B{len(sizes)}I", 0, 0, code, len(sizes), *sizes)


GOOD = idx_bytes(np.arange(6, dtype="i2").reshape(2, 3))
HOSTILE = {
    "empty": b"",
    "magic cut off": GOOD[:3],
    "sizes cut off": GOOD[:9],
    "data cut off": GOOD[:-1],
    "no data": GOOD[:12],
    "too long": GOOD + b"\0",
    "foreign": b"PNG and more",
    "text": b"a,b,c\n1,2,3\n",
    "unknown dtype": header(0x0A, 1) + b"\0",
    "huge": header(0x08, 2**32 - 1, 2**32 - 1, 2**32 - 1),
    "huge floats": header(0x0E, *[2**32 - 1] * 64),
    "huge but empty": header(0x08, 0, *[2**32 - 1] * 5),
    "too many dimensions": header(0x08, *[1] * 65) + b"\0",
    "255 dimensions": b"\0\0\x08\xff",
}


@pytest.mark.parametrize("name", ["bad.idx", "bad.gz"])
@pytest.mark.parametrize("what", HOSTILE)
def test_files_that_are_not_idx(tmp_path, name, what):
    path = write(tmp_path / name, HOSTILE[what])
    with pytest.raises(ValueError, match="read_idx: ") as error:
        datasets.read_idx(path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_every_cut_is_noticed(tmp_path):
    for content in (GOOD, gzip.compress(GOOD)):
        for length in range(len(content)):
            path = tmp_path / "cut"
            path.write_bytes(content[:length])
            with pytest.raises(ValueError, match=r"read_idx: .*cut"):
                datasets.read_idx(path)


def test_damaged_gzip(tmp_path):
    content = bytearray(gzip.compress(GOOD))
    for place in (12, len(content) - 6):  # the deflated data, the checksum
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        (tmp_path / "damaged.gz").write_bytes(damaged)
        with pytest.raises(ValueError, match=r"read_idx: .*damaged\.gz"):
            datasets.read_idx(tmp_path / "damaged.gz")


@pytest.mark.parametrize("name", ["liar", "liar.gz"])
def test_claimed_sizes_cost_no_memory(tmp_path, name):
    path = write(tmp_path / name, header(0x08, 30_000, 30_000) + bytes(1000))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="promises 900000000"):
            datasets.read_idx(path)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_no_such_file_and_no_path(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing-here"):
        datasets.read_idx(tmp_path / "nothing-here")
    with pytest.raises(TypeError, match="read_idx: path is 3"):
        datasets.read_idx(3)
    with pytest.raises(TypeError, match="load_mnist: folder is None"):
        datasets.load_mnist(None)


@pytest.fixture
def mnist_files(rng):
    """Four small files' content: 12 and 5 images of 4 x 3 pixels, labels 0..3."""
    arrays = {}
    for part, n in (("train", 12), ("t10k", 5)):
        images = rng.integers(0, 256, (n, 4, 3), np.uint8)
        images[0, 0, :2] = 0, 255
        arrays[f"{part}-images-idx3-ubyte"] = images
        arrays[f"{part}-labels-idx1-ubyte"] = np.arange(n, dtype=np.uint8) % 4
    return arrays


def fill(folder, arrays, mark="-", end=""):
    for name, array in arrays.items():
        write(folder / (name.replace("-idx", mark + "idx") + end), idx_bytes(array))
    return folder


@pytest.mark.parametrize("mark", "-.")
@pytest.mark.parametrize("end", ["", ".gz"])
def test_load_mnist(tmp_path, mnist_files, mark, end):
    folder = fill(tmp_path, mnist_files, mark, end)
    train, test = datasets.load_mnist(folder)
    for data, part, n in ((train, "train", 12), (test, "t10k", 5)):
        images = mnist_files[f"{part}-images-idx3-ubyte"]
        assert data.X.shape == (n, 12) and data.X.dtype == np.float32
        np.testing.assert_array_equal(data.X, images.reshape(n, 12) / np.float32(255))
        assert data.X.min() == 0 and data.X.max() == 1
        assert data.y.dtype == np.int64 and data.y.tolist() == [i % 4 for i in range(n)]
        assert data.images.shape == (n, 4, 3)
        assert data.target_names == ("0", "1", "2", "3")
        assert data.feature_names[:4] == (
            "pixel_0_0",
            "pixel_0_1",
            "pixel_0_2",
            "pixel_1_0",
        )
        assert f"({n}, 12) float32" in repr(data) and "0..1" in data.description


def test_load_mnist_with_names(tmp_path, mnist_files):
    folder = fill(tmp_path, mnist_files)
    train, _ = datasets.load_mnist(str(folder), datasets.FASHION_MNIST_NAMES)
    assert train.target_names[3] == "Dress" and "Dress: 3" in repr(train)
    for bad in (["a", "b"], "shoe"):
        with pytest.raises(ValueError, match="load_mnist: target_names"):
            datasets.load_mnist(folder, bad)


def test_load_mnist_says_what_is_missing(tmp_path, mnist_files):
    folder = fill(tmp_path, mnist_files)
    (folder / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(FileNotFoundError) as error:
        datasets.load_mnist(folder)
    message = str(error.value)
    assert "t10k-labels-idx1-ubyte" in message and "train-images" not in message
    assert str(folder) in message and "nothing is downloaded" in message
    with pytest.raises(FileNotFoundError, match="train-images-idx3-ubyte"):
        datasets.load_mnist(folder / "no such folder")


@pytest.mark.parametrize(
    ("name", "shape", "dtype"),
    [
        ("train-images-idx3-ubyte", (12, 12), "u1"),
        ("train-images-idx3-ubyte", (0, 4, 3), "u1"),
        ("train-images-idx3-ubyte", (11, 4, 3), "u1"),
        ("train-images-idx3-ubyte", (12, 4, 3), "i2"),
        ("train-labels-idx1-ubyte", (13,), "u1"),
        ("train-labels-idx1-ubyte", (12, 1), "u1"),
        ("t10k-images-idx3-ubyte", (5, 3, 4), "u1"),
    ],
)
def test_load_mnist_refuses_files_that_do_not_fit(
    tmp_path, mnist_files, name, shape, dtype
):
    mnist_files[name] = np.zeros(shape, dtype)
    with pytest.raises(ValueError, match="load_mnist: "):
        datasets.load_mnist(fill(tmp_path, mnist_files))
