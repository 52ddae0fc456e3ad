"""The leaky integrate-and-fire neuron."""

import numpy as np

from ...ops import checks
from ..parameters import Parameter
from ..time_steps import in_steps
from . import units as of_units
from .reduced import Reduced


class LIF(Reduced):
    """The leaky integrate-and-fire neuron: a leak, a threshold and a pause.

        tau_m dV/dt = E_L - V + R_m I;  at V_th: spike, V <- V_reset for t_ref

    Under a steady current it fires at rate_hz(I): not at all up to the rheobase,
    (V_th - E_L) / R_m = 0.15 nA, and at 17.41 Hz at 0.16 nA. In this model the
    threshold is a constant; in HodgkinHuxley it depends on the stimulus. Each parameter
    may be an array with one value for each unit. Source: Lapicque, 1907; Stein, 1965.
    """

    PARAMETERS = (
        Parameter("tau_m", 20.0, "ms", "time constant", above=0, per_unit=True),
        Parameter("R_m", 100.0, "MOhm", "input resistance", above=0, per_unit=True),
        Parameter("E_L", -65.0, "mV", "leak reversal", per_unit=True),
        Parameter("V_th", -50.0, "mV", "threshold", per_unit=True),
        Parameter("V_reset", -65.0, "mV", "reset", per_unit=True),
        Parameter("t_ref", 2.0, "ms", "refractory time", low=0, per_unit=True),
    )
    CURRENT = "nA"
    STATE = ("V", "refractory_ms")

    def __init__(self, **given):
        super().__init__(**given)
        if not np.all(np.less(self.V_reset, self.V_th)):
            raise ValueError(
                f"LIF: V_reset is {self.V_reset} and V_th is {self.V_th}; the reset "
                "must lie below the threshold (both in mV), or it fires without end"
            )

    def run(
        self,
        T_ms,
        dt_ms=0.1,
        stimulus=0.0,
        *,
        interpolate=True,
        units=None,
        start=None,
        progress=True,
    ):
        """Simulate T_ms in steps of dt_ms, exactly: no step is too long.

        stimulus: nA, constant within a step; for all units, or one for each.
        interpolate: True for spikes at the very moment when V reaches V_th, anywhere in
        a step; False for spikes at the ends of steps, up to dt late, as most simulators
        have it; t_ref is then rounded to whole steps, with a RuntimeWarning where that
        changes it.
        units: how many; None: as many as parameters, start or stimulus have. start: V
        in mV (None: E_L), or a dict with V and refractory_ms, as `final` of another.

        Returns a Simulation with V in mV and I_L, the leak (V - E_L) / R_m, in nA.
        ValueError: a start at or above V_th, shapes that do not fit.
        """
        where = "LIF.run"
        n_steps, dt = self._steps(T_ms, dt_ms)
        if not checks.flag(where, "interpolate", interpolate):
            in_steps(where, "t_ref", self.t_ref, dt)
        n_units = of_units.count(where, self, units, start, stimulus)
        start = of_units.part_of_start(where, start, self.STATE)
        V = of_units.within(where, "V in start", start.get("V", self.E_L), -500, 500)
        if "V" in start and np.any(np.greater_equal(V, self.V_th)):
            raise ValueError(
                f"{where}: start is {start['V']} mV; it must lie below V_th, "
                f"{self.V_th} mV, where the neuron fires"
            )
        V = np.where(
            np.less(V, self.V_th), V, self.V_reset
        )  # with E_L above V_th, it fires on
        hold = start.get("refractory_ms", 0.0)
        hold = of_units.within(where, "refractory_ms in start", hold, 0.0, np.inf)
        begin = np.array([np.broadcast_to(x, n_units) for x in (V, hold)], float)
        kernel = "lif" if interpolate else "lif_grid"
        return self._simulate(
            kernel, n_steps, dt, stimulus, n_units, begin, (), progress
        )

    def _currents_at(self, V):
        return {"I_L": lambda: (V - self.E_L) / self.R_m}

    @property
    def _membrane(self):
        return 1.0 / np.asarray(self.R_m), np.divide(self.tau_m, self.R_m)

    @property
    def rheobase(self):
        """The current in nA above which it fires: (V_th - E_L) / R_m."""
        return (np.asarray(self.V_th) - self.E_L) / self.R_m

    def rate_hz(self, current):
        """Spikes per second under a steady current in nA, in closed form.

        1000 / (t_ref + tau_m ln((E_L + R_m I - V_reset) / (E_L + R_m I - V_th))), and 0
        up to the rheobase. A number, or an array for an array. ValueError for currents
        that are in no cell, or too faint to be meant.
        """
        current = checks.floating("LIF.rate_hz", "current", current, dtype=np.float64)
        steady = current.reshape(1, -1), np.inf  # in a step without end
        self._check_current("LIF.rate_hz", *steady, *self._membrane)
        V_inf = self.E_L + self.R_m * current
        fires = V_inf > self.V_th
        V_inf = np.where(fires, V_inf, np.asarray(self.V_th) + 1.0)
        rise = self.tau_m * np.log((V_inf - self.V_reset) / (V_inf - self.V_th))
        rate = np.where(fires, 1000.0 / (self.t_ref + rise), 0.0)
        return rate if rate.ndim else float(rate)
