"""Archives: whole or not there, and read without trust."""

import io
import json
import os
import pickle
import random
import signal
import stat
import subprocess
import sys
import textwrap
import time
import tracemalloc
import zipfile

import numpy as np
import pytest

from fastnn.network import storage
from fastnn.network.storage import read_archive, write_archive

HEADER = {"layers": [{"n_in": 2, "name": "größe"}], "seed": None, "loss": [0.1 + 0.2]}


def some_arrays(seed=0):
    rng = np.random.default_rng(seed)
    return {
        "0.weights": rng.normal(size=(7, 5)).astype("float32"),
        "0.bias": rng.normal(size=5),
        "steps": np.array(12, "int64"),
        "random_state": np.array([2**64 - 1, 0, 5], "uint64"),
        "empty": np.empty((0, 3)),
        "mask": np.array([True, False]),
    }


def assert_same(arrays, expected):
    assert list(arrays) == list(expected)
    for name, values in expected.items():
        assert arrays[name].dtype == values.dtype and arrays[name].shape == values.shape
        assert arrays[name].tobytes() == values.tobytes()
        assert arrays[name].flags.c_contiguous and arrays[name].flags.writeable


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.npz"


@pytest.fixture
def archive(path):
    write_archive(path, "network", HEADER, some_arrays())
    return path


def test_round_trip(archive):
    header, arrays = read_archive(archive, "network")
    assert header == HEADER
    assert_same(arrays, some_arrays())


def test_numpy_reads_it_too(archive):
    with np.load(archive, allow_pickle=False) as arrays:
        assert_same({n: arrays[n] for n in some_arrays()}, some_arrays())
        document = json.loads(str(arrays["header"]))
    assert document["format"] == "fastnn" and document["kind"] == "network"
    assert document["version"] == 1 and document["layers"] == HEADER["layers"]


def test_floats_come_back_bit_for_bit(path):
    edges = np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324, 1e308])
    write_archive(path, "network", {"loss": [float("nan"), float("inf")]}, {"e": edges})
    header, arrays = read_archive(path, "network")
    assert_same(arrays, {"e": edges})
    assert str(header["loss"]) == "[nan, inf]"


@pytest.mark.parametrize("layout", ["transposed", "strided", "swapped", "read-only"])
def test_any_layout(path, layout):
    x = np.arange(24, dtype="float32").reshape(4, 6)
    values = {
        "transposed": x.T,
        "strided": x[::2, ::-1],
        "swapped": x.astype(">f4"),
        "read-only": np.broadcast_to(x, (3, 4, 6)),
    }[layout]
    write_archive(path, "network", {}, {"x": values})
    _, arrays = read_archive(path, "network")
    assert_same(arrays, {"x": np.array(values, dtype="float32", order="C")})


def test_the_same_content_gives_the_same_bytes(archive, tmp_path):
    again = tmp_path / "again.npz"
    write_archive(again, "network", HEADER, some_arrays())
    assert again.read_bytes() == archive.read_bytes()


@pytest.mark.parametrize("name", ["model", "model.bin", "no space .npz", "é.npz"])
def test_the_name_is_kept(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_archive(name, "network", HEADER, {})
    assert os.listdir() == [name]
    assert read_archive(name, "network") == (HEADER, {})


def test_links_stay_links(archive, tmp_path):
    link = tmp_path / "latest"
    link.symlink_to(archive.name)
    write_archive(link, "network", {}, some_arrays(1))
    assert link.is_symlink()
    assert_same(read_archive(archive, "network")[1], some_arrays(1))


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_permissions_are_those_of_umask(path, umask):
    before = os.umask(umask)
    try:
        write_archive(path, "network", {}, {})
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask


# Writing that fails


@pytest.mark.parametrize("failure", [OSError(28, "No space left"), KeyboardInterrupt])
@pytest.mark.parametrize("name", ["write_array", "fsync", "replace"])
def test_a_failure_leaves_the_old_file(archive, monkeypatch, failure, name):
    before = archive.read_bytes()
    calls = []

    def fail_the_second_time(*arguments, **options):
        calls.append(arguments)
        if len(calls) == 2 or name != "write_array":
            raise failure
        return keep(*arguments, **options)

    module = storage.npy if name == "write_array" else os
    keep = getattr(module, name)
    monkeypatch.setattr(module, name, fail_the_second_time)
    with pytest.raises((OSError, KeyboardInterrupt)):
        write_archive(archive, "network", {}, some_arrays(1))
    monkeypatch.undo()
    assert calls and archive.read_bytes() == before
    assert os.listdir(archive.parent) == [archive.name]


def run(code, *arguments, **options):
    """Run Python code in another process, with the same fastnn."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )


def test_a_full_disk_leaves_the_old_file(archive):
    before = archive.read_bytes()
    code = """
        import resource, sys
        import numpy as np
        from fastnn.network.storage import write_archive
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            write_archive(sys.argv[1], "network", {}, {"x": np.ones(100_000)})
        except OSError as error:
            print("refused:", error)
    """
    with run(code, archive) as process:
        assert process.communicate()[0].startswith("refused: ")
    assert archive.read_bytes() == before
    assert os.listdir(archive.parent) == [archive.name]


@pytest.mark.slow
def test_kill_leaves_a_whole_file(path):
    code = """
        import sys
        import numpy as np
        from fastnn.network.storage import write_archive
        for i in range(10**9):
            arrays = {"x": np.full(50_000, i), "y": np.full(50_000, i)}
            write_archive(sys.argv[1], "checkpoint", {"i": i}, arrays)
            print(i, flush=True)
    """
    rng = random.Random(0)
    for _ in range(6):
        with run(code, path) as process:
            process.stdout.readline()  # one file is there
            time.sleep(rng.uniform(0, 0.05))
            process.send_signal(signal.SIGKILL)
        header, arrays = read_archive(path, "checkpoint")
        assert np.all(arrays["x"] == header["i"]) and arrays["x"].size == 50_000
        assert np.all(arrays["y"] == header["i"])


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda p: write_archive(p, "modl", {}, {}), "save: kind is 'modl'"),
        (lambda p: write_archive(3, "network", {}, {}), "save: path is 3"),
        (lambda p: write_archive("", "network", {}, {}), "save: path is ''"),
        (lambda p: write_archive(b"a", "network", {}, {}), "save: path is b'a'"),
        (lambda p: write_archive(p / "x", "network", {}, {}), "no folder"),
        (lambda p: write_archive(p.parent, "network", {}, {}), "not a regular file"),
        (lambda p: write_archive(os.devnull, "network", {}, {}), "not a regular file"),
        (lambda p: write_archive(p, "network", {"kind": 1}, {}), "'kind'"),
        (lambda p: write_archive(p, "network", {"a": {1}}, {}), "JSON"),
        (lambda p: write_archive(p, "network", {}, {"header": 1}), "'header'"),
        (lambda p: write_archive(p, "network", {}, {"a\0": 1}), "'a.x00'"),
        (lambda p: write_archive(p, "network", {}, {"a": [None]}), "'a' has dtype obj"),
        (lambda p: write_archive(p, "network", {}, {"a": ["b"]}), "'a' has dtype <U1"),
        (lambda p: read_archive(p, "network"), "load: there is no file .*m.npz"),
        (lambda p: read_archive(p.parent, "network"), "is not a file"),
        (lambda p: read_archive(os.devnull, "network"), "is not a file"),
        (lambda p: read_archive(None, "network"), "load: path is None"),
    ],
)
def test_bad_input_is_named(path, call, words):
    with pytest.raises((TypeError, ValueError, FileNotFoundError), match=words):
        call(path)
    assert os.listdir(path.parent) == []


# Files that lie


def npy_bytes(shape="(2,)", descr="<f8", data=b"\0" * 16):
    text = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}, }}\n"
    return b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text.encode() + data


def npy_of(values, **options):
    buffer = io.BytesIO()
    np.save(buffer, values, **options)
    return buffer.getvalue()


def document(**values):
    start = {"format": "fastnn", "kind": "network", "version": 1, "arrays": ["x"]}
    return npy_of(np.array(json.dumps({**start, **values})))


class Bomb:
    def __reduce__(self):
        return (os._exit, (42,))


GOOD = document()
HOSTILE = {
    "no header": {"x.npy": npy_bytes()},
    "header not text": {"header.npy": npy_bytes()},
    "header not JSON": {"header.npy": npy_of(np.array("{'a"))},
    "header a list": {"header.npy": npy_of(np.array("[1]"))},
    "header deep": {"header.npy": npy_of(np.array("[" * 100_000))},
    "header of many": {"header.npy": npy_of(np.array(["{}", "{}"]))},
    "not ours": {"header.npy": document(format="other")},
    "kind a number": {"header.npy": document(kind=3)},
    "kind a list": {"header.npy": document(kind=["network"])},
    "version text": {"header.npy": document(version="1")},
    "version true": {"header.npy": document(version=True)},
    "version 0": {"header.npy": document(version=0)},
    "not npy": {"header.npy": GOOD, "x.npy": b"hello"},
    "not .npy": {"header.npy": GOOD, "x.txt": npy_bytes()},
    "path outside": {"header.npy": GOOD, "../../x": npy_bytes()},
    "huge shape": {"header.npy": GOOD, "x.npy": npy_bytes("(1000000000000,)")},
    "overflowing shape": {"header.npy": GOOD, "x.npy": npy_bytes(f"({2**63}, 2)")},
    "zero times huge": {
        "header.npy": GOOD,
        "x.npy": npy_bytes(f"(0, {10**30})", data=b""),
    },
    "negative shape": {"header.npy": GOOD, "x.npy": npy_bytes("(-1, -2)")},
    "long shape": {"header.npy": GOOD, "x.npy": npy_bytes("(" + "1, " * 99 + ")")},
    "deep shape": {"header.npy": GOOD, "x.npy": npy_bytes("(" * 9000)},
    "too many bytes": {"header.npy": GOOD, "x.npy": npy_bytes("(1,)")},
    "too few bytes": {"header.npy": GOOD, "x.npy": npy_bytes("(3,)")},
    "code as shape": {"header.npy": GOOD, "x.npy": npy_bytes("__import__('os')")},
    "pickle": {
        "header.npy": GOOD,
        "x.npy": npy_of(np.array([Bomb()], dtype=object), allow_pickle=True),
    },
    "bare pickle": {"header.npy": GOOD, "x.npy": pickle.dumps(Bomb())},
    "objects": {"header.npy": GOOD, "x.npy": npy_bytes(descr="|O")},
    "text": {"header.npy": GOOD, "x.npy": npy_of(np.array(["a"]))},
    "complex": {"header.npy": GOOD, "x.npy": npy_of(np.array([1j]))},
    "structures": {"header.npy": GOOD, "x.npy": npy_of(np.zeros(2, "i4,f8"))},
    "an array is missing": {"header.npy": GOOD},
    "an array too many": {
        "header.npy": GOOD,
        "x.npy": npy_bytes(),
        "y.npy": npy_bytes(),
    },
    "huge elements": {"header.npy": GOOD, "x.npy": npy_bytes(descr="|V2000000000")},
}


def write_zip(path, entries, **options):
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)


def assert_refused(path, words="damaged or not a file that fastnn wrote"):
    with pytest.raises(ValueError, match=words) as caught:
        read_archive(path, "network")
    message = str(caught.value)
    assert path.name in message and "\n" not in message and len(message) < 500


def test_the_files_that_lie_would_be_read_without_the_lie(path):
    write_zip(path, {"header.npy": GOOD, "x.npy": npy_bytes()})
    assert_same(read_archive(path, "network")[1], {"x": np.zeros(2)})


@pytest.mark.parametrize("lie", HOSTILE)
@pytest.mark.filterwarnings("ignore")
def test_hostile_files_are_refused(path, lie):
    write_zip(path, HOSTILE[lie])
    assert_refused(path)


def test_a_zip_bomb_is_refused(path):
    data = npy_bytes("(5000000,)", data=bytes(40_000_000))
    entries = {"header.npy": GOOD, "x.npy": data}
    write_zip(path, entries, compression=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 50_000
    tracemalloc.start()
    assert_refused(path, "compressed")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_two_entries_of_one_name_are_refused(path):
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "w") as z:
        for _ in range(2):
            z.writestr("header.npy", GOOD)
    assert_refused(path)


@pytest.mark.parametrize(
    "content", [b"", b"PK\3\4", b"hello", b"\x80\x04.", npy_bytes()]
)
def test_foreign_files_are_refused(path, content):
    path.write_bytes(content)
    assert_refused(path)


def test_another_kind_and_a_newer_version_say_what_to_do(path):
    write_archive(path, "checkpoint", {}, {})
    assert_refused(path, "holds a checkpoint, not a network; continue it with net.fit")
    write_zip(path, {"header.npy": document(kind="recipe", arrays=[])})
    assert_refused(path, "holds a recipe, not a network")
    write_zip(path, {"header.npy": document(version=2, kind="other", arrays=None)})
    assert_refused(path, r"newer fastnn \(format 2.*update fastnn")


def test_every_truncation_is_refused(archive):
    whole = archive.read_bytes()
    for length in range(0, len(whole), 37):
        archive.write_bytes(whole[:length])
        assert_refused(archive)


@pytest.mark.filterwarnings("ignore")
def test_mutations_load_equal_or_are_refused(archive):
    whole, rng = archive.read_bytes(), random.Random(0)
    loaded = 0
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(rng.choice([1, 1, 1, 2, 8])):
            at = rng.randrange(len(data))
            change = rng.choice(["flip", "set", "delete", "insert", "swap"])
            if change == "flip":
                data[at] ^= 1 << rng.randrange(8)
            elif change == "set":
                data[at] = rng.choice([0, 1, 127, 128, 255])
            elif change == "delete":
                del data[at : at + rng.randint(1, 40)]
            elif change == "insert":
                data[at:at] = rng.randbytes(rng.randint(1, 40))
            else:
                data[at : at + 20] = data[at : at + 20][::-1]
        archive.write_bytes(data)
        try:
            header, arrays = read_archive(archive, "network")
        except ValueError as error:
            assert archive.name in str(error) and "\n" not in str(error)
        else:
            loaded += 1
            assert header == HEADER
            assert_same(arrays, some_arrays())
    assert loaded < 100
