"""The sodium-potassium pump, and what it makes a neuron do.

    BarretoCressman        potassium and sodium move: silence, bursts, continuous firing
    PumpedHodgkinHuxley    sodium builds up, the pump answers: a memory of seconds
    atp_per_spike          what a spike costs
    activity_modes         silence, bursts or firing, against bath and pump
    two_steps              how long a first step is remembered
    sodium_entry           the sodium that came in, spike by spike

The pump does not depolarise a neuron and starts no spike: it carries three Na+ out for
two K+ in, an outward current, and so maintains the gradients that the channels spend.
"""

from .barreto_cressman import BarretoCressman
from .energy import atp_per_spike, sodium_entry
from .experiments import activity_modes, two_steps
from .pumped_hodgkin_huxley import PumpedHodgkinHuxley

__all__ = [
    "BarretoCressman",
    "PumpedHodgkinHuxley",
    "activity_modes",
    "atp_per_spike",
    "sodium_entry",
    "two_steps",
]
