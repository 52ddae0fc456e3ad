"""The clothes that good numbers come in: lists, other dtypes, other layouts.

Each gives what the clean array gives, bit for bit.
"""

import numpy as np
import pytest
from public_ops import ROWS

import fastnn as fn

# Small whole numbers and halves: exact in every dtype below.
EXACT = np.array([[0.5, 0.0], [1.0, 0.5], [0.0, 1.0]])


class OwnArray(np.ndarray):
    """A subclass; `np.matrix` would change what a product means."""


def strided(x):
    wide = np.full((*x.shape[:-1], 3 * x.shape[-1]), 1, x.dtype)
    wide[..., ::3] = x
    return wide[..., ::3]


def backwards(x):
    return np.ascontiguousarray(x[..., ::-1])[..., ::-1]


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


def unaligned(x):
    memory = bytearray(x.nbytes + 1)
    moved = np.frombuffer(memory, x.dtype, x.size, offset=1).reshape(x.shape)
    moved[...] = x
    return moved


LAYOUTS = {
    "list": np.ndarray.tolist,
    "tuple": lambda x: tuple(x.tolist()),
    "list of arrays": list,
    "Fortran": np.asfortranarray,
    "strided": strided,
    "backwards": backwards,
    "read-only": read_only,
    "unaligned": unaligned,
    "big-endian": lambda x: x.astype(x.dtype.newbyteorder(">")),
    "subclass": lambda x: x.view(OwnArray),
    "memoryview": lambda x: memoryview(np.ascontiguousarray(x)),
}
NOT_CHANGED = {"param", "velocity", "m", "v", "square_sum", "square_average", "out",
               "running_mean", "running_var"}  # fmt: skip


def result_of(name, **given):
    """Everything that a call returns, as arrays."""
    found = ROWS[name].function(**given)
    return [np.array(x) for x in (found if isinstance(found, tuple) else (found,))]


def valid(name):
    """Fresh arguments without `out`; momenta that training moves are copied."""
    given = {k: a.good for k, a in ROWS[name].arguments.items() if k != "out"}
    return {k: x.copy() if isinstance(x, np.ndarray) else x for k, x in given.items()}


def inputs(name):
    given = valid(name)
    return [
        k
        for k, x in given.items()
        if isinstance(x, np.ndarray) and k not in NOT_CHANGED
    ]


def same_bits(actual, expected):
    for a, b in zip(actual, expected, strict=True):
        assert type(a) is np.ndarray and a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", [n for n in ROWS if inputs(n)])
def test_layouts(name, layout):
    expected = result_of(name, **valid(name))
    for argument in inputs(name):
        given = valid(name)
        dressed = LAYOUTS[layout](given[argument])
        before = np.array(dressed)
        same_bits(result_of(name, **{**given, argument: dressed}), expected)
        np.testing.assert_array_equal(np.array(dressed), before)  # only read


@pytest.mark.parametrize(
    "dtype", ["float16", "int8", "uint8", "int64", "uint64", "bool", "longdouble"]
)
@pytest.mark.parametrize("name", [n for n in ROWS if inputs(n)])
def test_dtypes(name, dtype):
    """Whole numbers as another dtype are what they are as float64, or float32."""
    for argument in inputs(name):
        given = valid(name)
        x = given[argument]
        whole = np.ones_like(x)
        if argument == "y":
            one_hot = np.eye(2)[[0, 1, 0]]
            whole = np.zeros(x.shape, int) if x.ndim == 1 else one_hot
        plain = "float32" if dtype == "float16" else "float64"
        given[argument] = whole.astype(plain)
        expected = result_of(name, **given)
        given = {**valid(name), argument: whole.astype(dtype)}
        same_bits(result_of(name, **given), expected)


@pytest.mark.parametrize("name", [n for n in ROWS if inputs(n) == ["x"]])
def test_single_numbers(name):
    """A number, or an array of shape (), where any shape will do."""
    function = ROWS[name].function
    given = {k: v for k, v in valid(name).items() if k != "x"}
    if name in ("ops.softmax", "ops.column_sums"):
        with pytest.raises(ValueError, match="dimension"):
            function(0.5)
        return
    of_number, of_array = function(0.5, **given), function([0.5], **given)
    assert np.shape(of_number) == ()
    assert float(of_number) == float(np.ravel(of_array)[0])


# --- Networks -------------------------------------------------------------------------


def network():
    layers = [fn.Dense(2, 4, activation="tanh"), fn.Dense(4, 2)]
    return fn.Network(layers, seed=0, dtype="float64")


Y = np.array([0, 1, 1])
FRAMES = {
    "pandas": lambda module, x: module.DataFrame(x, columns=["a", "b"]),
    "polars": lambda module, x: module.DataFrame(x, schema=["a", "b"], orient="row"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_networks_take_any_layout(layout):
    clean, dressed = network(), network()
    x, y = (
        LAYOUTS[layout](EXACT),
        Y if layout == "list of arrays" else LAYOUTS[layout](Y),
    )
    histories = [clean.fit(EXACT, Y, epochs=2), dressed.fit(x, y, epochs=2)]
    assert histories[0].loss == histories[1].loss
    same_bits(dressed.parameters(), clean.parameters())
    same_bits([dressed.predict_proba(x)], [clean.predict_proba(EXACT)])
    assert dressed.evaluate(x, y) == clean.evaluate(EXACT, Y)


@pytest.mark.parametrize("kind", FRAMES)
def test_networks_take_tables(kind):
    module = pytest.importorskip(kind)
    frame, series = FRAMES[kind](module, EXACT), module.Series(Y)
    clean, dressed = network(), network()
    clean.fit(EXACT, Y, epochs=2)
    dressed.fit(frame, series, epochs=2)
    same_bits(dressed.parameters(), clean.parameters())
    same_bits([dressed.predict(frame)], [clean.predict(EXACT)])
    same_bits([fn.ops.tanh(frame)], [fn.ops.tanh(EXACT)])


@pytest.mark.parametrize("dtype", ["float16", "float32", ">f4", ">f8", "int8", "bool"])
def test_networks_take_any_dtype(dtype):
    whole = np.array([[1, 0], [0, 1], [1, 1]])
    clean, dressed = network(), network()
    clean.fit(whole, Y, epochs=2)
    dressed.fit(whole.astype(dtype), Y.astype(dtype), epochs=2)
    same_bits(dressed.parameters(), clean.parameters())


def test_values_too_large_for_float32_are_refused_by_name(recwarn):
    net = fn.mlp(2, [], 2)
    with pytest.raises(ValueError, match=r"X has 1 .* infinite as float32, .* row 1"):
        net.predict([[0, 0], [1e300, 0]])
    assert not recwarn.list


def test_a_network_saved_again_keeps_its_metadata(tmp_path):
    net = network()
    assert net.metadata == {}
    net.save(tmp_path / "a.npz", metadata={"features": ["a", "b"]})
    fn.load(tmp_path / "a.npz").save(tmp_path / "b.npz")
    assert fn.load(tmp_path / "b.npz").metadata == {"features": ["a", "b"]}
