"""Barreto and Cressman's neuron: gradients, pump, glia and a bath."""

import numpy as np

from ...ops import checks
from ..parameters import Parameter
from .base import PumpModel

RT_F = 26.64  # mV, at 36 degC
MOST_K_O = 600.0  # mM; the kernel's exponentials hold to 700


class BarretoCressman(PumpModel):
    """A neuron whose potassium and sodium move, with a pump and with glia.

    C_m dV/dt = I - I_Na - I_K - I_Cl, with Nernst potentials of gradients that spikes
    run down. K_o rises with I_K and falls by the pump P, by the uptake G of glia and
    by diffusion D to a bath:

        dK_o/dt = beta (gamma I_K - 2 P) - G - D       dNa_i/dt = -gamma I_Na - 3 P
        P = rho / (1 + e^((25 - Na_i) / 3)) / (1 + e^(5.5 - K_o))
        G = glia / (1 + e^((18 - K_o) / 2.5))          D = epsilon (K_o - k_bath)

    (mM and mM/s; Barreto and Cressman, 2011, J Biol Phys 37:361.) The potassium of the
    bath and the strength of the pump choose what the neuron does, over 100 s: at
    k_bath 4 and 6 mM silence, at 8 bursts about every 30 s with K_o between 7 and
    10 mM, from 10 on continuous firing; at 8, a stronger pump (rho = 2) bursts every
    20 s, a weaker one more rarely.

    electrogenic: whether the pump's net charge, P / gamma outward, enters V. The
    published pump is electroneutral; with its charge, the bursts at 8 mM are gone.

    sim = BarretoCressman(k_bath=8).run(100_000, record_ms=1); sim["K_o"]

    Traces: h, n, K_o, Na_i, E_Na, E_K, I_Na, I_K, I_Cl, I_pump (uA/cm2, as if all of
    the pump's net charge counted), P, G, D (mM/s).
    """

    PARAMETERS = (
        Parameter("C_m", 1.0, "uF/cm2", "membrane capacitance", above=0),
        Parameter("g_Na", 100.0, "mS/cm2", "sodium conductance", low=0),
        Parameter("g_Na_leak", 0.0175, "mS/cm2", "sodium leak", low=0),
        Parameter("g_K", 40.0, "mS/cm2", "potassium conductance", low=0),
        Parameter("g_K_leak", 0.05, "mS/cm2", "potassium leak", low=0),
        Parameter("g_Cl_leak", 0.05, "mS/cm2", "chloride leak", low=0),
        Parameter("Cl_i", 6.0, "mM", "chloride inside", above=0),
        Parameter("Cl_o", 130.0, "mM", "chloride outside", above=0),
        Parameter("phi", 3.0, "", "speed of the gates", above=0),
        Parameter("rho", 1.25, "mM/s", "strength of the pump", low=0),
        Parameter("gamma", 0.0445, "mM/s per uA/cm2", "what a current moves", above=0),
        Parameter("beta", 7.0, "", "volume inside over outside", above=0),
        Parameter("glia", 200 / 3, "mM/s", "greatest uptake of K by glia", low=0),
        Parameter("epsilon", 4 / 3, "1/s", "diffusion to the bath", low=0),
        Parameter("k_bath", 4.0, "mM", "potassium of the bath", low=0, high=MOST_K_O),
    )
    KERNEL = "barreto_cressman"
    STATE = ("V", "h", "n", "K_o", "Na_i")
    OPTIONS = ("electrogenic",)

    def __init__(self, *, electrogenic=False, **given):
        super().__init__(**given)
        self.electrogenic = checks.flag("BarretoCressman", "electrogenic", electrogenic)

    @property
    def E_Cl(self):  # noqa: N802  (the symbol)
        """The Nernst potential of chloride in mV, which does not move."""
        return RT_F * np.log(self.Cl_i / self.Cl_o)

    def _start(self):
        return (-67.3736, 0.979196, 0.0684137, 3.92156, 18.5077)

    def _leak(self):
        return self.g_Na_leak + self.g_K_leak + self.g_Cl_leak

    def _fastest_rate(self):
        # at the top of a spike two thirds of all channels are open: m follows V at once
        open_ = (self.g_Na + self.g_K + self.g_Na_leak + self.g_K_leak) * 0.66
        fastest_gate = 2.0 * self.phi  # a_h at -90 mV is 0.7, a_n at 50 mV 0.8
        return max((open_ + self.g_Cl_leak) / self.C_m, fastest_gate)

    def _within(self):
        # beyond, there would be no sodium outside, or no potassium inside
        most = min(18 + 144 / self.beta, 158.0)
        return {"K_o": (0.0, MOST_K_O), "Na_i": (0.0, most)}

    def _parameters(self):
        return np.array(
            [
                *(self.C_m, self.g_Na, self.g_Na_leak, self.g_K, self.g_K_leak),
                *(self.g_Cl_leak, self.E_Cl, self.phi, self.rho, self.gamma),
                *(self.beta, self.glia, self.epsilon, self.k_bath, self.electrogenic),
            ],
            float,
        )

    def _traces(self, V, state, activity):
        h, n, K_o, Na_i = (state[name] for name in self.STATE[1:])

        def e_na():
            return RT_F * np.log((144 - self.beta * (Na_i - 18)) / Na_i)

        def e_k():
            return RT_F * np.log(K_o / (140 + (18 - Na_i)))

        def pump():
            by_na = 1 + np.exp((25 - Na_i) / 3)
            return activity * self.rho / by_na / (1 + np.exp(5.5 - K_o))

        def i_na():
            g = self.g_Na * self.m_inf(V) ** 3 * h + self.g_Na_leak
            return g * (V - e_na())

        return {
            "E_Na": e_na,
            "E_K": e_k,
            "I_Na": i_na,
            "I_K": lambda: (self.g_K * n**4 + self.g_K_leak) * (V - e_k()),
            "I_Cl": lambda: self.g_Cl_leak * (V - self.E_Cl),
            "I_pump": lambda: pump() / self.gamma,
            "P": pump,
            "G": lambda: self.glia / (1 + np.exp((18 - K_o) / 2.5)),
            "D": lambda: self.epsilon * (K_o - self.k_bath),
        }

    @staticmethod
    def m_inf(V):
        """How far sodium channels are open at V (mV): they follow it at once."""
        x = 0.1 * (np.asarray(V, float) + 30)
        with np.errstate(invalid="ignore"):
            a = np.where(np.abs(x) < 1e-6, 1 + x / 2, x / -np.expm1(-x))
        return a / (a + 4 * np.exp(-(V + 55) / 18))

    def _plot(self, sim, **options):
        from ...plot.neuro import pumps

        return pumps.ions(sim, **options)
