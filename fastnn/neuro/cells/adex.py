"""The adaptive exponential integrate-and-fire neuron, and its firing patterns."""

import warnings

import numpy as np

from ...ops import checks
from ..parameters import Parameter
from . import units as of_units
from .reduced import InThePlane

# Naud, Marcille, Clopath, Gerstner, 2008, Biol Cybern 99, table 1; currents in pA
COLUMNS = ("C_m", "g_L", "E_L", "V_T", "Delta_T", "a", "tau_w", "b", "V_reset", "pA")
PATTERNS = {
    "tonic": (200, 10, -70, -50, 2, 2, 30, 0, -58, 500),
    "adapting": (200, 12, -70, -50, 2, 2, 300, 60, -58, 500),
    "initial burst": (130, 18, -58, -50, 2, 4, 150, 120, -50, 400),
    "regular burst": (200, 10, -58, -50, 2, 2, 120, 100, -46, 210),
    "delayed accelerating": (200, 12, -70, -50, 2, -10, 300, 0, -58, 300),
    "delayed burst": (100, 10, -65, -50, 2, -10, 90, 30, -47, 110),
    "transient": (100, 10, -65, -50, 2, 10, 90, 100, -47, 180),
    "irregular": (100, 12, -60, -50, 2, -11, 130, 30, -48, 160),
}


class AdEx(InThePlane):
    """The adaptive exponential integrate-and-fire neuron (Brette and Gerstner, 2005).

        C_m dV/dt = -g_L (V - E_L) + g_L Delta_T e^((V - V_T) / Delta_T) - w + I
        tau_w dw/dt = a (V - E_L) - w;   at V_peak: V <- V_reset, w <- w + b

    The exponential is the onset of the sodium current; w is adaptation. With the
    defaults it is silent at 500 pA and adapts at 800 pA. V_peak only cuts the upstroke,
    which takes microseconds there. Source: J Neurophysiol 94, 3637.
    """

    PARAMETERS = (
        Parameter("C_m", 281.0, "pF", "capacitance", above=0, per_unit=True),
        Parameter("g_L", 30.0, "nS", "leak", above=0, per_unit=True),
        Parameter("E_L", -70.6, "mV", "leak reversal", per_unit=True),
        Parameter("V_T", -50.4, "mV", "threshold of a slow rise", per_unit=True),
        Parameter("Delta_T", 2.0, "mV", "slope factor", above=0, per_unit=True),
        Parameter("a", 4.0, "nS", "adaptation to V", per_unit=True),
        Parameter("tau_w", 144.0, "ms", "time constant of w", above=0, per_unit=True),
        Parameter("b", 80.5, "pA", "adaptation a spike", per_unit=True),
        Parameter("V_reset", -70.6, "mV", "reset", per_unit=True),
        Parameter("V_peak", 0.0, "mV", "cut of the upstroke", high=60, per_unit=True),
    )
    CURRENT = "pA"
    STATE = ("V", "w")
    pattern_pA: float | None = None  # noqa: N815  (a current in pA)

    def __init__(self, **given):
        super().__init__(**given)
        if not np.all(np.less(self.V_reset, self.V_peak)):
            raise ValueError(
                f"AdEx: V_reset is {self.V_reset} and V_peak is {self.V_peak}; the "
                "reset must lie below the peak (both in mV), or it fires without end"
            )
        if not np.all(np.less_equal(self.V_T, self.V_peak)):
            raise ValueError(
                f"AdEx: V_peak is {self.V_peak} and V_T is {self.V_T}; a spike is cut "
                "in its upstroke, above V_T + 10 Delta_T, so V_peak must be higher"
            )

    def _exponential(self, V):
        """The inward current of the onset of a spike, pA."""
        rise = np.exp(np.minimum((V - self.V_T) / self.Delta_T, 50.0))
        return self.g_L * self.Delta_T * rise

    def _currents_at(self, V):
        return {
            "I_L": lambda: self.g_L * (V - self.E_L),
            "I_exp": lambda: -self._exponential(V),
        }

    @property
    def _membrane(self):
        return np.asarray(self.g_L), np.asarray(self.C_m)

    @staticmethod
    def patterns():
        """{name: current in pA}: the eight patterns of Naud and others (2008)."""
        return {name: float(values[-1]) for name, values in PATTERNS.items()}

    @classmethod
    def pattern(cls, name):
        """The neuron that fires in one of the `patterns()` at its `pattern_pA`.

        cell = AdEx.pattern("tonic"); cell.run(500, stimulus=cell.pattern_pA)
        """
        checks.choice("AdEx.pattern", "name", name, PATTERNS)
        given = dict(zip(COLUMNS, PATTERNS[name], strict=True))
        current = given.pop("pA")
        cell = cls(**given)
        cell.pattern_pA = float(current)
        return cell

    def run(
        self, T_ms, dt_ms=0.1, stimulus=0.0, *, units=None, start=None, progress=True
    ):
        """Simulate T_ms in steps of dt_ms.

        stimulus: pA, for all units, or one for each. units: how many; None: as many as
        parameters, start or stimulus have. start: V in mV (None: E_L), or a dict with V
        and w (pA), as the `final` of another simulation.

        Returns a Simulation with V in mV and, in pA, w, the leak I_L and the
        exponential I_exp, outward positive. Spikes lie where V is at V_peak, anywhere
        in a step; at most one a step.
        RuntimeWarning: V_peak so low that it moves the spikes. ValueError: dt_ms too
        long.
        """
        where = "AdEx.run"
        fastest = np.max(np.divide(self.g_L, self.C_m)) + 1.0 / np.min(self.tau_w)
        longest = min(0.5, 2.0 / fastest)
        n_steps, dt = self._steps(T_ms, dt_ms, longest, "for the leak and the reset")
        if np.any(np.less(self.V_peak, self.V_T + 10.0 * np.asarray(self.Delta_T))):
            warnings.warn(
                f"{where}: V_peak cuts the upstroke below V_T + 10 Delta_T, where it "
                "still takes time: spikes come earlier than the equations say, and "
                "where depends on V_peak; choose it from there to 20 mV",
                RuntimeWarning,
                stacklevel=2,
            )
        n_units = of_units.count(where, self, units, start, stimulus)
        start = of_units.part_of_start(where, start, self.STATE)
        V = of_units.within(where, "V in start", start.get("V", self.E_L), -500, 500)
        w = of_units.within(where, "w in start", start.get("w", 0.0), -1e9, 1e9)
        begin = np.array([np.broadcast_to(x, n_units) for x in (V, w)], float)
        return self._simulate(
            "adex", n_steps, dt, stimulus, n_units, begin, ("w",), progress
        )

    def nullclines(self, V, current=0.0):
        """(w where dV/dt = 0, w where dw/dt = 0) in pA, for V in mV, current in pA."""
        V = np.asarray(V, float)
        of_V = -self.g_L * (V - self.E_L) + self._exponential(V) + current
        return of_V, self.a * (V - self.E_L)

    def flow(self, V, w, current=0.0):
        """(dV/dt in mV/ms, dw/dt in pA/ms) for V in mV, w and current in pA."""
        of_V, of_w = self.nullclines(V, current)
        return (of_V - w) / self.C_m, (of_w - w) / self.tau_w
