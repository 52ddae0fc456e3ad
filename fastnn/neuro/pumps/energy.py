"""What spikes cost: sodium comes in, and the pump pays an ATP for three of it.

The accounting of Attwell and Laughlin (2001, J Cereb Blood Flow Metab 21:1133).
"""

import numpy as np

FARADAY = 96485.0  # C/mol
PER_UM2 = 6022.14  # molecules in a square um, for 1 pmol/cm2
COARSEST_MS = 0.25  # a spike's current lasts 1 ms: the trapezium rule errs by 0.2 %


def sodium_entry(sim):
    """The sodium that came in from each spike to the next, in pmol/cm2: (spikes - 1,).

    The integral of -I_Na (uA/cm2) from one spike's peak to the next, over Faraday's
    constant: 1 nC/cm2 is 0.01036 pmol/cm2. What leaks in between belongs to it.
    sim: a run of one cell with the trace I_Na, kept at least every 0.25 ms.
    """
    if sim.n_units > 1:
        raise ValueError(
            f"sodium_entry: the run has {sim.n_units} units; expected a run of one cell"
        )
    if sim.dt_ms > COARSEST_MS:
        raise ValueError(
            f"sodium_entry: I_Na is kept every {sim.dt_ms:g} ms only, as long as a "
            f"spike lasts; expected at most {COARSEST_MS:g} ms, run with a smaller "
            "record_ms"
        )
    if len(sim.spike_times) < 2:
        raise ValueError(
            f"sodium_entry: the run has {len(sim.spike_times)} spike(s); expected at "
            "least 2, since it is counted from one spike to the next"
        )
    current = sim["I_Na"]
    steps = sim.dt_ms * (current[1:] + current[:-1]) / 2
    charge = np.concatenate([[0.0], -np.cumsum(steps)])  # nC/cm2, that came in
    return np.diff(np.interp(sim.spike_times, sim.t, charge)) / FARADAY * 1e3


def atp_per_spike(sim, unit="pmol/cm2"):
    """ATP that a spike costs, the mean over a run: a third of the sodium that came in.

    unit: "pmol/cm2", or "molecules/um2" (1 pmol/cm2 is 6022 molecules in a square um).
    """
    if unit not in ("pmol/cm2", "molecules/um2"):
        raise ValueError(
            f"atp_per_spike: unit is {unit!r}; it can be 'pmol/cm2' or 'molecules/um2'"
        )
    pmol = float(np.mean(sodium_entry(sim))) / 3
    return pmol * PER_UM2 if unit == "molecules/um2" else pmol
