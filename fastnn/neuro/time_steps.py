"""Times as whole numbers of steps, and beside the length of a run."""

import warnings

import numpy as np

from . import running

MOMENT = 1000.0  # what ends in such a part of a run would fill it in s
LATER = 10.0  # runs: what begins so late was given in us, or the run in s


def check_times(where, what, first_ms, last_ms, duration_ms, by_chance=False):
    """ValueError for what comes long after the run.

    A RuntimeWarning where it comes soon after, or is over in the run's first moment.
    first_ms above last_ms: there is nothing. by_chance: they were drawn, and may come
    late.
    """
    if first_ms > last_ms:
        return
    if duration_ms <= first_ms:
        says = f"{what} begins at {first_ms:g} ms"
    elif 0.0 < first_ms < last_ms <= duration_ms / MOMENT:
        says = f"{what} is over at {last_ms:.3g} ms"
    else:
        return
    says = f"{where}: {says}, and the run ends at {duration_ms:g} ms; are both in ms"
    if first_ms >= LATER * duration_ms and not by_chance:
        raise ValueError(
            f"{says}, was us meant, or T_ms given in s? If not, make T_ms longer"
        )
    warnings.warn(f"{says}?", RuntimeWarning, stacklevel=running.level_of_user())


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
