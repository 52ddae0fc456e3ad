"""A valid call of every public function, and the kind of each of its arguments.

A new public function needs a row here, in public_ops.py if it is one of fn.ops, or in
public_graph.py or public_data.py if it is one of fn.graph or fn.data;
tests/test_bad_input.py says so if it is missing.
"""

import numpy as np
from arguments import (
    INF,
    RNG,
    Argument,
    InFolder,
    Row,
    anything_but,
    array,
    flag,
    generator,
    labels,
    name,
    not_finite,
    number,
    path_to_read,
    path_to_write,
    size,
    told,
    weights,
    whole,
)
from public_data import ROWS as DATA_ROWS
from public_graph import ROWS as GRAPH_ROWS
from public_ops import EPS
from public_ops import ROWS as OPS_ROWS

import fastnn as fn

ROWS = {**OPS_ROWS, **GRAPH_ROWS, **DATA_ROWS}

# --- Networks -------------------------------------------------------------------------

X = RNG.normal(size=(6, 3))
LOSS = name("cross_entropy", "mse_", optional=True)


def trained(folder):
    """A small network with every kind of layer, trained for an epoch."""
    layers = [
        fn.Dense(3, 4, activation="tanh"), fn.BatchNorm(), fn.Dropout(0.2),
        fn.LayerNorm(), fn.Activation("relu"), fn.Dense(4, 2),
    ]  # fmt: skip
    net = fn.Network(layers, seed=0)
    net.fit(X, labels(6, 2).good, epochs=1, batch_size=2)
    return net


def with_files(folder):
    """The same, with a file "m.npz" and a checkpoint "run.npz" in the folder."""
    net = trained(folder)
    net.save(folder / "m.npz")
    run = [fn.Checkpoint(folder / "run.npz")]
    net.fit(X, labels(6, 2).good, epochs=1, batch_size=2, callbacks=run)
    return net


def features(n=6, empty_ok=True):
    found = array(
        (n, 3), *not_finite(X[:n]), (np.ones((n, 2)), ["2 column"]), good=X[:n]
    )
    found.bad += [(X[0], ["(3,)"])]
    if empty_ok:
        found.bad = [b for b in found.bad if getattr(b[0], "shape", 0) != (n + 1, 3)]
    else:
        found.bad += [(np.ones((0, 3)), ["no rows"])]
    return found


def net_row(method, prepare=trained, label="", **arguments):
    def call(net, **given):
        return getattr(net, method)(**given)

    ROWS[f"Network.{method}{label}"] = Row(call, prepare, **arguments)


CLASS_WEIGHTS = anything_but(
    {0: 1.0, 1: 2.0}, {2: 1.0}, {0: -1.0}, {0: "a"}, {0: INF}, "nonsense", 7, [1.0, 2.0]
)
CLASS_WEIGHTS.bad = [(v, ["2", "-1.0", "'a'", "inf", "'nonsense'", "7", "[1.0"])
                     for v, _ in CLASS_WEIGHTS.bad]  # fmt: skip
VALIDATION = anything_but((X, labels(6, 2).good), "ab", (X,), X)
VALIDATION.bad = [(v, ["'ab'", "tuple", "array of shape"]) for v, _ in VALIDATION.bad]
VALIDATION.bad += [((X, None), ["None"]), ((X[:, :2], labels(6, 2).good), ["2 column"])]
VALIDATION.bad += [((X, labels(6, 3).good), ["label 2", "is 2"])]
CALLBACKS = anything_but((), 7, print, "a")
CALLBACKS.bad += [([7], ["7"]), ([fn.EarlyStopping], ["class"])]
CALLBACKS.bad += [([fn.EarlyStopping("val_r2")], ["'val_r2'"])]
CALLBACKS.bad += [([fn.Checkpoint("/missing/run.npz")], ["/missing"])]
CALLBACKS.named = ("EarlyStopping", "Checkpoint")
OPTIMIZER = anything_but("adam", "nonsense", 7, None, 0.1)
OPTIMIZER.bad += [(fn.Adam, ["class Adam"])]
net_row(
    "fit", prepare=with_files, X=features(empty_ok=False), y=labels(6, 2), loss=LOSS,
    optimizer=OPTIMIZER, epochs=whole(2),
    batch_size=whole(2, 0), validation=VALIDATION, sample_weight=weights(6),
    class_weight=CLASS_WEIGHTS,
    callbacks=CALLBACKS,
    shuffle=flag(True), progress=anything_but(False, "yes", 7),
    resume=path_to_read("run.npz", optional=True),
)  # fmt: skip
ROWS["Network.fit"].arguments["loss"].good = "cross_entropy"
for _method in ("predict", "predict_proba"):
    net_row(_method, X=features())
net_row("__call__", X=features())
net_row("forward", X=features(), training=flag(False))
TRAINING = {"training": flag(False)}
for _method, _more in (("evaluate", {}), ("input_gradient", {}), ("graph", TRAINING)):
    net_row(
        _method, X=features(empty_ok=False), y=labels(6, 2), loss=LOSS,
        sample_weight=weights(6), **_more,
    )  # fmt: skip
net_row(
    "score", X=features(empty_ok=False), y=labels(6, 2), sample_weight=weights(6)
)  # fmt: skip


def after_forward(folder):
    net = trained(folder)
    net.forward(X)
    return net


net_row("backward", prepare=after_forward, grad_output=array((6, 2)))
STATE = trained(None).get_state()
net_row(
    "set_state",
    state=anything_but(STATE, None, 7, [], {}, {**STATE, "parameters": 0.0},
                       {**STATE, "statistics": STATE["statistics"][:-1]}),
)  # fmt: skip
for _bad in ROWS["Network.set_state"].arguments["state"].bad[-2:]:
    _bad[1].append("shape")
ROWS["Network.set_state"].arguments["state"].bad[3][1].append("None")
METADATA = anything_but({"a": 1}, 7, "a", [1], {"x": np.ones(2)}, {(1, 2): 1})
for _bad in METADATA.bad:
    _bad[1].extend(["ndarray", "tuple"])
net_row("save", prepare=with_files, path=path_to_write("new.npz"), metadata=METADATA)
net_row("to_onnx", prepare=with_files, path=path_to_write("new.onnx"))

N = whole(4, 0)


def print_one(*, shape):
    """No initializer: it cannot be called with two arguments in a row."""


ACTIVATION = name("relu")
DTYPE = name("float64", float, "float16", ">f4", np.int32, np.ones(2))
DTYPE.bad[-1][1].append("array")
LAYERS = anything_but(
    None, 7, [], (), [7], [fn.Dense], fn.Dense(2, 3), "abc",
    [fn.Dropout(0.5)], [fn.Dense(2, 3), fn.Dense(4, 1)], [fn.Dense(2, 3)] * 2,
)  # fmt: skip
for _bad in LAYERS.bad:
    _bad[1].extend(["empty", "Dense", "Dropout", "same object"])
LAYERS.named = ("first layer", "the layer before")
ROWS["Network"] = Row(  # None stands for layers that are new in each call
    lambda layers, **given: fn.Network([fn.Dense(2, 3)], **given)
    if layers is None else fn.Network(layers, **given),
    layers=LAYERS, seed=whole(0, 2**63, optional=True), dtype=DTYPE,
)  # fmt: skip
HIDDEN = anything_but([3], 7, None, "a", [0], ["a"], [[1], [2]], [2**50], np.array(3))
ROWS["mlp"] = Row(
    fn.mlp, n_in=size(4, 0), n_out=size(4, 0), hidden=HIDDEN,
    activation=name("relu", optional=True), seed=whole(0, 2**63, optional=True),
    dtype=DTYPE, dropout=number(0.1, -0.1, 1.0),
)  # fmt: skip
for _bad in ROWS["mlp"].arguments["hidden"].bad:
    _bad[1].extend(["is 0", "'a'", "[1]", "shape ()", str(2**50)])
ROWS["load"] = Row(
    lambda net, **given: fn.load(**given), with_files,
    path=path_to_read("m.npz"),
    layers=anything_but((), 7, None, "a", [7], [fn.Dense(2, 2)], fn.Dense),
)  # fmt: skip
ROWS["load"].arguments["path"].bad += [
    (InFolder("run.npz"), ["checkpoint"]), (InFolder("not.npz"), ["not.npz"])
]  # fmt: skip

INIT = name("zeros", optional=True)
INIT.bad += [
    (lambda shape: shape, ["<lambda>", "function"]),
    (print_one, ["print_one"]),
]
ROWS["Dense"] = Row(
    fn.Dense, n_in=N, n_out=N, activation=name("relu", optional=True), bias=flag(True),
    init=INIT,
)  # fmt: skip
ROWS["Activation"] = Row(fn.Activation, activation=ACTIVATION)
ROWS["Dropout"] = Row(fn.Dropout, rate=number(0.5, -0.1, 1.0))
WIDTH = whole(4, 0, optional=True)
ROWS["BatchNorm"] = Row(
    fn.BatchNorm, n_features=WIDTH, eps=EPS, momentum=number(0.1, -1, 2)
)  # fmt: skip
ROWS["LayerNorm"] = Row(fn.LayerNorm, n_features=WIDTH, eps=EPS)

RATE = number(0.1, -1, INF, print)
STANDARD = {
    "learning_rate": RATE, "weight_decay": number(0.1, -1, INF),
    "clip_norm": number(1.0, -1, 0, optional=True),
}  # fmt: skip
TINY = number(1e-8, -1, INF)
FRACTION = number(0.9, -0.1, 1.0)
ROWS["SGD"] = Row(fn.SGD, **STANDARD, momentum=FRACTION, nesterov=flag(True))
ROWS["Adagrad"] = Row(fn.Adagrad, **STANDARD, eps=TINY)
ROWS["RMSProp"] = Row(fn.RMSProp, **STANDARD, eps=TINY, alpha=FRACTION)
for _name in ("Adam", "AdamW"):
    _betas = {"beta1": FRACTION, "beta2": FRACTION}
    ROWS[_name] = Row(getattr(fn, _name), **STANDARD, eps=TINY, **_betas)

MONITOR = name("val_loss", "seconds")
ROWS["EarlyStopping"] = Row(
    fn.EarlyStopping, monitor=MONITOR, patience=N, min_delta=number(0.0, -1),
    restore_best=flag(True),
)  # fmt: skip
ROWS["Checkpoint"] = Row(fn.Checkpoint, path=anything_but("m.npz", 7, None), every=N)


def history(folder):
    found = fn.History()
    found.record(loss=0.5, grad_norms=[1.0])
    return found


ROWS["History.best"] = Row(fn.History.best, history, monitor=name("loss", "accuracy"))
ROWS["History.record"] = Row(
    fn.History.record, history, loss=array((), good=np.array(0.3)),
    grad_norms=array((2,), any_shape=True),
)  # fmt: skip
ROWS["History.from_dict"] = Row(
    fn.History.from_dict,
    values=anything_but(fn.History().to_dict(), 7, None, {}, "a"),
)
for _bad in ROWS["History.from_dict"].arguments["values"].bad:
    _bad[1].extend(["object", "'loss'", "indices"])
ROWS["History.from_dict"].arguments["values"].named = ("stored History",)
ROWS["History.plot"] = Row(
    fn.History.plot, history, ax=anything_but(None, 7, "a", [None])
)

# --- fn.init, fn.schedules ------------------------------------------------------------

SHAPE = anything_but((3, 2), 7, None, "ab", (3,), (3, 0), (3, 2.5), (3, "a"), [1, 2, 3],
                     (3, np.int64(2**62)), (2**31, 2**31))  # fmt: skip
for _bad in SHAPE.bad:
    _bad[1].extend(["is 0", "is 2.5", "is 'a'", str(2**62), str(2**31)])
RANDOM = generator(RNG)
for _name in fn.init.INITIALIZERS:
    _rng = anything_but(None) if _name == "zeros" else RANDOM  # zeros needs none
    ROWS[f"init.{_name}"] = Row(getattr(fn.init, _name), shape=SHAPE, rng=_rng)
ROWS["init.initialize"] = Row(
    fn.init.initialize,
    init=Argument("normal", [*name("normal").bad, *INIT.bad[-2:]]),
    shape=SHAPE,
    rng=RANDOM,
)
ROWS["init.default_for"] = Row(
    fn.init.default_for, activation=name("relu", optional=True)
)

FACTOR = number(0.5, 0, 1.5)
EPOCHS = number(5, 0, -1, INF)
SCHEDULES = {
    "constant": {},
    "step": {"every": EPOCHS, "factor": FACTOR},
    "exponential": {"factor": FACTOR},
    "cosine": {"epochs": EPOCHS, "final": RATE},
    "plateau": {
        "factor": FACTOR, "patience": N, "min_learning_rate": RATE,
        "min_delta": number(0.1, -1, INF), "monitor": MONITOR,
    },
}  # fmt: skip
for _name, _arguments in SCHEDULES.items():
    _class = getattr(fn.schedules, _name)
    ROWS[f"schedules.{_name}"] = Row(_class, learning_rate=RATE, **_arguments)
ROWS["schedules.warmup"] = Row(fn.schedules.warmup, then=RATE, epochs=EPOCHS)
ROWS["schedules.Schedule.__call__"] = Row(
    fn.schedules.Schedule.__call__, lambda folder: fn.schedules.cosine(0.1, epochs=3),
    epoch=array((3,), any_shape=True),
)  # fmt: skip

# --- fn.datasets, fn.data, the rest ---------------------------------------------------

SEEDED = {"seed": whole(0), "rng": generator()}
SAMPLES = {"n_samples": size(20, 1), **SEEDED}
NOISE = {"noise": number(0.1, -1, INF)}
CLASSES = {"n_classes": whole(3, 1)}
TOYS = {
    "blobs": {**CLASSES, "n_features": size(4, 0), "spread": number(1.0, -1, INF)},
    "circles": {**NOISE, "factor": number(0.5, 0, 1)},
    "friedman": {**NOISE, "n_features": size(6, 4)},
    "moons": NOISE,
    "spirals": {**NOISE, **CLASSES},
    "xor": NOISE,
}
for _name, _arguments in TOYS.items():
    ROWS[f"datasets.{_name}"] = Row(
        getattr(fn.datasets, _name), **SAMPLES, **_arguments
    )
ROWS["datasets.friedman"].arguments["n_samples"] = size(20, 0)


def mnist(folder):
    """Four files like MNIST's, with two images of one pixel."""
    for part in ("train", "t10k"):
        images = b"\0\0\x08\x03" + b"\0\0\0\x02" + b"\0\0\0\x01" * 2 + b"\x07\x08"
        (folder / f"{part}-images-idx3-ubyte").write_bytes(images)
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(
            b"\0\0\x08\x01\0\0\0\x02\0\1"
        )


ROWS["datasets.read_idx"] = Row(
    lambda _, **given: fn.datasets.read_idx(**given), mnist,
    path=path_to_read("train-labels-idx1-ubyte"),
)  # fmt: skip
FOLDER = Argument(InFolder(""), told((7, None)))
FOLDER.bad += [(InFolder("missing"), ["missing"])]
ROWS["datasets.load_mnist"] = Row(
    lambda _, **given: fn.datasets.load_mnist(**given), mnist,
    folder=FOLDER,
    target_names=anything_but(["a", "b"], 7, "ab", ["a"]),
)  # fmt: skip


MASKED = (np.ma.masked_array(np.arange(6), np.arange(6) > 3), ["masked"])
CLASSES = [(None, ["None"]), (7, ["7"]), ([0, 1], ["2"]), MASKED]
CLASSES += [([0, "a", None] * 2, ["mixes"])]
ROWS["data.split"] = Row(
    fn.data.split,
    X=Argument(X, [(None, ["None"]), (7, ["7"]), (X[:5], ["5 rows"]), MASKED]),
    y=Argument(labels(6, 2).good, CLASSES),
    test_fraction=number(0.5, 0, 1, -1), stratify=flag(True), **SEEDED,
)  # fmt: skip
ROWS["use"] = Row(fn.use, path=name("kernels", np.array(["kernels", "reference"])))
ROWS["use"].arguments["path"].bad[-1][1].append("array")
ROWS["set_num_threads"] = Row(fn.set_num_threads, n=whole(1, 0, 257, 2**40))
