"""What all models have in common: parameters by name, and how a run begins and ends."""

import warnings

import numpy as np

from ..ops import checks
from . import parameters, running

FAR_MV = 200.0  # beyond it hardly any V is that of a cell
FARTHEST_MV = 500.0  # and beyond this none is
STRONGEST_MV = 2000.0  # R I: a hundred times from rest to threshold
FAINT_MV = 0.1  # what moves V by less is hardly meant to be seen
FAINTEST_MV = 0.03  # a thousandth of what makes a cell fire, less than its own noise
FEW_STEPS = 3  # of which one asks what a step does
LONG_MS = 10.0  # over which a current counts: a short shock may be strong
IN_CACHE = 1 << 16  # numbers looked at twice, once from memory


class FaintError(ValueError):
    """A stimulus that moves V by as good as nothing."""


class Model:
    """A model with parameters that carry their units.

    A subclass lists PARAMETERS and defines run(T_ms, dt_ms, stimulus), which returns a
    Simulation, and _plot(sim). OPTIONS are the names of its attributes that say how it
    is built and are no such numbers: a form, a count, a switch. Its docstring gets a
    list of its PARAMETERS, with units.
    """

    PARAMETERS: tuple[parameters.Parameter, ...] = ()
    CURRENT = ""  # the unit of its stimulus
    BRIEF_MS = 1.0  # in which nothing is seen of it: a spike takes longer
    OPTIONS: tuple[str, ...] = ()

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        if cls.PARAMETERS and cls.__doc__:  # python -OO leaves none
            cls.__doc__ = parameters.documented(cls.__doc__, cls.PARAMETERS)

    def __init__(self, **given):
        parameters.fill(self, given)

    def __repr__(self):
        return parameters.describe(self)

    def _steps(self, T_ms, dt_ms, longest=None, why=""):
        """(n_steps, dt) of a run, checked; longest: the largest dt that is stable."""
        where = f"{type(self).__name__}.run"
        duration = checks.number(where, "T_ms", T_ms, above=0)
        dt = checks.number(where, "dt_ms", dt_ms, above=0)
        if not duration < np.inf:
            raise ValueError(f"{where}: T_ms is {T_ms}; expected a finite number of ms")
        if longest is not None and dt > longest:
            raise ValueError(
                f"{where}: dt_ms is {dt:g} ms; at most {longest:g} ms is stable here"
                f"{why and ', ' + why}. Is it in ms?"
            )
        n_steps = round(duration / dt)
        if n_steps < 1:
            raise ValueError(
                f"{where}: T_ms is {duration:g} ms, shorter than one step of {dt:g} ms"
            )
        checks.memory_for(where, {"T_ms / dt_ms": n_steps})
        if duration <= self.BRIEF_MS and n_steps > FEW_STEPS:
            warnings.warn(
                f"{where}: T_ms is {duration:g} ms, less than a spike takes; is it in "
                "ms?",
                RuntimeWarning,
                stacklevel=running.level_of_user(),
            )
        return n_steps, dt

    def _check_current(self, where, current, dt_ms, conductance, capacitance):
        """ValueError for a stimulus that moves V as none does in a cell.

        current (n_steps, any) in CURRENT, conductance in CURRENT / mV and capacitance
        in CURRENT ms / mV: V is moved by I / (g + C / t) in t ms, or less.
        """
        size = np.abs(current).max(initial=0.0)
        if not size:
            return
        duration = len(current) * dt_ms
        # of a few steps: what they would be if they went on
        longer = max(1.0, self.BRIEF_MS / duration)
        steady = size / np.min(conductance + capacitance / (longer * duration))
        charge = np.abs(current).sum(axis=0).max() * dt_ms * longer
        self._check_faint(where, min(steady, charge / np.min(capacitance)))
        long = min(LONG_MS, duration)
        each_mv = 1.0 / np.min(conductance + capacitance / long)
        if size * each_mv > STRONGEST_MV:  # else there is no need to look how long
            mV = each_mv * _mean_of_the_most(current, max(1, round(long / dt_ms)))
            if mV > STRONGEST_MV:
                raise ValueError(
                    f"{where}: the stimulus would move V by {mV:.3g} mV, as in no "
                    f"cell; is it in {self.CURRENT or 'its unit'}?"
                )

    def _check_faint(self, where, mV):
        """FaintError for a stimulus that moves V by mV at most, if that is as nothing.

        A RuntimeWarning where it is little: small signals are measured so.
        """
        if not 0.0 < mV < FAINT_MV:
            return
        says = (
            f"{where}: the stimulus moves V by {mV:.3g} mV at most; is it in "
            f"{self.CURRENT or 'its unit'}? And its times in ms?"
        )
        if mV < FAINTEST_MV:
            raise FaintError(
                f"{says} Expected is {FAINTEST_MV:g} mV or more, or a stimulus of 0"
            )
        warnings.warn(says, RuntimeWarning, stacklevel=running.level_of_user())

    def _check_potential(self, V, done, dt_ms, what="V"):
        """FloatingPointError with the moment at which a trace left what is finite.

        Of V also where it is beyond FARTHEST_MV; beyond FAR_MV, a RuntimeWarning.
        """
        rows = 1 + IN_CACHE // max(1, V[:1].size)
        parts = (V[first : min(first + rows, done)] for first in range(0, done, rows))
        highest = np.max([np.maximum(x.max(), -x.min()) for x in parts], initial=0.0)
        most = FARTHEST_MV if what == "V" else np.inf
        if not highest < most:  # true of NaN as well
            sizes = np.abs(V[:done].reshape(done, -1))
            first = int((~(sizes < most).all(axis=1)).argmax())
            size, why = sizes[first].max(), "not finite"
            if np.isfinite(size):
                why = f"beyond {most:g} mV, as in no cell ({size:.3g} mV),"
            raise FloatingPointError(
                f"{type(self).__name__}.run: {what} is {why} from {first * dt_ms:g} ms "
                f"on: the step of {dt_ms:g} ms is too long for these parameters and "
                "this stimulus, or one of them is in another unit"
                f"{self.CURRENT and f' (the stimulus is in {self.CURRENT})'}"
            )
        if what == "V" and highest > FAR_MV:
            warnings.warn(
                f"{type(self).__name__}.run: V comes to {highest:.3g} mV, as in no "
                f"cell; is the stimulus in {self.CURRENT or 'its unit'}?",
                RuntimeWarning,
                stacklevel=running.level_of_user(),
            )


def _mean_of_the_most(current, n_steps):
    """The largest mean size of n_steps in a row, in any column of (steps, any)."""
    total = np.cumsum(np.abs(current), axis=0)
    total[n_steps:] -= total[:-n_steps].copy()
    return total[n_steps - 1 :].max() / n_steps
