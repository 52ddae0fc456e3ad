"""Networks in files: the round trip, and files that lie."""

import io
import json
import tracemalloc
import zipfile

import numpy as np
import pytest

import fastnn as fn
from fastnn.network import storage


class Doubling(fn.Layer):
    """A layer of the user's own without parameters."""

    def forward(self, x, training=False):
        self.a = 2 * x
        return self.a

    def backward(self, grad_output):
        return 2 * grad_output


LAYERS = {
    "dense": lambda: [fn.Dense(4, 3, activation="gelu", init="orthogonal")],
    "without bias": lambda: [fn.Dense(4, 3, bias=False)],
    "activation": lambda: [fn.Dense(4, 5), fn.Activation("selu")],
    "dropout": lambda: [fn.Dense(4, 5), fn.Dropout(0.25)],
    "batch norm": lambda: [fn.BatchNorm(4, eps=1e-3, momentum=0.3), fn.Dense(4, 3)],
    "layer norm": lambda: [fn.Dense(4, 5), fn.LayerNorm(eps=1e-2)],
    "own": lambda: [fn.Dense(4, 5), Doubling()],
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.npz"


@pytest.mark.parametrize("kind", LAYERS)
def test_round_trip(kind, dtype, path, rng):
    net = fn.Network([*LAYERS[kind](), fn.Dense(LAYERS[kind]()[-1].n_out or 5, 3)],
                     seed=7, dtype=dtype)  # fmt: skip
    X, y = rng.normal(size=(30, 4)), rng.integers(0, 3, 30)
    net.fit(X, y, epochs=2)
    net.save(path, metadata={"features": ["a", "größe"], "mean": 0.1 + 0.2})
    again = fn.load(path, layers=[Doubling])
    assert again.metadata == {"features": ["a", "größe"], "mean": 0.1 + 0.2}
    assert again.config() == net.config() and repr(again) == repr(net)
    assert again.dtype == dtype and again.loss == "cross_entropy"
    for name, x in net.named_parameters().items():
        y_again = again.named_parameters()[name]
        assert y_again.dtype == dtype
        np.testing.assert_array_equal(y_again, x)
    np.testing.assert_array_equal(again.flat_statistics, net.flat_statistics)
    np.testing.assert_array_equal(again(X), net(X))
    np.testing.assert_array_equal(again.predict(X), net.predict(X))
    assert again.evaluate(X, y) == net.evaluate(X, y)
    assert again.fit(X, y, epochs=1).epochs == 1


def test_an_untrained_network_and_an_init_of_your_own(path):
    net = fn.Network([fn.Dense(2, 3, init=lambda shape, rng: np.full(shape, 0.5))])
    net.save(path)
    again = fn.load(path)
    np.testing.assert_array_equal(again.layers[0].weights, net.layers[0].weights)
    assert again.loss is None and again.metadata == {}


def test_numpy_reads_every_entry_without_pickle(path):
    net = fn.Network([fn.Dense(2, 3), fn.BatchNorm()])
    net.save(path, metadata={"note": "ok"})
    with np.load(path, allow_pickle=False) as entries:
        assert set(entries) == {"header", "parameters", "statistics"}
        assert {entries[name].dtype.kind for name in entries} == {"U", "f"}
        np.testing.assert_array_equal(entries["parameters"], net.flat_parameters)
        header = json.loads(str(entries["header"]))
    assert header["layers"][0]["type"] == "Dense"
    assert header["metadata"] == {"note": "ok"}


def test_a_failing_save_leaves_the_old_file(path, tmp_path, monkeypatch):
    net = fn.mlp(3, [4], 2)
    net.save(path)
    before = path.read_bytes()
    for wrong in ({"a": {1, 2}}, {"a": np.zeros(3)}, {("a", "b"): 1}):
        with pytest.raises((TypeError, ValueError)):
            net.save(path, metadata=wrong)

    def full(file, entries):
        file.write(b"half of it")
        raise OSError("no space left on device")

    monkeypatch.setattr(storage, "_write_zip", full)
    with pytest.raises(OSError, match="no space"):
        net.save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["m.npz"]


# --- Files that are not what they say ------------------------------------------------


def test_every_truncation_is_refused(path):
    fn.mlp(3, [4], 2).save(path)
    whole = path.read_bytes()
    for length in [*range(0, len(whole), 97), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"load: .*m\.npz.* is damaged"):
            fn.load(path)


def test_foreign_files_are_refused(path):
    plain_zip = io.BytesIO()
    with zipfile.ZipFile(plain_zip, "w") as archive:
        archive.writestr("a.txt", "hello")
    foreign = [b"", b"hello", b"PK\3\4", plain_zip.getvalue(), bytes(1000)]
    for content in foreign:
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"m\.npz"):
            fn.load(path)
    np.savez(path, parameters=np.zeros(3))
    with pytest.raises(ValueError, match=r"m\.npz"):
        fn.load(path)
    with pytest.raises(FileNotFoundError, match=r"nothing\.npz"):
        fn.load(path.with_name("nothing.npz"))


def test_a_checkpoint_is_no_network_and_the_other_way_round(path, rng):
    X, y = rng.normal(size=(8, 3)), np.arange(8) % 2
    net = fn.mlp(3, [4], 2)
    net.fit(X, y, epochs=1, callbacks=[fn.Checkpoint(path)])
    with pytest.raises(ValueError, match=r"m\.npz.*checkpoint, not a network.*resume"):
        fn.load(path)
    net.save(path)
    with pytest.raises(ValueError, match=r"m\.npz.*network, not a checkpoint.*fn.load"):
        net.fit(X, y, resume=path)


def dense(**changes):
    entry = {"type": "Dense", "n_in": 2, "n_out": 3, "activation": "tanh"}
    return {**entry, "bias": True, "init": "zeros", **changes}


HUGE = 10**12
HEADERS = {  # what the file says instead of the truth
    "negative": {"layers": [dense(n_in=-2, n_out=-3)]},
    "zero": {"layers": [dense(n_out=0)]},
    "huge": {"layers": [dense(n_in=HUGE)]},
    "huge square": {"layers": [dense(n_in=10**30, n_out=10**30)]},
    "huge float": {"layers": [dense(n_in=1e12)]},
    "NaN": {"layers": [dense(n_in=float("nan"))]},
    "text times number": {"layers": [dense(n_in="a", n_out=HUGE)]},
    "list times number": {"layers": [dense(n_in=[1], n_out=HUGE)]},
    "None": {"layers": [dense(n_in=None)]},
    "true": {"layers": [dense(n_in=True)]},
    "huge norm": {"layers": [{"type": "LayerNorm", "n_features": HUGE}]},
    "huge batch norm": {"layers": [{"type": "BatchNorm", "n_features": HUGE}]},
    "many layers": {"layers": [dense(n_out=2)] * 10_000},
    "many norms": {"layers": [dense(), *[{"type": "LayerNorm"}] * 10_000]},
    "unknown layer": {"layers": [{"type": "Conv"}]},
    "base layer": {"layers": [{"type": "Layer"}]},
    "type is a list": {"layers": [{"type": ["Dense"]}]},
    "no type": {"layers": [{"n_in": 2, "n_out": 3}]},
    "no arguments": {"layers": [{"type": "Dense"}]},
    "unknown argument": {"layers": [dense(colour="blue")]},
    "wrong shape": {"layers": [dense(n_in=1)]},
    "widths that differ": {"layers": [dense(n_out=1), dense(n_in=2, n_out=1)]},
    "unknown activation": {"layers": [dense(activation="swash")]},
    "activation is a list": {"layers": [dense(activation=["tanh"])]},
    "unknown init": {"layers": [dense(init="os.system")]},
    "rate of 2": {"layers": [dense(), {"type": "Dropout", "rate": 2}]},
    "eps is text": {"layers": [{"type": "LayerNorm", "n_features": 2, "eps": "0"}]},
    "no layers": {"layers": []},
    "layers is a number": {"layers": 5},
    "layers is text": {"layers": "Dense"},
    "layers is a dict": {"layers": {"type": "Dense"}},
    "layers is None": {"layers": None},
    "a layer is a number": {"layers": [3]},
    "a layer is text": {"layers": ["Dense"]},
    "a layer is a list": {"layers": [["type", "Dense"]]},
    "other dtype": {"dtype": "float64"},
    "unknown dtype": {"dtype": "float128x"},
    "object dtype": {"dtype": "object"},
    "dtype is a list": {"dtype": ["f4"]},
    "dtype is None": {"dtype": None},
    "negative seed": {"seed": -1},
    "huge seed": {"seed": 10**400},
    "seed is text": {"seed": "0"},
    "unknown loss": {"loss": "lss"},
    "loss is a list": {"loss": ["mse"]},
    "loss that does not fit": {
        "layers": [dense(n_in=8, n_out=1)],
        "loss": "cross_entropy",
    },
}


def write(path, header=None, arrays=None, without=()):
    net = fn.Network([fn.Dense(2, 3, activation="tanh")])
    own = {**net.config(), "metadata": {}, **(header or {})}
    entries = {**net.get_state(), **(arrays or {})}
    own = {k: v for k, v in own.items() if k not in without}
    entries = {k: v for k, v in entries.items() if k not in without}
    storage.write_archive(path, "network", own, entries)


def assert_refused(path):
    """ValueError with the file's name, and no more memory than a small file needs."""
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"load: .*m\.npz") as caught:
            fn.load(path)
        assert len(str(caught.value)) < 1000
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


def test_what_write_writes_can_be_read(path):
    write(path)
    assert fn.load(path).n_out == 3


@pytest.mark.parametrize("lie", HEADERS)
def test_headers_that_lie_are_refused(lie, path):
    write(path, HEADERS[lie])
    assert_refused(path)


@pytest.mark.parametrize("name", ["layers", "seed", "dtype", "loss"])
def test_headers_that_miss_something_are_refused(name, path):
    write(path, without=[name])
    assert_refused(path)


@pytest.mark.parametrize(
    "arrays",
    [
        {"parameters": np.zeros(8, "f4")},
        {"parameters": np.zeros(10, "f4")},
        {"parameters": np.zeros((9, 1), "f4")},
        {"parameters": np.zeros(9, "f8")},
        {"parameters": np.zeros(9, "i4")},
        {"parameters": np.float32(0)},
        {"statistics": np.zeros(1, "f4")},
        {"statistics": np.zeros(0, "f8")},
    ],
)
def test_arrays_that_do_not_fit_are_refused(arrays, path):
    write(path, arrays=arrays)
    assert_refused(path)


@pytest.mark.parametrize("name", ["parameters", "statistics"])
def test_arrays_that_are_missing_are_refused(name, path):
    write(path, without=[name])
    assert_refused(path)


@pytest.mark.parametrize("depth", [10_000, 200_000])
def test_a_header_too_deep_to_read_is_refused(depth, path):
    write(path)
    with np.load(path) as entries:
        arrays = {name: entries[name] for name in entries}
    deep = '"metadata": ' + "[" * depth + "]" * depth
    header = str(arrays["header"]).replace('"metadata": {}', deep)
    assert len(header) > depth
    np.savez(path, **{**arrays, "header": np.array(header)})
    assert_refused(path)


def lying_checkpoint(path, change):
    """A checkpoint with one entry changed; returns its network and data."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(8, 3)), np.arange(8) % 2
    net = fn.mlp(3, [4], 2)
    net.fit(X, y, epochs=1, callbacks=[fn.Checkpoint(path)])
    header, arrays = storage.read_archive(path, "checkpoint")
    change(header, arrays)
    storage.write_archive(path, "checkpoint", header, arrays)
    return net, X, y


CHECKPOINTS = {
    "no slots": lambda h, a: a.pop("slots"),
    "other slots": lambda h, a: a.update(slots=np.zeros((1, 3), "f4")),
    "no parameters": lambda h, a: a.pop("parameters"),
    "no epoch": lambda h, a: h.pop("epoch"),
    "epoch is infinite": lambda h, a: h.update(epoch=float("inf")),
    "epoch is NaN": lambda h, a: h.update(epoch=float("nan")),
    "epoch is text": lambda h, a: h.update(epoch="many"),
    "epoch is negative": lambda h, a: h.update(epoch=-3),
    "step is negative": lambda h, a: h.update(step=-3),
    "step is huge": lambda h, a: h.update(step=10**30),
    "draws is huge": lambda h, a: h.update(draws=10**30),
    "seed is huge": lambda h, a: h["network"].update(seed=10**30),
    "seed is text": lambda h, a: h["network"].update(seed="0"),
    "network is a list": lambda h, a: h.update(network=[]),
    "optimizer is None": lambda h, a: h.update(optimizer=None),
    "settings is a list": lambda h, a: h.update(settings=[]),
    "history is a list": lambda h, a: h.update(history=[1]),
    "history of text": lambda h, a: h["history"].update(loss=["low"]),
}


@pytest.mark.parametrize("lie", CHECKPOINTS)
def test_checkpoints_that_lie_are_refused(lie, path):
    """And the network is as it was before, to the last number."""
    net, X, y = lying_checkpoint(path, CHECKPOINTS[lie])
    before, draws = net.get_state(), net.draws
    with pytest.raises(ValueError, match=r"m\.npz"):
        net.fit(X, y, epochs=2, resume=path)
    np.testing.assert_array_equal(net.flat_parameters, before["parameters"])
    assert (net.draws, net.seed) == (draws, 0)
