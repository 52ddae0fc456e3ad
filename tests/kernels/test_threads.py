"""The team of threads, seen through the product that uses it."""

import os
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import fastnn as fn

TASKS = "/proc/self/task"
needs_kernels = pytest.mark.skipif(
    fn.backend.path() != "kernels", reason="the reference path has no threads"
)
pytestmark = needs_kernels

# wide (split by columns), tall (by rows), large enough for a team
SHAPES = [(200, 300, 100), (700, 10, 500), (1, 5000, 800), (257, 129, 131)]


@pytest.fixture(autouse=True)
def restore_threads():
    before = fn.get_num_threads()
    yield
    fn.set_num_threads(before)


def operands(m, n, k, dtype=np.float32):
    rng = np.random.default_rng(0)
    return rng.normal(size=(m, k)).astype(dtype), rng.normal(size=(k, n)).astype(dtype)


def in_a_new_process(code, timeout=60):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)],
        capture_output=True, text=True, timeout=timeout, env=os.environ,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("m, n, k", SHAPES)
@pytest.mark.parametrize("transpose_a", [False, True])
@pytest.mark.parametrize("transpose_b", [False, True])
def test_same_bits_for_any_number_of_threads(m, n, k, transpose_a, transpose_b, dtype):
    a, b = operands(m, n, k, dtype)
    a = np.ascontiguousarray(a.T) if transpose_a else a
    b = np.ascontiguousarray(b.T) if transpose_b else b
    results = []
    for n_threads in (1, 2, 3, 5):
        fn.set_num_threads(n_threads)
        results.append(fn.ops.matmul(a, b, transpose_a, transpose_b).tobytes())
    assert len(set(results)) == 1


def test_many_python_threads_at_once():
    fn.set_num_threads(3)
    pairs = [operands(150 + i, 160, 110) for i in range(8)]
    alone = [fn.ops.matmul(a, b).tobytes() for a, b in pairs]

    def call(i):
        a, b = pairs[i % 8]
        return fn.ops.matmul(a, b).tobytes() == alone[i % 8]

    with ThreadPoolExecutor(6) as executor:
        assert all(executor.map(call, range(120)))


def test_setting_threads_while_others_compute():
    a, b = operands(150, 160, 110)
    expected = fn.ops.matmul(a, b).tobytes()
    stop = threading.Event()
    wrong = []

    def compute():
        while not stop.is_set():
            if fn.ops.matmul(a, b).tobytes() != expected:
                wrong.append(True)

    threads = [threading.Thread(target=compute) for _ in range(2)]
    for thread in threads:
        thread.start()
    for i in range(100):
        fn.set_num_threads(1 + i % 4)
    stop.set()
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive()
    assert not wrong


@pytest.mark.skipif(not os.path.isdir(TASKS), reason="no /proc/self/task here")
def test_no_thread_is_left_over():
    output = in_a_new_process(
        f"""
        import os
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        import numpy as np, fastnn as fn

        a = np.ones((300, 300), "float32")
        counts = []
        for n in (1, 4, 2, 3, 1, 2, 1):
            fn.set_num_threads(n)
            for _ in range(3):
                fn.ops.matmul(a, a)
            counts.append(len(os.listdir("{TASKS}")))
        print(counts)
        """
    )
    assert output == "[1, 4, 2, 3, 1, 2, 1]"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_makes_threads_of_its_own():
    output = in_a_new_process(
        """
        import os, sys
        import numpy as np, fastnn as fn

        fn.set_num_threads(3)
        a = np.random.default_rng(0).normal(size=(300, 300)).astype("float32")
        expected = fn.ops.matmul(a, a).tobytes()
        for _ in range(3):
            child = os.fork()
            if child == 0:
                same = all(fn.ops.matmul(a, a).tobytes() == expected for _ in range(5))
                grandchild = os.fork()
                if grandchild == 0:
                    os._exit(not fn.ops.matmul(a, a).tobytes() == expected)
                os._exit(not same or os.waitpid(grandchild, 0)[1] != 0)
            assert os.waitpid(child, 0)[1] == 0
            assert fn.ops.matmul(a, a).tobytes() == expected
        print("same")
        """
    )
    assert output == "same"


def test_the_process_ends_while_workers_sleep():
    in_a_new_process(
        """
        import numpy as np, fastnn as fn
        fn.set_num_threads(4)
        fn.ops.matmul(np.ones((300, 300)), np.ones((300, 300)))
        """,
        timeout=20,
    )


def test_workers_sleep_when_idle():
    output = in_a_new_process(
        """
        import time
        import numpy as np, fastnn as fn

        fn.set_num_threads(4)
        fn.ops.matmul(np.ones((300, 300)), np.ones((300, 300)))
        time.sleep(0.05)
        before = time.process_time()
        time.sleep(0.3)
        print(time.process_time() - before < 0.05)
        """
    )
    assert output == "True"
