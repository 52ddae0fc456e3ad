"""A ball with a stick and an axon: where does the spike begin?"""

from .. import stimuli
from ..model import Model
from ..parameters import Parameter
from ..spikes import fixed_threshold
from .grid import as_list
from .result import run_of_tree
from .section import Section
from .tree import Tree


class BallAndStick(Tree):
    """A soma with a passive dendrite, an initial segment and an axon.

    Sections "soma" 20 x 20 um, "dendrite" 300 x 2 um (passive), "segment" 50 x 1.5 um,
    "axon" 500 x 1 um. All but the dendrite have the channels of Hodgkin and Huxley;
    segment_g_Na is the segment's sodium conductance in mS/cm2. A step of current goes
    to the tip of the dendrite. Other parameters: as Tree.
    With the soma's 120 everywhere the soma crosses -20 mV first; with 3 or 10 times as
    much, the segment, by 0.06 or 0.10 ms. Then the spike goes forward into the axon and
    back into the dendrite. After Mainen, Joerges, Huguenard, Sejnowski, 1995.

    The segment has to charge the soma and the dendrite through its own resistance: its
    lead grows with R_i (0.04 and 0.08 ms at 100 Ohm cm) and with the dendrite's
    diameter, and is shorter the stronger the current, or the thicker the axon.
    """

    PARAMETERS = (
        Parameter("segment_g_Na", 1200.0, "mS/cm2", "sodium of the segment", low=0.0),
        Section.PARAMETERS[1]._replace(default=150.0),  # R_i
        Tree.PARAMETERS[0]._replace(default=18.5),
        *Tree.PARAMETERS[1:],
    )

    def __init__(self, dx_um=5.0, **given):
        Model.__init__(self, **given)
        inside = {"R_i": self.R_i}
        active = {"channels": "hh", "dx_um": dx_um, **inside}
        self._lay_out([
            Section("soma", 20.0, 20.0, **active),
            Section("dendrite", 300.0, 2.0, parent="soma", at=0.0, dx_um=2 * dx_um,
                    **inside),
            Section("segment", 50.0, 1.5, parent="soma", g_Na=self.segment_g_Na,
                    **active),
            Section("axon", 500.0, 1.0, parent="segment", **active),
        ])  # fmt: skip

    def run(self, T_ms=10.0, dt_ms=0.01, stimulus=None, at=None, **options):
        """As Tree.run. stimulus None: 0.3 nA from 1 ms on, in the dendrite's tip."""
        if stimulus is None:
            stimulus = stimuli.step(0.3, start_ms=1.0)
        if at is None and not isinstance(stimulus, dict):
            at = ("dendrite", 1.0)
        return super().run(T_ms, dt_ms, stimulus, at, **options)


def crossing_times(sim, places, threshold_mV=-20.0):
    """When V first crosses threshold_mV at each place: {place: ms, or None}.

    sim: the run of a Tree. places: as sim.at takes them, one or a list.
    """
    run_of_tree("crossing_times", sim)
    first = {}
    for place in as_list(places):
        times = fixed_threshold(sim.t, sim.at(place), threshold_mV)
        first[place] = float(times[0]) if len(times) else None
    return first
