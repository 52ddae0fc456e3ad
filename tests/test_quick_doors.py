"""Quick doors (_kernels/_quick.pxi): the same bits, and never past what `use` says."""

import contextvars
import copy
import inspect
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from public_ops import ELEMENTWISE, ROWS

import fastnn as fn
from fastnn import backend

pytestmark = pytest.mark.skipif(
    backend.path() != "kernels", reason="the reference path has no quick doors"
)

# quick_elementwise and its backward serve many functions; classes given as
# probabilities go through the slow door
QUICK = [
    name for name, row in ROWS.items()
    if row.function.__name__.removesuffix("_backward") in ELEMENTWISE
    or (hasattr(backend._kernels, f"quick_{row.function.__name__}")
    and "probabilities" not in name)
]  # fmt: skip


def call(name, dtype=np.float64):
    """All that the public function returns, and what it leaves in its arguments."""
    given = {
        k: a.good.astype(dtype if a.good.dtype.kind == "f" else a.good.dtype)
        if isinstance(a.good, np.ndarray) else a.good
        for k, a in ROWS[name].arguments.items()
    }  # fmt: skip
    found = ROWS[name].function(**given)
    found = found if isinstance(found, tuple) else (found,)
    changed = [x for x in given.values() if isinstance(x, np.ndarray)]
    return b"".join(np.asarray(x).tobytes() for x in (*found, *changed))


@pytest.fixture
def past_the_quick_door(monkeypatch):
    """Names of the calls that backend.function has answered."""
    names, function = [], backend.function

    def noting(name):
        names.append(name)
        return function(name)

    monkeypatch.setattr(backend, "function", noting)
    return names


def is_open():
    one = np.ones((1, 1))
    return backend._kernels.quick_matmul(one, one, False, False, None) is not None


@pytest.mark.parametrize("name", QUICK)
def test_both_doors_give_the_same_bits(name, dtype, past_the_quick_door):
    quick = call(name, dtype)
    assert past_the_quick_door == []
    shut = backend._kernels.SlowDoors()
    slow = call(name, dtype)
    del shut
    assert past_the_quick_door != []
    assert quick == slow


@pytest.mark.parametrize("name", QUICK)
def test_the_choice_of_a_path_is_respected(name, past_the_quick_door):
    with fn.use("reference"):
        call(name)
    assert past_the_quick_door != []
    try:
        fn.use("reference")
        past_the_quick_door.clear()
        call(name)
        assert past_the_quick_door != []
    finally:
        fn.use("kernels")
    past_the_quick_door.clear()
    call(name)
    assert past_the_quick_door == []


def test_blocks_of_any_kind_shut_the_doors_and_open_them_again():
    assert is_open()
    with fn.use("reference"):
        assert not is_open()
        with fn.use("kernels"):  # the block around it may be met in another thread
            assert not is_open()
        copied = contextvars.copy_context()
    assert backend.path() == "kernels"
    assert copied.run(backend.path) == "reference"
    assert not is_open()
    del copied
    assert is_open()
    with fn.use("kernels"):
        assert is_open()


def test_a_generator_left_inside_a_block_keeps_them_shut():
    def inside():
        with fn.use("reference"):
            yield backend.path()

    waiting = inside()
    assert next(waiting) == backend.path() == "reference"
    assert not is_open()
    waiting.close()
    assert backend.path() == "kernels"
    assert is_open()


def test_blocks_that_end_in_an_error_open_them_again():
    with pytest.raises(ZeroDivisionError), fn.use("reference"):
        raise ZeroDivisionError
    assert is_open()


def test_many_threads_with_and_without_blocks(past_the_quick_door):
    a = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)
    with fn.use("reference"):
        of_twin = fn.ops.matmul(a, a, transpose_b=True).tobytes()
    of_kernel = fn.ops.matmul(a, a, transpose_b=True).tobytes()
    assert of_twin != of_kernel  # the twin adds in double, so each tells who it was

    def product():
        return fn.ops.matmul(a, a, transpose_b=True).tobytes()

    def is_right(i):
        if i % 3 == 0:
            with fn.use("reference"):
                return product() == of_twin
        if i % 3 == 1:
            with fn.use("kernels"):
                return product() == of_kernel
        # between the making of a `use` and its block, it speaks for all threads
        return product() in (of_kernel, of_twin)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(6) as executor:
            assert all(executor.map(is_right, range(2000)))
    finally:
        sys.setswitchinterval(interval)
    assert is_open()


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a[:, ::2], lambda a: a[::2].T, lambda a: a.view(np.matrix),
        lambda a: a.astype(a.dtype.newbyteorder()), lambda a: a.astype(np.float16),
        lambda a: a.tolist(), np.ma.masked_array,
        lambda a: np.frombuffer(b"x" + a.tobytes(), np.uint8)[1:].view("f8")
        .reshape(a.shape),
    ],
)  # fmt: skip
def test_they_leave_all_that_is_not_plain_to_the_slow_door(change):
    a = np.ones((4, 4))
    b = np.ones((np.shape(change(a))[1], 4))
    assert backend._kernels.quick_matmul(a, a, False, False, None) is not None
    assert backend._kernels.quick_matmul(change(a), b, False, False, None) is None
    assert backend._kernels.quick_matmul(b.T, change(a), True, True, None) is None


def test_a_door_looks_like_its_function():
    assert fn.ops.matmul.__name__ == fn.ops.matmul.__qualname__ == "matmul"
    assert fn.ops.matmul.__module__ == "fastnn.ops.matmul"
    assert fn.ops.matmul.__doc__.startswith("Product of two matrices")
    assert inspect.isroutine(fn.ops.matmul)  # help() and pydoc ask for it
    assert str(inspect.signature(fn.ops.column_sums)) == "(x, out=None)"
    assert repr(fn.ops.matmul).startswith("<function matmul at ")
    assert pickle.loads(pickle.dumps(fn.ops.matmul)) is fn.ops.matmul
    assert copy.deepcopy(fn.ops.matmul) is fn.ops.matmul


def test_a_door_in_a_class_is_a_method():
    class Columns(np.ndarray):
        sums = fn.ops.column_sums

    rows = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(rows.view(Columns).sums(), [4, 6])
    np.testing.assert_array_equal(Columns.sums(rows), [4, 6])


def test_a_door_takes_arguments_by_place_and_by_name(past_the_quick_door):
    a, b = np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])
    out = np.empty((1, 1))
    assert fn.ops.matmul(a, b, False, True, out) is out
    assert fn.ops.matmul(b=b, a=a, transpose_b=True, out=out) is out
    assert fn.ops.matmul(a, b, transpose_b=True).tolist() == [[11.0]] == out.tolist()
    assert past_the_quick_door == []


@pytest.mark.parametrize(
    ("arguments", "named", "sentence"),
    [
        ((), {}, "missing 2 required positional arguments: 'a' and 'b'"),
        ((1,) * 6, {}, "takes from 2 to 5 positional arguments but 6 were given"),
        ((1, 1), {"into": 1}, "got an unexpected keyword argument 'into'"),
        ((1, 1), {"b": 1}, "got multiple values for argument 'b'"),
    ],
)
def test_wrong_arguments_get_the_error_of_the_function(arguments, named, sentence):
    with pytest.raises(TypeError, match=rf"^matmul\(\) {sentence}$"):
        fn.ops.matmul(*arguments, **named)


def test_an_out_that_does_not_fit_is_left_to_the_slow_door():
    quick_matmul = backend._kernels.quick_matmul
    a, b, out = np.ones((2, 3)), np.ones((3, 4)), np.empty((2, 4))
    assert quick_matmul(a, b, False, False, out) is out
    read_only = np.empty((2, 4))
    read_only.flags.writeable = False
    over = np.ones(12)
    for wrong in (read_only, np.empty((4, 2)), out.astype("f4"), out[:, ::-1], [[0]]):
        assert quick_matmul(a, b, False, False, wrong) is None
    overlapping = over[:8].reshape(2, 4)
    assert quick_matmul(a, over.reshape(3, 4), False, False, overlapping) is None
    assert quick_matmul(over[6:].reshape(2, 3), b, False, False, overlapping) is None
    assert quick_matmul(over[:3][None], over[3:12].reshape(3, 3), False, False,
                        np.empty((1, 3))) is not None  # fmt: skip


def test_names_of_activations_are_those_of_the_door():
    x = np.array([[-0.7, 0.3]], np.float32)
    for name in fn.reference.activations.ACTIVATIONS:
        found = backend._kernels.quick_dense(x, np.eye(2, dtype="f4"), None, name, None)
        if name == "softmax":  # it is no elementwise activation
            assert found is None
        else:
            np.testing.assert_array_equal(found, getattr(fn.ops, name)(x))
