"""Biology, neuron and network side by side, every row of the table a program.

print(neuro.lost_and_kept())
neuro.lost_and_kept()["adaptation"].run(on=False)
"""

from collections.abc import Callable
from typing import NamedTuple

from . import kept, lost

__all__ = ["lost_and_kept"]


class Kept(NamedTuple):
    """One thing in two worlds. run(): what the neuron gives, what the network gives."""

    biology: str
    neuron: str  # the object of fastnn.neuro
    network: str  # the object of fastnn
    run: Callable

    @property
    def numbers(self):
        """What the row shows, as two texts."""
        neuron, network = self.run()
        return f"{neuron:.4g}", "-" if network is None else f"{network:.4g}"


class Lost(NamedTuple):
    """What only the neuron has. run(on): a number with it, and without it."""

    biology: str
    neuron: str
    number: str  # what it measures
    run: Callable

    @property
    def numbers(self):
        """What the row shows, as two texts: with it, without it."""
        return f"{self.run(True):.4g}", f"{self.run(False):.4g}"


ROWS = {
    "dendritic sum": Kept(
        "dendrites add EPSPs, mV",
        "CoincidenceDetector.peak",
        "dot product: x @ weights",
        kept.dendritic_sum,
    ),
    "threshold": Kept(
        "threshold and f-I curve, Hz",
        "siegert, fit_activation",
        "activation: softplus",
        kept.threshold,
    ),
    "synaptic strength": Kept(
        "a synapse twice as strong",
        "w, the peak of an EPSP",
        "weight: Dense.weights",
        kept.synaptic_strength,
    ),
    "resting leak": Kept(
        "rest, mV to the threshold",
        "E_L",
        "bias: Dense.bias",
        kept.resting_leak,
    ),
    "learning": Kept(
        "learning, changes until AND",
        "w += y x mV on an error",
        "Perceptron",
        kept.learning,
    ),
    "wiring": Kept(
        "wiring, rows of XOR",
        "Circuit; three neurons",
        "architecture: layers",
        kept.wiring,
    ),
    "glia and pump": Kept(
        "glia and the Na/K pump",
        "BarretoCressman",
        "nothing",
        kept.glia_and_pump,
    ),
    "time": Lost(
        "time",
        "CoincidenceDetector.run",
        "spikes, EPSPs 40 ms apart",
        lost.time,
    ),
    "refractoriness": Lost(
        "refractoriness",
        "LIF(t_ref)",
        "Hz under a strong drive",
        lost.refractoriness,
    ),
    "adaptation": Lost(
        "adaptation",
        "AdEx(b)",
        "last interval / first",
        lost.adaptation,
    ),
    "dendritic nonlinearity": Lost(
        "dendritic nonlinearity",
        "TwoLayerNeuron",
        "rows right, of 16",
        lost.dendritic_nonlinearity,
    ),
    "pump memory": Lost(
        "pump memory",
        "PumpedHodgkinHuxley",
        "second answer / first",
        lost.pump_memory,
    ),
    "Dale's law": Lost(
        "Dale's law",
        "Circuit(weights)",
        "functions of one unit, of 16",
        lost.dales_law,
    ),
    "short-term plasticity": Lost(
        "short-term plasticity",
        "TsodyksMarkram",
        "drive at 50 Hz / at 5 Hz",
        lost.short_term_plasticity,
    ),
}


class LostAndKept:
    """The table; table["time"] is a row, whose run() computes what it shows."""

    def __init__(self):
        self.kept = {n: row for n, row in ROWS.items() if isinstance(row, Kept)}
        self.lost = {n: row for n, row in ROWS.items() if isinstance(row, Lost)}

    def __getitem__(self, name):
        if name not in ROWS:
            raise KeyError(
                f"lost_and_kept: there is no row {name!r}; there are {', '.join(ROWS)}"
            )
        return ROWS[name]

    def __iter__(self):
        return iter(ROWS)

    def __len__(self):
        return len(ROWS)

    def __repr__(self):
        lines = _columns(
            ("kept: biology", "neuro object", "ANN object", "neuron", "network"),
            [(r.biology, r.neuron, r.network, *r.numbers) for r in self.kept.values()],
        )
        lines += [""]
        lines += _columns(
            ("lost: biology", "neuro object", "the number", "with", "without"),
            [(r.biology, r.neuron, r.number, *r.numbers) for r in self.lost.values()],
        )
        return "\n".join(lines)


def _columns(head, rows):
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return [
        "  ".join(
            text.rjust(w) if i > 2 else text.ljust(w)
            for i, (text, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in (head, tuple("-" * w for w in widths), *rows)
    ]


def lost_and_kept():
    """The table "biology, neuro object, ANN object", with numbers computed when shown.

    Kept: weighted sum, threshold, learning by changes of weights, each as a pair of
    objects that give the same number. Lost: time, refractoriness, adaptation, dendritic
    nonlinearity, pump memory, Dale's law and short-term plasticity, each as a number
    with the property and without it.

    Returns a LostAndKept: print it; table[name].run() computes one row, and
    table[name].run(on=False) one of the lost without its property.

    >>> lost_and_kept()["dendritic nonlinearity"].run(on=False)
    15
    """
    return LostAndKept()
