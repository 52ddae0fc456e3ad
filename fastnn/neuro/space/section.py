"""A section: an unbranched piece of a neuron, of one diameter and one kind of membrane.

soma = Section("soma", 20, 20)
trunk = Section("trunk", 200, 2, parent="soma")
twig = Section("twig", 50, 0.5, parent="trunk", at=0.5, dx_um=2)
axon = Section("axon", 500, 1, parent="soma", at=0, channels="hh", g_Na=360)
"""

import math

from ...ops import checks
from .. import parameters
from ..parameters import Parameter

LENGTH = Parameter("length_um", 100.0, "um", "length", 0.01, 1e7, usual=0)
DIAMETER = Parameter("diameter_um", 1.0, "um", "diameter", 0.04, 5000, usual=0)
DX = Parameter("dx_um", 15.0, "um", "longest compartment", above=0, endless=True)

SHORT_UM = 1.0  # what is shorter, and a slice, was most often meant in mm

# The membranes that `channels` names: densities in mS/cm2, E_L in mV.
CHANNELS = {
    "passive": {"g_L": 0.05, "E_L": -65.0, "g_Na": 0.0, "g_K": 0.0},
    "hh": {"g_L": 0.3, "E_L": -54.387, "g_Na": 120.0, "g_K": 36.0},
}


class Section:
    """A cylinder of membrane, cut into n_compartments equal ones.

    name: how places on it are called. length_um, diameter_um: its size. parent: the
    name of the section that it begins at, None for the first; at: where on that, from 0
    (its beginning) to 1 (its end). n_compartments, or dx_um, the longest that one may
    be; by default a tenth of the length constant at 100 Hz (Hines, Carnevale, 2001),
    half of that on membrane that fires.
    channels: "passive" or "hh"; then any of the parameters:

        C_m = 1 uF/cm2, R_i = 100 Ohm cm
        g_L = 0.05 mS/cm2, E_L = -65 mV, g_Na = g_K = 0    for "passive"
        g_L = 0.3, E_L = -54.387, g_Na = 120, g_K = 36     for "hh" (1952)

    A Section stays as it is made: trees have cut it into compartments.
    Raises TypeError, ValueError: for what is missing, or looks like another unit.
    """

    PARAMETERS = (
        Parameter("C_m", 1.0, "uF/cm2", "capacity of the membrane", low=0.01, high=100),
        Parameter("R_i", 100.0, "Ohm cm", "resistivity inside", low=5.0, high=1e5),
        Parameter("g_L", 0.05, "mS/cm2", "leak", low=0.0, usual=0.5),
        Parameter("E_L", -65.0, "mV", "reversal potential of the leak"),
        Parameter("g_Na", 0.0, "mS/cm2", "sodium channels", low=0.0, usual=120.0),
        Parameter("g_K", 0.0, "mS/cm2", "potassium channels", low=0.0, usual=36.0),
    )

    def __init__(
        self, name, length_um, diameter_um, parent=None, at=1.0, n_compartments=None,
        dx_um=None, channels="passive", **given,
    ):  # fmt: skip
        if not isinstance(name, str) or not name:
            raise TypeError(
                f"Section: name is {checks.describe(name)}; expected a word by which "
                'places are found, such as "soma"'
            )
        self.name = name
        where = f"Section {name}"
        self.length_um = LENGTH.checked(where, length_um)
        self.diameter_um = DIAMETER.checked(where, diameter_um)
        if self.length_um < min(SHORT_UM, 0.5 * self.diameter_um):
            raise ValueError(
                f"{where}: length_um is {self.length_um:g} um, less than half of its "
                f"diameter_um, {self.diameter_um:g}; expected tens or hundreds of um: "
                f"was another unit meant, {self.length_um:g} mm?"
            )
        if parent is not None and not isinstance(parent, (str, Section)):
            raise TypeError(
                f"{where}: parent is {checks.describe(parent)}; expected the name of "
                "another section, or None for the first"
            )
        self.parent = parent.name if isinstance(parent, Section) else parent
        self.at = checks.number(where, "at", at, low=0.0, high=1.0)
        self.channels = checks.choice(where, "channels", channels, tuple(CHANNELS))
        parameters.fill(self, CHANNELS[channels] | given)
        self.n_compartments = self._count(where, n_compartments, dx_um)

    def __setattr__(self, name, value):
        if "n_compartments" in self.__dict__:  # the last to be set
            raise AttributeError(
                f"Section {self.name}: {name} cannot be set to "
                f"{checks.describe(value)} any more, for trees are made of this "
                "section; make another Section, and another Tree of it"
            )
        object.__setattr__(self, name, value)

    def _count(self, where, n_compartments, dx_um):
        if n_compartments is not None and dx_um is not None:
            raise TypeError(f"{where}: give n_compartments or dx_um, not both")
        if n_compartments is not None:
            count = checks.whole(where, "n_compartments", n_compartments, low=1)
            checks.memory_for(where, {"n_compartments": count})
            return count
        if dx_um is None:
            dx_um = (0.05 if self.active else 0.1) * self.reach_um
        dx_um = DX.checked(where, dx_um)
        checks.memory_for(where, {"length_um / dx_um": int(self.length_um / dx_um)})
        return max(1, math.ceil(self.length_um / dx_um - 1e-9))

    def length_constant_at(self, frequency_hz):
        """sqrt(d / (pi f R_i C_m)) / 2 in um: how far a fast sine wave reaches."""
        d_cm, C_m = self.diameter_um * 1e-4, self.C_m * 1e-6
        return 0.5e4 * math.sqrt(d_cm / (math.pi * frequency_hz * self.R_i * C_m))

    @property
    def reach_um(self):
        """The length constant at 100 Hz, by which compartments are measured."""
        return self.length_constant_at(100.0)

    @property
    def dx_um(self):
        return self.length_um / self.n_compartments

    @property
    def active(self):
        """Whether it has channels with gates."""
        return self.g_Na > 0.0 or self.g_K > 0.0

    def __repr__(self):
        begins = f", parent={self.parent!r}, at={self.at:g}" if self.parent else ""
        return (
            f"Section({self.name!r}, {self.length_um:g} um, {self.diameter_um:g} um"
            f"{begins}, {self.n_compartments} compartments, {self.channels!r})"
        )
