"""The public functions from many Python threads at once, and in forked children."""

import os
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from public_ops import ROWS

import fastnn as fn

# Those that change an argument get a fresh one in every call.
CALLS = sorted(ROWS)


def bits(name):
    """What a call returns and what it leaves in its arguments, as bytes."""
    given = {
        k: a.good.copy() if isinstance(a.good, np.ndarray) else a.good
        for k, a in ROWS[name].arguments.items()
    }
    found = ROWS[name].function(**given)
    found = found if isinstance(found, tuple) else (found,)
    changed = [x for x in given.values() if isinstance(x, np.ndarray)]
    return b"".join(np.asarray(x).tobytes() for x in (*found, *changed))


@pytest.fixture(autouse=True)
def three_threads():
    before = fn.get_num_threads()
    fn.set_num_threads(3)
    yield
    fn.set_num_threads(before)


def test_ops_from_many_threads(each_path):
    with fn.use(each_path):
        alone = {name: bits(name) for name in CALLS}

    def call(i):
        name = CALLS[i % len(CALLS)]
        with fn.use(each_path):
            return name if bits(name) != alone[name] else None

    with ThreadPoolExecutor(6) as executor:
        wrong = set(executor.map(call, range(10 * len(CALLS))))
    assert wrong == {None}


def network():
    layers = [
        fn.Dense(20, 200, activation="tanh"), fn.BatchNorm(),
        fn.Dense(200, 100, activation="gelu"), fn.LayerNorm(), fn.Dense(100, 5),
    ]  # fmt: skip
    return fn.Network(layers, seed=0)


def test_predict_from_many_threads(rng):
    net = network()
    parts = [rng.normal(size=(n, 20)) for n in (1, 7, 300, 700)]
    alone = [net(x).tobytes() for x in parts]

    def call(i):
        x = parts[i % 4]
        labels_fit = (net.predict(x) == np.frombuffer(alone[i % 4], "float32")
                      .reshape(-1, 5).argmax(axis=1)).all()  # fmt: skip
        return labels_fit and net(x).tobytes() == alone[i % 4]

    with ThreadPoolExecutor(6) as executor:
        assert all(executor.map(call, range(80)))


def test_networks_learn_side_by_side(rng):
    X, y = rng.normal(size=(300, 20)), rng.integers(0, 5, 300)

    def learn(_):
        net = network()
        net.fit(X, y, epochs=2)
        return net.flat_parameters.tobytes()

    alone = learn(0)
    with ThreadPoolExecutor(4) as executor:
        assert set(executor.map(learn, range(8))) == {alone}


def test_a_block_speaks_for_its_own_thread():
    here, there = threading.Barrier(2), {}

    def other():
        here.wait(timeout=30)
        there["meanwhile"] = fn.backend.path()
        here.wait(timeout=30)

    before = fn.backend.path()
    thread = threading.Thread(target=other)
    thread.start()
    with fn.use("reference"):
        here.wait(timeout=30)
        here.wait(timeout=30)
    thread.join(timeout=30)
    assert there["meanwhile"] == before == fn.backend.path()


def test_blocks_entered_in_any_order_leave_nothing_behind():
    """Two threads: both make their `use`, then both enter, then both leave."""
    before = fn.backend.path()
    first, second = fn.use("reference"), fn.use("reference")
    with first, second, first:
        assert fn.backend.path() == "reference"
    assert fn.backend.path() == before


def test_many_blocks_at_once_leave_nothing_behind():
    before = fn.backend.path()

    def call(i):
        path = ("reference", before)[i % 2]
        with fn.use(path):
            return fn.backend.path() == path

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(6) as executor:
            assert all(executor.map(call, range(3000)))
    finally:
        sys.setswitchinterval(interval)
    assert fn.backend.path() == before


def test_use_on_its_own_holds_for_every_thread():
    before = fn.backend.path()
    try:
        fn.use("reference")
        with ThreadPoolExecutor(1) as executor:
            assert executor.submit(fn.backend.path).result() == "reference"
        with fn.use(before):
            assert fn.backend.path() == before
        assert fn.backend.path() == "reference"
    finally:
        fn.use(before)
    assert fn.backend.path() == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_computes_the_same():
    code = """
        import os
        import numpy as np, fastnn as fn

        fn.set_num_threads(3)
        rng = np.random.default_rng(0)
        X, y = rng.normal(size=(600, 40)), rng.integers(0, 5, 600)

        def work():
            net = fn.mlp(40, [300, 300], 5, seed=0)
            net.fit(X, y, epochs=1)
            return net.flat_parameters.tobytes() + net(X).tobytes()

        expected = work()
        for _ in range(3):
            child = os.fork()
            if child == 0:
                os._exit(work() != expected)
            assert os.waitpid(child, 0)[1] == 0
        assert work() == expected
        print("same")
        """
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)],
        capture_output=True, text=True, timeout=120,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )  # fmt: skip
    assert done.stdout.strip() == "same", done.stderr
