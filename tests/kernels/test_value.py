"""The compiled Value beside its twin: the same numbers, bit for bit, and faster."""

import gc
import math
import statistics
import struct
import subprocess
import sys
import time
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastnn.reference import value as reference_value

compiled_value = pytest.importorskip("fastnn._kernels.value")
CLASSES = {"compiled": compiled_value.Value, "twin": reference_value.Value}

EDGES = [
    0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, -3.0, math.inf, -math.inf, math.nan, 5e-324,
    -5e-324, 1.7976931348623157e308, -1.7976931348623157e308, 709.0, 710.0, -745.0,
]  # fmt: skip
NUMBERS = st.sampled_from(EDGES) | st.floats(-3, 3) | st.floats()
BINARY = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "**": lambda x, y: x**y,
}
UNARY = {
    "neg": lambda x: -x,
    "abs": abs,
    **{
        name: lambda x, name=name: getattr(x, name)()
        for name in ("sigmoid", "tanh", "relu", "exp", "log", "sqrt", "sin", "cos")
    },
}
WITH_NUMBER = {
    "x op n": lambda f, x, n: f(x, n),
    "n op x": lambda f, x, n: f(n, x),
}


def bits(x):
    """A float as its 64 bits; every NaN is the same one."""
    return b"nan" if math.isnan(x) else struct.pack("d", x)


def state(node):
    """All that can be read of a node, its numbers as bits."""
    grads = [bits(x) for x in node.local_grads]
    return bits(node.data), bits(node.grad), node.op, node.name, grads, repr(node)


def test_by_hand():
    for Value in CLASSES.values():
        w, x, b = Value(-1.0, "w"), Value(2.0, "x"), Value(0.5, "b")
        a = (w * x + b).sigmoid()  # sigmoid(-1.5)
        a.backward()
        slope = math.exp(-1.5) / (1 + math.exp(-1.5)) ** 2
        assert a.data == pytest.approx(1 / (1 + math.exp(1.5)), rel=1e-15)
        assert (w.grad, x.grad, b.grad) == pytest.approx((2 * slope, -slope, slope))


@pytest.mark.filterwarnings("ignore:Value")
@pytest.mark.parametrize("op", BINARY)
def test_two_inputs_at_the_edges(op):
    for x in EDGES:
        for y in EDGES:
            states = []
            for Value in CLASSES.values():
                values = Value(x), Value(y)
                out = BINARY[op](*values)
                out.backward()
                states.append([state(node) for node in (*values, out)])
            assert states[0] == states[1], (x, op, y)


@pytest.mark.filterwarnings("ignore:Value")
@pytest.mark.parametrize("op", UNARY)
@settings(deadline=None)  # a busy machine is no failure
@given(x=NUMBERS)
def test_one_input(op, x):
    assert state(UNARY[op](CLASSES["compiled"](x))) == state(
        UNARY[op](CLASSES["twin"](x))
    )


@pytest.mark.filterwarnings("ignore:Value")
@pytest.mark.parametrize("op", BINARY)
@settings(deadline=None)  # a busy machine is no failure
@given(x=NUMBERS, n=NUMBERS | st.integers(-4, 4), order=st.sampled_from([*WITH_NUMBER]))
def test_a_value_and_a_number(op, x, n, order):
    found = [
        state(WITH_NUMBER[order](BINARY[op], Value(x), n)) for Value in CLASSES.values()
    ]
    assert found[0] == found[1]


STEPS = st.lists(
    st.tuples(
        st.sampled_from([*BINARY, *UNARY]),
        st.integers(0, 10**6),
        st.integers(0, 10**6),
        st.none() | NUMBERS,
    ),
    max_size=25,
)


def graph(Value, leaves, steps):
    """Nodes, each computed from earlier ones; and what was warned of on the way."""
    nodes = [Value(x, f"x{i}") for i, x in enumerate(leaves)]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for op, i, j, n in steps:
            x, y = nodes[i % len(nodes)], nodes[j % len(nodes)]
            if op in UNARY:
                nodes.append(UNARY[op](x))
            else:
                nodes.append(BINARY[op](x, y if n is None else n))
    nodes[-1].backward()
    nodes[len(nodes) // 2].backward()  # a second root, in the middle of the graph
    return [state(node) for node in nodes], [str(w.message) for w in caught]


@settings(deadline=None, max_examples=200)  # a busy machine is no failure
@given(leaves=st.lists(NUMBERS, min_size=1, max_size=4), steps=STEPS)
def test_graphs_are_equal_bit_for_bit(leaves, steps):
    states, warned = zip(
        *[graph(Value, leaves, steps) for Value in CLASSES.values()], strict=True
    )
    assert states[0] == states[1]
    assert warned[0] == warned[1]


@settings(deadline=None)  # a busy machine is no failure
@given(
    terms=st.lists(st.tuples(NUMBERS, NUMBERS, st.booleans()), max_size=6),
    bias=NUMBERS,
)
def test_weighted_sums_are_equal_bit_for_bit(terms, bias):
    found = []
    for Value in CLASSES.values():
        # some inputs are numbers, which become leaves
        weights = [Value(w) for w, _, _ in terms]
        inputs = [x if plain else Value(x) for _, x, plain in terms]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            out = Value.weighted_sum(weights, inputs, bias)
        out.backward()
        nodes = [out]
        for node in nodes:
            nodes.extend(node.inputs)
        found.append((list(map(state, nodes)), [str(w.message) for w in caught]))
    assert found[0] == found[1]


def test_inputs_are_the_nodes_themselves():
    Value = CLASSES["compiled"]
    x, y = Value(2.0), Value(3.0)
    assert (x * y).inputs == (x, y) and (x * x).inputs == (x, x)
    assert (x**2).inputs == x.tanh().inputs == (x,) and x.inputs == ()
    del y
    assert (x * Value(3.0)).inputs[1].data == 3.0  # kept alive by the product


def test_nodes_are_freed():
    """A node lives as long as what was computed from it, and no longer."""
    Value = CLASSES["compiled"]
    x = Value(1.0)
    before = sys.getrefcount(x)
    for shape in (lambda x: x * x, lambda x: (x + 1) * (x + 1), lambda x: x.exp() ** 2):
        node = shape(x)
        assert sys.getrefcount(x) > before
        node.backward()
        del node
        assert sys.getrefcount(x) == before


def test_a_name_cannot_refer_back():
    """Values are not traced by the garbage collector: a name must be a plain str."""

    class Name(str):
        pass

    name = Name("x")
    for Value in CLASSES.values():
        name.value = Value(1.0, name)
        assert type(name.value.name) is str and name.value.name == "x"
    assert not gc.is_tracked(CLASSES["compiled"](1.0) + 1)
    with pytest.raises(TypeError):
        type("Sub", (CLASSES["compiled"],), {})


def test_a_chain_of_a_million_is_walked_and_freed():
    code = """
        import threading
        from fastnn._kernels.value import Value

        def chain():
            x = a = Value(1.0)
            for _ in range(1_000_000):
                a = a + x
            a.backward()
            assert x.grad == 1_000_001
            a.zero_grad()
            assert x.grad == 0
            del a

        threading.stack_size(64 * 1024)  # a recursion would not come far
        thread = threading.Thread(target=chain)
        thread.start()
        thread.join()
        print("done")
        """
    code = "\n".join(line[8:] for line in code.splitlines())
    path = "import sys; sys.path[:0] = " + repr(sys.path) + "\n"
    done = subprocess.run(
        [sys.executable, "-c", path + code], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "done", done.stderr


def loss(Value, numbers):
    """A layer of tanh and a sum of squares, 16 inputs and 16 units."""
    x = [Value(n) for n in numbers[:16]]
    total = Value(0.0)
    for i in range(16):
        z = Value(0.1)
        for j in range(16):
            z = z + Value(numbers[(i + j) % 16]) * x[j]
        total = total + z.tanh() ** 2
    total.backward()
    return total


def seconds(Value, numbers):
    start = time.perf_counter()
    loss(Value, numbers)
    return time.perf_counter() - start


@pytest.mark.speed
def test_beats_its_twin():
    numbers = [math.sin(i) for i in range(16)]
    ratios = []
    for _ in range(15):
        twin = seconds(CLASSES["twin"], numbers)
        ratios.append(twin / seconds(CLASSES["compiled"], numbers))
    assert statistics.median(ratios) > 8


@pytest.mark.speed
def test_a_weighted_sum_beats_its_twin_and_the_sum_that_one_would_write():
    pairs = {
        name: [[Value(math.sin(i + k)) for i in range(16)] for k in (0, 1)]
        for name, Value in CLASSES.items()
    }

    def written(Value, weights, inputs):
        return sum((w * x for w, x in zip(weights, inputs, strict=True)), 0.0)

    def summed(Value, weights, inputs):
        return Value.weighted_sum(weights, inputs)

    def once(name, function, times):
        started = time.perf_counter()
        for _ in range(times):
            function(CLASSES[name], *pairs[name])
        return (time.perf_counter() - started) / times

    by_twin, by_hand = [], []
    for _ in range(15):
        kernel = once("compiled", summed, 300)
        by_twin.append(once("twin", summed, 30) / kernel)
        by_hand.append(once("compiled", written, 300) / kernel)
    assert statistics.median(by_twin) > 8
    assert statistics.median(by_hand) > 1.3
