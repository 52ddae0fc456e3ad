"""What all models have in common: parameters by name, and how a run begins and ends."""

import warnings

import numpy as np

from ..ops import checks
from . import parameters, running

FARTHEST_MV = 200.0  # beyond it no V is that of a cell
STRONGEST_MV = 1000.0  # R I, of a V that is reset long before it comes there
FAINTEST_MV = 0.1  # what moves V by less is hardly meant to be seen


class Model:
    """A model with parameters that carry their units.

    A subclass lists PARAMETERS and defines run(T_ms, dt_ms, stimulus), which returns a
    Simulation, and _plot(sim). OPTIONS are the names of its attributes that say how it
    is built and are no such numbers: a form, a count, a switch. Its docstring gets a
    list of its PARAMETERS, with units.
    """

    PARAMETERS: tuple[parameters.Parameter, ...] = ()
    CURRENT = ""  # the unit of its stimulus
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
        return n_steps, dt

    def _warn_of_current(self, where, current, resistance):
        """RuntimeWarning where R I says that another unit of current was meant.

        resistance: mV for each CURRENT. Of a model whose V is reset, V itself does not
        show that it was driven by far too much.
        """
        highest = current.max(initial=0.0) * np.max(resistance)
        size = np.abs(current).max(initial=0.0) * np.max(resistance)
        if highest > STRONGEST_MV:
            says = f"would raise V by {highest:.3g} mV, as in no cell"
        elif 0.0 < size < FAINTEST_MV:
            says = f"moves V by {size:.3g} mV at most"
        else:
            return
        warnings.warn(
            f"{where}: the stimulus {says}; is it in {self.CURRENT or 'its unit'}?",
            RuntimeWarning,
            stacklevel=running.level_of_user(),
        )

    def _refuse_nan(self, V, done, dt_ms, what="V"):
        """FloatingPointError with the moment at which a trace stopped being finite.

        A RuntimeWarning where V is far from what any membrane bears.
        """
        highest = max(V[:done].max(initial=0.0), -V[:done].min(initial=0.0))
        if highest < np.inf:  # not NaN either
            if what == "V":
                self._warn_of_potential(highest)
            return
        bad = ~np.isfinite(V[:done].reshape(done, -1)).all(axis=1)
        first = int(bad.argmax())
        raise FloatingPointError(
            f"{type(self).__name__}.run: {what} is not finite from "
            f"{first * dt_ms:g} ms on: the step of {dt_ms:g} ms is too long for "
            "these parameters and this stimulus, or one of them is in another unit"
        )

    def _warn_of_potential(self, highest):
        """RuntimeWarning where V comes to what no membrane bears, in mV."""
        if highest > FARTHEST_MV:
            warnings.warn(
                f"{type(self).__name__}.run: V comes to {highest:.3g} mV, as in no "
                f"cell; is the stimulus in {self.CURRENT or 'its unit'}?",
                RuntimeWarning,
                stacklevel=running.level_of_user(),
            )
