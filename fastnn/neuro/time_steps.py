"""Times as whole numbers of steps."""

import warnings

import numpy as np

from . import running


def in_steps(where, name, ms, dt_ms):
    """Delays or refractory times as int32 steps, with a warning where they change."""
    ms = np.asarray(ms, float)
    steps = np.rint(ms / dt_ms)
    off = np.abs(steps * dt_ms - ms)
    if (off > 1e-6 * dt_ms + 1e-9 * ms).any():
        worst = ms.flat[off.argmax()]
        warnings.warn(
            f"{where}: {name} of {worst:g} ms is {worst / dt_ms:.4g} steps of "
            f"{dt_ms:g} ms, and is rounded to {steps.flat[off.argmax()]:g}; a dt_ms "
            f"that divides {name} gives it exactly",
            RuntimeWarning,
            stacklevel=running.level_of_user(),
        )
    if (steps >= 2**30).any():
        raise ValueError(f"{where}: {name} is {ms.max():g} ms, more than 2^30 steps")
    return steps.astype(np.int32)
