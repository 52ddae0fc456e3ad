"""Hodgkin and Huxley's patch with a sodium pump: slow memory in a fast membrane."""

import numpy as np

from ...ops import checks
from ..cells import rates
from ..parameters import Parameter
from .base import INSIDE, PumpModel

RT_F = 24.08  # mV, at 6.3 degC
FARADAY = 96485.0  # C/mol
FORMS = {"hill": 20.0, "canavier": 20.0, "kager": 13.0}  # I_max in uA/cm2


class PumpedHodgkinHuxley(PumpModel):
    """Hodgkin and Huxley's patch whose sodium builds up, and a pump that answers it.

        C_m dV/dt = I - I_Na - I_K - I_L - (I_p - p_rest)
        dNa_i/dt = -(I_Na + 3 I_p + j_leak) S_V / F       E_Na = 24.08 log(Na_o / Na_i)

    I_p is the pump's net outward current: three Na+ out for two K+ in is one charge, so
    the sodium that it carries is 3 I_p. p_rest and j_leak are what makes rest a rest.
    After Forrest and others (2012), Li, Bertram and Rinzel (1996) and Zylbertal and
    others (2017); gates of Hodgkin and Huxley (1952), T = 6.3 degC.

    pump: its form, all in uA/cm2 with K_m = 10 mM,
        "hill"      I_max / (1 + (K_m / Na_i)^3), I_max = 20
        "canavier"  I_max / (1 + (K_m / Na_i)^1.5), I_max = 20
        "kager"     I_max (1 + 2 / K_o)^-2 (1 + K_m / Na_i)^-3, I_max = 13
    sodium: "free", or "clamped" at Na_i, as in the model of 1952.
    electrogenic: whether the pump's charge reaches V; if not, it moves sodium alone.

    A step of 10 uA/cm2: with sodium clamped the patch fires throughout, at about 68 Hz.
    Electrogenic, firing stops within half a second, and an afterhyperpolarisation of
    1 to 2 mV outlasts the step by seconds.

    Traces: m, h, n, Na_i, E_Na, I_Na, I_K, I_L, I_pump (I_p).
    """

    PARAMETERS = (
        Parameter("C_m", 1.0, "uF/cm2", "membrane capacitance", above=0),
        Parameter("g_Na", 120.0, "mS/cm2", "sodium conductance", low=0),
        Parameter("g_K", 36.0, "mS/cm2", "potassium conductance", low=0),
        Parameter("g_L", 0.3, "mS/cm2", "leak conductance", above=0),
        Parameter("E_Na", 50.0, "mV", "Nernst potential of sodium at the start"),
        Parameter("E_K", -77.0, "mV", "Nernst potential of potassium"),
        Parameter("E_L", -54.387, "mV", "reversal of the leak"),
        Parameter("phi", 1.0, "", "speed of the gates", above=0),
        Parameter("Na_i", 8.0, "mM", "sodium inside at the start", above=0),
        Parameter("K_o", 4.0, "mM", "potassium outside, of the form kager", above=0),
        Parameter("I_max", FORMS["hill"], "uA/cm2", "greatest current", low=0),
        Parameter("K_m", 10.0, "mM", "sodium that half moves the pump", above=0),
        Parameter("S_V", 8000.0, "1/cm", "surface over volume", above=0),
    )
    KERNEL = "pumped_hodgkin_huxley"
    STATE = ("V", "m", "h", "n", "Na_i")
    OPTIONS = ("pump", "sodium", "electrogenic")

    def __init__(self, *, pump="hill", sodium="free", electrogenic=True, **given):
        where = "PumpedHodgkinHuxley"
        self.pump = checks.choice(where, "pump", pump, FORMS)
        self.sodium = checks.choice(where, "sodium", sodium, ("free", "clamped"))
        self.electrogenic = checks.flag(where, "electrogenic", electrogenic)
        super().__init__(**{"I_max": FORMS[self.pump], **given})

    def pump_current(self, Na_i):
        """The pump's net outward current in uA/cm2 at sodium Na_i in mM."""
        INSIDE.judge_any("pump_current", "Na_i", np.asarray(Na_i, float))
        x = self.K_m / Na_i
        sites = {
            "hill": 1 / (1 + x**3),
            "canavier": 1 / (1 + x**1.5),
            "kager": 1 / (1 + x) ** 3,
        }
        return self._i_max() * sites[self.pump]

    def _i_max(self):
        outside = (1 + 2 / self.K_o) ** -2 if self.pump == "kager" else 1.0
        return self.I_max * outside

    @property
    def Na_o(self):  # noqa: N802  (the symbol)
        """Sodium outside in mM: what gives E_Na at the start; it does not move."""
        return self.Na_i * np.exp(self.E_Na / RT_F)

    @property
    def V_rest(self):  # noqa: N802  (the symbol)
        """The potential in mV at which the currents of the open gates cancel."""
        ends = self.E_K, self.E_L, self.E_Na
        low, high = min(ends), max(ends)
        for _ in range(5):  # each encloses it a thousand times as narrowly
            V = np.linspace(low, high, 1001)
            outward = self._rest(V) >= 0
            outward[-1] = True
            k = int(outward.argmax())
            low, high = V[max(k - 1, 0)], V[k]
        return float(low)

    def _rest(self, V):
        m, h, n = rates.steady_states(V)
        I_Na = self.g_Na * m**3 * h * (V - self.E_Na)
        return I_Na + self.g_K * n**4 * (V - self.E_K) + self._i_l(V)

    def _i_na(self, V):
        m, h, _ = rates.steady_states(V)
        return float(self.g_Na * m**3 * h * (V - self.E_Na))

    def _i_l(self, V):
        return self.g_L * (V - self.E_L)

    @property
    def p_rest(self):
        """The pump's current at the start, which V does not feel, in uA/cm2."""
        return self.pump_current(self.Na_i)

    @property
    def j_leak(self):
        """The constant leak of sodium that keeps Na_i at rest, in uA/cm2."""
        return -(self._i_na(self.V_rest) + 3 * self.p_rest)

    def _start(self):
        V = self.V_rest
        return (V, *map(float, rates.steady_states(V)), self.Na_i)

    def _leak(self):
        return self.g_L

    def _fastest_rate(self):
        # at the top of a spike about a third of all channels is open
        open_ = (self.g_Na + self.g_K + self.g_L) / self.C_m / 3.0
        return max(open_, rates.FASTEST_GATE * self.phi)

    def _within(self):
        return {"Na_i": (0.0, np.inf)}

    def _parameters(self):
        form = list(FORMS).index(self.pump)
        # uA/cm2 times 1/cm over C/mol is 1e-6 mol/(s cm3), which is 1e-3 mM/ms
        per_charge = self.S_V / FARADAY * 1e-3 if self.sodium == "free" else 0.0
        return np.array(
            [
                *(self.C_m, self.g_Na, self.g_K, self.g_L, self.E_K, self.E_L),
                *(self.phi, self.Na_o, self._i_max(), self.K_m, form),
                *(self.p_rest, self.j_leak, self.electrogenic, per_charge),
            ],
            float,
        )

    def _traces(self, V, state, activity):
        m, h, n, Na_i = (state[name] for name in self.STATE[1:])

        def e_na():
            return RT_F * np.log(self.Na_o / Na_i)

        return {
            "E_Na": e_na,
            "I_Na": lambda: self.g_Na * m**3 * h * (V - e_na()),
            "I_K": lambda: self.g_K * n**4 * (V - self.E_K),
            "I_L": lambda: self._i_l(V),
            "I_pump": lambda: activity * self.pump_current(Na_i),
        }

    def _plot(self, sim, **options):
        from ...plot.neuro import pumps

        return pumps.memory(sim, **options)
