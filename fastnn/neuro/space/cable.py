"""Trees of one section: a cable, and axons without myelin."""

import math

from ...ops import checks
from .. import stimuli
from ..model import Model
from . import closed_forms
from .section import CHANNELS, DIAMETER, LENGTH, Section
from .tree import Tree

SQUID = CHANNELS["hh"]


def defaults(table, usual=None, **values):
    """The Parameters of a table, some with another default, or of a usual size."""
    usual = usual or {}
    return tuple(
        p._replace(
            default=values.get(p.name, p.default), usual=usual.get(p.name, p.usual)
        )
        for p in table
    )


class Cable(Tree):
    """A cylinder, both ends sealed: one section, called "cable".

        c_m dV/dt = d / (4 R_i) d2V/dx2 - g_L (V - E_L) - channels + I

    length_um, diameter_um; C_m uF/cm2, R_i Ohm cm, g_L, g_Na, g_K mS/cm2, E_L mV;
    temperature_c, E_Na, E_K: as Tree. n_compartments or dx_um, channels: as Section.
    Stimuli go to the end at 0 by default. Must show: the closed forms of Rall, 1977:
    V(L) / V(0) = 0.6481 and 418.0 MOhm for the defaults; errors fall as dx^2.
    """

    NAME = "cable"
    CHANNELS = "passive"
    DX: float | None = None  # in length constants at 100 Hz; None: as Section
    PARAMETERS = (
        *defaults((LENGTH, DIAMETER), length_um=1000.0, diameter_um=2.0),
        *Section.PARAMETERS,
        *Tree.PARAMETERS,
    )

    def __init__(
        self, length_um=None, diameter_um=None, n_compartments=None, dx_um=None,
        channels=None, **given,
    ):  # fmt: skip
        size = {"length_um": length_um, "diameter_um": diameter_um}
        given |= {name: value for name, value in size.items() if value is not None}
        where, known = type(self).__name__, tuple(CHANNELS)
        channels = self.CHANNELS if channels is None else channels
        channels = checks.choice(where, "channels", channels, known)
        Model.__init__(self, **CHANNELS[channels] | given)
        densities = {p.name: getattr(self, p.name) for p in Section.PARAMETERS}
        if n_compartments is None and dx_um is None and self.DX is not None:
            one = Section(self.NAME, self.length_um, self.diameter_um, None, 1.0, 1,
                          None, channels, **densities)  # fmt: skip
            dx_um = self.DX * one.length_constant_at(100.0)
        section = Section(
            self.NAME, self.length_um, self.diameter_um, n_compartments=n_compartments,
            dx_um=dx_um, channels=channels, **densities,
        )  # fmt: skip
        self._lay_out([section])

    @property
    def R_m(self):  # noqa: N802
        """Resistance of the membrane at rest without channels, kOhm cm2."""
        return 1.0 / self.g_L if self.g_L else float("inf")

    @property
    def length_constant_um(self):
        """lambda of the leak alone, um."""
        return closed_forms.length_constant(self.diameter_um, self.R_m, self.R_i)

    @property
    def time_constant_ms(self):
        """tau of the leak alone, ms."""
        return closed_forms.time_constant(self.R_m, self.C_m)


class UnmyelinatedAxon(Cable):
    """An axon without myelin: the squid's membrane on a fibre of 1 um.

        d / (4 R_i) d2V/dx2 = C_m dV/dt + g_Na m^3 h (V - E_Na) + g_K n^4 (V - E_K)
            + g_L (V - E_L)

    Parameters: as Cable, with the channels of Hodgkin and Huxley. dx_um: by default
    1/40 of the length constant at 100 Hz, and so proportional to sqrt(d): speeds are
    then compared, not grids. Must show: 0.86 m/s, as sqrt(d): with x measured in
    sqrt(d), the equation is the same one.
    """

    NAME = "axon"
    CHANNELS = "hh"
    DX = 0.025
    PARAMETERS = defaults(
        Cable.PARAMETERS, usual={"length_um": 30_000.0}, length_um=3000.0,
        diameter_um=1.0, R_i=35.4, temperature_c=18.5, **SQUID,
    )  # fmt: skip

    def run(self, T_ms=6.0, dt_ms=0.005, stimulus=None, at=None, **options):
        """As Tree.run. stimulus None: a pulse at the beginning that starts a spike."""
        if stimulus is None:
            stimulus = self.pulse()
        return super().run(T_ms, dt_ms, stimulus, at, **options)

    def pulse(self, start_ms=0.1):
        """A current of 0.2 ms that surely starts a spike at an end, nA.

        500 mV over the resistance that a small steady one meets, times sqrt(C_m).
        """
        strength = 500.0 / self.input_resistance() * self.C_m**0.5
        pulse = stimuli.pulse(strength, start_ms, 0.2)
        pulse.span = start_ms, math.inf  # long over in a long run, as it has to be
        return pulse

    def _plot(self, sim, **options):
        from ...plot.neuro import space

        return space.space_time(sim, **options)


class SquidAxon(UnmyelinatedAxon):
    """The giant axon of the squid, as Hodgkin and Huxley computed it by hand.

        a / (2 R_i) d2V/dx2 = C_m dV/dt + g_Na m^3 h (V - E_Na) + g_K n^4 (V - E_K)
            + g_L (V - E_L),  a = 238 um, R_i = 35.4 Ohm cm, 18.5 degrees

    Parameters: as UnmyelinatedAxon. Must show: velocity(sim) 18.7 m/s (Hodgkin and
    Huxley computed 18.8 and measured 21.2), 12.3 at 6.3 degrees, as R_i^-0.5, and about
    as C_m^-0.7. Source: J Physiol 117:500, 1952.
    """

    PARAMETERS = defaults(
        UnmyelinatedAxon.PARAMETERS, usual={"diameter_um": 476.0}, length_um=60000.0,
        diameter_um=476.0,
    )  # fmt: skip
