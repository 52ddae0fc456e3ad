"""Which path a call reaches: the Cython kernels or their plain-Python twins.

    ops.tanh(x)  ->  backend.function("tanh")  ->  _kernels.variants.avx2.tanh
                                               or  reference.activations.tanh
    graph.Value  ->  backend.class_named("Value")  ->  _kernels.value.Value
                                                   or  reference.value.Value

`use` chooses the path; the CPU's abilities choose the variant, once, at import.
"""

import functools
import importlib
import os
import sys
import warnings
import weakref
from _thread import allocate_lock  # `threading` takes 0.6 ms to import
from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

import numpy as np

from . import reference

Function = TypeVar("Function", bound=Callable)

PATHS = ("kernels", "reference")
VARIANTS = ("avx512", "avx2", "baseline")  # the fastest first
MAX_THREADS = 256  # the caller and MAX_WORKERS of _kernels/_threads.pxi


def _runnable_variants():
    """The variants that are built and that this CPU can run, the fastest first."""
    try:
        from ._kernels import _cpu
    except ImportError:
        return []  # none were compiled: why_no_kernels
    built = importlib.import_module("fastnn._kernels.variants").__path__
    files = {
        name.split(".")[0]
        for folder in built
        for name in os.listdir(folder)
        if not name.endswith((".pyx", ".c"))
    }
    return [name for name in _cpu.runnable() if name in files]


# the folder that holds fastnn/: of an installed one, site-packages
SOURCE_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def why_no_kernels():
    """What follows "this fastnn ..." when it has none."""
    if os.path.exists(f"{SOURCE_FOLDER}/setup.py") and not os.environ.get(
        "FASTNN_PURE"
    ):
        return f"is the source folder {SOURCE_FOLDER}, which holds no compiled kernels"
    return "was installed with FASTNN_PURE=1"


def _warn_of_source_folder():
    """Say it where plain Python was not asked for: a clone shadows what is installed.

    `python` puts the folder it is started in before the installed packages.
    """
    if "source folder" in (why := why_no_kernels()):
        warnings.warn(
            f"this fastnn {why} for this Python: everything runs, but in plain Python, "
            "hundreds of times slower. If fastnn is installed, start `python -P` or "
            "leave that folder; to compile in it: python setup.py build_ext --inplace",
            RuntimeWarning,
            stacklevel=2,
        )


def _refuse(message):
    """ImportError; where the command `fastnn` is starting, its sentence and status."""
    argv = getattr(sys, "argv", None) or [""]
    module = sys.orig_argv[-len(argv)] if argv[0] == "-m" else None  # python -m fastnn
    program = os.path.basename(argv[0]).removesuffix(".exe")
    if program == "fastnn" or module in ("fastnn", "-mfastnn"):
        print(f"fastnn: {message}", file=sys.stderr)
        raise SystemExit(2)
    raise ImportError(message)


def _load_kernels():
    """Import the kernels for this CPU: (module, variant), or (None, None)."""
    wanted = os.environ.get("FASTNN_CPU", "")
    if wanted and wanted not in VARIANTS:
        _refuse(
            f"the environment variable FASTNN_CPU is {wanted!r}; "
            f"it can be one of {', '.join(VARIANTS)}, or unset"
        )
    runnable = _runnable_variants()
    if wanted and runnable and wanted not in runnable:
        _refuse(
            f"the environment variable FASTNN_CPU is {wanted!r}, but this CPU and this "
            f"installation run only {', '.join(runnable)}; unset it to take the best"
        )
    if not runnable:
        _warn_of_source_folder()
        return None, None
    variant = wanted or runnable[0]
    return importlib.import_module(f"fastnn._kernels.variants.{variant}"), variant


_kernels, _variant = _load_kernels()
_default_path = "kernels" if _kernels is not None else "reference"
# What `use` has chosen for every thread, the last one counts: (weak use object, path).
_chosen: list[tuple] = []
_choosing = allocate_lock()
# (path, _slow_doors(path)) of the innermost `with use(...)` block.
_block = ContextVar("fastnn: the innermost `with use(...)` block", default=None)


def _slow_doors(path):
    """What shuts the quick doors (_kernels/_quick.pxi) for as long as it is kept.

    It is kept beside the choice itself, in a context variable or in _slow_for_all: so
    wherever a choice can still be met, in a copied context or in a generator that
    waits inside a block, the doors are shut, and no call has to look for it.
    """
    return _kernels.SlowDoors() if path != "kernels" and _kernels is not None else None


_slow_for_all = None


def _count_the_last():
    """Shut the quick doors for all threads, or not, as the last of _chosen says."""
    global _slow_for_all
    _slow_for_all = _slow_doors(_chosen[-1][1]) if _chosen else None


class use:  # noqa: N801  (it reads as a verb: `with fn.use("reference"):`)
    """Choose the path that calls take: "kernels" or "reference".

    `fn.use("reference")` holds from here on, for every thread;
    `with fn.use("reference"):` holds inside the block, for its thread alone.
    """

    def __init__(self, path):
        if not isinstance(path, str) or path not in PATHS:
            raise ValueError(
                f"use: path is {path!r}; it can be 'kernels' or 'reference'"
            )
        if path == "kernels" and _kernels is None:
            raise RuntimeError(
                f"use: there are no kernels, for this fastnn {why_no_kernels()}; "
                "install it with a C compiler, `pip install .`, to get them"
            )
        self.path = path
        self._tokens = []  # one for each block that it is in
        with _choosing:
            gone = [i for i, (chooser, _) in enumerate(_chosen) if chooser() is None]
            del _chosen[: gone[-1] if gone else 0]  # nothing can uncover these again
            _chosen.append((weakref.ref(self), path))
            _count_the_last()

    def __enter__(self):
        # A block speaks for itself, not for the process. Only its own entry is taken
        # back: other threads may have chosen in between.
        with _choosing:
            _chosen[:] = [entry for entry in _chosen if entry[0]() is not self]
            _count_the_last()
        self._tokens.append(_block.set((self.path, _slow_doors(self.path))))
        return self

    def __exit__(self, *exception):
        _block.reset(self._tokens.pop())


def path():
    """The path that a call takes now: "kernels" or "reference"."""
    block = _block.get()
    if block is not None:
        return block[0]
    last = _chosen[-1:]  # a copy: another thread may take the entry back meanwhile
    return last[0][1] if last else _default_path


def function(name):
    """The kernel `name`, or its twin, as the active path says."""
    if path() == "kernels":
        return getattr(_kernels, name)
    return twin(name)


def quick_door(name):
    """The quick door of the public function `name`: its result, or None to go on."""
    if _kernels is None:
        return lambda *arguments: None
    return getattr(_kernels, f"quick_{name}")


def behind_quick_door(function: Function) -> Function:
    """A public function that is only called where its quick door has no answer.

    In its place stands a Door (_kernels/_quick.pxi) of the same name, docstring and
    signature; without kernels, the function itself.
    """
    if _kernels is None:
        return function
    door = _kernels.Door(quick_door(function.__name__), function)
    functools.update_wrapper(door, function)
    return door


@functools.cache
def compiled(file):
    """A module of compiled classes; None where it was not built."""
    try:
        return importlib.import_module(f"fastnn._kernels.{file}")
    except ImportError:
        return None


@functools.cache
def _plain_class(name):
    return reference.classes()[name]


def class_named(name):
    """The compiled class `name`, or its twin, as the active path says."""
    plain = _plain_class(name)
    module = compiled(plain.__module__.rpartition(".")[2])
    return plain if path() == "reference" or not module else getattr(module, name)


@functools.cache
def twin(name):
    """The twin `name`, called with arrays.

    Twins are plain Python: arrays reach them as memoryviews, whose elements are
    Python floats; writing into a float32 memoryview rounds to float32.
    """
    plain = reference.functions()[name]

    @functools.wraps(plain)
    def call(*arguments):
        return plain(
            *[memoryview(a) if isinstance(a, np.ndarray) else a for a in arguments]
        )

    return call


def _available_cores():
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_num_threads = min(_available_cores(), MAX_THREADS)


def set_num_threads(n):
    """Let kernels use up to n threads. Results are the same bits for any n.

    Small work stays on one thread whatever n is.
    """
    global _num_threads
    whole = isinstance(n, (int, np.integer)) and not isinstance(n, bool)
    if not whole or not 1 <= n <= MAX_THREADS:
        raise ValueError(
            f"set_num_threads: n is {n!r}; it must be a whole number from 1 to "
            f"{MAX_THREADS}"
        )
    _num_threads = int(n)
    if _kernels is not None:
        _kernels.set_threads(_num_threads)


def get_num_threads():
    """The number of threads that kernels may use."""
    return _num_threads


if _kernels is not None:
    _kernels.set_threads(_num_threads)


def config():
    """What `show_config` prints, as a dict."""
    import platform  # here: `import fastnn` should not wait for it

    from . import __version__

    return {
        "fastnn": __version__,
        "path": path(),
        "CPU variant": _variant or f"none: {why_no_kernels()}",
        "CPU variants that run here": ", ".join(_runnable_variants()) or "none",
        "threads": _num_threads,
        "machine": f"{platform.system()} {platform.machine()}",
        "python": sys.version.split()[0],
        "numpy": np.__version__,
    }


def show_config():
    """Print the path, the CPU variant, the number of threads and the versions."""
    for key, value in config().items():
        print(f"{key + ':':<28}{value}")
