"""Transmitter that is used up and recovers."""

import math

__all__ = ["tsodyks_markram", "tsodyks_markram_vesicles"]


def tsodyks_markram(times, starts, U, tau_d, tau_f, u, x, release):
    """What each spike releases (Tsodyks and Markram, 1997; with Pawelzik, 1998).

    Between spikes u' = -u / tau_f and x' = (1 - x) / tau_d, from u = 0 and x = 1; at a
    spike u <- u + U (1 - u), then r = u x, then x <- x - r.
    Train i has the spikes starts[i] .. starts[i + 1] - 1, and begins at rest.
    times (n,): ms, rising within a train. starts (n_trains + 1,) int64. U: 0 to 1.
    tau_d, tau_f: ms. u, x, release (n,): overwritten with u after its step, x before
    the release, and r. All but starts float64, C-contiguous.
    """
    for i in range(len(starts) - 1):
        facilitated = 0.0  # u
        gone = 0.0  # 1 - x
        for k in range(starts[i], starts[i + 1]):
            dt = times[k] - times[k - 1] if k > starts[i] else 0.0
            facilitated *= math.exp(-dt / tau_f)
            gone *= math.exp(-dt / tau_d)
            facilitated += U * (1.0 - facilitated)
            u[k] = facilitated
            x[k] = 1.0 - gone
            release[k] = u[k] * x[k]
            gone += release[k]


def tsodyks_markram_vesicles(
    times, starts, U, tau_d, tau_f, uniforms, empty, u, x, release
):
    """The same with single vesicles: each of N sites releases one, or none, at random.

    A full site releases with probability u; an empty one is filled again after dt with
    probability p = 1 - e^(-dt / tau_d). One uniform number w per site and spike decides
    both: a full site releases if w < u; an empty one is filled if w < p, and releases
    at once if w < p u. So the releases are binomial, and their mean, as a part of N, is
    that of tsodyks_markram.
    times, starts, U, tau_d, tau_f, u: as there. uniforms (n, N): from 0 to below 1.
    empty (N,) uint8: overwritten. x, release (n,): overwritten with the parts of the
    sites that are full before the release, and that release.
    """
    n_sites = len(empty)
    for i in range(len(starts) - 1):
        facilitated = 0.0
        for s in range(n_sites):
            empty[s] = False
        for k in range(starts[i], starts[i + 1]):
            dt = times[k] - times[k - 1] if k > starts[i] else 0.0
            facilitated *= math.exp(-dt / tau_f)
            facilitated += U * (1.0 - facilitated)
            filled = 1.0 - math.exp(-dt / tau_d)
            n_full = n_released = 0
            for s in range(n_sites):
                w = uniforms[k, s]
                bound = filled if empty[s] else 1.0
                full = w < bound
                released = w < bound * facilitated
                empty[s] = not full or released
                n_full += full
                n_released += released
            u[k] = facilitated
            x[k] = n_full / n_sites
            release[k] = n_released / n_sites
