"""Izhikevich's neuron: two equations, four numbers, many ways to fire."""

import warnings

import numpy as np

from ...ops import checks
from ..parameters import Parameter
from . import units as of_units
from .reduced import InThePlane

# (a, b, c, d) of figure 2 of the paper
KINDS = {
    "RS": (0.02, 0.2, -65.0, 8.0),  # regular spiking
    "IB": (0.02, 0.2, -55.0, 4.0),  # intrinsically bursting
    "CH": (0.02, 0.2, -50.0, 2.0),  # chattering
    "FS": (0.1, 0.2, -65.0, 2.0),  # fast spiking
    "LTS": (0.02, 0.25, -65.0, 2.0),  # low-threshold spiking
}
METHODS = {"exact": "izhikevich", "published_1ms": "izhikevich_published"}


class Izhikevich(InThePlane):
    """Izhikevich's neuron (2003).

        v' = 0.04 v^2 + 5 v + 140 - u + I,  u' = a (b v - u)
        at v = V_peak: v <- c, u <- u + d

    v in mV (here called V, as everywhere), t in ms; u and I have no unit of their
    own. `Izhikevich.kind("RS")` gives the kinds of the paper: RS, IB, CH, FS, LTS. The
    script printed there is not converged: at I = 10, FS, CH and LTS fire twice as often
    in truth. Source: IEEE Trans Neural Netw 14, 1569.
    """

    PARAMETERS = (
        Parameter("a", 0.02, "1/ms", "rate of u", above=0, per_unit=True, to_0=True),
        Parameter("b", 0.2, "1/mV", "how u follows v", per_unit=True),
        Parameter("c", -65.0, "mV", "reset of v", per_unit=True),
        Parameter("d", 8.0, "", "step of u at a spike", per_unit=True),
        Parameter("V_peak", 30.0, "mV", "where a spike is cut", per_unit=True),
    )
    STATE = ("V", "u")
    _membrane = (0.4, 1.0)  # b - 0.08 v - 5 at v = -65

    def __init__(self, **given):
        super().__init__(**given)
        if not np.all(np.less(self.c, self.V_peak)):
            raise ValueError(
                f"Izhikevich: c is {self.c} and V_peak is {self.V_peak}; the reset "
                "must lie below the peak (both in mV), or it fires without end"
            )

    @classmethod
    def kind(cls, name):
        """The neuron of the paper that is called "RS", "IB", "CH", "FS" or "LTS"."""
        checks.choice("Izhikevich.kind", "name", name, KINDS)
        return cls(**dict(zip("abcd", KINDS[name], strict=True)))

    @staticmethod
    def kinds():
        """The names that `kind` knows."""
        return list(KINDS)

    def run(
        self,
        T_ms,
        dt_ms=None,
        stimulus=0.0,
        *,
        method="exact",
        units=None,
        start=None,
        progress=True,
    ):
        """Simulate T_ms in steps of dt_ms.

        method: "exact" (Runge and Kutta's scheme, spikes where v is at V_peak; dt_ms
        None: 0.05), or "published_1ms" (the script of the paper, Euler with two
        half steps of v in a step of 1 ms), which warns. stimulus: I, for all units, or
        one for each. units: how many; None: as many as parameters, start or stimulus
        have. start: v in mV (None: -65, with u = b v), or a dict with V and u.

        Returns a Simulation with V in mV and u.
        RuntimeWarning: method "published_1ms". ValueError: a step that it cannot have.
        """
        where = "Izhikevich.run"
        checks.choice(where, "method", method, METHODS)
        published = method == "published_1ms"
        dt_ms = (1.0 if published else 0.05) if dt_ms is None else dt_ms
        longest = 1.0 if published else 0.2
        n_steps, dt = self._steps(T_ms, dt_ms, longest, f"by the method {method!r}")
        if published:
            self._warn_of_the_published(where, dt)
        n_units = of_units.count(where, self, units, start, stimulus)
        start = of_units.part_of_start(where, start, self.STATE)
        V = of_units.within(where, "V in start", start.get("V", -65.0), -500, 500)
        u = start.get("u", np.multiply(self.b, V))
        u = of_units.within(where, "u in start", u, -1e9, 1e9)
        begin = np.array([np.broadcast_to(x, n_units) for x in (V, u)], float)
        return self._simulate(
            METHODS[method], n_steps, dt, stimulus, n_units, begin, ("u",), progress
        )

    def _warn_of_the_published(self, where, dt):
        if dt != 1.0:
            raise ValueError(
                f"{where}: dt_ms is {dt:g}; the published scheme has steps of 1 ms; "
                "for others use method='exact'"
            )
        warnings.warn(
            f"{where}: published_1ms is not converged: with shorter steps the same "
            "equations give 20 % more spikes (RS, IB) up to twice as many (FS, CH, "
            "LTS); method='exact' is the solution",
            RuntimeWarning,
            stacklevel=3,
        )

    def nullclines(self, V, current=0.0):
        """(u where dv/dt = 0, u where du/dt = 0), for V in mV."""
        V = np.asarray(V, float)
        return 0.04 * V**2 + 5.0 * V + 140.0 + current, self.b * V

    def flow(self, V, u, current=0.0):
        """(dv/dt, du/dt) per ms, for V in mV."""
        of_V, of_u = self.nullclines(V, current)
        return of_V - u, self.a * (of_u - u)
