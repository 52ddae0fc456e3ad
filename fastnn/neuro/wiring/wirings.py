"""Six wirings of the same cells, each with the drive that shows what it does."""

from typing import Any, NamedTuple

from .. import stimuli


class Wiring(NamedTuple):
    n: int
    signs: list  # (n, n), from row to column: 1 excites, -1 inhibits
    weight: float  # nS
    drive: Any  # pA
    duration_ms: float
    parameters: dict[str, Any]


def _all_to_all(n, sign):
    return [[0 if i == j else sign for j in range(n)] for i in range(n)]


def _chain(n):
    return [[int(j == i + 1) for j in range(n)] for i in range(n)]


def _kick(n):
    """A pulse to the first of n cells that makes it fire once."""
    return [stimuli.pulse(600.0, 0.0, width_ms=12.0)] + [0.0] * (n - 1)


_apart = {"V_0": [-65.0, -62.0]}  # or two equal cells would do the same for ever

WIRINGS = {
    "none": Wiring(2, _all_to_all(2, 0), 0.0, 300.0, 2000.0, _apart),
    "half_centre": Wiring(2, _all_to_all(2, -1), 20.0, 300.0, 2000.0, _apart),
    "switch": Wiring(2, _all_to_all(2, -1), 20.0, 300.0, 2000.0, {"b": 0.0, **_apart}),
    "chain": Wiring(8, _chain(8), 25.0, _kick(8), 100.0, {}),
    "winner": Wiring(3, _all_to_all(3, -1), 20.0, [300.0, 330.0, 360.0], 1000.0, {}),
    "memory": Wiring(2, _all_to_all(2, 1), 20.0, _kick(2), 1000.0, {"b": 0.0}),
}
