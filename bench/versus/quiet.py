"""One thread for everybody, set in one place and before anything is imported.

Libraries read the number of their threads when they are loaded. Those that start more
of them nevertheless (jax) find one core only: the whole process is kept to it.
"""

import os

THREAD_VARIABLES = [
    f"{library}_NUM_THREADS" for library in ("OPENBLAS", "MKL", "OMP", "BLIS")
]


def environment(threads=1):
    """The environment of a process whose libraries use so many threads."""
    changed = dict.fromkeys(THREAD_VARIABLES, str(threads))
    if threads == 1:
        changed["XLA_FLAGS"] = (
            "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
        )
    return {**os.environ, **changed, "JAX_PLATFORMS": "cpu", "PYTHONHASHSEED": "0"}


def keep_to(threads):
    """Keep this process to as many cores, the last ones; where the system lets us."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])
    import fastnn

    fastnn.set_num_threads(threads)


def import_torch():
    import torch

    torch.set_num_threads(1)
    return torch


def import_jax():
    """jax that computes in the thread that calls it: twice as quick on one core."""
    import jax

    jax.config.update("jax_cpu_enable_async_dispatch", False)
    return jax
